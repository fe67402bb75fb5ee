//! A world around one flow: who says what, and what comes out. The clock moves only by hand. (This file is long because
//! every transcript uses all of it.)

mod acts;
mod archive;
mod log;
mod looks;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

pub(super) use self::log::Records;
pub(super) use self::looks::said;
use super::audit::{self, Audit};
pub(super) use super::settings::*;
use crate::base::ids::{AccountId, MessageId, RecordNumber};
use crate::base::time::{Moment, Now, Timestamp};
use crate::flow::{
    Acceptance, Chore, Decision, Effect, Flow, FlowSettings, Input, LinkId, LookBack, Managed, Notice,
    Prepare, ReplyTo,
};
use crate::flow::{NoFact, PastFault, PastFaults};
use crate::message::{Address, Event, FactId, Refusal};
use crate::sla::Sums;
use crate::sla::book::ContractDay;

/// 2026-01-01, some noon: past the zero of the ids' clock.
const START: Now =
    Now { wall: Timestamp::from_millis(1_767_268_800_000), moment: Moment::from_micros(10_000_000) };

/// A flow, its log, and what has come out of it.
pub(super) struct World {
    pub(super) flow: Flow,
    /// Has seen the records of the log and nothing else.
    replica: Flow,
    pub(super) settings: FlowSettings,
    prepare: Prepare,
    pub(super) now: Now,
    pub(super) log: Records,
    /// What the last [`Event::Time`] said.
    last_time: Option<Timestamp>,
    audit: Audit,
    /// Whether the whole state is looked at after every step.
    audited: bool,
    /// Whether time's own work was asked for in this step.
    ticked: bool,
    /// What the last step came to.
    pub(super) events: Vec<Event>,
    sent: Vec<Sent>,
    /// The latest hand-over of each message.
    attempts: BTreeMap<MessageId, u8>,
    notices: Vec<(LinkId, Notice)>,
    answers: Vec<Result<MessageId, Refusal>>,
    answers_multi: Vec<Several>,
    managed: Vec<Result<Managed, Refusal>>,
    facts: Vec<Result<FactId, NoFact>>,
    acknowledged: Vec<Acceptance>,
    chores: VecDeque<Chore>,
    /// Whether chores wait for [`World::do_chores`].
    pub(super) idle: bool,
    /// Whether what is over when a fact is said is looked for at once, and nothing is found.
    pub(super) looks_back: bool,
    /// The records, when they are looked through in earnest.
    archive: Option<archive::Archive>,
    /// What is looked for otherwise.
    pub(super) looked_back: Vec<LookBack>,
    /// How many contents were read back.
    pub(super) fetched: usize,
    /// Where groups begin: only there a segment may end.
    pub(super) groups: Vec<u64>,
    /// What was counted of each closed period when it had just closed.
    closed: BTreeMap<(AccountId, ContractDay), Sums>,
    /// Segments that are being freed: from where it goes on, and up to where.
    pub(super) freeing: Option<(u64, u64)>,
}

/// What went to a carrier.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) link: LinkId,
    pub(super) message: MessageId,
    pub(super) attempt: u8,
    pub(super) valid_for: Option<Duration>,
    pub(super) body: Bytes,
}

