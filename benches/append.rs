//! Records per second through the file log, beside the least that durability costs in the same run.
//!
//! The floor is a preallocated, zeroed file and one write and one fdatasync per batch of ready octets. The
//! log does the same and in addition encodes the records, checksums and frames them, checks the fence and
//! crosses segments. The two take turns, so that a slow second of the machine hits both. What to reach: 0.8
//! of the floor at every size.
//!
//! `cargo bench --bench append`; without `--bench` it only shows that it runs.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![expect(clippy::unwrap_used, reason = "a measurement may stop at the first surprise")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::BufMut;
use telegraphy::log::file::{FileLog, FileSettings, SEGMENT_BYTES_DEFAULT};
use telegraphy::log::{Batch, Log, Position};

/// Octets of a record: an accepted message with a short text.
const RECORD: [u8; 200] = [0x5a; 200];

/// Octets of payload in one turn: well inside a segment, so that one made between the turns is enough.
const TURN_BYTES_MAX: usize = 48 * 1024 * 1024;

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!("{:>6} {:>12} {:>12} {:>6} {:>12}", "batch", "floor rec/s", "log rec/s", "ratio", "allocations");
    for (records, batches) in [(1, 200), (64, 200), (512, 200), (4096, 50)] {
        compare(folder.path(), records, if full { batches } else { 2 }, if full { 12 } else { 1 });
    }
    read_back(folder.path(), if full { 4_000_000 } else { 10_000 });
    make_alongside(folder.path(), if full { 2000 } else { 20 });
}

fn settings() -> FileSettings {
    FileSettings { segment_bytes: SEGMENT_BYTES_DEFAULT, salt: 0x5a17 }
}

fn compare(folder: &Path, records: usize, batches: usize, turns: usize) {
    assert!(records * batches * RECORD.len() <= TURN_BYTES_MAX);
    let floor = zeroed_file(&folder.join("floor"));
    let octets = RECORD.repeat(records);
    let path = folder.join(format!("batches-of-{records}"));
    let mut log = FileLog::open_folder(&path, settings()).unwrap();
    let mut batch = Batch::default();
    log_turn(&mut log, &mut batch, records, 1);
    let (mut floor_time, mut log_time, mut allocations) = (Duration::ZERO, Duration::ZERO, 0);
    for _ in 0..turns {
        if let Some(maker) = log.next_maker() {
            log.install(maker.make().unwrap());
        }
        floor_time += floor_turn(&floor, &octets, batches);
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        log_time += log_turn(&mut log, &mut batch, records, batches);
        allocations += ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    let rate = |time: Duration| (records * batches * turns) as f64 / time.as_secs_f64();
    let (floor, log) = (rate(floor_time), rate(log_time));
    println!("{records:>6} {floor:>12.0} {log:>12.0} {:>6.2} {allocations:>12}", log / floor);
}

fn zeroed_file(path: &Path) -> File {
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(path).unwrap();
    let zeros = vec![0; 1024 * 1024];
    (0..64).for_each(|mebibyte| file.write_all_at(&zeros, mebibyte * zeros.len() as u64).unwrap());
    file.sync_all().unwrap();
    file
}

fn floor_turn(file: &File, octets: &[u8], batches: usize) -> Duration {
    let start = Instant::now();
    for batch in 0..batches {
        file.write_all_at(octets, (batch * octets.len()) as u64).unwrap();
        file.sync_data().unwrap();
    }
    start.elapsed()
}

fn log_turn(log: &mut FileLog, batch: &mut Batch, records: usize, batches: usize) -> Duration {
    let mut end = log.end();
    let start = Instant::now();
    for _ in 0..batches {
        batch.clear();
        (0..records).for_each(|_| batch.push(|buffer| buffer.put_slice(&RECORD)).unwrap());
        end = log.append(batch, end).unwrap();
    }
    start.elapsed()
}

/// Recovery: open and read every record.
fn read_back(folder: &Path, records: usize) {
    let path = folder.join("read-back");
    let mut log = FileLog::open_folder(&path, settings()).unwrap();
    log_turn(&mut log, &mut Batch::default(), 500, records / 500);
    drop(log);
    let start = Instant::now();
    let log = FileLog::open_folder(&path, settings()).unwrap();
    let opened = start.elapsed();
    let start = Instant::now();
    let mut reader = log.read(Position::ZERO).unwrap();
    let mut octets = 0;
    while let Some(record) = reader.next().unwrap() {
        octets += record.bytes.len();
    }
    assert_eq!(octets, records * RECORD.len());
    let rate = records as f64 / start.elapsed().as_secs_f64();
    println!("open {:.0} ms, then read {rate:.0} records/s ({records} records)", opened.as_secs_f64() * 1e3);
}

/// One commit of 512 records each millisecond: half a million records a second, a segment in 0.6 seconds.
const PACE: Duration = Duration::from_millis(1);

/// What a paced commit sees of the making of segments: by itself on the commit path, or on another thread.
fn make_alongside(folder: &Path, batches: usize) {
    for (name, alongside) in [("on the commit path", false), ("on another thread", true)] {
        let mut log = FileLog::open_folder(&folder.join(name), settings()).unwrap();
        let mut batch = Batch::default();
        let mut times = Vec::with_capacity(batches);
        let mut made = 0;
        std::thread::scope(|scope| {
            let mut making = None;
            let start = Instant::now();
            for commit in 0..batches {
                let due = PACE * u32::try_from(commit).unwrap();
                std::thread::sleep(due.saturating_sub(start.elapsed()));
                if alongside && let Some(maker) = log.next_maker() {
                    making = Some(scope.spawn(move || maker.make().unwrap()));
                }
                if let Some(done) = making.take_if(|making| making.is_finished()) {
                    log.install(done.join().unwrap());
                    made += 1;
                }
                times.push(log_turn(&mut log, &mut batch, 512, 1));
            }
        });
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() - 1) * percent / 100).unwrap().as_secs_f64() * 1e3;
        println!(
            "512-record commits with segments made {name} ({made} ahead): p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
            at(50),
            at(99),
            at(100)
        );
    }
}

/// Allocations since the start.
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: hands everything on to the system's allocator and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, octets: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are handed on.
        unsafe { System.dealloc(octets, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
