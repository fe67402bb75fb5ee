//! Can customers work? A customer of our own finds out: it connects to our listener over loopback, binds, submits, and
//! asks.
//!
//! A probe is a whole session: connect, `bind_transceiver`, `submit_sm`, `query_sm`, `unbind`. Nothing of it goes to a
//! carrier, is charged, or counts in anybody's success rate: the `submit_sm` has no recipient and is refused for that
//! (`ESME_RINVDSTADR`), the `query_sm` is about a message that never was (`ESME_RINVMSGID`). Any answer but a system
//! error is an answer (R75). The refusal shows that listener, login, session, decoding and the checks before the engine
//! go; the query goes through the engine and is answered by the thread that syncs the log. That the log has room, and
//! that what is written becomes durable in time, is seen from inside ([`crate::app::monitor`]).
//!
//! An outage begins with the first probe that fails, at its start, and ends with the first that does not, at its end.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::monitor::Teller;
use crate::base::privacy::Secret;
use crate::base::time::Moment;
use crate::engine::clock::Clock;
use crate::message::{Cause, Function, Lapse};
use crate::smpp::command::BindKind;
use crate::smpp::field::{COctets, Password};
use crate::smpp::pdu::{Bind, Body, QuerySm, SubmitSm};
use crate::smpp::session::{self, CloseReason, Event, Role, Session};
use crate::smpp::status::CommandStatus;
use crate::smpp::values::InterfaceVersion;
use crate::transport::Connection;

/// As whom it is probed, and how often.
#[derive(Clone, Debug)]
pub struct ProberSettings {
    /// The system id, of an account that is there for this.
    pub system_id: String,
    /// Its password.
    pub password: Secret,
    /// From the end of a probe to the start of the next: so much too long or too short an outage may seem.
    pub interval: Duration,
    /// How long a whole probe may take.
    pub timeout: Duration,
}

/// What a probe found to be out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Failed {
    /// No connection, or no bind.
    Bind(&'static str),
    /// Bound, but requests are not answered, or with a system error.
    Submit(&'static str),
}

/// Probes until the shutdown.
pub(super) async fn run(
    listener: SocketAddr,
    settings: ProberSettings,
    clock: Clock,
    teller: Teller,
    shutdown: CancellationToken,
) {
    let address = reachable(listener);
    let mut seen = Seen::default();
    let probes = async {
        loop {
            let began = clock.now().wall;
            let found = probe(address, &settings, clock).await;
            let at = if found.is_ok() { clock.now().wall } else { began };
            seen.note(&found);
            // Said each time: what is known already changes nothing, and what was lost is made up for.
            for (lapse, is_out) in observed(&found) {
                teller.say(lapse, at, is_out);
            }
            super::pause(settings.interval).await;
        }
    };
    shutdown.run_until_cancelled(probes).await;
}

/// What a probe says about our functions. Who cannot bind does not know whether he could submit.
fn observed(found: &Result<(), Failed>) -> Vec<(Lapse, bool)> {
    let bind = Lapse::of_everyone(Function::Bind, Cause::NoBind);
    let submit = Lapse::of_everyone(Function::Submit, Cause::NoAnswer);
    match found {
        Ok(()) => vec![(bind, false), (submit, false)],
        Err(Failed::Bind(_)) => vec![(bind, true)],
        Err(Failed::Submit(_)) => vec![(bind, false), (submit, true)],
    }
}

/// What the last probe failed with, so that each change is logged once.
#[derive(Debug, Default)]
struct Seen(Option<Failed>);

impl Seen {
    fn note(&mut self, found: &Result<(), Failed>) {
        let now = found.clone().err();
        if now == self.0 {
            return;
        }
        match &now {
            Some(Failed::Bind(why) | Failed::Submit(why)) => {
                warn!(why, "outage: the prober cannot work as a customer");
            }
            None => info!("the prober can work as a customer again"),
        }
        self.0 = now;
    }
}

/// Where a listener can be met from here.
const fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listener.port())
}

/// One probe.
async fn probe(address: SocketAddr, settings: &ProberSettings, clock: Clock) -> Result<(), Failed> {
    let connected = timeout(settings.timeout, TcpStream::connect(address)).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(_)) => return Err(Failed::Bind("no connection")),
        Err(_) => return Err(Failed::Bind("the connection is not accepted in time")),
    };
    let mut probe = Probe::new(stream, settings, clock);
    let found = match timeout(settings.timeout, probe.serve(settings)).await {
        Ok(found) => found,
        Err(_) if probe.bound => Err(Failed::Submit("no answer in time")),
        Err(_) => Err(Failed::Bind("the bind is not answered in time")),
    };
    probe.leave(settings.timeout).await;
    found
}

/// An id that no message ever had: those that we give out begin with the time.
const NEVER_GIVEN: &[u8] = b"1";

/// The requests of a probe that wait for their answers.
const REQUESTS: usize = 2;

