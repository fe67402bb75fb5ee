//! What waits for one carrier, by the order of acceptance.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::message::PackedAddress;

/// Messages looked at, at the front of a queue that may be left, for whether another carrier takes them.
pub(in crate::flow) const FRONT: usize = 256;

/// Messages that may be handed over, oldest first. An entry may be stale: its message was cancelled, expired, went
/// elsewhere or was put off; whoever takes it asks the state.
#[derive(Debug, Default)]
pub(in crate::flow) struct Queue {
    ids: VecDeque<MessageId>,
    /// How often its front has changed.
    changes: u64,
    /// Recipients of messages that were put off: whatever else is for them waits behind.
    held: HashMap<PackedAddress, Held>,
}

/// Messages behind one that was put off.
#[derive(Debug)]
struct Held {
    /// When it comes back at the latest.
    until: Timestamp,
    behind: Vec<MessageId>,
}

impl Queue {
    /// Ids grow in the order of acceptance, so the queue is kept in that order whoever comes back to it.
    pub(in crate::flow) fn join(&mut self, id: MessageId) {
        let place = match self.ids.back() {
            Some(last) if *last >= id => self.ids.binary_search(&id),
            _ => Err(self.ids.len()),
        };
        if let Err(place) = place {
            self.ids.insert(place, id);
            self.changes += u64::from(place < FRONT);
        }
    }

    /// The oldest entry.
    pub(in crate::flow) fn front(&self) -> Option<MessageId> {
        self.ids.front().copied()
    }

    /// Takes the oldest entry away.
    pub(in crate::flow) fn pop(&mut self) {
        self.ids.pop_front();
        self.changes += 1;
    }

    /// How often it has changed among its first [`FRONT`] entries.
    pub(in crate::flow) const fn changes(&self) -> u64 {
        self.changes
    }

    /// How many entries there are, stale ones included.
    pub(in crate::flow) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The entries from the front on.
    pub(in crate::flow) fn iter(&self) -> impl Iterator<Item = MessageId> {
        self.ids.iter().copied()
    }

    /// Some entry, counted from the front.
    pub(in crate::flow) fn get(&self, place: usize) -> Option<MessageId> {
        self.ids.get(place).copied()
    }

    /// A message to this recipient was put off: others to it wait for it, until then at the longest.
    pub(in crate::flow) fn hold(&mut self, recipient: PackedAddress, until: Timestamp) {
        let held = self.held.entry(recipient).or_insert_with(|| Held { until, behind: Vec::new() });
        held.until = held.until.max(until);
    }

    /// Whether a message to this recipient has to wait behind another; then it does.
    pub(in crate::flow) fn waits_behind(&mut self, recipient: &PackedAddress, id: MessageId) -> bool {
        if self.held.is_empty() {
            return false;
        }
        let Some(held) = self.held.get_mut(recipient) else { return false };
        held.behind.push(id);
        true
    }

    /// Lets go on whoever waited behind a message that was put off until now.
    pub(in crate::flow) fn release(&mut self, now: Timestamp) {
        if self.held.is_empty() {
            return;
        }
        let over: Vec<_> = self.held.extract_if(|_, held| held.until <= now).collect();
        for id in over.into_iter().flat_map(|(_, held)| held.behind) {
            self.join(id);
        }
    }

    /// When [`Queue::release`] has something to do next.
    pub(in crate::flow) fn released_at(&self) -> Option<Timestamp> {
        self.held.values().map(|held| held.until).min()
    }

    /// How often a message stands behind one that was put off.
    #[cfg(test)]
    pub(in crate::flow) fn behind(&self, recipient: &PackedAddress, id: MessageId) -> usize {
        self.held.get(recipient).map_or(0, |held| held.behind.iter().filter(|other| **other == id).count())
    }
}
