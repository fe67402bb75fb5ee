//! What all adapters of the port are held to.

pub(super) mod conformance;
