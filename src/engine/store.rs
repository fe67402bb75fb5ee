//! A log as the engine keeps it: the port, and what has to be done beside the commits.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use crate::base::time::Moment;
use crate::log::file::disk::{Disk, Folder};
use crate::log::file::{FileLog, Removed, SegmentMaker, SpareSegment};
use crate::log::memory::MemoryLog;
use crate::log::{Batch, Log, LogError, LogReader, Position, Records};

/// How long after a failure the next try to make or remove a segment waits: short beside the seconds that a segment
/// lasts, long beside what a try costs.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// How much room a log has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// As far as anybody knows there is always a next segment.
    Plenty,
    /// The next segment could not be made, as a rule because the disk is full. What is left in the active one is the
    /// reserve for what is already promised: receipts, outcomes.
    Low,
    /// The reserve is used up too: the last append found no room.
    None,
}

/// A log with its upkeep.
pub trait Store: Log {
    /// Work that should not wait for a commit to need it. Called after each commit, and each second or so while
    /// [`Store::room`] is not plenty; must not block.
    fn upkeep(&mut self, _now: Moment) {}

    /// How much room there is, as of the last append or upkeep.
    fn room(&self) -> Room {
        Room::Plenty
    }
}

impl Store for MemoryLog {}

/// Work for a thread of its own.
type Work = Box<dyn FnOnce() + Send>;

/// A file log whose segments are made and removed by other threads, so that no commit waits for it.
pub struct KeptFileLog<D: Disk = Folder> {
    log: FileLog<D>,
    /// A segment is being made.
    making: Option<Receiver<Made<D>>>,
    /// Segments are being removed.
    removing: Option<Receiver<Removed>>,
    /// When the next segment may be tried again, when one could not be made.
    make_again: Option<Moment>,
    /// When removing may be tried again.
    remove_again: Moment,
    /// The last append found no room.
    refused: bool,
    /// Starts a thread of this name.
    start: fn(&str, Work) -> io::Result<()>,
}

/// What has become of a segment in the making.
type Made<D> = Result<SpareSegment<<D as Disk>::File>, SegmentMaker<D>>;

impl<D: Disk> KeptFileLog<D> {
    /// Takes the log into keeping.
    #[must_use]
    pub fn new(log: FileLog<D>) -> Self {
        Self::with_threads(log, |name, work| super::thread_named(name, work).map(drop))
    }

    /// As [`KeptFileLog::new`], with another way to start a thread.
    const fn with_threads(log: FileLog<D>, start: fn(&str, Work) -> io::Result<()>) -> Self {
        let remove_again = Moment::from_micros(0);
        Self { log, making: None, removing: None, make_again: None, remove_again, refused: false, start }
    }

    /// Takes the made segment, or the maker that could not make it.
    fn take_made(&mut self, made: Made<D>, now: Moment) {
        self.making = None;
        match made {
            Ok(spare) => {
                self.log.install(spare);
                (self.make_again, self.refused) = (None, false);
            }
            // Why not is said by the append that needs it and finds the same.
            Err(maker) => {
                self.log.give_back(&maker);
                self.make_again = Some(now + TRY_AGAIN);
            }
        }
    }

    fn keep_making(&mut self, now: Moment) {
        match self.making.as_ref().map(Receiver::try_recv) {
            Some(Ok(made)) => self.take_made(made, now),
            Some(Err(TryRecvError::Empty)) => return,
            Some(Err(TryRecvError::Disconnected)) | None => self.making = None,
        }
        if self.make_again.is_some_and(|at| now < at) {
            return;
        }
        let Some(maker) = self.log.next_maker() else { return };
        let (done, making) = channel();
        let work = move || {
            let made = maker.make().map_err(|_| maker);
            // The log may have been closed meanwhile; its next opening removes the segment.
            let _nobody_waits = done.send(made);
        };
        if (self.start)("telegraphy-segment", Box::new(work)).is_ok() {
            self.making = Some(making);
        }
    }

    fn keep_removing(&mut self, now: Moment) {
        match self.removing.as_ref().map(Receiver::try_recv) {
            Some(Ok(removed)) => {
                self.removing = None;
                if self.log.removed(removed).is_err() {
                    // A segment that is still there is history that is still there. A failed sync has poisoned the
                    // log: the next append says so.
                    self.remove_again = now + TRY_AGAIN;
                }
            }
            Some(Err(TryRecvError::Empty)) => return,
            Some(Err(TryRecvError::Disconnected)) | None => self.removing = None,
        }
        if now < self.remove_again {
            return;
        }
        let Some(remover) = self.log.next_remover() else { return };
        let (done, removing) = channel();
        let work = move || {
            let _nobody_waits = done.send(remover.remove());
        };
        if (self.start)("telegraphy-remove", Box::new(work)).is_ok() {
            self.removing = Some(removing);
        }
    }
}

impl<D: Disk> Store for KeptFileLog<D> {
    fn upkeep(&mut self, now: Moment) {
        self.keep_removing(now);
        self.keep_making(now);
    }

    fn room(&self) -> Room {
        match (self.refused, self.make_again) {
            (true, _) => Room::None,
            (false, Some(_)) => Room::Low,
            (false, None) => Room::Plenty,
        }
    }
}

impl<D: Disk> Log for KeptFileLog<D> {
    fn start(&self) -> Position {
        self.log.start()
    }

    fn end(&self) -> Position {
        self.log.end()
    }

    /// As [`FileLog`] does; waits for the segment in the making, when it is needed now, instead of making another.
    fn append(&mut self, batch: &mut Batch, expected: Position) -> Result<Position, LogError> {
        if self.log.lacks_segment_for(batch)
            && let Some(Ok(made)) = self.making.as_ref().map(Receiver::recv)
        {
            // When it could not be made, the append tries once more itself, and the next upkeep may again.
            self.take_made(made, Moment::from_micros(0));
        }
        let appended = self.log.append(batch, expected);
        match &appended {
            Ok(_) => self.refused = false,
            Err(error) => self.refused |= matches!(error, LogError::NoSegment { .. }),
        }
        appended
    }

    fn read(&self, from: Position) -> Result<Box<dyn Records + '_>, LogError> {
        self.log.read(from)
    }

    /// Forgets the segments; the next upkeep has their files removed.
    fn trim(&mut self, up_to: Position) -> Result<(), LogError> {
        self.log.forget(up_to)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.log.reader()
    }

    fn octets(&self) -> u64 {
        self.log.octets()
    }

    fn oldest_end(&self) -> Option<Position> {
        self.log.oldest_end()
    }
}

impl<D: Disk> fmt::Debug for KeptFileLog<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptFileLog({:?}, {:?})", self.log, self.room())
    }
}
