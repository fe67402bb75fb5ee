//! Walks through the batches of one segment, a window of the file at a time.

use std::io;
use std::ops::Range;

use crate::log::Position;
use crate::log::file::disk::{DiskFile, read_full};
use crate::log::file::format::{BATCH_HEAD_LEN, BatchHead, SEGMENT_HEAD_LEN};

/// Octets that are read at once when a segment is read from end to end: a batch of a thousand messages, and few
/// enough calls to keep up with memory. The window grows to the length of the longest batch
/// (`BATCH_BYTES_MAX`) and no further.
pub(super) const READ_AT_ONCE: usize = 256 * 1024;

/// A reader that stands between two batches.
pub(super) struct Batches<F> {
    /// The segment.
    file: F,
    /// What the segment's checksums start from.
    salt: u32,
    /// Where reading ends, in octets from the file's start: the file's size, or the end of what is durable. What
    /// lies before it does not change any more, so the window is never out of date.
    limit: u64,
    /// Octets that are read at once.
    at_once: usize,
    /// Where the next batch begins.
    offset: u64,
    /// The part of the file that is in memory.
    window: Vec<u8>,
    /// Where in the file the window begins; never after `offset`.
    window_start: u64,
    /// Where in the window the body of the last batch is.
    body: Range<usize>,
}

/// What stands at the reader's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// A whole batch; the reader is behind it now.
    Batch(BatchHead),
    /// Room that nothing was written to, or the end of the file. The reader stays.
    Unwritten,
    /// Something else. The reader stays.
    Broken {
        /// How far the broken batch reached, when its head is whole.
        end: Option<u64>,
    },
}

impl<F: DiskFile> Batches<F> {
    /// A reader at the first batch of `file`, which reads `at_once` octets at once and nothing behind `limit`.
    pub(super) const fn new(file: F, salt: u32, limit: u64, at_once: usize) -> Self {
        let offset = SEGMENT_HEAD_LEN as u64;
        Self { file, salt, limit, at_once, offset, window: Vec::new(), window_start: offset, body: 0..0 }
    }

    /// Goes to the batch that begins at `offset`.
    pub(super) fn seek(&mut self, offset: u64) {
        self.body = 0..0;
        if offset < self.window_start {
            self.window.clear();
            self.window_start = offset;
        }
        self.offset = offset;
    }

    /// Lets reading go on to `limit`.
    pub(super) const fn extend_to(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Forgets what has been read, to read it again.
    pub(super) fn forget(&mut self) {
        self.body = 0..0;
        self.window.clear();
        self.window_start = self.offset;
    }

    /// Reads the next batch. A whole one that ends at or before `from` is passed over by its head alone.
    pub(super) fn next(&mut self, from: Position) -> io::Result<Next> {
        self.body = 0..0;
        let Some(octets) = self.fill(BATCH_HEAD_LEN)?.first_chunk::<BATCH_HEAD_LEN>() else {
            return Ok(Next::Unwritten);
        };
        let octets = *octets;
        let Some(head) = BatchHead::decode(&octets, self.salt) else {
            let unwritten = octets.iter().all(|&octet| octet == 0);
            return Ok(if unwritten { Next::Unwritten } else { Next::Broken { end: None } });
        };
        let end = self.offset + head.frame_len();
        if end > self.limit {
            return Ok(Next::Broken { end: Some(end) });
        }
        if head.end() > from {
            let frame_len = BATCH_HEAD_LEN + head.body_len as usize;
            let salt = self.salt;
            let body = self.fill(frame_len)?.get(BATCH_HEAD_LEN..frame_len);
            if !body.is_some_and(|body| head.fits(body, salt)) {
                return Ok(Next::Broken { end: Some(end) });
            }
            let start = self.here();
            self.body = start + BATCH_HEAD_LEN..start + frame_len;
        }
        self.offset = end;
        Ok(Next::Batch(head))
    }

    /// What of the body of the last batch lies behind its first `skip` octets.
    pub(super) fn body_from(&self, skip: usize) -> &[u8] {
        self.window.get(self.body.start + skip..self.body.end).unwrap_or_default()
    }

    /// Where in the file the next batch begins.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Where in the file the body of the last batch begins.
    pub(super) const fn body_offset(&self) -> u64 {
        self.window_start + self.body.start as u64
    }

    /// The file.
    pub(super) const fn file(&self) -> &F {
        &self.file
    }

    /// Gives the file back.
    pub(super) fn into_file(self) -> F {
        self.file
    }

    /// The window from the reader's place on, at least `len` octets of it unless the file ends before.
    fn fill(&mut self, len: usize) -> io::Result<&[u8]> {
        if self.here().saturating_add(len) > self.window.len() {
            let passed = self.here().min(self.window.len());
            self.window.drain(..passed);
            self.window_start = self.offset;
            let have = self.window.len();
            let left = usize::try_from(self.limit.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            self.window.resize(len.max(self.at_once).min(left).max(have), 0);
            let room = self.window.get_mut(have..).unwrap_or_default();
            let read = read_full(&self.file, room, self.offset + have as u64)?;
            self.window.truncate(have + read);
        }
        let here = self.here();
        Ok(self.window.get(here..).unwrap_or_default())
    }

    /// Where in the window the reader stands (past its end when batches were passed over).
    fn here(&self) -> usize {
        usize::try_from(self.offset - self.window_start).unwrap_or(usize::MAX)
    }
}
