//! submit_multi, query_sm, cancel_sm, replace_sm, and times: which status each of them gets on the wire.

use bytes::BytesMut;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::field::{Address, COctets};
use telegraphy::smpp::pdu::{
    Body, CancelSm, Destination, Destinations, Frame, QuerySm, ReplaceSm, SubmitMulti, SubmitSm,
};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::{MessageState, Npi, Ton};

use super::support::{Peer, Plan, encode, id_in, submit_sm};

pub(super) const ACME: Address<&[u8]> =
    Address { ton: Ton::ALPHANUMERIC, npi: Npi::UNKNOWN, addr: COctets(b"ACME") };
/// An id of the right form that nobody has got.
const NOBODYS: &[u8] = b"4711";

pub(super) fn number(digits: &[u8]) -> Destination<'_> {
    Destination::Sme(Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(digits) })
}

/// The response to a request, which must be its own and not a nack.
#[track_caller]
pub(super) fn asked(peer: &mut Peer, body: Body<&[u8]>) -> Frame {
    let sequence = peer.request(body);
    let response = peer.receive();
    assert_eq!((response.command(), response.sequence()), (body.command().response(), sequence));
    response
}

#[track_caller]
pub(super) fn says(peer: &mut Peer, body: Body<&[u8]>, status: CommandStatus) {
    let response = asked(peer, body);
    assert_eq!(response.status(), status);
    assert!(status.is_ok() || response.octets().len() == 16, "an error has no body: {response:?}");
}

#[track_caller]
pub(super) fn multi(
    peer: &mut Peer,
    destinations: &[Destination<'_>],
    otherwise: SubmitMulti<&[u8]>,
) -> Frame {
    let mut scratch = BytesMut::new();
    let destinations = Destinations::write_into(destinations.iter().copied(), &mut scratch).unwrap();
    let short_message = b"to all".as_slice().into();
    asked(peer, Body::SubmitMulti(SubmitMulti { source: ACME, destinations, short_message, ..otherwise }))
}

#[test]
fn quirk_96_and_97_what_is_no_time_is_refused_by_its_own_status() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let Body::SubmitSm(plain) = submit_sm(b"447700900121", b"x") else { unreachable!() };
    for wrong in [
        &b"0"[..],
        b"1807110400",
        b"180711040003",
        b"180711040003000Z",
        b"000000000000000+",
        b"181311040003000+",
        b"180732040003000+",
        &[b'0'; 17],
        &[b'0'; 255],
    ] {
        let schedule = SubmitSm { schedule_delivery_time: COctets(wrong), ..plain };
        says(&mut peer, Body::SubmitSm(schedule), CommandStatus::ESME_RINVSCHED);
        let validity = SubmitSm { validity_period: COctets(wrong), ..plain };
        says(&mut peer, Body::SubmitSm(validity), CommandStatus::ESME_RINVEXPIRY);
    }
    let flagged = SubmitSm { replace_if_present_flag: 2, ..plain };
    says(&mut peer, Body::SubmitSm(flagged), CommandStatus::ESME_RINVSUBREP);
    says(&mut peer, Body::SubmitSm(plain), CommandStatus::ESME_ROK);
}

#[test]
fn an_id_that_nobody_was_given_is_invalid_in_every_form() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transmitter);
    let two_hundred = [b'1'; 200];
    for id in [NOBODYS, b"0", b"04711", b"4711 ", b"0x1267", b"99999999999999999999", &two_hundred] {
        let message_id = COctets(id);
        let query = QuerySm { message_id, source: ACME };
        says(&mut peer, Body::QuerySm(query), CommandStatus::ESME_RINVMSGID);
        let cancel = CancelSm { message_id, source: ACME, ..CancelSm::default() };
        says(&mut peer, Body::CancelSm(cancel), CommandStatus::ESME_RINVMSGID);
        let replace = ReplaceSm { message_id, source: ACME, ..ReplaceSm::default() };
        says(&mut peer, Body::ReplaceSm(replace), CommandStatus::ESME_RINVMSGID);
    }
    let nothing = COctets(b"".as_slice());
    let query = QuerySm { message_id: nothing, source: ACME };
    says(&mut peer, Body::QuerySm(query), CommandStatus::ESME_RINVMSGID);
    let cancel = CancelSm { message_id: nothing, source: ACME, ..CancelSm::default() };
    says(&mut peer, Body::CancelSm(cancel), CommandStatus::ESME_RINVDSTADR);
}

#[test]
fn a_replacement_is_held_to_times_and_lengths() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let replace = ReplaceSm { message_id: COctets(NOBODYS), source: ACME, ..ReplaceSm::default() };
    let schedule = ReplaceSm { schedule_delivery_time: COctets(b"0".as_slice()), ..replace };
    says(&mut peer, Body::ReplaceSm(schedule), CommandStatus::ESME_RINVSCHED);
    let validity = ReplaceSm { validity_period: COctets(b"0".as_slice()), ..replace };
    says(&mut peer, Body::ReplaceSm(validity), CommandStatus::ESME_RINVEXPIRY);
    let long = [b'x'; 255];
    let body = ReplaceSm { short_message: long.as_slice().into(), ..replace };
    says(&mut peer, Body::ReplaceSm(body), CommandStatus::ESME_RINVMSGLEN);
}

