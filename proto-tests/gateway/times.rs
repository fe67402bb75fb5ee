//! When a message may be handed over and until when: what becomes of it here, and what its carrier is told.

use std::time::Duration;

use telegraphy::message::Class;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::COctets;
use telegraphy::smpp::pdu::{Body, Frame, QuerySm, ReplaceSm, SubmitSm};
use telegraphy::smpp::receipt::{Receipt, ReceiptTlvs};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::{MessageState, RegisteredDelivery};

use super::requests::{ACME, asked, says};
use super::support::{Peer, Plan, id_in, submit_sm};

const NUMBER: &[u8] = b"447700900121";
const IN_AN_HOUR: &[u8] = b"000000010000000R";
const IN_A_SECOND: &[u8] = b"000000000001000R";

fn plain(text: &[u8]) -> SubmitSm<&[u8]> {
    let Body::SubmitSm(body) = submit_sm(NUMBER, text) else { unreachable!() };
    body
}

fn scheduled<'a>(text: &'a [u8], at: &'a [u8]) -> Body<&'a [u8]> {
    Body::SubmitSm(SubmitSm { schedule_delivery_time: COctets(at), ..plain(text) })
}

fn valid<'a>(text: &'a [u8], until: &'a [u8]) -> Body<&'a [u8]> {
    Body::SubmitSm(SubmitSm { validity_period: COctets(until), ..plain(text) })
}

/// Its text, and the validity_period that the carrier is told.
fn handed_over(submitted: &Frame) -> (Vec<u8>, String) {
    let Body::SubmitSm(body) = submitted.body() else { panic!("{submitted:?}") };
    assert!(body.schedule_delivery_time.is_empty(), "the schedule is ours to keep");
    let validity = String::from_utf8(body.validity_period.as_bytes().to_vec()).unwrap();
    (body.short_message.as_bytes().to_vec(), validity)
}

fn state_of(peer: &mut Peer, id: &[u8]) -> MessageState {
    let response = asked(peer, Body::QuerySm(QuerySm { message_id: COctets(id), source: ACME }));
    assert_eq!(response.status(), CommandStatus::ESME_ROK);
    let Body::QuerySmResp(body) = response.body() else { panic!("{response:?}") };
    body.message_state
}

#[test]
fn a_scheduled_message_waits_here_also_over_a_restart_and_is_handed_over_when_it_is_due() {
    let plan = Plan::new();
    let (store, settings) = (plan.store.clone(), plan.settings.clone());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transmitter);
    let id = id_in(&asked(&mut customer, scheduled(b"later", IN_AN_HOUR)));
    assert_eq!(state_of(&mut customer, &id), MessageState::SCHEDULED);
    asked(&mut customer, submit_sm(NUMBER, b"now"));
    assert_eq!(handed_over(&carrier.take(b"c-1")).0, b"now", "to the same number, and not behind it");
    drop((customer, carrier));
    gateway.drain();

    let gateway = Plan::again(settings, store).start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    assert_eq!(state_of(&mut customer, &id), MessageState::SCHEDULED);
    let sooner = ReplaceSm {
        message_id: COctets(id.as_slice()),
        source: ACME,
        schedule_delivery_time: COctets(IN_A_SECOND),
        registered_delivery: RegisteredDelivery::FINAL,
        short_message: b"sooner".as_slice().into(),
        ..ReplaceSm::default()
    };
    says(&mut customer, Body::ReplaceSm(sooner), CommandStatus::ESME_ROK);
    assert_eq!(handed_over(&gateway.carrier().take(b"c-2")).0, b"sooner");
}

#[test]
fn a_schedule_of_a_second_comes_and_one_that_has_passed_is_at_once() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transmitter);
    asked(&mut customer, scheduled(b"due", IN_A_SECOND));
    assert_eq!(handed_over(&carrier.take(b"c-1")).0, b"due");
    asked(&mut customer, scheduled(b"long due", b"200101000000000+"));
    assert_eq!(handed_over(&carrier.take(b"c-2")).0, b"long due");
}

#[test]
fn a_schedule_beyond_the_accounts_bound_is_refused_as_a_schedule() {
    let mut plan = Plan::new();
    plan.settings.flow.accounts[0].times.schedule_max = Duration::from_secs(60);
    let gateway = plan.start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    says(&mut customer, scheduled(b"x", IN_AN_HOUR), CommandStatus::ESME_RINVSCHED);
    says(&mut customer, scheduled(b"x", b"000000000059000R"), CommandStatus::ESME_ROK);
}

#[test]
fn a_carrier_is_told_what_is_left_of_a_validity_and_of_none_nothing() {
    let mut plan = Plan::new();
    plan.settings.flow.accounts[0].times.validity_max = Duration::from_secs(7200);
    let gateway = plan.start();
    let mut customer = gateway.customer(BindKind::Transmitter);
    for body in [submit_sm(NUMBER, b"none"), valid(b"hour", IN_AN_HOUR), valid(b"week", b"000007000000000R")]
    {
        assert_eq!(asked(&mut customer, body).status(), CommandStatus::ESME_ROK);
    }
    let mut carrier = gateway.carrier();
    let (text, validity) = handed_over(&carrier.take(b"c-1"));
    assert_eq!((text.as_slice(), validity.as_str()), (&b"none"[..], ""));
    // What is left is less than what was given, and written so that nothing but seconds and less is lost.
    for (whole, least) in [("hour", "000000005"), ("week", "000000015")] {
        let (text, validity) = handed_over(&carrier.take(whole.as_bytes()));
        assert_eq!(text, whole.as_bytes());
        assert!(
            validity.starts_with(least) && validity.ends_with("000R") && validity.len() == 16,
            "{validity}"
        );
    }
}

#[test]
fn promise_2_what_expires_in_our_queue_ends_with_a_receipt_that_says_so_and_is_never_sent() {
    let gateway = Plan::new().start();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let id = id_in(&asked(&mut customer, valid(b"too late", IN_A_SECOND)));
    let delivered = customer.receive();
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    let receipt = Receipt::parse(body.short_message.as_bytes(), ReceiptTlvs::default());
    assert_eq!((receipt.fields.id, receipt.fields.stat), (Some(&id[..]), Some(&b"EXPIRED"[..])));
    customer.acknowledge(&delivered);
    let counts = gateway.report_when(|report| report.accounts[0].counts.told == 1).accounts[0].counts;
    assert_eq!((counts.accepted, counts.ended.of(Class::ExplicitFailure)), (1, 1));

    asked(&mut customer, submit_sm(NUMBER, b"in time"));
    assert_eq!(handed_over(&gateway.carrier().take(b"c-1")).0, b"in time");
}
