use bytes::Bytes;
use proptest::prelude::*;

use super::SegmentRule::{ByAlphabet, EveryCharacter};
use super::*;

fn segments(text: &str, rule: SegmentRule) -> u32 {
    Measure::of_text(text).segments(rule)
}

fn content(data_coding: u8, esm_class: u8, body: Vec<u8>) -> Content {
    Content { data_coding, esm_class, body: Bytes::from(body), ..Content::default() }
}

#[test]
fn r34_seventy_characters_are_one_segment_and_each_further_67_one_more() {
    let vectors =
        [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (268, 4), (500, 8)];
    for (characters, expected) in vectors {
        for letter in ["中", "a", "1", "，", "{"] {
            let text = letter.repeat(characters);
            assert_eq!(segments(&text, EveryCharacter), expected, "{characters} of {letter}");
        }
        let chinese = "中".repeat(characters);
        assert_eq!(segments(&chinese, ByAlphabet), expected, "{characters} Chinese");
        let body = content(8, 0, Alphabet::Ucs2.encode(&chinese).unwrap());
        assert_eq!(Measure::of_content(&body, Alphabet::Gsm7).segments(EveryCharacter), expected);
    }
}

#[test]
fn r34_the_signature_is_counted() {
    let signature = "【八字签名名称测试】";
    assert_eq!(signature.chars().count(), 10);
    let text = format!("{signature}{}", "中".repeat(62));
    assert_eq!(segments(&text, EveryCharacter), 2);
    assert_eq!(segments(&"中".repeat(62), EveryCharacter), 1);
}

#[test]
fn r34_an_emoji_is_two_at_the_boundary() {
    let before = |characters| format!("{}😀", "中".repeat(characters));
    assert_eq!(segments(&before(68), EveryCharacter), 1, "68 + 2 = 70");
    assert_eq!(segments(&before(69), EveryCharacter), 2, "69 + 2 = 71");
    assert_eq!(segments(&before(68), ByAlphabet), 1);
    assert_eq!(segments(&before(69), ByAlphabet), 2);
}

#[test]
fn r34_what_is_billed_stands_apart_from_what_is_sent() {
    // 66 + an emoji + 66 are 134 units: two by the contract, but no cut at 67 may tear the emoji.
    let text = format!("{}😀{}", "中".repeat(66), "中".repeat(66));
    let body = content(8, 0, Alphabet::Ucs2.encode(&text).unwrap());
    let measure = Measure::of_content(&body, Alphabet::Gsm7);
    assert_eq!((measure.segments(EveryCharacter), sent(&body, Alphabet::Gsm7)), (2, 3));
    let ascii = content(0, 0, vec![b'a'; 160]);
    let measure = Measure::of_content(&ascii, Alphabet::Gsm7);
    assert_eq!((measure.segments(EveryCharacter), sent(&ascii, Alphabet::Gsm7)), (3, 1));
}

#[test]
fn a10_160_latin_letters_are_three_by_the_literal_rule_and_one_by_the_alphabet() {
    let text = "a".repeat(160);
    assert_eq!(segments(&text, EveryCharacter), 3);
    assert_eq!(segments(&text, ByAlphabet), 1);
    for (characters, expected) in [(160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)] {
        assert_eq!(segments(&"a".repeat(characters), ByAlphabet), expected, "{characters}");
    }
}

#[test]
fn a10_a_character_of_the_extension_table_is_two_septets_and_one_character() {
    let text = "{".repeat(80);
    assert_eq!((segments(&text, ByAlphabet), segments(&text, EveryCharacter)), (1, 2));
    assert_eq!(segments(&"€".repeat(81), ByAlphabet), 2, "162 septets");
    assert_eq!(segments(&"€".repeat(70), EveryCharacter), 1);
}

#[test]
fn a10_one_character_outside_the_alphabet_makes_the_whole_text_wide() {
    let text = format!("{}ç", "a".repeat(70));
    assert_eq!(segments(&text, ByAlphabet), 2, "71 units, and no lower-case ç in the table");
    assert_eq!(segments(&"é".repeat(160), ByAlphabet), 1, "é is in the table");
}

#[test]
fn a_body_counts_the_same_in_whatever_coding_the_alphabet_allows() {
    let text = "Price: 5€ [net] {gross} ~ 1^2".repeat(6);
    let by_text = Measure::of_text(&text);
    for (coding, alphabet) in [(0, Alphabet::Gsm7), (0, Alphabet::Gsm7Packed)] {
        let body = content(coding, 0, alphabet.encode(&text).unwrap());
        assert_eq!(Measure::of_content(&body, alphabet), by_text);
    }
    let latin = text.replace('€', "E");
    let by_text = Measure::of_text(&latin);
    for coding in [1, 3] {
        let body = content(coding, 0, latin.clone().into_bytes());
        assert_eq!(Measure::of_content(&body, Alphabet::Gsm7), by_text, "data_coding {coding}");
    }
    let wide = Measure::of_octets(&Alphabet::Ucs2.encode(&latin).unwrap(), Alphabet::Ucs2, 0);
    assert_eq!(wide.segments(EveryCharacter), by_text.segments(EveryCharacter));
    assert_eq!(wide.segments(ByAlphabet), wide.segments(EveryCharacter), "as it was coded");
}

