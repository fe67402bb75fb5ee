//! How long does a gateway take to be ready again, with a million messages of which something is still to come?
//!
//! One process writes a log: messages that are alive, between them as many that are over, step by step in the order in
//! which a gateway would write it. That is more than a gateway keeps: it frees its log above twice what lives in it.
//! Then the engine starts on it, in a process of its own: from opening the files until its door is open. The floor, in
//! the same run, reads the same files from the beginning to the end and computes one CRC over them. They take turns;
//! what is printed are medians. The files were written just before, so both find them in the page cache: it is the
//! work that is measured, not the disk.
//!
//! Alive is either handed over, taken by the carrier and without a receipt yet; or accepted and queued. Asserted is
//! only that all of them, and no others, are found again.
//!
//! To reach: a million alive in 3 s.
//!
//! `cargo bench --bench restart`; `-- --live N --history N` for other numbers; with `--smoke` a few
//! thousand. Linux only.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::indexing_slicing, reason = "a benchmark may stop at the first surprise")]

#[path = "support/events.rs"]
mod events;
#[expect(dead_code, reason = "not every bench needs all of it")]
mod support;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use events::Life;
use support::median;
use support::role::{self, Arguments, Part, option, part};
use telegraphy::app::open_log;
use telegraphy::engine::clock::Clock;
use telegraphy::engine::{Engine, Keeping};
use telegraphy::log::file::{FileLog, FileSettings, SEGMENT_BYTES_DEFAULT};
use telegraphy::log::{Batch, Log};
use telegraphy::message::Event;

/// Messages that are alive.
const LIVE: u32 = 1_000_000;

/// How many are over for each that is alive.
const HISTORY: u32 = 1;

/// Octets that the floor reads at once.
const READ: usize = 1024 * 1024;

fn main() {
    match part() {
        Some((name, arguments)) => run_part(&name, arguments),
        None => bench(),
    }
}

fn run_part(name: &str, mut arguments: Arguments) {
    let folder: PathBuf = arguments.next();
    match name {
        "writer" => {
            let queued: bool = arguments.next();
            let alive = if queued { Life::Accepted } else { Life::Submitted };
            println!("{}", write(&folder, alive, arguments.next(), arguments.next()));
        }
        "floor" => println!("{}", read(&folder)),
        "engine" => start(&folder),
        other => panic!("there is no part {other}"),
    }
}

/// Writes the log; how many records it has.
fn write(folder: &Path, alive: Life, live: u32, history: u32) -> u64 {
    let settings = FileSettings { segment_bytes: SEGMENT_BYTES_DEFAULT, salt: 0x5a17 };
    let mut log = FileLog::open_folder(folder, settings).unwrap();
    let (mut batch, mut end) = (Batch::default(), log.end());
    let mut append = |event: Event| {
        batch.push(|out| event.encode(out)).unwrap();
        if batch.body().len() >= READ {
            end = log.append(&mut batch, end).unwrap();
            batch.clear();
        }
    };
    events::names().into_iter().for_each(&mut append);
    // As many as a busy gateway has under way are between a message's steps.
    for first in (0..live * (1 + history)).step_by(1000) {
        let some = first..(first + 1000).min(live * (1 + history));
        for step in Life::ALL {
            for number in some.clone() {
                let reaches = if number % (1 + history) == 0 { alive } else { Life::Told };
                if step <= reaches {
                    append(events::event(step, number));
                }
            }
        }
    }
    log.append(&mut batch, end).unwrap().as_u64()
}

/// Reads all files; octets, microseconds and the CRC.
fn read(folder: &Path) -> String {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort_unstable();
    let start = Instant::now();
    let (mut crc, mut buffer, mut octets) = (crc32fast::Hasher::new(), vec![0; READ], 0);
    for path in paths {
        let mut file = std::fs::File::open(path).unwrap();
        loop {
            let count = file.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            crc.update(&buffer[..count]);
            octets += count;
        }
    }
    let took = start.elapsed();
    format!("{octets} {} {}", took.as_micros(), crc.finalize())
}

/// Starts the engine and stops it; records, microseconds until it was ready, messages open, and its memory then.
fn start(folder: &Path) {
    let clock = Clock::start();
    let before = Instant::now();
    let log = open_log(folder, SEGMENT_BYTES_DEFAULT).unwrap();
    let engine =
        Engine::start(log, events::settings(u32::MAX as usize), clock, Keeping { log_min: u64::MAX }, None)
            .unwrap();
    let took = before.elapsed();
    let recovered = *engine.recovered();
    let memory = role::memory_of("self", "VmRSS:");
    println!("{} {} {} {memory}", recovered.records, took.as_micros(), recovered.open);
    engine.stop().unwrap();
}

fn bench() {
    let smoke = role::is_smoke();
    let live = option("live").unwrap_or(if smoke { 3000 } else { LIVE });
    let history = option("history").unwrap_or(HISTORY);
    let rounds = if smoke { 1 } else { 5 };
    println!("{live} alive, {} over; median of {rounds} rounds", live * history);
    println!(
        "{:<10} {:>9} {:>9} {:>8} {:>8} {:>6} {:>10} {:>9} {:>14}",
        "alive",
        "records",
        "log MB",
        "floor s",
        "start s",
        "ratio",
        "records/s",
        "memory MB",
        "octets/message"
    );
    for queued in [false, true] {
        compare(queued, live, history, rounds);
    }
}

fn compare(queued: bool, live: u32, history: u32, rounds: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().display();
    let written: u64 =
        Part::start("writer", &[&path, &queued, &live, &history]).finish().trim().parse().unwrap();
    let (mut floor, mut engine) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        floor.push(numbers(&Part::start("floor", &[&path]).finish()));
        engine.push(numbers(&Part::start("engine", &[&path]).finish()));
    }
    for engine in &engine {
        assert_eq!(engine[2], f64::from(live), "messages found again");
        assert!(engine[0] >= written as f64, "{} records of {written}", engine[0]);
    }
    let middle = |turns: &[Vec<f64>], place: usize| median(turns.iter().map(|turn| turn[place]));
    let (records, took, memory) = (middle(&engine, 0), middle(&engine, 1) / 1e6, middle(&engine, 3));
    let (octets, floor_took) = (middle(&floor, 0), middle(&floor, 1) / 1e6);
    println!(
        "{:<10} {records:>9} {:>9.1} {floor_took:>8.3} {took:>8.3} {:>6.3} {:>10.0} {:>9.1} {:>14.0}",
        if queued { "queued" } else { "submitted" },
        octets / 1e6,
        floor_took / took,
        records / took,
        memory / 1e6,
        memory / f64::from(live),
    );
}

fn numbers(said: &str) -> Vec<f64> {
    said.split_whitespace().map(|word| word.parse().unwrap()).collect()
}
