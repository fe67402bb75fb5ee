//! `telegraphy tariff`: what does a message cost, what a month, and by which tariff? From the settings alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::base::local_time::LocalTime;
use crate::base::time::Timestamp;
use crate::cli::{Failure, say};
use crate::config::{self, Settings};
use crate::engine::clock::Clock;
use crate::message::{ChargeOn, Payment, Terms};
use crate::rating::tariff::{PrefixId, Tier, Usage};
use crate::rating::{Measure, Paying, RateCard, SegmentRule, UnitPrice};

/// The most digits of a number (SMPP 3.4 §4.4.1).
const DIGITS_MAX: usize = 20;

/// What `telegraphy tariff` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the tariffs with their versions, and how many pay by each.
    List(List),
    /// Say what a message to a number costs, by which version and prefix, and when it is charged.
    Explain(Explain),
    /// Say what a month of so many segments costs, which tier it reaches, and what comes back.
    Month(Month),
}

#[derive(Args, Debug)]
struct List {
    /// The settings. Without them, the tariffs of the program are listed.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Whose tariff it is.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The account that pays, by its name in the settings.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The carrier that takes, by its name in the settings.
    #[arg(long, value_name = "NAME")]
    carrier: Option<String>,
}

/// Where it stands, and for when.
#[derive(Args, Debug)]
struct Place {
    #[command(flatten)]
    whose: Whose,
    /// The settings.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// When it is submitted: a day or a time of the tariff's clock, or with its own, `Z` or such as `+08:00`; without
    /// it now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

#[derive(Args, Debug)]
struct Explain {
    /// The number that it goes to, in international form, with or without "+".
    number: String,
    #[command(flatten)]
    place: Place,
    /// Its text, with the signature.
    #[arg(long, conflicts_with = "segments", allow_hyphen_values = true)]
    text: Option<String>,
    /// How many segments it has.
    #[arg(long, value_name = "N", default_value_t = 1)]
    segments: u32,
}

#[derive(Args, Debug)]
struct Month {
    #[command(flatten)]
    place: Place,
    /// How many segments the month comes to.
    #[arg(long, value_name = "N")]
    segments: u64,
    /// The prefix that they go to, as it stands in the tariff, "" for everywhere else. May be left out where there is
    /// only one.
    #[arg(long, value_name = "DIGITS")]
    prefix: Option<String>,
}

/// Says what it costs.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let now = Clock::start().now().wall;
    match &arguments.command {
        Command::List(List { config: None }) => {
            say(list(config::built_in_tariffs().map(|card| (card, None)), now));
        }
        Command::List(List { config: Some(file) }) => {
            let settings = load(file)?;
            let cards = settings.tariffs.iter();
            say(list(cards.map(|card| (&**card, Some(users(card, &settings)))), now));
        }
        Command::Explain(explain) => say(explained(explain, &load(&explain.place.config)?, now)?),
        Command::Month(month) => say(of_month(month, &load(&month.place.config)?, now)?),
    }
    Ok(ExitCode::SUCCESS)
}

fn load(file: &Path) -> Result<Settings, Failure> {
    config::load(file, config::environment).map_err(|faults| faults.to_string().into())
}

/// How many accounts and carriers are priced by it.
pub(super) fn users(card: &RateCard, settings: &Settings) -> (usize, usize) {
    let paying = settings.flow.accounts.iter().filter_map(|account| account.paying.as_ref());
    let accounts = paying.filter(|paying| paying.tariff == card.name).count();
    (accounts, settings.costs.iter().filter(|cost| cost.name == card.name).count())
}

fn list<'c>(cards: impl Iterator<Item = (&'c RateCard, Option<(usize, usize)>)>, now: Timestamp) -> String {
    let mut out = String::new();
    for (card, users) in cards {
        let used = users.map(|(accounts, carriers)| {
            format!(", for {} and {}", count(accounts, "account"), count(carriers, "carrier"))
        });
        // Writing into a String cannot fail.
        let _always = writeln!(out, "{}, in {}{}", card.name, card.currency, used.unwrap_or_default());
        let in_force = in_force(card, now);
        for (version, effective) in card.tariff.versions() {
            let prefixes = count(card.tariff.prefixes(version).len(), "prefix");
            let from = LocalTime::new(effective, card.clock);
            let mark = if in_force == Some(version) { " (in force)" } else { "" };
            let _always = writeln!(out, "  version {version} from {from} on, {prefixes}{mark}");
        }
    }
    out
}

/// The number of the version in force.
fn in_force(card: &RateCard, at: Timestamp) -> Option<u32> {
    card.tariff.versions().rev().find(|(_, effective)| *effective <= at).map(|(version, _)| version)
}

