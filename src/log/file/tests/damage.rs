//! Regime E: files cut anywhere, bits flipped anywhere. Never silently wrong.

use proptest::prelude::*;

use crate::log::file::Look;
use crate::log::file::format::SegmentHead;
use crate::log::file::segment::segment_name;
use crate::log::file::tests::look::read_all;
use crate::log::file::tests::*;

/// A batch as it was stored.
#[derive(Clone, Debug)]
struct Stored {
    /// The segment's file.
    name: String,
    /// Where in it the batch ends.
    offset: u64,
    /// The position after its last record.
    end: u64,
}

/// A log of batches with these numbers of records, and where each came to lie.
fn written(segment_bytes: u64, counts: &[u64]) -> (SimDisk, Vec<Stored>) {
    let disk = SimDisk::new();
    let mut log = FileLog::open(disk.clone(), FileSettings { segment_bytes, ..SMALL }).unwrap();
    let stored = counts.iter().map(|&count| {
        let end = append_next(&mut log, count).unwrap().as_u64();
        Stored { name: log.active.name.clone(), offset: log.active.offset, end }
    });
    let stored = stored.collect();
    drop(log);
    (disk, stored)
}

/// Records with their positions.
type Records = Vec<(u64, Vec<u8>)>;

/// Opens and reads everything, as recovery does.
fn recover(disk: &SimDisk) -> Result<(FileLog<SimDisk>, Records), LogError> {
    let log = FileLog::open(disk.clone(), SMALL)?;
    let records = read_from(&log, 0)?;
    Ok((log, records))
}

/// The records of positions 0 to `end`.
fn prefix(end: u64) -> Records {
    (0..end).map(|p| (p, conformance::record_at(p))).collect()
}

/// Flips one bit and checks that it is refused at the right place, or cut, or of no consequence.
fn check_flip(disk: &SimDisk, stored: &[Stored], name: &str, bit: usize) {
    let disk = disk.copy();
    disk.tamper(name, |file| file[bit / 8] ^= 1 << (bit % 8));
    let at = (bit / 8) as u64;
    let [before @ .., last] = stored else { panic!("batches were stored") };
    // Of each octet one bit is looked at in every way.
    let every_way = bit % 8 == bit / 8 % 8;
    let looked_at = every_way.then(|| {
        let look = Look::at(disk.clone())?;
        read_all(&look).map(|all| (look, all))
    });
    let recovered = FileLog::open(disk, SMALL).and_then(|log| {
        if every_way {
            check_gets(&log, name, bit);
        }
        read_from(&log, 0).map(|all| (log, all))
    });
    if let Some(looked_at) = looked_at {
        check_look(looked_at, &recovered);
    }
    match recovered {
        Err(LogError::Damaged { file, offset, .. }) => {
            assert!(file.ends_with(name), "{} for {name}", file.display());
            // The offset is where the damaged batch or head begins.
            let begins = stored.iter().filter(|b| b.name == name && b.offset <= at).map(|b| b.offset).max();
            assert_eq!(offset, begins.unwrap_or(if at < 64 { 0 } else { 64 }), "bit {bit} of {name}");
        }
        Err(other) => panic!("bit {bit} of {name}: {other}"),
        Ok((_, records)) if records == prefix(last.end) => {
            let end = stored.iter().filter(|b| b.name == name).map(|b| b.offset).max().unwrap_or(64);
            assert!(at >= end, "bit {bit} of {name} is not seen");
        }
        Ok((log, records)) => {
            assert_eq!(records, prefix(before.last().map_or(0, |b| b.end)), "bit {bit} of {name}");
            let begins = before.iter().filter(|b| b.name == name).map(|b| b.offset).max().unwrap_or(64);
            assert!(name == last.name && (begins..last.offset).contains(&at), "bit {bit} of {name}");
            assert_eq!(log.cut().map(|cut| cut.offset), Some(begins), "a cut is reported");
        }
    }
}

/// A look refuses, shows and leaves out the same as recovery does.
fn check_look(
    looked_at: Result<(Look<SimDisk>, Records), LogError>,
    recovered: &Result<(FileLog<SimDisk>, Records), LogError>,
) {
    match (looked_at, recovered) {
        (Ok((look, shown)), Ok((log, held))) => {
            assert_eq!(shown, *held);
            assert_eq!(look.unfinished(), log.cut());
        }
        (Err(refused), Err(why)) => assert_eq!(refused.to_string(), why.to_string()),
        (look, _) => panic!("{:?}", look.map(|(look, _)| look)),
    }
}

