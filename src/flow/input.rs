//! What comes into the flow, and what it lets out.
//!
//! The file is long because it is one vocabulary: most of it says what each word means.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::base::time::{Moment, Timestamp};
use crate::flow::Prepared;
use crate::flow::recounts::LookBack;
use crate::message::{
    Address, CarrierMessageId, Closing, Content, FactId, Lapse, Outcome, Receipt, Recount, Refusal, Says,
    Submission, Wishes,
};
use crate::rating::wallet::Unfit;
use crate::sla::facts::FactRefusal;
use crate::sla::terms::ClaimRefusal;

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
    /// A customer submits one content to several recipients.
    SubmitMulti {
        /// Where the answer goes.
        reply: ReplyTo,
        /// The messages, one for each recipient, in order.
        prepared: Vec<Prepared>,
        /// The recipients that were refused before.
        refused: Vec<(Address, Refusal)>,
    },
    /// A customer asks, cancels or replaces.
    Manage {
        /// Where the answer goes.
        reply: ReplyTo,
        /// Who.
        account: AccountId,
        /// What.
        request: Manage,
    },
    /// A message comes from a carrier for an account of ours.
    Incoming {
        /// From which carrier.
        carrier: CarrierId,
        /// What came. Its account is not known yet: the flow finds it.
        submission: Submission,
        /// Where the acknowledgement goes.
        reply: ReplyTo,
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
        /// Which hand-over of it, as in [`Effect::Send`].
        attempt: u8,
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
    /// An operator feeds a foreign receipt in again: it says nothing about how the carrier writes its ids now.
    Replayed {
        /// What it says.
        receipt: Receipt,
        /// Whether the id is in the form of the carrier's responses already, and not in that of its receipts.
        as_filed: bool,
        /// Where the acknowledgement goes.
        reply: ReplyTo,
    },
    /// An operator says something.
    Fact {
        /// Who says it, through what, why, and what.
        told: Told,
        /// Where the answer goes.
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
        /// Which notice, as in [`Notice::message`].
        message: MessageId,
        /// What it said.
        taking: Taking,
    },
    /// The contents of waiting messages, read back from the log.
    Fetched {
        /// For whom they had been asked.
        whom: Asker,
        /// Each with where it was looked for; `None` for one that is not there any more.
        found: Vec<(MessageId, RecordNumber, Option<Content>)>,
    },
    /// A record in a segment that is to be freed holds this message; with its content, when the record has one.
    Carry {
        /// Which message.
        message: MessageId,
        /// Where it stands.
        home: RecordNumber,
        /// The first part of the long message to which it belongs.
        head: Option<MessageId>,
        /// What the record holds.
        content: Option<Content>,
    },
    /// Everything below this record that still matters has been carried.
    CarriedAll {
        /// The first record that is to stay.
        up_to: RecordNumber,
    },
    /// A message was found that was over when a fact was said, and counts as something else by it. When it is recounted
    /// is not in it yet.
    Recount(Box<Recount>),
    /// There are no more of them.
    RecountedAll {
        /// By which fact.
        fact: FactId,
    },
    /// A session with a carrier has ended.
    CarrierClosed {
        /// Which carrier.
        carrier: CarrierId,
        /// When, how, and with whom.
        closing: Closing,
    },
    /// Somebody has seen that something is out, or that it is back. May be said again and again.
    Outage {
        /// What.
        lapse: Lapse,
        /// Since when.
        at: Timestamp,
        /// Whether it is out.
        is_out: bool,
    },
    /// Somebody wants to know whether the engine goes: acknowledged when all before it is durable.
    Pulse {
        /// Where the acknowledgement goes.
        reply: ReplyTo,
    },
    /// Whether there is room on the disk.
    Room {
        /// Whether new messages may be accepted.
        plenty: bool,
    },
    /// Time has passed.
    Tick,
}

/// What a customer wants of an earlier message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Manage {
    /// `query_sm` (§4.8).
    Query {
        /// Which message.
        message: MessageId,
        /// Its sender.
        source: Address,
    },
    /// `cancel_sm` of one message (§4.9).
    Cancel {
        /// Which message.
        message: MessageId,
        /// Its sender.
        source: Address,
    },
    /// `cancel_sm` without an id: all that wait from this sender to this recipient.
    CancelAll {
        /// The sender.
        source: Address,
        /// The recipient.
        destination: Address,
        /// Only those of this service type, unless it is empty.
        service_type: Octets<5>,
    },
    /// `replace_sm` (§4.10).
    Replace {
        /// Which message.
        message: MessageId,
        /// Its sender.
        source: Address,
        /// When, anew; what is not given stays as it was.
        wishes: Wishes,
        /// Which receipts, anew.
        registered_delivery: u8,
        /// The new body.
        body: Bytes,
    },
}

/// What becomes of a request about an earlier message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Managed {
    /// Where it stands.
    Standing {
        /// Which message.
        message: MessageId,
        /// A `message_state` of SMPP (§5.2.28).
        message_state: u8,
        /// When it came to its final state.
        ended_at: Option<Timestamp>,
        /// The error, for a message that failed: one octet of SMPP, 0 when there is none to give.
        error_code: u8,
    },
    /// It is done.
    Done,
}

