//! What does a file of a tariff say? Every version with its prices, and every fault where it stands.
//!
//! The room itself decides what is a tariff; here its faults find the lines they are about. To that end every price is
//! judged by itself, so that a fault is of the price that has it even when two have one prefix.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use crate::base::calendar::{DAY_MS, Date, UtcOffset};
use crate::base::local_time::LocalTime;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::config::bounds;
use crate::config::raw::{self, Table};
use crate::config::resolve::judge::{At, at};
use crate::config::resolve::must::{either, whole};
use crate::config::resolve::paying::amount;
use crate::config::resolve::policy::clock;
use crate::config::resolve::route::are_digits;
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::message::label::ZONE_DIGITS_MAX;
use crate::rating::tariff::{Flaw, PRICE_MAX, PrefixPrice, TariffFault, Tier, VersionSettings};
use crate::rating::{RateCard, Tariff};

/// Where a version stands.
struct Place {
    path: String,
    span: Range<usize>,
    effective: At,
    /// The day of its announcement.
    announced: Option<Date>,
    prices: Vec<PricePlace>,
}

/// Where a price stands.
struct PricePlace {
    path: String,
    span: Range<usize>,
    /// Whether all of it could be read: only then its values are what somebody wrote.
    is_sound: bool,
    /// The list of tiers.
    tiers: At,
    /// Each tier; none when the price has no volumes.
    each: Vec<TierPlace>,
    /// The price without volumes.
    price: At,
}

/// Where a tier stands, and its numbers.
struct TierPlace {
    span: Range<usize>,
    over: At,
    up_to: At,
    price: At,
}

/// What a file says; none when it has faults, which are then the desk's.
pub(super) fn understood(desk: &mut Desk<'_>, raw: raw::TariffFile) -> Option<RateCard> {
    let raw::TariffFile { name, currency, utc_offset, notice_days, version } = raw;
    let mut top = desk.section(String::new(), None);
    let name = top.name(name, &mut Seen::default(), "");
    let currency = currency_of(&mut top, currency);
    let clock = match utc_offset {
        None => UtcOffset::CHINA,
        written => clock(&mut top, written),
    };
    let remedy = "write how many days before a new version it is announced, 0 where the contract names none";
    let notice_days = whole(&mut top, "notice_days", notice_days, &bounds::NOTICE_DAYS, remedy);
    desk.at_least_one("version", version.is_empty(), "nothing has a price");
    let (mut numbers, mut times) = (Seen::default(), Seen::default());
    let entries = version.into_iter().enumerate();
    let (versions, places): (Vec<VersionSettings>, Vec<Place>) = entries
        .map(|(index, version)| version_of(desk, index, version, clock, (&mut numbers, &mut times)))
        .unzip();
    told_in_time(desk, &versions, &places, notice_days);
    let tariff = Arc::new(judged(desk, versions, &places, notice_days)?);
    Some(RateCard { name, currency, clock, tariff })
}

fn currency_of(section: &mut Section<'_, '_>, currency: Option<Spanned<String>>) -> String {
    let span = at(&currency);
    let currency = section.text("currency", currency, "write what its amounts are of, such as \"CNY\"");
    let is_code = currency.len() == 3 && currency.bytes().all(|letter| letter.is_ascii_uppercase());
    if !currency.is_empty() && !is_code {
        section.fault("currency", span, "three capital letters are wanted here", "write it as \"CNY\"");
    }
    currency
}