/// Each record by itself is right, or damaged in the file where the bit was flipped.
fn check_gets(log: &FileLog<SimDisk>, name: &str, bit: usize) {
    let positions: Vec<_> = (0..log.end().as_u64()).map(Position::from_u64).collect();
    log.reader().get_many(&positions, &mut |place, found| match found {
        Ok(record) => assert_eq!(record, conformance::record_at(place as u64), "bit {bit} of {name}"),
        Err(LogError::Damaged { file, .. }) => assert!(file.ends_with(name), "{} for {name}", file.display()),
        Err(other) => panic!("bit {bit} of {name}: {other}"),
    });
}

#[test]
fn no_flipped_bit_is_silently_wrong() {
    let (disk, stored) = written(400, &[2, 10, 1, 1, 1]);
    let last = &stored.last().unwrap().name;
    assert_eq!(disk.segments().len(), 3);
    assert!(stored.iter().filter(|b| b.name == *last).count() >= 3, "{stored:?}");
    for name in disk.segments() {
        for bit in 0..disk.octets(&name).len() * 8 {
            check_flip(&disk, &stored, &name, bit);
        }
    }
}

#[test]
fn a_torn_tail_is_cut_at_the_last_whole_batch() {
    let (disk, stored) = written(4096, &[3, 1, 4, 2, 2]);
    let name = segment_name(1);
    // Not within the head: that is synced before there is a batch.
    for cut in 64..=disk.octets(&name).len() {
        let disk = disk.copy();
        disk.tamper(&name, |file| file[cut..].fill(0));
        let end = stored.iter().filter(|b| b.offset <= cut as u64).map(|b| b.end).max().unwrap_or(0);
        let (mut log, records) = recover(&disk).unwrap();
        assert_eq!(records, prefix(end), "cut at {cut}");
        append_next(&mut log, 2).unwrap();
        drop(log);
        assert_eq!(recover(&disk).unwrap().1, prefix(end + 2), "cut at {cut}");
    }
}

#[test]
fn a_file_that_was_cut_short_is_refused_wherever_it_was_cut() {
    let (disk, _) = written(400, &[3, 1, 4, 2, 2]);
    for name in disk.segments() {
        for cut in 0..disk.octets(&name).len() {
            check_cut_file(&disk, &name, cut);
        }
    }
}

/// Recovery and a look refuse the file by its name, its length and its proper length, and leave it.
fn check_cut_file(disk: &SimDisk, name: &str, cut: usize) {
    let disk = disk.copy();
    let made = disk.octets(name).len();
    disk.tamper(name, |file| file.truncate(cut));
    let refused = FileLog::open(disk.clone(), SMALL).unwrap_err();
    let proper = if cut < 64 { 64 } else { made };
    let LogError::Damaged { file, offset, expected } = &refused else {
        panic!("{refused} at {cut} of {name}")
    };
    assert!(file.ends_with(name) && *offset == cut as u64, "{refused} at {cut} of {name}");
    assert!(expected.starts_with(&format!("{proper} octets or more")), "{refused} at {cut} of {name}");
    assert_eq!(Look::at(disk.clone()).unwrap_err().to_string(), refused.to_string());
    assert_eq!(disk.octets(name).len(), cut);
}

#[test]
fn a_file_cut_short_before_sizes_were_written_is_a_torn_tail_as_ever() {
    let (disk, stored) = written(4096, &[3, 1, 4]);
    let name = segment_name(1);
    disk.tamper(&name, |file| {
        let head = SegmentHead { salt: SMALL.salt, number: 1, first: Position::ZERO, size: None };
        file[..64].copy_from_slice(&head.encode());
        file.truncate(stored[2].offset as usize - 1);
    });
    assert_eq!(recover(&disk).unwrap().1, prefix(4));
}

#[test]
fn a_spare_that_was_cut_short_holds_nothing_that_could_be_missed() {
    let (disk, stored) = written(4096, &[3]);
    disk.create(&segment_name(2)).unwrap();
    disk.tamper(&segment_name(2), |file| file.resize(100, 0));
    assert_eq!(recover(&disk).unwrap().1, prefix(stored[0].end));
    assert_eq!(disk.segments(), [segment_name(1)]);
}

#[test]
fn what_is_cut_away_is_zeroed_and_reported() {
    let (disk, stored) = written(4096, &[3, 5]);
    let (begins, ends) = (stored[0].offset, stored[1].offset);
    disk.tamper(&segment_name(1), |file| file[begins as usize + 40] ^= 1);
    let log = FileLog::open(disk.clone(), SMALL).unwrap();
    let cut = log.cut().unwrap();
    assert_eq!((cut.offset, cut.octets), (begins, ends - begins));
    assert!(cut.file.ends_with(segment_name(1)));
    assert!(disk.octets(&segment_name(1))[begins as usize..].iter().all(|&octet| octet == 0));
}

