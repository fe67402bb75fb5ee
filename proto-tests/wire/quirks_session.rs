//! Quirks 18–28, 57–60, 66, 69, 70, 72, 78–82, 88, 94, 96 and 97, as far as they are octets.

use bytes::BytesMut;
use telegraphy::smpp::Limits;
use telegraphy::smpp::command::CommandId;
use telegraphy::smpp::frame::{Front, PDU_LEN_MAX, UNBOUND_PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::{Body, EncodeError, Pdu, SubmitSm};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{Tag, Tlvs};
use telegraphy::smpp::values::InterfaceVersion;

use super::raw::{accepted, deliver_sm, fields, id, pdu, refused, request, response, split, submit_sm, tlv};

#[test]
fn quirk_18_a_bind_response_without_a_version_has_none() {
    let frame = accepted(&response(id::BIND_TRANSCEIVER, 0, &[b"smsc\0"]));
    let fields = fields!(frame, BindResp of Transceiver);
    assert_eq!(fields.tlvs.integer(Tag::SC_INTERFACE_VERSION), None);
}

#[test]
fn quirks_19_and_20_every_interface_version_is_read_and_ordered() {
    let versions =
        [(0, false), (31, false), (34, false), (0x33, false), (0x34, true), (0x35, true), (0x50, true)];
    for (version, takes_tlvs) in versions {
        let frame = accepted(&request(id::BIND_TRANSCEIVER, &[b"me\0pw\0\0", &[version], b"\0\0\0"]));
        let fields = fields!(frame, Bind of Transceiver);
        assert_eq!(fields.interface_version, InterfaceVersion(version));
        assert_eq!(fields.interface_version.takes_tlvs(), takes_tlvs);
    }
}

#[test]
fn quirk_21_a_byte_swapped_version_tag_is_unknown() {
    let frame = accepted(&response(id::BIND_RECEIVER, 0, &[b"smsc\0", &tlv(0x1002, &[0x34])]));
    let fields = fields!(frame, BindResp of Receiver);
    assert_eq!(fields.tlvs.integer(Tag::SC_INTERFACE_VERSION), None);
    assert_eq!(fields.tlvs.iter().count(), 1);
}

#[test]
fn quirk_22_credentials_longer_than_the_specification_are_read_and_written_leniently() {
    let (name, password) = (b"a-system-id-of-twenty", b"correct horse battery staple");
    let octets = request(id::BIND_TRANSMITTER, &[name, b"\0", password, b"\0\0\x34\0\0\0"]);
    let frame = accepted(&octets);
    let fields = fields!(frame, Bind of Transmitter);
    assert_eq!((fields.system_id.as_bytes(), fields.password.expose()), (&name[..], &password[..]));
    assert!(!fields.system_id.fits() && !fields.password.0.fits());
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: frame.body() };
    let mut out = BytesMut::new();
    assert_eq!(pdu.encode(Limits::Strict, &mut out), Err(EncodeError { field: "system_id" }));
    pdu.encode(Limits::Lenient, &mut out).unwrap();
    assert_eq!(out[..], octets);
}

#[test]
fn quirk_23_nothing_is_cut_when_it_is_written() {
    let long = [b'7'; 300];
    let mut fields = SubmitSm::<&[u8]>::default();
    fields.destination.addr = long[..21].into();
    refuses(fields, Limits::Strict, "destination");
    fields.destination.addr = long[..256].into();
    refuses(fields, Limits::Lenient, "destination");
    let fields = SubmitSm { short_message: long[..255].into(), ..SubmitSm::default() };
    refuses(fields, Limits::Strict, "short_message");
    let fields = SubmitSm { short_message: long[..256].into(), ..SubmitSm::default() };
    refuses(fields, Limits::Lenient, "short_message");
    let block = [tlv(0x0424, &[0; 65_535]), tlv(0x1400, &[0; 9_000])].concat();
    let fields = SubmitSm { tlvs: Tlvs::new(&block), ..SubmitSm::default() };
    refuses(fields, Limits::Lenient, "command_length");
}

fn refuses(fields: SubmitSm<&[u8]>, limits: Limits, field: &'static str) {
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: Body::SubmitSm(fields) };
    let mut out = BytesMut::from(&b"x"[..]);
    assert_eq!(pdu.encode(limits, &mut out), Err(EncodeError { field }));
    assert_eq!(out[..], b"x"[..]);
}

