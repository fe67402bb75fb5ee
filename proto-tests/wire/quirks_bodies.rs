//! Quirks 4–17: message ids and the bodies of responses, as real peers send them.

use bytes::BytesMut;
use telegraphy::smpp::Limits;
use telegraphy::smpp::pdu::{Body, EncodeError, Pdu, Refused, SubmitMultiResp, SubmitSmResp, Unsuccess};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tag;

use super::raw::{accepted, fields, id, pdu, response, tlv};

const UUID: &[u8] = b"7f9c24e8-3b12-4d1e-9c55-0d5a2b7fce11";

#[test]
fn quirk_04_a_long_message_id_survives_both_ways() {
    let octets = response(id::SUBMIT_SM, 0, &[UUID, b"\0"]);
    let frame = accepted(&octets);
    assert_eq!(fields!(frame, SubmitSmResp).message_id.as_bytes(), UUID);
    let mut out = BytesMut::new();
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: frame.body() };
    pdu.encode(Limits::Strict, &mut out).unwrap();
    assert_eq!(out[..], octets);
}

#[test]
fn quirk_05_a_message_id_past_64_octets_is_read_and_says_that_it_is_too_long() {
    for (len, fits) in [(64, true), (65, false), (255, false)] {
        for to in [id::SUBMIT_SM, id::DELIVER_SM, id::DATA_SM] {
            let frame = accepted(&response(to, 0, &[&vec![b'a'; len], b"\0"]));
            let id = match frame.body() {
                Body::SubmitSmResp(fields) => fields.message_id,
                Body::DeliverSmResp(fields) => fields.message_id,
                Body::DataSmResp(fields) => fields.message_id,
                other => panic!("{other:?}"),
            };
            assert_eq!((id.as_bytes().len(), id.fits()), (len, fits));
        }
    }
}

#[test]
fn quirk_06_a_deliver_sm_resp_may_carry_an_id_and_ours_carries_one_nul() {
    let frame = accepted(&response(id::DELIVER_SM, 0, &[UUID, b"\0"]));
    assert_eq!(fields!(frame, DeliverSmResp).message_id.as_bytes(), UUID);
    let mut out = BytesMut::new();
    let ours: Pdu<&[u8]> =
        Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: Body::DeliverSmResp(Default::default()) };
    ours.encode(Limits::Strict, &mut out).unwrap();
    assert_eq!(out[..], response(id::DELIVER_SM, 0, &[b"\0"]));
}

#[test]
fn quirk_08_an_error_without_a_body_is_a_response() {
    let frame = accepted(&response(id::SUBMIT_SM, 0x58, &[]));
    assert_eq!(frame.body(), Body::SubmitSmResp(SubmitSmResp::default()));
    assert_eq!(frame.status(), CommandStatus::ESME_RTHROTTLED);
}

#[test]
fn quirk_09_an_error_with_a_body_is_a_response_and_its_id_is_seen() {
    for body in [UUID, b"1234567\0", &[0xFF; 9], &[0xFF; 25]] {
        let frame = accepted(&response(id::SUBMIT_SM, 0x0B, &[body]));
        let expected = body.strip_suffix(b"\0").unwrap_or(body);
        assert_eq!(fields!(frame, SubmitSmResp).message_id.as_bytes(), expected);
    }
    let unreadable = accepted(&response(id::SUBMIT_SM, 0x0B, &[&[b'x'; 900]]));
    assert!(fields!(unreadable, SubmitSmResp).message_id.is_empty());
}

#[test]
fn quirk_10_success_without_an_id_is_success() {
    for (body, id) in [(&b""[..], &b""[..]), (b"\0", b""), (b"77", b"77"), (b"77\0", b"77")] {
        let frame = accepted(&response(id::SUBMIT_SM, 0, &[body]));
        assert!(frame.status().is_ok());
        assert_eq!(fields!(frame, SubmitSmResp).message_id.as_bytes(), id);
    }
}

/// The pieces of a body, and what is to be read from them: the id, and how many parameters.
type Case<'a> = (&'a [&'a [u8]], &'a [u8], usize);

#[test]
fn quirk_11_an_error_with_parameters_in_place_of_the_id_has_parameters() {
    let reason = tlv(0x0425, &[2]);
    let text = tlv(0x001D, b"no route\0");
    let long = tlv(0x1401, &[b'x'; 0x101]);
    let cases: [Case<'_>; 9] = [
        (&[b"77\0\0"], b"77", 0),
        (&[b"77\0", &reason, b"\0"], b"77", 1),
        (&[&reason, &text, b"\0"], b"", 2),
        (&[&long], b"", 1),
        (&[&reason, &text], b"", 2),
        (&[b"\0", &reason], b"", 1),
        (&[b"77\0", &reason, &text], b"77", 2),
        (&[b"77\0"], b"77", 0),
        (&[b"\x01\x02\x03"], b"\x01\x02\x03", 0),
    ];
    for (body, id, count) in cases {
        for to in [id::SUBMIT_SM, id::DATA_SM, id::DELIVER_SM] {
            let frame = accepted(&response(to, 0x45, body));
            let (seen, tlvs) = match frame.body() {
                Body::SubmitSmResp(fields) => (fields.message_id, fields.tlvs),
                Body::DeliverSmResp(fields) => (fields.message_id, fields.tlvs),
                Body::DataSmResp(fields) => (fields.message_id, fields.tlvs),
                other => panic!("{other:?}"),
            };
            assert_eq!((seen.as_bytes(), tlvs.iter().count()), (id, count), "{body:02X?}");
        }
    }
}

