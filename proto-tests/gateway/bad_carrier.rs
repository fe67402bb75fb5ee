//! Whatever a carrier does, no message is lost and none is sent twice, and whoever goes by another carrier is served.
//! It is long because each misdeed is a test of its own, with its carrier's script beside it.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::time::Duration;

use bytes::BytesMut;
use telegraphy::flow::Report;
use telegraphy::message::Class;
use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::field::{Address, COctets};
use telegraphy::smpp::pdu::{
    BindResp, Body, DataSm, DeliverSm, DeliverSmResp, Frame, SubmitSm, SubmitSmResp,
};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::{EsmClass, Npi, Ton};

use super::support::{Peer, Plan, Running, accept_bind, encode, id_in, submit_sm};

const OK: CommandStatus = CommandStatus::ESME_ROK;

/// A gateway with a carrier that means no good, and one that does.
struct Bed {
    // The peers go before the gateway, which would wait for them to answer its unbind.
    south: Peer,
    customer: Peer,
    gateway: Running,
}

impl Bed {
    fn new() -> Self {
        Self::of(Plan::new())
    }

    /// With so little patience for responses that a test can wait for its end, and enough for its answer to the bind.
    fn impatient() -> Self {
        let mut plan = Plan::new();
        plan.settings.carriers[0].response = Duration::from_millis(500);
        Self::of(plan)
    }

    fn of(mut plan: Plan) -> Self {
        let south: TcpListener = plan.south("33");
        // The good one has all the time that it needs.
        plan.settings.carriers[1].response = Duration::from_secs(30);
        let gateway = plan.start();
        let south = accept_bind(&south);
        let customer = gateway.customer(BindKind::Transceiver);
        Self { south, customer, gateway }
    }

    /// A message for the bad carrier, accepted.
    fn submits(&mut self, text: &[u8]) -> Vec<u8> {
        self.customer.request(submit_sm(b"447700900121", text));
        let answer = self.customer.receive();
        assert_eq!(answer.status(), OK);
        id_in(&answer)
    }

    /// The customer is answered, and what goes by the good carrier arrives, whatever the bad one does.
    fn others_are_served(&mut self) {
        self.customer.request(submit_sm(b"33612345678", b"others"));
        assert_eq!(self.customer.receive().status(), OK);
        assert_eq!(text_of(&self.south.take(b"s-1")), b"others");
    }

    fn north_when(&self, as_it_must: impl Fn(&North) -> bool) -> North {
        north(&self.gateway.report_when(|report| as_it_must(&north(report))))
    }

    /// The customer's next receipt: the word for it, acknowledged.
    fn receipt(&mut self) -> String {
        let delivered = self.customer.receive();
        let Body::DeliverSm(sm) = delivered.body() else { panic!("{delivered:?}") };
        let text = String::from_utf8_lossy(sm.short_message.as_bytes()).into_owned();
        let (_, word) = text.split_once("stat:").unwrap();
        let word = word.split(' ').next().unwrap().to_owned();
        self.customer.send(OK, delivered.sequence(), Body::DeliverSmResp(DeliverSmResp::default()));
        word
    }
}

/// What the report says of the bad carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct North {
    /// Copies handed over.
    submitted: u64,
    /// Taken by it.
    accepted: u64,
    in_doubt: u64,
    queued: u64,
    links: usize,
}

fn north(report: &Report) -> North {
    let carrier = &report.carriers[0];
    let counts = &carrier.counts;
    North {
        submitted: counts.submitted,
        accepted: counts.accepted,
        in_doubt: counts.in_doubt,
        queued: carrier.queued as u64,
        links: carrier.links,
    }
}

fn text_of(frame: &Frame) -> Vec<u8> {
    let Body::SubmitSm(sm) = frame.body() else { panic!("not a submit_sm: {frame:?}") };
    sm.short_message.as_bytes().to_vec()
}

/// A header that says this length.
fn header(length: u32, command: u32, sequence: u32) -> Vec<u8> {
    [length, command, 0, sequence].map(u32::to_be_bytes).concat()
}

