//! What happens on one customer's connection? The socket and the session are [`Connection`]'s; what is accepted is
//! the engine's; here they meet.
//!
//! | file | question |
//! |---|---|
//! | `requests` | what does the customer ask, and what is it answered? |
//! | `notices` | what is the customer told, and does it take it? |

mod notices;
mod requests;

use std::collections::VecDeque;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;

use slab::Slab;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::base::ids::AccountId;
use crate::base::time::{Moment, Now};
use crate::customer::directory::{BindPlace, BindRefusal, Directory};
use crate::customer::status;
use crate::customer::telemetry::Histograms;
use crate::customer::translate::{ReceiptWriter, ResponseWriter};
use crate::engine::door::{Door, Effect, Input, Link, Notice, Taking};
use crate::smpp::command::BindKind;
use crate::smpp::pdu::{Body, Frame};
use crate::smpp::session::{self, Event, Session};
use crate::transport::Connection;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) door: Door,
    pub(super) directory: Directory,
    pub(super) system_id: String,
    pub(super) session: session::Settings,
    pub(super) histograms: Histograms,
    pub(super) shutdown: CancellationToken,
}

/// One customer's connection.
pub(super) struct CustomerConnection {
    shared: Arc<Shared>,
    connection: Connection<TcpStream>,
    /// Who is at the other end.
    peer: SocketAddr,
    link: Link,
    /// Its place among its account's binds, once bound.
    place: Option<BindPlace>,
    /// What is to go through the door next.
    inputs: Vec<Input>,
    /// The right to answer what is under way. At most the inbound window.
    held: Slab<session::ReplyTo>,
    /// Notices that the session could not take yet. At most the credits given.
    waiting: VecDeque<Notice>,
    receipts: ReceiptWriter,
    responses: ResponseWriter,
}

impl CustomerConnection {
    pub(super) fn new(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr) -> Self {
        let clock = shared.door.clock();
        let session = Session::new(shared.session.clone(), clock.moment());
        Self {
            link: shared.door.connect(),
            connection: Connection::new(stream, session, clock),
            peer,
            shared,
            place: None,
            inputs: Vec::new(),
            held: Slab::new(),
            waiting: VecDeque::new(),
            receipts: ReceiptWriter::default(),
            responses: ResponseWriter::default(),
        }
    }

    /// Serves the connection to its end.
    pub(super) async fn run(mut self) {
        let shutdown = self.shared.shutdown.clone();
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
                    match self.shared.door.failure() {
                        // Whoever waits for what a failed sync was to make durable has nothing else to wait for.
                        Some(stopped) => self.answer_stopped(&stopped),
                        None => self.connection.session().unbind(now),
                    }
                }
            }
        }
        self.leave().await;
    }

    /// Takes in what came, passes it on, and writes what is ready.
    async fn turn(&mut self) {
        while let Some(effects) = self.link.more_effects() {
            self.let_out(effects);
        }
        // One look at both clocks for all that came at once.
        let now = Now { wall: self.shared.door.clock().wall(), moment: self.connection.now() };
        while let Some(event) = self.connection.poll_event(now.moment) {
            self.handle(now, event);
        }
        self.deliver_waiting(now.moment);
        if !self.inputs.is_empty()
            && let Err(stopped) = self.shared.door.pass(mem::take(&mut self.inputs)).await
        {
            self.answer_stopped(&stopped);
        }
        self.connection.flush().await;
    }

    fn handle(&mut self, now: Now, event: Event) {
        match event {
            Event::BindRequested { kind, frame } => self.bind(now.moment, kind, &frame),
            Event::Request { reply, frame } => self.request(now, reply, &frame),
            Event::Response { token, frame, .. } => {
                self.notice_answered(token, status::taking(frame.status()));
            }
            Event::ResponseUnreadable { token, status, .. } => {
                self.notice_answered(token, status::taking(status));
            }
            Event::ResponseTimedOut { token, .. } => self.notice_answered(token, Taking::Later),
            Event::Closed(reason) => match &self.place {
                Some(place) => {
                    info!(peer = %self.peer, account = place.name(), %reason, "customer's connection closed");
                }
                // Strangers come and go.
                None => debug!(peer = %self.peer, %reason, "connection closed before a bind"),
            },
            // Lost answers: the flow gives the notices out again when the connection is gone.
            Event::ResponseLost { .. }
            | Event::LateResponse { .. }
            | Event::LateResponseUnreadable { .. }
            | Event::UnexpectedResponse { .. }
            | Event::UnbindRequested
            | Event::Unbound
            | Event::AlertNotification { .. }
            | Event::BindRefused { .. }
            | Event::Bound { .. }
            | Event::Outbind { .. } => {}
        }
    }

    fn bind(&mut self, now: Moment, kind: BindKind, frame: &Frame) {
        let Body::Bind(_, bind) = frame.body() else { return };
        let admitted = if self.shared.shutdown.is_cancelled() || self.shared.door.failure().is_some() {
            Err(BindRefusal::Stopping)
        } else {
            self.shared.directory.bind(bind.system_id.as_bytes(), bind.password.expose())
        };
        let link = self.link.id();
        let session = self.connection.session();
        match admitted {
            Ok(place) => {
                session.resize_windows(place.window(), place.window());
                if session.accept_bind(now, self.shared.system_id.as_bytes()).is_err() {
                    return;
                }
                info!(peer = %self.peer, account = place.name(), ?kind, "customer bound");
                self.receipts = ReceiptWriter::new(place.receipts());
                if kind.receives() {
                    let credits = u32::try_from(place.window()).unwrap_or(u32::MAX);
                    self.tell(Input::CustomerReady { account: place.account(), link, credits });
                }
                self.place = Some(place);
            }
            Err(refusal) => {
                info!(peer = %self.peer, ?refusal, "customer's bind refused");
                // No bind waits any more only if the peer has gone: then nobody waits for the answer.
                let _gone = session.refuse_bind(now, status::of_bind_refusal(refusal));
            }
        }
    }

    /// What the engine has made durable may go out.
    fn let_out(&mut self, mut effects: Vec<Effect>) {
        let now = self.connection.now();
        for effect in effects.drain(..) {
            match effect {
                Effect::Answer { reply, result } => self.answer(now, reply, result),
                Effect::AnswerMulti { reply, result, refused } => {
                    self.answer_multi(now, reply, result, &refused);
                }
                Effect::AnswerManage { reply, result } => self.answer_manage(now, reply, result),
                Effect::Deliver { notice, .. } => self.waiting.push_back(notice),
                Effect::Send { .. } | Effect::Acknowledge { .. } | Effect::AnswerFact { .. } => {
                    debug_assert!(false, "a carrier's effect on a customer's connection");
                }
            }
        }
        self.link.emptied(effects);
    }

    /// Notes what is to go through the door next.
    fn tell(&mut self, input: Input) {
        if self.inputs.capacity() == 0 {
            self.inputs = self.shared.door.list();
        }
        self.inputs.push(input);
    }

    fn account(&self) -> Option<AccountId> {
        self.place.as_ref().map(BindPlace::account)
    }

    async fn leave(mut self) {
        let link = self.link.id();
        let account = self.account();
        // Answers and notices that were on their way here: the state still has what they say.
        drop(self.link.close());
        if let Some(account) = account {
            self.inputs.push(Input::CustomerGone { account, link });
            // An engine that has stopped needs not know.
            let _stopped = self.shared.door.pass(self.inputs).await;
        }
        self.connection.finish().await;
    }
}
