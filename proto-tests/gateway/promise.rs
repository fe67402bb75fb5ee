//! What an account is promised, and how it stands: from the wire to the report, and again from what is left of it.

use std::fs;
use std::path::{Path, PathBuf};

use telegraphy::app::promise::PeriodReport;
use telegraphy::app::report::Document;
use telegraphy::config;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Peer, Plan, Running, counted_anew, submit_sm};
use crate::cli::telegraphy;

/// Settings whose account has this contract, at home in zone 44.
fn settings(more: &str) -> String {
    format!(
        "[log]\npath = \"log\"\n[sla]\nhome = [\"44\"]\n[[account]]\nname = \"acme\"\n{more}\n[[account.system]]\n\
         system_id = \"acme\"\npassword = {{ file = \"secret\" }}\n[[carrier]]\nname = \"north\"\n\
         address = \"127.0.0.1:1\"\nsystem_id = \"x\"\npassword = {{ file = \"secret\" }}\n\
         [[route]]\nprefix = \"\"\ncarrier = \"north\"\n"
    )
}

/// The plan that those settings would make.
fn plan(text: &str) -> Plan {
    // The passwords' file need not be here: the plan has passwords of its own.
    let text = text.replace("{ file = \"secret\" }", "{ env = \"X\" }");
    let settings = config::settings(Path::new("gateway.toml"), &text, |_| Some("secret".into())).unwrap();
    let mut plan = Plan::new();
    plan.settings.sla = settings.sla.into();
    plan.settings.flow.zones = settings.flow.zones;
    plan.settings.flow.contracts = settings.flow.contracts;
    plan.settings.flow.accounts[0].category = settings.flow.accounts[0].category;
    plan.settings.flow.carriers[0].codes = settings.flow.carriers[0].codes.clone();
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    plan
}

fn started(more: &str) -> Running {
    plan(&settings(more)).start()
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

/// A folder in which a gateway has run, with its settings in it.
struct Archive(tempfile::TempDir);

impl Archive {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("gateway.toml"), settings(more)).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        Self(folder)
    }

    fn start(&self) -> Running {
        let text = fs::read_to_string(self.0.path().join("gateway.toml")).unwrap();
        let mut plan = plan(&text);
        plan.settings.operators = Some(self.0.path().join("operators"));
        plan.start_in(self.0.path())
    }

    fn recomputed(&self, more: &[&str]) -> (Option<i32>, String, String) {
        let config = self.0.path().join("gateway.toml");
        let config = config.to_str().unwrap();
        let all = ["report", "sla", "--recompute", "--account", "acme", "--config", config];
        telegraphy(&[&all, more].concat())
    }

    /// The only file of records.
    fn records(&self) -> PathBuf {
        let files = fs::read_dir(self.0.path().join("records")).unwrap().map(|entry| entry.unwrap().path());
        let mut files = files.filter(|file| file.extension().is_some_and(|suffix| suffix == "tsv"));
        let file = files.find(|file| file.file_name().unwrap().to_str().unwrap().starts_with("records-"));
        file.expect("a file of records")
    }
}

/// Three hundred messages with codes of every kind. In the middle all are excluded for a while, and that is taken back;
/// somebody complains when most of what went there is over.
fn many(archive: &Archive, gateway: &Running) {
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let socket = archive.0.path().join("operators");
    let fact = |arguments: &[&str]| {
        let (status, _, err) =
            telegraphy(&[&["fact"], arguments, &["--socket", socket.to_str().unwrap()]].concat());
        assert_eq!(status, Some(0), "{err}");
    };
    let stats = ["DELIVRD", "UNDELIV", "EXPIRED", "REJECTD", "DELIVRD", "UNKNOWN", "NONSENSE", "DELIVRD"];
    let mut last = String::new();
    for number in 0..300 {
        if number == 100 {
            let window = ["--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"];
            let about = ["--account", "acme", "--why", "ticket 7, 447700900121"];
            fact(&[&["exclude", "pumping"], &window[..], &about[..]].concat());
        }
        if number == 200 {
            fact(&["withdraw", "1", "--why", "it was somebody else"]);
        }
        if number == 250 {
            let window = ["--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"];
            let about = ["--number", "447700900122", "--why", "ticket 8"];
            fact(&[&["exclude", "complaint"], &window[..], &about[..]].concat());
        }
        let to = match number {
            _ if number % 7 == 0 => "33123456789",
            _ if number % 5 == 0 => "447700900122",
            _ => "447700900121",
        };
        customer.request(submit_sm(to.as_bytes(), b"hello"));
        customer.receive();
        last = number.to_string();
        carrier.take(last.as_bytes());
        let err = if number % 11 == 0 { "4A7" } else { "000" };
        carrier.report_with(&last, stats[number % stats.len()], err);
        assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    }
    // What is not over is in no report, whoever makes it.
    customer.request(submit_sm(b"447700900121", b"open"));
    customer.receive();
    carrier.take(format!("{last}+1").as_bytes());
    counted_anew(&socket);
}

