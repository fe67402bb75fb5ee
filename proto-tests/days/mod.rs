//! A day of faults in one run: does every message end once, whatever happens to whom?
//!
//! The flow on the memory log, driven as the engine drives it, with a clock that is moved by hand and peers that do
//! whatever a seed says: one thread, no sleep, and the same seed is the same day. What the peers have seen is held
//! against the records and the counts.

mod carriers;
pub(crate) mod chance;
mod customers;
mod day;
mod events;
pub(crate) mod gateway;
mod ledger;
mod lives;
mod records;
mod settings;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use day::Day;
use settings::HOUR;

/// Octets of log at the most: what lives, what the keeper lets gather beside it, and the segment in hand.
const LOG_MAX: u64 = 4 * 1024 * 1024;

#[test]
#[expect(clippy::disallowed_methods, reason = "each run is a new day, unless a person names one")]
fn twenty_four_hours_of_faults_end_every_message_once() {
    let given = std::env::var("SEED").ok().map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        since.as_millis() as u64
    });
    let mut day = Day::new(seed);
    let lived = catch_unwind(AssertUnwindSafe(|| live(&mut day)));
    if let Err(panic) = lived {
        let at = Duration::from_micros(day.at);
        eprintln!("it broke after {at:?} of the day; again with:");
        eprintln!("SEED={seed} cargo test --test proto twenty_four_hours");
        resume_unwind(panic);
    }
}

fn live(day: &mut Day) {
    day.live(24 * HOUR);
    day.be_quiet();
    day.live(8 * HOUR);
    day.assert_all_is_well();
    let (accepted, ledger) = (day.records.messages().count(), &day.ledger);
    println!(
        "{accepted} messages, {} crashes, {} stops, {} octets of log and {} of bodies at the most",
        ledger.crashes, ledger.stops, ledger.log_octets, ledger.bodies
    );
    let (late, closed) = (day.records.late().count(), ledger.closed.len());
    println!("{late} corrected by late receipts, {closed} periods closed");
    assert!(accepted > 5_000 && ledger.crashes > 3 && late > 10 && closed >= 2, "a day without a story");
    assert!(ledger.log_octets < LOG_MAX, "{} octets of log", ledger.log_octets);
}
