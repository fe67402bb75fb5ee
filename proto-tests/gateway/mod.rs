//! The whole gateway in one process, on a memory log, with scripted peers on loopback sockets.

mod agreed;
mod available;
mod bad_carrier;
mod bad_input;
mod codes;
mod consent;
mod counted;
mod facts;
mod inbound;
mod incidents;
mod life;
mod manage;
mod money;
mod oddities;
mod parts;
mod promise;
mod receipts;
mod requests;
mod support;
mod times;
mod traces;
mod trouble;
