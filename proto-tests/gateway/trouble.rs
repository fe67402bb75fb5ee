//! A disk that is not what it should be, for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use telegraphy::engine::{Room, Store};
use telegraphy::log::memory::MemoryLog;
use telegraphy::log::{Batch, Log, LogError, LogReader, Position, Records};

/// A log that can be made to hang, and a disk that can be full.
pub(super) struct Trouble {
    log: MemoryLog,
    /// While it is true, appends wait.
    pub(super) hangs: Arc<AtomicBool>,
    /// While it is true, there is no room for another segment.
    pub(super) is_full: Arc<AtomicBool>,
}

impl Trouble {
    pub(super) fn new(log: MemoryLog) -> Self {
        Self { log, hangs: Arc::default(), is_full: Arc::default() }
    }
}

impl Log for Trouble {
    fn start(&self) -> Position {
        self.log.start()
    }

    fn end(&self) -> Position {
        self.log.end()
    }

    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError> {
        while self.hangs.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        self.log.append(batch, expected)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.log.read(from)
    }

    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.log.trim(up_to)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.log.reader()
    }

    fn octets(&self) -> u64 {
        self.log.octets()
    }

    fn oldest_end(&self, octets: u64) -> Option<Position> {
        self.log.oldest_end(octets)
    }
}

impl Store for Trouble {
    fn room(&self) -> Room {
        if self.is_full.load(Ordering::Relaxed) { Room::Low } else { Room::Plenty }
    }
}
