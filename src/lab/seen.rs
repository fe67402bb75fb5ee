//! Has this been here before? A memory of hashes, in pieces, with a bound.
//!
//! Nine octets or so for each thing remembered. 64 bits are enough: among ten million things two share a hash with a
//! chance of three in a million. Cut into pieces, because a table that grows is copied, and nobody may wait for a
//! copy of millions; and each piece in two generations, of which the older is forgotten when the younger is full.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Pieces: a growing piece of a million hashes is copied in a tenth of a millisecond.
const PIECES: usize = 256;

/// Hashes in a generation of one piece: 16 million in all, 32 million with the generation before, which is more than
/// an hour of load. Overflow: the older generation is forgotten.
const GENERATION_MAX: usize = 64 * 1024;

/// Remembers what was here.
#[derive(Debug)]
pub struct Seen {
    /// By the top bits of the hash.
    pieces: Vec<Piece>,
}

#[derive(Default, Debug)]
struct Piece {
    /// What was added lately.
    young: Hashes,
    /// What was added before that.
    old: Hashes,
}

type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

impl Default for Seen {
    fn default() -> Self {
        Self { pieces: std::iter::repeat_with(Piece::default).take(PIECES).collect() }
    }
}

impl Seen {
    /// Remembers `hash`; says whether it is new.
    pub fn insert(&mut self, hash: u64) -> bool {
        let Some(piece) = self.pieces.get_mut(piece_of(hash)) else { return true };
        if piece.old.contains(&hash) || !piece.young.insert(hash) {
            return false;
        }
        if piece.young.len() >= GENERATION_MAX {
            piece.old = std::mem::take(&mut piece.young);
        }
        true
    }

    /// Whether `hash` is remembered.
    #[must_use]
    pub fn contains(&self, hash: u64) -> bool {
        self.pieces
            .get(piece_of(hash))
            .is_some_and(|piece| piece.young.contains(&hash) || piece.old.contains(&hash))
    }
}

fn piece_of(hash: u64) -> usize {
    // The top octet; the tables below use the others.
    usize::from(hash.to_be_bytes()[0]) % PIECES
}

/// What is stored is a hash already. The top octet is the same throughout a piece, so it is turned away from where
/// the table looks.
#[derive(Default, Clone, Copy, Debug)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0.rotate_left(8)
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_here_is_remembered_until_two_generations_have_come() {
        let mut seen = Seen::default();
        assert!(seen.insert(7));
        assert!(!seen.insert(7));
        assert!(seen.contains(7) && !seen.contains(8));
        // All of them in the same piece.
        let last = 3 * GENERATION_MAX as u64;
        for hash in 8..last {
            assert!(seen.insert(hash));
        }
        assert!(!seen.insert(last - 1));
        assert!(!seen.insert(last - GENERATION_MAX as u64));
        assert!(seen.insert(7), "forgotten");
    }
}
