//! The messages that are not over: one slot each, found by our id and by the carrier's.

mod ages;
mod pairs;
mod waiting;

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use slab::Slab;

use crate::base::ids::{CarrierId, MessageId};
use crate::flow::long::Long;
use crate::flow::message::{Extra, LINKS_MAX};
pub use crate::flow::message::{Message, Phase};
use crate::message::{Bill, CarrierMessageId, Content, PartOf, ReceiptState};
use ages::Ages;
use pairs::Pairs;

/// All messages that are not over, and those whose customer is owed a receipt.
#[derive(Debug, Default)]
pub struct Messages {
    slots: Slab<Message>,
    by_id: Ages,
    by_link: HashTable<u32>,
    /// What only few have.
    extras: HashMap<MessageId, Extra>,
    /// What those cost that are not free, and what became of that.
    bills: HashMap<MessageId, Bill>,
    /// Further links of messages with [`Extra::links`].
    copies: HashMap<(CarrierId, CarrierMessageId), MessageId>,
    /// Messages that may still be cancelled or replaced, by sender and recipient.
    pairs: Pairs,
    /// Those of them that began to wait only just now, and may have gone before anybody asks.
    unpaired: VecDeque<(u32, MessageId)>,
    /// Whether `pairs` is kept: not while a log is replayed, where nobody asks and nearly all of it would be for
    /// messages that have long moved on.
    pairing: bool,
    /// Octets of the contents in memory.
    bodies: usize,
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
        let found = self.by_link.find(self.hash_link(carrier, id), |slot| self.has_link(*slot, carrier, id));
        match found {
            Some(slot) => self.slots.get(*slot as usize),
            None if self.copies.is_empty() => None,
            None => self.get(*self.copies.get(&(carrier, id.clone()))?),
        }
    }

    /// What only few messages have.
    pub(super) fn extra(&self, message: &Message) -> Option<&Extra> {
        if message.has_extra { self.extras.get(&message.id) } else { None }
    }

    /// The id that the customer knows a message by.
    pub(super) fn shown(&self, message: &Message) -> MessageId {
        self.extra(message).and_then(|extra| extra.shown).unwrap_or(message.id)
    }

    /// What a message costs and what became of that; none of one that is free, or whose money matters no more.
    pub(super) fn bill(&self, id: MessageId) -> Option<&Bill> {
        if self.bills.is_empty() { None } else { self.bills.get(&id) }
    }

    /// What a message costs, or what has become of that.
    pub(super) fn set_bill(&mut self, id: MessageId, bill: Bill) {
        self.bills.insert(id, bill);
    }

    /// Forgets what a message costs, and returns it.
    pub(super) fn take_bill(&mut self, id: MessageId) -> Option<Bill> {
        if self.bills.is_empty() { None } else { self.bills.remove(&id) }
    }

    /// The long message to which a message belongs.
    pub(super) fn part(&self, message: &Message) -> Option<PartOf> {
        self.extra(message).and_then(|extra| extra.part)
    }

    /// Octets of the contents in memory.
    pub(super) const fn bodies(&self) -> usize {
        self.bodies
    }

    /// The messages in these places, for whoever goes through all of them little by little, and the place to go on
    /// from; 0 when the end has been reached.
    pub(super) fn stretch(&self, from: usize, places: usize) -> (impl Iterator<Item = &Message>, usize) {
        let end = from.saturating_add(places);
        let next = if end >= self.slots.capacity() { 0 } else { end };
        ((from..end.min(self.slots.capacity())).filter_map(|place| self.slots.get(place)), next)
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.slots.capacity()
    }

    /// All of them, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        self.slots.iter().map(|(_, message)| message)
    }

    pub(super) fn insert(&mut self, mut message: Message, extra: Option<Extra>) {
        self.bodies += message.phase.content().map_or(0, |content| octets(content));
        let waits = message.phase.waits();
        message.has_extra = extra.is_some();
        if let Some(extra) = extra {
            for link in &extra.links {
                self.copies.insert(link.clone(), message.id);
            }
            self.extras.insert(message.id, extra);
        }
        let hash = self.hasher.hash_one(message.id);
        // The slab of a process that holds 2³² messages would be half a terabyte: the queue bounds come first.
        let Ok(slot) = u32::try_from(self.slots.insert(message)) else { return };
        let Self { slots, by_id, hasher, .. } = self;
        by_id.insert(hash, slot, |slot| hash_id(slots, hasher, *slot));
        if waits {
            self.add_pair(slot as usize);
        }
    }

    /// A message that has been found.
    pub(super) fn at(&self, slot: usize) -> Option<&Message> {
        self.slots.get(slot)
    }

    /// As [`Messages::at`], to be changed.
    pub(super) fn at_mut(&mut self, slot: usize) -> Option<&mut Message> {
        self.slots.get_mut(slot)
    }

    pub(super) fn get_mut(&mut self, id: MessageId) -> Option<&mut Message> {
        let slot = self.slot(id)?;
        self.slots.get_mut(slot)
    }

    /// Moves a message on; `next` gets its content, if that is in memory, and gives its new phase.
    pub(super) fn advance(&mut self, id: MessageId, next: impl FnOnce(Option<Arc<Content>>) -> Phase) {
        if let Some(slot) = self.slot(id) {
            self.advance_at(slot, next);
        }
    }

    /// As [`Messages::advance`], of a message that has been found.
    pub(super) fn advance_at(&mut self, slot: usize, next: impl FnOnce(Option<Arc<Content>>) -> Phase) {
        let Some(message) = self.slots.get_mut(slot) else { return };
        let before = message.phase.content().cloned();
        let octets_before = before.as_deref().map_or(0, octets);
        let waited = message.phase.waits();
        message.phase = next(before);
        let waits = message.phase.waits();
        let octets_after = message.phase.content().map_or(0, |content| octets(content));
        self.bodies = (self.bodies + octets_after).saturating_sub(octets_before);
        match (waited, waits) {
            (false, true) => self.add_pair(slot),
            (true, false) => self.remove_pair(slot),
            _ => {}
        }
    }

    /// Takes in a content that was read back from the log, where one is missing.
    pub(super) fn fill(&mut self, id: MessageId, content: Content) {
        let Some(slot) = self.slot(id) else { return };
        let Some(place @ None) = self.slots.get_mut(slot).and_then(|message| message.phase.place()) else {
            return;
        };
        self.bodies += octets(&content);
        *place = Some(Arc::new(content));
    }

    /// Another id that a carrier gave a message: that of a copy.
    pub(super) fn link_copy(&mut self, id: MessageId, carrier: CarrierId, link: CarrierMessageId) {
        let Some(message) = self.get_mut(id) else { return };
        message.has_extra = true;
        let extra = self.extras.entry(id).or_default();
        if extra.links.len() < LINKS_MAX {
            extra.links.push((carrier, link.clone()));
            self.copies.insert((carrier, link), id);
        }
    }

    /// The long message is over; its head stands for all of it until the receipt is taken.
    pub(super) fn set_parts(&mut self, head: MessageId, long: &Long) {
        if let Some(extra) = self.extras.get_mut(&head) {
            extra.part = None;
            extra.parts = Some((u8::try_from(long.parts.len()).unwrap_or(u8::MAX), long.delivered()));
        }
    }

    /// The carrier's last word about it is one that nobody knows.
    pub(super) fn set_said(&mut self, id: MessageId, said: ReceiptState) {
        let Some(slot) = self.slot(id) else { return };
        if let Some(message) = self.at_mut(slot) {
            message.has_extra = true;
        }
        self.extras.entry(id).or_default().said = Some(said);
    }

    /// The long message is over; this part of it has a receipt of its own still to come.
    pub(super) fn leave_long(&mut self, id: MessageId) {
        if let Some(extra) = self.extras.get_mut(&id) {
            extra.part = None;
        }
    }

    /// Forgets the further ids of a message, and returns them.
    pub(super) fn unlink_copies(&mut self, id: MessageId) -> Vec<(CarrierId, CarrierMessageId)> {
        let links =
            self.extras.get_mut(&id).map(|extra| std::mem::take(&mut extra.links)).unwrap_or_default();
        for link in &links {
            if self.copies.get(link) == Some(&id) {
                self.copies.remove(link);
            }
        }
        links
    }

    pub(super) fn remove(&mut self, id: MessageId) -> Option<Message> {
        self.remove_at(self.slot(id)?)
    }

    /// As [`Messages::remove`], of a message that has been found.
    pub(super) fn remove_at(&mut self, slot: usize) -> Option<Message> {
        self.unlink_at(slot);
        let message = self.slots.get(slot)?;
        let (id, waits) = (message.id, message.phase.waits());
        if message.has_extra {
            self.unlink_copies(id);
            self.extras.remove(&id);
        }
        self.take_bill(id);
        if waits {
            self.remove_pair(slot);
        }
        let Self { slots, by_id, hasher, .. } = self;
        if let Ok(place) = u32::try_from(slot) {
            by_id.remove(hasher.hash_one(id), place);
        }
        let removed = slots.try_remove(slot)?;
        self.bodies =
            self.bodies.saturating_sub(removed.phase.content().map_or(0, |content| octets(content)));
        Some(removed)
    }

    /// Notes the carrier's id of a message, and finds it by that from now on. A carrier that gives the same id to two
    /// open messages makes the later one the one that it means.
    pub(super) fn link(&mut self, id: MessageId, link: CarrierMessageId) {
        if let Some(slot) = self.slot(id) {
            self.link_at(slot, link);
        }
    }

    /// As [`Messages::link`], of a message that has been found.
    pub(super) fn link_at(&mut self, slot: usize, link: CarrierMessageId) {
        self.unlink_at(slot);
        let Some(carrier) = self.slots.get(slot).map(|message| message.carrier) else { return };
        let hash = (!link.is_empty()).then(|| self.hash_link(carrier, &link));
        self.advance_at(slot, |_| Phase::Submitted(link));
        let (Some(hash), Ok(place)) = (hash, u32::try_from(slot)) else { return };
        let Self { slots, by_link, hasher, .. } = self;
        let Some((_, link)) = link_of(slots, place) else { return };
        let same = |other: &u32| link_of(slots, *other).is_some_and(|known| known == (carrier, link));
        match by_link.find_mut(hash, same) {
            Some(taken) => *taken = place,
            None => {
                by_link.insert_unique(hash, place, |place| {
                    link_of(slots, *place).map_or(0, |(carrier, id)| hasher.hash_one((carrier, id)))
                });
            }
        }
    }

    /// Forgets the carrier's id of a message that has been found, and returns it.
    pub(super) fn unlink_at(&mut self, slot: usize) -> Option<(CarrierId, CarrierMessageId)> {
        let slot = u32::try_from(slot).ok()?;
        let (carrier, link) = link_of(&self.slots, slot)?;
        if let Ok(entry) = self.by_link.find_entry(self.hash_link(carrier, link), |other| *other == slot) {
            entry.remove();
        }
        let (carrier, link) = link_of(&self.slots, slot)?;
        Some((carrier, link.clone()))
    }

    /// Where a message stands, for those who look at it several times: until it is removed.
    pub(super) fn slot(&self, id: MessageId) -> Option<usize> {
        find(&self.slots, &self.by_id, &self.hasher, id).map(|slot| slot as usize)
    }

    fn hash_link(&self, carrier: CarrierId, id: &CarrierMessageId) -> u64 {
        self.hasher.hash_one((carrier, id))
    }

    fn has_link(&self, slot: u32, carrier: CarrierId, id: &CarrierMessageId) -> bool {
        link_of(&self.slots, slot).is_some_and(|known| known == (carrier, id))
    }
}

fn find(slots: &Slab<Message>, by_id: &Ages, hasher: &DefaultHashBuilder, id: MessageId) -> Option<u32> {
    let same = |slot: &u32| slots.get(*slot as usize).is_some_and(|message| message.id == id);
    by_id.find(hasher.hash_one(id), same)
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

/// What a content costs in memory: its own octets, and the two small allocations around them.
fn octets(content: &Content) -> usize {
    content.body.len() + content.tlvs.len() + size_of::<Content>()
}

#[cfg(test)]
mod tests;
