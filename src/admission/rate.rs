//! A rate limit with burst (GCRA, by `governor`) on a clock that is handed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::admission::RateSettings;
use crate::base::time::Moment;

/// How fast something may happen. Shared between threads; lock-free.
#[derive(Debug)]
pub struct RateLimit {
    clock: HandClock,
    limiter: RateLimiter<NotKeyed, InMemoryState, HandClock, NoOpMiddleware<Duration>>,
}

impl RateLimit {
    /// A limit of which nothing is used yet.
    #[must_use]
    pub fn new(settings: RateSettings) -> Self {
        let clock = HandClock::default();
        let quota = Quota::per_second(settings.per_second).allow_burst(settings.burst);
        Self { limiter: RateLimiter::direct_with_clock(quota, clock.clone()), clock }
    }

    /// Takes one from the limit.
    ///
    /// # Errors
    /// When there is none left: the moment at which there will be one.
    pub fn take(&self, now: Moment) -> Result<(), Moment> {
        self.clock.set(now);
        self.limiter.check().map_err(|until| {
            let wait = until.earliest_possible().duration_since(Duration::from_micros(now.as_micros()));
            // Rounded up: a moment too early would only be asked again.
            now + Duration::from(wait) + Duration::from_micros(1)
        })
    }
}

/// The moment that was handed in last. Several threads may hand in slightly different ones; it never goes back.
#[derive(Clone, Debug, Default)]
struct HandClock(Arc<AtomicU64>);

impl HandClock {
    fn set(&self, now: Moment) {
        self.0.fetch_max(now.as_micros(), Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_that_a_refusal_names_is_the_moment_that_it_ends() {
        let limit = RateLimit::new(RateSettings::new(4, Some(1)).unwrap());
        let start = Moment::from_micros(10);
        assert_eq!(limit.take(start), Ok(()));
        let again = limit.take(start).unwrap_err();
        assert!(again.since(start) >= Duration::from_millis(250));
        assert!(again.since(start) < Duration::from_millis(251));
        assert!(limit.take(Moment::from_micros(again.as_micros() - 1000)).is_err());
        assert_eq!(limit.take(again), Ok(()));
    }
}
