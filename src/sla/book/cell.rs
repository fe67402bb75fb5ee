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

impl Cell {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        self.add(Kind::Ended(outcome.class, outcome.fault));
        if let Some(why) = outcome.excluded_by {
            self.add(Kind::Excluded(why));
        }
        if outcome.unmapped {
            self.add(Kind::Unmapped);
        }
        if outcome.is_unreported() {
            self.add(Kind::Unreported);
        }
    }

    fn add(&mut self, kind: Kind) {
        let number = kind.number();
        match self.0.iter_mut().find(|(known, _)| *known == number) {
            Some((_, count)) => *count += 1,
            None => {
                let place = self.0.partition_point(|(known, _)| *known < number);
                self.0.insert(place, (number, 1));
            }
        }
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
