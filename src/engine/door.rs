//! The door for the edges: what they may ask of the engine, and the words for it.
//!
//! The door is bounded. When the engine is behind, [`Door::pass`] waits and so the session stops reading: nobody is
//! answered "queue full" while waiting would do.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use hashbrown::HashMap;
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, UnboundedReceiver};

pub use crate::flow::{
    Acceptance, AccountReport, Answer, CarrierReport, ComplaintReport, Effect, Input, LinkId, Manage,
    Managed, MoneyReport, News, Notice, OutageReport, Prepared, ReplyTo, Report, Taking, Told,
};

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::{Now, Timestamp};
pub use crate::engine::clock::Clock;
use crate::engine::links::{Links, Parcel};
use crate::engine::look::Look;
pub use crate::engine::look::{Ends, FactNow};
use crate::engine::spare::Spare;
pub use crate::engine::store::Room;
use crate::flow::{Prepare, State};
use crate::message::{Refusal, Submission};

/// Batches that may wait at the door. A batch is one read's worth, at most a few hundred PDUs; with more waiting the
/// engine is behind, and reading on would only move the queue into our memory.
pub const DOOR_BATCHES_MAX: usize = 64;

/// What comes through the door.
#[derive(Debug)]
pub(super) enum Knock {
    /// Things that happened, in order.
    Inputs(Vec<Input>),
    /// Somebody wants to see how things are.
    Look(Look),
}

/// What is on the disk, as of the last look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Octets of the log, those made ahead included.
    pub log_octets: u64,
    /// The position of the log's oldest record.
    pub log_start: u64,
    /// The position after its last.
    pub log_end: u64,
    /// How much room it has.
    pub room: Room,
    /// The position up to which what has ended is in the records, and when that was last written; `None` when nothing
    /// has been written since the start.
    pub records: Option<(u64, Timestamp)>,
}

/// The engine has stopped, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the engine has stopped: {0}")]
pub struct Stopped(Arc<str>);

/// The way in. Copies share it.
#[derive(Clone)]
pub struct Door(Arc<Shared>);

struct Shared {
    prepare: Prepare,
    accounts: HashMap<String, AccountId>,
    carriers: HashMap<String, CarrierId>,
    links: Arc<Links>,
    clock: Clock,
    knock: mpsc::Sender<Knock>,
    /// Emptied lists of inputs.
    emptied: Spare<Input>,
    /// Submissions refused since the engine last asked.
    refused: DashMap<(AccountId, Refusal), u32>,
    /// How much room the log has ([`Room`]).
    room: AtomicU8,
    /// Octets of the log, and the positions of its oldest record and of its end.
    log: [AtomicU64; 3],
    /// The position of the last record that is written, plus one, and when that was.
    written: [AtomicU64; 2],
    stopping: Notify,
    failure: OnceLock<Stopped>,
    failed: Notify,
}

impl Door {
    pub(super) fn new(
        prepare: Prepare,
        state: &State,
        links: Arc<Links>,
        clock: Clock,
        knock: mpsc::Sender<Knock>,
    ) -> Self {
        let own = |(number, name): (u32, &str)| (name.to_owned(), number);
        Self(Arc::new(Shared {
            prepare,
            accounts: state
                .account_names()
                .map(own)
                .map(|(name, number)| (name, AccountId(number)))
                .collect(),
            carriers: state
                .carrier_names()
                .map(own)
                .map(|(name, number)| (name, CarrierId(number)))
                .collect(),
            links,
            clock,
            knock,
            emptied: Spare::default(),
            refused: DashMap::new(),
            room: AtomicU8::new(Room::Plenty as u8),
            log: Default::default(),
            written: Default::default(),
            stopping: Notify::new(),
            failure: OnceLock::new(),
            failed: Notify::new(),
        }))
    }

