//! What happened to the messages that went to one carrier.

use std::collections::BTreeMap;

use super::numbers::{first, grouped, groups};
use super::{ByClass, Rate, rate};
use crate::sla::unmapped::UnmappedCodes;

/// What happened to the messages that went to one carrier.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CarrierCounts {
    /// Handed over, every copy counted.
    pub submitted: u64,
    /// Those of them that were handed over again while in doubt.
    pub copied: u64,
    /// Messages that it sent us for our accounts.
    pub received: u64,
    /// Taken by the carrier.
    pub accepted: u64,
    /// Answers other than success, by command_status: those sent back to the queue and those refused for good.
    pub refused: BTreeMap<u32, u64>,
    /// Ended, by class.
    pub ended: ByClass,
    /// Ended as pending, and corrected by a late receipt, by the class that it says.
    pub corrected: ByClass,
    /// Ended with a code, or a word, that no table has.
    pub unmapped: u64,
    /// The most of them, by code.
    pub unmapped_codes: UnmappedCodes,
    /// Receipts whose word was unknown.
    pub unknown: u64,
    /// Receipts about messages that had ended already.
    pub repeated: u64,
    /// Receipts that waited and were about no message of ours.
    pub foreign: u64,
    /// Now handed over without an answer.
    pub in_doubt: u64,
}

/// The most different statuses counted apart per carrier; the rest is summed under [`OTHER_STATUS`]: a carrier that
/// answers random numbers must not grow our memory.
pub const STATUSES_MAX: usize = 64;

/// Where statuses past [`STATUSES_MAX`] are counted.
pub const OTHER_STATUS: u32 = u32::MAX;

impl CarrierCounts {
    /// The counts as integers, for a snapshot, as that of an account; refusals are pairs.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        let Self { submitted, copied, received, accepted, refused, ended, corrected, .. } = self;
        let Self { unmapped, unknown, repeated, foreign, in_doubt, .. } = *self;
        let single =
            [*submitted, *copied, *received, *accepted, unknown, repeated, foreign, in_doubt, unmapped];
        let pairs: Vec<_> = refused.iter().flat_map(|(status, count)| [u64::from(*status), *count]).collect();
        grouped([&single, &ended.both(corrected), &pairs, &self.unmapped_codes.to_numbers()])
    }

    /// What [`CarrierCounts::to_numbers`] gave.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Self {
        let [single, ended, pairs, codes] = groups(numbers);
        let [submitted, copied, received, accepted, unknown, repeated, foreign, in_doubt, unmapped] =
            first(single);
        let (ended, corrected) = ByClass::from_both(ended);
        let mut refused = BTreeMap::new();
        for pair in pairs.chunks_exact(2) {
            let [status, count] = first(pair);
            refused.insert(u32::try_from(status).unwrap_or(OTHER_STATUS), count);
        }
        Self {
            submitted,
            copied,
            received,
            accepted,
            refused,
            ended,
            corrected,
            unmapped,
            unmapped_codes: UnmappedCodes::from_numbers(codes),
            unknown,
            repeated,
            foreign,
            in_doubt,
        }
    }

    /// The success rate of what has ended.
    #[must_use]
    pub fn rate(&self) -> Rate {
        rate(&self.ended, &self.corrected)
    }

    pub(super) fn refuse(&mut self, status: u32) {
        let known = self.refused.contains_key(&status) || self.refused.len() < STATUSES_MAX;
        *self.refused.entry(if known { status } else { OTHER_STATUS }).or_default() += 1;
    }
}
