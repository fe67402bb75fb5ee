//! A long message in parts: together and in order to the carrier, and one outcome (promise 9).

use std::time::Duration;

use bytes::BytesMut;
use telegraphy::message::Class;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::pdu::{Body, Frame, SubmitSm};
use telegraphy::smpp::receipt::{Receipt, ReceiptTlvs};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::EsmClass;

use super::requests::asked;
use super::support::{Peer, Plan, id_in, submit_sm};

const NUMBER: &[u8] = b"447700900121";

fn plain(text: &[u8]) -> SubmitSm<&[u8]> {
    let Body::SubmitSm(body) = submit_sm(NUMBER, text) else { unreachable!() };
    body
}

/// Submits a part whose header says so; our id of it.
#[track_caller]
fn submits(customer: &mut Peer, reference: u8, total: u8, number: u8) -> Vec<u8> {
    let octets = [5, 0, 3, reference, total, number, b'a' + number];
    let body = SubmitSm { esm_class: EsmClass::UDHI, ..plain(&octets) };
    let answer = asked(customer, Body::SubmitSm(body));
    assert_eq!(answer.status(), CommandStatus::ESME_ROK);
    id_in(&answer)
}

/// Submits a part whose parameters say so.
#[track_caller]
fn submits_sar(customer: &mut Peer, reference: u8, total: u8, number: u8) -> Vec<u8> {
    let mut parameters = BytesMut::new();
    for (tag, value) in [
        (Tag::SAR_MSG_REF_NUM, &[0, reference][..]),
        (Tag::SAR_TOTAL_SEGMENTS, &[total]),
        (Tag::SAR_SEGMENT_SEQNUM, &[number]),
    ] {
        assert!(tlv::put(&mut parameters, tag, value));
    }
    let text = [b'a' + number];
    let answer = asked(customer, Body::SubmitSm(SubmitSm { tlvs: Tlvs::new(&parameters), ..plain(&text) }));
    assert_eq!(answer.status(), CommandStatus::ESME_ROK);
    id_in(&answer)
}

fn text_of(submitted: &Frame) -> Vec<u8> {
    let Body::SubmitSm(body) = submitted.body() else { panic!("{submitted:?}") };
    body.short_message.as_bytes().to_vec()
}

/// The customer's next receipt, acknowledged: id, sub, dlvrd, stat.
#[track_caller]
fn receipt(customer: &mut Peer) -> [Vec<u8>; 4] {
    let delivered = customer.receive();
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    assert!(body.esm_class.is_receipt());
    let fields = Receipt::parse(body.short_message.as_bytes(), ReceiptTlvs::default()).fields;
    customer.acknowledge(&delivered);
    [fields.id, fields.sub, fields.dlvrd, fields.stat].map(|field| field.unwrap().to_vec())
}

fn fields(id: &[u8], rest: [&str; 3]) -> [Vec<u8>; 4] {
    let [sub, dlvrd, stat] = rest.map(|field| field.as_bytes().to_vec());
    [id.to_vec(), sub, dlvrd, stat]
}

/// The carrier reports about one of its messages.
fn reports(carrier: &mut Peer, id: &str, stat: &str) {
    carrier.report(id, stat);
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
}

#[test]
fn promise_9_parts_in_any_order_reach_the_carrier_in_theirs_and_are_one_outcome() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let third = submits(&mut customer, 7, 3, 3);
    let first = submits(&mut customer, 7, 3, 1);
    asked(&mut customer, submit_sm(b"447700900122", b"whole"));
    assert_eq!(text_of(&carrier.take(b"c-0")), b"whole", "parts wait for the last of them");
    let second = submits(&mut customer, 7, 3, 2);
    for (number, id) in [(1, b"c-1"), (2, b"c-2"), (3, b"c-3")] {
        assert_eq!(text_of(&carrier.take(id)), [5, 0, 3, 7, 3, number, b'a' + number]);
    }
    for (theirs, ours) in [("c-2", second), ("c-1", first), ("c-3", third)] {
        assert_eq!(gateway.report().accounts[0].counts.ended.total(), 0, "before the last part");
        reports(&mut carrier, theirs, "DELIVRD");
        assert_eq!(receipt(&mut customer), fields(&ours, ["001", "001", "DELIVRD"]), "one for each part");
    }
    let counts = gateway.report_when(|report| report.accounts[0].counts.told == 3).accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.total(), counts.ended.of(Class::Delivered)), (2, 1, 1));
}

