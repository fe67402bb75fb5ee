//! Tariffs that are built in, and files of tariffs that somebody writes.

use std::fs;

use super::sla::changed;
use super::*;
use crate::base::calendar::UtcOffset;
use crate::base::local_time::LocalTime;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::config::built_in_tariffs;
use crate::rating::tariff::{PrefixId, Settlement, Usage};
use crate::rating::{RateCard, Tariff};

/// What the settings make of these files in a folder of tariffs, beside an account with these lines.
pub(super) fn with_tariffs(account: &str, files: &[(&str, &str)]) -> Result<Settings, Faults> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let account = with("name = \"acme\"", &format!("name = \"acme\"\n{account}"));
    resolve(&format!("{account}[tariffs]\nfolder = \"{}\"\n", folder.path().display()))
}

pub(super) const MINE: &str = r#"
name = "mine"
currency = "EUR"
notice_days = 7
[[version]]
number = 1
effective = "2021-01-01"
[[version.price]]
prefix = "86"
tiers = [
  { over = 0, up_to = 100, price = "0.05" },
  { over = 100, up_to = 200, price = "0.04" },
  { over = 200, price = "0.03" },
]
[[version]]
number = 2
announced = "2021-11-08"
effective = "2021-11-15T12:00:00.000"
[[version.price]]
price = "0.06"
"#;

/// This tariff, as an account gets it.
#[track_caller]
pub(super) fn priced_by(text: &str, name: &str) -> Tariff {
    let settings = with_tariffs(&format!("tariff = \"{name}\""), &[("one.toml", text)]);
    let settings = settings.unwrap_or_else(|faults| panic!("{faults}"));
    let paying = settings.flow.accounts[0].paying.clone().unwrap();
    assert_eq!(paying.tariff, name);
    (*paying.pricing.tariff).clone()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    LocalTime::read(text, UtcOffset::CHINA).unwrap().at()
}

#[track_caller]
fn month(tariff: &Tariff, segments: u64) -> Settlement {
    let unit = tariff.price_at(b"8613800138000", at("2021-11-15")).unwrap();
    tariff.settle_month(&[Usage { version: unit.version, prefix: unit.prefix, segments }]).unwrap()
}

#[test]
fn r35_the_built_in_tariff_prices_the_whole_month_at_the_tier_that_it_reached() {
    let tariff = built_in_tariffs().find(|card| card.name == "alibaba-sms").unwrap().tariff.clone();
    for (segments, total) in [
        (100_000, "4500"),
        (100_001, "4000.0400"),
        (300_000, "12000"),
        (300_001, "11700.0390"),
        (500_000, "19500"),
        (500_001, "19000.0380"),
        (1_000_000, "38000"),
        (1_000_001, "37000.0370"),
        (3_000_000, "111000"),
        (3_000_001, "108000.0360"),
    ] {
        assert_eq!(month(&tariff, segments).amount, money(total), "{segments}");
    }
}

#[test]
fn r36_the_built_in_tariff_holds_the_first_tiers_price_and_gives_back_what_was_too_much() {
    let settings = resolve(&with("name = \"acme\"", "name = \"acme\"\ntariff = \"alibaba-sms\"")).unwrap();
    let paying = settings.flow.accounts[0].paying.clone().unwrap();
    let tariff = paying.pricing.tariff;
    assert_eq!(tariff.price_at(b"8613800138000", at("2021-11-15")).unwrap().price, money("0.0450"));
    for (segments, rebate) in
        [(100_000, "0"), (100_001, "500.0050"), (300_000, "1500"), (3_000_001, "27000.0090")]
    {
        assert_eq!(month(&tariff, segments).rebate, money(rebate), "{segments}");
    }
}

#[test]
fn r37_a_tariff_of_a_file_has_a_price_for_each_destination_and_none_elsewhere() {
    let overseas = r#"
        name = "overseas"
        currency = "USD"
        notice_days = 0
        version = [{ number = 7, effective = "2021-01-01", price = [
          { prefix = "852", price = "0.3560" },
          { prefix = "1", price = "0.0490" },
          { prefix = "1242", price = "0.6370" },
        ] }]
        "#;
    let tariff = priced_by(overseas, "overseas");
    let of = |to: &str| tariff.price_at(to.as_bytes(), at("2021-11-15")).map(|unit| unit.price);
    assert_eq!(of("85291234567"), Some(money("0.3560")));
    assert_eq!(of("12025550123"), Some(money("0.0490")));
    assert_eq!(of("+12425550123"), Some(money("0.6370")));
    assert_eq!(of("8613800138000"), None);
}