fn address<const MAX: usize>(digits: &[u8]) -> Address<&[u8], MAX> {
    Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(digits) }
}

fn answer(peer: &mut Peer, status: CommandStatus, sequence: u32, id: &[u8]) {
    let body = SubmitSmResp { message_id: COctets(id), ..SubmitSmResp::default() };
    peer.send(status, sequence, Body::SubmitSmResp(body));
}

#[test]
fn other_protocols_and_insane_lengths_in_place_of_a_bind_resp_end_the_attempt_and_not_the_trying() {
    let mut bed = Bed::new();
    bed.submits(b"waits");
    let mut noise = vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), vec![0x15, 3, 1, 0, 2, 2, 70]];
    noise.extend([0, 15, 0x7FFF_FFFF, 0xFFFF_FFFF].map(|length| header(length, 0x8000_0009, 1)));
    for octets in noise {
        let (mut carrier, _) = bed.gateway.carrier_asked();
        carrier.send_octets(&octets);
        assert!(carrier.receive_or_end().is_none(), "{octets:?}");
        bed.others_are_served();
    }
    assert_eq!(bed.north_when(|north| north.queued == 1).submitted, 0);
    assert_eq!(text_of(&bed.gateway.carrier().take(b"n-1")), b"waits");
}

#[test]
fn an_insane_length_on_a_bound_carrier_is_refused_and_its_window_is_in_doubt() {
    let mut bed = Bed::new();
    for (round, length) in (1..).zip([0, 15, 0x7FFF_FFFF, 0xFFFF_FFFF]) {
        let mut carrier = bed.gateway.carrier();
        bed.submits(b"lost sight of");
        assert_eq!(text_of(&carrier.receive()), b"lost sight of");
        carrier.send_octets(&header(length, 0x8000_0004, 7));
        let nack = carrier.receive();
        assert_eq!(
            (nack.command(), nack.status()),
            (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDLEN)
        );
        carrier.expect_end();
        bed.north_when(|north| north.in_doubt == round && north.links == 0);
        bed.others_are_served();
    }
    bed.submits(b"new");
    assert_eq!(text_of(&bed.gateway.carrier().take(b"n-1")), b"new");
    assert_eq!(bed.north_when(|north| north.accepted == 1).submitted, 5);
}

#[test]
fn a_bind_that_is_never_answered_is_given_up_and_tried_again() {
    let mut bed = Bed::impatient();
    bed.submits(b"waits");
    for _ in 0..2 {
        let (mut carrier, _) = bed.gateway.carrier_asked();
        bed.others_are_served();
        carrier.expect_end();
    }
    assert_eq!(text_of(&bed.gateway.carrier().take(b"n-1")), b"waits");
}

#[test]
fn a_refused_bind_is_tried_again_and_messages_wait_for_it_in_order() {
    let mut bed = Bed::new();
    let refused = Body::BindResp(BindKind::Transceiver, BindResp::default());
    for (status, body) in [
        (CommandStatus::ESME_RBINDFAIL, refused),
        (CommandStatus::ESME_RINVPASWD, refused),
        (CommandStatus::ESME_RINVCMDID, Body::GenericNack),
        (OK, Body::GenericNack),
    ] {
        let (mut carrier, sequence) = bed.gateway.carrier_asked();
        carrier.send(status, sequence, body);
        carrier.expect_end();
        bed.submits(format!("{status}").as_bytes());
        bed.others_are_served();
    }
    let mut carrier = bed.gateway.carrier();
    let texts: Vec<_> = (0..4).map(|_| String::from_utf8(text_of(&carrier.take(b"n"))).unwrap()).collect();
    assert_eq!(texts, ["ESME_RBINDFAIL", "ESME_RINVPASWD", "ESME_RINVCMDID", "ESME_ROK"]);
}

