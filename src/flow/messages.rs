//! The messages that are not over: one slot each, found by our id and by the carrier's.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use slab::Slab;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::message::{Address, CarrierMessageId, Content, Outcome};

/// What is known about a message while it is not over. Kept small: millions wait for their receipts.
#[derive(PartialEq, Eq, Debug)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Whose it is.
    pub account: AccountId,
    /// The carrier that has it or is to have it.
    pub carrier: CarrierId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The sender.
    pub source: Address,
    /// The recipient.
    pub destination: Address,
    /// Which receipts the customer wants.
    pub registered_delivery: u8,
    /// How far it has come.
    pub phase: Phase,
}

/// How far a message has come.
#[derive(PartialEq, Eq, Debug)]
pub enum Phase {
    /// It waits for its carrier.
    Queued(Arc<Content>),
    /// It was handed over; the content is kept until the answer, in case the carrier says "later".
    HandedOver(Arc<Content>),
    /// It was handed over, and no answer came.
    InDoubt,
    /// The carrier has it, under this id; its receipt is awaited.
    Submitted(CarrierMessageId),
    /// It is over; the customer's receipt waits to be acknowledged.
    Ended(Box<(Timestamp, Outcome)>),
}

/// All messages that are not over, and those whose customer is owed a receipt.
#[derive(Debug, Default)]
pub struct Messages {
    slots: Slab<Message>,
    by_id: HashTable<u32>,
    by_link: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Messages {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The message with this id.
    #[must_use]
    pub fn get(&self, id: MessageId) -> Option<&Message> {
        self.slots.get(self.slot(id)?)
    }

    /// The message to which this carrier gave this id.
    #[must_use]
    pub fn linked(&self, carrier: CarrierId, id: &CarrierMessageId) -> Option<&Message> {
        let found =
            self.by_link.find(self.hash_link(carrier, id), |slot| self.has_link(*slot, carrier, id))?;
        self.slots.get(*found as usize)
    }

    /// All of them, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        self.slots.iter().map(|(_, message)| message)
    }

    pub(super) fn insert(&mut self, message: Message) {
        let hash = self.hasher.hash_one(message.id);
        // The slab of a process that holds 2³² messages would be half a terabyte: the queue bounds come first.
        let Ok(slot) = u32::try_from(self.slots.insert(message)) else { return };
        let Self { slots, by_id, hasher, .. } = self;
        by_id.insert_unique(hash, slot, |slot| hash_id(slots, hasher, *slot));
    }

    pub(super) fn get_mut(&mut self, id: MessageId) -> Option<&mut Message> {
        let slot = self.slot(id)?;
        self.slots.get_mut(slot)
    }

    pub(super) fn remove(&mut self, id: MessageId) -> Option<Message> {
        self.unlink(id);
        let hash = self.hasher.hash_one(id);
        let Self { slots, by_id, .. } = self;
        let entry =
            by_id.find_entry(hash, |slot| slots.get(*slot as usize).is_some_and(|m| m.id == id)).ok()?;
        let (slot, _) = entry.remove();
        slots.try_remove(slot as usize)
    }

    /// Notes the carrier's id of a message, and finds it by that from now on. A carrier that gives the same id to two
    /// open messages makes the later one the one that it means.
    pub(super) fn link(&mut self, id: MessageId, link: CarrierMessageId) {
        self.unlink(id);
        let Some(slot) = self.slot(id) else { return };
        let Some(message) = self.slots.get_mut(slot) else { return };
        let carrier = message.carrier;
        let nameless = link.is_empty();
        message.phase = Phase::Submitted(link.clone());
        let Ok(slot) = u32::try_from(slot) else { return };
        if nameless {
            return;
        }
        let hash = self.hash_link(carrier, &link);
        let Self { slots, by_link, hasher, .. } = self;
        let same = |other: &u32| link_of(slots, *other).is_some_and(|known| known == (carrier, &link));
        match by_link.find_mut(hash, same) {
            Some(taken) => *taken = slot,
            None => {
                by_link.insert_unique(hash, slot, |slot| {
                    link_of(slots, *slot).map_or(0, |(carrier, id)| hasher.hash_one((carrier, id)))
                });
            }
        }
    }

