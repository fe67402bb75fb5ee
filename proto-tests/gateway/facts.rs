//! What operators say, through the socket that only they may write to.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use std::sync::Arc;
use std::time::Duration;

use telegraphy::base::calendar::{Date, Month, UtcOffset};
use telegraphy::engine::clock::Clock;
use telegraphy::message::{Channel, Class};
use telegraphy::sla::Variant;
use telegraphy::sla::terms::claim::Closing;
use telegraphy::sla::terms::policy::{Base, Cap, Form, Metric, Scope, Target, TargetOp, Version};
use telegraphy::sla::terms::{ClaimRule, Contract, PeriodRule, Policy, PolicyDraft, Share, Terms, Workdays};
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Plan, Running, counted_anew, submit_sm};
use crate::cli::telegraphy;

/// A gateway with an operators' socket, and the socket's file.
fn started(folder: &tempfile::TempDir) -> (Running, PathBuf) {
    let socket = folder.path().join("operators");
    let mut plan = Plan::new();
    plan.settings.operators = Some(socket.clone());
    (plan.start(), socket)
}

fn fact(socket: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let at = ["--socket", socket.to_str().unwrap()];
    telegraphy(&[&["fact"], arguments, &at[..]].concat())
}

/// A time that everything that is submitted now lies in.
const NOW: [&str; 4] = ["--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"];

#[test]
fn r11_a_fact_is_said_listed_and_withdrawn_and_excludes_in_between() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, socket) = started(&folder);
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    let mut one = |id: &str| {
        customer.request(submit_sm(b"447700900121", b"hello"));
        customer.receive();
        carrier.take(id.as_bytes());
        carrier.report(id, "DELIVRD");
        assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    };
    assert_eq!(fact(&socket, &["list"]).1, "nothing has been said\n");
    let about = ["--account", "acme", "--why", "ticket 7", "--by", "Mei"];
    let said = fact(&socket, &[&["exclude", "pumping"], &NOW[..], &about[..]].concat());
    assert_eq!((said.0, said.1.as_str()), (Some(0), "fact 1 is written down\n"), "{said:?}");
    one("1");
    let withdrawn = fact(&socket, &["withdraw", "1", "--why", "it was somebody else"]);
    assert_eq!(withdrawn.1, "fact 2 is written down\n", "{withdrawn:?}");
    one("2");
    let report = gateway.report_when(|report| report.accounts[0].counts.ended.total() == 2);
    let ended = report.accounts[0].counts.ended;
    assert_eq!((ended.of(Class::Excluded), ended.of(Class::Delivered)), (1, 1));
    counted_anew(&socket);
    let (_, listed, _) = fact(&socket, &["list"]);
    assert!(listed.contains("pumping of account acme from 2020-01-01 00:00:00.000Z to 2100"), "{listed}");
    assert!(listed.contains(", withdrawn\n      by Mei (local socket, uid "), "{listed}");
    assert!(listed.contains("withdraws 1\n      by operator"), "{listed}");
}

#[test]
fn what_is_no_fact_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (_gateway, socket) = started(&folder);
    let refused = |arguments: &[&str], reason: &str| {
        let (status, _, err) = fact(&socket, arguments);
        assert_eq!(status, Some(1), "{err}");
        assert!(err.contains("refused, and nothing has changed: ") && err.contains(reason), "{err}");
    };
    let why = ["--why", "x"];
    let exclude = |more: &[&'static str]| [&["exclude"], more, &NOW[..], &why[..]].concat();
    refused(&exclude(&["pumped"]), "there is no exclusion \"pumped\"; there are: customer, content");
    refused(&exclude(&["pumping"]), "about one account; name it");
    refused(&exclude(&["hacked", "--account", "acne"]), "there is no account \"acne\"");
    refused(&exclude(&["maintenance"]), "announced before it began");
    refused(&exclude(&["flow"]), "not said by hand");
    refused(&exclude(&["complaint", "--number", "nobody"]), "a number is 1 to 20 digits");
    refused(&exclude(&["regulator", "--prefix", "86138001380"]), "a prefix is 1 to 7 digits");
    refused(&["withdraw", "9", "--why", "x"], "there is no such fact");
    assert_eq!(fact(&socket, &["list"]).1, "nothing has been said\n");
}

