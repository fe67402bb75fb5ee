//! What ended how, by the day on which it was submitted? One verb, [`Book::count`]; sums of it are what success rates
//! and reports are made of.
//!
//! A fold over ends of messages. A message belongs to the day of its acceptance (A26) in UTC+8, the clock of the
//! contracts (A25), whatever the day of its end; so a day is settled once all of its messages are over. Days are kept
//! as long as there are not more than [`DAYS_KEPT`], and cells are made of what a report can be asked for: account,
//! carrier, category, zone.
//!
//! # The close
//!
//! When a period of an account closes ([`Book::close`]), what is not over counts as pending (A4), and the cells of its
//! days do not change any more (promise 14). What ends later, or turns out to have ended otherwise, stands beside them
//! as what is more and what is less than at the close: [`Standing`] gives both.

mod cell;
mod closing;
mod sums;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::hash::Hash;

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId};
pub use crate::base::time::ContractDay;
use crate::message::{Category, FactId, Outcome, Zone};

pub use cell::{Adjustment, Cell};
pub use closing::{CLOSINGS_MAX, Closing, Closings, days_of};
pub use sums::{Standing, Sums, Variant};

/// Days that are kept: a period of a month, the three days until it is closed, and the two months in which the latest
/// of the claims on it may come, with days to spare. One more sends the oldest away, which then is in the records only.
/// They are counted, not reckoned from the latest: a calendar that is far ahead for an hour costs one day, not all.
pub const DAYS_KEPT: usize = 100;

/// The most cells; some 100 octets each, so 10 MB, and as much in a snapshot. A hundred days have a thousand different
/// things each; what is new beyond that has its zone cut to a country (its first digits), so that it stays domestic
/// or international as it is, and a tenth beyond that its zone and category left out: an account, a carrier and a day
/// remain, which a report shows as messages of no known kind. The adjustments have as many of their own.
pub const CELLS_MAX: usize = 100_000;

/// The digits of a country (E.164 §6.1).
const COUNTRY_DIGITS: usize = 3;

/// Integers of one piece of a snapshot, where a cell may still begin: with the longest cell, that of every kind of end
/// and every fact there can be, they are 260 KB at eight octets each, within the longest record. An adjustment has each
/// of them once, too.
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

impl CellKey {
    /// The same, and where the messages went no finer than a country.
    fn by_country(self) -> Self {
        let digits = self.zone.to_string();
        let zone = Zone::new(digits.as_bytes(), COUNTRY_DIGITS as u8);
        Self { zone, ..self }
    }

    /// The same without what kind of messages and where they went.
    fn coarse(self) -> Self {
        Self { category: Category::default(), zone: Zone::default(), ..self }
    }
}

/// The ends of messages, by day and by what they are counted apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Book {
    cells: HashMap<CellKey, Cell>,
    /// What came to the cells of closed days after their close.
    adjusted: HashMap<CellKey, Adjustment>,
    /// The days of which anything is counted.
    days: BTreeSet<ContractDay>,
    closings: Closings,
}

impl Book {
    /// Counts one message that has ended.
    pub fn count(&mut self, key: CellKey, outcome: &Outcome) {
        self.count_by(key, outcome, None);
    }

    /// Counts one message that has ended, and the fact that excluded it.
    pub fn count_by(&mut self, key: CellKey, outcome: &Outcome, evidence: Option<FactId>) {
        if !self.keeps(key.day) {
            return;
        }
        if self.closings.has(key.account, key.day) {
            self.adjust(key, |adjustment| adjustment.add(outcome, evidence));
        } else {
            self.cells.entry(fit(&self.cells, key)).or_default().count(outcome, evidence);
        }
    }

    /// The first day of which everything is still counted here; while no day had to go, that is the first there is.
    #[must_use]
    pub fn kept_since(&self) -> ContractDay {
        let is_full = self.days.len() >= DAYS_KEPT;
        self.oldest().filter(|_| is_full).unwrap_or_default()
    }

    /// The cells, in no order: of closed days as they were at the close.
    pub fn cells(&self) -> impl Iterator<Item = (&CellKey, &Cell)> {
        self.cells.iter()
    }

    /// What came to the cells of closed days after the close, in no order.
    pub fn adjustments(&self) -> impl Iterator<Item = (&CellKey, &Adjustment)> {
        self.adjusted.iter()
    }

