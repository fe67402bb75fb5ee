//! Links of messages that have ended: by them a repeated receipt is told from a foreign one.

use std::collections::VecDeque;

use hashbrown::{HashMap, HashSet};

use crate::base::ids::CarrierId;
use crate::message::CarrierMessageId;

/// How many ended links are remembered: 22 to 34 octets each, and carriers repeat a receipt within minutes. What is
/// forgotten is parked and then filed as foreign; it is never counted as an outcome either way.
pub const FINISHED_MAX: usize = 200_000;

/// The latest ended links, each as its [`link_hash`]. Two links with one hash would have a foreign receipt counted as
/// a repeated one: with all places taken, for one foreign receipt in 2⁶⁴ / 200,000, or 9 × 10¹³.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Finished {
    /// Every end in order, also of a link that has ended again since.
    ends: VecDeque<u64>,
    /// What is in `ends`. Hashed once more, with the process's own seed, or a carrier could choose ids that all fall
    /// into one place of the table.
    links: HashSet<u64>,
    /// How many more ends each link has in `ends` than one.
    again: HashMap<u64, u32>,
}

impl Finished {
    /// Those with these hashes, as [`Self::iter`] gives them; of more than [`FINISHED_MAX`] the last ones.
    #[must_use]
    pub fn from_hashes(hashes: impl IntoIterator<Item = u64>) -> Self {
        let mut finished = Self::default();
        for hash in hashes {
            finished.remember_hash(hash);
        }
        finished
    }

    /// The hash of each remembered end, oldest first: to be written down, and to be read back with
    /// [`Self::from_hashes`] or one by one with [`Self::remember_hash`].
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u64> {
        self.ends.iter().copied()
    }

    /// How many ends are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether a message with this id has ended not long ago.
    #[must_use]
    pub fn contains(&self, carrier: CarrierId, id: &CarrierMessageId) -> bool {
        self.links.contains(&link_hash(carrier, id))
    }

    /// Remembers an ended link, again from now when the carrier had given the same id before; past
    /// [`FINISHED_MAX`] ends the oldest is forgotten.
    pub fn remember(&mut self, carrier: CarrierId, id: &CarrierMessageId) {
        self.remember_hash(link_hash(carrier, id));
    }

    /// Remembers an ended link by its [`link_hash`].
    pub fn remember_hash(&mut self, hash: u64) {
        if !self.links.insert(hash) {
            *self.again.entry(hash).or_default() += 1;
        }
        self.ends.push_back(hash);
        if self.ends.len() > FINISHED_MAX
            && let Some(oldest) = self.ends.pop_front()
        {
            self.forget(oldest);
        }
    }

    fn forget(&mut self, hash: u64) {
        match self.again.get_mut(&hash) {
            None => {
                self.links.remove(&hash);
            }
            Some(more) if *more > 1 => *more -= 1,
            Some(_) => {
                self.again.remove(&hash);
            }
        }
    }
}

/// The hash of a carrier's id of a message: the same in every process and release, as it stands in logs.
///
/// It begins with the carrier's number and the id's length in octets, `number × 2³² + length`, and takes the id in
/// words of eight octets, little-endian, the last one filled up with zeros. Each word is exclusive-ored in, multiplied
/// by the odd 0x9E3779B97F4A7C15 (2⁶⁴ divided by the golden ratio), and its upper half is exclusive-ored onto the
/// lower. That is one-to-one in each word, so that ids that differ in one word only never have one hash. A last
/// multiplication by 0xFF51AFD7ED558CCD, between two exclusive-ors of the value shifted down by 33, mixes what is left.
#[must_use]
pub fn link_hash(carrier: CarrierId, id: &CarrierMessageId) -> u64 {
    hash(carrier, id.as_slice())
}

