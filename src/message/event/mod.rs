//! The facts. Everything that the gateway knows is a fold over these, in order.
//!
//! # Format
//!
//! A record is one octet of kind and the fields in the order of the variant, little-endian; strings carry one octet
//! of length, bodies and parameters two. A kind is never reused and its fields never change: a new form gets a new
//! kind, and old kinds stay readable.
//!
//! An event holds the value that was decided, never a reference into settings, so that a replay needs none.
//!
//! # Time
//!
//! [`Event::Time`] dates everything behind it; `at` says the same where it is part of the fact. All of these are
//! calendar times. Whatever is waited for (`due_at`, `expires_at`, `until`) is on the log's own time line, which is
//! the calendar without its jumps: [`Event::ClockStepped`] says how far the two have come apart.

mod agreed;
mod carried;
mod closed;
mod codec;
mod money;
mod nouns;
mod outages;
mod recounts;
mod snapshot;
mod snapshots;
mod told;

use bytes::Bytes;

pub use agreed::{AgreedVersion, Agreement};
pub use carried::{Carried, PartOf, Stage};
pub use closed::{ClosedPeriod, GivenUp};
pub use codec::UnknownEvent;
pub use snapshot::Snapshot;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{
    Address, Bill, CarrierMessageId, Closing, Fact, FactId, Lapse, Outcome, Receipt, ReceiptState, Recount,
    Refusal, Submission, Terms,
};

