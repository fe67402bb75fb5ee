//! Reads single records of a file log, from any thread.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::log::batch::{Front, RECORD_HEAD_LEN, RECORD_VERSION, split_record};
use crate::log::file::batches::{Batches, Next};
use crate::log::file::disk::Disk;
use crate::log::file::index::{MARK_EVERY, Mark};
use crate::log::file::reader::FileRecords;
use crate::log::file::segment::{Segment, segment_name};
use crate::log::file::view::{Part, Shared};
use crate::log::file::{damaged, failed};
use crate::log::{Found, LogError, LogReader, Position, Records};

/// Octets that are read at once: what lies between two marks. The window grows to the longest batch
/// (`BATCH_BYTES_MAX`), as a batch is believed only when its checksum is right, and shrinks with the next segment.
#[expect(clippy::cast_possible_truncation, reason = "it is 64 KiB")]
const LOOKUP_AT_ONCE: usize = MARK_EVERY as usize;

/// A reader of a file log for another thread. Keeps one file open and one batch in memory, the last one it read: a
/// record of the same batch costs no call to the system.
pub(super) struct FileReader<D: Disk> {
    /// What the writer says is durable.
    shared: Arc<Shared<D>>,
    /// Where the last record was found.
    place: Mutex<Option<Place<D::File>>>,
}

/// A place in a segment.
struct Place<F> {
    /// The segment.
    segment: Arc<Segment>,
    /// Its name.
    name: String,
    /// Its batches; the reader stands behind the one in memory.
    batches: Batches<F>,
    /// The position of the first record of the batch that `batches` comes to next.
    ahead: Position,
    /// The records of the batch in memory; empty when there is none.
    batch: Range<Position>,
    /// The next record of the batch in memory.
    next: Position,
    /// Where in the batch's body it begins.
    read: usize,
}

impl<D: Disk> FileReader<D> {
    /// A reader that has read nothing yet.
    pub(super) const fn new(shared: Arc<Shared<D>>) -> Self {
        Self { shared, place: Mutex::new(None) }
    }

    /// Finds one record and hands it to `each`.
    fn find(&self, place: &mut Option<Place<D::File>>, position: Position) -> Result<Range<usize>, LogError> {
        let part = self.shared.part_with(position)?;
        let mut there = match place.take().filter(|place| place.segment.number == part.segment.number) {
            Some(there) => there,
            None => Place::at_the_beginning(&self.shared, &part.segment, position)?,
        };
        there.batches.extend_to(part.limit);
        // After a failure the place is forgotten: the next record begins afresh.
        let found = there.go_to(&self.shared.disk, &part, position)?;
        *place = Some(there);
        Ok(found)
    }
}

impl<D: Disk> LogReader for FileReader<D> {
    fn range(&self) -> (Position, Position) {
        let view = self.shared.view();
        (view.start(), view.end)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        Ok(Box::new(FileRecords::new(&self.shared, from)?))
    }

    fn get_many(&self, positions: &[Position], each: &mut dyn FnMut(usize, Found<'_>)) {
        // A panic in `each` leaves a place that is as good as any: it is checked at every step.
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, &position) in positions.iter().enumerate() {
            match self.find(&mut place, position) {
                Ok(at) => {
                    let body = place.as_ref().map_or(&[][..], |place| place.batches.body_from(at.start));
                    each(number, Ok(body.get(..at.len()).unwrap_or_default()));
                }
                Err(error) => each(number, Err(error)),
            }
        }
    }
}

impl<F: crate::log::file::disk::DiskFile> Place<F> {
    /// The first batch of a segment.
    fn at_the_beginning<D: Disk<File = F>>(
        shared: &Shared<D>,
        segment: &Arc<Segment>,
        asked: Position,
    ) -> Result<Self, LogError> {
        let first = segment.first;
        Ok(Self {
            batches: Batches::new(shared.open(segment, asked)?, segment.salt, 0, LOOKUP_AT_ONCE),
            name: segment_name(segment.number),
            segment: Arc::clone(segment),
            ahead: first,
            batch: first..first,
            next: first,
            read: 0,
        })
    }

    /// Where in the body of the batch that is in memory then the record at `position` lies.
    fn go_to<D: Disk>(
        &mut self,
        disk: &D,
        part: &Part,
        position: Position,
    ) -> Result<Range<usize>, LogError> {
        if !self.batch.contains(&position) {
            self.read_batch_with(disk, part, position)?;
        } else if position < self.next {
            (self.next, self.read) = (self.batch.start, 0);
        }
        loop {
            match split_record(self.batches.body_from(self.read)) {
                Front::Record { bytes, .. } if self.next <= position => {
                    let payload = self.read + RECORD_HEAD_LEN;
                    let record = payload..payload + bytes.len();
                    (self.next, self.read) = (self.next.plus(1), record.end);
                    if self.next > position {
                        return Ok(record);
                    }
                }
                Front::LaterVersion(found) => {
                    return Err(LogError::LaterFormat {
                        file: disk.path().join(&self.name),
                        offset: self.batches.body_offset() + self.read as u64,
                        what: "record",
                        found: found.into(),
                        known: RECORD_VERSION.into(),
                    });
                }
                // The checksums were right, so a wrong count was written, not stored.
                Front::Record { .. } | Front::End | Front::CutShort => {
                    let offset = self.batches.body_offset() + self.read as u64;
                    let expected = format!("record {} of a batch that ends at {}", self.next, self.batch.end);
                    return Err(damaged(disk, &self.name, offset, expected));
                }
            }
        }
    }

    /// Brings the batch with `position` into memory: from here on, or from the last mark before it.
    fn read_batch_with<D: Disk>(
        &mut self,
        disk: &D,
        part: &Part,
        position: Position,
    ) -> Result<(), LogError> {
        let mark = self.segment.before(position);
        if position < self.ahead || mark.offset > self.batches.offset() {
            self.batches.seek(mark.offset);
            self.ahead = mark.first;
        }
        loop {
            let (first, offset) = (self.ahead, self.batches.offset());
            self.batch = first..first;
            let found = self.batches.next(position).map_err(failed(disk, "reading", &self.name))?;
            let head = match found {
                Next::Batch(head) if head.first == first && head.count > 0 && head.end() <= part.end => head,
                _ => {
                    let expected =
                        format!("a whole batch from position {first}, as the log goes on to {}", part.end);
                    return Err(damaged(disk, &self.name, offset, expected));
                }
            };
            self.segment.index.note(Mark { first, offset });
            self.ahead = head.end();
            if head.end() > position {
                (self.batch, self.next, self.read) = (first..head.end(), first, 0);
                return Ok(());
            }
        }
    }
}
