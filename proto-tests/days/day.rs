//! The day: time, the process that lives and dies in it, and what goes in and out.

use std::collections::BTreeMap;
use std::time::Duration;

use telegraphy::base::ids::{AccountId, CarrierId, MessageId};
use telegraphy::base::time::{Moment, Now, Timestamp};
use telegraphy::flow::messages::Phase;
use telegraphy::flow::{Effect, Input, LinkId, Managed, News, ReplyTo};
use telegraphy::log::memory::{FailedSync, MemoryStore};
use telegraphy::message::Refusal;

use super::chance::Chance;
use super::events::{Asked, Ev, Link, Whose};
use super::gateway::{Gateway, Lines};
use super::ledger::{Ledger, Promise};
use super::records::Records;
use super::settings::*;

/// 2026-01-01, some noon.
const START: u64 = 1_767_268_800_000;
/// Steps at one moment: more than that is a loop without an end.
const STEPS_MAX: u32 = 20_000;
const MILLI: u64 = 1_000;
pub(super) const SEC: u64 = 1_000 * MILLI;

pub(super) struct Day {
    pub(super) chance: Chance,
    pub(super) at: u64,
    still: u32,
    /// How far the calendar is off, in milliseconds.
    skew: i64,
    events: BTreeMap<(u64, u64), Ev>,
    next_event: u64,
    pub(super) store: MemoryStore,
    pub(super) gateway: Option<Gateway>,
    sync_at: u64,
    read_at: u64,
    pub(super) east: bool,
    pub(super) detour: bool,
    /// Nobody does any harm any more.
    pub(super) quiet: bool,
    pub(super) links: BTreeMap<LinkId, Link>,
    pub(super) asked: BTreeMap<u32, Asked>,
    next_link: u64,
    next_ticket: u32,
    pub(super) serial: u64,
    pub(super) accounts: Vec<AccountId>,
    pub(super) carriers: Vec<CarrierId>,
    pub(super) moods: [super::carriers::Mood; 3],
    pub(super) ledger: Ledger,
    pub(super) records: Records,
}

impl Day {
    pub(super) fn new(seed: u64) -> Self {
        let mut day = Self {
            chance: Chance::new(seed),
            at: SEC,
            still: 0,
            skew: 0,
            events: BTreeMap::new(),
            next_event: 0,
            store: MemoryStore::with_segments_of(8_000),
            gateway: None,
            sync_at: 0,
            read_at: 0,
            east: true,
            detour: false,
            quiet: false,
            links: BTreeMap::new(),
            asked: BTreeMap::new(),
            next_link: 1,
            next_ticket: 0,
            serial: 0,
            accounts: Vec::new(),
            carriers: Vec::new(),
            moods: [super::carriers::Mood::Well; 3],
            ledger: Ledger::default(),
            records: Records::default(),
        };
        day.happen(Ev::Start, &mut Vec::new());
        for account in 0..ACCOUNTS.len() {
            day.within(60 * SEC, Ev::Burst(account));
            day.within(600 * SEC, Ev::Manage(account));
        }
        (0..CARRIERS.len()).for_each(|carrier| day.within(1800 * SEC, Ev::Mood(carrier)));
        for (within, event) in [
            (60, Ev::NewMo),
            (3_600, Ev::CarrierDies),
            (3_600, Ev::Stranger),
            (7_200, Ev::Jump),
            (7_200, Ev::Crash),
            (10_000, Ev::SyncFails),
            (10_000, Ev::Stop),
            (600, Ev::Look),
        ] {
            day.within(within * SEC, event);
        }
        day
    }

    pub(super) const fn now(&self) -> Now {
        let wall = (START + self.at / 1_000).saturating_add_signed(self.skew);
        Now { wall: Timestamp::from_millis(wall), moment: Moment::from_micros(self.at) }
    }

    pub(super) fn after(&mut self, micros: u64, event: Ev) {
        self.events.insert((self.at + micros, self.next_event), event);
        self.next_event += 1;
    }

    pub(super) fn within(&mut self, micros: u64, event: Ev) {
        let micros = self.chance.below(micros);
        self.after(micros, event);
    }

    pub(super) fn reply(&mut self, asked: Asked) -> ReplyTo {
        // Odd numbers are of messages from carriers.
        let odd = matches!(asked, Asked::Again(Ev::Mo { .. }));
        self.next_ticket += 2;
        let ticket = self.next_ticket + u32::from(odd);
        self.asked.insert(ticket, asked);
        ReplyTo { link: LinkId(0), ticket, since: self.now().moment }
    }

    pub(super) fn connect(&mut self, whose: Whose) -> LinkId {
        let link = LinkId(self.next_link);
        self.next_link += 1;
        self.links.insert(link, Link { whose, out: BTreeMap::new(), given: BTreeMap::new() });
        link
    }

