//! What did a carrier take in a month, what will it charge for that, and what is left over?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::money::Prices;
use crate::app::money::amount::Amount;
use crate::app::money::statement::{Counted, money_of};
use crate::base::calendar::{Date, Month};
use crate::base::money::Money;
use crate::base::time::ContractDay;
use crate::engine::ledger::UsedOnDay;
use crate::message::Zone;
use crate::rating::tariff::{Settlement, Usage};
use crate::rating::usage::{Used, Volume};
use crate::rating::{Cost, UnitPrice};

/// A carrier's month.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CarrierMonth {
    /// The carrier.
    pub carrier: String,
    /// The month, by the contracts' clock (UTC+8).
    pub month: String,
    /// The tariff that it charges by; none when what it takes is not known.
    pub tariff: Option<String>,
    /// What its amounts are of.
    pub currency: Option<String>,
    /// What it took, by day and destination.
    pub days: Vec<CarrierDay>,
    /// Whether that is all of it: older days are in the records only.
    pub has_all: bool,
    /// All that it took, by segments as they were sent.
    pub taken: Counted,
    /// What that costs, each at the tier that the month has reached; none when that is not known.
    pub cost: Option<Amount>,
    /// Segments that its tariff has no price for. They are not in the cost.
    pub unpriced: u64,
    /// What accounts were charged for messages that it had when their money moved, by what the amounts are of: of
    /// vouchers, cash and credit, and what was paid for segments of packages. Before rebates.
    pub charged: BTreeMap<String, Amount>,
    /// What of that vouchers paid.
    pub voucher: BTreeMap<String, Amount>,
    /// What was charged less what it costs; none when the cost is not known, or is of something else.
    pub margin: Option<Amount>,
}

/// What a carrier took on a day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CarrierDay {
    /// The day, as [`DayLine::day`](super::statement::DayLine::day).
    pub day: String,
    /// The digits of the zone; nothing for everywhere.
    pub destination: String,
    /// The version of the carrier's tariff; none where it has no price.
    pub version: Option<u32>,
    /// The prefix of it that decides.
    pub prefix: Option<String>,
    /// What it took.
    pub taken: Counted,
    /// What each segment costs, at the tier that the month has reached.
    pub price: Option<Amount>,
    /// What all of them cost.
    pub cost: Option<Amount>,
}

/// A carrier's month, from what was used of it.
pub(super) fn carrier_month(
    prices: &Prices,
    carrier: &str,
    month: Month,
    (used, has_all): (&[UsedOnDay], bool),
) -> CarrierMonth {
    let mut by_day: BTreeMap<(ContractDay, Zone), Volume> = BTreeMap::new();
    for (day, key, used) in used.iter().filter(|(_, _, used)| used.taken != Volume::default()) {
        let sum = by_day.entry((*day, key.zone)).or_default();
        *sum = sum.plus(used.taken);
    }
    let cost = prices.cost(carrier);
    let settled = cost.and_then(|cost| settled(cost, &by_day));
    let lines =
        by_day.iter().map(|((day, zone), taken)| day_line(cost, settled.as_ref(), *day, *zone, *taken));
    let days: Vec<_> = lines.collect();
    let taken = used.iter().fold(Used::default(), |all, (_, _, used)| all.plus(*used)).taken;
    let currency = cost.and_then(|cost| prices.currency(&cost.name));
    let (charged, voucher) = charged(prices, used);
    let amount = settled.as_ref().map(|settled| settled.amount);
    let unpriced = days.iter().filter(|day| day.cost.is_none()).map(|day| day.taken.segments).sum();
    CarrierMonth {
        carrier: carrier.to_owned(),
        month: month.to_string(),
        tariff: cost.map(|cost| cost.name.clone()),
        margin: amount.and_then(|cost| margin(&charged, currency, cost)).map(Amount),
        currency: currency.map(str::to_owned),
        has_all,
        taken: taken.into(),
        cost: amount.map(Amount),
        unpriced,
        days,
        charged,
        voucher,
    }
}

/// What was charged less the cost, where all of it is of one currency.
fn margin(charged: &BTreeMap<String, Amount>, currency: Option<&str>, cost: Money) -> Option<Money> {
    let currency = currency?;
    if charged.keys().any(|of| of != currency) {
        return None;
    }
    charged.get(currency).copied().unwrap_or_default().0.checked_sub(cost)
}

fn charged(prices: &Prices, used: &[UsedOnDay]) -> (BTreeMap<String, Amount>, BTreeMap<String, Amount>) {
    let (mut charged, mut vouchers) = (BTreeMap::new(), BTreeMap::new());
    for (_, key, Used { paid, .. }) in used {
        let all = money_of(paid).saturating_add(paid.package_value);
        if all.is_zero() {
            continue;
        }
        // A tariff that is not in the settings any more: nobody knows what its amounts are of.
        let currency = prices.card(key.tariff).map_or("?", |card| card.currency.as_str());
        for (sums, amount) in [(&mut charged, all), (&mut vouchers, paid.voucher)] {
            let sum: &mut Amount = sums.entry(currency.to_owned()).or_default();
            *sum = Amount(sum.0.saturating_add(amount));
        }
    }
    (charged, vouchers)
}

fn price_at(cost: &Cost, day: ContractDay, zone: Zone) -> Option<UnitPrice> {
    cost.tariff.price_at(zone.to_string().as_bytes(), day.start())
}

fn settled(cost: &Cost, by_day: &BTreeMap<(ContractDay, Zone), Volume>) -> Option<Settlement> {
    let usage = |((day, zone), taken): (&(ContractDay, Zone), &Volume)| {
        let UnitPrice { version, prefix, .. } = price_at(cost, *day, *zone)?;
        Some(Usage { version, prefix, segments: taken.segments })
    };
    let usage: Vec<_> = by_day.iter().filter_map(usage).collect();
    cost.tariff.settle_month(&usage).ok()
}

fn day_line(
    cost: Option<&Cost>,
    settled: Option<&Settlement>,
    day: ContractDay,
    zone: Zone,
    taken: Volume,
) -> CarrierDay {
    let unit = cost.and_then(|cost| price_at(cost, day, zone));
    let lines = settled.map(|settled| settled.lines.as_slice()).unwrap_or_default();
    let line = unit.and_then(|unit| {
        lines.iter().find(|line| (line.version, line.prefix) == (unit.version, unit.prefix))
    });
    CarrierDay {
        day: Date::from_days(day.0).to_string(),
        destination: zone.to_string(),
        version: unit.map(|unit| unit.version),
        prefix: unit.map(|unit| unit.prefix.digits()),
        taken: taken.into(),
        price: line.map(|line| Amount(line.price)),
        cost: line.and_then(|line| line.price.checked_mul(taken.segments)).map(Amount),
    }
}