/// The hash of octets that mean something at this carrier, as [`link_hash`] says.
pub(super) fn hash(carrier: CarrierId, octets: &[u8]) -> u64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    const LAST: u64 = 0xFF51_AFD7_ED55_8CCD;
    // Lengths end at some 64 thousand: the sum does not overflow.
    let start = (u64::from(carrier.0) << 32) ^ octets.len() as u64;
    let take = |sum: u64, word: u64| {
        let product = (sum ^ word).wrapping_mul(GOLDEN);
        product ^ (product >> 32)
    };
    let (words, rest) = octets.as_chunks::<8>();
    let sum = words.iter().fold(take(0, start), |sum, word| take(sum, u64::from_le_bytes(*word)));
    let last = rest.iter().rev().fold(0, |word, octet| (word << 8) | u64::from(*octet));
    let sum = take(sum, last);
    let sum = (sum ^ (sum >> 33)).wrapping_mul(LAST);
    sum ^ (sum >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> CarrierMessageId {
        CarrierMessageId::new(n.to_string().as_bytes())
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut finished = Finished::default();
        for n in 0..=FINISHED_MAX {
            finished.remember(CarrierId(1), &id(n));
        }
        assert!(!finished.contains(CarrierId(1), &id(0)));
        assert!(finished.contains(CarrierId(1), &id(1)));
        assert!(!finished.contains(CarrierId(2), &id(1)));
        assert_eq!((finished.len(), finished.links.len()), (FINISHED_MAX, FINISHED_MAX));
    }

    #[test]
    fn a_link_that_ends_again_is_remembered_from_its_latest_end() {
        let mut finished = Finished::default();
        for _ in 0..3 {
            finished.remember(CarrierId(1), &id(0));
        }
        assert_eq!(finished.again.len(), 1);
        for n in 1..FINISHED_MAX {
            finished.remember(CarrierId(1), &id(n));
            assert!(finished.contains(CarrierId(1), &id(0)));
        }
        finished.remember(CarrierId(1), &id(FINISHED_MAX));
        assert!(!finished.contains(CarrierId(1), &id(0)));
        assert!(finished.again.is_empty());
        assert_eq!((finished.links.len(), finished.len()), (FINISHED_MAX, FINISHED_MAX));
    }

    #[test]
    fn what_is_written_down_in_chunks_and_read_back_is_the_same_and_goes_on_alike() {
        let mut finished = Finished::default();
        for n in (0..FINISHED_MAX + 500).map(|n| n % (FINISHED_MAX - 100)) {
            finished.remember(CarrierId(1), &id(n));
        }
        let hashes: Vec<u64> = finished.iter().collect();
        let mut again = Finished::from_hashes(hashes.chunks(10_000).flatten().copied());
        assert_eq!(again, finished);
        for n in 0..200 {
            assert_eq!(again.contains(CarrierId(1), &id(n)), finished.contains(CarrierId(1), &id(n)), "{n}");
            again.remember(CarrierId(2), &id(n));
            finished.remember(CarrierId(2), &id(n));
        }
        assert_eq!(again, finished);
        again.remember(CarrierId(2), &id(200));
        assert_ne!(again, finished);
    }

    /// These values stand in logs: a change of them forgets what has ended.
    #[test]
    fn a_hash_is_the_same_in_every_release() {
        let hash = |carrier, id: &[u8]| link_hash(CarrierId(carrier), &CarrierMessageId::new(id));
        assert_eq!(hash(1, b""), 0x27D4_0066_C27C_7373);
        assert_eq!(hash(1, b"812FC747"), 0xD693_783D_CDD9_78D2);
        assert_eq!(hash(2, b"9308878062554710043"), 0xEE34_C397_19FA_F9B6);
    }

    #[test]
    fn ids_of_a_counter_have_hashes_of_their_own() {
        let mut seen = HashSet::new();
        for carrier in 0..3 {
            for n in 0..200_000u32 {
                assert!(seen.insert(hash(CarrierId(carrier), n.to_string().as_bytes())), "{carrier} {n}");
            }
        }
        assert!(!seen.contains(&hash(CarrierId(1), b"1\0")), "the length counts");
        assert!((0..64).all(|bit| seen.iter().any(|hash| hash >> bit & 1 == 1)));
    }
}
