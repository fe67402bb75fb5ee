//! Can this policy be used? Every fault, by name.

use std::time::Duration;

use crate::base::calendar::Date;
use crate::sla::terms::claim::Closing;
use crate::sla::terms::fraction::Share;
use crate::sla::terms::period::PeriodRule;
use crate::sla::terms::policy::{FeeKind, Form, Metric, PolicyDraft, TargetOp, Terms, Tier, Version};

/// The most versions of one policy: a new one every month for ten years. More is refused.
pub const VERSIONS_MAX: usize = 120;
/// The most tiers: the contracts have up to three. More is refused.
pub const TIERS_MAX: usize = 16;
/// The last working day after which a claim can open: no month has fewer than these, whatever its holidays.
pub const WORKDAY_MAX: u8 = 15;
/// The longest time between a period's end and its close: after that the next one is over.
pub const CLOSE_AFTER_MAX: Duration = Duration::from_secs(28 * 24 * 3600);
/// The longest outage that can be left uncounted: a day is none that anybody overlooks.
pub const MINIMUM_OUTAGE_MAX: Duration = Duration::from_secs(24 * 3600);
/// The longest time for a claim, in months: a year.
pub const CLAIM_MONTHS_MAX: u8 = 12;
/// The longest time for a claim, in days: a year.
pub const CLAIM_DAYS_MAX: u16 = 366;

/// The fewest days for a claim: with fewer it could be over before it opens, in the month after. A service month may
/// end with the first day of its month.
#[must_use]
pub const fn claim_days_min(periods: PeriodRule) -> u16 {
    match periods {
        PeriodRule::CalendarMonth => 31,
        PeriodRule::ServiceMonth => 60,
    }
}

/// What is wrong with a policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PolicyFault {
    /// It has no name.
    #[error("it has no name")]
    NoName,
    /// Nobody promises.
    #[error("it has no provider")]
    NoProvider,
    /// It says nothing.
    #[error("it has no version")]
    NoVersion,
    /// It has too many.
    #[error("it has more than {VERSIONS_MAX} versions")]
    TooManyVersions,
    /// A version that is not later, or not of a higher number, than the one before.
    #[error("version {0} is not after the one before it")]
    OutOfOrder(u32),
    /// A later version of which nobody was told.
    #[error("version {0} has no day on which its notice was sent")]
    NoNotice(u32),
    /// A later version of which the customers were told too late.
    #[error(
        "version {version} is in force from {effective_from}, but after its notice not before {earliest}"
    )]
    NoticeTooShort {
        /// Which.
        version: u32,
        /// From when on it is to be in force.
        effective_from: Date,
        /// From when on it may.
        earliest: Date,
    },
    /// A target of nothing, which is always reached; or of more than everything, which never is.
    #[error("the target of version {0} is reached always or never")]
    EmptyTarget(u32),
    /// Too many tiers.
    #[error("version {0} has more than {TIERS_MAX} tiers")]
    TooManyTiers(u32),
    /// A tier that is reached although the target is.
    #[error("version {version}: the tier below {below} lies above the target")]
    TierAboveTarget {
        /// Which.
        version: u32,
        /// The tier's limit.
        below: Share,
    },
    /// A tier whose limit is not lower than that of the tier before: they overlap.
    #[error("version {version}: the tier below {below} overlaps the one before it")]
    TiersOverlap {
        /// Which.
        version: u32,
        /// The tier's limit.
        below: Share,
    },
    /// A tier that pays nothing, or twice of one fee.
    #[error("version {version}: the tier below {below} pays nothing, or twice of one fee")]
    TierPays {
        /// Which.
        version: u32,
        /// The tier's limit.
        below: Share,
    },
    /// Compensation in messages for a service that sends none.
    #[error("version {0} pays in messages what is not of the fee for messages")]
    MessagesForOtherFees(u32),
    /// Counts that are final too late.
    #[error("version {0} closes a period when the next one is over")]
    ClosesTooLate(u32),
    /// A claim that opens after a working day that not every month has.
    #[error("version {0} opens claims after a working day that is none of 1 to {WORKDAY_MAX}")]
    ClaimOpens(u32),
    /// A claim that may close before it opens, or never does.
    #[error("version {0} closes claims before they open, or after more than a year")]
    ClaimCloses(u32),
    /// Claims that cannot be filed.
    #[error("version {0} has no channel for claims, or one twice")]
    ClaimChannels(u32),
    /// A metric that measures nothing.
    #[error("version {0} counts no message, or no outage")]
    NothingMeasured(u32),
}

