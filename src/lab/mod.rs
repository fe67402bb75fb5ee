//! How does it behave when it matters? A simulated carrier and a load generator, as commands and as a library.
//!
//! | file | question |
//! |---|---|
//! | [`smsc`] | what would a carrier do, a bad one included? |
//! | [`load`] | how much, how fast, and was anything lost? |
//! | [`reconcile`] | does what all sides say add up? |
//! | [`seen`] | has this been here before? |
//!
//! Both speak SMPP with the same session and the same connection as the gateway, know nothing else of it, and can be
//! tried against each other. Whatever they leave to chance hangs on a seed, so that a run can be repeated.

pub mod load;
pub mod reconcile;
pub mod seen;
pub mod smsc;

/// The password of the simulated carrier and of the load generator unless they are told another: the lab guards
/// nothing.
pub const LAB_PASSWORD: &str = "secret1";
