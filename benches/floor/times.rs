//! What happened when to which message, by its number; told from one process to another by a file.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970 by message number; 0 where nothing has happened.
pub(crate) struct Times(Box<[AtomicU64]>);

impl Times {
    pub(crate) fn new(messages: u32) -> Self {
        Self((0..messages).map(|_| AtomicU64::new(0)).collect())
    }

    /// The clock that all processes share, in microseconds since 1970.
    pub(crate) fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
    }

    /// Notes that it has happened to `number`; once.
    pub(crate) fn set(&self, number: u32, at: u64) {
        let before = self.0[number as usize].swap(at, Ordering::Relaxed);
        assert_eq!(before, 0, "message {number}: twice");
    }

    pub(crate) fn get(&self, number: u32) -> u64 {
        self.0[number as usize].load(Ordering::Relaxed)
    }

    /// How long after `earlier` it happened, by message number, in milliseconds. All of both must have happened.
    pub(crate) fn since(&self, earlier: &Self) -> Vec<f64> {
        let took = |(number, (now, then)): (usize, (&AtomicU64, &AtomicU64))| {
            let (now, then) = (now.load(Ordering::Relaxed), then.load(Ordering::Relaxed));
            assert!(now > 0 && then > 0, "message {number}: it did not happen");
            now.saturating_sub(then) as f64 / 1e3
        };
        assert_eq!(self.0.len(), earlier.0.len());
        self.0.iter().zip(&earlier.0).enumerate().map(took).collect()
    }

    /// The latest.
    pub(crate) fn last(&self) -> u64 {
        self.0.iter().map(|time| time.load(Ordering::Relaxed)).max().unwrap_or(0)
    }

    pub(crate) fn save(&self, path: &Path) {
        let octets: Vec<u8> =
            self.0.iter().flat_map(|time| time.load(Ordering::Relaxed).to_le_bytes()).collect();
        std::fs::write(path, octets).unwrap();
    }

    pub(crate) fn load(path: &Path) -> Self {
        let octets = std::fs::read(path).unwrap();
        Self(octets.as_chunks().0.iter().map(|time| AtomicU64::new(u64::from_le_bytes(*time))).collect())
    }
}