/// Every fault of a policy.
pub(super) fn faults(draft: &PolicyDraft) -> Vec<PolicyFault> {
    let mut faults = Vec::new();
    if draft.name.trim().is_empty() {
        faults.push(PolicyFault::NoName);
    }
    if draft.provider.trim().is_empty() {
        faults.push(PolicyFault::NoProvider);
    }
    match draft.versions.len() {
        0 => faults.push(PolicyFault::NoVersion),
        1..=VERSIONS_MAX => {}
        _ => faults.push(PolicyFault::TooManyVersions),
    }
    let before = std::iter::once(None).chain(draft.versions.iter().map(Some));
    for (version, before) in draft.versions.iter().zip(before) {
        if let Some(before) = before {
            faults.extend(succession(before, version, draft.notice_days));
        }
        faults.extend(of_terms(version.number, &version.terms, draft.periods));
    }
    faults
}

fn succession(before: &Version, version: &Version, notice_days: u16) -> Vec<PolicyFault> {
    let mut faults = Vec::new();
    let Version { number, effective_from, notice_sent_at, .. } = *version;
    if effective_from <= before.effective_from || number <= before.number {
        faults.push(PolicyFault::OutOfOrder(number));
    }
    match notice_sent_at.map(|sent| sent.plus_days(u32::from(notice_days))) {
        None => faults.push(PolicyFault::NoNotice(number)),
        Some(earliest) if effective_from < earliest => {
            faults.push(PolicyFault::NoticeTooShort { version: number, effective_from, earliest });
        }
        Some(_) => {}
    }
    faults
}

fn of_terms(version: u32, terms: &Terms, periods: PeriodRule) -> Vec<PolicyFault> {
    let mut faults = Vec::new();
    let mut fault = |is_one: bool, fault: PolicyFault| {
        if is_one {
            faults.push(fault);
        }
    };
    let target = terms.target.share;
    let is_never_reached = target == Share::ALL && terms.target.op == TargetOp::MoreThan;
    fault(target == Share::NOTHING || is_never_reached, PolicyFault::EmptyTarget(version));
    fault(measures_nothing(&terms.metric), PolicyFault::NothingMeasured(version));
    fault(terms.tiers.len() > TIERS_MAX, PolicyFault::TooManyTiers(version));
    let limits = std::iter::once(None).chain(terms.tiers.iter().map(|tier| Some(tier.below)));
    for (tier, before) in terms.tiers.iter().zip(limits) {
        let below = tier.below;
        fault(below > target, PolicyFault::TierAboveTarget { version, below });
        fault(before.is_some_and(|before| before <= below), PolicyFault::TiersOverlap { version, below });
        fault(!pays_well(tier), PolicyFault::TierPays { version, below });
    }
    let is_other = |tier: &Tier| tier.pays.iter().any(|pays| pays.fee != FeeKind::Messages);
    let in_messages = terms.form == Form::Messages;
    fault(in_messages && terms.tiers.iter().any(is_other), PolicyFault::MessagesForOtherFees(version));
    fault(terms.close_after > CLOSE_AFTER_MAX, PolicyFault::ClosesTooLate(version));
    let claim = &terms.claim;
    fault(!(1..=WORKDAY_MAX).contains(&claim.opens_after_workday), PolicyFault::ClaimOpens(version));
    let closes_well = match claim.closes {
        Closing::MonthsAfter(months) => (1..=CLAIM_MONTHS_MAX).contains(&months),
        Closing::DaysAfter(days) => (claim_days_min(periods)..=CLAIM_DAYS_MAX).contains(&days),
    };
    fault(!closes_well, PolicyFault::ClaimCloses(version));
    fault(!are_some_and_distinct(&claim.channels), PolicyFault::ClaimChannels(version));
    faults
}

fn measures_nothing(metric: &Metric) -> bool {
    match metric {
        Metric::SuccessRate { scope, .. } => {
            let no_kind = scope.categories.as_ref().is_some_and(|kinds| !are_some_and_distinct(kinds));
            no_kind || !are_some_and_distinct(&scope.destinations) || !are_some_and_distinct(&scope.origins)
        }
        Metric::Availability { minimum_outage, .. } => *minimum_outage > MINIMUM_OUTAGE_MAX,
    }
}

/// Whether a tier pays something, and of each fee once.
fn pays_well(tier: &Tier) -> bool {
    let fees: Vec<_> = tier.pays.iter().map(|pays| pays.fee).collect();
    are_some_and_distinct(&fees) && tier.pays.iter().all(|pays| pays.share > Share::NOTHING)
}

fn are_some_and_distinct<T: PartialEq>(items: &[T]) -> bool {
    let is_again = |(index, item)| items.iter().take(index).any(|earlier| earlier == item);
    !items.is_empty() && !items.iter().enumerate().any(is_again)
}