#[test]
fn r33_a_report_is_made_anew_from_log_and_records_to_the_same_bytes() {
    let archive = Archive::new("policy = \"jd\"\ntraffic = \"notifications\"");
    let gateway = archive.start();
    many(&archive, &gateway);
    let (_, live, err) = report(&gateway, &["--format", "json"]);
    let document: Document = serde_json::from_str(&live).expect(&err);
    assert!(document.standing.ended > 150 && document.standing.unmapped > 0, "{live}");
    let evidence: Vec<_> = document.evidence.iter().map(|of| (of.fact, of.withdrawn_by)).collect();
    assert_eq!(evidence, [(1, Some(2)), (3, None)]);
    assert_eq!(document.evidence[0].messages, 0, "none of it stands");
    // Of 51 fewer than ten were not over when it was said; an invalid number needs no fact.
    assert_eq!(document.evidence[1].messages, document.standing.excluded["complaint"]);
    assert!(document.evidence[1].messages > 20, "{:?}", document.evidence);
    assert!(!document.code_tables.is_empty());

    let as_of = document.as_of.to_string();
    let same = ["--format", "json", "--as-of", &as_of];
    // While it runs, whatever is in the records by now; and when it is gone, all of it.
    assert_eq!(archive.recomputed(&same).1, live);
    let under = |gateway: &Running, policy: &str| report(gateway, &["--json", "--policy", policy]).1;
    let plain = under(&gateway, "plain");
    assert!(plain.contains("\"instead_of\":\"jd\"") && plain != live, "{plain}");
    gateway.drain();
    assert_eq!(archive.recomputed(&same).1, live);
    // From the log alone.
    let nowhere = archive.0.path().join("nowhere");
    let without = [&same[..], &["--records", nowhere.to_str().unwrap()]].concat();
    assert_eq!(archive.recomputed(&without).1, live);
    for (format, begins) in [("csv", "account,period,"), ("html", "<!DOCTYPE html>"), ("table", "account  ")]
    {
        let file = archive.0.path().join("report");
        let to = ["--format", format, "--as-of", &as_of, "--output", file.to_str().unwrap()];
        assert_eq!(archive.recomputed(&to).0, Some(0));
        assert!(fs::read_to_string(&file).unwrap().starts_with(begins), "{format}");
    }

    let digest = document.digest;
    assert_eq!(archive.recomputed(&["--expect", &digest]).0, Some(0), "the digest does not need the time");
    let other = archive.recomputed(&["--expect", &digest.replace('a', "b")]);
    assert_eq!(other.0, Some(1));
    assert!(other.2.contains(&format!("its digest is {digest}")), "{}", other.2);
    // Before anything ended there was nothing.
    let start = document.cells.first().map(|_| document.as_of - 3_600_000).unwrap().to_string();
    let (_, before, _) = archive.recomputed(&["--json", "--as-of", &start]);
    assert!(before.contains("\"cells\":[]") && before.contains("\"basis_points\":null"), "{before}");
}

#[test]
fn r33_a_record_that_was_changed_gives_another_digest_and_a_damaged_one_is_refused_with_its_place() {
    let archive = Archive::new("policy = \"tencent\"\nterm = { from = \"2026-01-01\", months = 120 }");
    let gateway = archive.start();
    many(&archive, &gateway);
    let live = report(&gateway, &["--json"]).1;
    let document: Document = serde_json::from_str(&live).unwrap();
    gateway.drain();
    let (file, expect) = (archive.records(), ["--expect", &document.digest]);
    assert_eq!(archive.recomputed(&expect).0, Some(0));

    let written = fs::read_to_string(&file).unwrap();
    fs::write(&file, written.replacen("explicit_failure", "delivered", 1)).unwrap();
    assert_eq!(archive.recomputed(&expect).0, Some(1));
    fs::write(&file, written.replacen("explicit_failure", "explicit_failing", 1)).unwrap();
    let (status, out, err) = archive.recomputed(&[]);
    let line = 1 + written.lines().position(|line| line.contains("explicit_failure")).unwrap();
    assert_eq!((status, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains(&format!("{}, line {line}: class is not readable", file.display())), "{err}");
}

#[test]
fn what_cannot_be_recomputed_says_why() {
    let archive = Archive::new("policy = \"jd\"");
    archive.start().drain();
    let refused = |more: &[&str], reason: &str| {
        let (status, out, err) = archive.recomputed(more);
        assert_ne!(status, Some(0), "{err}");
        assert!(out.is_empty() && err.contains(reason), "{err}");
    };
    refused(&["--period", "1999-13"], "a period is a month such as 2026-11");
    refused(&["--policy", "jdd"], "there is no policy \"jdd\"; there are: alibaba-call-center, jd, plain");
    refused(&["--log", "/nowhere"], "/nowhere");
    refused(&["--output", "/nowhere/at/all"], "writing /nowhere/at/all");
    refused(&["--format", "xml"], "possible values: table, json, csv, html");
    let (status, _, err) = telegraphy(&["report", "sla", "--recompute", "--account", "acme"]);
    assert_eq!(status, Some(2));
    assert!(err.contains("--config"), "{err}");
}
