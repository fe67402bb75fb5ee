//! What is counted, and for whom: from the wire to the report.

use telegraphy::base::privacy::Secret;
use telegraphy::customer::CustomerSystem;
use telegraphy::message::Class;
use telegraphy::sla::Variant;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Plan, submit_sm};

#[test]
fn r8_what_two_systems_of_one_account_submit_is_one_sum() {
    let mut plan = Plan::new();
    let second = CustomerSystem { system_id: "acme2".to_owned(), password: Secret::new("secret") };
    plan.settings.customers.accounts[0].systems.push(second);
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    for (place, system_id) in [&b"acme"[..], b"acme2"].into_iter().enumerate() {
        let mut customer = gateway.bound(BindKind::Transceiver, system_id);
        customer.request(submit_sm(b"447700900121", b"hello"));
        assert_eq!(customer.receive().status(), CommandStatus::ESME_ROK);
        let id = place.to_string();
        carrier.take(id.as_bytes());
        carrier.report(&id, if place == 0 { "DELIVRD" } else { "UNDELIV" });
        assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    }
    let report = gateway.report_when(|report| report.accounts[0].counts.ended.total() == 2);
    let rate = report.accounts[0].today.rate(Variant::Strict);
    assert_eq!((rate.failures, rate.valid, report.accounts.len()), (1, 2, 1));
}

#[test]
fn r10_a_submit_that_is_the_users_own_fault_is_refused_and_in_neither_count() {
    let gateway = Plan::new().start();
    let _carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    for text in [&b"hello"[..], b""] {
        customer.request(submit_sm(b"", text));
        assert_eq!(customer.receive().status(), CommandStatus::ESME_RINVDSTADR, "nobody to send it to");
    }
    let report = gateway.report_when(|report| report.accounts[0].counts.submitted() == 2);
    let account = &report.accounts[0];
    assert_eq!((account.counts.accepted, account.counts.ended.total(), account.today.total()), (0, 0, 0));
    assert_eq!(account.today.of(Class::ExplicitFailure), 0);
}
