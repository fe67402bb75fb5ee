//! What happens on one bind? The socket and the session are [`Connection`]'s; what is handed over is the engine's
//! choice; here they meet.

use std::collections::VecDeque;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;

use slab::Slab;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::base::ids::CarrierId;
use crate::base::time::Moment;
use crate::carrier::in_flight::{HandOver, InFlight};
use crate::carrier::incoming;
use crate::carrier::settings::CarrierSettings;
use crate::carrier::status;
use crate::carrier::translate::{self, MessageWriter};
use crate::engine::door::{Answer, Door, Effect, Input, Link, ReplyTo, Room};
use crate::message::{Address, Closing, Content};
use crate::smpp::command::BindKind;
use crate::smpp::field::{Address as WireAddress, COctets, Password};
use crate::smpp::pdu::{Bind, Body, Frame};
use crate::smpp::session::{self, CloseReason, Event, RequestError, Role, Session};
use crate::smpp::status::CommandStatus;
use crate::smpp::values::InterfaceVersion;
use crate::transport::Connection;

/// One bind, while it lasts.
pub(super) struct Serving {
    carrier: CarrierId,
    settings: Arc<CarrierSettings>,
    door: Door,
    kind: BindKind,
    connection: Connection<TcpStream>,
    link: Link,
    /// What is to go through the door next.
    inputs: Vec<Input>,
    /// How many more messages this bind can take since the door was told last.
    credits: u32,
    /// The right to answer receipts and messages that are being made durable. At most the inbound window.
    held: Slab<session::ReplyTo>,
    /// Messages that the session could not take yet. At most the credits given.
    waiting: VecDeque<Handed>,
    in_flight: InFlight,
    writer: MessageWriter,
    /// Whether the carrier ever accepted the bind.
    bound: bool,
    /// Whether it refused it.
    refused: bool,
    /// Requests of ours that were not answered in time.
    unanswered: u32,
    /// The address at the other end.
    peer: Option<SocketAddr>,
    /// Whether the bind is coming to its end and takes no more messages.
    leaving: bool,
}

/// A message handed to this bind.
struct Handed {
    hand_over: HandOver,
    /// Until when the carrier is to try, when it is to be told.
    valid_until: Option<Moment>,
    source: Address,
    destination: Address,
    content: Arc<Content>,
}

impl Serving {
    pub(super) fn new(
        carrier: CarrierId,
        settings: Arc<CarrierSettings>,
        door: Door,
        kind: BindKind,
        stream: TcpStream,
    ) -> Self {
        let clock = door.clock();
        let peer = stream.peer_addr().ok();
        let session = session::Settings {
            window_out: settings.window,
            window_in: settings.window.max(session::Settings::new(Role::Esme).window_in),
            enquire_link: settings.enquire_link,
            response: settings.response,
            limits: settings.limits,
            // A receipt that crosses our unbind is to come again.
            refusal_when_unbinding: status::STOPPED,
            ..session::Settings::new(Role::Esme)
        };
        Self {
            carrier,
            kind,
            connection: Connection::new(stream, Session::new(session, clock.moment()), clock),
            link: door.connect(),
            door,
            in_flight: InFlight::new(settings.window),
            settings,
            inputs: Vec::new(),
            credits: 0,
            held: Slab::new(),
            waiting: VecDeque::new(),
            writer: MessageWriter::default(),
            bound: false,
            refused: false,
            unanswered: 0,
            peer,
            leaving: false,
        }
    }

    /// Binds and serves to the end; whether the bind was ever accepted.
    pub(super) async fn run(mut self, shutdown: &CancellationToken) -> bool {
        self.bind();
        let mut draining = false;
        loop {
            self.turn().await;
            if self.connection.is_over() {
                break;
            }
            tokio::select! {
                biased;
                effects = self.link.effects() => self.let_out(effects),
                () = self.connection.wait() => {}
                () = shutdown.cancelled(), if !draining => {
                    draining = true;
                    let now = self.connection.now();
                    self.take_no_more();
                    match self.door.failure() {
                        Some(_) => self.answer_stopped(now),
                        None => self.connection.session().unbind(now),
                    }
                }
            }
        }
        self.leave().await
    }

    fn bind(&mut self) {
        let now = self.connection.now();
        let bind = Bind {
            system_id: COctets(self.settings.system_id.as_bytes()),
            password: Password::from(self.settings.password.expose()),
            system_type: COctets(self.settings.system_type.as_bytes()),
            interface_version: InterfaceVersion::V3_4,
            address_range: WireAddress::default(),
        };
        let session = self.connection.session();
        if let Err(error) = session.bind(now, self.kind, &bind) {
            warn!(carrier = self.settings.name, %error, "the bind cannot be sent; see limits = \"lenient\"");
            session.close(CloseReason::Requested);
        }
    }