struct Probe {
    connection: Connection<TcpStream>,
    bound: bool,
    answers: usize,
}

impl Probe {
    fn new(stream: TcpStream, settings: &ProberSettings, clock: Clock) -> Self {
        let session = session::Settings { response: settings.timeout, ..session::Settings::new(Role::Esme) };
        let session = Session::new(session, clock.moment());
        Self { connection: Connection::new(stream, session, clock), bound: false, answers: 0 }
    }

    /// To the last answer, or to the first thing that is out.
    async fn serve(&mut self, settings: &ProberSettings) -> Result<(), Failed> {
        let now = self.connection.now();
        let bind = Bind {
            system_id: COctets(settings.system_id.as_bytes()),
            password: Password::from(settings.password.expose()),
            interface_version: InterfaceVersion::V3_4,
            ..Bind::default()
        };
        if self.connection.session().bind(now, BindKind::Transceiver, &bind).is_err() {
            return Err(Failed::Bind("the bind cannot be written"));
        }
        loop {
            let now = self.connection.now();
            while let Some(event) = self.connection.poll_event(now) {
                if let Some(found) = self.handle(now, event) {
                    return found;
                }
            }
            self.connection.flush().await;
            if self.connection.is_over() {
                return Err(self.ended());
            }
            self.connection.wait().await;
        }
    }

    /// What an event means for the probe, when it decides it.
    fn handle(&mut self, now: Moment, event: Event) -> Option<Result<(), Failed>> {
        match event {
            Event::Bound { .. } => {
                self.bound = true;
                let submit: Body<&[u8]> = Body::SubmitSm(SubmitSm::default());
                let query = QuerySm { message_id: COctets(NEVER_GIVEN), ..QuerySm::default() };
                let query = Body::QuerySm(query);
                for (token, body) in [submit, query].iter().enumerate() {
                    if self.connection.session().request(now, token as u64, body).is_err() {
                        return Some(Err(Failed::Submit("the request cannot be written")));
                    }
                }
                None
            }
            // The account has as many binds as it may: whoever was let in before is there.
            Event::BindRefused { status: CommandStatus::ESME_RALYBND } => Some(Ok(())),
            Event::BindRefused { .. } => Some(Err(Failed::Bind("the bind is refused"))),
            Event::Response { frame, .. } => self.answered(frame.status()),
            Event::ResponseUnreadable { status, .. } => self.answered(status),
            Event::ResponseTimedOut { .. } | Event::ResponseLost { .. } => {
                Some(Err(Failed::Submit("no answer in time")))
            }
            Event::Request { reply, .. } => {
                // Nobody sends anything to this account; whatever it is stays owed.
                let later = CommandStatus::ESME_RX_T_APPN;
                let _not_owed_any_more = self.connection.session().respond(now, reply, later, None);
                None
            }
            Event::Closed(_) => Some(Err(self.ended())),
            _ => None,
        }
    }

    fn answered(&mut self, status: CommandStatus) -> Option<Result<(), Failed>> {
        if status == CommandStatus::ESME_RSYSERR {
            return Some(Err(Failed::Submit("a request is answered with a system error")));
        }
        self.answers += 1;
        (self.answers == REQUESTS).then_some(Ok(()))
    }

    const fn ended(&self) -> Failed {
        if self.bound {
            Failed::Submit("the connection ended before the answers came")
        } else {
            Failed::Bind("the connection ended before the bind was answered")
        }
    }

    /// Unbinds as a customer does, and waits for that no longer than for anything else.
    async fn leave(mut self, patience: Duration) {
        let now = self.connection.now();
        self.connection.session().unbind(now);
        let gone = async {
            while !self.connection.is_over() {
                let now = self.connection.now();
                while self.connection.poll_event(now).is_some() {}
                self.connection.flush().await;
                if !self.connection.is_over() {
                    self.connection.wait().await;
                }
            }
        };
        if timeout(patience, gone).await.is_err() {
            self.connection.session().close(CloseReason::Requested);
        }
        self.connection.finish().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r75_who_cannot_bind_knows_nothing_of_submitting() {
        let bind = Lapse::of_everyone(Function::Bind, Cause::NoBind);
        let submit = Lapse::of_everyone(Function::Submit, Cause::NoAnswer);
        assert_eq!(observed(&Err(Failed::Bind("refused"))), [(bind, true)]);
        assert_eq!(observed(&Err(Failed::Submit("silent"))), [(bind, false), (submit, true)]);
        assert_eq!(observed(&Ok(())), [(bind, false), (submit, false)]);
    }

    #[test]
    fn a_listener_on_every_address_is_met_on_loopback() {
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(reachable(at("0.0.0.0:2775")), at("127.0.0.1:2775"));
        assert_eq!(reachable(at("[::]:2775")), at("[::1]:2775"));
        assert_eq!(reachable(at("192.0.2.1:2775")), at("192.0.2.1:2775"));
    }
}
