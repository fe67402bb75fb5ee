//! What the commands for operators say about a gateway that runs.

use std::path::Path;
use std::sync::Arc;

use telegraphy::base::ids::CarrierId;
use telegraphy::base::octets::Octets;
use telegraphy::base::time::Timestamp;
use telegraphy::detail::disk::Folder;
use telegraphy::detail::{ForeignRecords, NumberKey, Settings};
use telegraphy::matching::{IdForms, MatchRateSettings};
use telegraphy::message::{Address, CarrierMessageId, ForeignReceipt, Receipt, ReceiptState};
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::COctets;
use telegraphy::smpp::pdu::{Body, DeliverSmResp, SubmitSmResp};
use telegraphy::smpp::status::CommandStatus;

use super::support::{Plan, id_in, submit_sm};
use crate::cli::telegraphy;

#[test]
fn a_message_of_a_running_gateway_is_traced_from_its_acceptance_to_the_customers_answer() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Plan::new().start_in(folder.path());
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(submit_sm(b"447700900121", b"hello"));
    let id = String::from_utf8(id_in(&customer.receive())).unwrap();
    carrier.take(b"c-1");
    carrier.report("c-1", "DELIVRD");
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    let delivered = customer.receive();
    customer.send(
        CommandStatus::ESME_ROK,
        delivered.sequence(),
        Body::DeliverSmResp(DeliverSmResp::default()),
    );
    gateway.report_when(|report| report.accounts[0].counts.told == 1);

    let log = folder.path().join("log");
    let by_number = telegraphy(&["trace", "--log", log.to_str().unwrap(), "447700900121"]);
    let (status, out, err) = telegraphy(&["trace", "--log", log.to_str().unwrap(), &id]);
    assert_eq!((status, &*err), (Some(0), ""));
    assert_eq!(by_number, (status, out.clone(), err));
    let words: Vec<_> = out.lines().map(|line| line.get(28..).unwrap_or_default()).collect();
    assert!(out.starts_with(&format!("message {id}, from **** to 447*******21\n")), "{out}");
    assert!(words[1].starts_with("accepted for account acme to carrier north: 5 octets"), "{out}");
    assert_eq!(
        words[2..],
        [
            "handed over to north, attempt 1",
            "taken by north as \"c-1\"",
            "receipt DELIVRD err 000: over, counts as delivered",
            "customer told: it has acknowledged",
        ],
        "{out}"
    );
    drop((customer, carrier));
    gateway.drain();

    // Without the log, its record tells the same in short.
    let records = folder.path().join("records");
    let (status, out, _) = telegraphy(&["trace", "--records", records.to_str().unwrap(), "+447700900121"]);
    assert_eq!(status, Some(0));
    assert!(out.starts_with(&format!("message {id}, from **** to 447*******21, by its record\n")), "{out}");
    assert!(out.ends_with("receipt DELIVRD err 000: over, counts as delivered\n"), "{out}");
}

/// Files receipts of these carriers about these ids.
fn file(folder: &Path, receipts: &[(&str, &str)]) {
    let at = Timestamp::from_millis(1_795_258_519_000);
    let settings = Settings::new(NumberKey::new([7; 32]));
    let mut records = ForeignRecords::open(Folder::create(folder).unwrap(), &settings, at).unwrap();
    for (position, (carrier, id)) in (1..).zip(receipts) {
        let receipt = Receipt {
            carrier: CarrierId(0),
            id: CarrierMessageId::new(id.as_bytes()),
            state: ReceiptState { message_state: Some(2), stat: Octets::new(b"DELIVRD").unwrap() },
            err: Octets::new(b"000").unwrap(),
            network_error_code: None,
            recipient: Address::default(),
            sender: Address::default(),
        };
        let foreign = ForeignReceipt {
            carrier: Arc::from(*carrier),
            receipt,
            recipient: Some(Address::new(1, 1, b"447700900121").unwrap()),
            parked_at: at,
            filed_at: at,
        };
        records.append(position, &foreign).unwrap();
    }
    records.flush().unwrap();
}

#[test]
fn foreign_receipts_are_replayed_once_the_carriers_ids_are_read_as_it_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    // They had been read as they came.
    file(&records, &[("north", "255"), ("north", "256"), ("elsewhere", "255")]);
    let mut plan = Plan::new();
    plan.settings.flow.carriers[0].ids =
        IdForms { response: "hex".parse().unwrap(), receipt: "decimal".parse().unwrap() };
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(submit_sm(b"447700900121", b"hello"));
    customer.receive();
    carrier.take(b"00FF");
    gateway.report_when(|report| report.carriers[0].counts.accepted == 1);

    let records = records.to_str().unwrap();
    let (status, out, err) = telegraphy(&["foreign", "list", "--records", records, "--carrier", "north"]);
    assert_eq!((status, &*err), (Some(0), ""));
    assert_eq!(
        out.lines().next().unwrap(),
        "2026-11-21 10:55:19.000Z  north \"255\": DELIVRD err 000 for 447*******21, came 2026-11-21 10:55:19.000Z"
    );
    assert_eq!(out.lines().count(), 2);

    let control = gateway.control();
    let replay = |options: &[&str]| {
        telegraphy(&[&["foreign", "replay", "--records", records, "--url", &control], options].concat())
    };
    let (status, out, err) = replay(&["--day", "2026-11-21"]);
    assert_eq!((status, &*out), (Some(1), "2 of 3 receipts taken by the gateway\n"));
    assert!(err.contains("passed over, because the gateway has no such carrier: elsewhere"), "{err}");
    let delivered = customer.receive();
    assert!(matches!(delivered.body(), Body::DeliverSm(_)), "{delivered:?}");
    let report = gateway.report_when(|report| report.parked == 1);
    assert_eq!(report.carriers[0].counts.ended.total(), 1);

    // Once more: it counts once (promise 3).
    let (status, out, err) = replay(&["--id", "255", "--carrier", "north"]);
    assert_eq!((status, &*out, &*err), (Some(0), "1 of 1 receipts taken by the gateway\n", ""));
    let report = gateway.report();
    assert_eq!((report.carriers[0].counts.repeated, report.carriers[0].counts.ended.total()), (1, 1));
    assert_eq!(report.carriers[0].matched_of, (0, 0), "the carrier has sent nothing");
    let (status, _, err) = replay(&["--day", "2026-11-22"]);
    assert!(status == Some(1) && err.contains("no such foreign receipt"), "{err}");
}

