//! One cell: few of the many ways to end occur in one place, so only those are kept.

use crate::message::{Class, Exclusion, FactId, Fault, Outcome};

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
    /// That this fact excluded it.
    Evidence(FactId),
}

/// Counts by kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell(Vec<(u32, u64)>);

const FAULTS: u32 = Fault::ALL.len() as u32;
/// Numbers of the kinds behind the ends. They stand in snapshots: a new one goes to the end, and a new class or fault
/// needs another beginning.
const EXCLUDED: u32 = 64;
const UNMAPPED: u32 = 128;
const UNREPORTED: u32 = 129;
/// From here on facts by their numbers; there is room for other kinds before them.
const EVIDENCE: u32 = 256;

impl Kind {
    const fn number(self) -> u32 {
        match self {
            Self::Ended(class, fault) => class as u32 * FAULTS + fault as u32,
            Self::Excluded(why) => EXCLUDED + why as u32,
            Self::Unmapped => UNMAPPED,
            Self::Unreported => UNREPORTED,
            Self::Evidence(FactId(fact)) => EVIDENCE.saturating_add(fact),
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        match number {
            UNMAPPED => Some(Self::Unmapped),
            UNREPORTED => Some(Self::Unreported),
            EXCLUDED..UNMAPPED => {
                Exclusion::ALL.get((number - EXCLUDED) as usize).copied().map(Self::Excluded)
            }
            EVIDENCE.. => Some(Self::Evidence(FactId(number - EVIDENCE))),
            _ => {
                let class = *Class::ALL.get((number / FAULTS) as usize)?;
                Some(Self::Ended(class, *Fault::ALL.get((number % FAULTS) as usize)?))
            }
        }
    }
}

impl Cell {
    /// Counts one end, and the fact that excluded it.
    pub fn count(&mut self, outcome: &Outcome, evidence: Option<FactId>) {
        self.add(Kind::Ended(outcome.class, outcome.fault).number(), 1);
        if let Some(why) = outcome.excluded_by {
            self.add(Kind::Excluded(why).number(), 1);
        }
        if outcome.unmapped {
            self.add(Kind::Unmapped.number(), 1);
        }
        if outcome.is_unreported() {
            self.add(Kind::Unreported.number(), 1);
        }
        if let Some(fact) = evidence {
            self.add(Kind::Evidence(fact).number(), 1);
        }
    }

    /// All that another cell has counted is counted in this one too.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(kind, count)| self.add(*kind, *count));
    }

    /// The facts that excluded messages, and how many each.
    pub fn evidence(&self) -> impl Iterator<Item = (FactId, u64)> {
        self.counts().filter_map(|(kind, count)| match kind {
            Kind::Evidence(fact) => Some((fact, count)),
            Kind::Ended(..) | Kind::Excluded(_) | Kind::Unmapped | Kind::Unreported => None,
        })
    }

    fn add(&mut self, number: u32, more: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == number) {
            Some((_, count)) => *count += more,
            None => {
                let place = self.0.partition_point(|(known, _)| *known < number);
                self.0.insert(place, (number, more));
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
            [kind, count] => Some((u32::try_from(kind).ok()?, count)),
            _ => None,
        };
        Self(numbers.chunks_exact(2).filter_map(pair).collect())
    }
}
