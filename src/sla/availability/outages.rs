//! What was out, and when? The outages of an account's service, as they begin and end (R75).

use std::time::Duration;

use crate::base::time::Timestamp;
use crate::sla::availability::interval::{Interval, union};

/// The most outages that are kept apart: eleven a day for the calendar year over which the time between failures is
/// taken, 96 KiB.
///
/// When there are more, the two of one function that have the shortest time between them become one: that time counts
/// as an outage too, so the provider is never better off for it, and it is counted how often it happened.
pub const OUTAGES_MAX: usize = 4096;

/// What a customer could not do (R75).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Function {
    /// Bind.
    Bind,
    /// Submit: no answer to submit_sm, or one that says system error.
    Submit,
    /// Get receipts and incoming messages.
    Receipts,
}

impl Function {
    /// Every function, with its word in reports.
    pub const WORDS: [(&'static str, Self); 3] =
        [("bind", Self::Bind), ("submit", Self::Submit), ("receipts", Self::Receipts)];
}

/// An outage that is over.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Outage {
    /// Of what.
    pub function: Function,
    /// When.
    pub interval: Interval,
}

/// The outages of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outages {
    /// Those that are over, by their start.
    past: Vec<Outage>,
    /// Since when each function is out, in the order of [`Function::WORDS`].
    open: [Option<Timestamp>; Function::WORDS.len()],
    max: usize,
    joined: u64,
}

impl Default for Outages {
    fn default() -> Self {
        Self { past: Vec::new(), open: [None; Function::WORDS.len()], max: OUTAGES_MAX, joined: 0 }
    }
}

impl Outages {
    /// A function is out since `at`. When it is out already, that one goes on.
    pub fn begin(&mut self, function: Function, at: Timestamp) {
        if let Some(open) = self.open.get_mut(function as usize) {
            open.get_or_insert(at);
        }
    }

    /// A function is back at `at`; nothing happens when it was not out.
    pub fn end(&mut self, function: Function, at: Timestamp) {
        let began = self.open.get_mut(function as usize).and_then(Option::take);
        if let Some(interval) = began.and_then(|began| Interval::new(began, at)) {
            self.add(Outage { function, interval });
        }
    }

    /// An outage that is over.
    pub fn add(&mut self, outage: Outage) {
        let place = self.past.partition_point(|past| past.interval <= outage.interval);
        self.past.insert(place, outage);
        if self.past.len() > self.max {
            self.join_closest();
        }
    }

    /// Joins the two outages of one function between which there is the shortest time. There are two of one function
    /// wherever there are more outages than functions.
    fn join_closest(&mut self) {
        let mut last: [Option<(usize, Timestamp)>; Function::WORDS.len()] = [None; Function::WORDS.len()];
        let mut closest: Option<(Duration, usize, usize)> = None;
        for (place, Outage { function, interval }) in self.past.iter().enumerate() {
            let Some(last) = last.get_mut(*function as usize) else { continue };
            if let Some((earlier, end)) = *last {
                let gap = interval.start().since(end);
                if closest.is_none_or(|(shortest, ..)| gap < shortest) {
                    closest = Some((gap, earlier, place));
                }
            }
            *last = Some((place, interval.end()));
        }
        let Some((_, earlier, later)) = closest else { return };
        let removed = self.past.remove(later);
        if let Some(kept) = self.past.get_mut(earlier) {
            kept.interval = kept.interval.joined(removed.interval);
        }
        self.joined = self.joined.saturating_add(1);
    }

    /// Forgets what was over before `at`: a year that has been reported.
    pub fn forget_before(&mut self, at: Timestamp) {
        self.past.retain(|outage| outage.interval.end() > at);
    }

    /// Those that are over, by their start.
    #[must_use]
    pub fn past(&self) -> &[Outage] {
        &self.past
    }

    /// Since when a function is out.
    #[must_use]
    pub fn open_since(&self, function: Function) -> Option<Timestamp> {
        self.open.get(function as usize).copied().flatten()
    }

    /// How often two were made one for want of room.
    #[must_use]
    pub const fn joined(&self) -> u64 {
        self.joined
    }

    /// When anything was out until `now`, whatever it was; what is still out, until now (R77).
    #[must_use]
    pub fn any(&self, now: Timestamp) -> Vec<Interval> {
        let open = self.open.iter().flatten().filter_map(|began| Interval::new(*began, now));
        union(self.past.iter().map(|outage| outage.interval).chain(open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(at: u64) -> Timestamp {
        Timestamp::from_millis(at)
    }

    fn spans(outages: &Outages, now: u64) -> Vec<(u64, u64)> {
        let spans = outages.any(ms(now)).into_iter();
        spans.map(|span| (span.start().as_millis(), span.end().as_millis())).collect()
    }

    fn out(outages: &mut Outages, function: Function, start: u64, end: u64) {
        outages.begin(function, ms(start));
        outages.end(function, ms(end));
    }

    #[test]
    fn r77_outages_of_different_functions_at_the_same_time_are_counted_once() {
        let mut outages = Outages::default();
        out(&mut outages, Function::Bind, 100, 300);
        out(&mut outages, Function::Submit, 200, 400);
        out(&mut outages, Function::Receipts, 500, 600);
        assert_eq!(spans(&outages, 1_000), [(100, 400), (500, 600)]);
        assert_eq!(outages.past().len(), 3, "each is kept for the report");
    }

    #[test]
    fn r75_what_is_still_out_counts_until_now() {
        let mut outages = Outages::default();
        outages.begin(Function::Submit, ms(100));
        outages.begin(Function::Submit, ms(150));
        assert_eq!(spans(&outages, 180), [(100, 180)]);
        assert_eq!(outages.open_since(Function::Submit), Some(ms(100)));
        assert_eq!(spans(&outages, 50), [], "not out yet");
        outages.end(Function::Bind, ms(170));
        outages.end(Function::Submit, ms(200));
        outages.end(Function::Submit, ms(300));
        assert_eq!(spans(&outages, 400), [(100, 200)]);
    }

    #[test]
    fn a_full_list_joins_the_closest_two_and_never_loses_an_outage() {
        let mut outages = Outages { max: 3, ..Outages::default() };
        out(&mut outages, Function::Bind, 0, 10);
        out(&mut outages, Function::Bind, 100, 110);
        out(&mut outages, Function::Submit, 12, 20);
        out(&mut outages, Function::Bind, 140, 150);
        assert_eq!(outages.joined(), 1);
        assert_eq!(outages.past().len(), 3);
        assert_eq!(spans(&outages, 200), [(0, 10), (12, 20), (100, 150)], "30 ms apart, of one function");
    }

    #[test]
    fn an_account_that_comes_and_goes_all_the_time_does_not_grow_the_list() {
        let mut outages = Outages::default();
        let more = 100;
        for number in 0..(OUTAGES_MAX + more) as u64 {
            out(&mut outages, Function::WORDS[number as usize % 3].1, number * 10, number * 10 + 1);
        }
        assert_eq!(outages.past().len(), OUTAGES_MAX);
        assert_eq!(outages.joined(), more as u64);
        outages.forget_before(ms(20_001));
        assert!(outages.past().iter().all(|outage| outage.interval.end() > ms(20_001)));
        assert!(!outages.past().is_empty());
    }
}
