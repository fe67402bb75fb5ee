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

/// All that is counted of one end.
fn kinds(outcome: &Outcome, evidence: Option<FactId>) -> impl Iterator<Item = u32> {
    let ended = Kind::Ended(outcome.class, outcome.fault);
    let unmapped = outcome.unmapped.then_some(Kind::Unmapped);
    let unreported = outcome.is_unreported().then_some(Kind::Unreported);
    let (excluded, evidence) = (outcome.excluded_by.map(Kind::Excluded), evidence.map(Kind::Evidence));
    let all = [Some(ended), excluded, unmapped, unreported, evidence];
    all.into_iter().flatten().map(Kind::number)
}

impl Cell {
    /// Counts one end, and the fact that excluded it.
    pub fn count(&mut self, outcome: &Outcome, evidence: Option<FactId>) {
        kinds(outcome, evidence).for_each(|kind| self.add(kind, 1));
    }

    /// Counts so many ends that no fact excluded.
    pub fn count_many(&mut self, outcome: &Outcome, times: u64) {
        kinds(outcome, None).for_each(|kind| self.add(kind, times));
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

    /// Takes back one end that was counted, and the fact that excluded it; whether there was one such.
    pub(super) fn take(&mut self, outcome: &Outcome, evidence: Option<FactId>) -> bool {
        let found = kinds(outcome, evidence).next().is_some_and(|ended| self.take_kind(ended, 1));
        if found {
            kinds(outcome, evidence).skip(1).for_each(|kind| {
                self.take_kind(kind, 1);
            });
        }
        found
    }

    fn take_kind(&mut self, number: u32, times: u64) -> bool {
        let Some(place) = self.0.iter().position(|(known, _)| *known == number) else { return false };
        let Some((_, count)) = self.0.get_mut(place) else { return false };
        *count = count.saturating_sub(times);
        if *count == 0 {
            self.0.remove(place);
        }
        true
    }

    fn add(&mut self, number: u32, times: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == number) {
            Some((_, count)) => *count += times,
            None => {
                let place = self.0.partition_point(|(known, _)| *known < number);
                self.0.insert(place, (number, times));
            }
        }
    }

    fn add_some(&mut self, number: u32, times: u64) {
        if times > 0 {
            self.add(number, times);
        }
    }

    fn of(&self, number: u32) -> u64 {
        self.0.iter().find(|(known, _)| *known == number).map_or(0, |(_, count)| *count)
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
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
            [kind, count] => Some((u32::try_from(kind).ok()?, count)),
            _ => None,
        };
        Self(numbers.chunks_exact(2).filter_map(pair).collect())
    }
}

/// What came to a cell after its period was closed: what is in one of the two is not in the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Adjustment {
    /// What is more than at the close.
    pub more: Cell,
    /// What had been counted then, and is not so any more.
    pub less: Cell,
}

impl Adjustment {
    /// One more message ended so, and the fact that excluded it.
    pub fn add(&mut self, outcome: &Outcome, evidence: Option<FactId>) {
        for kind in kinds(outcome, evidence) {
            if !self.less.take_kind(kind, 1) {
                self.more.add(kind, 1);
            }
        }
    }

    /// One message that had been counted so, and the fact that had excluded it, is not.
    pub fn remove(&mut self, outcome: &Outcome, evidence: Option<FactId>) {
        for kind in kinds(outcome, evidence) {
            if !self.more.take_kind(kind, 1) {
                self.less.add(kind, 1);
            }
        }
    }

    /// Both together: what is more in the one and less in the other is neither.
    pub fn merge(&mut self, other: &Self) {
        for (kind, count) in &other.more.0 {
            let taken = self.less.of(*kind).min(*count);
            self.less.take_kind(*kind, taken);
            self.more.add_some(*kind, count - taken);
        }
        for (kind, count) in &other.less.0 {
            let taken = self.more.of(*kind).min(*count);
            self.more.take_kind(*kind, taken);
            self.less.add_some(*kind, count - taken);
        }
    }

    /// Whether nothing came.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.more.is_empty() && self.less.is_empty()
    }

    /// Brings what came later into the cell itself.
    pub fn settle(&self, cell: &mut Cell) {
        self.more.0.iter().for_each(|(kind, count)| cell.add(*kind, *count));
        for (kind, count) in &self.less.0 {
            cell.take_kind(*kind, *count);
        }
    }
}
