//! Binding and versions: group C of the quirks, outbind, and who waits for whom.

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::field::Limits;
use telegraphy::smpp::pdu::{AlertNotification, Body, Outbind, SubmitSm};
use telegraphy::smpp::session::{RequestError, Role, Settings, State};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::InterfaceVersion;

use super::bed::*;

const KINDS: [BindKind; 3] = [BindKind::Receiver, BindKind::Transmitter, BindKind::Transceiver];

fn esme() -> Lone {
    Lone::new(Settings::new(Role::Esme))
}

fn smsc() -> Lone {
    Lone::new(Settings::new(Role::Smsc))
}

/// A submit_sm with a parameter, and the same body with its message in one.
fn with_tlv<'a>(block: &'a mut bytes::BytesMut, tag: Tag, value: &[u8]) -> Body<&'a [u8]> {
    assert!(tlv::put(block, tag, value));
    Body::SubmitSm(SubmitSm { destination: number(), tlvs: Tlvs::new(block), ..SubmitSm::default() })
}

#[test]
fn every_kind_of_bind_is_bound_on_both_ends() {
    for kind in KINDS {
        let mut esme = esme();
        esme.session.bind(esme.now, kind, &bind_body(0x34)).unwrap();
        assert_eq!(esme.session.state(), State::Binding(kind));
        let octets = esme.session.transmit().split();

        let mut smsc = smsc();
        smsc.hears(&octets);
        assert_eq!(smsc.events(), [format!("BindRequested {} #1", name(kind.command()))]);
        smsc.session.accept_bind(smsc.now, b"telegraphy").unwrap();
        assert_eq!(smsc.session.state(), State::Bound(kind));
        let octets = smsc.session.transmit().split();

        esme.hears(&octets);
        assert_eq!(esme.events(), [format!("Bound {}_resp #1 ESME_ROK", name(kind.command()))]);
        assert_eq!(esme.session.state(), State::Bound(kind));
    }
}

#[test]
fn quirk_18_a_bind_resp_without_version_is_a_peer_without_optional_parameters() {
    let mut old = Lone::bound_by(Settings::new(Role::Esme), BindKind::Transceiver, None);
    assert_eq!(old.session.peer_version(), InterfaceVersion::V3_3);
    let mut block = bytes::BytesMut::new();
    let body = with_tlv(&mut block, Tag::USER_MESSAGE_REFERENCE, &[0, 7]);
    old.session.request(old.now, 1, &body).unwrap();
    let said = old.session.transmit().split();
    let [sent] = &pdus(&said)[..] else { panic!("one submit") };
    let Body::SubmitSm(sent) = sent.body else { panic!("a submit") };
    assert!(sent.tlvs.is_empty());

    // What it sends is read all the same.
    let mut block = bytes::BytesMut::new();
    assert!(tlv::put(&mut block, Tag::RECEIPTED_MESSAGE_ID, b"42\0"));
    let body =
        Body::DeliverSm(telegraphy::smpp::pdu::DeliverSm { tlvs: Tlvs::new(&block), ..deliver_body() });
    old.hears(&octets(OK, 9, body));
    let Some(telegraphy::smpp::session::Event::Request { reply, frame }) = old.session.poll_event(old.now)
    else {
        panic!("a request")
    };
    let Body::DeliverSm(body) = frame.body() else { panic!("a deliver") };
    assert_eq!(body.tlvs.receipted_message_id(), Some(&b"42"[..]));
    old.session.respond(old.now, reply, OK, None).unwrap();
    assert_eq!(old.said(), ["deliver_sm_resp #9 ESME_ROK"]);
}

#[test]
fn quirk_18_an_operator_may_know_better_than_a_silent_carrier() {
    let settings = Settings { interface_version_unsaid: InterfaceVersion::V3_4, ..Settings::new(Role::Esme) };
    let lone = Lone::bound_by(settings, BindKind::Transceiver, None);
    assert_eq!(lone.session.peer_version(), InterfaceVersion::V3_4);
}

#[test]
fn quirk_19_a_version_is_never_a_reason_to_refuse() {
    for version in [0x00, 0x03, 0x22, 0x33, 0x34, 0x35, 0x50, 0xFF] {
        let smsc = Lone::bound_by(Settings::new(Role::Smsc), BindKind::Transceiver, Some(version));
        let esme = Lone::bound_by(Settings::new(Role::Esme), BindKind::Transceiver, Some(version));
        assert_eq!(smsc.session.peer_version(), esme.session.peer_version(), "{version:#x}");
    }
}

