//! Look-ups by the sparse index: what a get costs, and that it is never wrong.

use crate::log::file::index::MARK_EVERY;
use crate::log::file::segment::segment_name;
use crate::log::file::tests::*;

/// Segments of many marks.
const LARGE: FileSettings = FileSettings { segment_bytes: 16 * MARK_EVERY, salt: 0x5a17 };

/// A log of some segments with many marks each; batches of a few records.
fn large_log(disk: &SimDisk) -> FileLog<SimDisk> {
    let mut log = FileLog::open(disk.clone(), LARGE).unwrap();
    while log.shared.view().segments.len() < 3 {
        append_next(&mut log, 17).unwrap();
    }
    log
}

/// Calls of the system that getting this record takes.
fn calls(disk: &SimDisk, reader: &dyn crate::log::LogReader, position: u64) -> u64 {
    let (before, mut record) = (disk.calls(), Vec::new());
    reader.get(Position::from_u64(position), &mut record).unwrap();
    assert_eq!(record, conformance::record_at(position));
    disk.calls() - before
}

#[test]
fn a_get_costs_a_few_reads_wherever_the_record_lies() {
    let disk = SimDisk::new();
    let log = large_log(&disk);
    let end = log.end().as_u64();
    for position in (0..end).step_by(101).chain([end - 1]) {
        // Opening the file, and the reads between one mark and the next.
        let calls = calls(&disk, &*log.reader(), position);
        assert!(calls <= 4, "{calls} calls for record {position}");
    }
}

#[test]
fn gets_that_lie_close_together_cost_less_than_a_read_each() {
    let disk = SimDisk::new();
    let log = large_log(&disk);
    let reader = log.reader();
    let total: u64 = (0..log.end().as_u64()).map(|position| calls(&disk, &*reader, position)).sum();
    let batches = log.end().as_u64() / 17;
    assert!(total <= batches / 4, "{total} calls for {batches} batches");
}

#[test]
fn an_older_segment_is_walked_over_once_and_then_known() {
    let disk = SimDisk::new();
    drop(large_log(&disk));
    let log = FileLog::open(disk.clone(), LARGE).unwrap();
    let last_of_the_first = log.oldest_end(0).unwrap().as_u64() - 1;
    assert!(calls(&disk, &*log.reader(), last_of_the_first) > 10);
    assert!(calls(&disk, &*log.reader(), last_of_the_first) <= 4);
    // Recovery reads everything: then all is known.
    drop(log);
    let log = FileLog::open(disk.clone(), LARGE).unwrap();
    read_from(&log, 0).unwrap();
    for position in (0..log.end().as_u64()).step_by(301) {
        assert!(calls(&disk, &*log.reader(), position) <= 4);
    }
}

#[test]
fn a_reader_with_the_file_open_reads_on_and_a_removed_file_is_out_of_range() {
    let disk = SimDisk::new();
    let mut log = large_log(&disk);
    let (reader, last) = (log.reader(), log.end().as_u64() - 1);
    let mut begun = reader.read(Position::ZERO).unwrap();
    begun.next().unwrap();
    let border = log.oldest_end(0).unwrap();
    log.trim(Position::from_u64(last)).unwrap();
    assert!(!disk.segments().contains(&segment_name(1)));
    // To the end of the open file; the next one is gone.
    let mut count = 1;
    let stopped = loop {
        match begun.next() {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("the end was not reached"),
            Err(stopped) => break stopped,
        }
    };
    assert_eq!(count, border.as_u64());
    assert!(matches!(stopped, LogError::OutOfRange { asked, .. } if asked == border), "{stopped}");
}

#[test]
fn a_segment_that_somebody_took_away_is_not_taken_for_trimmed() {
    let disk = SimDisk::new();
    let log = large_log(&disk);
    disk.remove(&segment_name(2)).unwrap();
    let mut record = Vec::new();
    let lost = log.reader().get(log.oldest_end(0).unwrap(), &mut record).unwrap_err();
    assert!(matches!(&lost, LogError::Io { file, .. } if file.ends_with(segment_name(2))), "{lost}");
}

#[test]
fn a_failed_or_short_read_is_an_error_for_its_record_or_none_at_all() {
    let written = SimDisk::new();
    drop(large_log(&written));
    for fault in [Fault::Broken, Fault::Short] {
        for call in 1.. {
            let disk = written.copy();
            let log = FileLog::open(disk.clone(), LARGE).unwrap();
            let reader = log.reader();
            disk.fail_at(disk.calls() + call, fault);
            let positions: Vec<_> = (0..log.end().as_u64()).step_by(2_003).map(Position::from_u64).collect();
            let (mut failed, mut right) = (0, 0);
            reader.get_many(&positions, &mut |place, found| match found {
                Ok(record) => {
                    assert_eq!(record, conformance::record_at(positions[place].as_u64()));
                    right += 1;
                }
                Err(LogError::Io { .. }) => failed += 1,
                Err(other) => panic!("{other}"),
            });
            assert_eq!(right + failed, positions.len());
            assert_eq!(failed, usize::from(disk.fired() && fault == Fault::Broken), "at call {call}");
            if !disk.fired() {
                assert!(call > 10);
                break;
            }
        }
    }
}
