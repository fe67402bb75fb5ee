//! What is an account promised for a period, and how does it stand? From the book's sums and the contract's terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::available::AvailabilityReport;
use crate::app::names::Names;
use crate::app::report::{Basis, Cells, Document, Inputs, Said, document};
use crate::app::status::Success;
use crate::base::ids::AccountId;
use crate::base::time::Timestamp;
use crate::engine::door::{Door, Ends, Stopped};
use crate::message::{Category, Class, Exclusion, Zone};
use crate::sla::Variant;
use crate::sla::book::{Closing, DAYS_KEPT, Standing, Sums};
use crate::sla::terms::policy::{Counted, Destination, FeeKind, Metric, Origin, Scope, Version};
use crate::sla::terms::{
    Contract, Fees, Period, PeriodKey, Policy, Readings, SlaSettings, Workdays, verdict,
};

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
    /// There is no such policy.
    #[error("there is no policy \"{0}\"; there are: {1}")]
    Policy(String, String),
    /// The counts of the period are not in memory any more.
    #[error("the gateway keeps the counts of the last {DAYS_KEPT} days; for this period use --recompute")]
    LongPast,
    /// It was not finished, and the log says why.
    #[error("the report was not finished")]
    Unfinished,
    /// The engine does not answer.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked<'a> {
    /// The account.
    pub account: &'a str,
    /// The name of the period; none for that of now.
    pub period: Option<&'a str>,
    /// The policy to judge by instead of the contract's: what would be.
    pub policy: Option<&'a str>,
}

/// What that means under the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen<'a> {
    /// The account's contract.
    pub contract: &'a Contract,
    /// The policy that judges.
    pub policy: &'a Policy,
    /// The contract's policy, when that is another one.
    pub instead_of: Option<String>,
    /// The period.
    pub period: Period,
    /// The version that was in force when it began; none when nothing was promised then.
    pub version: Option<&'a Version>,
    /// Which messages count.
    pub scope: Scope,
}

impl<'a> Chosen<'a> {
    /// Finds it.
    ///
    /// # Errors
    /// [`NoReport`].
    pub fn new(sla: &'a SlaSettings, asked: &Asked<'_>, now: Timestamp) -> Result<Self, NoReport> {
        let account = asked.account;
        let contract = sla.contracts.iter().find(|contract| contract.account == account);
        let contract = contract.ok_or_else(|| NoReport::Account(account.to_owned()))?;
        let period = match asked.period {
            None => contract.periods.of(now),
            Some(named) => {
                let key = PeriodKey::read(named.as_bytes()).ok_or(NoReport::Name)?;
                contract.periods.find(key)
            }
        };
        let period = period.ok_or_else(|| NoReport::Period(account.to_owned()))?;
        let policy = asked.policy.map(|name| named(sla, name)).transpose()?;
        let own = &contract.policy.draft().name;
        let instead_of = policy.filter(|other| other.draft().name != *own).map(|_| own.to_string());
        let policy = policy.unwrap_or(&contract.policy);
        let version = policy.in_force(&period);
        let scope = match version.map(|version| &version.terms.metric) {
            Some(Metric::SuccessRate { scope, .. }) => scope.clone(),
            Some(Metric::Availability { .. }) | None => Scope::everything(),
        };
        Ok(Self { contract, policy, instead_of, period, version, scope })
    }

    /// When the period's counts are final.
    #[must_use]
    pub fn closes_at(&self) -> Timestamp {
        self.period.closes(self.version.map_or_else(Default::default, |version| version.terms.close_after))
    }
}

fn named<'a>(sla: &'a SlaSettings, name: &str) -> Result<&'a Policy, NoReport> {
    let found = sla.policies.iter().find(|policy| *policy.draft().name == *name);
    found.map(|policy| &**policy).ok_or_else(|| {
        let names: Vec<&str> = sla.policies.iter().map(|policy| &*policy.draft().name).collect();
        NoReport::Policy(name.to_owned(), names.join(", "))
    })
}

/// What the running gateway knows for a report.
#[derive(Clone, Debug)]
pub struct Gathered {
    door: Door,
    basis: Arc<Basis>,
    account: String,
    number: AccountId,
    period: PeriodKey,
    policy: Option<String>,
    ends: Ends,
}

