//! Runs the flow on a log: the door for the edges, group commit, effects after the sync, timers, recovery.
//!
//! ```text
//!  edges ──Door::pass──► core thread: decide, apply, encode ──► open group ──► log thread: one append, one sync
//!    ▲                                                                              │
//!    └───────────────────────────── effects, by connection ◄──────────────── release ┘
//! ```
//!
//! While the log thread syncs one group, the core works on the next; a group is all that came meanwhile. Both are
//! threads of their own: neither a sync nor a burst of work holds up the edges' tasks.

mod archive;
pub mod clock;
mod commit;
mod core;
pub mod door;
mod keeper;
pub mod ledger;
mod links;
mod look;
mod recorder;
mod recovery;
mod spare;
mod store;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::{io, thread};

use tokio::sync::mpsc;

pub use archive::{Archive, Found};
pub use recorder::RecordFiles;
pub use recovery::Recovered;
pub use store::{KeptFileLog, Room, Store};

use crate::engine::clock::Clock;
use crate::engine::commit::Commit;
use crate::engine::core::Core;
use crate::engine::door::{DOOR_BATCHES_MAX, Door};
use crate::engine::keeper::{Keeper, Moved};
use crate::engine::links::Links;
use crate::engine::recorder::Recorder;
use crate::flow::{FlowSettings, PastFaults};
use crate::log::LogError;

/// A running engine. Dropping it does not stop it; [`Engine::stop`] does.
#[derive(Debug)]
pub struct Engine {
    door: Door,
    threads: Vec<JoinHandle<()>>,
    recovered: Recovered,
}

/// What is kept, and how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keeping {
    /// Octets of log below which no segment is freed.
    pub log_min: u64,
}

impl Default for Keeping {
    /// 256 MiB of log: a second or two of reading at a start.
    fn default() -> Self {
        Self { log_min: 256 * 1024 * 1024 }
    }
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log cannot be read or appended to.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log holds an event that this version does not know.
    #[error("record {position} of the log is {event}: use the release that wrote it")]
    Event {
        /// The record's number.
        position: u64,
        /// What is there.
        event: crate::message::event::UnknownEvent,
    },
    /// The log holds a wallet that this version does not know.
    #[error("the wallet of the account \"{account}\" cannot be read: use the release that wrote it")]
    Wallet {
        /// Whose it is.
        account: String,
    },
    /// The settings would change what is closed, or what was priced. Nothing was written.
    #[error("the settings would change what is over:\n{0}")]
    Past(#[from] PastFaults),
    /// The records cannot be written.
    #[error(transparent)]
    Records(#[from] crate::detail::DetailError),
    /// The operating system gave no thread or timer.
    #[error("starting a thread: {0}")]
    Thread(#[from] io::Error),
}

impl Engine {
    /// Recovers the state from `store`, writes the `records` that are missing, makes the names of the settings known,
    /// and starts.
    ///
    /// # Errors
    /// [`StartError`]; nothing is running then.
    pub fn start(
        mut store: impl Store + 'static,
        settings: FlowSettings,
        clock: Clock,
        keeping: Keeping,
        mut records: Option<RecordFiles>,
    ) -> Result<Self, StartError> {
        let (flow, prepare, recovered) =
            recovery::recover(&mut store, settings, clock.now(), records.as_mut())?;
        let links = Arc::new(Links::default());
        let (knock, knocks) = mpsc::channel(DOOR_BATCHES_MAX);
        let door = Door::new(prepare, flow.state(), Arc::clone(&links), clock, knock);
        let commit = Commit::default();
        let moved = Arc::new(Moved::default());
        let archive = records.as_ref().map(|records| records.archive.clone());
        let (recorder, writer) = Recorder::start(records, &door)?;
        let keeping = (keeping.log_min, Arc::clone(&moved));
        let (keeper, reader) = Keeper::start(&store, &door, recorder, archive, keeping)?;
        let core = Core::new(flow, knocks, commit.clone(), door.clone(), (recovered.end, moved))?;
        let log = {
            let (commit, door) = (commit, door.clone());
            thread_named("telegraphy-log", move || commit.run(store, recovered.end, &links, &door, keeper))?
        };
        let core = thread_named("telegraphy-core", move || core.run())?;
        Ok(Self { door, threads: [core, log, reader].into_iter().chain(writer).collect(), recovered })
    }

    /// The door for the edges.
    #[must_use]
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// What was found in the log.
    #[must_use]
    pub const fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// Stops: what came through the door before is made durable and its effects are let out. Call it when the edges
    /// have drained; blocks until the threads have ended.
    ///
    /// # Errors
    /// Why the engine had stopped by itself before.
    pub fn stop(self) -> Result<(), door::Stopped> {
        self.door.stop();
        for thread in self.threads {
            // A thread that panicked has said so on standard error; what it had promised is in the log.
            let _panicked = thread.join();
        }
        self.door.failure().map_or(Ok(()), Err)
    }
}

fn thread_named(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(run)
}
