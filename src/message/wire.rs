//! Writing and reading records: little-endian integers, length-framed octets, no allocation.

use bytes::{BufMut, Bytes, BytesMut};

use crate::base::ids::MessageId;
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::message::CarrierMessageId;

/// Writes fields one behind the other.
pub(super) trait Put {
    fn kind(&mut self, kind: u8) -> &mut Self;
    fn u8(&mut self, value: u8) -> &mut Self;
    fn u32(&mut self, value: u32) -> &mut Self;
    fn u64(&mut self, value: u64) -> &mut Self;
    /// Micro-units.
    fn money(&mut self, amount: Money) -> &mut Self {
        self.u64(amount.as_micros().cast_unsigned())
    }
    /// At most 255 octets; nouns that are longer do not exist (the wire's own cap is 255).
    fn string(&mut self, octets: &[u8]) -> &mut Self;
    /// At most 65 535 octets, the most that `message_payload` can hold.
    fn long(&mut self, octets: &[u8]) -> &mut Self;
    /// An id or none; no id is zero.
    fn id(&mut self, id: Option<MessageId>) -> &mut Self {
        self.u64(id.map_or(0, MessageId::as_u64))
    }
    /// A time or none; what is waited for or has happened is never at zero.
    fn time(&mut self, at: Option<Timestamp>) -> &mut Self {
        self.u64(at.map_or(0, Timestamp::as_millis))
    }
    /// As many integers as there are, at most 2³².
    fn numbers(&mut self, numbers: &[u64]) -> &mut Self {
        self.u32(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        numbers.iter().for_each(|number| {
            self.u64(*number);
        });
        self
    }
}

impl Put for BytesMut {
    fn kind(&mut self, kind: u8) -> &mut Self {
        self.u8(kind)
    }

    fn u8(&mut self, value: u8) -> &mut Self {
        self.put_u8(value);
        self
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.put_u32_le(value);
        self
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.put_u64_le(value);
        self
    }

    fn string(&mut self, octets: &[u8]) -> &mut Self {
        let len = u8::try_from(octets.len()).unwrap_or(u8::MAX);
        self.put_u8(len);
        self.put_slice(octets.get(..usize::from(len)).unwrap_or_default());
        self
    }

    fn long(&mut self, octets: &[u8]) -> &mut Self {
        let len = u16::try_from(octets.len()).unwrap_or(u16::MAX);
        self.put_u16_le(len);
        self.put_slice(octets.get(..usize::from(len)).unwrap_or_default());
        self
    }
}

/// Reads fields one behind the other; `None` at the first that is not there.
pub(super) struct Cursor<'a> {
    record: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(record: &'a [u8]) -> Self {
        Self { record, position: 0 }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn message(&mut self) -> Option<MessageId> {
        self.u64().and_then(MessageId::from_u64)
    }

    pub(super) fn money(&mut self) -> Option<Money> {
        Some(Money::from_micros(self.u64()?.cast_signed()))
    }

    pub(super) fn timestamp(&mut self) -> Option<Timestamp> {
        self.u64().map(Timestamp::from_millis)
    }

    /// Outer `None`: not readable; inner: no id.
    pub(super) fn id(&mut self) -> Option<Option<MessageId>> {
        match self.u64()? {
            0 => Some(None),
            id => MessageId::from_u64(id).map(Some),
        }
    }

    /// Outer `None`: not readable; inner: no time.
    pub(super) fn time(&mut self) -> Option<Option<Timestamp>> {
        self.u64().map(|at| (at != 0).then(|| Timestamp::from_millis(at)))
    }

    pub(super) fn numbers(&mut self) -> Option<Vec<u64>> {
        let count = self.u32()? as usize;
        // Not more room than the record has octets for: a damaged count must not ask for gigabytes.
        let mut numbers = Vec::with_capacity(count.min(self.record.len() / 8));
        for _ in 0..count {
            numbers.push(self.u64()?);
        }
        Some(numbers)
    }

    pub(super) fn carrier_message_id(&mut self) -> Option<CarrierMessageId> {
        let len = usize::from(self.u8()?);
        self.take(len).map(CarrierMessageId::new)
    }

    pub(super) fn octets<const N: usize>(&mut self) -> Option<Octets<N>> {
        let len = usize::from(self.u8()?);
        Octets::new(self.take(len)?).ok()
    }

    pub(super) fn string(&mut self) -> Option<Bytes> {
        let len = usize::from(self.u8()?);
        self.take(len).map(Bytes::copy_from_slice)
    }

    pub(super) fn long(&mut self) -> Option<Bytes> {
        let len = usize::from(self.array().map(u16::from_le_bytes)?);
        self.take(len).map(Bytes::copy_from_slice)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let end = self.position.checked_add(len)?;
        let octets = self.record.get(self.position..end)?;
        self.position = end;
        Some(octets)
    }
}
