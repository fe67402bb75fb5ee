//! One bind of the load generator: it submits as its window and the rate allow, and hears what comes back.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;
use tokio::net::TcpStream;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::base::time::{Moment, Now};
use crate::engine::clock::Clock;
use crate::lab::load::claims::Claims;
use crate::lab::load::connect::rebind;
use crate::lab::load::heard;
use crate::lab::load::ledger::Ledger;
use crate::lab::load::message::{Composer, Piece};
use crate::lab::load::settings::LoadSettings;
use crate::smpp::command::BindKind;
use crate::smpp::pdu::{Body, Frame};
use crate::smpp::session::{CloseReason, Event, ReplyTo, Session, State};
use crate::smpp::status::CommandStatus;
use crate::transport::Connection;

/// What every bind is given.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) settings: Arc<LoadSettings>,
    pub(super) claims: Arc<Claims>,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    pub(super) clock: Clock,
    /// When the run began.
    pub(super) start: Moment,
    /// Cancelled when the run is over.
    pub(super) over: CancellationToken,
}

impl Shared {
    /// The books. Whoever panicked over them has left them whole: counters and maps.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when the customer is not there, if it is not.
    fn away_until(&self, now: Moment) -> Option<Moment> {
        let since = now.since(self.start);
        let away = self.settings.away.iter().find(|away| (away.min..away.max).contains(&since))?;
        Some(self.start + away.max)
    }

    async fn stay_away(&self, until: Moment) {
        tokio::select! {
            () = sleep_until(self.clock.instant(until)) => {}
            () = self.over.cancelled() => {}
        }
    }
}

/// A submission that waits for its answer.
#[derive(Clone, Copy, Debug)]
struct Sent {
    piece: Piece,
    at: Moment,
    /// Whether it has been counted as unanswered; its answer may still come.
    given_up: bool,
}

/// One bind, over all its connections.
#[derive(Debug)]
pub(super) struct Submitter {
    shared: Shared,
    kind: BindKind,
    composer: Composer,
    /// By token.
    sent: Slab<Sent>,
    /// Those of `sent` that are given up.
    given_up: usize,
    /// Messages to be sent again, when, and why.
    again: VecDeque<(Moment, Piece, CommandStatus)>,
    /// What is left to send of a message that was begun.
    rest: VecDeque<Piece>,
    /// Answers of this customer that wait for their time; the number tells those of one moment apart.
    late: BTreeMap<(Moment, u64), (ReplyTo, CommandStatus)>,
    /// Answers of this customer, late or not.
    answers: u64,
    rng: fastrand::Rng,
    /// Whether this bind still counts among the senders.
    sending: bool,
}

impl Submitter {
    pub(super) fn new(shared: Shared, kind: BindKind, composer: Composer, place: usize) -> Self {
        let rng = fastrand::Rng::with_seed(shared.settings.seed.rotate_left(40) ^ place as u64);
        Self {
            sending: kind.transmits(),
            shared,
            kind,
            composer,
            sent: Slab::new(),
            given_up: 0,
            again: VecDeque::new(),
            rest: VecDeque::new(),
            late: BTreeMap::new(),
            answers: 0,
            rng,
        }
    }

