//! What does the wire say? SMPP 3.4, both ways, without a socket and without a clock.
//!
//! | file | question |
//! |---|---|
//! | [`frame`] | where does one PDU end and the next begin? |
//! | [`pdu`] | what are the fields of a PDU, read and written? |
//! | [`session`] | what may be said when, and who waits for what? |
//! | [`tlv`] | which optional parameters follow? |
//! | [`field`] | what kinds of field is a PDU made of? |
//! | [`receipt`] | what does a delivery receipt say? |
//! | [`time`] | when is it to happen? |
//! | [`command`], [`status`], [`values`] | what do the numbers mean? |
//!
//! Strict in what we send, tolerant in what we take: the deviations that real peers show are accepted where
//! their meaning is plain, and stay visible in the decoded value.

#[macro_use]
mod open;
pub mod command;
pub mod field;
pub mod frame;
pub mod pdu;
pub mod receipt;
pub mod session;
pub mod status;
pub mod time;
pub mod tlv;
pub mod values;

pub use field::{Limits, Shown};
