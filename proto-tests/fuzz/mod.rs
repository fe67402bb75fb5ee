//! Every file of the fuzz corpus, through its target, on every run of the tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[allow(unreachable_pub, reason = "public for the programs of the fuzz package, which share them")]
mod bodies;

/// A target's name and its body.
type Target = (&'static str, fn(&[u8]));

/// The targets, and their bodies.
const TARGETS: &[Target] = &[
    ("frames", bodies::wire::frames),
    ("pdu", bodies::wire::pdu),
    ("receipt", bodies::receipt::receipt),
    ("session", bodies::session::session),
    ("text", bodies::text::text),
    ("tlvs", bodies::wire::tlvs),
];

/// The corpus is for finding old faults again; past this it slows every clone down. In octets.
const CORPUS_MAX: usize = 200_000;

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("proto-tests/fuzz")
}

/// The files of a folder by their name without suffix.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path)).collect()
}

#[test]
fn the_corpus_runs_through_every_target() {
    let mut octets = 0;
    for (target, body) in TARGETS {
        body(b"");
        for (_, path) in entries(&package().join("corpus").join(target)) {
            let data = fs::read(&path).unwrap();
            octets += data.len();
            let outcome = std::panic::catch_unwind(|| body(&data));
            assert!(outcome.is_ok(), "{target} fails with {}", path.display());
        }
    }
    assert!(octets <= CORPUS_MAX, "{octets} octets of corpus");
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let names = |folder: &str| -> BTreeSet<String> {
        entries(&package().join(folder)).into_iter().map(|(name, _)| name).collect()
    };
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("targets"), targets);
    assert_eq!(names("corpus"), targets);
}