fn count(number: usize, what: &str) -> String {
    let ending = match (number, what.ends_with('x')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{number} {what}{ending}")
}

/// Who is priced by a tariff.
enum Priced<'s> {
    Account(&'s Paying),
    Carrier,
}

/// The tariff of an account or a carrier; none for an account that has none.
fn priced<'s>(whose: &Whose, settings: &'s Settings) -> Result<Option<(Arc<RateCard>, Priced<'s>)>, Failure> {
    let card = |name: &str| settings.tariffs.iter().find(|card| card.name == name).cloned();
    let nobody = |kind: &str, name: &str, names: Vec<&str>| {
        format!("there is no [[{kind}]] \"{name}\" in the settings; there are: {}", names.join(", "))
    };
    if let Some(name) = &whose.account {
        let accounts = &settings.flow.accounts;
        let account = accounts.iter().find(|account| account.name == *name).ok_or_else(|| {
            nobody("account", name, accounts.iter().map(|account| account.name.as_str()).collect())
        })?;
        let Some(paying) = &account.paying else { return Ok(None) };
        return Ok(card(&paying.tariff).map(|card| (card, Priced::Account(paying))));
    }
    let name = whose.carrier.as_deref().unwrap_or_default();
    let carriers = &settings.carriers;
    if !carriers.iter().any(|carrier| carrier.name == name) {
        let names = carriers.iter().map(|carrier| carrier.name.as_str()).collect();
        return Err(nobody("carrier", name, names).into());
    }
    let cost = settings.costs.iter().find(|cost| cost.carrier == name);
    let cost = cost.ok_or_else(|| format!("what \"{name}\" takes is not known: it has no tariff"))?;
    Ok(card(&cost.name).map(|card| (card, Priced::Carrier)))
}

/// The time that is asked about.
fn at(place: &Place, card: &RateCard, now: Timestamp) -> Result<Timestamp, Failure> {
    let Some(text) = &place.at else { return Ok(now) };
    let read = LocalTime::read(text, card.clock);
    let remedy = "a day or a time is wanted here, such as 2021-11-30 or 2021-11-30T23:59:59.999+08:00";
    Ok(read.ok_or_else(|| format!("--at {text}: {remedy}"))?.at())
}

const FREE: &str = "free: the account has no tariff\n";

fn explained(explain: &Explain, settings: &Settings, now: Timestamp) -> Result<String, Failure> {
    let digits = explain.number.strip_prefix('+').unwrap_or(&explain.number);
    if !(1..=DIGITS_MAX).contains(&digits.len()) || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(format!("a number is 1 to {DIGITS_MAX} digits, with or without \"+\" before them").into());
    }
    let Some((card, priced)) = priced(&explain.place.whose, settings)? else { return Ok(FREE.to_owned()) };
    let at = at(&explain.place, &card, now)?;
    let unit = card.tariff.price_at(digits.as_bytes(), at).ok_or_else(|| {
        let when = LocalTime::new(at, card.clock);
        let name = &card.name;
        match priced {
            Priced::Account(_) => format!("refused: \"{name}\" has no price for this destination at {when}"),
            Priced::Carrier => format!("\"{name}\" has no price for this destination at {when}"),
        }
    })?;
    let rule = match priced {
        Priced::Account(paying) => paying.pricing.segments,
        // What goes over the air.
        Priced::Carrier => SegmentRule::ByAlphabet,
    };
    let text = explain.text.as_deref();
    let segments = text.map_or(explain.segments, |text| Measure::of_text(text).segments(rule));
    let amount = unit.price.checked_mul(segments.into()).ok_or("the amount does not fit")?;
    let (currency, price) = (&card.currency, unit.price);
    let what = if matches!(priced, Priced::Account(_)) { "held" } else { "taken" };
    let mut out = String::new();
    let each = count_of_segments(segments.into());
    writeln!(out, "{amount} {currency} {what} for {each} at {price}")?;
    write_tariff(&mut out, &card, unit)?;
    if let Some(tiers) = card.tariff.tiers(unit.version, unit.prefix).filter(|tiers| tiers.len() > 1) {
        writeln!(out, "  tiers    the one that the month reaches is the price of all of it")?;
        for tier in tiers {
            writeln!(out, "           {:<24} {:>12}", range(tier), tier.price)?;
        }
    }
    writeln!(out, "  segments {}: {}", rule.name(), meaning_of_rule(rule))?;
    match priced {
        Priced::Account(Paying { pricing, terms, .. }) => {
            writeln!(
                out,
                "  charged  {}: {}",
                pricing.charge_on.name(),
                meaning_of_charge(pricing.charge_on)
            )?;
            writeln!(out, "  payment  {}", meaning_of_terms(terms, currency))?;
        }
        Priced::Carrier => writeln!(out, "  charged  when the carrier takes it")?,
    }
    Ok(out)
}

