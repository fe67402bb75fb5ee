//! For how much of a period was the service there (R74 to R81), and when were the links to a carrier not (R23, R25)?
//! From the outages that the log has, and the facts that excuse some of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::app::promise::PeriodReport;
use crate::base::calendar::{Month, UtcOffset};
use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::engine::door::{Door, Stopped};
use crate::message::{Closing, Fact, FactId, Says};
use crate::sla::availability::{
    CountedOutage, Excused, Interval, Outage, availability, between_failures, counted, excused, failures,
    total, union, without,
};
use crate::sla::terms::policy::{Metric, Version};
use crate::sla::terms::{Period, Periods, Policy};

/// How long the service was there in a period.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AvailabilityReport {
    /// All minutes of the period.
    pub minutes: u64,
    /// Milliseconds of it that count as down.
    pub down_ms: u64,
    /// The availability as its two integers: milliseconds that the service was there, of milliseconds in all.
    pub reached: (u64, u64),
    /// The same in millionths, rounded down.
    pub millionths: Option<u32>,
    /// Every outage of the period, also those that do not count.
    pub outages: Vec<OutageLine>,
    /// What is to be paid when the target was missed so far: of which fee, which share. Of fees paid with money only
    /// (A17).
    pub pays: BTreeMap<String, String>,
    /// The calendar year of the period (A18).
    pub year: u16,
    /// Failures that began in it.
    pub failures: u32,
    /// The mean time between them, in milliseconds; none with fewer than two.
    pub mean_between_ms: Option<u64>,
    /// What was promised for it, in milliseconds.
    pub mean_target_ms: Option<u64>,
    /// Whether less was reached; with fewer than two failures it was met.
    pub mean_missed: Option<bool>,
    /// How often two outages were kept as one, the time between them included, for want of room.
    pub joined: u64,
}

/// An outage: everything that was out without a break, by whatever it was noticed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OutageLine {
    /// Since when, in milliseconds since 1970.
    pub from: u64,
    /// Until when, not included; until now when it lasts.
    pub to: u64,
    /// Whether it lasts.
    pub lasts: bool,
    /// What was out.
    pub functions: BTreeSet<String>,
    /// Noticed by what.
    pub causes: BTreeSet<String>,
    /// Who saw it: the prober, the inside, or the next start.
    pub seen_by: BTreeSet<String>,
    /// Milliseconds of it that count in the period.
    pub down_ms: u64,
    /// `counted`, `counted, exactly at the limit`, `too short`, or `excluded`.
    pub verdict: String,
    /// The facts that excuse some of it, by their numbers.
    pub excused_by: BTreeSet<u32>,
}

/// The links to a carrier in a month.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LinkReport {
    /// The carrier.
    pub carrier: String,
    /// The month, by the contracts' clock (UTC+8).
    pub period: String,
    /// When there was no bind on which messages can be sent: from, to (not included), in milliseconds since 1970; as
    /// far as it lies in the month, up to now.
    pub outages: Vec<(u64, u64)>,
    /// Milliseconds of that.
    pub down_ms: u64,
    /// How sessions ended, as far as it is kept.
    pub closings: Vec<ClosingLine>,
}

/// The end of a session.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ClosingLine {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Who ended it: `us`, `carrier` or `network`.
    pub side: String,
    /// By what.
    pub how: String,
    /// Requests of ours on it that were not answered in time.
    pub unanswered: u32,
    /// The address at the other end.
    pub peer: String,
}

/// What the computation is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Known {
    outages: Vec<Outage>,
    excused: Vec<Excused>,
    joined: u64,
    now: Timestamp,
}

impl Known {
    /// What was known at `now` of these outages, of which so many were joined for want of room, and of these facts.
    pub(super) fn new(
        (outages, joined): (&[Outage], u64),
        facts: &[Fact],
        account: AccountId,
        now: Timestamp,
    ) -> Self {
        let until_now = Interval::new(Timestamp::default(), now);
        let cut = |outage: &Outage| {
            let interval = outage.interval.within(until_now?)?;
            Some(Outage { interval, ..*outage })
        };
        let known = || facts.iter().filter(|fact| fact.told_at <= now);
        let withdrawn: BTreeSet<FactId> = known()
            .filter_map(|fact| match fact.says {
                Says::Withdrawn(other) => Some(other),
                _ => None,
            })
            .collect();
        let held = known().map(|fact| (fact, !withdrawn.contains(&fact.id)));
        let excused = excused(held, account).collect();
        Self { outages: outages.iter().filter_map(cut).collect(), excused, joined, now }
    }
}

const fn is_about_time(version: &Version) -> bool {
    matches!(version.terms.metric, Metric::Availability { .. })
}

