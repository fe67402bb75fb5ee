//! An engine on a log in memory, with a gate in front of each sync. Nothing here sleeps: a test waits for something
//! that it has caused. It is long because one test uses all of it: the gated log, the engine, and both peers.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use telegraphy::base::ids::{AccountId, CarrierId, MessageId};
use telegraphy::base::octets::Octets;
use telegraphy::engine::door::{Answer, Clock, Door, Effect, Input, Link, Notice, ReplyTo, Stopped, Taking};
use telegraphy::engine::{Engine, Keeping, Store};
use telegraphy::flow::{AccountSettings, BODIES_MAX_DEFAULT, CarrierSettings, FlowSettings, ReceiptSettings};
use telegraphy::log::memory::{MemoryLog, MemoryStore};
use telegraphy::log::{Batch, Log, LogError, LogReader, Position, Records};
use telegraphy::matching::{IdForms, MatchRateSettings, ParkingSettings};
use telegraphy::message::{
    Address, CarrierMessageId, Content, Event, Label, Receipt, ReceiptState, Refusal, Submission, Wishes,
};
use telegraphy::routing::RetrySettings;

/// How long a test may take before it counts as stuck: thousands of times what it needs.
const STUCK: Duration = Duration::from_secs(60);

/// Runs a test to its end.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(STUCK, test).await.expect("something never came") });
}

// ── The log ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// What happened at the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Passage {
    /// So many facts came to be appended; how many times were noted between them is the clock's affair.
    Came(u32),
    /// They are durable.
    Synced,
    /// The sync failed.
    Failed,
}

/// Holds syncs back and remembers them.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<GateState>, Condvar)>);

#[derive(Default)]
struct GateState {
    held: bool,
    passages: Vec<Passage>,
}

impl Gate {
    /// From now on no sync returns.
    pub(crate) fn hold(&self) {
        self.lock().held = true;
    }

    /// Syncs return again.
    pub(crate) fn release(&self) {
        self.lock().held = false;
        self.0.1.notify_all();
    }

    /// Waits until a group has come to a held gate.
    pub(crate) fn wait_for_a_group(&self) {
        let came = |state: &GateState| matches!(state.passages.last(), Some(Passage::Came(_)));
        let waited = self.0.1.wait_timeout_while(self.lock(), STUCK, |state| !came(state)).unwrap();
        assert!(!waited.1.timed_out(), "no group came");
    }

    /// What happened since the last look.
    pub(crate) fn passages(&self) -> Vec<Passage> {
        std::mem::take(&mut self.lock().passages)
    }

    fn pass(&self, records: u32) {
        let mut state = self.lock();
        state.passages.push(Passage::Came(records));
        self.0.1.notify_all();
        drop(self.0.1.wait_while(state, |state| state.held).unwrap());
    }

    fn note(&self, passage: Passage) {
        self.lock().passages.push(passage);
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.0.0.lock().unwrap()
    }
}

/// A log in memory behind a gate.
struct GatedLog {
    log: MemoryLog,
    gate: Gate,
}

impl Store for GatedLog {}

impl Log for GatedLog {
    fn start(&self) -> Position {
        self.log.start()
    }

    fn end(&self) -> Position {
        self.log.end()
    }

    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError> {
        if batch.is_empty() {
            return self.log.append(batch, expected);
        }
        self.gate.pass(facts(batch));
        let result = self.log.append(batch, expected);
        self.gate.note(if result.is_ok() { Passage::Synced } else { Passage::Failed });
        result
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.log.read(from)
    }

    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.log.trim(up_to)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.log.reader()
    }

    fn octets(&self) -> u64 {
        self.log.octets()
    }

    fn oldest_end(&self, octets: u64) -> Option<Position> {
        self.log.oldest_end(octets)
    }
}

/// How many records of the batch say more than what the time is.
fn facts(batch: &Batch) -> u32 {
    let (mut body, mut count) = (batch.body(), 0);
    while let Some(([a, b, c, _version], rest)) = body.split_first_chunk() {
        let (record, rest) = rest.split_at(u32::from_le_bytes([*a, *b, *c, 0]) as usize);
        count += u32::from(!matches!(Event::decode(record).unwrap(), Event::Time { .. }));
        body = rest;
    }
    count
}

/// Every event in the store.
pub(crate) fn events(store: &MemoryStore) -> Vec<Event> {
    let log = store.open();
    let mut records = log.read(log.start()).unwrap();
    let mut events = Vec::new();
    while let Some(record) = records.next().unwrap() {
        events.push(Event::decode(record.bytes).unwrap());
    }
    events
}

