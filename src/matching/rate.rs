//! Do a carrier's receipts still match messages of ours? When fewer do, it writes its ids in another way than is set,
//! or sends us somebody else's receipts.

use std::collections::VecDeque;

/// How many of the latest receipts the rate is of: enough that a point of a percent is ten of them, and few enough
/// that a busy carrier's trouble shows within seconds.
pub const MATCH_WINDOW: usize = 1000;

/// How far above the threshold the rate must rise before an alarm is over, in points of a percent; where there is
/// less room above it, half of that room. So a rate that stays about the threshold is one alarm and not many.
const HYSTERESIS: usize = 5;

/// When the alarm is raised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MatchRateSettings {
    /// Below this many percent, 0 to 100; with 0 never.
    pub percent_min: u8,
    /// Not before this many receipts: at most [`MATCH_WINDOW`], or it would be never.
    pub receipts_min: usize,
}

impl Default for MatchRateSettings {
    fn default() -> Self {
        Self { percent_min: 80, receipts_min: 100 }
    }
}

/// What has become of the alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alarm {
    /// Too few match, and enough did before.
    Raised,
    /// Enough match again.
    Cleared,
}

/// A carrier's latest receipts, at most [`MATCH_WINDOW`]; one more pushes the oldest out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MatchRate {
    settings: MatchRateSettings,
    /// Whether each one matched, oldest first.
    latest: VecDeque<bool>,
    /// How many of them did.
    matched: usize,
    is_raised: bool,
}

impl MatchRate {
    /// No receipts so far.
    #[must_use]
    pub fn new(settings: MatchRateSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Notes a receipt: whether it was about a message of ours, also one that has ended, or was parked. Returns what
    /// that made of the alarm.
    pub fn note(&mut self, matched: bool) -> Option<Alarm> {
        if self.latest.len() == MATCH_WINDOW && self.latest.pop_front() == Some(true) {
            self.matched -= 1;
        }
        self.latest.push_back(matched);
        self.matched += usize::from(matched);
        self.alarm()
    }

    /// A parked receipt has found its message: it had only overtaken the response. The oldest one that is noted as
    /// parked counts as matched from now on. Returns what that made of the alarm.
    pub fn found(&mut self) -> Option<Alarm> {
        let parked = self.latest.iter_mut().find(|matched| !**matched)?;
        *parked = true;
        self.matched += 1;
        self.alarm()
    }

    /// How many of how many of the latest receipts matched.
    #[must_use]
    pub fn matched_of(&self) -> (usize, usize) {
        (self.matched, self.latest.len())
    }

    /// Whether the alarm is raised.
    #[must_use]
    pub const fn is_raised(&self) -> bool {
        self.is_raised
    }

    fn alarm(&mut self) -> Option<Alarm> {
        let (matched, receipts) = (self.matched * 100, self.latest.len());
        let min = usize::from(self.settings.percent_min);
        let enough = min + HYSTERESIS.min(100_usize.saturating_sub(min).div_ceil(2));
        if !self.is_raised && receipts >= self.settings.receipts_min && matched < min * receipts {
            self.is_raised = true;
            Some(Alarm::Raised)
        } else if self.is_raised && matched >= enough * receipts {
            self.is_raised = false;
            Some(Alarm::Cleared)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(percent_min: u8) -> MatchRate {
        MatchRate::new(MatchRateSettings { percent_min, receipts_min: 100 })
    }

    /// Notes `count` receipts of which each `nth` is parked and the others match; what becomes of the alarm, and when.
    fn note(rate: &mut MatchRate, count: usize, nth: usize) -> Vec<(usize, Alarm)> {
        (1..=count).filter_map(|n| Some((n, rate.note(n % nth != 0)?))).collect()
    }

    #[test]
    fn the_alarm_is_raised_once_when_too_few_match_and_not_before_there_are_enough_receipts() {
        let mut rate = rate(80);
        assert_eq!(note(&mut rate, 300, 1), [(100, Alarm::Raised)]);
        assert!(rate.is_raised());
        assert_eq!(rate.matched_of(), (0, 300));
    }

    #[test]
    fn a_rate_at_the_threshold_raises_nothing() {
        let mut rate = rate(80);
        assert_eq!(note(&mut rate, 5_000, 5), []);
        assert_eq!(rate.matched_of(), (800, MATCH_WINDOW));
        assert_eq!(rate.note(false), Some(Alarm::Raised), "799 of 1000");
    }

    #[test]
    fn an_alarm_is_over_only_well_above_the_threshold() {
        let mut rate = rate(80);
        assert_eq!(note(&mut rate, 1_000, 4), [(100, Alarm::Raised)]);
        assert_eq!(note(&mut rate, 3_000, 6), [], "83 % is above 80 % and below 85 %");
        let cleared = note(&mut rate, 3_000, 10);
        assert_eq!(cleared.iter().map(|(_, alarm)| *alarm).collect::<Vec<_>>(), [Alarm::Cleared]);
        assert_eq!(note(&mut rate, 3_000, 6), [], "83 % is still above 80 %");
    }

    #[test]
    fn a_rate_about_the_threshold_does_not_flap() {
        let mut rate = rate(80);
        // A few more and a few less than one in five, by turns, each for longer than the window.
        let alarms = (0..20).map(|turn| note(&mut rate, 2_000, 4 + 2 * (turn % 2)).len()).sum::<usize>();
        assert_eq!(alarms, 1);
    }

    #[test]
    fn receipts_that_only_overtook_their_response_end_the_alarm() {
        let mut rate = rate(80);
        assert_eq!(note(&mut rate, 100, 1), [(100, Alarm::Raised)]);
        let alarms: Vec<_> = (1..=100).filter_map(|n| Some((n, rate.found()?))).collect();
        assert_eq!(alarms, [(85, Alarm::Cleared)]);
        assert_eq!(rate.matched_of(), (100, 100));
        assert_eq!(rate.found(), None);
        assert_eq!(rate.matched_of(), (100, 100), "nothing was left to be found");
    }

    #[test]
    fn the_ends_of_the_scale_raise_never_and_at_the_first_and_can_be_cleared() {
        assert_eq!(note(&mut rate(0), 2_000, 1), []);
        let mut rate = rate(100);
        assert_eq!(note(&mut rate, 101, 101), [(101, Alarm::Raised)]);
        assert_eq!(note(&mut rate, 2_000, 5_000), [(1_000, Alarm::Cleared)]);
    }
}
