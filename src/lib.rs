//! Telegraphy, an SMPP 3.4 gateway.
//!
//! One log; everything else is a fold. The floors, from the ground up, each importing only from below
//! (held by `proto-tests/layering.rs`):
//!
//! * [`base`] – ids, money, time, bounds, secrets;
//! * [`smpp`] – the wire: PDUs, TLVs, sessions without I/O, receipts' text;
//! * [`text`] – character sets, user data headers, segments.
//!
//! These three are a library of their own: `default-features = false` leaves the rest out.
#![forbid(unsafe_code)]

pub mod base;
#[cfg(feature = "gateway")]
pub mod log;
pub mod smpp;
pub mod text;

#[cfg(feature = "gateway")]
pub mod admission;
#[cfg(feature = "gateway")]
pub mod app;
#[cfg(feature = "gateway")]
pub mod carrier;
#[cfg(feature = "gateway")]
pub mod cli;
#[cfg(feature = "gateway")]
pub mod config;
#[cfg(feature = "gateway")]
pub mod customer;
#[cfg(feature = "gateway")]
pub mod detail;
#[cfg(feature = "gateway")]
pub mod engine;
#[cfg(feature = "gateway")]
pub mod flow;
#[cfg(feature = "gateway")]
pub mod lab;
#[cfg(feature = "gateway")]
pub mod matching;
#[cfg(feature = "gateway")]
pub mod message;
#[cfg(feature = "gateway")]
pub mod policy;
#[cfg(feature = "gateway")]
pub mod rating;
#[cfg(feature = "gateway")]
pub mod routing;
#[cfg(feature = "gateway")]
pub mod sla;
#[cfg(feature = "gateway")]
pub mod transport;
