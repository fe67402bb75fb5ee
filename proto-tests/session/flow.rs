//! Windows and back pressure: quirks 88 to 95 of group I, and every bound of the session.

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::session::{PARKED_OCTETS_MAX, RequestError, Role, Settings, State};
use telegraphy::smpp::status::CommandStatus;

use super::bed::*;

fn bound(settings: Settings) -> Lone {
    Lone::bound(settings, BindKind::Transceiver)
}

fn smsc(window_in: usize) -> Lone {
    bound(Settings { window_in, ..Settings::new(Role::Smsc) })
}

#[test]
fn quirk_88_a_throttled_request_is_answered_like_any_other() {
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL] {
        let mut lone = bound(Settings::new(Role::Esme));
        let sequence = lone.requests(7);
        lone.hears(&bare(CommandId::SUBMIT_SM_RESP, status, sequence));
        assert_eq!(lone.events(), [format!("Response 7: submit_sm_resp #{sequence} {status}")]);
        assert!(status.is_backpressure());
    }
}

#[test]
fn quirk_89_a_full_window_takes_nothing_and_loses_nothing() {
    let mut lone = bound(Settings { window_out: 2, ..Settings::new(Role::Esme) });
    let first = lone.requests(1);
    lone.requests(2);
    assert_eq!((lone.session.window_free(), lone.try_request(3)), (0, Err(RequestError::WindowFull)));
    assert_eq!(lone.said().len(), 2);
    lone.hears(&submit_resp(first, b"id"));
    assert_eq!(lone.session.window_free(), 1);
    lone.requests(3);
}

#[test]
fn quirk_89_a_window_of_zero_sends_nothing() {
    let mut lone = bound(Settings { window_out: 0, ..Settings::new(Role::Esme) });
    assert_eq!(lone.try_request(1), Err(RequestError::WindowFull));
}

#[test]
fn the_sessions_own_requests_need_no_room_in_the_window() {
    let mut lone = bound(Settings { window_out: 1, ..Settings::new(Role::Esme) });
    lone.waits(secs(10));
    lone.requests(1);
    lone.waits(secs(20));
    lone.session.unbind(lone.now);
    lone.waits(secs(10));
    assert_eq!(lone.said(), ["submit_sm #2", "enquire_link #3", "unbind #4"]);
}

#[test]
fn quirk_90_the_application_never_holds_more_than_its_window() {
    let mut lone = smsc(10);
    lone.hears(&(1..=100).flat_map(submit).collect::<Vec<u8>>());
    assert_eq!(lone.events().len(), 10);
    for expected in 11..=100 {
        lone.answers(OK);
        assert_eq!(lone.events(), [format!("Request submit_sm #{expected}")]);
        assert_eq!(lone.session.unanswered(), 10);
    }
    for _ in 0..10 {
        lone.answers(OK);
    }
    assert_eq!((lone.session.unanswered(), lone.events().len()), (0, 0));
    assert_eq!(lone.said().len(), 100, "each answered once");
}

#[test]
fn quirk_90_a_window_of_zero_is_one() {
    let mut lone = smsc(0);
    lone.hears(&[submit(1), submit(2)].concat());
    assert_eq!(lone.events(), ["Request submit_sm #1"]);
}

#[test]
fn what_is_parked_is_bounded_and_answers_make_room() {
    let mut lone = smsc(1);
    let one = submit(1);
    let mut sent = 0;
    while lone.session.wants_input() {
        lone.hears(&one);
        lone.events();
        sent += one.len();
        assert!(sent < PARKED_OCTETS_MAX + 2 * one.len());
    }
    assert!(sent >= PARKED_OCTETS_MAX);
    while !lone.session.wants_input() {
        lone.answers(OK);
        lone.events();
    }
    lone.hears(&one);
}

#[test]
fn answers_to_enquire_link_do_not_wait_behind_a_full_window() {
    let mut lone = smsc(1);
    lone.hears(&[submit(1), submit(2), submit(3), any(CommandId::ENQUIRE_LINK, 4)].concat());
    lone.events();
    assert_eq!(lone.said(), ["enquire_link_resp #4 ESME_ROK"]);
}

#[test]
fn our_slowness_does_not_look_like_the_peers() {
    let mut lone = Lone::bound(
        Settings { window_in: 1, enquire_link: secs(20), ..Settings::new(Role::Esme) },
        BindKind::Transceiver,
    );
    let sequence = lone.requests(7);
    lone.said();
    while lone.session.wants_input() {
        lone.hears(&deliver(1));
        lone.events();
    }
    // For an hour nothing is read: the response may lie in the socket.
    lone.waits(secs(3_600));
    assert_eq!(lone.session.poll_timeout(), None);
    assert_eq!((lone.events().len(), lone.said().len()), (0, 0));
    while !lone.session.wants_input() {
        lone.answers(OK);
        lone.events();
    }
    lone.session.handle_timeout(lone.now);
    assert_eq!(lone.session.outstanding(), 1);
    lone.hears(&submit_resp(sequence, b"id"));
    assert_eq!(lone.events()[0], format!("Response 7: submit_sm_resp #{sequence} ESME_ROK"));
}

#[test]
fn the_time_before_and_after_our_slowness_counts() {
    let mut lone = Lone::bound(
        Settings { window_in: 1, enquire_link: secs(600), ..Settings::new(Role::Esme) },
        BindKind::Transceiver,
    );
    let sequence = lone.requests(7);
    lone.waits(secs(20));
    while lone.session.wants_input() {
        lone.hears(&deliver(1));
        lone.events();
    }
    lone.waits(secs(500));
    while !lone.session.wants_input() {
        lone.answers(OK);
        lone.events();
    }
    lone.waits(secs(9));
    assert_eq!(lone.session.outstanding(), 1);
    lone.waits(secs(1));
    assert_eq!(lone.session.outstanding(), 0);
    assert_eq!(lone.events()[0], format!("ResponseTimedOut 7 #{sequence}"));
    lone.requests(8);
    lone.waits(secs(29));
    assert_eq!(lone.session.outstanding(), 1);
    lone.waits(secs(1));
    assert_eq!(lone.session.outstanding(), 0, "what comes later has its own thirty seconds, no more");
}