    /// The number of an account.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<AccountId> {
        self.0.accounts.get(name).copied()
    }

    /// The number of a carrier.
    #[must_use]
    pub fn carrier(&self, name: &str) -> Option<CarrierId> {
        self.0.carriers.get(name).copied()
    }

    /// The name of an account; nothing when it is not in the settings.
    #[must_use]
    pub fn account_name(&self, account: AccountId) -> &str {
        name_of(&self.0.accounts, account)
    }

    /// The name of a carrier; nothing when it is not in the settings.
    #[must_use]
    pub fn carrier_name(&self, carrier: CarrierId) -> &str {
        name_of(&self.0.carriers, carrier)
    }

    /// The process's clocks.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.0.clock
    }

    /// A number and a mailbox for a new connection.
    #[must_use]
    pub fn connect(&self) -> Link {
        let (id, parcels) = self.0.links.connect();
        Link { id, parcels, links: Arc::clone(&self.0.links) }
    }

    /// Takes a submission through the steps that need settings only, on the caller's own task.
    ///
    /// # Errors
    /// Why it is refused; the refusal is counted.
    pub fn prepare(&self, now: Now, submission: Submission) -> Result<Prepared, Refusal> {
        let account = submission.account;
        if self.room() != Room::Plenty {
            self.refuse(account, Refusal::NoRoom);
            return Err(Refusal::NoRoom);
        }
        self.0.prepare.prepare(now, submission).inspect_err(|reason| self.refuse(account, *reason))
    }

    /// How much room the log has. Without plenty nothing new is accepted; with none at all what carriers send is to be
    /// sent again later.
    #[must_use]
    pub fn room(&self) -> Room {
        match self.0.room.load(Ordering::Relaxed) {
            room if room == Room::Plenty as u8 => Room::Plenty,
            room if room == Room::Low as u8 => Room::Low,
            _ => Room::None,
        }
    }

    pub(super) fn set_room(&self, room: Room) {
        self.0.room.store(room as u8, Ordering::Relaxed);
    }

    /// What is on the disk.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let [log_octets, log_start, log_end] = self.0.log.each_ref().map(|of| of.load(Ordering::Relaxed));
        let [past, at] = self.0.written.each_ref().map(|of| of.load(Ordering::Relaxed));
        let records = past.checked_sub(1).map(|position| (position, Timestamp::from_millis(at)));
        Kept { log_octets, log_start, log_end, room: self.room(), records }
    }

    pub(super) fn set_log(&self, octets: u64, start: u64, end: u64) {
        for (of, now) in self.0.log.iter().zip([octets, start, end]) {
            of.store(now, Ordering::Relaxed);
        }
    }

    /// Records up to this position are written now.
    pub(super) fn set_written(&self, position: u64, now: Timestamp) {
        let [past, at] = &self.0.written;
        if past.swap(position.saturating_add(1), Ordering::Relaxed) != position.saturating_add(1) {
            at.store(now.as_millis(), Ordering::Relaxed);
        }
    }

    /// As [`Door::pass`], from a thread that may wait; whether the engine still goes.
    pub(super) fn pass_blocking(&self, inputs: Vec<Input>) -> bool {
        inputs.is_empty() || self.0.knock.blocking_send(Knock::Inputs(inputs)).is_ok()
    }

    /// Whether the engine still goes.
    pub(super) fn goes(&self) -> bool {
        !self.0.knock.is_closed()
    }

    /// Counts a submission that the edge itself refused.
    pub fn refuse(&self, account: AccountId, reason: Refusal) {
        let mut count = self.0.refused.entry((account, reason)).or_default();
        *count = count.saturating_add(1);
    }

    /// An empty list for [`Door::pass`], with room from one that has been passed before.
    #[must_use]
    pub fn list(&self) -> Vec<Input> {
        self.0.emptied.take()
    }

    /// Passes what happened to the engine, in order. Waits while the engine is behind.
    ///
    /// # Errors
    /// [`Stopped`]: nothing can be made durable any more.
    pub async fn pass(&self, inputs: Vec<Input>) -> Result<(), Stopped> {
        self.knock(Knock::Inputs(inputs)).await
    }

    /// Waits until the engine fails; never returns when it does not.
    pub async fn wait_for_failure(&self) -> Stopped {
        loop {
            let failed = self.0.failed.notified();
            if let Some(stopped) = self.failure() {
                return stopped;
            }
            failed.await;
        }
    }

    /// Why the engine failed, when it has.
    #[must_use]
    pub fn failure(&self) -> Option<Stopped> {
        self.0.failure.get().cloned()
    }

    pub(super) async fn knock(&self, knock: Knock) -> Result<(), Stopped> {
        if let Some(stopped) = self.failure() {
            return Err(stopped);
        }
        self.0.knock.send(knock).await.map_err(|_| self.stopped())
    }

    pub(super) fn stopped(&self) -> Stopped {
        self.failure().unwrap_or_else(|| Stopped("it was told to".into()))
    }

    pub(super) fn fail(&self, why: &str) {
        let _first_cause_stays = self.0.failure.set(Stopped(why.into()));
        self.0.failed.notify_waiters();
        self.stop();
    }

    pub(super) fn stop(&self) {
        self.0.stopping.notify_one();
    }

    pub(super) async fn wait_for_stop(&self) {
        self.0.stopping.notified().await;
    }

    pub(super) fn emptied(&self, inputs: Vec<Input>) {
        self.0.emptied.give(inputs);
    }

    pub(super) fn links(&self) -> &Links {
        &self.0.links
    }

    /// The counts of refusals since the last call, as inputs.
    pub(super) fn take_refused(&self) -> Vec<Input> {
        let mut inputs = Vec::new();
        for mut entry in self.0.refused.iter_mut() {
            let (account, reason) = *entry.key();
            let count = std::mem::take(entry.value_mut());
            if count > 0 {
                inputs.push(Input::Refused { account, reason, count });
            }
        }
        inputs
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Door({} accounts, {} carriers)", self.0.accounts.len(), self.0.carriers.len())
    }
}

/// A connection's number and mailbox. Gone when dropped: messages in it then count as not sent.
#[derive(Debug)]
pub struct Link {
    id: LinkId,
    parcels: UnboundedReceiver<Parcel>,
    links: Arc<Links>,
}

impl Link {
    /// The connection's number.
    #[must_use]
    pub const fn id(&self) -> LinkId {
        self.id
    }

    /// The next effects for this connection. Safe to cancel.
    pub async fn effects(&mut self) -> Vec<Effect> {
        // The sender is with the engine for as long as this link is: the channel does not end before it.
        self.parcels.recv().await.unwrap_or_default()
    }

    /// More effects that are there already.
    pub fn more_effects(&mut self) -> Option<Vec<Effect>> {
        self.parcels.try_recv().ok()
    }

    /// Takes a list of effects back, for others to be sent in.
    pub fn emptied(&self, effects: Vec<Effect>) {
        self.links.emptied.give(effects);
    }

    /// Ends the connection and returns what had been sent to it and not been taken.
    pub fn close(mut self) -> Vec<Effect> {
        self.links.disconnect(self.id);
        let mut left = Vec::new();
        while let Ok(parcel) = self.parcels.try_recv() {
            left.extend(parcel);
        }
        left
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.links.disconnect(self.id);
        while let Ok(parcel) = self.parcels.try_recv() {
            self.links.give_back(&parcel);
        }
    }
}

fn name_of<N: PartialEq>(names: &HashMap<String, N>, number: N) -> &str {
    names.iter().find(|(_, known)| **known == number).map_or("", |(name, _)| name.as_str())
}
