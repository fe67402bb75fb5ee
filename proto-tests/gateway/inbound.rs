//! Messages from handsets: durable before the carrier is told so, delivered to the account that owns the number, kept
//! while it is away.

use bytes::BytesMut;
use telegraphy::customer::ReceiptStyle;
use telegraphy::flow::InboundRoute;
use telegraphy::log::memory::FailedSync;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::field::{Address, COctets};
use telegraphy::smpp::pdu::{Body, DataSm, DataSmResp, DeliverSm, Frame};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::{Npi, Ton};

use super::support::{Peer, Plan, submit_sm};

const OK: CommandStatus = CommandStatus::ESME_ROK;
const LATER: CommandStatus = CommandStatus::ESME_RX_T_APPN;
const NEVER: CommandStatus = CommandStatus::ESME_RX_R_APPN;

const HANDSET: &[u8] = b"447700900121";

/// A gateway that is to be: 10690 is acme's.
fn plan() -> Plan {
    let mut plan = Plan::new();
    plan.settings.flow.inbound = vec![route("10690", None, "acme")];
    plan
}

fn route(number: &str, keyword: Option<&str>, account: &str) -> InboundRoute {
    InboundRoute {
        number: number.to_owned(),
        keyword: keyword.map(str::to_owned),
        account: account.to_owned(),
    }
}

fn address<const MAX: usize>(digits: &[u8]) -> Address<&[u8], MAX> {
    Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(digits) }
}

/// The carrier hands over a message, and what it is told about it.
#[track_caller]
fn hands_over(carrier: &mut Peer, to: &[u8], text: &[u8]) -> CommandStatus {
    let sequence = carrier.request(from_handset(to, text));
    let answer = carrier.receive();
    assert_eq!((answer.command(), answer.sequence()), (CommandId::DELIVER_SM_RESP, sequence));
    answer.status()
}

fn from_handset<'a>(to: &'a [u8], text: &'a [u8]) -> Body<&'a [u8]> {
    Body::DeliverSm(DeliverSm {
        source: address(HANDSET),
        destination: address(to),
        short_message: text.into(),
        ..DeliverSm::default()
    })
}

/// The text of a message from a handset that a customer gets.
#[track_caller]
fn text_of(delivered: &Frame) -> Vec<u8> {
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    assert!(!body.esm_class.is_receipt());
    body.short_message.as_bytes().to_vec()
}

#[test]
fn a_message_from_a_handset_is_acknowledged_and_delivered_to_the_account_that_owns_the_number() {
    let gateway = plan().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Receiver);
    assert_eq!(hands_over(&mut carrier, b"10690", b"hello"), OK);

    let delivered = customer.receive();
    assert_eq!(text_of(&delivered), b"hello");
    let Body::DeliverSm(body) = delivered.body() else { unreachable!() };
    assert_eq!((body.source.addr.as_bytes(), body.destination.addr.as_bytes()), (HANDSET, &b"10690"[..]));
    assert!(body.tlvs.is_empty(), "nothing that a receipt has");
    customer.acknowledge(&delivered);
    let report = gateway.report_when(|report| report.accounts[0].counts.taken == 1);
    let counts = report.accounts[0].counts;
    assert_eq!((counts.received, counts.not_taken, counts.accepted, counts.told), (1, 0, 0, 0));
    assert_eq!((report.carriers[0].counts.received, report.accounts[0].receipts_waiting), (1, 0));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the drain needs somebody at the other end")]
