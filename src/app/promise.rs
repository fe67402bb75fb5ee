//! What is an account promised for a period, and how does it stand? From the book's sums and the contract's terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::available::{self, AvailabilityReport};
use crate::app::status::Success;
use crate::base::time::Timestamp;
use crate::engine::door::{Door, Stopped};
use crate::message::{Class, Exclusion};
use crate::sla::Variant;
use crate::sla::book::{CellKey, Closing, Standing, Sums};
use crate::sla::terms::policy::{Counted, Destination, Metric, Origin, Scope, Version};
use crate::sla::terms::{Contract, Period, PeriodKey, Readings, SlaSettings, verdict};

/// How an account stands in one period.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PeriodReport {
    /// The account.
    pub account: String,
    /// The policy's name.
    pub policy: String,
    /// Who promises.
    pub provider: String,
    /// The version of the policy that was in force when the period began; none when nothing was promised then.
    pub version: Option<u32>,
    /// The period: `2026-11`, or its first day when it begins within a month.
    pub period: String,
    /// Its first day.
    pub first_day: String,
    /// Its last day.
    pub last_day: String,
    /// When its counts are final, in milliseconds since 1970.
    pub closes_at: u64,
    /// Whether they are not yet.
    pub is_open: bool,
    /// When they were closed, in milliseconds since 1970: from then on none of them changes.
    pub closed_at: Option<u64>,
    /// Messages of the period that were not over then, whatever their kind: they count as pending.
    pub open_at_close: u64,
    /// What came after the close, by class: how many more ended so, and how many fewer than it had counted.
    pub adjusted: BTreeMap<String, (u64, u64)>,
    /// What the success rate would be with that.
    pub adjusted_success: BTreeMap<String, Success>,
    /// Messages that are over, or count as pending since the close, and count under the contract.
    pub ended: u64,
    /// Those of them that somebody has reported about.
    pub reported: u64,
    /// Those of them whose carrier used a code that no table has.
    pub unmapped: u64,
    /// By class.
    pub by_class: BTreeMap<String, u64>,
    /// Excluded ones by reason; reasons that did not occur are left out.
    pub excluded: BTreeMap<String, u64>,
    /// Messages that would count if it were known what kind they are (R3).
    pub uncategorised: u64,
    /// The success rate by each way to count failures (A2).
    pub success: BTreeMap<String, Success>,
    /// By which of them the promise is judged.
    pub judged_by: Option<String>,
    /// What was promised.
    pub target: Option<String>,
    /// Whether less was reached; none when nothing valid has ended, or nothing is promised.
    pub target_missed: Option<bool>,
    /// Whether something is to be paid.
    pub compensation_due: Option<bool>,
    /// The limit of the tier that is to be paid by.
    pub below: Option<String>,
    /// From when on, and until when, compensation can be claimed, in milliseconds since 1970; none when the calendar
    /// of working days does not know the year.
    pub claims: Option<(u64, u64)>,
    /// How long the service was there, of a contract that is about that.
    pub availability: Option<AvailabilityReport>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// There is no such account.
    #[error("there is no account \"{0}\"")]
    Account(String),
    /// The name of the period is none.
    #[error("a period is a month such as 2026-11, or the first day of one that begins within it")]
    Name,
    /// The contract has no such period.
    #[error("the contract of \"{0}\" has no such period")]
    Period(String),
    /// The engine does not answer.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// How `account` stands in the period of this name; in that of `now` when none is named.
