//! What comes into the flow, and what it lets out.

use std::sync::Arc;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::{Moment, Timestamp};
use crate::flow::Prepared;
use crate::message::{Address, CarrierMessageId, Content, Outcome, Receipt, Refusal};

/// A connection to a customer or to a carrier, while it lasts. Numbers are not used again in a process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u64);

/// Where an answer goes: the connection, its own word for the request, and when that came in (for the histograms).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplyTo {
    /// The connection on which the request came.
    pub link: LinkId,
    /// The connection's own number for the right to answer.
    pub ticket: u32,
    /// When it came.
    pub since: Moment,
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A customer submits a message that has passed [`crate::flow::Prepare`].
    Submit {
        /// Where the answer goes.
        reply: ReplyTo,
        /// The message, admitted and routed.
        prepared: Prepared,
    },
    /// So many submissions were refused before they came here.
    Refused {
        /// Whose.
        account: AccountId,
        /// Why.
        reason: Refusal,
        /// How many.
        count: u32,
    },
    /// A connection to a carrier can take so many more messages.
    CarrierReady {
        /// Which carrier.
        carrier: CarrierId,
        /// Which connection.
        link: LinkId,
        /// How many more.
        credits: u32,
    },
    /// A connection to a carrier is gone. What was sent on it has been answered one by one before.
    CarrierGone {
        /// Which carrier.
        carrier: CarrierId,
        /// Which connection.
        link: LinkId,
    },
    /// A carrier has answered, or will not any more.
    CarrierAnswered {
        /// Which message.
        message: MessageId,
        /// What it said.
        answer: Answer,
    },
    /// A carrier reports about a message; the id is still in the form of its receipts.
    Receipt {
        /// What it says.
        receipt: Receipt,
        /// Where the acknowledgement goes.
        reply: ReplyTo,
    },
    /// A customer's connection can take so many more receipts.
    CustomerReady {
        /// Whose.
        account: AccountId,
        /// Which connection.
        link: LinkId,
        /// How many more.
        credits: u32,
    },
    /// A customer's connection is gone; receipts that it had not answered wait again.
    CustomerGone {
        /// Whose.
        account: AccountId,
        /// Which connection.
        link: LinkId,
    },
    /// A customer has answered a receipt. Gives back one credit.
    CustomerAnswered {
        /// Whose.
        account: AccountId,
        /// Which connection.
        link: LinkId,
        /// The receipt of which message.
        message: MessageId,
        /// What it said.
        taking: Taking,
    },
    /// Time has passed.
    Tick,
}

/// A carrier's answer to a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It has the message, under this id, as it wrote it.
    Taken(CarrierMessageId),
    /// Not now: throttled or its queue is full, with this command_status. All of the carrier rests.
    Later(u32),
    /// Never, with this command_status.
    Refused(u32),
    /// No answer within the response timer, or the connection was lost before it.
    Silent,
    /// The message was never written to the connection.
    NotSent,
}

/// A customer's answer to a receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taking {
    /// It has it.
    Taken,
    /// Not now; ask again.
    Later,
    /// Never, with this command_status.
    Refused(u32),
}

/// Something that may happen once its group is durable. Each goes to one connection.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Answer a submission.
    Answer {
        /// To whom.
        reply: ReplyTo,
        /// The id that we gave, or why not.
        result: Result<MessageId, Refusal>,
    },
    /// Send a message to a carrier. Uses one credit.
    Send {
        /// On which connection.
        link: LinkId,
        /// Which message.
        message: MessageId,
        /// The sender.
        source: Address,
        /// The recipient.
        destination: Address,
        /// The rest. A receipt is to be asked for always, whatever the customer wants, or we could not count.
        content: Arc<Content>,
    },
    /// Acknowledge a carrier's receipt.
    Acknowledge {
        /// To whom.
        reply: ReplyTo,
    },
    /// Deliver a receipt to a customer. Uses one credit.
    Deliver {
        /// On which connection.
        link: LinkId,
        /// What it says.
        notice: Notice,
    },
}

impl Effect {
    /// The connection that the effect goes to.
    #[must_use]
    pub const fn link(&self) -> LinkId {
        match self {
            Self::Answer { reply, .. } | Self::Acknowledge { reply } => reply.link,
            Self::Send { link, .. } | Self::Deliver { link, .. } => *link,
        }
    }
}

/// A receipt for a customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notice {
    /// About which message.
    pub message: MessageId,
    /// Who had sent the message: the receipt's destination.
    pub source: Address,
    /// Who was to have it: the receipt's source.
    pub destination: Address,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What it counts as.
    pub outcome: Outcome,
}
