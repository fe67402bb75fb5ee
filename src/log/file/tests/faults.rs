//! Regimes B and C: every call fails once, the power goes at every call; what was acknowledged is always
//! there.

use crate::log::batch::Batch;
use crate::log::file::recovery::FIRST_NUMBER;
use crate::log::file::segment::segment_name;
use crate::log::file::tests::*;

/// What a checker outside the process knows.
#[derive(Default)]
struct Promised {
    /// The end of what was acknowledged.
    end: u64,
    /// Records of the append that was not acknowledged.
    in_doubt: u64,
    /// The highest mark of a trim that was begun.
    trimmed: u64,
}

impl Promised {
    fn append(&mut self, log: &mut FileLog<SimDisk>, count: u64) -> Result<(), LogError> {
        self.in_doubt = count;
        let mut appended = append_next(log, count);
        if matches!(appended, Err(LogError::NoSegment { .. })) {
            // Nothing was written and the log goes on.
            appended = append_next(log, count);
        }
        self.end = appended?.as_u64();
        self.in_doubt = 0;
        Ok(())
    }

    fn trim(&mut self, log: &mut FileLog<SimDisk>, mark: u64) -> Result<(), LogError> {
        self.trimmed = mark;
        log.trim(Position::from_u64(mark))
    }

    /// Trims as the engine does: forgets, and has the files removed elsewhere, a second time if need be.
    fn forget(&mut self, log: &mut FileLog<SimDisk>, mark: u64) -> Result<(), LogError> {
        self.trimmed = mark;
        log.forget(Position::from_u64(mark))?;
        for _ in 0..2 {
            let Some(remover) = log.next_remover() else { break };
            assert!(log.next_remover().is_none(), "one at a time");
            // When it could not be removed, the log goes on; when it could not be synced, its next append says so.
            log.removed(remover.remove()).ok();
        }
        Ok(())
    }

    /// Reads single records: each is right, or the fault's.
    fn look_up(&self, log: &FileLog<SimDisk>) {
        let (start, end) = log.reader().range();
        assert_eq!((start, end), (log.start(), Position::from_u64(self.end)));
        let positions: Vec<_> = (start.as_u64()..self.end).step_by(3).map(Position::from_u64).collect();
        log.reader().get_many(&positions, &mut |place, found| match found {
            Ok(record) => assert_eq!(record, conformance::record_at(positions[place].as_u64())),
            Err(LogError::Io { .. }) => {}
            Err(other) => panic!("{other}"),
        });
    }

    /// Opens the log, which must work, and finds all that was acknowledged, and the rest whole or not at all.
    fn check(&mut self, disk: &SimDisk) -> FileLog<SimDisk> {
        let log = FileLog::open(disk.clone(), SMALL).unwrap();
        let end = log.end().as_u64();
        assert!(end == self.end || end == self.end + self.in_doubt, "{end}, not {}", self.end);
        let start = log.start().as_u64();
        assert!(start <= self.trimmed, "{start} was not trimmed");
        assert_holds(&log, start, end);
        (self.end, self.in_doubt) = (end, 0);
        log
    }
}

/// A life of the log with everything in it: begin, grow over segments made inline and ahead, trim, a torn
/// tail that is cut, a batch larger than a segment.
fn life(disk: &SimDisk, promised: &mut Promised) -> Result<(), LogError> {
    let mut log = FileLog::open(disk.clone(), SMALL)?;
    for count in [3, 1, 12, 9, 2] {
        promised.append(&mut log, count)?;
    }
    make_ahead(&mut log);
    for count in [20, 5, 8] {
        promised.append(&mut log, count)?;
    }
    make_ahead(&mut log);
    promised.trim(&mut log, 30)?;
    promised.look_up(&log);
    let (name, offset) = (log.active.name.clone(), log.active.offset as usize);
    drop(log);
    disk.tamper(&name, |file| file[offset..].iter_mut().take(300).for_each(|octet| *octet = 0xee));
    let mut log = FileLog::open(disk.clone(), SMALL)?;
    assert!(log.cut().is_some());
    for count in [7, 18, 40, 1] {
        promised.append(&mut log, count)?;
    }
    promised.look_up(&log);
    // Several segments go at once.
    let mark = promised.end - 1;
    promised.forget(&mut log, mark)?;
    for count in [12, 16, 2] {
        promised.append(&mut log, count)?;
    }
    let end = promised.end;
    promised.trim(&mut log, end)
}

