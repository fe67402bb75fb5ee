//! Conformance vectors 1–12, 31 and 38: what comes back.

use bytes::BytesMut;
use telegraphy::smpp::Limits;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::pdu::{Body, Pdu, SubmitSmResp};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tag;
use telegraphy::smpp::values::InterfaceVersion;

use super::raw::{accepted, fields, id, pdu, request, response, tlv};

const BINDS: [(u32, BindKind); 3] = [
    (id::BIND_RECEIVER, BindKind::Receiver),
    (id::BIND_TRANSMITTER, BindKind::Transmitter),
    (id::BIND_TRANSCEIVER, BindKind::Transceiver),
];

#[test]
fn vector_01_every_response_may_be_a_header_and_nothing_else() {
    for command in id::RESPONSES {
        for status in [0, 0x08, 0x0D, 0x58] {
            let frame = accepted(&pdu(command, status, 9, &[]));
            assert_eq!(frame.command(), CommandId(command));
            assert_eq!((frame.status(), frame.sequence()), (CommandStatus(status), 9));
            assert!(!matches!(frame.body(), Body::Unknown(..)), "{command:#x} has no body of its own");
        }
    }
}

#[test]
fn vector_02_a_message_id_without_nul_ends_with_the_pdu() {
    let frame = accepted(&response(id::SUBMIT_SM, 0, &[b"8A01f"]));
    assert_eq!(fields!(frame, SubmitSmResp).message_id.as_bytes(), b"8A01f");
}

#[test]
fn vector_03_an_empty_message_id_is_empty() {
    let frame = accepted(&response(id::SUBMIT_SM, 0, &[b"\0"]));
    assert!(fields!(frame, SubmitSmResp).message_id.is_empty());
}

#[test]
fn vector_04_an_error_may_carry_an_id() {
    let frame = accepted(&response(id::SUBMIT_SM, 0x0B, &[b"8A01f\0"]));
    assert_eq!(frame.status(), CommandStatus::ESME_RINVDSTADR);
    assert_eq!(fields!(frame, SubmitSmResp).message_id.as_bytes(), b"8A01f");
}

#[test]
fn vector_05_an_error_may_carry_one_nul() {
    let frame = accepted(&response(id::SUBMIT_SM, 0x0B, &[b"\0"]));
    let fields = fields!(frame, SubmitSmResp);
    assert!(fields.message_id.is_empty() && fields.tlvs.is_empty());
}

#[test]
fn vector_06_a_refused_bind_may_be_a_header() {
    for (command, kind) in BINDS {
        let frame = accepted(&response(command, 0x0E, &[]));
        assert_eq!(frame.body(), Body::BindResp(kind, Default::default()));
        assert_eq!(frame.status(), CommandStatus::ESME_RINVPASWD);
    }
}

#[test]
fn vectors_07_to_09_a_bind_response_has_no_parameter_or_one_or_two() {
    let version = tlv(0x0210, &[0x34]);
    let vendor = tlv(0x1400, b"eu-1");
    for (command, kind) in BINDS {
        for (parameters, count) in [(vec![], 0), (version.clone(), 1), ([&vendor[..], &version].concat(), 2)]
        {
            let frame = accepted(&response(command, 0, &[b"smsc\0", &parameters]));
            let Body::BindResp(seen, fields) = frame.body() else { panic!("{frame:?}") };
            assert_eq!((seen, fields.system_id.as_bytes()), (kind, &b"smsc"[..]));
            assert_eq!(fields.tlvs.iter().count(), count);
            let expected = (count > 0).then_some(0x34);
            assert_eq!(fields.tlvs.integer(Tag::SC_INTERFACE_VERSION), expected);
        }
    }
}

#[test]
fn vector_10_a_byte_swapped_tag_is_an_unknown_tag() {
    let frame = accepted(&response(id::BIND_TRANSCEIVER, 0, &[b"smsc\0", &tlv(0x1002, &[0x34])]));
    let fields = fields!(frame, BindResp of Transceiver);
    assert_eq!(fields.tlvs.integer(Tag::SC_INTERFACE_VERSION), None);
    assert_eq!(fields.tlvs.get(Tag(0x1002)).unwrap().value, [0x34]);
}

#[test]
fn vector_11_a_system_id_without_nul_ends_with_the_pdu() {
    for (command, _) in BINDS {
        let frame = accepted(&response(command, 0, &[b"smsc"]));
        let Body::BindResp(_, fields) = frame.body() else { panic!("{frame:?}") };
        assert_eq!(fields.system_id.as_bytes(), b"smsc");
    }
}

#[test]
fn vector_12_octets_behind_a_pdu_without_fields_are_ignored() {
    let bare = [
        (id::ENQUIRE_LINK, Body::EnquireLink),
        (id::ENQUIRE_LINK | id::RESP, Body::EnquireLinkResp),
        (id::UNBIND, Body::Unbind),
        (id::UNBIND | id::RESP, Body::UnbindResp),
        (id::GENERIC_NACK, Body::GenericNack),
        (id::CANCEL_SM | id::RESP, Body::CancelSmResp),
        (id::REPLACE_SM | id::RESP, Body::ReplaceSmResp),
    ];
    for (command, body) in bare {
        for junk in [&b"\0"[..], b"\xDE\xAD\xBE\xEF\x00\x01\x02\x03"] {
            assert_eq!(accepted(&pdu(command, 0, 5, &[junk])).body(), body);
        }
    }
}

