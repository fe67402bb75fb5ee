//! Recipients stop an account's messages: by a word to its number, over SMPP, and by an operator's word.

use std::sync::Arc;

use telegraphy::flow::InboundRoute;
use telegraphy::message::{Category, Class, Refusal};
use telegraphy::policy::{OptOut, Words};
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::field::{Address, COctets};
use telegraphy::smpp::pdu::{Body, DeliverSm};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::{DataCoding, Npi, Ton};

use super::support::{Peer, Plan, submit_sm};
use crate::cli::telegraphy;

const OK: CommandStatus = CommandStatus::ESME_ROK;
const NOT_TO_HIM: CommandStatus = CommandStatus::ESME_RINVDSTADR;
const NOT_SO: CommandStatus = CommandStatus::ESME_RSUBMITFAIL;

const HANDSET: &[u8] = b"8613800138000";
const OFFER: &[u8] = b"20 % off, reply TD to end";

/// `acme` sends marketing from 10690, and is asked to say how it is stopped.
fn plan() -> Plan {
    let mut plan = Plan::new();
    let flow = &mut plan.settings.flow;
    flow.inbound = vec![InboundRoute { number: "10690".into(), keyword: None, account: "acme".into() }];
    flow.accounts[0].category = Category::Marketing;
    flow.accounts[0].opt_out = Arc::new(OptOut {
        stop: Words::new(["TD", "退订"]),
        start: Words::new(["START"]),
        told_by: Words::new(["reply TD"]),
        country: "86".into(),
        ..OptOut::default()
    });
    plan
}

/// A handset's message in UCS-2, through the carrier.
#[track_caller]
fn hears(carrier: &mut Peer, from: &[u8], text: &str) {
    let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let number = |digits| Address { ton: Ton::NATIONAL, npi: Npi::ISDN, addr: COctets(digits) };
    let sequence = carrier.request(Body::DeliverSm(DeliverSm {
        source: number(from),
        destination: Address { addr: COctets(b"10690"), ..number(from) },
        data_coding: DataCoding(8),
        short_message: text.as_slice().into(),
        ..DeliverSm::default()
    }));
    let answer = carrier.receive();
    let said = (answer.command(), answer.sequence(), answer.status());
    assert_eq!(said, (CommandId::DELIVER_SM_RESP, sequence, OK));
}

#[track_caller]
fn offered(customer: &mut Peer, to: &[u8], text: &[u8]) -> CommandStatus {
    customer.request(submit_sm(to, text));
    customer.receive().status()
}

#[test]
fn r51_a13_whoever_answers_td_gets_no_more_marketing_and_the_account_hears_it() {
    let gateway = plan().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    assert_eq!(offered(&mut customer, HANDSET, b"20 % off"), NOT_SO, "it does not say how to stop it");
    assert_eq!(offered(&mut customer, HANDSET, OFFER), OK);
    carrier.take(b"c-1");
    hears(&mut carrier, b"13800138000", " ｔｄ");
    let heard = customer.receive();
    customer.acknowledge(&heard);
    assert_eq!(offered(&mut customer, HANDSET, OFFER), NOT_TO_HIM);
    assert_eq!(offered(&mut customer, b"8613800138001", OFFER), OK, "somebody else");
    carrier.take(b"c-2");
    hears(&mut carrier, HANDSET, "start");
    let heard = customer.receive();
    customer.acknowledge(&heard);
    assert_eq!(offered(&mut customer, HANDSET, OFFER), OK);
    carrier.take(b"c-3");
    let report = gateway.report_when(|report| report.accounts[0].counts.taken == 2);
    let account = &report.accounts[0];
    assert_eq!((account.counts.refused(Refusal::OptedOut), account.opted_out), (1, 0));
}

#[test]
fn r51_what_waits_is_not_sent_to_whoever_has_said_td_meanwhile() {
    let mut plan = plan();
    plan.settings.carriers[0].window = 1;
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for to in [b"8613800138001", HANDSET, b"8613800138002"] {
        assert_eq!(offered(&mut customer, to, OFFER), OK);
    }
    let first = carrier.receive();
    hears(&mut carrier, HANDSET, "退订");
    let report = gateway.report_when(|report| report.accounts[0].counts.ended.total() == 1);
    let account = &report.accounts[0];
    assert_eq!((account.counts.ended.of(Class::InvalidNumber), account.opted_out), (1, 1));
    carrier.answer_submission(&first, b"c-1");
    let next = carrier.take(b"c-2");
    let Body::SubmitSm(body) = next.body() else { panic!("{next:?}") };
    assert_eq!(body.destination.addr.as_bytes(), b"8613800138002");
}

#[test]
fn r51_an_operator_says_it_for_a_recipient_who_said_it_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("operators");
    let mut plan = plan();
    plan.settings.operators = Some(socket.clone());
    let gateway = plan.start();
    let _carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let at = ["--socket", socket.to_str().unwrap()];
    let fact = |arguments: &[&str]| telegraphy(&[&["fact"], arguments, &at[..]].concat());
    let who = ["--account", "acme", "--number", "+8613800138000", "--why", "a letter, ticket 9"];
    let said = fact(&[&["opt-out"], &who[..]].concat());
    assert_eq!((said.0, said.1.as_str()), (Some(0), "fact 1 is written down\n"), "{said:?}");
    let again = fact(&[&["opt-out"], &who[..]].concat());
    assert!(again.0 == Some(1) && again.2.contains("so it is already"), "{again:?}");
    assert_eq!(offered(&mut customer, HANDSET, OFFER), NOT_TO_HIM);
    let withdrawn = fact(&["withdraw", "1", "--why", "x"]);
    assert!(withdrawn.2.contains("say the opposite"), "{withdrawn:?}");
    assert_eq!(fact(&[&["opt-in"], &who[..]].concat()).0, Some(0));
    assert_eq!(offered(&mut customer, HANDSET, OFFER), OK);
    let (_, listed, _) = fact(&["list"]);
    assert!(listed.contains("the number 138******00 of account acme has opted out\n"), "{listed}");
    assert!(listed.contains("the number 138******00 of account acme has opted in again\n"), "{listed}");
    assert!(!listed.contains("13800138000"), "{listed}");
}
