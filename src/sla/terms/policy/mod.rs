//! What has been promised, and since when? A policy is data, in versions, checked whole before it is used.
//!
//! A version comes into force with the first period that begins on its day or later: a period is judged by one version
//! only, the one that was in force when it began, however late it is computed (R9). So a version is not changed once a
//! period is closed in which it was in force; [`PolicyMark::may_become`] says which change is one of what is closed.

mod check;
mod mark;
mod scope;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::base::calendar::{Date, UtcOffset};
use crate::sla::book::Variant;
use crate::sla::terms::claim::ClaimRule;
use crate::sla::terms::fraction::Share;
use crate::sla::terms::period::{Period, PeriodRule};

pub use check::{
    CLAIM_DAYS_MAX, CLAIM_MONTHS_MAX, CLOSE_AFTER_MAX, MINIMUM_OUTAGE_MAX, PolicyFault, TIERS_MAX,
    VERSIONS_MAX, WORKDAY_MAX, claim_days_min,
};
pub use mark::{ClosedFault, PolicyMark, VersionMark};
pub use scope::{Counted, Destination, Origin, Scope};

/// What a policy says, before it is known to be good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyDraft {
    /// What accounts call it.
    pub name: Box<str>,
    /// Who promises.
    pub provider: Box<str>,
    /// By which clock it counts.
    pub offset: UtcOffset,
    /// How it divides time.
    pub periods: PeriodRule,
    /// How many days before a new version is in force its notice must have been sent (R9: S3 30, S4 7, S0 none).
    pub notice_days: u16,
    /// What it says, from when on; in the order of their days.
    pub versions: Vec<Version>,
}

/// A policy that can be used. Made by [`Policy::new`] only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    draft: PolicyDraft,
}

/// What a policy says from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Its number among the versions of its policy, for reports.
    pub number: u32,
    /// The first day on which it is in force.
    pub effective_from: Date,
    /// The day on which the customers were told; the first version is told by the contract itself.
    pub notice_sent_at: Option<Date>,
    /// What it says.
    pub terms: Terms,
}

/// What is promised, and what it costs to miss it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// What is measured.
    pub metric: Metric,
    /// What it must reach.
    pub target: Target,
    /// What is paid when it stays below; from the highest limit to the lowest, none where nothing is paid.
    pub tiers: Vec<Tier>,
    /// Of which fee the tiers' shares are.
    pub base: Base,
    /// How it is paid.
    pub form: Form,
    /// How much at most.
    pub cap: Cap,
    /// How long after a period's end its counts are final (A4).
    pub close_after: Duration,
    /// How, and how long, it can be claimed.
    pub claim: ClaimRule,
}

/// What a contract measures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Metric {
    /// The success rate of messages (R1).
    SuccessRate {
        /// Which failures count (A2).
        numerator: Variant,
        /// Which messages count (R3, R4).
        scope: Scope,
    },
    /// Minutes in which the service was there (R74).
    Availability {
        /// An outage that is shorter does not count (R76).
        minimum_outage: Duration,
        /// The target for the mean time between failures of a calendar year (R79), when there is one.
        mean_time_between_failures: Option<Duration>,
        /// What is a failure there.
        failures: FailureRule,
    },
}

/// Which outages the mean time between failures is between (R79).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FailureRule {
    /// Every outage that counts.
    EveryOutage,
    /// Those of months that missed the target: "events by which the target was missed" word for word.
    OutagesOfMissedMonths,
}

impl FailureRule {
    /// Every rule, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] =
        [("every-outage", Self::EveryOutage), ("outages-of-missed-months", Self::OutagesOfMissedMonths)];
}

/// What must be reached.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    /// The limit.
    pub share: Share,
    /// Whether the limit itself will do.
    pub op: TargetOp,
}

/// Whether the limit itself will do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TargetOp {
    /// It will: "no less than" (R2).
    AtLeast,
    /// It will not.
    MoreThan,
}

impl TargetOp {
    /// Every comparison, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] = [("at-least", Self::AtLeast), ("more-than", Self::MoreThan)];
}

/// What is paid below a limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tier {
    /// It is reached when less than this was.
    pub below: Share,
    /// What is paid then.
    pub pays: Vec<Pays>,
}

/// A share of a fee.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pays {
    /// Which fee.
    pub fee: FeeKind,
    /// How much of it.
    pub share: Share,
}

/// The fees of a period.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FeeKind {
    /// For messages.
    Messages,
    /// For the service, whatever is sent (R80).
    Service,
    /// For calls (R80).
    Calls,
}

impl FeeKind {
    /// Every fee, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Messages, Self::Service, Self::Calls];

    /// The fee in one word, for settings and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Service => "service",
            Self::Calls => "calls",
        }
    }
}

/// Which part of a fee counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Base {
    /// All that was consumed, however it was paid (S2 §1.6).
    Consumed,
    /// What was consumed and paid with money: not with vouchers, not what a discount took off (S3 §3.1).
    Paid,
}

impl Base {
    /// Every base, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] = [("consumed", Self::Consumed), ("paid", Self::Paid)];
}

/// How compensation is paid. Never in money.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// As a voucher.
    Voucher,
    /// As messages at the price of the rate card (R27).
    Messages,
}

impl Form {
    /// Every form, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] = [("voucher", Self::Voucher), ("messages", Self::Messages)];
}

/// How much compensation there is at most.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cap {
    /// As much as the tiers say.
    None,
    /// As much as was consumed in the period and paid with money (R28, R29).
    Paid,
}

impl Cap {
    /// Every cap, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] = [("none", Self::None), ("paid", Self::Paid)];
}

impl Policy {
    /// A policy of what is written.
    ///
    /// # Errors
    ///
    /// Every fault of it.
    pub fn new(draft: PolicyDraft) -> Result<Self, Vec<PolicyFault>> {
        let faults = check::faults(&draft);
        if faults.is_empty() { Ok(Self { draft }) } else { Err(faults) }
    }

    /// What it says.
    #[must_use]
    pub const fn draft(&self) -> &PolicyDraft {
        &self.draft
    }

    /// The version by which a period is judged; `None` when nothing was promised yet when it began.
    #[must_use]
    pub fn in_force(&self, period: &Period) -> Option<&Version> {
        let begun = |version: &&Version| version.effective_from <= period.first();
        self.draft.versions.iter().take_while(begun).last()
    }
}
