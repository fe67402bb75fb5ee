//! How does this customer want his receipts? Writing the text of a receipt to a template.
//!
//! The default is the form of SMPP 3.4 Appendix B, octet for octet:
//!
//! ```text
//! id:4711 sub:001 dlvrd:001 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000 text:Hello
//! ```

use bytes::{BufMut, BytesMut};

use super::date::CivilTime;
use crate::base::time::Timestamp;

/// The most octets of the message's text in a receipt: what Appendix B allows. More is cut off.
pub const TEXT_OCTETS_MAX: u8 = 20;

/// The furthest a clock may differ from UTC in a template, in quarter hours: UTC−14 to UTC+14 holds every place on
/// Earth. Further is taken as this far.
const UTC_OFFSET_QUARTERS_MAX: i8 = 56;

const MILLIS_PER_QUARTER: u64 = 15 * 60 * 1000;

/// How a date is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateWidth {
    /// `YYMMDDhhmm`.
    Ten,
    /// `YYMMDDhhmmss`.
    Twelve,
    /// `YYYYMMDDhhmmss`.
    Fourteen,
}

/// How an error is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrStyle {
    /// As it is.
    AsIs,
    /// A number with its zeros in front taken away and so many digits filled up again, but never cut; anything that
    /// is not a number as it is. 3 makes `000` of `0`, and 1 makes `0` of `000`.
    Digits(u8),
}

/// Which fields a receipt has, and how wide they are. `id` and `stat` are always there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReceiptTemplate {
    /// Whether `sub` and `dlvrd` are written.
    pub counts: bool,
    /// How `submit date` and `done date` are written, if at all.
    pub dates: Option<DateWidth>,
    /// How far the dates' clock is before UTC, in quarter hours, −56…56.
    pub utc_offset_quarters: i8,
    /// How `err` is written, if at all.
    pub err: Option<ErrStyle>,
    /// How many octets of `text` are written at most, if the field is there at all; up to [`TEXT_OCTETS_MAX`].
    pub text_octets: Option<u8>,
}

impl Default for ReceiptTemplate {
    fn default() -> Self {
        Self {
            counts: true,
            dates: Some(DateWidth::Ten),
            utc_offset_quarters: 0,
            err: Some(ErrStyle::Digits(3)),
            text_octets: Some(TEXT_OCTETS_MAX),
        }
    }
}

/// What a receipt of ours says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewReceipt<'a> {
    /// Our message id in the customer's format.
    pub id: &'a [u8],
    /// How many messages were submitted, written with at least three digits.
    pub sub: u16,
    /// How many of them were delivered.
    pub dlvrd: u16,
    /// When the message was submitted.
    pub submitted: Timestamp,
    /// When it reached its state.
    pub done: Timestamp,
    /// The word for its state, see [`super::MessageState::word`], or a code to be passed on.
    pub stat: &'a [u8],
    /// The error; `0` for none.
    pub err: &'a [u8],
    /// The beginning of the message's text, in octets that the receipt's own `data_coding` can say.
    pub text: &'a [u8],
}

impl ReceiptTemplate {
    /// Appends the text of this receipt to `out`.
    pub fn write(&self, receipt: &NewReceipt<'_>, out: &mut BytesMut) {
        out.put_slice(b"id:");
        out.put_slice(receipt.id);
        if self.counts {
            out.put_slice(b" sub:");
            put_number(out, receipt.sub.into(), 3);
            out.put_slice(b" dlvrd:");
            put_number(out, receipt.dlvrd.into(), 3);
        }
        if let Some(width) = self.dates {
            out.put_slice(b" submit date:");
            self.put_date(out, receipt.submitted, width);
            out.put_slice(b" done date:");
            self.put_date(out, receipt.done, width);
        }
        out.put_slice(b" stat:");
        out.put_slice(receipt.stat);
        if let Some(style) = self.err {
            out.put_slice(b" err:");
            put_err(out, receipt.err, style);
        }
        if let Some(octets) = self.text_octets {
            out.put_slice(b" text:");
            let octets = usize::from(octets.min(TEXT_OCTETS_MAX));
            out.put_slice(receipt.text.get(..octets).unwrap_or(receipt.text));
        }
    }

    fn put_date(&self, out: &mut BytesMut, at: Timestamp, width: DateWidth) {
        let quarters = self.utc_offset_quarters.clamp(-UTC_OFFSET_QUARTERS_MAX, UTC_OFFSET_QUARTERS_MAX);
        let offset = u64::from(quarters.unsigned_abs()) * MILLIS_PER_QUARTER;
        let millis = if quarters < 0 {
            at.as_millis().saturating_sub(offset)
        } else {
            at.as_millis().saturating_add(offset)
        };
        let civil = CivilTime::from_timestamp(Timestamp::from_millis(millis));
        match width {
            DateWidth::Fourteen => put_number(out, civil.year.into(), 4),
            DateWidth::Ten | DateWidth::Twelve => put_number(out, u32::from(civil.year % 100), 2),
        }
        for field in [civil.month, civil.day, civil.hour, civil.minute] {
            put_number(out, field.into(), 2);
        }
        if width != DateWidth::Ten {
            put_number(out, civil.second.into(), 2);
        }
    }
}

fn put_err(out: &mut BytesMut, err: &[u8], style: ErrStyle) {
    match style {
        ErrStyle::Digits(width) if err.iter().all(u8::is_ascii_digit) => {
            let zeros = err.iter().take_while(|digit| **digit == b'0').count();
            let digits = err.get(zeros..).unwrap_or_default();
            out.put_bytes(b'0', usize::from(width.max(1)).saturating_sub(digits.len()));
            out.put_slice(digits);
        }
        _ => out.put_slice(err),
    }
}

/// A number in decimal, filled up with zeros to `width` digits, never cut.
fn put_number(out: &mut BytesMut, number: u32, width: u32) {
    let digits = number.checked_ilog10().map_or(1, |log| log + 1).max(width);
    for place in (0..digits).rev() {
        let digit = 10_u32.checked_pow(place).map_or(0, |unit| number / unit % 10);
        out.put_u8(b'0' + digit.to_le_bytes()[0]);
    }
}

#[cfg(test)]
mod tests;
