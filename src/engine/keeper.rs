//! What is to be done with the log beside appending: old segments are freed, contents are read back; and records are
//! looked through for what was over when a fact was said.
//!
//! ```text
//!  log thread ──work──► reader thread: reads records ──Knock::Inputs──► core: what still matters is written once more
//!      ▲                                                                              │
//!      └─────────────── trim, once that is durable ◄───────────── group with a chore ◄┘
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::{io, thread};

use tracing::warn;

use crate::base::ids::{MessageId, RecordNumber};
use crate::engine::archive::{self, Archive};
use crate::engine::door::Door;
use crate::engine::recorder::Recorder;
use crate::engine::thread_named;
use crate::flow::{Asker, Chore, Input, Line, LookBack};
use crate::log::{Log, LogError, LogReader, Position};
use crate::message::{Content, Event};

/// Records of an old segment that are passed on at once: a share of a turn that nobody notices.
const CARRY_AT_ONCE: usize = 256;

/// Work for the reader thread.
enum Work {
    /// Read the contents of these messages, for whoever asked.
    Fetch(Asker, Vec<(MessageId, RecordNumber)>),
    /// Go through what is to be freed.
    Carry(Position),
}

/// Octets that were written once more while something was freed.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Of messages: as many as live in what is freed.
    pub(super) messages: AtomicU64,
    /// Of all that is known beside them: as many each time, however much is freed.
    pub(super) rest: AtomicU64,
}

/// Decides when old segments are freed, and hands out the work for it.
///
/// The log may grow to twice what lives in it: then freeing a segment costs one octet written again for each octet
/// freed, on average, and reading the log at a start costs twice what living state alone would. Whatever is freed, the
/// rest is written down once: so at least twice as much is freed at a time, however small segments are.
pub(super) struct Keeper {
    work: Sender<Work>,
    /// Who writes the records of what has ended.
    recorder: Recorder,
    /// Octets of log below which nothing is freed.
    least: u64,
    /// Octets of log above which the oldest segment is freed.
    bound: u64,
    /// The size of the log when the segment that is being freed was begun with.
    freeing: Option<u64>,
    /// What may be forgotten once this flush of the records is done.
    trim: Option<(u64, RecordNumber)>,
    /// The records, if any are kept, and whom to tell what is found in them.
    archive: Option<Archive>,
    door: Door,
    /// What is looked for there once this flush of them is done.
    look_back: Option<(u64, Box<LookBack>)>,
    /// The thread that does: one at a time, for the next fact is looked for when this one is done.
    looking_back: Option<thread::JoinHandle<()>>,
    /// What was written once more for it so far.
    moved: Arc<Moved>,
    /// Octets of the rest when it was last written down.
    rest: u64,
    /// Octets of records in it.
    passed: Arc<AtomicU64>,
}

impl Keeper {
    /// A keeper for this log, and the thread that reads for it; the thread ends with the keeper.
    pub(super) fn start(
        log: &impl Log,
        door: &Door,
        recorder: Recorder,
        archive: Option<Archive>,
        (least, moved): (u64, Arc<Moved>),
    ) -> io::Result<(Self, thread::JoinHandle<()>)> {
        let (work, todo) = channel();
        let passed = Arc::new(AtomicU64::new(0));
        let (reader, scanner) = (log.reader(), log.reader());
        let reading = Reading { reader, scanner, door: door.clone(), todo, passed: Arc::clone(&passed) };
        let thread = thread_named("telegraphy-reader", move || reading.run())?;
        let keeper = Self {
            work,
            recorder,
            least,
            bound: least,
            freeing: None,
            trim: None,
            archive,
            door: door.clone(),
            look_back: None,
            looking_back: None,
            moved,
            rest: 0,
            passed,
        };
        Ok((keeper, thread))
    }

    /// Begins to free the oldest segment when the log has grown past its bound.
    pub(super) fn look(&mut self, log: &mut impl Log) {
        self.trim(log);
        if let Some((_, look_back)) = self.look_back.take_if(|(flush, _)| self.recorder.is_done(*flush)) {
            self.look_back(look_back);
        }
        let octets = log.octets();
        if self.freeing.is_none()
            && octets > self.bound
            && let Some(up_to) = log.oldest_end(2 * self.rest)
        {
            self.freeing = Some(octets);
            self.moved.messages.store(0, Ordering::Relaxed);
            self.moved.rest.store(0, Ordering::Relaxed);
            // A reader that has ended was told to stop: then nothing is freed any more.
            let _stopping = self.work.send(Work::Carry(up_to));
        }
    }

    /// What a group that is durable now wants done.
    pub(super) fn chore(&mut self, chore: Chore) {
        match chore {
            Chore::Fetch(whom, messages) => {
                let _stopping = self.work.send(Work::Fetch(whom, messages));
            }
            // Records of what had ended in the segment may still be on their way.
            Chore::Trim(up_to) => self.trim = Some((self.recorder.ask(), up_to)),
            // What ended before the fact was said may still be on its way there.
            Chore::LookBack(look_back) => self.look_back = Some((self.recorder.ask(), look_back)),
        }
    }