    /// Forgets the carrier's id of a message and returns it.
    pub(super) fn unlink(&mut self, id: MessageId) -> Option<(CarrierId, CarrierMessageId)> {
        let slot = u32::try_from(self.slot(id)?).ok()?;
        let (carrier, link) = link_of(&self.slots, slot).map(|(carrier, link)| (carrier, link.clone()))?;
        if let Ok(entry) = self.by_link.find_entry(self.hash_link(carrier, &link), |other| *other == slot) {
            entry.remove();
        }
        Some((carrier, link))
    }

    fn slot(&self, id: MessageId) -> Option<usize> {
        let same = |slot: &u32| self.slots.get(*slot as usize).is_some_and(|message| message.id == id);
        self.by_id.find(self.hasher.hash_one(id), same).map(|slot| *slot as usize)
    }

    fn hash_link(&self, carrier: CarrierId, id: &CarrierMessageId) -> u64 {
        self.hasher.hash_one((carrier, id))
    }

    fn has_link(&self, slot: u32, carrier: CarrierId, id: &CarrierMessageId) -> bool {
        link_of(&self.slots, slot).is_some_and(|known| known == (carrier, id))
    }
}

fn hash_id(slots: &Slab<Message>, hasher: &DefaultHashBuilder, slot: u32) -> u64 {
    slots.get(slot as usize).map_or(0, |message| hasher.hash_one(message.id))
}

fn link_of(slots: &Slab<Message>, slot: u32) -> Option<(CarrierId, &CarrierMessageId)> {
    let message = slots.get(slot as usize)?;
    match &message.phase {
        Phase::Submitted(link) => Some((message.carrier, link)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(n: u64) -> Message {
        Message {
            id: MessageId::from_u64(n).unwrap(),
            account: AccountId(0),
            carrier: CarrierId(0),
            accepted_at: Timestamp::from_millis(0),
            source: Address::default(),
            destination: Address::default(),
            registered_delivery: 1,
            phase: Phase::InDoubt,
        }
    }

    fn link(n: u64) -> CarrierMessageId {
        CarrierMessageId::new(n.to_string().as_bytes())
    }

    #[test]
    fn a_message_is_found_by_either_id_until_it_is_over() {
        let mut messages = Messages::default();
        for n in 1..=10_000 {
            messages.insert(message(n));
            messages.link(MessageId::from_u64(n).unwrap(), link(n));
        }
        for n in (1..=10_000).step_by(2) {
            assert!(messages.remove(MessageId::from_u64(n).unwrap()).is_some());
        }
        for n in 1..=10_000u64 {
            let id = MessageId::from_u64(n).unwrap();
            assert_eq!(messages.get(id).is_some(), n % 2 == 0);
            assert_eq!(messages.linked(CarrierId(0), &link(n)).map(|m| m.id), (n % 2 == 0).then_some(id));
        }
        assert!(messages.linked(CarrierId(1), &link(2)).is_none());
    }

    #[test]
    fn an_id_given_twice_means_the_later_message_and_the_earlier_does_not_take_it_away() {
        let mut messages = Messages::default();
        let (first, second) = (MessageId::from_u64(1).unwrap(), MessageId::from_u64(2).unwrap());
        messages.insert(message(1));
        messages.insert(message(2));
        messages.link(first, link(7));
        messages.link(second, link(7));
        assert_eq!(messages.linked(CarrierId(0), &link(7)).map(|m| m.id), Some(second));
        messages.remove(first);
        assert_eq!(messages.linked(CarrierId(0), &link(7)).map(|m| m.id), Some(second));
    }

    #[test]
    fn a_waiting_message_costs_no_more_than_112_octets_beside_its_index() {
        assert!(size_of::<Message>() <= 112, "{}", size_of::<Message>());
    }
}
