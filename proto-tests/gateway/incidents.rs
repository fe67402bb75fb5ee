//! What has gone wrong in other gateways, each as a test named after it: the incidents with messages and receipts that
//! their issue threads are full of. It is long because each has its own script of carrier and customer.

use std::time::Duration;

use bytes::BytesMut;
use telegraphy::flow::InboundRoute;
use telegraphy::log::memory::FailedSync;
use telegraphy::matching::{IdForms, ParkingSettings};
use telegraphy::message::Class;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::{Address, COctets};
use telegraphy::smpp::pdu::{Body, DeliverSm, Frame, SubmitSm, SubmitSmResp};
use telegraphy::smpp::receipt::{Receipt, ReceiptTlvs};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::{EsmClass, Npi, Ton};

use super::requests::asked;
use super::support::{Peer, Plan, accept_bind, id_in, submit_sm};
use crate::cli::telegraphy;

const OK: CommandStatus = CommandStatus::ESME_ROK;
const NUMBER: &[u8] = b"447700900121";
/// A number that the second carrier of a plan takes.
const SOUTHERN: &[u8] = b"33612345678";

/// Our id of a message that was accepted.
#[track_caller]
fn submits(customer: &mut Peer, to: &[u8], text: &[u8]) -> Vec<u8> {
    let answer = asked(customer, submit_sm(to, text));
    assert_eq!(answer.status(), OK);
    id_in(&answer)
}

/// Submits all before it reads an answer; our ids of them.
fn submits_all(customer: &mut Peer, texts: impl Iterator<Item = String>) -> Vec<Vec<u8>> {
    let sent = texts.map(|text| customer.request(submit_sm(NUMBER, text.as_bytes()))).count();
    (0..sent).map(|_| id_in(&customer.receive())).collect()
}

#[track_caller]
fn text_of(submitted: &Frame) -> String {
    let Body::SubmitSm(body) = submitted.body() else { panic!("not a submit_sm: {submitted:?}") };
    String::from_utf8(body.short_message.as_bytes().to_vec()).unwrap()
}

fn refuses(carrier: &mut Peer, submitted: &Frame, status: CommandStatus) {
    carrier.send(status, submitted.sequence(), Body::SubmitSmResp(SubmitSmResp::default()));
}

/// The carrier reports, and is told that we have it.
#[track_caller]
fn reports(carrier: &mut Peer, id: &str, stat: &str) {
    carrier.report(id, stat);
    assert_eq!(carrier.receive().status(), OK);
}

/// The id and the word of a receipt.
#[track_caller]
fn said(delivered: &Frame) -> (Vec<u8>, String) {
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    assert!(body.esm_class.is_receipt());
    let fields = Receipt::parse(body.short_message.as_bytes(), ReceiptTlvs::default()).fields;
    (fields.id.unwrap().to_vec(), String::from_utf8(fields.stat.unwrap().to_vec()).unwrap())
}

/// The customer's next receipt, acknowledged.
#[track_caller]
fn receipt(customer: &mut Peer) -> (Vec<u8>, String) {
    let delivered = customer.receive();
    customer.acknowledge(&delivered);
    said(&delivered)
}

fn told(id: &[u8], stat: &str) -> (Vec<u8>, String) {
    (id.to_vec(), stat.to_owned())
}

#[test]
fn incident_receipts_before_their_responses() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours = submits_all(&mut customer, (0..40).map(|n| n.to_string()));
    let submitted: Vec<_> = (0..40).map(|_| carrier.receive()).collect();
    for n in (0..40).rev() {
        reports(&mut carrier, &format!("c-{n}"), "DELIVRD");
    }
    gateway.report_when(|report| report.parked == 40);
    for (n, submit) in submitted.iter().enumerate() {
        carrier.answer_submission(submit, format!("c-{n}").as_bytes());
        assert_eq!(receipt(&mut customer), told(&ours[n], "DELIVRD"));
    }
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 40);
    let ended = report.accounts[0].counts.ended;
    assert_eq!((report.parked, report.open, ended.of(Class::Delivered), ended.total()), (0, 0, 40, 40));
}