    /// A message that had been counted as `was` has ended as `now`: in a day that is open the one takes the place of
    /// the other, for a closed one both are adjustments. Nothing of a day that is not kept any more.
    pub fn correct(&mut self, key: CellKey, was: &Outcome, now: &Outcome) {
        self.correct_by(key, (was, None), (now, None));
    }

    /// The same, and the facts that excluded it as it had been counted, and exclude it now.
    pub fn correct_by(
        &mut self,
        key: CellKey,
        (was, before): (&Outcome, Option<FactId>),
        (now, evidence): (&Outcome, Option<FactId>),
    ) {
        if self.closings.has(key.account, key.day) {
            if self.keeps(key.day) {
                self.adjust(key, |adjustment| adjustment.remove(was, before));
                self.adjust(key, |adjustment| adjustment.add(now, evidence));
            }
            return;
        }
        for key in [key, key.by_country(), key.coarse()] {
            if let Some(cell) = self.cells.get_mut(&key)
                && cell.take(was, before)
            {
                return cell.count(now, evidence);
            }
        }
    }

    /// Closes a period of an account in which so many messages of each key of `open` are not over: those count as
    /// `pending`. A period of which a day is closed already is not closed again.
    pub fn close(
        &mut self,
        account: AccountId,
        closing: Closing,
        open: impl IntoIterator<Item = (CellKey, u64)>,
        pending: &Outcome,
    ) {
        if self.closings.overlap(account, closing.first, closing.last) {
            return;
        }
        for (key, messages) in open {
            if self.keeps(key.day) {
                self.cells.entry(fit(&self.cells, key)).or_default().count_many(pending, messages);
            }
        }
        self.closings.add(account, closing);
    }

    /// A message that was counted as `pending` when its period closed is over: that is one less.
    pub fn leave(&mut self, key: CellKey, pending: &Outcome) {
        if self.keeps(key.day) {
            self.adjust(key, |adjustment| adjustment.remove(pending, None));
        }
    }

    /// The oldest day of which anything is counted.
    #[must_use]
    pub fn oldest(&self) -> Option<ContractDay> {
        self.days.first().copied()
    }

    /// Which periods are closed.
    #[must_use]
    pub const fn closings(&self) -> &Closings {
        &self.closings
    }

    fn adjust(&mut self, key: CellKey, change: impl FnOnce(&mut Adjustment)) {
        let key = fit(&self.adjusted, key);
        let adjustment = self.adjusted.entry(key).or_default();
        change(adjustment);
        if adjustment.is_nothing() {
            self.adjusted.remove(&key);
        }
    }

    /// Whether a day is kept, or is from now on: then the oldest goes if they are too many.
    fn keeps(&mut self, day: ContractDay) -> bool {
        if self.days.contains(&day) {
            return true;
        }
        if self.days.len() >= DAYS_KEPT {
            if self.days.first().is_some_and(|oldest| day < *oldest) {
                return false;
            }
            if let Some(oldest) = self.days.pop_first() {
                self.cells.retain(|key, _| key.day != oldest);
                self.adjusted.retain(|key, _| key.day != oldest);
            }
        }
        self.days.insert(day)
    }

    /// The sums of all cells for which `wanted` is true: of closed days as they were at the close.
    #[must_use]
    pub fn sums(&self, wanted: impl Fn(&CellKey) -> bool) -> Sums {
        let mut sums = Sums::default();
        self.cells.iter().filter(|(key, _)| wanted(key)).for_each(|(_, cell)| sums.add(cell));
        sums
    }

    /// The same, with what came after the close beside it.
    #[must_use]
    pub fn standing(&self, wanted: impl Fn(&CellKey) -> bool) -> Standing {
        let mut standing = Standing { sums: self.sums(&wanted), ..Standing::default() };
        for (_, Adjustment { more, less }) in self.adjusted.iter().filter(|(key, _)| wanted(key)) {
            standing.more.add(more);
            standing.less.add(less);
        }
        standing
    }

    /// The book as it would be if nothing had ever been closed: what records of all messages add up to.
    #[must_use]
    pub fn settled(&self) -> Self {
        let mut settled = Self { cells: self.cells.clone(), ..Self::default() };
        for (key, adjustment) in &self.adjusted {
            adjustment.settle(settled.cells.entry(*key).or_default());
        }
        settled.cells.retain(|_, cell| !cell.is_empty());
        settled.days = settled.cells.keys().map(|key| key.day).collect();
        settled
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
        pieces(&self.cells, put_cell)
    }

