//! The life of a message, from a customer's submit_sm to the acknowledged receipt.

use std::time::Duration;

use telegraphy::log::memory::FailedSync;
use telegraphy::message::{Class, Refusal};
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::pdu::{BindResp, Body, DeliverSmResp, QuerySm, SubmitMulti};
use telegraphy::smpp::receipt::{Receipt, ReceiptTlvs};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tag;

use super::support::{Peer, Plan, Running, bind, encode, id_in, submit_sm};

fn acknowledge(customer: &mut Peer, sequence: u32) {
    customer.send(CommandStatus::ESME_ROK, sequence, Body::DeliverSmResp(DeliverSmResp::default()));
}

#[test]
fn a_submission_becomes_a_receipt_and_a_counted_success() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(submit_sm(b"447700900121", b"hello"));
    let id = id_in(&customer.receive());

    let submitted = carrier.take(b"c-1");
    let Body::SubmitSm(sm) = submitted.body() else { panic!() };
    assert_eq!(sm.destination.addr.as_bytes(), b"447700900121");
    assert_eq!(sm.short_message.as_bytes(), b"hello");
    carrier.report("c-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);

    let delivered = customer.receive();
    let Body::DeliverSm(sm) = delivered.body() else { panic!("{delivered:?}") };
    assert!(sm.esm_class.is_receipt());
    let receipt = Receipt::parse(sm.short_message.as_bytes(), ReceiptTlvs::default());
    assert_eq!(receipt.fields.id, Some(id.as_slice()));
    assert_eq!(receipt.fields.stat, Some(b"DELIVRD".as_slice()));
    assert_eq!(sm.tlvs.receipted_message_id(), Some(id.as_slice()));
    assert_eq!(sm.tlvs.integer(Tag::MESSAGE_STATE), Some(2));
    assert_eq!(sm.source.addr.as_bytes(), b"447700900121");
    assert_eq!(sm.destination.addr.as_bytes(), b"ACME");
    acknowledge(&mut customer, delivered.sequence());

    let report = gateway.report_when(|report| report.accounts[0].counts.told == 1);
    let counts = report.accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.of(Class::Delivered), counts.told), (1, 1, 1));
    assert_eq!(report.carriers[0].counts.accepted, 1);
    assert_eq!(counts.rate().basis_points(), Some(10_000));
}

#[test]
fn promise_3_a_receipt_before_its_response_is_matched_when_the_response_comes() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(submit_sm(b"447700900121", b"hello"));
    let id = id_in(&customer.receive());
    let submit = carrier.receive();
    carrier.report("c-9", "UNDELIV");
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    gateway.report_when(|report| report.parked == 1);
    let body = telegraphy::smpp::pdu::SubmitSmResp {
        message_id: telegraphy::smpp::field::COctets(b"c-9".as_slice()),
        ..Default::default()
    };
    carrier.send(CommandStatus::ESME_ROK, submit.sequence(), Body::SubmitSmResp(body));
    let delivered = customer.receive();
    let Body::DeliverSm(sm) = delivered.body() else { panic!("{delivered:?}") };
    let receipt = Receipt::parse(sm.short_message.as_bytes(), ReceiptTlvs::default());
    assert_eq!((receipt.fields.id, receipt.fields.stat), (Some(id.as_slice()), Some(b"UNDELIV".as_slice())));
    let counts = gateway.report().accounts[0].counts;
    assert_eq!(counts.ended.of(Class::ExplicitFailure), 1);
}

#[test]
fn wrong_ids_passwords_and_too_many_binds_are_told_apart_and_may_try_again() {
    let gateway = Plan::new().start();
    let mut peer = gateway.connect();
    peer.bind(BindKind::Transceiver, b"acme", b"wrong");
    assert_eq!(peer.receive().status(), CommandStatus::ESME_RINVPASWD);
    peer.bind(BindKind::Transceiver, b"nobody", b"secret");
    assert_eq!(peer.receive().status(), CommandStatus::ESME_RINVSYSID);
    peer.bind(BindKind::Receiver, b"acme", b"secret");
    assert_eq!(peer.receive().status(), CommandStatus::ESME_ROK);
    let _more: Vec<_> = (0..3).map(|_| gateway.customer(BindKind::Transmitter)).collect();
    let mut fifth = gateway.connect();
    fifth.bind(BindKind::Transmitter, b"acme", b"secret");
    assert_eq!(fifth.receive().status(), CommandStatus::ESME_RALYBND);
}

