//! What do the binds of the simulated carrier share? Decisions, counters, and the receipts that wait.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::DefaultHashBuilder;
use tokio::sync::Notify;

use crate::base::time::{Moment, Now};
use crate::lab::seen::Seen;
use crate::lab::smsc::calendar::Calendar;
use crate::lab::smsc::journal::Journal;
use crate::lab::smsc::profile::{Answer, Plan};
use crate::lab::smsc::receipt::Waiting;
use crate::lab::smsc::settings::Settings;
use crate::lab::smsc::totals::Counts;
use crate::smpp::pdu::SubmitSm;
use crate::smpp::status::CommandStatus;
use crate::smpp::values::{MessageState, RegisteredDelivery};

/// Receipts that may wait, in all: 200 MB of them. Overflow: submissions are answered with queue full, so that no
/// receipt of an accepted message is ever given up.
pub(super) const RECEIPTS_KEPT_MAX: usize = 2_000_000;

/// Receipts for which one more bind is woken.
const RECEIPTS_PER_BIND: usize = 32;

/// How long to wait with a receipt that the peer asked to get later.
const RECEIPT_RETRY: Duration = Duration::from_secs(1);

/// How long an answer waits for the receipt that is to overtake it, when the two take different ways.
const EARLY_LEAD: Duration = Duration::from_millis(20);

/// How far a limit on the rate may be ahead of the clock: a tenth of a second's worth may come at once.
const RATE_BURST_NANOS: u64 = 100_000_000;

/// 2025-01-01T00:00:00Z: ids begin with the seconds since then, so that a carrier that was started again never gives
/// out an id twice.
const ID_EPOCH_MS: u64 = 1_735_689_600_000;
/// Bits for the ids of one second: 16 million.
const ID_COUNT_BITS: u32 = 24;

/// What the binds share. Locked once in a turn of a bind.
#[derive(Debug)]
pub(super) struct Office {
    settings: Arc<Settings>,
    pub(super) counts: Counts,
    /// The id of the submission that arrived first.
    id_first: u64,
    seen: Seen,
    hasher: DefaultHashBuilder,
    /// Receipts whose time has not come.
    calendar: Calendar,
    /// By the place of the system id in the settings.
    accounts: Vec<Account>,
    journal: Option<Journal>,
    /// When the submissions so far should have ended, if there is a limit: nanoseconds of the stopwatch.
    rate_at: u64,
    /// Tells the timer that something is due earlier than it knows.
    timer: Arc<Notify>,
}

/// The receipts of one system id, and who takes them.
#[derive(Default, Debug)]
struct Account {
    /// Receipts whose time has come.
    ready: VecDeque<Waiting>,
    /// Binds that receive, by their number.
    binds: Vec<(u64, Arc<Notify>)>,
    /// Which bind is woken next.
    cursor: usize,
}

/// What a bind does about a submission.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Answer it.
    Answer {
        status: CommandStatus,
        /// The message's id, if it is accepted.
        id: u64,
        /// After how long; zero for at once.
        after: Duration,
        /// The receipt to send first.
        early: Option<Box<Waiting>>,
    },
    /// Cut the connection.
    Cut,
    /// Do not answer.
    Never,
}

impl Verdict {
    const fn refuse(status: CommandStatus) -> Self {
        Self::Answer { status, id: 0, after: Duration::ZERO, early: None }
    }
}

impl Office {
    /// Opens the office.
    ///
    /// # Errors
    /// When the journal cannot be created.
    pub(super) fn new(settings: Arc<Settings>, now: Now, timer: Arc<Notify>) -> io::Result<Self> {
        let seconds = now.wall.as_millis().saturating_sub(ID_EPOCH_MS) / 1000;
        let journal = settings.journal.as_deref().map(Journal::create).transpose()?;
        let mut counts = Counts::default();
        counts.plain.seed = settings.seed;
        Ok(Self {
            accounts: settings.system_ids.iter().map(|_| Account::default()).collect(),
            counts,
            id_first: (seconds << ID_COUNT_BITS).saturating_add(1),
            seen: Seen::default(),
            hasher: DefaultHashBuilder::default(),
            calendar: Calendar::default(),
            journal,
            rate_at: 0,
            timer,
            settings,
        })
    }

