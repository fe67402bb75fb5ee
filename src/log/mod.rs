//! How does a fact become durable? The port: append, read, trim; payloads are bytes to it.
//!
//! One log is one sequence of records, numbered from zero without gaps. Its adapters are [`mod@memory`] (tests,
//! demo) and [`mod@file`] (one machine); one conformance suite holds them to the same promises:
//!
//! 1. **`Ok` means durable.** When [`Log::append`] returns `Ok`, every record of the batch survives a crash
//!    and a power cut. When it returns an error, the batch is in the log whole or not at all.
//! 2. **One writer.** The expected position is the fence: whoever appends at any other place than the end
//!    is refused by the log ([`LogError::Fenced`]) and nothing is written.
//! 3. **Never silently wrong.** A record is read back byte for byte, or reading stops with an error that
//!    names the place. The only thing ever cut away is a torn tail, which nobody was promised.
//! 4. **A failed write or sync is final.** The log is poisoned; every later append is refused with the
//!    first cause ([`LogError::Poisoned`]), the same file is never synced again, and recovery is a restart
//!    (a kernel may drop the pages of a failed sync and report the next one as a success).
//!
//! # Why a position counts records, not bytes
//!
//! Byte positions depend on one adapter's frames, so the same history would have other positions in memory,
//! in files and in a database row. Record numbers mean the same everywhere: a test can compare two adapters,
//! a group commit in PostgreSQL is the row (shard, position of its first record), a gap shows as a number
//! that is not the last one plus one, and an operator can say "record 4711".

pub mod batch;
mod error;
pub mod file;
pub mod memory;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use error::LogError;

use std::fmt;
use std::sync::Arc;

/// The number of a record, counted from zero since the log began; the end of a log is the number that its
/// next record will get. 2⁶⁴ records at a million a second last half a million years: it does not wrap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(u64);

impl Position {
    /// Where every log begins.
    pub const ZERO: Self = Self(0);

    /// The position with this number.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The position `records` further on.
    #[must_use]
    pub const fn plus(self, records: u64) -> Self {
        Self(self.0.saturating_add(records))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// An append-only sequence of records. All calls block until done; the engine gives a log its own thread.
pub trait Log: Send {
    /// The oldest record that can be read; later than zero after a [`Log::trim`].
    fn start(&self) -> Position;

    /// The number that the next record will get: what the next append must expect.
    fn end(&self) -> Position;

    /// Makes the batch durable at `expected` with one write and one sync and returns the new end.
    ///
    /// An empty batch writes nothing; its fence is still checked. The batch's records are unchanged
    /// afterwards (`&mut` because the adapter builds its frame in [`batch::FRAME_ROOM`]): clear it to reuse
    /// it.
    ///
    /// # Errors
    /// [`LogError::Fenced`] when `expected` is not the end; [`LogError::NoSegment`] when there is no room
    /// (both wrote nothing, and the log goes on); [`LogError::Io`] for the failure that poisons;
    /// [`LogError::Poisoned`] ever after.
    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError>;

    /// Reads from `from` to the end, in order.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] when `from` lies before the start or after the end; [`LogError::Io`].
    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError>;

    /// Allows the log to forget the records below `up_to`. What is kept is the adapter's affair (a file log
    /// drops whole segments only); [`Log::start`] tells, and never passes `up_to`.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] when `up_to` lies after the end; [`LogError::Poisoned`]; [`LogError::Io`].
    fn trim(&mut self, up_to: Position) -> Result<(), LogError>;

    /// A handle to read with from any thread while this one appends and trims.
    fn reader(&self) -> Arc<dyn LogReader>;

    /// How much room the log takes where it is kept, in octets: the segments that hold records, what has been
    /// trimmed and is not removed yet, and what has been made ahead.
    fn octets(&self) -> u64;

    /// Where the oldest segments end that have so many octets together, or all that may go when they have fewer: for 0
    /// octets the oldest one, which a [`Log::trim`] must reach to free anything. `None` when there is only the segment
    /// that is appended to, which is never freed.
    fn oldest_end(&self, octets: u64) -> Option<Position>;
}

/// The reading half of a log, for other threads. It sees what is durable and nothing else, and sees more as more
/// is appended; it holds up neither the writer nor, beyond the one call, a trim.
///
/// Calls on one handle wait for each other: a thread that reads much has one of its own ([`Log::reader`]).
pub trait LogReader: Send + Sync {
    /// The oldest record, and the end of what is durable.
    fn range(&self) -> (Position, Position);

    /// Reads from `from` to the end of what is durable now, in order.
    ///
    /// When a trim removes what is still to be read, [`Records::next`] gives [`LogError::OutOfRange`].
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] when `from` is not in the range; [`LogError::Io`].
    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError>;

    /// Calls `each` once for every one of `positions`, in their order, with the place in the list and the record
    /// there or why there is none: [`LogError::OutOfRange`] for one that has been trimmed or is not written yet;
    /// [`LogError::Damaged`], [`LogError::LaterFormat`], [`LogError::Io`]. One that fails does not keep the others.
    ///
    /// Ascending positions that lie close together cost one reading of each batch, also from call to call.
    fn get_many(&self, positions: &[Position], each: &mut dyn FnMut(usize, Found<'_>));

    /// Replaces what is in `out` with one record.
    ///
    /// # Errors
    /// As [`LogReader::get_many`]; `out` is empty then.
    fn get(&self, position: Position, out: &mut Vec<u8>) -> Result<(), LogError> {
        out.clear();
        let mut result = Ok(());
        self.get_many(&[position], &mut |_, found| match found {
            Ok(record) => out.extend_from_slice(record),
            Err(error) => result = Err(error),
        });
        result
    }
}

/// What [`LogReader::get_many`] found at one position: the record, or why there is none.
pub type Found<'a> = Result<&'a [u8], LogError>;

/// Records on their way out of a log; each one is lent until the next is asked for.
pub trait Records {
    /// The next record, or `None` at the end of the log.
    ///
    /// # Errors
    /// [`LogError::Damaged`] or [`LogError::LaterFormat`] when what is stored is not what was written or
    /// cannot be understood; [`LogError::Io`]. After an error the reader gives nothing more that could be
    /// trusted.
    fn next(&mut self) -> Result<Option<Record<'_>>, LogError>;
}

/// One record as it was appended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Its number.
    pub position: Position,
    /// Its octets.
    pub bytes: &'a [u8],
}
