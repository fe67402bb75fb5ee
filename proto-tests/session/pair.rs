//! Two sessions that talk to each other under one hand-moved clock, over a line with latency that cuts the stream
//! anywhere. What is random comes from a seed, and a failure names it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::BytesMut;
use telegraphy::base::time::Moment;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::pdu::{Body, SubmitSmResp};
use telegraphy::smpp::session::{CloseReason, Event, ReplyTo, Role, Session, Settings};
use telegraphy::smpp::status::CommandStatus;

use super::bed::*;

/// A sequence of numbers that depends on its seed only (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// One end: a session, what is on its way to it, and an application.
struct End {
    session: Session,
    stream: BytesMut,
    /// Octets on their way to this end, and when each lot arrives.
    line: VecDeque<(Moment, Vec<u8>)>,
    /// Requests that the application works on, and when it will have done so.
    work: VecDeque<(Moment, ReplyTo)>,
    /// How many requests it still wants to send.
    wants: u64,
    /// Its requests, by token, and what was told about each.
    told: HashMap<u64, Vec<String>>,
    /// Everything else that was told.
    events: Vec<String>,
    token: u64,
}

impl End {
    fn new(settings: Settings, now: Moment, wants: u64) -> Self {
        Self {
            session: Session::new(settings, now),
            stream: BytesMut::new(),
            line: VecDeque::new(),
            work: VecDeque::new(),
            wants,
            told: HashMap::new(),
            events: Vec::new(),
            token: 0,
        }
    }

    /// One turn of a driver's loop, in the documented order; what it writes goes onto `line`.
    fn turn(
        &mut self,
        now: Moment,
        random: &mut Random,
        pace: &Pace,
        line: &mut VecDeque<(Moment, Vec<u8>)>,
    ) {
        while self.session.wants_input() && self.line.front().is_some_and(|(when, _)| *when <= now) {
            let (_, octets) = self.line.pop_front().unwrap();
            self.stream.extend_from_slice(&octets);
            self.session.handle_input(now, &mut self.stream);
        }
        self.session.handle_timeout(now);
        while let Some(event) = self.session.poll_event(now) {
            self.handle(now, event, random, pace);
        }
        while self.work.front().is_some_and(|(when, _)| *when <= now) {
            let (_, reply) = self.work.pop_front().unwrap();
            let id = SubmitSmResp { message_id: (&b"id"[..]).into(), ..SubmitSmResp::default() };
            let body = (reply.command() == Body::SubmitSm(submit_body()).command())
                .then_some(Body::SubmitSmResp(id));
            self.session.respond(now, reply, OK, body.as_ref()).unwrap();
        }
        while self.wants > 0 && self.session.window_free() > 0 && self.request(now) {
            self.wants -= 1;
        }
        // The line takes the octets in pieces that have nothing to do with PDUs.
        let written = self.session.transmit().split();
        let mut rest = &written[..];
        while !rest.is_empty() {
            let piece = 1 + random.below(pace.piece_max) as usize;
            let (piece, after) = rest.split_at(piece.min(rest.len()));
            let earliest = line.back().map_or(now, |(when, _)| *when);
            let arrival = now + Duration::from_micros(random.below(pace.latency_max_us));
            line.push_back((arrival.max(earliest), piece.to_vec()));
            rest = after;
        }
    }

    fn request(&mut self, now: Moment) -> bool {
        let submit = self.session.request(now, self.token, &Body::SubmitSm(submit_body()));
        let sent =
            submit.or_else(|_| self.session.request(now, self.token, &Body::DeliverSm(deliver_body())));
        if sent.is_ok() {
            self.told.insert(self.token, Vec::new());
            self.token += 1;
        }
        sent.is_ok()
    }

