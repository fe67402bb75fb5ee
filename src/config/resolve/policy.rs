//! What does a file of a policy promise? Every version with its terms, and every fault where it stands.

use std::time::Duration;

use toml::Spanned;

use crate::base::calendar::UtcOffset;
use crate::config::bounds;
use crate::config::raw::{self, Table};
use crate::config::resolve::account::TRAFFIC;
use crate::config::resolve::judge::{At, Place, at, judged};
use crate::config::resolve::must::{either, share, table, time, whole, word, words};
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::config::units;
use crate::sla::book::Variant;
use crate::sla::terms::claim::{Channel, ClaimRule, Closing};
use crate::sla::terms::policy::{
    Base, Cap, Destination, FailureRule, FeeKind, Form, Metric, Origin, Pays, Policy, PolicyDraft, Scope,
    Target, TargetOp, Terms, Tier, Version,
};
use crate::sla::terms::{PeriodRule, Share};

/// What a file says; none when it has faults, which are then the desk's.
pub(super) fn understood(desk: &mut Desk<'_>, raw: raw::PolicyFile) -> Option<Policy> {
    let raw::PolicyFile { name, provider, utc_offset, periods, notice_days, version } = raw;
    let mut top = desk.section(String::new(), None);
    let name = top.name(name, &mut Seen::default(), "");
    let provider = top.text("provider", provider, "write who promises");
    let offset = clock(&mut top, utc_offset);
    let periods = word(&mut top, "periods", periods, &PeriodRule::WORDS).unwrap_or(PeriodRule::CalendarMonth);
    let remedy =
        "write how many days before a new version its notice is sent, 0 where the contract names none";
    let notice_days = whole(&mut top, "notice_days", notice_days, &bounds::NOTICE_DAYS, remedy);
    desk.at_least_one("version", version.is_empty(), "nothing is promised");
    let entries = version.into_iter().enumerate();
    let (versions, places): (Vec<Version>, Vec<Place>) =
        entries.map(|(index, version)| version_of(desk, index, version, periods)).unzip();
    let (name, provider) = (name.into(), provider.into());
    judged(desk, PolicyDraft { name, provider, offset, periods, notice_days, versions }, &places)
}

/// By which clock a policy, or another file, counts.
pub(super) fn clock(section: &mut Section<'_, '_>, offset: Option<Spanned<String>>) -> UtcOffset {
    let Some(offset) = offset else {
        section.missing("utc_offset", "write the clock by which months are counted: utc_offset = \"+08:00\"");
        return UtcOffset::UTC;
    };
    let quarters = units::utc_offset(offset.get_ref());
    let read = quarters.and_then(|quarters| UtcOffset::from_minutes(i16::from(quarters) * 15));
    read.unwrap_or_else(|| {
        section.fault("utc_offset", Some(offset.span()), format!("{} is wanted here", units::AN_OFFSET), "");
        UtcOffset::UTC
    })
}

fn version_of(
    desk: &mut Desk<'_>,
    index: usize,
    version: Spanned<Table<raw::PolicyVersion>>,
    periods: PeriodRule,
) -> (Version, Place) {
    let path = format!("version[{index}]");
    let known_before = desk.faults.len();
    let span = version.span();
    let raw = version.into_inner().0;
    let mut place = Place::new(path.clone(), span.clone());
    (place.number, place.effective_from) = (at(&raw.number), at(&raw.effective_from));
    let mut section = desk.section(path, Some(span));
    let remedy = "number the versions from 1 on";
    let number = whole(&mut section, "number", raw.number, &bounds::POLICY_VERSION, remedy);
    let remedy = "write the first day on which it is in force";
    let effective_from = section.day("effective_from", raw.effective_from, remedy);
    let notice_sent_at = raw.notice_sent_at.and_then(|day| section.day_there("notice_sent_at", &day));
    let remedy = "write how long after a period's end its counts are final";
    let close_after = time(&mut section, "close_after", raw.close_after, &bounds::CLOSE_AFTER, remedy);
    let metric = metric(&mut section, raw.metric);
    let target = target(&mut section, raw.target, &mut place);
    let (base, form, cap, tiers) = compensation(&mut section, raw.compensation, &mut place);
    let claim = claim(&mut section, raw.claim, periods);
    let terms = Terms { metric, target, tiers, base, form, cap, close_after, claim };
    place.is_sound = desk.faults.len() == known_before && !place.is_garbled(&desk.garbled);
    (Version { number, effective_from, notice_sent_at, terms }, place)
}

