//! What was used, and what was paid for it? One verb, [`Usage::cell`]; sums of it are what statements, reconciliation
//! and month's ends are made of.
//!
//! A fold over the money of messages. A message belongs to the day of its acceptance by the contracts' clock (UTC+8,
//! A25), or to the day on which its money moved when the month of its acceptance has been settled by then: what a bill
//! has counted stays as it was (R38).

use std::collections::BTreeMap;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::money::Money;
use crate::base::time::ContractDay;
use crate::message::Zone;
use crate::rating::wallet::Spent;

/// Days that are kept: a month, the weeks in which its bill is argued about, and another month. What is older is in
/// the records.
pub const DAYS_KEPT: usize = 100;

/// The most cells; some 200 octets each, so 20 MB. What comes beyond is counted without its zone, so without its price:
/// the amounts stay exact, but whoever has such a month settles it by hand.
pub const CELLS_MAX: usize = 100_000;

/// Cells of one piece of a snapshot: 160 KB, within the longest record.
const CELLS_PER_PIECE: usize = 1000;

/// What a cell counts, within a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UsageKey {
    /// Whose messages.
    pub account: AccountId,
    /// The carrier that had them when their money moved.
    pub carrier: CarrierId,
    /// Where they went.
    pub zone: Zone,
    /// By which tariff they were priced, as its tag; 0 for those that are free.
    pub tariff: u32,
    /// By which version of it; 0 for those that are free.
    pub version: u32,
}

/// Messages, and their segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Volume {
    /// Messages; each part of a long one is one here.
    pub messages: u64,
    /// Segments.
    pub segments: u64,
}

/// What was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Used {
    /// Accepted, by billable segments.
    pub accepted: Volume,
    /// Charged, by billable segments.
    pub charged: Volume,
    /// Over and not charged, by billable segments.
    pub released: Volume,
    /// Taken by the carrier, by segments as they were sent: what the carrier will charge for.
    pub taken: Volume,
    /// What was paid, and with what.
    pub paid: Spent,
    /// Charged segments that were paid with money, not from packages: those whose volume decides the tier (R35).
    pub for_money: u64,
}

const NUMBERS: usize = 14;

impl Volume {
    /// One more message of so many segments.
    pub const fn count(&mut self, segments: u64) {
        self.messages = self.messages.saturating_add(1);
        self.segments = self.segments.saturating_add(segments);
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_add(other.messages),
            segments: self.segments.saturating_add(other.segments),
        }
    }
}

impl Used {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            accepted: self.accepted.plus(other.accepted),
            charged: self.charged.plus(other.charged),
            released: self.released.plus(other.released),
            taken: self.taken.plus(other.taken),
            paid: self.paid.plus(other.paid),
            for_money: self.for_money.saturating_add(other.for_money),
        }
    }

    const fn to_numbers(self) -> [u64; NUMBERS] {
        let Self { accepted, charged, released, taken, paid, for_money } = self;
        [
            accepted.messages,
            accepted.segments,
            charged.messages,
            charged.segments,
            released.messages,
            released.segments,
            taken.messages,
            taken.segments,
            paid.voucher.as_micros().cast_unsigned(),
            paid.cash.as_micros().cast_unsigned(),
            paid.credit.as_micros().cast_unsigned(),
            paid.segments,
            paid.package_value.as_micros().cast_unsigned(),
            for_money,
        ]
    }

    const fn from_numbers(numbers: [u64; NUMBERS]) -> Self {
        let [a, b, c, d, e, f, g, h, voucher, cash, credit, segments, value, for_money] = numbers;
        const fn money(micros: u64) -> Money {
            Money::from_micros(micros.cast_signed())
        }
        Self {
            accepted: Volume { messages: a, segments: b },
            charged: Volume { messages: c, segments: d },
            released: Volume { messages: e, segments: f },
            taken: Volume { messages: g, segments: h },
            paid: Spent {
                voucher: money(voucher),
                cash: money(cash),
                credit: money(credit),
                segments,
                package_value: money(value),
            },
            for_money,
        }
    }
}

/// All that was used, by day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    days: BTreeMap<ContractDay, HashMap<UsageKey, Used>>,
    /// How many cells there are.
    count: usize,
}

impl Usage {
    /// The cell of that day. `None` for a day that is older than all that are kept.
    pub fn cell(&mut self, day: ContractDay, key: UsageKey) -> Option<&mut Used> {
        let Self { days, count } = self;
        if !days.contains_key(&day) && days.len() >= DAYS_KEPT {
            let oldest = days.first_entry().filter(|oldest| *oldest.key() < day)?;
            *count -= oldest.remove().len();
        }
        let cells = days.entry(day).or_default();
        let is_full = *count >= CELLS_MAX && !cells.contains_key(&key);
        let key = if is_full { UsageKey { zone: Zone::default(), ..key } } else { key };
        Some(match cells.entry(key) {
            Entry::Occupied(cell) => cell.into_mut(),
            Entry::Vacant(place) => {
                *count += 1;
                place.insert(Used::default())
            }
        })
    }

    /// Every cell with its day, in the order of both.
    pub fn iter(&self) -> impl Iterator<Item = (ContractDay, UsageKey, Used)> {
        self.days.iter().flat_map(|(day, cells)| {
            let mut cells: Vec<_> = cells.iter().map(|(key, used)| (*day, *key, *used)).collect();
            cells.sort_unstable_by_key(|(_, key, _)| *key);
            cells
        })
    }