#[test]
fn a_carrier_that_goes_in_the_middle_of_its_answer_leaves_the_message_in_doubt() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"half answered");
    let sequence = carrier.receive().sequence();
    let body = SubmitSmResp { message_id: COctets(b"n-1".as_slice()), ..SubmitSmResp::default() };
    let whole = encode(OK, sequence, Body::SubmitSmResp(body));
    carrier.send_octets(&whole[..whole.len() - 2]);
    drop(carrier);
    bed.north_when(|north| north.in_doubt == 1 && north.links == 0);
    bed.others_are_served();
    bed.submits(b"next");
    assert_eq!(text_of(&bed.gateway.carrier().take(b"n-2")), b"next");
}

#[test]
fn a_carrier_that_goes_while_it_is_written_to_leaves_nothing_handed_over_and_forgotten() {
    let mut bed = Bed::new();
    for _ in 0..25 {
        let mut carrier = bed.gateway.carrier();
        for _ in 0..30 {
            bed.customer.request(submit_sm(b"447700900121", b"burst"));
        }
        carrier.receive();
        // What it has not read makes the end a reset, which the gateway may meet as it writes.
        drop(carrier);
        for _ in 0..30 {
            assert_eq!(bed.customer.receive().status(), OK);
        }
        bed.north_when(|north| north.links == 0 && north.submitted == north.in_doubt);
    }
    let report = bed.gateway.report();
    let north = north(&report);
    assert_eq!((north.queued + north.in_doubt, report.open), (25 * 30, 25 * 30));
    let mut carrier = bed.gateway.carrier();
    for _ in 0..north.queued {
        carrier.take(b"n");
    }
    assert_eq!(bed.north_when(|now| now.accepted == north.queued).in_doubt, north.in_doubt);
}

#[test]
fn quirk_78_a_generic_nack_of_the_right_number_is_an_answer_and_never_a_yes() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    for status in [CommandStatus::ESME_RSUBMITFAIL, CommandStatus::ESME_RINVCMDID, OK] {
        bed.submits(b"nacked");
        let sequence = carrier.receive().sequence();
        carrier.send(status, sequence, Body::GenericNack);
        assert_eq!(bed.receipt(), "REJECTD", "{status}");
    }
    bed.submits(b"later");
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RSYSERR] {
        let sequence = carrier.receive().sequence();
        carrier.send(status, sequence, Body::GenericNack);
    }
    assert_eq!(text_of(&carrier.take(b"n-1")), b"later");
    let report = bed.gateway.report_when(|report| north(report).accepted == 1);
    let refused = &report.carriers[0].counts.refused;
    assert_eq!(refused.values().sum::<u64>(), 5);
    let of = |status| refused.get(&status).copied();
    assert_eq!([0x45, 0x58, 0x08].map(of), [Some(1); 3]);
    bed.others_are_served();
}

#[test]
fn a_generic_nack_of_number_0_answers_nothing_and_the_message_ends_in_doubt() {
    let mut bed = Bed::impatient();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"unanswered");
    carrier.receive();
    carrier.send(CommandStatus::ESME_RINVMSGLEN, 0, Body::GenericNack);
    let north = bed.north_when(|north| north.in_doubt == 1);
    assert_eq!((north.submitted, north.links), (1, 1));
    bed.others_are_served();
    bed.submits(b"next");
    assert_eq!(text_of(&carrier.take(b"n-1")), b"next");
}

#[test]
fn quirk_5_an_id_of_200_octets_is_matched_like_any_other() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    let id = [b'7'; 200];
    bed.submits(b"hello");
    carrier.take(&id);
    let mut parameters = BytesMut::new();
    assert!(tlv::put(&mut parameters, Tag::RECEIPTED_MESSAGE_ID, &id));
    assert!(tlv::put(&mut parameters, Tag::MESSAGE_STATE, &[2]));
    carrier.request(Body::DeliverSm(DeliverSm { tlvs: Tlvs::new(&parameters), ..DeliverSm::default() }));
    assert_eq!(carrier.receive().status(), OK);
    assert_eq!(bed.receipt(), "DELIVRD");
}

