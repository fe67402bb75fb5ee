use proptest::prelude::*;

use super::*;
use crate::text::{read, udh};

const ALPHABETS: [Alphabet; 6] = [
    Alphabet::Gsm7,
    Alphabet::Gsm7Packed,
    Alphabet::Ascii,
    Alphabet::Latin1,
    Alphabet::Ucs2,
    Alphabet::Binary,
];
const JOININGS: [Joining; 3] = [Joining::Header, Joining::WideHeader, Joining::Sar];

fn count(text: &str, alphabet: Alphabet, joining: Joining) -> u8 {
    let segments = segments(text, alphabet, joining).unwrap();
    assert_eq!(split(text, alphabet, joining, 1).unwrap().len(), usize::from(segments));
    segments
}

/// The parts read one by one and put together, each checked against its header, its number and the air.
fn joined(parts: &[Part], alphabet: Alphabet, joining: Joining) -> String {
    let mut text = String::new();
    for (n, part) in (1_u8..).zip(parts) {
        let reading = read(&part.body, part.has_header, alphabet).unwrap();
        assert!(!reading.replaced, "a character was cut");
        text.push_str(&reading.text);
        if parts.len() == 1 {
            assert_eq!((part.has_header, part.concatenation), (false, None));
            continue;
        }
        let concatenation = part.concatenation.unwrap();
        assert_eq!((usize::from(concatenation.total), concatenation.part), (parts.len(), n));
        assert_eq!(part.has_header, joining != Joining::Sar);
        if let Some(header) = reading.header {
            assert_eq!(header.concatenation(), Some(concatenation));
            assert_eq!(header.octet_len(), joining.header_octets());
        }
        if alphabet == Alphabet::Gsm7Packed || alphabet == Alphabet::Ucs2 || alphabet == Alphabet::Binary {
            assert!(part.body.len() <= SEGMENT_OCTETS);
        }
    }
    text
}

#[test]
fn quirk_68_the_limits_are_the_ones_everybody_knows() {
    let limits = |joining: Joining| {
        [Alphabet::Gsm7, Alphabet::Ucs2, Alphabet::Binary]
            .map(|alphabet| capacity(alphabet, joining.header_octets()))
    };
    assert_eq!(limits(Joining::Header), [153, 67, 134]);
    assert_eq!(limits(Joining::WideHeader), [152, 66, 133]);
    assert_eq!(limits(Joining::Sar), [152, 66, 133]);
    for (alphabet, single) in [(Alphabet::Gsm7, 160), (Alphabet::Ucs2, 70), (Alphabet::Binary, 140)] {
        assert_eq!(capacity(alphabet, 0), single);
    }
    assert_eq!(capacity(Alphabet::Gsm7, 1000), 0);
}

#[test]
fn requirement_34_seventy_then_sixty_seven_each() {
    let cases = [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (500, 8)];
    for (characters, expected) in cases {
        assert_eq!(
            count(&"短".repeat(characters), Alphabet::Ucs2, Joining::Header),
            expected,
            "{characters}"
        );
    }
}

#[test]
fn septets_and_octets_at_their_edges() {
    let cases = [
        (Alphabet::Gsm7, Joining::Header, 160, 1),
        (Alphabet::Gsm7, Joining::Header, 161, 2),
        (Alphabet::Gsm7, Joining::Header, 306, 2),
        (Alphabet::Gsm7, Joining::Header, 307, 3),
        (Alphabet::Gsm7Packed, Joining::Header, 306, 2),
        (Alphabet::Gsm7Packed, Joining::Header, 307, 3),
        (Alphabet::Gsm7, Joining::WideHeader, 304, 2),
        (Alphabet::Gsm7, Joining::WideHeader, 305, 3),
        (Alphabet::Gsm7, Joining::Sar, 304, 2),
        (Alphabet::Gsm7, Joining::Sar, 305, 3),
        (Alphabet::Binary, Joining::Header, 140, 1),
        (Alphabet::Binary, Joining::Header, 141, 2),
        (Alphabet::Latin1, Joining::Header, 268, 2),
        (Alphabet::Latin1, Joining::Header, 269, 3),
        (Alphabet::Latin1, Joining::Sar, 266, 2),
        (Alphabet::Latin1, Joining::Sar, 267, 3),
    ];
    for (alphabet, joining, characters, expected) in cases {
        assert_eq!(
            count(&"a".repeat(characters), alphabet, joining),
            expected,
            "{alphabet:?} {joining:?} {characters}"
        );
    }
}

#[test]
fn an_escape_pair_at_the_cut_moves_to_the_next_part_whole() {
    // 152 septets, then a pair that would straddle the 153rd.
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(100));
    let parts = split(&text, Alphabet::Gsm7, Joining::Header, 7).unwrap();
    assert_eq!(parts[0].body.len(), 6 + 152);
    assert_eq!(&parts[1].body[6..8], [gsm7::ESCAPE, 0x65]);
    assert_eq!(joined(&parts, Alphabet::Gsm7, Joining::Header), text);
    // 80 pairs are 160 septets: one segment. 153 holds 76 of them and a lost septet.
    assert_eq!(count(&"€".repeat(80), Alphabet::Gsm7, Joining::Header), 1);
    assert_eq!(count(&"€".repeat(152), Alphabet::Gsm7, Joining::Header), 2);
    assert_eq!(count(&"€".repeat(153), Alphabet::Gsm7, Joining::Header), 3);
}

