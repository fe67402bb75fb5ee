//! One group commit: records encoded back to back into one reused buffer, ready to go out in one write.
//!
//! # The body of a batch
//!
//! All adapters store a batch's records in the same form, little-endian:
//!
//! ```text
//! body   = record*
//! record = length: u24   octets of payload, 0…RECORD_BYTES_MAX
//!          version: u8   how to read what follows; 1 = the payload, nothing else
//!          payload: length octets
//! ```
//!
//! The body carries no checksum of its own; the adapter's frame around it does.

use std::fmt;

use bytes::{BufMut, BytesMut};

/// The longest record, in octets: 256 KiB. The largest event is an accepted message with a `message_payload`
/// (65,535 octets, SMPP 3.4 section 5.3.2.32); four times that leaves room for what is stored beside it.
/// A longer one is refused by [`Batch::push`].
pub const RECORD_BYTES_MAX: usize = 256 * 1024;

/// The longest body of a batch, in octets with the records' heads: 8 MiB, forty thousand messages, ten times
/// what arrives while one sync runs. It bounds the memory of a reader, who needs a batch whole to check it.
/// A record that would pass it is refused by [`Batch::push`]: append, clear, push again.
pub const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Octets in front of the body that belong to the adapter, so that its frame and the body are one
/// contiguous write without a copy.
pub const FRAME_ROOM: usize = 32;

/// Octets in front of each record.
pub const RECORD_HEAD_LEN: usize = 4;

/// The version that [`Batch::push`] gives to records.
pub const RECORD_VERSION: u8 = 1;

const _: () = assert!(RECORD_BYTES_MAX < 1 << 24, "the length of a record has 24 bits");
const _: () =
    assert!(RECORD_HEAD_LEN + RECORD_BYTES_MAX <= BATCH_BYTES_MAX, "any record fits into an empty batch");
const _: () = assert!(BATCH_BYTES_MAX < u32::MAX as usize, "the length of a body has 32 bits");

/// Records that become durable together or not at all.
///
/// Reused from group to group: once it has grown to the size of the largest group it allocates no more.
pub struct Batch {
    /// [`FRAME_ROOM`] octets for the adapter, then the body.
    framed: BytesMut,
    /// Records in the body.
    count: u32,
}

/// Why a record was not added; the batch is as it was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PushError {
    /// The record can never be stored.
    #[error("a record of {len} octets is longer than {RECORD_BYTES_MAX}")]
    RecordTooLong {
        /// Its length in octets.
        len: usize,
    },
    /// The batch must be appended first; then the record fits.
    #[error("the batch is full: append it and push the record again")]
    BatchFull,
}

impl Batch {
    /// An empty batch with room for `octets` of body before it allocates.
    #[must_use]
    pub fn with_capacity(octets: usize) -> Self {
        let mut framed = BytesMut::with_capacity(FRAME_ROOM + octets.min(BATCH_BYTES_MAX));
        framed.resize(FRAME_ROOM, 0);
        Self { framed, count: 0 }
    }

    /// Adds the record that `encode` appends to the buffer it is given. The buffer holds the earlier records
    /// too, so that nothing is copied: `encode` must only append.
    ///
    /// # Errors
    /// [`PushError`]: the record is longer than [`RECORD_BYTES_MAX`], or the batch is full. A caller that
    /// asks [`Batch::is_full`] first never meets the second.
    ///
    /// # Panics
    /// When `encode` shortened or replaced what was in the buffer: acknowledged records would be lost.
    pub fn push(&mut self, encode: impl FnOnce(&mut BytesMut)) -> Result<(), PushError> {
        let start = self.framed.len();
        self.framed.put_slice(&HEAD_TO_COME);
        encode(&mut self.framed);
        let record = self.framed.get_mut(start..).and_then(<[u8]>::split_first_chunk_mut);
        let Some((head, payload)) = record.filter(|(head, _)| **head == HEAD_TO_COME) else {
            panic!("the encoder of a record changed the records before it");
        };
        match head_of(start, payload.len()) {
            Ok(octets) => *head = octets,
            Err(refused) => {
                self.framed.truncate(start);
                return Err(refused);
            }
        }
        self.count += 1;
        Ok(())
    }

    /// Adds a record that is already encoded.
    ///
    /// # Errors
    /// As [`Batch::push`].
    pub fn push_slice(&mut self, record: &[u8]) -> Result<(), PushError> {
        let head = head_of(self.framed.len(), record.len())?;
        self.framed.put_slice(&head);
        self.framed.put_slice(record);
        self.count += 1;
        Ok(())
    }

    /// Whether a record of the largest size might not fit any more: time to append.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.framed.len() - FRAME_ROOM + RECORD_HEAD_LEN + RECORD_BYTES_MAX > BATCH_BYTES_MAX
    }

    /// How many records there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The records in the form of the module head.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.framed.get(FRAME_ROOM..).unwrap_or_default()
    }

    /// Forgets the records, keeps the memory.
    pub fn clear(&mut self) {
        self.framed.truncate(FRAME_ROOM);
        self.count = 0;
    }

    /// The adapter's room and the body, contiguous: what goes out in one write.
    pub(super) fn framed_mut(&mut self) -> &mut [u8] {
        &mut self.framed
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} records, {} octets)", self.count, self.body().len())
    }
}

