//! Which message is next, and may it be sent yet? One counter for all binds, and the clock against it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::base::time::Moment;
use crate::lab::load::settings::{End, LoadSettings};

/// How long a bind leaves to others what it could send on top of its share: the grain of the runtime's timers.
const GRAIN: Duration = Duration::from_millis(1);

/// The messages of a run, given out one by one.
#[derive(Debug)]
pub(super) struct Claims {
    /// The number that is given out next.
    next: AtomicU64,
    /// Set when no more are to be given out.
    stopped: AtomicBool,
    /// How many there are.
    count: u64,
    /// Until when they are given out.
    until: Option<Moment>,
    /// When the first is due.
    start: Moment,
    /// How many a second, over all binds.
    rate: Option<u32>,
    /// Binds that share them.
    binds: u64,
}

impl Claims {
    pub(super) fn new(settings: &LoadSettings, start: Moment) -> Self {
        let (count, until) = match settings.end {
            End::Count(count) => (count, None),
            End::Duration(duration) => (super::settings::COUNT_MAX, Some(start + duration)),
        };
        Self {
            next: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            count,
            until,
            start,
            rate: settings.rate,
            binds: settings.binds.max(1) as u64,
        }
    }

    /// How many a bind may claim in one turn: its share of what is due, rounded up.
    pub(super) fn allowance(&self, now: Moment) -> u64 {
        let Some(rate) = self.rate else { return u64::MAX };
        let elapsed = u128::from(now.as_micros().saturating_sub(self.start.as_micros()));
        let due = elapsed * u128::from(rate) / 1_000_000 + 1;
        let behind = u64::try_from(due).unwrap_or(u64::MAX).saturating_sub(self.claimed());
        behind.div_ceil(self.binds)
    }

    /// The next message.
    pub(super) fn claim(&self, now: Moment) -> Option<u64> {
        if self.is_over(now) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }

    /// Whether there is nothing left to claim, ever.
    pub(super) fn is_over(&self, now: Moment) -> bool {
        self.claimed() >= self.count
            || self.until.is_some_and(|until| until <= now)
            || self.stopped.load(Ordering::Relaxed)
    }

    /// Gives out no more.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// How many have been claimed.
    pub(super) fn claimed(&self) -> u64 {
        self.next.load(Ordering::Relaxed).min(self.count)
    }

    /// How many there are, if that is known beforehand.
    pub(super) fn count(&self) -> Option<u64> {
        self.until.is_none().then_some(self.count)
    }

    /// When to look again, if nothing else happens.
    pub(super) fn look_again(&self, now: Moment) -> Option<Moment> {
        if self.is_over(now) {
            return None;
        }
        let due = self.rate.map(|rate| {
            let micros = u128::from(self.claimed()) * 1_000_000 / u128::from(rate.max(1));
            let due = self.start + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX));
            due.max(now + GRAIN)
        });
        due.into_iter().chain(self.until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    fn claims(settings: LoadSettings) -> Claims {
        Claims::new(&settings, at(0))
    }

    fn settings() -> LoadSettings {
        LoadSettings::new("nowhere:1", "lab")
    }

    #[test]
    fn so_many_are_given_out_and_no_more() {
        let claims = claims(LoadSettings { end: End::Count(3), ..settings() });
        let given: Vec<_> = (0..5).map(|_| claims.claim(at(0))).collect();
        assert_eq!(given, [Some(0), Some(1), Some(2), None, None]);
        assert!(claims.is_over(at(0)));
        assert_eq!(claims.claimed(), 3);
    }

    #[test]
    fn a_duration_ends() {
        let claims = claims(LoadSettings { end: End::Duration(Duration::from_secs(1)), ..settings() });
        assert!(claims.claim(at(999)).is_some());
        assert_eq!(claims.look_again(at(999)), Some(at(1000)));
        assert!(claims.claim(at(1000)).is_none());
        assert_eq!(claims.look_again(at(1000)), None);
    }

    #[test]
    fn a_rate_is_kept_evenly_over_time_and_binds() {
        let claims = claims(LoadSettings { rate: Some(1000), binds: 2, ..settings() });
        assert_eq!(claims.allowance(at(0)), 1);
        assert_eq!(claims.claim(at(0)), Some(0));
        assert_eq!(claims.allowance(at(0)), 0);
        assert_eq!(claims.look_again(at(0)), Some(at(1)));
        // Ten are due and one is gone: five for each, rounded up.
        assert_eq!(claims.allowance(at(9)), 5);
    }
}
