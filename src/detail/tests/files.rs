//! Files that grow, close, are compressed, moved away, torn and put back.

use super::simulated::Fault;
use super::*;

fn write(disk: &SimDisk, positions: std::ops::Range<u64>, ended_at: u64) -> Records<SimDisk> {
    let mut records = Records::open(disk.clone(), &settings(), at(ended_at)).unwrap();
    for position in positions {
        records.append(position, &detail(position, ended_at)).unwrap();
    }
    records.flush().unwrap();
    records
}

fn compress_all(records: &mut Records<SimDisk>) {
    while let Some(compressor) = records.next_compressor() {
        compressor.run().unwrap();
    }
}

#[test]
fn the_day_turns_forward_only() {
    let disk = SimDisk::default();
    let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    for (position, ended_at) in
        [SATURDAY + DAY - 1, SATURDAY + DAY, SATURDAY + 5, SATURDAY + 2 * DAY, SATURDAY - 9 * DAY]
            .into_iter()
            .enumerate()
    {
        records.append(position as u64, &detail(position as u64, ended_at)).unwrap();
    }
    records.flush().unwrap();
    assert_eq!(positions_in(&disk, "records-2026-11-21.tsv"), [0]);
    assert_eq!(positions_in(&disk, "records-2026-11-22.tsv"), [1, 2]);
    assert_eq!(positions_in(&disk, "records-2026-11-23.tsv"), [3, 4]);
    // Nor does a restart with a calendar that is still behind turn it back.
    drop(records);
    drop(write(&disk, 5..6, SATURDAY));
    assert_eq!(positions_in(&disk, "records-2026-11-23.tsv"), [3, 4, 5]);
}

#[test]
fn a_closed_file_is_compressed_and_read_like_the_plain_one() {
    let disk = SimDisk::default();
    let mut records = write(&disk, 0..100, SATURDAY);
    assert!(records.next_compressor().is_none(), "the open file is not compressed");
    let plain = disk.octets("records-2026-11-21.tsv").unwrap();
    records.roll(at(SATURDAY + DAY)).unwrap();
    compress_all(&mut records);
    assert_eq!(disk.names(), ["records-2026-11-21.tsv.gz", "records.last"]);
    let compressed = disk.octets("records-2026-11-21.tsv.gz").unwrap();
    assert!(compressed.len() * 3 < plain.len(), "{} of {}", compressed.len(), plain.len());
    assert_eq!(unpacked(&compressed), plain);
    assert_eq!(positions(&disk), Vec::from_iter(0..100));
    // Who listed the plain one before finds it all the same.
    assert_eq!(positions_in(&disk, "records-2026-11-21.tsv").len(), 100);
    records.append(100, &detail(100, SATURDAY + DAY)).unwrap();
    records.flush().unwrap();
    assert_eq!(positions(&disk), Vec::from_iter(0..101));
}

#[test]
fn a_compression_that_fails_anywhere_leaves_the_records_once() {
    for fault in Fault::ALL {
        for call in 1.. {
            let disk = SimDisk::default();
            let mut records = write(&disk, 0..100, SATURDAY);
            records.roll(at(SATURDAY + DAY)).unwrap();
            let compressor = records.next_compressor().unwrap();
            disk.fail_at(disk.calls() + call, fault);
            let result = compressor.run();
            if !disk.fired() {
                assert!(call > 8, "only {call} calls were tried");
                break;
            }
            assert!(result.is_ok() || matches!(result, Err(DetailError::Compress { .. })), "{result:?}");
            drop(records);
            if fault == Fault::PowerCut {
                disk.cut_power(call)
            } else {
                disk.restart()
            }
            assert_eq!(positions(&disk), Vec::from_iter(0..100), "{fault:?} at {call}");
            let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY + DAY)).unwrap();
            compress_all(&mut records);
            assert_eq!(disk.names(), ["records-2026-11-21.tsv.gz", "records.last"], "{fault:?} at {call}");
            assert_eq!(positions(&disk), Vec::from_iter(0..100), "{fault:?} at {call}");
        }
    }
}

#[test]
fn a_compressed_file_that_holds_something_else_is_not_overwritten() {
    let disk = SimDisk::default();
    let mut records = write(&disk, 0..10, SATURDAY);
    records.roll(at(SATURDAY + DAY)).unwrap();
    disk.put("records-2026-11-21.tsv.gz", b"something else");
    let compressor = records.next_compressor().unwrap();
    assert!(matches!(compressor.run(), Err(DetailError::Unlike { .. })));
    assert_eq!(disk.octets("records-2026-11-21.tsv.gz").unwrap(), b"something else");
    assert_eq!(positions(&disk), Vec::from_iter(0..10));
}

