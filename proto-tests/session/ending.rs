//! Unbinding, closing and the end of the stream: quirks 84 to 87 of group I.

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::session::{CloseReason, RequestError, Role, Settings, State};
use telegraphy::smpp::status::CommandStatus;

use super::bed::*;

const ROLES: [Role; 2] = [Role::Esme, Role::Smsc];

fn bound(role: Role) -> Lone {
    Lone::bound(Settings::new(role), BindKind::Transceiver)
}

/// A request that the other side of `role` may send.
fn request_to(role: Role, sequence: u32) -> Vec<u8> {
    match role {
        Role::Esme => deliver(sequence),
        Role::Smsc => submit(sequence),
    }
}

fn last_sequence(said: &[String]) -> u32 {
    said.last().unwrap().split('#').nth(1).unwrap().parse().unwrap()
}

#[test]
fn our_unbind_ends_with_the_answer() {
    for role in ROLES {
        let mut lone = bound(role);
        lone.session.unbind(lone.now);
        assert_eq!(lone.session.state(), State::Unbinding);
        let said = lone.said();
        assert!(said[0].starts_with("unbind #"));
        lone.hears(&bare(CommandId::UNBIND_RESP, OK, last_sequence(&said)));
        assert_eq!(lone.events(), ["Unbound", "Closed Unbound"]);
    }
}

#[test]
fn the_peers_unbind_is_answered_and_the_peer_closes() {
    for role in ROLES {
        let mut lone = bound(role);
        lone.hears(&any(CommandId::UNBIND, 5));
        assert_eq!(lone.said(), ["unbind_resp #5 ESME_ROK"]);
        assert_eq!(lone.session.state(), State::Unbound);
        assert_eq!(lone.events(), ["UnbindRequested", "Unbound"]);
        lone.session.handle_eof(lone.now);
        assert_eq!(lone.events(), ["Closed UnboundByPeer"]);
    }
}

#[test]
fn a_peer_that_does_not_close_after_its_unbind_is_closed() {
    let mut lone = bound(Role::Smsc);
    lone.hears(&any(CommandId::UNBIND, 5));
    lone.waits(secs(30));
    assert_eq!(lone.events(), ["UnbindRequested", "Unbound", "Closed UnboundByPeer"]);
}

#[test]
fn quirk_84_a_peer_that_closes_instead_of_answering_the_unbind_has_agreed() {
    for role in ROLES {
        let mut lone = bound(role);
        lone.session.unbind(lone.now);
        lone.session.handle_eof(lone.now);
        assert_eq!(lone.events(), ["Closed Unbound"]);
    }
}

#[test]
fn quirk_84_an_unbind_that_is_never_answered_does_not_last() {
    for role in ROLES {
        let mut lone = bound(role);
        lone.session.unbind(lone.now);
        lone.waits(secs(29));
        assert!(!lone.session.is_closed());
        lone.waits(secs(1));
        assert_eq!(lone.events(), ["Closed UnbindUnanswered"]);
    }
}

#[test]
fn quirk_84_any_answer_to_the_unbind_is_an_answer() {
    for (command, status) in [
        (CommandId::UNBIND_RESP, CommandStatus::ESME_RINVBNDSTS),
        (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID),
    ] {
        let mut lone = bound(Role::Esme);
        lone.session.unbind(lone.now);
        let ours = last_sequence(&lone.said());
        lone.hears(&bare(command, status, ours));
        assert_eq!(lone.events(), ["Unbound", "Closed Unbound"]);
    }
}

#[test]
fn quirk_84_a_peer_that_leaves_while_we_still_answer_has_unbound() {
    let mut lone = bound(Role::Smsc);
    lone.hears(&[submit(4), any(CommandId::UNBIND, 5)].concat());
    assert_eq!(lone.events(), ["Request submit_sm #4", "UnbindRequested"]);
    lone.session.handle_eof(lone.now);
    assert_eq!(lone.events(), ["Closed UnboundByPeer"]);
    lone.answers(OK);
    assert_eq!(lone.said(), [""; 0]);
}

#[test]
fn quirk_85_when_both_unbind_both_answer_and_the_first_answer_closes() {
    for role in ROLES {
        let mut lone = bound(role);
        lone.session.unbind(lone.now);
        let ours = last_sequence(&lone.said());
        lone.hears(&any(CommandId::UNBIND, 5));
        assert_eq!(lone.said(), ["unbind_resp #5 ESME_ROK"]);
        assert_eq!(lone.session.state(), State::Unbinding);
        lone.hears(&bare(CommandId::UNBIND_RESP, OK, ours));
        assert_eq!(lone.events(), ["Unbound", "Closed Unbound"]);
    }
}

#[test]
fn quirk_85_when_both_unbind_the_end_of_the_stream_closes_too() {
    let mut lone = bound(Role::Esme);
    lone.session.unbind(lone.now);
    lone.hears(&any(CommandId::UNBIND, 5));
    lone.session.handle_eof(lone.now);
    assert_eq!(lone.events(), ["Closed Unbound"]);
}

