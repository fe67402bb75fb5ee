//! The month: time, the process that lives and dies in it, and what goes in and out.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use telegraphy::base::ids::MessageId;
use telegraphy::base::time::{Moment, Now, Timestamp};
use telegraphy::flow::{Acceptance, Effect, FlowSettings, Input, LinkId, Managed, News, ReplyTo, Taking};
use telegraphy::log::file::FileLog;
use telegraphy::message::Says;

use super::carriers::Carrier;
use super::customers::Said;
use super::files::{self, Files};
use super::operators::Told;
use super::quick::Quick;
use crate::days::chance::Chance;
use crate::days::gateway::{Gateway, Lines};

pub(super) const MILLI: u64 = 1_000;
pub(super) const SEC: u64 = 1_000 * MILLI;
pub(super) const MIN: u64 = 60 * SEC;
pub(super) const HOUR: u64 = 60 * MIN;
pub(super) const DAY: u64 = 24 * HOUR;
/// 2021-10-29 00:00 by the contracts' clock, in milliseconds since 1970.
const START: u64 = 1_635_436_800_000;
/// Steps at one moment: more than that is a loop without an end.
const STEPS_MAX: u32 = 100_000;
/// Time's own work when nothing else happens: seldom, for a month is long.
const TICK: u64 = 5 * MIN;

pub(super) const ACCOUNTS: [&str; 3] = ["bank", "shop", "diary"];
pub(super) const SHOP: usize = 1;

/// A day's beginning by the contracts' clock, in microseconds since the start; months 11 and 12 of 2021.
pub(super) const fn at_day(month: u64, day: u64) -> u64 {
    (3 + (month - 11) * 30 + day - 1) * DAY
}

/// What may happen.
#[derive(Clone, Debug)]
pub(super) enum Ev {
    Submit(usize),
    Part(usize),
    Cancel { account: usize, message: MessageId, place: usize },
    CarrierUp(usize),
    CarrierDown(usize),
    Answer { carrier: usize, link: LinkId, message: MessageId, attempt: u8 },
    Receipt { carrier: usize, hand: usize, sent: usize },
    Told { account: usize, link: LinkId, message: MessageId },
    Say { says: Box<Says>, why: &'static str },
    Withdraw(&'static str),
    Crash,
    Stop,
    Start,
    Midnight,
}

/// A request to which an answer must come, unless the process dies.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Submit(usize),
    Cancel(usize),
    Receipt { carrier: usize, hand: usize, sent: usize },
    Say(Box<Told>),
}

pub(super) struct Month {
    pub(super) chance: Chance,
    pub(super) at: u64,
    folder: PathBuf,
    settings: FlowSettings,
    segment_bytes: u64,
    still: u32,
    events: BTreeMap<(u64, u64), Ev>,
    next_event: u64,
    pub(super) gateway: Option<Gateway<FileLog<Quick>>>,
    records: Option<Files>,
    pub(super) asked: BTreeMap<u32, Asked>,
    next_ticket: u32,
    next_link: u64,
    /// The customers' connections while a process lives.
    receivers: HashMap<LinkId, usize>,
    pub(super) carriers: Vec<Carrier>,
    /// Answers that were given in this step: nobody has them before it is over.
    pub(super) answered: Vec<(usize, usize)>,
    pub(super) said: Vec<Said>,
    pub(super) told: Vec<Told>,
    /// What customers were told became of their messages.
    pub(super) heard: Vec<(u64, String, String)>,
    dying: bool,
    pub(super) crashes: u32,
    pub(super) stops: u32,
    pub(super) serial: u64,
}

impl Month {
    pub(super) fn new(folder: &Path, seed: u64, messages: u64) -> Self {
        let settings = files::settings(folder, messages);
        let carriers = settings.flow.carriers.iter().map(Carrier::new).collect();
        let mut month = Self {
            chance: Chance::new(seed),
            at: SEC,
            folder: folder.to_owned(),
            settings: settings.flow,
            segment_bytes: settings.log.segment_bytes,
            still: 0,
            events: BTreeMap::new(),
            next_event: 0,
            gateway: None,
            records: None,
            asked: BTreeMap::new(),
            next_ticket: 0,
            next_link: 1,
            receivers: HashMap::new(),
            carriers,
            answered: Vec::new(),
            said: Vec::new(),
            told: Vec::new(),
            heard: Vec::new(),
            dying: false,
            crashes: 0,
            stops: 0,
            serial: 0,
        };
        month.begin();
        month.after(DAY, Ev::Midnight);
        month.plan_operators(messages);
        month.plan_customers(messages);
        for day in [6, 13, 21] {
            let within = month.chance.below(DAY);
            month.on(at_day(11, day) + within, Ev::Crash);
        }
        month.on(at_day(11, 17) + 3 * HOUR, Ev::Stop);
        month.on(at_day(12, 1) + 11 * HOUR, Ev::Crash);
        for (carrier, day, hours) in [(0, 9, 5), (1, 12, 2), (2, 18, 30), (3, 24, 3)] {
            month.on(at_day(11, day) + 9 * HOUR, Ev::CarrierDown(carrier));
            month.on(at_day(11, day) + (9 + hours) * HOUR, Ev::CarrierUp(carrier));
        }
        month
    }