#[test]
fn files_that_were_moved_away_lead_to_no_doubles_and_no_reused_names() {
    for running in [false, true] {
        let disk = SimDisk::default();
        let records = write(&disk, 0..10, SATURDAY);
        let moved = if running {
            let moved = disk.take("records-2026-11-21.tsv");
            drop(records);
            moved
        } else {
            drop(records);
            disk.take("records-2026-11-21.tsv")
        };
        let records = write(&disk, 5..15, SATURDAY);
        assert_eq!(records.written(), Some(14));
        assert_eq!(positions_in(&disk, "records-2026-11-21.2.tsv"), Vec::from_iter(10..15));
        // Put back, they stand side by side.
        disk.put("records-2026-11-21.tsv", &moved);
        assert_eq!(positions(&disk), Vec::from_iter(0..15));
    }
}

#[test]
fn files_put_back_under_the_next_name_are_gone_round() {
    let disk = SimDisk::default();
    let mut records = write(&disk, 0..1, SATURDAY);
    disk.put("records-2026-11-22.tsv", Kind::Messages.header().as_bytes());
    records.append(1, &detail(1, SATURDAY + DAY)).unwrap();
    records.flush().unwrap();
    assert_eq!(positions_in(&disk, "records-2026-11-22.2.tsv"), [1]);
}

#[test]
fn a_torn_end_is_cut_and_comes_again() {
    let disk = SimDisk::default();
    drop(write(&disk, 0..10, SATURDAY));
    let name = "records-2026-11-21.tsv";
    let whole = disk.octets(name).unwrap();
    let line = whole.split_inclusive(|octet| *octet == b'\n').next_back().unwrap().to_vec();
    for torn in [&line[..line.len() - 1], &line[..3], &[0; 100], &line[..]] {
        disk.put(name, &[&whole[..], torn].concat());
        let records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
        assert_eq!(records.written(), Some(9));
        drop(records);
        assert_eq!(disk.octets(name).unwrap(), whole);
    }
}

#[test]
fn a_reader_leaves_out_the_line_that_is_being_written() {
    let disk = SimDisk::default();
    drop(write(&disk, 0..10, SATURDAY));
    let whole = disk.octets("records-2026-11-21.tsv").unwrap();
    disk.put("records-2026-11-21.tsv", &whole[..whole.len() - 1]);
    assert_eq!(positions(&disk), Vec::from_iter(0..9));
}

#[test]
fn without_a_note_the_last_whole_line_says_what_is_written() {
    for compressed in [false, true] {
        let disk = SimDisk::default();
        let mut records = write(&disk, 0..10, SATURDAY);
        if compressed {
            records.roll(at(SATURDAY + DAY)).unwrap();
            compress_all(&mut records);
        }
        drop(records);
        disk.take("records.last");
        if !compressed {
            let whole = disk.octets("records-2026-11-21.tsv").unwrap();
            disk.put("records-2026-11-21.tsv", &[&whole[..], b"11\t12"].concat());
        }
        let records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
        assert_eq!(records.written(), Some(9), "compressed: {compressed}");
        drop(records);
        drop(write(&disk, 0..12, SATURDAY));
        assert_eq!(positions(&disk), Vec::from_iter(0..12), "compressed: {compressed}");
    }
}

#[test]
fn a_note_that_is_older_than_the_files_is_refused_and_nothing_is_cut() {
    let disk = SimDisk::default();
    drop(write(&disk, 0..10, SATURDAY));
    let old = disk.octets("records.last").unwrap();
    drop(write(&disk, 10..8000, SATURDAY));
    let whole = disk.octets("records-2026-11-21.tsv").unwrap();
    disk.put("records.last", &old);
    let refused = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap_err();
    assert!(matches!(refused, DetailError::NoteOutdated { .. }), "{refused}");
    assert_eq!(disk.octets("records-2026-11-21.tsv").unwrap(), whole);
    disk.take("records.last");
    assert_eq!(Records::open(disk, &settings(), at(SATURDAY)).unwrap().written(), Some(7999));
}