#[test]
fn quirk_85_a_peer_that_unbinds_while_we_drain_goes_first() {
    let mut lone = bound(Role::Smsc);
    lone.hears(&submit(4));
    lone.events();
    lone.session.unbind(lone.now);
    assert_eq!(lone.session.state(), State::Draining);
    lone.hears(&any(CommandId::UNBIND, 5));
    assert_eq!(lone.session.state(), State::PeerUnbinding);
    lone.answers(OK);
    assert_eq!(lone.said(), ["submit_sm_resp #4 ESME_ROK", "unbind_resp #5 ESME_ROK"]);
    assert_eq!(lone.events(), ["UnbindRequested", "Unbound"]);
}

#[test]
fn quirk_86_what_is_under_way_is_finished_before_our_unbind() {
    for role in ROLES {
        let mut lone = bound(role);
        let sequence = lone.requests(7);
        lone.hears(&request_to(role, 4));
        lone.events();
        lone.said();
        lone.session.unbind(lone.now);
        assert_eq!((lone.session.state(), lone.said().len()), (State::Draining, 0));
        assert_eq!(lone.try_request(8), Err(RequestError::NotBound));

        lone.answers(OK);
        assert_eq!((lone.session.state(), lone.said().len()), (State::Draining, 1));
        let response = match role {
            Role::Esme => submit_resp(sequence, b"id"),
            Role::Smsc => bare(CommandId::DELIVER_SM_RESP, OK, sequence),
        };
        lone.hears(&response);
        assert!(lone.events()[0].starts_with("Response 7: "));
        assert_eq!(lone.session.state(), State::Unbinding);
        assert_eq!(lone.said(), [format!("unbind #{}", sequence + 1)]);
    }
}

#[test]
fn quirk_86_a_drain_does_not_wait_longer_than_the_response_time() {
    let mut lone = bound(Role::Smsc);
    lone.requests(7);
    lone.hears(&submit(4));
    lone.events();
    lone.said();
    lone.session.unbind(lone.now);
    lone.waits(secs(30));
    assert_eq!(lone.events(), ["ResponseTimedOut 7 #1"]);
    assert_eq!(lone.said(), ["unbind #2"]);
    // The answer is still allowed out behind the unbind.
    lone.answers(OK);
    assert_eq!(lone.said(), ["submit_sm_resp #4 ESME_ROK"]);
}

#[test]
fn quirk_86_requests_after_an_unbind_are_refused() {
    for role in ROLES {
        let refused = match role {
            Role::Esme => "deliver_sm_resp #9 ESME_RINVBNDSTS",
            Role::Smsc => "submit_sm_resp #9 ESME_RINVBNDSTS",
        };
        let mut theirs = bound(role);
        theirs.hears(&any(CommandId::UNBIND, 5));
        theirs.said();
        theirs.hears(&request_to(role, 9));
        assert_eq!(theirs.said(), [refused]);

        let mut ours = bound(role);
        ours.session.unbind(ours.now);
        ours.said();
        ours.hears(&request_to(role, 9));
        assert_eq!(ours.said(), [refused]);
    }
}

#[test]
fn what_crosses_our_unbind_is_refused_as_the_settings_say() {
    let temporary = CommandStatus::ESME_RX_T_APPN;
    let settings =
        || Settings { refusal_when_unbinding: temporary, window_in: 1, ..Settings::new(Role::Esme) };
    let deliver = |sequence| request_to(Role::Esme, sequence);
    let mut ours = Lone::bound(settings(), BindKind::Transceiver);
    ours.hears(&[deliver(1), deliver(2)].concat());
    ours.events();
    ours.session.unbind(ours.now);
    assert_eq!(ours.said(), ["deliver_sm_resp #2 ESME_RX_T_APPN"], "it waited for its turn");
    ours.hears(&deliver(3));
    assert_eq!(ours.said(), ["deliver_sm_resp #3 ESME_RX_T_APPN"], "before our unbind is out");
    ours.answers(OK);
    assert_eq!(ours.said().len(), 2);
    assert_eq!(ours.session.state(), State::Unbinding);
    ours.hears(&deliver(4));
    assert_eq!(ours.said(), ["deliver_sm_resp #4 ESME_RX_T_APPN"]);

    let mut theirs = Lone::bound(settings(), BindKind::Transceiver);
    theirs.hears(&any(CommandId::UNBIND, 5));
    theirs.said();
    theirs.hears(&deliver(6));
    assert_eq!(theirs.said(), ["deliver_sm_resp #6 ESME_RINVBNDSTS"], "who unbinds knows what it sends");
}