    /// Takes in what came, passes it on, and writes what is ready.
    async fn turn(&mut self) {
        while let Some(effects) = self.link.more_effects() {
            self.let_out(effects);
        }
        let now = self.connection.now();
        while let Some(event) = self.connection.poll_event(now) {
            self.handle(now, event);
        }
        self.send_waiting(now);
        self.tell_credits();
        if !self.inputs.is_empty() && self.door.pass(mem::take(&mut self.inputs)).await.is_err() {
            self.answer_stopped(now);
        }
        self.connection.flush().await;
    }

    fn handle(&mut self, now: Moment, event: Event) {
        match event {
            Event::Bound { .. } => self.bound(),
            Event::BindRefused { status } => {
                warn!(carrier = self.settings.name, %status, "the carrier refuses our bind");
                self.refused = true;
                self.connection.session().close(CloseReason::Requested);
            }
            Event::Response { token, frame, .. } => self.answered(token, answer_in(&frame)),
            Event::ResponseUnreadable { token, status, .. } => {
                self.answered(token, status::answer(status, b""));
            }
            Event::ResponseTimedOut { token, .. } => {
                self.credits += 1;
                self.unanswered = self.unanswered.saturating_add(1);
                if let Some(hand_over) = self.in_flight.timed_out(token) {
                    self.tell(told(hand_over, Answer::Silent));
                }
            }
            Event::ResponseLost { token, .. } => self.resolved(token, Answer::Silent),
            Event::LateResponse { token, frame } => self.resolved(token, answer_in(&frame)),
            Event::LateResponseUnreadable { token, status, .. } => {
                self.resolved(token, status::answer(status, b""));
            }
            Event::Request { reply, frame } => self.request(now, reply, &frame),
            Event::UnbindRequested => self.take_no_more(),
            Event::Closed(reason) => self.closed(reason),
            Event::UnexpectedResponse { .. }
            | Event::AlertNotification { .. }
            | Event::Unbound
            | Event::Outbind { .. }
            | Event::BindRequested { .. } => {}
        }
    }

    fn bound(&mut self) {
        self.bound = true;
        info!(carrier = self.settings.name, link = self.link.id().0, kind = ?self.kind, "bound");
        if self.kind.transmits() {
            self.credits = u32::try_from(self.settings.window).unwrap_or(u32::MAX);
        }
    }

    /// The session is over: who ended it, by what, and with whom it was, is written down (R23).
    fn closed(&mut self, reason: CloseReason) {
        info!(carrier = self.settings.name, %reason, "bind closed");
        let Some(peer) = self.peer.map(Closing::peer_of) else { return };
        let (at, unanswered) = (self.door.clock().now().wall, self.unanswered);
        let closing = Closing { at, how: status::how(reason, self.refused), unanswered, peer };
        self.tell(Input::CarrierClosed { carrier: self.carrier, closing });
    }

    /// Says once a turn how many places have become free; a bind that comes to its end has none to offer.
    fn tell_credits(&mut self) {
        let credits = mem::take(&mut self.credits);
        if credits > 0 && !self.leaving {
            let (carrier, link) = (self.carrier, self.link.id());
            self.tell(Input::CarrierReady { carrier, link, credits });
        }
    }

    /// Notes what is to go through the door next.
    fn tell(&mut self, input: Input) {
        if self.inputs.capacity() == 0 {
            self.inputs = self.door.list();
        }
        self.inputs.push(input);
    }

    /// The answer to a message; its place in the window is free again.
    fn answered(&mut self, token: u64, answer: Answer) {
        self.credits += 1;
        self.resolved(token, answer);
    }

    /// What became of a message whose place in the window is free already, or gone with the session.
    fn resolved(&mut self, token: u64, answer: Answer) {
        if let Some(hand_over) = self.in_flight.take(token) {
            self.tell(told(hand_over, answer));
        }
    }

    fn request(&mut self, now: Moment, reply: session::ReplyTo, frame: &Frame) {
        let body = frame.body();
        if self.door.room() == Room::None && matches!(body, Body::DeliverSm(_) | Body::DataSm(_)) {
            // The disk is full: what cannot be kept is not taken, and nobody waits for an answer that may not come.
            return self.respond(now, reply, status::STOPPED);
        }
        if let Some(receipt) = translate::receipt(self.carrier, &body) {
            let reply = self.hold(now, reply);
            return self.tell(Input::Receipt { receipt, reply });
        }
        if !matches!(body, Body::DeliverSm(_) | Body::DataSm(_)) {
            return self.respond(now, reply, status::OUT_OF_PLACE);
        }
        match incoming::submission(frame) {
            Ok(submission) => {
                let (carrier, reply) = (self.carrier, self.hold(now, reply));
                self.tell(Input::Incoming { carrier, submission, reply });
            }
            Err(reason) => {
                debug!(carrier = self.settings.name, reason = reason.name(), "a message for us is refused");
                self.respond(now, reply, status::UNUSABLE);
            }
        }
    }

