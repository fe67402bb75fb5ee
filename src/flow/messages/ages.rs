//! An index of slots by hash, in which what is new stands together.
//!
//! Where millions of messages wait, an entry of one big table is far away in memory, and each event of each message
//! would fetch it from there. Most messages that come and go while others wait are over before many more have come:
//! they are found in a table small enough to stay near.

use hashbrown::HashTable;

/// Entries of a table that stays near: with its control octets some 80 KB, a part of what a core keeps for itself.
const NEAR_MAX: usize = 16_384;

/// Slots by hash. The newest [`NEAR_MAX`] that are still there, and as many again, stand apart from the others.
#[derive(Debug, Default)]
pub(super) struct Ages {
    new: HashTable<u32>,
    recent: HashTable<u32>,
    old: HashTable<u32>,
}

impl Ages {
    /// Adds a slot that is not in yet; `hash_of` tells the hash of any of them.
    pub(super) fn insert(&mut self, hash: u64, slot: u32, hash_of: impl Fn(&u32) -> u64) {
        if self.new.len() >= NEAR_MAX {
            std::mem::swap(&mut self.new, &mut self.recent);
            for slot in self.new.drain() {
                self.old.insert_unique(hash_of(&slot), slot, &hash_of);
            }
        }
        self.new.insert_unique(hash, slot, hash_of);
    }

    /// The slot with this hash of which `is` is true.
    pub(super) fn find(&self, hash: u64, is: impl Fn(&u32) -> bool) -> Option<u32> {
        [&self.new, &self.recent, &self.old].into_iter().find_map(|table| table.find(hash, &is)).copied()
    }

    /// Takes a slot out.
    pub(super) fn remove(&mut self, hash: u64, slot: u32) {
        for table in [&mut self.new, &mut self.recent, &mut self.old] {
            if let Ok(entry) = table.find_entry(hash, |other| *other == slot) {
                entry.remove();
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Many slots have one hash, and hashes that are near are not for slots that are.
    fn hash_of(slot: &u32) -> u64 {
        u64::from(slot / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn whatever_is_in_is_found_however_old_it_is_and_what_was_taken_out_is_not() {
        let last = u32::try_from(4 * NEAR_MAX).unwrap();
        let mut ages = Ages::default();
        let found = |ages: &Ages, slot: u32| ages.find(hash_of(&slot), |other| *other == slot);
        for slot in 0..last {
            ages.insert(hash_of(&slot), slot, hash_of);
            assert_eq!(found(&ages, slot), Some(slot));
            // Of ten, nine go soon; and each tenth of those that stayed goes when it is old.
            if slot % 10 != 0 && slot >= last / 2 {
                ages.remove(hash_of(&slot), slot);
            }
        }
        for slot in (0..last).step_by(100) {
            ages.remove(hash_of(&slot), slot);
            ages.remove(hash_of(&slot), slot);
        }
        for slot in 0..last {
            let stays = slot % 100 != 0 && (slot % 10 == 0 || slot < last / 2);
            assert_eq!(found(&ages, slot).is_some(), stays, "{slot}");
        }
        assert!(ages.new.len() <= NEAR_MAX && ages.recent.len() <= NEAR_MAX && ages.old.len() > NEAR_MAX / 2);
    }
}
