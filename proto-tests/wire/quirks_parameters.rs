//! Quirks 39–44 as far as they are octets, and 47–56: optional parameters, as real peers send them.

use bytes::BytesMut;
use telegraphy::smpp::Limits;
use telegraphy::smpp::pdu::{Body, Pdu};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tag;
use telegraphy::smpp::values::MessageState;

use super::raw::{accepted, deliver_sm, fields, id, request, response, submit_sm, tlv};

const RECEIPT: &[u8] =
    b"id:8A01f sub:001 dlvrd:001 submit date:2611210945 done date:2611210946 stat:DELIVRD err:000 text:";

#[test]
fn quirk_39_a_receipt_in_the_payload_is_the_user_data() {
    let frame = accepted(&deliver_sm(0, &[&tlv(0x0424, RECEIPT)]));
    assert_eq!(fields!(frame, DeliverSm).user_data(), RECEIPT);
    let frame = accepted(&deliver_sm(RECEIPT.len() as u8, &[RECEIPT]));
    assert_eq!(fields!(frame, DeliverSm).user_data(), RECEIPT);
}

#[test]
fn quirk_40_at_most_one_nul_ends_a_receipted_message_id() {
    for (sent, id) in
        [(&b"77\0"[..], &b"77"[..]), (b"77", b"77"), (b"77\0\0", b"77\0"), (b"\0", b""), (b"", b"")]
    {
        let frame = accepted(&deliver_sm(0, &[&tlv(0x001E, sent)]));
        assert_eq!(fields!(frame, DeliverSm).tlvs.receipted_message_id(), Some(id));
    }
}

#[test]
fn quirk_41_a_receipt_is_one_whatever_stands_beside_the_type_bits() {
    let classes =
        [(0x04, true), (0x44, true), (0x07, true), (0x84, true), (0x20, true), (0x00, false), (0x08, false)];
    for (esm_class, is_receipt) in classes {
        let mut octets = deliver_sm(2, &[b"hi"]);
        octets[16 + 24] = esm_class;
        let frame = accepted(&octets);
        let fields = fields!(frame, DeliverSm);
        assert_eq!((fields.esm_class.0, fields.esm_class.is_receipt()), (esm_class, is_receipt));
    }
}

#[test]
fn quirk_42_a_receipt_may_be_parameters_and_nothing_else() {
    let parameters = [tlv(0x001E, b"8A01f\0"), tlv(0x0427, &[5])].concat();
    let frame = accepted(&deliver_sm(0, &[&parameters]));
    let fields = fields!(frame, DeliverSm);
    assert_eq!(fields.tlvs.message_state(), Some(MessageState::UNDELIVERABLE));
    assert_eq!(fields.tlvs.receipted_message_id(), Some(&b"8A01f"[..]));
    assert!(fields.user_data().is_empty());
}

#[test]
fn quirk_44_a_receipt_may_come_as_data_sm() {
    let parameters = [tlv(0x001E, b"8A01f\0"), tlv(0x0427, &[2]), tlv(0x0424, RECEIPT)].concat();
    let body = b"\0\x01\x01447700900123\0\x00\x0012345\0\x04\x00\x00";
    let frame = accepted(&request(id::DATA_SM, &[body, &parameters]));
    let fields = fields!(frame, DataSm);
    assert!(fields.esm_class.is_receipt());
    assert_eq!(fields.tlvs.message_state(), Some(MessageState::DELIVERED));
    assert_eq!(fields.user_data(), RECEIPT);
}

#[test]
fn quirk_47_a_parameter_that_is_cut_leaves_the_message_whole() {
    let frame = accepted(&deliver_sm(2, &[b"hi", b"\x00\x1E\x00\x418A01f"]));
    let fields = fields!(frame, DeliverSm);
    assert_eq!(fields.short_message.as_bytes(), b"hi");
    assert!(fields.tlvs.is_truncated() && fields.tlvs.is_empty());
}

#[test]
fn quirk_48_one_to_three_octets_too_many_are_ignored() {
    for stray in [&b"\0"[..], b"\0\0", b"\0\0\0", b"abc"] {
        let after_the_message = accepted(&submit_sm(2, &[b"hi", stray]));
        let after_a_parameter = accepted(&submit_sm(2, &[b"hi", &tlv(0x0204, &[0, 1]), stray]));
        for (frame, count) in [(after_the_message, 0), (after_a_parameter, 1)] {
            let fields = fields!(frame, SubmitSm);
            assert_eq!(fields.tlvs.iter().count(), count);
            assert_eq!((fields.tlvs.stray(), fields.tlvs.is_truncated()), (stray.len(), false));
        }
    }
}