/// What is measured.
#[derive(Clone, Copy)]
enum Kind {
    SuccessRate,
    Availability,
}

const KINDS: &[(&str, Kind)] = &[("success-rate", Kind::SuccessRate), ("availability", Kind::Availability)];

fn metric(section: &mut Section<'_, '_>, metric: Option<Spanned<Table<raw::Metric>>>) -> Metric {
    let nothing = || Metric::SuccessRate { numerator: Variant::Strict, scope: Scope::everything() };
    let Some((raw, mut section)) = table(section, "metric", metric, "write what is measured") else {
        return nothing();
    };
    let of_messages = [
        ("numerator", at(&raw.numerator)),
        ("categories", at(&raw.categories)),
        ("destinations", at(&raw.destinations)),
        ("origins", at(&raw.origins)),
    ];
    let of_minutes = [
        ("minimum_outage", at(&raw.minimum_outage)),
        ("mean_time_between_failures", at(&raw.mean_time_between_failures)),
        ("failures", at(&raw.failures)),
    ];
    match word(&mut section, "kind", raw.kind, KINDS) {
        None => nothing(),
        Some(Kind::SuccessRate) => {
            refuse(&mut section, &of_minutes, "availability");
            let numerators = Variant::ALL.map(|numerator| (numerator.name(), numerator));
            let numerator = word(&mut section, "numerator", raw.numerator, &numerators);
            let categories =
                raw.categories.map(|kinds| words(&mut section, "categories", Some(kinds), TRAFFIC));
            let scope = Scope {
                categories,
                destinations: words(&mut section, "destinations", raw.destinations, &Destination::WORDS),
                origins: words(&mut section, "origins", raw.origins, &Origin::WORDS),
            };
            Metric::SuccessRate { numerator: numerator.unwrap_or(Variant::Strict), scope }
        }
        Some(Kind::Availability) => {
            refuse(&mut section, &of_messages, "success-rate");
            let remedy = "write the shortest outage that counts";
            let bounds = &bounds::MINIMUM_OUTAGE;
            let minimum_outage = time(&mut section, "minimum_outage", raw.minimum_outage, bounds, remedy);
            let (mean_time_between_failures, failures) =
                between_failures(&mut section, raw.mean_time_between_failures, raw.failures);
            Metric::Availability { minimum_outage, mean_time_between_failures, failures }
        }
    }
}

/// The target between failures, and what is one; without a target nobody asks.
fn between_failures(
    section: &mut Section<'_, '_>,
    target: Option<Spanned<String>>,
    failures: Option<Spanned<String>>,
) -> (Option<Duration>, FailureRule) {
    const KEY: &str = "mean_time_between_failures";
    if target.is_none() && !section.is_garbled(KEY) {
        if failures.is_some() {
            let reason = format!("says what {KEY} is between, and there is none");
            section.fault("failures", at(&failures), reason, "leave it out, or write both");
        }
        return (None, FailureRule::EveryOutage);
    }
    let time = section.time(KEY, target, &bounds::BETWEEN_FAILURES);
    let failures = word(section, "failures", failures, &FailureRule::WORDS);
    (Some(time), failures.unwrap_or(FailureRule::EveryOutage))
}

/// Refuses keys that only metrics of another kind have.
fn refuse(section: &mut Section<'_, '_>, keys: &[(&str, At)], kind: &str) {
    for (key, at) in keys.iter().filter(|(_, at)| at.is_some()) {
        section.fault(key, at.clone(), format!("is for the kind \"{kind}\" only"), "leave it out");
    }
}

