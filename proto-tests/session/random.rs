//! Anything in any order, into both roles: no panic, no bound exceeded, no request answered twice.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Buf;
use proptest::prelude::*;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::pdu::{Body, Outbind, Pdu};
use telegraphy::smpp::session::{CloseReason, Event, PARKED_OCTETS_MAX, Role, Settings};
use telegraphy::smpp::status::CommandStatus;

use super::bed::*;

/// One thing that happens to a session.
#[derive(Clone, Debug)]
enum Step {
    /// A PDU of this command, with a body that may be read, cut off or long.
    Pdu(CommandId, u32, Shape),
    /// A response to one of the requests that are waiting.
    Answer(CommandStatus, usize),
    /// Octets of any kind.
    Garbage(Vec<u8>),
    /// A PDU in two reads.
    Cut(CommandId, usize),
    /// Many PDUs in one read.
    Burst(CommandId, u8),
    Wait(u64),
    Request,
    Respond(usize, CommandStatus),
    Bind(BindKind),
    JudgeBind(bool),
    Outbind,
    Unbind,
    Eof,
    Close,
    /// The driver writes this part of what is ready.
    Write(u8),
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Good,
    Bare,
    Long,
}

const COMMANDS: [CommandId; 24] = [
    CommandId::BIND_RECEIVER,
    CommandId::BIND_TRANSMITTER,
    CommandId::BIND_TRANSCEIVER,
    CommandId::OUTBIND,
    CommandId::UNBIND,
    CommandId::ENQUIRE_LINK,
    CommandId::SUBMIT_SM,
    CommandId::SUBMIT_MULTI,
    CommandId::DELIVER_SM,
    CommandId::DATA_SM,
    CommandId::QUERY_SM,
    CommandId::CANCEL_SM,
    CommandId::REPLACE_SM,
    CommandId::ALERT_NOTIFICATION,
    CommandId(0x999),
    CommandId::GENERIC_NACK,
    CommandId::BIND_TRANSCEIVER_RESP,
    CommandId::BIND_RECEIVER_RESP,
    CommandId::UNBIND_RESP,
    CommandId::ENQUIRE_LINK_RESP,
    CommandId::SUBMIT_SM_RESP,
    CommandId::DELIVER_SM_RESP,
    CommandId::DATA_SM_RESP,
    CommandId(0x8000_0999),
];

fn command() -> impl Strategy<Value = CommandId> {
    proptest::sample::select(&COMMANDS[..])
}

fn kind() -> impl Strategy<Value = BindKind> {
    proptest::sample::select(&[BindKind::Receiver, BindKind::Transmitter, BindKind::Transceiver][..])
}

fn status() -> impl Strategy<Value = CommandStatus> {
    prop_oneof![3 => Just(OK), 1 => any::<u32>().prop_map(CommandStatus)]
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![6 => Just(Shape::Good), 1 => Just(Shape::Bare), 1 => Just(Shape::Long)]
}

fn any<T: Arbitrary>() -> impl Strategy<Value = T> {
    proptest::prelude::any::<T>()
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (command(), 0..12u32, shape()).prop_map(|(c, n, s)| Step::Pdu(c, n, s)),
        8 => (status(), any::<usize>()).prop_map(|(s, which)| Step::Answer(s, which)),
        1 => proptest::collection::vec(any::<u8>(), 1..40).prop_map(Step::Garbage),
        3 => (command(), any::<usize>()).prop_map(|(c, at)| Step::Cut(c, at)),
        3 => (command(), any::<u8>()).prop_map(|(c, n)| Step::Burst(c, n)),
        6 => (0..40u64).prop_map(Step::Wait),
        10 => Just(Step::Request),
        10 => (any::<usize>(), status()).prop_map(|(which, s)| Step::Respond(which, s)),
        4 => kind().prop_map(Step::Bind),
        6 => proptest::bool::weighted(0.8).prop_map(Step::JudgeBind),
        1 => Just(Step::Outbind),
        1 => Just(Step::Unbind),
        1 => Just(Step::Eof),
        1 => Just(Step::Close),
        8 => any::<u8>().prop_map(Step::Write),
    ]
}

