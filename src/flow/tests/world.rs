//! A world around one flow: who says what, and what comes out. The clock moves only by hand.

use std::mem;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::audit::{self, Audit};
pub(super) use super::settings::*;
use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::octets::Octets;
use crate::base::time::{Moment, Now, Timestamp};
use crate::flow::messages::{Message, Phase};
use crate::flow::{
    Answer, Decision, Effect, Flow, FlowSettings, Input, LinkId, Notice, Prepare, ReplyTo, Taking,
};
use crate::message::{Address, CarrierMessageId, Content, Event, Receipt, ReceiptState, Refusal, Submission};
use crate::sla::{AccountCounts, CarrierCounts};

/// 2026-01-01, some noon: past the zero of the ids' clock.
const START: Now =
    Now { wall: Timestamp::from_millis(1_767_268_800_000), moment: Moment::from_micros(10_000_000) };

/// A flow, its log, and what has come out of it.
pub(super) struct World {
    pub(super) flow: Flow,
    /// Has seen the records of the log and nothing else.
    replica: Flow,
    settings: FlowSettings,
    prepare: Prepare,
    pub(super) now: Now,
    /// Every record, in order.
    pub(super) log: Vec<Bytes>,
    audit: Audit,
    /// Whether the whole state is looked at after every step.
    audited: bool,
    /// What the last step came to.
    pub(super) events: Vec<Event>,
    sent: Vec<(LinkId, MessageId)>,
    notices: Vec<(LinkId, Notice)>,
    answers: Vec<Result<MessageId, Refusal>>,
    acknowledged: usize,
}

