//! The one place where a clock is read.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::base::time::{Moment, Now, Timestamp};

/// The process's clocks. Copies agree with each other.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts the monotonic clock of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Both clocks, now.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { wall: self.wall(), moment: self.moment() }
    }

    /// The calendar, now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn wall(&self) -> Timestamp {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(wall.as_millis()).unwrap_or(u64::MAX))
    }

    /// The monotonic clock, now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let since = self.start.elapsed();
        Moment::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }

    /// A moment of this clock as the runtime's timers want it.
    #[must_use]
    pub fn instant(&self, at: Moment) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.start + at.since(Moment::default()))
    }
}
