use proptest::prelude::*;

use super::packed::{Fill, pack, packed_len, unpack};
use super::*;

/// The default table once more, written down from 23.038 by code point instead of by glyph, so that a slip of the
/// pen in the one is caught by the other. `00` marks the escape.
#[rustfmt::skip]
const CODE_POINTS: [u32; 128] = [
    0x40, 0xA3, 0x24, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0x0A, 0xD8, 0xF8, 0x0D, 0xC5, 0xE5,
    0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0x00, 0xC6, 0xE6, 0xDF, 0xC9,
    0x20, 0x21, 0x22, 0x23, 0xA4, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F,
    0xA1, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F,
    0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
    0xBF, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F,
    0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
];

const EXTENSION_CODE_POINTS: [(u8, u32); 10] = [
    (0x0A, 0x0C),
    (0x14, 0x5E),
    (0x28, 0x7B),
    (0x29, 0x7D),
    (0x2F, 0x5C),
    (0x3C, 0x5B),
    (0x3D, 0x7E),
    (0x3E, 0x5D),
    (0x40, 0x7C),
    (0x65, 0x20AC),
];

#[test]
fn quirk_63_all_128_septets_of_the_default_table() {
    for (septet, code) in (0_u8..).zip(CODE_POINTS) {
        let character = (septet != ESCAPE).then(|| char::from_u32(code).unwrap());
        assert_eq!(default_character(septet), character, "septet {septet:#04X}");
        if let Some(character) = character {
            assert_eq!(Septets::of(character), Some(Septets::One(septet)), "{character:?}");
        }
    }
    assert_eq!(default_character(0x5F), Some('§'));
    assert_eq!(Septets::of('`'), None);
}

#[test]
fn quirk_63_all_128_septets_of_the_extension_table() {
    for septet in 0..=0x7F {
        let code = EXTENSION_CODE_POINTS.iter().find(|(code, _)| *code == septet);
        let character = code.map(|(_, code)| char::from_u32(*code).unwrap());
        assert_eq!(extension_character(septet), character, "septet {septet:#04X}");
        if let Some(character) = character {
            assert_eq!(Septets::of(character), Some(Septets::Escaped(septet)), "{character:?}");
        }
    }
}

#[test]
fn exactly_137_characters_can_be_written() {
    let writable = (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter_map(Septets::of);
    let (one, two): (Vec<_>, Vec<_>) = writable.partition(|septets| septets.count() == 1);
    assert_eq!((one.len(), two.len()), (127, 10));
}

#[test]
fn octets_above_the_alphabet_are_replaced_and_said_to_be() {
    assert_eq!(decode(b"a\x80b"), Decoded { text: "a\u{FFFD}b".into(), replaced: true });
    assert_eq!(decode(b"plain"), Decoded { text: "plain".into(), replaced: false });
}

#[test]
fn an_escape_without_meaning_shows_what_the_standard_asks_for() {
    assert_eq!(decode(b"\x1BA"), Decoded { text: "A".into(), replaced: true });
    assert_eq!(decode(b"x\x1B\x1By"), Decoded { text: "x y".into(), replaced: true });
    assert_eq!(decode(b"x\x1B"), Decoded { text: "x ".into(), replaced: true });
    assert_eq!(decode(b"\x1B\xFF"), Decoded { text: "\u{FFFD}".into(), replaced: true });
}

#[test]
fn the_first_character_that_does_not_fit_is_named() {
    assert_eq!(encode("naïve"), Err(Unencodable { character: 'ï', at: 2 }));
    assert_eq!(encode("ç"), Err(Unencodable { character: 'ç', at: 0 }));
    assert_eq!(encode("€{}"), Ok(vec![0x1B, 0x65, 0x1B, 0x28, 0x1B, 0x29]));
}

/// A text of the alphabet's own characters.
fn writable_text() -> impl Strategy<Value = String> {
    let characters: Vec<char> =
        DEFAULT.into_iter().filter(|c| *c != '\u{1B}').chain(EXTENSION.into_iter().map(|(_, c)| c)).collect();
    prop::collection::vec(prop::sample::select(characters), 0..400)
        .prop_map(|text| text.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(text in writable_text()) {
        let octets = encode(&text).unwrap();
        prop_assert_eq!(decode(&octets), Decoded { text, replaced: false });
    }

    #[test]
    fn any_octets_decode_and_what_was_not_replaced_encodes_back(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        let decoded = decode(&octets);
        if !decoded.replaced {
            prop_assert_eq!(encode(&decoded.text), Ok(octets));
        }
    }

    #[test]
    fn packing_keeps_all_but_a_trailing_carriage_return(text in writable_text(), header_octets in 0_usize..141) {
        let septets = encode(&text).unwrap();
        let fill = Fill::after_header(header_octets);
        let octets = pack(&septets, fill);
        let unpacked = unpack(&octets, fill);
        if septets.last() == Some(&b'\r') {
            // 23.038 §6.1.2.3.1: one carriage return and two are the same.
            let stem = |septets: &[u8]| septets.iter().rposition(|s| *s != b'\r').map_or(0, |at| at + 1);
            prop_assert_eq!(&unpacked[..stem(&unpacked)], &septets[..stem(&septets)]);
        } else {
            prop_assert_eq!(&unpacked, &septets);
            prop_assert_eq!(octets.len(), packed_len(septets.len(), fill));
        }
    }

    #[test]
    fn any_octets_unpack(octets in prop::collection::vec(any::<u8>(), 0..400), header_octets in 0_usize..200) {
        let septets = unpack(&octets, Fill::after_header(header_octets));
        prop_assert!(septets.iter().all(|septet| *septet < 0x80));
        prop_assert!(septets.len() * 7 <= octets.len() * 8);
    }
}