#[test]
fn a_batch_in_a_message_text_is_no_batch_without_the_salt() {
    for (salt, refused) in [(SMALL.salt, true), (SMALL.salt ^ 1, false)] {
        let disk = SimDisk::new();
        let mut log = FileLog::open(disk.clone(), SMALL).unwrap();
        append_next(&mut log, 3).unwrap();
        let (name, begins) = (log.active.name.clone(), log.active.offset as usize);
        let mut forged = conformance::batch_of(["forged"]);
        let forged = crate::log::file::format::frame(&mut forged, Position::from_u64(4), salt).to_vec();
        log.append(&mut conformance::batch_of([forged]), Position::from_u64(3)).unwrap();
        drop(log);
        disk.tamper(&name, |file| file[begins..begins + 16].fill(0));
        let opened = FileLog::open(disk, SMALL);
        assert_eq!(matches!(opened, Err(LogError::Damaged { .. })), refused);
    }
}

#[test]
fn octets_beyond_the_torn_batch_are_damage() {
    let (disk, stored) = written(4096, &[3, 5]);
    disk.tamper(&segment_name(1), |file| {
        file[stored[1].offset as usize - 1] ^= 1;
        file[stored[1].offset as usize] = 1;
    });
    let refused = FileLog::open(disk, SMALL).unwrap_err();
    assert!(matches!(refused, LogError::Damaged { offset, .. } if offset == stored[0].offset), "{refused}");
}

#[test]
fn a_refused_log_is_left_as_it_is() {
    let (disk, stored) = written(700, &[3, 1, 4, 2, 2]);
    let last = &stored.last().unwrap().name;
    disk.tamper(last, |file| file[1] ^= 1);
    disk.create("00000000000000000099.seg.new").unwrap();
    let before: Vec<_> = disk.segments().into_iter().map(|name| (disk.octets(&name), name)).collect();
    FileLog::open(disk.clone(), SMALL).unwrap_err();
    let after: Vec<_> = disk.segments().into_iter().map(|name| (disk.octets(&name), name)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_segment_that_lost_its_head_is_left_for_a_person_to_see() {
    let (disk, _) = written(700, &[3, 1, 4, 2, 2]);
    let name = segment_name(2);
    disk.tamper(&name, |file| file[..64].fill(0));
    let refused = FileLog::open(disk.clone(), SMALL).unwrap_err();
    assert!(
        matches!(&refused, LogError::Damaged { file, offset: 0, .. } if file.ends_with(&name)),
        "{refused}"
    );
    assert!(disk.octets(&name)[..64].iter().all(|&octet| octet == 0));
}

#[test]
fn a_segment_of_another_history_is_damage() {
    let (disk, stored) = written(700, &[3, 9, 4, 9]);
    let (other, _) = written(700, &[3, 10, 4, 9]);
    let (name, begins) = (&stored[1].name, 64);
    disk.tamper(name, |file| *file = other.octets(name));
    let refused = recover(&disk).map(|(_, records)| records).unwrap_err();
    assert!(
        matches!(&refused, LogError::Damaged { file, offset, .. } if file.ends_with(name) && *offset == begins)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tail_torn_anywhere_keeps_exactly_its_whole_batches(
        counts in prop::collection::vec(1..30_u64, 1..20),
        segment_bytes in 200..20_000_u64,
        cut in any::<prop::sample::Index>(),
    ) {
        let (disk, stored) = written(segment_bytes, &counts);
        let name = &stored.last().unwrap().name;
        let len = disk.octets(name).len();
        let cut = 64 + cut.index(len - 64);
        check_cut_file(&disk, name, cut);
        disk.tamper(name, |file| file[cut..].fill(0));
        let whole = stored.iter().filter(|b| b.name != *name || b.offset <= cut as u64);
        let end = whole.map(|b| b.end).max().unwrap_or(0);
        let (mut log, records) = recover(&disk).unwrap();
        prop_assert_eq!(records, prefix(end));
        append_next(&mut log, 5).unwrap();
        drop(log);
        prop_assert_eq!(recover(&disk).unwrap().1, prefix(end + 5));
    }

    #[test]
    fn a_bit_flipped_anywhere_is_refused_or_cut(
        counts in prop::collection::vec(1..30_u64, 1..20),
        segment_bytes in 200..20_000_u64,
        file in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let (disk, stored) = written(segment_bytes, &counts);
        let names = disk.segments();
        let name = file.get(&names);
        check_flip(&disk, &stored, name, bit.index(disk.octets(name).len() * 8));
    }
}
