//! What ended how, by the day on which it was submitted? One verb, [`Book::count`]; sums of it are what success rates
//! and reports are made of.
//!
//! A fold over ends of messages. A message belongs to the day of its acceptance (A26) in UTC+8, the clock of the
//! contracts (A25), whatever the day of its end; so a day is settled once all of its messages are over. Days are kept
//! for [`DAYS_KEPT`], and cells are made of what a report can be asked for: account, carrier, category, zone.

mod cell;
mod sums;
#[cfg(test)]
mod tests;

use std::hash::Hash;

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::{Category, FactId, Outcome, Zone};

pub use cell::Cell;
pub use sums::{Sums, Variant};

/// A day of the contracts' clock, UTC+8: how many there were since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ContractDay(pub u32);

/// How far the contracts' clock is ahead of UTC (A25), in milliseconds.
const AHEAD_MS: u64 = 8 * 3_600_000;
const DAY_MS: u64 = 86_400_000;

impl ContractDay {
    /// The day in which `at` lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_millis().saturating_add(AHEAD_MS) / DAY_MS).unwrap_or(u32::MAX))
    }

    /// When it begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_millis((u64::from(self.0) * DAY_MS).saturating_sub(AHEAD_MS))
    }
}

/// Days that are kept behind the latest: a period of a month, the three days until it is closed, and the two months
/// in which the latest of the claims on it may come, with days to spare. What is older is in the records.
pub const DAYS_KEPT: u32 = 100;

/// The most cells; some 100 octets each, so 50 MB. Days on which more different things happen have those that come
/// later counted without their zone and category: an account, a carrier and a day remain.
pub const CELLS_MAX: usize = 500_000;

/// Integers of one piece of a snapshot, where a cell may still begin: with the longest cell, that of every kind of end
/// and every fact there can be, they are 260 KB at eight octets each, within the longest record.
const NUMBERS_PER_PIECE: usize = 24_000;

/// What a cell counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CellKey {
    /// The day of acceptance.
    pub day: ContractDay,
    /// Whose messages.
    pub account: AccountId,
    /// The carrier that had them last.
    pub carrier: CarrierId,
    /// What kind of messages.
    pub category: Category,
    /// Where they went.
    pub zone: Zone,
}

/// The ends of messages, by day and by what they are counted apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Book {
    cells: HashMap<CellKey, Cell>,
    /// The latest day of which anything is counted.
    latest: ContractDay,
}

impl Book {
    /// Counts one message that has ended.
    pub fn count(&mut self, key: CellKey, outcome: &Outcome) {
        self.count_by(key, outcome, None);
    }

    /// Counts one message that has ended, and the fact that excluded it.
    pub fn count_by(&mut self, key: CellKey, outcome: &Outcome, evidence: Option<FactId>) {
        if key.day > self.latest {
            self.latest = key.day;
            let oldest = key.day.0.saturating_sub(DAYS_KEPT);
            self.cells.retain(|key, _| key.day.0 >= oldest);
        } else if key.day.0 < self.latest.0.saturating_sub(DAYS_KEPT) {
            return;
        }
        let is_new = !self.cells.contains_key(&key);
        let coarse = CellKey { category: Category::default(), zone: Zone::default(), ..key };
        let key = if is_new && self.cells.len() >= CELLS_MAX { coarse } else { key };
        self.cells.entry(key).or_default().count(outcome, evidence);
    }

    /// The first day of which everything is still counted here.
    #[must_use]
    pub const fn kept_since(&self) -> ContractDay {
        ContractDay(self.latest.0.saturating_sub(DAYS_KEPT))
    }

    /// The cells, in no order.
    pub fn cells(&self) -> impl Iterator<Item = (&CellKey, &Cell)> {
        self.cells.iter()
    }

    /// The sums of all cells for which `wanted` is true.
    #[must_use]
    pub fn sums(&self, wanted: impl Fn(&CellKey) -> bool) -> Sums {
        let mut sums = Sums::default();
        self.cells.iter().filter(|(key, _)| wanted(key)).for_each(|(_, cell)| sums.add(cell));
        sums
    }

    /// The sums of one day, by whatever of their keys.
    #[must_use]
    pub fn by<K: Eq + Hash>(&self, day: ContractDay, what: impl Fn(&CellKey) -> K) -> HashMap<K, Sums> {
        let mut by = HashMap::new();
        for (key, cell) in self.cells.iter().filter(|(key, _)| key.day == day) {
            by.entry(what(key)).or_insert_with(Sums::default).add(cell);
        }
        by
    }

    /// The cells as integers, for a snapshot, in the order of their keys and in pieces that fit into a record.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<Vec<u64>> {
        let mut cells: Vec<_> = self.cells.iter().collect();
        cells.sort_unstable_by_key(|(key, _)| **key);
        let mut pieces: Vec<Vec<u64>> = Vec::new();
        for (key, cell) in cells {
            match pieces.last_mut().filter(|piece| piece.len() < NUMBERS_PER_PIECE) {
                Some(piece) => piece.extend(written(key, cell)),
                None => pieces.push(written(key, cell)),
            }
        }
        pieces
    }

    /// Puts back a piece of what [`Book::to_numbers`] gave.
    pub fn add_numbers(&mut self, mut numbers: &[u64]) {
        while let [day, account, carrier, category, zone, len, rest @ ..] = numbers {
            let len = usize::try_from(*len).unwrap_or(usize::MAX).min(rest.len());
            let (counts, behind) = rest.split_at(len);
            numbers = behind;
            let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            let category = usize::try_from(*category).ok().and_then(|place| Category::ALL.get(place));
            let key = CellKey {
                day: ContractDay(number(*day)),
                account: AccountId(number(*account)),
                carrier: CarrierId(number(*carrier)),
                category: category.copied().unwrap_or_default(),
                zone: Zone::from_number(*zone),
            };
            self.latest = self.latest.max(key.day);
            self.cells.insert(key, Cell::from_numbers(counts));
        }
    }
}

fn written(key: &CellKey, cell: &Cell) -> Vec<u64> {
    let counts = cell.to_numbers();
    let mut numbers = vec![
        u64::from(key.day.0),
        u64::from(key.account.0),
        u64::from(key.carrier.0),
        key.category as u64,
        key.zone.number(),
        counts.len() as u64,
    ];
    numbers.extend(counts);
    numbers
}