#[test]
fn an_id_that_was_filed_in_the_form_of_the_responses_is_not_read_as_a_receipts() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    file(&records, &[("north", "255")]);
    let mut plan = Plan::new();
    plan.settings.flow.carriers[0].ids =
        IdForms { response: "hex".parse().unwrap(), receipt: "hex".parse().unwrap() };
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    customer.request(submit_sm(b"447700900121", b"hello"));
    customer.receive();
    carrier.take(b"FF");
    gateway.report_when(|report| report.carriers[0].counts.accepted == 1);
    let (records, control) = (records.to_str().unwrap(), gateway.control());
    let replay = ["foreign", "replay", "--records", records, "--url", &control];
    assert_eq!(telegraphy(&replay).0, Some(0));
    assert_eq!(gateway.report().carriers[0].counts.ended.total(), 0, "255 read as hexadecimal is another id");
    assert_eq!(telegraphy(&[&replay[..], &["--as-filed"]].concat()).0, Some(0));
    assert_eq!(gateway.report().carriers[0].counts.ended.total(), 1);
}

#[test]
fn a_carrier_whose_receipts_do_not_match_raises_an_alarm_and_its_form_of_ids_is_proposed() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::new();
    plan.settings.flow.carriers[0].learn_ids = true;
    plan.settings.flow.carriers[0].match_rate = MatchRateSettings { percent_min: 80, receipts_min: 20 };
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    let gateway = plan.start_in(folder.path());
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for number in (0..22).map(|n| 0xA000_0000_u32 + n * 7919) {
        customer.request(submit_sm(b"447700900121", b"hello"));
        customer.receive();
        carrier.take(format!("{number:X}").as_bytes());
        carrier.report(&number.to_string(), "DELIVRD");
        assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    }
    let report = gateway.report();
    let north = &report.carriers[0];
    assert_eq!((north.matched_of, north.match_alarm, report.parked), ((0, 22), true, 22));
    let proposal = north.proposal.unwrap();
    let forms = IdForms { response: "hex".parse().unwrap(), receipt: "decimal".parse().unwrap() };
    assert_eq!((proposal.forms, proposal.matched, proposal.matched_now), (forms, 20, 0));

    let (status, out, err) = telegraphy(&["status", "--url", &gateway.control()]);
    assert_eq!((status, &*err), (Some(0), ""));
    for words in [
        ", 0 of the latest 22 receipts matched, too few\n",
        "north: message_id = { response = \"hex\", receipt = \"decimal\" } would match 20 of 20 receipts, and not 0\n",
        ", room: plenty; no detail records written since the start\n",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    let url = format!("{}/metrics", gateway.control());
    let metrics = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
    for line in [
        "telegraphy_carrier_match_alarm{carrier=\"north\"} 1",
        "telegraphy_carrier_match_ratio{carrier=\"north\"} 0",
        "telegraphy_carrier_id_form_proposed{carrier=\"north\"} 1",
        "telegraphy_log_room{room=\"plenty\"} 1",
    ] {
        assert!(metrics.lines().any(|said| said == line), "{line}\n{metrics}");
    }
}

#[test]
fn receipts_that_overtake_their_responses_raise_no_alarm_once_these_have_come() {
    let mut plan = Plan::new();
    plan.settings.flow.carriers[0].match_rate = MatchRateSettings { percent_min: 80, receipts_min: 5 };
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let submitted: Vec<_> = (0..5)
        .map(|_| {
            customer.request(submit_sm(b"447700900121", b"hello"));
            customer.receive();
            carrier.receive()
        })
        .collect();
    for id in 0..5 {
        carrier.report(&format!("c-{id}"), "DELIVRD");
        assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    }
    assert!(gateway.report().carriers[0].match_alarm);
    for (id, submit) in submitted.iter().enumerate() {
        let id = format!("c-{id}");
        let body = SubmitSmResp { message_id: COctets(id.as_bytes()), ..SubmitSmResp::default() };
        carrier.send(CommandStatus::ESME_ROK, submit.sequence(), Body::SubmitSmResp(body));
    }
    let report = gateway.report_when(|report| report.parked == 0);
    assert_eq!((report.carriers[0].matched_of, report.carriers[0].match_alarm), ((5, 5), false));
}