    pub(super) const fn is_there(&self, carrier: usize) -> bool {
        self.east || carrier != EAST
    }

    // ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn live(&mut self, time: Duration) {
        let end = self.at + time.as_micros() as u64;
        while let Some(next) = self.next().filter(|next| *next < end) {
            self.still = if next > self.at { 0 } else { self.still + 1 };
            assert!(self.still < STEPS_MAX, "time stands still");
            self.at = next.max(self.at);
            self.step();
        }
        self.at = end;
    }

    /// When something happens next: with a peer, in the log, or because the flow has asked to be looked at.
    fn next(&self) -> Option<u64> {
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        let Some(gateway) = &self.gateway else { return event };
        let wake = gateway.flow.wake_at(self.now()).map(Moment::as_micros);
        let tick = Some(gateway.next_tick.as_micros());
        let sync = gateway.syncing.as_ref().map(|_| self.sync_at);
        let read = gateway.has_work().then_some(self.read_at);
        [event, wake, tick, sync, read].into_iter().flatten().min()
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
        if gateway.has_work() && self.read_at <= self.at {
            inputs.extend(gateway.work());
            self.read_at = self.at + self.chance.between(1, 20) * MILLI;
        }
        let due = gateway.flow.wake_at(now).is_some_and(|at| at <= now.moment);
        let tick = gateway.next_tick <= now.moment;
        if !inputs.is_empty() || due || tick {
            gateway.turn(now, inputs);
        }
        if tick {
            gateway.upkeep();
            self.records.flush();
        }
        if gateway.syncing.is_some() && self.sync_at <= self.at {
            self.sync();
        }
        self.begin_sync();
    }

    fn begin_sync(&mut self) {
        if self.gateway.as_mut().is_some_and(Gateway::begin_sync) {
            let slow = !self.quiet && self.chance.one_in(500);
            let millis = if slow { self.chance.between(100, 3_000) } else { self.chance.between(1, 12) };
            self.sync_at = self.at + millis * MILLI;
        }
    }

    pub(super) fn sync(&mut self) {
        let Some(gateway) = &mut self.gateway else { return };
        match gateway.sync() {
            None => {}
            Some(Ok(mut group)) => {
                let idle = !gateway.has_work();
                gateway.keep(&mut group, &mut self.records);
                if idle {
                    self.read_at = self.at + self.chance.between(1, 50) * MILLI;
                }
                self.ledger.durable(&group);
                group.effects.into_iter().for_each(|effect| self.let_out(effect));
            }
            Some(Err(_)) => {
                // Its group is in the log whole or not at all; nobody here can know.
                self.die();
            }
        }
    }

    // ── The process ─────────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn happen(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match event {
            Ev::Start => self.start(),
            Ev::Crash => {
                self.crash();
                inputs.clear();
                self.again(3_600, 10_000, Ev::Crash);
            }
            Ev::SyncFails => {
                let then = self.chance.of(&[FailedSync::Lost, FailedSync::Kept]);
                if self.gateway.is_some() && !self.quiet {
                    self.store.fail_a_sync(then);
                }
                self.again(7_200, 20_000, Ev::SyncFails);
            }
            Ev::Stop => {
                self.stop(std::mem::take(inputs));
                self.again(7_200, 20_000, Ev::Stop);
            }
            Ev::Jump => {
                let by = self.chance.of(&[3_600_000, -3_600_000, 86_400_000, -86_400_000, 1_500, -90_000]);
                if self.gateway.is_some() {
                    self.skew += by;
                }
                self.again(1_800, 10_000, Ev::Jump);
            }
            Ev::Look => {
                self.look();
                self.after(300 * SEC, Ev::Look);
            }
            Ev::CarrierUp(_) | Ev::CarrierDown(_) | Ev::CarrierDies | Ev::Mood(_) => {
                self.carrier(event, inputs)
            }
            Ev::Answer { .. } | Ev::TimeOut { .. } => self.carrier_answers(event, inputs),
            Ev::Receipt { .. } | Ev::Stranger | Ev::Mo { .. } | Ev::NewMo => self.carrier_says(event, inputs),
            Ev::ReceiverUp(_) | Ev::ReceiverDown(_) | Ev::Taking { .. } => self.receiver(event, inputs),
            Ev::Burst(_) | Ev::Submit(_) | Ev::Part { .. } | Ev::Manage(_) => self.customer(event, inputs),
        }
    }

    /// It happens again, unless all is quiet.
    pub(super) fn again(&mut self, least: u64, most: u64, event: Ev) {
        if !self.quiet {
            let wait = self.chance.between(least * SEC, most * SEC);
            self.after(wait, event);
        }
    }

    // ── What comes out ──────────────────────────────────────────────────────────────────────────────────────────

    fn let_out(&mut self, effect: Effect) {
        match effect {
            Effect::Answer { reply, result } => match self.asked.remove(&reply.ticket).unwrap() {
                Asked::Single { fresh: true } => self.granted(result, Promise::Single, true),
                Asked::Single { fresh: false } => self.granted(result, Promise::Replaced, false),
                Asked::Part => self.granted(result, Promise::Part, false),
                asked => panic!("{asked:?} was answered with {result:?}"),
            },
            Effect::AnswerMulti { reply, result, refused } => {
                let Some(Asked::Multi { count }) = self.asked.remove(&reply.ticket) else { panic!() };
                self.granted(result, Promise::Multi(count - refused.len()), true);
            }
            Effect::AnswerManage { reply, result } => {
                let asked = self.asked.remove(&reply.ticket).unwrap();
                self.managed(asked, result);
            }
            Effect::AnswerFact { .. } => panic!("nobody said anything"),
            Effect::Acknowledge { reply, taken } => {
                let Some(Asked::Again(event)) = self.asked.remove(&reply.ticket) else { panic!() };
                self.acknowledged(event, taken);
            }
            Effect::Send { link, message, attempt, .. } if !self.links.contains_key(&link) => {
                self.gateway.as_mut().unwrap().undelivered.push((message, attempt));
            }
            Effect::Send { link, message, attempt, source, destination, .. } => {
                assert!(!self.ledger.cancelled.contains(&message), "{message:?} was cancelled and is sent");
                self.submitted(link, (message, attempt), source, destination);
            }
            Effect::Deliver { link, notice } => {
                let told = self.ledger.told.contains_key(&notice.message);
                assert!(!told, "{:?} was told already", notice.message);
                match &notice.news {
                    News::Final { outcome, .. } => {
                        let before = self.ledger.said.insert(notice.message, *outcome);
                        assert!(before.is_none_or(|before| before == *outcome), "{:?}", notice.message);
                    }
                    News::Incoming { content } => {
                        let serial = std::str::from_utf8(&content.body).unwrap();
                        let serial = serial.rsplit(' ').next().unwrap().parse().unwrap();
                        self.ledger.incoming.insert(notice.message, serial);
                    }
                    News::Intermediate { .. } => {}
                }
                self.delivered(link, notice.message);
            }
        }
    }

    fn granted(&mut self, result: Result<MessageId, Refusal>, promise: Promise, fresh: bool) {
        if let Ok(id) = result {
            self.ledger.granted(id, promise, fresh);
        }
    }

    fn managed(&mut self, asked: Asked, result: Result<Managed, Refusal>) {
        match (asked, result) {
            (Asked::Cancel(message), Ok(_)) => {
                self.ledger.cancelled.insert(message);
            }
            (Asked::Query { ended: Some(ended), .. }, Ok(Managed::Standing { message_state, .. })) => {
                assert_eq!(message_state, ended, "a message that is over");
            }
            _ => {}
        }
    }

    /// From now on everybody is there and does as he should, until all is over.
    pub(super) fn be_quiet(&mut self) {
        self.quiet = true;
        self.moods = [super::carriers::Mood::Well; 3];
        if self.gateway.is_some() {
            // With every carrier in the settings again.
            self.die();
        }
    }

    pub(super) fn assert_all_is_well(&self) {
        let flow = &self.gateway.as_ref().unwrap().flow;
        self.ledger.assert_every_message_has_ended_once(flow, &self.records);
        self.ledger.assert_the_counts_are_the_records(flow, &self.records);
        self.ledger.assert_the_book_is_the_records(flow, &self.records);
        self.ledger.assert_the_money_is_the_records(flow, &self.records);
        self.ledger.assert_every_receipt_was_taken_once(flow);
        self.ledger.assert_every_message_from_a_carrier_arrived();
    }

    /// What must be true at any time.
    fn look(&mut self) {
        let Some(gateway) = &self.gateway else { return };
        let octets = gateway.octets();
        let content = |phase: &Phase| match phase {
            Phase::Gathering(Some(content))
            | Phase::Queued(Some(content))
            | Phase::HandedOver(Some(content))
            | Phase::Incoming(Some(content)) => content.body.len() + content.tlvs.len(),
            _ => 0,
        };
        let messages = gateway.flow.state().messages();
        let bodies = messages.iter().map(|message| content(&message.phase)).sum();
        self.ledger.log_octets = self.ledger.log_octets.max(octets);
        self.ledger.bodies = self.ledger.bodies.max(bodies);
        self.ledger.watch_what_is_closed(&gateway.flow);
        assert!(bodies <= BODIES_MAX + 3 * 512 * 40, "{bodies} octets of bodies in memory");
    }
}
