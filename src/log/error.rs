//! What can go wrong with a log, sorted by what to do next.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::log::Position;

/// Why a log refused. [`LogError::ends_acceptance`] tells whether it can go on.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Somebody else has appended, or the caller has lost count. Nothing was written.
    #[error("append expected the log to end at {expected}, but it ends at {end}: there is another writer")]
    Fenced {
        /// Where the caller believed the end to be.
        expected: Position,
        /// Where the end is.
        end: Position,
    },

    /// An earlier write or sync failed; only a restart helps.
    #[error("the log stopped accepting after a failure: {cause}; restart to recover")]
    Poisoned {
        /// The first failure, in words.
        cause: Arc<str>,
    },

    /// A call to the operating system failed. When it was a write or a sync, this is the failure that
    /// poisons.
    #[error("{step} {}: {source}", file.display())]
    Io {
        /// What was being done: "writing to", "syncing", …
        step: &'static str,
        /// The file or folder.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The next segment could not be made, as a rule because the disk is full. Nothing was written and the
    /// log is whole: an append succeeds again once there is room.
    #[error("no room for the next segment, {step} {}: {source}", file.display())]
    NoSegment {
        /// What was being done.
        step: &'static str,
        /// The segment in the making.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// What is stored is not what was written. The log does not guess: a person has to look.
    #[error("{} is damaged at byte {offset}: expected {expected}", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// Where in it, in bytes from its start.
        offset: u64,
        /// What should have been there.
        expected: String,
    },

    /// The log was written by a later release, whose format this one does not know.
    #[error("{} has {what} version {found} at byte {offset}, \
        this release knows {known}: use the release that wrote it",
        file.display())]
    LaterFormat {
        /// The file.
        file: PathBuf,
        /// Where in it, in bytes from its start.
        offset: u64,
        /// What carries the version: "segment" or "record".
        what: &'static str,
        /// The version that was found.
        found: u32,
        /// The version that is known.
        known: u32,
    },

    /// Another process has this log open.
    #[error("the log in {} is in use by another process: stop that one, or give this one a folder of its own \
        (the lock ends with its process; no file needs to be deleted)", folder.display())]
    Locked {
        /// The folder of the log.
        folder: PathBuf,
    },

    /// The position is not in the log: it has been trimmed away or is not written yet.
    #[error("position {asked} is not in the log, which goes from {start} to {end}")]
    OutOfRange {
        /// The position asked for.
        asked: Position,
        /// The oldest record.
        start: Position,
        /// The end.
        end: Position,
    },
}

impl LogError {
    /// Whether this log can accept nothing more: stop, say why, exit non-zero, recover by restart.
    ///
    /// False when nothing was written and the same log may succeed later (no room) or for another question
    /// (a position out of range).
    #[must_use]
    pub const fn ends_acceptance(&self) -> bool {
        match self {
            Self::NoSegment { .. } | Self::OutOfRange { .. } => false,
            Self::Fenced { .. }
            | Self::Poisoned { .. }
            | Self::Io { .. }
            | Self::Damaged { .. }
            | Self::LaterFormat { .. }
            | Self::Locked { .. } => true,
        }
    }
}

/// Remembers the first failure of a log; never forgets it.
#[derive(Clone, Debug, Default)]
pub(super) struct Poison(Option<Arc<str>>);

impl Poison {
    /// Refuses when there has been a failure.
    pub(super) fn check(&self) -> Result<(), LogError> {
        match &self.0 {
            Some(cause) => Err(LogError::Poisoned { cause: Arc::clone(cause) }),
            None => Ok(()),
        }
    }

    /// Takes note of `failure`, if it is the first, and hands it on.
    pub(super) fn by(&mut self, failure: LogError) -> LogError {
        self.0.get_or_insert_with(|| failure.to_string().into());
        failure
    }
}
