//! What does this receipt say? Delivery receipts, read from what carriers really send and written for customers.
//!
//! SMPP 3.4 shows one form as an example (Appendix B) and leaves the rest to the vendor:
//!
//! ```text
//! id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text:...
//! ```
//!
//! So [`Receipt::parse`] takes fields in any order, in any case, missing, empty or unknown to us, and keeps every
//! value as the octets that came (quirks 29–42). Two TLVs say the same more reliably and are believed first.
//! Nothing is guessed: a word that we do not know stays that word ([`Stat::Other`]).
//!
//! The same body comes in `short_message` or `message_payload`, in `deliver_sm` or `data_sm` (quirks 39, 44); all of
//! them are plain octets here. Reading borrows, allocates nothing, and takes time in proportion to the octets.
//!
//! A receipt may come twice, or not be the last one (quirks 43, 45): see [`MessageState::is_final`]. What it counts
//! as is decided elsewhere, from the raw words kept here.

mod columns;
mod date;
mod scan;
mod state;
mod template;

pub use columns::{Column, ColumnLayout};
pub use date::{CivilTime, ReceiptDate};
pub use scan::ReceiptFields;
pub use state::Stat;
pub use template::{DateWidth, ErrStyle, NewReceipt, ReceiptTemplate, TEXT_OCTETS_MAX};

use crate::smpp::values::MessageState;

/// The values of the TLVs that belong to a receipt, as the PDU carried them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReceiptTlvs<'a> {
    /// `receipted_message_id` (0x001E), with or without its NUL.
    pub receipted_message_id: Option<&'a [u8]>,
    /// `message_state` (0x0427).
    pub message_state: Option<u8>,
    /// `network_error_code` (0x0423), of whatever length.
    pub network_error_code: Option<&'a [u8]>,
}

/// The value of a well-formed `network_error_code` TLV (SMPP 3.4 §5.3.2.31).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NetworkError {
    /// Which kind of network: 1 ANSI-136, 2 IS-95, 3 GSM; open.
    pub network_type: u8,
    /// The network's own code.
    pub code: u16,
}

/// Which of the two places a value was read from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// A TLV.
    Tlv,
    /// The receipt's text.
    Text,
}

/// A value and where it was read from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it stood.
    pub source: Source,
}

/// A delivery receipt: what its text says and what its TLVs say, side by side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt<'a> {
    /// The whole body as it came.
    pub raw: &'a [u8],
    /// The fields of the text.
    pub fields: ReceiptFields<'a>,
    /// The TLVs.
    pub tlvs: ReceiptTlvs<'a>,
}

impl<'a> Receipt<'a> {
    /// Reads a receipt's body in the form of Appendix B, as loosely as its writers take it. Never fails: what is not
    /// there is `None`.
    #[must_use]
    pub fn parse(body: &'a [u8], tlvs: ReceiptTlvs<'a>) -> Self {
        Self { raw: body, fields: ReceiptFields::scan(without_nul(body)), tlvs }
    }

    /// Reads a receipt's body in columns, for the carriers that are configured to send such (quirk 36).
    #[must_use]
    pub fn parse_columns(body: &'a [u8], layout: ColumnLayout<'_>, tlvs: ReceiptTlvs<'a>) -> Self {
        Self { raw: body, fields: layout.read(without_nul(body)), tlvs }
    }

    /// The carrier's message id, of any length: from the TLV unless that is missing or empty, else from the text.
    #[must_use]
    pub fn id(&self) -> Option<Sourced<&'a [u8]>> {
        let from_tlv = self.tlvs.receipted_message_id.map(without_nul).filter(|id| !id.is_empty());
        let from_text = self.fields.id.filter(|id| !id.is_empty());
        prefer(from_tlv, from_text)
    }

    /// What became of the message: from the TLV, else from the text's `stat`.
    ///
    /// A carrier's own code usually stands in `stat` also when there is a TLV; [`ReceiptFields::stat`] keeps it.
    #[must_use]
    pub fn state(&self) -> Option<Sourced<Stat<'a>>> {
        let from_tlv = self.tlvs.message_state.map(|state| Stat::State(MessageState(state)));
        let from_text = self.fields.stat.filter(|word| !word.is_empty()).map(Stat::of_word);
        prefer(from_tlv, from_text)
    }

    /// The network's error, if the TLV is as the specification wants it. Peers also send three digits, or more than
    /// three octets (quirk 51): those stay raw in [`ReceiptTlvs::network_error_code`].
    #[must_use]
    pub fn network_error(&self) -> Option<NetworkError> {
        match self.tlvs.network_error_code? {
            [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9'] => None,
            &[network_type, high, low] => {
                Some(NetworkError { network_type, code: u16::from_be_bytes([high, low]) })
            }
            _ => None,
        }
    }
}

/// Whether this body is surely a receipt although `esm_class` does not say so (quirk 41).
///
/// It must say an id and a stat and at least two of sub, dlvrd, submit date, done date and err: a phone's user could
/// write a text that looks like less. Receipts that say less need their `esm_class` or their TLVs.
#[must_use]
pub fn looks_like_receipt(body: &[u8]) -> bool {
    let fields = ReceiptFields::scan(without_nul(body));
    let says = |field: Option<&[u8]>| field.is_some_and(|value| !value.is_empty());
    let others = [fields.sub, fields.dlvrd, fields.submit_date, fields.done_date, fields.err];
    says(fields.id) && says(fields.stat) && others.into_iter().filter(|field| says(*field)).count() >= 2
}

fn prefer<T>(from_tlv: Option<T>, from_text: Option<T>) -> Option<Sourced<T>> {
    let from_tlv = from_tlv.map(|value| Sourced { value, source: Source::Tlv });
    from_tlv.or_else(|| from_text.map(|value| Sourced { value, source: Source::Text }))
}

/// Without the one NUL that C strings end with, and that bodies should not (quirk 40).
const fn without_nul(octets: &[u8]) -> &[u8] {
    if let [string @ .., 0] = octets { string } else { octets }
}

#[cfg(test)]
mod tests;