/// Says in `report` how available the service was, when that is what the policy is about.
pub(super) fn of_known(
    (policy, periods): (&Policy, &Periods),
    period: &Period,
    version: &Version,
    known: &Known,
    report: &mut PeriodReport,
) {
    let terms = &version.terms;
    let Metric::Availability { minimum_outage, mean_time_between_failures, failures: rule } = terms.metric
    else {
        return;
    };
    let spans: Vec<Interval> = known.outages.iter().map(|outage| outage.interval).collect();
    let cut: Vec<Interval> = known.excused.iter().map(|excused| excused.interval).collect();
    let counted = counted(&spans, &cut, minimum_outage);
    let found = availability(period, &counted, terms);
    let year = period.first().year();
    let has_missed = |period: &Period| {
        let promised = policy.in_force(period).filter(|version| is_about_time(version));
        promised.is_some_and(|version| {
            availability(period, &counted, &version.terms).judgement.target_missed == Some(true)
        })
    };
    let months = (1..=12).filter_map(|month| periods.in_month(Month::new(year, month)?));
    let missed: Vec<Period> = months.filter(has_missed).collect();
    let target = mean_time_between_failures;
    let between = between_failures(
        year,
        period.offset(),
        &failures(rule, &counted, &missed),
        target.unwrap_or_default(),
    );
    let tier = terms.tier(&found.judgement);
    report.target = Some(terms.target.share.to_string());
    report.target_missed = found.judgement.target_missed;
    report.compensation_due = found.judgement.compensation_due;
    report.below = tier.map(|tier| tier.below.to_string());
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    report.availability = Some(AvailabilityReport {
        minutes: found.minutes,
        down_ms: found.down_ms,
        reached: (found.judgement.reached.part, found.judgement.reached.whole),
        millionths: found.judgement.reached.millionths(),
        outages: lines(period, known, &spans, &found.outages),
        pays: tier
            .map(|tier| tier.pays.iter().map(|pays| (pays.fee.name().to_owned(), pays.share.to_string())))
            .into_iter()
            .flatten()
            .collect(),
        year,
        failures: between.failures,
        mean_between_ms: between.mean().map(millis),
        mean_target_ms: target.map(millis),
        mean_missed: target.map(|_| between.target_missed),
        joined: known.joined,
    });
}

fn lines(period: &Period, known: &Known, spans: &[Interval], counted: &[CountedOutage]) -> Vec<OutageLine> {
    let Some(whole) = Interval::new(period.start(), period.end()) else { return Vec::new() };
    let lasting = union(spans.iter().copied());
    lasting
        .into_iter()
        .filter(|span| span.within(whole).is_some())
        .map(|span| line(span, known, counted))
        .collect()
}

fn line(span: Interval, known: &Known, counted: &[CountedOutage]) -> OutageLine {
    let of_it: Vec<&Outage> =
        known.outages.iter().filter(|outage| outage.interval.within(span).is_some()).collect();
    let excuses = known.excused.iter().filter(|excused| excused.interval.within(span).is_some());
    let parts: Vec<&CountedOutage> =
        counted.iter().filter(|counted| counted.interval.within(span).is_some()).collect();
    let cut: Vec<Interval> = known.excused.iter().map(|excused| excused.interval).collect();
    let verdict = match parts.as_slice() {
        [] if without(&[span], &cut).is_empty() => "excluded",
        [] => "too short",
        parts if parts.iter().all(|part| part.at_the_limit) => "counted, exactly at the limit",
        _ => "counted",
    };
    let words = |word: fn(&Outage) -> &'static str| of_it.iter().map(|of| word(of).to_owned()).collect();
    OutageLine {
        from: span.start().as_millis(),
        to: span.end().as_millis(),
        lasts: span.end() == known.now,
        functions: words(|outage| outage.function.name()),
        causes: words(|outage| outage.cause.name()),
        seen_by: words(|outage| outage.cause.seen_by()),
        down_ms: total(&parts.iter().map(|part| part.interval).collect::<Vec<_>>()),
        verdict: verdict.to_owned(),
        excused_by: excuses.map(|excused| excused.fact.0).collect(),
    }
}

/// Why there is no report of a carrier's links.
#[derive(Debug, thiserror::Error)]
pub enum NoLinks {
    /// There is no such carrier.
    #[error("there is no carrier \"{0}\"")]
    Carrier(String),
    /// The name of the month is none.
    #[error("a period is a month such as 2026-11")]
    Name,
    /// The engine does not answer.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// When the links to a carrier were out in a month, and how its sessions ended; in that of `now` when none is named.
///
/// # Errors
/// [`NoLinks`].
pub async fn links(
    door: &Door,
    name: &str,
    named: Option<&str>,
    now: Timestamp,
) -> Result<LinkReport, NoLinks> {
    let carrier = door.carrier(name).ok_or_else(|| NoLinks::Carrier(name.to_owned()))?;
    let month = match named {
        Some(named) => Month::read(named.as_bytes()).ok_or(NoLinks::Name)?,
        None => crate::base::calendar::Date::of(now, UtcOffset::CHINA).month(),
    };
    let (outages, closings) = door.outages(move |history| of_links(history, carrier, now)).await?;
    let (start, end) = (month.start(UtcOffset::CHINA), month.end(UtcOffset::CHINA));
    let whole = Interval::new(start, end);
    let spans = union(outages.into_iter().filter_map(|outage| outage.interval.within(whole?)));
    let is_in = |closing: &Closing| start <= closing.at && closing.at < end;
    Ok(LinkReport {
        carrier: name.to_owned(),
        period: month.written().escape_ascii().to_string(),
        down_ms: total(&spans),
        outages: spans.iter().map(|span| (span.start().as_millis(), span.end().as_millis())).collect(),
        closings: closings.iter().filter(|closing| is_in(closing)).map(closing_line).collect(),
    })
}

fn of_links(
    history: &crate::sla::availability::History,
    carrier: CarrierId,
    now: Timestamp,
) -> (Vec<Outage>, Vec<Closing>) {
    (history.of_carrier(carrier, now), history.closings(carrier).copied().collect())
}

fn closing_line(closing: &Closing) -> ClosingLine {
    ClosingLine {
        at: closing.at.as_millis(),
        side: closing.how.side().to_owned(),
        how: closing.how.name().to_owned(),
        unanswered: closing.unanswered,
        peer: closing.peer().to_string(),
    }
}

#[cfg(test)]
mod tests;