/// The messages in the store, in the order of their acceptance.
pub(crate) fn accepted(store: &MemoryStore) -> Vec<MessageId> {
    let accepted = |event| if let Event::Accepted { message, .. } = event { Some(message) } else { None };
    events(store).into_iter().filter_map(accepted).collect()
}

// ── The engine ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// A running engine with the account `acme` and the carrier `north`.
pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) gate: Gate,
}

impl Rig {
    pub(crate) fn start(store: &MemoryStore) -> Self {
        Self::keeping(store, Keeping::default())
    }

    pub(crate) fn keeping(store: &MemoryStore, keeping: Keeping) -> Self {
        let gate = Gate::default();
        let log = GatedLog { log: store.open(), gate: gate.clone() };
        let engine = Engine::start(log, settings(), Clock::start(), keeping, None).unwrap();
        gate.passages();
        Self { engine, gate }
    }

    pub(crate) fn door(&self) -> &Door {
        self.engine.door()
    }

    pub(crate) fn customer(&self) -> Customer {
        let door = self.door().clone();
        Customer { account: door.account("acme").unwrap(), mailbox: Mailbox::new(&door), door }
    }

    pub(crate) fn carrier(&self) -> Carrier {
        let door = self.door().clone();
        let carrier = door.carrier("north").unwrap();
        Carrier { carrier, mailbox: Mailbox::new(&door), door, attempts: BTreeMap::new() }
    }

    pub(crate) fn stop(self) -> Result<(), Stopped> {
        self.engine.stop()
    }
}

fn settings() -> FlowSettings {
    let account = AccountSettings {
        name: "acme".into(),
        receipts: ReceiptSettings { pause: Duration::from_secs(1), ..ReceiptSettings::default() },
        ..AccountSettings::default()
    };
    let carrier = CarrierSettings {
        name: "north".into(),
        rate: None,
        ids: IdForms::default(),
        learn_ids: false,
        match_rate: MatchRateSettings::default(),
        throttle_pause: Duration::from_secs(1),
        queue_max: 1_000_000,
        codes: Arc::default(),
        retry: RetrySettings::default(),
        failover_after: Duration::from_secs(30),
    };
    FlowSettings {
        shard: 0,
        accounts: vec![account],
        carriers: vec![carrier],
        routes: vec![(String::new(), vec!["north".into()])],
        zones: Vec::new(),
        inbound: Vec::new(),
        contracts: Vec::new(),
        workdays: Arc::default(),
        parking: ParkingSettings::default(),
        bodies_max: BODIES_MAX_DEFAULT,
    }
}

/// A connection's effects, one by one.
pub(crate) struct Mailbox {
    pub(crate) link: Link,
    effects: VecDeque<Effect>,
}

impl Mailbox {
    fn new(door: &Door) -> Self {
        Self { link: door.connect(), effects: VecDeque::new() }
    }

    pub(crate) async fn next(&mut self) -> Effect {
        loop {
            if let Some(effect) = self.effects.pop_front() {
                return effect;
            }
            self.effects.extend(self.link.effects().await);
        }
    }

    /// What has come and was not asked for.
    pub(crate) fn rest(&mut self) -> Vec<Effect> {
        while let Some(effects) = self.link.more_effects() {
            self.effects.extend(effects);
        }
        self.effects.drain(..).collect()
    }

    fn reply(&self) -> ReplyTo {
        ReplyTo { link: self.link.id(), ticket: 0, since: telegraphy::base::time::Moment::default() }
    }
}

pub(crate) struct Customer {
    pub(crate) mailbox: Mailbox,
    account: AccountId,
    door: Door,
}

impl Customer {
    /// Submits so many messages in one batch.
    pub(crate) async fn submit(&self, count: usize) -> Result<(), Stopped> {
        self.submit_text(b"the text", count).await
    }

    pub(crate) async fn submit_text(&self, text: &[u8], count: usize) -> Result<(), Stopped> {
        let input = |_| {
            let mut submission = submission(self.account, "447700900121");
            submission.content.body = Bytes::copy_from_slice(text);
            let prepared = self.door.prepare(self.door.clock().now(), submission).unwrap();
            Input::Submit { reply: self.mailbox.reply(), prepared }
        };
        self.door.pass((0..count).map(input).collect()).await
    }