fn what_crosses_our_unbind_from_a_carrier_is_to_come_again() {
    let gateway = plan().start();
    let mut carrier = gateway.carrier();
    let draining = std::thread::spawn(move || gateway.drain());
    let unbind = carrier.receive();
    assert!(matches!(unbind.body(), Body::Unbind));
    assert_eq!(hands_over(&mut carrier, b"10690", b"hello"), LATER, "by a final error it would be lost");
    carrier.send(OK, unbind.sequence(), Body::UnbindResp);
    carrier.expect_end();
    draining.join().unwrap();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the drain needs somebody at the other end")]
fn promise_1_a_message_from_a_handset_is_not_acknowledged_when_its_sync_fails() {
    for then in [FailedSync::Lost, FailedSync::Kept] {
        let plan = plan();
        let store = plan.store.clone();
        let gateway = plan.start();
        let mut carrier = gateway.carrier();
        store.fail_a_sync(then);
        let sequence = carrier.request(from_handset(b"10690", b"hello"));
        gateway.fails();
        let draining = std::thread::spawn(move || gateway.drain_failed());
        let answer = carrier.receive();
        let said = (answer.command(), answer.sequence(), answer.status());
        assert_eq!(said, (CommandId::DELIVER_SM_RESP, sequence, LATER), "the carrier keeps it");
        let unbind = carrier.receive();
        assert!(matches!(unbind.body(), Body::Unbind));
        carrier.send(OK, unbind.sequence(), Body::UnbindResp);
        carrier.expect_end();
        draining.join().unwrap();
    }
}

#[test]
fn a_message_from_a_handset_waits_for_an_account_that_is_away_and_survives_a_restart() {
    let plan = plan();
    let (store, settings) = (plan.store.clone(), plan.settings.clone());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    // A transmitter cannot be told anything.
    let transmitter = gateway.customer(BindKind::Transmitter);
    for text in [b"1", b"2", b"3"] {
        assert_eq!(hands_over(&mut carrier, b"10690", text), OK);
    }
    let account = &gateway.report().accounts[0];
    assert_eq!((account.receipts_waiting, account.counts.received, account.counts.taken), (3, 3, 0));
    drop((transmitter, carrier));
    gateway.drain();

    let gateway = Plan::again(settings, store).start();
    let mut customer = gateway.customer(BindKind::Receiver);
    for text in [b"1", b"2", b"3"] {
        let delivered = customer.receive();
        assert_eq!(text_of(&delivered), text);
        customer.acknowledge(&delivered);
    }
    let counts = gateway.report_when(|report| report.accounts[0].counts.taken == 3).accounts[0].counts;
    assert_eq!((counts.received, counts.not_taken), (3, 0));
}

#[test]
fn what_is_for_nobodys_number_is_refused_for_good_and_disturbs_nothing() {
    let gateway = plan().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for nobodys in [&b"1069"[..], b"20690", b"", b"ACME"] {
        assert_eq!(hands_over(&mut carrier, nobodys, b"hello"), NEVER, "{}", nobodys.escape_ascii());
    }
    assert_eq!(hands_over(&mut carrier, b"+106901", b"hello"), OK, "a longer number begins with it");
    let delivered = customer.receive();
    customer.acknowledge(&delivered);
    customer.request(submit_sm(HANDSET, b"x"));
    assert_eq!(customer.receive().status(), OK);
    carrier.take(b"c-1");
    let report = gateway.report_when(|report| report.accounts[0].counts.taken == 1);
    assert_eq!((report.accounts[0].counts.received, report.carriers[0].counts.received), (1, 1));
}

#[test]
fn a_keyword_goes_before_the_number_alone_and_the_longest_number_before_all() {
    let mut plan = plan().shop();
    let inbound = &mut plan.settings.flow.inbound;
    inbound.push(route("10690", Some("SHOP"), "shop"));
    inbound.push(route("106907", None, "shop"));
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut peers = [b"acme", b"shop"].map(|system_id| gateway.bound(BindKind::Receiver, system_id));
    let [acme, shop] = [0, 1];
    for (to, text, owner) in [
        (&b"10690"[..], &b"shop open?"[..], shop),
        (b"10690", b"shopping list", acme),
        (b"106907", b"list", shop),
        (b"106908", b"  Shop", shop),
        (b"10690", b"", acme),
    ] {
        assert_eq!(hands_over(&mut carrier, to, text), OK);
        let delivered = peers[owner].receive();
        assert_eq!(text_of(&delivered), text);
        peers[owner].acknowledge(&delivered);
    }
}

#[test]
fn a_customer_that_cannot_take_a_message_now_gets_it_again_and_one_that_never_will_does_not() {
    let gateway = plan().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Receiver);
    assert_eq!(hands_over(&mut carrier, b"10690", b"1"), OK);
    let delivered = customer.receive();
    customer.answer_delivery(LATER, &delivered);
    let again = customer.receive();
    assert_eq!(again.octets()[16..], delivered.octets()[16..]);
    customer.answer_delivery(NEVER, &again);
    gateway.report_when(|report| report.accounts[0].counts.not_taken == 1);
    assert_eq!(hands_over(&mut carrier, b"10690", b"2"), OK);
    let delivered = customer.receive();
    assert_eq!(text_of(&delivered), b"2");
    customer.acknowledge(&delivered);
    gateway.report_when(|report| report.accounts[0].counts.taken == 1);
}

#[test]
fn promise_7_when_an_account_is_owed_the_most_the_carrier_is_asked_to_come_again() {
    let mut plan = plan();
    plan.settings.flow.accounts[0].receipts.max = 2;
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let said = [b"1", b"2", b"3"].map(|text| hands_over(&mut carrier, b"10690", text));
    assert_eq!(said, [OK, OK, LATER]);
    let mut customer = gateway.customer(BindKind::Receiver);
    for text in [b"1", b"2"] {
        let delivered = customer.receive();
        assert_eq!(text_of(&delivered), text);
        customer.acknowledge(&delivered);
    }
    gateway.report_when(|report| report.accounts[0].counts.taken == 2);
    assert_eq!(hands_over(&mut carrier, b"10690", b"3"), OK);
    assert_eq!(text_of(&customer.receive()), b"3");
}

#[test]
fn data_sm_from_a_handset_reaches_an_account_that_wants_data_sm_with_its_parameters() {
    let mut plan = plan();
    let account = &mut plan.settings.customers.accounts[0];
    account.receipts = ReceiptStyle { as_data_sm: true, ..ReceiptStyle::default() };
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Receiver);
    let mut parameters = BytesMut::new();
    assert!(tlv::put(&mut parameters, Tag::SOURCE_PORT, &[0, 7]));
    let long = [b'x'; 3000];
    assert!(tlv::put(&mut parameters, Tag::MESSAGE_PAYLOAD, &long));
    carrier.request(Body::DataSm(DataSm {
        source: address(HANDSET),
        destination: address(b"10690"),
        tlvs: Tlvs::new(&parameters),
        ..DataSm::default()
    }));
    let answer = carrier.receive();
    assert_eq!((answer.command(), answer.status()), (CommandId::DATA_SM_RESP, OK));
    let delivered = customer.receive();
    let Body::DataSm(body) = delivered.body() else { panic!("{delivered:?}") };
    assert_eq!((body.user_data(), body.source.addr.as_bytes()), (&long[..], HANDSET));
    assert_eq!(body.tlvs.get(Tag::SOURCE_PORT).map(|tlv| tlv.value), Some(&[0, 7][..]));
    customer.send(OK, delivered.sequence(), Body::DataSmResp(DataSmResp::default()));
    gateway.report_when(|report| report.accounts[0].counts.taken == 1);
}
