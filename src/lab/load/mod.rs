//! How much, how fast, and was anything lost? A load generator that accounts for every message.
//!
//! | file | question |
//! |---|---|
//! | [`settings`] | what is it told? |
//! | `claims` | which message is next, and may it be sent yet? |
//! | `message` | what does the n-th message say? |
//! | `connect` | how is a bind made, and made again? |
//! | `bind` | what happens on one bind? |
//! | `heard` | what is the customer told, and what does he answer? |
//! | `ledger`, `outstanding` | which messages were accepted, and which receipts have come? |
//! | [`report`] | what came of it? |
//!
//! A run: all binds are made, then messages are sent, then their receipts are awaited, then it unbinds. Each phase has
//! an end, whatever the other side does.

mod bind;
mod claims;
mod connect;
mod heard;
mod ledger;
mod message;
mod outstanding;
pub mod report;
pub mod settings;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::base::time::Moment;
use crate::engine::clock::Clock;
use crate::lab::load::bind::{Shared, Submitter};
use crate::lab::load::claims::Claims;
use crate::lab::load::connect::{bind, rebind};
use crate::lab::load::ledger::Ledger;
use crate::lab::load::message::Composer;
use crate::lab::load::report::LoadReport;
use crate::lab::load::settings::LoadSettings;
use crate::smpp::command::BindKind;
use crate::smpp::session::{CloseReason, RequestError};
use crate::smpp::status::CommandStatus;

/// How often the run is looked at: for its end, for the files, and for whoever watches.
const LOOK: Duration = Duration::from_millis(20);

/// How long binds may take to unbind at the end.
const UNBIND_MAX: Duration = Duration::from_secs(2);

/// Why a run could not begin.
#[derive(Debug)]
pub enum LoadError {
    /// The bind was refused.
    BindRefused(CommandStatus),
    /// The bind cannot be written: a system id, password or system type breaks the limits.
    BindUnsendable(RequestError),
    /// The session ended before it was bound.
    Closed(CloseReason),
    /// No connection.
    Connect(io::Error),
    /// The file for accepted ids cannot be created.
    File(PathBuf, io::Error),
    /// The settings make no sense; says which.
    Settings(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BindRefused(status) => write!(f, "the bind was refused: {status}"),
            Self::BindUnsendable(error) => write!(f, "the bind cannot be sent: {error}"),
            Self::Closed(reason) => write!(f, "not bound: {reason}"),
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::File(path, error) => write!(f, "cannot write {}: {error}", path.display()),
            Self::Settings(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for LoadError {}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Since the first submission.
    pub elapsed: Duration,
    /// Messages sent so far.
    pub sent: u64,
    /// Of how many, if that is known.
    pub count: Option<u64>,
    /// Accepted so far.
    pub accepted: u64,
    /// Receipts so far.
    pub receipts: u64,
    /// Accepted messages whose receipt has not come.
    pub outstanding: u64,
}

/// Runs a load to its end; `watch` is told a few times a second how far it is. Cancelling `stop` ends the sending; the
/// receipts of what was sent are awaited as at any other end.
///
/// # Errors
/// [`LoadError`] when the run could not begin. What goes wrong later is in the report.
pub async fn run(
    settings: LoadSettings,
    clock: Clock,
    stop: CancellationToken,
    mut watch: impl FnMut(Progress),
) -> Result<LoadReport, LoadError> {
    let settings = Arc::new(settings);
    let composer = Composer::new(&settings, clock.now().wall)?;
    let mut ledger = Ledger::new(&settings)?;
    let mut connections = Vec::new();
    for kind in kinds(&settings) {
        let connection = if settings.reconnect {
            rebind(&settings, clock, kind, &stop).await
        } else {
            bind(&settings, clock, kind).await
        };
        connections.push((kind, connection?));
    }
    // Only now does time begin to count.
    let start = clock.moment();
    let senders = connections.iter().filter(|(kind, _)| kind.transmits()).count();
    ledger.begin(start, composer.run(), senders);
    let shared = Shared {
        claims: Arc::new(Claims::new(&settings, start)),
        ledger: Arc::new(Mutex::new(ledger)),
        settings: Arc::clone(&settings),
        clock,
        start,
        over: CancellationToken::new(),
    };
    let mut binds = JoinSet::new();
    for (place, (kind, connection)) in connections.into_iter().enumerate() {
        binds.spawn(Submitter::new(shared.clone(), kind, composer.clone(), place).run(connection));
    }
    supervise(&shared, &mut binds, &stop, &mut watch).await;
    shared.over.cancel();
    let until = clock.instant(clock.moment() + UNBIND_MAX);
    while let Ok(Some(_)) = timeout_at(until, binds.join_next()).await {}
    binds.shutdown().await;
    let mut report = shared.ledger().close();
    if let Some(count) = shared.claims.count() {
        report.unsent += count.saturating_sub(shared.claims.claimed());
    }
    report.judge(settings.allow_duplicates);
    Ok(report)
}

/// The binds to make: receivers first, so that no receipt comes before somebody hears it.
fn kinds(settings: &LoadSettings) -> Vec<BindKind> {
    let binds = settings.binds.max(1);
    if settings.pairs {
        let receivers = std::iter::repeat_n(BindKind::Receiver, binds);
        receivers.chain(std::iter::repeat_n(BindKind::Transmitter, binds)).collect()
    } else {
        vec![BindKind::Transceiver; binds]
    }
}

/// Returns when there is nothing more to wait for.
async fn supervise(
    shared: &Shared,
    binds: &mut JoinSet<()>,
    stop: &CancellationToken,
    watch: &mut impl FnMut(Progress),
) {
    let clock = shared.clock;
    let start = clock.moment();
    let mut stopped = false;
    loop {
        let at = clock.instant(clock.moment() + LOOK);
        tokio::select! {
            () = sleep_until(at) => {}
            joined = binds.join_next() => if joined.is_none() { return },
            () = stop.cancelled(), if !stopped => {
                stopped = true;
                shared.claims.stop();
            }
        }
        let now = clock.moment();
        let mut ledger = shared.ledger();
        ledger.flush();
        watch(Progress {
            elapsed: now.since(start),
            sent: ledger.report.sent,
            count: shared.claims.count(),
            accepted: ledger.report.accepted,
            receipts: ledger.report.receipts,
            outstanding: ledger.outstanding() as u64,
        });
        if ledger.senders == 0 && is_quiet(shared, &ledger, now) {
            return;
        }
    }
}

/// Whether nothing more is to be expected, now that everything has been sent and answered.
fn is_quiet(shared: &Shared, ledger: &Ledger, now: Moment) -> bool {
    let settings = &shared.settings;
    // Silence while the customer itself is away says nothing.
    let away = settings.away.iter().map(|away| shared.start + away.max).max();
    let silence = now.since(away.into_iter().fold(ledger.last_heard(), Moment::max));
    let patience = if !settings.receipts {
        Duration::ZERO
    } else if ledger.outstanding() == 0 {
        settings.linger
    } else {
        settings.receipt_timeout
    };
    silence >= patience
}
