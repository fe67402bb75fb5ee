//! What no peer, no clock and no verb of ours may do to a session, whatever their order.
//! It is long because the script, its two ends and what is asserted of them are read together.
//!
//! The octets are a script: one octet says what happens, those behind it say how. A script that ends ends with a
//! zero for each octet that it still should say.

use std::collections::HashMap;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use telegraphy::base::time::Moment;
use telegraphy::smpp::Limits;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::frame::{Front, Header, PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::{Bind, BindResp, Body, DeliverSm, Outbind, Pdu, SubmitSm, SubmitSmResp};
use telegraphy::smpp::session::{
    CloseReason, Event, PARKED_OCTETS_MAX, ReplyTo, RequestError, Role, Session, Settings,
};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::InterfaceVersion;

/// The largest window that a script sets.
const WINDOW_MAX: usize = 7;

/// Octets that the session may have to write before it stops adding to them.
const TRANSMIT_MAX: usize = 1_000;

const COMMANDS: [u32; 32] = [
    0x8000_0000,
    1,
    0x8000_0001,
    2,
    0x8000_0002,
    3,
    0x8000_0003,
    4,
    0x8000_0004,
    5,
    0x8000_0005,
    6,
    0x8000_0006,
    7,
    0x8000_0007,
    8,
    0x8000_0008,
    9,
    0x8000_0009,
    0x0B,
    0x15,
    0x8000_0015,
    0x21,
    0x8000_0021,
    0x102,
    0x103,
    0x8000_0103,
    0,
    0x99,
    0x8000_0099,
    0x7FFF_FFFF,
    0xFFFF_FFFF,
];

const KINDS: [BindKind; 3] = [BindKind::Transceiver, BindKind::Receiver, BindKind::Transmitter];

/// A session does what its documentation says, in either role. The first octet chooses role, windows and version.
pub fn session(data: &[u8]) {
    let mut script = Script(data);
    let mut watch = Watch::new(script.octet());
    while !script.0.is_empty() {
        watch.step(&mut script);
        watch.look();
    }
    watch.end();
}

/// What is left of the script.
struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn octets(&mut self, most: usize) -> &'a [u8] {
        let (octets, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        octets
    }
}

/// How far a request of ours has come.
#[derive(PartialEq, Eq, Debug)]
enum Fate {
    Waiting(u32),
    TimedOut(u32),
    Resolved,
}

/// A session and what must be true of it.
struct Watch {
    session: Session,
    now: Moment,
    /// Octets read and not taken yet.
    stream: BytesMut,
    /// Octets that the peer ever sent, of which no whole PDU has been taken yet.
    heard: BytesMut,
    /// The peer's requests that have not been answered.
    asked: HashMap<(CommandId, u32), u32>,
    /// How many octets the peer sent, and how many of answers it got: nothing is amplified.
    octets: (usize, usize),
    /// Refusals to go on after a length that no PDU has.
    broken: u32,
    owed: Vec<ReplyTo>,
    /// What became of each request of ours, by token.
    fates: Vec<Fate>,
    /// The end was told.
    closed: bool,
}

impl Watch {
    fn new(choice: u8) -> Self {
        let role = if choice & 1 == 0 { Role::Esme } else { Role::Smsc };
        let settings = Settings {
            window_out: usize::from(choice >> 1 & 3),
            window_in: usize::from(choice >> 3 & 3),
            transmit_max: TRANSMIT_MAX,
            enquire_link_misses: u32::from(choice >> 5 & 1) + 1,
            inactivity: (choice & 0x40 != 0).then_some(Duration::from_secs(60)),
            sequence_first: if choice & 0x80 == 0 { 1 } else { 0x7FFF_FFFE },
            interface_version_unsaid: InterfaceVersion::V3_4,
            ..Settings::new(role)
        };
        let now = Moment::from_micros(1_000_000);
        Self {
            session: Session::new(settings, now),
            now,
            stream: BytesMut::new(),
            heard: BytesMut::new(),
            asked: HashMap::new(),
            octets: (0, 0),
            broken: 0,
            owed: Vec::new(),
            fates: Vec::new(),
            closed: false,
        }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.octet() % 20 {
            0 => {
                let most = usize::from(script.octet());
                self.hear(script.octets(most));
            }
            1..=5 => {
                let pdu = peers_pdu(script);
                self.hear(&pdu);
            }
            6 => {
                let pdu = peers_pdu(script);
                let (front, back) = pdu.split_at(usize::from(script.octet()).min(pdu.len()));
                self.hear(front);
                self.look();
                self.hear(back);
            }
            7 => {
                let pdu = peers_pdu(script);
                self.hear(&pdu.repeat(usize::from(script.octet())));
            }
            8 | 9 => self.answer(script),
            10 => self.wait(Duration::from_millis(u64::from(script.octet()) * 500)),
            11 => self.wait_for_the_timer(),
            12 | 13 => self.request(script.octet()),
            14 => self.respond(script),
            15 => self.say(script.octet()),
            16 => {
                let ready = self.session.transmit().len() * usize::from(script.octet()) / 255;
                self.write(ready);
            }
            17 => {
                let windows = script.octet();
                self.session.resize_windows(usize::from(windows & 7), usize::from(windows >> 3 & 7));
            }
            18 if script.octet() == 0 => self.session.handle_eof(self.now),
            18 => self.write(usize::MAX),
            _ => drop(self.session.poll_event(self.now).map(|event| self.told(event))),
        }
    }