#[test]
fn quirk_87_a_client_that_crashed_is_bound_again_when_its_old_session_is_gone() {
    let mut plan = Plan::new();
    plan.settings.customers.accounts[0].binds_max = 1;
    plan.settings.customers.enquire_link = Duration::from_millis(300);
    plan.settings.customers.response = Duration::from_millis(300);
    let gateway = plan.start();
    // A half-open connection: it is there, and nobody answers enquire_link on it.
    let crashed = gateway.customer(BindKind::Transceiver);
    let mut again = gateway.connect();
    again.bind(BindKind::Transceiver, b"acme", b"secret");
    assert_eq!(again.receive().status(), CommandStatus::ESME_RALYBND);
    gateway.report_when(|report| report.accounts[0].receivers == 0);
    until_bound(&gateway);
    // The other kind of crash: its end is seen at once.
    drop(crashed);
    until_bound(&gateway);
}

/// Binds as a client does, which tries again when it is told that it is bound already; and goes without a word.
fn until_bound(gateway: &Running) {
    loop {
        let mut peer = gateway.connect();
        peer.bind(BindKind::Transceiver, b"acme", b"secret");
        match peer.receive().status() {
            CommandStatus::ESME_ROK => return,
            status => assert_eq!(status, CommandStatus::ESME_RALYBND),
        }
    }
}

#[test]
fn quirk_87_a_carrier_that_holds_our_old_session_is_asked_until_it_lets_it_go() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    customer.request(submit_sm(b"447700900121", b"waits"));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_ROK);
    for _ in 0..3 {
        let (mut carrier, sequence) = gateway.carrier_asked();
        let refused = Body::BindResp(BindKind::Transceiver, BindResp::default());
        carrier.send(CommandStatus::ESME_RALYBND, sequence, refused);
        carrier.expect_end();
    }
    gateway.carrier().take(b"c-1");
    let report = gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    assert_eq!((report.carriers[0].counts.submitted, report.carriers[0].queued), (1, 0));
}

#[test]
fn quirk_24_a_bind_and_submissions_in_one_segment_are_answered_in_order() {
    let gateway = Plan::new().start();
    let mut peer = gateway.connect();
    let mut octets =
        encode(CommandStatus::ESME_ROK, 1, bind(BindKind::Transceiver, b"acme", b"secret")).to_vec();
    for sequence in 2..50 {
        octets.extend(encode(CommandStatus::ESME_ROK, sequence, submit_sm(b"447700900121", b"x")));
    }
    peer.send_octets(&octets);
    assert_eq!((peer.receive().sequence(), peer.receive().sequence()), (1, 2));
    for sequence in 3..50 {
        let answer = peer.receive();
        assert_eq!((answer.sequence(), answer.status()), (sequence, CommandStatus::ESME_ROK));
    }
}

#[test]
fn promise_10_over_the_rate_is_throttled_and_within_the_burst_is_not() {
    let gateway = Plan::new().rate(1, 3).start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let mut statuses = Vec::new();
    for _ in 0..6 {
        customer.request(submit_sm(b"447700900121", b"x"));
        statuses.push(customer.receive().status());
    }
    assert_eq!(statuses[..3], [CommandStatus::ESME_ROK; 3]);
    assert!(statuses[3..].contains(&CommandStatus::ESME_RTHROTTLED), "{statuses:?}");
    let throttled =
        statuses.iter().filter(|status| **status == CommandStatus::ESME_RTHROTTLED).count() as u64;
    gateway.report_when(|report| report.accounts[0].counts.refused(Refusal::Throttled) == throttled);
}

#[test]
fn quirk_90_a_full_queue_is_answered_at_once_with_what_clients_retry_on() {
    let mut plan = Plan::new();
    plan.settings.flow.carriers[0].queue_max = 3;
    let gateway = plan.start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let mut submitted = |text: &[u8]| {
        customer.request(submit_sm(b"447700900121", text));
        customer.receive().status()
    };
    let statuses: Vec<_> = [b"1", b"2", b"3", b"4"].map(|text| submitted(text)).into();
    let full = CommandStatus::ESME_RMSGQFUL;
    assert_eq!(statuses, [CommandStatus::ESME_ROK, CommandStatus::ESME_ROK, CommandStatus::ESME_ROK, full]);
    assert!(full.is_backpressure());
    let mut carrier = gateway.carrier();
    for id in [b"c-1", b"c-2", b"c-3"] {
        carrier.take(id);
    }
    assert_eq!(submitted(b"4 again"), CommandStatus::ESME_ROK);
    carrier.take(b"c-4");
    let counts = gateway.report_when(|report| report.carriers[0].counts.accepted == 4).accounts[0].counts;
    assert_eq!((counts.accepted, counts.refused(Refusal::QueueFull)), (4, 1));
}

