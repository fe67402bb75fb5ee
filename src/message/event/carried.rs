//! A message as a whole, as it is written once more when the segment that held it is freed or its content changes.

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::message::{
    Address, Bill, CarrierMessageId, Content, Event, Label, Outcome, PartForm, ReceiptState,
};

/// Everything that is known about a message that is not over, or whose customer is owed something about it.
///
/// Times are on the log's own time line, which does not jump when the calendar does (`Event::ClockStepped`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Carried {
    /// Which message.
    pub message: MessageId,
    /// Whose it is.
    pub account: AccountId,
    /// The carrier that has it, is to have it, or has sent it.
    pub carrier: CarrierId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it expires in our queue; zero for never.
    pub expires_at: Timestamp,
    /// Not to be handed over before.
    pub wait_until: Option<Timestamp>,
    /// When it was handed over last.
    pub handed_over_at: Option<Timestamp>,
    /// When the carrier answered, or its silence became a doubt.
    pub answered_at: Option<Timestamp>,
    /// The sender.
    pub source: Address,
    /// The recipient.
    pub destination: Address,
    /// Which receipts the customer wants.
    pub registered_delivery: u8,
    /// As submitted.
    pub data_coding: u8,
    /// As submitted.
    pub esm_class: u8,
    /// Octets of user data.
    pub octets: u16,
    /// How often it was handed over, wrapping.
    pub attempts: u8,
    /// How often it was put off because a carrier refused it for now.
    pub tries: u8,
    /// How often it was handed over again while in doubt.
    pub copies: u8,
    /// Whether it was to be handed over later than at once.
    pub scheduled: bool,
    /// Whether the customer has been told already, and it stays only for the other parts' sake.
    pub told: bool,
    /// The id that the customer knows it by, when that is another one.
    pub shown: Option<MessageId>,
    /// The long message to which it belongs.
    pub part: Option<PartOf>,
    /// Of a long message that is over and has one receipt: how many parts it had, and how many were delivered.
    pub parts: Option<(u8, u8)>,
    /// Other ids that carriers gave it: those of copies.
    pub links: Vec<(CarrierId, CarrierMessageId)>,
    /// How far it has come.
    pub stage: Stage,
    /// What is to be handed over, while it may still be.
    pub content: Option<Content>,
    /// The carrier's last word about it that nobody knew.
    pub said: Option<ReceiptState>,
    /// By what it is counted apart.
    pub label: Label,
    /// What it costs and what became of it; none of one that is free, or whose money matters no more.
    pub bill: Option<Box<Bill>>,
}

/// The place of a part in its long message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartOf {
    /// The first part that came; its id stands for all.
    pub head: MessageId,
    /// How the part says that it is one.
    pub form: PartForm,
    /// The reference that the parts share.
    pub reference: u16,
    /// How many parts there are.
    pub total: u8,
    /// Which of them this is.
    pub number: u8,
    /// Whether there is one receipt for the whole, with the head's id, or one for each part.
    pub one_receipt: bool,
}

/// How far a message has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It waits for the other parts of its long message.
    Gathering,
    /// It waits for its carrier.
    Queued,
    /// It was handed over.
    HandedOver,
    /// It was handed over, and no answer came.
    InDoubt,
    /// The carrier has it, under this id; empty when it gave none.
    Submitted(CarrierMessageId),
    /// It is over, since then; a receipt is owed, or the other parts are not over yet.
    Ended(Timestamp, Outcome),
    /// It came from a carrier and waits for the account to take it.
    Incoming,
}

impl Event {
    /// The first part of the long message to which this record's message belongs, when the record holds one whole.
    #[must_use]
    pub fn head(&self) -> Option<MessageId> {
        match self {
            Self::Accepted { part, .. } => part.map(|part| part.head),
            Self::Carried(carried) => carried.part.map(|part| part.head),
            _ => None,
        }
    }

    /// The message that this record holds whole, and its content, which is left out of what is carried when it is not
    /// needed any more.
    #[must_use]
    pub fn into_whole(self) -> Option<(MessageId, Option<Content>)> {
        match self {
            Self::Accepted { message, submission, .. } | Self::Received { message, submission, .. } => {
                Some((message, Some(submission.content)))
            }
            Self::Carried(carried) => Some((carried.message, carried.content)),
            _ => None,
        }
    }
}
