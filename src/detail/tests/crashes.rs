//! Exactly one line for each message, stopped at every call there is.

use super::simulated::Fault;
use super::*;

/// How many messages end, one every three hours, over three days and a calendar that jumps back.
const MESSAGES: u64 = 22;
/// Positions between two ends: other events.
const STEP: u64 = 7;

fn ended_at(number: u64) -> u64 {
    let jumped_back = if (12..16).contains(&number) { 2 * DAY } else { 0 };
    SATURDAY + number * 3 * 3_600_000 - jumped_back
}

/// What the engine keeps across crashes: from where its log can still be replayed.
struct Engine {
    /// The first message that the log still has; it may be trimmed up to what is written.
    replay_from: u64,
    settings: Settings,
}

impl Engine {
    /// Runs from the replay to the end, flushing every fourth message, compressing as it goes.
    fn run(&mut self, disk: &SimDisk) -> Result<(), DetailError> {
        let mut records = Records::open(disk.clone(), &self.settings, at(ended_at(self.replay_from)))?;
        for number in self.replay_from..MESSAGES {
            records.append(number * STEP, &detail(number * STEP, ended_at(number)))?;
            if number % 4 == 3 {
                records.flush()?;
                self.trim(&records, number);
            }
            while let Some(compressor) = records.next_compressor() {
                if let Err(e) = compressor.run() {
                    assert!(!e.ends_acceptance(), "{e}");
                }
            }
        }
        records.flush()
    }

    /// Trims the log, lazily: only at every third flush, so that a replay also gives what is written.
    fn trim(&mut self, records: &Records<SimDisk>, number: u64) {
        if number.is_multiple_of(3) {
            self.replay_from = records.written().unwrap() / STEP + 1;
        }
    }
}

fn expected() -> Vec<u64> {
    (0..MESSAGES).map(|number| number * STEP).collect()
}

/// Lets the call with this number go wrong; true when there was one.
fn stopped_at(call: u64, fault: Fault, power_goes: bool, file_bytes_max: u64) -> bool {
    let disk = SimDisk::default();
    let mut engine = Engine { replay_from: 0, settings: Settings { file_bytes_max, ..settings() } };
    disk.fail_at(call, fault);
    // A failed compression stops nobody; any other failure does.
    let ended = engine.run(&disk);
    let fired = disk.fired();
    assert!(fired || ended.is_ok());
    let how = format!("{fault:?} at call {call}, power goes: {power_goes}, {ended:?}");
    if power_goes {
        disk.cut_power(call)
    } else {
        disk.restart()
    }
    engine.run(&disk).unwrap_or_else(|e| panic!("{how}: {e}"));
    assert_eq!(positions(&disk), expected(), "{how}");
    // And a third start finds all of it closed or durable.
    disk.cut_power(call);
    engine.run(&disk).unwrap_or_else(|e| panic!("{how}: {e}"));
    assert_eq!(positions(&disk), expected(), "{how}");
    fired
}

#[test]
fn promise_2_a_message_has_exactly_one_record_wherever_it_crashes() {
    for file_bytes_max in [FILE_BYTES_MAX_DEFAULT, 1500] {
        for fault in Fault::ALL {
            for power_goes in [false, true] {
                let mut call = 1;
                while stopped_at(call, fault, power_goes, file_bytes_max) {
                    call += 1;
                }
                assert!(call > 60, "only {call} calls were tried");
            }
        }
    }
}

#[test]
fn two_crashes_in_a_row_at_any_calls_leave_one_record_each() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let disk = SimDisk::default();
        let mut engine = Engine { replay_from: 0, settings: Settings { file_bytes_max: 3000, ..settings() } };
        for _ in 0..random.u32(1..5) {
            disk.fail_at(disk.calls() + random.u64(1..200), random.choice(Fault::ALL).unwrap());
            engine.run(&disk).ok();
            if random.bool() { disk.cut_power(random.u64(..)) } else { disk.restart() }
        }
        engine.run(&disk).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        assert_eq!(positions(&disk), expected(), "seed {seed}");
    }
}

#[test]
fn a_replay_from_anywhere_before_the_last_record_adds_only_what_is_new() {
    for from in 0..=10 {
        let disk = SimDisk::default();
        let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
        for number in 0..10 {
            records.append(number, &detail(number, SATURDAY)).unwrap();
        }
        records.flush().unwrap();
        drop(records);
        let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
        assert_eq!(records.written(), Some(9));
        for number in from..12 {
            records.append(number, &detail(number, SATURDAY)).unwrap();
        }
        records.flush().unwrap();
        assert_eq!(positions(&disk), Vec::from_iter(0..12), "from {from}");
    }
}

#[test]
fn after_a_failed_write_nothing_more_is_taken_and_nothing_is_synced_again() {
    let disk = SimDisk::default();
    let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    records.append(1, &detail(1, SATURDAY)).unwrap();
    // The write; the one after it is the sync.
    disk.fail_at(disk.calls() + 2, Fault::Broken);
    let failure = records.flush().unwrap_err();
    assert!(matches!(failure, DetailError::Io { step: "write", .. }), "{failure}");
    assert!(failure.ends_acceptance());
    let calls = disk.calls();
    assert!(matches!(records.flush(), Err(DetailError::Poisoned { .. })));
    assert!(matches!(records.append(2, &detail(2, SATURDAY)), Err(DetailError::Poisoned { .. })));
    assert_eq!(disk.calls(), calls);
    assert_eq!(records.written(), None);
}

#[test]
fn a_whole_buffer_that_was_written_and_not_noted_is_cut_and_comes_again() {
    for call in 1..6 {
        let disk = SimDisk::default();
        let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
        records.append(0, &detail(0, SATURDAY)).unwrap();
        records.flush().unwrap();
        disk.fail_at(disk.calls() + call, Fault::PowerCut);
        let stopped =
            (1..6000).find(|position| records.append(*position, &detail(*position, SATURDAY)).is_err());
        assert_eq!(stopped.is_some(), call < 5, "a flush is four calls");
        drop(records);
        disk.restart();
        let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
        for position in 0..6000 {
            records.append(position, &detail(position, SATURDAY)).unwrap();
        }
        records.flush().unwrap();
        assert_eq!(positions(&disk), Vec::from_iter(0..6000), "stopped at {stopped:?}");
    }
}

#[test]
fn what_is_not_flushed_waits_in_a_bounded_buffer() {
    let mut records = Records::open(SimDisk::default(), &settings(), at(SATURDAY)).unwrap();
    let mut unwritten = 0;
    for position in 0..20_000 {
        records.append(position, &detail(position, SATURDAY)).unwrap();
        unwritten = position - records.written().map_or(0, |written| written);
        assert!(unwritten < 8000, "{unwritten} records wait");
    }
    assert!(unwritten > 0, "every record was flushed by itself");
}
