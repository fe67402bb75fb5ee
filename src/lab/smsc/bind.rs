//! One connection of the simulated carrier, from the first octet to the last.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::base::time::{Moment, Now};
use crate::engine::clock::Clock;
use crate::lab::smsc::office::{Office, Verdict};
use crate::lab::smsc::receipt::{Waiting, Writer};
use crate::lab::smsc::settings::Settings;
use crate::smpp::command::BindKind;
use crate::smpp::pdu::{Body, Frame, SubmitSmResp};
use crate::smpp::session::{self, CloseReason, Event, ReplyTo, Role, Session, State};
use crate::smpp::status::CommandStatus;
use crate::transport::Connection;

/// What the carrier calls itself.
const OWN_SYSTEM_ID: &[u8] = b"telegraphy-lab";

/// Octets that may wait to be written: a window of a thousand answers and receipts.
const TRANSMIT_MAX: usize = 512 * 1024;

/// What every connection is given.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) settings: Arc<Settings>,
    pub(super) office: Arc<Mutex<Office>>,
    pub(super) clock: Clock,
    pub(super) stop: CancellationToken,
}

impl Shared {
    /// The office. Whoever panicked in it has left it whole: counters and queues.
    pub(super) fn office(&self) -> MutexGuard<'_, Office> {
        self.office.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection.
struct Bind {
    shared: Shared,
    connection: Connection<TcpStream>,
    /// Its number among the connections.
    number: u64,
    /// How it is bound, and as whom, once it is.
    bound: Option<(BindKind, u16)>,
    /// Receipts sent and not answered, by token.
    sent: Slab<Waiting>,
    /// Answers that wait for their time; the second part of the key tells those of one moment apart.
    late: BTreeMap<(Moment, u64), (ReplyTo, u64)>,
    /// Answers that were ever late.
    late_count: u64,
    /// Requests that will never be answered; each takes up a place in the session's window.
    never: usize,
    /// Wakes this bind when receipts wait.
    wake: Arc<Notify>,
    /// Changes when the carrier dies.
    deaths: watch::Receiver<u64>,
    /// Receipts taken and not sent yet.
    outbox: Vec<Waiting>,
    writer: Writer,
}

/// Serves a connection until it is over.
pub(super) async fn serve(shared: Shared, stream: TcpStream, number: u64) {
    let settings = session::Settings {
        window_in: shared.settings.window,
        window_out: shared.settings.receipt_window,
        response: shared.settings.response,
        transmit_max: TRANSMIT_MAX,
        // Customers of a lab may sit idle for as long as they like.
        inactivity: None,
        ..session::Settings::new(Role::Smsc)
    };
    let session = Session::new(settings, shared.clock.moment());
    let writer = Writer::new(shared.settings.receipt_ids, shared.settings.receipt_form);
    let deaths = shared.office().deaths.subscribe();
    let bind = Bind {
        connection: Connection::new(stream, session, shared.clock),
        shared,
        number,
        bound: None,
        sent: Slab::new(),
        late: BTreeMap::new(),
        late_count: 0,
        never: 0,
        wake: Arc::default(),
        deaths,
        outbox: Vec::new(),
        writer,
    };
    bind.run().await;
}

impl Bind {
    async fn run(mut self) {
        let stop = self.shared.stop.clone();
        let wake = Arc::clone(&self.wake);
        let clock = self.shared.clock;
        let mut deaths = self.deaths.clone();
        let mut stopping = false;
        loop {
            self.turn();
            self.connection.flush().await;
            if self.connection.is_over() {
                break;
            }
            let late = self.late.first_key_value().map(|((at, _), _)| clock.instant(*at));
            tokio::select! {
                () = self.connection.wait() => {}
                () = wake.notified() => {}
                Ok(()) = deaths.changed() => self.connection.session().close(CloseReason::Requested),
                () = async { if let Some(at) = late { sleep_until(at).await } }, if late.is_some() => {}
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    self.leave();
                }
            }
        }
        // What the session says about its end: the receipts that were not answered.
        self.turn();
        if let Some((_, account)) = self.bound {
            self.shared.office().leave(account, self.number, self.sent.drain());
        }
        self.connection.finish().await;
    }

    /// Hears, decides, answers and sends, all in memory.
    fn turn(&mut self) {
        let office = Arc::clone(&self.shared.office);
        let mut office = office.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.clock.now();
        while let Some(event) = self.connection.poll_event(now.moment) {
            self.hear(event, &mut office, now);
        }
        self.answer_late(now.moment);
        // Not while unbinding: nothing new is sent then.
        if let (Some((_, account)), State::Bound(kind)) = (self.bound, self.connection.session().state())
            && kind.receives()
        {
            let room = self.connection.session().window_free();
            office.mail.take_ready(account, room, &mut self.outbox);
            self.send_receipts(&mut office, now);
        }
    }

