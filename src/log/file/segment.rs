//! Segments: their names, and the making of the next one away from the commit path.

use std::fmt;
use std::io;

use crate::log::file::disk::{Disk, DiskFile, write_full};
use crate::log::file::failed;
use crate::log::file::format::{SEGMENT_HEAD_LEN, SegmentHead};
use crate::log::file::index::{Index, Mark};
use crate::log::{LogError, Position};

/// What the log knows of a segment that holds records.
#[derive(Debug)]
pub(super) struct Segment {
    /// Its number, which is its name.
    pub(super) number: u64,
    /// The position of its first record.
    pub(super) first: Position,
    /// What its checksums start from.
    pub(super) salt: u32,
    /// The size of its file in octets.
    pub(super) size: u64,
    /// Where its batches lie.
    pub(super) index: Index,
}

impl Segment {
    /// A segment without marks.
    pub(super) const fn new(head: SegmentHead, size: u64) -> Self {
        let SegmentHead { salt, number, first, .. } = head;
        Self { number, first, salt, size, index: Index::new() }
    }

    /// The last place known where a batch begins whose first record is not behind `position`.
    pub(super) fn before(&self, position: Position) -> Mark {
        let beginning = Mark { first: self.first, offset: SEGMENT_HEAD_LEN as u64 };
        self.index.before(position).unwrap_or(beginning)
    }
}

/// The file name of a segment: sorted as text is sorted by number.
pub(super) fn segment_name(number: u64) -> String {
    format!("{number:020}.seg")
}

/// What a file of the folder is to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FileKind {
    /// A whole segment, with records or not.
    Segment(u64),
    /// A segment whose making did not end.
    HalfMade,
    /// Not the log's affair.
    Foreign,
}

/// Reads a file name.
pub(super) fn file_kind(name: &str) -> FileKind {
    let (stem, half_made) = match name.strip_suffix(".new") {
        Some(stem) => (stem, true),
        None => (name, false),
    };
    let digits = stem.strip_suffix(".seg").filter(|d| d.len() == 20 && d.bytes().all(|b| b.is_ascii_digit()));
    match digits.and_then(|d| d.parse().ok()) {
        Some(_) if half_made => FileKind::HalfMade,
        Some(number) => FileKind::Segment(number),
        None => FileKind::Foreign,
    }
}

/// Octets that are zeroed between two syncs: small enough that a commit whose own sync meets one of these in
/// the device's queue waits for milliseconds, not for a whole segment.
const ZEROED_AT_ONCE: usize = 256 * 1024;

/// Makes one segment; may be moved to another thread, so that the commit path never waits for it.
///
/// A segment is a file of zeros, written and synced ahead of use: an append into written blocks changes no
/// file system metadata and syncs in about half the time of one that extends the file or turns a merely
/// reserved block into a written one.
pub struct SegmentMaker<D> {
    /// Where the segment will be.
    pub(super) disk: D,
    /// Its number.
    pub(super) number: u64,
    /// Its size in octets.
    pub(super) size: u64,
}

/// A segment that is ready for use: zeros, durable, under its final name.
pub struct SpareSegment<F> {
    /// Its file.
    pub(super) file: F,
    /// Its number.
    pub(super) number: u64,
    /// Its size in octets.
    pub(super) size: u64,
}

impl<D: Disk> SegmentMaker<D> {
    /// Writes the zeros, syncs, gives the file its name, syncs the folder. May be called again after a
    /// failure; it then starts over with a new file.
    ///
    /// # Errors
    /// [`LogError::NoSegment`]; the log itself is not touched by it.
    pub fn make(&self) -> Result<SpareSegment<D::File>, LogError> {
        let name = segment_name(self.number);
        let half_made = format!("{name}.new");
        let made = self.try_make(&name, &half_made);
        made.map_err(|(step, source)| {
            // The space is wanted back, above all when the disk is full. If it cannot be had, opening tries
            // again.
            self.disk.remove(&half_made).ok();
            self.disk.remove(&name).ok();
            LogError::NoSegment { step, file: self.disk.path().join(name), source }
        })
    }

