//! What does the peer say? Frames out of the stream, responses to their requests, requests to their turn.
//!
//! A frame is judged by its header when it comes and decoded when its event is polled: in between it is a slice of
//! the read buffer. Requests keep their order among themselves; responses overtake them (quirk 77).

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::base::time::Moment;
use crate::smpp::command::CommandId;
use crate::smpp::frame::{Front, Header, UNBOUND_PDU_LEN_MAX, front};
use crate::smpp::pdu::{Body, Frame, encode_bare};
use crate::smpp::session::Session;
use crate::smpp::session::event::{CloseReason, Event, ReplyTo};
use crate::smpp::session::settings::PARKED_OCTETS_MAX;
use crate::smpp::session::state::{Inner, State, Verdict, verdict};
use crate::smpp::session::timers::Link;
use crate::smpp::session::window::Match;
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tag;
use crate::smpp::values::InterfaceVersion;

/// What became of a request of ours, not yet polled.
#[derive(Debug)]
pub(super) enum Answer {
    /// The response that completes it.
    Response { token: u64, frame: Bytes },
    /// A response after it had timed out.
    Late { token: u64, frame: Bytes },
    /// A response to nothing.
    Unexpected { frame: Bytes },
    /// It timed out.
    TimedOut { token: u64, sequence: u32 },
    /// The session ended first.
    Lost { token: u64, sequence: u32 },
}

/// The peer's requests: those that the application holds, counted, and those that wait for their turn.
#[derive(Debug)]
pub(super) struct Inbound {
    /// How many the application may hold unanswered.
    pub(super) max: usize,
    /// How many it holds.
    held: usize,
    /// The others, undecoded, in order. Those that the window has room for are slices of the read buffer, for a
    /// moment; those that have to wait have been copied out of it.
    parked: VecDeque<Bytes>,
    /// Octets of `parked`.
    parked_octets: usize,
}

impl Inbound {
    pub(super) const fn new(max: usize) -> Self {
        Self { max, held: 0, parked: VecDeque::new(), parked_octets: 0 }
    }

    /// How many requests the application holds unanswered.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// Whether the peer waits for an answer of ours.
    pub(super) fn owes(&self) -> bool {
        self.held > 0 || !self.parked.is_empty()
    }

    /// Whether so much is parked that nothing more should be read.
    pub(super) const fn is_full(&self) -> bool {
        self.parked_octets >= PARKED_OCTETS_MAX
    }

    pub(super) const fn answered(&mut self) {
        self.held = self.held.saturating_sub(1);
    }

    /// The session is over: nobody waits for an answer any more.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.max);
    }

    fn park(&mut self, frame: Bytes) {
        self.parked_octets += frame.len();
        self.parked.push_back(frame);
    }

    fn unpark(&mut self) -> Option<Bytes> {
        let frame = self.parked.pop_front()?;
        self.parked_octets -= frame.len();
        Some(frame)
    }

    fn has_room(&self) -> bool {
        self.held < self.max.max(1)
    }

    /// Copies those of the last `count` parked frames that the window has no room for out of the read buffer, all
    /// into one: or a peer could keep a whole buffer alive with one small request that has to wait.
    fn detach(&mut self, count: usize) {
        let at_once = self.max.saturating_sub(self.held);
        let waiting = self.parked.len().saturating_sub(at_once).min(count);
        if waiting == 0 {
            return;
        }
        let first = self.parked.len() - waiting;
        let mut own = BytesMut::with_capacity(self.parked.range(first..).map(Bytes::len).sum());
        for frame in self.parked.range_mut(first..) {
            own.extend_from_slice(frame);
            *frame = own.split().freeze();
        }
    }
}

impl Session {
    /// Octets have come: takes every whole PDU out of `stream` and leaves the beginning of the next one. The frames
    /// handed out later are slices of what was taken, which stays alive as long as any of them.
    ///
    /// Poll the events before the next call: what one call brings is bounded by what it is given only.
    pub fn handle_input(&mut self, now: Moment, stream: &mut BytesMut) {
        let at = self.clock.read(now);
        let whole = whole_pdus(stream, self.settings.pdu_len_max);
        if whole > 0 {
            self.timers.heard = at;
            self.handle_frames(at, &stream.split_to(whole).freeze());
        }
        // Only now is it known in which state the rest has to be judged.
        if let Front::Broken { command_length, sequence_number } = front(stream, self.pdu_len_max()) {
            self.handle_broken(command_length, sequence_number);
        }
        if self.is_closed() {
            stream.clear();
        }
        self.settle(at);
        self.mind_the_stopwatch(now);
    }

