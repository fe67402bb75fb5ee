//! What does this receipt mean, and what does the success rate say? One verb, [`fn@classify`]; one fold, [`Counters`].

mod classify;
pub mod counters;

pub use classify::{Meaning, classify, failed_by_platform, refused_by_carrier};
pub use counters::{AccountCounts, CarrierCounts, Counters, Rate};
