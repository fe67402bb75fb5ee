//! A carrier's codes, from its receipts to the counts, the status and the metrics.

use telegraphy::config;
use telegraphy::message::Class;
use telegraphy::sla::CarrierCodes;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Peer, Plan, Running, submit_sm};
use crate::cli::telegraphy;

/// A gateway whose carrier is one of China Mobile's.
fn started() -> Running {
    let mut plan = Plan::new();
    let family = config::built_in_codes().find(|family| &*family.name == "china-mobile").unwrap();
    let codes = CarrierCodes::new([].into_iter().collect(), vec![family.clone().into()], Vec::new());
    plan.settings.flow.carriers[0].codes = codes.into();
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    plan.start()
}

/// A message whose receipt says this.
fn ends_with(carrier: &mut Peer, customer: &mut Peer, id: &str, stat: &str, err: &str) {
    customer.request(submit_sm(b"8613800138000", b"hello"));
    customer.receive();
    carrier.take(id.as_bytes());
    carrier.report_with(id, stat, err);
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
}

#[test]
fn r5_codes_decide_what_counts_and_the_unmapped_ones_are_shown() {
    let gateway = started();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for (id, stat, err) in [
        ("1", "DELIVRD", "000"),
        ("2", "UNDELIV", "MK:0001"),
        ("3", "MK:0118", ""),
        ("4", "UNDELIV", "MA:0054"),
        ("5", "UNDELIV", "ZZ:0001"),
        ("6", "UNDELIV", "ZZ:0001"),
    ] {
        ends_with(&mut carrier, &mut customer, id, stat, err);
    }
    let report = gateway.report_when(|report| report.carriers[0].counts.ended.total() == 6);
    let counts = &report.accounts[0].counts;
    let classes = [Class::Delivered, Class::InvalidNumber, Class::Excluded, Class::ExplicitFailure];
    assert_eq!(classes.map(|class| counts.ended.of(class)), [1, 1, 1, 3]);
    assert_eq!((counts.rate().failures, counts.rate().valid, counts.unmapped), (3, 4, 2));

    let (status, out, err) = telegraphy(&["status", "--url", &gateway.control()]);
    assert_eq!((status, &*err), (Some(0), ""));
    assert!(
        out.contains("north: 2 messages ended with codes that no table has: UNDELIV ZZ:0001 2\n"),
        "{out}"
    );
    let metrics = ureq::get(format!("{}/metrics", gateway.control())).call().unwrap();
    let metrics = metrics.into_body().read_to_string().unwrap();
    let line = "telegraphy_carrier_unmapped_total{carrier=\"north\"} 2";
    assert!(metrics.lines().any(|said| said == line), "{metrics}");
}
