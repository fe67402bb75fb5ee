//! Links of messages that have ended: by them a repeated receipt is told from a foreign one.

use hashbrown::HashSet;

use crate::base::ids::CarrierId;
use crate::message::CarrierMessageId;

/// How many ended links a generation has: as many as a table of 2¹⁷ places takes before it grows.
///
/// At least so many are remembered and at most twice as many, 18 octets each: carriers repeat a receipt at once or
/// within minutes. What is forgotten is parked and then filed as foreign; it is never counted as an outcome either way.
pub const GENERATION: usize = 114_688;

/// The latest ended links, each as its [`link_hash`]. Two links with one hash would have a foreign receipt counted as
/// a repeated one: with all places taken, for one foreign receipt in 2⁶⁴ / 229,376, or 8 × 10¹³.
///
/// They are forgotten a generation at a time: nothing is ever taken out of a table, which would make it grow or be
/// built anew now and then, and what has been allocated is used again.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Finished {
    /// Those that end now.
    new: Generation,
    /// Those before: a whole generation, or none yet.
    old: Generation,
}

#[derive(PartialEq, Eq, Debug, Default)]
struct Generation {
    /// In the order of their ends.
    ends: Vec<u64>,
    /// The same. Hashed once more, with the process's own seed, or a carrier could choose ids that all fall into one
    /// place of the table.
    links: HashSet<u64>,
}

impl Finished {
    /// Those with these hashes, as [`Self::iter`] gives them.
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
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.old.ends.iter().chain(&self.new.ends).copied()
    }

    /// How many ends are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.old.ends.len() + self.new.ends.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a message with this id has ended not long ago.
    #[must_use]
    pub fn contains(&self, carrier: CarrierId, id: &CarrierMessageId) -> bool {
        let hash = link_hash(carrier, id);
        self.new.links.contains(&hash) || self.old.links.contains(&hash)
    }

    /// Remembers an ended link, again from now when the carrier had given the same id before. With the first that is
    /// more than a [`GENERATION`] the generation before is forgotten.
    pub fn remember(&mut self, carrier: CarrierId, id: &CarrierMessageId) {
        self.remember_hash(link_hash(carrier, id));
    }

    /// Remembers an ended link by its [`link_hash`].
    pub fn remember_hash(&mut self, hash: u64) {
        if self.new.ends.len() >= GENERATION && !self.new.links.contains(&hash) {
            std::mem::swap(&mut self.new, &mut self.old);
            self.new.ends.clear();
            self.new.links.clear();
        }
        if self.new.links.insert(hash) {
            self.new.ends.push(hash);
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
    fn promise_7_the_oldest_are_forgotten_a_generation_at_a_time() {
        let mut finished = Finished::default();
        for n in 0..2 * GENERATION {
            finished.remember(CarrierId(1), &id(n));
            assert!(finished.contains(CarrierId(1), &id(n.saturating_sub(GENERATION - 1))));
        }
        assert!(finished.contains(CarrierId(1), &id(0)) && !finished.contains(CarrierId(2), &id(0)));
        assert_eq!(finished.len(), 2 * GENERATION);
        finished.remember(CarrierId(1), &id(2 * GENERATION));
        assert!(!finished.contains(CarrierId(1), &id(GENERATION - 1)));
        assert!(finished.contains(CarrierId(1), &id(GENERATION)));
        assert_eq!(finished.len(), GENERATION + 1);
    }

    #[test]
    fn a_full_generation_is_no_larger_than_a_table_that_never_grows() {
        let table = HashSet::<u64>::with_capacity(GENERATION);
        assert_eq!(table.capacity(), GENERATION);
    }

    #[test]
    fn a_link_that_ends_again_is_remembered_from_its_latest_end() {
        let mut finished = Finished::default();
        for n in (0..GENERATION).chain([0, 0, 0]) {
            finished.remember(CarrierId(1), &id(n));
        }
        assert_eq!(finished.len(), GENERATION, "an end in the same generation is the same end");
        finished.remember(CarrierId(1), &id(GENERATION));
        finished.remember(CarrierId(1), &id(0));
        assert_eq!(finished.len(), GENERATION + 2);
        for n in 0..GENERATION - 1 {
            assert!(finished.contains(CarrierId(1), &id(0)), "{n}");
            finished.remember(CarrierId(2), &id(n));
        }
        assert!(finished.contains(CarrierId(1), &id(0)) && !finished.contains(CarrierId(1), &id(1)));
    }

    #[test]
    fn what_is_written_down_in_chunks_and_read_back_is_the_same_and_goes_on_alike() {
        for ends in [100, GENERATION, GENERATION + 1, 2 * GENERATION + 500] {
            let mut finished = Finished::default();
            for n in (0..ends).map(|n| n % (GENERATION + 100)) {
                finished.remember(CarrierId(1), &id(n));
            }
            let hashes: Vec<u64> = finished.iter().collect();
            let mut again = Finished::from_hashes(hashes.chunks(10_000).flatten().copied());
            assert_eq!(again, finished);
            for n in 0..200 {
                assert_eq!(
                    again.contains(CarrierId(1), &id(n)),
                    finished.contains(CarrierId(1), &id(n)),
                    "{n}"
                );
                again.remember(CarrierId(2), &id(n));
                finished.remember(CarrierId(2), &id(n));
            }
            assert_eq!(again, finished);
            again.remember(CarrierId(2), &id(200));
            assert_ne!(again, finished);
        }
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
