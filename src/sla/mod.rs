//! What does this receipt mean, and what does the success rate say? One verb, [`fn@classify`]; one fold, [`Counters`].

mod classify;
pub mod counters;

pub use classify::{
    CANCELLED, Meaning, NEVER_KNOWN, NEVER_REPORTED, NO_ROUTE, PARTS_MISSING, REFUSED, cancelled, classify,
    expired, failed_by_platform, never_known, never_reported, parts_missing, refused_by_carrier,
};
pub use counters::{AccountCounts, CarrierCounts, Counters, Rate};
