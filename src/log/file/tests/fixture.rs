//! Formats that have been released must open for ever: octets written by hand from the module head's tables.

use std::fs;

use crate::log::file::segment::segment_name;
use crate::log::file::tests::*;

/// Version 1: segment 1 from position 0 with salt 0x00005a17, one batch of the records "hello" and "" and one
/// of "42", and sixteen octets of unwritten room.
const VERSION_1: &str = "
    74676c6f67736567 01000000 175a0000 0100000000000000 0000000000000000
    00000000000000000000000000000000000000000000000000000000 7607b319
    74674201 0d000000 02000000 0000000000000000 993854c2 00000000 e277cedd
    05000001 68656c6c6f 00000001
    74674201 06000000 01000000 0200000000000000 a12d45e2 00000000 468f5115
    02000001 3432
    00000000000000000000000000000000";

/// The same as it is written since the head tells the size of its file, here 4096 octets; up to the unwritten room.
const VERSION_1_WITH_SIZE: &str = "
    74676c6f67736567 01000000 175a0000 0100000000000000 0000000000000000
    0010000000000000 0000000000000000000000000000000000000000 23acc747
    74674201 0d000000 02000000 0000000000000000 993854c2 00000000 e277cedd
    05000001 68656c6c6f 00000001
    74674201 06000000 01000000 0200000000000000 a12d45e2 00000000 468f5115
    02000001 3432
    00000000000000000000000000000000";

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

#[test]
fn version_1_opens_for_ever() {
    let mut with_size = octets(VERSION_1_WITH_SIZE);
    with_size.resize(4096, 0);
    for version_1 in [octets(VERSION_1), with_size] {
        opens_and_goes_on(&version_1);
    }
}

fn opens_and_goes_on(segment: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(segment_name(1)), segment).unwrap();
    let mut log = FileLog::open_folder(folder.path(), SMALL).unwrap();
    assert!(log.cut().is_none());
    let stored = [(0, b"hello".to_vec()), (1, vec![]), (2, b"42".to_vec())];
    assert_eq!(read_from(&log, 0).unwrap(), stored);

    log.append(&mut conformance::batch_of(["more"]), Position::from_u64(3)).unwrap();
    drop(log);
    let log = FileLog::open_folder(folder.path(), SMALL).unwrap();
    assert_eq!(read_from(&log, 3).unwrap(), [(3, b"more".to_vec())]);
}

#[test]
fn what_is_written_today_is_version_1_with_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open_folder(folder.path(), SMALL).unwrap();
    log.append(&mut conformance::batch_of(["hello", ""]), Position::ZERO).unwrap();
    log.append(&mut conformance::batch_of(["42"]), Position::from_u64(2)).unwrap();
    drop(log);
    let written = fs::read(folder.path().join(segment_name(1))).unwrap();
    let expected = octets(VERSION_1_WITH_SIZE);
    assert_eq!(written[..expected.len()], expected);
    assert!(written.len() == 4096 && written[expected.len()..].iter().all(|&octet| octet == 0));
}