#[test]
fn r45_what_is_submitted_a_millisecond_before_a_version_is_priced_by_the_one_before() {
    let tariff = priced_by(MINE, "mine");
    let of = |time: &str| {
        let unit = tariff.price_at(b"8613800138000", at(time)).map(|unit| (unit.version, unit.price));
        unit.unwrap_or((0, Money::ZERO))
    };
    assert_eq!(of("2020-12-31T23:59:59.999"), (0, Money::ZERO));
    assert_eq!(of("2021-01-01T00:00:00.000"), (1, money("0.05")));
    assert_eq!(of("2021-11-15T11:59:59.999"), (1, money("0.05")));
    assert_eq!(of("2021-11-15T12:00:00.000"), (2, money("0.06")));
}

#[test]
fn a8_a_change_of_prices_within_a_month_prices_each_part_by_its_own_table() {
    let second = "effective = \"2021-11-15T12:00:00.000\"\n[[version.price]]\nprefix = \"86\"\n";
    let first = "effective = \"2021-11-15T12:00:00.000\"\n[[version.price]]\n";
    let tariff = priced_by(&changed(MINE, first, second), "mine");
    let of = |time: &str, segments| {
        let unit = tariff.price_at(b"8613800138000", at(time)).unwrap();
        Usage { version: unit.version, prefix: unit.prefix, segments }
    };
    let usage = [of("2021-11-01", 60), of("2021-11-30", 50)];
    let settled = tariff.settle_month(&usage).unwrap();
    // 110 segments reach the second tier of the first version, and each part is priced by its own.
    assert_eq!((settled.amount, settled.rebate), (money("5.40"), money("0.60")));
}

#[test]
fn a_day_means_midnight_of_the_tariffs_own_clock() {
    let begins = |clock: &str, effective: &str| {
        let text = changed(MINE, "currency = \"EUR\"\n", &format!("currency = \"EUR\"\n{clock}\n"));
        let tariff = priced_by(&text.replace("\"2021-01-01\"", effective), "mine");
        let begin = tariff.versions().next().unwrap().1;
        LocalTime::new(begin, UtcOffset::UTC).to_string()
    };
    assert_eq!(begins("", "\"2021-01-02\""), "2021-01-01T16:00:00.000+00:00");
    assert_eq!(begins("utc_offset = \"+00:00\"", "\"2021-01-02\""), "2021-01-02");
    assert_eq!(begins("utc_offset = \"-03:30\"", "\"2021-01-02\""), "2021-01-02T03:30:00.000+00:00");
    assert_eq!(begins("", "\"2021-01-02T00:00Z\""), "2021-01-02");
}

#[test]
fn a_folder_of_tariffs_is_added_to_those_that_are_built_in_or_takes_their_place() {
    let names = |settings: &Settings| {
        Vec::from_iter(settings.tariffs.iter().map(|card: &std::sync::Arc<RateCard>| card.name.clone()))
    };
    assert_eq!(names(&resolve(LEAST).unwrap()), ["alibaba-sms"]);
    let settings = with_tariffs("", &[("mine.toml", MINE), ("notes.txt", "nothing")]).unwrap();
    assert_eq!(names(&settings), ["alibaba-sms", "mine"]);
    let instead = changed(MINE, "name = \"mine\"", "name = \"alibaba-sms\"");
    assert_eq!(priced_by(&instead, "alibaba-sms"), priced_by(MINE, "mine"));
}

#[test]
fn the_example_of_a_tariff_is_one() {
    let text = include_str!("../../../config/tariffs/by-destination.toml");
    let tariff = priced_by(text, "by-destination");
    let of = |to: &str, time: &str| tariff.price_at(to.as_bytes(), at(time)).map(|unit| unit.price);
    assert_eq!(of("4915112345678", "2021-06-01"), Some(money("0.0650")));
    assert_eq!(of("4915112345678", "2021-12-01"), Some(money("0.0700")));
    assert_eq!(of("33612345678", "2021-12-01"), Some(money("0.0850")));
}

#[test]
fn every_prefix_of_a_tariff_that_somebody_pays_by_is_a_zone() {
    let home = "[sla]\nhome = [\"86\", \"852\"]\n";
    let of = |account: &str| {
        let text = with("name = \"acme\"", &format!("name = \"acme\"\n{account}"));
        resolve(&format!("{text}{home}")).unwrap().flow.zones
    };
    assert_eq!(of(""), ["86", "852"]);
    assert_eq!(of("tariff = \"alibaba-sms\""), ["86", "852"]);
    let several =
        changed(MINE, "[[version.price]]\nprice = ", "[[version.price]]\nprefix = \"1242\"\nprice = ");
    let settings = with_tariffs("tariff = \"mine\"", &[("mine.toml", &several)]).unwrap();
    assert_eq!(settings.flow.zones, ["86", "1242"], "of whatever version");
    let unused = with_tariffs("", &[("mine.toml", &several)]).unwrap();
    assert_eq!(unused.flow.zones, Vec::<String>::new());
    assert_eq!(PrefixId::of(b"1242").unwrap().digits(), "1242");
}