    /// Decides about a submission and plans its receipt.
    pub(super) fn judge(&mut self, account: u16, message: &SubmitSm<&[u8]>, now: Now) -> Verdict {
        let arrival = self.counts.plain.submitted;
        self.counts.plain.submitted += 1;
        let mut decision = self.settings.odds.decide(self.settings.seed, arrival);
        if let Some(status) = self.obstacle(message, now.moment) {
            decision.answer = Answer::Refuse(status);
        }
        let id = self.id_first.saturating_add(arrival);
        self.note(arrival, id, decision.answer, message);
        match decision.answer {
            Answer::Refuse(status) => {
                self.counts.refused(status);
                Verdict::refuse(status)
            }
            Answer::Cut => {
                self.counts.plain.cut += 1;
                Verdict::Cut
            }
            Answer::Never { taken } => {
                self.counts.plain.unanswered += 1;
                if taken {
                    self.counts.plain.unanswered_taken += 1;
                    let _never_early = self.take(account, message, id, decision.receipt, now);
                }
                Verdict::Never
            }
            Answer::Accept { after } => {
                self.counts.plain.accepted += 1;
                self.counts.plain.accepted_late += u64::from(!after.is_zero());
                let early = self.take(account, message, id, decision.receipt, now).map(Box::new);
                let after = if early.is_some() { after.max(EARLY_LEAD) } else { after };
                Verdict::Answer { status: CommandStatus::ESME_ROK, id, after, early }
            }
        }
    }

    /// Why a message cannot be taken, whatever chance says.
    fn obstacle(&mut self, message: &SubmitSm<&[u8]>, now: Moment) -> Option<CommandStatus> {
        if message.destination.addr.is_empty() || !message.destination.addr.fits() {
            return Some(CommandStatus::ESME_RINVDSTADR);
        }
        if !message.source.addr.fits() {
            return Some(CommandStatus::ESME_RINVSRCADR);
        }
        if self.waiting() >= RECEIPTS_KEPT_MAX {
            return Some(CommandStatus::ESME_RMSGQFUL);
        }
        let rate = u64::from(self.settings.rate_max?).max(1);
        let now = now.as_micros().saturating_mul(1000);
        if self.rate_at > now.saturating_add(RATE_BURST_NANOS) {
            return Some(CommandStatus::ESME_RTHROTTLED);
        }
        self.rate_at = self.rate_at.max(now) + 1_000_000_000 / rate;
        None
    }

    fn note(&mut self, arrival: u64, id: u64, answer: Answer, message: &SubmitSm<&[u8]>) {
        let Some(journal) = &mut self.journal else { return };
        let body = match message.short_message.octets {
            [] => message.tlvs.message_payload().unwrap_or_default(),
            octets => octets,
        };
        let written = self.settings.ids.write(id);
        let id = written.as_slice();
        match answer {
            Answer::Accept { .. } => journal.line(arrival, id, &"accepted", body),
            Answer::Never { taken: true } => journal.line(arrival, id, &"unanswered", body),
            Answer::Never { taken: false } => journal.line(arrival, b"", &"lost", body),
            Answer::Cut => journal.line(arrival, b"", &"cut", body),
            Answer::Refuse(status) => journal.line(arrival, b"", &status, body),
        }
    }

    /// Takes a message; gives back its receipt if that is to overtake the response.
    fn take(
        &mut self,
        account: u16,
        message: &SubmitSm<&[u8]>,
        id: u64,
        plan: Plan,
        now: Now,
    ) -> Option<Waiting> {
        let body = (message.short_message.octets, message.tlvs.message_payload());
        let hash = self.hasher.hash_one((message.source.addr.0, message.destination.addr.0, body));
        self.counts.plain.duplicates += u64::from(!self.seen.insert(hash));
        if !wants_receipt(message.registered_delivery, plan.state) {
            return None;
        }
        if plan.withheld {
            self.counts.plain.receipts_withheld += 1;
            return None;
        }
        let receipt = Waiting::of(message, id, plan.state, account, now.wall)?;
        self.counts.receipt(plan.state);
        if let Some(again_after) = plan.again_after {
            self.counts.plain.receipts_duplicated += 1;
            self.schedule(now.moment, again_after, receipt.clone());
        }
        if plan.early {
            self.counts.plain.receipts_early += 1;
            return Some(receipt);
        }
        self.schedule(now.moment, plan.after, receipt);
        None
    }