#[test]
fn a_peer_that_asks_without_reading_is_no_longer_read() {
    let mut lone = bound(Settings { transmit_max: 4_096, ..Settings::new(Role::Smsc) });
    let burst: Vec<u8> = (1..=100).flat_map(|n| any(CommandId::ENQUIRE_LINK, n)).collect();
    let mut bursts = 0;
    while lone.session.wants_input() {
        lone.hears(&burst);
        lone.events();
        bursts += 1;
    }
    assert_eq!(bursts, 3);
    assert!(lone.session.transmit().len() <= 4_096 + burst.len());
    // It never does read: nothing is heard from it any more, and the link is dead.
    lone.waits(secs(60));
    assert_eq!(lone.events(), ["Closed LinkDead"]);
    assert!(lone.session.transmit().len() <= 4_096 + burst.len() + 16);
}

#[test]
fn a_peer_that_does_not_read_gets_no_requests_and_hands_in_none() {
    let mut lone = bound(Settings { transmit_max: 1_000, window_in: 1_000, ..Settings::new(Role::Smsc) });
    lone.hears(&(1..=500).flat_map(submit).collect::<Vec<u8>>());
    let mut handed_in = 0;
    loop {
        handed_in += lone.events().len();
        if lone.owed.is_empty() {
            break;
        }
        lone.answers(OK);
    }
    assert_eq!(handed_in, 500, "all of them were handed in before the first answer was written");

    let mut lone = bound(Settings { transmit_max: 1_000, window_in: 1, ..Settings::new(Role::Smsc) });
    lone.hears(&(1..=500).flat_map(submit).collect::<Vec<u8>>());
    let mut handed_in = 0;
    loop {
        handed_in += lone.events().len();
        if lone.owed.is_empty() {
            break;
        }
        lone.answers(OK);
    }
    assert_eq!(handed_in, 1_000usize.div_ceil(17), "an answer of 17 octets each");
    assert_eq!(lone.session.window_free(), 0);
    assert_eq!(lone.try_request(7), Err(RequestError::WindowFull));
    // It reads: everything goes on.
    lone.said();
    assert_eq!(lone.events().len(), 1);
    assert_eq!(lone.session.window_free(), 10);
}

#[test]
fn a_peer_that_fills_everything_and_never_reads_is_closed_in_the_end() {
    let mut lone = bound(Settings { transmit_max: 1_000, window_in: 1, ..Settings::new(Role::Smsc) });
    while lone.session.wants_input() {
        lone.hears(&(1..=100).flat_map(submit).collect::<Vec<u8>>());
        lone.events();
    }
    while !lone.owed.is_empty() {
        lone.answers(OK);
        lone.events();
    }
    assert!(!lone.session.wants_input());
    lone.waits(secs(60));
    assert_eq!(lone.events(), ["Closed LinkDead"]);
}

#[test]
fn the_windows_of_a_running_session_can_be_changed() {
    let mut lone = smsc(1);
    lone.hears(&(1..=5).flat_map(submit).collect::<Vec<u8>>());
    assert_eq!(lone.events().len(), 1);
    lone.session.resize_windows(1, 3);
    assert_eq!(lone.events().len(), 2);
    lone.requests(7);
    assert_eq!(lone.try_request(8), Err(RequestError::WindowFull));
    lone.session.resize_windows(200, 1);
    for token in 100..299 {
        lone.requests(token);
    }
    assert_eq!(lone.try_request(8), Err(RequestError::WindowFull));
    lone.answers(OK);
    assert_eq!((lone.events().len(), lone.session.unanswered()), (0, 2), "first down to the new window");
}

#[test]
fn quirk_93_an_esme_that_asks_for_later_is_told_to_the_application() {
    let mut lone = bound(Settings::new(Role::Smsc));
    let sequence = lone.requests(7);
    lone.hears(&bare(CommandId::DELIVER_SM_RESP, CommandStatus::ESME_RX_T_APPN, sequence));
    assert_eq!(lone.events(), [format!("Response 7: deliver_sm_resp #{sequence} ESME_RX_T_APPN")]);
}

#[test]
fn quirk_94_a_status_without_a_name_passes() {
    for status in [0x22, 0x400, 0x4FF, 0xFFFF_FFFF] {
        let mut lone = bound(Settings::new(Role::Esme));
        let sequence = lone.requests(7);
        lone.hears(&bare(CommandId::SUBMIT_SM_RESP, CommandStatus(status), sequence));
        assert_eq!(
            lone.events(),
            [format!("Response 7: submit_sm_resp #{sequence} {:?}", CommandStatus(status))]
        );
    }
}

#[test]
fn quirk_95_a_3_3_transmitter_may_be_delivered_to() {
    let mut old = Lone::bound_by(Settings::new(Role::Esme), BindKind::Transmitter, Some(0x33));
    old.hears(&deliver(5));
    assert_eq!(old.events(), ["Request deliver_sm #5"]);

    let mut new = Lone::bound_by(Settings::new(Role::Esme), BindKind::Transmitter, Some(0x34));
    new.hears(&deliver(5));
    assert_eq!(new.said(), ["deliver_sm_resp #5 ESME_RINVBNDSTS"]);
    assert_eq!(new.session.state(), State::Bound(BindKind::Transmitter));
}
