//! What is known beside the messages, as it is written once more before old segments are freed.
//!
//! A snapshot begins and ends; what lies between takes the place of all that was known before, at its end, whole. A
//! snapshot that was cut off by a crash changes nothing: the segments that it was to replace are still there.

use bytes::Bytes;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::message::event::{Agreement, GivenUp};
use crate::message::{Fact, Receipt};

/// One record of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Snapshot {
    /// Here it begins.
    Began {
        /// The last message id that was given out, if any was.
        last_id: Option<MessageId>,
        /// How far the calendar has run ahead of the log's own time line, in milliseconds.
        clock_offset: i64,
    },
    /// An account's name and counts.
    Account {
        /// Its number.
        account: AccountId,
        /// Its name.
        name: Bytes,
        /// Its counts, in the order that `sla` gives them.
        counts: Vec<u64>,
    },
    /// A carrier's name and counts.
    Carrier {
        /// Its number.
        carrier: CarrierId,
        /// Its name.
        name: Bytes,
        /// Its counts, in the order that `sla` gives them.
        counts: Vec<u64>,
    },
    /// Ends of messages by day.
    Cells {
        /// Some of the cells, in the form that `sla` gives them; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// What came to the days of closed periods after their close.
    Adjustments {
        /// Some of it, in the form that `sla` gives it; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// The periods that are closed.
    Closings {
        /// Some of them, in the form that `sla` gives them; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// Where messages were counted as pending that were open when their period closed, and have moved since.
    Moved {
        /// Some of them: the message's id, and the key of a cell as five integers; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// A message that was given up, and may be corrected.
    GivenUp(Box<GivenUp>),
    /// Facts by which messages that were over before are still being recounted.
    Recounts {
        /// Some of them, in the form that the flow gives them; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// How much accounts submitted on their latest day, in the form that `sla` gives it.
    Loads {
        /// All of it: three for each account.
        numbers: Vec<u64>,
    },
    /// Who wants no more messages of which account, in the form that `policy` gives it.
    OptedOut {
        /// Some of them; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// What an account has to spend, in the form that `rating` gives it.
    Wallet {
        /// Which account.
        account: AccountId,
        /// All of it.
        numbers: Vec<u64>,
    },
    /// What was used by day, in the form that `rating` gives it.
    Usage {
        /// Some of it; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// The months that were settled, in the form that `rating` gives them.
    Months {
        /// Some of them; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// Outages, and ends of sessions with carriers, in the form that `sla` gives them.
    Outages {
        /// Some of them; as many records as it takes.
        numbers: Vec<u64>,
    },
    /// What an account is promised, or what a tariff says.
    Agreed(Agreement),
    /// What an operator said.
    Fact(Fact),
    /// Hashes of ended links, oldest first.
    Finished {
        /// Some of them; as many records as it takes.
        hashes: Vec<u64>,
    },
    /// A parked receipt.
    Parked {
        /// Since when, on the log's own time line.
        at: Timestamp,
        /// What the carrier said.
        receipt: Receipt,
    },
    /// Here it ends, and counts.
    Ended,
}
