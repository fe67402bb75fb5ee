//! `telegraphy trace`, on a small log and on small records.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use telegraphy::app::records::number_key;
use telegraphy::base::ids::{AccountId, CarrierId, MessageId};
use telegraphy::base::octets::Octets;
use telegraphy::base::time::Timestamp;
use telegraphy::detail::disk::Folder;
use telegraphy::detail::{Records, Settings};
use telegraphy::log::file::{FileLog, FileSettings};
use telegraphy::log::{Batch, Log};
use telegraphy::message::{
    Address, Billed, CarrierMessageId, Category, Class, Content, Detail, Event, Fault, Label, Outcome,
    PartForm, PartOf, Receipt, ReceiptState, Submission, Verdict, Wishes, Zone,
};

use super::telegraphy;

/// 2026-11-21 10:55:19.000Z, and so many milliseconds.
fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(1_795_258_519_000 + ms)
}

fn message(number: u64) -> MessageId {
    MessageId::from_u64(number).unwrap()
}

fn submission(to: &[u8]) -> Submission {
    Submission {
        account: AccountId(0),
        source: Address::new(5, 0, b"ACMEBANKING").unwrap(),
        destination: Address::new(1, 1, to).unwrap(),
        registered_delivery: 1,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content { body: "the text".into(), ..Content::default() },
    }
}

fn accepted(id: u64, to: &[u8], ms: u64) -> Event {
    Event::Accepted {
        message: message(id),
        at: at(ms),
        carrier: CarrierId(0),
        due_at: Timestamp::default(),
        expires_at: at(86_400_000),
        shown: None,
        part: None,
        submission: Box::new(submission(to)),
    }
}

fn outcome(stat: &[u8], err: &[u8]) -> Outcome {
    Outcome {
        class: Class::Delivered,
        excluded_by: None,
        unmapped: false,
        fault: Fault::None,
        message_state: 2,
        stat: Octets::new(stat).unwrap(),
        err: Octets::new(err).unwrap(),
        network_error_code: None,
    }
}

fn names() -> Vec<Event> {
    vec![
        Event::AccountNamed { account: AccountId(0), name: "acme".into() },
        Event::CarrierNamed { carrier: CarrierId(0), name: "north".into() },
        Event::CarrierNamed { carrier: CarrierId(1), name: "south".into() },
    ]
}

/// Refused, tried elsewhere, in doubt, sent again, taken, reported early.
fn life() -> Vec<Event> {
    let (id, theirs) = (message(4_000_000_000_000_007), CarrierMessageId::new(b"c-7"));
    let receipt = Receipt {
        carrier: CarrierId(1),
        id: theirs.clone(),
        state: ReceiptState { message_state: Some(2), stat: Octets::new(b"DELIVRD").unwrap() },
        err: Octets::new(b"000").unwrap(),
        network_error_code: None,
        recipient: Address::default(),
        sender: Address::default(),
    };
    vec![
        accepted(4_000_000_000_000_007, b"447700900121", 1),
        Event::HandedOver { message: id, at: at(2) },
        Event::Time { at: at(50), ahead: 0 },
        Event::Deferred { message: id, status: 0x08, carrier: CarrierId(1), until: at(1050) },
        Event::HandedOver { message: id, at: at(1051) },
        Event::Time { at: at(31_000), ahead: 0 },
        Event::InDoubt { message: id },
        Event::Resent { message: id },
        Event::HandedOver { message: id, at: at(31_001) },
        Event::Parked { at: at(31_100), receipt: Box::new(receipt) },
        Event::Time { at: at(31_200), ahead: 0 },
        Event::Submitted { message: id, id: theirs.clone() },
        Event::Unparked { carrier: CarrierId(1), id: theirs },
        Event::Ended { message: id, at: at(31_200), outcome: outcome(b"DELIVRD", b"000") },
        Event::Time { at: at(31_300), ahead: 0 },
        Event::Told { message: id, status: 0 },
    ]
}

fn write(folder: &Path, events: &[Event]) {
    let mut log = FileLog::open_folder(folder, FileSettings { segment_bytes: 65_536, salt: 7 }).unwrap();
    let mut batch = Batch::default();
    for event in events {
        batch.push(|out| event.encode(out)).unwrap();
    }
    log.append(&mut batch, log.end()).unwrap();
}