#[test]
fn quirk_24_a_bind_response_and_a_message_come_in_one_read() {
    let stream = [response(id::BIND_RECEIVER, 0, &[b"smsc\0"]), deliver_sm(2, &[b"hi"])].concat();
    let commands: Vec<_> = split(&stream).into_iter().map(|frame| frame.unwrap().command()).collect();
    assert_eq!(commands, [CommandId::BIND_RECEIVER_RESP, CommandId::DELIVER_SM]);
}

#[test]
fn quirk_28_a_sender_is_octets_and_not_ascii() {
    for sender in [&b"My-Shop 24"[..], b"\xC9lys\xE9e", "Почта".as_bytes()] {
        let body = [b"\0\x05\0", sender, b"\0\x01\x01447700900123\0\0\0\0\0\0\0\0\0\0\x02hi"];
        let frame = accepted(&request(id::DELIVER_SM, &body));
        assert_eq!(fields!(frame, DeliverSm).source.addr.as_bytes(), sender);
    }
}

#[test]
fn quirk_57_a_message_longer_than_its_pdu_ends_with_it() {
    let frame = accepted(&deliver_sm(200, &[b"only this"]));
    let fields = fields!(frame, DeliverSm);
    assert_eq!((fields.short_message.as_bytes(), fields.short_message.declared), (&b"only this"[..], 200));
    assert!(fields.short_message.is_clamped());
    let honest = accepted(&deliver_sm(9, &[b"only this"]));
    assert!(!fields!(honest, DeliverSm).short_message.is_clamped());
}

#[test]
fn quirk_58_a_message_of_128_to_255_octets_has_them_all() {
    for len in 127..=255u8 {
        let frame = accepted(&submit_sm(len, &[&vec![0x9C; len.into()]]));
        assert_eq!(fields!(frame, SubmitSm).short_message.as_bytes().len(), usize::from(len));
    }
}

#[test]
fn quirk_59_message_and_payload_are_both_seen() {
    let frame = accepted(&deliver_sm(2, &[b"hi", &tlv(0x0424, b"payload")]));
    let fields = fields!(frame, DeliverSm);
    assert_eq!((fields.user_data(), fields.tlvs.message_payload()), (&b"hi"[..], Some(&b"payload"[..])));
}

#[test]
fn quirk_60_data_coding_0_is_not_guessed_and_the_octets_are_not_touched() {
    let all: Vec<u8> = (0..=253).collect();
    let frame = accepted(&submit_sm(254, &[&all]));
    let fields = fields!(frame, SubmitSm);
    assert_eq!((fields.data_coding.0, fields.short_message.as_bytes()), (0, &all[..]));
}

#[test]
fn quirk_66_a_header_in_the_payload_is_found_where_the_user_data_is() {
    let udh = b"\x05\x00\x03\x2A\x02\x01part one";
    let mut octets = submit_sm(0, &[&tlv(0x0424, udh)]);
    octets[16 + 24] = 0x40;
    let frame = accepted(&octets);
    let fields = fields!(frame, SubmitSm);
    assert!(fields.esm_class.has_udh());
    assert_eq!(fields.user_data(), udh);
}

#[test]
fn quirk_69_a_nul_behind_the_message_is_not_of_it() {
    let frame = accepted(&submit_sm(5, &[b"hello\0"]));
    let fields = fields!(frame, SubmitSm);
    assert_eq!((fields.short_message.as_bytes(), fields.tlvs.stray()), (&b"hello"[..], 1));
}

#[test]
fn quirk_70_sequence_numbers_are_taken_as_they_come() {
    for sequence in [0, 0x7FFF_FFFF, 0x8000_0000, 0x806A_179B, u32::MAX] {
        let frame = accepted(&pdu(id::DELIVER_SM | id::RESP, 0, sequence, &[b"\0"]));
        assert_eq!(frame.sequence(), sequence);
    }
}

#[test]
fn quirk_72_a_request_is_told_from_a_response_by_its_bit_alone() {
    let request = accepted(&pdu(id::ENQUIRE_LINK, 0, 5, &[]));
    let response = accepted(&pdu(id::ENQUIRE_LINK | id::RESP, 0, 5, &[]));
    assert!(!request.command().is_response() && response.command().is_response());
    assert_eq!(request.command().response(), response.command());
    assert_eq!(response.command().request(), request.command());
    assert!(CommandId::GENERIC_NACK.is_response());
}

#[test]
fn quirk_78_a_generic_nack_has_any_status_and_any_sequence_number() {
    for (status, sequence) in [(0x02, 0), (0x03, 77), (0x58, 77)] {
        let frame = accepted(&pdu(id::GENERIC_NACK, status, sequence, &[]));
        assert_eq!(frame.body(), Body::GenericNack);
        assert_eq!((frame.status().0, frame.sequence()), (status, sequence));
    }
}

