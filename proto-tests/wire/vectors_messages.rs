//! Conformance vectors 13–26, 28–30, 32 and 33: messages, their parameters, and the rarer requests.

use bytes::BytesMut;
use telegraphy::smpp::Limits;
use telegraphy::smpp::pdu::{Body, Destination, Destinations, EncodeError, Pdu, SubmitMulti};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tag;
use telegraphy::smpp::values::{Npi, Ton};

use super::raw::{BEFORE_SM_LENGTH, accepted, deliver_sm, fields, id, refused, request, submit_sm, tlv};

#[test]
fn vector_13_one_to_three_octets_behind_the_message_are_stray() {
    for stray in 0..=3 {
        let frame = accepted(&submit_sm(5, &[b"hello", &[0u8; 3][..stray]]));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.short_message.as_bytes(), b"hello");
        assert!(fields.tlvs.is_empty() && !fields.tlvs.is_truncated());
        assert_eq!(fields.tlvs.stray(), stray);
    }
}

#[test]
fn vector_14_a_message_longer_than_its_pdu_is_clamped_and_says_so() {
    for lie in [1, 8, 250] {
        let frame = accepted(&submit_sm(5 + lie, &[b"hello"]));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.short_message.as_bytes(), b"hello");
        assert_eq!(fields.short_message.declared, 5 + lie);
        assert!(fields.short_message.is_clamped());
    }
}

#[test]
fn vector_15_sm_length_is_unsigned() {
    for len in [127u8, 128, 254, 255] {
        let text = vec![b'x'; len.into()];
        let frame = accepted(&submit_sm(len, &[&text, &tlv(0x0204, &[0, 1])]));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.short_message.as_bytes(), text);
        assert!(!fields.short_message.is_clamped());
        assert_eq!(fields.tlvs.integer(Tag::USER_MESSAGE_REFERENCE), Some(1));
    }
}

#[test]
fn vector_16_a_message_may_be_empty() {
    let frame = accepted(&submit_sm(0, &[]));
    let fields = fields!(frame, SubmitSm);
    assert!(fields.short_message.as_bytes().is_empty() && fields.user_data().is_empty());
    assert_eq!(fields.tlvs.message_payload(), None);
}

#[test]
fn vector_17_both_message_and_payload_can_be_seen_and_the_message_counts() {
    let frame = accepted(&submit_sm(5, &[b"short", &tlv(0x0424, b"payload")]));
    let fields = fields!(frame, SubmitSm);
    assert_eq!(fields.short_message.as_bytes(), b"short");
    assert_eq!(fields.tlvs.message_payload(), Some(&b"payload"[..]));
    assert_eq!(fields.user_data(), b"short");
}

#[test]
fn vector_18_a_payload_has_0_to_65535_octets() {
    for len in [0, 1, 65_535] {
        let payload = vec![0xA5; len];
        let frame = accepted(&submit_sm(0, &[&tlv(0x0424, &payload)]));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.tlvs.message_payload(), Some(&payload[..]));
        assert_eq!(fields.user_data(), payload);
    }
}

#[test]
fn vector_19_a_parameter_longer_than_its_pdu_is_cut_off_and_says_so() {
    let whole = tlv(0x0204, &[0, 7]);
    for (declared, there) in [(6u16, 5), (0x41, 5), (u16::MAX, 0), (1, 0)] {
        let mut lying = tlv(0x001E, &vec![b'9'; there]);
        lying[2..4].copy_from_slice(&declared.to_be_bytes());
        let frame = accepted(&deliver_sm(2, &[b"hi", &whole, &lying]));
        let fields = fields!(frame, DeliverSm);
        assert_eq!(fields.short_message.as_bytes(), b"hi");
        assert_eq!(fields.tlvs.integer(Tag::USER_MESSAGE_REFERENCE), Some(7), "what is whole stays");
        assert_eq!(fields.tlvs.receipted_message_id(), None);
        assert!(fields.tlvs.is_truncated());
        assert_eq!(fields.tlvs.stray(), 4 + there);
    }
}

#[test]
fn vector_22_a_receipted_message_id_has_a_nul_or_not() {
    let long = vec![b'7'; 65];
    for id in [&b"0a1b2c"[..], b"7f9c24e8-3b12-4d1e-9c55-0d5a2b7fce11", &long, b"-", b""] {
        for nul in [&b"\0"[..], b""] {
            let frame = accepted(&deliver_sm(0, &[&tlv(0x001E, &[id, nul].concat())]));
            let fields = fields!(frame, DeliverSm);
            assert_eq!(fields.tlvs.receipted_message_id(), Some(id));
            assert_eq!(fields.tlvs.get(Tag::RECEIPTED_MESSAGE_ID).unwrap().value, [id, nul].concat());
        }
    }
}

