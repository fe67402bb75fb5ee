//! Every optional parameter of SMPP 3.4, typed on demand (conformance vectors 20 and 21).

use std::collections::BTreeSet;

use bytes::BytesMut;
use telegraphy::smpp::tlv::{self, Shape, Tag, Tlvs};
use telegraphy::smpp::values::MessageState;

use super::raw::{accepted, deliver_sm, fields};

/// The parameters of SMPP 3.4 (§5.3.2): tag, shortest and longest value in octets, and whether it is an integer.
#[rustfmt::skip]
const PARAMETERS: &[(u16, usize, usize, bool)] = &[
    (0x0005, 1, 1, true), (0x0006, 1, 1, true), (0x0007, 1, 1, true), (0x0008, 2, 2, true),
    (0x000D, 1, 1, true), (0x000E, 1, 1, true), (0x000F, 1, 1, true), (0x0010, 1, 1, true),
    (0x0017, 4, 4, true), (0x0019, 1, 1, true), (0x001D, 1, 256, false), (0x001E, 1, 65, false),
    (0x0030, 1, 1, true), (0x0201, 1, 1, true), (0x0202, 2, 23, false), (0x0203, 2, 23, false),
    (0x0204, 2, 2, true), (0x0205, 1, 1, true), (0x020A, 2, 2, true), (0x020B, 2, 2, true),
    (0x020C, 2, 2, true), (0x020D, 1, 1, true), (0x020E, 1, 1, true), (0x020F, 1, 1, true),
    (0x0210, 1, 1, true), (0x0302, 1, 1, true), (0x0303, 0, 65, false), (0x0304, 1, 1, true),
    (0x0381, 4, 19, false), (0x0420, 1, 1, true), (0x0421, 1, 1, true), (0x0422, 1, 1, true),
    (0x0423, 3, 3, false), (0x0424, 0, 65_535, false), (0x0425, 1, 1, true), (0x0426, 1, 1, true),
    (0x0427, 1, 1, true), (0x0501, 1, 1, true), (0x1201, 1, 1, true), (0x1203, 2, 2, true),
    (0x1204, 1, 1, true), (0x130C, 0, 0, false), (0x1380, 1, 1, true), (0x1383, 2, 2, false),
];

#[test]
fn the_tags_are_those_of_the_specification() {
    let ours: BTreeSet<u16> = Tag::ALL.iter().map(|tag| tag.0).collect();
    assert_eq!(ours, PARAMETERS.iter().map(|(tag, ..)| *tag).collect());
    assert_eq!(ours.len(), Tag::ALL.len());
    assert!(Tag::ALL.iter().all(|tag| tag.name().is_some() && tag.shape().is_some()));
}

/// A value of this length that suits the tag's shape: a string gets its NUL.
fn value(tag: u16, len: usize) -> Vec<u8> {
    let mut value: Vec<u8> = (1..=len).map(|n| (n % 250 + 1) as u8).collect();
    if let (Some(Shape::COctets(_)), Some(last)) = (Tag(tag).shape(), value.last_mut()) {
        *last = 0;
    }
    value
}

#[test]
fn vectors_20_and_21_a_value_of_the_wrong_length_has_octets_and_no_type() {
    for (tag, min, max, is_integer) in PARAMETERS {
        let lengths = [0, min.saturating_sub(1), *min, min + 1, max.saturating_sub(1), *max, max + 1];
        for len in lengths.into_iter().filter(|len| *len <= 65_535) {
            let sent = value(*tag, len);
            let follower = [0x02, 0x04, 0x00, 0x02, 0x00, 0x09];
            let frame = accepted(&deliver_sm(0, &[&super::raw::tlv(*tag, &sent), &follower]));
            let fields = fields!(frame, DeliverSm);
            let parameter = fields.tlvs.get(Tag(*tag)).unwrap();
            assert_eq!(parameter.value, sent);
            let fits = (*min..=*max).contains(&len);
            assert_eq!(parameter.is_well_formed(), fits, "{tag:#06x} of {len}");
            let number = sent.iter().fold(0u32, |number, octet| number << 8 | u32::from(*octet));
            assert_eq!(parameter.integer(), (fits && *is_integer).then_some(number), "{tag:#06x} of {len}");
            let behind = fields.tlvs.iter().last().unwrap();
            assert_eq!((behind.tag.0, behind.value), (0x0204, &[0, 9][..]), "the next one is in its place");
        }
    }
}

#[test]
fn a_string_without_its_nul_is_not_well_formed_and_read_all_the_same() {
    for (sent, text, well_formed) in [
        (&b"no route\0"[..], &b"no route"[..], true),
        (b"no route", b"no route", false),
        (b"a\0b\0", b"a\0b", false),
    ] {
        let block = super::raw::tlv(0x001D, sent);
        let tlvs = Tlvs::new(&block);
        let parameter = tlvs.get(Tag::ADDITIONAL_STATUS_INFO_TEXT).unwrap();
        assert_eq!((parameter.text(), parameter.is_well_formed()), (text, well_formed));
    }
}

#[test]
fn what_a_receipt_says_in_parameters_is_typed_when_its_length_is_right() {
    let right = [super::raw::tlv(0x0427, &[2]), super::raw::tlv(0x0423, &[3, 1, 0])].concat();
    let tlvs = Tlvs::new(&right);
    assert_eq!(tlvs.message_state(), Some(MessageState::DELIVERED));
    assert_eq!(tlvs.network_error_code(), Some((3, 0x100)));
    let wrong = [super::raw::tlv(0x0427, &[0, 2]), super::raw::tlv(0x0423, &[3, 1])].concat();
    let tlvs = Tlvs::new(&wrong);
    assert_eq!((tlvs.message_state(), tlvs.network_error_code()), (None, None));
}

#[test]
fn parameters_are_written_in_order_and_one_too_long_is_left_out() {
    let mut block = BytesMut::new();
    assert!(tlv::put(&mut block, Tag::SAR_MSG_REF_NUM, &[0x12, 0x34]));
    assert!(!tlv::put(&mut block, Tag::MESSAGE_PAYLOAD, &vec![0; 65_536]));
    assert!(tlv::put(&mut block, Tag(0x1401), b""));
    assert_eq!(block[..], *b"\x02\x0C\x00\x02\x12\x34\x14\x01\x00\x00");
    assert!(tlv::put(&mut block, Tag::MESSAGE_PAYLOAD, &vec![7; 65_535]));
    assert_eq!(Tlvs::new(&block).iter().count(), 3);
    assert_eq!(Tlvs::new(&block).stray(), 0);
}
