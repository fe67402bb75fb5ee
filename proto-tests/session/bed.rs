//! The test bed: PDUs by hand, one session with a scripted peer, and words for what happens.

use std::time::Duration;

use bytes::{BufMut, BytesMut};
use telegraphy::base::time::Moment;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::field::{Address, Limits};
use telegraphy::smpp::frame::{Front, front};
use telegraphy::smpp::pdu::{
    AlertNotification, Bind, BindResp, Body, DataSm, DeliverSm, Outbind, Pdu, SubmitSm, SubmitSmResp,
};
use telegraphy::smpp::session::{Event, ReplyTo, Role, Session, Settings, State};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::InterfaceVersion;

pub(super) const OK: CommandStatus = CommandStatus::ESME_ROK;

pub(super) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One whole PDU.
pub(super) fn octets(status: CommandStatus, sequence: u32, body: Body<&[u8]>) -> Vec<u8> {
    let mut out = BytesMut::new();
    Pdu { status, sequence, body }.encode(Limits::Strict, &mut out).unwrap();
    out.to_vec()
}

/// A PDU of any command with any octets behind the header.
pub(super) fn raw(command: CommandId, status: CommandStatus, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_u32(16 + body.len() as u32);
    out.put_u32(command.0);
    out.put_u32(status.0);
    out.put_u32(sequence);
    out.put_slice(body);
    out
}

/// A PDU that is a header only.
pub(super) fn bare(command: CommandId, status: CommandStatus, sequence: u32) -> Vec<u8> {
    raw(command, status, sequence, &[])
}

pub(super) fn bind(kind: BindKind, version: u8, sequence: u32) -> Vec<u8> {
    octets(OK, sequence, Body::Bind(kind, bind_body(version)))
}

pub(super) fn bind_body(version: u8) -> Bind<&'static [u8]> {
    Bind {
        system_id: (&b"customer"[..]).into(),
        password: (&b"secret"[..]).into(),
        interface_version: InterfaceVersion(version),
        ..Bind::default()
    }
}

/// A bind's response, with `sc_interface_version` when there is one.
pub(super) fn bind_resp(kind: BindKind, version: Option<u8>, sequence: u32) -> Vec<u8> {
    let mut block = BytesMut::new();
    if let Some(version) = version {
        assert!(tlv::put(&mut block, Tag::SC_INTERFACE_VERSION, &[version]));
    }
    let body = BindResp { system_id: (&b"carrier"[..]).into(), tlvs: Tlvs::new(&block) };
    octets(OK, sequence, Body::BindResp(kind, body))
}

pub(super) fn submit_body() -> SubmitSm<&'static [u8]> {
    SubmitSm { destination: number(), short_message: (&b"hello"[..]).into(), ..SubmitSm::default() }
}

pub(super) fn submit(sequence: u32) -> Vec<u8> {
    octets(OK, sequence, Body::SubmitSm(submit_body()))
}

pub(super) fn submit_resp(sequence: u32, id: &[u8]) -> Vec<u8> {
    octets(OK, sequence, Body::SubmitSmResp(SubmitSmResp { message_id: id.into(), ..Default::default() }))
}

pub(super) fn deliver_body() -> DeliverSm<&'static [u8]> {
    DeliverSm { source: number(), short_message: (&b"hello"[..]).into(), ..DeliverSm::default() }
}

pub(super) fn deliver(sequence: u32) -> Vec<u8> {
    octets(OK, sequence, Body::DeliverSm(deliver_body()))
}

pub(super) fn number<const MAX: usize>() -> Address<&'static [u8], MAX> {
    Address { addr: (&b"447700900121"[..]).into(), ..Address::default() }
}