#[test]
fn incident_ids_in_another_form_in_the_receipt() {
    const UUID: &str = "F47AC10B-58CC-4372-A567-0E02B2C3D479";
    const BARE_UUID: &str = "f47ac10b58cc4372a5670e02b2c3d479";
    for (response_form, receipt_form, response, receipt_id, is_found) in [
        ("hex", "decimal", "1A2b3C", "1715004", true),
        ("decimal", "hex", "1715004", "001a2B3c", true),
        ("hex", "decimal", "FFFFFFFFFFFFFFFFFF", "4722366482869645213695", true),
        ("opaque+fold", "opaque+fold", "aB-c", "Ab-C", true),
        ("opaque+no-zeros", "opaque+no-zeros", "0000x7", "x7", true),
        ("decimal", "decimal", "0000004711", "4711", true),
        ("opaque+fold+no-hyphens", "opaque+fold+no-hyphens", UUID, BARE_UUID, true),
        // What is not said not to count does.
        ("opaque", "opaque", "1A2B3C", "1715004", false),
        ("opaque", "opaque", "aB-c", "Ab-C", false),
        ("opaque", "opaque", "0000004711", "4711", false),
        ("opaque+fold", "opaque+fold", UUID, BARE_UUID, false),
    ] {
        let mut plan = Plan::new();
        plan.settings.flow.carriers[0].ids =
            IdForms { response: response_form.parse().unwrap(), receipt: receipt_form.parse().unwrap() };
        let gateway = plan.start();
        let mut carrier = gateway.carrier();
        let mut customer = gateway.customer(BindKind::Transceiver);
        let ours = submits(&mut customer, NUMBER, b"x");
        carrier.take(response.as_bytes());
        gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
        reports(&mut carrier, receipt_id, "UNDELIV");
        if is_found {
            assert_eq!(receipt(&mut customer), told(&ours, "UNDELIV"), "{response} and {receipt_id}");
        } else {
            let report = gateway.report_when(|report| report.parked == 1);
            assert_eq!(report.open, 1, "{response} and {receipt_id}");
        }
    }
}

#[test]
fn incident_receipts_of_a_long_message_have_the_ids_of_its_parts() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours: Vec<_> = (1..=3)
        .map(|number| {
            let mut parameters = BytesMut::new();
            for (tag, value) in [
                (Tag::SAR_MSG_REF_NUM, &[1, 200][..]),
                (Tag::SAR_TOTAL_SEGMENTS, &[3]),
                (Tag::SAR_SEGMENT_SEQNUM, &[number]),
            ] {
                assert!(tlv::put(&mut parameters, tag, value));
            }
            let Body::SubmitSm(plain) = submit_sm(NUMBER, b"part") else { unreachable!() };
            let part = SubmitSm { tlvs: Tlvs::new(&parameters), ..plain };
            id_in(&asked(&mut customer, Body::SubmitSm(part)))
        })
        .collect();
    let submitted: Vec<_> = (0..3).map(|_| carrier.receive()).collect();
    // One overtakes its response, one comes in between, one comes after all.
    reports(&mut carrier, "c-3", "DELIVRD");
    carrier.answer_submission(&submitted[0], b"c-1");
    reports(&mut carrier, "c-1", "DELIVRD");
    assert_eq!(receipt(&mut customer), told(&ours[0], "DELIVRD"));
    carrier.answer_submission(&submitted[2], b"c-3");
    assert_eq!(receipt(&mut customer), told(&ours[2], "DELIVRD"));
    carrier.answer_submission(&submitted[1], b"c-2");
    reports(&mut carrier, "c-2", "UNDELIV");
    assert_eq!(receipt(&mut customer), told(&ours[1], "UNDELIV"));
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 3);
    let ended = report.accounts[0].counts.ended;
    assert_eq!((report.parked, ended.of(Class::ExplicitFailure), ended.total()), (0, 1, 1));
}

