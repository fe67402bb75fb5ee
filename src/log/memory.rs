//! A log without a disk, for tests and the demo: the same promises while the process lives, and failures on
//! request.
//!
//! The records live in a [`MemoryStore`], which outlives the [`MemoryLog`]s opened on it as a disk outlives a
//! process: a test crashes an engine by dropping it and opens the store again. Several logs may be open on
//! one store; the fence decides between them, as in a distributed log.
//!
//! Its segments are counted in records ([`SEGMENT_RECORDS_DEFAULT`]), so that what trims and carries forward meets
//! the same borders in a test as on a disk: a batch that does not fit begins the next segment, and a trim forgets
//! whole segments only, never the last one.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use bytes::{Buf, Bytes};

use crate::log::batch::{Front, split_record};
use crate::log::error::Poison;
use crate::log::{Batch, Found, Log, LogError, LogReader, Position, Record, Records};

/// Records in a segment, unless the store is told otherwise: a few groups of a busy test.
pub const SEGMENT_RECORDS_DEFAULT: u64 = 1024;

/// Where the records are.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Stored>>);

#[derive(Debug)]
struct Stored {
    /// Records in a segment.
    segment_records: u64,
    /// Where the segments begin, oldest first. Never empty.
    segments: VecDeque<Position>,
    /// The batches in order, each with the position of its first record.
    batches: VecDeque<Stretch>,
    /// The position after the last record.
    end: Position,
    /// What the next appends will fail with, in order.
    failures: VecDeque<FailedSync>,
}

/// One batch as it was appended.
#[derive(Clone, Debug)]
struct Stretch {
    /// The position of its first record.
    first: Position,
    /// The position after its last record.
    end: Position,
    /// Its records (`log::batch`).
    body: Bytes,
}

/// What has become of the batch whose sync failed: the writer cannot know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailedSync {
    /// It is not in the log.
    Lost,
    /// It is in the log, all of it.
    Kept,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store whose segments have room for this many records, at least one.
    #[must_use]
    pub fn with_segments_of(records: u64) -> Self {
        Self(Arc::new(Mutex::new(Stored { segment_records: records.max(1), ..Stored::default() })))
    }

    /// A log on this store, beginning with what the store holds.
    #[must_use]
    pub fn open(&self) -> MemoryLog {
        MemoryLog { store: self.clone(), poison: Poison::default() }
    }

    /// Lets one more of the coming appends fail in its sync.
    pub fn fail_a_sync(&self, then: FailedSync) {
        self.lock().failures.push_back(then);
    }

    fn lock(&self) -> MutexGuard<'_, Stored> {
        // A panic elsewhere cannot leave the store half changed: each change is one push or pop.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One writer's view of a [`MemoryStore`].
pub struct MemoryLog {
    /// The records, shared with the other logs on the same store.
    store: MemoryStore,
    /// The first failure of this writer.
    poison: Poison,
}

impl Log for MemoryLog {
    fn start(&self) -> Position {
        self.store.lock().start()
    }

    fn end(&self) -> Position {
        self.store.lock().end
    }

    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError> {
        self.poison.check()?;
        let mut stored = self.store.lock();
        if expected != stored.end {
            return Err(LogError::Fenced { expected, end: stored.end });
        }
        if batch.is_empty() {
            return Ok(expected);
        }
        let failure = stored.failures.pop_front();
        if failure != Some(FailedSync::Lost) {
            let end = expected.plus(u64::from(batch.count()));
            stored.make_room(end);
            stored.batches.push_back(Stretch {
                first: expected,
                end,
                body: Bytes::copy_from_slice(batch.body()),
            });
            stored.end = end;
        }
        if failure.is_some() {
            let source = io::Error::other("this sync was told to fail");
            return Err(self.poison.by(LogError::Io {
                step: "syncing",
                file: PathBuf::from("memory"),
                source,
            }));
        }
        Ok(stored.end)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.store.lock().read(from)
    }

    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.poison.check()?;
        let mut stored = self.store.lock();
        if up_to > stored.end {
            return Err(stored.out_of_range(up_to));
        }
        while stored.segments.get(1).is_some_and(|&second| second <= up_to) {
            stored.segments.pop_front();
        }
        let start = stored.start();
        while stored.batches.front().is_some_and(|b| b.end <= start) {
            stored.batches.pop_front();
        }
        Ok(())
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(MemoryReader(self.store.clone()))
    }

    fn octets(&self) -> u64 {
        self.store.lock().batches.iter().map(|b| b.body.len() as u64).sum()
    }

    fn oldest_end(&self, octets: u64) -> Option<Position> {
        let store = self.store.lock();
        let held = |end: Position| -> u64 {
            let before = store.batches.iter().filter(|batch| batch.first < end);
            before.map(|batch| batch.body.len() as u64).sum()
        };
        let mut ends = store.segments.iter().skip(1).copied();
        ends.clone().find(|end| held(*end) >= octets).or_else(|| ends.next_back())
    }
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            segment_records: SEGMENT_RECORDS_DEFAULT,
            segments: VecDeque::from([Position::ZERO]),
            batches: VecDeque::new(),
            end: Position::ZERO,
            failures: VecDeque::new(),
        }
    }
}

impl Stored {
    fn start(&self) -> Position {
        self.segments.front().copied().unwrap_or(self.end)
    }