/// Asks the running gateway for what a report of it needs: its engine is held up only for as long as the account's
/// cells are copied.
///
/// # Errors
/// [`NoReport`].
pub async fn gather(door: &Door, basis: &Arc<Basis>, asked: &Asked<'_>) -> Result<Gathered, NoReport> {
    let period = Chosen::new(&basis.sla, asked, door.clock().now().wall)?.period;
    let account = asked.account.to_owned();
    let number = door.account(&account).ok_or_else(|| NoReport::Account(account.clone()))?;
    let ends = door.ends(number, period).await?;
    if period.start() < ends.kept_since.start() {
        return Err(NoReport::LongPast);
    }
    let (door, basis, policy) = (door.clone(), Arc::clone(basis), asked.policy.map(str::to_owned));
    Ok(Gathered { door, basis, account, number, period: period.key(), policy, ends })
}

impl Gathered {
    /// The report; with many cells it is some work.
    ///
    /// # Errors
    /// [`NoReport`]; none that was not found before.
    pub fn document(&self) -> Result<Document, NoReport> {
        let Self { door, basis, account, number, period, policy, ends } = self;
        let period = period.to_string();
        let asked = Asked { account, period: Some(&period), policy: policy.as_deref() };
        of_ends(basis, &asked, (*number, ends), door)
    }
}

/// The report of what the running gateway knows of an account.
///
/// # Errors
/// As [`Chosen::new`].
pub fn of_ends(
    basis: &Basis,
    asked: &Asked<'_>,
    (account, ends): (AccountId, &Ends),
    names: &dyn Names,
) -> Result<Document, NoReport> {
    let chosen = &Chosen::new(&basis.sla, asked, ends.at)?;
    let cells = &Cells::of_book(ends, names);
    let said = Said { facts: &ends.facts, names, account };
    let (closing, outages, as_of) = (ends.closing.as_ref(), &ends.outages, ends.at);
    let fees = ends.fee.map(|fee| Fees::default().with(FeeKind::Messages, fee));
    let fees = fees.as_ref();
    Ok(document(&Inputs { chosen, basis, cells, closing, said, fees, outages, as_of }))
}

/// Whether messages of this kind and to this zone count. All of them came over SMPP, which is the only way in.
pub(super) fn counted(scope: &Scope, home: &[String], category: Category, zone: Zone) -> Counted {
    let domestic = home.is_empty() || home.iter().any(|prefix| zone.is_within(prefix));
    let destination = if domestic { Destination::Domestic } else { Destination::International };
    scope.counts(category, destination, Origin::Smpp)
}

/// What the sums of what counts say at `now`.
pub(super) fn of_sums(chosen: &Chosen<'_>, sums: &Sums, workdays: &Workdays, now: Timestamp) -> PeriodReport {
    let Chosen { contract, policy, period, version, .. } = chosen;
    let (policy, closes_at) = (policy.draft(), chosen.closes_at());
    let day = |day: crate::base::calendar::Date| day.written().escape_ascii().to_string();
    let claims = version.and_then(|version| version.terms.claim.window(period, workdays));
    let claims = claims.map(|window| (window.opens.as_millis(), window.closes.as_millis()));
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
        claims,
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

/// What the close makes of it, whatever the calendar says now: `more` and `less` came since, to what counts.
pub(super) fn closed(
    report: PeriodReport,
    closing: Option<&Closing>,
    (sums, more, less): (&Sums, &Sums, &Sums),
) -> PeriodReport {
    let Some(closing) = closing else { return report };
    let adjusted = Class::ALL.map(|class| (class, (more.of(class), less.of(class))));
    let adjusted = adjusted.into_iter().filter(|(_, counts)| *counts != (0, 0));
    let adjusted_sums = Standing { sums: *sums, more: *more, less: *less }.adjusted();
    let success = |variant: Variant| (variant.name().to_owned(), adjusted_sums.rate(variant).into());
    PeriodReport {
        is_open: false,
        closed_at: Some(closing.at.as_millis()),
        open_at_close: closing.open,
        adjusted: adjusted.map(|(class, counts)| (class.name().to_owned(), counts)).collect(),
        adjusted_success: Variant::ALL.map(success).into(),
        ..report
    }
}