    /// Keeps the right to answer until the engine says what.
    fn hold(&mut self, now: Moment, reply: session::ReplyTo) -> ReplyTo {
        let ticket = u32::try_from(self.held.insert(reply)).unwrap_or(u32::MAX);
        ReplyTo { link: self.link.id(), ticket, since: now }
    }

    /// What the engine has made durable may go out.
    fn let_out(&mut self, mut effects: Vec<Effect>) {
        let now = self.connection.now();
        for effect in effects.drain(..) {
            match effect {
                Effect::Send { message, attempt, .. } if self.leaving => {
                    self.inputs.push(told(HandOver { message, attempt }, Answer::NotSent));
                }
                Effect::Send { message, attempt, valid_for, source, destination, content, .. } => {
                    self.waiting.push_back(Handed {
                        hand_over: HandOver { message, attempt },
                        valid_until: valid_for.map(|valid_for| now + valid_for),
                        source,
                        destination,
                        content,
                    });
                }
                Effect::Acknowledge { reply, taken } => {
                    if let Some(reply) = self.held.try_remove(reply.ticket as usize) {
                        self.respond(now, reply, status::acknowledgement(taken));
                    }
                }
                _ => {
                    debug_assert!(false, "a customer's effect on a carrier's bind");
                }
            }
        }
        self.link.emptied(effects);
    }

    fn respond(&mut self, now: Moment, reply: session::ReplyTo, status: CommandStatus) {
        if let Err(error) = self.connection.session().respond(now, reply, status, None) {
            debug_assert!(false, "a response without a body always fits: {error}");
        }
    }

    fn send_waiting(&mut self, now: Moment) {
        while let Some(next) = self.waiting.front() {
            let valid_for = next.valid_until.map(|until| until.since(now));
            let body = self.writer.submit_sm(&next.source, &next.destination, &next.content, valid_for);
            let token = self.in_flight.put(next.hand_over);
            let Err(error) = self.connection.session().request(now, token, &body) else {
                self.waiting.pop_front();
                continue;
            };
            let _not_in_flight = self.in_flight.take(token);
            match error {
                RequestError::Encode(_) | RequestError::NeedsOptionalParameters => self.cannot_send(),
                // It stays here for when there is room, or goes back when the bind ends.
                RequestError::WindowFull | RequestError::NotBound | RequestError::NotAllowed => return,
            }
        }
    }

    fn cannot_send(&mut self) {
        let Some(handed) = self.waiting.pop_front() else { return };
        self.tell(told(handed.hand_over, Answer::Unwritable));
        self.credits += 1;
    }

    /// The bind is coming to its end, which may take as long as a response: other binds get what it had credits for.
    fn take_no_more(&mut self) {
        self.leaving = true;
        self.inputs.push(Input::CarrierGone { carrier: self.carrier, link: self.link.id() });
        self.give_back_waiting();
    }

    /// What was not written goes back to the queue.
    fn give_back_waiting(&mut self) {
        let not_sent = |handed: Handed| told(handed.hand_over, Answer::NotSent);
        self.inputs.extend(self.waiting.drain(..).map(not_sent));
    }

    /// Nothing can be made durable any more: the carrier keeps its receipts and sends them again.
    fn answer_stopped(&mut self, now: Moment) {
        for reply in mem::take(&mut self.held).into_iter().map(|(_, reply)| reply) {
            self.respond(now, reply, status::STOPPED);
        }
        self.connection.session().unbind(now);
    }

    async fn leave(mut self) -> bool {
        let (carrier, link) = (self.carrier, self.link.id());
        let now = self.connection.now();
        // When a write failed, nobody has been told yet that the answers will not come.
        while let Some(event) = self.connection.poll_event(now) {
            self.handle(now, event);
        }
        self.give_back_waiting();
        for effect in self.link.close() {
            if let Effect::Send { message, attempt, .. } = effect {
                self.inputs.push(told(HandOver { message, attempt }, Answer::NotSent));
            }
        }
        self.inputs.push(Input::CarrierGone { carrier, link });
        // An engine that has stopped needs not know.
        let _stopped = self.door.pass(self.inputs).await;
        self.connection.finish().await;
        self.bound
    }
}

const fn told(hand_over: HandOver, answer: Answer) -> Input {
    let HandOver { message, attempt } = hand_over;
    Input::CarrierAnswered { message, attempt, answer }
}

fn answer_in(frame: &Frame) -> Answer {
    match frame.body() {
        Body::SubmitSmResp(body) => status::answer(frame.status(), body.message_id.0),
        _ if frame.status().is_ok() => status::NACKED,
        _ => status::answer(frame.status(), b""),
    }
}
