//! What every adapter must do, as one suite: [`suite!`] makes a test of each sentence below.

use crate::log::{Batch, Log, LogError, LogReader, Position};

/// A place where a log lives and can be opened again and again.
pub(in crate::log) trait Subject {
    /// Opens the log as a process that has just started does. The one opened before has been dropped.
    fn open(&mut self) -> Result<Box<dyn Log>, LogError>;

    /// Makes the next sync fail; what was written may or may not be there afterwards.
    fn fail_the_next_sync(&mut self);
}

/// Makes the tests for one adapter; `$subject` is an expression that makes a fresh place.
macro_rules! suite {
    ($subject:expr) => {
        $crate::log::tests::conformance::suite!($subject =>
            what_was_appended_is_read_back_in_order,
            positions_number_the_records_without_gaps,
            a_reopened_log_holds_what_was_acknowledged,
            a_stale_expected_position_is_refused_and_writes_nothing,
            an_empty_batch_moves_nothing_but_is_fenced,
            reading_starts_at_any_record,
            reading_outside_the_log_is_refused,
            trimming_never_forgets_a_record_at_or_after_the_mark,
            trimming_past_the_end_is_refused,
            a_batch_is_unchanged_by_its_append,
            a_failed_sync_poisons_and_names_its_cause,
            a_reader_sees_more_as_more_is_appended,
            single_records_are_found_wherever_they_lie,
            a_trimmed_record_does_not_keep_the_others,
            a_reader_on_another_thread_reads_while_the_log_grows_and_is_trimmed,
            trimming_frees_the_oldest_segment_when_it_reaches_its_end
        );
    };
    ($subject:expr => $($sentence:ident),*) => {
        mod conforms {
            use super::*;
            $(#[test]
            fn $sentence() {
                let mut subject = $subject;
                $crate::log::tests::conformance::$sentence(&mut subject);
            })*
        }
    };
}
pub(in crate::log) use suite;

/// A batch of these records.
pub(in crate::log) fn batch_of<R: AsRef<[u8]>>(records: impl IntoIterator<Item = R>) -> Batch {
    let mut batch = Batch::default();
    for record in records {
        batch.push_slice(record.as_ref()).unwrap();
    }
    batch
}

/// All records from `from` on, with their positions.
pub(in crate::log) fn read_from(log: &dyn Log, from: u64) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
    let mut records = log.read(Position::from_u64(from))?;
    let mut all = Vec::new();
    while let Some(record) = records.next()? {
        all.push((record.position.as_u64(), record.bytes.to_vec()));
    }
    Ok(all)
}

/// The record that the tests store at `position`: of any length from nothing on, and all different.
pub(in crate::log) fn record_at(position: u64) -> Vec<u8> {
    let len = usize::try_from(position * 37 % 411).unwrap();
    format!("{position}.").into_bytes().into_iter().cycle().take(len).collect()
}

/// Appends the records `record_at` of the next `count` positions.
pub(in crate::log) fn append_next(log: &mut dyn Log, count: u64) -> Result<Position, LogError> {
    let end = log.end();
    log.append(&mut batch_of((0..count).map(|i| record_at(end.as_u64() + i))), end)
}

/// The log holds `record_at` of every position from `from` to its end.
pub(in crate::log) fn assert_holds(log: &dyn Log, from: u64, end: u64) {
    assert_eq!(log.end(), Position::from_u64(end));
    let expected: Vec<_> = (from..end).map(|p| (p, record_at(p))).collect();
    assert_eq!(read_from(log, from).unwrap(), expected);
}

pub(in crate::log) fn what_was_appended_is_read_back_in_order(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    assert_eq!(read_from(&*log, 0).unwrap(), []);
    for count in [1, 64, 1, 3000, 17] {
        append_next(&mut *log, count).unwrap();
    }
    assert_holds(&*log, 0, 3083);
}

pub(in crate::log) fn positions_number_the_records_without_gaps(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    assert_eq!((log.start(), log.end()), (Position::ZERO, Position::ZERO));
    assert_eq!(append_next(&mut *log, 5).unwrap(), Position::from_u64(5));
    assert_eq!(append_next(&mut *log, 2).unwrap(), Position::from_u64(7));
    assert_eq!((log.start(), log.end()), (Position::ZERO, Position::from_u64(7)));
}

pub(in crate::log) fn a_reopened_log_holds_what_was_acknowledged(subject: &mut dyn Subject) {
    let mut end = 0;
    for count in [0, 3, 500, 1] {
        let mut log = subject.open().unwrap();
        assert_holds(&*log, 0, end);
        for _ in 0..3 {
            append_next(&mut *log, count).unwrap();
            end += count;
        }
    }
    assert_holds(&*subject.open().unwrap(), 0, end);
}