fn version_of(
    desk: &mut Desk<'_>,
    index: usize,
    version: Spanned<Table<raw::TariffVersion>>,
    clock: UtcOffset,
    (numbers, times): (&mut Seen, &mut Seen),
) -> (VersionSettings, Place) {
    let path = format!("version[{index}]");
    let span = version.span();
    let raw::TariffVersion { number, effective, announced, price } = version.into_inner().0;
    let (number_at, effective_at) = (at(&number), at(&effective));
    let mut section = desk.section(path.clone(), Some(span.clone()));
    let number =
        whole(&mut section, "number", number, &bounds::TARIFF_VERSION, "number the versions from 1 on");
    if let Some(span) = number_at {
        section.only_once(numbers, "number", &number.to_string(), span, "of another [[version]]");
    }
    let effective = moment(&mut section, effective, clock);
    if let (Some(at), Some(span)) = (effective, effective_at.clone()) {
        let at = at.as_millis().to_string();
        section.only_once(times, "effective", &at, span, "of another [[version]]");
    }
    let announced = announced.and_then(|day| section.day_there("announced", &day));
    if price.is_empty() {
        section.missing("price", "add a [[version.price]]: what has no price is refused");
    }
    let mut prefixes = Seen::default();
    let entries = price.into_iter().enumerate();
    let (prices, places) =
        entries.map(|(index, price)| price_of(&mut section, &path, index, price, &mut prefixes)).unzip();
    let settings = VersionSettings {
        number,
        effective: effective.unwrap_or_default(),
        announced: announced.map(|day| day.start(clock)),
        prices,
    };
    (settings, Place { path, span, effective: effective_at, announced, prices: places })
}

/// When a version takes effect; none when that could not be read, which has been said.
fn moment(
    section: &mut Section<'_, '_>,
    effective: Option<Spanned<String>>,
    clock: UtcOffset,
) -> Option<Timestamp> {
    let Some(effective) = effective else {
        section.missing("effective", "write the day or the time from which on it prices what is submitted");
        return None;
    };
    let read = LocalTime::read(effective.get_ref(), clock);
    if read.is_none() {
        let reason = "a day or a time is wanted here";
        let remedy = "write it as \"2026-11-21\" or \"2026-11-21T08:00:00.000\"";
        section.fault("effective", Some(effective.span()), reason, remedy);
    }
    read.map(LocalTime::at)
}

fn price_of(
    version: &mut Section<'_, '_>,
    version_path: &str,
    index: usize,
    price: Spanned<Table<raw::PrefixPrice>>,
    prefixes: &mut Seen,
) -> (PrefixPrice, PricePlace) {
    let key = format!("price[{index}]");
    let (path, span) = (format!("{version_path}.{key}"), price.span());
    let known_before = version.desk.faults.len();
    let raw::PrefixPrice { prefix, price, tiers } = price.into_inner().0;
    let (price_at, tiers_at) = (at(&price), at(&tiers));
    let mut section = version.within(&key, span.clone());
    let prefix_at = at(&prefix);
    if let Some(prefix) = &prefix {
        are_digits(&mut section, "prefix", "a prefix", prefix, usize::from(ZONE_DIGITS_MAX));
    }
    let prefix = prefix.map(Spanned::into_inner).unwrap_or_default();
    let whose = "of another [[version.price]]";
    if let Some(reason) = section.given_before(prefixes, &prefix, prefix_at.as_ref().unwrap_or(&span), whose)
    {
        section.fault("prefix", prefix_at, reason, "each needs its own");
    }
    either(&mut section, ("price", price_at.clone()), ("tiers", tiers_at.clone()));
    let (mut each, mut settings) = (Vec::new(), Vec::new());
    if let Some(price) = amount(&mut section, "price", price) {
        settings.push(Tier { over: 0, up_to: None, price });
    }
    for (index, tier) in tiers.map(Spanned::into_inner).unwrap_or_default().into_iter().enumerate() {
        let before = settings.last().copied();
        let (tier, place) = tier_of(&mut section, index, tier, before);
        settings.push(tier);
        each.push(place);
    }
    let is_garbled = section.desk.garbled.iter().any(|garbled| garbled.starts_with(&format!("{path}.")));
    let is_sound = section.desk.faults.len() == known_before && !is_garbled;
    let place = PricePlace { path, span, is_sound, tiers: tiers_at, each, price: price_at };
    (PrefixPrice { prefix, tiers: settings }, place)
}