#[test]
fn octets_that_are_not_text_count_by_octets_under_both_rules() {
    for (octets, expected) in [(140, 1), (141, 2), (268, 2), (269, 3)] {
        for coding in [0x04, 0x0F, 0xF5] {
            let body = content(coding, 0, vec![0xD6; octets]);
            let measure = Measure::of_content(&body, Alphabet::Gsm7);
            assert_eq!(SegmentRule::ALL.map(|rule| measure.segments(rule)), [expected; 2]);
            assert_eq!(sent(&body, Alphabet::Gsm7), expected);
        }
    }
}

/// A part with a header of 6 octets.
fn part(data_coding: u8, number: u8, octets: &[u8]) -> Content {
    let mut body = vec![5, 0, 3, 9, 3, number];
    body.extend(octets);
    content(data_coding, UDHI, body)
}

#[test]
fn promise_9_a_long_message_is_counted_over_its_whole_text() {
    // Three parts of 153 letters are 459 characters: 7 by the literal rule, not 3 × 3.
    let parts: Vec<_> = (1..=3).map(|number| part(0, number, &[b'a'; 153])).collect();
    let whole = "a".repeat(459);
    for rule in SegmentRule::ALL {
        let mut before = None;
        let mut billed = 0;
        for part in &parts {
            let measure = Measure::of_content(part, Alphabet::Gsm7);
            assert_eq!(measure.to_numbers(), [153, 153, 0, 0], "the header is not text");
            assert_eq!(sent(part, Alphabet::Gsm7), 1);
            billed += measure.further(before, rule);
            before = Some(before.unwrap_or_default().plus(measure));
        }
        assert_eq!(billed, segments(&whole, rule));
    }
    assert_eq!(SegmentRule::ALL.map(|rule| segments(&whole, rule)), [7, 3]);
}

#[test]
fn packed_septets_behind_a_header_are_counted_from_their_boundary() {
    let septets = gsm7::encode(&"a{".repeat(50)).unwrap();
    let part = part(0, 1, &packed::pack(&septets, Fill::after_header(6)));
    let measure = Measure::of_content(&part, Alphabet::Gsm7Packed);
    assert_eq!(measure, Measure::from_numbers([100, 150, 0, 0]));
    assert_eq!(sent(&part, Alphabet::Gsm7Packed), 1);
}

#[test]
fn parts_in_different_alphabets_are_divided_apart() {
    let letters = Measure::of_text(&"a".repeat(153));
    let chinese = Measure::of_text(&"中".repeat(67));
    assert_eq!(letters.plus(chinese).segments(ByAlphabet), 2);
    assert_eq!(letters.plus(chinese).segments(EveryCharacter), 4, "220 characters");
    let octet = Measure::of_octets(&[1], Alphabet::Binary, 0);
    assert_eq!(letters.plus(octet).segments(ByAlphabet), 2);
}

#[test]
fn an_announced_header_that_is_not_there_is_text() {
    let body = content(0, UDHI, b"hello".to_vec());
    assert_eq!(Measure::of_content(&body, Alphabet::Gsm7).to_numbers(), [5, 5, 0, 0]);
    assert_eq!(Measure::of_content(&content(0, UDHI, Vec::new()), Alphabet::Gsm7).segments(ByAlphabet), 1);
}

#[test]
fn a_body_that_no_255_parts_hold_is_still_counted() {
    let body = content(8, 0, vec![0x4E; 65_534]);
    assert_eq!(sent(&body, Alphabet::Gsm7), 490, "32,767 units by 67");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_cost_together_what_the_whole_costs(parts in prop::collection::vec("[a中{€é😀]{0,200}", 1..8)) {
        let whole: Measure = parts.iter().map(|part| Measure::of_text(part)).fold(Measure::default(), Measure::plus);
        for rule in SegmentRule::ALL {
            for backwards in [false, true] {
                let mut order: Vec<_> = parts.iter().map(|part| Measure::of_text(part)).collect();
                if backwards {
                    order.reverse();
                }
                let mut before = None;
                let mut billed = 0;
                for part in order {
                    billed += part.further(before, rule);
                    before = Some(before.unwrap_or_default().plus(part));
                }
                prop_assert_eq!(billed, whole.segments(rule));
            }
        }
        let text = parts.concat();
        prop_assert_eq!(whole.segments(EveryCharacter), segments(&text, EveryCharacter));
    }

    #[test]
    fn the_literal_rule_is_the_split_of_ucs2_but_for_torn_pairs(text in "[a中{€é]{0,1000}", emoji in 0_usize..3) {
        let text = text + &"😀".repeat(emoji);
        let cuts = u32::from(split::segments(&text, Alphabet::Ucs2, Joining::Header).unwrap());
        let billed = segments(&text, EveryCharacter);
        prop_assert!(billed <= cuts && cuts <= billed + 1);
        prop_assert!(emoji > 0 || billed == cuts);
    }

    #[test]
    fn any_octets_count(octets in prop::collection::vec(any::<u8>(), 0..400), coding: u8, esm_class: u8) {
        let body = content(coding, esm_class, octets);
        for default in [Alphabet::Gsm7, Alphabet::Gsm7Packed, Alphabet::Latin1] {
            let measure = Measure::of_content(&body, default);
            prop_assert!(SegmentRule::ALL.iter().all(|rule| (1..=7).contains(&measure.segments(*rule))));
            prop_assert!((1..=400).contains(&sent(&body, default)));
            prop_assert_eq!(Measure::from_numbers(measure.to_numbers()), measure);
        }
    }
}
