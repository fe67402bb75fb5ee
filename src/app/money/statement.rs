//! What did an account use in a month, what was it paid with, and what does the month come to?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::money::Prices;
use crate::app::money::amount::Amount;
use crate::app::money::said;
use crate::app::money::wallet::{SettledLine, WalletReport};
use crate::base::calendar::{Date, Month};
use crate::base::ids::CarrierId;
use crate::base::money::Money;
use crate::base::time::{ContractDay, Timestamp};
use crate::engine::ledger::{AccountMoney, UsedOnDay};
use crate::message::{Fact, Says};
use crate::rating::month::{self, MonthSum};
use crate::rating::tariff::Line;
use crate::rating::usage::{Used, Volume};
use crate::rating::wallet::Spent;
use crate::rating::{MonthNumber, Paying};

/// An account's month. Every sum is of the same moment of the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Statement {
    /// The account.
    pub account: String,
    /// The month, by the contracts' clock (UTC+8).
    pub month: String,
    /// `settled`; `running`; or `open` when it is over and could not be settled.
    pub state: String,
    /// What was used, by version and prefix.
    pub lines: Vec<StatementLine>,
    /// All of it.
    pub total: Consumed,
    /// What the month comes to: what was decided when it was settled, or what it would be if it ended now. None when
    /// no price is known for something of it any more: then it is settled by hand.
    pub sum: Option<SettledLine>,
    /// What was done by hand to the account's money in the month, the oldest first. By whom and why,
    /// `telegraphy fact list` says.
    pub payments: Vec<PaymentLine>,
    /// What was used by day: the daily reconciliation.
    pub days: Vec<DayLine>,
    /// Whether that is all of it: older days are in the records only.
    pub has_all: bool,
    /// The account's wallet now.
    pub wallet: WalletReport,
}

/// What was used by one price of a version.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StatementLine {
    /// The tariff; none for messages that were free, and for a tariff that is not in the settings any more.
    pub tariff: Option<String>,
    /// Its version.
    pub version: u32,
    /// The prefix that decided; that of the zone where the tariff does not say.
    pub prefix: String,
    /// What each segment was taken at: the first tier.
    pub price: Option<Amount>,
    /// The price of the tier that the month has reached.
    pub reached: Option<Amount>,
    /// What was used.
    #[serde(flatten)]
    pub consumed: Consumed,
}

/// Messages and their billable segments, and what paid for those that were charged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Consumed {
    /// Accepted.
    pub accepted: Counted,
    /// Charged.
    pub charged: Counted,
    /// Over and not charged.
    pub released: Counted,
    /// What vouchers paid.
    pub voucher: Amount,
    /// Segments that packages paid.
    pub package_segments: u64,
    /// What was paid for these when the packages were bought.
    pub package_value: Amount,
    /// What cash paid.
    pub cash: Amount,
    /// What is owed.
    pub credit: Amount,
    /// All money that was taken: vouchers, cash and credit.
    pub amount: Amount,
}

/// Messages and segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counted {
    /// Messages; each part of a long one is one here.
    pub messages: u64,
    /// Segments.
    pub segments: u64,
}

/// Something that was done to the account's money.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PaymentLine {
    /// The fact's number.
    pub fact: u32,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What, in words.
    pub what: String,
    /// What there was to spend before.
    pub before: Amount,
    /// And after.
    pub after: Amount,
    /// Segments before.
    pub segments_before: u64,
    /// And after.
    pub segments_after: u64,
}

/// What was used on a day, by carrier, destination and version.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DayLine {
    /// The day on which it was accepted, by the contracts' clock; or on which its money moved, when the month of its
    /// acceptance had been settled by then.
    pub day: String,
    /// The carrier that had it when its money moved.
    pub carrier: String,
    /// The digits of its zone; nothing for everywhere.
    pub destination: String,
    /// The tariff.
    pub tariff: Option<String>,
    /// Its version; 0 for messages that were free.
    pub version: u32,
    /// What was used.
    #[serde(flatten)]
    pub consumed: Consumed,
}

impl From<Volume> for Counted {
    fn from(volume: Volume) -> Self {
        Self { messages: volume.messages, segments: volume.segments }
    }
}

impl From<Used> for Consumed {
    fn from(used: Used) -> Self {
        let Spent { voucher, cash, credit, segments, package_value } = used.paid;
        Self {
            accepted: used.accepted.into(),
            charged: used.charged.into(),
            released: used.released.into(),
            voucher: Amount(voucher),
            package_segments: segments,
            package_value: Amount(package_value),
            cash: Amount(cash),
            credit: Amount(credit),
            amount: Amount(money_of(&used.paid)),
        }
    }
}

