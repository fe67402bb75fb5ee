//! The log's files as they lie on a disk: formats that have been released open for ever.

mod commands;
mod fixtures;