#[test]
fn quirk_86_requests_that_waited_for_their_turn_are_refused_by_our_unbind() {
    let mut lone = Lone::bound(Settings { window_in: 1, ..Settings::new(Role::Smsc) }, BindKind::Transceiver);
    lone.hears(&[submit(1), submit(2), submit(3)].concat());
    assert_eq!(lone.events(), ["Request submit_sm #1"]);
    lone.session.unbind(lone.now);
    assert_eq!(lone.said(), ["submit_sm_resp #2 ESME_RINVBNDSTS", "submit_sm_resp #3 ESME_RINVBNDSTS"]);
    lone.answers(OK);
    assert_eq!(lone.said(), ["submit_sm_resp #1 ESME_ROK", "unbind #1"]);
    assert_eq!(lone.events(), [""; 0]);
}

#[test]
fn quirk_86_the_peers_unbind_waits_for_the_requests_before_it() {
    let mut lone = Lone::bound(Settings { window_in: 1, ..Settings::new(Role::Smsc) }, BindKind::Transceiver);
    lone.hears(&[submit(1), submit(2), any(CommandId::UNBIND, 3), submit(4)].concat());
    assert_eq!(lone.events(), ["Request submit_sm #1"]);
    lone.answers(OK);
    assert_eq!(lone.events(), ["Request submit_sm #2", "UnbindRequested"]);
    assert_eq!(lone.session.state(), State::PeerUnbinding);
    lone.answers(OK);
    assert_eq!(lone.events(), ["Unbound"]);
    assert_eq!(
        lone.said(),
        [
            "submit_sm_resp #1 ESME_ROK",
            "submit_sm_resp #4 ESME_RINVBNDSTS",
            "submit_sm_resp #2 ESME_ROK",
            "unbind_resp #3 ESME_ROK"
        ]
    );
}

#[test]
fn quirk_86_our_application_cannot_hold_up_the_peers_unbind_for_ever() {
    let mut lone = bound(Role::Smsc);
    lone.hears(&[submit(4), any(CommandId::UNBIND, 5)].concat());
    lone.events();
    lone.waits(secs(30));
    assert_eq!(lone.said(), ["unbind_resp #5 ESME_ROK"]);
    lone.answers(OK);
    assert_eq!(lone.said(), [""; 0], "nothing behind the unbind_resp");
}

#[test]
fn quirk_86_responses_still_come_after_an_unbind() {
    let mut lone = bound(Role::Esme);
    let sequence = lone.requests(7);
    lone.hears(&any(CommandId::UNBIND, 5));
    lone.hears(&submit_resp(sequence, b"id"));
    assert_eq!(
        lone.events(),
        [
            format!("Response 7: submit_sm_resp #{sequence} ESME_ROK"),
            "UnbindRequested".into(),
            "Unbound".into()
        ]
    );
}

#[test]
fn quirk_87_a_second_bind_is_told_that_it_is_bound() {
    for kind in [BindKind::Receiver, BindKind::Transmitter, BindKind::Transceiver] {
        let mut lone = bound(Role::Smsc);
        lone.hears(&bind(kind, 0x34, 9));
        assert_eq!(lone.said(), [format!("{}_resp #9 ESME_RALYBND", name(kind.command()))]);
        assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
    }
}

#[test]
fn a_lost_connection_says_which_requests_have_an_unknown_fate() {
    let mut lone = bound(Role::Esme);
    let used: Vec<u32> = (0..3).map(|token| lone.requests(token)).collect();
    lone.hears(&deliver(1));
    assert_eq!(lone.events(), ["Request deliver_sm #1"]);
    lone.hears(&[submit_resp(used[1], b"id"), deliver(2)].concat());
    lone.session.handle_eof(lone.now);
    assert_eq!(
        lone.events(),
        [
            format!("Response 1: submit_sm_resp #{} ESME_ROK", used[1]),
            format!("ResponseLost 0 #{}", used[0]),
            format!("ResponseLost 2 #{}", used[2]),
            "Closed PeerClosed".into()
        ]
    );
    assert_eq!((lone.session.outstanding(), lone.session.unanswered()), (0, 0));
}

#[test]
fn the_first_reason_to_close_is_the_one() {
    let mut lone = bound(Role::Esme);
    lone.session.close(CloseReason::TransportFailed);
    lone.session.close(CloseReason::Requested);
    lone.session.handle_eof(lone.now);
    lone.session.unbind(lone.now);
    assert_eq!(lone.events(), ["Closed TransportFailed"]);
    assert_eq!((lone.session.poll_timeout(), lone.session.wants_input()), (None, false));
    lone.hears(&[deliver(1), any(CommandId::ENQUIRE_LINK, 2), vec![0; 16]].concat());
    assert_eq!((lone.events().len(), lone.said().len(), lone.stream.len()), (0, 0, 0));
    assert_eq!(lone.try_request(1), Err(RequestError::NotBound));
}

#[test]
fn an_unbind_before_a_bind_just_closes() {
    for role in ROLES {
        let mut lone = Lone::new(Settings::new(role));
        lone.session.unbind(lone.now);
        assert_eq!((lone.events(), lone.said().len()), (vec!["Closed Requested".to_owned()], 0));
    }
}
