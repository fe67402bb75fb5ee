//! The files of one kind of records: buffered, flushed, rolled by the day and by size.

use std::collections::VecDeque;
use std::fmt;
use std::io;

use crate::base::time::Timestamp;
use crate::detail::compress::Compressor;
use crate::detail::date::Day;
use crate::detail::disk::{Disk, DiskFile, write_full};
use crate::detail::error::{DetailError, Poison};
use crate::detail::line::LINE_LEN_MAX;
use crate::detail::note::{Note, Written};
use crate::detail::place::{Kind, Place};

/// Octets that wait for a flush; the record that reaches it flushes by itself. Some 3,700 records: enough for a device
/// that needs 5 ms for each of a flush's two syncs to keep up with 300,000 records a second, and what a crash may leave
/// behind the note is still small enough to be told from a note that is too old.
pub const BUFFER_BYTES_MAX: usize = 1024 * 1024;

/// More than one flush can write: the full buffer, the record that filled it, and a file's header.
pub(super) const SURPLUS_MAX: u64 = (BUFFER_BYTES_MAX + 2 * LINE_LEN_MAX) as u64;

/// How many names are tried for a new file where somebody has put files of ours back: more is a mistake.
const NAMES_TRIED_MAX: u32 = 1000;

/// The writer of one kind of records.
pub(super) struct Store<D: Disk> {
    pub(super) disk: D,
    /// Keeps other processes out until the store is dropped.
    pub(super) _lock: D::Lock,
    pub(super) kind: Kind,
    /// Past this many octets a file is closed.
    pub(super) file_bytes_max: u64,
    /// The file that is written to.
    pub(super) current: Option<Current<D::File>>,
    /// The latest place that any file of the folder has had.
    pub(super) latest: Option<Place>,
    /// The day of the records now; it never goes back.
    pub(super) day: Day,
    /// What is durable.
    pub(super) written: Written,
    pub(super) note: Note<D::File>,
    /// Lines that are not written yet.
    pub(super) buffer: Vec<u8>,
    /// The position of the last record that was taken, written or not.
    pub(super) taken: Option<u64>,
    /// Closed files that are to be compressed, oldest first: a few numbers for each file of the folder.
    pub(super) closed: VecDeque<Place>,
    pub(super) poison: Poison,
}

/// The file that is written to.
pub(super) struct Current<F> {
    pub(super) file: F,
    pub(super) place: Place,
    /// Octets that are written and count.
    pub(super) len: u64,
    /// Whether its name may not be durable yet.
    pub(super) fresh: bool,
}

impl<D: Disk> Store<D> {
    /// Takes one record, written by `line`, unless it was taken before.
    pub(super) fn append(
        &mut self,
        position: u64,
        at: Timestamp,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), DetailError> {
        self.poison.check()?;
        if self.taken.is_some_and(|taken| position <= taken) {
            return Ok(());
        }
        self.day = self.day.max(Day::of(at));
        let fits = |current: &Current<_>| {
            current.place.day == self.day && current.len + (self.buffer.len() as u64) < self.file_bytes_max
        };
        if !self.current.as_ref().is_some_and(fits) {
            self.close()?;
            self.begin()?;
        }
        line(&mut self.buffer);
        self.taken = Some(position);
        if self.buffer.len() >= BUFFER_BYTES_MAX { self.flush() } else { Ok(()) }
    }

    /// Makes durable what was taken: the lines, the name of a new file, then the note that makes them count.
    pub(super) fn flush(&mut self) -> Result<(), DetailError> {
        self.poison.check()?;
        let Some(current) = self.current.as_mut().filter(|_| !self.buffer.is_empty()) else { return Ok(()) };
        let written = Written {
            position: self.taken,
            file: Some((current.place, current.len + self.buffer.len() as u64)),
        };
        let mut store = || {
            write_full(&current.file, &self.buffer, current.len)?;
            current.file.sync()?;
            if current.fresh {
                self.disk.sync_folder()?;
            }
            self.note.take_down(&written)
        };
        if let Err(source) = store() {
            let name = current.place.name(self.kind);
            return Err(self.failed("write", &name, source));
        }
        current.len += self.buffer.len() as u64;
        current.fresh = false;
        self.buffer.clear();
        self.written = written;
        Ok(())
    }

    /// Closes the file of an earlier day than `today`'s, so that it can be compressed though no record comes.
    pub(super) fn roll(&mut self, today: Timestamp) -> Result<(), DetailError> {
        self.day = self.day.max(Day::of(today));
        match &self.current {
            Some(current) if current.place.day < self.day => self.close(),
            _ => Ok(()),
        }
    }

    /// The compression of the oldest closed file that nobody was given yet.
    pub(super) fn next_compressor(&mut self) -> Option<Compressor<D>> {
        let place = self.closed.pop_front()?;
        Some(Compressor { disk: self.disk.clone(), kind: self.kind, place })
    }

    fn close(&mut self) -> Result<(), DetailError> {
        self.flush()?;
        self.closed.extend(self.current.take().map(|current| current.place));
        Ok(())
    }

    fn begin(&mut self) -> Result<(), DetailError> {
        let mut place = match self.latest {
            Some(latest) if latest.day >= self.day => latest.next(),
            _ => Place::first_of(self.day),
        };
        let mut tried = 1;
        let file = loop {
            match self.disk.create(&place.name(self.kind)) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && tried < NAMES_TRIED_MAX => {
                    place = place.next();
                    tried += 1;
                }
                Err(e) => return Err(self.failed("create", &place.name(self.kind), e)),
                Ok(file) => break file,
            }
        };
        self.latest = Some(place);
        self.current = Some(Current { file, place, len: 0, fresh: true });
        self.buffer.extend_from_slice(self.kind.header().as_bytes());
        Ok(())
    }

    fn failed(&mut self, step: &'static str, name: &str, source: io::Error) -> DetailError {
        self.poison.by(DetailError::Io { step, file: self.disk.path().join(name), source })
    }
}

impl<D: Disk> fmt::Debug for Store<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("written", &self.written)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}