    fn handle(&mut self, now: Moment, event: Event, random: &mut Random, pace: &Pace) {
        let words = told(&event);
        match event {
            Event::BindRequested { .. } => self.session.accept_bind(now, b"telegraphy").unwrap(),
            Event::Request { reply, .. } => {
                let earliest = self.work.back().map_or(now, |(when, _)| *when);
                let done = now + Duration::from_micros(random.below(pace.work_max_us));
                self.work.push_back((done.max(earliest), reply));
            }
            Event::Response { token, .. }
            | Event::LateResponse { token, .. }
            | Event::ResponseTimedOut { token, .. }
            | Event::ResponseLost { token, .. } => self.told.get_mut(&token).unwrap().push(words),
            _ => self.events.push(words),
        }
    }

    /// When something happens at this end by itself.
    fn next(&self) -> Option<Moment> {
        let heard = self.line.front().filter(|_| self.session.wants_input()).map(|(when, _)| *when);
        [heard, self.work.front().map(|(when, _)| *when), self.session.poll_timeout()]
            .into_iter()
            .flatten()
            .min()
    }
}

/// How fast the line and the applications are.
struct Pace {
    latency_max_us: u64,
    piece_max: u64,
    work_max_us: u64,
}

struct Pair {
    esme: End,
    smsc: End,
    now: Moment,
    random: Random,
    pace: Pace,
}

