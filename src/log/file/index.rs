//! Where in a segment the batches lie: a mark each [`MARK_EVERY`] octets, in memory only.
//!
//! Marks are noted by whoever walks over the batches anyway: the append that writes them, the recovery that reads
//! them, a look-up that meets a part where nobody has been. So a look-up walks over at most that much, or once over
//! an older segment that nobody has read yet.

use std::sync::{Mutex, PoisonError};

use crate::log::Position;
use crate::log::file::format::SEGMENT_HEAD_LEN;

/// Octets of a segment between two marks: 64 KiB are read in one call in the time of three small ones, and the marks
/// (16 octets each) take a four-thousandth of the log: 25 MB of memory for 100 GB on disk.
pub(super) const MARK_EVERY: u64 = 64 * 1024;

/// A batch begins here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    /// The position of its first record.
    pub(super) first: Position,
    /// Where it begins, in octets from the file's start.
    pub(super) offset: u64,
}

/// The marks of one segment, in order.
#[derive(Debug)]
pub(super) struct Index(Mutex<Vec<Mark>>);

impl Index {
    /// No marks yet, and memory for those of a file of `size` octets, so that noting them allocates nothing.
    pub(super) fn with_room_for(size: u64) -> Self {
        Self(Mutex::new(Vec::with_capacity(usize::try_from(size / MARK_EVERY).unwrap_or_default())))
    }

    /// No marks.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Takes note of a batch. Only a batch whose place in the order has been checked may be noted, and only by one who
    /// came to it from an earlier mark: so there is never a gap between marks.
    pub(super) fn note(&self, batch: Mark) {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = marks.last().map_or(SEGMENT_HEAD_LEN as u64, |mark| mark.offset);
        if batch.offset >= last + MARK_EVERY {
            marks.push(batch);
        }
    }

    /// The last mark that is not behind `position`, if any but the segment's beginning.
    pub(super) fn before(&self, position: Position) -> Option<Mark> {
        let marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marks
            .partition_point(|mark| mark.first <= position)
            .checked_sub(1)
            .and_then(|at| marks.get(at).copied())
    }
}
