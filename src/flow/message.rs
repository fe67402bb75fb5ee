//! One message while it is not over: what is known of it, in as few octets as can be.

use std::sync::Arc;
use std::time::Duration;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::message::{CarrierMessageId, Content, Label, Outcome, PackedAddress, PartOf, ReceiptState};

/// What is known about a message while it is not over. Kept small: millions wait for their receipts.
///
/// All times are on the log's own time line (`State::log_time`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The record that holds it whole: freed only when it has been carried.
    pub(super) home: RecordNumber,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Whose it is.
    pub account: AccountId,
    /// The carrier that has it, is to have it, or has sent it.
    pub carrier: CarrierId,
    /// When it expires in our queue.
    pub(super) expires: After,
    /// Until when it waits before it may be handed over.
    pub(super) wait: After,
    /// When it was handed over last.
    pub(super) handed_over: After,
    /// When the carrier answered, or its silence became a doubt.
    pub(super) answered: After,
    /// The sender.
    pub source: PackedAddress,
    /// The recipient.
    pub destination: PackedAddress,
    /// Which receipts the customer wants.
    pub registered_delivery: u8,
    /// As submitted, for the record.
    pub(super) data_coding: u8,
    /// As submitted, for the record.
    pub(super) esm_class: u8,
    /// Octets of user data, for the record.
    pub(super) octets: u16,
    /// How often it was handed over, wrapping: the number of the hand-over that is under way.
    pub(super) attempts: u8,
    /// How often it was put off because a carrier refused it for now.
    pub(super) tries: u8,
    /// How often it was handed over again while in doubt.
    pub(super) copies: u8,
    /// Whether the customer wanted it handed over later than at once.
    pub(super) scheduled: bool,
    /// Whether its customer has been told already, and it stays only for the other parts' sake.
    pub(super) told: bool,
    /// Whether something more is known about it ([`Extra`]).
    pub(super) has_extra: bool,
    /// By what it is counted apart.
    pub(super) label: Label,
    /// Whether it is among those that are found by sender and recipient. No fact.
    pub(super) paired: bool,
    /// How far it has come.
    pub phase: Phase,
}

/// How far a message has come.
///
/// A content is a copy of what the record at the message's home says; without it there, it is read back when its turn
/// comes. Whether it is in memory is no fact.
#[derive(Clone, Debug)]
pub enum Phase {
    /// It waits for the other parts of its long message.
    Gathering(Option<Arc<Content>>),
    /// It waits for its carrier.
    Queued(Option<Arc<Content>>),
    /// It was handed over; the content is at hand in case the carrier wants it later.
    HandedOver(Option<Arc<Content>>),
    /// It was handed over, and no answer came.
    InDoubt,
    /// The carrier has it, under this id; its receipt is awaited.
    Submitted(CarrierMessageId),
    /// It is over; a receipt is owed, or the other parts are not over yet.
    Ended(Box<(Timestamp, Outcome)>),
    /// It came from a carrier and waits for the account to take it.
    Incoming(Option<Arc<Content>>),
}

impl PartialEq for Phase {
    /// As facts go: wherever the contents are.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Submitted(one), Self::Submitted(other)) => one == other,
            (Self::Ended(one), Self::Ended(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Eq for Phase {}

impl Phase {
    /// The content, if it is in memory.
    pub(super) const fn content(&self) -> Option<&Arc<Content>> {
        match self {
            Self::Gathering(content)
            | Self::Queued(content)
            | Self::HandedOver(content)
            | Self::Incoming(content) => content.as_ref(),
            Self::InDoubt | Self::Submitted(_) | Self::Ended(_) => None,
        }
    }

    /// Whether the message waits here, and could be cancelled.
    pub(super) const fn waits(&self) -> bool {
        matches!(self, Self::Gathering(_) | Self::Queued(_))
    }

    /// Where the content goes that was read back; `None` where none is wanted.
    pub(super) const fn place(&mut self) -> Option<&mut Option<Arc<Content>>> {
        match self {
            Self::Gathering(content) | Self::Queued(content) | Self::Incoming(content) => Some(content),
            Self::HandedOver(_) | Self::InDoubt | Self::Submitted(_) | Self::Ended(_) => None,
        }
    }
}

/// A time after a message's acceptance in milliseconds, up to 49 days; farther ones are "never".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct After(u32);

impl After {
    /// It does not happen, or has not.
    pub(super) const NEVER: Self = Self(u32::MAX);

    /// From the acceptance and the time itself.
    pub(super) fn new(accepted_at: Timestamp, at: Timestamp) -> Self {
        Self(u32::try_from(at.since(accepted_at).as_millis()).unwrap_or(u32::MAX))
    }

    /// As [`After::new`] of a time that may not be there.
    pub(super) fn maybe(accepted_at: Timestamp, at: Option<Timestamp>) -> Self {
        at.map_or(Self::NEVER, |at| Self::new(accepted_at, at))
    }

    /// The time itself.
    pub(super) fn time(self, accepted_at: Timestamp) -> Option<Timestamp> {
        (self != Self::NEVER).then(|| accepted_at + Duration::from_millis(u64::from(self.0)))
    }
}

/// What only few messages have.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Extra {
    /// The id that the customer knows it by, when that is another one.
    pub(super) shown: Option<MessageId>,
    /// The long message to which it belongs.
    pub(super) part: Option<PartOf>,
    /// Of a long message that is over and has one receipt: how many parts it had, and how many were delivered.
    pub(super) parts: Option<(u8, u8)>,
    /// Other ids that carriers gave it: those of copies. At most [`LINKS_MAX`].
    pub(super) links: Vec<(CarrierId, CarrierMessageId)>,
    /// The carrier's last word about it that nobody knew.
    pub(super) said: Option<ReceiptState>,
}

/// Ids that a message can have beside its first: one for each copy of a cautious setting, and a few to spare. The
/// receipts of further ones are foreign.
pub(super) const LINKS_MAX: usize = 8;

impl Message {
    /// When it expires in our queue.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.expires.time(self.accepted_at)
    }

    /// Until when it waits before it may be handed over.
    pub(super) fn wait_until(&self) -> Option<Timestamp> {
        self.wait.time(self.accepted_at)
    }

    /// Whether it may be handed over at `now`, as far as its own wait goes.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.wait_until().is_none_or(|until| until <= now)
    }

    /// Since when the carrier has it, or it is in doubt.
    pub(super) fn answered_at(&self) -> Timestamp {
        self.answered.time(self.accepted_at).unwrap_or(self.accepted_at)
    }

    /// Whether others for the same recipient wait behind it: it was put off, not scheduled.
    pub(super) fn holds_others(&self) -> bool {
        self.tries > 0 && self.wait != After::NEVER && matches!(self.phase, Phase::Queued(_))
    }
}