/// unsuccess_sme (§4.5.2.1): an address and a status.
const REFUSED: &[u8] = b"\x01\x01447700900123\0\x00\x00\x00\x0B";

fn submit_multi_resp(declared: u8, list: &[u8]) -> Vec<u8> {
    response(id::SUBMIT_MULTI, 0, &[b"77\0", &[declared], list])
}

#[test]
fn vector_31_the_list_of_refused_recipients_has_as_many_as_it_says() {
    for count in [0u8, 1, 254, 255] {
        let frame = accepted(&submit_multi_resp(count, &REFUSED.repeat(count.into())));
        let fields = fields!(frame, SubmitMultiResp);
        assert_eq!(fields.message_id.as_bytes(), b"77");
        assert_eq!((fields.unsuccess.len(), fields.unsuccess.is_clamped()), (count.into(), false));
        for entry in fields.unsuccess.iter() {
            assert_eq!(entry.address.addr.as_bytes(), b"447700900123");
            assert_eq!(entry.error_status_code, CommandStatus::ESME_RINVDSTADR);
        }
    }
}

#[test]
fn vector_31_a_list_that_is_cut_keeps_the_id_and_what_is_there() {
    let two = REFUSED.repeat(2);
    for cut in 0..two.len() {
        let frame = accepted(&submit_multi_resp(2, &two[..cut]));
        let fields = fields!(frame, SubmitMultiResp);
        assert_eq!(fields.message_id.as_bytes(), b"77");
        assert_eq!(fields.unsuccess.len(), usize::from(cut >= REFUSED.len()), "cut at {cut}");
        assert!(fields.unsuccess.is_clamped());
        assert_eq!(fields.unsuccess.iter().count(), fields.unsuccess.len());
    }
    let without_a_count = accepted(&response(id::SUBMIT_MULTI, 0, &[b"77\0"]));
    let fields = fields!(without_a_count, SubmitMultiResp);
    assert_eq!(fields.message_id.as_bytes(), b"77");
    assert!(fields.unsuccess.is_empty() && !fields.unsuccess.is_clamped());
}

#[test]
fn vector_38_a_status_without_a_name_passes_through() {
    for status in [0x22, 0x400, 0x4FF, 0xFFFF_FFFF] {
        for command in id::RESPONSES {
            let frame = accepted(&pdu(command, status, 1, &[]));
            assert_eq!(frame.status(), CommandStatus(status));
            assert_eq!(frame.status().name(), None);
        }
    }
    assert_eq!(CommandStatus(0x22).to_string(), "0x22");
    assert_eq!(CommandStatus(0x400).to_string(), "0x400");
}

#[test]
fn vector_39_any_interface_version_is_read_and_only_3_4_and_later_take_parameters() {
    let takes = [
        (0x00, false),
        (0x03, false),
        (0x22, false),
        (0x33, false),
        (0x34, true),
        (0x35, true),
        (0x50, true),
        (0xFF, true),
    ];
    for (version, takes_tlvs) in takes {
        let bind = request(id::BIND_RECEIVER, &[b"me\0pw\0\0", &[version], b"\x01\x01\0"]);
        let fields = accepted(&bind);
        let fields = fields!(fields, Bind of Receiver);
        assert_eq!(fields.interface_version, InterfaceVersion(version));
        assert_eq!(fields.interface_version.takes_tlvs(), takes_tlvs, "{version:#x}");
    }
}

#[test]
fn a_failed_bind_or_submit_is_answered_with_a_header() {
    let body = |octets| Pdu { status: CommandStatus::ESME_RTHROTTLED, sequence: 3, body: octets };
    let id_in_an_error = SubmitSmResp { message_id: b"77"[..].into(), ..SubmitSmResp::default() };
    let refused = body(Body::SubmitSmResp(id_in_an_error));
    let mut out = BytesMut::new();
    refused.encode(Limits::Strict, &mut out).unwrap();
    assert_eq!(out[..], response_of(id::SUBMIT_SM, &[]));
    out.clear();
    refused.encode(Limits::Lenient, &mut out).unwrap();
    assert_eq!(out[..], response_of(id::SUBMIT_SM, &[b"77\0"]));
    out.clear();
    body(Body::BindResp(BindKind::Receiver, Default::default())).encode(Limits::Strict, &mut out).unwrap();
    assert_eq!(out[..], response_of(id::BIND_RECEIVER, &[]));
    out.clear();
    body(Body::DeliverSmResp(Default::default())).encode(Limits::Strict, &mut out).unwrap();
    assert_eq!(out[..], response_of(id::DELIVER_SM, &[b"\0"]), "its message_id is one NUL, always");
}

fn response_of(to: u32, body: &[&[u8]]) -> Vec<u8> {
    pdu(to | id::RESP, 0x58, 3, body)
}