#[test]
fn quirk_79_an_unknown_request_is_read_as_far_as_an_answer_needs() {
    let frame = accepted(&pdu(0x0000_0111, 0, 77, &[b"whatever"]));
    assert_eq!(frame.body(), Body::Unknown(CommandId::BROADCAST_SM, &b"whatever"[..]));
    assert!(frame.command().wants_response() && frame.sequence() == 77);
    let unknown_response = accepted(&pdu(0x8000_0111, 0, 77, &[]));
    assert!(!unknown_response.command().wants_response());
}

#[test]
fn quirk_80_an_insane_length_is_seen_at_once() {
    for scanner in [&b"GET "[..], b"HTTP", b"\x16\x03\x01\x00", b"\xFF\xFF\xFF\xFF", b"\0\0\0\0"] {
        assert!(matches!(front(scanner, UNBOUND_PDU_LEN_MAX), Front::Broken { sequence_number: 0, .. }));
    }
}

#[test]
fn quirk_81_a_full_payload_fits_once_bound_and_not_before() {
    let message = submit_sm(0, &[&tlv(0x0424, &[0x55; 65_535])]);
    assert_eq!(front(&message, PDU_LEN_MAX), Front::Whole(message.len()));
    assert!(matches!(front(&message, UNBOUND_PDU_LEN_MAX), Front::Broken { .. }));
    assert_eq!(fields!(accepted(&message), SubmitSm).user_data().len(), 65_535);
    let longest_bind = request(
        id::BIND_TRANSCEIVER,
        &[&[b's'; 255], b"\0", &[b'p'; 255], b"\0", &[b't'; 63], b"\0\x34\0\0", &[b'1'; 255], b"\0"],
    );
    assert_eq!(front(&longest_bind, UNBOUND_PDU_LEN_MAX), Front::Whole(longest_bind.len()));
    accepted(&longest_bind);
}

#[test]
fn quirk_82_a_body_that_cannot_be_read_is_skipped_and_says_how_to_answer() {
    let cases: [(Vec<u8>, CommandStatus); 6] = [
        (request(id::SUBMIT_SM, &[b""]), CommandStatus::ESME_RINVMSGLEN),
        (request(id::SUBMIT_SM, &[&[b'x'; 300], b"\0"]), CommandStatus::ESME_RINVSERTYP),
        (request(id::SUBMIT_SM, &[b"\0\0\0", &[b'1'; 300], b"\0"]), CommandStatus::ESME_RINVSRCADR),
        (request(id::SUBMIT_SM, &[b"\0\0\0\0\0\0", &[b'1'; 300], b"\0"]), CommandStatus::ESME_RINVDSTADR),
        (request(id::QUERY_SM, &[&[b'i'; 300], b"\0"]), CommandStatus::ESME_RINVMSGID),
        (request(id::BIND_RECEIVER, &[b"me\0", &[b'p'; 300], b"\0"]), CommandStatus::ESME_RINVPASWD),
    ];
    for (octets, status) in cases {
        assert_eq!(refused(&octets).status(), status);
    }
}

#[test]
fn quirk_88_throttled_and_queue_full_both_mean_slower() {
    let slower: Vec<u32> = (0..=0x4FF).filter(|status| CommandStatus(*status).is_backpressure()).collect();
    assert_eq!(slower, [0x14, 0x58]);
}

#[test]
fn quirk_94_a_vendors_status_is_kept() {
    for status in [0x22, 0x400, 0x4FF, 0x1234_5678] {
        let frame = accepted(&response(id::SUBMIT_SM, status, &[]));
        assert_eq!(frame.status(), CommandStatus(status));
        assert!(!frame.status().is_ok() && frame.status().name().is_none());
    }
}

#[test]
fn quirks_96_and_97_times_of_any_length_are_kept_raw_and_long_ones_not_written() {
    for time in
        [&b"0"[..], b"2611210945", b"261121094500", b"2611210945000+", b"261121094500000+0", b"tomorrow"]
    {
        let body = [b"\0\0\0\0\0\0\0\0\0\0\0", time, b"\0\x01\0\0\0\x02hi"];
        let frame = accepted(&request(id::SUBMIT_SM, &body));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.validity_period.as_bytes(), time);
        let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: frame.body() };
        let strict = pdu.encode(Limits::Strict, &mut BytesMut::new());
        assert_eq!(strict.is_ok(), time.len() <= 16, "{time:?}");
    }
}
