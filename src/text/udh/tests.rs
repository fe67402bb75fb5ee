use proptest::prelude::*;

use super::*;

fn header(octets: &[u8]) -> UserDataHeader<'_> {
    split_off(octets).unwrap().0
}

fn part(reference: u16, wide: bool, total: u8, part: u8) -> Option<Concatenation> {
    Some(Concatenation { reference, wide, total, part })
}

#[test]
fn quirk_67_narrow_and_wide_references_are_told_apart() {
    assert_eq!(header(&[5, 0, 3, 7, 2, 1]).concatenation(), part(7, false, 2, 1));
    assert_eq!(header(&[6, 8, 4, 0, 7, 2, 1]).concatenation(), part(7, true, 2, 1));
    assert_eq!(header(&[6, 8, 4, 0x12, 0x34, 255, 255]).concatenation(), part(0x1234, true, 255, 255));
}

#[test]
fn impossible_numbers_and_wrong_lengths_make_no_part() {
    for octets in [
        &[5, 0, 3, 7, 0, 1][..],
        &[5, 0, 3, 7, 2, 0],
        &[5, 0, 3, 7, 2, 3],
        &[4, 0, 2, 7, 2],
        &[6, 0, 4, 0, 7, 2, 1],
        &[5, 8, 3, 7, 2, 1],
        &[0],
    ] {
        assert_eq!(header(octets).concatenation(), None, "{octets:02X?}");
    }
    assert_eq!(Concatenation::new(256, false, 2, 1), None);
}

#[test]
fn a_port_before_the_part_does_not_hide_it() {
    let octets = [11, 0x05, 4, 0x0B, 0x84, 0x23, 0xF0, 0x00, 3, 9, 3, 2, b'x'];
    let (header, text) = split_off(&octets).unwrap();
    assert_eq!(header.concatenation(), part(9, false, 3, 2));
    assert_eq!(
        header.elements().next(),
        Some(Element { id: ElementId::PORTS_WIDE, value: &[0x0B, 0x84, 0x23, 0xF0] })
    );
    assert_eq!((header.octet_len(), header.is_whole(), text), (12, true, &b"x"[..]));
}

#[test]
fn of_two_valid_parts_the_last_one_counts() {
    assert_eq!(header(&[10, 0, 3, 1, 2, 1, 0, 3, 2, 2, 2]).concatenation(), part(2, false, 2, 2));
    assert_eq!(header(&[10, 0, 3, 1, 2, 1, 0, 3, 2, 2, 9]).concatenation(), part(1, false, 2, 1));
}

#[test]
fn quirk_65_an_element_past_the_headers_end_is_not_read() {
    let torn = header(&[5, 0, 9, 7, 2, 1]);
    assert_eq!(torn.elements().count(), 0);
    assert!(!torn.is_whole());
    let torn_later = header(&[6, 0, 3, 7, 2, 1, 5]);
    assert_eq!(torn_later.concatenation(), part(7, false, 2, 1));
    assert!(!torn_later.is_whole());
}

#[test]
fn quirk_65_a_header_longer_than_the_body_is_an_error() {
    assert_eq!(split_off(&[]), Err(HeaderError::Missing));
    assert_eq!(split_off(&[5, 0, 3]), Err(HeaderError::PastTheEnd { announced: 5, left: 2 }));
    assert_eq!(split_off(&[0]).unwrap().1, b"");
}

#[test]
fn elements_past_an_octets_worth_are_refused_and_leave_no_trace() {
    let mut out = vec![1];
    let value = [0; 254];
    assert_eq!(write_header(&[Element { id: ElementId(1), value: &value }], &mut out), Err(HeaderTooLong));
    assert_eq!(out, [1]);
    assert_eq!(write_header(&[Element { id: ElementId(1), value: &value[1..] }], &mut out), Ok(()));
    assert_eq!(out.len(), 1 + 1 + 255);
}

proptest! {
    #[test]
    fn any_octets_can_be_asked_anything(body in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((header, text)) = split_off(&body) {
            prop_assert_eq!(header.octet_len() + text.len(), body.len());
            let used: usize = header.elements().map(|element| 2 + element.value.len()).sum();
            prop_assert_eq!(header.is_whole(), used + 1 == header.octet_len());
            if let Some(found) = header.concatenation() {
                prop_assert!(1 <= found.part && found.part <= found.total);
            }
        }
    }

    #[test]
    fn a_written_part_reads_back(reference: u16, wide: bool, total in 1_u8.., part in 1_u8.., text: Vec<u8>) {
        let reference = if wide { reference } else { reference & 0xFF };
        if let Some(concatenation) = Concatenation::new(reference, wide, total, part) {
            let mut body = Vec::new();
            concatenation.write_header(&mut body);
            prop_assert_eq!(body.len(), concatenation.header_octets());
            body.extend_from_slice(&text);
            let (header, rest) = split_off(&body).unwrap();
            prop_assert_eq!(header.concatenation(), Some(concatenation));
            prop_assert_eq!(rest, &text[..]);
        }
    }

    #[test]
    fn written_elements_read_back(
        values in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..9),
    ) {
        let elements: Vec<_> = values.iter().map(|(id, value)| Element { id: ElementId(*id), value }).collect();
        let mut out = Vec::new();
        match write_header(&elements, &mut out) {
            Ok(()) => {
                let header = header(&out);
                prop_assert!(header.is_whole());
                prop_assert_eq!(header.elements().collect::<Vec<_>>(), elements);
            }
            Err(HeaderTooLong) => prop_assert!(out.is_empty()),
        }
    }
}
