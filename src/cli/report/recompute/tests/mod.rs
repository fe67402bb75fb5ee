mod closed;

use std::sync::Arc;

use super::*;
use crate::base::ids::MessageId;
use crate::cli::report::recompute::counted::Counted;
use crate::detail::{NumberKey, Records, Settings};
use crate::flow::FlowSettings;
use crate::log::file::{FileLog, FileSettings};
use crate::log::{Batch, Log, Position};
use crate::message::{Address, Billed, CarrierMessageId, Category, Class, Detail, Event, Verdict, Zone};
use crate::sla::terms::tests::calendar_months;

/// 2026-11-21T00:00:00Z.
const SATURDAY: Timestamp = Timestamp::from_millis(1_795_219_200_000);

fn detail(position: u64) -> Detail {
    let number = Address::new(1, 1, b"447700900121").unwrap();
    Detail {
        message: MessageId::from_u64(position + 1).unwrap(),
        shown: None,
        account: Arc::from("acme"),
        carrier: Some(Arc::from("north")),
        carrier_message_id: CarrierMessageId::new(b""),
        category: Category::Notification,
        zone: Zone::default(),
        source: number,
        destination: number,
        registered_delivery: 0,
        data_coding: 0,
        esm_class: 0,
        parts: 1,
        sent: 1,
        billed: Billed::default(),
        octets: 5,
        accepted_at: SATURDAY,
        handed_over_at: None,
        answered_at: None,
        ended_at: SATURDAY,
        attempts: 1,
        copies: 0,
        ambiguous: false,
        outcome: crate::sla::failed_by_platform(b""),
        evidence: None,
        own_class: Class::Delivered,
        beyond_load: false,
        verdict: Verdict::Receipt,
    }
}

/// A log of 2,000 records that has let go of its first segments; the first that is left.
fn trimmed_log(folder: &Path) -> u64 {
    let settings = FileSettings { segment_bytes: 4096, salt: 1 };
    let mut log = FileLog::open_folder(folder, settings).unwrap();
    for _ in 0..200 {
        let mut batch = Batch::with_capacity(0);
        for _ in 0..10 {
            batch.push(|out| Event::Time { at: SATURDAY, ahead: 0 }.encode(out)).unwrap();
        }
        let end = log.end();
        log.append(&mut batch, end).unwrap();
    }
    log.trim(Position::from_u64(1000)).unwrap();
    log.start().as_u64()
}

#[test]
fn records_that_the_log_has_let_go_of_and_that_were_moved_away_are_missed_and_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let (log, records) = (folder.path().join("log"), folder.path().join("records"));
    std::fs::create_dir(&log).unwrap();
    let first = trimmed_log(&log);
    assert!(first > 100, "the log begins at {first}");
    let period = calendar_months("2026-01-01").of(SATURDAY).unwrap();
    let wanted = Wanted { account: "acme", period, until: SATURDAY, closing: None };
    let read = || {
        let flow = FlowSettings { shard: 0, ..FlowSettings::default() };
        let from_log = read_log(&log, &records, &flow, &wanted)?;
        let mut counted = Counted::default();
        count_records(&records, from_log.recorded, &wanted, &mut counted)?;
        from_log.late.iter().for_each(|(at, line)| counted.take_line(&wanted, *at, line));
        Ok::<_, Failure>(counted.cells.iter().count())
    };
    let missed = |read: Result<usize, Failure>| {
        let reason = read.unwrap_err().to_string();
        assert!(reason.contains(&format!("ended before its record {first}")), "{reason}");
        assert!(reason.contains("put back"), "{reason}");
    };
    missed(read());

    let disk = Folder::create(&records).unwrap();
    let settings = Settings::new(NumberKey::new([7; 32]));
    let mut writer = Records::open(disk, &settings, SATURDAY).unwrap();
    let file = records.join("records-2026-11-21.tsv");
    writer.append(10, &detail(10)).unwrap();
    writer.flush().unwrap();
    // The records are behind the log, and nothing ended in between: that is how it is with a quiet gateway.
    assert_eq!(read().unwrap(), 1);
    std::fs::rename(&file, records.join("moved-away")).unwrap();
    missed(read());
}
