//! Does a gateway under a steady load stay as it is after a minute: its memory, and its log on the disk?
//!
//! A load client, the gateway and a carrier are processes of their own on loopback, as in the gateway bench. The client
//! submits at a steady pace, every message is delivered and its receipt returned, records are written. Each second the
//! gateway's resident memory is read from `/proc`, and its log and its records are measured on the disk.
//!
//! What counts as flat, asserted when the run lasts three minutes or longer: after the first minute no second shows
//! more than [`MEMORY_SLACK`] above the most of the ten seconds before that minute was over; and the log never takes
//! more than the least that is kept and [`SEGMENTS_BESIDE`] segments. At any length every message is answered once and
//! reported once, nothing is left open, and the log keeps to its bound.
//!
//! A gateway keeps 256 MiB of log before it frees any, which this load fills in minutes; here it keeps 16 MiB in
//! segments of 4 MiB unless told otherwise, so that segments are freed from the first seconds on.
//!
//! `cargo bench --bench endurance`; `-- --minutes N --rate R --log-min MIB --segment MIB` for another length, pace
//! (messages/s) or log; with `--smoke` a few seconds. Linux only.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and starts threads")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::indexing_slicing, reason = "a benchmark may stop at the first surprise")]

mod floor {
    //! The leanest programs that obey the wire.
    pub(crate) mod carrier;
    pub(crate) mod load;
    #[expect(dead_code, reason = "not every bench needs all of it")]
    pub(crate) mod message;
    #[expect(dead_code, reason = "not every bench needs all of it")]
    pub(crate) mod times;
    pub(crate) mod wire;
}
#[path = "support/gateway.rs"]
mod ours;
#[expect(dead_code, reason = "not every bench needs all of it")]
mod support;

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use floor::load::{self, Plan};
use floor::times::Times;
use ours::Setup;
use support::role::{self, Arguments, Part, option, part, wait_for_the_end};
use support::{median, per_100k, percentile};

const MIB: u64 = 1024 * 1024;

/// How much more memory than at one minute is still flat: what an allocator holds more or less from second to second.
const MEMORY_SLACK: f64 = 0.10;

/// Segments beside the least that is kept: the one that is filled, the one made ahead, and one that is being freed.
const SEGMENTS_BESIDE: u64 = 3;

/// Seconds before the one from which on it must be flat.
const WARM_UP: usize = 60;

/// Runs that are shorter, in seconds, say nothing about what is flat.
const LEAST_TO_JUDGE: usize = 180;

fn main() {
    match part() {
        Some((name, arguments)) => run_part(&name, arguments),
        None => bench(),
    }
}

fn run_part(name: &str, mut arguments: Arguments) {
    match name {
        "client" => {
            let address = arguments.next();
            let (messages, pace) = (arguments.next(), arguments.next());
            let course = load::run(address, Plan { window: WINDOW, connections: 1, messages, pace });
            let took = course.reported.last() - course.sent.get(0);
            let mut answers = course.answered.since(&course.sent);
            println!("{took} {} {}", percentile(&mut answers, 50), percentile(&mut answers, 99));
        }
        "carrier" => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            println!("{}", listener.local_addr().unwrap());
            let sent = Arc::new(Times::new(arguments.next()));
            thread::spawn(move || floor::carrier::serve(&listener, &sent));
            wait_for_the_end();
        }
        "telegraphy" => {
            let (carrier, folder) = (arguments.next(), arguments.next::<PathBuf>());
            let (segment, log_min) = (arguments.next(), arguments.next());
            let setup = Setup { records: true, segment, log_min, says: true, ..Setup::new(WINDOW as usize) };
            ours::run(carrier, &folder, setup);
        }
        other => panic!("there is no part {other}"),
    }
}

/// Unanswered messages that a paced connection may have: a second's sync on a bad day.
const WINDOW: u32 = 5000;

/// One second.
#[derive(Clone, Copy)]
struct Sample {
    memory: u64,
    /// Octets of the log's files, and what they take on the disk.
    log: (u64, u64),
    records: u64,
    open: u64,
    owed: u64,
}

