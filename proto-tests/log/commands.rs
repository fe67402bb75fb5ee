//! `telegraphy log`, as a process of its own, on logs that are closed and on one that this process has open.

use std::fs;
use std::path::Path;
use std::process::Command;

use telegraphy::base::ids::{AccountId, CarrierId, MessageId};
use telegraphy::base::time::Timestamp;
use telegraphy::log::file::{FileLog, FileSettings};
use telegraphy::log::{Batch, Log};
use telegraphy::message::Event;

use crate::source;

const SETTINGS: FileSettings = FileSettings { segment_bytes: 4096, salt: 7 };

/// What a command answers: its exit status, standard output and standard error.
fn telegraphy(arguments: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let (verb, options) = arguments.split_first().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_telegraphy"))
        .args(["log", verb])
        .arg(folder)
        .args(options)
        .output()
        .unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn message(number: u64) -> MessageId {
    MessageId::from_u64(number).unwrap()
}

/// One message's life after an account and a carrier were named.
fn life() -> Vec<Event> {
    let mut events = vec![
        Event::AccountNamed { account: AccountId(0), name: "acme".into() },
        Event::CarrierNamed { carrier: CarrierId(0), name: "north".into() },
    ];
    for id in 1..=40 {
        events.push(Event::HandedOver { message: message(id), at: Timestamp::from_millis(id) });
        events.push(Event::Told { message: message(id), status: 0 });
    }
    events
}

/// Appends each event by itself.
fn append(log: &mut FileLog, events: &[Event]) {
    for event in events {
        let mut batch = Batch::default();
        batch.push(|out| event.encode(out)).unwrap();
        log.append(&mut batch, log.end()).unwrap();
    }
}

#[test]
fn a_log_is_verified_counted_and_dumped_while_a_gateway_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open_folder(folder.path(), SETTINGS).unwrap();
    append(&mut log, &life());
    let (status, out, err) = telegraphy(&["verify"], folder.path());
    assert_eq!((status, &*err), (Some(0), ""));
    assert!(out.starts_with("ok: 82 records of "), "{out}");
    assert!(out.ends_with(" octets in 2 segments, positions 0 to 82\n"), "{out}");

    let (status, out, err) = telegraphy(&["stat"], folder.path());
    assert_eq!((status, &*err), (Some(0), ""));
    assert!(out.starts_with("segments   2, 8192 octets on disk"), "{out}");
    let count = |kind: &str| {
        let line = out.lines().find(|line| line.starts_with(kind)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(["AccountNamed", "CarrierNamed", "HandedOver", "Told"].map(count), [1, 1, 40, 40]);

    let (status, out, err) = telegraphy(&["dump"], folder.path());
    assert_eq!((status, &*err), (Some(0), ""));
    let expected: Vec<_> = life().iter().zip(0..).map(|(event, at)| format!("{at} {event:?}")).collect();
    assert_eq!(out.lines().collect::<Vec<_>>(), expected);

    // The log was neither taken nor changed.
    append(&mut log, &life());
    drop(log);
    assert_eq!(FileLog::open_folder(folder.path(), SETTINGS).unwrap().cut(), None);
    assert_eq!(telegraphy(&["dump", "--from", "82"], folder.path()).1.lines().count(), 82);
}

#[test]
fn a_dump_shows_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    append(&mut FileLog::open_folder(folder.path(), SETTINGS).unwrap(), &life());
    let dump = |options: &[&str]| telegraphy(&[&["dump"], options].concat(), folder.path());
    let (status, out, _) = dump(&["--from", "80", "--count", "1"]);
    assert_eq!((status, out), (Some(0), format!("80 {:?}\n", life()[80])));
    let (_, out, _) = dump(&["--message", "4"]);
    assert_eq!(out, format!("8 {:?}\n9 {:?}\n", life()[8], life()[9]));
    assert_eq!(dump(&["--count", "0"]).1, "");
    let (status, out, err) = dump(&["--from", "83"]);
    assert_eq!((status, &*out), (Some(1), ""));
    assert!(err.contains("position 83 is not in the log, which goes from 0 to 82"), "{err}");
}

#[test]
fn damage_is_named_by_file_and_offset() {
    let folder = tempfile::tempdir().unwrap();
    append(&mut FileLog::open_folder(folder.path(), SETTINGS).unwrap(), &life());
    let file = folder.path().join("00000000000000000001.seg");
    let mut octets = fs::read(&file).unwrap();
    octets[64 + 32 + 5] ^= 1;
    fs::write(&file, &octets).unwrap();
    let (status, out, _) = telegraphy(&["verify"], folder.path());
    assert_eq!(status, Some(1));
    assert!(out.starts_with(&format!("damaged: {} is damaged at byte 64: ", file.display())), "{out}");
    // What stands before it can be dumped, and then why it stops is said.
    let (status, _, err) = telegraphy(&["dump"], folder.path());
    assert_eq!(status, Some(1));
    assert!(err.contains("is damaged at byte 64"), "{err}");
}

#[test]
fn a_segment_that_was_cut_short_is_named_with_its_length_and_its_proper_length() {
    let folder = tempfile::tempdir().unwrap();
    append(&mut FileLog::open_folder(folder.path(), SETTINGS).unwrap(), &life());
    let file = folder.path().join("00000000000000000001.seg");
    let made = fs::metadata(&file).unwrap().len();
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(100).unwrap();
    for verb in ["verify", "stat", "dump"] {
        let (status, out, err) = telegraphy(&[verb], folder.path());
        assert_eq!(status, Some(1), "{verb}");
        let says = format!("{} is damaged at byte 100: expected {made} octets or more", file.display());
        assert!(out.contains(&says) || err.contains(&says), "{verb}: {out}{err}");
    }
}

#[test]
fn an_unfinished_append_is_the_end_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    append(&mut FileLog::open_folder(folder.path(), SETTINGS).unwrap(), &life()[..2]);
    let file = folder.path().join("00000000000000000001.seg");
    let mut octets = fs::read(&file).unwrap();
    let end = octets.iter().rposition(|&octet| octet != 0).unwrap() + 1;
    octets[end + 4..end + 20].fill(0xaa);
    fs::write(&file, &octets).unwrap();
    let (status, out, _) = telegraphy(&["verify"], folder.path());
    assert_eq!(status, Some(0), "{out}");
    assert!(out.starts_with("ok: 2 records"), "{out}");
    assert!(out.contains("octets of an append that is not finished"), "{out}");
    assert!(fs::read(&file).unwrap() == octets);
}

#[test]
fn where_there_is_no_log_the_commands_say_so() {
    let folder = tempfile::tempdir().unwrap();
    for verb in ["verify", "dump", "stat"] {
        let (status, out, err) = telegraphy(&[verb], &folder.path().join("missing"));
        assert_eq!((status, &*out), (Some(1), ""), "{verb}");
        assert!(err.contains("missing"), "{err}");
    }
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn records_that_are_no_events_of_this_release_are_counted_apart() {
    let fixture = source::root().join("proto-tests/fixtures/log/v1");
    let (status, out, _) = telegraphy(&["stat"], &fixture);
    assert_eq!(status, Some(0));
    assert!(out.contains(", unknown "), "{out}");
    assert!(out.contains("records    49 of "), "{out}");
}