/// A carrier's answer to a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It has the message, under this id, as it wrote it.
    Taken(CarrierMessageId),
    /// It has not, with this command_status; the carrier's table says what that means.
    Refused(u32),
    /// The message cannot be written as a PDU for this carrier, and never will: whatever its table says, this is final.
    Unwritable,
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
    /// Answer a submission to several recipients.
    AnswerMulti {
        /// To whom.
        reply: ReplyTo,
        /// The id that stands for all of them, or why none was accepted.
        result: Result<MessageId, Refusal>,
        /// The recipients that were not accepted.
        refused: Vec<(Address, Refusal)>,
    },
    /// Answer a request about an earlier message.
    AnswerManage {
        /// To whom.
        reply: ReplyTo,
        /// What became of it, or why nothing did.
        result: Result<Managed, Refusal>,
    },
    /// Send a message to a carrier. Uses one credit.
    Send {
        /// On which connection.
        link: LinkId,
        /// Which message.
        message: MessageId,
        /// Which hand-over of it, from 1; wraps. To come back with the answer.
        attempt: u8,
        /// What is left of the validity that the customer gave.
        valid_for: Option<Duration>,
        /// The sender.
        source: Address,
        /// The recipient.
        destination: Address,
        /// The rest. A receipt is to be asked for always, whatever the customer wants, or we could not count.
        content: Arc<Content>,
    },
    /// Acknowledge a carrier's receipt or message.
    Acknowledge {
        /// To whom.
        reply: ReplyTo,
        /// Whether it is ours now.
        taken: Acceptance,
    },
    /// Tell an operator what became of what he said.
    AnswerFact {
        /// To whom.
        reply: ReplyTo,
        /// The fact's number, or why it is none.
        result: Result<FactId, NoFact>,
        /// What is to be paid out by it.
        due: Option<Money>,
    },
    /// Deliver a receipt or a message to a customer. Uses one credit.
    Deliver {
        /// On which connection.
        link: LinkId,
        /// What it says.
        notice: Notice,
    },
}

/// What an operator says, before it is a fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Who says it.
    pub by: Bytes,
    /// Over which way.
    pub through: Bytes,
    /// Why, and where the evidence is.
    pub why: Bytes,
    /// What.
    pub says: Says,
}

/// What becomes of something that a carrier sends us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// It is ours, and durable.
    Taken,
    /// Not now: it is to be sent again.
    Later,
    /// Never: there is nobody here for it.
    Never,
}

/// For whom contents are read back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    /// What waits for this carrier.
    Carrier(CarrierId),
    /// What came for this account.
    Account(AccountId),
}

/// What the engine is to do with the log once a group is durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Chore {
    /// Read the contents of these messages back, each from its record. Whoever asks for them comes back with them.
    Fetch(Asker, Vec<(MessageId, RecordNumber)>),
    /// Forget everything below this record.
    Trim(RecordNumber),
    /// Look in the records for messages that were over when a fact was said. They come as [`Input::Recount`] in the
    /// order of their ends, and behind the last [`Input::RecountedAll`].
    LookBack(Box<LookBack>),
}

impl Effect {
    /// The connection that the effect goes to.
    #[must_use]
    pub const fn link(&self) -> LinkId {
        match self {
            Self::Answer { reply, .. }
            | Self::AnswerMulti { reply, .. }
            | Self::AnswerManage { reply, .. }
            | Self::AnswerFact { reply, .. }
            | Self::Acknowledge { reply, .. } => reply.link,
            Self::Send { link, .. } | Self::Deliver { link, .. } => *link,
        }
    }
}

/// What a customer is told: what became of a message, or a message for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What is answered for: with this the answer comes back.
    pub message: MessageId,
    /// The id that the customer knows the message by.
    pub shown: MessageId,
    /// Who had sent the message: a receipt's destination.
    pub source: Address,
    /// Who was to have it: a receipt's source.
    pub destination: Address,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// What there is to say.
    pub news: News,
}

/// The kinds of notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum News {
    /// It is over (`esm_class` 0x04).
    Final {
        /// When.
        at: Timestamp,
        /// What it counts as.
        outcome: Outcome,
        /// Parts that this receipt is about.
        parts: u8,
        /// Parts of them that were delivered.
        delivered: u8,
    },
    /// It is on its way (`esm_class` 0x20): told only to customers who asked for it, and not kept for those away.
    Intermediate {
        /// When the carrier said so.
        at: Timestamp,
        /// A `message_state` of SMPP (§5.2.28).
        message_state: u8,
    },
    /// A message from a carrier: `source` is the handset, `destination` our number.
    Incoming {
        /// The message.
        content: Arc<Content>,
    },
}

/// Why what an operator says is no fact. Nothing was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoFact {
    /// It does not say what a fact must say.
    Unsaid(FactRefusal),
    /// The account's wallet does not allow it.
    Money(Unfit),
    /// The account has no tariff, and so no wallet.
    NoWallet,
    /// The account has no contract, so there is nothing to claim.
    NoContract,
    /// The account's contract has no such period.
    NoPeriod,
    /// Nothing was promised yet when the period began.
    NothingPromised,
    /// The claim is not taken, or not answered so.
    Claim(ClaimRefusal),
    /// The recipient has opted out, or not, as it is.
    OptedAlready,
    /// As many numbers have opted out as are kept.
    TooManyOptedOut,
}

impl fmt::Display for NoFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid(refusal) => refusal.fmt(f),
            Self::Money(unfit) => unfit.fmt(f),
            Self::NoWallet => {
                f.write_str("the account has no tariff and so no wallet; give it one in the settings")
            }
            Self::NoContract => f.write_str("the account has no contract to claim by"),
            Self::NoPeriod => f.write_str("the account's contract has no such period"),
            Self::NothingPromised => {
                f.write_str("no version of the policy was in force when the period began")
            }
            Self::Claim(refusal) => refusal.fmt(f),
            Self::OptedAlready => f.write_str("so it is already"),
            Self::TooManyOptedOut => f.write_str("as many numbers have opted out as can be kept"),
        }
    }
}

impl std::error::Error for NoFact {}

impl From<FactRefusal> for NoFact {
    fn from(refusal: FactRefusal) -> Self {
        Self::Unsaid(refusal)
    }
}
