//! Lengths, unknown commands and bodies that cannot be read: group H of the quirks.

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::frame::{PDU_LEN_MAX, UNBOUND_PDU_LEN_MAX};
use telegraphy::smpp::pdu::{Body, DataSm};
use telegraphy::smpp::session::{Role, Settings, State};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tlvs;

use super::bed::*;

const ROLES: [Role; 2] = [Role::Esme, Role::Smsc];

fn bound(role: Role) -> Lone {
    Lone::bound(Settings::new(role), BindKind::Transceiver)
}

/// The peer is heard as if nothing had happened.
fn goes_on(lone: &mut Lone) {
    lone.hears(&any(CommandId::ENQUIRE_LINK, 99));
    assert_eq!(lone.said(), ["enquire_link_resp #99 ESME_ROK"]);
}

#[test]
fn quirk_79_an_unknown_request_is_nacked_and_the_session_stays() {
    for role in ROLES {
        for command in [CommandId(0), CommandId(0x0A), CommandId::BROADCAST_SM, CommandId(0x7FFF_FFFF)] {
            for mut lone in [Lone::new(Settings::new(role)), bound(role)] {
                lone.hears(&raw(command, OK, 5, b"whatever"));
                assert_eq!(lone.said(), ["generic_nack #5 ESME_RINVCMDID"]);
                assert_eq!(lone.events(), [""; 0]);
                goes_on(&mut lone);
            }
        }
    }
}

#[test]
fn quirk_79_no_response_is_ever_answered() {
    for role in ROLES {
        for command in [CommandId::GENERIC_NACK, CommandId::SUBMIT_SM_RESP, CommandId(0x8000_0999)] {
            for mut lone in [Lone::new(Settings::new(role)), bound(role)] {
                lone.hears(&bare(command, CommandStatus::ESME_RINVCMDID, 5));
                assert_eq!(lone.said(), [""; 0]);
                assert_eq!(lone.events().len(), 1);
                goes_on(&mut lone);
            }
        }
    }
}

#[test]
fn quirk_80_a_broken_length_before_the_bind_closes_without_a_word() {
    for role in ROLES {
        for length in [0u32, 1, 15, UNBOUND_PDU_LEN_MAX as u32 + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            let mut lone = Lone::new(Settings::new(role));
            lone.hears(&length.to_be_bytes());
            assert_eq!(lone.said(), [""; 0]);
            assert_eq!(lone.events(), [format!("Closed BadCommandLength {{ command_length: {length} }}")]);
        }
    }
}

#[test]
fn quirk_80_a_bind_that_nobody_has_answered_yet_earns_no_word_either() {
    let mut asked = Lone::new(Settings::new(Role::Esme));
    asked.hears(&any(CommandId::OUTBIND, 1));
    let mut binding = Lone::new(Settings::new(Role::Smsc));
    binding.hears(&bind(BindKind::Transceiver, 0x34, 1));
    for mut lone in [asked, binding] {
        lone.events();
        lone.hears(&[0; 16]);
        assert_eq!(lone.said(), [""; 0]);
        assert_eq!(lone.events(), ["Closed BadCommandLength { command_length: 0 }"]);
    }
}

#[test]
fn quirk_80_a_broken_length_on_a_bound_session_is_nacked_and_closes() {
    for role in ROLES {
        for length in [0u32, 1, 15, PDU_LEN_MAX as u32 + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            for (more, sequence) in [(&[][..], 0), (&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 77][..], 77)] {
                let mut lone = bound(role);
                lone.hears(&[&length.to_be_bytes(), more].concat());
                assert_eq!(lone.said(), [format!("generic_nack #{sequence} ESME_RINVCMDLEN")]);
                assert_eq!(
                    lone.events(),
                    [format!("Closed BadCommandLength {{ command_length: {length} }}")]
                );
                assert!(lone.stream.is_empty() && !lone.session.wants_input());
            }
        }
    }
}

#[test]
fn quirk_80_what_stood_before_the_broken_length_counts() {
    let mut lone = bound(Role::Smsc);
    let sequence = lone.requests(7);
    lone.said();
    let response = bare(CommandId::DELIVER_SM_RESP, OK, sequence);
    lone.hears(&[response, any(CommandId::ENQUIRE_LINK, 2), vec![0; 16]].concat());
    assert_eq!(lone.said(), ["enquire_link_resp #2 ESME_ROK", "generic_nack #0 ESME_RINVCMDLEN"]);
    assert_eq!(
        lone.events(),
        [
            format!("Response 7: deliver_sm_resp #{sequence} ESME_ROK"),
            "Closed BadCommandLength { command_length: 0 }".into()
        ]
    );
}

#[test]
fn quirk_81_a_full_payload_passes_once_bound() {
    let mut block = vec![0x04, 0x24, 0xFF, 0xFF];
    block.resize(4 + 0xFFFF, b'x');
    let body = Body::DataSm(DataSm { tlvs: Tlvs::new(&block), ..DataSm::default() });
    for role in ROLES {
        let mut lone = bound(role);
        lone.hears(&octets(OK, 5, body));
        assert_eq!(lone.events(), ["Request data_sm #5"]);
    }
}

