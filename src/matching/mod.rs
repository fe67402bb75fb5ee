//! Which message is this receipt about? Ids are brought into one form; what matches nothing is parked.

pub mod finished;
pub mod form;
pub mod learn;
pub mod parked;
pub mod rate;

pub use finished::{Finished, link_hash};
pub use form::{IdForm, IdForms, IdKind, UnknownForm};
pub use learn::{Learner, Proposal};
pub use parked::{Parked, ParkingSettings};
pub use rate::{Alarm, MatchRate, MatchRateSettings};