/// Which version, and which of its prefixes.
fn write_tariff(out: &mut String, card: &RateCard, unit: UnitPrice) -> std::fmt::Result {
    let effective = card.tariff.versions().find(|(version, _)| *version == unit.version);
    let since = effective.map(|(_, effective)| LocalTime::new(effective, card.clock));
    let since = since.map(|since| format!(", in force since {since}")).unwrap_or_default();
    writeln!(out, "  tariff   {}, version {}{since}", card.name, unit.version)?;
    writeln!(out, "  prefix   {}", unit.prefix)
}

fn of_month(month: &Month, settings: &Settings, now: Timestamp) -> Result<String, Failure> {
    let Some((card, _)) = priced(&month.place.whose, settings)? else { return Ok(FREE.to_owned()) };
    let at = at(&month.place, &card, now)?;
    let version =
        in_force(&card, at).ok_or_else(|| format!("no version of \"{}\" is in force then", card.name))?;
    let prefixes = card.tariff.prefixes(version);
    let prefix = match (&month.prefix, prefixes.as_slice()) {
        (Some(digits), _) => PrefixId::of(digits.strip_prefix('+').unwrap_or(digits).as_bytes())
            .filter(|prefix| prefixes.contains(prefix)),
        (None, [only]) => Some(*only),
        (None, _) => None,
    };
    let prefix = prefix.ok_or_else(|| {
        // A tariff may have 100,000 of them.
        let shown = prefixes.iter().take(20).map(|prefix| format!("\"{}\"", prefix.digits()));
        let shown = shown.collect::<Vec<_>>().join(", ");
        let rest = if prefixes.len() > 20 { ", …" } else { "" };
        format!(
            "to where? Version {version} of \"{}\" has the prefixes {shown}{rest}: --prefix DIGITS",
            card.name
        )
    })?;
    let usage = Usage { version, prefix, segments: month.segments };
    let settled = card.tariff.settle_month(&[usage])?;
    let line = settled.lines.first().ok_or("nothing is settled")?;
    let (amount, currency, segments) = (settled.amount, &card.currency, count_of_segments(settled.segments));
    let mut out = String::new();
    writeln!(out, "{amount} {currency} for {segments}, each {}", line.price)?;
    write_tariff(&mut out, &card, UnitPrice { price: line.accrued_at, version, prefix })?;
    let tiers = card.tariff.tiers(version, prefix).unwrap_or_default();
    if let Some(tier) = tiers.iter().find(|tier| tier.up_to.is_none_or(|up_to| settled.segments <= up_to)) {
        writeln!(out, "  tier     {}", range(tier))?;
    }
    writeln!(out, "  accrued  {} {currency}, each {}", settled.accrued, line.accrued_at)?;
    writeln!(out, "  rebate   {} {currency}", settled.rebate)?;
    Ok(out)
}

fn count_of_segments(segments: u64) -> String {
    format!("{segments} segment{}", if segments == 1 { "" } else { "s" })
}

/// The segments of a month that a tier is for.
fn range(Tier { over, up_to, .. }: &Tier) -> String {
    // Nothing at all is in the first tier.
    let from = if *over == 0 { 0 } else { over.saturating_add(1) };
    up_to.map_or_else(|| format!("{from} and more"), |up_to| format!("{from} to {up_to}"))
}

const fn meaning_of_rule(rule: SegmentRule) -> &'static str {
    match rule {
        SegmentRule::EveryCharacter => "70 characters, or 67 in each of several",
        SegmentRule::ByAlphabet => {
            "160 septets, or 153 in each of several; 70 and 67 beyond the GSM alphabet"
        }
    }
}

const fn meaning_of_charge(charge_on: ChargeOn) -> &'static str {
    match charge_on {
        ChargeOn::Accept => "at once, whatever becomes of it",
        ChargeOn::CarrierOk => "when a carrier takes it; given back when none does",
        ChargeOn::Delivery => "when it is delivered; given back when it is not",
    }
}

fn meaning_of_terms(terms: &Terms, currency: &str) -> String {
    match terms.payment {
        Payment::Prepaid => "prepaid: refused unless what was paid in suffices".to_owned(),
        Payment::Postpaid { credit_limit } => {
            format!("postpaid: refused when more than {credit_limit} {currency} would be owed")
        }
        Payment::Covered => {
            "covered: paid after the month, refused unless what was paid in suffices".to_owned()
        }
    }
}
