//! Sums of cells, and the success rate of them.

use crate::message::{Class, Exclusion, Fault};
use crate::sla::book::cell::{Cell, Kind};
use crate::sla::counters::Rate;

/// Which failures count against the provider (A2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Variant {
    /// Every explicit failure, whoever is at fault.
    Strict,
    /// Those of the platform and of the carriers that it chose, and those of which nobody knows whose they are.
    Attributable,
    /// Those of the platform alone, as the contracts' exclusions read literally.
    Literal,
}

impl Variant {
    /// Every variant, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Strict, Self::Attributable, Self::Literal];

    /// The variant in one lower-case word, for tables and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Attributable => "attributable",
            Self::Literal => "literal",
        }
    }

    const fn counts(self, fault: Fault) -> bool {
        match self {
            Self::Strict => true,
            Self::Attributable => matches!(fault, Fault::Platform | Fault::Carrier | Fault::Unknown),
            Self::Literal => matches!(fault, Fault::Platform | Fault::Unknown),
        }
    }
}

/// How many messages ended how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    ended: [[u64; Fault::ALL.len()]; Class::ALL.len()],
    excluded: [u64; Exclusion::ALL.len()],
    /// With a code, or a word, that no table has.
    pub unmapped: u64,
    /// Over without a receipt or a refusal: we stopped waiting.
    pub unreported: u64,
}

impl Sums {
    /// All that a cell has counted is in the sums too.
    pub fn add(&mut self, cell: &Cell) {
        for (kind, count) in cell.counts() {
            let sum = match kind {
                Kind::Ended(class, fault) => {
                    self.ended.get_mut(class as usize).and_then(|faults| faults.get_mut(fault as usize))
                }
                Kind::Excluded(why) => self.excluded.get_mut(why as usize),
                Kind::Unmapped => Some(&mut self.unmapped),
                Kind::Unreported => Some(&mut self.unreported),
                Kind::Evidence(_) => None,
            };
            if let Some(sum) = sum {
                *sum += count;
            }
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.each(other, u64::saturating_add);
        self
    }

    /// What is left without the other.
    #[must_use]
    pub fn minus(mut self, other: &Self) -> Self {
        self.each(other, u64::saturating_sub);
        self
    }

    fn each(&mut self, other: &Self, with: impl Fn(u64, u64) -> u64) {
        let ours = self.ended.as_flattened_mut().iter_mut().chain(&mut self.excluded);
        let theirs = other.ended.as_flattened().iter().chain(&other.excluded);
        ours.zip(theirs).for_each(|(our, their)| *our = with(*our, *their));
        self.unmapped = with(self.unmapped, other.unmapped);
        self.unreported = with(self.unreported, other.unreported);
    }

    /// Those of one class.
    #[must_use]
    pub fn of(&self, class: Class) -> u64 {
        self.ended.get(class as usize).map_or(0, |faults| faults.iter().sum())
    }

    /// Those that are excluded for this reason.
    #[must_use]
    pub fn excluded(&self, why: Exclusion) -> u64 {
        self.excluded.get(why as usize).copied().unwrap_or(0)
    }

    /// All that ended.
    #[must_use]
    pub fn total(&self) -> u64 {
        Class::ALL.iter().map(|class| self.of(*class)).sum()
    }

    /// The success rate (R1): what is invalid or excluded is in neither count (A3), silence is in the denominator (A4).
    #[must_use]
    pub fn rate(&self, variant: Variant) -> Rate {
        let faults = self.ended.get(Class::ExplicitFailure as usize).copied().unwrap_or_default();
        let counted = Fault::ALL.iter().zip(faults).filter(|(fault, _)| variant.counts(**fault));
        let failures = self.of(Class::ExplicitFailure);
        Rate {
            failures: counted.map(|(_, count)| count).sum(),
            valid: self.of(Class::Delivered) + failures + self.of(Class::Pending),
        }
    }

    /// How many of those that can be reported were: the receipt coverage, beside the rate (A4).
    #[must_use]
    pub fn reported(&self) -> (u64, u64) {
        (self.total().saturating_sub(self.unreported), self.total())
    }
}

/// How some messages ended, as it stood when their periods were closed, and what came since.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// What does not change once the period is closed; until then it is all.
    pub sums: Sums,
    /// Ends that came, or were corrected, after the close.
    pub more: Sums,
    /// What these ends had been counted as at the close.
    pub less: Sums,
}

impl Standing {
    /// What the sums would be with all that is known by now.
    #[must_use]
    pub fn adjusted(&self) -> Sums {
        self.sums.plus(&self.more).minus(&self.less)
    }
}