fn bench() {
    let smoke = role::is_smoke();
    let rate: u32 = option("rate").unwrap_or(if smoke { 500 } else { 5000 });
    let seconds = if smoke { 4.0 } else { option("minutes").unwrap_or(10.0) * 60.0 };
    let log_min = option("log-min").map_or(if smoke { MIB } else { 16 * MIB }, |mib: u64| mib * MIB);
    let segment = option("segment").map_or(if smoke { MIB / 4 } else { 4 * MIB }, |mib: u64| mib * MIB);
    let messages = (f64::from(rate) * seconds) as u32;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!(
        "{messages} messages at {rate}/s, receipts returned, records written; at least {} MiB of log kept, in \
         segments of {:.2} MiB",
        log_min / MIB,
        segment as f64 / MIB as f64
    );
    let mut carrier = Part::start("carrier", &[&messages]);
    let carrier_address = carrier.line();
    let mut gateway =
        Part::start("telegraphy", &[&carrier_address, &folder.path().display(), &segment, &log_min]);
    let address = gateway.line();
    let client = Part::start("client", &[&address, &messages, &rate]);
    let client = thread::spawn(move || client.finish());
    let cpu = gateway.cpu();
    let samples = watch(&mut gateway, folder.path(), || !client.is_finished());
    let cpu = gateway.cpu() - cpu;
    let said = client.join().unwrap();
    let records = disk(&folder.path().join(ours::RECORDS)).0;
    let rest = gateway.finish();
    assert_eq!(rest.lines().last(), Some(messages.to_string().as_str()), "what the gateway counted");
    assert_eq!(carrier.finish(), "");
    let said: Vec<f64> = said.split_whitespace().map(|word| word.parse().unwrap()).collect();
    println!(
        "{:.0} messages/s; response p50 {:.2} ms, p99 {:.2} ms; CPU {:.2} s per 100,000; records {:.0} octets each",
        f64::from(messages) * 1e6 / said[0],
        said[1],
        said[2],
        per_100k(cpu, u64::from(messages)),
        records as f64 / f64::from(messages),
    );
    judge(&samples, log_min + SEGMENTS_BESIDE * segment);
}

/// A sample each second, a line for each tenth, as long as `goes_on`.
fn watch(gateway: &mut Part, folder: &Path, goes_on: impl Fn() -> bool) -> Vec<Sample> {
    let start = Instant::now();
    let mut samples = Vec::new();
    println!(
        "{:>6} {:>9} {:>9} {:>9} {:>11} {:>7} {:>7}",
        "s", "memory MB", "log MB", "on disk", "records MB", "open", "owed"
    );
    while goes_on() {
        // The gateway speaks once a second.
        let said = gateway.line();
        let (open, owed) = said.split_once(' ').unwrap();
        let sample = Sample {
            memory: gateway.memory(),
            log: disk(&folder.join(ours::LOG)),
            records: disk(&folder.join(ours::RECORDS)).1,
            open: open.parse().unwrap(),
            owed: owed.parse().unwrap(),
        };
        samples.push(sample);
        if samples.len() % 10 == 0 {
            let Sample { memory, log, records, open, owed } = sample;
            let [memory, log, blocks, records] =
                [memory, log.0, log.1, records].map(|octets| octets as f64 / 1e6);
            let at = start.elapsed().as_secs();
            println!("{at:>6} {memory:>9.1} {log:>9.1} {blocks:>9.1} {records:>11.1} {open:>7} {owed:>7}");
        }
    }
    samples
}

/// The octets of the files in a folder, and what they take on the disk. A file may be removed meanwhile.
fn disk(folder: &Path) -> (u64, u64) {
    let files = std::fs::read_dir(folder).unwrap().filter_map(|file| file.unwrap().metadata().ok());
    files.fold((0, 0), |(octets, taken), file| (octets + file.len(), taken + file.blocks() * 512))
}

fn judge(samples: &[Sample], log_bound: u64) {
    let most =
        |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap_or(0) as f64 / 1e6;
    let log = |sample: &Sample| sample.log.1;
    let bound = log_bound as f64 / 1e6;
    assert!(most(samples, log) <= bound, "the log took {:.1} MB of {bound:.1} MB", most(samples, log));
    if samples.len() < LEAST_TO_JUDGE {
        return println!(
            "log at most {:.1} MB of {bound:.1} MB; too short to say what is flat",
            most(samples, log)
        );
    }
    let (before, after) = samples.split_at(WARM_UP);
    let minute = most(&before[WARM_UP - 10..], |sample| sample.memory);
    let memory = most(after, |sample| sample.memory);
    println!(
        "memory: {minute:.1} MB at one minute, after that at most {memory:.1} MB ({:+.1} %), {:+.3} MB a minute",
        (memory / minute - 1.0) * 100.0,
        slope(after, |sample| sample.memory as f64 / 1e6) * 60.0,
    );
    println!(
        "log: {:.1} MB at one minute, after that at most {:.1} MB, {:+.3} MB a minute; its bound is {bound:.1} MB",
        most(&before[WARM_UP - 10..], log),
        most(after, log),
        slope(after, |sample| sample.log.1 as f64 / 1e6) * 60.0,
    );
    println!(
        "open: {:.0} in the middle, at most {:.0}",
        median(after.iter().map(|sample| sample.open as f64)),
        most(after, |sample| sample.open) * 1e6
    );
    assert!(memory <= minute * (1.0 + MEMORY_SLACK), "the memory is not flat");
}

/// Growth per sample: the slope of the line through the samples with the least squares.
fn slope(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    let count = samples.len() as f64;
    let (middle, mean) = ((count - 1.0) / 2.0, samples.iter().map(&of).sum::<f64>() / count);
    let (mut over, mut under) = (0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let x = place as f64 - middle;
        over += x * (of(sample) - mean);
        under += x * x;
    }
    over / under
}
