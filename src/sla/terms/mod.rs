//! What was promised for this period, was it kept, and what is owed? One verb, [`fn@verdict`], with what comes before
//! it (which period, under which version of which policy) and after it (how much, and until when it can be claimed).
//!
//! Everything is a function of its arguments, in integers: the same counts under the same version give the same verdict
//! whenever they are read, so a closed period can be recomputed and does not change (promise 14).

pub mod claim;
pub mod compensation;
pub mod fraction;
pub mod period;
pub mod policy;
pub mod rate;
pub mod settings;
#[cfg(test)]
pub(crate) mod tests;
pub mod workdays;

pub use claim::{Claim, ClaimRefusal, ClaimRule};
pub use compensation::{Compensation, Fees, compensation};
pub use fraction::{Ratio, Share};
pub use period::{Period, PeriodKey, PeriodRule, Periods, Term};
pub use policy::{Policy, PolicyDraft, PolicyFault, Terms};
pub use rate::{Judgement, Readings, Verdict, verdict};
pub use settings::{Contract, SlaSettings};
pub use workdays::{Workdays, WorkdaysFault};