    fn schedule(&mut self, now: Moment, after: Duration, receipt: Waiting) {
        if after.is_zero() {
            self.make_ready(receipt);
            return;
        }
        let at = now + after;
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

    /// Receipts that wait, those under way not counted.
    fn waiting(&self) -> usize {
        self.calendar.len() + self.accounts.iter().map(|account| account.ready.len()).sum::<usize>()
    }

    // === binds ===

    /// A bind that receives has come.
    pub(super) fn enter(&mut self, account: u16, bind: u64, wake: &Arc<Notify>) {
        if let Some(account) = self.accounts.get_mut(usize::from(account)) {
            account.binds.push((bind, Arc::clone(wake)));
        }
    }

    /// It has gone; what it had sent and was not answered is sent again.
    pub(super) fn leave(&mut self, account: u16, bind: u64, unanswered: impl Iterator<Item = Waiting>) {
        if let Some(account) = self.accounts.get_mut(usize::from(account)) {
            account.binds.retain(|(number, _)| *number != bind);
        }
        unanswered.for_each(|receipt| self.give_back(receipt));
    }

    /// Takes out receipts for a bind with room for so many.
    pub(super) fn take_ready(&mut self, account: u16, room: usize, take: &mut Vec<Waiting>) {
        if let Some(account) = self.accounts.get_mut(usize::from(account)) {
            let count = room.min(account.ready.len());
            take.extend(account.ready.drain(..count));
        }
    }

    /// A receipt could not be sent or was not answered: it is the next one to be sent.
    pub(super) fn give_back(&mut self, receipt: Waiting) {
        self.counts.plain.receipts_resent += 1;
        self.put_first(receipt);
    }

    /// A receipt that has not been sent is the next one to be sent.
    pub(super) fn put_first(&mut self, receipt: Waiting) {
        if let Some(account) = self.accounts.get_mut(usize::from(receipt.account)) {
            account.ready.push_front(receipt);
            account.wake();
        }
    }

    /// The peer has answered a receipt.
    pub(super) fn settle(&mut self, receipt: Waiting, status: CommandStatus, now: Moment) {
        if status.is_ok() {
            self.counts.plain.receipts_acknowledged += 1;
        } else if status.is_backpressure() || status == CommandStatus::ESME_RX_T_APPN {
            self.counts.plain.receipts_resent += 1;
            self.schedule(now, RECEIPT_RETRY, receipt);
        } else {
            self.counts.plain.receipts_refused += 1;
        }
    }

    // === the timer ===

    /// Moves what is due to where binds take it; says when to come again.
    pub(super) fn tick(&mut self, now: Moment) -> Option<Moment> {
        let mut due = Vec::new();
        self.calendar.take_due(now, |receipt| due.push(receipt));
        due.into_iter().for_each(|receipt| self.make_ready(receipt));
        // Whoever was woken may have had no room: another one has.
        for account in &mut self.accounts {
            if !account.ready.is_empty() {
                account.wake();
            }
        }
        self.calendar.next()
    }

    /// Writes to the disk what has been noted.
    pub(super) fn flush(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.flush();
        }
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

/// Whether this outcome is to be reported (SMPP 3.4 §5.2.17; 3 as 5.0 has it).
const fn wants_receipt(asked: RegisteredDelivery, state: MessageState) -> bool {
    let delivered = state.0 == MessageState::DELIVERED.0;
    match asked.receipt() {
        0 => false,
        1 => true,
        2 => !delivered,
        _ => delivered,
    }
}