fn make_ahead(log: &mut FileLog<SimDisk>) {
    let maker = log.next_maker().unwrap();
    // The engine's thread tries again until there is room.
    if let Ok(spare) = maker.make().or_else(|_| maker.make()) {
        log.install(spare);
    }
}

#[test]
fn whatever_call_fails_what_was_acknowledged_is_there_after_a_restart() {
    every_call(|disk, promised, _, call| {
        // Of a power cut this is the other half: the process is killed, the machine goes on.
        disk.restart();
        let mut log = promised.check(disk);
        promised.append(&mut log, 2).unwrap();
        promised.append(&mut log, 30).unwrap();
        drop(log);
        // What a failed sync only showed must be stored by now: later records stand behind it.
        disk.cut_power(call);
        promised.check(disk);
    });
}

#[test]
fn whenever_the_power_goes_what_was_acknowledged_is_there() {
    every_call(|disk, promised, _, call| {
        for round in 0..3 {
            disk.cut_power(call * 31 + round);
            let mut log = promised.check(disk);
            promised.append(&mut log, 1 + round * 9).unwrap();
            drop(log);
        }
        promised.check(disk);
    });
}

/// Lives one life for each kind of fault and each call, N = 1, 2, 3… until no fault fires.
fn every_call(mut afterwards: impl FnMut(&SimDisk, &mut Promised, Fault, u64)) {
    for fault in Fault::ALL {
        for call in 1.. {
            let disk = SimDisk::new();
            disk.fail_at(call, fault);
            let mut promised = Promised::default();
            let lived = life(&disk, &mut promised);
            if !disk.fired() {
                lived.unwrap();
                assert!(call > 100, "{call} calls are no life");
                break;
            }
            afterwards(&disk, &mut promised, fault, call);
        }
    }
}

#[test]
fn an_append_is_one_write_and_one_sync() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    for count in [1, 2, 10] {
        let before = disk.calls();
        append_next(&mut log, count).unwrap();
        assert_eq!(disk.calls() - before, 2);
    }
}

#[test]
fn a_segment_made_ahead_costs_the_commit_path_one_more_write_and_sync() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    append_next(&mut log, 15).unwrap();
    let maker = log.next_maker().unwrap();
    assert!(log.next_maker().is_none(), "one at a time");
    let spare = std::thread::scope(|scope| scope.spawn(|| maker.make()).join()).unwrap().unwrap();
    log.install(spare);
    assert!(log.next_maker().is_none(), "one is enough");
    let before = disk.calls();
    append_next(&mut log, 10).unwrap();
    assert_eq!((disk.calls() - before, log.shared.view().segments.len()), (4, 2));
    assert!(log.next_maker().is_some());
    assert_holds(&log, 0, 25);
}

#[test]
fn a_segment_that_comes_too_late_is_removed() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    let maker = log.next_maker().unwrap();
    append_next(&mut log, 15).unwrap();
    append_next(&mut log, 15).unwrap();
    log.install(maker.make().unwrap());
    assert_eq!(disk.segments(), [segment_name(1), segment_name(3)]);
    drop(log);
    assert_holds(&FileLog::open(disk, SMALL).unwrap(), 0, 30);
}

