//! Reads the records of a file log in order, segment by segment, trusting nothing that does not check.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::log::batch::{Front, RECORD_HEAD_LEN, RECORD_VERSION, split_record};
use crate::log::file::batches::{Batches, Next, READ_AT_ONCE};
use crate::log::file::disk::{Disk, DiskFile};
use crate::log::file::index::Mark;
use crate::log::file::segment::segment_name;
use crate::log::file::view::{Part, Shared};
use crate::log::file::{damaged, failed};
use crate::log::{LogError, Position, Record, Records};

/// A reader of a [`FileLog`](crate::log::file::FileLog). It holds one window of one segment in memory.
pub(super) struct FileRecords<D: Disk> {
    /// Where the segments are.
    shared: Arc<Shared<D>>,
    /// The segments still to be opened; the first of them holds `from`.
    later: VecDeque<Part>,
    /// The segment being read.
    open: Option<Open<D::File>>,
    /// The number of the next record.
    next: Position,
    /// Records before this one are passed over.
    from: Position,
}

/// A segment being read.
struct Open<F> {
    /// The segment, and where reading it ends.
    part: Part,
    /// Its name.
    name: String,
    /// Its batches.
    batches: Batches<F>,
    /// The position after the last record of the batch being read.
    batch_end: Position,
    /// Octets of the batch's body that have been read.
    read: usize,
}

impl<D: Disk> FileRecords<D> {
    /// A reader from `from` to the end of what is durable now.
    pub(super) fn new(shared: &Arc<Shared<D>>, from: Position) -> Result<Self, LogError> {
        let later = shared.parts_from(from)?;
        Ok(Self { shared: Arc::clone(shared), later, open: None, next: from, from })
    }

    /// Goes on to the next segment; false when there is none.
    fn open_next(&mut self) -> Result<bool, LogError> {
        let Some(part) = self.later.pop_front() else { return Ok(false) };
        let segment = &part.segment;
        let file = self.shared.open(segment, self.next)?;
        let mut batches = Batches::new(file, segment.salt, part.limit, READ_AT_ONCE);
        let mark = segment.before(self.from);
        batches.seek(mark.offset);
        self.next = mark.first;
        let name = segment_name(segment.number);
        self.open = Some(Open { part, name, batches, batch_end: mark.first, read: 0 });
        Ok(true)
    }
}

impl<D: Disk> Records for FileRecords<D> {
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
                Front::End if self.next == open.batch_end && self.next == open.part.end => self.open = None,
                Front::End if self.next == open.batch_end => {
                    self.next = open.next_batch(&self.shared.disk, self.next, self.from)?;
                }
                Front::LaterVersion(found) => {
                    return Err(LogError::LaterFormat {
                        file: self.shared.disk.path().join(&open.name),
                        offset: open.place(),
                        what: "record",
                        found: found.into(),
                        known: RECORD_VERSION.into(),
                    });
                }
                // The checksums were right, so a wrong count was written, not stored.
                Front::Record { .. } | Front::End | Front::CutShort => {
                    let expected = format!("record {} of a batch that ends at {}", self.next, open.batch_end);
                    return Err(damaged(&self.shared.disk, &open.name, open.place(), expected));
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
            let expected =
                format!("a whole batch from position {next}, as the log goes on to {}", self.part.end);
            return Err(damaged(disk, &self.name, offset, expected));
        };
        if head.first != next || head.end() > self.part.end {
            let expected = format!(
                "a batch from position {next} that ends by {}, not one from {} to {}",
                self.part.end,
                head.first,
                head.end()
            );
            return Err(damaged(disk, &self.name, offset, expected));
        }
        self.part.segment.index.note(Mark { first: next, offset });
        (self.batch_end, self.read) = (head.end(), 0);
        Ok(if head.end() > from { head.first } else { head.end() })
    }

    /// Where in the file the next record begins.
    fn place(&self) -> u64 {
        self.batches.body_offset() + self.read as u64
    }
}