    fn out_of_range(&self, asked: Position) -> LogError {
        LogError::OutOfRange { asked, start: self.start(), end: self.end }
    }

    /// Begins a new segment when a batch that ends at `end` does not fit into the last one.
    fn make_room(&mut self, end: Position) {
        let begun = self.segments.back().copied().unwrap_or(self.end);
        if self.end > begun && end > begun.plus(self.segment_records) {
            self.segments.push_back(self.end);
        }
    }

    /// The place of the first batch that ends behind `position`.
    fn batch_of(&self, position: Position) -> usize {
        self.batches.partition_point(|b| b.end <= position)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + 'static>, LogError> {
        if from < self.start() || from > self.end {
            return Err(self.out_of_range(from));
        }
        // The bodies are shared, not copied; a later append is not seen, as with the file log.
        let later = self.batches.range(self.batch_of(from)..).cloned().collect();
        Ok(Box::new(MemoryRecords::new(later, from)))
    }

    /// The batch that holds `position`.
    fn holding(&self, position: Position) -> Result<Stretch, LogError> {
        let batch = self.batches.get(self.batch_of(position)).filter(|_| position >= self.start());
        batch.cloned().ok_or_else(|| self.out_of_range(position))
    }
}

/// Reads a [`MemoryStore`] from any thread.
struct MemoryReader(MemoryStore);

impl LogReader for MemoryReader {
    fn range(&self) -> (Position, Position) {
        let stored = self.0.lock();
        (stored.start(), stored.end)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.0.lock().read(from)
    }

    fn get_many(&self, positions: &[Position], each: &mut dyn FnMut(usize, Found<'_>)) {
        for (place, &position) in positions.iter().enumerate() {
            // Not under the lock: what is called may take its time.
            let batch = self.0.lock().holding(position);
            match batch {
                Ok(batch) => {
                    let later = VecDeque::from([batch]);
                    let mut records = MemoryRecords::new(later, position);
                    match records.next() {
                        Ok(Some(record)) => each(place, Ok(record.bytes)),
                        Ok(None) => each(place, Err(damaged(position))),
                        Err(error) => each(place, Err(error)),
                    }
                }
                Err(error) => each(place, Err(error)),
            }
        }
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryLog({:?}..{:?})", self.start(), self.end())
    }
}

/// A reader of a [`MemoryStore`] as it was when reading began.
struct MemoryRecords {
    /// The batches still to come.
    later: VecDeque<Stretch>,
    /// What is left of the batch being read.
    body: Bytes,
    /// The number of the next record in `body`.
    next: Position,
    /// Records before this one are passed over.
    from: Position,
    /// The record that is lent out.
    lent: Bytes,
}

impl Records for MemoryRecords {
    fn next(&mut self) -> Result<Option<Record<'_>>, LogError> {
        loop {
            let (len, rest) = match split_record(&self.body) {
                Front::Record { bytes, rest } => (bytes.len(), rest.len()),
                Front::End => {
                    let Some(batch) = self.later.pop_front() else { return Ok(None) };
                    (self.next, self.body) = (batch.first, batch.body);
                    continue;
                }
                Front::CutShort | Front::LaterVersion(_) => return Err(damaged(self.next)),
            };
            let position = self.next;
            self.next = position.plus(1);
            self.body.advance(self.body.len() - rest - len);
            self.lent = self.body.split_to(len);
            if position >= self.from {
                return Ok(Some(Record { position, bytes: &self.lent }));
            }
        }
    }
}

impl MemoryRecords {
    /// The records of `later` from `from` on.
    const fn new(later: VecDeque<Stretch>, from: Position) -> Self {
        Self { later, body: Bytes::new(), next: from, from, lent: Bytes::new() }
    }
}

/// Only `Batch` writes bodies, so this cannot be; saying it is better than trusting it.
fn damaged(position: Position) -> LogError {
    LogError::Damaged { file: PathBuf::from("memory"), offset: 0, expected: format!("record {position}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tests::conformance;

    impl conformance::Subject for MemoryStore {
        fn open(&mut self) -> Result<Box<dyn Log>, LogError> {
            Ok(Box::new(Self::open(self)))
        }

        fn fail_the_next_sync(&mut self) {
            self.fail_a_sync(FailedSync::Kept);
        }
    }

    conformance::suite!(MemoryStore::new());

    #[test]
    fn a_second_writer_is_refused_by_the_fence() {
        let store = MemoryStore::new();
        let (mut first, mut second) = (store.open(), store.open());
        let mut batch = Batch::default();
        batch.push_slice(b"mine").unwrap();
        let end = first.append(&mut batch, Position::ZERO).unwrap();
        let refused = second.append(&mut batch, Position::ZERO).unwrap_err();
        assert!(
            matches!(refused, LogError::Fenced { expected: Position::ZERO, end: e } if e == end),
            "{refused}"
        );
        assert_eq!(store.open().end(), end);
    }

    #[test]
    fn a_batch_whose_sync_failed_is_there_whole_or_not_at_all() {
        for (then, records) in [(FailedSync::Lost, 0), (FailedSync::Kept, 2)] {
            let store = MemoryStore::new();
            store.fail_a_sync(then);
            let mut batch = Batch::default();
            batch.push_slice(b"one").unwrap();
            batch.push_slice(b"two").unwrap();
            store.open().append(&mut batch, Position::ZERO).unwrap_err();
            assert_eq!(store.open().end(), Position::from_u64(records));
        }
    }
}
