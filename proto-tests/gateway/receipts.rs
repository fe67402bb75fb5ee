//! How a customer is told: by its account's style, whatever its peer speaks, until it has taken it.

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