#[test]
fn each_part_is_sent_once_and_in_its_place_in_whatever_order_they_come_and_however_many_the_carrier_takes() {
    let orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];
    for window in [1, 2, 100] {
        let mut plan = Plan::new();
        plan.settings.carriers[0].window = window;
        let gateway = plan.start();
        let mut carrier = gateway.carrier();
        let mut customer = gateway.customer(BindKind::Transmitter);
        for (reference, order) in (1..).zip(orders) {
            for number in order {
                submits(&mut customer, reference, 3, number);
            }
            for number in 1..=3 {
                let sent = text_of(&carrier.take(&[b'c', reference + b'a', number + b'a']));
                assert_eq!(sent[3..6], [reference, 3, number], "{order:?} with a window of {window}");
            }
        }
        asked(&mut customer, submit_sm(NUMBER, b"end"));
        assert_eq!(text_of(&carrier.take(b"end")), b"end", "nothing is sent twice");
    }
}

#[test]
fn promise_9_one_part_that_fails_is_one_failure_and_one_receipt_for_an_account_that_wants_one() {
    let mut plan = Plan::new();
    plan.settings.flow.accounts[0].long.one_receipt = true;
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let head = submits_sar(&mut customer, 9, 3, 2);
    submits_sar(&mut customer, 9, 3, 1);
    submits_sar(&mut customer, 9, 3, 3);
    for (text, id) in [(b"b", b"c-1"), (b"c", b"c-2"), (b"d", b"c-3")] {
        assert_eq!(text_of(&carrier.take(id)), text);
    }
    for (id, stat) in [("c-1", "DELIVRD"), ("c-2", "UNDELIV"), ("c-3", "DELIVRD")] {
        reports(&mut carrier, id, stat);
    }
    assert_eq!(receipt(&mut customer), fields(&head, ["003", "002", "UNDELIV"]), "the first that came");
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 1);
    let counts = report.accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.total(), counts.ended.of(Class::ExplicitFailure)), (1, 1, 1));
    assert_eq!((report.open, report.accounts[0].receipts_waiting), (0, 0));
}

#[test]
fn a_part_that_comes_twice_is_the_same_message_and_is_sent_once() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let first = submits(&mut customer, 7, 2, 1);
    assert_eq!(submits(&mut customer, 7, 2, 1), first);
    assert_ne!(submits(&mut customer, 8, 2, 1), first, "another reference is another message");
    submits(&mut customer, 7, 2, 2);
    asked(&mut customer, submit_sm(NUMBER, b"end"));
    let sent: Vec<_> = [b"c-1", b"c-2", b"c-3"].map(|id| text_of(&carrier.take(id))).into();
    assert_eq!(sent, [&[5, 0, 3, 7, 2, 1, b'b'][..], &[5, 0, 3, 7, 2, 2, b'c'], b"end"]);
    assert_eq!(gateway.report().accounts[0].counts.accepted, 3);
}

#[test]
fn promise_2_parts_whose_others_never_come_end_with_receipts_that_say_so_and_are_never_sent() {
    let mut plan = Plan::new();
    plan.settings.flow.accounts[0].long.wait = Duration::from_millis(100);
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let lonely = submits(&mut customer, 7, 3, 2);
    assert_eq!(receipt(&mut customer), fields(&lonely, ["001", "000", "UNDELIV"]));
    let counts = gateway.report_when(|report| report.accounts[0].counts.told == 1).accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.total(), counts.ended.of(Class::Excluded)), (1, 1, 1));
    asked(&mut customer, submit_sm(NUMBER, b"end"));
    assert_eq!(text_of(&carrier.take(b"c-1")), b"end");
}

#[test]
fn parts_survive_a_restart_between_them() {
    let plan = Plan::new();
    let (store, settings) = (plan.store.clone(), plan.settings.clone());
    let gateway = plan.start();
    submits(&mut gateway.customer(BindKind::Transmitter), 7, 2, 2);
    gateway.drain();
    let gateway = Plan::again(settings, store).start();
    let mut carrier = gateway.carrier();
    submits(&mut gateway.customer(BindKind::Transmitter), 7, 2, 1);
    let sent: Vec<_> = [b"c-1", b"c-2"].map(|id| text_of(&carrier.take(id))[5]).into();
    assert_eq!(sent, [1, 2]);
    assert_eq!(gateway.report().accounts[0].counts.accepted, 1);
}