#[test]
fn quirk_49_unknown_tags_pass_through_in_order() {
    let tags = [0x1454, 0x1418, 0x002B, 0x060D, 0x060F, 0x1454];
    let block: Vec<u8> = tags.iter().flat_map(|tag| tlv(*tag, b"x")).collect();
    let octets = submit_sm(2, &[b"hi", &block]);
    let frame = accepted(&octets);
    let seen: Vec<u16> = fields!(frame, SubmitSm).tlvs.iter().map(|tlv| tlv.tag.0).collect();
    assert_eq!(seen, tags);
    assert_eq!(written(&frame.body()), octets);
}

#[test]
fn quirk_50_a_parameter_of_another_pdu_is_no_fault() {
    let frame = accepted(&submit_sm(2, &[b"hi", &tlv(0x0427, &[2]), &tlv(0x0210, &[0x34])]));
    assert_eq!(fields!(frame, SubmitSm).tlvs.iter().count(), 2);
}

#[test]
fn quirk_51_a_value_of_the_wrong_length_keeps_its_octets() {
    let block = [tlv(0x0423, b"0000"), tlv(0x0427, &[0, 2]), tlv(0x0204, &[7])].concat();
    let frame = accepted(&deliver_sm(0, &[&block]));
    let tlvs = fields!(frame, DeliverSm).tlvs;
    assert_eq!((tlvs.network_error_code(), tlvs.message_state()), (None, None));
    assert_eq!(tlvs.integer(Tag::USER_MESSAGE_REFERENCE), None);
    let octets: Vec<&[u8]> = tlvs.iter().map(|tlv| tlv.value).collect();
    assert_eq!(octets, [&b"0000"[..], &[0, 2], &[7]]);
    let digits = tlv(0x0423, b"000");
    let frame = accepted(&deliver_sm(0, &[&digits]));
    assert_eq!(
        fields!(frame, DeliverSm).tlvs.network_error_code(),
        Some((b'0', 0x3030)),
        "three ASCII digits"
    );
}

#[test]
fn quirk_52_a_bad_callback_number_or_subaddress_is_kept() {
    for value in [&b""[..], b"\x01", b"\xA0", &[b'4'; 40]] {
        let block = [tlv(0x0381, value), tlv(0x0202, value)].concat();
        let frame = accepted(&submit_sm(0, &[&block]));
        let tlvs = fields!(frame, SubmitSm).tlvs;
        assert!(tlvs.iter().all(|tlv| tlv.value == value && !tlv.is_well_formed()));
        assert_eq!(tlvs.iter().count(), 2);
    }
}

#[test]
fn quirk_53_alert_on_message_delivery_is_there_with_an_octet_or_without() {
    for value in [&b""[..], b"\x01"] {
        let block = [tlv(0x130C, value), tlv(0x0204, &[0, 9])].concat();
        let frame = accepted(&submit_sm(0, &[&block]));
        let tlvs = fields!(frame, SubmitSm).tlvs;
        assert!(tlvs.get(Tag::ALERT_ON_MESSAGE_DELIVERY).is_some());
        assert_eq!(tlvs.integer(Tag::USER_MESSAGE_REFERENCE), Some(9));
    }
}

#[test]
fn quirk_54_the_next_parameter_is_where_the_declared_length_says() {
    for wrong in [0, 1, 2, 3, 5, 9] {
        let block =
            [tlv(0x0427, &vec![2; wrong]), tlv(0x020C, &vec![1; wrong]), tlv(0x001E, b"77\0")].concat();
        let frame = accepted(&deliver_sm(0, &[&block]));
        assert_eq!(fields!(frame, DeliverSm).tlvs.receipted_message_id(), Some(&b"77"[..]));
    }
}

#[test]
fn quirk_55_duplicates_and_order_survive_both_ways() {
    let block: Vec<u8> = (0..7).flat_map(|n| tlv(0x0381, &[n, 1, 1, b'4'])).collect();
    let octets = submit_sm(2, &[b"hi", &block, &tlv(0x0005, &[1]), &block]);
    assert_eq!(written(&accepted(&octets).body()), octets);
}

#[test]
fn quirk_56_a_peer_of_3_3_gets_no_parameters() {
    let bind_resp = accepted(&response(id::BIND_TRANSCEIVER, 0, &[b"smsc\0", &tlv(0x0210, &[0x34])]));
    assert_eq!(written(&bind_resp.body().without_tlvs()), response(id::BIND_TRANSCEIVER, 0, &[b"smsc\0"]));
    for (name, octets) in super::samples::all() {
        let body = Pdu::decode(&octets).unwrap().body.without_tlvs();
        Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body }.fields(&mut |field, shown| {
            let telegraphy::smpp::Shown::Tlvs(tlvs) = shown else { return };
            assert!(tlvs.is_empty(), "{name} has parameters in {field}");
        });
    }
}

fn written(body: &Body<&[u8]>) -> Vec<u8> {
    let mut out = BytesMut::new();
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: *body };
    pdu.encode(Limits::Strict, &mut out).unwrap();
    out.to_vec()
}