#[test]
fn quirk_10_messages_and_receipts_without_an_id_are_not_taken_for_each_other() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"1");
    carrier.take(b"");
    bed.north_when(|north| north.accepted == 1);
    carrier.report("", "DELIVRD");
    assert_eq!(carrier.receive().status(), OK);
    bed.gateway.report_when(|report| report.parked == 1);
    bed.submits(b"2");
    carrier.take(b"");
    let report = bed.gateway.report_when(|report| north(report).accepted == 2);
    assert_eq!((report.parked, report.open), (1, 2));
    assert_eq!(report.accounts[0].counts.ended.total(), 0);
    bed.others_are_served();
}

#[test]
fn an_error_with_a_body_is_an_error() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"refused");
    let sequence = carrier.receive().sequence();
    answer(&mut carrier, CommandStatus::ESME_RINVDSTADR, sequence, b"n-1");
    assert_eq!(bed.receipt(), "REJECTD");
    let report = bed.gateway.report_when(|report| report.accounts[0].counts.told == 1);
    assert_eq!(report.carriers[0].counts.refused.get(&0x0B), Some(&1));
    assert_eq!(north(&report).accepted, 0);
}

#[test]
fn a_receipt_among_64_kilobytes_of_noise_is_read_and_one_of_noise_is_parked() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"hello");
    carrier.take(b"n-1");
    let receipt = |body: &[u8]| {
        let mut parameters = BytesMut::new();
        assert!(tlv::put(&mut parameters, Tag::MESSAGE_PAYLOAD, body));
        parameters
    };
    let noise: Vec<u8> = (0..65_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let endless = [&b"id:"[..], &[b'9'; 65_000]].concat();
    let good = [b"id:n-1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:", &noise[..]].concat();
    for body in [&noise, &endless, &good] {
        carrier.request(Body::DeliverSm(DeliverSm {
            esm_class: EsmClass::RECEIPT,
            tlvs: Tlvs::new(&receipt(body)),
            ..DeliverSm::default()
        }));
        assert_eq!(carrier.receive().status(), OK);
    }
    assert_eq!(bed.receipt(), "DELIVRD");
    assert_eq!(bed.gateway.report_when(|report| report.open == 0).parked, 2);
    bed.others_are_served();
}

#[test]
fn a_receipt_with_dates_of_the_year_00_is_a_receipt() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    for (n, date) in ["0001010000", "0000000000", "00-00-00 00:00:00"].into_iter().enumerate() {
        bed.submits(b"hello");
        carrier.take(format!("n-{n}").as_bytes());
        let text =
            format!("id:n-{n} sub:001 dlvrd:001 submit date:{date} done date:{date} stat:DELIVRD err:000");
        carrier.request(Body::DeliverSm(DeliverSm {
            esm_class: EsmClass::RECEIPT,
            short_message: text.as_bytes().into(),
            ..DeliverSm::default()
        }));
        assert_eq!(carrier.receive().status(), OK);
        assert_eq!(bed.receipt(), "DELIVRD", "{date}");
    }
    bed.gateway.report_when(|report| report.open == 0);
}

#[test]
fn a_message_for_nobody_and_one_that_cannot_be_ours_are_refused_for_good_and_the_bind_goes_on() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    let mut parameters = BytesMut::new();
    assert!(tlv::put(&mut parameters, Tag(0x1400), &[0; 2000]));
    let delivered = |digits, tlvs| {
        let text: &[u8] = b"STOP";
        Body::DeliverSm(DeliverSm {
            destination: address(digits),
            short_message: text.into(),
            tlvs: Tlvs::new(tlvs),
            ..DeliverSm::default()
        })
    };
    for message in [
        delivered(b"447700900999", b""),
        delivered(b"", b""),
        delivered(&[b'7'; 21], b""),
        delivered(b"447700900999", &parameters),
        Body::DataSm(DataSm { destination: address(b"447700900999"), ..DataSm::default() }),
    ] {
        let sequence = carrier.request(message);
        let refused = carrier.receive();
        assert_eq!((refused.sequence(), refused.status()), (sequence, CommandStatus::ESME_RX_R_APPN));
    }
    bed.submits(b"hello");
    assert_eq!(text_of(&carrier.take(b"n-1")), b"hello");
}