/// One fact about a message, an account or a carrier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// From here on this number means the account of this name.
    AccountNamed {
        /// Its number in this log.
        account: AccountId,
        /// Its name in the settings.
        name: Bytes,
    },
    /// From here on this number means the carrier of this name.
    CarrierNamed {
        /// Its number in this log.
        carrier: CarrierId,
        /// Its name in the settings.
        name: Bytes,
    },
    /// The promise: this message is ours to bring to an end.
    Accepted {
        /// Its id.
        message: MessageId,
        /// When.
        at: Timestamp,
        /// The carrier that was chosen.
        carrier: CarrierId,
        /// Not to be handed over before; zero for at once.
        due_at: Timestamp,
        /// When it expires in our queue; zero for never, as releases wrote that knew no validity.
        expires_at: Timestamp,
        /// The id that the customer knows it by, when that is another one.
        shown: Option<MessageId>,
        /// The long message to which it belongs; its own id when it is the first part of one.
        part: Option<PartOf>,
        /// What was submitted. What it wished is in the fields above, and not in the record.
        submission: Box<Submission>,
    },
    /// Submissions that were refused since the last such event; a refusal promises nothing, so it is counted in sums.
    Refused {
        /// Whose.
        account: AccountId,
        /// Why.
        reason: Refusal,
        /// How many.
        count: u32,
    },
    /// A waiting message now waits for this carrier.
    Rerouted {
        /// Which message.
        message: MessageId,
        /// The new carrier.
        carrier: CarrierId,
    },
    /// The carrier is about to be sent the message: an event before it is a send.
    HandedOver {
        /// Which message.
        message: MessageId,
        /// When.
        at: Timestamp,
    },
    /// The carrier has it, under this id.
    Submitted {
        /// Which message.
        message: MessageId,
        /// The carrier's id of it, in the form of the carrier's responses.
        id: CarrierMessageId,
    },
    /// The carrier did not take it, or it was never written: back to the front of the queue.
    Returned {
        /// Which message.
        message: MessageId,
        /// The carrier's command_status; 0 when it was never written.
        status: u32,
    },
    /// The carrier refused it for good; its end follows.
    Declined {
        /// Which message.
        message: MessageId,
        /// The carrier's command_status.
        status: u32,
    },
    /// Handed over, and no answer came: neither sent nor unsent. Never resent blindly (promise 6).
    InDoubt {
        /// Which message.
        message: MessageId,
    },
    /// The end: what the message counts as, once.
    Ended {
        /// Which message.
        message: MessageId,
        /// When.
        at: Timestamp,
        /// What it counts as.
        outcome: Outcome,
    },
    /// A receipt that says nothing final about a message: kept for the record, counted apart, changes nothing.
    Noted {
        /// Which message.
        message: MessageId,
        /// Whether its word is unknown (promise 4), not merely intermediate.
        unknown: bool,
        /// What the carrier said.
        state: ReceiptState,
    },
    /// A receipt about a message that has ended already.
    Repeated {
        /// Who reported.
        carrier: CarrierId,
    },
    /// A receipt that matches nothing yet: it may have overtaken its response (promise 3).
    Parked {
        /// When.
        at: Timestamp,
        /// What the carrier said.
        receipt: Box<Receipt>,
    },
    /// A parked receipt has found its message.
    Unparked {
        /// Who reported.
        carrier: CarrierId,
        /// About which id.
        id: CarrierMessageId,
    },
    /// A parked receipt has waited long enough: it is not about a message of ours.
    Foreign {
        /// Who reported.
        carrier: CarrierId,
        /// About which id.
        id: CarrierMessageId,
    },
    /// What follows happened at this time. Each batch of the log begins with one, or what is left behind a freed
    /// segment would not know it.
    Time {
        /// The calendar's time.
        at: Timestamp,
        /// How far the calendar has run ahead of the log's own time line, in milliseconds.
        ahead: i64,
    },
    /// The calendar jumped; nothing that waits is moved by that.
    ClockStepped {
        /// Forward, in milliseconds; negative for back.
        by: i64,
    },
    /// The carrier did not take it, with a status that is worth another attempt: later, perhaps elsewhere.
    Deferred {
        /// Which message.
        message: MessageId,
        /// The carrier's command_status.
        status: u32,
        /// The carrier of the next attempt.
        carrier: CarrierId,
        /// Not before.
        until: Timestamp,
    },
    /// An operator said something.
    Fact(Box<Fact>),
    /// An account spends on these terms from now on, as the settings say.
    Terms {
        /// Which account.
        account: AccountId,
        /// When.
        at: Timestamp,
        /// How it pays, and when it is warned.
        terms: Terms,
    },
    /// A month of an account is over and was settled (R36): what came back, and what that was made of.
    MonthSettled {
        /// Which account.
        account: AccountId,
        /// Which month, as in 202111.
        month: u32,
        /// When.
        at: Timestamp,
        /// Segments that were paid with money.
        segments: u64,
        /// What was taken for them.
        accrued: Money,
        /// What they cost at the tier that the month reached.
        amount: Money,
        /// What came back of it as cash, or off the debt.
        cash: Money,
        /// What came back of it as a voucher.
        voucher: Money,
    },
    /// A message in doubt is to be handed over again: what goes out from now on is a copy.
    Resent {
        /// Which message.
        message: MessageId,
    },
    /// A carrier gave a message another id: that of a copy.
    Linked {
        /// Which message.
        message: MessageId,
        /// Which carrier.
        carrier: CarrierId,
        /// The id, in the form of the carrier's responses.
        id: CarrierMessageId,
    },
    /// The customer has replaced the content of a waiting message; what it is now follows.
    Replaced {
        /// Which message.
        message: MessageId,
        /// When.
        at: Timestamp,
        /// What is held for it from now on in place of what was; none where that stays.
        bill: Option<Box<Bill>>,
    },
    /// All parts of a long message are here: it waits for this carrier from now on.
    Gathered {
        /// The long message's first part.
        head: MessageId,
        /// The carrier of all parts.
        carrier: CarrierId,
    },
    /// A message from a carrier for one of our accounts: ours to deliver from now on.
    Received {
        /// Its id with us.
        message: MessageId,
        /// When.
        at: Timestamp,
        /// From which carrier.
        carrier: CarrierId,
        /// What came; its account is the one that it is for.
        submission: Box<Submission>,
    },
    /// A message as a whole: takes the place of all that was known about it.
    Carried(Box<Carried>),
    /// Something is out.
    OutageBegan {
        /// Since when, by the calendar: it may have been seen later.
        at: Timestamp,
        /// What.
        lapse: Lapse,
    },
    /// It is back.
    OutageEnded {
        /// Since when.
        at: Timestamp,
        /// What.
        lapse: Lapse,
    },
    /// A session with a carrier has ended.
    LinkClosed {
        /// Which carrier.
        carrier: CarrierId,
        /// When, how, and with whom.
        closing: Closing,
    },
    /// A record of a snapshot of all that is known beside the messages.
    Snapshot(Box<Snapshot>),
    /// A message that we had given up, and counted as pending, ended otherwise: a late receipt says so. Its customer
    /// has been told long ago.
    Corrected {
        /// Which message; of a long one its first part.
        message: MessageId,
        /// Which part of a long one the receipt is about; 0 of any other.
        part: u8,
        /// When the receipt came.
        at: Timestamp,
        /// What the receipt says of it.
        outcome: Outcome,
    },
    /// A message that was over when a fact was said, or taken back, counts as something else since (design, 8).
    Recounted(Box<Recount>),
    /// All messages that were over when this was said count as it has them.
    RecountedAll {
        /// Which fact.
        fact: FactId,
    },
    /// Periods of accounts are closed: what is counted for their days does not change any more (promise 14).
    Closed {
        /// When.
        at: Timestamp,
        /// Which.
        periods: Vec<ClosedPeriod>,
    },
    /// What an account is promised, or what a tariff says, is this from now on, as the settings say.
    Agreed(Box<Agreement>),
    /// A recipient wants no more messages of an account, or wants them again (R51).
    Opted {
        /// Which account.
        account: AccountId,
        /// The recipient's number, in the form in which it is looked for.
        number: Address,
        /// When.
        at: Timestamp,
        /// Whether it wants no more.
        out: bool,
        /// The message from it that says so, when that was taken.
        message: Option<MessageId>,
    },
    /// The customer did not take its receipt in time.
    Untold {
        /// About which message.
        message: MessageId,
    },
    /// The customer has acknowledged its receipt, or will never take it.
    Told {
        /// About which message.
        message: MessageId,
        /// The customer's command_status: 0 acknowledged, anything else refused for good.
        status: u32,
    },
}

#[cfg(test)]
mod tests;