#[test]
fn quirk_20_odd_versions_fall_on_one_side_of_3_4() {
    for (said, taken, answer) in [
        (0x00, InterfaceVersion::V3_3, None),
        (0x22, InterfaceVersion::V3_3, None),
        (0x33, InterfaceVersion::V3_3, None),
        (0x34, InterfaceVersion::V3_4, Some(0x34)),
        (0x35, InterfaceVersion::V3_4, Some(0x34)),
        (0x50, InterfaceVersion::V3_4, Some(0x34)),
        (0xFF, InterfaceVersion::V3_4, Some(0x34)),
    ] {
        let mut lone = smsc();
        lone.hears(&bind(BindKind::Transceiver, said, 1));
        lone.events();
        lone.session.accept_bind(lone.now, b"telegraphy").unwrap();
        assert_eq!(lone.session.peer_version(), taken, "{said:#x}");
        let written = lone.session.transmit().split();
        let Body::BindResp(_, body) = pdus(&written)[0].body else { panic!("a bind's response") };
        assert_eq!(body.tlvs.integer(Tag::SC_INTERFACE_VERSION), answer, "{said:#x}");
    }
}

#[test]
fn quirk_21_a_version_under_a_swapped_tag_is_an_unknown_parameter() {
    let mut lone = esme();
    lone.session.bind(lone.now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
    lone.hears(&raw(CommandId::BIND_TRANSCEIVER_RESP, OK, 1, b"carrier\0\x10\x02\0\x01\x34"));
    assert_eq!(lone.events(), ["Bound bind_transceiver_resp #1 ESME_ROK"]);
    assert_eq!(lone.session.peer_version(), InterfaceVersion::V3_3);
}

#[test]
fn quirk_22_a_long_password_is_taken_and_sent_only_where_it_is_allowed() {
    let long =
        telegraphy::smpp::pdu::Bind { password: (&b"longer than eight"[..]).into(), ..bind_body(0x34) };
    let mut strict = esme();
    let refused = strict.session.bind(strict.now, BindKind::Transceiver, &long);
    assert!(matches!(refused, Err(RequestError::Encode(error)) if error.field == "password"));
    assert_eq!(strict.session.state(), State::Open);
    assert_eq!(strict.said(), [""; 0]);

    let mut lenient = Lone::new(Settings { limits: Limits::Lenient, ..Settings::new(Role::Esme) });
    lenient.session.bind(lenient.now, BindKind::Transceiver, &long).unwrap();
    let octets = lenient.session.transmit().split();
    let mut smsc = smsc();
    smsc.hears(&octets);
    assert_eq!(smsc.events(), ["BindRequested bind_transceiver #1"]);
}

#[test]
fn quirk_23_a_message_in_a_parameter_is_not_sent_empty_to_a_peer_without_parameters() {
    let mut lone = Lone::bound_by(Settings::new(Role::Esme), BindKind::Transceiver, None);
    let mut block = bytes::BytesMut::new();
    let body = with_tlv(&mut block, Tag::MESSAGE_PAYLOAD, b"hello");
    assert_eq!(lone.session.request(lone.now, 1, &body), Err(RequestError::NeedsOptionalParameters));
    assert_eq!((lone.said().len(), lone.session.outstanding()), (0, 0));
}

#[test]
fn quirk_24_what_stands_behind_the_bind_resp_in_one_segment_is_delivered() {
    let mut lone = esme();
    lone.session.bind(lone.now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
    let large = octets(
        OK,
        51,
        Body::DeliverSm(telegraphy::smpp::pdu::DeliverSm {
            tlvs: Tlvs::new(&[&[0x04, 0x24, 0x10, 0x00][..], &[7; 0x1000]].concat()),
            ..deliver_body()
        }),
    );
    lone.hears(&[bind_resp(BindKind::Transceiver, Some(0x34), 1), deliver(50), large].concat());
    assert_eq!(
        lone.events(),
        ["Bound bind_transceiver_resp #1 ESME_ROK", "Request deliver_sm #50", "Request deliver_sm #51"]
    );
}

#[test]
fn quirk_24_a_submit_pipelined_behind_the_bind_waits_for_the_answer_to_the_bind() {
    let mut lone = smsc();
    lone.hears(&[bind(BindKind::Transmitter, 0x34, 1), submit(2), any(CommandId::ENQUIRE_LINK, 3)].concat());
    assert_eq!(lone.events(), ["BindRequested bind_transmitter #1"]);
    assert_eq!(lone.said(), ["enquire_link_resp #3 ESME_ROK"]);
    assert!(!lone.session.wants_input(), "nobody knows yet who this is");

    lone.session.accept_bind(lone.now, b"telegraphy").unwrap();
    assert_eq!(lone.events(), ["Request submit_sm #2"]);
    assert!(lone.session.wants_input());
}

#[test]
fn quirk_24_a_submit_pipelined_behind_a_refused_bind_is_refused_after_it() {
    let mut lone = smsc();
    lone.hears(&[bind(BindKind::Transmitter, 0x34, 1), submit(2)].concat());
    lone.events();
    lone.session.refuse_bind(lone.now, CommandStatus::ESME_RINVPASWD).unwrap();
    assert_eq!(lone.events(), [""; 0]);
    assert_eq!(lone.said(), ["bind_transmitter_resp #1 ESME_RINVPASWD", "submit_sm_resp #2 ESME_RINVBNDSTS"]);
}

#[test]
fn quirk_24_a_bind_a_submit_and_an_unbind_in_one_segment_are_answered_in_order() {
    let mut lone = smsc();
    let all = [bind(BindKind::Transmitter, 0x34, 1), submit(2), any(CommandId::UNBIND, 3)].concat();
    lone.hears(&all);
    lone.events();
    lone.session.accept_bind(lone.now, b"telegraphy").unwrap();
    assert_eq!(lone.events(), ["Request submit_sm #2", "UnbindRequested"]);
    lone.answers(OK);
    assert_eq!(lone.events(), ["Unbound"]);
    assert_eq!(
        lone.said(),
        ["bind_transmitter_resp #1 ESME_ROK", "submit_sm_resp #2 ESME_ROK", "unbind_resp #3 ESME_ROK"]
    );
}

#[test]
fn quirk_25_a_deliver_before_the_bind_resp_waits_for_it() {
    let mut lone = esme();
    lone.session.bind(lone.now, BindKind::Receiver, &bind_body(0x34)).unwrap();
    lone.said();
    lone.hears(&deliver(7));
    assert_eq!((lone.events().len(), lone.said().len()), (0, 0));
    lone.hears(&bind_resp(BindKind::Receiver, Some(0x34), 1));
    assert_eq!(lone.events(), ["Bound bind_receiver_resp #1 ESME_ROK", "Request deliver_sm #7"]);
}

#[test]
fn quirk_26_a_refused_bind_is_answered_and_the_client_may_try_again() {
    let mut lone = smsc();
    lone.hears(&bind(BindKind::Transceiver, 0x34, 1));
    lone.events();
    lone.session.refuse_bind(lone.now, CommandStatus::ESME_RINVPASWD).unwrap();
    assert_eq!(lone.said(), ["bind_transceiver_resp #1 ESME_RINVPASWD"]);
    assert_eq!(lone.session.state(), State::Open);
    lone.hears(&bind(BindKind::Transceiver, 0x34, 2));
    assert_eq!(lone.events(), ["BindRequested bind_transceiver #2"]);
}

#[test]
fn quirk_26_a_bind_that_our_shutdown_meets_is_answered_before_the_end() {
    let mut lone = smsc();
    lone.hears(&bind(BindKind::Transceiver, 0x34, 1));
    lone.events();
    lone.session.unbind(lone.now);
    assert_eq!(lone.said(), ["bind_transceiver_resp #1 ESME_RBINDFAIL"]);
    assert_eq!(lone.events(), ["Closed Requested"]);
}

#[test]
fn quirk_27_enquire_link_before_the_bind_is_answered_and_delays_nothing() {
    for mut lone in [esme(), smsc()] {
        for sequence in 0..9 {
            lone.hears(&any(CommandId::ENQUIRE_LINK, sequence));
            assert_eq!(lone.said(), [format!("enquire_link_resp #{sequence} ESME_ROK")]);
            lone.waits(secs(1));
            assert_eq!(lone.session.state(), State::Open);
        }
        lone.waits(secs(1));
        assert_eq!(lone.events(), ["Closed NeverBound"]);
    }
}

#[test]
fn quirk_28_a_sender_that_is_not_ascii_passes() {
    let mut lone = Lone::bound(Settings::new(Role::Smsc), BindKind::Transceiver);
    let body = SubmitSm {
        source: telegraphy::smpp::field::Address { addr: (&b"caf\xE9-1 x"[..]).into(), ..Default::default() },
        ..submit_body()
    };
    lone.hears(&octets(OK, 1, Body::SubmitSm(body)));
    assert_eq!(lone.events(), ["Request submit_sm #1"]);
}

#[test]
fn a_refused_bind_leaves_the_esme_open_to_try_again() {
    let mut lone = esme();
    for (sequence, answer) in [
        (1, bare(CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_RALYBND, 1)),
        (2, raw(CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_RALYBND, 2, b"\0")),
        (3, raw(CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_RALYBND, 3, b"carrier\0")),
        (4, bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RALYBND, 4)),
    ] {
        lone.session.bind(lone.now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
        assert_eq!(lone.said(), [format!("bind_transceiver #{sequence}")]);
        lone.hears(&answer);
        assert_eq!(lone.events(), ["BindRefused ESME_RALYBND"]);
        assert_eq!(lone.session.state(), State::Open);
    }
}

#[test]
fn a_bind_that_cannot_be_read_is_refused_with_the_field_that_is_wrong() {
    let mut lone = smsc();
    let mut body = vec![b'x'; 400];
    body.push(0);
    lone.hears(&raw(CommandId::BIND_TRANSMITTER, OK, 5, &body));
    assert_eq!(lone.said(), ["bind_transmitter_resp #5 ESME_RINVSYSID"]);
    assert_eq!((lone.session.state(), lone.events().len()), (State::Open, 0));
}

#[test]
fn a_bind_that_is_not_answered_closes() {
    let mut lone = esme();
    lone.session.bind(lone.now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
    lone.waits(secs(29));
    assert_eq!(lone.events(), [""; 0]);
    lone.waits(secs(1));
    assert_eq!(lone.events(), ["Closed BindUnanswered"]);
}

#[test]
fn an_outbind_is_answered_by_a_bind_on_the_same_connection() {
    let mut smsc = smsc();
    let who = Outbind { system_id: (&b"carrier"[..]).into(), password: (&b"secret"[..]).into() };
    smsc.session.outbind(smsc.now, &who).unwrap();
    assert_eq!(smsc.session.state(), State::Outbound);
    let octets = smsc.session.transmit().split();

    let mut esme = esme();
    esme.hears(&octets);
    assert_eq!(esme.events(), ["Outbind outbind #1"]);
    assert_eq!((esme.session.state(), esme.said().len()), (State::Outbound, 0));
    let transmitter = esme.session.bind(esme.now, BindKind::Transmitter, &bind_body(0x34));
    assert_eq!(transmitter, Err(RequestError::NotAllowed), "the SMSC has something to deliver");
    esme.session.bind(esme.now, BindKind::Receiver, &bind_body(0x34)).unwrap();
    let octets = esme.session.transmit().split();

    smsc.hears(&octets);
    assert_eq!(smsc.events(), ["BindRequested bind_receiver #1"]);
    smsc.session.accept_bind(smsc.now, b"carrier").unwrap();
    let octets = smsc.session.transmit().split();
    esme.hears(&octets);
    assert_eq!(esme.session.state(), State::Bound(BindKind::Receiver));
    let alert = AlertNotification { source: number(), ..AlertNotification::default() };
    smsc.session.alert(smsc.now, &alert).unwrap();
    let octets = smsc.session.transmit().split();
    esme.hears(&octets);
    assert_eq!(
        esme.events(),
        ["Bound bind_receiver_resp #1 ESME_ROK", "AlertNotification alert_notification #2"]
    );
    assert_eq!(esme.said(), [""; 0]);
}

#[test]
fn an_outbind_that_nobody_follows_closes() {
    let mut lone = smsc();
    lone.session.outbind(lone.now, &Outbind::<&[u8]>::default()).unwrap();
    lone.waits(secs(10));
    assert_eq!(lone.events(), ["Closed NeverBound"]);
}

#[test]
fn what_may_not_be_sent_is_not_sent() {
    let submit = Body::SubmitSm(submit_body());
    let deliver = Body::DeliverSm(deliver_body());
    let mut lone = esme();
    assert_eq!(lone.session.request(lone.now, 1, &submit), Err(RequestError::NotBound));
    let outbind = lone.session.outbind(lone.now, &Outbind::<&[u8]>::default());
    assert_eq!(outbind, Err(RequestError::NotAllowed));
    assert_eq!(lone.session.accept_bind(lone.now, b""), Err(RequestError::NotAllowed));

    for (role, kind, body, taken) in [
        (Role::Esme, BindKind::Transmitter, &submit, true),
        (Role::Esme, BindKind::Receiver, &submit, false),
        (Role::Esme, BindKind::Transceiver, &submit, true),
        (Role::Esme, BindKind::Transceiver, &deliver, false),
        (Role::Smsc, BindKind::Transmitter, &deliver, false),
        (Role::Smsc, BindKind::Receiver, &deliver, true),
        (Role::Smsc, BindKind::Transceiver, &deliver, true),
        (Role::Smsc, BindKind::Transceiver, &submit, false),
        (Role::Esme, BindKind::Transceiver, &Body::EnquireLink, false),
        (Role::Esme, BindKind::Transceiver, &Body::Unbind, false),
        (Role::Smsc, BindKind::Transceiver, &Body::AlertNotification(AlertNotification::default()), false),
    ] {
        let mut lone = Lone::bound(Settings::new(role), kind);
        let result = lone.session.request(lone.now, 1, body);
        let expected = if taken { Ok(()) } else { Err(RequestError::NotAllowed) };
        assert_eq!(result.map(drop), expected, "{role:?} {kind:?} {body:?}");
        assert_eq!(lone.said().len(), usize::from(taken));
    }
}
