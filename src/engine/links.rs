//! Which connection is where: effects find their way out by the connection's number.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dashmap::DashMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::base::ids::MessageId;
use crate::engine::spare::Spare;
use crate::flow::{Effect, LinkId};

/// Effects for one connection, as they leave one group.
pub(super) type Parcel = Vec<Effect>;

/// The connections that are there.
///
/// A channel has no bound of its own: a connection is sent at most an answer for each request of its inbound window
/// and a request for each credit that it gave, and it gives those within its windows.
#[derive(Debug, Default)]
pub(super) struct Links {
    last: AtomicU64,
    senders: DashMap<LinkId, UnboundedSender<Parcel>>,
    /// Hand-overs on connections that were gone by then: message and attempt.
    undelivered: Mutex<Vec<(MessageId, u8)>>,
    /// Emptied parcels.
    pub(super) emptied: Spare<Effect>,
}

impl Links {
    /// A number and a channel for a new connection.
    pub(super) fn connect(&self) -> (LinkId, UnboundedReceiver<Parcel>) {
        let link = LinkId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let (sender, receiver) = unbounded_channel();
        self.senders.insert(link, sender);
        (link, receiver)
    }

    /// A connection is gone: nothing more is sent to it. What is in its channel is its owner's to answer for or to
    /// give back.
    pub(super) fn disconnect(&self, link: LinkId) {
        self.senders.remove(&link);
    }

    /// Lets a connection's effects out.
    pub(super) fn release(&self, link: LinkId, parcel: Parcel) {
        let sent = match self.senders.get(&link) {
            Some(sender) => sender.send(parcel).map_err(|refused| refused.0),
            None => Err(parcel),
        };
        if let Err(parcel) = sent {
            self.give_back(&parcel);
        }
    }

    /// Notes the messages among `effects` as not sent. Answers and receipts need no note: the state still has what
    /// they say.
    pub(super) fn give_back(&self, effects: &[Effect]) {
        let messages = effects.iter().filter_map(|effect| match effect {
            Effect::Send { message, attempt, .. } => Some((*message, *attempt)),
            _ => None,
        });
        self.undelivered.lock().unwrap_or_else(PoisonError::into_inner).extend(messages);
    }

    /// The messages that were not sent, each with its attempt, once.
    pub(super) fn take_undelivered(&self) -> Vec<(MessageId, u8)> {
        std::mem::take(&mut *self.undelivered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
