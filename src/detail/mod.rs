//! What stays of a message that has ended? One line in a file, written once, whatever crashes.
//!
//! # Files
//!
//! A folder holds, for each day in UTC, `records-YYYY-MM-DD.tsv`, and when a day needs more than one file (it grew to
//! [`Settings::file_bytes_max`], or the one before was moved away) `records-YYYY-MM-DD.2.tsv` and so on. Closed files
//! are compressed into `….tsv.gz`. Receipts that were not about any message of ours are kept apart in the same way in
//! `foreign-YYYY-MM-DD.tsv`. Closed files may be moved away or removed at any time; so may the open one, whose later
//! records then go with it until the next start. Beside them stand `records.last` and `foreign.last`, the notes of what
//! is written, and `records.lock` and `foreign.lock`, empty files whose locks belong to the running gateway.
//!
//! A message's day is that in which it ended. The day never goes back: when the calendar does, records go on into the
//! file that is open.
//!
//! # Format
//!
//! Lines end in LF, columns are parted by TAB. The first line names the columns ([`MESSAGE_COLUMNS`],
//! [`FOREIGN_COLUMNS`]); the name of the first column, `records_v5`, is also that of the format, and changes with it.
//! Files of `records_v1`, which ended with `verdict`, of `records_v2`, which ended with `zone`, of `records_v3`, which
//! ended with `evidence`, and of `records_v4`, which ended with `package_segments`, are read like the others, and not
//! written any more.
//! Every other line is one record:
//!
//! * integers are decimal, yes and no are 1 and 0, what does not exist is empty;
//! * times are UTC, `2026-11-21T10:55:19.123Z`;
//! * texts from peers and settings are printable ASCII, in which a backslash and every other octet stand as `\xHH`;
//! * `network_error_code` is `network:code`, both decimal (SMPP 3.4 §5.3.2.31);
//! * numbers are masked unless [`Settings::numbers`] says otherwise, and `…_hash` finds them ([`mod@number`]).
//!
//! A message has one record, and a second one when a receipt came after it had been given up: its verdict is
//! `late_receipt`, it has the message's id, and its outcome takes the place of the pending one of the first. So sums
//! over records are those of all lines, less one pending message (of fault `carrier`, not reported) for each line of
//! this verdict, in the day of its `accepted_at`.
//!
//! One that was over when an operator said something about it has one more for each time that this made it count as
//! something else: its verdict is `recounted`, `recounted_for` names the fact, and `was_excluded_by` and `was_evidence`
//! say what had taken it out of the counts so far; nothing when it was counted as its `own_class`. Sums are those of
//! all lines, less one message that ended so for each line of this verdict. Such a line leaves out what the message's
//! first one says and it is not counted by: other ids, addresses, times of its way, money.
//!
//! # Exactly once
//!
//! The first column is the place of the record's event in the log. Records come in ascending order of it; after a crash
//! the log gives those again that are not flushed, and perhaps some that are, and the latter are dropped. What counts
//! as written is what the note says: position, file and length. A flush writes and syncs the lines, then the note; so a
//! crash leaves at most one flush's lines behind the noted length, and opening cuts them, torn or whole, because they
//! come again. The note holds although files are moved away. Without a note the last whole line of the files says what
//! is written. More surplus than a crash leaves means a note that is older than the files, and is refused.
//!
//! A failed write or sync poisons: the same file is not synced again, and recovery is a restart.

mod compress;
mod date;
pub mod disk;
mod error;
mod line;
mod note;
pub mod number;
mod place;
mod read;
mod record;
mod recovery;
mod store;
#[cfg(test)]
mod tests;

pub use compress::Compressor;
pub use date::{Day, read_time};
pub use error::DetailError;
pub use line::{FOREIGN_COLUMNS, MESSAGE_COLUMNS};
pub use number::{NumberHash, NumberKey, Numbers};
pub use place::{Kind, Place};
pub use read::{Reader, RecordFile, files, last_position, noted_position, read};
pub use record::{ForeignRecord, MessageRecord, Record, RecordedNumber};
pub use store::BUFFER_BYTES_MAX;

