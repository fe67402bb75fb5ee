//! A log in a folder of files: the adapter for one machine. (This file is long because the format stands before the
//! code.)
//!
//! # Format
//!
//! A log is a folder. It holds segments named `00000000000000000001.seg`, `…02.seg`, … (twenty digits, so
//! that names sort as numbers do), at most a few `….seg.new` that are still being made, and `lock`, an empty
//! file whose advisory lock belongs to the process that has the log open. Other files are left alone.
//! Integers are little-endian, checksums are CRC-32 (IEEE).
//!
//! ```text
//! segment = head batch* zeros
//!
//! head    =  0  magic      8 octets "tglogseg"
//!            8  version    u32      1
//!           12  salt       u32      what the checksums of this segment's batches start from
//!           16  number     u64      the number in the file's name
//!           24  first      u64      position of the segment's first record
//!           32  size      u64      octets of the whole file; zero: not known, as older releases wrote it
//!           40  zeros     20 octets
//!           60  checksum   u32      of the 60 octets before, from zero; in all versions here
//!
//! batch   =  0  magic      4 octets "tgB" 0x01
//!            4  length     u32      octets of the body
//!            8  count      u32      records in the body, at least 1
//!           12  first      u64      position of its first record
//!           20  body check u32      checksum of the body, from the salt
//!           24  zeros      4 octets
//!           28  head check u32      checksum of the 28 octets before, from the salt
//!           32  body                records (`log::batch`)
//! ```
//!
//! Batches follow each other without padding. The first position of a batch is the end of the one before it,
//! across segments. A segment is all zeros until it is used; then its head is written and synced, and only
//! then its first batch: a file without a head holds no batch. A file gets its name only when all of its zeros are
//! synced: one that is shorter than its head says, or than a head, was cut by somebody else.
//!
//! The salt is a number that nobody outside can guess, drawn by whoever opens the log. Without it a customer
//! could put the octets of a valid batch into a message text, and a crash at the wrong moment would make that
//! text look like damage; with it, and with the position inside the checksum, neither foreign nor stale
//! octets are ever a batch.
//!
//! # What is beside the files
//!
//! In memory only: where each 64 KiB of a segment a batch begins (`index`), so that single records are found without
//! reading segments from their start; what of the active segment is durable (`view`), which is all that readers on
//! other threads may see ([`Log::reader`]); which segments are forgotten and not yet removed (`trim`). A crash before
//! they are removed leaves older segments behind: the log begins earlier again, and is trimmed again. Removal goes
//! from the oldest on, each synced before the next, so there is never a hole.
//!
//! Somebody who only looks ([`FileLog::look`]) takes no lock and writes nothing. A running writer may show him a batch
//! half written, which is behind the end, or a segment that is gone when he wants to read it.
//!
//! # Recovery policy: cut a torn tail, refuse everything else
//!
//! An append is one write and one sync, and a failure ends the log. So a crash leaves at most *one*
//! unfinished batch, at the very end. Opening therefore reads all heads and the last segment whole, and
//!
//! * **cuts** what stands behind the last whole batch of the last segment, if it can be the rest of one
//!   unfinished append, and reports it ([`FileLog::cut`]). The last batch, if damaged later, cannot be told
//!   from an unfinished one and is cut like it: the report is the trace of that;
//! * **refuses** ([`LogError::Damaged`], with file, offset and what was expected) when behind a broken batch
//!   another one begins or there is more than one append could have written, when a segment's head is damaged
//!   or out of order, when a segment's file has become shorter than it was made. Batches of earlier segments are
//!   checked as they are read: whoever recovers reads them all, and reading them twice would double the time to
//!   restart;
//! * **removes** segments without records: spares, and those whose making or beginning did not end;
//! * **writes again** the last whole batch and, behind it, one batch's length of zeros, and syncs: both may
//!   come from a page cache that a failed sync of an earlier process has marked clean without storing it.
//!
//! It is assumed that storing a sector again with some of its octets the same does not change those, as all
//! common journals do; whole sectors may be lost, in any order.
//!
//! A log that refuses to open is left as it is. Where a failed write or sync poisons, and why nothing is
//! synced again after it, is said in [`crate::log`]; a failure to *make* a segment ([`LogError::NoSegment`])
//! does not poison, as no record was written: a full disk stops accepting, and freed space starts it again.

