//! Two clocks, both arguments: the calendar (facts) and the stopwatch (timers).
//!
//! Nothing below the engine reads a clock. What goes into the log carries a [`Timestamp`]; what waits
//! carries a [`Moment`], so that a calendar that jumps neither fires nor starves a timer.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A point of calendar time: milliseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(wait)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, back: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(back)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

/// A day of the contracts' clock, UTC+8: how many there were since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ContractDay(pub u32);

/// How far the contracts' clock is ahead of UTC (A25), in milliseconds.
const AHEAD_MS: u64 = 8 * 3_600_000;
const DAY_MS: u64 = 86_400_000;

impl ContractDay {
    /// The day in which `at` lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_millis().saturating_add(AHEAD_MS) / DAY_MS).unwrap_or(u32::MAX))
    }

    /// When it begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_millis((u64::from(self.0) * DAY_MS).saturating_sub(AHEAD_MS))
    }
}

/// A point on the monotonic clock: microseconds since a start that means nothing outside this process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// From microseconds since the process's own start.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the process's own start.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, back: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(back.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}us", self.0)
    }
}

/// Both clocks, read once for a batch of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// Calendar time: what is written down.
    pub wall: Timestamp,
    /// Monotonic time: what timers compare.
    pub moment: Moment,
}

fn millis_of(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_runs_below_zero_or_over_the_end() {
        let early = Timestamp::from_millis(5);
        let late = Timestamp::from_millis(9);
        assert_eq!(late.since(early), Duration::from_millis(4));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(Moment::from_micros(u64::MAX) + Duration::MAX, Moment::from_micros(u64::MAX));
        assert_eq!(Moment::from_micros(1) - Duration::from_secs(1), Moment::from_micros(0));
    }
}