/// What `acme` is promised since 2020: claims by mail or ticket, from the first working day of the month after a period
/// to the end of the sixth.
fn contract() -> Contract {
    let (first, offset) = (Date::new(2020, 1, 1).unwrap(), UtcOffset::CHINA);
    let terms = Terms {
        metric: Metric::SuccessRate { numerator: Variant::Strict, scope: Scope::everything() },
        target: Target { share: Share::read("95%").unwrap(), op: TargetOp::AtLeast },
        tiers: Vec::new(),
        base: Base::Paid,
        form: Form::Voucher,
        cap: Cap::Paid,
        close_after: Duration::ZERO,
        claim: ClaimRule {
            opens_after_workday: 1,
            closes: Closing::MonthsAfter(6),
            channels: vec![Channel::Email, Channel::Ticket],
        },
    };
    let versions = vec![Version { number: 1, effective_from: first, notice_sent_at: None, terms }];
    let (name, provider, periods) = ("plain".into(), "us".into(), PeriodRule::CalendarMonth);
    let draft = PolicyDraft { name, provider, offset, periods, notice_days: 0, versions };
    let periods = periods.periods(first, None, offset).unwrap();
    Contract { account: "acme".to_owned(), policy: Arc::new(Policy::new(draft).unwrap()), periods }
}

/// A gateway with that contract, until 2099 with a calendar whose only holidays are the first of January.
fn promising(folder: &tempfile::TempDir) -> (Running, PathBuf) {
    let socket = folder.path().join("operators");
    let mut plan = Plan::new();
    plan.settings.operators = Some(socket.clone());
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    plan.settings.flow.contracts = vec![contract()];
    let years: Vec<u16> = (2020..2100).collect();
    let off: Vec<Date> = years.iter().filter_map(|year| Date::new(*year, 1, 1)).collect();
    plan.settings.flow.workdays = Arc::new(Workdays::new(&years, &off, &[]).unwrap());
    (plan.start(), socket)
}

/// So many months before this one.
fn month(before: u32) -> Month {
    let today = Date::of(Clock::start().wall(), UtcOffset::CHINA);
    (0..before).fold(today.month(), |month, _| month.first().minus_days(1).month())
}

fn said(socket: &std::path::Path, arguments: &[&str], number: u32) {
    let (status, out, err) = fact(socket, arguments);
    assert_eq!((status, out), (Some(0), format!("fact {number} is written down\n")), "{err}");
}

fn refused(socket: &std::path::Path, arguments: &[&str], reason: &str) {
    let (status, _, err) = fact(socket, arguments);
    assert_eq!(status, Some(1), "{err}");
    assert!(err.contains("refused, and nothing has changed: ") && err.contains(reason), "{err}");
}

fn claim<'a>(account: &'a str, period: &'a str, channel: &'a str) -> [&'a str; 9] {
    ["claim", "--account", account, "--period", period, "--channel", channel, "--why", "mail 12"]
}

#[test]
fn r30_a_claim_is_filed_in_its_window_listed_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, socket) = promising(&folder);
    let (claimed, again) = (month(2).to_string(), month(3).to_string());
    let no = |arguments: &[&str], reason: &str| refused(&socket, arguments, reason);
    no(&claim("acne", &claimed, "email"), "there is no account \"acne\"");
    no(&claim("acme", "November", "email"), "\"November\" is no period");
    no(&claim("acme", &claimed, "telex"), "there is no channel \"telex\"; there are: email, letter, ticket");
    no(&claim("acme", &claimed, "letter"), &format!("claims about {claimed} are not taken in this way"));
    no(&claim("acme", "2019-12", "email"), "the account's contract has no such period");
    no(&claim("acme", "2020-01", "email"), "claims about 2020-01 were taken until 2020-07-31");
    let open = month(0).to_string();
    no(&claim("acme", &open, "email"), &format!("claims about {open} are taken after "));
    no(&["answer", "1", "--granted", "--why", "x"], "there is no such fact");
    assert_eq!(fact(&socket, &["list"]).1, "nothing has been said\n");

    said(&socket, &claim("acme", &claimed, "ticket"), 1);
    no(&claim("acme", &claimed, "email"), &format!("there is a claim about {claimed} already"));
    no(&["answer", "1", "--why", "x"], "say whether the claim is granted or refused");
    said(&socket, &claim("acme", &again, "email"), 2);
    let (_, status, _) = telegraphy(&["status", "--url", &gateway.control()]);
    assert!(status.contains("\nclaims: 2 wait for their answers\n"), "{status}");
    said(&socket, &["answer", "1", "--granted", "--why", "voucher 9"], 3);
    no(&["answer", "1", "--refused", "--why", "x"], "that is answered already");
    said(&socket, &["withdraw", "2", "--why", "sent twice"], 4);
    no(&["answer", "2", "--refused", "--why", "x"], "that fact is withdrawn already");
    let (_, listed, _) = fact(&socket, &["list"]);
    for words in [
        format!(" claim of account acme for {claimed} by ticket; granted with 3 at 2"),
        format!(" claim of account acme for {again} by email, withdrawn\n"),
        " answers 1: granted\n      by operator (local socket, uid ".to_owned(),
        "): voucher 9\n".to_owned(),
    ] {
        assert!(listed.contains(&words), "{words}\n{listed}");
    }
    let (_, status, _) = telegraphy(&["status", "--url", &gateway.control()]);
    assert!(!status.contains("claims: "), "{status}");
    // One verdict, and the words of the command line.
    assert_eq!(fact(&socket, &["answer", "2", "--granted", "--refused", "--why", "x"]).0, Some(2));
}

