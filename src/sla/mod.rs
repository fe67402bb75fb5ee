//! What does this receipt mean, and what does the success rate say? One verb, [`fn@classify`]; one fold, [`Counters`];
//! what was promised about the counts is in [`terms`], and about the time the service was there in [`availability`].

pub mod availability;
pub mod book;
mod classify;
pub mod codes;
pub mod counters;
pub mod facts;
mod load;
pub mod terms;
mod unmapped;

pub use book::{Book, Sums, Variant};
pub use classify::{
    CANCELLED, Meaning, NEVER_KNOWN, NEVER_REPORTED, NO_ROUTE, OPT_OUT_MISSING, OPTED_OUT, PARTS_MISSING,
    REFUSED, cancelled, classify, expired, failed_by_platform, intermediate_state, never_known,
    never_reported, never_understood, opt_out_missing, opted_out, parts_missing, refused_by_carrier,
};
pub use codes::CarrierCodes;
pub use counters::{AccountCounts, CarrierCounts, Counters, Rate};
pub use load::Loads;
pub use unmapped::{UNMAPPED_MAX, UnmappedCodes};
