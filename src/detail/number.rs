//! Phone numbers in records: masked, and found again by a keyed hash.
//!
//! The hash is BLAKE3 keyed with the operator's secret, of the address's octets alone, its first
//! [`NUMBER_HASH_LEN`] hexadecimal digits. These 64 bits are enough because a search is narrowed, not decided, by them:
//! a hundred million numbers have a chance below 1 in 3,000 that any two share a hash, and such two also differ in
//! what the mask shows and in the message's id. A key is needed because ten digits are guessed in seconds; whoever has
//! the key can do that, too, so it is kept like a password. With another key the same number has another hash: records
//! from before are then searched with the old one.

use std::fmt;

use crate::base::octets::Octets;
use crate::message::address::ADDRESS_LEN_MAX;

/// Hexadecimal digits of a number's hash.
pub const NUMBER_HASH_LEN: usize = 16;

/// A number's hash as it stands in the records.
pub type NumberHash = [u8; NUMBER_HASH_LEN];

/// The operator's secret for hashing numbers; prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberKey([u8; 32]);

impl NumberKey {
    /// The key with these octets.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The hash of a number, by its octets as they were on the wire, without type and plan.
    #[must_use]
    pub fn hash(&self, number: &[u8]) -> NumberHash {
        let hash = blake3::keyed_hash(&self.0, number);
        let mut digits = [0; NUMBER_HASH_LEN];
        for (pair, octet) in digits.as_chunks_mut::<2>().0.iter_mut().zip(hash.as_bytes()) {
            *pair = [hex(octet >> 4), hex(octet & 0xF)];
        }
        digits
    }
}

/// A digit of hexadecimal, in lower case.
pub(super) const fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

impl fmt::Debug for NumberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How numbers stand in the records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Numbers {
    /// As `base::privacy` shows them: at most the first three and the last two octets.
    #[default]
    Masked,
    /// Whole.
    Plain,
}

/// Hashes that were just computed: senders repeat, and a hash costs a third of what a line does.
#[derive(Debug)]
pub(super) struct RecentHashes(Vec<(Octets<ADDRESS_LEN_MAX>, NumberHash)>);

/// A few thousand senders are most of any platform's traffic; 40 KiB. Two that share a place only take turns.
const RECENT_MAX: usize = 1024;

impl RecentHashes {
    pub(super) fn new(key: &NumberKey) -> Self {
        Self(vec![(Octets::EMPTY, key.hash(b"")); RECENT_MAX])
    }

    /// The hash of `number`.
    pub(super) fn hash(&mut self, key: &NumberKey, number: &Octets<ADDRESS_LEN_MAX>) -> NumberHash {
        // FNV-1a: who makes two senders collide on purpose gains nothing but the usual cost.
        let fnv = |sum: u32, octet: &u8| (sum ^ u32::from(*octet)).wrapping_mul(0x0100_0193);
        let sum = number.as_slice().iter().fold(0x811c_9dc5, fnv);
        let Some(place) = self.0.get_mut(sum as usize % RECENT_MAX) else {
            return key.hash(number.as_slice());
        };
        if place.0 != *number {
            *place = (*number, key.hash(number.as_slice()));
        }
        place.1
    }
}