fn trace(log: &Path, what: &[&str]) -> (Option<i32>, String, String) {
    telegraphy(&[&["trace", "--log", log.to_str().unwrap()], what].concat())
}

#[test]
fn a_message_is_traced_by_its_id_by_its_number_and_by_the_carriers_id() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    fs::create_dir(&log).unwrap();
    let other = [accepted(3, b"447700900999", 0)];
    write(&log, &[&names()[..], &other, &life()].concat());
    let expected = "\
message 4000000000000007, from ACM******NG to 447*******21
  2026-11-21 10:55:19.001Z  accepted for account acme to carrier north: 8 octets, data_coding 0, \
expires 2026-11-22 10:55:19.000Z; a receipt wanted
  2026-11-21 10:55:19.002Z  handed over to north, attempt 1
  2026-11-21 10:55:19.050Z  refused with 0x00000008: waits for another attempt at south, \
not before 2026-11-21 10:55:20.050Z
  2026-11-21 10:55:20.051Z  handed over to south, attempt 2
  2026-11-21 10:55:50.000Z  no answer from south: in doubt
  2026-11-21 10:55:50.000Z  in doubt for too long: what is handed over next is a copy
  2026-11-21 10:55:50.001Z  handed over to south, attempt 3
  2026-11-21 10:55:50.100Z  receipt DELIVRD err 000 from south as \"c-7\": no message had this id yet, parked
  2026-11-21 10:55:50.200Z  taken by south as \"c-7\"
  2026-11-21 10:55:50.200Z  receipt DELIVRD err 000: over, counts as delivered
  2026-11-21 10:55:50.300Z  customer told: it has acknowledged
";
    for what in [
        &["4000000000000007"][..],
        &["447700900121"],
        &["+447700900121"],
        &["--carrier-id", "c-7"],
        &["--records", "nowhere", "447700900121"],
    ] {
        let (status, out, err) = trace(&log, what);
        assert_eq!((status, &*out, &*err), (Some(0), expected, ""), "{what:?}");
    }
    let (_, out, _) = trace(&log, &["ACMEBANKING"]);
    assert_eq!(out.lines().filter(|line| line.starts_with("message ")).count(), 2, "{out}");
}

#[test]
fn the_parts_of_a_long_message_are_shown_together_whichever_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = names();
    for (id, number, ms) in [(11, 2, 1), (12, 1, 2)] {
        let Event::Accepted { message, at, carrier, due_at, expires_at, submission, .. } =
            accepted(id, b"447700900121", ms)
        else {
            unreachable!()
        };
        let head = self::message(11);
        let part = PartOf { head, form: PartForm::Udh8, reference: 9, total: 2, number, one_receipt: true };
        events.push(Event::Accepted {
            message,
            at,
            carrier,
            due_at,
            expires_at,
            shown: (id == 12).then_some(head),
            part: Some(part),
            submission,
        });
        events.push(accepted(id + 90, b"447700900999", ms));
    }
    events.push(Event::Gathered { head: message(11), carrier: CarrierId(1) });
    events.push(Event::HandedOver { message: message(12), at: at(4) });
    events.push(Event::Submitted { message: message(12), id: CarrierMessageId::new(b"part-one") });
    write(folder.path(), &events);
    for what in [&["11"][..], &["12"], &["--carrier-id", "part-one"]] {
        let (status, out, err) = trace(folder.path(), what);
        assert_eq!(status, Some(0), "{err}");
        let heads: Vec<_> = out.lines().filter(|line| !line.starts_with(' ')).collect();
        assert_eq!(heads.len(), 3, "{out}");
        assert_eq!(heads[0], "long message 11 of 2 parts");
        assert!(heads[1].starts_with("message 12, part 1 of 2, known to the customer as 11, from "), "{out}");
        assert!(heads[2].starts_with("message 11, part 2 of 2, from "), "{out}");
        assert!(out.contains("all parts are here: they wait for carrier south"), "{out}");
    }
}