    fn hear(&mut self, event: Event, office: &mut Office, now: Now) {
        match event {
            Event::BindRequested { kind, frame } => self.admit(kind, &frame, office, now.moment),
            Event::Request { reply, frame } => self.handle_request(reply, &frame, office, now),
            Event::Response { token, frame, .. } => {
                self.settle(token, frame.status(), office, now.moment);
            }
            Event::ResponseUnreadable { token, status, .. } => self.settle(token, status, office, now.moment),
            Event::ResponseTimedOut { token, .. } | Event::ResponseLost { token, .. } => {
                if let Some(receipt) = self.taken_out(token) {
                    office.give_back(receipt);
                }
            }
            Event::UnbindRequested if self.never > 0 => self.leave(),
            Event::Closed(reason) => tracing::debug!(connection = self.number, %reason, "closed"),
            _ => {}
        }
    }

    /// Unbinds. A session waits with that until everything is answered; where something never is, it just ends.
    fn leave(&mut self) {
        let now = self.connection.now();
        let session = self.connection.session();
        if self.never > 0 { session.close(CloseReason::Requested) } else { session.unbind(now) }
    }

    fn admit(&mut self, kind: BindKind, frame: &Frame, office: &mut Office, now: Moment) {
        let Body::Bind(_, bind) = frame.body() else { return };
        let settings = &self.shared.settings;
        let account = settings.system_ids.iter().position(|id| id.as_bytes() == bind.system_id.0);
        let account = account.and_then(|place| u16::try_from(place).ok());
        let session = self.connection.session();
        let refusal = match account {
            None => CommandStatus::ESME_RINVSYSID,
            Some(_) if bind.password.expose() != settings.password.expose() => CommandStatus::ESME_RINVPASWD,
            Some(account) => {
                if session.accept_bind(now, OWN_SYSTEM_ID).is_ok() {
                    office.counts.plain.binds += 1;
                    self.bound = Some((kind, account));
                    if kind.receives() {
                        office.mail.enter(account, self.number, &self.wake);
                    }
                }
                return;
            }
        };
        office.counts.plain.binds_refused += 1;
        if session.refuse_bind(now, refusal).is_ok() {
            tracing::info!(connection = self.number, status = %refusal, "a bind was refused");
        }
    }

    fn handle_request(&mut self, reply: ReplyTo, frame: &Frame, office: &mut Office, now: Now) {
        let (Some((_, account)), Body::SubmitSm(message)) = (self.bound, frame.body()) else {
            // Nothing but submit_sm is simulated.
            return self.respond(reply, CommandStatus::ESME_RINVCMDID, 0, now.moment);
        };
        match office.judge(account, &message, now) {
            Verdict::Answer { status, id, after, early } => {
                if let Some(receipt) = early {
                    self.send_early(*receipt, office, now);
                }
                if after.is_zero() {
                    self.respond(reply, status, id, now.moment);
                } else {
                    self.late_count += 1;
                    self.late.insert((now.moment + after, self.late_count), (reply, id));
                }
            }
            Verdict::Never => {
                self.never += 1;
                let settings = &self.shared.settings;
                let window = settings.window.saturating_add(self.never);
                self.connection.session().resize_windows(settings.receipt_window, window);
            }
            Verdict::Cut => self.connection.session().close(CloseReason::Requested),
        }
    }

    fn answer_late(&mut self, now: Moment) {
        while let Some(entry) = self.late.first_entry()
            && entry.key().0 <= now
        {
            let (reply, id) = entry.remove();
            self.respond(reply, CommandStatus::ESME_ROK, id, now);
        }
    }

    fn respond(&mut self, reply: ReplyTo, status: CommandStatus, id: u64, now: Moment) {
        let id = self.shared.settings.ids.write(id);
        let body =
            Body::SubmitSmResp(SubmitSmResp { message_id: id.as_slice().into(), ..Default::default() });
        let body = status.is_ok().then_some(&body);
        if let Err(error) = self.connection.session().respond(now, reply, status, body) {
            tracing::error!(%error, "a response could not be written");
        }
    }

    // === receipts ===

    fn send_early(&mut self, receipt: Waiting, office: &mut Office, now: Now) {
        let here = self.bound.is_some_and(|(kind, _)| kind.receives());
        let unsent = if here { self.send(receipt, now).err() } else { Some(receipt) };
        if let Some(receipt) = unsent {
            office.mail.put_first(receipt);
        }
    }

    fn send_receipts(&mut self, office: &mut Office, now: Now) {
        let mut outbox = std::mem::take(&mut self.outbox);
        for receipt in outbox.drain(..) {
            if let Err(receipt) = self.send(receipt, now) {
                office.mail.put_first(receipt);
            }
        }
        self.outbox = outbox;
    }

    /// Sends a receipt, or gives it back when the session does not take it now.
    fn send(&mut self, receipt: Waiting, now: Now) -> Result<(), Waiting> {
        let entry = self.sent.vacant_entry();
        let body = self.writer.write(&receipt, now.wall);
        match self.connection.session().request(now.moment, entry.key() as u64, &body) {
            Ok(_sequence) => {
                entry.insert(receipt);
                Ok(())
            }
            Err(_) => Err(receipt),
        }
    }

    fn settle(&mut self, token: u64, status: CommandStatus, office: &mut Office, now: Moment) {
        if let Some(receipt) = self.taken_out(token) {
            office.settle(receipt, status, now);
        }
    }

    fn taken_out(&mut self, token: u64) -> Option<Waiting> {
        self.sent.try_remove(usize::try_from(token).ok()?)
    }
}