#[test]
fn a_late_segment_that_nobody_removed_is_removed_by_opening() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    let maker = log.next_maker().unwrap();
    append_next(&mut log, 15).unwrap();
    append_next(&mut log, 15).unwrap();
    maker.make().unwrap();
    drop(log);
    assert_eq!(disk.segments(), [segment_name(1), segment_name(2), segment_name(3)]);
    assert_holds(&FileLog::open(disk.clone(), SMALL).unwrap(), 0, 30);
    assert_eq!(disk.segments(), [segment_name(1), segment_name(3)]);
}

#[test]
fn a_batch_longer_than_a_segment_gets_one_of_its_own() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    make_ahead(&mut log);
    append_next(&mut log, 100).unwrap();
    append_next(&mut log, 1).unwrap();
    drop(log);
    assert_holds(&FileLog::open(disk, SMALL).unwrap(), 0, 101);
}

#[test]
fn a_full_disk_refuses_without_poison_and_goes_on_when_there_is_room() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    append_next(&mut log, 15).unwrap();
    // Removing what is left over, creating, zeroing, syncing, naming, syncing the folder.
    for call in 1..=6 {
        disk.fail_at(disk.calls() + call, Fault::Full);
        let refused = append_next(&mut log, 15).unwrap_err();
        assert!(matches!(refused, LogError::NoSegment { .. }) && !refused.ends_acceptance(), "{refused}");
        assert_holds(&log, 0, 15);
        assert_eq!(disk.segments(), [segment_name(1)], "the space is given back");
    }
    append_next(&mut log, 15).unwrap();
    // Once the segment is begun it is a write to the log.
    disk.fail_at(disk.calls() + 7, Fault::Full);
    assert!(matches!(append_next(&mut log, 15), Err(LogError::Io { .. })));
    assert!(matches!(append_next(&mut log, 15), Err(LogError::Poisoned { .. })));
}

#[test]
fn one_process_at_a_time_and_the_refusal_says_where_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open_folder(folder.path(), SMALL).unwrap();
    let refused = FileLog::open_folder(folder.path(), SMALL).unwrap_err();
    assert!(matches!(&refused, LogError::Locked { folder: f } if f == folder.path()));
    assert!(refused.to_string().contains("stop that one, or give this one a folder of its own"), "{refused}");
    drop(log);
    FileLog::open_folder(folder.path(), SMALL).unwrap();
}

#[test]
fn a_log_without_its_first_segment_is_not_an_empty_log() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    append_next(&mut log, 15).unwrap();
    make_ahead(&mut log);
    drop(log);
    disk.remove(&segment_name(FIRST_NUMBER)).unwrap();
    let refused = FileLog::open(disk, SMALL).unwrap_err();
    assert!(matches!(&refused, LogError::Damaged { file, offset: 0, .. } if file.ends_with(segment_name(2))));
}

#[test]
fn a_missing_segment_in_the_middle_is_damage() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    (0..4).for_each(|_| _ = append_next(&mut log, 15).unwrap());
    drop(log);
    disk.remove(&segment_name(2)).unwrap();
    let log = FileLog::open(disk, SMALL).unwrap();
    let refused = read_from(&log, 0).unwrap_err();
    assert!(
        matches!(&refused, LogError::Damaged { file, .. } if file.ends_with(segment_name(1))),
        "{refused}"
    );
}

#[test]
fn an_empty_batch_makes_no_call() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    let before = disk.calls();
    log.append(&mut Batch::default(), Position::ZERO).unwrap();
    assert_eq!(disk.calls(), before);
}

#[test]
fn a_reader_never_sees_what_was_not_synced() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    append_next(&mut log, 3).unwrap();
    let reader = log.reader();
    disk.fail_at(disk.calls() + 2, Fault::Broken);
    append_next(&mut log, 2).unwrap_err();
    assert_eq!(reader.range().1, Position::from_u64(3));
    let mut record = Vec::new();
    assert!(matches!(reader.get(Position::from_u64(3), &mut record), Err(LogError::OutOfRange { .. })));
    let mut records = reader.read(Position::ZERO).unwrap();
    assert_eq!(std::iter::from_fn(|| records.next().unwrap().map(drop)).count(), 3);
}
