//! Which message is this receipt about? Ids are brought into one form; what matches nothing is parked.

pub mod finished;
pub mod form;
pub mod parked;

pub use finished::{Finished, link_hash};
pub use form::{IdForm, IdForms};
pub use parked::{Parked, ParkingSettings};
