//! Any octets on the customers' port end in the right status or a closed connection, and never in a neighbour's harm.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::pdu::Body;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Plan, Running, bind, encode, submit_sm};

/// A neighbour who must be served whatever else happens.
fn neighbour_is_served(gateway: &Running) {
    let mut neighbour = gateway.customer(BindKind::Transceiver);
    neighbour.request(submit_sm(b"447700900121", b"still here"));
    assert_eq!(neighbour.receive().status(), CommandStatus::ESME_ROK);
}

#[test]
fn other_protocols_and_insane_lengths_before_a_bind_are_closed_in_silence() {
    let gateway = Plan::new().start();
    let tls_client_hello: &[u8] = &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];
    let mut noise: Vec<Vec<u8>> =
        vec![b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), tls_client_hello.to_vec()];
    noise.extend((0u32..16).chain([1025, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]).map(|length| {
        let mut header = length.to_be_bytes().to_vec();
        header.extend([0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1]);
        header
    }));
    for octets in noise {
        let mut peer = gateway.connect();
        peer.send_octets(&octets);
        assert!(peer.receive_or_end().is_none(), "{octets:?}");
    }
    neighbour_is_served(&gateway);
}

#[test]
fn an_insane_length_on_a_bound_session_is_refused_and_closed() {
    let gateway = Plan::new().start();
    for length in [0u32, 15, 0x7FFF_FFFF, 0xFFFF_FFFF] {
        let mut peer = gateway.customer(BindKind::Transceiver);
        let mut header = length.to_be_bytes().to_vec();
        header.extend([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 7]);
        peer.send_octets(&header);
        let nack = peer.receive();
        assert_eq!(
            (nack.command(), nack.status()),
            (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDLEN)
        );
        peer.expect_end();
    }
    neighbour_is_served(&gateway);
}

#[test]
fn a_pdu_cut_at_every_octet_holds_nobody_up() {
    let gateway = Plan::new().start();
    let whole = encode(CommandStatus::ESME_ROK, 1, bind(BindKind::Transceiver, b"acme", b"secret"));
    for cut in 0..whole.len() {
        let mut peer = gateway.connect();
        peer.send_octets(&whole[..cut]);
        drop(peer);
    }
    let submit = encode(CommandStatus::ESME_ROK, 2, submit_sm(b"447700900121", b"hello"));
    let mut peer = gateway.customer(BindKind::Transceiver);
    for octet in submit.iter() {
        peer.send_octets(&[*octet]);
    }
    assert_eq!(peer.receive().status(), CommandStatus::ESME_ROK);
    neighbour_is_served(&gateway);
}

#[test]
fn hundreds_of_coalesced_pdus_are_all_answered() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let mut octets = Vec::new();
    for sequence in 1..=700u32 {
        let body = if sequence % 7 == 0 { Body::EnquireLink } else { submit_sm(b"447700900121", b"x") };
        octets.extend(encode(CommandStatus::ESME_ROK, sequence, body));
    }
    peer.send_octets(&octets);
    let mut seen: Vec<u32> = (0..700).map(|_| peer.receive().sequence()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=700).collect::<Vec<_>>());
}

#[test]
fn a_peer_that_never_binds_is_closed_by_the_session_init_timer() {
    let mut plan = Plan::new();
    plan.settings.customers.session_init = Duration::from_millis(100);
    let gateway = plan.start();
    let mut silent = gateway.connect();
    let mut asking = gateway.connect();
    asking.request(Body::EnquireLink);
    assert!(matches!(asking.receive().body(), Body::EnquireLinkResp));
    silent.expect_end();
    asking.expect_end();
}

#[test]
fn a_peer_that_binds_and_goes_silent_is_asked_and_then_closed() {
    let mut plan = Plan::new();
    plan.settings.customers.enquire_link = Duration::from_millis(50);
    plan.settings.customers.response = Duration::from_millis(50);
    let gateway = plan.start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    // Not answering is reading without `receive`, which would answer.
    let mut octets = [0; 64];
    let mut asked = 0;
    while let Ok(n @ 1..) = std::io::Read::read(peer.stream(), &mut octets) {
        asked += n;
    }
    assert!(asked >= 16, "it was asked before it was closed");
    neighbour_is_served(&gateway);
}

#[test]
fn promise_7_a_peer_that_never_reads_is_paused_and_holds_nobody_up() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    let burst: Vec<u8> = (1..=2000u32)
        .flat_map(|sequence| encode(CommandStatus::ESME_ROK, sequence, Body::EnquireLink).to_vec())
        .collect();
    peer.stream().set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut sent = 0usize;
    let paused = loop {
        match peer.stream().write(&burst) {
            Ok(n) => sent += n,
            Err(error) => break error,
        }
        assert!(sent < 200 << 20, "it took {sent} octets and never stopped reading");
    };
    assert!(matches!(paused.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{paused}");
    neighbour_is_served(&gateway);
}

#[test]
fn unknown_commands_are_refused_and_the_session_goes_on() {
    let gateway = Plan::new().start();
    let mut peer = gateway.customer(BindKind::Transceiver);
    for command in [0x0000_0111u32, 0x0000_0099, 0x7FFF_FFFF] {
        let mut octets = 20u32.to_be_bytes().to_vec();
        octets.extend(command.to_be_bytes());
        octets.extend([0, 0, 0, 0, 0, 0, 0, 42, 1, 2, 3, 4]);
        peer.send_octets(&octets);
        let nack = peer.receive();
        assert_eq!((nack.command(), nack.status()), (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID));
        assert_eq!(nack.sequence(), 42);
    }
    peer.request(submit_sm(b"447700900121", b"x"));
    assert_eq!(peer.receive().status(), CommandStatus::ESME_ROK);
}