#[test]
fn quirk_11_success_never_takes_its_id_for_parameters() {
    // "\x02\x04" + length 1 + "7": an id that would be a parameter, to the octet.
    let frame = accepted(&response(id::SUBMIT_SM, 0, &[b"\x02\x04\0\x017"]));
    assert_eq!(fields!(frame, SubmitSmResp).message_id.as_bytes(), b"\x02\x04");
}

#[test]
fn quirk_12_a_failed_data_sm_may_carry_an_id_and_its_reasons() {
    let reasons = [tlv(0x0425, &[1]), tlv(0x0423, &[3, 0, 0x21])].concat();
    let frame = accepted(&response(id::DATA_SM, 0xFE, &[b"77\0", &reasons]));
    let fields = fields!(frame, DataSmResp);
    assert_eq!(frame.status(), CommandStatus::ESME_RDELIVERYFAILURE);
    assert_eq!(fields.message_id.as_bytes(), b"77");
    assert_eq!(fields.tlvs.integer(Tag::DELIVERY_FAILURE_REASON), Some(1));
    assert_eq!(fields.tlvs.network_error_code(), Some((3, 0x21)));
}

#[test]
fn quirk_13_a_refused_bind_has_a_header_or_a_nul_or_everything() {
    let version = tlv(0x0210, &[0x34]);
    for (body, id) in [(vec![], &b""[..]), (vec![0], b""), ([b"smsc\0", &version[..]].concat(), b"smsc")] {
        for status in [0x05, 0x0D, 0x0E, 0x0F, 0x53] {
            let frame = accepted(&response(id::BIND_TRANSCEIVER, status, &[&body]));
            assert_eq!(fields!(frame, BindResp of Transceiver).system_id.as_bytes(), id);
            assert_eq!(frame.status(), CommandStatus(status));
        }
    }
}

#[test]
fn quirk_14_a_failed_submit_multi_has_no_body_or_words_in_it() {
    for body in [&b""[..], b"Unknown command.", b"\0", b"\0\0", b"77\0\x05", &[b'x'; 700]] {
        let frame = accepted(&response(id::SUBMIT_MULTI, 0x03, &[body]));
        assert_eq!(frame.status(), CommandStatus::ESME_RINVCMDID);
        assert!(fields!(frame, SubmitMultiResp).unsuccess.is_empty());
    }
}

#[test]
fn quirk_15_an_enquire_link_resp_with_a_nul_is_one() {
    let frame = accepted(&response(id::ENQUIRE_LINK, 0, &[b"\0"]));
    assert_eq!(frame.body(), Body::EnquireLinkResp);
}

#[test]
fn quirk_16_an_enquire_link_resp_with_an_error_is_a_sign_of_life() {
    let frame = accepted(&response(id::ENQUIRE_LINK, 0x04, &[]));
    assert_eq!(frame.body(), Body::EnquireLinkResp);
    assert_eq!(frame.status(), CommandStatus::ESME_RINVBNDSTS);
}

#[test]
fn quirk_17_a_partial_success_names_the_recipients_that_were_refused() {
    let list = b"\x01\x01447700900123\0\x00\x00\x00\x0B\x05\x00Caf\xE9\0\x00\x00\x04\x01";
    let frame = accepted(&response(id::SUBMIT_MULTI, 0, &[b"77\0\x02", list]));
    let fields = fields!(frame, SubmitMultiResp);
    assert!(frame.status().is_ok());
    let refused: Vec<_> = fields
        .unsuccess
        .iter()
        .map(|entry| (entry.address.addr.as_bytes().to_vec(), entry.error_status_code.0))
        .collect();
    assert_eq!(refused, [(b"447700900123".to_vec(), 0x0B), (b"Caf\xE9".to_vec(), 0x401)]);
}

#[test]
fn quirk_17_ours_can_be_written_and_reads_the_same() {
    let refused = |digits: &'static [u8]| {
        let mut entry = Refused { address: Default::default(), error_status_code: CommandStatus(0x0B) };
        entry.address.addr = digits.into();
        entry
    };
    let mut scratch = BytesMut::new();
    let unsuccess = Unsuccess::write_into([refused(b"4477"), refused(b"4478")], &mut scratch).unwrap();
    let mut fields = SubmitMultiResp { unsuccess, ..Default::default() };
    fields.message_id = b"77"[..].into();
    let written = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: Body::SubmitMultiResp(fields) };
    let mut out = BytesMut::new();
    written.encode(Limits::Strict, &mut out).unwrap();
    let list = b"\x02\0\x004477\0\0\0\0\x0B\0\x004478\0\0\0\0\x0B";
    assert_eq!(out[..], pdu(id::SUBMIT_MULTI | id::RESP, 0, 1, &[b"77\0", list]));
    assert!(Unsuccess::write_into((0..256).map(|_| refused(b"4477")), &mut BytesMut::new()).is_none());
    assert!(Unsuccess::write_into([refused(b"44\x0077")], &mut BytesMut::new()).is_none(), "a NUL splits it");
    let mut long = BytesMut::new();
    fields.unsuccess = Unsuccess::write_into([refused(b"123456789012345678901")], &mut long).unwrap();
    let too_long = Pdu { body: Body::SubmitMultiResp(fields), ..written };
    assert_eq!(too_long.encode(Limits::Strict, &mut out), Err(EncodeError { field: "unsuccess" }));
}