    /// The peer has closed its side of the connection.
    pub fn handle_eof(&mut self, _now: Moment) {
        self.close(match self.inner {
            // Quirk 84: a peer that leaves instead of answering has understood.
            Inner::Unbinding { reason, .. } => reason,
            Inner::PeerUnbinding { .. } | Inner::Unbound { .. } => CloseReason::UnboundByPeer,
            _ => CloseReason::PeerClosed,
        });
    }

    /// The next request for the application, if there is room in the window; refuses what may not pass on the way.
    pub(super) fn next_request(&mut self, at: Moment) -> Option<Event> {
        loop {
            let header = Header::read(self.inbound.parked.front()?)?;
            let (command, sequence) = (header.command_id, header.sequence_number);
            let verdict = verdict(self.settings.role, self.state(), command, self.is_old());
            let no_room = !self.inbound.has_room() || self.is_clogged();
            if verdict == Verdict::Wait || verdict == Verdict::Take && no_room {
                return None;
            }
            let frame = self.inbound.unpark()?;
            match verdict {
                Verdict::Take => match Frame::decode(frame) {
                    Ok(frame) => {
                        self.inbound.held += 1;
                        return Some(Event::Request { reply: ReplyTo { sequence, command }, frame });
                    }
                    // Quirk 82: the frame is skipped, the session goes on.
                    Err(error) => self.refuse(command, sequence, error.status()),
                },
                Verdict::Alert => {
                    if let Ok(frame) = Frame::decode(frame) {
                        return Some(Event::AlertNotification { frame });
                    }
                }
                Verdict::Unbind => self.handle_unbind(at, sequence),
                Verdict::Refuse(status) => self.refuse(command, sequence, self.refusal(status)),
                _ => {}
            }
        }
    }

    /// Stops the stopwatch while nothing is read because our side is slow; a peer that does not read what we write
    /// is slow itself.
    pub(super) fn mind_the_stopwatch(&mut self, now: Moment) {
        let ours = self.inbound.is_full() && !self.is_clogged();
        self.clock.set(now, !ours);
    }

    fn handle_frames(&mut self, at: Moment, chunk: &Bytes) {
        let parked = self.inbound.parked.len();
        let mut rest: &[u8] = chunk;
        while let (Some(header), Front::Whole(len)) = (Header::read(rest), front(rest, usize::MAX)) {
            if len > self.pdu_len_max() {
                self.handle_broken(header.command_length, header.sequence_number);
                return;
            }
            let (frame, after) = rest.split_at(len);
            rest = after;
            if header.command_id.is_response() {
                self.handle_response(at, header, chunk.slice_ref(frame));
            } else {
                self.handle_request(at, header, chunk, frame);
            }
        }
        self.inbound.detach(self.inbound.parked.len().saturating_sub(parked));
    }

    fn handle_request(&mut self, at: Moment, header: Header, chunk: &Bytes, frame: &[u8]) {
        self.timers.acted = at;
        let (command, sequence) = (header.command_id, header.sequence_number);
        match verdict(self.settings.role, self.state(), command, self.is_old()) {
            Verdict::Take | Verdict::Alert | Verdict::Wait => self.inbound.park(chunk.slice_ref(frame)),
            // Behind requests that wait for their turn it has to wait for its own.
            Verdict::Unbind if !self.inbound.parked.is_empty() => self.inbound.park(chunk.slice_ref(frame)),
            Verdict::Unbind => self.handle_unbind(at, sequence),
            Verdict::Answer => {
                encode_bare(command.response(), CommandStatus::ESME_ROK, sequence, &mut self.transmit);
            }
            Verdict::Bind(_) => self.handle_bind(command, sequence, chunk.slice_ref(frame)),
            Verdict::Outbind => self.handle_outbind(chunk.slice_ref(frame)),
            Verdict::Refuse(status) => self.refuse(command, sequence, self.refusal(status)),
            Verdict::Nack => self.nack(sequence, CommandStatus::ESME_RINVCMDID),
            Verdict::Drop => {}
        }
    }

    /// What is refused because of the session's state is refused with a status of its own when that is our unbind.
    fn refusal(&self, status: CommandStatus) -> CommandStatus {
        match (self.state(), status) {
            (State::Draining | State::Unbinding, CommandStatus::ESME_RINVBNDSTS) => {
                self.settings.refusal_when_unbinding
            }
            _ => status,
        }
    }

    fn handle_bind(&mut self, command: CommandId, sequence: u32, frame: Bytes) {
        match Frame::decode(frame) {
            Ok(frame) => {
                if let Body::Bind(kind, bind) = frame.body() {
                    self.version = normal(bind.interface_version);
                    self.inner = Inner::Binding { kind, sequence, until: None };
                    self.news.push_back(Event::BindRequested { kind, frame });
                }
            }
            Err(error) => self.refuse(command, sequence, error.status()),
        }
    }