#[test]
fn quirk_74_an_answer_that_comes_late_is_for_the_message_it_answers() {
    let mut bed = Bed::impatient();
    let mut carrier = bed.gateway.carrier();
    let late: Vec<_> = [&b"1"[..], b"2", b"3"]
        .into_iter()
        .map(|text| {
            bed.submits(text);
            carrier.receive().sequence()
        })
        .collect();
    bed.north_when(|north| north.in_doubt == 3);
    bed.submits(b"4");
    carrier.take(b"n-4");
    for (sequence, id) in late.iter().zip([b"n-1", b"n-2", b"n-3"]).rev() {
        answer(&mut carrier, OK, *sequence, id);
    }
    let north = bed.north_when(|north| north.accepted == 4);
    assert_eq!(north.submitted, 4);
    carrier.report("n-2", "UNDELIV");
    assert_eq!(carrier.receive().status(), OK);
    assert_eq!(bed.receipt(), "UNDELIV");
    assert_eq!(bed.gateway.report_when(|report| report.open == 3).parked, 0);
}

#[test]
fn promise_2_a_receipt_that_comes_twice_counts_once_and_is_told_once() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"hello");
    carrier.take(b"n-1");
    for stat in ["DELIVRD", "DELIVRD", "UNDELIV"] {
        carrier.report("n-1", stat);
        assert_eq!(carrier.receive().status(), OK);
    }
    assert_eq!(bed.receipt(), "DELIVRD");
    let report = bed.gateway.report_when(|report| report.accounts[0].counts.told == 1);
    let counts = report.accounts[0].counts;
    assert_eq!((report.open, counts.ended.of(Class::Delivered), counts.ended.total()), (0, 1, 1));
    assert_eq!(report.carriers[0].counts.repeated, 2);
}

#[test]
fn answers_that_come_twice_or_to_nothing_change_nothing() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    bed.submits(b"1");
    let sequence = carrier.receive().sequence();
    for unknown in [0, sequence + 1, 0x7FFF_FFFF, 0xFFFF_FFFF] {
        answer(&mut carrier, OK, unknown, b"n-0");
    }
    carrier.send(OK, sequence, Body::DeliverSmResp(DeliverSmResp::default()));
    answer(&mut carrier, OK, sequence, b"n-1");
    answer(&mut carrier, OK, sequence, b"n-2");
    answer(&mut carrier, CommandStatus::ESME_RSYSERR, sequence, b"");
    bed.submits(b"2");
    assert_eq!(text_of(&carrier.take(b"n-3")), b"2");
    let north = bed.north_when(|north| north.accepted == 2);
    assert_eq!((north.submitted, north.in_doubt, north.queued), (2, 0, 0));
    carrier.report("n-2", "UNDELIV");
    assert_eq!(carrier.receive().status(), OK);
    carrier.report("n-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), OK);
    assert_eq!(bed.receipt(), "DELIVRD");
}

#[test]
fn requests_that_are_not_a_carriers_are_refused_and_the_bind_goes_on() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    carrier
        .request(Body::DeliverSm(DeliverSm { short_message: (&b"STOP"[..]).into(), ..DeliverSm::default() }));
    let refused = carrier.receive();
    assert_eq!(
        (refused.command(), refused.status()),
        (CommandId::DELIVER_SM_RESP, CommandStatus::ESME_RX_R_APPN)
    );
    carrier.request(submit_sm(b"447700900121", b"the wrong way"));
    let refused = carrier.receive();
    assert_eq!(
        (refused.command(), refused.status()),
        (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RINVBNDSTS)
    );
    carrier.bind(BindKind::Transceiver, b"gateway", b"upstream");
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_RALYBND);
    carrier.send_octets(&header(16, 0x0000_0111, 42));
    let nack = carrier.receive();
    assert_eq!(
        (nack.command(), nack.status(), nack.sequence()),
        (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID, 42)
    );
    // Nobody answers an answer, known or not.
    carrier.send_octets(&header(16, 0x8000_0111, 43));
    carrier.send_octets(&header(16, 0x8000_0004, 44));
    bed.submits(b"hello");
    assert_eq!(text_of(&carrier.take(b"n-1")), b"hello");
}