#[test]
fn a24_a_claim_is_refused_while_nobody_knows_the_working_days_and_without_a_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (_gateway, socket) = started(&folder);
    refused(&socket, &claim("acme", "2021-11", "email"), "the account has no contract to claim by");
    let other = tempfile::tempdir().unwrap();
    let path = other.path().join("operators");
    let mut plan = Plan::new();
    plan.settings.operators = Some(path.clone());
    plan.settings.flow.contracts = vec![contract()];
    let _gateway = plan.start();
    let reason = "the working days of the month after 2021-11 are not known";
    refused(&path, &claim("acme", "2021-11", "email"), reason);
    assert_eq!(fact(&path, &["list"]).1, "nothing has been said\n");
}

#[test]
fn r16_r58_a_complaint_waits_in_the_list_and_the_status_until_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, socket) = promising(&folder);
    let about = ["--number", "447700900121", "--why", "ticket 7"];
    said(&socket, &[&["exclude", "complaint"], &NOW[..], &about[..]].concat(), 1);
    let (_, listed, _) = fact(&socket, &["list"]);
    assert!(listed.contains("complaint of the number 1/1:447*******21 from 2020"), "{listed}");
    assert!(listed.contains("; to be answered by 2"), "{listed}");
    assert!(listed.contains("(`telegraphy trace NUMBER` shows what the number was sent)"), "{listed}");
    let (_, status, _) = telegraphy(&["status", "--url", &gateway.control()]);
    assert!(status.contains("\ncomplaints: 1 wait for their answers, the first is due by 2"), "{status}");
    refused(&socket, &["answer", "1", "--refused", "--why", "x"], "neither granted nor refused");
    let why = "x".repeat(256);
    refused(&socket, &["answer", "1", "--why", &why], "more than 255 octets");
    refused(&socket, &["answer", "1", "--why", ""], "it has no reason");
    said(&socket, &["answer", "1", "--why", "the signature was stopped"], 2);
    refused(&socket, &["answer", "1", "--why", "x"], "that is answered already");
    refused(&socket, &["answer", "2", "--why", "x"], "only a claim or a complaint has an answer");
    let (_, listed, _) = fact(&socket, &["list"]);
    assert!(listed.contains("; answered in time with 2 at 2"), "{listed}");
    assert!(listed.contains(" answers 1\n      by operator"), "{listed}");
    let (_, status, _) = telegraphy(&["status", "--url", &gateway.control()]);
    assert!(!status.contains("complaints: "), "{status}");
    // The gauges belong to all gateways of a process: only their names are sure.
    let metrics = ureq::get(format!("{}/metrics", gateway.control())).call().unwrap();
    let metrics = metrics.into_body().read_to_string().unwrap();
    for name in ["complaints_open", "complaints_overdue", "claims_open"] {
        assert!(metrics.contains(&format!("\ntelegraphy_{name} ")), "{metrics}");
    }
}

#[test]
fn only_its_user_may_write_to_the_socket_and_its_file_goes_with_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, socket) = started(&folder);
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of its making");
    gateway.drain();
    assert!(!socket.exists());
    let (status, _, err) = fact(&socket, &["list"]);
    assert_eq!(status, Some(1));
    assert!(err.contains("is the gateway running"), "{err}");
}

#[test]
fn promise_8_whatever_an_operator_writes_is_answered_or_hung_up_on() {
    let folder = tempfile::tempdir().unwrap();
    let (_gateway, socket) = started(&folder);
    let mut stream = UnixStream::connect(&socket).unwrap();
    for nonsense in [&b"{}\n"[..], b"\xff\xfe\n", b"[[[[[[[[\n", b"{\"withdraw\":{\"fact\":-1}}\n", b"\n"] {
        stream.write_all(nonsense).unwrap();
        let mut answer = String::new();
        BufReader::new(&stream).read_line(&mut answer).unwrap();
        assert!(answer.starts_with("{\"refused\":\"not understood: "), "{answer}");
    }
    // A line without an end is hung up on; what is written meanwhile may not arrive any more.
    let _hung_up = stream.write_all(&vec![b'x'; 1 << 20]);
    let mut rest = Vec::new();
    let _hung_up = stream.read_to_end(&mut rest);
    assert_eq!(rest, b"");
    assert_eq!(fact(&socket, &["list"]).1, "nothing has been said\n");
}