#[test]
fn what_the_log_has_forgotten_is_told_by_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let (log, records) = (folder.path().join("log"), folder.path().join("records"));
    fs::create_dir(&log).unwrap();
    write(&log, &names());
    let key = number_key(
        {
            fs::create_dir(&records).unwrap();
            &records
        },
        None,
    )
    .unwrap();
    let mut files = Records::open(Folder::create(&records).unwrap(), &Settings::new(key), at(0)).unwrap();
    let detail = Detail {
        message: message(77),
        shown: None,
        account: Arc::from("acme"),
        carrier: Some(Arc::from("north")),
        carrier_message_id: CarrierMessageId::new(b"c-77"),
        category: Category::Notification,
        zone: Zone::default(),
        evidence: None,
        own_class: Class::Delivered,
        beyond_load: false,
        sent: 1,
        billed: Billed::default(),
        source: Address::new(5, 0, b"ACMEBANKING").unwrap(),
        destination: Address::new(1, 1, b"447700900121").unwrap(),
        registered_delivery: 1,
        data_coding: 0,
        esm_class: 0,
        parts: 1,
        octets: 8,
        accepted_at: at(1),
        handed_over_at: Some(at(2)),
        answered_at: Some(at(3)),
        ended_at: at(4),
        attempts: 1,
        copies: 0,
        ambiguous: false,
        outcome: outcome(b"DELIVRD", b"000"),
        verdict: Verdict::Receipt,
    };
    files.append(5, &detail).unwrap();
    // The next day closes the file, and closed files are compressed.
    files.roll(at(86_400_000)).unwrap();
    files.next_compressor().unwrap().run().unwrap();
    drop(files);
    assert!(fs::exists(records.join("records-2026-11-21.tsv.gz")).unwrap());
    let expected = "\
message 77, from ACM******NG to 447*******21, by its record
  2026-11-21 10:55:19.001Z  accepted for account acme: 8 octets in 1 submit_sm; a receipt wanted
  2026-11-21 10:55:19.002Z  handed over to north, attempt 1
  2026-11-21 10:55:19.003Z  taken by north as \"c-77\"
  2026-11-21 10:55:19.004Z  receipt DELIVRD err 000: over, counts as delivered
";
    for what in [&["77"][..], &["447700900121"], &["+447700900121"], &["--carrier-id", "c-77"]] {
        let (status, out, err) = trace(&log, what);
        assert_eq!((status, &*out, &*err), (Some(0), expected, ""), "{what:?}");
    }
}

#[test]
fn promise_13_what_is_not_found_is_said_without_the_number() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &names());
    let (status, out, err) = trace(folder.path(), &["447700900121"]);
    assert_eq!((status, &*out), (Some(1), ""));
    assert!(err.contains("no message or number 447*******21 in the log "), "{err}");
    let (status, _, err) = trace(folder.path(), &["4000000000000007"]);
    assert!(status == Some(1) && err.contains("no message or number 4000000000000007 in the log "), "{err}");
    let (status, _, err) = telegraphy(&["trace", "12"]);
    assert!(status == Some(1) && err.contains("say where to look: --config FILE"), "{err}");
}

#[test]
fn the_settings_say_where_the_log_and_the_records_are_and_how_ids_are_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "secret").unwrap();
    let minimal = fs::read_to_string(crate::source::root().join("config/minimal.toml")).unwrap();
    let mut settings = minimal.replace("../data", "log");
    for name in ["ACME_PASSWORD", "NORTH_PASSWORD"] {
        settings = settings.replace(&format!("env = \"{name}\""), "file = \"password\"");
    }
    let settings = settings.replace(
        "name = \"north\"",
        "name = \"north\"\nmessage_id = { response = \"hex\", receipt = \"decimal\" }",
    );
    let file = folder.path().join("gateway.toml");
    fs::write(&file, settings).unwrap();
    let log = folder.path().join("log");
    fs::create_dir(&log).unwrap();
    let taken = Event::Submitted { message: message(3), id: CarrierMessageId::new(b"255") };
    write(&log, &[&names()[..], &[accepted(3, b"447700900121", 0), taken]].concat());
    for option in ["--config", "--settings"] {
        for id in ["00FF", "255"] {
            let (status, out, err) =
                telegraphy(&["trace", option, file.to_str().unwrap(), "--carrier-id", id]);
            assert_eq!(status, Some(0), "{err}");
            assert!(out.starts_with("message 3, from ACM******NG to 447*******21\n"), "{out}");
        }
    }
}
