//! One message, two spellings: a carrier may write an id in hexadecimal in its response and in decimal in its receipt
//! (quirk 1), drop zeros (quirk 2), or change letter case and hyphens (quirk 3). Both are brought into one form before
//! they are compared.

use std::fmt;
use std::str::FromStr;

use crate::message::CarrierMessageId;
use crate::message::carrier_id::CARRIER_MESSAGE_ID_LEN_MAX;

/// The longest hexadecimal number, in digits without leading zeros, that is brought into decimal: what 80 decimal
/// digits need. Ids of 64 and of 128 bits have 16 and 32. A longer one stays as it came, and still matches itself.
pub const HEX_DIGITS_MAX: usize = 67;

/// How a carrier writes an id: what it is, and what about it does not count. Written as in the settings:
/// `hex`, `opaque+fold`, `decimal+no-hyphens`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct IdForm {
    /// What it is.
    pub kind: IdKind,
    /// Letter case does not count (quirk 3, jasmin #763).
    pub fold: bool,
    /// Leading zeros do not count, also where the id is not a number (jasmin #643).
    pub no_zeros: bool,
    /// Hyphens do not count wherever they stand, nor braces and white space: how UUIDs are written (quirk 3).
    pub no_hyphens: bool,
}

/// What a carrier's id is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum IdKind {
    /// Octets that mean nothing (quirk 2).
    #[default]
    Opaque,
    /// A number in hexadecimal, of either case.
    Hex,
    /// A number in decimal.
    Decimal,
}

/// How a carrier writes its ids in responses and in receipts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct IdForms {
    /// In `submit_sm_resp`.
    pub response: IdForm,
    /// In receipts.
    pub receipt: IdForm,
}

impl IdForm {
    /// Octets that mean nothing: never trimmed, never folded (quirk 2).
    pub const OPAQUE: Self = Self::of(IdKind::Opaque);
    /// A number in hexadecimal.
    pub const HEX: Self = Self::of(IdKind::Hex);
    /// A number in decimal.
    pub const DECIMAL: Self = Self::of(IdKind::Decimal);

    /// The words that a form is written with in the settings, joined by `+`, the kind first; `opaque` may be left out
    /// before others.
    pub const WORDS: [&str; 6] = ["opaque", "hex", "decimal", "fold", "no-zeros", "no-hyphens"];

    const fn of(kind: IdKind) -> Self {
        Self { kind, fold: false, no_zeros: false, no_hyphens: false }
    }

    /// The id in the form in which ids are compared: numbers as decimal digits without leading zeros, all else
    /// without what does not count. An id that is not the number that it should be is compared as text, so that it
    /// still matches itself. Of an endless id the first [`CARRIER_MESSAGE_ID_LEN_MAX`] octets count. What would be
    /// nothing, such as an id of hyphens only, stays as it came: nothing is how no id is written.
    #[must_use]
    pub fn canonical(self, id: &[u8]) -> CarrierMessageId {
        if self == Self::OPAQUE {
            return CarrierMessageId::new(id);
        }
        let id = id.get(..CARRIER_MESSAGE_ID_LEN_MAX).unwrap_or(id);
        if !self.no_hyphens {
            return self.counting(id);
        }
        let mut kept = [0; CARRIER_MESSAGE_ID_LEN_MAX];
        let mut len = 0;
        let letters = id.iter().filter(|octet| !is_mark(**octet));
        for (place, octet) in kept.iter_mut().zip(letters) {
            *place = *octet;
            len += 1;
        }
        match kept.get(..len) {
            Some(kept) if !kept.is_empty() => self.counting(kept),
            _ => CarrierMessageId::new(id),
        }
    }

    /// The same without hyphens to look for.
    fn counting(self, id: &[u8]) -> CarrierMessageId {
        let number = match self.kind {
            IdKind::Opaque => None,
            IdKind::Hex => from_hex(id),
            IdKind::Decimal => is_decimal(id).then(|| CarrierMessageId::new(without_zeros(id))),
        };
        if let Some(number) = number {
            return number;
        }
        let id = if self.no_zeros { without_zeros(id) } else { id };
        if !self.fold || !id.iter().any(u8::is_ascii_uppercase) {
            return CarrierMessageId::new(id);
        }
        let mut folded = [0; CARRIER_MESSAGE_ID_LEN_MAX];
        for (place, octet) in folded.iter_mut().zip(id) {
            *place = octet.to_ascii_lowercase();
        }
        CarrierMessageId::new(folded.get(..id.len()).unwrap_or(id))
    }
}

impl fmt::Display for IdForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            IdKind::Opaque => "opaque",
            IdKind::Hex => "hex",
            IdKind::Decimal => "decimal",
        })?;
        let words = [(self.fold, "+fold"), (self.no_zeros, "+no-zeros"), (self.no_hyphens, "+no-hyphens")];
        words.into_iter().filter(|(is_set, _)| *is_set).try_for_each(|(_, word)| f.write_str(word))
    }
}

