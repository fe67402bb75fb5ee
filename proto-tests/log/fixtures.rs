//! Logs that releases have left behind, byte for byte, in `proto-tests/fixtures/log`.

use std::fs;
use std::path::{Path, PathBuf};

use telegraphy::log::file::{FileLog, FileSettings};
use telegraphy::log::{Batch, Log, LogError, LogReader, Position, Records};

use crate::source;

const SETTINGS: FileSettings = FileSettings { segment_bytes: 4096, salt: 0x7e1e_64a9 };

/// The records of every batch, in order. The first five were trimmed away.
const BATCHES: [u64; 9] = [1, 20, 9, 3, 1, 12, 30, 2, 5];
const START: u64 = 34;
const END: u64 = 83;

/// The record at `position`: from nothing to two hundred octets of all values.
fn record(position: u64) -> Vec<u8> {
    (0..position * 53 % 201).map(|at| u8::try_from((at * 7 + position) % 256).unwrap()).collect()
}

/// A fixture by its name: `v1` as it was released first, `v1-sizes` since heads tell how long their files are.
fn fixture(name: &str) -> PathBuf {
    source::root().join("proto-tests/fixtures/log").join(name)
}

fn copy(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

fn append(log: &mut FileLog, count: u64) {
    let mut batch = Batch::default();
    let end = log.end();
    (0..count).for_each(|n| batch.push_slice(&record(end.plus(n).as_u64())).unwrap());
    log.append(&mut batch, end).unwrap();
}

fn all(mut records: Box<dyn Records + '_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
    let mut all = Vec::new();
    while let Some(record) = records.next()? {
        all.push((record.position.as_u64(), record.bytes.to_vec()));
    }
    Ok(all)
}

fn known(end: u64) -> Vec<(u64, Vec<u8>)> {
    (START..end).map(|position| (position, record(position))).collect()
}

/// How the fixtures were made.
fn write(folder: &Path) {
    let mut log = FileLog::open_folder(folder, SETTINGS).unwrap();
    BATCHES.into_iter().for_each(|count| append(&mut log, count));
    log.trim(Position::from_u64(START)).unwrap();
    let maker = log.next_maker().unwrap();
    log.install(maker.make().unwrap());
    drop(log);
    fs::remove_file(folder.join("lock")).unwrap();
}

#[test]
fn version_1_opens_with_exactly_its_records_and_goes_on() {
    opens_with_exactly_its_records_and_goes_on("v1");
}

#[test]
fn version_1_with_sizes_opens_with_exactly_its_records_and_goes_on() {
    opens_with_exactly_its_records_and_goes_on("v1-sizes");
}

fn opens_with_exactly_its_records_and_goes_on(name: &str) {
    let folder = copy(&fixture(name));
    let look = FileLog::look(folder.path()).unwrap();
    assert_eq!(look.range(), (Position::from_u64(START), Position::from_u64(END)));
    assert_eq!((look.segments().len(), look.octets(), look.unfinished()), (2, 3 * 4096, None));
    assert_eq!(all(look.read(Position::from_u64(START)).unwrap()).unwrap(), known(END));

    let mut log = FileLog::open_folder(folder.path(), SETTINGS).unwrap();
    assert_eq!((log.start().as_u64(), log.end().as_u64(), log.cut()), (START, END, None));
    assert_eq!(all(log.read(log.start()).unwrap()).unwrap(), known(END));
    append(&mut log, 17);
    assert_eq!(all(log.read(log.start()).unwrap()).unwrap(), known(END + 17));
}

/// When this fails the format has changed: give it a new version and a fixture of its own, and keep this one as it is.
/// (Sizes needed no new version: where they stand now, releases before them wrote zeros, and looked at nothing.)
#[test]
fn what_is_written_today_is_version_1_with_sizes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        let mut files: Vec<_> =
            entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect();
        files.sort();
        files
    };
    let (written, kept) = (files(folder.path()), files(&fixture("v1-sizes")));
    assert_eq!(written.len(), 3, "two segments with records and a spare");
    assert!(written == kept, "the bytes differ");
}
