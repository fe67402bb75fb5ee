//! How a customer is told: by its account's style, whatever its peer speaks, until it has taken it.

use std::time::Duration;

use telegraphy::customer::ReceiptStyle;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::pdu::{Bind, Body, DataSmResp, Frame};
use telegraphy::smpp::receipt::{DateWidth, ReceiptTemplate};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::Tag;
use telegraphy::smpp::values::InterfaceVersion;

use super::support::{Peer, Plan, Running, bind, id_in, submit_sm};

fn told(receipts: ReceiptStyle) -> Plan {
    let mut plan = Plan::new();
    plan.settings.customers.accounts[0].receipts = receipts;
    plan
}

/// One message to its end; our id of it, and what the customer gets.
fn one_life(gateway: &Running, customer: &mut Peer) -> (Vec<u8>, Frame) {
    let mut carrier = gateway.carrier();
    customer.request(submit_sm(b"447700900121", b"hello"));
    let id = id_in(&customer.receive());
    carrier.take(b"c-1");
    carrier.report("c-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    (id, customer.receive())
}

#[test]
fn quirk_44_a_receipt_as_data_sm_is_asked_again_until_it_is_taken() {
    let gateway = told(ReceiptStyle { as_data_sm: true, ..ReceiptStyle::default() }).start();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let (id, receipt) = one_life(&gateway, &mut customer);
    let Body::DataSm(body) = receipt.body() else { panic!("{receipt:?}") };
    assert!(body.esm_class.is_receipt() && body.user_data().starts_with(b"id:"));
    assert_eq!(body.tlvs.receipted_message_id(), Some(id.as_slice()));
    let answer = Body::DataSmResp(DataSmResp::default());
    customer.send(CommandStatus::ESME_RX_T_APPN, receipt.sequence(), answer);
    let again = customer.receive();
    assert_eq!(again.command(), CommandId::DATA_SM);
    assert_eq!(again.octets()[16..], receipt.octets()[16..], "word for word");
    customer.send(CommandStatus::ESME_ROK, again.sequence(), answer);
    gateway.report_when(|report| report.accounts[0].counts.told == 1);
}

#[test]
fn an_account_chooses_the_text_and_whether_parameters_stand_beside_it() {
    let template = ReceiptTemplate { counts: false, dates: Some(DateWidth::Twelve), ..Default::default() };
    let gateway = told(ReceiptStyle { template, tlvs: false, as_data_sm: false }).start();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let (id, receipt) = one_life(&gateway, &mut customer);
    let Body::DeliverSm(body) = receipt.body() else { panic!("{receipt:?}") };
    assert!(body.tlvs.is_empty());
    let text = std::str::from_utf8(body.user_data()).unwrap();
    let id = std::str::from_utf8(&id).unwrap();
    assert!(text.starts_with(&format!("id:{id} submit date:")), "{text}");
    let date = text.split_once("submit date:").unwrap().1.split_once(' ').unwrap().0;
    assert_eq!(date.len(), 12, "{text}");
}

#[test]
fn quirk_56_a_peer_of_3_3_gets_deliver_sm_without_parameters_whatever_its_account_wants() {
    let gateway = told(ReceiptStyle { as_data_sm: true, ..ReceiptStyle::default() }).start();
    let mut customer = gateway.connect();
    let Body::Bind(kind, old) = bind(BindKind::Transmitter, b"acme", b"secret") else { unreachable!() };
    let interface_version = InterfaceVersion::V3_3;
    customer.request(Body::Bind(kind, Bind { interface_version, ..old }));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_ROK);
    let mut receiver = gateway.connect();
    receiver.request(Body::Bind(BindKind::Receiver, Bind { interface_version, ..old }));
    assert_eq!(receiver.receive().status(), CommandStatus::ESME_ROK);
    let mut carrier = gateway.carrier();
    customer.request(submit_sm(b"447700900121", b"hello"));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_ROK);
    carrier.take(b"c-1");
    carrier.report("c-1", "DELIVRD");
    let receipt = receiver.receive();
    let Body::DeliverSm(body) = receipt.body() else { panic!("{receipt:?}") };
    assert!(body.tlvs.get(Tag::RECEIPTED_MESSAGE_ID).is_none() && body.tlvs.is_empty());
    assert!(body.short_message.as_bytes().starts_with(b"id:"));
}

