//! What can go wrong with detail records, and which of it is final.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a record cannot be written, kept or read.
#[derive(Debug, thiserror::Error)]
pub enum DetailError {
    /// A write or sync failed: the writer is poisoned, and so is every later call.
    #[error("cannot {step} {}: {source}", file.display())]
    Io {
        /// What was tried, as in "cannot …".
        step: &'static str,
        /// On which file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// An earlier failure ended this writer.
    #[error("the detail records are closed since a failure: {cause}")]
    Poisoned {
        /// The first failure.
        cause: Arc<str>,
    },

    /// Another process writes records into this folder.
    #[error("the detail records in {} are in use by another process: stop that one, or give this one a folder of \
        its own (the lock ends with its process; no file needs to be deleted)", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },

    /// Both halves of the note of what is written are unreadable; a crash damages at most one.
    #[error("{} is damaged: remove it to have its content taken from the files of records", file.display())]
    NoteDamaged {
        /// The note.
        file: PathBuf,
    },

    /// There is more behind what the note calls written than a crash can leave: the note is older than the files.
    #[error("{} holds {surplus} octets that the note beside it does not know of, more than a crash leaves: was an \
        old note restored? Remove it to have its content taken from the files of records", file.display())]
    NoteOutdated {
        /// The file of records.
        file: PathBuf,
        /// Octets behind what the note knows.
        surplus: u64,
    },

    /// A closed file could not be compressed: it stays as it is. Not final.
    #[error("cannot compress {}: {source}", file.display())]
    Compress {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// A compressed file of this name is there already and holds something else. Not final: both stay.
    #[error("{} is not compressed: a file of that name with .gz holds something else", file.display())]
    Unlike {
        /// The file that would have been compressed.
        file: PathBuf,
    },

    /// A file does not begin with the header of a version this release knows.
    #[error("{} does not begin with the columns of this release: use the release that wrote it", file.display())]
    Header {
        /// The file.
        file: PathBuf,
    },

    /// A line is not a record.
    #[error("{}, line {line}: {column} is not readable", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// Which line; the header is line 1.
        line: u64,
        /// The first column that could not be read.
        column: &'static str,
    },
}

impl DetailError {
    /// Whether nothing more can be recorded: stop, say why, exit non-zero, recover by restart.
    ///
    /// False when no record is touched: compression, which the next start tries again, and reading.
    #[must_use]
    pub const fn ends_acceptance(&self) -> bool {
        match self {
            Self::Io { .. }
            | Self::Poisoned { .. }
            | Self::Locked { .. }
            | Self::NoteDamaged { .. }
            | Self::NoteOutdated { .. } => true,
            Self::Compress { .. } | Self::Unlike { .. } | Self::Header { .. } | Self::Line { .. } => false,
        }
    }
}

/// Remembers the first failure of a writer; never forgets it.
#[derive(Debug, Default)]
pub(super) struct Poison(Option<Arc<str>>);

impl Poison {
    /// Refuses when there has been a failure.
    pub(super) fn check(&self) -> Result<(), DetailError> {
        match &self.0 {
            Some(cause) => Err(DetailError::Poisoned { cause: Arc::clone(cause) }),
            None => Ok(()),
        }
    }

    /// Takes note of `failure`, if it is the first, and hands it on.
    pub(super) fn by(&mut self, failure: DetailError) -> DetailError {
        self.0.get_or_insert_with(|| failure.to_string().into());
        failure
    }
}
