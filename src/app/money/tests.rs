//! Statements and carriers' months, from usage that is written down here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::amount::Amount;
use super::statement::{Statement, statement};
use super::traffic::{CarrierMonth, carrier_month};
use super::{MoneySettings, Prices};
use crate::base::calendar::{Date, Month, UtcOffset};
use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::{ContractDay, Timestamp};
use crate::engine::ledger::{AccountMoney, UsedOnDay};
use crate::flow::{AccountSettings, FlowSettings};
use crate::message::{ChargeOn, Operation, Terms, Zone};
use crate::rating::tariff::{PrefixPrice, Tier, VersionSettings};
use crate::rating::usage::{UsageKey, Used, Volume};
use crate::rating::wallet::{Spent, Wallet};
use crate::rating::{Cost, MonthNumber, Paying, Pricing, RateCard, SegmentRule, SettledMonth, Tariff, tag};

const NOVEMBER: MonthNumber = MonthNumber(202_111);

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn november(day: u8) -> Date {
    Date::new(2021, 11, day).unwrap()
}

fn month() -> Month {
    Month::new(2021, 11).unwrap()
}

/// Noon of the day.
fn noon(day: Date) -> Timestamp {
    day.start(UtcOffset::CHINA) + Duration::from_secs(12 * 3600)
}

/// Numbers in 86, in two versions: from 2020 on and from 16 November; dearer for up to ten segments.
fn card(name: &str, currency: &str, prices: [&str; 3]) -> Arc<RateCard> {
    let [low, high, later] = prices.map(|price| price.parse().unwrap());
    let version = |number, effective, low| {
        let first = Tier { over: 0, up_to: Some(10), price: low };
        let tiers = vec![first, Tier { over: 10, up_to: None, price: high }];
        let prices = vec![PrefixPrice { prefix: "86".to_owned(), tiers }];
        VersionSettings { number, effective, announced: None, prices }
    };
    let versions =
        vec![version(1, Timestamp::default(), low), version(2, november(16).start(UtcOffset::CHINA), later)];
    let tariff = Arc::new(Tariff::new(versions, Duration::ZERO).unwrap());
    let (name, currency) = (name.to_owned(), currency.to_owned());
    Arc::new(RateCard { name, currency, clock: UtcOffset::CHINA, tariff })
}

fn prices(cost_currency: &str) -> Prices {
    let list = card("list", "CNY", ["0.0450", "0.0400", "0.0500"]);
    let rates = card("rates", cost_currency, ["0.0100", "0.0080", "0.0100"]);
    let pricing =
        Pricing::new("list", Arc::clone(&list.tariff), SegmentRule::EveryCharacter, ChargeOn::Accept);
    let paying = Paying { tariff: "list".to_owned(), pricing, terms: Terms::default() };
    let acme = AccountSettings { name: "acme".to_owned(), paying: Some(paying), ..Default::default() };
    let cost =
        Cost { carrier: "north".to_owned(), name: "rates".to_owned(), tariff: Arc::clone(&rates.tariff) };
    let flow = FlowSettings { accounts: vec![acme], ..FlowSettings::default() };
    Prices::new(MoneySettings { tariffs: vec![list, rates], costs: vec![cost] }, &flow)
}

/// So many segments on a day, each a message, by a version at this price, paid with cash and taken by the carrier.
fn used(day: Date, version: u32, segments: u64, price: &str) -> UsedOnDay {
    let volume = Volume { messages: segments, segments };
    let cash = amount(price).0.checked_mul(segments).unwrap();
    let key = UsageKey {
        account: AccountId(1),
        carrier: CarrierId(1),
        zone: Zone::new(b"86", 7),
        tariff: tag("list"),
        version,
    };
    let paid = Spent { cash, ..Spent::default() };
    let used = Used {
        accepted: volume,
        charged: volume,
        taken: volume,
        paid,
        for_money: segments,
        ..Used::default()
    };
    (ContractDay(day.days()), key, used)
}

fn two_versions() -> Vec<UsedOnDay> {
    vec![used(november(15), 1, 6, "0.0450"), used(november(16), 2, 5, "0.0500")]
}