#[test]
fn quirk_45_a_receipt_that_a_carrier_sends_until_it_is_answered_counts_once_and_is_told_once() {
    let mut plan = told(ReceiptStyle::default());
    plan.settings.carriers[0].binds = 2;
    let gateway = plan.start();
    let (mut carrier, mut other_bind) = (gateway.carrier(), gateway.carrier());
    gateway.report_when(|report| report.carriers[0].links == 2);
    let mut customer = gateway.customer(BindKind::Transceiver);
    let mut ours = Vec::new();
    for _ in 0..2 {
        customer.request(submit_sm(b"447700900121", b"hello"));
        ours.push(id_in(&customer.receive()));
    }
    carrier.take(b"c-1");
    other_bind.take(b"c-2");
    gateway.report_when(|report| report.carriers[0].counts.accepted == 2);
    // All of them before it has read an answer; each is answered all the same.
    let sent: Vec<_> = (0..5).map(|_| carrier.report("c-1", "DELIVRD")).collect();
    for sequence in sent {
        let answer = carrier.receive();
        assert_eq!((answer.sequence(), answer.status()), (sequence, CommandStatus::ESME_ROK));
    }
    other_bind.report("c-1", "DELIVRD");
    assert_eq!(other_bind.receive().status(), CommandStatus::ESME_ROK);
    drop(other_bind);
    let mut later_bind = gateway.carrier();
    for id in ["c-1", "c-2"] {
        later_bind.report(id, "DELIVRD");
        assert_eq!(later_bind.receive().status(), CommandStatus::ESME_ROK);
    }
    // The one is followed by the other, and by no copy.
    let delivered = [customer.receive(), customer.receive()];
    let mut about: Vec<_> = delivered.iter().map(id_told).collect();
    delivered.iter().for_each(|delivered| customer.acknowledge(delivered));
    about.sort_unstable();
    assert_eq!(about, ours);
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 2);
    let (account, carrier) = (&report.accounts[0].counts, &report.carriers[0].counts);
    assert_eq!((account.ended.total(), carrier.repeated, report.parked), (2, 6, 0));
}

#[test]
fn quirk_45_a_customer_that_answers_too_late_gets_its_receipt_again_and_counts_once() {
    let mut plan = told(ReceiptStyle::default());
    plan.settings.customers.response = Duration::from_millis(500);
    let gateway = plan.start();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let (id, first) = one_life(&gateway, &mut customer);
    let again = customer.receive();
    assert_eq!(again.octets()[16..], first.octets()[16..], "word for word");
    customer.acknowledge(&first);
    customer.acknowledge(&again);
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 1);
    assert_eq!(
        (id_told(&again), report.accounts[0].owed, report.accounts[0].counts.ended.total()),
        (id, 0, 1)
    );
}

#[test]
fn quirk_46_a_receipt_on_one_bind_beats_its_response_on_another() {
    let mut plan = told(ReceiptStyle::default());
    plan.settings.carriers[0].binds = 2;
    let gateway = plan.start();
    let mut binds = [gateway.carrier(), gateway.carrier()];
    gateway.report_when(|report| report.carriers[0].links == 2);
    let mut customer = gateway.customer(BindKind::Transceiver);
    let mut ours = Vec::new();
    for _ in 0..2 {
        customer.request(submit_sm(b"447700900121", b"hello"));
        ours.push(id_in(&customer.receive()));
    }
    let submitted = [binds[0].receive(), binds[1].receive()];
    for (of, on) in [(0, 1), (1, 0)] {
        binds[on].report(&format!("c-{of}"), "UNDELIV");
        assert_eq!(binds[on].receive().status(), CommandStatus::ESME_ROK);
    }
    assert_eq!(gateway.report_when(|report| report.parked == 2).accounts[0].counts.ended.total(), 0);
    let mut about = Vec::new();
    for (of, bind) in binds.iter_mut().enumerate() {
        bind.answer_submission(&submitted[of], format!("c-{of}").as_bytes());
        let delivered = customer.receive();
        customer.acknowledge(&delivered);
        about.push(id_told(&delivered));
    }
    about.sort_unstable();
    assert_eq!(about, ours);
    let report = gateway.report_when(|report| report.accounts[0].counts.told == 2);
    assert_eq!((report.parked, report.open, report.accounts[0].counts.ended.total()), (0, 0, 2));
}

/// Which message the customer is told about.
fn id_told(delivered: &Frame) -> Vec<u8> {
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    body.tlvs.receipted_message_id().unwrap().to_vec()
}