/// A PDU of this command that can be read, whatever the command.
pub(super) fn any(command: CommandId, sequence: u32) -> Vec<u8> {
    match command {
        CommandId::BIND_RECEIVER => bind(BindKind::Receiver, 0x34, sequence),
        CommandId::BIND_TRANSMITTER => bind(BindKind::Transmitter, 0x34, sequence),
        CommandId::BIND_TRANSCEIVER => bind(BindKind::Transceiver, 0x34, sequence),
        CommandId::OUTBIND => octets(OK, sequence, Body::Outbind(Outbind::default())),
        CommandId::SUBMIT_SM => submit(sequence),
        CommandId::DELIVER_SM => deliver(sequence),
        CommandId::DATA_SM => octets(OK, sequence, Body::DataSm(DataSm::default())),
        CommandId::SUBMIT_MULTI => octets(OK, sequence, Body::SubmitMulti(Default::default())),
        CommandId::QUERY_SM => octets(OK, sequence, Body::QuerySm(Default::default())),
        CommandId::CANCEL_SM => octets(OK, sequence, Body::CancelSm(Default::default())),
        CommandId::REPLACE_SM => octets(OK, sequence, Body::ReplaceSm(Default::default())),
        CommandId::ALERT_NOTIFICATION => {
            octets(OK, sequence, Body::AlertNotification(AlertNotification::default()))
        }
        command => bare(command, OK, sequence),
    }
}

/// A command by its name in the specification's spelling.
pub(super) fn name(command: CommandId) -> String {
    command.name().map_or_else(|| format!("{:#010x}", command.0), str::to_lowercase)
}

/// `submit_sm_resp #5 ESME_ROK`.
pub(super) fn brief(command: CommandId, sequence: u32, status: CommandStatus) -> String {
    if command.is_response() {
        format!("{} #{sequence} {status}", name(command))
    } else {
        format!("{} #{sequence}", name(command))
    }
}

/// An event in a few words.
pub(super) fn told(event: &Event) -> String {
    let of = |frame: &telegraphy::smpp::pdu::Frame| brief(frame.command(), frame.sequence(), frame.status());
    match event {
        Event::AlertNotification { frame } => format!("AlertNotification {}", of(frame)),
        Event::BindRefused { status } => format!("BindRefused {status}"),
        Event::BindRequested { frame, .. } => format!("BindRequested {}", of(frame)),
        Event::Bound { frame, .. } => format!("Bound {}", of(frame)),
        Event::Closed(reason) => format!("Closed {reason:?}"),
        Event::LateResponse { token, frame } => format!("LateResponse {token}: {}", of(frame)),
        Event::LateResponseUnreadable { token, status, error } => {
            format!("LateResponseUnreadable {token} {status}: {error}")
        }
        Event::Outbind { frame } => format!("Outbind {}", of(frame)),
        Event::Request { reply, frame } => {
            assert_eq!((reply.command(), reply.sequence()), (frame.command(), frame.sequence()));
            format!("Request {}", of(frame))
        }
        Event::Response { token, sequence, frame } => {
            assert_eq!(*sequence, frame.sequence());
            format!("Response {token}: {}", of(frame))
        }
        Event::ResponseLost { token, sequence } => format!("ResponseLost {token} #{sequence}"),
        Event::ResponseTimedOut { token, sequence } => format!("ResponseTimedOut {token} #{sequence}"),
        Event::ResponseUnreadable { token, sequence, status, error } => {
            format!("ResponseUnreadable {token} #{sequence} {status}: {error}")
        }
        Event::UnbindRequested => "UnbindRequested".into(),
        Event::Unbound => "Unbound".into(),
        Event::UnexpectedResponse { frame } => format!("UnexpectedResponse {}", of(frame)),
    }
}

/// One session and a peer that is the test itself.
pub(super) struct Lone {
    pub(super) session: Session,
    pub(super) now: Moment,
    pub(super) stream: BytesMut,
    /// The answers that the application owes, oldest first.
    pub(super) owed: Vec<ReplyTo>,
}

