//! Bad input that is well-formed SMPP: the right status, or an oddity that is filed where an operator finds it, and
//! nothing lost beside it.

use std::time::Duration;

use bytes::BytesMut;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::COctets;
use telegraphy::smpp::pdu::{Body, DeliverSm, Frame, SubmitSm};
use telegraphy::smpp::receipt::{Receipt, ReceiptTlvs};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::EsmClass;

use super::requests::{asked, says};
use super::support::{Peer, Plan, id_in, submit_sm};
use crate::cli::telegraphy;

const OK: CommandStatus = CommandStatus::ESME_ROK;
const NUMBER: &[u8] = b"447700900121";

fn plain(text: &[u8]) -> SubmitSm<&[u8]> {
    let Body::SubmitSm(body) = submit_sm(NUMBER, text) else { unreachable!() };
    body
}

fn text_of(submitted: &Frame) -> Vec<u8> {
    let Body::SubmitSm(body) = submitted.body() else { panic!("{submitted:?}") };
    body.short_message.as_bytes().to_vec()
}

/// The word of the customer's next receipt, acknowledged.
#[track_caller]
fn word_of_receipt(customer: &mut Peer) -> Vec<u8> {
    let delivered = customer.receive();
    let Body::DeliverSm(body) = delivered.body() else { panic!("{delivered:?}") };
    let fields = Receipt::parse(body.short_message.as_bytes(), ReceiptTlvs::default()).fields;
    customer.acknowledge(&delivered);
    fields.stat.unwrap().to_vec()
}

#[test]
fn receipts_of_noise_and_of_nobodys_id_of_200_octets_are_filed_as_foreign_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::new();
    plan.settings.flow.parking.wait = Duration::from_millis(100);
    let gateway = plan.start_in(folder.path());
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let id = id_in(&asked(&mut customer, submit_sm(NUMBER, b"x")));
    carrier.take(b"c-1");
    gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    let noise: Vec<u8> = (0..65_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (tag, value) in [(Tag::MESSAGE_PAYLOAD, noise.as_slice()), (Tag::RECEIPTED_MESSAGE_ID, &[b'7'; 200])]
    {
        let mut parameters = BytesMut::new();
        assert!(tlv::put(&mut parameters, tag, value));
        carrier.request(Body::DeliverSm(DeliverSm {
            esm_class: EsmClass::RECEIPT,
            tlvs: Tlvs::new(&parameters),
            ..DeliverSm::default()
        }));
        assert_eq!(carrier.receive().status(), OK);
    }
    let report = gateway.report_when(|report| report.carriers[0].counts.foreign == 2);
    assert_eq!((report.parked, report.open), (0, 1));
    carrier.report("c-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), OK);
    assert_eq!(word_of_receipt(&mut customer), b"DELIVRD", "{id:?}");
    drop((customer, carrier));
    gateway.drain();

    let records = folder.path().join("records");
    let (status, out, err) = telegraphy(&["foreign", "list", "--records", records.to_str().unwrap()]);
    assert_eq!((status, &*err, out.lines().count()), (Some(0), "", 2), "{out}");
    assert!(out.contains(&"7".repeat(200)), "{out}");
}

#[test]
fn a_schedule_of_the_year_00_is_due_and_a_validity_of_the_year_00_is_over() {
    let gateway = Plan::new().start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let first_of_2000 = COctets(b"000101000000000+".as_slice());
    let scheduled = SubmitSm { schedule_delivery_time: first_of_2000, ..plain(b"due") };
    says_ok(&mut customer, scheduled);
    assert_eq!(text_of(&carrier.take(b"c-1")), b"due");
    let over = SubmitSm { validity_period: first_of_2000, ..plain(b"over") };
    says(&mut customer, Body::SubmitSm(over), CommandStatus::ESME_RINVEXPIRY);
    // Month and day 00 are no date at all.
    for nothing in [&b"000000000000000+"[..], b"000100000000000-", b"000001000000000+"] {
        let schedule = SubmitSm { schedule_delivery_time: COctets(nothing), ..plain(b"never") };
        says(&mut customer, Body::SubmitSm(schedule), CommandStatus::ESME_RINVSCHED);
        let validity = SubmitSm { validity_period: COctets(nothing), ..plain(b"never") };
        says(&mut customer, Body::SubmitSm(validity), CommandStatus::ESME_RINVEXPIRY);
    }
    says_ok(&mut customer, plain(b"end"));
    assert_eq!(text_of(&carrier.take(b"c-2")), b"end");
}

#[track_caller]
fn says_ok(customer: &mut Peer, body: SubmitSm<&[u8]>) {
    assert_eq!(asked(customer, Body::SubmitSm(body)).status(), OK);
}

#[test]
fn a_replace_if_present_of_somebody_elses_message_replaces_nothing_and_is_a_message_of_its_own() {
    let gateway = Plan::new().shop().start();
    let mut acme = gateway.bound(BindKind::Transmitter, b"acme");
    let mut shop = gateway.bound(BindKind::Transmitter, b"shop");
    let theirs = id_in(&asked(&mut acme, submit_sm(NUMBER, b"acme's")));
    let replacing = SubmitSm { replace_if_present_flag: 1, ..plain(b"shop's") };
    assert_ne!(id_in(&asked(&mut shop, Body::SubmitSm(replacing))), theirs);
    let mut carrier = gateway.carrier();
    assert_eq!(text_of(&carrier.take(b"c-1")), b"acme's");
    assert_eq!(text_of(&carrier.take(b"c-2")), b"shop's");
    let report = gateway.report_when(|report| report.carriers[0].counts.accepted == 2);
    assert_eq!(report.accounts.iter().map(|one| one.counts.accepted).collect::<Vec<_>>(), [1, 1]);
}