fn shown(used: Vec<UsedOnDay>, settled: Option<SettledMonth>, now: Timestamp) -> Statement {
    let mut wallet = Wallet::default();
    wallet.apply(Timestamp::default(), Operation::Terms(Terms::default())).unwrap();
    let settled = settled.map(|settled| (NOVEMBER, settled)).into_iter().collect();
    let money = AccountMoney { wallet, settled, used, has_all: true, payments: Vec::new() };
    statement(&prices("CNY"), &|_| "north".to_owned(), "acme", month(), &money, now)
}

#[test]
fn r45_a8_each_version_is_a_line_and_the_tier_is_that_of_the_whole_month() {
    let statement = shown(two_versions(), None, noon(november(30)));
    let lines = statement
        .lines
        .iter()
        .map(|line| (line.version, line.price.unwrap(), line.reached.unwrap(), line.consumed.amount));
    let lines: Vec<_> = lines.collect();
    // Eleven segments are in the second tier, whose price is the same in both versions.
    let reached = amount("0.0400");
    assert_eq!(
        lines,
        [(1, amount("0.0450"), reached, amount("0.2700")), (2, amount("0.0500"), reached, amount("0.2500")),]
    );
    let sum = statement.sum.unwrap();
    assert_eq!((sum.accrued, sum.amount, sum.cash), (amount("0.5200"), amount("0.4400"), amount("0.0800")));
    assert_eq!((statement.state.as_str(), statement.total.amount), ("running", amount("0.5200")));
    let days: Vec<_> = statement.days.iter().map(|day| (day.day.as_str(), day.version)).collect();
    assert_eq!(days, [("2021-11-15", 1), ("2021-11-16", 2)]);
}

#[test]
fn r38_a_settled_month_says_what_was_decided_whatever_its_cells_say_later() {
    let december = noon(november(30)) + Duration::from_secs(86_400);
    assert_eq!(shown(two_versions(), None, december).state, "open");
    let settled = SettledMonth { segments: 7, amount: amount("1").0, ..SettledMonth::default() };
    let statement = shown(two_versions(), Some(settled), december);
    let sum = statement.sum.unwrap();
    assert_eq!((statement.state.as_str(), sum.segments, sum.amount), ("settled", 7, amount("1")));
}

#[test]
fn what_no_price_is_known_for_any_more_has_a_line_and_no_sum() {
    let statement = shown(vec![used(november(2), 9, 3, "0.0450")], None, noon(november(30)));
    assert_eq!(statement.sum, None);
    let line = &statement.lines[0];
    assert_eq!((line.prefix.as_str(), line.price, line.reached), ("86", None, None));
    assert_eq!(line.consumed.amount, amount("0.1350"));
}

fn took(cost_currency: &str, used: &[UsedOnDay]) -> CarrierMonth {
    carrier_month(&prices(cost_currency), "north", month(), (used, true))
}

#[test]
fn a_carriers_month_is_priced_by_the_day_at_the_tier_that_it_reached_and_leaves_a_margin() {
    let month = took("CNY", &two_versions());
    let price = amount("0.0080");
    let days: Vec<_> = month.days.iter().map(|day| (day.version, day.price, day.cost)).collect();
    assert_eq!(
        days,
        [(Some(1), Some(price), Some(amount("0.0480"))), (Some(2), Some(price), Some(amount("0.0400"))),]
    );
    assert_eq!((month.cost, month.margin), (Some(amount("0.0880")), Some(amount("0.4320"))));
    assert_eq!(month.charged, BTreeMap::from([("CNY".to_owned(), amount("0.5200"))]));
    assert_eq!((month.taken.segments, month.unpriced), (11, 0));
}

#[test]
fn amounts_of_several_currencies_have_no_margin_and_what_has_no_price_is_said() {
    let mut used = two_versions();
    assert_eq!((took("EUR", &used).margin, took("EUR", &used).cost), (None, Some(amount("0.0880"))));
    used[0].1.zone = Zone::new(b"44", 7);
    let some = took("CNY", &used);
    assert_eq!((some.unpriced, some.cost), (6, Some(amount("0.0500"))));
    let unknown = carrier_month(&prices("CNY"), "south", month(), (&used, true));
    assert_eq!((unknown.cost, unknown.margin, unknown.unpriced), (None, None, 11));
}
