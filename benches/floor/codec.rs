//! The floor of the codec: the leanest submit_sm that still obeys the wire.
//!
//! It knows one command and has no names, no limits and no faults: only the checks without which a peer could make
//! it read or write something that is not there. C-octet strings end in NUL inside the PDU, `sm_length` and the
//! parameters' lengths stay inside it. It bounds what is possible and is no competitor.

use bytes::{Bytes, BytesMut};

const HEADER_LEN: usize = 16;

/// Where the parts of a submit_sm begin, in octets from the start of its frame: source, destination, esm_class,
/// schedule, validity, registered_delivery, parameters, end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offsets([u16; 8]);

impl Offsets {
    /// Finds the parts and checks them; `None` when one does not end inside the frame.
    #[inline]
    pub(crate) fn find(frame: &[u8]) -> Option<Self> {
        let command_length = u32::from_be_bytes(*frame.first_chunk()?) as usize;
        let end = u16::try_from(command_length).ok().filter(|_| frame.len() == command_length)?;
        let source = past_nul(frame, HEADER_LEN)?;
        let destination = past_nul(frame, source + 2)?;
        let esm_class = past_nul(frame, destination + 2)?;
        let schedule = esm_class + 3;
        let validity = past_nul(frame, schedule)?;
        let registered_delivery = past_nul(frame, validity)?;
        let sm_length = registered_delivery + 4;
        let tlvs = sm_length + 1 + usize::from(*frame.get(sm_length)?);
        let mut rest = frame.get(tlvs..)?;
        while let Some(([_, _, l0, l1], after)) = rest.split_first_chunk() {
            rest = after.get(usize::from(u16::from_be_bytes([*l0, *l1]))..)?;
        }
        let parts = [source, destination, esm_class, schedule, validity, registered_delivery, tlvs];
        let [a, b, c, d, e, f, g] = parts.map(|part| part as u16);
        Some(Self([a, b, c, d, e, f, g, end]))
    }

    /// The octets of the message.
    fn short_message<'a>(&self, frame: &'a [u8]) -> Option<&'a [u8]> {
        let Self([.., registered_delivery, tlvs, _]) = self;
        frame.get(usize::from(registered_delivery + 5)..usize::from(*tlvs))
    }
}

/// A borrowed submit_sm.
#[derive(Debug)]
pub(crate) struct View<'a> {
    frame: &'a [u8],
    offsets: Offsets,
}

impl<'a> View<'a> {
    #[inline]
    pub(crate) fn decode(frame: &'a [u8]) -> Option<Self> {
        Some(Self { frame, offsets: Offsets::find(frame)? })
    }

    pub(crate) fn short_message(&self) -> Option<&[u8]> {
        self.offsets.short_message(self.frame)
    }
}

/// A submit_sm that owns its frame.
#[derive(Debug)]
pub(crate) struct Owned {
    frame: Bytes,
    offsets: Offsets,
}

impl Owned {
    #[inline]
    pub(crate) fn decode(frame: Bytes) -> Option<Self> {
        Some(Self { offsets: Offsets::find(&frame)?, frame })
    }

    pub(crate) fn short_message(&self) -> Option<&[u8]> {
        self.offsets.short_message(&self.frame)
    }
}

/// What a submit_sm is written from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SubmitSm<'a> {
    pub(crate) sequence: u32,
    pub(crate) service_type: &'a [u8],
    pub(crate) source: (u8, u8, &'a [u8]),
    pub(crate) destination: (u8, u8, &'a [u8]),
    pub(crate) class_protocol_priority: [u8; 3],
    pub(crate) schedule: &'a [u8],
    pub(crate) validity: &'a [u8],
    pub(crate) receipt_replace_coding_default: [u8; 4],
    pub(crate) short_message: &'a [u8],
    pub(crate) tlvs: &'a [(u16, &'a [u8])],
}

impl SubmitSm<'_> {
    /// Writes the PDU behind what `out` holds; `None` when a length does not fit its field.
    #[inline]
    pub(crate) fn encode(&self, out: &mut BytesMut) -> Option<()> {
        let texts = [self.service_type, self.source.2, self.destination.2, self.schedule, self.validity];
        let tlvs: usize = self.tlvs.iter().map(|(_, value)| 4 + value.len()).sum();
        let len = HEADER_LEN
            + texts.iter().map(|text| text.len() + 1).sum::<usize>()
            + 2 * 2
            + 3
            + 4
            + 1
            + self.short_message.len()
            + tlvs;
        let [receipt, replace, coding, default] = self.receipt_replace_coding_default;
        let sm_length = u8::try_from(self.short_message.len()).ok()?;
        let start = out.len();
        out.resize(start + len, 0);
        let mut rest = out.get_mut(start..)?;
        put(&mut rest, &(len as u32).to_be_bytes())?;
        put(&mut rest, &[0, 0, 0, 4, 0, 0, 0, 0])?;
        put(&mut rest, &self.sequence.to_be_bytes())?;
        c_octets(&mut rest, self.service_type)?;
        put(&mut rest, &[self.source.0, self.source.1])?;
        c_octets(&mut rest, self.source.2)?;
        put(&mut rest, &[self.destination.0, self.destination.1])?;
        c_octets(&mut rest, self.destination.2)?;
        put(&mut rest, &self.class_protocol_priority)?;
        c_octets(&mut rest, self.schedule)?;
        c_octets(&mut rest, self.validity)?;
        put(&mut rest, &[receipt, replace, coding, default, sm_length])?;
        put(&mut rest, self.short_message)?;
        for (tag, value) in self.tlvs {
            let value_len = u16::try_from(value.len()).ok()?;
            put(&mut rest, [tag.to_be_bytes(), value_len.to_be_bytes()].as_flattened())?;
            put(&mut rest, value)?;
        }
        Some(())
    }
}

#[inline]
fn put(rest: &mut &mut [u8], octets: &[u8]) -> Option<()> {
    let (front, after) = std::mem::take(rest).split_at_mut_checked(octets.len())?;
    front.copy_from_slice(octets);
    *rest = after;
    Some(())
}

/// The room was zeroed, so the NUL is there already.
#[inline]
fn c_octets(rest: &mut &mut [u8], text: &[u8]) -> Option<()> {
    if !text.is_empty() {
        put(rest, text)?;
    }
    *rest = std::mem::take(rest).get_mut(1..)?;
    Some(())
}

#[inline]
fn past_nul(frame: &[u8], from: usize) -> Option<usize> {
    Some(from + frame.get(from..)?.iter().position(|octet| *octet == 0)? + 1)
}
