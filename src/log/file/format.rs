//! The two heads of the format (`log::file`, "Format") to and from octets.

use std::num::NonZeroU64;

use crate::log::batch::{BATCH_BYTES_MAX, FRAME_ROOM};
use crate::log::{Batch, Position};

/// Octets of a segment's head; the first batch begins behind it.
pub(super) const SEGMENT_HEAD_LEN: usize = 64;

/// Octets of a batch's head; the body follows it.
pub(super) const BATCH_HEAD_LEN: usize = FRAME_ROOM;

/// The longest batch with its head: the farthest that one unfinished append can have reached.
pub(super) const FRAME_BYTES_MAX: u64 = (BATCH_HEAD_LEN + BATCH_BYTES_MAX) as u64;

/// What a segment begins with.
const SEGMENT_MAGIC: [u8; 8] = *b"tglogseg";

/// What a batch begins with. Not zero, so that unwritten room is never a batch.
pub(super) const BATCH_MAGIC: [u8; 4] = *b"tgB\x01";

/// The version of the format that this release writes.
pub(super) const SEGMENT_VERSION: u32 = 1;

/// The head of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SegmentHead {
    /// What every checksum in this segment starts from.
    pub(super) salt: u32,
    /// The segment's number, the same as in its name.
    pub(super) number: u64,
    /// The position of its first record.
    pub(super) first: Position,
    /// The size that its file was made with, in octets; none in segments of releases that did not write it.
    pub(super) size: Option<NonZeroU64>,
}

/// Why the octets are no head of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoSegmentHead {
    /// Wrong magic or checksum.
    Broken,
    /// A head of this later version.
    LaterVersion(u32),
}

impl SegmentHead {
    /// The octets of this head.
    pub(super) fn encode(&self) -> [u8; SEGMENT_HEAD_LEN] {
        let mut octets = [0; SEGMENT_HEAD_LEN];
        let mut at = Fields(&mut octets);
        at.put(&SEGMENT_MAGIC);
        at.put(&SEGMENT_VERSION.to_le_bytes());
        at.put(&self.salt.to_le_bytes());
        at.put(&self.number.to_le_bytes());
        at.put(&self.first.as_u64().to_le_bytes());
        at.put(&self.size.map_or(0, NonZeroU64::get).to_le_bytes());
        at.put(&[0; 20]);
        seal_last_four(&mut octets, 0);
        octets
    }

    /// The head that these octets are.
    pub(super) fn decode(octets: &[u8; SEGMENT_HEAD_LEN]) -> Result<Self, NoSegmentHead> {
        let mut fields = octets.as_slice();
        if take::<8>(&mut fields) != SEGMENT_MAGIC {
            return Err(NoSegmentHead::Broken);
        }
        // The checksum covers the version too, and every version keeps it where it is: a flipped bit is told
        // from a later release.
        if !is_sealed(octets, 0) {
            return Err(NoSegmentHead::Broken);
        }
        let version = u32::from_le_bytes(take(&mut fields));
        if version != SEGMENT_VERSION {
            return Err(NoSegmentHead::LaterVersion(version));
        }
        Ok(Self {
            salt: u32::from_le_bytes(take(&mut fields)),
            number: u64::from_le_bytes(take(&mut fields)),
            first: Position::from_u64(u64::from_le_bytes(take(&mut fields))),
            size: NonZeroU64::new(u64::from_le_bytes(take(&mut fields))),
        })
    }
}

/// The head of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BatchHead {
    /// Octets of the body.
    pub(super) body_len: u32,
    /// Records in the body.
    pub(super) count: u32,
    /// The position of the first record.
    pub(super) first: Position,
    /// The salted checksum of the body.
    pub(super) body_crc: u32,
}

impl BatchHead {
    /// The head that these octets are, when its checksum says so.
    pub(super) fn decode(octets: &[u8; BATCH_HEAD_LEN], salt: u32) -> Option<Self> {
        let mut fields = octets.as_slice();
        if take::<4>(&mut fields) != BATCH_MAGIC || !is_sealed(octets, salt) {
            return None;
        }
        let head = Self {
            body_len: u32::from_le_bytes(take(&mut fields)),
            count: u32::from_le_bytes(take(&mut fields)),
            first: Position::from_u64(u64::from_le_bytes(take(&mut fields))),
            body_crc: u32::from_le_bytes(take(&mut fields)),
        };
        (head.body_len as usize <= BATCH_BYTES_MAX).then_some(head)
    }

    /// Whether `body` is the body that this head was written with.
    pub(super) fn fits(&self, body: &[u8], salt: u32) -> bool {
        checksum(salt, body) == self.body_crc
    }

