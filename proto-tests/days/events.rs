//! What may happen in the day, to whom, and what somebody waits for.

use std::collections::BTreeMap;

use telegraphy::base::ids::MessageId;
use telegraphy::flow::{Answer, LinkId, Taking};
use telegraphy::message::Receipt;

/// What may happen. Times are in microseconds since the day began.
#[derive(Clone, Debug)]
pub(super) enum Ev {
    Burst(usize),
    Submit(usize),
    Part { account: usize, to: u64, total: u8, number: u8 },
    Manage(usize),
    Mo { carrier: usize, serial: u64 },
    NewMo,
    CarrierUp(usize),
    CarrierDown(LinkId),
    CarrierDies,
    Mood(usize),
    Answer { link: LinkId, message: MessageId, attempt: u8, answer: Answer },
    TimeOut { link: LinkId, message: MessageId, attempt: u8 },
    Receipt { carrier: usize, receipt: Box<Receipt> },
    Stranger,
    ReceiverUp(usize),
    ReceiverDown(LinkId),
    Taking { link: LinkId, message: MessageId, taking: Taking },
    Jump,
    Crash,
    SyncFails,
    Stop,
    Start,
    Look,
}

/// Whose a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    Carrier(usize),
    Receiver(usize),
}

/// A connection, and what was sent on it and is not answered.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) whose: Whose,
    pub(super) out: BTreeMap<(MessageId, u8), ()>,
    pub(super) given: BTreeMap<MessageId, ()>,
}

/// A request to which an answer must come, unless the process dies.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Single {
        fresh: bool,
    },
    Part,
    Multi {
        count: usize,
    },
    Cancel(MessageId),
    Query {
        ended: Option<u8>,
    },
    Other,
    /// A receipt or a message from a carrier, which sends it again.
    Again(Ev),
}