    /// Octets come, the way a driver brings them: only while the session wants them.
    fn hear(&mut self, octets: &[u8]) {
        if !self.session.wants_input() {
            return;
        }
        self.stream.extend_from_slice(octets);
        self.heard.extend_from_slice(octets);
        self.octets.0 += octets.len();
        while let Front::Whole(len) = front(&self.heard, PDU_LEN_MAX) {
            let header = Header::read(&self.heard).expect("a whole PDU has one");
            if !header.command_id.is_response() {
                *self.asked.entry((header.command_id, header.sequence_number)).or_default() += 1;
            }
            self.heard.advance(len);
        }
        self.session.handle_input(self.now, &mut self.stream);
        assert!(self.stream.len() <= PDU_LEN_MAX, "no more than one PDU is waited for");
    }

    /// A response to a request of ours, or nearly one.
    fn answer(&mut self, script: &mut Script<'_>) {
        let (which, shape) = (script.octet(), script.octet());
        let sequence_of = |fate: &Fate| match fate {
            Fate::Waiting(sequence) | Fate::TimedOut(sequence) => Some(*sequence),
            Fate::Resolved => None,
        };
        let waiting: Vec<u32> = self.fates.iter().filter_map(sequence_of).collect();
        let Some(sequence) = waiting.get(usize::from(which) % waiting.len().max(1)) else { return };
        let status = if shape & 8 == 0 { CommandStatus::ESME_ROK } else { CommandStatus(shape.into()) };
        let body = match shape & 7 {
            0 | 1 => {
                Body::SubmitSmResp(SubmitSmResp { message_id: (&b"17"[..]).into(), ..Default::default() })
            }
            2 => Body::DeliverSmResp(Default::default()),
            3 => Body::GenericNack,
            // No message id of this length can be read.
            4 => return self.hear(&raw(CommandId::SUBMIT_SM_RESP, status, *sequence, &[b'x'; 300])),
            5 => return self.hear(&raw(CommandId::DELIVER_SM_RESP, status, *sequence, &[b'x'; 300])),
            _ => Body::EnquireLinkResp,
        };
        self.hear(&encoded(status, *sequence, body));
    }

    fn request(&mut self, choice: u8) {
        let token = self.fates.len() as u64;
        let (long, short) = ([b'x'; 300], [b'x'; 100]);
        let text = if choice & 0x80 != 0 { &long[..] } else { &short[..] };
        let body = match choice & 3 {
            0 | 1 => Body::SubmitSm(SubmitSm { short_message: text.into(), ..Default::default() }),
            2 => Body::DeliverSm(DeliverSm { short_message: text.into(), ..Default::default() }),
            _ => Body::DataSm(Default::default()),
        };
        let (free, ready) = (self.session.window_free(), self.session.transmit().len());
        match self.session.request(self.now, token, &body) {
            Ok(sequence) => {
                assert!(free > 0, "the window was full");
                assert!((1..=0x7FFF_FFFF).contains(&sequence));
                assert!(!self.fates.contains(&Fate::Waiting(sequence)), "{sequence} is taken");
                self.fates.push(Fate::Waiting(sequence));
            }
            Err(error) => {
                assert_eq!(self.session.transmit().len(), ready, "nothing is written for {error}");
                assert!(error != RequestError::WindowFull || free == 0);
            }
        }
    }

    fn respond(&mut self, script: &mut Script<'_>) {
        if self.owed.is_empty() {
            return;
        }
        let reply = self.owed.swap_remove(usize::from(script.octet()) % self.owed.len());
        let shape = script.octet();
        let status = if shape & 1 == 0 { CommandStatus::ESME_ROK } else { CommandStatus(shape.into()) };
        let (id, long) = ([b'7'; 20], [b'7'; 100]);
        let message_id = if shape & 2 == 0 { &id[..] } else { &long[..] };
        let body = Body::SubmitSmResp(SubmitSmResp { message_id: message_id.into(), ..Default::default() });
        // A body of another command or too long an id is answered with an error of its own.
        let _refused = self.session.respond(self.now, reply, status, (shape & 4 == 0).then_some(&body));
    }