///
/// # Errors
/// [`NoReport`].
pub async fn report(
    door: &Door,
    sla: &SlaSettings,
    account: &str,
    named: Option<&str>,
    now: Timestamp,
) -> Result<PeriodReport, NoReport> {
    let contract = sla.contracts.iter().find(|contract| contract.account == account);
    let contract = contract.ok_or_else(|| NoReport::Account(account.to_owned()))?;
    let number = door.account(account).ok_or_else(|| NoReport::Account(account.to_owned()))?;
    let period = match named {
        None => contract.periods.of(now),
        Some(named) => {
            let key = PeriodKey::read(named.as_bytes()).ok_or(NoReport::Name)?;
            contract.periods.find(key)
        }
    };
    let period = period.ok_or_else(|| NoReport::Period(account.to_owned()))?;
    let version = contract.policy.in_force(&period);
    let scope = match version.map(|version| &version.terms.metric) {
        Some(Metric::SuccessRate { scope, .. }) => scope.clone(),
        Some(Metric::Availability { .. }) | None => Scope::everything(),
    };
    let home: Arc<[String]> = sla.home.clone().into();
    let sums = |wanted: Counted| {
        let (scope, home) = (scope.clone(), Arc::clone(&home));
        door.standing(move |key| {
            key.account == number && period.contains(key.day.start()) && counted(&scope, &home, key) == wanted
        })
    };
    let uncategorised = sums(Counted::Uncategorised).await?.sums.total();
    let standing = sums(Counted::Yes).await?;
    let closings = door.closings(number).await?;
    let is_of =
        |closing: &&Closing| period.contains(closing.last.start()) && period.contains(closing.first.start());
    let closing = closings.iter().find(is_of);
    let claims = version.and_then(|version| version.terms.claim.window(&period, &sla.workdays));
    let claims = claims.map(|window| (window.opens.as_millis(), window.closes.as_millis()));
    let report = of_sums(contract, &period, version, &standing.sums, now);
    let report = PeriodReport { uncategorised, claims, ..report };
    let mut report = closed(report, closing, &standing);
    available::fill(door, (contract, number), (&period, version), now, &mut report).await?;
    Ok(report)
}

/// What the close makes of it, whatever the calendar says now.
fn closed(report: PeriodReport, closing: Option<&Closing>, standing: &Standing) -> PeriodReport {
    let Some(closing) = closing else { return report };
    let adjusted = Class::ALL.map(|class| (class, (standing.more.of(class), standing.less.of(class))));
    let adjusted = adjusted.into_iter().filter(|(_, counts)| *counts != (0, 0));
    let sums = standing.adjusted();
    let success = |variant: Variant| (variant.name().to_owned(), sums.rate(variant).into());
    PeriodReport {
        is_open: false,
        closed_at: Some(closing.at.as_millis()),
        open_at_close: closing.open,
        adjusted: adjusted.map(|(class, counts)| (class.name().to_owned(), counts)).collect(),
        adjusted_success: Variant::ALL.map(success).into(),
        ..report
    }
}

/// Whether the messages of a cell count. All of them came over SMPP, which is the only way in.
fn counted(scope: &Scope, home: &[String], key: &CellKey) -> Counted {
    let domestic = home.is_empty() || home.iter().any(|prefix| key.zone.is_within(prefix));
    let destination = if domestic { Destination::Domestic } else { Destination::International };
    scope.counts(key.category, destination, Origin::Smpp)
}

fn of_sums(
    contract: &Contract,
    period: &Period,
    version: Option<&Version>,
    sums: &Sums,
    now: Timestamp,
) -> PeriodReport {
    let policy = contract.policy.draft();
    let day = |day: crate::base::calendar::Date| day.written().escape_ascii().to_string();
    let closes_at = period.closes(version.map_or_else(Default::default, |version| version.terms.close_after));
    let (reported, ended) = sums.reported();
    let named = |name: &'static str, count: u64| (name.to_owned(), count);
    let excluded = Exclusion::ALL.map(|why| named(why.name(), sums.excluded(why)));
    let mut report = PeriodReport {
        account: contract.account.clone(),
        policy: policy.name.to_string(),
        provider: policy.provider.to_string(),
        version: version.map(|version| version.number),
        period: period.key().to_string(),
        first_day: day(period.first()),
        last_day: day(period.last()),
        closes_at: closes_at.as_millis(),
        is_open: now < closes_at,
        ended,
        reported,
        unmapped: sums.unmapped,
        by_class: Class::ALL.map(|class| named(class.name(), sums.of(class))).into(),
        excluded: excluded.into_iter().filter(|(_, count)| *count > 0).collect(),
        success: Variant::ALL.map(|variant| (variant.name().to_owned(), sums.rate(variant).into())).into(),
        ..PeriodReport::default()
    };
    if let Some(Version { terms, .. }) = version
        && let Metric::SuccessRate { numerator, .. } = terms.metric
    {
        let judgement = verdict(&Readings::of(sums), terms, numerator).judgement;
        report.judged_by = Some(numerator.name().to_owned());
        report.target = Some(terms.target.share.to_string());
        report.target_missed = judgement.target_missed;
        report.compensation_due = judgement.compensation_due;
        report.below = terms.tier(&judgement).map(|tier| tier.below.to_string());
    }
    report
}
