//! What may be said when, and who waits for what? One SMPP session without I/O, for either end.
//!
//! ```text
//!            outbind ┌──────────┐
//!          ┌────────►│ Outbound │──bind──┐                        (from every state, to Closed:
//!          │         └──────────┘        ▼                         close(), end of stream, a length
//!      ┌──────┐                     ┌─────────┐                    that no PDU has)
//! new─►│ Open │────────bind────────►│ Binding │
//!      └──────┘◄───────refused──────└─────────┘
//!          │                             │ accepted
//!          │ session_init                ▼
//!          │                        ┌─────────┐  link dead
//!          │                        │  Bound  │─────────────────────────────┐
//!          │                        └─────────┘                             │
//!          │        unbind(), inactivity │ │ unbind received                │
//!          │              ┌──────────────┘ └──────────────┐                 │
//!          │              ▼                               ▼                 │
//!          │        ┌──────────┐   unbind received ┌───────────────┐        │
//!          │        │ Draining │──────────────────►│ PeerUnbinding │        │
//!          │        └──────────┘                   └───────────────┘        │
//!          │              │ all answered                  │ ours answered   │
//!          │              ▼ unbind sent                   ▼ unbind_resp sent│
//!          │        ┌───────────┐                   ┌─────────┐             │
//!          │        │ Unbinding │                   │ Unbound │             │
//!          │        └───────────┘                   └─────────┘             │
//!          │              │ unbind_resp, end of stream    │ end of stream   │
//!          ▼              ▼ response time                 ▼ response time   ▼
//!        ┌────────────────────────────────────────────────────────────────────┐
//!        │ Closed                                                             │
//!        └────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Which command is taken, refused or dropped in which state is one function in `state.rs`; a test prints it as
//! the table `proto-tests/session/matrix.txt`.
//!
//! # How to drive it
//!
//! The owner has the socket and the clock. Each turn of its loop, in this order:
//!
//! 1. if [`Session::wants_input`], append what the socket has to the stream and call [`Session::handle_input`]; at
//!    the end of the stream, [`Session::handle_eof`];
//! 2. [`Session::handle_timeout`], after the input, so that a response which is here is not called missing;
//! 3. [`Session::poll_event`] until it is `None`, and tell the session what our side wants: these are the verbs
//!    without a prefix ([`Session::request`], [`Session::respond`], …);
//! 4. write [`Session::transmit`] with one write, and take off what was written;
//! 5. when [`Session::is_closed`], stop: write for a moment what is left, then close the socket;
//! 6. wait for the socket, for our side, or for [`Session::poll_timeout`].
//!
//! What is bounded, and by what: our requests by `window_out`; the peer's requests with the application by
//! `window_in`, those that wait behind them by [`PARKED_OCTETS_MAX`], and what waits to be written by
//! `transmit_max`, each plus what one read brings. Beyond these nothing is read, and TCP holds the peer back.

mod event;
mod inbound;
mod outbound;
mod settings;
mod state;
mod timers;
mod window;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

pub use event::{CloseReason, Event, ReplyTo, RequestError};
pub use settings::{PARKED_OCTETS_MAX, Role, Settings};
pub use state::State;

use crate::base::time::Moment;
use crate::smpp::frame::Header;
use crate::smpp::pdu::Frame;
use crate::smpp::session::inbound::{Answer, Inbound};
use crate::smpp::session::state::Inner;
use crate::smpp::session::timers::{Stopwatch, Timers};
use crate::smpp::session::window::Window;
use crate::smpp::status::CommandStatus;
use crate::smpp::values::InterfaceVersion;

/// One session, either end, without a socket and without a clock. The module's head says how to drive it.
#[derive(Debug)]
pub struct Session {
    /// What it was told when it began; the windows may change while it runs.
    settings: Settings,
    /// Where it stands, with the data that belongs there.
    inner: Inner,
    /// The peer's version, as one of 3.3 and 3.4; 3.3 until it has said otherwise.
    version: InterfaceVersion,
    /// The time that counts against the peer.
    clock: Stopwatch,
    /// What the peer was last heard to do.
    timers: Timers,
    /// Our requests that wait for a response.
    window: Window,
    /// The peer's requests that wait for us.
    inbound: Inbound,
    /// What became of our requests, to be polled first: a few octets each, bounded by one read and the window.
    answers: VecDeque<Answer>,
    /// Changes of the session itself, to be polled next. Each kind can be there once.
    news: VecDeque<Event>,
    /// What is ready to be written.
    transmit: BytesMut,
}