    fn say(&mut self, choice: u8) {
        let (session, now) = (&mut self.session, self.now);
        let kind = KINDS[usize::from(choice >> 3 & 3) % 3];
        // Whether it may be said now is the session's business.
        match choice & 7 {
            0 | 1 => drop(session.bind(now, kind, &Bind::<&[u8]>::default())),
            2 | 3 => drop(session.accept_bind(now, b"telegraphy")),
            4 => drop(session.refuse_bind(now, CommandStatus::ESME_RBINDFAIL)),
            5 => drop(session.outbind(now, &Outbind::<&[u8]>::default())),
            6 => session.unbind(now),
            _ if choice & 0x80 != 0 => session.close(CloseReason::Requested),
            _ => drop(session.alert::<&[u8]>(now, &Default::default())),
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
        self.session.handle_timeout(self.now);
    }

    /// To the moment that the session asks for: a few calls at most, and it must ask for a later one.
    fn wait_for_the_timer(&mut self) {
        let Some(when) = self.session.poll_timeout() else { return };
        self.now = self.now.max(when);
        for _ in 0..4 {
            self.session.handle_timeout(self.now);
            self.look();
            if self.session.poll_timeout().is_none_or(|next| next > self.now) {
                return;
            }
        }
        panic!("the driver would spin at {:?}", self.now);
    }

    /// The driver writes so many octets: the end of what is ready may be in the middle of a PDU.
    fn write(&mut self, most: usize) {
        let ready = self.session.transmit();
        let len = most.min(ready.len());
        // Whole PDUs only, so that they can be read here.
        let mut whole = 0;
        while let Front::Whole(next) = front(&ready[whole..], PDU_LEN_MAX)
            && whole + next <= len
        {
            whole += next;
        }
        let written = ready.split_to(whole);
        self.read(&written);
    }

    /// Every PDU that the session writes is whole; every answer answers one request of the peer, once.
    fn read(&mut self, written: &[u8]) {
        let mut rest = written;
        while let Front::Whole(len) = front(rest, PDU_LEN_MAX) {
            let (pdu, after) = rest.split_at(len);
            rest = after;
            let pdu = Pdu::decode(pdu).expect("what a session writes can be read");
            let command = pdu.body.command();
            if command == CommandId::GENERIC_NACK && pdu.status == CommandStatus::ESME_RINVCMDLEN {
                self.broken += 1;
                assert_eq!(self.broken, 1, "a stream breaks once");
                continue;
            }
            if !command.is_response() {
                assert!((1..=0x7FFF_FFFF).contains(&pdu.sequence));
                continue;
            }
            self.octets.1 += len;
            let answered = self.asked.iter_mut().find(|((asked, sequence), left)| {
                // Commands of SMPP 5.0 are unknown, too, though they have a name.
                let unknown = !matches!(asked.0, 1..=9 | 0x0B | 0x15 | 0x21 | 0x102 | 0x103);
                let belongs = if unknown { CommandId::GENERIC_NACK } else { asked.response() } == command;
                **left > 0 && belongs && *sequence == pdu.sequence
            });
            let Some((_, left)) = answered else {
                panic!("{command:?} #{} {} answers nothing of {:?}", pdu.sequence, pdu.status, self.asked)
            };
            *left -= 1;
        }
        assert!(rest.is_empty(), "only whole PDUs are written");
    }

    /// All that is to be known, and the bounds.
    fn look(&mut self) {
        while let Some(event) = self.session.poll_event(self.now) {
            self.told(event);
        }
        let waiting = self.fates.iter().filter(|fate| matches!(fate, Fate::Waiting(_))).count();
        assert_eq!(self.session.outstanding(), waiting);
        assert!(waiting <= WINDOW_MAX && self.session.unanswered() <= WINDOW_MAX);
        assert_eq!(self.session.is_closed(), self.closed, "the end is told at once");
        let ready = self.session.transmit().len();
        // One read's answers on top, and the refusal of what was parked; 300 octets are the largest request here.
        assert!(ready <= TRANSMIT_MAX + 300 + 2 * (PARKED_OCTETS_MAX + PDU_LEN_MAX), "{ready} octets wait");
    }

    fn told(&mut self, event: Event) {
        assert!(!self.closed, "{event:?} after the end");
        match event {
            Event::Request { reply, frame } => {
                assert_eq!((reply.command(), reply.sequence()), (frame.command(), frame.sequence()));
                self.owed.push(reply);
            }
            Event::Response { token, sequence, .. }
            | Event::ResponseUnreadable { token, sequence, .. }
            | Event::ResponseLost { token, sequence } => self.resolve(token, sequence, Fate::Resolved),
            Event::ResponseTimedOut { token, sequence } => {
                self.resolve(token, sequence, Fate::TimedOut(sequence));
            }
            Event::LateResponse { token, frame } => {
                let late = std::mem::replace(&mut self.fates[token as usize], Fate::Resolved);
                assert_eq!(late, Fate::TimedOut(frame.sequence()));
            }
            Event::Closed(_) => {
                self.closed = true;
                assert!(!self.fates.iter().any(|fate| matches!(fate, Fate::Waiting(_))));
            }
            _ => {}
        }
    }

    fn resolve(&mut self, token: u64, sequence: u32, fate: Fate) {
        let before = std::mem::replace(&mut self.fates[token as usize], fate);
        assert_eq!(before, Fate::Waiting(sequence), "{token} is told once");
    }

    /// Left alone, every session ends and every request with it.
    fn end(&mut self) {
        self.write(usize::MAX);
        self.owed.clear();
        self.session.unbind(self.now);
        for _ in 0..100 {
            self.look();
            self.write(usize::MAX);
            if self.closed {
                break;
            }
            self.wait_for_the_timer();
        }
        if !self.closed {
            // Only a session that does not read, because its own side owes so many answers, waits for ever.
            assert!(!self.session.wants_input());
            self.session.handle_eof(self.now);
            self.look();
        }
        let ready = self.session.transmit().len();
        self.session.handle_timeout(self.now + Duration::from_secs(1_000));
        self.session.handle_input(
            self.now,
            &mut BytesMut::from(&encoded(CommandStatus::ESME_ROK, 1, Body::EnquireLink)[..]),
        );
        assert_eq!(self.session.transmit().len(), ready, "nothing is said after the end");
        assert!(self.session.poll_event(self.now).is_none());
        self.write(usize::MAX);
        let (heard, answered) = self.octets;
        assert!(answered <= 2 * heard, "{answered} octets of answers to {heard}");
    }
}

fn peers_pdu(script: &mut Script<'_>) -> Vec<u8> {
    let (command, shape) = (CommandId(COMMANDS[usize::from(script.octet() % 32)]), script.octet());
    let sequence = u32::from(shape >> 3 & 7);
    let status = if shape & 0x40 == 0 { CommandStatus::ESME_ROK } else { CommandStatus(0x58) };
    if shape & 0x80 != 0 {
        return raw(command, status, sequence, script.octets(usize::from(shape & 7) * 10));
    }
    let bind = Bind {
        interface_version: if shape & 1 == 0 { InterfaceVersion::V3_4 } else { InterfaceVersion::V3_3 },
        ..Bind::default()
    };
    let kind = KINDS.into_iter().find(|kind| [kind.command(), kind.command().response()].contains(&command));
    let body = match (command, kind) {
        (command, Some(kind)) if command.is_response() => Body::BindResp(kind, BindResp::default()),
        (_, Some(kind)) => Body::Bind(kind, bind),
        (CommandId::SUBMIT_SM, _) => Body::SubmitSm(SubmitSm::default()),
        (CommandId::DELIVER_SM, _) => Body::DeliverSm(DeliverSm::default()),
        (CommandId::SUBMIT_MULTI, _) => Body::SubmitMulti(Default::default()),
        (CommandId::DATA_SM, _) => Body::DataSm(Default::default()),
        (CommandId::QUERY_SM, _) => Body::QuerySm(Default::default()),
        (CommandId::CANCEL_SM, _) => Body::CancelSm(Default::default()),
        (CommandId::REPLACE_SM, _) => Body::ReplaceSm(Default::default()),
        (CommandId::ALERT_NOTIFICATION, _) => Body::AlertNotification(Default::default()),
        (CommandId::OUTBIND, _) => Body::Outbind(Outbind::default()),
        (CommandId::SUBMIT_SM_RESP, _) => Body::SubmitSmResp(Default::default()),
        (command, _) => return raw(command, status, sequence, &[]),
    };
    encoded(status, sequence, body)
}

fn encoded(status: CommandStatus, sequence: u32, body: Body<&[u8]>) -> Vec<u8> {
    let mut octets = BytesMut::new();
    Pdu { status, sequence, body }.encode(Limits::Lenient, &mut octets).expect("a small PDU");
    octets.to_vec()
}

fn raw(command: CommandId, status: CommandStatus, sequence: u32, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(16 + body.len()).expect("a small PDU");
    let header = [len, command.0, status.0, sequence].map(u32::to_be_bytes).concat();
    [&header, body].concat()
}