impl World {
    /// With the usual [`settings`].
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: FlowSettings) -> Self {
        let mut world = Self {
            flow: Flow::new(settings.clone()),
            replica: Flow::new(settings.clone()),
            settings,
            prepare: Prepare::default(),
            now: START,
            log: Vec::new(),
            audit: Audit::default(),
            audited: true,
            events: Vec::new(),
            sent: Vec::new(),
            notices: Vec::new(),
            answers: Vec::new(),
            acknowledged: 0,
        };
        world.start();
        world
    }

    /// Looks at the whole state only when [`World::audit`] is called: for tests with very much in it.
    pub(super) fn unaudited(mut self) -> Self {
        self.audited = false;
        self
    }

    pub(super) fn audit(&self) {
        audit::assert_same(&self.flow, &self.replica);
        audit::assert_consistent(self.flow.state());
    }

    // ── What happens ────────────────────────────────────────────────────────────────────────────────────────────

    /// Accepted, or the test ends.
    pub(super) fn submit(&mut self, account: &str, to: &str) -> MessageId {
        self.try_submit(account, to, 1).unwrap()
    }

    pub(super) fn try_submit(
        &mut self,
        account: &str,
        to: &str,
        registered_delivery: u8,
    ) -> Result<MessageId, Refusal> {
        let submission = Submission {
            account: self.account(account),
            source: Address::new(5, 0, b"ACME").unwrap(),
            destination: Address::new(1, 1, to.as_bytes()).unwrap(),
            registered_delivery,
            content: Content { body: Bytes::from_static(b"hello"), ..Content::default() },
        };
        let prepared = self.prepare.prepare(self.now.moment, submission)?;
        let reply = self.reply();
        self.pass(Input::Submit { reply, prepared });
        let mut answers = mem::take(&mut self.answers);
        assert_eq!(answers.len(), 1, "one request, one answer");
        answers.remove(0)
    }

    pub(super) fn submit_many(&mut self, account: &str, to: &str, count: usize) -> Vec<MessageId> {
        (0..count).map(|_| self.submit(account, to)).collect()
    }

    pub(super) fn carrier_ready(&mut self, carrier: &str, link: LinkId, credits: u32) {
        let carrier = self.carrier(carrier);
        self.pass(Input::CarrierReady { carrier, link, credits });
    }

    pub(super) fn carrier_gone(&mut self, carrier: &str, link: LinkId) {
        let carrier = self.carrier(carrier);
        self.pass(Input::CarrierGone { carrier, link });
    }

    pub(super) fn taken(&mut self, message: MessageId, theirs: &str) {
        self.answered(message, Answer::Taken(CarrierMessageId::new(theirs.as_bytes())));
    }

    pub(super) fn answered(&mut self, message: MessageId, answer: Answer) {
        self.pass(Input::CarrierAnswered { message, answer });
    }

    /// A receipt with a word of SMPP or with another.
    pub(super) fn receipt(&mut self, carrier: &str, id: &str, stat: &str) {
        let before = self.acknowledged;
        let receipt = Receipt {
            carrier: self.carrier(carrier),
            id: CarrierMessageId::new(id.as_bytes()),
            state: ReceiptState {
                message_state: message_state(stat),
                stat: Octets::new(stat.as_bytes()).unwrap(),
            },
            err: Octets::new(b"000").unwrap(),
            network_error_code: None,
            recipient: Address::default(),
            sender: Address::default(),
        };
        let reply = self.reply();
        self.pass(Input::Receipt { receipt, reply });
        assert_eq!(self.acknowledged, before + 1, "every receipt is acknowledged, once");
    }

    pub(super) fn customer_ready(&mut self, account: &str, link: LinkId, credits: u32) {
        let account = self.account(account);
        self.pass(Input::CustomerReady { account, link, credits });
    }

    pub(super) fn customer_gone(&mut self, account: &str, link: LinkId) {
        let account = self.account(account);
        self.pass(Input::CustomerGone { account, link });
    }

    pub(super) fn told(&mut self, account: &str, link: LinkId, message: MessageId, taking: Taking) {
        let account = self.account(account);
        self.pass(Input::CustomerAnswered { account, link, message, taking });
    }

    /// Moves both clocks. Nothing else happens until something does.
    pub(super) fn wait(&mut self, time: Duration) {
        self.now = Now { wall: self.now.wall + time, moment: self.now.moment + time };
    }

    pub(super) fn tick(&mut self) {
        self.pass(Input::Tick);
    }

    /// The flow is looked at again, as at the moment for which it had asked.
    pub(super) fn wake(&mut self) {
        self.events.clear();
        self.settle();
    }

    pub(super) fn pass(&mut self, input: Input) {
        self.pass_all([input]);
    }

    /// Several inputs of one turn: all are decided, then what waits is given out.
    pub(super) fn pass_all(&mut self, inputs: impl IntoIterator<Item = Input>) {
        self.events.clear();
        for input in inputs {
            let mut decision = Decision::default();
            self.flow.decide(self.now, input, &mut decision);
            Audit::weigh(&decision);
            self.record(decision);
        }
        self.settle();
    }

    /// A fact that no input of today leads to, as later releases may write it.
    pub(super) fn fact(&mut self, event: Event) {
        self.events.clear();
        self.record(Decision { events: vec![event], effects: Vec::new() });
        self.settle();
    }

    /// The process ends and starts again on the same log.
    pub(super) fn restart(&mut self) {
        self.restart_with(self.settings.clone());
    }

    pub(super) fn restart_with(&mut self, settings: FlowSettings) {
        self.flow = audit::replayed(&settings, &self.log);
        audit::assert_same(&self.flow, &self.replica);
        self.settings = settings;
        self.sent.clear();
        self.notices.clear();
        self.events.clear();
        self.start();
    }

    // ── What came out ───────────────────────────────────────────────────────────────────────────────────────────

    /// What was sent to carriers since the last look.
    pub(super) fn sent(&mut self) -> Vec<(LinkId, MessageId)> {
        mem::take(&mut self.sent)
    }

    /// As [`World::sent`], without the connections.
    pub(super) fn sent_messages(&mut self) -> Vec<MessageId> {
        self.sent().into_iter().map(|(_, message)| message).collect()
    }

    /// What was delivered to customers since the last look.
    pub(super) fn notices(&mut self) -> Vec<(LinkId, Notice)> {
        mem::take(&mut self.notices)
    }

    /// As [`World::notices`], messages only.
    pub(super) fn notified(&mut self) -> Vec<MessageId> {
        self.notices().into_iter().map(|(_, notice)| notice.message).collect()
    }

    // ── How things are ──────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn account(&self, name: &str) -> AccountId {
        self.flow.state().account(name).unwrap()
    }

    pub(super) fn carrier(&self, name: &str) -> CarrierId {
        self.flow.state().carrier(name).unwrap()
    }

    pub(super) fn counts(&self, account: &str) -> AccountCounts {
        self.flow.state().counters().account(self.account(account))
    }

    pub(super) fn carrier_counts(&self, carrier: &str) -> CarrierCounts {
        self.flow.state().counters().carrier(self.carrier(carrier))
    }

    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        self.flow.state().messages().get(id)
    }

    /// Where a message is, in a word.
    pub(super) fn place(&self, id: MessageId) -> &'static str {
        match self.message(id).map(|message| &message.phase) {
            Some(Phase::Queued(_)) => "queued",
            Some(Phase::HandedOver(_)) => "handed over",
            Some(Phase::InDoubt) => "in doubt",
            Some(Phase::Submitted(_)) => "submitted",
            Some(Phase::Ended(_)) => "receipt owed",
            None => "gone",
        }
    }

    pub(super) fn places(&self, ids: &[MessageId]) -> Vec<&'static str> {
        ids.iter().map(|id| self.place(*id)).collect()
    }

    pub(super) fn parked(&self) -> usize {
        self.flow.report().parked
    }

    /// How long from now until the flow wants to be looked at.
    pub(super) fn wakes_in(&self) -> Option<Duration> {
        self.flow.wake_at().map(|at| at.since(self.now.moment))
    }

    // ── How it works ────────────────────────────────────────────────────────────────────────────────────────────

    fn start(&mut self) {
        let mut decision = Decision::default();
        self.flow.name(&mut decision);
        self.record(decision);
        let mut decision = Decision::default();
        self.prepare = self.flow.start(self.now, &mut decision);
        self.record(decision);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            let mut decision = Decision::default();
            let more = self.flow.dispatch(self.now, &mut decision);
            Audit::weigh(&decision);
            self.record(decision);
            if !more {
                break;
            }
        }
        if self.audited {
            self.audit();
        }
    }

    /// Writes the events, applies what is read back, and lets the effects out.
    pub(super) fn record(&mut self, decision: Decision) {
        self.audit.look_at(&decision);
        for event in decision.events {
            let mut record = BytesMut::new();
            event.encode(&mut record);
            let record = record.freeze();
            let read = || Event::decode(&record).unwrap();
            assert_eq!(read(), event);
            self.flow.apply(read());
            self.replica.apply(read());
            self.log.push(record);
            self.events.push(event);
        }
        for effect in decision.effects {
            match effect {
                Effect::Answer { result, .. } => self.answers.push(result),
                Effect::Send { link, message, .. } => self.sent.push((link, message)),
                Effect::Acknowledge { .. } => self.acknowledged += 1,
                Effect::Deliver { link, notice } => self.notices.push((link, notice)),
            }
        }
    }

    const fn reply(&self) -> ReplyTo {
        ReplyTo { link: LINK_3, ticket: 0, since: self.now.moment }
    }
}

/// SMPP's number for its words (3.4 §5.2.28), as the edge reads them; other words have none.
fn message_state(stat: &str) -> Option<u8> {
    Some(match stat {
        "ENROUTE" => 1,
        "DELIVRD" => 2,
        "EXPIRED" => 3,
        "DELETED" => 4,
        "UNDELIV" => 5,
        "ACCEPTD" => 6,
        "UNKNOWN" => 7,
        "REJECTD" => 8,
        _ => return None,
    })
}
