//! How do a session's octets reach the socket and back? One [`Connection`]: a stream and a [`Session`], nothing
//! decided.
//!
//! Shared by everything that speaks SMPP over a socket: customers' connections, carriers' binds, the simulated carrier
//! and the load generator. A turn of the owner's loop:
//!
//! ```text
//! loop {
//!     let now = connection.now();
//!     while let Some(event) = connection.poll_event(now) { … } // decide, request, respond
//!     connection.flush().await;                                // one write of all that is ready
//!     if connection.is_over() { break }
//!     select! { _ = connection.wait() => {}, … }               // read once, or a timer
//! }
//! connection.finish().await;
//! ```

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Sleep, sleep_until, timeout_at};
use tokio_util::io::poll_read_buf;

use crate::base::time::Moment;
use crate::engine::clock::Clock;
use crate::smpp::session::{CloseReason, Event, Session};

/// How long a peer may leave what we wrote unread, while more waits to be written, before it is closed. Nothing is
/// read from it meanwhile once [`crate::smpp::session::Settings::transmit_max`] octets wait.
pub const WRITE_STALL_MAX: Duration = Duration::from_secs(30);

/// How long a connection that is over may take to write what is left, so that a refused peer still reads why.
const LINGER_MAX: Duration = Duration::from_secs(2);

/// Octets of room for a read: the least, so that an idle connection costs little, and the most, so that a busy one
/// reads hundreds of PDUs at once.
const READ_ROOM: (usize, usize) = (2 * 1024, 64 * 1024);

/// A stream and the session that runs over it.
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    session: Session,
    clock: Clock,
    /// Octets read and not taken by the session yet: the beginning of a PDU at most, or what it will not take now.
    input: BytesMut,
    /// Room for the next read; follows how much the peer sends.
    read_room: usize,
    /// When what waits to be written last got shorter.
    write_progress: Moment,
    timer: Pin<Box<Sleep>>,
    /// What `timer` is set to.
    timer_at: Moment,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that begins now.
    #[must_use]
    pub fn new(stream: S, session: Session, clock: Clock) -> Self {
        let now = clock.moment();
        Self {
            stream,
            session,
            clock,
            input: BytesMut::new(),
            read_room: READ_ROOM.0,
            write_progress: now,
            timer: Box::pin(sleep_until(clock.instant(now))),
            timer_at: now,
        }
    }

    /// The session, to say what our side wants.
    pub const fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The monotonic clock, now.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.moment()
    }

    /// The next thing that the session has to say. `now` is read once for a turn: a clock costs as much as a PDU.
    pub fn poll_event(&mut self, now: Moment) -> Option<Event> {
        let event = self.session.poll_event(now);
        if event.is_none() && !self.input.is_empty() {
            // A PDU that had to wait for the bind may lie here.
            self.session.handle_input(now, &mut self.input);
            return self.session.poll_event(now);
        }
        event
    }

    /// Whether the session is over: stop, and [`Connection::finish`].
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.session.is_closed()
    }

    /// Writes what is ready, as far as the peer takes it, without waiting.
    pub async fn flush(&mut self) {
        poll_fn(|cx| {
            let _partly = self.poll_write(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// Waits until something has been read, or could be written after the peer had not read for a while, or a timer
    /// has fired; the session has been told. Safe to cancel.
    pub async fn wait(&mut self) {
        poll_fn(|cx| self.poll_turn(cx)).await;
    }

    /// Writes for a moment what is left, and closes the stream.
    pub async fn finish(mut self) {
        let until = self.clock.instant(self.clock.moment() + LINGER_MAX);
        let _too_late = timeout_at(until, poll_fn(|cx| self.poll_write(cx))).await;
        let _too_late = timeout_at(until, poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx))).await;
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let unwritten = self.session.transmit().len();
        let wrote = self.poll_write(cx);
        let progress = wrote.is_ready() && unwritten > 0;
        if self.session.wants_input() && self.poll_read(cx).is_ready() {
            return Poll::Ready(());
        }
        if self.poll_timer(cx).is_ready() || progress || self.session.is_closed() {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Ready when nothing is left to be written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.session.transmit().is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, self.session.transmit())) {
                Ok(0) | Err(_) => self.fail(),
                Ok(octets) => {
                    self.session.transmit().advance(octets);
                    self.write_progress = self.clock.moment();
                }
            }
        }
        self.write_progress = self.clock.moment();
        Poll::Ready(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.input.reserve(self.read_room);
        let read = ready!(poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.input));
        let now = self.clock.moment();
        match read {
            Ok(0) => self.session.handle_eof(now),
            Ok(octets) => {
                self.read_room = next_room(self.read_room, octets);
                self.session.handle_input(now, &mut self.input);
                if self.input.is_empty() && self.read_room == READ_ROOM.0 {
                    self.input = BytesMut::new();
                }
            }
            Err(_) => self.fail(),
        }
        Poll::Ready(())
    }

    /// Fires for the session's timers, and for a peer that does not read.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let session_at = self.session.poll_timeout();
        let stall_at = (!self.session.transmit().is_empty()).then(|| self.write_progress + WRITE_STALL_MAX);
        let Some(due) = session_at.into_iter().chain(stall_at).min() else { return Poll::Pending };
        loop {
            // Deadlines mostly move away: the timer stays where it is and is set again when it fires too early.
            if due < self.timer_at || self.timer.is_elapsed() {
                self.timer_at = due;
                self.timer.as_mut().reset(self.clock.instant(due));
            }
            ready!(self.timer.as_mut().poll(cx));
            let now = self.clock.moment();
            if now < due {
                continue;
            }
            if stall_at.is_some_and(|at| at <= now) {
                self.fail();
            }
            self.session.handle_timeout(now);
            return Poll::Ready(());
        }
    }

    fn fail(&mut self) {
        self.session.close(CloseReason::TransportFailed);
        self.session.transmit().clear();
    }
}

/// Grows when a read filled its room, shrinks when it left most of it empty.
const fn next_room(room: usize, octets: usize) -> usize {
    let next = if octets >= room {
        room * 2
    } else if octets < room / 8 {
        room / 2
    } else {
        room
    };
    if next > READ_ROOM.1 {
        READ_ROOM.1
    } else if next < READ_ROOM.0 {
        READ_ROOM.0
    } else {
        next
    }
}
