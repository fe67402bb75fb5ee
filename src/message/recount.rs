//! A message that was over when an operator said something about it.

use std::sync::Arc;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::message::{Category, FactId, Grounds, Outcome, Zone};

/// What a message counts as since a fact was said, or taken back, that it had ended before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recount {
    /// The fact by which it is looked at once more.
    pub fact: FactId,
    /// Which message; of a long one its first part.
    pub message: MessageId,
    /// Whose.
    pub account: AccountId,
    /// The carrier that had it last.
    pub carrier: CarrierId,
    /// What kind of message it was.
    pub category: Category,
    /// Where it went.
    pub zone: Zone,
    /// When it became ours.
    pub accepted_at: Timestamp,
    /// The record of the log by which it ended.
    pub ended: RecordNumber,
    /// When it is recounted.
    pub at: Timestamp,
    /// What became of it, whatever takes it out of the counts.
    pub outcome: Outcome,
    /// What took it out of them so far.
    pub was: Option<Grounds>,
    /// What takes it out of them from now on.
    pub now: Option<Grounds>,
}

/// A recount, as the records want it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recounted {
    /// The name of the account.
    pub account: Arc<str>,
    /// The name of the carrier.
    pub carrier: Arc<str>,
    /// What it says.
    pub recount: Recount,
}
