//! What waits to be sent, and who takes it? Receipts and messages from phones, from their making to a bind.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::base::time::Moment;
use crate::lab::smsc::calendar::{Calendar, Line};
use crate::lab::smsc::receipt::Waiting;
use crate::lab::smsc::settings::Settings;

/// Receipts and messages that may wait, in all: 200 MB of them. Overflow: submissions are answered with queue full, so
/// that no receipt of an accepted message is ever given up, and phones send no more.
pub(super) const KEPT_MAX: usize = 2_000_000;

/// Receipts for which one more bind is woken.
const RECEIPTS_PER_BIND: usize = 32;

/// Receipts that become ready at a time: more would hold up the answers, and the rest comes a tick later.
const READY_AT_ONCE: usize = 20_000;

/// The grain of the timer.
const TICK: Duration = Duration::from_millis(1);

/// What waits.
#[derive(Debug)]
pub(super) struct Mail {
    /// What is not due yet.
    calendar: Calendar,
    /// By the place of the system id in the settings.
    accounts: Vec<Account>,
    /// Tells the timer that something is due earlier than it knows.
    timer: Arc<Notify>,
    /// What is due between these comes at the end of them.
    hold: Option<(Moment, Moment)>,
}

/// What one system id is to get, and who takes it.
#[derive(Default, Debug)]
struct Account {
    /// What is due.
    ready: Line,
    /// Binds that receive, by their number.
    binds: Vec<(u64, Arc<Notify>)>,
    /// Which bind is woken next.
    cursor: usize,
}

impl Mail {
    pub(super) fn new(settings: &Settings, start: Moment, timer: Arc<Notify>) -> Self {
        Self {
            calendar: Calendar::default(),
            accounts: settings.system_ids.iter().map(|_| Account::default()).collect(),
            timer,
            hold: settings.hold.map(|hold| (start + hold.min, start + hold.max)),
        }
    }

    /// Sends it when its time has come.
    pub(super) fn schedule(&mut self, now: Moment, after: Duration, receipt: Waiting) {
        let mut at = now + after;
        if let Some((from, until)) = self.hold
            && (from..until).contains(&at)
        {
            at = until;
        }
        if at <= now {
            self.make_ready(receipt);
            return;
        }
        if self.calendar.next().is_none_or(|next| at < next) {
            self.timer.notify_one();
        }
        self.calendar.add(at, receipt);
    }

    fn make_ready(&mut self, receipt: Waiting) {
        let Some(account) = self.accounts.get_mut(usize::from(receipt.account)) else { return };
        account.ready.push_back(receipt);
        // One wakes for the first, and another for each heap that comes on top.
        if account.ready.len() % RECEIPTS_PER_BIND == 1 {
            account.wake();
        }
    }

    /// How much waits; what is under way is not counted.
    pub(super) fn waiting(&self) -> usize {
        self.calendar.len() + self.accounts.iter().map(|account| account.ready.len()).sum::<usize>()
    }

    /// Whether nothing may be sent now.
    pub(super) fn is_held(&self, now: Moment) -> bool {
        self.hold.is_some_and(|(from, until)| (from..until).contains(&now))
    }

    /// A bind that receives has come.
    pub(super) fn enter(&mut self, account: u16, bind: u64, wake: &Arc<Notify>) {
        if let Some(account) = self.accounts.get_mut(usize::from(account)) {
            account.binds.push((bind, Arc::clone(wake)));
        }
    }

    /// It has gone.
    pub(super) fn leave(&mut self, account: u16, bind: u64) {
        if let Some(account) = self.accounts.get_mut(usize::from(account)) {
            account.binds.retain(|(number, _)| *number != bind);
        }
    }

    /// Takes out what a bind with room for so many may send.
    pub(super) fn take_ready(&mut self, account: u16, room: usize, take: &mut Vec<Waiting>) {
        if let Some(account) = self.accounts.get_mut(usize::from(account)) {
            take.extend(std::iter::from_fn(|| account.ready.pop_front()).take(room));
        }
    }

    /// What has not been sent is the next one to be sent.
    pub(super) fn put_first(&mut self, receipt: Waiting) {
        if let Some(account) = self.accounts.get_mut(usize::from(receipt.account)) {
            account.ready.push_front(receipt);
            account.wake();
        }
    }

    /// Moves what is due to where binds take it; says when to come again.
    pub(super) fn tick(&mut self, now: Moment) -> Option<Moment> {
        for _ in 0..READY_AT_ONCE {
            let Some(receipt) = self.calendar.pop_due(now) else { break };
            self.make_ready(receipt);
        }
        // Whoever was woken may have had no room: another one has.
        for account in &mut self.accounts {
            if !account.ready.is_empty() {
                account.wake();
            }
        }
        self.calendar.next().map(|next| next.max(now + TICK))
    }
}

impl Account {
    fn wake(&mut self) {
        self.cursor = (self.cursor + 1) % self.binds.len().max(1);
        if let Some((_, bind)) = self.binds.get(self.cursor) {
            bind.notify_one();
        }
    }
}