#[test]
fn vectors_23_and_24_vendors_and_reserved_tags_are_kept_as_they_came() {
    let tags = [0x1400, 0x1454, 0x3FFF, 0x0000, 0x4000, 0xFFFF];
    let block: Vec<u8> = tags.iter().flat_map(|tag| tlv(*tag, &tag.to_le_bytes())).collect();
    let frame = accepted(&submit_sm(0, &[&block]));
    let fields = fields!(frame, SubmitSm);
    assert_eq!(fields.tlvs.iter().map(|tlv| tlv.tag.0).collect::<Vec<_>>(), tags);
    for tlv in fields.tlvs.iter() {
        assert_eq!(tlv.value, tlv.tag.0.to_le_bytes());
        assert_eq!((tlv.tag.shape(), tlv.integer()), (None, None), "no type is made up for it");
    }
}

#[test]
fn vector_25_duplicates_are_all_there_and_the_first_one_counts() {
    for count in [2u16, 20, 300] {
        let block: Vec<u8> = (0..count).flat_map(|n| tlv(0x0381, &[0, 1, 0, (n % 10) as u8])).collect();
        let frame = accepted(&submit_sm(1, &[b"x", &block]));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.tlvs.iter().count(), usize::from(count));
        assert_eq!(fields.tlvs.get(Tag::CALLBACK_NUM).unwrap().value, [0, 1, 0, 0]);
        assert!(fields.tlvs.iter().zip(0..).all(|(tlv, n)| tlv.value[3] == (n % 10) as u8));
    }
}

#[test]
fn vector_26_a_tail_of_one_to_three_octets_is_stray() {
    for tail in [&b"\x02"[..], b"\x02\x04", b"\x02\x04\x00"] {
        let frame = accepted(&deliver_sm(0, &[&tlv(0x0427, &[2]), tail]));
        let fields = fields!(frame, DeliverSm);
        assert_eq!(fields.tlvs.iter().count(), 1);
        assert_eq!((fields.tlvs.stray(), fields.tlvs.is_truncated()), (tail.len(), false));
    }
}

#[test]
fn vector_28_addresses_are_octets() {
    for sender in [&b"Caf\xE9"[..], b"\xFF\xFE\x80\x01", "Пошта".as_bytes(), b"A-B C+1"] {
        let body = [b"\0\x05\x00", sender, b"\0\x01\x01447700900123\0\0\0\0\0\0\0\0\0\0\x02hi"];
        let frame = accepted(&request(id::SUBMIT_SM, &body));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.source.addr.as_bytes(), sender);
        assert_eq!((fields.source.ton, fields.source.npi), (Ton::ALPHANUMERIC, Npi::UNKNOWN));
        assert_eq!(fields.short_message.as_bytes(), b"hi");
    }
}

#[test]
fn vector_29_times_of_any_length_are_read() {
    for time in [&b"261121094500000+"[..], b"000002000000000R", b"261121094500", b"2611210945", b"0", b""] {
        let body = [b"\0\0\x0012345\0\0\x00447700900123\0\0\0\0", time, b"\0", time, b"\0\x01\0\0\0\x02hi"];
        let frame = accepted(&request(id::SUBMIT_SM, &body));
        let fields = fields!(frame, SubmitSm);
        assert_eq!(fields.schedule_delivery_time.as_bytes(), time);
        assert_eq!(fields.validity_period.as_bytes(), time);
        assert_eq!(fields.registered_delivery.receipt(), 1);
    }
}

const SME: &[u8] = b"\x01\x01\x01447700900123\0";
const LIST: &[u8] = b"\x02friends\0";

fn submit_multi(number_of_dests: u8, dests: &[u8]) -> Vec<u8> {
    let after = b"\x00\x00\x00\0\0\x01\x00\x08\x00\x04\x04\x1f\x04\x40";
    request(id::SUBMIT_MULTI, &[b"\0\x01\x0112345\0", &[number_of_dests], dests, after])
}

#[test]
fn vector_30_a_submit_multi_has_as_many_recipients_as_it_says() {
    for count in [0u8, 1, 2, 254, 255] {
        let dests: Vec<u8> = (0..count).flat_map(|n| if n % 2 == 0 { SME } else { LIST }).copied().collect();
        let frame = accepted(&submit_multi(count, &dests));
        let fields = fields!(frame, SubmitMulti);
        assert_eq!(fields.destinations.len(), usize::from(count));
        for (destination, n) in fields.destinations.iter().zip(0..) {
            match destination {
                Destination::Sme(address) => {
                    assert_eq!((n % 2, address.addr.as_bytes()), (0, &b"447700900123"[..]));
                    assert_eq!((address.ton, address.npi), (Ton::INTERNATIONAL, Npi::ISDN));
                }
                Destination::DistributionList(name) => assert_eq!((n % 2, name), (1, &b"friends"[..])),
            }
        }
        assert_eq!(fields.user_data(), b"\x04\x1f\x04\x40");
    }
}