#[test]
fn a_submit_multi_needs_1_to_254_recipients_of_kinds_that_exist() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let none = multi(&mut peer, &[], SubmitMulti::default());
    assert_eq!(none.status(), CommandStatus::ESME_RINVNUMDESTS);

    let one = |entry: &[u8], count: u8| {
        let empty = Body::SubmitMulti(SubmitMulti { source: ACME, ..SubmitMulti::default() });
        let mut octets = encode(CommandStatus::ESME_ROK, 99, empty).to_vec();
        let at = 16 + 1 + 2 + 5;
        assert_eq!(octets[at], 0, "number_of_dests");
        octets[at] = count;
        octets.splice(at + 1..=at, entry.repeat(count.into()));
        let length = u32::try_from(octets.len()).unwrap();
        octets[..4].copy_from_slice(&length.to_be_bytes());
        octets
    };
    for (octets, status) in [
        (one(b"\x01\x01\x01447700900121\0", 255), CommandStatus::ESME_RINVNUMDESTS),
        (one(b"\x03\x01\x01447700900121\0", 1), CommandStatus::ESME_RINVDESTFLAG),
        (one(b"\x00", 1), CommandStatus::ESME_RINVDESTFLAG),
    ] {
        peer.send_octets(&octets);
        let response = peer.receive();
        let expected = (CommandId::SUBMIT_MULTI_RESP, 99, status);
        assert_eq!((response.command(), response.sequence(), response.status()), expected);
    }
}

#[test]
fn a_submit_multi_that_nobody_can_get_is_refused_as_its_first_recipient_is() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let list = Destination::DistributionList(b"everybody");
    let lists = multi(&mut peer, &[list, number(b"")], SubmitMulti::default());
    assert_eq!(lists.status(), CommandStatus::ESME_RINVDLNAME);
    let empty = multi(&mut peer, &[number(b""), list], SubmitMulti::default());
    assert_eq!(empty.status(), CommandStatus::ESME_RINVDSTADR);
    let replacing = SubmitMulti { replace_if_present_flag: 1, ..SubmitMulti::default() };
    let replacing = multi(&mut peer, &[number(b"447700900121")], replacing);
    assert_eq!(replacing.status(), CommandStatus::ESME_RINVSUBREP);
}

#[test]
fn quirk_17_a_submit_multi_goes_to_those_who_can_get_it_and_says_who_cannot() {
    let gateway = Plan::new().rate(1, 2).start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let to = [
        number(b"447700900121"),
        Destination::DistributionList(b"everybody"),
        number(b"447700900122"),
        number(b"447700900123"),
    ];
    let response = multi(&mut peer, &to, SubmitMulti::default());
    assert_eq!(response.status(), CommandStatus::ESME_ROK);
    let Body::SubmitMultiResp(body) = response.body() else { panic!("{response:?}") };
    assert!(!body.message_id.is_empty());
    let refused: Vec<_> =
        body.unsuccess.iter().map(|one| (one.address.addr.0, one.error_status_code)).collect();
    let limited = (&b"447700900123"[..], CommandStatus::ESME_RTHROTTLED);
    assert_eq!(refused, [(&b""[..], CommandStatus::ESME_RINVDLNAME), limited]);

    let mut carrier = gateway.carrier();
    let handed_over: Vec<_> = [b"c1", b"c2"]
        .map(|id| match carrier.take(id).body() {
            Body::SubmitSm(body) => body.destination.addr.as_bytes().to_vec(),
            other => panic!("{}", other.command()),
        })
        .into();
    assert_eq!(handed_over, [b"447700900121", b"447700900122"]);
}

#[test]
fn a_query_of_a_message_under_way_has_no_final_date() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let id = id_in(&asked(&mut peer, submit_sm(b"447700900121", b"x")));
    let query = QuerySm { message_id: COctets(id.as_slice()), source: ACME };
    let response = asked(&mut peer, Body::QuerySm(query));
    assert_eq!(response.status(), CommandStatus::ESME_ROK);
    let Body::QuerySmResp(body) = response.body() else { panic!("{response:?}") };
    assert_eq!((body.message_id.as_bytes(), body.message_state), (id.as_slice(), MessageState::ENROUTE));
    assert!(body.final_date.is_empty());
}

#[test]
fn a_receiver_may_ask_for_nothing() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Receiver);
    let refused = CommandStatus::ESME_RINVBNDSTS;
    let message_id = COctets(NOBODYS);
    says(&mut peer, Body::QuerySm(QuerySm { message_id, source: ACME }), refused);
    says(&mut peer, Body::CancelSm(CancelSm { message_id, source: ACME, ..CancelSm::default() }), refused);
    says(&mut peer, Body::ReplaceSm(ReplaceSm { message_id, source: ACME, ..ReplaceSm::default() }), refused);
    let many = multi(&mut peer, &[number(b"447700900121")], SubmitMulti::default());
    assert_eq!(many.status(), refused);
}