    fn handle_outbind(&mut self, frame: Bytes) {
        if let Ok(frame) = Frame::decode(frame) {
            self.inner = Inner::Outbound;
            self.news.push_back(Event::Outbind { frame });
        }
    }

    fn handle_unbind(&mut self, at: Moment, sequence: u32) {
        if matches!(self.inner, Inner::Unbinding { .. }) {
            // Quirk 85: both sides asked. Each answers, and the first answer or the end of the stream closes.
            self.write_unbind_resp(sequence);
            return;
        }
        self.inner = Inner::PeerUnbinding { sequence, until: at + self.settings.response };
        self.news.push_back(Event::UnbindRequested);
    }

    fn handle_broken(&mut self, command_length: u32, sequence: u32) {
        // Quirk 80: a scanner learns nothing; a bound peer learns why.
        if !matches!(self.inner, Inner::Open | Inner::Outbound | Inner::Binding { .. } | Inner::Closed) {
            self.nack(sequence, CommandStatus::ESME_RINVCMDLEN);
        }
        self.close(CloseReason::BadCommandLength { command_length });
    }

    fn handle_response(&mut self, at: Moment, header: Header, frame: Bytes) {
        let answer = match self.window.complete(header.sequence_number, header.command_id) {
            Match::Request(token) => {
                self.timers.acted = at;
                Answer::Response { token, frame }
            }
            Match::TimedOut(token) => Answer::Late { token, frame },
            Match::Nothing if self.handle_own_response(at, header, &frame) => return,
            Match::Nothing => Answer::Unexpected { frame },
        };
        if !self.is_closed() {
            self.answers.push_back(answer);
        }
    }

    /// Whether it was the response to a bind, unbind or `enquire_link` of ours.
    fn handle_own_response(&mut self, at: Moment, header: Header, frame: &Bytes) -> bool {
        let answers = |sequence: u32, request: CommandId| {
            header.sequence_number == sequence
                && (header.command_id == request.response() || header.command_id == CommandId::GENERIC_NACK)
        };
        if let Link::Asked { sequence, .. } = self.timers.link
            && answers(sequence, CommandId::ENQUIRE_LINK)
        {
            // Whatever its status: somebody is there (quirk 16).
            self.timers.link = Link::Quiet;
            return true;
        }
        match self.inner {
            Inner::Binding { kind, sequence, until: Some(_) } if answers(sequence, kind.command()) => {
                self.handle_bind_resp(at, header, frame.clone());
                true
            }
            Inner::Unbinding { reason, sequence, .. } if answers(sequence, CommandId::UNBIND) => {
                self.news.push_back(Event::Unbound);
                self.close(reason);
                true
            }
            _ => false,
        }
    }

    fn handle_bind_resp(&mut self, at: Moment, header: Header, frame: Bytes) {
        if !header.command_status.is_ok() || header.command_id == CommandId::GENERIC_NACK {
            self.inner = Inner::Open;
            let status = match header.command_status {
                CommandStatus::ESME_ROK => CommandStatus::ESME_RUNKNOWNERR,
                status => status,
            };
            self.news.push_back(Event::BindRefused { status });
            return;
        }
        let Ok(frame) = Frame::decode(frame) else {
            // It says yes, but in words that nobody can read: the two sides no longer know the same.
            self.close(CloseReason::BindUnanswered);
            return;
        };
        if let Body::BindResp(kind, body) = frame.body() {
            let said = body.tlvs.integer(Tag::SC_INTERFACE_VERSION).and_then(|said| u8::try_from(said).ok());
            self.version = normal(said.map_or(self.settings.interface_version_unsaid, InterfaceVersion));
            self.inner = Inner::Bound(kind);
            self.timers.bound(at);
            self.news.push_back(Event::Bound { kind, frame });
        }
    }

    /// The largest PDU accepted now, in octets. While a bind is being answered what is pipelined behind it may be
    /// large already: it waits, and no more is read.
    fn pdu_len_max(&self) -> usize {
        match self.inner {
            Inner::Open | Inner::Outbound => self.settings.pdu_len_max.min(UNBOUND_PDU_LEN_MAX),
            _ => self.settings.pdu_len_max,
        }
    }
}

/// How many octets of whole PDUs stand at the front of `stream`.
fn whole_pdus(stream: &[u8], max: usize) -> usize {
    let mut rest = stream;
    while let Front::Whole(len) = front(rest, max) {
        rest = rest.get(len..).unwrap_or_default();
    }
    stream.len() - rest.len()
}

/// Quirk 20: what peers write into the version, as one of the two that make a difference to us.
const fn normal(said: InterfaceVersion) -> InterfaceVersion {
    if said.0 < InterfaceVersion::V3_4.0 { InterfaceVersion::V3_3 } else { InterfaceVersion::V3_4 }
}
