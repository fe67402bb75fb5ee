//! When is it time for a message? Of what is far away nothing is kept: the messages themselves are looked through.
//!
//! A timer for each of ten million messages would cost more than the messages. Most are over long before anything is
//! due for them, so only what is due soon has an entry; what is due later is found by going through all messages,
//! a little each second, before it is soon. Nothing here is a fact: a restart goes through all of them once.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::flow::messages::{Message, Messages};

/// How long going through all messages takes.
const ROUND: Duration = Duration::from_secs(60);

/// What is due within this has an entry: two rounds, so that whatever becomes due later than that when it is looked at
/// is looked at once more in time.
const SOON: Duration = Duration::from_secs(120);

/// The timers.
#[derive(Debug, Default)]
pub(in crate::flow) struct Timers {
    soon: BTreeSet<(Timestamp, MessageId)>,
    /// Until when everything due has an entry.
    horizon: Timestamp,
    /// When messages were looked through last.
    looked_at: Timestamp,
    /// The place of the next to be looked at.
    cursor: usize,
}

impl Timers {
    /// When messages were looked through last.
    pub(in crate::flow) const fn looked_at(&self) -> Timestamp {
        self.looked_at
    }

    /// Whether a wait of this length, from now on, is found in time by going through the messages.
    pub(in crate::flow) fn finds(wait: Duration) -> bool {
        wait >= SOON
    }

    /// Something is due for a message then.
    pub(in crate::flow) fn note(&mut self, due: Timestamp, id: MessageId) {
        if due <= self.horizon {
            self.soon.insert((due, id));
        }
    }

    /// Goes through the share of all messages that the time since the last look asks for.
    pub(in crate::flow) fn look(
        &mut self,
        now: Timestamp,
        messages: &Messages,
        due: impl Fn(&Message) -> Option<Timestamp>,
    ) {
        let since = now.since(self.looked_at);
        if since.is_zero() {
            return;
        }
        (self.looked_at, self.horizon) = (now, now + SOON);
        let places = messages.places();
        let millis = |time: Duration| usize::try_from(time.as_millis()).unwrap_or(usize::MAX);
        let share = if since >= ROUND { places } else { places * millis(since) / millis(ROUND) + 1 };
        let mut left = share.min(places);
        while left > 0 {
            let (stretch, next) = messages.stretch(self.cursor, left);
            for message in stretch {
                if let Some(due) = due(message).filter(|due| *due <= self.horizon) {
                    self.soon.insert((due, message.id));
                }
            }
            // At the end it begins again, unless that was all.
            left = if next == 0 { left.saturating_sub(places.saturating_sub(self.cursor)) } else { 0 };
            self.cursor = next;
        }
    }

    /// The next message for which something is due now, once.
    pub(in crate::flow) fn pop(&mut self, now: Timestamp) -> Option<MessageId> {
        self.soon.first().filter(|(due, _)| *due <= now)?;
        self.soon.pop_first().map(|(_, id)| id)
    }

    /// When something is due next, as far as is known yet.
    pub(in crate::flow) fn next(&self) -> Option<Timestamp> {
        self.soon.first().map(|(due, _)| *due)
    }
}