/// The answer to a submission to several: the id that stands for all, and who was not accepted.
pub(super) type Several = (Result<MessageId, Refusal>, Vec<(Address, Refusal)>);

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
            log: Records::default(),
            last_time: None,
            audit: Audit::default(),
            audited: true,
            ticked: false,
            events: Vec::new(),
            sent: Vec::new(),
            attempts: BTreeMap::new(),
            notices: Vec::new(),
            answers: Vec::new(),
            answers_multi: Vec::new(),
            managed: Vec::new(),
            facts: Vec::new(),
            acknowledged: Vec::new(),
            chores: VecDeque::new(),
            idle: false,
            looks_back: true,
            archive: None,
            looked_back: Vec::new(),
            fetched: 0,
            groups: Vec::new(),
            closed: BTreeMap::new(),
            freeing: None,
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
        audit::assert_consistent(self.flow.state(), &self.audit);
        audit::assert_money_is_whole(self.flow.state());
        audit::assert_nothing_is_lost(&self.flow, self.now, self.ticked);
        self.audit.assert_homes(self.flow.state(), &self.log);
    }

    /// Moves both clocks. Nothing else happens until something does.
    pub(super) fn wait(&mut self, time: Duration) {
        self.now = Now { wall: self.now.wall + time, moment: self.now.moment + time };
    }

    /// As [`World::wait`], with a tick each second, as the engine has them, and a look whenever the flow asks for one.
    pub(super) fn live(&mut self, time: Duration) {
        let (end, mut next_tick) = (self.now.moment + time, self.now.moment + SECOND);
        while self.now.moment < end {
            let next = next_tick.min(end);
            let next = self
                .flow
                .wake_at(self.now)
                .filter(|at| *at > self.now.moment)
                .map_or(next, |at| at.min(next));
            // The calendar counts milliseconds: whatever is asked for within one is looked at after it.
            let millis = next.since(self.now.moment).as_micros().div_ceil(1000);
            self.wait(Duration::from_millis(millis as u64));
            if self.now.moment >= next_tick {
                next_tick = self.now.moment + SECOND;
                self.tick();
            } else {
                self.wake();
            }
        }
    }

    /// The calendar jumps; the process's own clock does not.
    pub(super) fn step_calendar(&mut self, millis: i64) {
        self.now.wall = Timestamp::from_millis(self.now.wall.as_millis().saturating_add_signed(millis));
    }

    /// Keeps records from now on, and looks through them when a fact is said that is about what is over.
    pub(super) fn keep_records(&mut self) {
        self.flow.record();
        self.audit.sees_records = true;
        self.archive = Some(archive::Archive::default());
    }

    /// Some of what was found in the records is passed on; whether there was anything.
    pub(super) fn pass_found(&mut self) -> bool {
        let found = self.archive.as_mut().map(archive::Archive::some).unwrap_or_default();
        let any = !found.is_empty();
        self.pass_all(found);
        any
    }

    /// Whatever was said when, it comes to the same.
    pub(super) fn assert_days_are_records(&self) {
        let (state, archive) = (self.flow.state(), self.archive.as_ref().unwrap());
        assert_eq!(state.recounts.first(), None, "all is worked off");
        assert_eq!(state.book().settled(), archive.added_up(state));
    }

    pub(super) fn tick(&mut self) {
        self.pass(Input::Tick);
    }

    /// The flow is looked at again, as at the moment for which it had asked.
    pub(super) fn wake(&mut self) {
        self.pass_all([]);
    }

    pub(super) fn pass(&mut self, input: Input) {
        self.pass_all([input]);
    }

    /// Several inputs of one turn: all are decided, then what waits is given out.
    pub(super) fn pass_all(&mut self, inputs: impl IntoIterator<Item = Input>) {
        self.events.clear();
        self.ticked = false;
        self.begin_group();
        let mut decision = Decision::default();
        self.flow.look_at_clocks(self.now, &mut decision);
        self.record(decision);
        for input in inputs {
            self.decide(input);
        }
        self.settle();
    }

    fn decide(&mut self, input: Input) {
        self.ticked |= matches!(input, Input::Tick);
        let may_be_cut = matches!(input, Input::CarriedAll { .. });
        let mut decision = Decision::default();
        self.flow.decide(self.now, input, &mut decision);
        if !may_be_cut {
            Audit::weigh(&decision);
        }
        self.record(decision);
    }

    /// A fact that no input of today leads to, as later releases may write it.
    pub(super) fn fact(&mut self, event: Event) {
        self.events.clear();
        self.record(Decision { events: vec![event], ..Decision::default() });
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
        self.chores.clear();
        self.events.clear();
        self.freeing = None;
        if let Some(archive) = &mut self.archive {
            self.flow.record();
            archive.forget_found();
        }
        self.start();
    }

    /// What a start with these settings on the same log is refused for; nothing when it is not.
    pub(super) fn refused_with(&self, settings: &FlowSettings) -> Vec<String> {
        let faults = audit::replayed(settings, &self.log).may_start(self.now.wall);
        faults
            .map_or_else(|PastFaults(faults)| faults.iter().map(PastFault::to_string).collect(), |()| vec![])
    }

    /// The log is now one of a release that did not remember what the settings said.
    pub(super) fn forget_agreements(&mut self) {
        self.log.forget_agreements();
        self.replica = audit::replayed(&self.settings, &self.log);
    }

    // ── How it works ────────────────────────────────────────────────────────────────────────────────────────────

    /// A batch of the log begins with the time, or what is left behind a freed segment would not know it.
    fn begin_group(&mut self) {
        // In their order: days of a group each minute are not to be gone through each second.
        let (start, end) = (self.log.start, self.log.end());
        self.groups.drain(..self.groups.partition_point(|group| *group <= start));
        self.groups.truncate(self.groups.partition_point(|group| *group < end));
        self.groups.push(end);
        self.last_time = None;
    }

    fn start(&mut self) {
        self.begin_group();
        assert_eq!(self.flow.may_start(self.now.wall), Ok(()));
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
            if !more && (self.idle || !self.do_chore()) {
                break;
            }
        }
        self.watch_what_is_closed();
        if self.audited {
            self.audit();
        }
    }

    /// Promise 14: what is counted of a closed period does not change, whatever comes.
    fn watch_what_is_closed(&mut self) {
        let book = self.flow.state().book();
        for (number, _) in self.flow.state().account_names() {
            let account = AccountId(number);
            for closing in book.closings().of(account) {
                let sums = book.sums(|key| key.account == account && closing.has(key.day));
                let before = self.closed.entry((account, closing.first)).or_insert(sums);
                assert_eq!(*before, sums, "{closing:?}");
            }
        }
    }

    /// Begins to free the log up to here, as the engine's keeper does.
    pub(super) fn free(&mut self, up_to: u64) {
        self.freeing = Some((self.log.start, up_to));
    }

    /// Passes on so many records of what is to be freed; whether there are more.
    pub(super) fn carry(&mut self, records: usize) -> bool {
        let Some((from, up_to)) = self.freeing else { return false };
        let to = up_to.min(from + records as u64);
        let inputs: Vec<_> = (from..to).filter_map(|number| self.carry_one(RecordNumber(number))).collect();
        self.pass_all(inputs);
        self.freeing = Some((to, up_to));
        to < up_to
    }

    fn carry_one(&self, home: RecordNumber) -> Option<Input> {
        let event = self.log.get(home)?;
        let head = event.head();
        let (message, content) = event.into_whole()?;
        Some(Input::Carry { message, home, head, content })
    }

    /// All of it has been passed on.
    pub(super) fn carried_all(&mut self) {
        if let Some((_, up_to)) = self.freeing.take() {
            self.pass(Input::CarriedAll { up_to: RecordNumber(up_to) });
        }
    }

    /// A flow that has read what is left of the log knows what this one knows.
    pub(super) fn assert_log_is_whole(&self) {
        audit::assert_same(&audit::replayed(&self.settings, &self.log), &self.flow);
    }

    /// What the engine's reader has been asked to do, in order; then what comes of it.
    pub(super) fn do_chores(&mut self) {
        self.events.clear();
        while self.do_chore() {}
        self.settle();
    }

    fn do_chore(&mut self) -> bool {
        match self.chores.pop_front() {
            None => return false,
            Some(Chore::Trim(up_to)) => self.log.trim(up_to),
            Some(Chore::LookBack(look_back)) if self.archive.is_some() => {
                let archive = self.archive.as_mut().unwrap();
                archive.look_back(self.flow.state(), &look_back);
            }
            // As where no records are kept; tests find them by hand.
            Some(Chore::LookBack(look_back)) if self.looks_back => {
                self.decide(Input::RecountedAll { fact: look_back.fact });
            }
            Some(Chore::LookBack(look_back)) => self.looked_back.push(*look_back),
            Some(Chore::Fetch(whom, messages)) => {
                self.fetched += messages.len();
                let content =
                    |home| self.log.get(home).and_then(Event::into_whole).and_then(|(_, content)| content);
                let found =
                    messages.into_iter().map(|(message, home)| (message, home, content(home))).collect();
                self.decide(Input::Fetched { whom, found });
            }
        }
        true
    }

    /// Writes the events, applies what is read back, and lets the effects out.
    pub(super) fn record(&mut self, decision: Decision) {
        self.audit.look_at(&decision);
        let is_dated = matches!(decision.events.first(), Some(Event::Time { .. }));
        if !decision.events.is_empty() && !is_dated && self.last_time != Some(self.now.wall) {
            self.last_time = Some(self.now.wall);
            self.write(&Event::Time { at: self.now.wall, ahead: self.flow.state().ahead() });
        }
        for event in decision.events {
            self.write(&event);
            if !matches!(event, Event::Time { .. }) {
                self.events.push(event);
            }
        }
        for effect in decision.effects {
            self.let_out(effect);
        }
        self.chores.extend(decision.chores);
    }

    fn write(&mut self, event: &Event) {
        let mut record = BytesMut::new();
        event.encode(&mut record);
        let record = record.freeze();
        let read = || Event::decode(&record).unwrap();
        assert_eq!(read(), *event);
        let home = RecordNumber(self.log.end());
        self.flow.apply(home, read());
        self.replica.apply(home, read());
        if let Some(archive) = &mut self.archive {
            let corrected = archive.take(&mut self.flow);
            corrected.into_iter().for_each(|message| self.audit.has_corrected(message));
        }
        self.log.records.push_back(record);
    }

    fn let_out(&mut self, effect: Effect) {
        match effect {
            Effect::Answer { result, .. } => self.answers.push(result),
            Effect::AnswerMulti { result, refused, .. } => self.answers_multi.push((result, refused)),
            Effect::AnswerManage { result, .. } => self.managed.push(result),
            Effect::Send { link, message, attempt, valid_for, content, .. } => {
                self.attempts.insert(message, attempt);
                let body = content.body.clone();
                self.sent.push(Sent { link, message, attempt, valid_for, body });
            }
            Effect::AnswerFact { result, .. } => self.facts.push(result),
            Effect::Acknowledge { taken, .. } => self.acknowledged.push(taken),
            Effect::Deliver { link, notice } => self.notices.push((link, notice)),
        }
    }

    const fn reply(&self) -> ReplyTo {
        ReplyTo { link: LINK_3, ticket: 0, since: self.now.moment }
    }
}