    /// Puts back a piece of what [`Book::to_numbers`] gave.
    pub fn add_numbers(&mut self, mut numbers: &[u64]) {
        while let Some((key, behind)) = take_key(numbers) {
            let cell;
            (cell, numbers) = take_cell(behind);
            self.days.insert(key.day);
            self.cells.insert(key, cell);
        }
    }

    /// The adjustments, as [`Book::to_numbers`] gives the cells.
    #[must_use]
    pub fn to_adjustments(&self) -> Vec<Vec<u64>> {
        pieces(&self.adjusted, |Adjustment { more, less }, numbers| {
            put_cell(more, numbers);
            put_cell(less, numbers);
        })
    }

    /// Puts back a piece of what [`Book::to_adjustments`] gave.
    pub fn add_adjustments(&mut self, mut numbers: &[u64]) {
        while let Some((key, behind)) = take_key(numbers) {
            let (more, less);
            (more, numbers) = take_cell(behind);
            (less, numbers) = take_cell(numbers);
            self.days.insert(key.day);
            self.adjusted.insert(key, Adjustment { more, less });
        }
    }

    /// The closed periods, in pieces that fit into a record.
    #[must_use]
    pub fn to_closings(&self) -> Vec<Vec<u64>> {
        self.closings.to_numbers()
    }

    /// Puts back a piece of what [`Book::to_closings`] gave.
    pub fn add_closings(&mut self, numbers: &[u64]) {
        self.closings.add_numbers(numbers);
    }
}

/// The key under which something is counted that fits into the bounds ([`CELLS_MAX`]).
fn fit<V>(cells: &HashMap<CellKey, V>, key: CellKey) -> CellKey {
    if cells.len() < CELLS_MAX || cells.contains_key(&key) {
        return key;
    }
    let by_country = key.by_country();
    let has_room = cells.len() < CELLS_MAX + CELLS_MAX / 10;
    if has_room || cells.contains_key(&by_country) { by_country } else { key.coarse() }
}

fn pieces<V>(cells: &HashMap<CellKey, V>, put: impl Fn(&V, &mut Vec<u64>)) -> Vec<Vec<u64>> {
    let mut cells: Vec<_> = cells.iter().collect();
    cells.sort_unstable_by_key(|(key, _)| **key);
    let mut pieces: Vec<Vec<u64>> = Vec::new();
    for (key, cell) in cells {
        if pieces.last().is_none_or(|piece| piece.len() >= NUMBERS_PER_PIECE) {
            pieces.push(Vec::new());
        }
        if let Some(numbers) = pieces.last_mut() {
            put_key(key, numbers);
            put(cell, numbers);
        }
    }
    pieces
}

fn put_key(key: &CellKey, numbers: &mut Vec<u64>) {
    let whose = [u64::from(key.day.0), u64::from(key.account.0), u64::from(key.carrier.0)];
    numbers.extend(whose.into_iter().chain([key.category as u64, key.zone.number()]));
}

fn put_cell(cell: &Cell, numbers: &mut Vec<u64>) {
    let counts = cell.to_numbers();
    numbers.push(counts.len() as u64);
    numbers.extend(counts);
}

/// A key, and what stands behind it; `None` at the end.
fn take_key(numbers: &[u64]) -> Option<(CellKey, &[u64])> {
    let [day, account, carrier, category, zone, rest @ ..] = numbers else { return None };
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let category = usize::try_from(*category).ok().and_then(|place| Category::ALL.get(place));
    let key = CellKey {
        day: ContractDay(number(*day)),
        account: AccountId(number(*account)),
        carrier: CarrierId(number(*carrier)),
        category: category.copied().unwrap_or_default(),
        zone: Zone::from_number(*zone),
    };
    Some((key, rest))
}

fn take_cell(numbers: &[u64]) -> (Cell, &[u64]) {
    let Some((len, rest)) = numbers.split_first() else { return (Cell::default(), &[]) };
    let len = usize::try_from(*len).unwrap_or(usize::MAX).min(rest.len());
    let (counts, behind) = rest.split_at(len);
    (Cell::from_numbers(counts), behind)
}
