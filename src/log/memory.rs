//! A log without a disk, for tests and the demo: the same promises while the process lives, and failures on
//! request.
//!
//! The records live in a [`MemoryStore`], which outlives the [`MemoryLog`]s opened on it as a disk outlives a
//! process: a test crashes an engine by dropping it and opens the store again. Several logs may be open on
//! one store; the fence decides between them, as in a distributed log.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use bytes::{Buf, Bytes};

use crate::log::batch::{Front, split_record};
use crate::log::error::Poison;
use crate::log::{Batch, Log, LogError, Position, Record, Records};

/// Where the records are.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Stored>>);

#[derive(Debug, Default)]
struct Stored {
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
        let stored = self.store.lock();
        let (start, end) = (stored.start(), stored.end);
        if from < start || from > end {
            return Err(LogError::OutOfRange { asked: from, start, end });
        }
        // The bodies are shared, not copied; a later append is not seen, as with the file log.
        let later = stored.batches.iter().filter(|b| b.end > from).cloned().collect();
        Ok(Box::new(MemoryRecords { later, body: Bytes::new(), next: from, from, lent: Bytes::new() }))
    }

    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.poison.check()?;
        let mut stored = self.store.lock();
        if up_to > stored.end {
            return Err(LogError::OutOfRange { asked: up_to, start: stored.start(), end: stored.end });
        }
        while stored.batches.front().is_some_and(|b| b.end <= up_to) {
            stored.batches.pop_front();
        }
        Ok(())
    }
}

impl Stored {
    fn start(&self) -> Position {
        self.batches.front().map_or(self.end, |b| b.first)
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
                Front::CutShort | Front::LaterVersion(_) => return Err(self.damaged()),
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
    /// Only `Batch` writes bodies, so this cannot be; saying it is better than trusting it.
    fn damaged(&self) -> LogError {
        let expected = format!("record {}", self.next);
        LogError::Damaged { file: PathBuf::from("memory"), offset: 0, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::conformance;

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