/// What must hold, kept beside the session.
struct Watch {
    lone: Lone,
    /// Requests of ours whose end has not been told, by token: their sequence number.
    waiting: HashMap<u64, u32>,
    /// Our next token.
    token: u64,
    /// How often the end was told.
    closed: u32,
    /// The settings that are bounds here.
    transmit_max: usize,
    window: usize,
}

impl Watch {
    fn new(role: Role) -> Self {
        let settings = Settings { window_in: 3, window_out: 3, transmit_max: 2_000, ..Settings::new(role) };
        let transmit_max = settings.transmit_max;
        Self {
            lone: Lone::new(settings),
            waiting: HashMap::new(),
            token: 0,
            closed: 0,
            transmit_max,
            window: 3,
        }
    }

    /// Feeds octets the way a driver does: only while the session wants them.
    fn hear(&mut self, octets: &[u8]) {
        if !self.lone.session.wants_input() {
            return;
        }
        self.lone.hears(octets);
        self.tell();
        let room = self.transmit_max + 2 * octets.len() + PARKED_OCTETS_MAX / 16;
        assert!(self.lone.session.transmit().len() <= room, "the answers are bounded");
        assert!(self.lone.stream.len() <= telegraphy::smpp::frame::PDU_LEN_MAX);
    }

    fn tell(&mut self) {
        while let Some(event) = self.lone.session.poll_event(self.lone.now) {
            assert_eq!(self.closed, 0, "{event:?} after the end");
            match event {
                Event::Request { reply, .. } => self.lone.owed.push(reply),
                Event::Response { token, sequence, .. }
                | Event::ResponseUnreadable { token, sequence, .. }
                | Event::ResponseLost { token, sequence }
                | Event::ResponseTimedOut { token, sequence } => {
                    assert_eq!(self.waiting.remove(&token), Some(sequence), "told once");
                }
                Event::LateResponse { token, .. } => assert!(!self.waiting.contains_key(&token)),
                Event::Closed(_) => {
                    self.closed += 1;
                    assert!(self.waiting.is_empty(), "{:?}", self.waiting);
                }
                _ => {}
            }
        }
        assert!(self.lone.session.unanswered() <= self.window);
        assert_eq!(self.lone.session.outstanding(), self.waiting.len());
        assert!(self.waiting.len() <= self.window);
        assert_eq!(self.closed == 1, self.lone.session.is_closed());
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Pdu(command, sequence, shape) => {
                let pdu = match shape {
                    Shape::Good => super::bed::any(command, sequence),
                    Shape::Bare => bare(command, OK, sequence),
                    Shape::Long => raw(command, OK, sequence, &[b'x'; 700]),
                };
                self.hear(&pdu);
            }
            Step::Answer(status, which) => {
                let mut known: Vec<u32> = self.waiting.values().copied().collect();
                known.sort_unstable();
                if let Some(sequence) = known.get(which % known.len().max(1)) {
                    let command = match which % 4 {
                        0 => CommandId::GENERIC_NACK,
                        1 => CommandId::DELIVER_SM_RESP,
                        _ => CommandId::SUBMIT_SM_RESP,
                    };
                    self.hear(&bare(command, status, *sequence));
                }
            }
            Step::Garbage(octets) => self.hear(&octets),
            Step::Cut(command, at) => {
                let pdu = super::bed::any(command, 3);
                let (front, back) = pdu.split_at(at % pdu.len());
                self.hear(front);
                self.hear(back);
            }
            Step::Burst(command, count) => {
                let many: Vec<u8> = (0..u32::from(count)).flat_map(|n| super::bed::any(command, n)).collect();
                self.hear(&many);
            }
            Step::Wait(seconds) => {
                self.lone.waits(Duration::from_secs(seconds));
                self.tell();
            }
            Step::Request => {
                if let Ok(sequence) = self.lone.try_request(self.token) {
                    assert!((1..=0x7FFF_FFFF).contains(&sequence));
                    assert!(self.waiting.insert(self.token, sequence).is_none());
                    self.token += 1;
                }
            }
            Step::Respond(which, status) => {
                if !self.lone.owed.is_empty() {
                    let reply = self.lone.owed.swap_remove(which % self.lone.owed.len());
                    self.lone.session.respond(self.lone.now, reply, status, None).unwrap();
                    self.tell();
                }
            }
            step => self.command(step),
        }
        self.tell();
    }

    fn command(&mut self, step: Step) {
        let now = self.lone.now;
        let session = &mut self.lone.session;
        // Whether it is allowed now is the session's business.
        match step {
            Step::Bind(kind) => drop(session.bind(now, kind, &bind_body(0x34))),
            Step::JudgeBind(true) => drop(session.accept_bind(now, b"telegraphy")),
            Step::JudgeBind(false) => drop(session.refuse_bind(now, CommandStatus::ESME_RBINDFAIL)),
            Step::Outbind => drop(session.outbind(now, &Outbind::<&[u8]>::default())),
            Step::Unbind => session.unbind(now),
            Step::Eof => session.handle_eof(now),
            Step::Close => session.close(CloseReason::Requested),
            Step::Write(part) => {
                let len = session.transmit().len() * usize::from(part) / 255;
                session.transmit().advance(len);
            }
            _ => {}
        }
    }
}

