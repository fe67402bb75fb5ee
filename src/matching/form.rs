//! One message, two spellings: a carrier may write an id in hexadecimal in its response and in decimal in its
//! receipt (quirk 1). Both are brought into one form before they are compared.

use crate::message::CarrierMessageId;

/// How a carrier writes an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IdForm {
    /// Octets that mean nothing: never trimmed, never folded (quirk 2).
    #[default]
    Opaque,
    /// A number in hexadecimal, either case.
    Hex,
    /// A number in decimal.
    Decimal,
}

/// How a carrier writes its ids in responses and in receipts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IdForms {
    /// In `submit_sm_resp`.
    pub response: IdForm,
    /// In receipts.
    pub receipt: IdForm,
}

impl IdForm {
    /// The id in the form in which ids are compared: numbers as decimal digits without leading zeros, all else as
    /// it came. An id that is not the number it should be stays as it came, so that it still matches itself.
    #[must_use]
    pub fn canonical(self, id: &[u8]) -> CarrierMessageId {
        let number = match self {
            Self::Opaque => None,
            Self::Hex => number(id, 16),
            Self::Decimal => number(id, 10),
        };
        number.map_or_else(|| CarrierMessageId::new(id), decimal)
    }
}

/// A number of up to 128 bits: 64-bit ids overflow what others parse them into (quirk 1, jasmin #586).
fn number(id: &[u8], radix: u32) -> Option<u128> {
    if id.is_empty() {
        return None;
    }
    id.iter().try_fold(0u128, |sum, octet| {
        let digit = char::from(*octet).to_digit(radix)?;
        sum.checked_mul(u128::from(radix))?.checked_add(u128::from(digit))
    })
}

fn decimal(mut number: u128) -> CarrierMessageId {
    let mut digits = [b'0'; 39];
    let mut start = digits.len() - 1;
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        start = place;
        if number == 0 {
            break;
        }
    }
    CarrierMessageId::new(digits.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirk_1_hex_in_the_response_and_decimal_in_the_receipt_are_one_id() {
        let response = IdForm::Hex.canonical(b"812FC7470000001B");
        let receipt = IdForm::Decimal.canonical(b"9308878062554710043");
        assert_eq!(response, receipt);
        assert_eq!(IdForm::Hex.canonical(b"812fc7470000001b"), receipt);
    }

    #[test]
    fn quirk_2_leading_zeros_count_only_where_ids_are_opaque() {
        assert_eq!(IdForm::Decimal.canonical(b"0913121205"), IdForm::Decimal.canonical(b"913121205"));
        assert_ne!(IdForm::Opaque.canonical(b"0913121205"), IdForm::Opaque.canonical(b"913121205"));
    }

    #[test]
    fn what_is_not_the_number_it_should_be_still_matches_itself() {
        let uuid = b"0e999f21-81ef-4a5c-9f6e-000000000000";
        assert_eq!(IdForm::Hex.canonical(uuid).as_slice(), uuid);
        let huge = [b'9'; 60];
        assert_eq!(IdForm::Decimal.canonical(&huge).as_slice(), huge);
        assert_eq!(IdForm::Decimal.canonical(b"").as_slice(), b"");
        assert_eq!(IdForm::Decimal.canonical(b"000").as_slice(), b"0");
        assert_eq!(IdForm::Hex.canonical(&[b'f'; 32]).as_slice(), u128::MAX.to_string().as_bytes());
    }
}