    fn try_make(
        &self,
        name: &str,
        half_made: &str,
    ) -> Result<SpareSegment<D::File>, (&'static str, io::Error)> {
        match self.disk.remove(half_made) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(("removing what is left of", e)),
            _ => {}
        }
        let file = self.disk.create(half_made).map_err(|e| ("creating", e))?;
        let zeros = vec![0; ZEROED_AT_ONCE];
        let mut offset = 0;
        while offset < self.size {
            let now = usize::try_from(self.size - offset).unwrap_or(usize::MAX).min(ZEROED_AT_ONCE);
            write_full(&file, zeros.get(..now).unwrap_or_default(), offset).map_err(|e| ("zeroing", e))?;
            file.sync().map_err(|e| ("syncing", e))?;
            offset += now as u64;
        }
        self.disk.rename(half_made, name).map_err(|e| ("naming", e))?;
        self.disk.sync_folder().map_err(|e| ("syncing the folder of", e))?;
        Ok(SpareSegment { file, number: self.number, size: self.size })
    }
}

/// Removes segments that the log has forgotten; may be moved to another thread, so that no commit waits while the
/// file system frees them.
///
/// Each removal is synced before the next, oldest first, so that a crash never leaves a hole. What a crash leaves
/// behind is history that is still there: the next opening finds a log that begins earlier.
pub struct SegmentRemover<D> {
    /// Where the segments are.
    pub(super) disk: D,
    /// Their numbers, oldest first.
    pub(super) numbers: Vec<u64>,
}

/// What has become of segments that were to be removed.
#[derive(Debug)]
#[must_use]
pub struct Removed {
    /// How many are gone, from the oldest on.
    pub(super) count: usize,
    /// Why the next one is not.
    pub(super) failure: Option<RemoveFailure>,
}

/// Why a segment is still there.
#[derive(Debug)]
pub(super) enum RemoveFailure {
    /// It could not be removed: to be tried again.
    Kept(LogError),
    /// The folder could not be synced: whether it is gone is uncertain, and nothing may be synced here again.
    Unsynced(LogError),
}

impl<D: Disk> SegmentRemover<D> {
    /// Removes them all, or up to the first failure.
    pub fn remove(self) -> Removed {
        for (count, &number) in self.numbers.iter().enumerate() {
            let name = segment_name(number);
            match self.disk.remove(&name) {
                // Somebody else has removed it, or an earlier try had.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => {
                    let failure = failed(&self.disk, "removing", &name)(e);
                    return Removed { count, failure: Some(RemoveFailure::Kept(failure)) };
                }
                Ok(()) => {}
            }
            if let Err(e) = self.disk.sync_folder() {
                let failure = failed(&self.disk, "syncing", "")(e);
                return Removed { count, failure: Some(RemoveFailure::Unsynced(failure)) };
            }
        }
        Removed { count: self.numbers.len(), failure: None }
    }
}

impl<D> fmt::Debug for SegmentRemover<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SegmentRemover({:?})", self.numbers)
    }
}

impl<F> SpareSegment<F> {
    /// Whether a frame of `frame_len` octets fits behind the head.
    pub(super) const fn has_room_for(&self, frame_len: u64) -> bool {
        SEGMENT_HEAD_LEN as u64 + frame_len <= self.size
    }
}

impl<D> fmt::Debug for SegmentMaker<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SegmentMaker({} of {} octets)", segment_name(self.number), self.size)
    }
}

impl<F> fmt::Debug for SpareSegment<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpareSegment({} of {} octets)", segment_name(self.number), self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_making_are_ours() {
        assert_eq!(file_kind(&segment_name(42)), FileKind::Segment(42));
        assert_eq!(file_kind(&format!("{}.new", segment_name(42))), FileKind::HalfMade);
        assert_eq!(file_kind(&segment_name(u64::MAX)), FileKind::Segment(u64::MAX));
        for foreign in
            ["lock", "42.seg", "0000000000000000004x.seg", "99999999999999999999.seg", "", ".new", ".seg"]
        {
            assert_eq!(file_kind(foreign), FileKind::Foreign, "{foreign}");
        }
        assert!(segment_name(9) < segment_name(10));
    }
}
