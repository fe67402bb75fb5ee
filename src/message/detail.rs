//! What stays of a message that has ended: its detail record. And of a receipt that was not about any of ours.

use std::sync::Arc;

use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::message::{Address, Billed, CarrierMessageId, Category, Class, FactId, Outcome, Receipt, Zone};

/// Everything that is kept of one message once it has ended (operations 5.1, what exists by now). Made from what the
/// flow holds without allocating: names are shared, ids up to 22 octets are inline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Detail {
    /// Its id in the log.
    pub message: MessageId,
    /// The id that the customer was told, where that is another one: the head of a long message, or the answer to a
    /// `submit_multi`.
    pub shown: Option<MessageId>,
    /// The name of the account.
    pub account: Arc<str>,
    /// The name of the carrier that had it last; `None` when none was ever chosen.
    pub carrier: Option<Arc<str>>,
    /// The carrier's id of it, in the form of its responses; empty when it never said one.
    pub carrier_message_id: CarrierMessageId,
    /// What kind of message it was.
    pub category: Category,
    /// Where it went.
    pub zone: Zone,
    /// The sender.
    pub source: Address,
    /// The recipient.
    pub destination: Address,
    /// `registered_delivery`, as submitted.
    pub registered_delivery: u8,
    /// `data_coding`, as submitted.
    pub data_coding: u8,
    /// `esm_class`, as submitted.
    pub esm_class: u8,
    /// Of how many `submit_sm` it consisted; 1 unless it was a long message.
    pub parts: u8,
    /// In how many segments it went over the air, all parts together; 0 when nobody counted.
    pub sent: u32,
    /// What it cost.
    pub billed: Billed,
    /// Octets of user data in all parts, headers included.
    pub octets: u32,
    /// When it became ours.
    pub accepted_at: Timestamp,
    /// When it was last handed to a carrier; `None` when it never was.
    pub handed_over_at: Option<Timestamp>,
    /// When the carrier answered that; `None` when no answer was seen.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How often it was handed to a carrier.
    pub attempts: u16,
    /// How many of these were copies: sent again while an earlier one was in doubt.
    pub copies: u16,
    /// Whether the recipient may have got it more than once, or got it although the outcome says otherwise.
    pub ambiguous: bool,
    /// What it counts as, with the raw words.
    pub outcome: Outcome,
    /// What became of it, whatever takes it out of the counts.
    pub own_class: Class,
    /// Whether its account had submitted more by then than it had announced (R19).
    pub beyond_load: bool,
    /// The fact that excludes it; none where its carrier's code or its customer did, or nothing does.
    pub evidence: Option<FactId>,
    /// Whose word the outcome is.
    pub verdict: Verdict,
}

/// Whose word ended a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// The carrier's, by a receipt.
    Receipt,
    /// The carrier's, by its answer to the submission.
    Refusal,
    /// Ours: its validity ended in our queue.
    Expired,
    /// Ours: no carrier is left for it.
    NoRoute,
    /// Ours: handed over, no answer, and nothing was heard in time.
    DoubtTimedOut,
    /// Ours: the carrier took it, and its receipt never came.
    ReceiptNeverCame,
    /// Ours: parts of the long message did not come in time.
    GatherTimedOut,
    /// The customer's, by `cancel_sm`.
    Cancelled,
    /// The recipient's, who wanted no more of the account's messages while this one waited.
    OptedOut,
    /// Ours: the long message did not say how its recipient opts out, and had to.
    OptOutMissing,
    /// The carrier's, by a receipt that came when the message had been given up: one more record of the same message,
    /// whose outcome takes the place of the pending one that the first record says.
    LateReceipt,
    /// An operator's, by a fact that was said, or taken back, when it was over: one more record of the same message,
    /// whose outcome takes the place of the one before.
    Recounted,
}

impl Verdict {
    /// Every verdict, in the order of tables.
    pub const ALL: [Self; 12] = [
        Self::Receipt,
        Self::Refusal,
        Self::Expired,
        Self::NoRoute,
        Self::DoubtTimedOut,
        Self::ReceiptNeverCame,
        Self::GatherTimedOut,
        Self::Cancelled,
        Self::OptedOut,
        Self::OptOutMissing,
        Self::LateReceipt,
        Self::Recounted,
    ];

    /// The verdict in one lower-case word, for records and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Refusal => "refusal",
            Self::Expired => "expired",
            Self::NoRoute => "no_route",
            Self::DoubtTimedOut => "doubt_timed_out",
            Self::ReceiptNeverCame => "receipt_never_came",
            Self::GatherTimedOut => "gather_timed_out",
            Self::Cancelled => "cancelled",
            Self::OptedOut => "opted_out",
            Self::OptOutMissing => "opt_out_missing",
            Self::LateReceipt => "late_receipt",
            Self::Recounted => "recounted",
        }
    }
}

/// A receipt that has waited in parking and was not about any message of ours (promise 3).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignReceipt {
    /// The name of the carrier that reported.
    pub carrier: Arc<str>,
    /// What it said; the carrier's number in it means nothing outside the log.
    pub receipt: Receipt,
    /// Whose receipt it is: the `source_addr` of the carrier's `deliver_sm`; `None` when that was not kept.
    pub recipient: Option<Address>,
    /// When it was parked.
    pub parked_at: Timestamp,
    /// When it was given up.
    pub filed_at: Timestamp,
}
