//! Runs the flow on a log.

pub mod clock;