mod batches;
pub mod disk;
mod format;
mod index;
mod look;
mod lookup;
mod reader;
mod recovery;
mod segment;
#[cfg(test)]
pub(crate) mod tests;
mod trim;
mod view;

pub use look::{Look, SegmentSummary};
pub use segment::{Removed, SegmentMaker, SegmentRemover, SpareSegment};

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::log::error::Poison;
use crate::log::file::disk::{Disk, DiskFile, Folder, write_full};
use crate::log::file::format::{BATCH_HEAD_LEN, SEGMENT_HEAD_LEN, SegmentHead};
use crate::log::file::index::{Index, Mark};
use crate::log::file::lookup::FileReader;
use crate::log::file::reader::FileRecords;
use crate::log::file::recovery::{FIRST_NUMBER, Found};
use crate::log::file::segment::{Segment, segment_name};
use crate::log::file::trim::Forgotten;
use crate::log::file::view::{Shared, View};
use crate::log::{Batch, Log, LogError, LogReader, Position, Records};

/// The usual size of a segment, in octets: 64 MiB, three seconds of a hundred thousand records a second.
/// Smaller ones are made and freed more often, larger ones hold on to more history behind one live record.
pub const SEGMENT_BYTES_DEFAULT: u64 = 64 * 1024 * 1024;

/// How a file log is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileSettings {
    /// The size of new segments, in octets. A batch that is longer gets a segment of its own size.
    pub segment_bytes: u64,
    /// A number that nobody outside can guess, for the segments begun by this process.
    pub salt: u32,
}

/// Octets that opening cut away behind the last whole batch: the rest of an append that nobody was promised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// The segment.
    pub file: PathBuf,
    /// Where the cut is, in octets from the segment's start.
    pub offset: u64,
    /// How many octets behind it had been written to.
    pub octets: u64,
}

/// A log in a folder.
///
/// It never makes or removes a segment on the commit path as long as somebody makes them ahead: whenever
/// [`FileLog::next_maker`] gives a maker, let another thread call [`SegmentMaker::make`] and bring the result
/// to [`FileLog::install`]. Without that, the append that fills a segment makes the next one itself, and
/// waits for it. In the same way [`FileLog::forget`] and [`FileLog::next_remover`] do elsewhere what
/// [`Log::trim`] does here.
pub struct FileLog<D: Disk = Folder> {
    /// The folder, and what readers may know of it.
    shared: Arc<Shared<D>>,
    /// Keeps other processes out until the log is dropped.
    _lock: D::Lock,
    /// How new segments are made.
    settings: FileSettings,
    /// The segment that is appended to.
    active: Active<D::File>,
    /// The position of the next record.
    end: Position,
    /// The segment to use next, when it is ready.
    spare: Option<SpareSegment<D::File>>,
    /// The number of the segment that somebody is making.
    in_the_making: Option<u64>,
    /// The number that the next segment to be made will get.
    next_number: u64,
    /// The segments that are to be removed, oldest first.
    forgotten: VecDeque<Forgotten>,
    /// Somebody is removing them.
    removing: bool,
    /// The first failure.
    poison: Poison,
    /// What opening cut away.
    cut: Option<Cut>,
}

/// The segment that is appended to.
struct Active<F> {
    /// Its file.
    file: F,
    /// Its name.
    name: String,
    /// Its number.
    number: u64,
    /// What its checksums start from.
    salt: u32,
    /// Where the next batch goes, in octets from the file's start.
    offset: u64,
    /// The size of the file in octets.
    size: u64,
}

impl FileLog {
    /// Opens the log in the folder at `path`, or begins one there.
    ///
    /// # Errors
    /// As [`FileLog::open`].
    pub fn open_folder(path: &Path, settings: FileSettings) -> Result<Self, LogError> {
        let file = path.to_owned();
        let disk = Folder::create(path).map_err(|source| LogError::Io { step: "creating", file, source })?;
        Self::open(disk, settings)
    }

    /// Looks at the log in the folder at `path` without taking or changing it; another process may be running on it.
    ///
    /// # Errors
    /// As [`Look::at`].
    pub fn look(path: &Path) -> Result<Look, LogError> {
        Look::at(Folder::existing(path))
    }
}