#[test]
fn incident_no_submit_sm_resp_is_not_retried_for_codes_and_once_marked_where_that_is_allowed() {
    let mut plan = Plan::new().shop();
    plan.settings.carriers[0].response = Duration::from_millis(500);
    for account in &mut plan.settings.flow.accounts {
        account.doubt.settle_after = Duration::from_millis(300);
    }
    plan.settings.flow.accounts[1].doubt.resend_after = Some(Duration::from_millis(100));
    let folder = tempfile::tempdir().unwrap();
    let gateway = plan.start_in(folder.path());
    let mut carrier = gateway.carrier();
    let mut codes = gateway.bound(BindKind::Transceiver, b"acme");
    let mut news = gateway.bound(BindKind::Transceiver, b"shop");
    let code = submits(&mut codes, NUMBER, b"code 123");
    let offer = submits(&mut news, NUMBER, b"offer");
    let sent: Vec<_> = (0..3).map(|_| text_of(&carrier.receive())).collect();
    assert_eq!(sent, ["code 123", "offer", "offer"]);
    assert_eq!(receipt(&mut codes), told(&code, "UNKNOWN"));
    assert_eq!(receipt(&mut news), told(&offer, "UNKNOWN"));
    submits(&mut codes, NUMBER, b"end");
    assert_eq!(text_of(&carrier.take(b"c-1")), "end", "and nothing a third time");

    let report = gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    let counts = &report.carriers[0].counts;
    assert_eq!((counts.submitted, counts.copied, counts.ended.of(Class::Pending)), (4, 1, 2));
    let log = folder.path().join("log");
    for (id, is_copied) in [(code, false), (offer, true)] {
        let id = String::from_utf8(id).unwrap();
        let (_, life, _) = telegraphy(&["trace", "--log", log.to_str().unwrap(), &id]);
        assert_eq!(life.matches("handed over to north").count(), 1 + usize::from(is_copied), "{life}");
        assert_eq!(life.matches("is a copy").count(), usize::from(is_copied), "{life}");
    }
}

#[test]
fn incident_a_submit_sm_resp_or_a_receipt_after_the_time_out_settles_what_was_in_doubt() {
    let mut plan = Plan::new();
    plan.settings.carriers[0].response = Duration::from_millis(500);
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours = [&b"1"[..], b"2"].map(|text| submits(&mut customer, NUMBER, text));
    let submitted = [carrier.receive(), carrier.receive()];
    gateway.report_when(|report| report.carriers[0].counts.in_doubt == 2);
    reports(&mut carrier, "c-2", "UNDELIV");
    carrier.answer_submission(&submitted[1], b"c-2");
    assert_eq!(receipt(&mut customer), told(&ours[1], "UNDELIV"));
    carrier.answer_submission(&submitted[0], b"c-1");
    reports(&mut carrier, "c-1", "DELIVRD");
    assert_eq!(receipt(&mut customer), told(&ours[0], "DELIVRD"));
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 2);
    let counts = &report.carriers[0].counts;
    assert_eq!((counts.submitted, counts.in_doubt, counts.copied, report.open), (2, 0, 0, 0));
}

