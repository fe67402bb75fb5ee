//! Any PDU, both ways; any octets, without a panic and without a look past the end.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use telegraphy::smpp::Limits;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::{Address, COctets, ShortMessage};
use telegraphy::smpp::frame::{Front, HEADER_LEN, PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::*;
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::{
    DataCoding, EsmClass, InterfaceVersion, MessageState, Npi, RegisteredDelivery, Ton,
};

use super::samples;

type Octets = Vec<u8>;

fn text<const MAX: usize>() -> impl Strategy<Value = COctets<Octets, MAX>> {
    prop_oneof![vec(1..=255u8, 0..MAX), vec(b'0'..=b'9', 0..MAX), Just(vec![])].prop_map(COctets)
}

fn short_message() -> impl Strategy<Value = ShortMessage<Octets>> {
    vec(any::<u8>(), 0..=254).prop_map(ShortMessage::from)
}

/// A block of whole parameters, known tags and others.
fn parameters() -> impl Strategy<Value = Octets> {
    let tag = prop_oneof![any::<u16>(), (0..Tag::ALL.len()).prop_map(|at| Tag::ALL[at].0)];
    let parameter = (tag, prop_oneof![vec(any::<u8>(), 0..9), vec(any::<u8>(), 0..400)]);
    vec(parameter, 0..6).prop_map(|parameters| {
        let mut block = BytesMut::new();
        for (tag, value) in parameters {
            assert!(tlv::put(&mut block, Tag(tag), &value));
        }
        block.to_vec()
    })
}

fn destinations() -> impl Strategy<Value = Octets> {
    let destination = (any::<bool>(), any::<u8>(), any::<u8>(), text::<21>());
    vec(destination, 1..9).prop_map(|destinations| {
        let mut octets = vec![destinations.len() as u8];
        for (is_list, ton, npi, COctets(text)) in destinations {
            octets.extend(if is_list { vec![2] } else { vec![1, ton, npi] });
            octets.extend(text);
            octets.push(0);
        }
        octets
    })
}

fn refused() -> impl Strategy<Value = Octets> {
    let entry = (any::<[u8; 2]>(), text::<21>(), any::<u32>());
    vec(entry, 0..9).prop_map(|entries| {
        let mut octets = vec![entries.len() as u8];
        for (ton_npi, COctets(text), status) in entries {
            octets.extend([&ton_npi[..], &text, &[0], &status.to_be_bytes()].concat());
        }
        octets
    })
}

/// The body of some PDU as the specification lays it out, written without the codec.
fn body() -> impl Strategy<Value = (u32, Octets)> {
    fn c<const MAX: usize>() -> impl Strategy<Value = Octets> {
        text::<MAX>().prop_map(|COctets(text)| [text, vec![0]].concat())
    }
    fn a<const MAX: usize>() -> impl Strategy<Value = Octets> {
        (any::<[u8; 2]>(), c::<MAX>()).prop_map(|(ton_npi, addr)| [&ton_npi[..], &addr].concat())
    }
    let sm = || short_message().prop_map(|message| [vec![message.declared], message.octets].concat());
    let two = || (c::<17>(), c::<17>()).prop_map(|(schedule, validity)| [schedule, validity].concat());
    let flat = |parts: Vec<Octets>| parts.concat();
    let message = move || {
        let head = (c::<6>(), a::<21>(), a::<21>(), vec(any::<u8>(), 3), two());
        (head, vec(any::<u8>(), 4), sm(), parameters())
            .prop_map(move |((a, b, c, d, e), f, g, h)| flat(vec![a, b, c, d, e, f, g, h]))
    };
    let multi = (
        c::<6>(),
        a::<21>(),
        destinations(),
        vec(any::<u8>(), 3),
        two(),
        vec(any::<u8>(), 4),
        sm(),
        parameters(),
    )
        .prop_map(move |(a, b, c, d, e, f, g, h)| flat(vec![a, b, c, d, e, f, g, h]));
    let data = (c::<6>(), a::<65>(), a::<65>(), vec(any::<u8>(), 3), parameters())
        .prop_map(move |(a, b, c, d, e)| flat(vec![a, b, c, d, e]));
    let bind = (c::<16>(), c::<9>(), c::<13>(), any::<u8>(), a::<41>())
        .prop_map(move |(a, b, c, d, e)| flat(vec![a, b, c, vec![d], e]));
    let replace = (c::<65>(), a::<21>(), two(), vec(any::<u8>(), 2), sm())
        .prop_map(move |(a, b, c, d, e)| flat(vec![a, b, c, d, e]));
    let cancel =
        (c::<6>(), c::<65>(), a::<21>(), a::<21>()).prop_map(move |(a, b, c, d)| flat(vec![a, b, c, d]));
    let alert = (a::<65>(), a::<65>(), parameters()).prop_map(move |(a, b, c)| flat(vec![a, b, c]));
    let query_resp =
        (c::<65>(), c::<17>(), vec(any::<u8>(), 2)).prop_map(move |(a, b, c)| flat(vec![a, b, c]));
    let id_and_parameters = || (c::<65>(), parameters()).prop_map(move |(a, b)| flat(vec![a, b]));
    let bind_resp = (c::<16>(), parameters()).prop_map(move |(a, b)| flat(vec![a, b]));
    let multi_resp = (c::<65>(), refused()).prop_map(move |(a, b)| flat(vec![a, b]));
    prop_oneof![
        (prop_oneof![Just(1u32), Just(2), Just(9)], bind),
        (prop_oneof![Just(0x8000_0001u32), Just(0x8000_0002), Just(0x8000_0009)], bind_resp),
        (Just(0x0Bu32), (c::<16>(), c::<9>()).prop_map(move |(a, b)| flat(vec![a, b]))),
        (prop_oneof![Just(4u32), Just(5)], message()),
        (prop_oneof![Just(0x8000_0004u32), Just(0x8000_0005), Just(0x8000_0103)], id_and_parameters()),
        (Just(0x0103u32), data),
        (Just(0x21u32), multi),
        (Just(0x8000_0021u32), multi_resp),
        (Just(3u32), (c::<65>(), a::<21>()).prop_map(move |(a, b)| flat(vec![a, b]))),
        (Just(0x8000_0003u32), query_resp),
        (Just(8u32), cancel),
        (Just(7u32), replace),
        (Just(0x0102u32), alert),
        (
            prop_oneof![Just(6u32), Just(0x15), Just(0x8000_0006), Just(0x8000_0015), Just(0x8000_0000)],
            Just(vec![])
        ),
        (prop_oneof![Just(0x8000_0008u32), Just(0x8000_0007)], Just(vec![])),
    ]
}

proptest! {
    // A failure becomes a test of its own, by hand; no file of seeds is kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_specification_lays_out_is_read_and_written_to_the_octet((command, body) in body(), sequence: u32) {
        let octets = super::raw::pdu(command, 0, sequence, &[&body]);
        let frame = super::raw::accepted(&octets);
        prop_assert!(!matches!(frame.body(), Body::Unknown(..)));
        let mut out = BytesMut::new();
        let pdu = Pdu { status: frame.status(), sequence: frame.sequence(), body: frame.body() };
        pdu.encode(Limits::Strict, &mut out).unwrap();
        prop_assert_eq!(&out[..], &octets[..]);
    }

    #[test]
    fn any_octets_are_read_or_refused_and_what_follows_is_not_seen(
        command in prop_oneof![any::<u32>(), body().prop_map(|(command, _)| command)],
        status in prop_oneof![Just(0u32), any::<u32>()],
        body in vec(prop_oneof![any::<u8>(), Just(0u8), 0..4u8], 0..120),
        poison in vec(any::<u8>(), 0..80),
    ) {
        let octets = super::raw::pdu(command, status, 7, &[&body]);
        reads_the_same_with_anything_behind(&octets, &poison)?;
    }

    #[test]
    fn a_good_pdu_with_octets_changed_is_read_or_refused(
        sample in 0..27usize,
        changes in vec((16..120usize, any::<u8>()), 1..6),
        poison in vec(any::<u8>(), 0..80),
    ) {
        let (_, mut octets) = samples::all().swap_remove(sample);
        for (place, octet) in changes {
            if let Some(changed) = octets.get_mut(place) {
                *changed = octet;
            }
        }
        reads_the_same_with_anything_behind(&octets, &poison)?;
    }

    #[test]
    fn any_stream_is_split_within_its_bounds(stream in vec(any::<u8>(), 0..200), length in 0..250u32) {
        let mut stream = stream;
        if let Some(front) = stream.first_chunk_mut() {
            *front = length.to_be_bytes();
        }
        match front(&stream, 100) {
            Front::Whole(len) => prop_assert!((HEADER_LEN..=100).contains(&len) && len <= stream.len()),
            Front::Incomplete => prop_assert!(stream.len() < 4 || (length as usize) > stream.len()),
            Front::Broken { command_length, .. } => {
                prop_assert!(command_length == length && !(16..=100).contains(&command_length));
            }
        }
    }

    #[test]
    fn any_octets_are_a_block_of_parameters_and_a_rest(octets in vec(prop_oneof![any::<u8>(), 0..3u8], 0..200)) {
        let tlvs = Tlvs::new(&octets);
        let whole: usize = tlvs.iter().map(|tlv| 4 + tlv.value.len()).sum();
        prop_assert_eq!(whole + tlvs.stray(), octets.len());
        for tlv in tlvs.iter() {
            prop_assert_eq!(tlvs.get(tlv.tag).is_some(), true);
            let _ = (tlv.integer(), tlv.text(), tlv.is_well_formed(), format!("{tlv:?}"));
        }
    }
}