    fn begin(&mut self) {
        let mut inputs = Vec::new();
        self.start(&mut inputs);
        let now = self.now();
        self.gateway.as_mut().unwrap().turn(now, inputs);
        self.sync();
    }

    pub(super) fn now(&self) -> Now {
        Now { wall: wall(self.at), moment: Moment::from_micros(self.at) }
    }

    pub(super) fn on(&mut self, at: u64, event: Ev) {
        self.events.insert((at, self.next_event), event);
        self.next_event += 1;
    }

    pub(super) fn after(&mut self, micros: u64, event: Ev) {
        self.on(self.at + micros, event);
    }

    pub(super) fn reply(&mut self, asked: Asked) -> ReplyTo {
        self.next_ticket += 1;
        self.asked.insert(self.next_ticket, asked);
        ReplyTo { link: LinkId(0), ticket: self.next_ticket, since: self.now().moment }
    }

    pub(super) fn link(&mut self) -> LinkId {
        self.next_link += 1;
        LinkId(self.next_link)
    }

    // ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn live(&mut self, end: u64) {
        while let Some(next) = self.next().filter(|next| *next < end) {
            self.still = if next > self.at { 0 } else { self.still + 1 };
            assert!(self.still < STEPS_MAX, "time stands still");
            self.at = next.max(self.at);
            self.step();
        }
        self.at = end;
    }

    fn next(&self) -> Option<u64> {
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        let Some(gateway) = &self.gateway else { return event };
        let wake = gateway.flow.wake_at(self.now()).map(Moment::as_micros);
        let tick = Some(gateway.next_tick.as_micros());
        let work = gateway.has_work().then_some(self.at);
        [event, wake, tick, work].into_iter().flatten().min()
    }

    fn step(&mut self) {
        let mut inputs = Vec::new();
        while let Some(entry) = self.events.first_entry()
            && entry.key().0 <= self.at
        {
            let event = entry.remove();
            self.happen(event, &mut inputs);
        }
        let now = self.now();
        let Some(gateway) = &mut self.gateway else { return };
        if gateway.has_work() {
            inputs.extend(gateway.work());
        }
        let due = gateway.next_tick <= now.moment;
        gateway.turn(now, inputs);
        if due {
            gateway.next_tick = Moment::from_micros(self.at + TICK);
            gateway.upkeep();
        }
        if self.dying {
            return self.die();
        }
        self.sync();
    }

    /// What was decided is durable now, and is let out.
    fn sync(&mut self) {
        let at = self.now().wall.as_millis();
        loop {
            for (carrier, hand) in std::mem::take(&mut self.answered) {
                self.carriers[carrier].hands[hand].answered = Some(at);
            }
            let gateway = self.gateway.as_mut().unwrap();
            if !gateway.begin_sync() {
                return;
            }
            let mut group = gateway.sync().unwrap().unwrap();
            gateway.keep(&mut group, self.records.as_mut().unwrap());
            group.effects.into_iter().for_each(|effect| self.let_out(effect));
        }
    }

    // ── The process ─────────────────────────────────────────────────────────────────────────────────────────────

    fn happen(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match event {
            Ev::Start => self.start(inputs),
            Ev::Crash => self.dying = self.gateway.is_some(),
            Ev::Stop => self.stop(std::mem::take(inputs)),
            Ev::Midnight => {
                let today = self.now().wall;
                if let Some(records) = &mut self.records {
                    records.roll(today);
                }
                self.after(DAY, Ev::Midnight);
            }
            Ev::Say { .. } | Ev::Withdraw(_) => self.say(event, inputs),
            Ev::Submit(_) | Ev::Part(_) | Ev::Cancel { .. } => self.customer(event, inputs),
            Ev::Told { account, link, message } => {
                if self.receivers.contains_key(&link) {
                    let account = self.account(account);
                    inputs.push(Input::CustomerAnswered { account, link, message, taking: Taking::Taken });
                }
            }
            Ev::CarrierUp(_) | Ev::CarrierDown(_) | Ev::Answer { .. } | Ev::Receipt { .. } => {
                self.carrier(event, inputs);
            }
        }
    }