#[test]
fn incident_receipts_for_a_client_that_had_unbound_come_when_it_binds_again_also_after_a_restart() {
    let plan = Plan::new();
    let (store, settings) = (plan.store.clone(), plan.settings.clone());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours = submits_all(&mut customer, (0..6).map(|n| n.to_string()));
    asked(&mut customer, Body::Unbind);
    drop(customer);
    for n in 0..6 {
        carrier.take(format!("c-{n}").as_bytes());
    }
    for n in 0..6 {
        reports(&mut carrier, &format!("c-{n}"), "DELIVRD");
    }
    gateway.report_when(|report| report.accounts[0].owed == 6);

    let mut hasty = gateway.customer(BindKind::Receiver);
    assert_eq!(receipt(&mut hasty), told(&ours[0], "DELIVRD"));
    gateway.report_when(|report| report.accounts[0].counts.told == 1);
    assert_eq!(said(&hasty.receive()), told(&ours[1], "DELIVRD"), "seen, and not acknowledged");
    drop((hasty, carrier));
    gateway.report_when(|report| report.accounts[0].receipts_waiting == 5);
    gateway.drain();

    let gateway = Plan::again(settings, store).start();
    let mut customer = gateway.customer(BindKind::Receiver);
    for id in &ours[1..] {
        assert_eq!(receipt(&mut customer), told(id, "DELIVRD"));
    }
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 6);
    assert_eq!((report.accounts[0].owed, report.accounts[0].counts.untold), (0, 0));
}

#[test]
fn incident_a_receipt_flood_for_one_slow_client_delays_no_other() {
    const FLOOD: usize = 500;
    let gateway = Plan::new().shop().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.bound(BindKind::Transmitter, b"acme");
    let mut slow = gateway.bound(BindKind::Receiver, b"acme");
    let mut other = gateway.bound(BindKind::Transceiver, b"shop");
    let ours = submits_all(&mut customer, (0..FLOOD).map(|n| n.to_string()));
    for n in 0..FLOOD {
        carrier.take(n.to_string().as_bytes());
    }
    gateway.report_when(|report| report.carriers[0].counts.accepted == FLOOD as u64);
    for n in 0..FLOOD {
        carrier.report(&n.to_string(), "DELIVRD");
    }
    for _ in 0..FLOOD {
        assert_eq!(carrier.receive().status(), OK);
    }
    assert_eq!(said(&slow.receive()), told(&ours[0], "DELIVRD"), "and the client thinks about it");
    for n in 0..5 {
        let theirs = format!("shop-{n}");
        let id = submits(&mut other, NUMBER, b"x");
        carrier.take(theirs.as_bytes());
        reports(&mut carrier, &theirs, "DELIVRD");
        assert_eq!(receipt(&mut other), told(&id, "DELIVRD"));
    }
    let report = gateway.report_when(|report| report.accounts[1].counts.told == 5);
    let acme = &report.accounts[0];
    assert_eq!((acme.owed, acme.counts.told, acme.receipts_waiting >= FLOOD - 10), (FLOOD, 0, true));
    drop(slow);
    gateway.report_when(|report| report.accounts[0].receivers == 0);
    let mut quick = gateway.bound(BindKind::Receiver, b"acme");
    for id in &ours {
        assert_eq!(receipt(&mut quick), told(id, "DELIVRD"));
    }
    gateway.report_when(|report| report.accounts[0].owed == 0);
}

#[test]
fn incident_a_restart_under_load_resends_nothing_that_was_handed_over() {
    let mut plan = Plan::new();
    plan.settings.carriers[0].window = 30;
    let (store, settings) = (plan.store.clone(), plan.settings.clone());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transmitter);
    submits_all(&mut customer, (0..60).map(|n| n.to_string()));
    for n in 0..10 {
        assert_eq!(text_of(&carrier.take(n.to_string().as_bytes())), n.to_string());
    }
    // What reaches the carrier is written down, and so is what made room for it.
    for n in 10..40 {
        assert_eq!(text_of(&carrier.receive()), n.to_string());
    }
    // It dies with a window outstanding: from here on nothing is written down any more.
    store.fail_a_sync(FailedSync::Lost);
    customer.request(submit_sm(NUMBER, b"never accepted"));
    gateway.fails();
    drop((customer, carrier));
    gateway.drain_failed();

    let gateway = Plan::again(settings, store).start();
    let report = gateway.report();
    assert_eq!((report.carriers[0].counts.in_doubt, report.carriers[0].queued), (30, 20));
    for _ in 0..3 {
        // A carrier that is not there yet is no reason to move or to count anything.
        drop(gateway.carrier_asked());
    }
    let mut carrier = gateway.carrier();
    for n in 40..60 {
        assert_eq!(text_of(&carrier.take(n.to_string().as_bytes())), n.to_string(), "in order, and once");
    }
    let mut customer = gateway.customer(BindKind::Transmitter);
    submits(&mut customer, NUMBER, b"end");
    assert_eq!(text_of(&carrier.take(b"end")), "end");
    let report = gateway.report_when(|report| report.carriers[0].counts.accepted == 31);
    let counts = &report.carriers[0].counts;
    assert_eq!((counts.submitted, counts.in_doubt, counts.copied), (61, 30, 0));
}