pub(in crate::log) fn a_stale_expected_position_is_refused_and_writes_nothing(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    append_next(&mut *log, 3).unwrap();
    for wrong in [0, 2, 4, u64::MAX] {
        let expected = Position::from_u64(wrong);
        let refused = log.append(&mut batch_of(["stale"]), expected).unwrap_err();
        assert!(
            matches!(refused, LogError::Fenced { expected: e, end } if e == expected && end.as_u64() == 3)
        );
    }
    append_next(&mut *log, 1).unwrap();
    drop(log);
    assert_holds(&*subject.open().unwrap(), 0, 4);
}

pub(in crate::log) fn an_empty_batch_moves_nothing_but_is_fenced(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    append_next(&mut *log, 2).unwrap();
    assert_eq!(append_next(&mut *log, 0).unwrap(), Position::from_u64(2));
    assert!(matches!(log.append(&mut Batch::default(), Position::ZERO), Err(LogError::Fenced { .. })));
}

pub(in crate::log) fn reading_starts_at_any_record(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    for count in [3, 1, 7, 40] {
        append_next(&mut *log, count).unwrap();
    }
    for from in 0..=51 {
        assert_holds(&*log, from, 51);
    }
}

pub(in crate::log) fn reading_outside_the_log_is_refused(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    append_next(&mut *log, 3).unwrap();
    assert!(matches!(log.read(Position::from_u64(4)).err(), Some(LogError::OutOfRange { .. })));
    append_next(&mut *log, 3000).unwrap();
    append_next(&mut *log, 1).unwrap();
    log.trim(log.end()).unwrap();
    let start = log.start().as_u64();
    assert!(start > 0, "a trim to the end frees at least the large batch");
    assert!(matches!(log.read(Position::from_u64(start - 1)).err(), Some(LogError::OutOfRange { .. })));
}

pub(in crate::log) fn trimming_never_forgets_a_record_at_or_after_the_mark(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    for _ in 0..60 {
        append_next(&mut *log, 10).unwrap();
    }
    for mark in [0, 1, 9, 10, 11, 300, 299, 599] {
        let before = log.start();
        log.trim(Position::from_u64(mark)).unwrap();
        assert!(log.start() >= before && log.start().as_u64() <= mark.max(before.as_u64()));
        assert_holds(&*log, log.start().as_u64(), 600);
    }
    let start = log.start();
    drop(log);
    let mut log = subject.open().unwrap();
    assert_eq!(log.start(), start);
    append_next(&mut *log, 10).unwrap();
    assert_holds(&*log, start.as_u64(), 610);
}

pub(in crate::log) fn trimming_past_the_end_is_refused(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    append_next(&mut *log, 3).unwrap();
    assert!(matches!(log.trim(Position::from_u64(4)), Err(LogError::OutOfRange { .. })));
    assert_holds(&*log, 0, 3);
}

pub(in crate::log) fn a_batch_is_unchanged_by_its_append(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    let mut batch = batch_of(["one", "two"]);
    let body = batch.body().to_vec();
    let end = log.append(&mut batch, Position::ZERO).unwrap();
    assert_eq!((batch.body(), batch.count()), (&*body, 2));
    log.append(&mut batch, end).unwrap();
    let records: Vec<_> = read_from(&*log, 0).unwrap().into_iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(records, [b"one", b"two", b"one", b"two"]);
}

pub(in crate::log) fn a_failed_sync_poisons_and_names_its_cause(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    append_next(&mut *log, 3).unwrap();
    subject.fail_the_next_sync();
    let first = append_next(&mut *log, 2).unwrap_err();
    assert!(matches!(first, LogError::Io { .. }) && first.ends_acceptance(), "{first}");
    for _ in 0..3 {
        let later = append_next(&mut *log, 1).unwrap_err();
        assert!(matches!(&later, LogError::Poisoned { cause } if **cause == *first.to_string()), "{later}");
        assert!(later.ends_acceptance());
        assert!(matches!(log.trim(Position::ZERO), Err(LogError::Poisoned { .. })));
    }
    drop(log);
    let mut log = subject.open().unwrap();
    let end = log.end().as_u64();
    assert!(end == 3 || end == 5, "whole or not at all, not {end}");
    assert_holds(&*log, 0, end);
    append_next(&mut *log, 1).unwrap();
    assert_holds(&*log, 0, end + 1);
}

/// What the reader finds at these positions; `None` for what is not in the log.
fn get_many(reader: &dyn LogReader, positions: &[u64]) -> Vec<Option<Vec<u8>>> {
    let positions: Vec<_> = positions.iter().copied().map(Position::from_u64).collect();
    let mut found = Vec::new();
    reader.get_many(&positions, &mut |place, record| {
        assert_eq!(place, found.len());
        found.push(match record {
            Ok(record) => Some(record.to_vec()),
            Err(LogError::OutOfRange { asked, .. }) if asked == positions[place] => None,
            Err(other) => panic!("{other}"),
        });
    });
    found
}