#[test]
fn quirk_82_a_body_that_cannot_be_read_is_refused_and_skipped() {
    for (role, command, body, status) in [
        (Role::Smsc, CommandId::SUBMIT_SM, &b""[..], "ESME_RINVMSGLEN"),
        (Role::Smsc, CommandId::SUBMIT_SM, &[b'x'; 300], "ESME_RINVSERTYP"),
        (Role::Smsc, CommandId::QUERY_SM, &[b'x'; 300], "ESME_RINVMSGID"),
        (Role::Esme, CommandId::DELIVER_SM, b"\0\x01\x01", "ESME_RINVMSGLEN"),
        (Role::Esme, CommandId::DATA_SM, b"\0\x01\x01", "ESME_RINVMSGLEN"),
    ] {
        let mut lone = bound(role);
        lone.hears(&[raw(command, OK, 5, body), any(CommandId::ENQUIRE_LINK, 6)].concat());
        assert_eq!(lone.events(), [""; 0]);
        let mut said = lone.said();
        said.sort();
        let refused = format!("{}_resp #5 {status}", name(command));
        let mut expected = vec![refused, "enquire_link_resp #6 ESME_ROK".into()];
        expected.sort();
        assert_eq!(said, expected);
        assert_eq!(lone.session.unanswered(), 0);
    }
}

#[test]
fn quirk_82_what_cannot_be_read_and_has_no_response_is_dropped() {
    let mut lone = bound(Role::Esme);
    lone.hears(&bare(CommandId::ALERT_NOTIFICATION, OK, 5));
    assert_eq!((lone.events().len(), lone.said().len()), (0, 0));
    let mut open = Lone::new(Settings::new(Role::Esme));
    open.hears(&raw(CommandId::OUTBIND, OK, 5, &[b'x'; 300]));
    assert_eq!((open.events().len(), open.said().len()), (0, 0));
    assert_eq!(open.session.state(), State::Open);
}

#[test]
fn quirk_83_garbage_between_pdus_is_not_searched_for_the_next_one() {
    let mut lone = bound(Role::Smsc);
    lone.hears(&[&b"\r\n\r\n"[..], &submit(5)].concat());
    assert_eq!(lone.events(), ["Closed BadCommandLength { command_length: 218762506 }"]);
}

#[test]
fn failed_responses_have_the_body_that_the_specification_gives_them() {
    for (role, request, body_len) in [
        (Role::Smsc, CommandId::SUBMIT_SM, 0),
        (Role::Smsc, CommandId::SUBMIT_MULTI, 0),
        (Role::Smsc, CommandId::DATA_SM, 0),
        (Role::Smsc, CommandId::QUERY_SM, 0),
        (Role::Esme, CommandId::DELIVER_SM, 1),
    ] {
        let mut lone = bound(role);
        lone.hears(&any(request, 5));
        lone.events();
        lone.answers(CommandStatus::ESME_RSYSERR);
        assert_eq!(lone.session.transmit().len(), 16 + body_len, "{request}");
        assert_eq!(lone.said(), [format!("{}_resp #5 ESME_RSYSERR", name(request))]);
    }
}

#[test]
fn an_answer_keeps_its_body_on_success_and_loses_it_on_an_error() {
    use telegraphy::smpp::pdu::{DataSmResp, SubmitSmResp};
    let id = SubmitSmResp { message_id: (&b"id"[..]).into(), ..SubmitSmResp::default() };
    let data = DataSmResp { tlvs: Tlvs::new(b"\x04\x25\0\x01\x02"), ..DataSmResp::default() };
    for (command, body, status, len) in [
        (CommandId::SUBMIT_SM, Body::SubmitSmResp(id), OK, 19),
        (CommandId::SUBMIT_SM, Body::SubmitSmResp(id), CommandStatus::ESME_RTHROTTLED, 16),
        (CommandId::DATA_SM, Body::DataSmResp(data), OK, 22),
        (CommandId::DATA_SM, Body::DataSmResp(data), CommandStatus::ESME_RDELIVERYFAILURE, 22),
    ] {
        let mut lone = bound(Role::Smsc);
        lone.hears(&any(command, 5));
        lone.events();
        let reply = lone.owed.remove(0);
        lone.session.respond(lone.now, reply, status, Some(&body)).unwrap();
        assert_eq!(lone.session.transmit().len(), len);
    }

    let mut old = Lone::bound_by(Settings::new(Role::Smsc), BindKind::Transceiver, Some(0x33));
    old.hears(&any(CommandId::DATA_SM, 5));
    old.events();
    let reply = old.owed.remove(0);
    old.session.respond(old.now, reply, OK, Some(&Body::DataSmResp(data))).unwrap();
    assert_eq!(old.session.transmit().len(), 17, "no parameters to a peer below 3.4");
}

#[test]
fn an_answer_that_cannot_be_written_is_answered_as_our_error() {
    use telegraphy::smpp::pdu::SubmitSmResp;
    let long = SubmitSmResp { message_id: (&[b'1'; 65][..]).into(), ..SubmitSmResp::default() };
    for body in [Body::SubmitSmResp(long), Body::DataSmResp(Default::default())] {
        let mut lone = bound(Role::Smsc);
        lone.hears(&submit(5));
        lone.events();
        let reply = lone.owed.remove(0);
        assert!(lone.session.respond(lone.now, reply, OK, Some(&body)).is_err());
        assert_eq!(lone.said(), ["submit_sm_resp #5 ESME_RSYSERR"]);
    }
}