impl Lone {
    pub(super) fn new(settings: Settings) -> Self {
        let now = Moment::from_micros(1_000_000);
        Self { session: Session::new(settings, now), now, stream: BytesMut::new(), owed: Vec::new() }
    }

    /// A session that has been bound by hand, with nothing left to say or tell.
    pub(super) fn bound(settings: Settings, kind: BindKind) -> Self {
        Self::bound_by(settings, kind, Some(0x34))
    }

    /// The same with a peer of this version.
    pub(super) fn bound_by(settings: Settings, kind: BindKind, version: Option<u8>) -> Self {
        let role = settings.role;
        let mut lone = Self::new(settings);
        match role {
            Role::Esme => {
                lone.session.bind(lone.now, kind, &bind_body(0x34)).unwrap();
                let [asked] = &lone.said()[..] else { panic!("one bind") };
                let sequence = asked.split('#').next_back().unwrap().parse().unwrap();
                lone.hears(&bind_resp(kind, version, sequence));
            }
            Role::Smsc => {
                lone.hears(&bind(kind, version.unwrap_or(0), 0x7777));
                lone.events();
                lone.session.accept_bind(lone.now, b"telegraphy").unwrap();
            }
        }
        lone.events();
        lone.said();
        assert_eq!(lone.session.state(), State::Bound(kind));
        lone
    }

    /// The peer's octets arrive.
    pub(super) fn hears(&mut self, octets: &[u8]) {
        self.stream.extend_from_slice(octets);
        self.session.handle_input(self.now, &mut self.stream);
    }

    /// Everything there is to tell; requests are owed an answer from now on.
    pub(super) fn events(&mut self) -> Vec<String> {
        let mut told_all = Vec::new();
        while let Some(event) = self.session.poll_event(self.now) {
            told_all.push(told(&event));
            if let Event::Request { reply, .. } = event {
                self.owed.push(reply);
            }
        }
        told_all
    }

    /// Everything the session has written since the last time, PDU by PDU.
    pub(super) fn said(&mut self) -> Vec<String> {
        let said = self.session.transmit().split();
        pdus(&said).into_iter().map(|pdu| brief(pdu.body.command(), pdu.sequence, pdu.status)).collect()
    }

    /// The application answers the oldest request that it owes.
    pub(super) fn answers(&mut self, status: CommandStatus) {
        let reply = self.owed.remove(0);
        self.session.respond(self.now, reply, status, None).unwrap();
    }

    /// Our side submits (ESME) or delivers (SMSC).
    pub(super) fn requests(&mut self, token: u64) -> u32 {
        self.try_request(token).unwrap()
    }

    pub(super) fn try_request(&mut self, token: u64) -> Result<u32, telegraphy::smpp::session::RequestError> {
        match self.session.request(self.now, token, &Body::SubmitSm(submit_body())) {
            Err(telegraphy::smpp::session::RequestError::NotAllowed) => {
                self.session.request(self.now, token, &Body::DeliverSm(deliver_body()))
            }
            result => result,
        }
    }

    /// Time passes; every timer fires at its moment.
    pub(super) fn waits(&mut self, duration: Duration) {
        let until = self.now + duration;
        for _ in 0..10_000 {
            match self.session.poll_timeout() {
                Some(when) if when <= until => {
                    self.now = self.now.max(when);
                    self.session.handle_timeout(self.now);
                }
                _ => {
                    self.now = until;
                    return;
                }
            }
        }
        panic!("a timer fires again and again without effect");
    }
}

/// The PDUs that stand in `octets`, which must be whole.
pub(super) fn pdus(octets: &[u8]) -> Vec<Pdu<&[u8]>> {
    let mut rest = octets;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let Front::Whole(len) = front(rest, usize::MAX) else { panic!("half a PDU was written") };
        let (pdu, after) = rest.split_at(len);
        all.push(Pdu::decode(pdu).unwrap());
        rest = after;
    }
    all
}