fn tier_of(
    price: &mut Section<'_, '_>,
    index: usize,
    tier: Spanned<Table<raw::PriceTier>>,
    before: Option<Tier>,
) -> (Tier, TierPlace) {
    let span = tier.span();
    let raw::PriceTier { over, up_to, price: each } = tier.into_inner().0;
    let place = TierPlace { span: span.clone(), over: at(&over), up_to: at(&up_to), price: at(&each) };
    let mut section = price.within(&format!("tiers[{index}]"), span);
    let end = before.map_or(0, |before| before.up_to.unwrap_or(before.over));
    let over = over.map_or(end, |over| section.whole("over", Some(over), &bounds::TIER));
    let up_to = up_to.map(|up_to| section.whole("up_to", Some(up_to), &bounds::TIER));
    if each.is_none() {
        section.missing("price", "write what a segment costs: price = \"0.0450\"");
    }
    let price = amount(&mut section, "price", each).unwrap_or_default();
    (Tier { over, up_to, price }, place)
}

/// Where notice is agreed, every version but the first must say when it was given: what nobody was told of is no new
/// price (R45).
fn told_in_time(desk: &mut Desk<'_>, versions: &[VersionSettings], places: &[Place], notice_days: u16) {
    let first = versions.iter().map(|version| version.effective).min();
    for (version, place) in versions.iter().zip(places) {
        if notice_days > 0 && version.announced.is_none() && Some(version.effective) != first {
            let mut section = desk.section(place.path.clone(), Some(place.span.clone()));
            let days = if notice_days == 1 { "day" } else { "days" };
            let remedy =
                format!("write the day on which it was announced, {notice_days} {days} before its effect");
            section.missing("announced", remedy);
        }
    }
}

/// The tariff; none when there is any fault. Each is noted where it stands.
fn judged(
    desk: &mut Desk<'_>,
    versions: Vec<VersionSettings>,
    places: &[Place],
    notice_days: u16,
) -> Option<Tariff> {
    let notice = Duration::from_millis(DAY_MS * u64::from(notice_days));
    let faults = match Tariff::new(versions.clone(), notice) {
        Ok(tariff) => return Some(tariff),
        Err(faults) => faults,
    };
    for (version, place) in versions.iter().zip(places) {
        let bare = VersionSettings { prices: Vec::new(), ..version.clone() };
        let alone = Tariff::new(vec![bare.clone()], notice).err().unwrap_or_default();
        // What could not be read is at the beginning of time.
        if !alone.is_empty() && version.effective > Timestamp::default() {
            place.note_notice(desk, &alone, notice_days);
        }
        for (price, place) in version.prices.iter().zip(&place.prices).filter(|(_, place)| place.is_sound) {
            let only = VersionSettings { announced: None, prices: vec![price.clone()], ..bare.clone() };
            let flaws = Tariff::new(vec![only], Duration::ZERO).err().unwrap_or_default();
            place.note(desk, price, &flaws);
        }
    }
    // What is missing or there twice has been said when it was read.
    let is_silent = desk.faults.is_empty();
    for fault in faults {
        if is_silent || matches!(fault.flaw, Flaw::TooManyVersions | Flaw::TooManyPrefixes) {
            desk.section(String::new(), None).fault("version", None, fault.to_string(), "leave some out");
        }
    }
    None
}

impl Place {
    /// Notes that it takes effect too soon.
    fn note_notice(&self, desk: &mut Desk<'_>, faults: &[TariffFault], notice_days: u16) {
        let earliest = self.announced.map(|day| day.plus_days(notice_days.into()));
        let remedy = earliest.map(|day| format!("write \"{day}\" or later")).unwrap_or_default();
        let mut section = desk.section(self.path.clone(), Some(self.span.clone()));
        for fault in faults {
            section.fault("effective", self.effective.clone(), fault.to_string(), remedy.clone());
        }
    }
}

