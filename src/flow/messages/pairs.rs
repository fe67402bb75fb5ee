//! What waits between whom: the messages of a sender to a recipient, found by a hash of both.

use std::collections::BTreeSet;

use hashbrown::HashTable;

use crate::base::ids::MessageId;

/// Waiting messages by a hash of account, sender and recipient.
///
/// Nearly every pair has one message: that is a place in a table, a few octets and one look. The others of a pair are
/// in a set in order: in a table a million messages to one recipient, all with one hash, would be looked through one
/// by one.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// One slot for each pair.
    first: HashTable<First>,
    /// The pair's other messages.
    others: BTreeSet<(u64, MessageId)>,
}

/// The slot of a pair's one message in the table, and whether the pair has others: the set of those is far to go.
#[derive(Clone, Copy, Debug)]
struct First(u32);

impl First {
    /// Slots are fewer: so many messages would be a quarter of a terabyte.
    const HAS_OTHERS: u32 = 1 << 31;

    const fn slot(self) -> u32 {
        self.0 & !Self::HAS_OTHERS
    }

    const fn has_others(self) -> bool {
        self.0 & Self::HAS_OTHERS != 0
    }
}

impl Pairs {
    /// Adds a message, which is not in yet; `pair_of` is the hash for the message in a slot.
    pub(super) fn add(&mut self, pair: u64, (slot, id): (u32, MessageId), pair_of: impl Fn(u32) -> u64) {
        if let Some(first) = self.first.find_mut(pair, |first| pair_of(first.slot()) == pair) {
            first.0 |= First::HAS_OTHERS;
            self.others.insert((pair, id));
        } else {
            self.first.insert_unique(pair, First(slot), |first| pair_of(first.slot()));
        }
    }

    /// Takes a message away, before its slot is emptied; `slot_of` finds a message.
    pub(super) fn remove(
        &mut self,
        pair: u64,
        (slot, id): (u32, MessageId),
        slot_of: impl Fn(MessageId) -> Option<u32>,
    ) {
        let Ok(mut entry) = self.first.find_entry(pair, |first| first.slot() == slot) else {
            self.others.remove(&(pair, id));
            return;
        };
        let range = (pair, MessageId::MIN)..=(pair, MessageId::MAX);
        let next = if entry.get().has_others() { self.others.range(range).next().copied() } else { None };
        match next.and_then(|next| Some((next, slot_of(next.1)?))) {
            Some((next, slot)) => {
                self.others.remove(&next);
                *entry.get_mut() = First(slot | First::HAS_OTHERS);
            }
            None => {
                entry.remove();
            }
        }
    }

    /// The messages of a pair: the slot of one, and the ids of the others, the oldest first.
    pub(super) fn get(
        &self,
        pair: u64,
        pair_of: impl Fn(u32) -> u64,
    ) -> (Option<u32>, impl Iterator<Item = MessageId>) {
        let first = self.first.find(pair, |first| pair_of(first.slot()) == pair);
        let range = (pair, MessageId::MIN)..=(pair, MessageId::MAX);
        (first.map(|first| first.slot()), self.others.range(range).map(|(_, id)| *id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> MessageId {
        MessageId::from_u64(n).unwrap()
    }

    /// Slot n holds message n, of pair n / 10.
    const fn pair_of(slot: u32) -> u64 {
        slot as u64 / 10
    }

    fn slot_of(id: MessageId) -> Option<u32> {
        u32::try_from(id.as_u64()).ok()
    }

    fn of(pairs: &Pairs, pair: u64) -> Vec<u64> {
        let (first, others) = pairs.get(pair, pair_of);
        let mut all: Vec<_> = first.map(u64::from).into_iter().chain(others.map(MessageId::as_u64)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn every_message_of_a_pair_is_found_whichever_is_taken_away_first() {
        for away in 30..33 {
            let mut pairs = Pairs::default();
            for slot in [30, 32, 31, 50] {
                pairs.add(pair_of(slot), (slot, id(slot.into())), pair_of);
            }
            assert_eq!((of(&pairs, 3), of(&pairs, 5), of(&pairs, 4)), (vec![30, 31, 32], vec![50], vec![]));
            pairs.remove(3, (away, id(away.into())), slot_of);
            let left: Vec<_> = (30..33).filter(|slot| *slot != u64::from(away)).collect();
            assert_eq!(of(&pairs, 3), left);
            for slot in left {
                pairs.remove(3, (u32::try_from(slot).unwrap(), id(slot)), slot_of);
            }
            assert_eq!((of(&pairs, 3), of(&pairs, 5)), (vec![], vec![50]));
            assert!(pairs.others.is_empty());
        }
    }
}
