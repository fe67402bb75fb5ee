//! Everything that is known, as a fold over the events.

use std::time::Duration;

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId, MessageId, MessageIds};
use crate::base::time::Timestamp;
use crate::flow::agreed::Agreed;
use crate::flow::apply::wants_receipt;
use crate::flow::late::Late;
use crate::flow::long::Longs;
use crate::flow::messages::{Message, Messages, Phase};
use crate::flow::names::Names;
use crate::flow::recounts::Recounts;
use crate::flow::snapshot::Staged;
use crate::matching::{Finished, Parked};
use crate::message::{FactId, PartOf};
use crate::policy::OptedOut;
use crate::rating::Ledger;
use crate::sla::availability::History;
use crate::sla::book::CellKey;
use crate::sla::facts::Facts;
use crate::sla::{Book, Counters, Loads};

/// All facts that still matter. Changed by applying an event and by nothing else.
#[derive(Debug)]
pub struct State {
    /// Gives out message ids.
    pub(super) ids: MessageIds,
    /// How far the calendar has run ahead of the log's own time line, in milliseconds.
    pub(super) clock_offset: i64,
    /// The accounts' names.
    pub(super) accounts: Names,
    /// The carriers' names.
    pub(super) carriers: Names,
    /// The messages that are not over, and those whose customer is owed something.
    pub(super) messages: Messages,
    /// The long messages among them.
    pub(super) longs: Longs,
    /// How many messages wait for each carrier.
    pub(super) waiting: HashMap<CarrierId, usize>,
    /// How many receipts, and messages from carriers, each account is owed.
    pub(super) owed: HashMap<AccountId, usize>,
    /// Receipts that wait for their message.
    pub(super) parked: Parked,
    /// Links of messages that have ended.
    pub(super) finished: Finished,
    /// Messages that have been given up, and may be corrected.
    pub(super) late: Late,
    /// The counts.
    pub(super) counters: Counters,
    /// The ends of messages by day.
    pub(super) book: Book,
    /// Where messages counted as pending that were open when their period closed, and have moved since.
    pub(super) moved: HashMap<MessageId, CellKey>,
    /// What operators said.
    pub(super) facts: Facts,
    /// What of it messages that were over before are still recounted by.
    pub(super) recounts: Recounts,
    /// What was out, and how carriers' binds ended.
    pub(super) outages: History,
    /// How much accounts have submitted today.
    pub(super) loads: Loads,
    /// Who wants no more messages.
    pub(super) opted_out: OptedOut,
    /// Who has what, and what it was spent on.
    pub(super) ledger: Ledger,
    /// What the settings said last.
    pub(super) agreed: Agreed,
    /// The account of a wallet in the last snapshot that this version cannot read.
    pub(super) unreadable: Option<AccountId>,
    /// When what is read now happened, by the calendar.
    pub(super) last_time: Timestamp,
    /// Octets of contents that are kept in memory. No fact: a setting.
    pub(super) bodies_max: usize,
    /// A snapshot that is being read.
    pub(super) staged: Option<Box<Staged>>,
}