    /// The position after the last record.
    pub(super) const fn end(&self) -> Position {
        self.first.plus(self.count as u64)
    }

    /// Octets of head and body together.
    pub(super) const fn frame_len(&self) -> u64 {
        BATCH_HEAD_LEN as u64 + self.body_len as u64
    }
}

/// Writes the head into the batch's frame room; what comes back is the whole frame.
pub(super) fn frame(batch: &mut Batch, first: Position, salt: u32) -> &[u8] {
    let (body_len, count) = (batch.body().len(), batch.count());
    let body_crc = checksum(salt, batch.body());
    let framed = batch.framed_mut();
    if let Some(head) = framed.first_chunk_mut::<BATCH_HEAD_LEN>() {
        let mut at = Fields(head);
        at.put(&BATCH_MAGIC);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a body is at most BATCH_BYTES_MAX, which has 32 bits"
        )]
        at.put(&(body_len as u32).to_le_bytes());
        at.put(&count.to_le_bytes());
        at.put(&first.as_u64().to_le_bytes());
        at.put(&body_crc.to_le_bytes());
        at.put(&[0; 4]);
        seal_last_four(head, salt);
    }
    framed
}

/// Puts the checksum of all but the last four octets into the last four.
fn seal_last_four(octets: &mut [u8], salt: u32) {
    if let Some((head, seal)) = octets.split_last_chunk_mut::<4>() {
        *seal = checksum(salt, head).to_le_bytes();
    }
}

/// Whether the last four octets are the checksum of the others.
fn is_sealed(octets: &[u8], salt: u32) -> bool {
    octets.split_last_chunk::<4>().is_some_and(|(head, seal)| *seal == checksum(salt, head).to_le_bytes())
}

/// CRC-32 (IEEE) that starts from `salt` instead of zero.
fn checksum(salt: u32, octets: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(salt);
    hasher.update(octets);
    hasher.finalize()
}

/// Writes fields one behind the other; what would not fit is a mistake of the constants, caught by the
/// fixture.
struct Fields<'a>(&'a mut [u8]);

impl Fields<'_> {
    fn put(&mut self, field: &[u8]) {
        if let Some((here, rest)) = std::mem::take(&mut self.0).split_at_mut_checked(field.len()) {
            here.copy_from_slice(field);
            self.0 = rest;
        }
    }
}

/// The next `N` octets, zeros past the end (the callers' arrays are long enough).
fn take<const N: usize>(fields: &mut &[u8]) -> [u8; N] {
    let Some((field, rest)) = fields.split_first_chunk::<N>() else { return [0; N] };
    *fields = rest;
    *field
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tests::conformance::batch_of;

    #[test]
    fn heads_come_back_as_they_went_in() {
        for size in [NonZeroU64::new(1 << 33), None] {
            let head = SegmentHead { salt: 0xfeed_beef, number: 7, first: Position::from_u64(1 << 40), size };
            assert_eq!(SegmentHead::decode(&head.encode()), Ok(head));
        }

        let mut batch = batch_of(["one", "two"]);
        let (octets, body) = frame(&mut batch, Position::from_u64(9), 5).split_first_chunk().unwrap();
        let head = BatchHead::decode(octets, 5).unwrap();
        assert_eq!((head.first.as_u64(), head.count, head.body_len), (9, 2, 14));
        assert_eq!((head.end().as_u64(), head.frame_len()), (11, 46));
        assert!(head.fits(body, 5) && !head.fits(body, 6) && !head.fits(&body[1..], 5));
        assert_eq!(BatchHead::decode(octets, 6), None, "another salt is another log");
    }

    #[test]
    fn a_flipped_bit_is_broken_and_a_later_version_is_named() {
        let size = NonZeroU64::new(4096);
        let octets = SegmentHead { salt: 1, number: 1, first: Position::ZERO, size }.encode();
        for bit in 0..octets.len() * 8 {
            let mut flipped = octets;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SegmentHead::decode(&flipped), Err(NoSegmentHead::Broken), "bit {bit}");
        }
        let mut later = octets;
        later[8] = 2;
        seal_last_four(&mut later, 0);
        assert_eq!(SegmentHead::decode(&later), Err(NoSegmentHead::LaterVersion(2)));

        let mut batch = batch_of(["one"]);
        let head: [u8; BATCH_HEAD_LEN] = *frame(&mut batch, Position::ZERO, 0).first_chunk().unwrap();
        for bit in 0..head.len() * 8 {
            let mut flipped = head;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(BatchHead::decode(&flipped, 0), None, "bit {bit}");
        }
    }
}