#[test]
fn a_note_of_which_one_page_is_torn_is_read_from_the_other_and_of_both_refused() {
    let disk = SimDisk::default();
    let mut records = write(&disk, 0..10, SATURDAY);
    records.append(10, &detail(10, SATURDAY)).unwrap();
    records.flush().unwrap();
    drop(records);
    let whole = disk.octets("records.last").unwrap();
    let latest = if whole[..4096].windows(11).any(|text| text == b"position 10") { 0 } else { 4096 };
    let mut torn = whole;
    torn[latest + 20] ^= 1;
    disk.put("records.last", &torn);
    assert_eq!(Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap().written(), Some(9));
    disk.put("records.last", &[b'x'; 8192]);
    let refused = Records::open(disk, &settings(), at(SATURDAY)).unwrap_err();
    assert!(matches!(refused, DetailError::NoteDamaged { .. }), "{refused}");
}

#[test]
fn one_process_writes_a_kind_and_both_kinds_share_a_folder() {
    let disk = SimDisk::default();
    let _records = write(&disk, 0..10, SATURDAY);
    let second = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap_err();
    assert!(matches!(second, DetailError::Locked { .. }), "{second}");
    let mut others = ForeignRecords::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    others.append(4, &foreign(SATURDAY)).unwrap();
    others.flush().unwrap();
    assert_eq!(
        disk.names(),
        ["foreign-2026-11-21.tsv", "foreign.last", "records-2026-11-21.tsv", "records.last"]
    );
}

#[test]
fn a_file_of_another_version_is_left_as_it_is_and_said_so() {
    let disk = SimDisk::default();
    drop(write(&disk, 0..10, SATURDAY));
    let name = "records-2026-11-21.tsv";
    let other: Vec<_> = disk
        .octets(name)
        .unwrap()
        .into_iter()
        .enumerate()
        .map(|(at, octet)| if at == 9 { b'9' } else { octet })
        .collect();
    assert!(other.starts_with(b"records_v9\t"));
    disk.put(name, &other);
    drop(write(&disk, 10..11, SATURDAY));
    assert_eq!(disk.octets(name).unwrap(), other);
    assert_eq!(positions_in(&disk, "records-2026-11-21.2.tsv"), [10]);
    let refused = read::<MessageRecord, _>(&disk, name).unwrap_err();
    assert!(matches!(refused, DetailError::Header { .. }), "{refused}");
}

#[test]
fn a_file_whose_header_is_not_whole_yet_has_no_records_and_is_no_other_releases() {
    let disk = SimDisk::default();
    for begun in [&b""[..], b"records_v5", b"records_v5\tmessage_id"] {
        disk.put("records-2026-11-21.tsv", begun);
        assert_eq!(read::<MessageRecord, _>(&disk, "records-2026-11-21.tsv").unwrap().count(), 0);
    }
    disk.put("records-2026-11-21.tsv", b"records_v9");
    assert!(matches!(
        read::<MessageRecord, _>(&disk, "records-2026-11-21.tsv"),
        Err(DetailError::Header { .. })
    ));
}

#[test]
fn a_real_folder_keeps_records_too() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Folder::create(&folder.path().join("records")).unwrap();
    let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    records.append(1, &detail(1, SATURDAY)).unwrap();
    records.flush().unwrap();
    assert!(matches!(
        Records::open(disk.clone(), &settings(), at(SATURDAY)),
        Err(DetailError::Locked { .. })
    ));
    records.append(2, &detail(2, SATURDAY + DAY)).unwrap();
    records.next_compressor().unwrap().run().unwrap();
    drop(records);
    let records = Records::open(disk.clone(), &settings(), at(SATURDAY + DAY)).unwrap();
    assert_eq!(records.written(), Some(1));
    assert_eq!(positions(&disk), [1]);
    assert_eq!(files(&disk, Kind::Messages).unwrap()[0].name, "records-2026-11-21.tsv.gz");
}

#[test]
fn the_last_position_is_that_of_the_newest_file_with_a_record() {
    let last = |disk: &SimDisk| last_position(disk, Kind::Messages).unwrap();
    let disk = SimDisk::default();
    assert_eq!(last(&disk), None);
    let mut records = write(&disk, 3..8, SATURDAY);
    assert_eq!(last(&disk), Some(7));
    records.append(9, &detail(9, SATURDAY + DAY)).unwrap();
    assert_eq!(last(&disk), Some(7), "what is not flushed is in no file");
    records.flush().unwrap();
    compress_all(&mut records);
    assert_eq!(last(&disk), Some(9));
    drop(records);
    disk.remove("records-2026-11-22.tsv").unwrap();
    assert_eq!(last(&disk), Some(7), "of a compressed one, too");
    assert_eq!(
        noted_position(&disk, Kind::Messages).unwrap(),
        Some(9),
        "the note knows of what was moved away"
    );
    assert_eq!(noted_position(&SimDisk::default(), Kind::Messages).unwrap(), None);
}