use crate::base::time::Timestamp;
use crate::detail::disk::{Disk, Folder};
use crate::detail::line::Lines;
use crate::detail::store::Store;
use crate::message::{Detail, ForeignReceipt, Recounted};

/// The usual size past which a file is closed, in octets: 1 GiB, some three million records, half a minute's work to
/// compress.
pub const FILE_BYTES_MAX_DEFAULT: u64 = 1024 * 1024 * 1024;

/// How records are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The secret that numbers are hashed with.
    pub key: NumberKey,
    /// Whether numbers are masked.
    pub numbers: Numbers,
    /// The size past which a file is closed, in octets; by at most [`BUFFER_BYTES_MAX`] and a line it may be passed.
    pub file_bytes_max: u64,
}

impl Settings {
    /// Masked numbers, hashed with this key, in files of the usual size.
    #[must_use]
    pub const fn new(key: NumberKey) -> Self {
        Self { key, numbers: Numbers::Masked, file_bytes_max: FILE_BYTES_MAX_DEFAULT }
    }
}

/// The records of messages. All calls block; the engine gives it its own thread.
#[derive(Debug)]
pub struct Records<D: Disk = Folder> {
    store: Store<D>,
    lines: Lines,
}

/// The records of foreign receipts; in everything like [`Records`].
#[derive(Debug)]
pub struct ForeignRecords<D: Disk = Folder> {
    store: Store<D>,
    lines: Lines,
}

macro_rules! writer {
    ($writer:ident, $kind:expr, $noun:ty, $at:ident, $line:ident) => {
        impl<D: Disk> $writer<D> {
            /// Opens the folder: cuts what a crash left, closes the file of a day before `today`.
            ///
            /// # Errors
            /// [`DetailError::Locked`], [`DetailError::NoteDamaged`], [`DetailError::NoteOutdated`],
            /// [`DetailError::Io`].
            pub fn open(disk: D, settings: &Settings, today: Timestamp) -> Result<Self, DetailError> {
                let store = recovery::open(disk, $kind, settings.file_bytes_max, today)?;
                Ok(Self { store, lines: Lines::new(settings.key.clone(), settings.numbers) })
            }

            /// The log position of the last record that is durable; `None` before the first. Records up to here need
            /// not be given again; those behind it must be, so the log keeps them.
            #[must_use]
            pub fn written(&self) -> Option<u64> {
                self.store.written.position
            }

            /// Takes the record of the event at `position`, in ascending order; one that was taken before is dropped.
            /// It is durable only after a [`flush`](Self::flush); a full buffer ([`BUFFER_BYTES_MAX`]) and the end of
            /// a file flush by themselves.
            ///
            /// # Errors
            /// [`DetailError::Io`] for the failure that poisons; [`DetailError::Poisoned`] ever after.
            pub fn append(&mut self, position: u64, noun: &$noun) -> Result<(), DetailError> {
                let lines = &mut self.lines;
                self.store.append(position, noun.$at, |out| lines.$line(position, noun, out))
            }

            /// Makes durable what was taken: two writes, two syncs.
            ///
            /// # Errors
            /// As [`append`](Self::append).
            pub fn flush(&mut self) -> Result<(), DetailError> {
                self.store.flush()
            }

            /// Closes the file of a day before `today`, so that it can be compressed although no record comes.
            ///
            /// # Errors
            /// As [`append`](Self::append).
            pub fn roll(&mut self, today: Timestamp) -> Result<(), DetailError> {
                self.store.roll(today)
            }

            /// A closed file to be compressed on another thread; each is given once, and again after the next opening
            /// if it is still there.
            pub fn next_compressor(&mut self) -> Option<Compressor<D>> {
                self.store.next_compressor()
            }
        }
    };
}

writer!(Records, Kind::Messages, Detail, ended_at, message);
impl<D: Disk> Records<D> {
    /// As [`append`](Self::append), for a message that is recounted.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_recounted(&mut self, position: u64, recounted: &Recounted) -> Result<(), DetailError> {
        let lines = &mut self.lines;
        self.store.append(position, recounted.recount.at, |out| lines.recounted(position, recounted, out))
    }
}

writer!(ForeignRecords, Kind::Foreign, ForeignReceipt, filed_at, foreign);