#[test]
fn vector_30_a_list_that_is_not_what_it_says_is_refused_by_the_status_that_says_why() {
    let bad_flag = refused(&submit_multi(2, &[SME, b"\x03nobody\0"].concat()));
    assert_eq!((bad_flag.field, bad_flag.status()), ("destinations", CommandStatus::ESME_RINVDESTFLAG));
    let too_many_declared = refused(&submit_multi(3, &[SME, LIST].concat()));
    assert_eq!(too_many_declared.field, "destinations");
    let cut = refused(&request(id::SUBMIT_MULTI, &[b"\0\x01\x0112345\0\x02", SME]));
    assert_eq!((cut.field, cut.status()), ("destinations", CommandStatus::ESME_RINVMSGLEN));
    let endless = refused(&submit_multi(1, &[b"\x01\x01\x01", &[b'4'; 300][..], b"\0"].concat()));
    assert_eq!((endless.field, endless.status()), ("destinations", CommandStatus::ESME_RINVDSTADR));
}

#[test]
fn vector_30_ours_has_at_most_254_recipients() {
    let list = Destination::DistributionList(b"friends");
    let mut scratch = BytesMut::new();
    assert!(Destinations::write_into([list; 255], &mut scratch).is_none());
    let destinations = Destinations::write_into([list; 254], &mut scratch).unwrap();
    let fields = SubmitMulti { destinations, ..SubmitMulti::default() };
    assert_eq!(written(Body::SubmitMulti(fields)).unwrap()[16 + 4..][..10], *b"\xFE\x02friends\0");
    let too_many = accepted(&submit_multi(255, &LIST.repeat(255)));
    assert_eq!(written(too_many.body()), Err(EncodeError { field: "destinations" }));
    let long = Destination::DistributionList(b"a name of more than twenty");
    let destinations = Destinations::write_into([long], &mut scratch).unwrap();
    let fields = SubmitMulti { destinations, ..SubmitMulti::default() };
    assert_eq!(written(Body::SubmitMulti(fields)), Err(EncodeError { field: "destinations" }));
}

fn written(body: Body<&[u8]>) -> Result<BytesMut, EncodeError> {
    let mut out = BytesMut::new();
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body };
    pdu.encode(Limits::Strict, &mut out).map(|()| out)
}

#[test]
fn vector_32_an_alert_may_say_how_available_the_subscriber_is() {
    let addresses = b"\x01\x01447700900123\0\x00\x0012345\0";
    for (status, seen) in [(vec![], None), (tlv(0x0422, &[1]), Some(1))] {
        let frame = accepted(&request(id::ALERT_NOTIFICATION, &[addresses, &status]));
        let fields = fields!(frame, AlertNotification);
        assert_eq!(fields.source.addr.as_bytes(), b"447700900123");
        assert_eq!(fields.esme.addr.as_bytes(), b"12345");
        assert_eq!(fields.tlvs.integer(Tag::MS_AVAILABILITY_STATUS), seen);
        assert!(!frame.command().wants_response());
    }
}

#[test]
fn vector_33_an_outbind_names_the_smsc_and_its_password() {
    let frame = accepted(&request(id::OUTBIND, &[b"smsc\0secret\0"]));
    let fields = fields!(frame, Outbind);
    assert_eq!((fields.system_id.as_bytes(), fields.password.expose()), (&b"smsc"[..], &b"secret"[..]));
    assert!(!frame.command().wants_response());
}

#[test]
fn every_field_of_a_submit_sm_is_where_the_specification_has_it() {
    let body = b"CMT\0\x05\x00INFO\0\x01\x01447700900123\0\x43\x7F\x03\
        261121094500000+\x00000002000000000R\0\x05\x01\xF5\x09\x02hi";
    let frame = accepted(&request(id::SUBMIT_SM, &[body]));
    let fields = fields!(frame, SubmitSm);
    assert_eq!(fields.service_type.as_bytes(), b"CMT");
    assert_eq!((fields.source.ton, fields.source.npi), (Ton(5), Npi(0)));
    assert_eq!(fields.source.addr.as_bytes(), b"INFO");
    assert_eq!((fields.destination.ton, fields.destination.npi), (Ton(1), Npi(1)));
    assert_eq!(fields.destination.addr.as_bytes(), b"447700900123");
    assert_eq!((fields.esm_class.0, fields.protocol_id, fields.priority_flag), (0x43, 0x7F, 3));
    assert_eq!(fields.schedule_delivery_time.as_bytes(), b"261121094500000+");
    assert_eq!(fields.validity_period.as_bytes(), b"000002000000000R");
    assert_eq!((fields.registered_delivery.0, fields.replace_if_present_flag), (5, 1));
    assert_eq!((fields.data_coding.0, fields.sm_default_msg_id), (0xF5, 9));
    assert_eq!(fields.short_message.as_bytes(), b"hi");
}

#[test]
fn a_submit_sm_that_ends_before_its_message_is_refused_as_too_short() {
    let error = refused(&request(id::SUBMIT_SM, &[BEFORE_SM_LENGTH]));
    assert_eq!((error.field, error.status()), ("short_message", CommandStatus::ESME_RINVMSGLEN));
}
