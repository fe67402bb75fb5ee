//! Which accepted messages wait for their receipt?
//!
//! In pieces, as [`crate::lab::seen`] is: a table of a million that grows would hold up the answers behind it for tens
//! of milliseconds, and these would be counted against the peer.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::base::time::Moment;
use crate::message::CarrierMessageId;

/// Pieces, a power of two: a growing piece of a million messages is copied in a fifth of a millisecond.
const PIECES: u64 = 256;

/// Messages by their id, and when they were sent.
#[derive(Debug)]
pub(super) struct Outstanding {
    pieces: Vec<HashMap<CarrierMessageId, Moment>>,
    hasher: DefaultHashBuilder,
    len: usize,
}

impl Outstanding {
    pub(super) fn new() -> Self {
        let pieces = std::iter::repeat_with(HashMap::new).take(PIECES as usize).collect();
        Self { pieces, hasher: DefaultHashBuilder::default(), len: 0 }
    }

    /// Adds a message; says whether its id is new.
    pub(super) fn insert(&mut self, id: CarrierMessageId, sent: Moment) -> bool {
        let is_new = self.piece(&id).is_none_or(|piece| piece.insert(id, sent).is_none());
        self.len += usize::from(is_new);
        is_new
    }

    /// Takes a message out: when it was sent.
    pub(super) fn remove(&mut self, id: &CarrierMessageId) -> Option<Moment> {
        let sent = self.piece(id)?.remove(id)?;
        self.len -= 1;
        Some(sent)
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    fn piece(&mut self, id: &CarrierMessageId) -> Option<&mut HashMap<CarrierMessageId, Moment>> {
        let piece = self.hasher.hash_one(id) % PIECES;
        self.pieces.get_mut(usize::try_from(piece).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out_once() {
        let mut outstanding = Outstanding::new();
        let id = |n: u64| CarrierMessageId::new(n.to_string().as_bytes());
        for n in 0..1000 {
            assert!(outstanding.insert(id(n), Moment::from_micros(n)));
        }
        assert!(!outstanding.insert(id(7), Moment::from_micros(7)));
        assert_eq!(outstanding.len(), 1000);
        for n in 0..1000 {
            assert_eq!(outstanding.remove(&id(n)), Some(Moment::from_micros(n)));
            assert_eq!(outstanding.remove(&id(n)), None);
        }
        assert_eq!(outstanding.len(), 0);
    }
}
