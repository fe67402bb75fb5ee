//! A log as the engine keeps it: the port, and what has to be done beside the commits.
//!
//! (This file is long because its tests are of both halves: what is kept, and what is made ahead.)

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

impl<D: Disk> Drop for KeptFileLog<D> {
    /// Waits for what the other threads do in the folder: whoever opens the log next would meet them there.
    fn drop(&mut self) {
        let _made = self.making.take().map(|making| making.recv());
        let _removed = self.removing.take().map(|removing| removing.recv());
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

    fn oldest_end(&self, octets: u64) -> Option<Position> {
        self.log.oldest_end(octets)
    }
}

impl<D: Disk> fmt::Debug for KeptFileLog<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptFileLog({:?}, {:?})", self.log, self.room())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::file::FileSettings;
    use crate::log::file::tests::simulated::{Fault, SimDisk};

    const SEGMENT: usize = 4096;

    const SETTINGS: FileSettings = FileSettings { segment_bytes: SEGMENT as u64, salt: 0x5a17 };

    /// A kept log whose other threads do their work at once.
    fn kept(disk: &SimDisk) -> KeptFileLog<SimDisk> {
        let log = FileLog::open(disk.clone(), SETTINGS).unwrap();
        KeptFileLog::with_threads(log, |_, work| {
            work();
            Ok(())
        })
    }

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    /// Two looks: the second takes what the first set going.
    fn upkeep(log: &mut KeptFileLog<SimDisk>, seconds: u64) {
        log.upkeep(at(seconds));
        log.upkeep(at(seconds));
    }

    fn batch() -> Batch {
        let mut batch = Batch::default();
        batch.push_slice(&[7; 1000]).unwrap();
        batch
    }

    fn append(log: &mut KeptFileLog<SimDisk>) -> Result<Position, LogError> {
        log.append(&mut batch(), log.end())
    }

    fn records(log: &impl Log) -> usize {
        let mut records = log.read(log.start()).unwrap();
        std::iter::from_fn(|| records.next().unwrap().map(|_| ())).count()
    }

    #[test]
    fn a_full_disk_is_low_then_none_then_plenty_again() {
        let disk = SimDisk::new();
        let mut log = kept(&disk);
        disk.leave_room(Some(SEGMENT - 1));
        upkeep(&mut log, 10);
        assert_eq!(log.room(), Room::Low);
        // The reserve: what is left of the active segment.
        for _ in 0..3 {
            append(&mut log).unwrap();
            assert_eq!(log.room(), Room::Low);
        }
        // One batch, offered again and again.
        let (mut waiting, end) = (batch(), log.end());
        for second in 11..14 {
            let refused = log.append(&mut waiting, end).unwrap_err();
            assert!(matches!(refused, LogError::NoSegment { .. }) && !refused.ends_acceptance(), "{refused}");
            upkeep(&mut log, second);
            assert_eq!((log.room(), log.end(), records(&log)), (Room::None, end, 3));
        }
        disk.leave_room(None);
        upkeep(&mut log, 13);
        assert_eq!(log.room(), Room::None, "tried a second later, not at every look");
        upkeep(&mut log, 14);
        assert_eq!(log.room(), Room::Plenty);
        let calls = disk.calls();
        log.append(&mut waiting, end).unwrap();
        assert_eq!(disk.calls() - calls, 4, "the segment was there already");
        assert_eq!((log.end().as_u64(), records(&log)), (4, 4));
    }

    #[test]
    fn an_append_finds_the_room_itself_when_there_is_some() {
        let disk = SimDisk::new();
        let mut log = kept(&disk);
        disk.leave_room(Some(0));
        upkeep(&mut log, 1);
        while append(&mut log).is_ok() {}
        assert_eq!(log.room(), Room::None);
        disk.leave_room(Some(SEGMENT));
        append(&mut log).unwrap();
        assert_eq!(log.room(), Room::Low, "and the next one could not be made yet");
        upkeep(&mut log, 9);
        assert_eq!(log.room(), Room::Low);
        log.trim(log.end()).unwrap();
        upkeep(&mut log, 10);
        upkeep(&mut log, 11);
        assert_eq!((log.room(), log.start().as_u64()), (Room::Plenty, 3), "trimming makes room");
    }