fn target(
    section: &mut Section<'_, '_>,
    target: Option<Spanned<Table<raw::Target>>>,
    place: &mut Place,
) -> Target {
    let Some((raw, mut section)) = table(section, "target", target, "write what must be reached") else {
        return Target { share: Share::NOTHING, op: TargetOp::AtLeast };
    };
    place.share = at(&raw.share);
    let share = share(&mut section, "share", raw.share, "write what must be reached");
    let op = word(&mut section, "op", raw.op, &TargetOp::WORDS).unwrap_or(TargetOp::AtLeast);
    Target { share, op }
}

fn compensation(
    section: &mut Section<'_, '_>,
    compensation: Option<Spanned<Table<raw::Compensation>>>,
    place: &mut Place,
) -> (Base, Form, Cap, Vec<Tier>) {
    let remedy = "write what is paid when the target is missed, or tiers = [] for nothing";
    let Some((raw, mut section)) = table(section, "compensation", compensation, remedy) else {
        return (Base::Paid, Form::Voucher, Cap::Paid, Vec::new());
    };
    (place.form, place.tiers) = (at(&raw.form), at(&raw.tiers));
    let base = word(&mut section, "base", raw.base, &Base::WORDS).unwrap_or(Base::Paid);
    let form = word(&mut section, "form", raw.form, &Form::WORDS).unwrap_or(Form::Voucher);
    let cap = word(&mut section, "cap", raw.cap, &Cap::WORDS).unwrap_or(Cap::Paid);
    if raw.tiers.is_none() {
        section.missing("tiers", "write what is paid below which limit, or tiers = [] for nothing");
    }
    let written = raw.tiers.map(Spanned::into_inner).unwrap_or_default().into_iter().enumerate();
    let tiers = written.map(|(index, tier)| {
        let span = tier.span();
        let mut section = section.within(&format!("tiers[{index}]"), span);
        let raw::Tier { below, pays } = tier.into_inner().0;
        place.each_tier.push((at(&below), at(&pays)));
        let below = share(&mut section, "below", below, "write the limit below which this is paid");
        Tier { below, pays: fees(&mut section, pays) }
    });
    let tiers = tiers.collect();
    (base, form, cap, tiers)
}

fn fees(section: &mut Section<'_, '_>, pays: Option<Spanned<Table<raw::Pays>>>) -> Vec<Pays> {
    let remedy = "write shares of fees, as in { messages = \"5%\" }";
    let Some((raw, mut section)) = table(section, "pays", pays, remedy) else { return Vec::new() };
    let raw::Pays { messages, service, calls } = raw;
    let written =
        [(FeeKind::Messages, messages), (FeeKind::Service, service), (FeeKind::Calls, calls)].into_iter();
    let pays = written.filter(|(_, text)| text.is_some());
    pays.map(|(fee, text)| Pays { fee, share: share(&mut section, fee.name(), text, "") }).collect()
}

fn claim(
    section: &mut Section<'_, '_>,
    claim: Option<Spanned<Table<raw::Claim>>>,
    periods: PeriodRule,
) -> ClaimRule {
    let Some((raw, mut section)) = table(section, "claim", claim, "write how it is claimed") else {
        return ClaimRule { opens_after_workday: 1, closes: Closing::MonthsAfter(1), channels: Vec::new() };
    };
    let remedy = "write the working day of the month after, after which claims are taken";
    let (key, bounds) = ("opens_after_workday", &bounds::CLAIM_WORKDAY);
    let opens_after_workday = whole(&mut section, key, raw.opens_after_workday, bounds, remedy);
    let (months, days) = (raw.closes_after_months, raw.closes_after_days);
    let (months_at, days_at) = (at(&months), at(&days));
    either(&mut section, ("closes_after_months", months_at), ("closes_after_days", days_at));
    let closes = if days.is_some() {
        let bounds = bounds::claim_days(periods);
        Closing::DaysAfter(section.whole("closes_after_days", days, &bounds))
    } else {
        Closing::MonthsAfter(section.whole("closes_after_months", months, &bounds::CLAIM_MONTHS))
    };
    let channels = words(&mut section, "channels", raw.channels, &Channel::WORDS);
    ClaimRule { opens_after_workday, closes, channels }
}
