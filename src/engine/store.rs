//! A log as the engine keeps it: the port, and what has to be done beside the commits.

use std::sync::mpsc::{Receiver, TryRecvError, channel};

use crate::log::file::{FileLog, SegmentMaker, SpareSegment, disk::Folder};
use crate::log::memory::MemoryLog;
use crate::log::{Batch, Log, LogError, Position, Records};

/// A log with its upkeep.
pub trait Store: Log {
    /// Work that should not wait for a commit to need it. Called after each commit; must not block.
    fn upkeep(&mut self) {}
}

impl Store for MemoryLog {}

/// A file log whose next segment is made by another thread, so that no commit waits for it.
#[derive(Debug)]
pub struct KeptFileLog {
    log: FileLog,
    making: Option<Receiver<Option<SpareSegment<<Folder as crate::log::file::disk::Disk>::File>>>>,
}

impl KeptFileLog {
    /// Takes the log into keeping.
    #[must_use]
    pub const fn new(log: FileLog) -> Self {
        Self { log, making: None }
    }

    fn make(&mut self, maker: SegmentMaker<Folder>) {
        let (done, making) = channel();
        let work = move || {
            // A segment that cannot be made now is made by the commit that needs it, which then reports why not.
            let _nobody_waits = done.send(maker.make().ok());
        };
        if super::thread_named("telegraphy-segment", work).is_ok() {
            self.making = Some(making);
        }
    }
}

impl Store for KeptFileLog {
    fn upkeep(&mut self) {
        match self.making.as_ref().map(Receiver::try_recv) {
            Some(Ok(spare)) => {
                self.making = None;
                if let Some(spare) = spare {
                    self.log.install(spare);
                }
            }
            Some(Err(TryRecvError::Empty)) => return,
            Some(Err(TryRecvError::Disconnected)) | None => self.making = None,
        }
        if let Some(maker) = self.log.next_maker() {
            self.make(maker);
        }
    }
}

impl Log for KeptFileLog {
    fn start(&self) -> Position {
        self.log.start()
    }

    fn end(&self) -> Position {
        self.log.end()
    }

    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError> {
        self.log.append(batch, expected)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.log.read(from)
    }

    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.log.trim(up_to)
    }
}
