//! What the commands for operators say about a gateway that runs.

use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::pdu::{Body, DeliverSmResp};
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
    gateway.drain();

    // Without the log, its record tells the same in short.
    let records = folder.path().join("records");
    let (status, out, _) = telegraphy(&["trace", "--records", records.to_str().unwrap(), "+447700900121"]);
    assert_eq!(status, Some(0));
    assert!(out.starts_with(&format!("message {id}, from **** to 447*******21, by its record\n")), "{out}");
    assert!(out.ends_with("receipt DELIVRD err 000: over, counts as delivered\n"), "{out}");
}