    /// Submits and hears, making the connection again if that is wanted, until the run is over.
    pub(super) async fn run(mut self, connection: Connection<TcpStream>) {
        let mut connection = Some(connection);
        while let Some(bound) = connection {
            let reason = self.serve(bound).await;
            if self.shared.over.is_cancelled() {
                break;
            }
            let now = self.shared.clock.moment();
            if let Some(until) = self.shared.away_until(now) {
                self.shared.ledger().report.absences += 1;
                self.shared.stay_away(until).await;
            } else {
                self.shared.ledger().report.connections_lost += 1;
                tracing::warn!(%reason, "a connection was lost");
                if !self.shared.settings.reconnect {
                    break;
                }
            }
            let Shared { settings, clock, over, .. } = &self.shared;
            connection = match rebind(settings, *clock, self.kind, over).await {
                Ok(bound) => Some(bound),
                Err(error) => {
                    tracing::error!(%error, "a lost connection could not be made again");
                    break;
                }
            };
        }
        let ledger = Arc::clone(&self.shared.ledger);
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, piece, status) in self.again.drain(..) {
            ledger.refused_for_good(piece, status);
        }
        ledger.senders -= usize::from(self.sending);
    }

    async fn serve(&mut self, mut connection: Connection<TcpStream>) -> CloseReason {
        let over = self.shared.over.clone();
        let clock = self.shared.clock;
        let mut unbinding = false;
        let mut reason = CloseReason::Requested;
        loop {
            self.turn(&mut connection, &mut reason);
            connection.flush().await;
            if connection.is_over() {
                // What the session says about its end.
                self.turn(&mut connection, &mut reason);
                break;
            }
            self.look_away().await;
            let at = self.look_again(connection.now()).filter(|_| !unbinding);
            tokio::select! {
                () = connection.wait() => {}
                () = async { if let Some(at) = at { sleep_until(clock.instant(at)).await } }, if at.is_some() => {}
                () = over.cancelled(), if !unbinding => {
                    unbinding = true;
                    let now = connection.now();
                    connection.session().unbind(now);
                }
            }
        }
        connection.finish().await;
        reason
    }

    /// Hears, counts and submits, all in memory.
    fn turn(&mut self, connection: &mut Connection<TcpStream>, reason: &mut CloseReason) {
        let ledger = Arc::clone(&self.shared.ledger);
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let now = connection.now();
        if self.shared.away_until(now).is_some() {
            connection.session().close(CloseReason::Requested);
        }
        while let Some(event) = connection.poll_event(now) {
            match event {
                Event::Response { token, frame, .. } => self.handle_response(token, &frame, &mut ledger, now),
                Event::LateResponse { token, frame } => self.handle_response(token, &frame, &mut ledger, now),
                Event::ResponseUnreadable { token, status, .. }
                | Event::LateResponseUnreadable { token, status, .. } => {
                    self.settle(token, status, b"", &mut ledger, now);
                }
                Event::ResponseTimedOut { token, .. } => self.give_up(token, &mut ledger),
                Event::ResponseLost { token, .. } => {
                    self.give_up(token, &mut ledger);
                    self.forget(token);
                }
                Event::Request { reply, frame } => {
                    let answers = &self.shared.settings.answers;
                    let status = heard::hear(&frame, &mut ledger, answers, &mut self.rng, now);
                    self.answer(connection.session(), reply, status, now);
                }
                Event::Closed(closed) => *reason = closed,
                _ => {}
            }
        }
        self.answer_late(connection.session(), now);
        if connection.is_over() {
            self.late.clear();
            // Late answers belong to their session: none can come any more.
            self.sent.clear();
            self.given_up = 0;
        } else if self.sending && matches!(connection.session().state(), State::Bound(_)) {
            let wall = self.shared.clock.now().wall;
            self.submit(connection.session(), &mut ledger, Now { wall, moment: now });
        }
    }

    // === submitting ===

    fn submit(&mut self, session: &mut Session, ledger: &mut Ledger, now: Now) {
        let mut allowance = self.shared.claims.allowance(now.moment);
        while session.window_free() > 0 {
            let Some((piece, is_new)) = self.next_piece(&mut allowance, now.moment) else { break };
            let token = self.sent.insert(Sent { piece, at: now.moment, given_up: false });
            match session.request(now.moment, token as u64, &self.composer.compose(piece, now.wall)) {
                Ok(_sequence) if is_new => ledger.report.sent += 1,
                Ok(_sequence) => ledger.report.resent += 1,
                Err(error) => {
                    self.sent.remove(token);
                    // What does not fit in this message will not fit in the others.
                    tracing::error!(%error, "a message could not be sent");
                    ledger.report.unsent += 1;
                    self.shared.claims.stop();
                    break;
                }
            }
        }
        if self.is_done(now.moment) {
            self.sending = false;
            ledger.senders -= 1;
        }
    }

    /// What is sent next, and whether it has never been sent before.
    fn next_piece(&mut self, allowance: &mut u64, now: Moment) -> Option<(Piece, bool)> {
        if let Some((_, piece, _)) = self.again.pop_front_if(|(at, ..)| *at <= now) {
            return Some((piece, false));
        }
        while self.rest.is_empty() && *allowance > 0 {
            let number = self.shared.claims.claim(now)?;
            *allowance -= 1;
            self.rest.extend(self.composer.pieces(number));
        }
        self.rest.pop_front().map(|piece| (piece, true))
    }

    /// Whether everything has been sent and nothing more will be heard of it.
    fn is_done(&self, now: Moment) -> bool {
        self.sent.len() == self.given_up
            && self.again.is_empty()
            && self.rest.is_empty()
            && self.shared.claims.is_over(now)
    }

    fn look_again(&self, now: Moment) -> Option<Moment> {
        let again = self.again.front().map(|(at, ..)| *at);
        let next = if self.sending { self.shared.claims.look_again(now) } else { None };
        let late = self.late.first_key_value().map(|((at, _), _)| *at);
        let away = self.shared.settings.away.iter().map(|away| self.shared.start + away.min);
        again.into_iter().chain(next).chain(late).chain(away.filter(|from| *from > now)).min()
    }

    /// A customer that reads slowly does something else now.
    async fn look_away(&self) {
        let Shared { settings, clock, over, .. } = &self.shared;
        if !settings.read_pause.is_zero() {
            let until = clock.instant(clock.moment() + settings.read_pause);
            tokio::select! {
                () = sleep_until(until) => {}
                () = over.cancelled() => {}
            }
        }
    }

    // === answers ===

    /// Answers what came, now or later.
    fn answer(&mut self, session: &mut Session, reply: ReplyTo, status: CommandStatus, now: Moment) {
        let answers = &self.shared.settings.answers;
        self.answers += 1;
        if self.rng.f64() < answers.late {
            let at = now + answers.delay.draw(&mut self.rng);
            self.late.insert((at, self.answers), (reply, status));
        } else if session.respond(now, reply, status, None).is_err() {
            tracing::error!("a response could not be written");
        }
    }

    fn answer_late(&mut self, session: &mut Session, now: Moment) {
        while let Some(entry) = self.late.first_entry().filter(|entry| entry.key().0 <= now) {
            let (reply, status) = entry.remove();
            if session.respond(now, reply, status, None).is_err() {
                tracing::error!("a response could not be written");
            }
        }
    }

    fn handle_response(&mut self, token: u64, frame: &Frame, ledger: &mut Ledger, now: Moment) {
        let id = match frame.body() {
            Body::SubmitSmResp(body) => body.message_id.0,
            _ => &[],
        };
        self.settle(token, frame.status(), id, ledger, now);
    }

    fn settle(&mut self, token: u64, status: CommandStatus, id: &[u8], ledger: &mut Ledger, now: Moment) {
        let Some(sent) = self.forget(token) else { return };
        if sent.given_up {
            ledger.report.unanswered -= 1;
        }
        if status.is_ok() {
            ledger.accepted(sent.piece, id, sent.at, now);
            return;
        }
        let pause = self.shared.settings.retry_throttled.filter(|_| status.is_backpressure() && self.sending);
        ledger.refused(status, sent.at, now);
        match pause {
            Some(pause) => self.again.push_back((now + pause, sent.piece, status)),
            None => ledger.refused_for_good(sent.piece, status),
        }
    }

    /// No answer within the response time: it counts as unanswered, until it is answered after all.
    fn give_up(&mut self, token: u64, ledger: &mut Ledger) {
        let sent = usize::try_from(token).ok().and_then(|token| self.sent.get_mut(token));
        if let Some(sent) = sent.filter(|sent| !sent.given_up) {
            sent.given_up = true;
            self.given_up += 1;
            ledger.unanswered(sent.piece);
        }
    }

    fn forget(&mut self, token: u64) -> Option<Sent> {
        let sent = self.sent.try_remove(usize::try_from(token).ok()?)?;
        self.given_up -= usize::from(sent.given_up);
        Some(sent)
    }
}