impl Session {
    /// A session on a connection that has just been made.
    #[must_use]
    pub fn new(settings: Settings, now: Moment) -> Self {
        Self {
            inner: Inner::Open,
            version: InterfaceVersion::V3_3,
            clock: Stopwatch::default(),
            timers: Timers::new(now, settings.session_init),
            window: Window::new(settings.window_out, settings.sequence_first),
            inbound: Inbound::new(settings.window_in),
            answers: VecDeque::new(),
            news: VecDeque::new(),
            transmit: BytesMut::new(),
            settings,
        }
    }

    /// Where the session stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.inner.state()
    }

    /// Whether it is over. Events may still wait to be polled.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.inner, Inner::Closed)
    }

    /// The version that the peer speaks, as one of the two that make a difference: 3.3 without optional parameters
    /// and 3.4 with them (quirks 18, 20).
    #[must_use]
    pub const fn peer_version(&self) -> InterfaceVersion {
        self.version
    }

    /// How many requests may be sent now: the window's room, and none while `transmit_max` octets wait.
    #[must_use]
    pub fn window_free(&self) -> usize {
        if self.is_clogged() { 0 } else { self.window.free() }
    }

    /// How many of our requests wait for their response.
    #[must_use]
    pub const fn outstanding(&self) -> usize {
        self.window.outstanding()
    }

    /// How many of the peer's requests the application holds unanswered.
    #[must_use]
    pub const fn unanswered(&self) -> usize {
        self.inbound.held()
    }

    /// Changes the windows of a running session. What is already under way above a smaller window stays.
    pub const fn resize_windows(&mut self, window_out: usize, window_in: usize) {
        self.window.max = window_out;
        self.inbound.max = window_in;
    }

    /// Whether the socket should be read. Not while the inbound window is full and too much is parked, not while
    /// the peer does not read what waits for it, and not while the application judges a bind.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        let judging = matches!(self.inner, Inner::Binding { until: None, .. });
        !judging && !self.is_closed() && !self.inbound.is_full() && !self.is_clogged()
    }

    /// Everything that is ready to be written, for one write. The driver takes off what it has written.
    pub const fn transmit(&mut self) -> &mut BytesMut {
        &mut self.transmit
    }

    /// The next thing that the owner should know: what became of our requests first, so that the peer's requests
    /// cannot delay it; then what became of the session; then requests, as far as the inbound window has room.
    pub fn poll_event(&mut self, now: Moment) -> Option<Event> {
        while let Some(answer) = self.answers.pop_front() {
            if let Some(event) = decoded(answer) {
                return Some(event);
            }
        }
        if let Some(event) = self.news.pop_front() {
            return Some(event);
        }
        let at = self.clock.read(now);
        let request = self.next_request(at);
        if request.is_none() {
            self.settle(at);
        }
        self.mind_the_stopwatch(now);
        if request.is_none() {
            // What was parked may have been about the session itself.
            return self.news.pop_front();
        }
        request
    }

    /// Whether so much waits to be written that nothing should be added: the peer does not read.
    fn is_clogged(&self) -> bool {
        self.transmit.len() >= self.settings.transmit_max
    }

    /// Whether the peer speaks a version without optional parameters.
    const fn is_old(&self) -> bool {
        self.version.0 < InterfaceVersion::V3_4.0
    }
}

fn decoded(answer: Answer) -> Option<Event> {
    Some(match answer {
        Answer::TimedOut { token, sequence } => Event::ResponseTimedOut { token, sequence },
        Answer::Lost { token, sequence } => Event::ResponseLost { token, sequence },
        Answer::Response { token, frame } => {
            let (sequence, status) = header_of(&frame);
            match Frame::decode(frame) {
                Ok(frame) => Event::Response { token, sequence, frame },
                Err(error) => Event::ResponseUnreadable { token, sequence, status, error },
            }
        }
        Answer::Late { token, frame } => {
            let (_, status) = header_of(&frame);
            match Frame::decode(frame) {
                Ok(frame) => Event::LateResponse { token, frame },
                Err(error) => Event::LateResponseUnreadable { token, status, error },
            }
        }
        // Of a response to nothing, a body that cannot be read says nothing.
        Answer::Unexpected { frame } => Event::UnexpectedResponse { frame: Frame::decode(frame).ok()? },
    })
}

fn header_of(frame: &Bytes) -> (u32, CommandStatus) {
    Header::read(frame)
        .map_or_else(Default::default, |header| (header.sequence_number, header.command_status))
}