    /// The cells for which `wanted` is true, each with its day, in the order of both.
    pub fn select(
        &self,
        wanted: impl Fn(ContractDay, &UsageKey) -> bool,
    ) -> Vec<(ContractDay, UsageKey, Used)> {
        let cells = self.days.iter().flat_map(|(day, cells)| cells.iter().map(|cell| (*day, cell)));
        let cells = cells.filter(|(day, (key, _))| wanted(*day, key));
        let mut cells: Vec<_> = cells.map(|(day, (key, used))| (day, *key, *used)).collect();
        cells.sort_unstable_by_key(|(day, key, _)| (*day, *key));
        cells
    }

    /// What the accounts paid for which `wanted` is true, by account and day: one look at every cell, however many are
    /// wanted.
    #[must_use]
    pub fn paid(
        &self,
        wanted: impl Fn(AccountId) -> bool,
    ) -> HashMap<AccountId, BTreeMap<ContractDay, Spent>> {
        let mut paid: HashMap<AccountId, BTreeMap<ContractDay, Spent>> = HashMap::new();
        for (day, cells) in &self.days {
            for (key, used) in cells.iter().filter(|(key, _)| wanted(key.account)) {
                let sum = paid.entry(key.account).or_default().entry(*day).or_default();
                *sum = sum.plus(used.paid);
            }
        }
        paid
    }

    /// Whether all of a day is still here: no cell of that day, or of a later one, was taken out.
    #[must_use]
    pub fn has_all_of(&self, day: ContractDay) -> bool {
        self.days.len() < DAYS_KEPT || self.days.first_key_value().is_some_and(|(first, _)| *first <= day)
    }

    /// The sum of all cells for which `wanted` is true.
    #[must_use]
    pub fn sum(&self, wanted: impl Fn(ContractDay, &UsageKey) -> bool) -> Used {
        let cells = self.days.iter().flat_map(|(day, cells)| cells.iter().map(|cell| (*day, cell)));
        let cells = cells.filter(|(day, (key, _))| wanted(*day, key));
        cells.fold(Used::default(), |sum, (_, (_, used))| sum.plus(*used))
    }

    /// The cells as integers, for a snapshot, in pieces that fit into a record.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<Vec<u64>> {
        let cells: Vec<_> = self.iter().collect();
        let written = |(day, key, used): &(ContractDay, UsageKey, Used)| {
            let UsageKey { account, carrier, zone, tariff, version } = key;
            let numbers = [day.0, account.0, carrier.0, *tariff, *version].map(u64::from);
            numbers.into_iter().chain([zone.number(), NUMBERS as u64]).chain(used.to_numbers())
        };
        cells.chunks(CELLS_PER_PIECE).map(|cells| cells.iter().flat_map(written).collect()).collect()
    }

    /// Puts back a piece of what [`Usage::to_numbers`] gave. New numbers come at the end; what an older snapshot does
    /// not have is zero.
    pub fn add_numbers(&mut self, mut numbers: &[u64]) {
        while let [day, account, carrier, tariff, version, zone, len, rest @ ..] = numbers {
            let len = usize::try_from(*len).unwrap_or(usize::MAX).min(rest.len());
            let (counts, behind) = rest.split_at(len);
            numbers = behind;
            let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            let key = UsageKey {
                account: AccountId(number(*account)),
                carrier: CarrierId(number(*carrier)),
                zone: Zone::from_number(*zone),
                tariff: number(*tariff),
                version: number(*version),
            };
            let counts = std::array::from_fn(|place| counts.get(place).copied().unwrap_or(0));
            if let Some(cell) = self.cell(ContractDay(number(*day)), key) {
                *cell = Used::from_numbers(counts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(zone: &[u8]) -> UsageKey {
        let zone = Zone::new(zone, 7);
        UsageKey { account: AccountId(1), carrier: CarrierId(2), zone, tariff: 3, version: 4 }
    }

    #[test]
    fn the_oldest_day_goes_when_there_are_too_many_however_far_the_calendar_jumps() {
        let mut usage = Usage::default();
        for day in (1..=100).chain([40_000]) {
            usage.cell(ContractDay(day), key(b"86")).unwrap().accepted.count(1);
        }
        assert_eq!(usage.sum(|_, _| true).accepted.messages, 100);
        assert_eq!(usage.sum(|day, _| day.0 == 1).accepted.messages, 0);
        assert!(usage.cell(ContractDay(1), key(b"86")).is_none(), "a day before all that are kept");
        assert!(usage.cell(ContractDay(2), key(b"44")).is_some());
    }

    #[test]
    fn a_snapshot_gives_the_same_cells() {
        let mut usage = Usage::default();
        for number in 0..2500_u32 {
            let zone = number.to_string();
            let cell = usage.cell(ContractDay(7 + number % 3), key(zone.as_bytes())).unwrap();
            cell.charged.count(u64::from(number));
            cell.paid.voucher = Money::from_micros(-1);
            cell.for_money = 9;
        }
        let mut again = Usage::default();
        for piece in usage.to_numbers() {
            assert!(piece.len() * 8 < 250 * 1024, "a piece fits into a record");
            again.add_numbers(&piece);
        }
        assert_eq!(again, usage);
        assert_eq!(again.count, 2500);
    }

    #[test]
    fn beyond_the_most_cells_amounts_stay_exact_and_only_the_zone_is_lost() {
        let mut usage = Usage::default();
        let places = (0..=CELLS_MAX).map(|number| format!("{number:07}"));
        for place in places {
            usage.cell(ContractDay(7), key(place.as_bytes())).unwrap().charged.count(2);
        }
        assert_eq!(usage.sum(|_, _| true).charged.segments, 2 * (CELLS_MAX as u64 + 1));
        let coarse = usage.sum(|_, key| key.zone == Zone::default());
        assert_eq!(coarse.charged, Volume { messages: 1, segments: 2 });
    }
}
