//! What happened to the messages of one account.

use super::numbers::{first, grouped, groups};
use super::{ByClass, Rate, rate};
use crate::message::Refusal;

/// What happened to the messages of one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AccountCounts {
    /// Accepted: promised to be brought to an end.
    pub accepted: u64,
    /// Refused, by reason.
    pub(super) refused: [u64; Refusal::ALL.len()],
    /// Ended, by class.
    pub ended: ByClass,
    /// Ended as pending, and corrected by a late receipt, by the class that it says.
    pub corrected: ByClass,
    /// Ended with a code, or a word, that no table has.
    pub unmapped: u64,
    /// Receipts whose word was unknown.
    pub unknown: u64,
    /// Receipts that the customer acknowledged.
    pub told: u64,
    /// Receipts that the customer refused for good, or did not take in time.
    pub untold: u64,
    /// Now handed over without an answer.
    pub in_doubt: u64,
    /// Messages that came from carriers for the account.
    pub received: u64,
    /// Those of them that the account took.
    pub taken: u64,
    /// Those of them that it refused for good, or did not take in time.
    pub not_taken: u64,
}

impl AccountCounts {
    /// The counts as integers, for a snapshot: groups, to each of which new ones are added at its end. What an older
    /// snapshot does not have is zero.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        let Self { accepted, refused, ended, corrected, unmapped, unknown, told, untold, in_doubt, .. } =
            *self;
        let Self { received, taken, not_taken, .. } = *self;
        let single = [accepted, unknown, told, untold, in_doubt, received, taken, not_taken, unmapped];
        grouped([&single, &ended.both(&corrected), &refused, &[]])
    }

    /// What [`AccountCounts::to_numbers`] gave.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Self {
        let [single, ended, refused, _] = groups(numbers);
        let [accepted, unknown, told, untold, in_doubt, received, taken, not_taken, unmapped] = first(single);
        let ((ended, corrected), refused) = (ByClass::from_both(ended), first(refused));
        Self {
            accepted,
            refused,
            ended,
            corrected,
            unmapped,
            unknown,
            told,
            untold,
            in_doubt,
            received,
            taken,
            not_taken,
        }
    }

    /// Accepted and refused together.
    #[must_use]
    pub fn submitted(&self) -> u64 {
        self.accepted + self.refused.iter().sum::<u64>()
    }

    /// Refused for this reason.
    #[must_use]
    pub fn refused(&self, reason: Refusal) -> u64 {
        self.refused.get(usize::from(reason.number())).copied().unwrap_or(0)
    }

    /// The success rate of what has ended.
    #[must_use]
    pub fn rate(&self) -> Rate {
        rate(&self.ended, &self.corrected)
    }
}