#[test]
fn a_carrier_that_unbinds_in_the_middle_of_a_window_gets_nothing_new_and_may_still_answer() {
    let mut plan = Plan::new();
    plan.settings.carriers[0].window = 2;
    let mut bed = Bed::of(plan);
    let mut carrier = bed.gateway.carrier();
    for text in [b"1", b"2", b"3"] {
        bed.submits(text);
    }
    let first = carrier.receive().sequence();
    carrier.receive();
    carrier.request(Body::Unbind);
    assert!(matches!(carrier.receive().body(), Body::UnbindResp));
    answer(&mut carrier, OK, first, b"n-1");
    let north = bed.north_when(|north| north.accepted == 1);
    assert_eq!((north.submitted, north.queued, north.links), (2, 1, 0));
    drop(carrier);
    bed.north_when(|north| north.in_doubt == 1);
    assert_eq!(text_of(&bed.gateway.carrier().take(b"n-3")), b"3");
    assert_eq!(bed.north_when(|north| north.accepted == 2).submitted, 3);
}

#[test]
fn a_carrier_that_never_reads_holds_its_own_window_and_nobody_else() {
    const MESSAGES: usize = 150;
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    let mut parameters = BytesMut::new();
    assert!(tlv::put(&mut parameters, Tag::MESSAGE_PAYLOAD, &[b'x'; 60_000]));
    for n in 0..MESSAGES {
        let Body::SubmitSm(body) = submit_sm(b"447700900121", b"") else { unreachable!() };
        let service_type = format!("{n}");
        bed.customer.request(Body::SubmitSm(SubmitSm {
            service_type: COctets(service_type.as_bytes()),
            tlvs: Tlvs::new(&parameters),
            ..body
        }));
        assert_eq!(bed.customer.receive().status(), OK);
    }
    let north = bed.north_when(|north| north.submitted == 100);
    assert_eq!((north.queued, north.in_doubt), (50, 0));
    bed.others_are_served();
    let mut seen = BTreeSet::new();
    for n in 0..MESSAGES {
        let submit = carrier.take(format!("n-{n}").as_bytes());
        let Body::SubmitSm(sm) = submit.body() else { unreachable!() };
        assert_eq!(sm.tlvs.message_payload().map(<[u8]>::len), Some(60_000));
        assert!(seen.insert(sm.service_type.as_bytes().to_vec()), "sent twice");
    }
    let north = bed.north_when(|north| north.accepted == MESSAGES as u64);
    assert_eq!((north.submitted, north.queued, north.in_doubt), (MESSAGES as u64, 0, 0));
}

#[test]
fn promise_7_a_carrier_that_asks_without_reading_the_answers_is_paused_and_holds_nobody_up() {
    let mut bed = Bed::new();
    let mut carrier = bed.gateway.carrier();
    let burst: Vec<u8> =
        (1..=2000).flat_map(|sequence| encode(OK, sequence, Body::EnquireLink).to_vec()).collect();
    carrier.stream().set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut sent = 0usize;
    let paused = loop {
        match carrier.stream().write(&burst) {
            Ok(n) => sent += n,
            Err(error) => break error,
        }
        assert!(sent < 200 << 20, "it took {sent} octets and never stopped reading");
    };
    assert!(matches!(paused.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{paused}");
    bed.submits(b"waits");
    bed.others_are_served();
    drop(carrier);
    bed.north_when(|north| north.links == 0 && north.queued + north.in_doubt == 1);
}
