//! The limits of an account, already valid.

use std::num::NonZeroU32;

/// What an account is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AccountLimits {
    /// Messages per second with a burst; none for no limit.
    pub rate: Option<RateSettings>,
}

/// A rate with a burst.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateSettings {
    /// Messages per second.
    pub per_second: NonZeroU32,
    /// Messages that may come at once after a pause.
    pub burst: NonZeroU32,
}

impl RateSettings {
    /// A rate of `per_second` messages with a burst; without one, a second's worth. `None` when a number is zero:
    /// a limit of nothing is a mistake, not a limit.
    #[must_use]
    pub fn new(per_second: u32, burst: Option<u32>) -> Option<Self> {
        let per_second = NonZeroU32::new(per_second)?;
        let burst = burst.map_or(Some(per_second), NonZeroU32::new)?;
        Some(Self { per_second, burst })
    }

    /// The rate so many times over.
    pub(super) const fn times(self, factor: u32) -> Self {
        let Some(factor) = NonZeroU32::new(factor) else { return self };
        Self { per_second: self.per_second.saturating_mul(factor), burst: self.burst.saturating_mul(factor) }
    }
}
