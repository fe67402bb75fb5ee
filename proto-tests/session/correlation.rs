//! Sequence numbers and which response belongs to which request: group G of the quirks.

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::session::{RequestError, Role, Settings};
use telegraphy::smpp::status::CommandStatus;

use super::bed::*;

fn carrier_side(settings: Settings) -> Lone {
    Lone::bound(settings, BindKind::Transceiver)
}

fn esme() -> Lone {
    carrier_side(Settings::new(Role::Esme))
}

fn smsc() -> Lone {
    carrier_side(Settings::new(Role::Smsc))
}

#[test]
fn quirk_70_any_sequence_number_is_echoed() {
    let mut lone = smsc();
    for sequence in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
        lone.hears(&submit(sequence));
        assert_eq!(lone.events(), [format!("Request submit_sm #{sequence}")]);
        lone.answers(OK);
        lone.hears(&any(CommandId::ENQUIRE_LINK, sequence));
        let expected = [
            format!("submit_sm_resp #{sequence} ESME_ROK"),
            format!("enquire_link_resp #{sequence} ESME_ROK"),
        ];
        assert_eq!(lone.said(), expected);
    }
}

#[test]
fn quirk_71_ours_wrap_to_one_after_the_last() {
    let mut lone = carrier_side(Settings { sequence_first: 0x7FFF_FFFD, ..Settings::new(Role::Esme) });
    let mut used = Vec::new();
    for token in 0..4 {
        used.push(lone.requests(token));
    }
    assert_eq!(used, [0x7FFF_FFFE, 0x7FFF_FFFF, 1, 2]);
    for (token, sequence) in used.into_iter().enumerate() {
        lone.hears(&submit_resp(sequence, b"id"));
        assert_eq!(lone.events(), [format!("Response {token}: submit_sm_resp #{sequence} ESME_ROK")]);
    }
}

#[test]
fn quirk_71_a_first_number_that_cannot_be_is_one() {
    for first in [0, 0x8000_0000, u32::MAX] {
        let mut lone = Lone::new(Settings { sequence_first: first, ..Settings::new(Role::Esme) });
        lone.session.bind(lone.now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
        assert_eq!(lone.said(), ["bind_transceiver #1"]);
    }
}

#[test]
fn a_number_that_is_still_waited_for_is_not_used_again() {
    let mut lone = carrier_side(Settings { window_out: 3, ..Settings::new(Role::Esme) });
    let stuck = lone.requests(999);
    for token in 0..1_000 {
        let sequence = lone.requests(token);
        assert_ne!(sequence, stuck);
        lone.hears(&submit_resp(sequence, b"id"));
        assert_eq!(lone.events(), [format!("Response {token}: submit_sm_resp #{sequence} ESME_ROK")]);
    }
    lone.hears(&submit_resp(stuck, b"id"));
    assert_eq!(lone.events(), [format!("Response 999: submit_sm_resp #{stuck} ESME_ROK")]);
}

#[test]
fn quirk_72_a_request_with_our_sequence_number_completes_nothing() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    lone.hears(&[deliver(sequence), any(CommandId::ENQUIRE_LINK, sequence)].concat());
    assert_eq!(lone.events(), [format!("Request deliver_sm #{sequence}")]);
    assert_eq!(lone.session.outstanding(), 1);
    lone.hears(&submit_resp(sequence, b"id"));
    assert_eq!(lone.events(), [format!("Response 7: submit_sm_resp #{sequence} ESME_ROK")]);
}

#[test]
fn quirk_73_a_response_of_another_command_completes_nothing() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    for command in [
        CommandId::ENQUIRE_LINK_RESP,
        CommandId::DATA_SM_RESP,
        CommandId::UNBIND_RESP,
        CommandId::BIND_TRANSCEIVER_RESP,
        CommandId(0x8000_0999),
    ] {
        lone.hears(&bare(command, OK, sequence));
        assert_eq!(lone.events(), [format!("UnexpectedResponse {} #{sequence} ESME_ROK", name(command))]);
    }
    assert_eq!(lone.session.outstanding(), 1);
    assert_eq!(lone.said(), [format!("submit_sm #{sequence}")]);
}

#[test]
fn quirk_74_a_response_to_nothing_or_twice_is_told_and_changes_nothing() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    let responses = [submit_resp(sequence, b"id"), submit_resp(sequence, b"id"), submit_resp(0, b"id")];
    lone.hears(&responses.concat());
    assert_eq!(
        lone.events(),
        [
            format!("Response 7: submit_sm_resp #{sequence} ESME_ROK"),
            format!("UnexpectedResponse submit_sm_resp #{sequence} ESME_ROK"),
            "UnexpectedResponse submit_sm_resp #0 ESME_ROK".into(),
        ]
    );
    assert_eq!(lone.said().len(), 1, "the request, and nothing in answer to a response");
    lone.requests(8);
}

#[test]
fn quirk_74_a_number_that_is_near_is_not_the_number() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    for bit in 0..32 {
        lone.hears(&submit_resp(sequence ^ (1 << bit), b"id"));
        assert!(lone.events()[0].starts_with("UnexpectedResponse"), "bit {bit}");
    }
    assert_eq!(lone.session.outstanding(), 1);
}

