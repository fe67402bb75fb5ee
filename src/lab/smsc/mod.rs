//! What would a carrier do? A simulated SMSC: it answers `submit_sm` and sends receipts, well or badly.
//!
//! | file | question |
//! |---|---|
//! | [`settings`] | what is it told? |
//! | [`profile`] | what does it do with the n-th message? |
//! | `office` | what do its binds share? |
//! | `bind` | what happens on one connection? |
//! | `mail`, `calendar` | what waits to be sent, and what of it is due? |
//! | `receipt` | what does a receipt say, or a message from a phone? |
//! | [`totals`], `journal` | what did it do? |
//!
//! Receipts belong to a system id, not to a connection: any bind that receives may take them, they wait while there is
//! none, and one that was not acknowledged is sent again, so that the peer gets each at least once.

mod bind;
mod calendar;
mod journal;
mod mail;
mod office;
pub mod profile;
mod receipt;
pub mod settings;
pub mod totals;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::engine::clock::Clock;
use crate::lab::smsc::bind::{Shared, serve};
use crate::lab::smsc::office::Office;
use crate::lab::smsc::settings::Settings;
use crate::lab::smsc::totals::SmscTotals;

/// Connections at once. Overflow: a further one is closed as soon as it is made.
const CONNECTIONS_MAX: usize = 10_000;

/// How long connections may take to unbind when the carrier stops.
const STOP_MAX: Duration = Duration::from_secs(2);

/// How often the journal is written to the disk, and receipts are offered to another bind.
const CHORES: Duration = Duration::from_millis(50);

/// A simulated carrier that runs. Dropping it ends it at once.
pub struct Smsc {
    address: SocketAddr,
    shared: Shared,
    /// The listener and the timer; the connections belong to the listener.
    tasks: JoinSet<()>,
}

impl fmt::Debug for Smsc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smsc").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Smsc {
    /// Starts to listen, on tasks of the runtime that this is called on.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the journal cannot be created.
    pub async fn start(settings: Settings, clock: Clock) -> io::Result<Self> {
        let settings = Arc::new(settings);
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let timer = Arc::new(Notify::new());
        let office = Office::new(Arc::clone(&settings), clock.now(), Arc::clone(&timer))?;
        let office = Arc::new(Mutex::new(office));
        let shared = Shared { settings, office, clock, stop: CancellationToken::new() };
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(shared.clone(), listener));
        tasks.spawn(mind_the_time(shared.clone(), timer));
        Ok(Self { address, shared, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has done so far.
    #[must_use]
    pub fn totals(&self) -> SmscTotals {
        self.shared.office().counts.totals()
    }

    /// Unbinds everybody, waiting two seconds at most, and says what it has done.
    pub async fn stop(mut self) -> SmscTotals {
        self.shared.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.shared.office().flush();
        self.totals()
    }
}

async fn listen(shared: Shared, listener: TcpListener) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = shared.stop.cancelled() => break,
        };
        match accepted {
            Ok(_) if shared.office().is_closed(shared.clock.moment()) => {}
            Ok((stream, _)) if connections.len() < CONNECTIONS_MAX => {
                number += 1;
                shared.office().counts.plain.connections += 1;
                // Without it every answer would wait for the peer's acknowledgement of the one before.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection was gone before it began");
                }
                if shared.settings.odds.dead {
                    connections.spawn(play_dead(shared.clone(), stream, number));
                } else {
                    connections.spawn(serve(shared.clone(), stream, number));
                }
            }
            Ok(_) => tracing::warn!("a connection too many was closed"),
            Err(error) => {
                // Out of file descriptors, usually: some time has to pass.
                tracing::warn!(%error, "a connection could not be taken");
                sleep_until(shared.clock.instant(shared.clock.moment() + CHORES)).await;
            }
        }
    }
    let until = shared.clock.instant(shared.clock.moment() + STOP_MAX);
    while let Ok(Some(_)) = timeout_at(until, connections.join_next()).await {}
}

/// Takes what comes and says nothing; every other connection, by the seed, is closed at once.
async fn play_dead(shared: Shared, mut stream: TcpStream, number: u64) {
    if (shared.settings.seed ^ number).is_multiple_of(2) {
        return;
    }
    let mut unread = [0; 4096];
    loop {
        tokio::select! {
            read = stream.read(&mut unread) => if !matches!(read, Ok(octets) if octets > 0) { return },
            () = shared.stop.cancelled() => return,
        }
    }
}

/// Wakes when receipts are due, and for the chores.
async fn mind_the_time(shared: Shared, timer: Arc<Notify>) {
    let mut chores_at = shared.clock.moment() + CHORES;
    loop {
        let at = {
            let mut office = shared.office();
            let clocks = shared.clock.now();
            let now = clocks.moment;
            if now >= chores_at {
                office.flush();
                chores_at = now + CHORES;
            }
            office.tick(clocks).map_or(chores_at, |next| next.min(chores_at))
        };
        tokio::select! {
            () = sleep_until(shared.clock.instant(at)) => {}
            () = timer.notified() => {}
            () = shared.stop.cancelled() => return,
        }
    }
}