pub(in crate::log) fn a_reader_sees_more_as_more_is_appended(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    let reader = log.reader();
    assert_eq!(reader.range(), (Position::ZERO, Position::ZERO));
    let mut end = 0;
    for count in [1, 3, 700, 2, 90, 1] {
        assert_eq!(get_many(&*reader, &[end]), [None]);
        let mut records = reader.read(Position::ZERO).unwrap();
        append_next(&mut *log, count).unwrap();
        // What is appended later is not seen by a reading that has begun.
        let mut seen = 0;
        while records.next().unwrap().is_some() {
            seen += 1;
        }
        assert_eq!(seen, end);
        end += count;
        assert_eq!(reader.range(), (Position::ZERO, Position::from_u64(end)));
        let mut record = Vec::new();
        for position in [end - 1, 0, end - count, end / 2] {
            reader.get(Position::from_u64(position), &mut record).unwrap();
            assert_eq!(record, record_at(position));
        }
        assert!(matches!(reader.get(Position::from_u64(end), &mut record), Err(LogError::OutOfRange { .. })));
        assert!(record.is_empty());
    }
    assert!(reader.read(Position::from_u64(end + 1)).is_err());
}

pub(in crate::log) fn single_records_are_found_wherever_they_lie(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    let mut end = 0;
    for count in (1..60).chain([1000, 1, 300]) {
        append_next(&mut *log, count).unwrap();
        end += count;
    }
    for reopened in [false, true] {
        if reopened {
            drop(log);
            log = subject.open().unwrap();
        }
        let upwards: Vec<_> = (0..end).collect();
        let downwards: Vec<_> = (0..end).rev().collect();
        let about: Vec<_> = (0..end).map(|n| n * 1_009 % end).collect();
        for positions in [upwards, downwards, about] {
            let reader = log.reader();
            let expected: Vec<_> = positions.iter().map(|&p| Some(record_at(p))).collect();
            assert!(get_many(&*reader, &positions) == expected, "reopened: {reopened}");
        }
    }
}

pub(in crate::log) fn a_trimmed_record_does_not_keep_the_others(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    for _ in 0..60 {
        append_next(&mut *log, 100).unwrap();
    }
    let reader = log.reader();
    // The reader stands in what is trimmed next.
    assert_eq!(get_many(&*reader, &[5, 3]), [Some(record_at(5)), Some(record_at(3))]);
    log.trim(Position::from_u64(4000)).unwrap();
    let start = reader.range().0.as_u64();
    assert_eq!(start, log.start().as_u64());
    assert!((1..=4000).contains(&start));
    let found = get_many(&*reader, &[5, start - 1, start, 5999, 0, 4500, 6000]);
    let here = |position| Some(record_at(position));
    assert_eq!(found, [None, None, here(start), here(5999), None, here(4500), None]);
    assert!(matches!(reader.read(Position::ZERO).err(), Some(LogError::OutOfRange { .. })));
}

pub(in crate::log) fn a_reader_on_another_thread_reads_while_the_log_grows_and_is_trimmed(
    subject: &mut dyn Subject,
) {
    let mut log = subject.open().unwrap();
    append_next(&mut *log, 50).unwrap();
    let readers = [log.reader(), log.reader()];
    std::thread::scope(|scope| {
        for (reader, step) in readers.iter().zip([1, 7]) {
            scope.spawn(move || {
                let mut last = 0;
                while last < 4_000 {
                    let (start, end) = reader.range();
                    let positions: Vec<_> = (start.as_u64()..end.as_u64()).step_by(step).collect();
                    let found = get_many(&**reader, &positions);
                    for (position, found) in positions.into_iter().zip(found) {
                        // `None` when it has been trimmed since.
                        let trimmed = found.is_none() && position < reader.range().0.as_u64();
                        assert!(trimmed || found == Some(record_at(position)), "record {position}");
                    }
                    last = end.as_u64();
                }
            });
        }
        for _ in 0..200 {
            let end = append_next(&mut *log, 20).unwrap().as_u64();
            log.trim(Position::from_u64(end.saturating_sub(300))).unwrap();
        }
    });
}

pub(in crate::log) fn trimming_frees_the_oldest_segment_when_it_reaches_its_end(subject: &mut dyn Subject) {
    let mut log = subject.open().unwrap();
    assert_eq!(log.oldest_end(0), None);
    for _ in 0..300 {
        append_next(&mut *log, 10).unwrap();
    }
    let mut freed = 0;
    while let Some(end) = log.oldest_end(0) {
        let (start, octets) = (log.start(), log.octets());
        assert!(start < end && end < log.end());
        log.trim(Position::from_u64(end.as_u64() - 1)).unwrap();
        assert_eq!((log.start(), log.octets()), (start, octets));
        log.trim(end).unwrap();
        assert_eq!(log.start(), end);
        assert!(log.octets() < octets);
        freed += 1;
    }
    assert!(freed >= 2 && log.start() < log.end(), "{freed} freed");
    assert_holds(&*log, log.start().as_u64(), 3000);
}