#[test]
fn incident_a_receipt_of_the_wrong_esm_class_is_not_taken_for_a_message_from_a_handset() {
    let mut plan = Plan::new();
    let (number, account) = ("10690".to_owned(), "acme".to_owned());
    plan.settings.flow.inbound = vec![InboundRoute { number, keyword: None, account }];
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let text =
        b"id:c-1 sub:001 dlvrd:001 submit date:2501010000 done date:2501010001 stat:DELIVRD err:000 text:";
    let delivered = |esm_class, text, tlvs| {
        Body::DeliverSm(DeliverSm {
            source: address(NUMBER),
            destination: address(b"10690"),
            esm_class: EsmClass(esm_class),
            short_message: <&[u8]>::into(text),
            tlvs: Tlvs::new(tlvs),
            ..DeliverSm::default()
        })
    };
    let mut parameters = BytesMut::new();
    assert!(tlv::put(&mut parameters, Tag::RECEIPTED_MESSAGE_ID, b"c-1\0"));
    assert!(tlv::put(&mut parameters, Tag::MESSAGE_STATE, &[2]));
    let wrong: [(u8, &[u8], &[u8]); 6] = [
        (0x00, b"", &parameters),
        (0x00, b"Your message has arrived", &parameters),
        (0x00, text, b""),
        (0x40, text, b""),
        (0x44, text, b""),
        (0x08, text, &parameters),
    ];
    for (n, (esm_class, text, tlvs)) in (1..).zip(wrong) {
        let ours = submits(&mut customer, NUMBER, b"x");
        carrier.take(b"c-1");
        gateway.report_when(|report| report.carriers[0].counts.accepted == n);
        carrier.request(delivered(esm_class, text, tlvs));
        assert_eq!(carrier.receive().status(), OK);
        assert_eq!(receipt(&mut customer), told(&ours, "DELIVRD"), "{esm_class:#x}");
    }
    assert_eq!(gateway.report_when(|report| report.open == 0).accounts[0].counts.received, 0);
    carrier.request(delivered(0, b"id:c-1 stat:DELIVRD?", b""));
    assert_eq!(carrier.receive().status(), OK);
    let from_handset = customer.receive();
    let Body::DeliverSm(body) = from_handset.body() else { panic!("{from_handset:?}") };
    assert!(!body.esm_class.is_receipt(), "a person may write about receipts");
    customer.acknowledge(&from_handset);
    gateway.report_when(|report| report.accounts[0].counts.taken == 1);
}

fn address<const MAX: usize>(digits: &[u8]) -> Address<&[u8], MAX> {
    Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(digits) }
}