#[test]
fn quirk_62_a_surrogate_pair_at_the_cut_moves_to_the_next_part_whole() {
    let text = format!("{}😀{}", "短".repeat(66), "短".repeat(10));
    let parts = split(&text, Alphabet::Ucs2, Joining::Header, 7).unwrap();
    assert_eq!(parts[0].body.len(), 6 + 132);
    assert_eq!(joined(&parts, Alphabet::Ucs2, Joining::Header), text);
    assert_eq!(count(&format!("{}😀", "短".repeat(68)), Alphabet::Ucs2, Joining::Header), 1);
    assert_eq!(count(&format!("{}😀", "短".repeat(69)), Alphabet::Ucs2, Joining::Header), 2);
}

#[test]
fn half_a_surrogate_pair_holds_nothing_together() {
    let octets = [0xD8, 0x3D, 0x00, 0x61].repeat(67);
    assert_eq!(segments_of_octets(&octets, Alphabet::Ucs2, Joining::Header), Ok(2));
}

#[test]
fn an_ascii_bracket_is_counted_as_the_two_septets_it_becomes() {
    assert_eq!(count(&"[".repeat(80), Alphabet::Ascii, Joining::Header), 1);
    assert_eq!(count(&"[".repeat(81), Alphabet::Ascii, Joining::Header), 2);
}

#[test]
fn quirk_68_more_parts_than_can_be_numbered_are_refused() {
    let most = "a".repeat(255 * 153);
    assert_eq!(count(&most, Alphabet::Gsm7, Joining::Header), PARTS_MAX);
    let more = most + "a";
    let refused = TooManyParts { parts: 256 };
    assert_eq!(segments(&more, Alphabet::Gsm7, Joining::Header), Err(refused.into()));
    assert_eq!(split(&more, Alphabet::Gsm7, Joining::Header, 1), Err(refused.into()));
    assert_eq!(segments_of_octets(more.as_bytes(), Alphabet::Gsm7, Joining::Header), Err(refused));
}

#[test]
fn a_full_packed_part_has_no_room_to_double_its_carriage_return() {
    let full = "a".repeat(152) + "\r";
    for (text, bodies) in [(full.clone() + &full, 2), ("a".repeat(159) + "\r", 1)] {
        let parts = split(&text, Alphabet::Gsm7Packed, Joining::Header, 1).unwrap();
        assert_eq!(parts.len(), bodies);
        assert!(parts.iter().all(|part| part.body.len() == SEGMENT_OCTETS));
    }
}

#[test]
fn a_narrow_reference_keeps_its_low_octet() {
    let parts = split(&"a".repeat(200), Alphabet::Gsm7, Joining::Header, 0x1234).unwrap();
    assert_eq!(parts[0].concatenation.unwrap().reference, 0x34);
    let parts = split(&"a".repeat(200), Alphabet::Gsm7, Joining::Sar, 0x1234).unwrap();
    assert_eq!(parts[0].concatenation.unwrap().reference, 0x1234);
}

#[test]
fn a_character_outside_the_alphabet_is_named() {
    let error = SplitError::from(Unencodable { character: '短', at: 1 });
    assert_eq!(segments("a短", Alphabet::Gsm7, Joining::Header), Err(error));
    assert_eq!(split("a短", Alphabet::Gsm7, Joining::Header, 1), Err(error));
}

/// Texts around the cuts: runs of one-unit and two-unit characters that every text alphabet but ASCII can say.
fn text_for(alphabet: Alphabet) -> impl Strategy<Value = String> {
    let (one, two) = match alphabet {
        Alphabet::Ucs2 => ("短a", "😀"),
        Alphabet::Ascii => ("a`", "[~"),
        Alphabet::Latin1 | Alphabet::Binary => ("aÿ", "a"),
        Alphabet::Gsm7 | Alphabet::Gsm7Packed => ("a@Ω", "€{"),
    };
    let run = move |characters: &'static str| {
        (prop::sample::select(characters.chars().collect::<Vec<_>>()), 0_usize..90)
            .prop_map(|(c, n)| c.to_string().repeat(n))
    };
    prop::collection::vec(prop_oneof![run(one), run(two)], 0..12).prop_map(|runs| runs.concat())
}

fn case() -> impl Strategy<Value = (Alphabet, Joining, String)> {
    (prop::sample::select(ALPHABETS.to_vec()), prop::sample::select(JOININGS.to_vec()))
        .prop_flat_map(|(alphabet, joining)| (Just(alphabet), Just(joining), text_for(alphabet)))
}

proptest! {
    #[test]
    fn parts_join_to_the_text_and_are_as_many_as_were_counted((alphabet, joining, text) in case(), reference: u16) {
        let parts = split(&text, alphabet, joining, reference).unwrap();
        prop_assert_eq!(joined(&parts, alphabet, joining), &*text);
        prop_assert_eq!(parts.len(), usize::from(segments(&text, alphabet, joining).unwrap()));
        let octets = alphabet.encode(&text).unwrap();
        prop_assert_eq!(parts.len(), usize::from(segments_of_octets(&octets, alphabet, joining).unwrap()));
        prop_assert_eq!(split_octets(&octets, alphabet, joining, reference).unwrap(), parts);
    }

    #[test]
    fn any_octets_split_without_loss(
        octets in prop::collection::vec(any::<u8>(), 0..2000),
        n in 0..6_usize,
        reference: u16,
    ) {
        for joining in JOININGS {
            let parts = split_octets(&octets, ALPHABETS[n], joining, reference).unwrap();
            prop_assert_eq!(parts.len(), usize::from(segments_of_octets(&octets, ALPHABETS[n], joining).unwrap()));
            if ALPHABETS[n] != Alphabet::Gsm7Packed {
                let texts = parts.iter().map(|part| match part.has_header {
                    true => udh::split_off(&part.body).unwrap().1,
                    false => &part.body,
                });
                prop_assert_eq!(texts.collect::<Vec<_>>().concat(), &octets[..]);
            }
        }
    }
}