impl State {
    pub(super) fn new(shard: u16, bodies_max: usize) -> Self {
        Self {
            ids: MessageIds::new(shard),
            clock_offset: 0,
            accounts: Names::default(),
            carriers: Names::default(),
            messages: Messages::default(),
            longs: Longs::default(),
            waiting: HashMap::default(),
            owed: HashMap::default(),
            parked: Parked::default(),
            finished: Finished::default(),
            late: Late::default(),
            counters: Counters::default(),
            book: Book::default(),
            moved: HashMap::default(),
            facts: Facts::default(),
            recounts: Recounts::default(),
            outages: History::default(),
            loads: Loads::default(),
            opted_out: OptedOut::default(),
            ledger: Ledger::default(),
            agreed: Agreed::default(),
            unreadable: None,
            last_time: Timestamp::default(),
            bodies_max,
            staged: None,
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

    /// The ends of messages by day.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// What operators said.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether messages that were over when this was said are still being counted anew.
    #[must_use]
    pub fn is_recounting(&self, fact: FactId) -> bool {
        self.recounts.has(fact)
    }

    /// Who wants no more messages.
    #[must_use]
    pub const fn opted_out(&self) -> &OptedOut {
        &self.opted_out
    }

    /// Who has what, and what it was spent on.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The name of an account whose wallet this version cannot read: then nothing may go on, for money is not guessed.
    #[must_use]
    pub fn unreadable(&self) -> Option<&str> {
        self.unreadable.map(|account| self.accounts.name(account.0))
    }

    /// What was out, and how carriers' binds ended.
    #[must_use]
    pub const fn outages(&self) -> &History {
        &self.outages
    }

    /// How many messages have not ended.
    #[must_use]
    pub fn open(&self) -> usize {
        usize::try_from(self.counters.open()).unwrap_or(usize::MAX)
    }

    /// The messages that are not over, and those whose customer is owed something.
    #[must_use]
    pub const fn messages(&self) -> &Messages {
        &self.messages
    }

    /// How many messages wait for this carrier.
    #[must_use]
    pub fn queued(&self, carrier: CarrierId) -> usize {
        self.waiting.get(&carrier).copied().unwrap_or(0)
    }

    /// How many receipts, and messages from carriers, an account is owed.
    #[must_use]
    pub fn owed(&self, account: AccountId) -> usize {
        self.owed.get(&account).copied().unwrap_or(0)
    }

    /// Whether a message that is over is owed to its customer, and does not just stay for the other parts' sake.
    pub(super) fn is_owed(&self, message: &Message) -> bool {
        let Phase::Ended(end) = &message.phase else { return false };
        let waits = |part: PartOf| part.one_receipt;
        let extra = self.messages.extra(message);
        let of_all = extra.is_some_and(|extra| extra.parts.is_some());
        let for_others = extra.and_then(|extra| extra.part).is_some_and(waits);
        !message.told && !for_others && (of_all || wants_receipt(message.registered_delivery, end.1.class))
    }

    /// How far the calendar has run ahead of the log's own time line, in milliseconds: for
    /// [`crate::message::Event::Time`].
    #[must_use]
    pub const fn ahead(&self) -> i64 {
        self.clock_offset
    }

    /// Whether an account is owed a notice of this message: its receipt, or itself.
    pub(super) fn owes_notice(&self, message: &Message) -> bool {
        matches!(message.phase, Phase::Incoming(_)) || self.is_owed(message)
    }

    /// A calendar time on the log's own time line, which does not jump when the calendar does: all that waits is
    /// measured by it.
    #[must_use]
    pub const fn log_time(&self, wall: Timestamp) -> Timestamp {
        Timestamp::from_millis(wall.as_millis().saturating_add_signed(self.clock_offset.saturating_neg()))
    }

    /// A time of the log's own time line as the calendar says it now.
    #[must_use]
    pub const fn calendar(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_millis(at.as_millis().saturating_add_signed(self.clock_offset))
    }
}

/// Adds to one of the gauges, or takes away from it; what is zero is not kept.
pub(super) fn gauge<K: Eq + std::hash::Hash>(gauges: &mut HashMap<K, usize>, key: K, up: bool) {
    if up {
        *gauges.entry(key).or_default() += 1;
    } else if let hashbrown::hash_map::Entry::Occupied(mut entry) = gauges.entry(key) {
        *entry.get_mut() = entry.get().saturating_sub(1);
        if *entry.get() == 0 {
            entry.remove();
        }
    }
}

/// How far a calendar may come apart from the process's own clock before that counts as a jump: more than clocks are
/// disciplined by in an hour, and less than any timer notices.
pub(super) const CLOCK_SLACK: Duration = Duration::from_secs(2);
