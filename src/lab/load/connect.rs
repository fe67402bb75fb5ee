//! How is a bind made, and made again?

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::engine::clock::Clock;
use crate::lab::load::LoadError;
use crate::lab::load::settings::LoadSettings;
use crate::smpp::command::BindKind;
use crate::smpp::field::Address;
use crate::smpp::pdu::Bind;
use crate::smpp::session::{self, CloseReason, Event, Role, Session};
use crate::smpp::values::InterfaceVersion;
use crate::transport::Connection;

/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Between two attempts to make a lost connection again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// Octets that may wait to be written for each place of the window: the longest message fits.
const TRANSMIT_PER_PLACE: usize = 512;

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