#[test]
fn requests_that_ask_for_nothing_are_answered_and_the_session_goes_on() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(Body::QuerySm(QuerySm::default()));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_RINVMSGID);
    customer.request(Body::SubmitMulti(SubmitMulti::default()));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_RINVNUMDESTS);
    customer.request(submit_sm(b"", b"x"));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_RINVDSTADR);
    customer.request(submit_sm(b"447700900121", b"x"));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_ROK);
}

#[test]
fn throttling_pauses_the_carrier_and_keeps_the_order() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for text in [b"1", b"2", b"3"] {
        customer.request(submit_sm(b"447700900121", text));
        customer.receive();
    }
    let text_of = |frame: &telegraphy::smpp::pdu::Frame| {
        let Body::SubmitSm(sm) = frame.body() else { panic!() };
        sm.short_message.as_bytes().to_vec()
    };
    for _ in 0..3 {
        let submit = carrier.receive();
        carrier.send(
            CommandStatus::ESME_RTHROTTLED,
            submit.sequence(),
            Body::SubmitSmResp(Default::default()),
        );
    }
    let again: Vec<_> = ["a", "b", "c"].iter().map(|id| text_of(&carrier.take(id.as_bytes()))).collect();
    assert_eq!(again, [b"1".to_vec(), b"2".to_vec(), b"3".to_vec()]);
    let report = gateway.report_when(|report| report.carriers[0].counts.accepted == 3);
    assert_eq!(report.carriers[0].counts.refused.get(&0x58), Some(&3));
}

#[test]
fn a_lost_bind_leaves_its_messages_in_doubt_and_they_are_not_sent_twice() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(submit_sm(b"447700900121", b"1"));
    customer.receive();
    carrier.receive();
    drop(carrier);
    let mut carrier = gateway.carrier();
    gateway.report_when(|report| report.carriers[0].counts.in_doubt == 1);
    customer.request(submit_sm(b"447700900121", b"2"));
    let submitted = carrier.take(b"x");
    let Body::SubmitSm(sm) = submitted.body() else { panic!() };
    assert_eq!(sm.short_message.as_bytes(), b"2");
}

#[test]
fn a_receipt_waits_for_a_customer_who_is_away_and_survives_a_restart() {
    let plan = Plan::new();
    let store = plan.store.clone();
    let settings = plan.settings.clone();
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transmitter);
    customer.request(submit_sm(b"447700900121", b"1"));
    let id = id_in(&customer.receive());
    carrier.take(b"c-1");
    carrier.report("c-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    drop((customer, carrier));
    gateway.drain();

    let plan = Plan { settings, store, ..Plan::new() };
    let gateway = plan.start();
    let mut customer = gateway.customer(BindKind::Receiver);
    let delivered = customer.receive();
    let Body::DeliverSm(sm) = delivered.body() else { panic!("{delivered:?}") };
    assert_eq!(sm.tlvs.receipted_message_id(), Some(id.as_slice()));
    acknowledge(&mut customer, delivered.sequence());
    gateway.report_when(|report| report.accounts[0].counts.told == 1);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the drain needs somebody at the other end")]
fn a_drain_answers_what_is_under_way_and_unbinds() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for _ in 0..20 {
        customer.request(submit_sm(b"447700900121", b"x"));
    }
    let accepted = (0..20).filter(|_| customer.receive().status().is_ok()).count();
    assert_eq!(accepted, 20);
    let draining = std::thread::spawn(move || gateway.drain());
    let unbind = customer.receive();
    assert!(matches!(unbind.body(), Body::Unbind));
    customer.send(CommandStatus::ESME_ROK, unbind.sequence(), Body::UnbindResp);
    customer.expect_end();
    draining.join().unwrap();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the drain needs somebody at the other end")]
fn promise_1_who_waits_for_a_failed_sync_is_answered_an_error_and_never_ok() {
    let plan = Plan::new();
    let store = plan.store.clone();
    let gateway = plan.start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    store.fail_a_sync(FailedSync::Lost);
    customer.request(submit_sm(b"447700900121", b"x"));
    gateway.fails();
    let draining = std::thread::spawn(move || gateway.drain_failed());
    let answer = customer.receive();
    assert_eq!((answer.command(), answer.status()), (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RSYSERR));
    let unbind = customer.receive();
    assert!(matches!(unbind.body(), Body::Unbind));
    customer.send(CommandStatus::ESME_ROK, unbind.sequence(), Body::UnbindResp);
    customer.expect_end();
    draining.join().unwrap();
}