    pub(crate) async fn answer(&mut self) -> Result<MessageId, Refusal> {
        match self.mailbox.next().await {
            Effect::Answer { result, .. } => result,
            other => panic!("not an answer: {other:?}"),
        }
    }

    /// Submits one and waits for the OK.
    pub(crate) async fn accepted(&mut self) -> MessageId {
        self.submit(1).await.unwrap();
        self.answer().await.unwrap()
    }

    pub(crate) async fn ready(&self, credits: u32) {
        let (account, link) = (self.account, self.mailbox.link.id());
        self.door.pass(vec![Input::CustomerReady { account, link, credits }]).await.unwrap();
    }

    pub(crate) async fn notice(&mut self) -> Notice {
        match self.mailbox.next().await {
            Effect::Deliver { notice, .. } => notice,
            other => panic!("not a receipt: {other:?}"),
        }
    }

    pub(crate) async fn takes(&self, message: MessageId) {
        let (account, link, taking) = (self.account, self.mailbox.link.id(), Taking::Taken);
        self.door.pass(vec![Input::CustomerAnswered { account, link, message, taking }]).await.unwrap();
    }

    /// The connection ends as an edge ends it.
    pub(crate) async fn leaves(self) {
        let (account, link) = (self.account, self.mailbox.link.id());
        drop(self.mailbox.link.close());
        self.door.pass(vec![Input::CustomerGone { account, link }]).await.unwrap();
    }

    pub(crate) fn refuse(&self, reason: Refusal) {
        self.door.refuse(self.account, reason);
    }
}

pub(crate) fn submission(account: AccountId, to: &str) -> Submission {
    Submission {
        account,
        source: Address::new(5, 0, b"ACME").unwrap(),
        destination: Address::new(1, 1, to.as_bytes()).unwrap(),
        registered_delivery: 1,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content { body: Bytes::from_static(b"the text"), ..Content::default() },
    }
}

pub(crate) struct Carrier {
    pub(crate) mailbox: Mailbox,
    carrier: CarrierId,
    door: Door,
    /// Which hand-over of a message came last; one that came before a restart was the first.
    attempts: BTreeMap<MessageId, u8>,
}

impl Carrier {
    pub(crate) async fn ready(&self, credits: u32) {
        let (carrier, link) = (self.carrier, self.mailbox.link.id());
        self.door.pass(vec![Input::CarrierReady { carrier, link, credits }]).await.unwrap();
    }

    pub(crate) async fn message(&mut self) -> MessageId {
        match self.mailbox.next().await {
            Effect::Send { message, attempt, .. } => {
                self.attempts.insert(message, attempt);
                message
            }
            other => panic!("not a message: {other:?}"),
        }
    }

    pub(crate) async fn answers(&self, message: MessageId, answer: Answer) {
        let attempt = self.attempts.get(&message).copied().unwrap_or(1);
        self.door.pass(vec![Input::CarrierAnswered { message, attempt, answer }]).await.unwrap();
    }

    pub(crate) async fn takes(&self, message: MessageId, theirs: &str) {
        self.answers(message, Answer::Taken(CarrierMessageId::new(theirs.as_bytes()))).await;
    }

    /// Reports that a message was delivered.
    pub(crate) async fn reports(&self, theirs: &str) {
        let receipt = Receipt {
            carrier: self.carrier,
            id: CarrierMessageId::new(theirs.as_bytes()),
            state: ReceiptState { message_state: Some(2), stat: Octets::new(b"DELIVRD").unwrap() },
            err: Octets::EMPTY,
            network_error_code: None,
            recipient: Address::default(),
            sender: Address::default(),
        };
        self.door.pass(vec![Input::Receipt { receipt, reply: self.mailbox.reply() }]).await.unwrap();
    }

    pub(crate) async fn acknowledged(&mut self) {
        let effect = self.mailbox.next().await;
        assert!(matches!(effect, Effect::Acknowledge { .. }), "{effect:?}");
    }

    /// The connection ends as an edge ends it: what was on its way and not taken is given back.
    pub(crate) async fn leaves(self) {
        let (carrier, link) = (self.carrier, self.mailbox.link.id());
        let not_sent = |effect| match effect {
            Effect::Send { message, attempt, .. } => {
                Some(Input::CarrierAnswered { message, attempt, answer: Answer::NotSent })
            }
            _ => None,
        };
        let mut inputs: Vec<_> = self.mailbox.link.close().into_iter().filter_map(not_sent).collect();
        inputs.push(Input::CarrierGone { carrier, link });
        self.door.pass(inputs).await.unwrap();
    }
}