#[test]
fn incident_a_throttled_carrier_at_the_head_of_the_queue_blocks_nothing_that_can_go_elsewhere() {
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL] {
        let mut plan = Plan::new();
        let south = plan.south("33");
        plan.settings.flow.routes[0].1.push("south".to_owned());
        plan.settings.flow.carriers[0].throttle_pause = Duration::from_secs(30);
        let gateway = plan.start();
        let (mut north, mut south) = (gateway.carrier(), accept_bind(&south));
        let mut customer = gateway.customer(BindKind::Transmitter);
        gateway.report_when(|report| report.carriers.iter().all(|carrier| carrier.links == 1));
        submits_all(&mut customer, (0..20).map(|n| n.to_string()));
        let submitted: Vec<_> = (0..20).map(|_| north.receive()).collect();
        for submit in &submitted {
            refuses(&mut north, submit, status);
        }
        let elsewhere: Vec<_> = (0..20).map(|_| text_of(&south.take(b"s-1"))).collect();
        assert_eq!(elsewhere, (0..20).map(|n| n.to_string()).collect::<Vec<_>>(), "{status}: in order");
        submits(&mut customer, NUMBER, b"new");
        assert_eq!(text_of(&south.take(b"s-2")), "new");
        let report = gateway.report_when(|report| report.carriers[1].counts.accepted == 21);
        assert_eq!((report.carriers[0].queued, report.carriers[0].counts.in_doubt), (0, 0));
    }
}

#[test]
fn incident_a_throttled_carrier_without_another_keeps_its_own_in_order_and_no_others() {
    let mut plan = Plan::new();
    let south = plan.south("33");
    let gateway = plan.start();
    let (mut north, mut south) = (gateway.carrier(), accept_bind(&south));
    let mut customer = gateway.customer(BindKind::Transmitter);
    submits_all(&mut customer, (0..5).map(|n| n.to_string()));
    for round in 0..3 {
        let submitted: Vec<_> = (0..5).map(|_| north.receive()).collect();
        for (n, submit) in submitted.iter().enumerate() {
            assert_eq!(text_of(submit), n.to_string(), "round {round}");
            refuses(&mut north, submit, CommandStatus::ESME_RTHROTTLED);
        }
        submits(&mut customer, SOUTHERN, b"others");
        assert_eq!(text_of(&south.take(b"s-1")), "others");
    }
    for n in 0..5 {
        assert_eq!(text_of(&north.take(b"n-1")), n.to_string());
    }
    let report = gateway.report_when(|report| report.carriers[0].counts.accepted == 5);
    assert_eq!((report.carriers[0].queued, report.carriers[0].counts.in_doubt), (0, 0));
}

#[test]
fn incident_missing_parts_of_a_long_message_end_it_with_failed_receipts_and_hold_up_nobody() {
    let mut plan = Plan::new();
    plan.settings.flow.accounts[0].long.wait = Duration::from_millis(500);
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let mut part = |number: u8| {
        let octets = [6, 8, 4, 0x12, 0x34, 3, number, b'x'];
        let Body::SubmitSm(plain) = submit_sm(NUMBER, &octets) else { unreachable!() };
        let part = SubmitSm { esm_class: EsmClass::UDHI, ..plain };
        id_in(&asked(&mut customer, Body::SubmitSm(part)))
    };
    let came = [part(3), part(1)];
    submits(&mut customer, NUMBER, b"whole");
    assert_eq!(text_of(&carrier.take(b"c-1")), "whole");
    let mut failed = [receipt(&mut customer), receipt(&mut customer)];
    failed.sort_unstable();
    let mut expected = came.map(|id| told(&id, "UNDELIV"));
    expected.sort_unstable();
    assert_eq!(failed, expected);
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 2);
    let counts = report.accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.total(), report.carriers[0].counts.submitted), (2, 1, 1));
}

