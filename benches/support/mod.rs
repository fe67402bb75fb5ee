//! What the benches of more than one process share.

pub(crate) mod role;

use std::time::Duration;

/// The value in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&mut values.into_iter().collect::<Vec<_>>(), 50)
}

/// The value below which `percent` of `values` lie; sorts them.
pub(crate) fn percentile<T: PartialOrd + Copy>(values: &mut [T], percent: usize) -> T {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).expect("measurements are numbers"));
    values[(values.len() - 1) * percent / 100]
}

/// Seconds of processor time that 100,000 messages took.
pub(crate) fn per_100k(cpu: Duration, messages: u64) -> f64 {
    cpu.as_secs_f64() * 1e5 / messages as f64
}
