//! Peers that mean no good, or do not know better: nothing they send or leave out may panic, grow or hang a session.

use bytes::BytesMut;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::frame::UNBOUND_PDU_LEN_MAX;
use telegraphy::smpp::session::{Role, Settings, State};

use super::bed::*;

const ROLES: [Role; 2] = [Role::Esme, Role::Smsc];

fn bound(role: Role) -> Lone {
    Lone::bound(Settings::new(role), BindKind::Transceiver)
}

#[test]
fn scanners_of_other_protocols_are_left_without_a_word() {
    let tls = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];
    for scan in
        [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &tls, b"SSH-2.0-OpenSSH_9.6\r\n", b"\r\n\r\n", &[0xFF; 4]]
    {
        for role in ROLES {
            let mut lone = Lone::new(Settings::new(role));
            lone.hears(scan);
            assert_eq!(lone.said(), [""; 0]);
            assert!(lone.events()[0].starts_with("Closed BadCommandLength"));
        }
    }
}

#[test]
fn an_unbound_peer_gets_no_more_than_a_kilobyte_of_memory() {
    let mut lone = Lone::new(Settings::new(Role::Smsc));
    let mut almost = (UNBOUND_PDU_LEN_MAX as u32).to_be_bytes().to_vec();
    almost.resize(UNBOUND_PDU_LEN_MAX - 1, 0);
    lone.hears(&almost);
    assert_eq!((lone.session.state(), lone.stream.len()), (State::Open, UNBOUND_PDU_LEN_MAX - 1));
    // A whole PDU over the cap is as bad as the promise of one.
    let mut lone = Lone::new(Settings::new(Role::Smsc));
    lone.hears(&raw(CommandId::BIND_TRANSCEIVER, OK, 1, &[0; UNBOUND_PDU_LEN_MAX]));
    assert_eq!(lone.session.state(), State::Closed);
    assert_eq!((lone.said().len(), lone.stream.len()), (0, 0));
}

#[test]
fn every_pdu_cut_at_every_octet_means_the_same() {
    let commands = [
        CommandId::BIND_TRANSCEIVER,
        CommandId::OUTBIND,
        CommandId::UNBIND,
        CommandId::ENQUIRE_LINK,
        CommandId::SUBMIT_SM,
        CommandId::SUBMIT_MULTI,
        CommandId::DELIVER_SM,
        CommandId::DATA_SM,
        CommandId::QUERY_SM,
        CommandId::CANCEL_SM,
        CommandId::REPLACE_SM,
        CommandId::ALERT_NOTIFICATION,
        CommandId::GENERIC_NACK,
        CommandId::SUBMIT_SM_RESP,
        CommandId(0x999),
    ];
    for role in ROLES {
        for command in commands {
            let pdu = any(command, 5);
            let whole = {
                let mut lone = bound(role);
                lone.hears(&pdu);
                (lone.events(), lone.said())
            };
            for cut in 0..=pdu.len() {
                let mut lone = bound(role);
                lone.hears(&pdu[..cut]);
                if cut < pdu.len() {
                    assert_eq!((lone.events().len(), lone.said().len()), (0, 0), "{command} cut at {cut}");
                }
                lone.hears(&pdu[cut..]);
                assert_eq!((lone.events(), lone.said()), whole, "{command} cut at {cut}");
            }
        }
    }
}

#[test]
fn octet_by_octet_or_hundreds_at_once_is_the_same() {
    let pdus: Vec<u8> = (1..=300)
        .flat_map(|n| match n % 5 {
            0 => any(CommandId::ENQUIRE_LINK, n),
            1 => raw(CommandId::SUBMIT_SM, OK, n, b"short"),
            2 => any(CommandId(0x999), n),
            _ => submit(n),
        })
        .collect();
    let settings = || Settings { window_in: 1_000, ..Settings::new(Role::Smsc) };
    let mut at_once = Lone::bound(settings(), BindKind::Transceiver);
    at_once.hears(&pdus);
    let mut dripping = Lone::bound(settings(), BindKind::Transceiver);
    let mut events = Vec::new();
    for octet in pdus {
        dripping.hears(&[octet]);
        events.extend(dripping.events());
    }
    assert_eq!(at_once.events(), events);
    assert_eq!(events.len(), 120);
    let (mut left, mut right) = (at_once.said(), dripping.said());
    left.sort();
    right.sort();
    assert_eq!(left, right);
    assert_eq!(left.len(), 180);
}

#[test]
fn a_bind_cut_anywhere_before_a_submit_is_a_bind_and_a_submit() {
    let both = [bind(BindKind::Transmitter, 0x34, 1), submit(2)].concat();
    for cut in 0..both.len() {
        let mut lone = Lone::new(Settings::new(Role::Smsc));
        lone.hears(&both[..cut]);
        lone.events();
        lone.hears(&both[cut..]);
        lone.events();
        lone.session.accept_bind(lone.now, b"telegraphy").unwrap();
        assert_eq!(lone.events(), ["Request submit_sm #2"], "cut at {cut}");
    }
}

#[test]
fn a_peer_that_binds_and_goes_silent_is_let_go() {
    for role in ROLES {
        let mut lone = bound(role);
        lone.waits(secs(60));
        assert_eq!(lone.events(), ["Closed LinkDead"]);
    }
}

#[test]
fn half_a_pdu_is_no_sign_of_life() {
    let mut lone = bound(Role::Smsc);
    let submit = submit(1);
    for octet in &submit[..submit.len() - 1] {
        lone.hears(&[*octet]);
        lone.waits(secs(1));
        if lone.session.is_closed() {
            break;
        }
    }
    lone.waits(secs(60));
    assert_eq!(lone.events(), ["Closed LinkDead"]);
}

#[test]
fn an_unbound_flood_is_answered_octet_for_octet_and_no_more() {
    let mut lone = Lone::new(Settings::new(Role::Smsc));
    let flood: Vec<u8> = (0..1_000).flat_map(|n| any(CommandId(0x999), n)).collect();
    while lone.session.wants_input() {
        lone.hears(&flood);
        assert_eq!(lone.events(), [""; 0]);
    }
    assert!(lone.session.transmit().len() <= Settings::new(Role::Smsc).transmit_max + flood.len());
    lone.waits(secs(10));
    assert_eq!(lone.events(), ["Closed NeverBound"]);
}

#[test]
fn a_small_request_does_not_keep_a_large_read_alive() {
    let mut lone = Lone::bound(Settings { window_in: 1, ..Settings::new(Role::Smsc) }, BindKind::Transceiver);
    lone.hears(&submit(1));
    lone.events();
    let mut stream = BytesMut::with_capacity(64 * 1024);
    for n in 0..1_000 {
        stream.extend_from_slice(&any(CommandId::ENQUIRE_LINK, n));
    }
    stream.extend_from_slice(&submit(2));
    lone.session.handle_input(lone.now, &mut stream);
    assert_eq!(lone.events(), [""; 0]);
    assert_eq!(lone.said().len(), 1_000);
    assert!(stream.try_reclaim(60 * 1024), "nobody holds the read buffer any more");
}