/// The money that was taken: vouchers, cash and credit; what packages paid was taken when they were bought.
pub(super) const fn money_of(paid: &Spent) -> Money {
    paid.voucher.saturating_add(paid.fee())
}

/// The statement of an account's month.
pub(super) fn statement(
    prices: &Prices,
    carrier_name: &dyn Fn(CarrierId) -> String,
    name: &str,
    month: Month,
    money: &AccountMoney,
    now: Timestamp,
) -> Statement {
    let number = MonthNumber::from_month(month);
    let paying = prices.paying(name);
    let settled = money.settled.iter().find(|(month, _)| *month == number);
    let cells: Vec<_> = money.used.iter().map(|(_, key, used)| (*key, *used)).collect();
    let sum = paying.and_then(|Paying { pricing, .. }| month::sum(pricing, &cells).ok());
    let lines = sum.as_ref().map(|sum| sum.settlement.lines.as_slice()).unwrap_or_default();
    let used = money.used.iter().fold(Used::default(), |all, (_, _, used)| all.plus(*used));
    let state = match settled {
        Some(_) => "settled",
        None if number < MonthNumber::of(ContractDay::of(now)) => "open",
        None => "running",
    };
    let frozen = settled.map(|(month, settled)| SettledLine::new(*month, settled));
    let expected = || sum.as_ref().map(|sum| of_sum(month, sum, now));
    Statement {
        account: name.to_owned(),
        month: month.to_string(),
        state: state.to_owned(),
        lines: lines_of(prices, paying, &money.used, lines),
        total: used.into(),
        sum: frozen.or_else(expected),
        payments: money.payments.iter().filter_map(payment).collect(),
        days: money.used.iter().map(|used| day_line(prices, carrier_name, used)).collect(),
        has_all: money.has_all,
        wallet: prices.wallet(name, money, now),
    }
}

fn of_sum(month: Month, sum: &MonthSum, now: Timestamp) -> SettledLine {
    SettledLine {
        month: month.to_string(),
        at: now.as_millis(),
        segments: sum.settlement.segments,
        accrued: Amount(sum.settlement.accrued),
        amount: Amount(sum.settlement.amount),
        cash: Amount(sum.cash),
        voucher: Amount(sum.voucher),
    }
}

fn lines_of(
    prices: &Prices,
    paying: Option<&Paying>,
    used: &[UsedOnDay],
    reached: &[Line],
) -> Vec<StatementLine> {
    let mut sums: BTreeMap<(u32, u32, String), Used> = BTreeMap::new();
    for (_, key, used) in used {
        let prefix = prices.card(key.tariff).and_then(|card| card.tariff.prefix_of(key.version, key.zone));
        let prefix = prefix.map_or_else(|| key.zone.to_string(), |prefix| prefix.digits());
        let sum = sums.entry((key.tariff, key.version, prefix)).or_default();
        *sum = sum.plus(*used);
    }
    let line = |((tag, version, prefix), used): ((u32, u32, String), Used)| {
        let own = |paying: &&Paying| paying.pricing.tag == tag;
        let is_it = |line: &&Line| line.version == version && line.prefix.digits() == prefix;
        let reached = paying.filter(own).and_then(|_| reached.iter().find(is_it));
        StatementLine {
            tariff: prices.card(tag).map(|card| card.name.clone()),
            version,
            price: prices.first_price(tag, version, &prefix).map(Amount),
            reached: reached.map(|line| Amount(line.price)),
            prefix,
            consumed: used.into(),
        }
    };
    sums.into_iter().map(line).collect()
}

fn payment(fact: &Fact) -> Option<PaymentLine> {
    let Says::Money { operation, before, after, .. } = &fact.says else { return None };
    Some(PaymentLine {
        fact: fact.id.0,
        at: fact.told_at.as_millis(),
        what: said::what(operation),
        before: Amount(before.money),
        after: Amount(after.money),
        segments_before: before.segments,
        segments_after: after.segments,
    })
}

fn day_line(
    prices: &Prices,
    carrier_name: &dyn Fn(CarrierId) -> String,
    (day, key, used): &UsedOnDay,
) -> DayLine {
    DayLine {
        day: Date::from_days(day.0).to_string(),
        carrier: carrier_name(key.carrier),
        destination: key.zone.to_string(),
        tariff: prices.card(key.tariff).map(|card| card.name.clone()),
        version: key.version,
        consumed: (*used).into(),
    }
}