    #[test]
    fn a_crash_while_the_disk_is_full_loses_nothing_that_was_acknowledged() {
        for seed in 0..50 {
            let disk = SimDisk::new();
            let mut log = kept(&disk);
            disk.leave_room(Some(SEGMENT / 2));
            upkeep(&mut log, 1);
            while append(&mut log).is_ok() {}
            let end = log.end();
            drop(log);
            disk.cut_power(seed);
            let mut log = kept(&disk);
            assert_eq!((log.end(), records(&log)), (end, 3), "{seed}");
            upkeep(&mut log, 1);
            assert_eq!(log.room(), Room::Low);
            disk.leave_room(None);
            upkeep(&mut log, 2);
            append(&mut log).unwrap();
        }
    }

    #[test]
    fn no_commit_waits_for_a_segment_to_be_made_or_removed() {
        let disk = SimDisk::new();
        let mut log = kept(&disk);
        let reader = log.reader();
        for second in 0..40 {
            let calls = disk.calls();
            append(&mut log).unwrap();
            assert!(disk.calls() - calls <= 4, "a write and a sync, and a head's when a segment begins");
            let calls = disk.calls();
            log.trim(log.end()).unwrap();
            assert_eq!(disk.calls(), calls);
            assert_eq!(reader.range(), (log.start(), log.end()));
            upkeep(&mut log, second);
            assert!(log.octets() <= 3 * SEGMENT as u64);
        }
        assert!(disk.segments().len() <= 3, "{:?}", disk.segments());
        let start = log.start();
        drop(log);
        assert_eq!(kept(&disk).start(), start);
    }

    #[test]
    fn a_segment_that_cannot_be_removed_is_tried_again_a_second_later() {
        let disk = SimDisk::new();
        let mut log = kept(&disk);
        for second in 0..9 {
            append(&mut log).unwrap();
            upkeep(&mut log, second);
        }
        let (octets, start) = (log.octets(), log.oldest_end(0).unwrap());
        log.trim(start).unwrap();
        assert_eq!((log.start(), log.octets()), (start, octets), "still there");
        disk.fail_at(disk.calls() + 1, Fault::Broken);
        upkeep(&mut log, 20);
        assert_eq!((disk.fired(), log.octets()), (true, octets));
        upkeep(&mut log, 21);
        assert_eq!(log.octets(), octets - SEGMENT as u64);
        append(&mut log).unwrap();
    }

    #[test]
    fn a_removal_whose_sync_fails_ends_the_log_and_removes_nothing_more() {
        let disk = SimDisk::new();
        let mut log = kept(&disk);
        for second in 0..20 {
            append(&mut log).unwrap();
            upkeep(&mut log, second);
        }
        let (end, files) = (log.end(), disk.segments().len());
        log.trim(end).unwrap();
        disk.fail_at(disk.calls() + 2, Fault::Broken);
        for second in 20..30 {
            upkeep(&mut log, second);
        }
        assert!(matches!(append(&mut log), Err(LogError::Poisoned { .. })));
        assert_eq!(disk.segments().len(), files - 1);
        drop(log);
        disk.restart();
        let log = kept(&disk);
        assert_eq!((log.end(), records(&log) as u64), (end, end.as_u64() - log.start().as_u64()));
    }

    #[test]
    fn who_opens_the_log_next_meets_nobody_in_its_folder() {
        for _ in 0..50 {
            let disk = SimDisk::new();
            let mut log = KeptFileLog::new(FileLog::open(disk.clone(), SETTINGS).unwrap());
            log.upkeep(Moment::default());
            drop(log);
            let calls = disk.calls();
            FileLog::open(disk.clone(), SETTINGS).unwrap();
            let after = disk.calls();
            std::thread::yield_now();
            assert_eq!(disk.calls(), after, "{calls} calls before");
        }
    }
}
