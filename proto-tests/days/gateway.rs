//! One process: the flow on its log, with the engine's threads played one after the other.
//!
//! As `engine::core`, `commit`, `keeper`, `recovery` and `recorder` have it, with the clock, the sync and the reader's
//! time in the hands of whoever calls.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::Arc;

use telegraphy::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use telegraphy::base::time::{Moment, Now, Timestamp};
use telegraphy::flow::messages::Phase;
use telegraphy::flow::{
    Answer, Asker, Chore, Decision, Effect, Flow, FlowSettings, Input, Line, LookBack, Prepare, Report,
    Taking,
};
use telegraphy::log::memory::MemoryLog;
use telegraphy::log::{Batch, Log, LogError, LogReader, Position};
use telegraphy::message::{Event, FactId, Recount, Refusal};

use super::settings::SECOND;

/// Octets of log below which nothing is freed: a quarter of an hour of a busy day.
const LOG_LEAST: u64 = 384 * 1024;
/// Few, so that a crash comes in between.
const FOUND_AT_ONCE: usize = 3;

/// As in the keeper.
const CARRY_AT_ONCE: usize = 256;
/// Rounds of handing out in one turn: more than that is a loop without an end.
const ROUNDS_MAX: usize = 10_000;

/// What becomes durable together, and what the ledger is to know of it then.
#[derive(Default)]
pub(crate) struct Group {
    batch: Batch,
    pub(crate) effects: Vec<Effect>,
    chores: Vec<Chore>,
    pub(crate) lines: Vec<(RecordNumber, Line)>,
    /// Answers of customers that count from now on.
    pub(crate) told: Vec<(MessageId, Taking)>,
    /// Hand-overs, by their carriers.
    pub(crate) sends: Vec<CarrierId>,
    /// Hand-overs that were none.
    pub(crate) not_sent: Vec<CarrierId>,
    pub(crate) refused: Vec<(AccountId, Refusal, u32)>,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.effects.is_empty() && self.chores.is_empty()
    }
}

/// Where the lines go of what has ended.
pub(crate) trait Lines {
    /// What stands there already, by its position in the log, is dropped: a replay brings it up again.
    fn append(&mut self, lines: Vec<(RecordNumber, Line)>);

    /// Makes durable what was appended.
    fn flush(&mut self);

    /// What is in them that counts as something else by a fact; nothing where they cannot be read.
    fn look_back(&self, _by: &LookBack) -> Vec<Recount> {
        Vec::new()
    }
}

enum Work {
    Fetch(Asker, Vec<(MessageId, RecordNumber)>),
    Carry(Position),
    /// What was found in the records, in the order of its ends, by this fact.
    Found(VecDeque<Recount>, FactId),
}

pub(crate) struct Gateway<L = MemoryLog> {
    pub(crate) flow: Flow,
    pub(crate) prepare: Prepare,
    log: L,
    reader: Arc<dyn LogReader>,
    decision: Decision,
    /// The number of the next record.
    end: RecordNumber,
    /// How far the log is written.
    written: Position,
    last_time: Option<Timestamp>,
    pub(crate) next_tick: Moment,
    pub(crate) open: Group,
    /// The group that is being synced.
    pub(crate) syncing: Option<Group>,
    pub(crate) refused: BTreeMap<(AccountId, Refusal), u32>,
    /// Hand-overs on connections that were gone by then.
    pub(crate) undelivered: Vec<(MessageId, u8)>,
    work: VecDeque<Work>,
    /// What is being freed: from where it goes on, and up to where.
    carrying: Option<(Position, Position)>,
    bound: u64,
    freeing: Option<u64>,
    trim: Option<RecordNumber>,
    carried: u64,
}

/// How a recovery went.
pub(crate) struct Recovered<L> {
    pub(crate) gateway: Gateway<L>,
    /// What the replay alone came to.
    pub(crate) replayed: Report,
}

impl<L: Log> Gateway<L> {
    /// As `engine::recovery`: replay, names, start; the records that are missing are written.
    pub(crate) fn recover(
        mut log: L,
        settings: FlowSettings,
        now: Now,
        records: &mut impl Lines,
    ) -> Recovered<L> {
        let mut flow = Flow::new(settings);
        flow.record();
        replay(&log, &mut flow, records);
        let replayed = flow.report();
        let mut decision = Decision::default();
        flow.name(&mut decision);
        let end = log.end();
        let end = commit(&mut log, &mut flow, decision, end);
        let mut decision = Decision::default();
        let prepare = flow.start(now, &mut decision);
        let end = commit(&mut log, &mut flow, decision, end);
        let mut lines = Vec::new();
        flow.take_lines(&mut lines);
        records.append(lines);
        records.flush();
        let reader = log.reader();
        let gateway = Self {
            flow,
            prepare,
            log,
            reader,
            decision: Decision::default(),
            end: RecordNumber(end.as_u64()),
            written: end,
            last_time: None,
            next_tick: now.moment + SECOND,
            open: Group::default(),
            syncing: None,
            refused: BTreeMap::new(),
            undelivered: Vec::new(),
            work: VecDeque::new(),
            carrying: None,
            bound: LOG_LEAST,
            freeing: None,
            trim: None,
            carried: 0,
        };
        Recovered { gateway, replayed }
    }