impl<D: Disk> FileLog<D> {
    /// Opens the log on `disk`, or begins one there: takes the lock, finds the end, cuts a torn tail.
    ///
    /// # Errors
    /// [`LogError::Locked`] when another process has it; [`LogError::Damaged`] and [`LogError::LaterFormat`]
    /// when it cannot be trusted or understood; [`LogError::NoSegment`] and [`LogError::Io`].
    pub fn open(disk: D, settings: FileSettings) -> Result<Self, LogError> {
        let lock = disk.lock().map_err(failed(&disk, "locking", ""))?;
        let lock = lock.ok_or_else(|| LogError::Locked { folder: disk.path().to_owned() })?;
        let Found { segments, active, end, cut } = match recovery::find(&disk)? {
            Some(found) => found,
            None => {
                let maker =
                    SegmentMaker { disk: disk.clone(), number: FIRST_NUMBER, size: settings.size_for(0) };
                let (segment, active) = begin(&disk, maker.make()?, settings.salt, Position::ZERO)?;
                Found { segments: VecDeque::from([segment]), active, end: Position::ZERO, cut: None }
            }
        };
        let segments = segments.into_iter().map(Arc::new).collect();
        Ok(Self {
            shared: Arc::new(Shared::new(disk, View { segments, end, written: active.offset })),
            _lock: lock,
            settings,
            end,
            spare: None,
            in_the_making: None,
            next_number: active.number + 1,
            active,
            forgotten: VecDeque::new(),
            removing: false,
            poison: Poison::default(),
            cut,
        })
    }

    /// What opening cut away, for the operator to know.
    #[must_use]
    pub const fn cut(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    /// The work of making the next segment, for another thread; `None` while it is ready or being made.
    ///
    /// A maker that did not succeed is given back ([`FileLog::give_back`]) or called again; one that is dropped
    /// means that segments are made on the commit path until the log is opened again.
    pub fn next_maker(&mut self) -> Option<SegmentMaker<D>> {
        if self.spare.is_some() || self.in_the_making.is_some() || self.poison.check().is_err() {
            return None;
        }
        let maker = self.maker_for(0);
        self.in_the_making = Some(maker.number);
        Some(maker)
    }

    /// Takes a segment that was made elsewhere. One that comes too late is removed.
    pub fn install(&mut self, spare: SpareSegment<D::File>) {
        self.in_the_making = self.in_the_making.filter(|&number| number != spare.number);
        if spare.number > self.active.number && self.spare.is_none() {
            self.spare = Some(spare);
        } else {
            self.discard(&spare);
        }
    }

    /// Takes back a maker that could not make its segment: there may be another one.
    pub fn give_back(&mut self, maker: &SegmentMaker<D>) {
        self.in_the_making = self.in_the_making.filter(|&number| number != maker.number);
    }

    /// Whether an append of this batch would have to make a segment first: the active one has no room for it, nor has
    /// a spare been installed that has.
    #[must_use]
    pub fn lacks_segment_for(&self, batch: &Batch) -> bool {
        let frame_len = frame_len(batch);
        self.active.offset + frame_len > self.active.size
            && !self.spare.as_ref().is_some_and(|spare| spare.has_room_for(frame_len))
    }

    /// A maker for a segment with room for a frame of `frame_len` octets.
    fn maker_for(&mut self, frame_len: u64) -> SegmentMaker<D> {
        let number = self.next_number;
        self.next_number += 1;
        SegmentMaker { disk: self.shared.disk.clone(), number, size: self.settings.size_for(frame_len) }
    }

    /// Makes a new segment the active one.
    fn advance(&mut self, frame_len: u64) -> Result<(), LogError> {
        let spare = match self.spare.take() {
            Some(spare) if spare.has_room_for(frame_len) => spare,
            too_small => {
                if let Some(spare) = too_small {
                    self.discard(&spare);
                }
                self.maker_for(frame_len).make()?
            }
        };
        let begun = begin(&self.shared.disk, spare, self.settings.salt, self.end);
        let (segment, active) = begun.map_err(|failure| self.poison.by(failure))?;
        let mut view = self.shared.view();
        view.segments.push_back(Arc::new(segment));
        view.written = active.offset;
        drop(view);
        self.active = active;
        Ok(())
    }

    /// Removes a spare that cannot be used. If that fails it is in nobody's way, and the next opening tries
    /// again.
    fn discard(&self, spare: &SpareSegment<D::File>) {
        self.shared.disk.remove(&segment_name(spare.number)).ok();
    }
}

impl<D: Disk> Log for FileLog<D> {
    fn start(&self) -> Position {
        self.shared.view().start()
    }