#[test]
fn quirk_74_a_late_response_still_knows_its_token() {
    let mut lone = carrier_side(Settings { window_out: 1, ..Settings::new(Role::Esme) });
    let late = lone.requests(7);
    lone.hears(&any(CommandId::ENQUIRE_LINK, 1));
    lone.waits(secs(30));
    assert_eq!(lone.events(), [format!("ResponseTimedOut 7 #{late}")]);
    for token in 100..130 {
        let sequence = lone.requests(token);
        lone.hears(&submit_resp(sequence, b"id"));
    }
    lone.events();
    lone.hears(&[submit_resp(late, b"id"), submit_resp(late, b"id")].concat());
    assert_eq!(
        lone.events(),
        [
            format!("LateResponse 7: submit_sm_resp #{late} ESME_ROK"),
            format!("UnexpectedResponse submit_sm_resp #{late} ESME_ROK"),
        ]
    );
}

#[test]
fn quirk_74_the_memory_for_late_responses_is_bounded() {
    let mut lone = carrier_side(Settings { window_out: 1, ..Settings::new(Role::Esme) });
    let late = lone.requests(7);
    lone.hears(&any(CommandId::ENQUIRE_LINK, 1));
    lone.waits(secs(30));
    lone.events();
    for token in 100..300 {
        let sequence = lone.requests(token);
        lone.hears(&submit_resp(sequence, b"id"));
    }
    lone.events();
    lone.hears(&submit_resp(late, b"id"));
    assert_eq!(lone.events(), [format!("UnexpectedResponse submit_sm_resp #{late} ESME_ROK")]);
}

#[test]
fn quirk_75_a_response_may_come_before_the_driver_has_finished_writing() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    // Not an octet has been taken from transmit().
    lone.hears(&submit_resp(sequence, b"id"));
    assert_eq!(lone.events(), [format!("Response 7: submit_sm_resp #{sequence} ESME_ROK")]);
}

#[test]
fn quirk_76_responses_come_in_any_order() {
    let mut lone = esme();
    let used: Vec<u32> = (0..100).map(|token| lone.requests(token)).collect();
    assert_eq!(lone.try_request(100), Err(RequestError::WindowFull));
    let mut order: Vec<usize> = (0..100).map(|step| step * 37 % 100).collect();
    while let Some(token) = order.pop() {
        lone.hears(&submit_resp(used[token], b"id"));
        assert_eq!(lone.events(), [format!("Response {token}: submit_sm_resp #{} ESME_ROK", used[token])]);
        assert_eq!(lone.session.outstanding(), order.len());
    }
}

#[test]
fn quirk_77_responses_are_told_before_the_requests_they_stand_behind() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    let flood: Vec<u8> = (1..=500).flat_map(deliver).collect();
    lone.hears(&[flood, submit_resp(sequence, b"id")].concat());
    let events = lone.events();
    assert_eq!(events[0], format!("Response 7: submit_sm_resp #{sequence} ESME_ROK"));
    assert_eq!(events[1], "Request deliver_sm #1");
    assert_eq!(events.len(), 1 + 100, "the inbound window");
}

#[test]
fn quirk_77_a_response_that_has_arrived_is_handled_before_its_time_is_over() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    lone.now = lone.now + secs(3_600);
    lone.hears(&submit_resp(sequence, b"id"));
    lone.session.handle_timeout(lone.now);
    assert_eq!(lone.events(), [format!("Response 7: submit_sm_resp #{sequence} ESME_ROK")]);
}

#[test]
fn quirk_78_generic_nack_completes_the_request_of_its_number() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    lone.hears(&bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RTHROTTLED, 0));
    assert_eq!(lone.events(), ["UnexpectedResponse generic_nack #0 ESME_RTHROTTLED"]);
    lone.hears(&bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RTHROTTLED, sequence));
    assert_eq!(lone.events(), [format!("Response 7: generic_nack #{sequence} ESME_RTHROTTLED")]);
    assert_eq!(lone.said().len(), 1);
}

#[test]
fn a_success_whose_body_cannot_be_read_is_still_a_success() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    lone.hears(&raw(CommandId::SUBMIT_SM_RESP, OK, sequence, &[b'x'; 300]));
    assert_eq!(
        lone.events(),
        [format!(
            "ResponseUnreadable 7 #{sequence} ESME_ROK: message_id: it is longer than any peer may send"
        )]
    );
    assert_eq!(lone.session.outstanding(), 0);
}

#[test]
fn an_unreadable_response_that_comes_late_does_not_complete_its_request_again() {
    let mut lone = esme();
    let sequence = lone.requests(7);
    lone.waits(secs(30));
    assert_eq!(lone.events(), [format!("ResponseTimedOut 7 #{sequence}")]);
    lone.hears(&raw(CommandId::SUBMIT_SM_RESP, OK, sequence, &[b'x'; 300]));
    let late = "LateResponseUnreadable 7 ESME_ROK: message_id: it is longer than any peer may send";
    assert_eq!(lone.events(), [late]);
}

#[test]
fn a_request_that_cannot_be_written_uses_up_nothing() {
    let mut lone = esme();
    let body =
        telegraphy::smpp::pdu::SubmitSm { service_type: (&b"far too long"[..]).into(), ..submit_body() };
    let result = lone.session.request(lone.now, 7, &telegraphy::smpp::pdu::Body::SubmitSm(body));
    assert!(matches!(result, Err(RequestError::Encode(error)) if error.field == "service_type"));
    assert_eq!((lone.session.outstanding(), lone.said().len()), (0, 0));
    assert_eq!(lone.requests(8), 2, "the bind was the first");
}
