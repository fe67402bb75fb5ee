use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::base::ids::MessageId;
use crate::base::octets::Octets;
use crate::customer::translate::tests::{THEM, US, address};
use crate::message::{Class, Fault, Outcome};
use crate::smpp::receipt::{DateWidth, ErrStyle, ReceiptTemplate};

/// 2025-02-01T00:00:00Z.
const MIDNIGHT: u64 = 1_738_368_000_000;
const V3_4: InterfaceVersion = InterfaceVersion::V3_4;
const V3_3: InterfaceVersion = InterfaceVersion::V3_3;

fn notice(news: News) -> Notice {
    Notice {
        message: MessageId::from_u64(99).unwrap(),
        shown: MessageId::from_u64(4711).unwrap(),
        source: address(US),
        destination: address(THEM),
        accepted_at: Timestamp::from_millis(MIDNIGHT - 1),
        news,
    }
}

fn ended(state: MessageState, err: &[u8], parts: u8, delivered: u8) -> Notice {
    let outcome = Outcome {
        class: Class::Delivered,
        excluded_by: None,
        unmapped: false,
        fault: Fault::None,
        message_state: state.0,
        stat: Octets::EMPTY,
        err: Octets::new(err).unwrap(),
        network_error_code: Some([3, 0, 8]),
    };
    notice(News::Final { at: Timestamp::from_millis(MIDNIGHT), outcome, parts, delivered })
}

fn incoming(content: Content) -> Notice {
    notice(News::Incoming { content: Arc::new(content) })
}

fn text_of<'a>(body: &'a Body<&'a [u8]>) -> &'a str {
    std::str::from_utf8(match body {
        Body::DeliverSm(body) => body.user_data(),
        Body::DataSm(body) => body.user_data(),
        other => panic!("{}", other.command()),
    })
    .unwrap()
}

#[test]
fn by_default_a_receipt_is_appendix_b_and_the_same_as_parameters() {
    let notice = ended(MessageState::DELIVERED, b"", 1, 1);
    let mut writer = ReceiptWriter::default();
    let body = writer.write(&notice, V3_4);
    let Body::DeliverSm(deliver) = &body else { panic!("{}", body.command()) };
    assert_eq!(
        text_of(&body),
        "id:4711 sub:001 dlvrd:001 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000 text:"
    );
    assert_eq!((deliver.esm_class, deliver.source, deliver.destination), (EsmClass::RECEIPT, THEM, US));
    assert_eq!(deliver.tlvs.receipted_message_id(), Some(b"4711".as_slice()));
    assert_eq!(deliver.tlvs.get(Tag::RECEIPTED_MESSAGE_ID).unwrap().value, b"4711\0");
    assert_eq!(deliver.tlvs.message_state(), Some(MessageState::DELIVERED));
    assert_eq!(deliver.tlvs.network_error_code(), Some((3, 8)));
}

#[test]
fn promise_9_a_receipt_for_a_long_message_counts_its_parts() {
    let notice = ended(MessageState::UNDELIVERABLE, b"069", 3, 2);
    let mut writer = ReceiptWriter::default();
    let body = writer.write(&notice, V3_4);
    assert_eq!(
        text_of(&body),
        "id:4711 sub:003 dlvrd:002 submit date:2501312359 done date:2502010000 stat:UNDELIV err:069 text:"
    );
}

#[test]
fn an_account_chooses_template_and_parameters() {
    let template = ReceiptTemplate {
        counts: false,
        dates: Some(DateWidth::Twelve),
        utc_offset_quarters: 4,
        err: Some(ErrStyle::Digits(1)),
        text_octets: None,
    };
    let mut writer = ReceiptWriter::new(ReceiptStyle { template, tlvs: false, as_data_sm: false });
    let notice = ended(MessageState::DELIVERED, b"000", 1, 1);
    let body = writer.write(&notice, V3_4);
    assert_eq!(text_of(&body), "id:4711 submit date:250201005959 done date:250201010000 stat:DELIVRD err:0");
    let Body::DeliverSm(deliver) = &body else { panic!("{}", body.command()) };
    assert!(deliver.tlvs.is_empty());
}

#[test]
fn quirk_44_a_receipt_goes_as_data_sm_to_those_who_want_and_know_it() {
    for tlvs in [true, false] {
        let style = ReceiptStyle { tlvs, as_data_sm: true, ..ReceiptStyle::default() };
        let mut writer = ReceiptWriter::new(style);
        let notice = ended(MessageState::EXPIRED, b"", 1, 0);
        let body = writer.write(&notice, V3_4);
        let Body::DataSm(data) = &body else { panic!("{}", body.command()) };
        assert!(text_of(&body).contains(" stat:EXPIRED "), "{}", text_of(&body));
        assert_eq!(data.esm_class, EsmClass::RECEIPT);
        assert_eq!(data.source.addr.as_bytes(), THEM.addr.as_bytes());
        assert_eq!(data.destination.addr.as_bytes(), US.addr.as_bytes());
        assert_eq!(data.tlvs.receipted_message_id(), tlvs.then_some(b"4711".as_slice()));
        let old = writer.write(&notice, V3_3);
        assert!(matches!(old, Body::DeliverSm(_)), "{}", old.command());
        assert!(text_of(&old).contains(" stat:EXPIRED "));
    }
}

