//! Reads the records of a file log in order, segment by segment, trusting nothing that does not check.

use std::collections::vec_deque;

use crate::log::batch::{Front, RECORD_HEAD_LEN, RECORD_VERSION, split_record};
use crate::log::file::batches::{Batches, Next};
use crate::log::file::disk::{Disk, DiskFile};
use crate::log::file::segment::{Segment, segment_name};
use crate::log::file::{damaged, failed};
use crate::log::{LogError, Position, Record, Records};

/// A reader of a [`FileLog`](crate::log::file::FileLog). It holds one window of one segment in memory.
pub(super) struct FileRecords<'a, D: Disk> {
    /// Where the segments are.
    disk: &'a D,
    /// The segments still to be opened; the first of them holds `from`.
    later: vec_deque::Iter<'a, Segment>,
    /// The segment being read.
    open: Option<Open<D::File>>,
    /// The number of the next record.
    next: Position,
    /// Records before this one are passed over.
    from: Position,
    /// The end of the log when reading began.
    end: Position,
}

/// A segment being read.
struct Open<F> {
    /// Its name.
    name: String,
    /// Its batches.
    batches: Batches<F>,
    /// The position after its last record: the first of the segment behind it, or the end of the log.
    end: Position,
    /// The position after the last record of the batch being read.
    batch_end: Position,
    /// Octets of the batch's body that have been read.
    read: usize,
}

impl<'a, D: Disk> FileRecords<'a, D> {
    /// A reader that begins at `from`, which the first of `segments` holds, and stops at `end`.
    pub(super) const fn new(
        disk: &'a D,
        segments: vec_deque::Iter<'a, Segment>,
        from: Position,
        end: Position,
    ) -> Self {
        Self { disk, later: segments, open: None, next: Position::ZERO, from, end }
    }

    /// Goes on to the next segment; false when there is none.
    fn open_next(&mut self) -> Result<bool, LogError> {
        let Some(segment) = self.later.next() else { return Ok(false) };
        let name = segment_name(segment.number);
        let file = self.disk.open(&name).map_err(failed(self.disk, "opening", &name))?;
        let batches = Batches::new(file, segment.salt).map_err(failed(self.disk, "reading", &name))?;
        let end = self.later.clone().next().map_or(self.end, |next| next.first);
        self.next = segment.first;
        self.open = Some(Open { name, batches, end, batch_end: segment.first, read: 0 });
        Ok(true)
    }
}

impl<D: Disk> Records for FileRecords<'_, D> {
    fn next(&mut self) -> Result<Option<Record<'_>>, LogError> {
        let (position, payload, len) = loop {
            let Some(open) = &mut self.open else {
                if self.open_next()? {
                    continue;
                }
                return Ok(None);
            };
            match split_record(open.batches.body_from(open.read)) {
                Front::Record { bytes, .. } if self.next < open.batch_end => {
                    let (position, payload, len) = (self.next, open.read + RECORD_HEAD_LEN, bytes.len());
                    (self.next, open.read) = (position.plus(1), payload + len);
                    if position >= self.from {
                        break (position, payload, len);
                    }
                }
                Front::End if self.next == open.batch_end && self.next == open.end => self.open = None,
                Front::End if self.next == open.batch_end => {
                    self.next = open.next_batch(self.disk, self.next, self.from)?;
                }
                Front::LaterVersion(found) => {
                    return Err(LogError::LaterFormat {
                        file: self.disk.path().join(&open.name),
                        offset: open.place(),
                        what: "record",
                        found: found.into(),
                        known: RECORD_VERSION.into(),
                    });
                }
                // The checksums were right, so a wrong count was written, not stored.
                Front::Record { .. } | Front::End | Front::CutShort => {
                    let expected = format!("record {} of a batch that ends at {}", self.next, open.batch_end);
                    return Err(damaged(self.disk, &open.name, open.place(), expected));
                }
            }
        };
        let body = self.open.as_ref().map_or(&[][..], |open| open.batches.body_from(payload));
        Ok(Some(Record { position, bytes: body.get(..len).unwrap_or_default() }))
    }
}

impl<F: DiskFile> Open<F> {
    /// Reads the next batch, which must begin at `next`; the position of the first record to read then.
    fn next_batch<D: Disk>(
        &mut self,
        disk: &D,
        next: Position,
        from: Position,
    ) -> Result<Position, LogError> {
        let offset = self.batches.offset();
        let found = self.batches.next(from).map_err(failed(disk, "reading", &self.name))?;
        let Next::Batch(head) = found else {
            let expected = format!("a whole batch from position {next}, as the log goes on to {}", self.end);
            return Err(damaged(disk, &self.name, offset, expected));
        };
        if head.first != next || head.end() > self.end {
            let expected = format!(
                "a batch from position {next} that ends by {}, not one from {} to {}",
                self.end,
                head.first,
                head.end()
            );
            return Err(damaged(disk, &self.name, offset, expected));
        }
        (self.batch_end, self.read) = (head.end(), 0);
        Ok(if head.end() > from { head.first } else { head.end() })
    }

    /// Where in the file the next record begins.
    fn place(&self) -> u64 {
        self.batches.body_offset() + self.read as u64
    }
}
