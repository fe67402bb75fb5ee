//! Who is who: message ids that only grow, and the numbers of accounts and carriers.

use std::fmt;

use crate::base::time::Timestamp;

/// Bits of a message id that count within one millisecond: 4096 ids per millisecond and shard.
const COUNT_BITS: u32 = 12;
/// Bits of a message id that name the shard.
const SHARD_BITS: u32 = 10;
/// 2025-01-01T00:00:00Z, the zero of the id's clock: 41 bits of milliseconds last until 2094.
const ID_EPOCH_MS: u64 = 1_735_689_600_000;

/// The largest number of shards: what the id has room for.
pub const SHARDS_MAX: u16 = 1 << SHARD_BITS;

/// Our id of one message: 63 bits, time-ordered, never going back, carrying its shard.
///
/// Layout from the top: one zero bit, 41 bits of milliseconds since 2025, 10 bits of shard, 12 bits of count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(u64);

impl MessageId {
    /// The smallest id.
    pub const MIN: Self = Self(1);
    /// The largest id.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// The id with this value; `None` when it needs more than 63 bits or is zero.
    #[must_use]
    pub const fn from_u64(value: u64) -> Option<Self> {
        if value == 0 || value > i64::MAX as u64 { None } else { Some(Self(value)) }
    }

    /// The value, 1…2⁶³−1.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The shard that gave the id out.
    #[must_use]
    pub const fn shard(self) -> u16 {
        ((self.0 >> COUNT_BITS) & (SHARDS_MAX as u64 - 1)) as u16
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}", self.0)
    }
}

/// Gives out message ids. Part of the state: rebuilt from the ids in the log, so a restart or a calendar
/// that jumps back never repeats one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageIds {
    shard: u16,
    last: u64,
}

impl MessageIds {
    /// A giver for `shard`; a shard past [`SHARDS_MAX`] wraps into it.
    #[must_use]
    pub const fn new(shard: u16) -> Self {
        Self { shard: shard % SHARDS_MAX, last: 0 }
    }

    /// The id that a message accepted at `now` gets: from the clock, or just past the last one when the
    /// clock stands still, runs back, or the millisecond's count is used up.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> MessageId {
        let millis = now.as_millis().saturating_sub(ID_EPOCH_MS).max(1);
        let from_clock = Self::compose(millis, self.shard, 0);
        if from_clock > self.last {
            return MessageId(from_clock);
        }
        let count_mask = (1 << COUNT_BITS) - 1;
        if self.last & count_mask < count_mask {
            MessageId(self.last + 1)
        } else {
            MessageId(Self::compose((self.last >> (COUNT_BITS + SHARD_BITS)) + 1, self.shard, 0))
        }
    }

    /// The last id that was given out, if any was.
    #[must_use]
    pub const fn last(&self) -> Option<MessageId> {
        MessageId::from_u64(self.last)
    }

    /// Learns that `id` has been given out.
    pub fn saw(&mut self, id: MessageId) {
        if id.shard() == self.shard {
            self.last = self.last.max(id.0);
        }
    }

    fn compose(millis: u64, shard: u16, count: u64) -> u64 {
        let millis = millis.min((1 << 41) - 1);
        (millis << (COUNT_BITS + SHARD_BITS)) | (u64::from(shard) << COUNT_BITS) | count
    }
}

/// Where a record stands in the log: its number, counted from zero. The log's own word for it is `Position`; the flow
/// only remembers it, to find a message's record again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct RecordNumber(pub u64);

/// The number of an account in this log; its name is in the event that introduced it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountId(pub u32);

/// The number of a carrier in this log; its name is in the event that introduced it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CarrierId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    fn give(ids: &mut MessageIds, ms: u64) -> MessageId {
        let id = ids.next(Timestamp::from_millis(ms));
        ids.saw(id);
        id
    }

    #[test]
    fn ids_grow_when_the_clock_does_not() {
        let mut ids = MessageIds::new(7);
        let noon = ID_EPOCH_MS + 1_000_000;
        let mut last = give(&mut ids, noon);
        for ms in [noon, noon, noon - 500, 0, noon + 1, noon] {
            let next = give(&mut ids, ms);
            assert!(next > last, "{next} after {last}");
            assert_eq!(next.shard(), 7);
            last = next;
        }
    }

    #[test]
    fn a_used_up_millisecond_borrows_from_the_next() {
        let mut ids = MessageIds::new(1023);
        let mut last = give(&mut ids, ID_EPOCH_MS + 5);
        for _ in 0..10_000 {
            let next = give(&mut ids, ID_EPOCH_MS + 5);
            assert!(next > last);
            assert_eq!(next.shard(), 1023);
            last = next;
        }
    }

    #[test]
    fn an_id_fits_into_63_bits_and_is_never_zero() {
        assert_eq!(MessageId::from_u64(0), None);
        assert_eq!(MessageId::from_u64(1 << 63), None);
        let far = MessageIds::new(0).next(Timestamp::from_millis(u64::MAX));
        assert_eq!(MessageId::from_u64(far.as_u64()), Some(far));
    }
}
