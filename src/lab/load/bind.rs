//! One bind of the load generator: it submits as its window and the rate allow, and hears what comes back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use slab::Slab;
use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::base::time::Moment;
use crate::engine::clock::Clock;
use crate::lab::load::LoadError;
use crate::lab::load::claims::Claims;
use crate::lab::load::ledger::Ledger;
use crate::lab::load::message::Composer;
use crate::lab::load::settings::LoadSettings;
use crate::smpp::command::BindKind;
use crate::smpp::field::Address;
use crate::smpp::pdu::{Bind, Body, DeliverSm, Frame};
use crate::smpp::receipt::{Receipt, ReceiptTlvs, Stat};
use crate::smpp::session::{self, CloseReason, Event, Role, Session, State};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tag;
use crate::smpp::values::{InterfaceVersion, MessageState};
use crate::transport::Connection;

/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Between two attempts to make a lost connection again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// Octets that may wait to be written for each place of the window: the longest message fits.
const TRANSMIT_PER_PLACE: usize = 512;

/// The message type of an intermediate notification (SMPP 3.4 §5.2.12).
const INTERMEDIATE: u8 = 0x20;

/// What every bind is given.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) settings: Arc<LoadSettings>,
    pub(super) claims: Arc<Claims>,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    pub(super) clock: Clock,
    /// Cancelled when the run is over.
    pub(super) over: CancellationToken,
}

impl Shared {
    /// The books. Whoever panicked over them has left them whole: counters and maps.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A submission that waits for its answer.
#[derive(Clone, Copy, Debug)]
struct Sent {
    number: u64,
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
    again: VecDeque<(Moment, u64, CommandStatus)>,
    /// Whether this bind still counts among the senders.
    sending: bool,
}

impl Submitter {
    pub(super) fn new(shared: Shared, kind: BindKind, composer: Composer) -> Self {
        Self {
            sending: kind.transmits(),
            shared,
            kind,
            composer,
            sent: Slab::new(),
            given_up: 0,
            again: VecDeque::new(),
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
            self.shared.ledger().report.connections_lost += 1;
            tracing::warn!(%reason, "a connection was lost");
            if !self.shared.settings.reconnect {
                break;
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
        for (_, _, status) in self.again.drain(..) {
            ledger.refused_for_good(status);
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
                    handle_request(&frame, &mut ledger, now);
                    if connection.session().respond(now, reply, CommandStatus::ESME_ROK, None).is_err() {
                        tracing::error!("a response could not be written");
                    }
                }
                Event::Closed(closed) => *reason = closed,
                _ => {}
            }
        }
        if connection.is_over() {
            // Late answers belong to their session: none can come any more.
            self.sent.clear();
            self.given_up = 0;
        } else if self.sending && matches!(connection.session().state(), State::Bound(_)) {
            self.submit(connection.session(), &mut ledger, now);
        }
    }

    // === submitting ===

    fn submit(&mut self, session: &mut Session, ledger: &mut Ledger, now: Moment) {
        let mut allowance = self.shared.claims.allowance(now);
        while session.window_free() > 0 {
            let (number, is_new) = match self.again.pop_front_if(|(at, ..)| *at <= now) {
                Some((_, number, _)) => (number, false),
                None if allowance == 0 => break,
                None => match self.shared.claims.claim(now) {
                    Some(number) => (number, true),
                    None => break,
                },
            };
            allowance = allowance.saturating_sub(u64::from(is_new));
            let token = self.sent.insert(Sent { number, at: now, given_up: false });
            match session.request(now, token as u64, &self.composer.compose(number)) {
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
        if self.is_done(now) {
            self.sending = false;
            ledger.senders -= 1;
        }
    }

    /// Whether everything has been sent and nothing more will be heard of it.
    fn is_done(&self, now: Moment) -> bool {
        self.sent.len() == self.given_up && self.again.is_empty() && self.shared.claims.is_over(now)
    }

    fn look_again(&self, now: Moment) -> Option<Moment> {
        let again = self.again.front().map(|(at, ..)| *at);
        let next = if self.sending { self.shared.claims.look_again(now) } else { None };
        again.into_iter().chain(next).min()
    }

    // === answers ===

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
            ledger.accepted(id, sent.at, now);
            return;
        }
        let pause = self.shared.settings.retry_throttled.filter(|_| status.is_backpressure() && self.sending);
        ledger.refused(status, pause.is_some(), sent.at, now);
        if let Some(pause) = pause {
            self.again.push_back((now + pause, sent.number, status));
        }
    }