impl Pair {
    fn new(seed: u64, window: usize, wants: u64, pace: Pace) -> Self {
        println!("seed {seed}");
        let now = Moment::from_micros(1_000_000);
        let settings = |role| Settings { window_in: window, window_out: window, ..Settings::new(role) };
        let mut esme = End::new(settings(Role::Esme), now, wants);
        esme.session.bind(now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
        let smsc = End::new(settings(Role::Smsc), now, wants);
        Self { esme, smsc, now, random: Random(seed), pace }
    }

    /// Moves the clock from event to event until `until`, or until `done`; panics when nothing moves any more.
    fn drive(&mut self, until: Duration, done: impl Fn(&Self) -> bool) {
        let end = self.now + until;
        for _ in 0..2_000_000 {
            self.esme.turn(self.now, &mut self.random, &self.pace, &mut self.smsc.line);
            self.smsc.turn(self.now, &mut self.random, &self.pace, &mut self.esme.line);
            if done(self) {
                return;
            }
            let next = self.esme.next().into_iter().chain(self.smsc.next()).min();
            match next {
                Some(next) if next <= end => self.now = self.now.max(next),
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the pair does not come to rest");
    }

    fn all_answered(&self) -> bool {
        [&self.esme, &self.smsc].iter().all(|end| end.wants == 0 && end.session.outstanding() == 0)
    }
}

fn one_response_each(end: &End, many: u64) {
    assert_eq!(end.told.len() as u64, many);
    for (token, told) in &end.told {
        let [told] = &told[..] else { panic!("{token}: {told:?}") };
        assert!(told.starts_with(&format!("Response {token}: ")), "{told}");
    }
}

#[test]
fn every_request_gets_its_one_response_whatever_the_line_does() {
    for seed in 0..24 {
        let window = [1, 2, 10, 100][seed as usize % 4];
        let pace =
            Pace { latency_max_us: 40_000, piece_max: 1 + seed * 7 % 200, work_max_us: 1 + seed * 300 };
        let mut pair = Pair::new(seed, window, 200, pace);
        pair.drive(secs(3_600), Pair::all_answered);
        one_response_each(&pair.esme, 200);
        one_response_each(&pair.smsc, 200);
    }
}

#[test]
fn two_ends_unbind_in_order_with_everything_answered() {
    for seed in 0..24 {
        let pace = Pace { latency_max_us: 40_000, piece_max: 60, work_max_us: 5_000 };
        let mut pair = Pair::new(seed, 10, 1_000, pace);
        pair.drive(secs(1), |_| false);
        // One end leaves in the middle of it all; for some seeds both do at once.
        pair.esme.session.unbind(pair.now);
        if seed % 3 == 0 {
            pair.smsc.session.unbind(pair.now);
        }
        // What was written before the end still arrives before the end does.
        pair.drive(secs(10), |pair| pair.esme.session.is_closed() && pair.smsc.line.is_empty());
        let now = pair.now;
        pair.smsc.session.handle_eof(now);
        while let Some(event) = pair.smsc.session.poll_event(now) {
            pair.smsc.handle(now, event, &mut pair.random, &pair.pace);
        }
        assert!(
            pair.esme.events.contains(&"Closed Unbound".to_owned()) || seed % 3 == 0,
            "{:?}",
            pair.esme.events
        );
        for end in [&pair.esme, &pair.smsc] {
            assert!(!end.told.is_empty());
            for told in end.told.values() {
                assert!(told.len() == 1 && told[0].starts_with("Response "), "seed {seed}: {told:?}");
            }
        }
    }
}

#[test]
fn an_idle_pair_stays_bound_for_a_day_by_asking() {
    let mut pair = Pair::new(1, 10, 5, Pace { latency_max_us: 100_000, piece_max: 30, work_max_us: 1_000 });
    pair.smsc.session = Session::new(Settings { inactivity: None, ..Settings::new(Role::Smsc) }, pair.now);
    pair.drive(secs(86_400), |_| false);
    assert!(!pair.esme.session.is_closed() && !pair.smsc.session.is_closed());
    assert_eq!(pair.esme.events, ["Bound bind_transceiver_resp #1 ESME_ROK"]);
    assert!(pair.esme.session.transmit().is_empty());
}

#[test]
fn an_application_slower_than_the_response_time_times_out_and_answers_late() {
    let mut pair =
        Pair::new(7, 5, 20, Pace { latency_max_us: 10_000, piece_max: 500, work_max_us: 60_000_000 });
    pair.smsc.wants = 0;
    pair.drive(secs(3_600), |_| false);
    let told: Vec<&Vec<String>> = pair.esme.told.values().collect();
    assert_eq!(told.len(), 20);
    let late = told.iter().filter(|told| told.len() == 2).count();
    assert!(late > 0, "some responses came after their time");
    for told in told {
        match &told[..] {
            [told] => assert!(told.starts_with("Response"), "{told}"),
            [first, second] => {
                assert!(first.starts_with("ResponseTimedOut ") && second.starts_with("LateResponse "));
            }
            told => panic!("{told:?}"),
        }
    }
}

#[test]
fn a_line_that_breaks_leaves_no_request_untold() {
    for seed in 0..12 {
        let pace = Pace { latency_max_us: 40_000, piece_max: 60, work_max_us: 5_000 };
        let mut pair = Pair::new(seed, 20, 500, pace);
        pair.drive(Duration::from_millis(300 + seed * 50), |_| false);
        let now = pair.now;
        for end in [&mut pair.esme, &mut pair.smsc] {
            end.session.close(CloseReason::TransportFailed);
            while let Some(event) = end.session.poll_event(now) {
                end.handle(now, event, &mut pair.random, &pair.pace);
            }
            assert_eq!(end.events.last().unwrap(), "Closed TransportFailed");
            assert!(end.told.values().all(|told| told.len() == 1), "seed {seed}");
        }
        let lost = pair.esme.told.values().filter(|told| told[0].starts_with("ResponseLost")).count();
        assert!(lost <= 20, "no more than the window");
    }
}

#[test]
fn a_refusal_reaches_the_other_end_with_its_reason() {
    let now = Moment::from_micros(1);
    let mut esme = Session::new(Settings::new(Role::Esme), now);
    let mut smsc = Session::new(Settings::new(Role::Smsc), now);
    esme.bind(now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
    smsc.handle_input(now, esme.transmit());
    assert!(matches!(smsc.poll_event(now), Some(Event::BindRequested { kind: BindKind::Transceiver, .. })));
    smsc.refuse_bind(now, CommandStatus::ESME_RINVPASWD).unwrap();
    esme.handle_input(now, smsc.transmit());
    assert!(matches!(
        esme.poll_event(now),
        Some(Event::BindRefused { status: CommandStatus::ESME_RINVPASWD })
    ));
}
