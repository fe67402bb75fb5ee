//! What stands in a message, for the floors that pass messages and receipts on.

use crate::floor::wire::{HEADER_LEN, PREFIX, Pdu};

pub(crate) const DELIVER_SM: u32 = 0x0000_0005;

impl<'a> Pdu<'a> {
    /// The message_id of a response.
    pub(crate) fn message_id(self) -> &'a [u8] {
        c_octets(&self.0[HEADER_LEN..])
    }

    /// The message in a submit_sm or deliver_sm, by where its parts begin.
    pub(crate) fn message(self) -> Message<'a> {
        let source = past_nul(self.0, HEADER_LEN) + 2;
        let destination = past_nul(self.0, source) + 2;
        let esm_class = past_nul(self.0, destination);
        let registered_delivery = past_nul(self.0, past_nul(self.0, esm_class + 3));
        let text = registered_delivery + 5;
        let tlvs = text + usize::from(self.0[text - 1]);
        Message { pdu: self.0, source, destination, registered_delivery, text, tlvs }
    }
}

/// Where the parts of a message begin, in octets from the start of its PDU.
pub(crate) struct Message<'a> {
    pdu: &'a [u8],
    source: usize,
    destination: usize,
    registered_delivery: usize,
    pub(crate) text: usize,
    tlvs: usize,
}

impl<'a> Message<'a> {
    pub(crate) fn source(&self) -> &'a [u8] {
        c_octets(&self.pdu[self.source..])
    }

    pub(crate) fn destination(&self) -> &'a [u8] {
        c_octets(&self.pdu[self.destination..])
    }

    pub(crate) fn wants_receipt(&self) -> bool {
        self.pdu[self.registered_delivery] & 1 != 0
    }

    /// Where the value of the receipted_message_id begins.
    pub(crate) fn receipted_message_id(&self) -> Option<usize> {
        let mut at = self.tlvs;
        while let Some([t0, t1, l0, l1]) = self.pdu.get(at..at + 4) {
            if [*t0, *t1] == [0x00, 0x1E] {
                return Some(at + 4);
            }
            at += 4 + usize::from(u16::from_be_bytes([*l0, *l1]));
        }
        None
    }
}

/// The octets up to the first NUL.
pub(crate) fn c_octets(octets: &[u8]) -> &[u8] {
    &octets[..past_nul(octets, 0) - 1]
}

fn past_nul(octets: &[u8], from: usize) -> usize {
    octets[from..].iter().position(|octet| *octet == 0).map_or(octets.len(), |nul| from + nul + 1)
}

/// The number of a message, from its recipient.
pub(crate) fn number_of(recipient: &[u8]) -> Option<u32> {
    digits(recipient.strip_prefix(PREFIX)?)?.try_into().ok()
}

/// Reads a decimal number.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |number: u64, octet| {
        let digit = octet.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}