    /// No answer within the response time: it counts as unanswered, until it is answered after all.
    fn give_up(&mut self, token: u64, ledger: &mut Ledger) {
        let sent = usize::try_from(token).ok().and_then(|token| self.sent.get_mut(token));
        if let Some(sent) = sent.filter(|sent| !sent.given_up) {
            sent.given_up = true;
            self.given_up += 1;
            ledger.report.unanswered += 1;
        }
    }

    fn forget(&mut self, token: u64) -> Option<Sent> {
        let sent = self.sent.try_remove(usize::try_from(token).ok()?)?;
        self.given_up -= usize::from(sent.given_up);
        Some(sent)
    }
}

fn handle_request(frame: &Frame, ledger: &mut Ledger, now: Moment) {
    let Body::DeliverSm(message) = frame.body() else { return };
    if !message.esm_class.is_receipt() {
        // A message from a phone: not for us, and acknowledged all the same.
        return;
    }
    let receipt = receipt_of(&message);
    let stat = receipt.state().map(|state| state.value);
    let under_way = matches!(
        stat,
        Some(Stat::State(MessageState::ENROUTE | MessageState::ACCEPTED | MessageState::SCHEDULED))
    );
    let intermediate = under_way || message.esm_class.message_type() == INTERMEDIATE;
    let id = receipt.id().map_or(&b""[..], |id| id.value);
    ledger.receipt(id, stat, intermediate, now);
}

fn receipt_of<'a>(message: &'a DeliverSm<&'a [u8]>) -> Receipt<'a> {
    let tlvs = ReceiptTlvs {
        receipted_message_id: message.tlvs.receipted_message_id(),
        message_state: message.tlvs.message_state().map(|state| state.0),
        network_error_code: message.tlvs.get(Tag::NETWORK_ERROR_CODE).map(|tlv| tlv.value),
    };
    let body = match message.short_message.octets {
        [] => message.tlvs.message_payload().unwrap_or_default(),
        octets => octets,
    };
    Receipt::parse(body, tlvs)
}

// === connecting ===

/// Connects and binds.
///
/// # Errors
/// [`LoadError`] says what did not work.
pub(super) async fn bind(
    settings: &LoadSettings,
    clock: Clock,
    kind: BindKind,
) -> Result<Connection<TcpStream>, LoadError> {
    let until = clock.instant(clock.moment() + CONNECT_MAX);
    let stream = match timeout_at(until, TcpStream::connect(&settings.target)).await {
        Ok(connected) => connected.and_then(|stream| stream.set_nodelay(true).map(|()| stream)),
        Err(_elapsed) => Err(std::io::ErrorKind::TimedOut.into()),
    };
    let stream = stream.map_err(LoadError::Connect)?;
    let own = session::Settings {
        window_out: settings.window,
        response: settings.response_timeout,
        transmit_max: settings.window.saturating_mul(TRANSMIT_PER_PLACE).max(128 * 1024),
        ..session::Settings::new(Role::Esme)
    };
    let mut connection = Connection::new(stream, Session::new(own, clock.moment()), clock);
    let body = Bind {
        system_id: settings.system_id.as_bytes().into(),
        password: settings.password.expose().into(),
        system_type: settings.system_type.as_bytes().into(),
        interface_version: InterfaceVersion::V3_4,
        address_range: Address::default(),
    };
    let now = connection.now();
    connection.session().bind(now, kind, &body).map_err(LoadError::BindUnsendable)?;
    loop {
        let now = connection.now();
        while let Some(event) = connection.poll_event(now) {
            match event {
                Event::Bound { .. } => return Ok(connection),
                Event::BindRefused { status } => return Err(LoadError::BindRefused(status)),
                Event::Closed(reason) => return Err(LoadError::Closed(reason)),
                _ => {}
            }
        }
        connection.flush().await;
        connection.wait().await;
    }
}

/// Connects and binds again and again, until it works, `over` says so, or it has taken too long.
///
/// # Errors
/// What did not work the last time.
pub(super) async fn rebind(
    settings: &LoadSettings,
    clock: Clock,
    kind: BindKind,
    over: &CancellationToken,
) -> Result<Connection<TcpStream>, LoadError> {
    let until = clock.moment() + settings.reconnect_timeout;
    loop {
        let error = tokio::select! {
            bound = bind(settings, clock, kind) => match bound {
                Ok(bound) => return Ok(bound),
                Err(error) => error,
            },
            () = over.cancelled() => return Err(LoadError::Closed(CloseReason::Requested)),
        };
        let now = clock.moment();
        if now >= until {
            return Err(error);
        }
        tracing::debug!(%error, "not bound yet");
        sleep_until(clock.instant(now + RECONNECT_PAUSE)).await;
    }
}
