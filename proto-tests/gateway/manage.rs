//! What a customer wants of an earlier message, in every state that it can be in; and one content to many.

use telegraphy::message::Class;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::COctets;
use telegraphy::smpp::pdu::{Body, CancelSm, QuerySm, QuerySmResp, ReplaceSm, SubmitMulti, SubmitSm};
use telegraphy::smpp::receipt::{Receipt, ReceiptTlvs};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::{MessageState, RegisteredDelivery};

use super::requests::{ACME, asked, multi, number, says};
use super::support::{Peer, Plan, id_in, submit_sm};

const OK: CommandStatus = CommandStatus::ESME_ROK;
const NUMBER: &[u8] = b"447700900121";

fn query(id: &[u8]) -> Body<&[u8]> {
    Body::QuerySm(QuerySm { message_id: COctets(id), source: ACME })
}

fn cancel(id: &[u8]) -> Body<&[u8]> {
    Body::CancelSm(CancelSm { message_id: COctets(id), source: ACME, ..CancelSm::default() })
}

fn replace<'a>(id: &'a [u8], text: &'a [u8]) -> Body<&'a [u8]> {
    Body::ReplaceSm(ReplaceSm {
        message_id: COctets(id),
        source: ACME,
        registered_delivery: RegisteredDelivery::FINAL,
        short_message: text.into(),
        ..ReplaceSm::default()
    })
}

/// A message of acme's that was accepted.
#[track_caller]
fn accepted(peer: &mut Peer, to: &[u8], text: &[u8]) -> Vec<u8> {
    id_in(&asked(peer, submit_sm(to, text)))
}

/// The state of a message and whether its end is dated.
#[track_caller]
fn standing(peer: &mut Peer, id: &[u8]) -> (MessageState, bool) {
    let response = asked(peer, query(id));
    assert_eq!(response.status(), OK);
    let Body::QuerySmResp(QuerySmResp { message_state, final_date, message_id, .. }) = response.body() else {
        panic!("{response:?}")
    };
    assert_eq!(message_id.as_bytes(), id);
    (message_state, !final_date.is_empty())
}

/// The text that the carrier gets next.
#[track_caller]
fn text_taken(carrier: &mut Peer, id: &[u8]) -> Vec<u8> {
    let submitted = carrier.take(id);
    let Body::SubmitSm(body) = submitted.body() else { unreachable!() };
    body.short_message.as_bytes().to_vec()
}

/// The id and the word of the receiver's next receipt, acknowledged.
#[track_caller]
fn receipt(receiver: &mut Peer) -> (Vec<u8>, String) {
    let delivered = receiver.receive();
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    let fields = Receipt::parse(body.short_message.as_bytes(), ReceiptTlvs::default()).fields;
    let said = (fields.id.unwrap().to_vec(), String::from_utf8(fields.stat.unwrap().to_vec()).unwrap());
    receiver.acknowledge(&delivered);
    said
}

#[test]
fn a_cancelled_message_is_deleted_with_a_receipt_and_never_sent() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let mut receiver = gateway.customer(BindKind::Receiver);
    let id = accepted(&mut customer, NUMBER, b"not sent");
    let other = accepted(&mut customer, NUMBER, b"sent");
    says(&mut customer, cancel(&id), OK);
    assert_eq!(receipt(&mut receiver), (id.clone(), "DELETED".to_owned()));
    assert_eq!(standing(&mut customer, &id), (MessageState::DELETED, true));
    says(&mut customer, cancel(&id), CommandStatus::ESME_RCANCELFAIL);
    says(&mut customer, replace(&id, b"anew"), CommandStatus::ESME_RREPLACEFAIL);
    assert_eq!(standing(&mut customer, &other), (MessageState::ENROUTE, false));
    assert_eq!(text_taken(&mut gateway.carrier(), b"c-1"), b"sent");
    let counts = gateway.report_when(|report| report.accounts[0].counts.told == 1).accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.total(), counts.ended.of(Class::Excluded)), (2, 1, 1));
}

#[test]
fn a_cancel_without_an_id_cancels_all_between_two_numbers_and_nothing_else() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let [one, two] = [b"1", b"2"].map(|text| accepted(&mut customer, NUMBER, text));
    accepted(&mut customer, b"447700900122", b"3");
    let submitted = CancelSm { message_id: COctets(b"".as_slice()), source: ACME, ..CancelSm::default() };
    let Body::SubmitSm(plain) = submit_sm(NUMBER, b"") else { unreachable!() };
    let all = Body::CancelSm(CancelSm { destination: plain.destination, ..submitted });
    says(&mut customer, all, OK);
    says(&mut customer, all, CommandStatus::ESME_RCANCELFAIL);
    for id in [one, two] {
        assert_eq!(standing(&mut customer, &id).0, MessageState::DELETED);
    }
    assert_eq!(text_taken(&mut gateway.carrier(), b"c-1"), b"3");
}

