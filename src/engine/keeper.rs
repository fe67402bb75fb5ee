//! What is to be done with the log beside appending: old segments are freed, contents are read back.
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

use crate::base::ids::{MessageId, RecordNumber};
use crate::engine::door::Door;
use crate::engine::thread_named;
use crate::flow::{Asker, Chore, Input};
use crate::log::{Log, LogReader, Position};
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

/// Decides when old segments are freed, and hands out the work for it.
///
/// The log may grow to twice what lives in it: then freeing a segment costs one octet written again for each octet
/// freed, on average, and reading the log at a start costs twice what living state alone would.
pub(super) struct Keeper {
    work: Sender<Work>,
    /// Octets of log below which nothing is freed.
    least: u64,
    /// Octets of log above which the oldest segment is freed.
    bound: u64,
    /// The size of the log when the segment that is being freed was begun with.
    freeing: Option<u64>,
    /// Octets that were carried out of it so far.
    carried: Arc<AtomicU64>,
}

impl Keeper {
    /// A keeper for this log, and the thread that reads for it; the thread ends with the keeper.
    pub(super) fn start(
        log: &impl Log,
        door: &Door,
        least: u64,
        carried: Arc<AtomicU64>,
    ) -> io::Result<(Self, thread::JoinHandle<()>)> {
        let (work, todo) = channel();
        let (reader, door) = (log.reader(), door.clone());
        let thread = thread_named("telegraphy-reader", move || Reading { reader, door, todo }.run())?;
        Ok((Self { work, least, bound: least, freeing: None, carried }, thread))
    }

    /// Begins to free the oldest segment when the log has grown past its bound.
    pub(super) fn look(&mut self, log: &impl Log) {
        let octets = log.octets();
        if self.freeing.is_none()
            && octets > self.bound
            && let Some(up_to) = log.oldest_end()
        {
            self.freeing = Some(octets);
            self.carried.store(0, Ordering::Relaxed);
            // A reader that has ended was told to stop: then nothing is freed any more.
            let _stopping = self.work.send(Work::Carry(up_to));
        }
    }

    /// What a group that is durable now wants done.
    pub(super) fn chore(&mut self, chore: Chore, log: &mut impl Log) {
        match chore {
            Chore::Fetch(whom, messages) => {
                let _stopping = self.work.send(Work::Fetch(whom, messages));
            }
            Chore::Trim(up_to) => {
                let before = log.octets();
                // What cannot be freed now is freed with the next segment; a log that fails says so at its next append.
                let _tried_again = log.trim(Position::from_u64(up_to.0));
                self.freed(before);
            }
        }
    }

    /// Sets the bound by how much of the segment still mattered: of the oldest that is the smallest share.
    fn freed(&mut self, octets: u64) {
        let Some(began) = self.freeing.take() else { return };
        let carried = self.carried.load(Ordering::Relaxed);
        let segment = SEGMENT_SHARE_OF.min(octets).max(1);
        let living = u128::from(began) * u128::from(carried.min(segment)) / u128::from(segment);
        self.bound = u64::try_from(2 * living).unwrap_or(u64::MAX).max(self.least);
    }
}

/// What a segment usually holds, for the estimate of what lives.
const SEGMENT_SHARE_OF: u64 = crate::log::file::SEGMENT_BYTES_DEFAULT;

/// The reader thread.
struct Reading {
    reader: Arc<dyn LogReader>,
    door: Door,
    todo: Receiver<Work>,
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
                slot.2 = Event::decode(record).ok().and_then(content_of).and_then(|(_, content)| content);
            }
        });
        self.door.pass_blocking(vec![Input::Fetched { whom, found }])
    }

    /// Passes on every record that may be a message's home, and serves those who wait for contents in between.
    fn carry(&self, up_to: Position) -> bool {
        let (start, _) = self.reader.range();
        let mut inputs = Vec::new();
        let mut from = start;
        while from < up_to {
            let Ok(next) = self.carry_some(from, up_to, &mut inputs) else {
                // Damage in an old segment: it stays, and the next start says where.
                return true;
            };
            from = next;
            if !self.door.pass_blocking(std::mem::take(&mut inputs)) {
                return false;
            }
            match self.todo.try_recv() {
                Ok(Work::Fetch(whom, messages)) if !self.fetch(whom, &messages) => return false,
                Err(TryRecvError::Disconnected) => return false,
                _ => {}
            }
        }
        self.door.pass_blocking(vec![Input::CarriedAll { up_to: RecordNumber(up_to.as_u64()) }])
    }

    fn carry_some(
        &self,
        from: Position,
        up_to: Position,
        inputs: &mut Vec<Input>,
    ) -> Result<Position, crate::log::LogError> {
        let mut records = self.reader.read(from)?;
        let mut next = from;
        while inputs.len() < CARRY_AT_ONCE
            && next < up_to
            && let Some(record) = records.next()?
        {
            let home = RecordNumber(record.position.as_u64());
            next = record.position.plus(1);
            let Ok(event) = Event::decode(record.bytes) else { continue };
            let head = head_of(&event);
            if let Some((message, content)) = content_of(event) {
                inputs.push(Input::Carry { message, home, head, content });
            }
        }
        Ok(next)
    }
}

/// The first part of the long message to which a record's message belongs.
fn head_of(event: &Event) -> Option<MessageId> {
    match event {
        Event::Accepted { part, .. } => part.map(|part| part.head),
        Event::Carried(carried) => carried.part.map(|part| part.head),
        _ => None,
    }
}

/// The message that a record holds whole, and its content.
fn content_of(event: Event) -> Option<(MessageId, Option<Content>)> {
    match event {
        Event::Accepted { message, submission, .. } | Event::Received { message, submission, .. } => {
            Some((message, Some(submission.content)))
        }
        Event::Carried(carried) => Some((carried.message, carried.content)),
        _ => None,
    }
}
