//! One cell: few of the many ways to end occur in one place, so only those are kept.

use crate::message::{Class, Exclusion, Fault, Outcome};

/// What is counted: an end as a class and a fault, or something about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// How it ended.
    Ended(Class, Fault),
    /// Why it was excluded.
    Excluded(Exclusion),
    /// With a code that no table has.
    Unmapped,
    /// That nobody reported it.
    Unreported,
}

/// Counts by kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell(Vec<(u8, u64)>);

const FAULTS: u8 = Fault::ALL.len() as u8;
/// Numbers of the kinds behind the ends. They stand in snapshots: a new one goes to the end, and a new class or fault
/// needs another beginning.
const EXCLUDED: u8 = 64;
const UNMAPPED: u8 = 128;
const UNREPORTED: u8 = 129;

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Ended(class, fault) => class as u8 * FAULTS + fault as u8,
            Self::Excluded(why) => EXCLUDED + why as u8,
            Self::Unmapped => UNMAPPED,
            Self::Unreported => UNREPORTED,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        match number {
            UNMAPPED => Some(Self::Unmapped),
            UNREPORTED => Some(Self::Unreported),
            EXCLUDED..UNMAPPED => {
                Exclusion::ALL.get(usize::from(number - EXCLUDED)).copied().map(Self::Excluded)
            }
            _ => {
                let class = *Class::ALL.get(usize::from(number / FAULTS))?;
                Some(Self::Ended(class, *Fault::ALL.get(usize::from(number % FAULTS))?))
            }
        }
    }
}

/// All that is counted of one end.
fn kinds(outcome: &Outcome) -> impl Iterator<Item = u8> {
    let ended = Kind::Ended(outcome.class, outcome.fault);
    let unmapped = outcome.unmapped.then_some(Kind::Unmapped);
    let unreported = outcome.is_unreported().then_some(Kind::Unreported);
    let all = [Some(ended), outcome.excluded_by.map(Kind::Excluded), unmapped, unreported];
    all.into_iter().flatten().map(Kind::number)
}

impl Cell {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        self.count_many(outcome, 1);
    }

    pub(super) fn count_many(&mut self, outcome: &Outcome, times: u64) {
        kinds(outcome).for_each(|kind| self.add(kind, times));
    }

    /// Takes back one end that was counted; whether there was one such.
    pub(super) fn take(&mut self, outcome: &Outcome) -> bool {
        let found = kinds(outcome).next().is_some_and(|ended| self.take_kind(ended, 1));
        if found {
            kinds(outcome).skip(1).for_each(|kind| {
                self.take_kind(kind, 1);
            });
        }
        found
    }

    fn take_kind(&mut self, number: u8, times: u64) -> bool {
        let Some(place) = self.0.iter().position(|(known, _)| *known == number) else { return false };
        let Some((_, count)) = self.0.get_mut(place) else { return false };
        *count = count.saturating_sub(times);
        if *count == 0 {
            self.0.remove(place);
        }
        true
    }

    fn add(&mut self, number: u8, times: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == number) {
            Some((_, count)) => *count += times,
            None => {
                let place = self.0.partition_point(|(known, _)| *known < number);
                self.0.insert(place, (number, times));
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.0.iter().filter_map(|(number, count)| Some((Kind::from_number(*number)?, *count)))
    }

    /// The counts as pairs of integers, for a snapshot.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        self.0.iter().flat_map(|(kind, count)| [u64::from(*kind), *count]).collect()
    }

    /// What [`Cell::to_numbers`] gave.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Self {
        let pair = |pair: &[u64]| match *pair {
            [kind, count] => Some((u8::try_from(kind).ok()?, count)),
            _ => None,
        };
        Self(numbers.chunks_exact(2).filter_map(pair).collect())
    }
}

/// What came to a cell after its period was closed: what is in one of the two is not in the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Adjustment {
    pub(super) more: Cell,
    pub(super) less: Cell,
}

impl Adjustment {
    /// One more message ended so.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        for kind in kinds(outcome) {
            if !self.less.take_kind(kind, 1) {
                self.more.add(kind, 1);
            }
        }
    }

    /// One message that had been counted so is not.
    pub(super) fn remove(&mut self, outcome: &Outcome) {
        for kind in kinds(outcome) {
            if !self.more.take_kind(kind, 1) {
                self.less.add(kind, 1);
            }
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.more.0.is_empty() && self.less.0.is_empty()
    }

    /// Brings what came later into the cell itself.
    pub(super) fn settle(&self, cell: &mut Cell) {
        self.more.0.iter().for_each(|(kind, count)| cell.add(*kind, *count));
        for (kind, count) in &self.less.0 {
            cell.take_kind(*kind, *count);
        }
    }
}