    /// How far this process knows the log to be written.
    pub(crate) const fn written(&self) -> Position {
        self.written
    }

    pub(crate) fn octets(&self) -> u64 {
        self.log.octets()
    }

    /// Works off what came.
    pub(crate) fn turn(&mut self, now: Now, inputs: Vec<Input>) {
        self.last_time = None;
        self.flow.look_at_clocks(now, &mut self.decision);
        self.record(now);
        for input in inputs {
            self.decide(now, input);
        }
        for (message, attempt) in mem::take(&mut self.undelivered) {
            let answer = Answer::NotSent;
            self.decide(now, Input::CarrierAnswered { message, attempt, answer });
        }
        if now.moment >= self.next_tick {
            self.next_tick = now.moment + SECOND;
            for ((account, reason), count) in mem::take(&mut self.refused) {
                self.decide(now, Input::Refused { account, reason, count });
            }
            self.decide(now, Input::Tick);
        }
        for round in 0.. {
            assert!(round < ROUNDS_MAX, "handing out never ends");
            let more = self.flow.dispatch(now, &mut self.decision);
            self.record(now);
            if !more {
                break;
            }
        }
    }

    /// What waits for the tick is not to be lost at a stop.
    pub(crate) fn last_turn(&mut self, now: Now, inputs: Vec<Input>) {
        self.next_tick = now.moment;
        self.turn(now, inputs);
    }

    fn decide(&mut self, now: Now, input: Input) {
        match &input {
            Input::CustomerAnswered { message, taking, .. } => self.open.told.push((*message, *taking)),
            Input::CarrierAnswered { message, answer: Answer::NotSent, .. } => {
                let message = self.flow.state().messages().get(*message);
                let sent = message.filter(|message| matches!(message.phase, Phase::HandedOver(_)));
                self.open.not_sent.extend(sent.map(|message| message.carrier));
            }
            Input::Refused { account, reason, count } => self.open.refused.push((*account, *reason, *count)),
            _ => {}
        }
        self.flow.decide(now, input, &mut self.decision);
        self.record(now);
    }

    fn record(&mut self, now: Now) {
        let mut events = mem::take(&mut self.decision.events);
        if !events.is_empty() && self.last_time != Some(now.wall) {
            self.last_time = Some(now.wall);
            self.push(Event::Time { at: now.wall, ahead: self.flow.state().ahead() });
        }
        for event in events.drain(..) {
            self.push(event);
        }
        self.decision.events = events;
        self.flow.take_lines(&mut self.open.lines);
        for effect in self.decision.effects.drain(..) {
            if let Effect::Send { message, .. } = &effect {
                self.open.sends.push(self.flow.state().messages().get(*message).unwrap().carrier);
            }
            self.open.effects.push(effect);
        }
        self.open.chores.append(&mut self.decision.chores);
    }

    fn push(&mut self, event: Event) {
        let before = self.open.batch.body().len();
        self.open.batch.push(|out| event.encode(out)).unwrap();
        if matches!(event, Event::Carried(_)) {
            self.carried += (self.open.batch.body().len() - before) as u64;
        }
        self.flow.apply(self.end, event);
        self.end = RecordNumber(self.end.0 + 1);
    }

    /// Gives what has come since to the log, if it is free and there is anything; whether it has begun.
    pub(crate) fn begin_sync(&mut self) -> bool {
        if self.syncing.is_some() || self.open.is_empty() {
            return false;
        }
        self.syncing = Some(mem::take(&mut self.open));
        true
    }

    /// Appends and syncs; the group may be let out then, if that succeeds.
    pub(crate) fn sync(&mut self) -> Option<Result<Group, LogError>> {
        let mut group = self.syncing.take()?;
        Some(match self.log.append(&mut group.batch, self.written) {
            Ok(end) => {
                self.written = end;
                Ok(group)
            }
            Err(error) => {
                self.syncing = Some(group);
                Err(error)
            }
        })
    }

