//! The four timers of §7.2.

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::session::{Role, Settings, State};
use telegraphy::smpp::status::CommandStatus;

use super::bed::*;

fn bound(settings: Settings) -> Lone {
    Lone::bound(settings, BindKind::Transceiver)
}

#[test]
fn a_connection_that_is_never_bound_closes_whatever_it_says() {
    let mut lone = Lone::new(Settings::new(Role::Smsc));
    for second in 0..10 {
        assert_eq!(lone.session.state(), State::Open);
        lone.hears(&any(CommandId::ENQUIRE_LINK, second));
        lone.hears(&submit(second));
        lone.hears(&any(CommandId(0x999), second));
        lone.hears(&bind(BindKind::Transceiver, 0x34, second));
        lone.events();
        lone.session.refuse_bind(lone.now, CommandStatus::ESME_RINVPASWD).unwrap();
        lone.waits(secs(1));
    }
    assert_eq!(lone.events(), ["Closed NeverBound"]);
}

#[test]
fn our_own_slow_judgement_of_a_bind_is_not_counted_against_the_client() {
    let mut lone = Lone::new(Settings::new(Role::Smsc));
    lone.hears(&bind(BindKind::Transceiver, 0x34, 1));
    lone.events();
    assert_eq!(lone.session.poll_timeout(), None);
    lone.waits(secs(60));
    lone.session.accept_bind(lone.now, b"telegraphy").unwrap();
    lone.waits(secs(29));
    assert_eq!(lone.said(), ["bind_transceiver_resp #1 ESME_ROK"]);
}

#[test]
fn quirk_92_the_link_is_asked_only_after_the_peer_was_silent() {
    for role in [Role::Esme, Role::Smsc] {
        let mut lone = bound(Settings { inactivity: None, ..Settings::new(role) });
        for _ in 0..10 {
            lone.waits(secs(29));
            lone.hears(&bare(CommandId::SUBMIT_SM_RESP, OK, 4711));
        }
        assert_eq!(lone.said(), [""; 0]);
        lone.waits(secs(30));
        let asked = lone.said();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(asked[0].starts_with("enquire_link #"));
    }
}

#[test]
fn quirk_92_our_own_talking_does_not_count_as_the_peers() {
    let mut lone = bound(Settings::new(Role::Esme));
    for token in 0..6 {
        lone.waits(secs(5));
        lone.requests(token);
    }
    assert_eq!(lone.said().pop().unwrap(), "submit_sm #8", "behind the bind, five submits and enquire_link");
}

#[test]
fn a_link_is_dead_when_enquire_link_runs_out_of_its_time() {
    let mut lone = bound(Settings::new(Role::Esme));
    lone.requests(7);
    lone.waits(secs(59));
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
    lone.waits(secs(1));
    assert_eq!(lone.events(), ["ResponseTimedOut 7 #2", "Closed LinkDead"]);
}

#[test]
fn a_link_may_be_given_more_than_one_chance() {
    let mut lone = bound(Settings { enquire_link_misses: 3, ..Settings::new(Role::Esme) });
    lone.waits(secs(30 + 90 - 1));
    assert_eq!(lone.said(), ["enquire_link #2", "enquire_link #3", "enquire_link #4"]);
    lone.hears(&deliver(1));
    assert_eq!(lone.events(), ["Request deliver_sm #1"]);
    lone.waits(secs(30 + 90 - 1));
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
    lone.waits(secs(1));
    assert_eq!(lone.events(), ["Closed LinkDead"]);
}

#[test]
fn whatever_is_heard_while_the_link_is_asked_proves_it_alive() {
    let mut lone = bound(Settings::new(Role::Esme));
    lone.waits(secs(40));
    lone.hears(&deliver(1));
    lone.waits(secs(29));
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
    assert_eq!(lone.said(), ["enquire_link #2"]);
    lone.waits(secs(1));
    assert_eq!(lone.said(), ["enquire_link #3"], "thirty seconds after the deliver");
}