/// Requests that the peer sent, so that every answer can be set against one.
fn count(asked: &mut HashMap<(CommandId, u32), i64>, pdus: &[Pdu<&[u8]>]) {
    for pdu in pdus {
        let command = pdu.body.command();
        if command.is_response() && command != CommandId::GENERIC_NACK {
            *asked.entry((command.request(), pdu.sequence)).or_default() -= 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_happens_in_any_order_breaks_a_session(
        role in proptest::sample::select(&[Role::Esme, Role::Smsc][..]),
        bound in proptest::bool::weighted(0.8),
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let mut watch = Watch::new(role);
        if bound {
            match role {
                Role::Esme => {
                    watch.take(Step::Bind(BindKind::Transceiver));
                    watch.hear(&bind_resp(BindKind::Transceiver, Some(0x34), 1));
                }
                Role::Smsc => {
                    watch.hear(&bind(BindKind::Transceiver, 0x34, 1));
                    watch.take(Step::JudgeBind(true));
                }
            }
        }
        for step in steps {
            watch.take(step);
        }
        // Left alone it comes to an end, and so does every request of ours.
        watch.take(Step::Unbind);
        watch.lone.owed.clear();
        watch.take(Step::Wait(1_000));
        watch.take(Step::Eof);
        prop_assert!(watch.lone.session.is_closed());
        prop_assert!(watch.waiting.is_empty());
    }

    #[test]
    fn no_request_is_answered_twice_and_no_response_at_all(
        role in proptest::sample::select(&[Role::Esme, Role::Smsc][..]),
        commands in proptest::collection::vec((command(), 0..6u32, shape()), 1..80),
        cuts in proptest::collection::vec(1..200usize, 1..20),
        respond in any::<bool>(),
    ) {
        let settings = Settings { window_in: 4, ..Settings::new(role) };
        let mut lone = Lone::bound(settings, BindKind::Transceiver);
        let mut asked: HashMap<(CommandId, u32), i64> = HashMap::new();
        let mut nacks = 0i64;
        let mut octets = Vec::new();
        for (command, sequence, shape) in commands {
            if command.wants_response() {
                *asked.entry((command, sequence)).or_default() += 1;
                nacks += i64::from(command == CommandId(0x999));
            }
            octets.extend(match shape {
                Shape::Good => super::bed::any(command, sequence),
                Shape::Bare => bare(command, OK, sequence),
                Shape::Long => raw(command, OK, sequence, &[b'x'; 700]),
            });
        }
        let mut rest = &octets[..];
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            lone.hears(now);
            lone.events();
            while respond && !lone.owed.is_empty() {
                lone.answers(OK);
                lone.events();
            }
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        let written = lone.session.transmit().split();
        let written = pdus(&written);
        count(&mut asked, &written);
        for (request, left) in &asked {
            prop_assert!(*left >= 0, "{request:?} was answered too often");
            if respond && request.0 != CommandId(0x999) && !lone.session.is_closed() {
                prop_assert_eq!(*left, 0, "{:?} was not answered", request);
            }
        }
        let nacked = written.iter().filter(|pdu| matches!(pdu.body, Body::GenericNack)).count();
        prop_assert_eq!(nacked as i64, nacks);
    }
}