/// What stands in front of a record until its length is known; no real head, as its version is 255.
const HEAD_TO_COME: [u8; RECORD_HEAD_LEN] = [0xff; RECORD_HEAD_LEN];

/// The head of a record of `len` octets that begins at octet `start` of the frame, if it may.
const fn head_of(start: usize, len: usize) -> Result<[u8; RECORD_HEAD_LEN], PushError> {
    if len > RECORD_BYTES_MAX {
        return Err(PushError::RecordTooLong { len });
    }
    if start + RECORD_HEAD_LEN + len > FRAME_ROOM + BATCH_BYTES_MAX {
        return Err(PushError::BatchFull);
    }
    let [a, b, c, ..] = len.to_le_bytes();
    Ok([a, b, c, RECORD_VERSION])
}

/// What stands at the front of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Front<'a> {
    /// A record and what follows it.
    Record {
        /// The payload.
        bytes: &'a [u8],
        /// The rest of the body.
        rest: &'a [u8],
    },
    /// Nothing: the body has been read.
    End,
    /// Fewer octets than a record's head announces.
    CutShort,
    /// A record of a later release.
    LaterVersion(u8),
}

/// Takes the first record off `body`.
pub(super) fn split_record(body: &[u8]) -> Front<'_> {
    let Some((head, tail)) = body.split_first_chunk::<RECORD_HEAD_LEN>() else {
        return if body.is_empty() { Front::End } else { Front::CutShort };
    };
    let [a, b, c, version] = *head;
    if version != RECORD_VERSION {
        return Front::LaterVersion(version);
    }
    let len = u32::from_le_bytes([a, b, c, 0]) as usize;
    match tail.split_at_checked(len) {
        Some((bytes, rest)) => Front::Record { bytes, rest },
        None => Front::CutShort,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_went_in() {
        let mut batch = Batch::default();
        batch.push(|buffer| buffer.put_slice(b"one")).unwrap();
        batch.push_slice(b"").unwrap();
        assert_eq!((batch.count(), batch.is_empty()), (2, false));
        assert_eq!(batch.body(), b"\x03\0\0\x01one\0\0\0\x01");
        let Front::Record { bytes: b"one", rest } = split_record(batch.body()) else { panic!("{batch:?}") };
        assert_eq!(split_record(rest), Front::Record { bytes: b"", rest: b"" });
        assert_eq!(split_record(b""), Front::End);
        assert_eq!(split_record(b"\x03\0\0\x01on"), Front::CutShort);
        assert_eq!(split_record(b"\x03\0\0"), Front::CutShort);
        assert_eq!(split_record(b"\x03\0\0\x02one"), Front::LaterVersion(2));
    }

    #[test]
    fn a_record_that_is_too_long_leaves_the_batch_as_it_was() {
        let mut batch = Batch::default();
        let too_long = vec![0; RECORD_BYTES_MAX + 1];
        assert_eq!(batch.push_slice(&too_long), Err(PushError::RecordTooLong { len: too_long.len() }));
        assert_eq!(
            batch.push(|b| b.put_slice(&too_long)),
            Err(PushError::RecordTooLong { len: too_long.len() })
        );
        assert!(batch.is_empty() && batch.body().is_empty());
        batch.push_slice(&too_long[1..]).unwrap();
    }

    #[test]
    fn a_full_batch_refuses_and_says_before_that_it_is_full() {
        let mut batch = Batch::default();
        let large = vec![7; RECORD_BYTES_MAX];
        while !batch.is_full() {
            batch.push_slice(&large).unwrap();
        }
        let before = (batch.count(), batch.body().len());
        assert_eq!(batch.push_slice(&large), Err(PushError::BatchFull));
        assert_eq!((batch.count(), batch.body().len()), before);
        assert!(batch.body().len() <= BATCH_BYTES_MAX);
        batch.clear();
        batch.push_slice(&large).unwrap();
    }

    #[test]
    #[should_panic(expected = "changed the records before it")]
    fn an_encoder_that_loses_records_is_stopped() {
        let mut batch = Batch::default();
        batch.push_slice(b"one").unwrap();
        let lost = batch.push(|buffer| {
            buffer.clear();
            buffer.put_bytes(1, 100);
        });
        lost.unwrap();
    }

    #[test]
    fn a_reused_batch_allocates_no_more() {
        let mut batch = Batch::default();
        let fill = |batch: &mut Batch| (0..4096).for_each(|_| batch.push(|b| b.put_bytes(1, 200)).unwrap());
        fill(&mut batch);
        let memory = (batch.framed.as_ptr(), batch.framed.capacity());
        for _ in 0..8 {
            batch.clear();
            fill(&mut batch);
        }
        assert_eq!((batch.framed.as_ptr(), batch.framed.capacity()), memory);
    }
}