    /// As the keeper: what a durable group wants done, and what there is to free.
    pub(crate) fn keep(&mut self, group: &mut Group, records: &mut impl Lines) {
        records.append(mem::take(&mut group.lines));
        for chore in group.chores.drain(..) {
            match chore {
                Chore::Fetch(whom, messages) => self.work.push_back(Work::Fetch(whom, messages)),
                Chore::Trim(up_to) => {
                    records.flush();
                    self.trim = Some(up_to);
                }
                Chore::LookBack(look_back) => {
                    records.flush();
                    let found = records.look_back(&look_back).into();
                    self.work.push_back(Work::Found(found, look_back.fact));
                }
            }
        }
        self.upkeep();
    }

    pub(crate) fn upkeep(&mut self) {
        if let Some(up_to) = self.trim.take() {
            let before = self.log.octets();
            self.log.trim(Position::from_u64(up_to.0)).unwrap();
            if let Some(began) = self.freeing.take() {
                let segment = before.max(1);
                self.bound = (2 * began * self.carried.min(segment) / segment).max(LOG_LEAST);
            }
        }
        let octets = self.log.octets();
        if self.freeing.is_none()
            && octets > self.bound
            && let Some(up_to) = self.log.oldest_end(0)
        {
            self.freeing = Some(octets);
            self.carried = 0;
            self.work.push_back(Work::Carry(up_to));
        }
    }

    /// Whether the reader has something to do.
    pub(crate) fn has_work(&self) -> bool {
        self.carrying.is_some() || !self.work.is_empty()
    }

    /// One step of the reader's; what it found.
    pub(crate) fn work(&mut self) -> Vec<Input> {
        match self.work.pop_front() {
            Some(Work::Fetch(whom, messages)) => vec![self.fetch(whom, &messages)],
            Some(Work::Carry(up_to)) => {
                self.carrying = Some((self.reader.range().0, up_to));
                Vec::new()
            }
            Some(Work::Found(mut found, fact)) => {
                let some: Vec<_> = found.drain(..found.len().min(FOUND_AT_ONCE)).collect();
                let mut inputs: Vec<_> = some.into_iter().map(Box::new).map(Input::Recount).collect();
                if found.is_empty() {
                    inputs.push(Input::RecountedAll { fact });
                } else {
                    self.work.push_back(Work::Found(found, fact));
                }
                inputs
            }
            None => self.carry_some(),
        }
    }

    fn fetch(&self, whom: Asker, messages: &[(MessageId, RecordNumber)]) -> Input {
        let positions: Vec<_> = messages.iter().map(|(_, home)| Position::from_u64(home.0)).collect();
        let mut found: Vec<_> = messages.iter().map(|(id, home)| (*id, *home, None)).collect();
        self.reader.get_many(&positions, &mut |place, record| {
            if let Ok(record) = record {
                found[place].2 = Event::decode(record).unwrap().into_whole().and_then(|(_, content)| content);
            }
        });
        Input::Fetched { whom, found }
    }

    fn carry_some(&mut self) -> Vec<Input> {
        let Some((from, up_to)) = self.carrying.take() else { return Vec::new() };
        let mut inputs = Vec::new();
        let mut records = self.reader.read(from).unwrap();
        let mut next = from;
        while inputs.len() < CARRY_AT_ONCE
            && next < up_to
            && let Some(record) = records.next().unwrap()
        {
            let home = RecordNumber(record.position.as_u64());
            next = record.position.plus(1);
            let event = Event::decode(record.bytes).unwrap();
            let head = event.head();
            if let Some((message, content)) = event.into_whole() {
                inputs.push(Input::Carry { message, home, head, content });
            }
        }
        if next < up_to {
            self.carrying = Some((next, up_to));
        } else {
            inputs.push(Input::CarriedAll { up_to: RecordNumber(up_to.as_u64()) });
        }
        inputs
    }
}

fn replay(log: &impl Log, flow: &mut Flow, records: &mut impl Lines) {
    let mut read = log.read(log.start()).unwrap();
    let mut lines = Vec::new();
    while let Some(record) = read.next().unwrap() {
        flow.apply(RecordNumber(record.position.as_u64()), Event::decode(record.bytes).unwrap());
        flow.take_lines(&mut lines);
    }
    records.append(lines);
}

fn commit(log: &mut impl Log, flow: &mut Flow, decision: Decision, end: Position) -> Position {
    let mut batch = Batch::default();
    for (place, event) in decision.events.into_iter().enumerate() {
        batch.push(|out| event.encode(out)).unwrap();
        flow.apply(RecordNumber(end.as_u64() + place as u64), event);
    }
    log.append(&mut batch, end).unwrap()
}