#[test]
fn quirk_16_an_enquire_link_resp_with_an_error_is_a_sign_of_life() {
    for answer in [
        bare(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_RINVBNDSTS, 2),
        raw(CommandId::ENQUIRE_LINK_RESP, OK, 2, b"\0"),
        bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID, 2),
    ] {
        let mut lone = bound(Settings::new(Role::Esme));
        lone.waits(secs(30));
        assert_eq!(lone.said(), ["enquire_link #2"]);
        lone.hears(&answer);
        lone.waits(secs(29));
        assert_eq!((lone.said().len(), lone.events().len()), (0, 0));
    }
}

#[test]
fn quirk_91_a_peer_that_only_answers_enquire_link_is_inactive() {
    let mut lone = bound(Settings::new(Role::Smsc));
    let mut said = Vec::new();
    for _ in 0..10 {
        lone.waits(secs(30));
        said = lone.said();
        if let Some(sequence) = said[0].strip_prefix("enquire_link #") {
            lone.hears(&bare(CommandId::ENQUIRE_LINK_RESP, OK, sequence.parse().unwrap()));
        }
    }
    assert_eq!(said, ["enquire_link #10", "unbind #11"]);
    lone.hears(&bare(CommandId::UNBIND_RESP, OK, 11));
    assert_eq!(lone.events(), ["Unbound", "Closed Inactive"]);
}

#[test]
fn quirk_91_an_inactive_peer_that_does_not_answer_the_unbind_was_inactive() {
    let mut lone = bound(Settings { enquire_link: secs(3_600), ..Settings::new(Role::Smsc) });
    lone.waits(secs(330));
    assert_eq!(lone.events(), ["Closed Inactive"]);
}

#[test]
fn quirk_91_a_peer_that_asks_or_answers_a_request_is_active() {
    let mut lone = bound(Settings { enquire_link: secs(3_600), ..Settings::new(Role::Smsc) });
    for _ in 0..3 {
        lone.waits(secs(299));
        lone.hears(&any(CommandId::ENQUIRE_LINK, 1));
        lone.waits(secs(299));
        let sequence = lone.requests(7);
        lone.hears(&bare(CommandId::DELIVER_SM_RESP, OK, sequence));
    }
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
}

#[test]
fn quirk_91_a_peer_that_waits_for_our_answer_is_not_inactive() {
    let mut lone = bound(Settings { enquire_link: secs(3_600), ..Settings::new(Role::Smsc) });
    lone.hears(&submit(1));
    lone.events();
    lone.waits(secs(1_000));
    lone.answers(OK);
    lone.waits(secs(299));
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
    lone.waits(secs(1));
    assert_eq!(lone.session.state(), State::Unbinding);
}

#[test]
fn a_carrier_without_traffic_for_us_is_not_inactive() {
    let mut lone = bound(Settings { enquire_link: std::time::Duration::MAX, ..Settings::new(Role::Esme) });
    assert_eq!(lone.session.poll_timeout(), None);
    lone.waits(secs(1_000_000));
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
}

#[test]
fn a_response_that_does_not_come_fails_its_request_and_nothing_else() {
    let mut lone = bound(Settings { enquire_link: secs(3_600), ..Settings::new(Role::Esme) });
    let first = lone.requests(1);
    lone.waits(secs(10));
    let second = lone.requests(2);
    lone.waits(secs(19));
    assert_eq!(lone.events(), [""; 0]);
    lone.waits(secs(1));
    assert_eq!(lone.events(), [format!("ResponseTimedOut 1 #{first}")]);
    assert_eq!(lone.session.outstanding(), 1);
    lone.hears(&submit_resp(second, b"id"));
    assert_eq!(lone.events(), [format!("Response 2: submit_sm_resp #{second} ESME_ROK")]);
    assert_eq!(lone.session.state(), State::Bound(BindKind::Transceiver));
}

#[test]
fn a_time_out_early_or_twice_does_nothing() {
    let mut lone = bound(Settings::new(Role::Esme));
    lone.requests(1);
    lone.said();
    lone.session.handle_timeout(lone.now);
    assert_eq!((lone.said().len(), lone.events().len()), (0, 0));
    lone.waits(secs(30));
    lone.session.handle_timeout(lone.now);
    lone.session.handle_timeout(lone.now);
    assert_eq!(lone.said(), ["enquire_link #3"]);
    assert_eq!(lone.events(), ["ResponseTimedOut 1 #2"]);
}
