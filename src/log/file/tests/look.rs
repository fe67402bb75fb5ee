//! Looking at a log that another one writes.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::log::LogReader;
use crate::log::file::segment::segment_name;
use crate::log::file::tests::*;
use crate::log::file::{Look, recovery};

/// Everything that a look shows, with positions.
pub(super) fn read_all<D: Disk>(look: &Look<D>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
    let mut records = look.read(look.range().0)?;
    let mut all = Vec::new();
    while let Some(record) = records.next()? {
        all.push((record.position.as_u64(), record.bytes.to_vec()));
    }
    Ok(all)
}

#[test]
fn a_look_shows_what_the_log_holds_and_changes_nothing() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    for count in [3, 9, 20, 1, 14, 30] {
        append_next(&mut log, count).unwrap();
    }
    log.trim(Position::from_u64(20)).unwrap();
    let maker = log.next_maker().unwrap();
    log.install(maker.make().unwrap());
    let files = || disk.segments().into_iter().map(|name| (disk.octets(&name), name)).collect::<Vec<_>>();
    let before = files();
    for open in [true, false] {
        let look = Look::at(disk.clone()).unwrap();
        assert_eq!(look.range(), (log.start(), log.end()), "open: {open}");
        assert_eq!((look.octets(), look.unfinished()), (log.octets(), None));
        let expected: Vec<_> = (log.start().as_u64()..77).map(|p| (p, conformance::record_at(p))).collect();
        assert_eq!(read_all(&look).unwrap(), expected);
        let segments = look.segments();
        assert_eq!(segments[0].end, log.oldest_end(0).unwrap());
        assert_eq!(segments.last().unwrap().end, log.end());
        assert!(files() == before);
        disk.restart();
    }
}

#[test]
fn a_batch_that_is_being_written_is_behind_the_end() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    append_next(&mut log, 3).unwrap();
    let (name, begins) = (segment_name(1), log.active.offset as usize);
    append_next(&mut log, 2).unwrap();
    let ends = log.active.offset as usize;
    let (whole, mut unfinished) = (disk.octets(&name), 0);
    for written in begins..ends {
        disk.tamper(&name, |file| {
            file.clone_from(&whole);
            file[written..].fill(0);
        });
        let look = Look::at(disk.clone()).unwrap();
        assert_eq!((look.range().1.as_u64(), read_all(&look).unwrap().len()), (3, 3), "{written}");
        unfinished += usize::from(look.unfinished().is_some_and(|cut| cut.offset == begins as u64));
        assert!(disk.octets(&name)[begins..written] == whole[begins..written]);
    }
    assert_eq!(unfinished, ends - begins - 1, "from the first octet on it is seen");
}

#[test]
fn where_there_is_no_log_none_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("missing")] {
        let refused = FileLog::look(&path).unwrap_err();
        assert!(
            matches!(&refused, LogError::Io { source, file, .. }
                if source.kind() == io::ErrorKind::NotFound && *file == path),
            "{refused}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_trimmed_while_it_is_looked_at_is_out_of_range() {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    for _ in 0..9 {
        append_next(&mut log, 15).unwrap();
    }
    let look = Look::at(disk.clone()).unwrap();
    log.trim(Position::from_u64(100)).unwrap();
    assert!(matches!(read_all(&look), Err(LogError::OutOfRange { .. })));
    let mut record = Vec::new();
    assert!(matches!(look.get(Position::ZERO, &mut record), Err(LogError::OutOfRange { .. })));
    look.get(Position::from_u64(101), &mut record).unwrap();
    assert_eq!(record, conformance::record_at(101));
    assert_eq!(Look::at(disk).unwrap().range().0, log.start());
}

#[test]
fn whatever_the_writer_does_between_two_calls_of_a_look_is_no_damage() {
    // What is appended: within the active segment, over its end, and so that everything before is trimmed.
    for (counts, trims) in [([1, 2], false), ([9, 15], false), ([15, 15], true)] {
        for call in 1.. {
            let disk = SimDisk::new();
            let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
            for count in [3, 9, 4, 11, 2] {
                append_next(&mut log, count).unwrap();
            }
            disk.meanwhile(disk.calls() + call, move || {
                for count in counts {
                    append_next(&mut log, count).unwrap();
                }
                if trims {
                    log.trim(log.end()).unwrap();
                }
            });
            let look = Look::at(disk.clone()).unwrap();
            match read_all(&look) {
                Ok(all) => {
                    let (start, end) = look.range();
                    assert!(end.as_u64() >= 29);
                    let expected = (start.as_u64()..end.as_u64()).map(|p| (p, conformance::record_at(p)));
                    assert_eq!(all, expected.collect::<Vec<_>>());
                }
                Err(LogError::OutOfRange { .. }) => assert!(trims),
                Err(other) => panic!("at call {call}: {other}"),
            }
            if disk.is_still_to_come() {
                assert!(call > 6);
                break;
            }
        }
    }
}

#[test]
fn what_looks_like_damage_at_the_end_is_read_again_before_it_is_believed() {
    let mut read_further = 0;
    for call in 1..=6 {
        let disk = SimDisk::new();
        let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
        append_next(&mut log, 3).unwrap();
        let scan = recovery::scan(&disk).unwrap();
        let file = disk.open_to_read(&segment_name(1)).unwrap();
        // Read as room that nothing was written to; then there are two batches.
        disk.meanwhile(disk.calls() + call, move || {
            append_next(&mut log, 1).unwrap();
            append_next(&mut log, 2).unwrap();
        });
        let end = recovery::find_end(&disk, &scan.segments[0], file).unwrap().end.as_u64();
        assert!([3, 6].contains(&end), "{end} at call {call}");
        read_further += u64::from(end == 6 && call > 1);
    }
    assert!(read_further > 0);
}

/// Looks again and again while another thread appends, makes, begins and trims segments.
fn look_at_a_running_log<D: Disk>(disk: D) {
    let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
    append_next(&mut log, 1).unwrap();
    let running = AtomicBool::new(true);
    let looks = std::thread::scope(|scope| {
        let looker = scope.spawn(|| {
            let (mut looks, mut last) = (0, Position::ZERO);
            while running.load(Ordering::Relaxed) || looks < 10 {
                let look = Look::at(disk.clone()).unwrap();
                assert!(look.range().1 >= last);
                last = look.range().1;
                match read_all(&look) {
                    Ok(all) => {
                        assert!(
                            all.iter().all(|(position, record)| *record == conformance::record_at(*position))
                        );
                        assert_eq!(all.len() as u64, last.as_u64() - look.range().0.as_u64());
                    }
                    Err(LogError::OutOfRange { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
                looks += 1;
            }
            looks
        });
        for round in 0..300 {
            let end = append_next(&mut log, 1 + round % 13).unwrap().as_u64();
            if let Some(maker) = log.next_maker() {
                log.install(maker.make().unwrap());
            }
            log.trim(Position::from_u64(end.saturating_sub(100))).unwrap();
        }
        running.store(false, Ordering::Relaxed);
        looker.join().unwrap()
    });
    assert!(looks >= 10);
}

#[test]
fn a_running_log_never_looks_damaged() {
    look_at_a_running_log(SimDisk::new());
    let folder = tempfile::tempdir().unwrap();
    look_at_a_running_log(Folder::create(folder.path()).unwrap());
}
