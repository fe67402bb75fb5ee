//! What waits from whom to whom, for those who cancel and replace it.

use std::collections::BTreeSet;
use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use slab::Slab;

use super::{Message, Messages, find};
use crate::base::ids::{AccountId, MessageId};
use crate::message::{Address, PackedAddress};

/// So many begin to wait before `pairs` hears of them: what a fast customer has under way. Most go straight on, and a
/// place among the pairs of millions that wait is far away in memory.
pub(super) const UNPAIRED_MAX: usize = 16_384;

impl Messages {
    /// What waits here from this sender to this recipient.
    pub(in crate::flow) fn waiting_between(
        &self,
        account: AccountId,
        source: &Address,
        destination: &Address,
    ) -> impl Iterator<Item = &Message> {
        let (source, destination) = (PackedAddress::new(source), PackedAddress::new(destination));
        let pair = self.hasher.hash_one((account, &source, &destination));
        let (first, others) = self.pairs.get(pair, |slot| pair_of(&self.slots, &self.hasher, slot));
        let first = first.and_then(|slot| self.slots.get(slot as usize));
        let paired = first.into_iter().chain(others.filter_map(|id| self.get(id)));
        let unpaired: BTreeSet<_> =
            self.unpaired.iter().filter(|new| self.is_unpaired(**new)).map(|(slot, _)| *slot).collect();
        let unpaired = unpaired.into_iter().filter_map(|slot| self.slots.get(slot as usize));
        paired.chain(unpaired).filter(move |message| {
            message.account == account && message.source == source && message.destination == destination
        })
    }

    /// From now on it is known what waits between whom.
    pub(in crate::flow) fn keep_pairs(&mut self) {
        self.pairing = true;
        let waiting = self.slots.iter().filter(|(_, message)| message.phase.waits());
        let waiting: Vec<_> = waiting.map(|(slot, _)| slot).collect();
        waiting.into_iter().for_each(|slot| self.add_pair(slot));
    }

    pub(super) fn add_pair(&mut self, place: usize) {
        let (Ok(slot), Some(message)) = (u32::try_from(place), self.slots.get(place)) else { return };
        if self.pairing {
            self.unpaired.push_back((slot, message.id));
            if self.unpaired.len() >= UNPAIRED_MAX {
                // The later half may still go straight on.
                self.pair(UNPAIRED_MAX / 2);
            }
        }
    }

    /// Takes those among the pairs that have not been and still wait: before [`Messages::waiting_between`], which
    /// would look through them each time.
    pub(in crate::flow) fn pair_all(&mut self) {
        self.pair(self.unpaired.len());
    }

    /// Does so with so many of them, the oldest.
    fn pair(&mut self, count: usize) {
        let mut unpaired = std::mem::take(&mut self.unpaired);
        for (slot, id) in unpaired.drain(..count.min(unpaired.len())) {
            if !self.is_unpaired((slot, id)) {
                continue;
            }
            if let Some(message) = self.slots.get_mut(slot as usize) {
                message.paired = true;
            }
            let Self { slots, pairs, hasher, .. } = self;
            pairs.add(pair_of(slots, hasher, slot), (slot, id), |slot| pair_of(slots, hasher, slot));
        }
        self.unpaired = unpaired;
    }

    /// Whether this message still waits, and is not among the pairs.
    fn is_unpaired(&self, (slot, id): (u32, MessageId)) -> bool {
        self.slots
            .get(slot as usize)
            .is_some_and(|message| message.id == id && !message.paired && message.phase.waits())
    }

    pub(super) fn remove_pair(&mut self, place: usize) {
        let Self { slots, pairs, by_id, hasher, .. } = self;
        let (Ok(slot), Some(message)) = (u32::try_from(place), slots.get_mut(place)) else { return };
        if std::mem::take(&mut message.paired) {
            let id = message.id;
            let pair = pair_of(slots, hasher, slot);
            pairs.remove(pair, (slot, id), |id| find(slots, by_id, hasher, id));
        }
    }
}

/// The hash of who sends the message in a slot to whom.
fn pair_of(slots: &Slab<Message>, hasher: &DefaultHashBuilder, slot: u32) -> u64 {
    let pair = |message: &Message| hasher.hash_one((message.account, &message.source, &message.destination));
    slots.get(slot as usize).map_or(0, pair)
}
