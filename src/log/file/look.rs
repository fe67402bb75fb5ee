//! A log as somebody sees it who neither has it nor may change it: closed, or open in another process.
//!
//! A look is what was durable, or at least whole, at one instant. What is appended later is not in it, a batch being
//! written at the very end is behind the end, and what is trimmed meanwhile is out of range when it is asked for: look
//! again then.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::log::file::disk::{Disk, Folder};
use crate::log::file::lookup::FileReader;
use crate::log::file::recovery::{self, LastBatch, Scan};
use crate::log::file::segment::{Segment, segment_name};
use crate::log::file::view::{Shared, View};
use crate::log::file::{Cut, failed};
use crate::log::{Found, LogError, LogReader, Position, Records};

/// How often a look is begun again because the writer moved under it. Whoever trims and begins segments that fast has
/// smaller ones than any setting allows: what still looks like damage then is damage. A machine that gives the looker
/// hardly any time may hide it from him a few times in a row.
const LOOKS_MAX: u32 = 16;

/// A log that is looked at.
pub struct Look<D: Disk = Folder> {
    /// The folder, and what was found in it.
    shared: Arc<Shared<D>>,
    /// Reads it.
    reader: FileReader<D>,
    /// Octets of the segments without records.
    spare_octets: u64,
    /// What stood behind the end.
    unfinished: Option<Cut>,
}

/// A segment with records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentSummary {
    /// Its file.
    pub file: PathBuf,
    /// The position of its first record.
    pub first: Position,
    /// The position after its last record.
    pub end: Position,
    /// The size of the file in octets.
    pub octets: u64,
}

impl<D: Disk> Look<D> {
    /// Looks at the log on `disk`.
    ///
    /// # Errors
    /// [`LogError::Io`], of kind `NotFound` when there is no log; [`LogError::Damaged`] and [`LogError::LaterFormat`]
    /// when a head or the last segment cannot be trusted or understood. Other segments are checked as they are read.
    pub fn at(disk: D) -> Result<Self, LogError> {
        let mut looks = 1;
        loop {
            match Self::once(&disk) {
                Err(LogError::Io { source, file, .. })
                    if source.kind() == io::ErrorKind::NotFound
                        && file != disk.path()
                        && looks < LOOKS_MAX => {}
                Err(LogError::Damaged { .. }) if looks < LOOKS_MAX => {}
                done => return done,
            }
            looks += 1;
        }
    }

    fn once(disk: &D) -> Result<Self, LogError> {
        let Scan { segments, empty, .. } = recovery::scan(disk)?;
        let Some(last) = segments.back() else {
            let nothing = io::Error::new(io::ErrorKind::NotFound, "no segment with records is there");
            return Err(failed(disk, "looking for a log in", "")(nothing));
        };
        let name = segment_name(last.number);
        let file = disk.open_to_read(&name).map_err(failed(disk, "opening", &name))?;
        let LastBatch { offset, end, torn_to, .. } = recovery::find_end(disk, last, file)?;
        let unfinished =
            torn_to.map(|to| Cut { file: disk.path().join(name), offset, octets: to.saturating_sub(offset) });
        let segments = segments.into_iter().map(Arc::new).collect();
        let shared = Arc::new(Shared::new(disk.clone(), View { segments, end, written: offset }));
        let reader = FileReader::new(Arc::clone(&shared));
        Ok(Self { shared, reader, spare_octets: empty.iter().map(|(_, size)| size).sum(), unfinished })
    }

    /// The segments with records, oldest first.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentSummary> {
        let view = self.shared.view();
        let ends = view.segments.iter().skip(1).map(|next| next.first).chain([view.end]);
        let summary = |(segment, end): (&Arc<_>, _)| {
            let segment: &Segment = segment;
            let file = self.shared.disk.path().join(segment_name(segment.number));
            SegmentSummary { file, first: segment.first, end, octets: segment.size }
        };
        view.segments.iter().zip(ends).map(summary).collect()
    }

    /// Octets of the segments, those made ahead included.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.segments().iter().map(|segment| segment.octets).sum::<u64>() + self.spare_octets
    }

    /// What stands behind the end: a batch that is being written, or the rest of one that never was finished.
    #[must_use]
    pub const fn unfinished(&self) -> Option<&Cut> {
        self.unfinished.as_ref()
    }
}

impl<D: Disk> LogReader for Look<D> {
    fn range(&self) -> (Position, Position) {
        self.reader.range()
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.reader.read(from)
    }

    fn get_many(&self, positions: &[Position], each: &mut dyn FnMut(usize, Found<'_>)) {
        self.reader.get_many(positions, each);
    }
}

impl<D: Disk> fmt::Debug for Look<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self.range();
        write!(f, "Look({}, {start:?}..{end:?})", self.shared.disk.path().display())
    }
}
