//! The thread that writes the records of what has ended, once it is durable in the log.
//!
//! A record is written once, also across crashes: it carries its position in the log, the log keeps what is not
//! written yet, and a replay brings it up again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, mem};

use tracing::warn;

use crate::base::ids::RecordNumber;
use crate::base::time::Timestamp;
use crate::detail::{DetailError, ForeignRecords, Records};
use crate::engine::archive::Archive;
use crate::engine::door::Door;
use crate::engine::thread_named;
use crate::flow::Line;

/// Groups' lines that may wait for the writer; with more waiting the log waits, or memory would grow with a slow disk.
const GROUPS_MAX: usize = 64;

/// How long a line may wait for others before it is made durable.
const FLUSH_AFTER: Duration = Duration::from_secs(1);

/// The files that records are written to.
#[derive(Debug)]
pub struct RecordFiles {
    /// Of messages.
    pub messages: Records,
    /// Of receipts that were about none of ours.
    pub foreign: ForeignRecords,
    /// Where they are read again.
    pub archive: Archive,
}

impl RecordFiles {
    /// Takes one line; it is durable after the next flush.
    pub(super) fn append(&mut self, home: RecordNumber, line: &Line) -> Result<(), DetailError> {
        match line {
            Line::Message(detail) => self.messages.append(home.0, detail),
            Line::Recounted(recounted) => self.messages.append_recounted(home.0, recounted),
            Line::Foreign(foreign) => self.foreign.append(home.0, foreign),
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), DetailError> {
        self.messages.flush()?;
        self.foreign.flush()
    }

    /// The position of the last record that is durable, of either kind.
    fn written(&self) -> Option<u64> {
        self.messages.written().max(self.foreign.written())
    }
}

/// What the writer is told.
enum Told {
    /// These have ended.
    Lines(Vec<(RecordNumber, Line)>),
    /// Make durable all that came before this.
    Flush(u64),
}

/// The way to the writer.
#[derive(Debug)]
pub(super) struct Recorder {
    tell: Option<SyncSender<Told>>,
    /// The last flush that was asked for, and the last that is done.
    asked: u64,
    done: Arc<AtomicU64>,
}

impl Recorder {
    /// Starts the writer's thread, if records are written at all.
    pub(super) fn start(
        files: Option<RecordFiles>,
        door: &Door,
    ) -> io::Result<(Self, Option<JoinHandle<()>>)> {
        let done = Arc::new(AtomicU64::new(0));
        let Some(files) = files else { return Ok((Self { tell: None, asked: 0, done }, None)) };
        let (tell, told) = sync_channel(GROUPS_MAX);
        let mut writing = Writing { files, told, done: Arc::clone(&done), compressing: None };
        let door = door.clone();
        let thread = thread_named("telegraphy-records", move || {
            if let Err(error) = writing.run(&door) {
                // What cannot be recorded must not be forgotten by the log.
                door.fail(&error.to_string());
            }
        })?;
        Ok((Self { tell: Some(tell), asked: 0, done }, Some(thread)))
    }

    /// These have ended, and that is durable.
    pub(super) fn lines(&self, lines: &mut Vec<(RecordNumber, Line)>) {
        if !lines.is_empty()
            && let Some(tell) = &self.tell
        {
            // A writer that failed has stopped the engine.
            let _stopping = tell.send(Told::Lines(mem::take(lines)));
        }
    }

    /// Asks for a flush; [`Recorder::is_done`] tells when it is over.
    pub(super) fn ask(&mut self) -> u64 {
        self.asked += 1;
        match &self.tell {
            Some(tell) => {
                let _stopping = tell.send(Told::Flush(self.asked));
            }
            None => self.done.store(self.asked, Ordering::Release),
        }
        self.asked
    }

    pub(super) fn is_done(&self, flush: u64) -> bool {
        self.done.load(Ordering::Acquire) >= flush
    }
}

/// The writer.
struct Writing {
    files: RecordFiles,
    told: Receiver<Told>,
    done: Arc<AtomicU64>,
    /// A closed file is being compressed.
    compressing: Option<JoinHandle<()>>,
}

impl Writing {
    fn run(&mut self, door: &Door) -> Result<(), DetailError> {
        let mut flush_at = door.clock().moment() + FLUSH_AFTER;
        loop {
            match self.told.recv_timeout(FLUSH_AFTER) {
                Ok(Told::Lines(lines)) => {
                    for (home, line) in &lines {
                        self.files.append(*home, line)?;
                    }
                }
                Ok(Told::Flush(flush)) => {
                    self.files.flush()?;
                    self.done.store(flush, Ordering::Release);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.files.flush(),
            }
            let now = door.clock().now();
            if now.moment >= flush_at {
                flush_at = now.moment + FLUSH_AFTER;
                self.files.flush()?;
                if let Some(position) = self.files.written() {
                    door.set_written(position, now.wall);
                }
                self.upkeep(now.wall)?;
            }
        }
    }

    /// Closes the files of days that are over, and has closed ones compressed, one after the other.
    fn upkeep(&mut self, today: Timestamp) -> Result<(), DetailError> {
        self.files.messages.roll(today)?;
        self.files.foreign.roll(today)?;
        if self.compressing.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        let compressor =
            self.files.messages.next_compressor().or_else(|| self.files.foreign.next_compressor());
        self.compressing = compressor.and_then(|compressor| {
            let compress = move || {
                if let Err(error) = compressor.run() {
                    warn!(%error, "a closed file of records stays as it is; the next start tries again");
                }
            };
            thread_named("telegraphy-compress", compress).ok()
        });
        Ok(())
    }
}
