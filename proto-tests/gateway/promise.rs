//! What an account is promised, and how it stands: from the wire to the report.

use std::path::Path;

use telegraphy::app::promise::PeriodReport;
use telegraphy::config;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Peer, Plan, Running, submit_sm};
use crate::cli::telegraphy;

/// A gateway whose account has the contract of JD Cloud, at home in zone 44, as settings would say it.
fn started(more: &str) -> Running {
    let text = format!(
        "[log]\npath = \"data\"\n[sla]\nhome = [\"44\"]\n[[account]]\nname = \"acme\"\n{more}\n[[account.system]]\n\
         system_id = \"acme\"\npassword = {{ env = \"X\" }}\n[[carrier]]\nname = \"north\"\naddress = \"127.0.0.1:1\"\n\
         system_id = \"x\"\npassword = {{ env = \"X\" }}\n[[route]]\nprefix = \"\"\ncarrier = \"north\"\n"
    );
    let settings = config::settings(Path::new("gateway.toml"), &text, |_| Some("secret".into())).unwrap();
    let mut plan = Plan::new();
    plan.settings.sla = settings.sla.into();
    plan.settings.flow.zones = settings.flow.zones;
    plan.settings.flow.contracts = settings.flow.contracts;
    plan.settings.flow.accounts[0].category = settings.flow.accounts[0].category;
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    plan.start()
}

fn end(customer: &mut Peer, carrier: &mut Peer, (to, id): (&str, &str), stat: &str) {
    customer.request(submit_sm(to.as_bytes(), b"hello"));
    customer.receive();
    carrier.take(id.as_bytes());
    carrier.report(id, stat);
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
}

fn report(gateway: &Running, more: &[&str]) -> (Option<i32>, String, String) {
    let control = gateway.control();
    telegraphy(&[&["report", "sla", "--account", "acme", "--url", &control], more].concat())
}

#[test]
fn r1_r2_r3_r26_an_account_stands_as_its_messages_ended_under_its_contract() {
    let gateway = started("policy = \"jd\"");
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let nothing: PeriodReport = serde_json::from_str(&report(&gateway, &["--json"]).1).unwrap();
    assert_eq!((nothing.ended, nothing.target_missed, nothing.compensation_due), (0, None, None));

    for id in 0..9 {
        end(&mut customer, &mut carrier, ("447700900121", &format!("d{id}")), "DELIVRD");
    }
    end(&mut customer, &mut carrier, ("447700900121", "f1"), "UNDELIV");
    // An invalid number is in neither count, and abroad is not the contract's.
    end(&mut customer, &mut carrier, ("447700900121", "x1"), "EXPIRED");
    end(&mut customer, &mut carrier, ("33123456789", "a1"), "UNDELIV");
    gateway.report_when(|report| report.accounts[0].counts.ended.total() == 12);
    let said = report(&gateway, &[]).1;
    for words in [
        "policy     jd of JD Cloud, version 1\n",
        "ended      11, 11 of them reported\n",
        "success    strict          90.00 %  1 failures of 10  <- judged by this\n",
        "target     95%: missed\n",
        "owed       nothing\n",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    end(&mut customer, &mut carrier, ("447700900121", "f2"), "UNDELIV");
    gateway.report_when(|report| report.accounts[0].counts.ended.total() == 13);
    let said = report(&gateway, &[]).1;
    assert!(said.contains("owed       compensation for less than 90%\n"), "{said}");
    assert!(said.contains("claims     from "), "{said}");
}

#[test]
fn what_cannot_be_reported_says_why() {
    let gateway = started("policy = \"alibaba-call-center\"");
    let refused = |more: &[&str], reason: &str| {
        let (status, _, err) = report(&gateway, more);
        assert_eq!(status, Some(1), "{err}");
        assert!(err.contains(reason), "{err}");
    };
    refused(&["--period", "november"], "a period is a month such as 2026-11");
    let control = gateway.control();
    let (_, _, err) = telegraphy(&["report", "sla", "--account", "acne", "--url", &control]);
    assert!(err.contains("there is no account \"acne\""), "{err}");
    gateway.drain();
    let (status, _, err) = telegraphy(&["report", "sla", "--account", "acme", "--url", &control]);
    assert_eq!(status, Some(1));
    assert!(err.contains("is it running"), "{err}");
}
