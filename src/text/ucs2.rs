//! Which character is this pair of octets? UCS-2 as it is really sent: UTF-16, big-endian, surrogates included.
//!
//! SMPP 3.4 says UCS-2 and knows no character above U+FFFF. Handsets and customers send surrogate pairs, so this
//! reads and writes UTF-16 (quirk 62).

/// What a byte order mark at the beginning means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByteOrderMark {
    /// It is a character like any other: the reading of the standard, and the exact inverse of [`encode`].
    Keep,
    /// It says the order, FE FF or FF FE, and is not part of the text: for peers known to send it.
    Obey,
}

/// Reads `octets` and appends them to `text`; says whether anything had to be replaced.
///
/// Replaced by U+FFFD are half a surrogate pair and a single octet at the end.
pub fn decode_into(octets: &[u8], mark: ByteOrderMark, text: &mut String) -> bool {
    let (little_endian, octets) = match (mark, octets) {
        (ByteOrderMark::Obey, [0xFE, 0xFF, rest @ ..]) => (false, rest),
        (ByteOrderMark::Obey, [0xFF, 0xFE, rest @ ..]) => (true, rest),
        (_, octets) => (false, octets),
    };
    text.reserve(octets.len());
    let (pairs, odd) = octets.as_chunks::<2>();
    let units = pairs
        .iter()
        .map(|pair| if little_endian { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
    let mut replaced = !odd.is_empty();
    for character in char::decode_utf16(units) {
        replaced |= character.is_err();
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text.extend(odd.iter().map(|_| char::REPLACEMENT_CHARACTER));
    replaced
}

/// Writes `text` without a byte order mark. Every character fits.
#[must_use]
pub fn encode(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Whether this octet pair is the first half of a surrogate pair.
#[must_use]
pub const fn is_high_surrogate(pair: [u8; 2]) -> bool {
    matches!(pair, [0xD8..=0xDB, _])
}

/// Whether this octet pair is the second half of a surrogate pair.
#[must_use]
pub const fn is_low_surrogate(pair: [u8; 2]) -> bool {
    matches!(pair, [0xDC..=0xDF, _])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(octets: &[u8], mark: ByteOrderMark) -> (String, bool) {
        let mut text = String::new();
        let replaced = decode_into(octets, mark, &mut text);
        (text, replaced)
    }

    #[test]
    fn quirk_62_surrogate_pairs_are_one_character() {
        assert_eq!(encode("a😀"), [0x00, 0x61, 0xD8, 0x3D, 0xDE, 0x00]);
        assert_eq!(decode(&[0x00, 0x61, 0xD8, 0x3D, 0xDE, 0x00], ByteOrderMark::Keep), ("a😀".into(), false));
    }

    #[test]
    fn quirk_62_a_byte_order_mark_is_obeyed_only_when_asked_for() {
        assert_eq!(decode(&[0xFF, 0xFE, 0x61, 0x00], ByteOrderMark::Obey), ("a".into(), false));
        assert_eq!(decode(&[0xFE, 0xFF, 0x00, 0x61], ByteOrderMark::Obey), ("a".into(), false));
        assert_eq!(decode(&[0xFE, 0xFF, 0x00, 0x61], ByteOrderMark::Keep), ("\u{FEFF}a".into(), false));
        assert_eq!(decode(&[0x00, 0x61], ByteOrderMark::Obey), ("a".into(), false));
    }

    #[test]
    fn half_a_character_is_replaced_and_said_to_be() {
        assert_eq!(decode(&[0xD8, 0x3D, 0x00, 0x61], ByteOrderMark::Keep), ("\u{FFFD}a".into(), true));
        assert_eq!(decode(&[0xDE, 0x00], ByteOrderMark::Keep), ("\u{FFFD}".into(), true));
        assert_eq!(decode(&[0x00, 0x61, 0x62], ByteOrderMark::Keep), ("a\u{FFFD}".into(), true));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text), ByteOrderMark::Keep), (text, false));
        }

        #[test]
        fn any_octets_decode_and_what_was_not_replaced_encodes_back(
            octets in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let (text, replaced) = decode(&octets, ByteOrderMark::Keep);
            if !replaced {
                prop_assert_eq!(encode(&text), octets);
            }
        }
    }
}
