//! A month in one run, on a real log and real records, for a calculation that is not ours: what does it come to?
//!
//! The flow as in [`crate::days`], with a clock that is moved by hand, on files in a folder. What everybody else has
//! seen is written beside them: what customers were answered, what each carrier took, refused and reported, what
//! operators said, and what the ledger had at the end. `proto-tests/reconcile` holds the reports against all of that.
//!
//! Without a folder it is a small month in one that is thrown away, and only what the files say themselves is looked
//! at.

mod carriers;
mod customers;
mod files;
mod operators;
mod quick;
mod world;
mod written;

use std::path::Path;

use world::{Month, at_day};

/// Messages of a month that is there to be looked at only.
const SMALL: u64 = 600;

#[test]
#[expect(clippy::disallowed_methods, reason = "the calculation says where, how much, and of which seed")]
fn a_month_leaves_all_that_it_did_to_be_calculated_again() {
    let named = |name: &str| std::env::var(name).ok();
    let number = |name: &str, usual| named(name).map_or(usual, |text| text.parse().unwrap());
    let (messages, seed) = (number("MONTH_MESSAGES", SMALL), number("MONTH_SEED", 7));
    println!("seed {seed}, about {messages} messages");
    let thrown_away = tempfile::tempdir().unwrap();
    let folder = named("MONTH_FOLDER");
    let folder = folder.as_deref().map_or_else(|| thrown_away.path(), Path::new);
    let mut month = Month::new(folder, seed, messages);
    month.live(at_day(12, 20));
    month.end();
    written::write(&month, folder);
    assert!(month.crashes >= 2 && month.stops >= 1, "a month without a story");
    assert_every_message_has_its_record(&month, folder);
}

/// As many messages were accepted as have ended, each once; what came late came once more.
fn assert_every_message_has_its_record(month: &Month, folder: &Path) {
    let records = files::read(folder);
    let is_late = |line: &&(u64, String)| line.1 == "late_receipt";
    let is_recounted = |line: &&(u64, String)| line.1 == "recounted";
    let is_end = |line: &&(u64, String)| !is_late(line) && !is_recounted(line);
    let mut ended: Vec<u64> = records.iter().filter(is_end).map(|(id, _)| *id).collect();
    let (all, late) = (ended.len(), records.iter().filter(is_late).count());
    ended.sort_unstable();
    ended.dedup();
    assert_eq!(ended.len(), all, "a message has ended twice");
    let mut promised: Vec<u64> =
        month.said.iter().filter(|said| said.is_first()).filter_map(|said| said.id).collect();
    promised.sort_unstable();
    promised.dedup();
    let missing: Vec<_> = promised.iter().filter(|id| ended.binary_search(id).is_err()).collect();
    assert!(missing.is_empty(), "these were accepted and have no record: {missing:?}");
    println!("{all} messages, {late} corrected by late receipts, {} crashes", month.crashes);
    assert!(late > 0, "no receipt came late");
    assert!(records.iter().any(|line| is_recounted(&line)), "no fact was said afterwards");
}