#[test]
fn a_replaced_message_is_sent_once_with_its_new_text_under_its_old_id() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let mut receiver = gateway.customer(BindKind::Receiver);
    let id = accepted(&mut customer, NUMBER, b"old");
    says(&mut customer, replace(&id, b"new"), OK);
    let Body::SubmitSm(plain) = submit_sm(NUMBER, b"newest") else { unreachable!() };
    let present = SubmitSm { replace_if_present_flag: 1, ..plain };
    assert_eq!(id_in(&asked(&mut customer, Body::SubmitSm(present))), id, "present, and so replaced");
    let elsewhere = SubmitSm { destination: number_to(b"447700900122"), ..present };
    assert_ne!(id_in(&asked(&mut customer, Body::SubmitSm(elsewhere))), id, "not present, and so added");

    let mut carrier = gateway.carrier();
    assert_eq!(text_taken(&mut carrier, b"c-1"), b"newest");
    assert_eq!(text_taken(&mut carrier, b"c-2"), b"newest");
    carrier.report("c-1", "DELIVRD");
    assert_eq!(receipt(&mut receiver), (id, "DELIVRD".to_owned()));
    assert_eq!(gateway.report().accounts[0].counts.accepted, 2);
}

fn number_to(digits: &[u8]) -> telegraphy::smpp::field::Address<&[u8]> {
    let Body::SubmitSm(body) = submit_sm(digits, b"") else { unreachable!() };
    body.destination
}

#[test]
fn what_the_carrier_has_can_be_asked_about_and_not_taken_back() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let id = accepted(&mut customer, NUMBER, b"gone");
    let submitted = carrier.receive();
    for _ in 0..2 {
        // Handed over, and then taken.
        says(&mut customer, cancel(&id), CommandStatus::ESME_RCANCELFAIL);
        says(&mut customer, replace(&id, b"anew"), CommandStatus::ESME_RREPLACEFAIL);
        assert_eq!(standing(&mut customer, &id), (MessageState::ENROUTE, false));
        carrier.answer_submission(&submitted, b"c-1");
        gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    }
    carrier.report("c-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), OK);
    says(&mut customer, cancel(&id), CommandStatus::ESME_RCANCELFAIL);
    says(&mut customer, replace(&id, b"anew"), CommandStatus::ESME_RREPLACEFAIL);
    assert_eq!(standing(&mut customer, &id), (MessageState::DELIVERED, true));
    let mut receiver = gateway.customer(BindKind::Receiver);
    assert_eq!(receipt(&mut receiver).1, "DELIVRD");
    gateway.report_when(|report| report.accounts[0].counts.told == 1);
    assert_eq!(standing(&mut customer, &id), (MessageState::DELIVERED, true), "and once it is told");
}

#[test]
fn a_message_of_another_account_or_sender_does_not_exist() {
    let gateway = Plan::new().shop().start();
    let mut acme = gateway.bound(BindKind::Transmitter, b"acme");
    let mut shop = gateway.bound(BindKind::Transmitter, b"shop");
    let id = accepted(&mut acme, NUMBER, b"acme's");
    for body in [query(&id), cancel(&id), replace(&id, b"shop's")] {
        says(&mut shop, body, CommandStatus::ESME_RINVMSGID);
    }
    let source = number_to(b"447700900199");
    let by_other = QuerySm { message_id: COctets(id.as_slice()), source };
    says(&mut acme, Body::QuerySm(by_other), CommandStatus::ESME_RINVMSGID);
    assert_eq!(standing(&mut acme, &id), (MessageState::ENROUTE, false));
    assert_eq!(text_taken(&mut gateway.carrier(), b"c-1"), b"acme's");
}

#[test]
fn every_recipient_of_a_submit_multi_has_an_outcome_and_a_receipt_under_the_one_id() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let to = [number(NUMBER), number(b"447700900122"), number(b"447700900123")];
    let registered_delivery = RegisteredDelivery::FINAL;
    let otherwise = SubmitMulti { registered_delivery, ..SubmitMulti::default() };
    let response = multi(&mut customer, &to, otherwise);
    let Body::SubmitMultiResp(body) = response.body() else { panic!("{response:?}") };
    assert_eq!((response.status(), body.unsuccess.iter().count()), (OK, 0));
    let id = body.message_id.as_bytes().to_vec();
    for theirs in [b"c-1", b"c-2", b"c-3"] {
        assert_eq!(text_taken(&mut carrier, theirs), b"to all");
    }
    for (theirs, stat) in [("c-1", "DELIVRD"), ("c-2", "UNDELIV"), ("c-3", "DELIVRD")] {
        carrier.report(theirs, stat);
        assert_eq!(carrier.receive().status(), OK);
        assert_eq!(receipt(&mut customer), (id.clone(), stat.to_owned()));
    }
    let counts = gateway.report_when(|report| report.accounts[0].counts.told == 3).accounts[0].counts;
    let ended = |class| counts.ended.of(class);
    assert_eq!((counts.accepted, ended(Class::Delivered), ended(Class::ExplicitFailure)), (3, 2, 1));
}
