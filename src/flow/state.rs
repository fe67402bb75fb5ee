//! Everything that is known, as a fold over the events.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId, MessageId, MessageIds};
use crate::flow::messages::Messages;
use crate::flow::names::Names;
use crate::matching::{Finished, Parked};
use crate::sla::Counters;

/// All facts that still matter. Changed by applying an event and by nothing else.
#[derive(Debug)]
pub struct State {
    /// Gives out message ids.
    pub(super) ids: MessageIds,
    /// The accounts' names.
    pub(super) accounts: Names,
    /// The carriers' names.
    pub(super) carriers: Names,
    /// The messages that are not over, and those whose customer is owed a receipt.
    pub(super) messages: Messages,
    /// What waits for each carrier, in the order in which it was accepted.
    pub(super) queues: HashMap<CarrierId, VecDeque<MessageId>>,
    /// Receipts that wait for their message.
    pub(super) parked: Parked,
    /// Links of messages that have ended.
    pub(super) finished: Finished,
    /// The counts.
    pub(super) counters: Counters,
}

impl State {
    pub(super) fn new(shard: u16) -> Self {
        Self {
            ids: MessageIds::new(shard),
            accounts: Names::default(),
            carriers: Names::default(),
            messages: Messages::default(),
            queues: HashMap::default(),
            parked: Parked::default(),
            finished: Finished::default(),
            counters: Counters::default(),
        }
    }

    /// The number of the account with this name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<AccountId> {
        self.accounts.number(name).map(AccountId)
    }

    /// The number of the carrier with this name.
    #[must_use]
    pub fn carrier(&self, name: &str) -> Option<CarrierId> {
        self.carriers.number(name).map(CarrierId)
    }

    /// Every account's number and name.
    pub fn account_names(&self) -> impl Iterator<Item = (u32, &str)> {
        self.accounts.iter()
    }

    /// Every carrier's number and name.
    pub fn carrier_names(&self) -> impl Iterator<Item = (u32, &str)> {
        self.carriers.iter()
    }

    /// The counts.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many messages have not ended.
    #[must_use]
    pub fn open(&self) -> usize {
        usize::try_from(self.counters.open()).unwrap_or(usize::MAX)
    }

    /// The messages that are not over, and those whose customer is owed a receipt.
    #[must_use]
    pub const fn messages(&self) -> &Messages {
        &self.messages
    }

    /// How many messages wait for this carrier.
    #[must_use]
    pub fn queued(&self, carrier: CarrierId) -> usize {
        self.queues.get(&carrier).map_or(0, VecDeque::len)
    }
}
