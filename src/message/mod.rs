//! Our nouns: what a customer submits, what a carrier reports, what a message finally counts as, and the events
//! that say so. No rule is here; the rooms decide.

pub mod address;
pub mod bill;
pub mod carrier_id;
pub mod detail;
pub mod event;
pub mod fact;
pub mod fingerprint;
pub mod label;
pub mod outage;
pub mod outcome;
pub mod packed;
pub mod payment;
pub mod receipt;
pub mod recount;
pub mod refusal;
pub mod submission;
mod wire;

pub use address::Address;
pub use bill::{Bill, Billed, Charge, ChargeOn, FundId, Hold};
pub use carrier_id::CarrierMessageId;
pub use detail::{Detail, ForeignReceipt, Verdict};
pub use event::{AgreedVersion, Agreement, Carried, ClosedPeriod, Event, GivenUp, PartOf, Snapshot, Stage};
pub use fact::{Channel, Fact, FactId, Says, Scope, Window};
pub use fingerprint::Fingerprint;
pub use label::{Category, Label, Zone};
pub use outage::{Cause, Closing, Function, How, Lapse, Whose};
pub use outcome::{Class, Exclusion, Fault, Grounds, Outcome};
pub use packed::PackedAddress;
pub use payment::{Balance, Operation, Payment, Refundable, Terms};
pub use receipt::{Receipt, ReceiptState};
pub use recount::{Recount, Recounted};
pub use refusal::Refusal;
pub use submission::{Content, Part, PartForm, Submission, When, Wishes};
