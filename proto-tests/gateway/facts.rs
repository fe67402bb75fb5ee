//! What operators say, through the socket that only they may write to.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use telegraphy::message::Class;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Plan, Running, submit_sm};
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
