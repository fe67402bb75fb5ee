//! What do the binds of the simulated carrier share? Decisions, counters, and what is sent.

use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::base::time::{Moment, Now};
use crate::lab::seen::Seen;
use crate::lab::smsc::journal::{Entry, Journal};
use crate::lab::smsc::mail::{KEPT_MAX, Mail};
use crate::lab::smsc::profile::{Answer, Decision, Plan};
use crate::lab::smsc::receipt::{Kind, Waiting};
use crate::lab::smsc::settings::{Originated, Settings};
use crate::lab::smsc::totals::Counts;
use crate::smpp::pdu::SubmitSm;
use crate::smpp::status::CommandStatus;
use crate::smpp::values::{MessageState, RegisteredDelivery};

/// How long to wait with a receipt that the peer asked to get later.
const RECEIPT_RETRY: Duration = Duration::from_secs(1);

/// How often messages from phones are made.
const ORIGINATE_PAUSE: Duration = Duration::from_millis(5);

/// What makes of an id one that is never given out: the bit above all that seconds reach.
const FOREIGN: u64 = 1 << 62;

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
    /// Receipts and messages that wait.
    pub(super) mail: Mail,
    journal: Option<Journal>,
    originated_journal: Option<Journal>,
    start: Moment,
    /// Counts deaths; whoever is connected watches it.
    pub(super) deaths: watch::Sender<u64>,
    /// Until when nobody can connect.
    closed_until: Moment,
    /// When the submissions so far should have ended, if there is a limit: nanoseconds of the stopwatch.
    rate_at: u64,
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
        let create = |path: &Option<PathBuf>| path.as_deref().map(Journal::create).transpose();
        let mut counts = Counts::default();
        counts.plain.seed = settings.seed;
        Ok(Self {
            mail: Mail::new(&settings, now.moment, timer),
            counts,
            id_first: (seconds << ID_COUNT_BITS).saturating_add(1),
            seen: Seen::default(),
            journal: create(&settings.journal)?,
            originated_journal: create(&settings.originated_journal)?,
            start: now.moment,
            deaths: watch::Sender::new(0),
            closed_until: Moment::default(),
            rate_at: 0,
            settings,
        })
    }

    /// Decides about a submission and plans its receipt.
    pub(super) fn judge(&mut self, account: u16, message: &SubmitSm<&[u8]>, now: Now) -> Verdict {
        let arrival = self.counts.plain.submitted;
        self.counts.plain.submitted += 1;
        let mut decision = self.settings.odds.decide(self.settings.seed, arrival);
        if let Some(status) = self.obstacle(arrival, message, now.moment) {
            decision.answer = Answer::Refuse(status);
        } else if let Some(answer) = self.death(arrival) {
            decision.answer = answer;
        }
        let id = self.id_first.saturating_add(arrival);
        self.note(arrival, id, &decision, message, now.moment);
        match decision.answer {
            Answer::Refuse(status) => {
                self.counts.refused(status);
                Verdict::refuse(status)
            }
            Answer::Cut => {
                self.counts.plain.cut += 1;
                Verdict::Cut
            }
            Answer::Never { .. } | Answer::Die => {
                self.counts.plain.unanswered += 1;
                if decision.answer != (Answer::Never { taken: false }) {
                    self.counts.plain.unanswered_taken += 1;
                    decision.receipt.early = false;
                    let _never_early = self.take(account, message, id, &decision.receipt, now);
                }
                if decision.answer == Answer::Die { self.die(now.moment) } else { Verdict::Never }
            }
            Answer::Accept { after } => {
                self.counts.plain.accepted += 1;
                self.counts.plain.accepted_late += u64::from(!after.is_zero());
                let early = self.take(account, message, id, &decision.receipt, now).map(Box::new);
                let after = if early.is_some() { after.max(decision.receipt.early_lead) } else { after };
                Verdict::Answer { status: CommandStatus::ESME_ROK, id, after, early }
            }
        }
    }

    /// What becomes of a submission shortly before a death.
    fn death(&self, arrival: u64) -> Option<Answer> {
        match self.settings.deaths?.at(arrival) {
            (_, true) => Some(Answer::Die),
            (true, false) => Some(Answer::Never { taken: true }),
            (false, false) => None,
        }
    }

    fn die(&mut self, now: Moment) -> Verdict {
        self.counts.plain.deaths += 1;
        self.closed_until = now + self.settings.deaths.map_or(Duration::ZERO, |deaths| deaths.pause);
        self.deaths.send_replace(self.counts.plain.deaths);
        Verdict::Cut
    }

    /// Whether nobody can connect now.
    pub(super) fn is_closed(&self, now: Moment) -> bool {
        now < self.closed_until
    }

    /// Why a message cannot be taken, whatever chance says.
    fn obstacle(&mut self, arrival: u64, message: &SubmitSm<&[u8]>, now: Moment) -> Option<CommandStatus> {
        if message.destination.addr.is_empty() || !message.destination.addr.fits() {
            return Some(CommandStatus::ESME_RINVDSTADR);
        }
        if !message.source.addr.fits() {
            return Some(CommandStatus::ESME_RINVSRCADR);
        }
        if self.mail.waiting() >= KEPT_MAX {
            return Some(CommandStatus::ESME_RMSGQFUL);
        }
        if let Some(bursts) = &self.settings.bursts {
            let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
            let phase = micros(now.since(self.start)) % micros(bursts.every).max(1);
            if phase < micros(bursts.lasts) {
                let turn = usize::try_from(arrival).unwrap_or(0) % bursts.statuses.len().max(1);
                return Some(bursts.statuses.get(turn).copied().unwrap_or(CommandStatus::ESME_RTHROTTLED));
            }
        }
        let rate = u64::from(self.settings.rate_max?).max(1);
        let now = now.as_micros().saturating_mul(1000);
        if self.rate_at > now.saturating_add(RATE_BURST_NANOS) {
            return Some(CommandStatus::ESME_RTHROTTLED);
        }
        self.rate_at = self.rate_at.max(now) + 1_000_000_000 / rate;
        None
    }

    fn note(&mut self, arrival: u64, id: u64, decision: &Decision, message: &SubmitSm<&[u8]>, now: Moment) {
        let is_taken = match decision.answer {
            Answer::Accept { .. } | Answer::Die => true,
            Answer::Never { taken } => taken,
            Answer::Cut | Answer::Refuse(_) => false,
        };
        let body = body_of(message);
        let key = hash_of(&(message.source.addr.0, message.destination.addr.0, body));
        let first = is_taken.then(|| self.seen.insert(key));
        self.counts.plain.duplicates += u64::from(first == Some(false));
        let Some(journal) = &mut self.journal else { return };
        let written = self.settings.ids.write(id);
        let reported = is_taken && wants_receipt(message.registered_delivery, decision.receipt.state);
        let refusal;
        let answer: &dyn Display = match decision.answer {
            Answer::Accept { .. } => &"accepted",
            Answer::Die | Answer::Never { taken: true } => &"unanswered",
            Answer::Never { taken: false } => &"lost",
            Answer::Cut => &"cut",
            Answer::Refuse(status) => {
                refusal = status;
                &refusal
            }
        };
        journal.submission(&Entry {
            arrival,
            id: if is_taken { written.as_slice() } else { b"" },
            answer,
            body: behind_header(message, body),
            key: hash_of(&(message.destination.addr.0, body)),
            first,
            millis: now.since(self.start).as_millis(),
            outcome: match decision.receipt.state.word() {
                Some(word) if reported && !decision.receipt.withheld => word,
                _ => "-",
            },
            contradiction: decision.receipt.contradiction.and_then(|(state, _)| state.word()),
        });
    }

    /// Takes a message; gives back its receipt if that is to overtake the response.
    fn take(
        &mut self,
        account: u16,
        message: &SubmitSm<&[u8]>,
        id: u64,
        plan: &Plan,
        now: Now,
    ) -> Option<Waiting> {
        if !wants_receipt(message.registered_delivery, plan.state) {
            return None;
        }
        if plan.withheld {
            self.counts.plain.receipts_withheld += 1;
            return None;
        }
        let mut receipt = Waiting::of(message, id, plan.state, account, now.wall)?;
        receipt.as_data_sm = plan.data_sm;
        self.counts.receipt(plan.state);
        self.take_oddities(&receipt, plan, now.moment);
        if plan.early && !self.mail.is_held(now.moment) {
            self.counts.plain.receipts_early += 1;
            return Some(receipt);
        }
        self.mail.schedule(now.moment, plan.after, receipt);
        None
    }

    /// What comes beside a receipt.
    fn take_oddities(&mut self, receipt: &Waiting, plan: &Plan, now: Moment) {
        let counts = &mut self.counts.plain;
        if let Some(after) = plan.again_after {
            counts.receipts_duplicated += 1;
            self.mail.schedule(now, after, receipt.clone());
        }
        if let Some((state, after)) = plan.contradiction {
            counts.receipts_contradictory += 1;
            self.mail.schedule(now, after, Waiting { state, ..receipt.clone() });
        }
        if let Some((state, after)) = plan.intermediate {
            counts.receipts_intermediate += 1;
            self.mail.schedule(now, after, Waiting { state, kind: Kind::Intermediate, ..receipt.clone() });
        }
        if plan.foreign {
            counts.receipts_foreign += 1;
            self.mail.schedule(now, plan.after, Waiting { id: receipt.id ^ FOREIGN, ..receipt.clone() });
        }
    }

    // === what is sent ===

    /// A bind has gone; what it had sent and was not answered is sent again.
    pub(super) fn leave(&mut self, account: u16, bind: u64, unanswered: impl Iterator<Item = Waiting>) {
        self.mail.leave(account, bind);
        unanswered.for_each(|receipt| self.give_back(receipt));
    }

    /// Something could not be sent or was not answered: it is the next one to be sent.
    pub(super) fn give_back(&mut self, receipt: Waiting) {
        self.counts.plain.receipts_resent += 1;
        self.mail.put_first(receipt);
    }

    /// The peer has answered.
    pub(super) fn settle(&mut self, receipt: Waiting, status: CommandStatus, now: Moment) {
        let is_originated = receipt.kind == Kind::Originated;
        if let Some(journal) = self.originated_journal.as_mut().filter(|_| is_originated) {
            let (token, to) = receipt.noted();
            let answer: &dyn Display = if status.is_ok() { &"acknowledged" } else { &status };
            journal.originated(receipt.id, token, to, answer);
        }
        let counts = &mut self.counts.plain;
        if status.is_backpressure() || status == CommandStatus::ESME_RX_T_APPN {
            counts.receipts_resent += 1;
            self.mail.schedule(now, RECEIPT_RETRY, receipt);
            return;
        }
        let count = match (status.is_ok(), is_originated) {
            (true, false) => &mut counts.receipts_acknowledged,
            (false, false) => &mut counts.receipts_refused,
            (true, true) => &mut counts.originated_acknowledged,
            (false, true) => &mut counts.originated_refused,
        };
        *count += 1;
    }

    /// Moves what is due to where binds take it; says when to come again.
    pub(super) fn tick(&mut self, now: Now) -> Option<Moment> {
        let next = self.originate(now);
        self.mail.tick(now.moment).into_iter().chain(next).min()
    }

    /// Makes the messages from phones that are due; says when the next one is.
    fn originate(&mut self, now: Now) -> Option<Moment> {
        let Originated { rate, count, to } = self.settings.originated.as_ref()?;
        let made = &mut self.counts.plain.originated;
        let micros = now.moment.since(self.start).as_micros();
        let due = u64::try_from(micros * u128::from(*rate) / 1_000_000).unwrap_or(u64::MAX).min(*count);
        while *made < due && self.mail.waiting() < KEPT_MAX {
            let to = usize::try_from(*made).ok().and_then(|n| to.get(n % to.len().max(1)));
            let message = Waiting::originated(*made, self.settings.seed, to?, 0, now.wall)?;
            *made += 1;
            self.mail.schedule(now.moment, Duration::ZERO, message);
        }
        (*made < *count).then(|| now.moment + ORIGINATE_PAUSE)
    }

    /// Writes to the disk what has been noted.
    pub(super) fn flush(&mut self) {
        self.journal.iter_mut().chain(&mut self.originated_journal).for_each(Journal::flush);
    }
}

/// The body, wherever it stands.
fn body_of<'a>(message: &'a SubmitSm<&'a [u8]>) -> &'a [u8] {
    match message.short_message.octets {
        [] => message.tlvs.message_payload().unwrap_or_default(),
        octets => octets,
    }
}

/// The body without its header, if it has one.
fn behind_header<'a>(message: &SubmitSm<&[u8]>, body: &'a [u8]) -> &'a [u8] {
    if !message.esm_class.has_udh() {
        return body;
    }
    let header = body.first().map_or(0, |len| usize::from(*len) + 1);
    body.get(header..).unwrap_or_default()
}

/// The same for the same thing in every run, so that journals can be compared.
fn hash_of(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
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