    fn start(&mut self, inputs: &mut Vec<Input>) {
        let now = self.now();
        let mut records = Files::open(&self.folder, now.wall);
        let log = files::open_log(&self.folder, self.segment_bytes);
        let recovered = Gateway::recover(log, self.settings.clone(), now, &mut records);
        self.gateway = Some(recovered.gateway);
        self.records = Some(records);
        for place in 0..ACCOUNTS.len() {
            let (account, link) = (self.account(place), self.link());
            self.receivers.insert(link, place);
            inputs.push(Input::CustomerReady { account, link, credits: 100_000 });
        }
        for carrier in 0..self.carriers.len() {
            if !self.carriers[carrier].is_down {
                self.after(SEC, Ev::CarrierUp(carrier));
            }
        }
    }

    pub(super) fn account(&self, place: usize) -> telegraphy::base::ids::AccountId {
        self.gateway.as_ref().unwrap().flow.state().account(ACCOUNTS[place]).unwrap()
    }

    /// The process is gone with all that was not synced: answers and receipts of this step were never heard.
    fn die(&mut self) {
        self.dying = false;
        self.crashes += 1;
        self.answered.clear();
        self.forget();
        self.gateway = None;
        self.records = None;
        self.after(90 * SEC, Ev::Start);
    }

    fn forget(&mut self) {
        self.receivers.clear();
        self.carriers.iter_mut().for_each(Carrier::lose_link);
        for (_, asked) in std::mem::take(&mut self.asked) {
            match asked {
                // It is not taken, so the carrier says it again.
                Asked::Receipt { carrier, hand, sent } => {
                    let wait = self.chance.between(120, 300);
                    self.after(wait * SEC, Ev::Receipt { carrier, hand, sent });
                }
                Asked::Submit(_) | Asked::Cancel(_) | Asked::Say(_) => {}
            }
        }
    }

    /// As at a clean stop.
    fn stop(&mut self, mut inputs: Vec<Input>) {
        if self.gateway.is_none() {
            return;
        }
        for carrier in 0..self.carriers.len() {
            self.disconnect(carrier, &mut inputs);
        }
        for (link, place) in std::mem::take(&mut self.receivers) {
            inputs.push(Input::CustomerGone { account: self.account(place), link });
        }
        let now = self.now();
        self.gateway.as_mut().unwrap().last_turn(now, inputs);
        self.sync();
        self.records.as_mut().unwrap().flush();
        self.stops += 1;
        self.forget();
        self.gateway = None;
        self.records = None;
        self.after(10 * MIN, Ev::Start);
    }

    /// The month is over: what there is is in the files.
    pub(super) fn end(&mut self) {
        let now = self.now();
        self.gateway.as_mut().unwrap().last_turn(now, Vec::new());
        self.sync();
        self.records.take().unwrap().flush();
    }

    // ── What comes out ──────────────────────────────────────────────────────────────────────────────────────────

    fn let_out(&mut self, effect: Effect) {
        match effect {
            Effect::Answer { reply, result } => {
                let Some(Asked::Submit(place)) = self.asked.remove(&reply.ticket) else {
                    panic!("{reply:?}")
                };
                self.answer(place, result);
            }
            Effect::AnswerManage { reply, result } => {
                let Some(Asked::Cancel(place)) = self.asked.remove(&reply.ticket) else {
                    panic!("{reply:?}")
                };
                self.said[place].cancelled = matches!(result, Ok(Managed::Done));
            }
            Effect::AnswerFact { reply, result, .. } => {
                let Some(Asked::Say(told)) = self.asked.remove(&reply.ticket) else { panic!("{reply:?}") };
                let id = result.unwrap_or_else(|why| panic!("{told:?}: {why}")).0;
                self.told.push(Told { id, ..*told });
            }
            Effect::Acknowledge { reply, taken } => {
                let Some(Asked::Receipt { carrier, hand, sent }) = self.asked.remove(&reply.ticket) else {
                    panic!("{reply:?}")
                };
                assert_eq!(taken, Acceptance::Taken);
                let at = self.now().wall.as_millis();
                self.serial += 1;
                let receipt = &mut self.carriers[carrier].hands[hand].receipts[sent];
                (receipt.acked, receipt.order) = (Some(at), Some(self.serial));
            }
            Effect::Send { link, message, attempt, destination, content, .. } => {
                self.submitted(link, (message, attempt), &destination, &content);
            }
            Effect::Deliver { link, notice } => {
                if let News::Final { outcome, .. } = &notice.news {
                    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
                    let (stat, err) = (text(outcome.stat.as_slice()), text(outcome.err.as_slice()));
                    self.heard.push((notice.shown.as_u64(), stat, err));
                }
                if let Some(account) = self.receivers.get(&link).copied() {
                    self.after(100 * MILLI, Ev::Told { account, link, message: notice.message });
                }
            }
            Effect::AnswerMulti { .. } => panic!("nobody asked"),
        }
    }
}

/// The calendar at a time of the month.
pub(super) const fn wall(at: u64) -> Timestamp {
    Timestamp::from_millis(START + at / MILLI)
}