    /// What has ended in a group that is durable now.
    pub(super) fn lines(&self, lines: &mut Vec<(RecordNumber, Line)>) {
        self.recorder.lines(lines);
    }

    /// Has the records read by a thread of its own: that may take minutes.
    fn look_back(&mut self, look_back: Box<LookBack>) {
        let (archive, door) = (self.archive.clone(), self.door.clone());
        let read = move || archive::look_back(archive.as_ref(), &look_back, &door);
        match thread_named("telegraphy-archive", read) {
            Ok(thread) => self.looking_back = Some(thread),
            Err(error) => {
                warn!(%error, "no thread to read the records: facts about what was over wait for a start")
            }
        }
    }

    fn trim(&mut self, log: &mut impl Log) {
        let Some((_, up_to)) = self.trim.take_if(|(flush, _)| self.recorder.is_done(*flush)) else { return };
        // What cannot be freed now is freed with the next segment; a log that fails says so at its next append.
        let _tried_again = log.trim(Position::from_u64(up_to.0));
        self.freed();
    }

    /// Sets the bound by how much of what was freed still mattered: of the oldest that is the smallest share.
    fn freed(&mut self) {
        let Some(began) = self.freeing.take() else { return };
        self.rest = self.moved.rest.load(Ordering::Relaxed);
        let carried = self.moved.messages.load(Ordering::Relaxed);
        let passed = self.passed.load(Ordering::Relaxed).max(1);
        let living = u128::from(began) * u128::from(carried.min(passed)) / u128::from(passed);
        let kept = u64::try_from(living).unwrap_or(u64::MAX).saturating_add(self.rest);
        self.bound = kept.saturating_mul(2).max(self.least);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // It ends when nobody listens any more.
        let _panicked = self.looking_back.take().map(thread::JoinHandle::join);
    }
}

/// The reader thread.
struct Reading {
    /// For single records.
    reader: Arc<dyn LogReader>,
    /// For a segment from its start to its end.
    scanner: Arc<dyn LogReader>,
    door: Door,
    todo: Receiver<Work>,
    /// Octets of records that were gone through in the segment that is to be freed.
    passed: Arc<AtomicU64>,
}

impl Reading {
    fn run(self) {
        while let Ok(work) = self.todo.recv() {
            let goes_on = match work {
                Work::Fetch(whom, messages) => self.fetch(whom, &messages),
                Work::Carry(up_to) => self.carry(up_to),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Whether anybody still listens.
    fn fetch(&self, whom: Asker, messages: &[(MessageId, RecordNumber)]) -> bool {
        let positions: Vec<_> = messages.iter().map(|(_, home)| Position::from_u64(home.0)).collect();
        let mut found: Vec<(MessageId, RecordNumber, Option<Content>)> =
            messages.iter().map(|(id, home)| (*id, *home, None)).collect();
        self.reader.get_many(&positions, &mut |place, record| {
            if let (Ok(record), Some(slot)) = (record, found.get_mut(place)) {
                slot.2 =
                    Event::decode(record).ok().and_then(Event::into_whole).and_then(|(_, content)| content);
            }
        });
        self.door.pass_blocking(vec![Input::Fetched { whom, found }])
    }

    /// Passes on every record that may be a message's home, and serves those who wait for contents in between.
    fn carry(&self, up_to: Position) -> bool {
        match self.carry_all(up_to) {
            Ok(goes_on) => goes_on,
            Err(error) => {
                warn!(%error, "an old segment cannot be read and stays: nothing is freed until the next start");
                true
            }
        }
    }

    fn carry_all(&self, up_to: Position) -> Result<bool, LogError> {
        let mut records = self.scanner.read(self.scanner.range().0)?;
        let mut inputs = Vec::new();
        let mut octets = 0;
        while let Some(record) = records.next()?.filter(|record| record.position < up_to) {
            octets += record.bytes.len() as u64;
            let home = RecordNumber(record.position.as_u64());
            if let Ok(event) = Event::decode(record.bytes) {
                let head = event.head();
                let found = event.into_whole();
                inputs.extend(found.map(|(message, content)| Input::Carry { message, home, head, content }));
            }
            if inputs.len() >= CARRY_AT_ONCE && !self.pass(std::mem::take(&mut inputs)) {
                return Ok(false);
            }
        }
        self.passed.store(octets, Ordering::Relaxed);
        inputs.push(Input::CarriedAll { up_to: RecordNumber(up_to.as_u64()) });
        Ok(self.pass(inputs))
    }

    /// Passes inputs on and serves whoever waits for contents; whether anybody still listens.
    fn pass(&self, inputs: Vec<Input>) -> bool {
        self.door.pass_blocking(inputs)
            && match self.todo.try_recv() {
                Ok(Work::Fetch(whom, messages)) => self.fetch(whom, &messages),
                Ok(Work::Carry(_)) | Err(TryRecvError::Empty) => true,
                Err(TryRecvError::Disconnected) => false,
            }
    }
}