/// The codec's own fields, given as values, stand where they belong: the two ways to build a PDU agree.
#[test]
fn a_pdu_built_of_values_reads_as_those_values() {
    let fields = DeliverSm::<Octets> {
        service_type: COctets(b"CMT".to_vec()),
        source: Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(b"447700900123".to_vec()) },
        destination: Address {
            ton: Ton::NETWORK_SPECIFIC,
            npi: Npi::UNKNOWN,
            addr: COctets(b"12345".to_vec()),
        },
        esm_class: EsmClass::RECEIPT,
        protocol_id: 1,
        priority_flag: 2,
        schedule_delivery_time: COctets(vec![]),
        validity_period: COctets(b"000002000000000R".to_vec()),
        registered_delivery: RegisteredDelivery::FINAL,
        replace_if_present_flag: 1,
        data_coding: DataCoding::UCS2,
        sm_default_msg_id: 4,
        short_message: b"\x04\x1f".to_vec().into(),
        tlvs: Tlvs::default(),
    };
    let sent = Pdu { status: CommandStatus::ESME_ROK, sequence: 7, body: Body::DeliverSm(fields) };
    let mut out = BytesMut::new();
    sent.encode(Limits::Strict, &mut out).unwrap();
    let Body::DeliverSm(read) = Pdu::decode(&out).unwrap().body else { panic!("another command") };
    let Body::DeliverSm(fields) = &sent.body else { panic!("another command") };
    assert_eq!(read.source.addr.as_bytes(), fields.source.addr.as_bytes());
    assert_eq!((read.source.ton, read.source.npi), (fields.source.ton, fields.source.npi));
    assert_eq!(read.destination.addr.as_bytes(), b"12345");
    assert_eq!((read.esm_class, read.data_coding), (EsmClass::RECEIPT, DataCoding::UCS2));
    assert_eq!(
        (read.protocol_id, read.priority_flag, read.replace_if_present_flag, read.sm_default_msg_id),
        (1, 2, 1, 4)
    );
    assert_eq!(read.validity_period.as_bytes(), b"000002000000000R");
    assert_eq!(read.short_message.as_bytes(), b"\x04\x1f");

    let bind = Bind::<&[u8]> { interface_version: InterfaceVersion::V3_4, ..Bind::default() };
    for kind in [BindKind::Receiver, BindKind::Transmitter, BindKind::Transceiver] {
        out.clear();
        let sent = Pdu { status: CommandStatus::ESME_ROK, sequence: 7, body: Body::Bind(kind, bind) };
        sent.encode(Limits::Strict, &mut out).unwrap();
        assert_eq!(Pdu::decode(&out).unwrap(), sent);
    }
    let state = QuerySmResp::<&[u8]> { message_state: MessageState::EXPIRED, ..QuerySmResp::default() };
    out.clear();
    let sent = Pdu { status: CommandStatus::ESME_ROK, sequence: 7, body: Body::QuerySmResp(state) };
    sent.encode(Limits::Strict, &mut out).unwrap();
    assert_eq!(Pdu::decode(&out).unwrap(), sent);
}

/// Reads `octets` alone and with `poison` behind them, borrowed and owned; what can be read can be written
/// leniently, and then reads the same but for what the writing put right.
fn reads_the_same_with_anything_behind(octets: &[u8], poison: &[u8]) -> Result<(), TestCaseError> {
    let alone = Pdu::decode(octets);
    let poisoned = [octets, poison].concat();
    prop_assert_eq!(alone, Pdu::decode(&poisoned));
    let owned = Frame::decode(Bytes::from(poisoned));
    let (Ok(pdu), Ok(frame)) = (alone, owned) else { return Ok(()) };
    prop_assert_eq!(pdu.body, frame.body());
    prop_assert_eq!(&frame.octets()[..], octets);
    let mut once = BytesMut::new();
    prop_assert_eq!(pdu.encode(Limits::Lenient, &mut once), Ok(()));
    prop_assert!(once.len() <= PDU_LEN_MAX);
    if !pdu.status.is_ok() {
        // A failure's body is read by what fits best, and written without the octets that did not fit.
        return Ok(());
    }
    let again = Pdu::decode(&once).unwrap();
    let mut twice = BytesMut::new();
    again.encode(Limits::Lenient, &mut twice).unwrap();
    prop_assert_eq!(once, twice);
    Ok(())
}