#[test]
fn incident_a_silent_client_is_unbound_and_neither_loses_its_receipts_nor_delays_another() {
    let mut plan = Plan::new().shop();
    plan.settings.customers.enquire_link = Duration::from_millis(500);
    plan.settings.customers.response = Duration::from_millis(500);
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut silent = gateway.bound(BindKind::Transceiver, b"acme");
    let ours = submits(&mut silent, NUMBER, b"x");
    carrier.take(b"c-1");
    reports(&mut carrier, "c-1", "DELIVRD");
    let mut other = gateway.bound(BindKind::Transceiver, b"shop");
    let id = submits(&mut other, NUMBER, b"x");
    carrier.take(b"c-2");
    reports(&mut carrier, "c-2", "DELIVRD");
    assert_eq!(receipt(&mut other), told(&id, "DELIVRD"));
    // It reads nothing and answers nothing, and never closes.
    drop(other);
    let report = gateway.report_when(|report| report.accounts[0].receivers == 0);
    assert_eq!((report.accounts[0].owed, report.accounts[0].counts.untold), (1, 0));
    let mut again = gateway.bound(BindKind::Receiver, b"acme");
    assert_eq!(receipt(&mut again), told(&ours, "DELIVRD"));
    gateway.report_when(|report| report.accounts[0].counts.told == 1);
    drop((silent, again));
}

#[test]
fn incident_a_receipt_that_never_comes_ends_in_a_counted_unknown_and_not_in_silence() {
    let mut plan = Plan::new();
    plan.settings.flow.accounts[0].times.receipt_wait = Duration::from_millis(100);
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours = submits(&mut customer, NUMBER, b"x");
    carrier.take(b"c-1");
    assert_eq!(receipt(&mut customer), told(&ours, "UNKNOWN"));
    // It comes all the same, twice: it corrects the count, once, and the customer, who was told, hears nothing more.
    reports(&mut carrier, "c-1", "DELIVRD");
    reports(&mut carrier, "c-1", "DELIVRD");
    let report = gateway
        .report_when(|report| report.carriers[0].counts.repeated == 1 && report.accounts[0].counts.told == 1);
    let counts = report.accounts[0].counts;
    assert_eq!((counts.ended.of(Class::Pending), counts.ended.total(), report.open), (1, 1, 0));
    assert_eq!((counts.corrected.of(Class::Delivered), counts.corrected.total()), (1, 1));
}

#[test]
fn incident_a_word_that_a_carrier_has_newly_invented_is_counted_apart_and_ends_nothing() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours = submits(&mut customer, NUMBER, b"x");
    carrier.take(b"c-1");
    gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    reports(&mut carrier, "c-1", "MK:0013");
    let report = gateway.report_when(|report| report.carriers[0].counts.unknown == 1);
    assert_eq!((report.open, report.accounts[0].counts.ended.total(), report.parked), (1, 0, 0));
    reports(&mut carrier, "c-1", "DELIVRD");
    assert_eq!(receipt(&mut customer), told(&ours, "DELIVRD"));
    let counts = gateway.report_when(|report| report.open == 0).accounts[0].counts;
    assert_eq!((counts.unknown, counts.ended.total()), (1, 1));
}

#[test]
fn incident_a_fake_receipt_and_one_of_another_carriers_id_are_about_nobodys_message() {
    let mut plan = Plan::new();
    plan.settings.flow.parking = ParkingSettings { wait: Duration::from_millis(100), ..Default::default() };
    let south = plan.south("33");
    let gateway = plan.start();
    let (mut north, mut south) = (gateway.carrier(), accept_bind(&south));
    let mut customer = gateway.customer(BindKind::Transceiver);
    let ours = submits(&mut customer, NUMBER, b"x");
    north.take(b"c-1");
    gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    reports(&mut north, "c-2", "DELIVRD");
    reports(&mut south, "c-1", "DELIVRD");
    let foreign = |carrier: usize| gateway.report().carriers[carrier].counts.foreign;
    gateway.report_when(|report| report.parked == 0);
    assert_eq!((foreign(0), foreign(1), gateway.report().open), (1, 1, 1));
    reports(&mut north, "c-1", "UNDELIV");
    assert_eq!(receipt(&mut customer), told(&ours, "UNDELIV"));
}