/// A text is no form: the word that is not known, is said twice, or stands where it cannot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownForm(pub String);

impl FromStr for IdForm {
    type Err = UnknownForm;

    /// # Errors
    /// [`UnknownForm`] with the first word that cannot be there.
    fn from_str(text: &str) -> Result<Self, UnknownForm> {
        let mut form = Self::OPAQUE;
        for (place, word) in text.split('+').enumerate() {
            let kind = |kind| (place == 0).then_some(kind);
            let is_new = match word {
                "opaque" => kind(IdKind::Opaque).map(|kind| form.kind = kind).is_some(),
                "hex" => kind(IdKind::Hex).map(|kind| form.kind = kind).is_some(),
                "decimal" => kind(IdKind::Decimal).map(|kind| form.kind = kind).is_some(),
                "fold" => !std::mem::replace(&mut form.fold, true),
                "no-zeros" => !std::mem::replace(&mut form.no_zeros, true),
                "no-hyphens" => !std::mem::replace(&mut form.no_hyphens, true),
                _ => false,
            };
            if !is_new {
                return Err(UnknownForm(word.to_owned()));
            }
        }
        Ok(form)
    }
}

impl fmt::Display for IdForms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ response = \"{}\", receipt = \"{}\" }}", self.response, self.receipt)
    }
}

const fn is_mark(octet: u8) -> bool {
    matches!(octet, b'-' | b'{' | b'}') || octet.is_ascii_whitespace()
}

/// All but the zeros before; of zeros only, the last one.
fn without_zeros(id: &[u8]) -> &[u8] {
    let zeros = id.iter().take_while(|octet| **octet == b'0').count().min(id.len().saturating_sub(1));
    id.get(zeros..).unwrap_or(id)
}

fn is_decimal(id: &[u8]) -> bool {
    !id.is_empty() && id.iter().all(u8::is_ascii_digit)
}

/// A hexadecimal number of up to [`HEX_DIGITS_MAX`] digits in decimal: 64-bit ids overflow what others parse them
/// into (quirk 1, jasmin #586), and hashes and UUIDs are longer.
fn from_hex(id: &[u8]) -> Option<CarrierMessageId> {
    let digits = without_zeros(id);
    match digits.len() {
        0 => None,
        1..=16 => {
            let mut decimal = [b'0'; 20];
            let start = write_decimal(hex_value(digits)?, &mut decimal);
            Some(CarrierMessageId::new(decimal.get(start..)?))
        }
        17..=HEX_DIGITS_MAX => from_long_hex(digits),
        _ => None,
    }
}

/// The value of up to 16 hexadecimal digits.
fn hex_value(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |sum: u64, octet| {
        let digit = char::from(*octet).to_digit(16)?;
        Some(sum << 4 | u64::from(digit))
    })
}

/// Decimal digits of one limb: ten to this power is the largest that fits into 64 bits.
const LIMB_DIGITS: usize = 19;
const LIMB: u128 = 10_u128.pow(19);
/// What [`HEX_DIGITS_MAX`] hexadecimal digits, at most 81 decimal ones, need.
const LIMBS: usize = 5;

/// Schoolbook arithmetic on limbs of 19 decimal digits, the lowest first: times 16¹⁵, plus the next 15 digits.
fn from_long_hex(digits: &[u8]) -> Option<CarrierMessageId> {
    const { assert!(HEX_DIGITS_MAX * 1205 / 1000 < LIMBS * LIMB_DIGITS, "a digit is 1.2042 decimal ones") };
    let mut limbs = [0_u64; LIMBS];
    for piece in digits.chunks(15) {
        let mut carry = u128::from(hex_value(piece)?);
        for limb in &mut limbs {
            // At most 10¹⁹ × 2⁶⁰ + 2⁶⁴: far below 2¹²⁸.
            let sum = (u128::from(*limb) << (4 * piece.len())) + carry;
            *limb = u64::try_from(sum % LIMB).ok()?;
            carry = sum / LIMB;
        }
    }
    let mut decimal = [b'0'; LIMBS * LIMB_DIGITS];
    for (place, limb) in decimal.chunks_exact_mut(LIMB_DIGITS).rev().zip(limbs) {
        write_decimal(limb, place);
    }
    Some(CarrierMessageId::new(without_zeros(&decimal)))
}

/// Writes a number to the end of `out`, which has room for it, and says where it begins.
fn write_decimal(mut number: u64, out: &mut [u8]) -> usize {
    let mut start = out.len();
    for place in out.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    start
}

#[cfg(test)]
mod tests;