#[test]
fn quirk_43_an_intermediate_notice_says_that_it_is_one() {
    let at = Timestamp::from_millis(MIDNIGHT);
    let notice = notice(News::Intermediate { at, message_state: MessageState::ENROUTE.0 });
    let mut writer = ReceiptWriter::default();
    let body = writer.write(&notice, V3_4);
    let Body::DeliverSm(deliver) = &body else { panic!("{}", body.command()) };
    assert_eq!(deliver.esm_class, EsmClass::INTERMEDIATE);
    assert!(text_of(&body).starts_with("id:4711 sub:001 dlvrd:000 "), "{}", text_of(&body));
    assert!(text_of(&body).contains(" stat:ENROUTE err:000 "));
    assert_eq!(deliver.tlvs.message_state(), Some(MessageState::ENROUTE));
    assert_eq!(deliver.tlvs.network_error_code(), None);
}

#[test]
fn a_state_without_a_word_is_unknown_in_the_text_and_raw_in_the_parameter() {
    let notice = ended(MessageState(77), b"", 1, 0);
    let mut writer = ReceiptWriter::default();
    let body = writer.write(&notice, V3_4);
    assert!(text_of(&body).contains(" stat:UNKNOWN "));
    let Body::DeliverSm(deliver) = &body else { panic!("{}", body.command()) };
    assert_eq!(deliver.tlvs.message_state(), Some(MessageState(77)));
}

#[test]
fn a_message_from_a_handset_comes_as_it_came() {
    let mut port = BytesMut::new();
    assert!(tlv::put(&mut port, Tag::SOURCE_PORT, &[0x0B, 0x84]));
    let content = Content {
        service_type: Octets::new(b"WAP").unwrap(),
        esm_class: 0x40,
        protocol_id: 9,
        priority_flag: 2,
        data_coding: 8,
        body: Bytes::from_static(b"\x05\x00\x03\x2A\x02\x01text"),
        tlvs: port.freeze(),
        ..Content::default()
    };
    let notice = incoming(content.clone());
    let mut writer = ReceiptWriter::default();
    let body = writer.write(&notice, V3_4);
    let Body::DeliverSm(deliver) = &body else { panic!("{}", body.command()) };
    assert_eq!((deliver.source, deliver.destination), (US, THEM), "from the handset to our number");
    assert_eq!(deliver.esm_class, EsmClass::UDHI);
    assert_eq!((deliver.protocol_id, deliver.priority_flag, deliver.data_coding.0), (9, 2, 8));
    assert_eq!(deliver.service_type.as_bytes(), b"WAP");
    assert_eq!(deliver.short_message.as_bytes(), &content.body);
    assert_eq!(deliver.tlvs.as_octets(), &content.tlvs);
}

#[test]
fn a_message_from_a_handset_is_never_taken_for_a_receipt() {
    for (came, goes) in [(0x04, 0x00), (0x44, 0x40), (0x20, 0x00), (0x08, 0x08), (0x00, 0x00)] {
        let notice = incoming(Content { esm_class: came, ..Content::default() });
        let mut writer = ReceiptWriter::default();
        let body = writer.write(&notice, V3_4);
        let Body::DeliverSm(deliver) = &body else { panic!("{}", body.command()) };
        assert_eq!(deliver.esm_class, EsmClass(goes), "{came:#04x}");
    }
}

#[test]
fn a_payload_stays_a_payload_where_the_peer_knows_it_and_where_it_must() {
    let sent = |len: usize, in_payload: bool, style: ReceiptStyle, version| {
        let body = Bytes::from(vec![b'x'; len]);
        let notice = incoming(Content { in_payload, body: body.clone(), ..Content::default() });
        let mut writer = ReceiptWriter::new(style);
        match writer.write(&notice, version) {
            Body::DeliverSm(deliver) => {
                assert_eq!(deliver.user_data(), &body);
                ("deliver_sm", deliver.tlvs.message_payload().is_some())
            }
            Body::DataSm(data) => {
                assert_eq!(data.user_data(), &body);
                ("data_sm", data.tlvs.message_payload().is_some())
            }
            other => panic!("{}", other.command()),
        }
    };
    let usual = ReceiptStyle::default();
    assert_eq!(sent(10, false, usual, V3_4), ("deliver_sm", false));
    assert_eq!(sent(10, true, usual, V3_4), ("deliver_sm", true));
    assert_eq!(sent(254, false, usual, V3_4), ("deliver_sm", false));
    assert_eq!(sent(255, false, usual, V3_4), ("deliver_sm", true));
    assert_eq!(sent(65_535, true, usual, V3_4), ("deliver_sm", true));
    assert_eq!(sent(254, true, usual, V3_3), ("deliver_sm", false));
    let data = ReceiptStyle { as_data_sm: true, ..usual };
    assert_eq!(sent(10, false, data, V3_4), ("data_sm", true));
    assert_eq!(sent(10, true, data, V3_3), ("deliver_sm", false));
}