    fn end(&self) -> Position {
        self.end
    }

    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError> {
        self.poison.check()?;
        if expected != self.end {
            return Err(LogError::Fenced { expected, end: self.end });
        }
        if batch.is_empty() {
            return Ok(self.end);
        }
        let frame_len = frame_len(batch);
        if self.active.offset + frame_len > self.active.size {
            self.advance(frame_len)?;
        }
        let Active { file, name, salt, offset, .. } = &mut self.active;
        let frame = format::frame(batch, self.end, *salt);
        let disk = &self.shared.disk;
        let written = write_full(file, frame, *offset).map_err(failed(disk, "writing to", name));
        let synced = written.and_then(|()| file.sync().map_err(failed(disk, "syncing", name)));
        synced.map_err(|failure| self.poison.by(failure))?;
        let mark = Mark { first: self.end, offset: *offset };
        *offset += frame_len;
        self.end = self.end.plus(u64::from(batch.count()));
        let mut view = self.shared.view();
        (view.end, view.written) = (self.end, *offset);
        if let Some(segment) = view.segments.back() {
            segment.index.note(mark);
        }
        Ok(self.end)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        Ok(Box::new(FileRecords::new(&self.shared, from)?))
    }

    /// Removes the segments that lie wholly below `up_to`, oldest first; the active one stays. Each removal
    /// is synced before the next, so that a crash never leaves a hole.
    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.forget(up_to)?;
        match self.next_remover() {
            Some(remover) => self.removed(remover.remove()),
            None => Ok(()),
        }
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(FileReader::new(Arc::clone(&self.shared)))
    }

    fn octets(&self) -> u64 {
        let held: u64 = self.shared.view().segments.iter().map(|segment| segment.size).sum();
        let forgotten: u64 = self.forgotten.iter().map(|segment| segment.size).sum();
        held + forgotten + self.spare.as_ref().map_or(0, |spare| spare.size)
    }

    fn oldest_end(&self, octets: u64) -> Option<Position> {
        let view = self.shared.view();
        let mut held = 0;
        // Where each segment ends that may go.
        let mut ends = view.segments.iter().zip(view.segments.iter().skip(1)).map(|(segment, behind)| {
            held += segment.size;
            (held, behind.first)
        });
        let mut last = None;
        ends.find_map(|(held, end)| {
            last = Some(end);
            (held >= octets).then_some(end)
        })
        .or(last)
    }
}

impl<D: Disk> fmt::Debug for FileLog<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileLog({}, {:?}..{:?})", self.shared.disk.path().display(), self.start(), self.end)
    }
}

impl FileSettings {
    /// The size of a segment that must hold a frame of `frame_len` octets.
    const fn size_for(&self, frame_len: u64) -> u64 {
        let least = SEGMENT_HEAD_LEN as u64 + frame_len;
        if self.segment_bytes > least { self.segment_bytes } else { least }
    }
}

/// Begins to use a segment: its head is durable before its first batch is written.
fn begin<D: Disk>(
    disk: &D,
    spare: SpareSegment<D::File>,
    salt: u32,
    first: Position,
) -> Result<(Segment, Active<D::File>), LogError> {
    let SpareSegment { file, number, size } = spare;
    let name = segment_name(number);
    let head = SegmentHead { salt, number, first, size: NonZeroU64::new(size) };
    write_full(&file, &head.encode(), 0).map_err(failed(disk, "writing to", &name))?;
    file.sync().map_err(failed(disk, "syncing", &name))?;
    let active = Active { file, name, number, salt, offset: SEGMENT_HEAD_LEN as u64, size };
    let segment = Segment { index: Index::with_room_for(size), ..Segment::new(head, size) };
    Ok((segment, active))
}

/// Octets that a batch takes in a segment.
fn frame_len(batch: &Batch) -> u64 {
    (BATCH_HEAD_LEN + batch.body().len()) as u64
}

/// Names the file (the folder, when `name` is empty) and the step in a failure of the operating system.
fn failed<D: Disk>(disk: &D, step: &'static str, name: &str) -> impl FnOnce(io::Error) -> LogError {
    move |source| {
        let file = if name.is_empty() { disk.path().to_owned() } else { disk.path().join(name) };
        LogError::Io { step, file, source }
    }
}

/// Names the place in a report of damage.
fn damaged<D: Disk>(disk: &D, name: &str, offset: u64, expected: String) -> LogError {
    LogError::Damaged { file: disk.path().join(name), offset, expected }
}
