//! How long until the next attempt? Doubling, with jitter, so that a carrier that comes back is not met by all of its
//! binds in the same instant.

use std::time::Duration;

/// The waits between attempts. Chance is an argument: the same generator gives the same waits.
#[derive(Debug)]
pub(super) struct Backoff {
    min: Duration,
    max: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) const fn new(min: Duration, max: Duration) -> Self {
        Self { min, max, next: min }
    }

    /// The next wait: between a half and the whole of what is due, which doubles each time.
    pub(super) fn wait(&mut self, chance: &mut fastrand::Rng) -> Duration {
        let due = self.next;
        self.next = (due * 2).min(self.max);
        due.mul_f64(0.5 + chance.f64() / 2.0)
    }

    /// An attempt has succeeded.
    pub(super) const fn reset(&mut self) {
        self.next = self.min;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_the_longest_and_differ() {
        let (min, max) = (Duration::from_secs(1), Duration::from_secs(60));
        let mut backoff = Backoff::new(min, max);
        let mut chance = fastrand::Rng::with_seed(7);
        let waits: Vec<_> = (0..20).map(|_| backoff.wait(&mut chance)).collect();
        for (attempt, wait) in waits.iter().enumerate() {
            let due = (min * 2u32.saturating_pow(attempt as u32)).min(max);
            assert!(*wait >= due / 2 && *wait <= due, "attempt {attempt}: {wait:?} of {due:?}");
        }
        assert_ne!(waits[18], waits[19]);
        backoff.reset();
        assert!(backoff.wait(&mut chance) <= min);
    }
}
