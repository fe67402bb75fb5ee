//! What the writer of a file log and its readers on other threads both see.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::log::file::disk::Disk;
use crate::log::file::failed;
use crate::log::file::segment::{FileKind, Segment, file_kind, segment_name};
use crate::log::{LogError, Position};

/// A folder and what of it is durable.
#[derive(Debug)]
pub(super) struct Shared<D> {
    /// Where the segments are.
    pub(super) disk: D,
    /// Changed by the writer alone, for an instant at a time.
    view: Mutex<View>,
}

/// The durable part of a log at one instant.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The segments that hold records, oldest first; the last of them is the active one.
    pub(super) segments: VecDeque<Arc<Segment>>,
    /// The position after the last durable record.
    pub(super) end: Position,
    /// Where in the active segment the last durable batch ends, in octets from the file's start.
    pub(super) written: u64,
}

/// A segment, and how much of it may be read.
pub(super) struct Part {
    /// The segment.
    pub(super) segment: Arc<Segment>,
    /// The position after its last record.
    pub(super) end: Position,
    /// Where in the file nothing more may be read: what lies behind is being written.
    pub(super) limit: u64,
}

impl View {
    /// The oldest record.
    pub(super) fn start(&self) -> Position {
        self.segments.front().map_or(self.end, |oldest| oldest.first)
    }

    /// Refuses a position.
    pub(super) fn out_of_range(&self, asked: Position) -> LogError {
        LogError::OutOfRange { asked, start: self.start(), end: self.end }
    }

    /// The number in the list of the segment that holds `position`, or would if it is the end.
    fn place_of(&self, position: Position) -> usize {
        self.segments.partition_point(|segment| segment.first <= position).saturating_sub(1)
    }

    /// The segment at this place in the list.
    fn part(&self, place: usize) -> Option<Part> {
        let segment = Arc::clone(self.segments.get(place)?);
        Some(match self.segments.get(place + 1) {
            Some(next) => Part { limit: segment.size, end: next.first, segment },
            None => Part { segment, limit: self.written, end: self.end },
        })
    }
}

impl<D: Disk> Shared<D> {
    /// A folder that looks like this.
    pub(super) const fn new(disk: D, view: View) -> Self {
        Self { disk, view: Mutex::new(view) }
    }

    /// The view, for a look or a change; nobody may wait for anything while having it.
    pub(super) fn view(&self) -> MutexGuard<'_, View> {
        // A panic elsewhere cannot leave the view half changed: it is changed by plain assignments.
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The segments from the one that holds `from` on.
    pub(super) fn parts_from(&self, from: Position) -> Result<VecDeque<Part>, LogError> {
        let view = self.view();
        if from < view.start() || from > view.end {
            return Err(view.out_of_range(from));
        }
        Ok((view.place_of(from)..view.segments.len()).filter_map(|place| view.part(place)).collect())
    }

    /// The segment that holds the record at `position`.
    pub(super) fn part_with(&self, position: Position) -> Result<Part, LogError> {
        let view = self.view();
        let part = (view.start()..view.end).contains(&position).then(|| view.part(view.place_of(position)));
        part.flatten().ok_or_else(|| view.out_of_range(position))
    }

    /// Opens a segment to read it. One that is gone because everything up to it has been trimmed away is out of
    /// range; one that is gone from between others is missing.
    pub(super) fn open(&self, segment: &Segment, asked: Position) -> Result<D::File, LogError> {
        let name = segment_name(segment.number);
        self.disk.open_to_read(&name).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound && self.is_trimmed(segment.number).unwrap_or(false) {
                return self.view().out_of_range(asked);
            }
            failed(&self.disk, "opening", &name)(error)
        })
    }

    /// Whether no segment up to this one is left, but later ones are.
    fn is_trimmed(&self, number: u64) -> io::Result<bool> {
        let numbers = self.disk.list()?.into_iter().filter_map(|name| match file_kind(&name) {
            FileKind::Segment(number) => Some(number),
            FileKind::HalfMade | FileKind::Foreign => None,
        });
        Ok(numbers.min().is_some_and(|oldest| oldest > number))
    }
}