impl PricePlace {
    /// Notes the faults of this price where they stand.
    fn note(&self, desk: &mut Desk<'_>, price: &PrefixPrice, faults: &[TariffFault]) {
        let mut section = desk.section(self.path.clone(), Some(self.span.clone()));
        for (place, fault) in faults.iter().enumerate() {
            let before = faults.iter().take(place).filter(|earlier| earlier.flaw == fault.flaw).count();
            let (key, at, remedy) = self.of(&price.tiers, fault.flaw, before);
            section.fault(&key, at, fault.to_string(), remedy);
        }
    }

    /// The key that a fault is about, where that stands, and what to do. There were so many like it `before`.
    fn of(&self, tiers: &[Tier], flaw: Flaw, before: usize) -> (String, At, String) {
        let index = (0..tiers.len()).filter(|index| is_of(flaw, tiers, *index)).nth(before);
        // A gap that no tier begins behind is at the end.
        let place = index.or_else(|| self.each.len().checked_sub(1)).and_then(|index| self.each.get(index));
        let tier = index.or_else(|| self.each.len().checked_sub(1)).unwrap_or(0);
        let of_tier = |key: &str, at: Option<&At>| (format!("tiers[{tier}].{key}"), at.cloned().flatten());
        let ((key, at), remedy) = match flaw {
            Flaw::Gap { .. } if index.is_none() => (
                of_tier("up_to", place.map(|place| &place.up_to)),
                "leave it out: the last tier has no end".to_owned(),
            ),
            Flaw::Gap { .. } | Flaw::Overlap { .. } => {
                let remedy = "leave it out: a tier begins where the one before ends".to_owned();
                (of_tier("over", place.map(|place| &place.over)), remedy)
            }
            Flaw::NotAscending { .. } => {
                let over = tiers.get(tier).map_or(0, |tier| tier.over);
                (of_tier("up_to", place.map(|place| &place.up_to)), format!("write more than {over}"))
            }
            Flaw::BehindTheEnd => {
                let remedy = "give the tier before it an up_to, or leave this one out".to_owned();
                ((format!("tiers[{tier}]"), place.map(|place| place.span.clone())), remedy)
            }
            Flaw::Negative(_) | Flaw::TooDear(_) | Flaw::Rising(_) => {
                let most = earlier(tiers, tier)
                    .filter(|_| matches!(flaw, Flaw::Rising(_)))
                    .map(|before| before.price);
                let remedy = format!("write \"{}\" to \"{}\"", Money::ZERO, most.unwrap_or(PRICE_MAX));
                if self.each.is_empty() {
                    (("price".to_owned(), self.price.clone()), remedy)
                } else {
                    (of_tier("price", place.map(|place| &place.price)), remedy)
                }
            }
            Flaw::NoTier => {
                let remedy = "write { up_to = 100000, price = \"0.0450\" } and so on, the last without up_to";
                (("tiers".to_owned(), self.tiers.clone()), remedy.to_owned())
            }
            _ => (("tiers".to_owned(), self.tiers.clone()), "leave some out".to_owned()),
        };
        (key, at, remedy)
    }
}

/// The tier before this one.
fn earlier(tiers: &[Tier], index: usize) -> Option<&Tier> {
    tiers.get(index.checked_sub(1)?)
}

/// Whether it is this tier that has such a flaw.
fn is_of(flaw: Flaw, tiers: &[Tier], index: usize) -> bool {
    let Some(tier) = tiers.get(index) else { return false };
    let before = earlier(tiers, index);
    let begin = before.map_or(Some(0), |before| before.up_to);
    match flaw {
        Flaw::Gap { behind } => begin == Some(behind) && tier.over > behind,
        Flaw::Overlap { over } => tier.over == over && begin.is_some_and(|begin| over < begin),
        Flaw::NotAscending { up_to } => tier.up_to == Some(up_to) && up_to <= tier.over,
        Flaw::BehindTheEnd => begin.is_none(),
        Flaw::Negative(price) | Flaw::TooDear(price) => tier.price == price,
        Flaw::Rising(price) => tier.price == price && before.is_some_and(|before| price > before.price),
        _ => false,
    }
}
