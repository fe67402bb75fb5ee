//! What was out, and when? The outages of an account's service, as they begin and end (R75).

use std::time::Duration;

use crate::base::time::Timestamp;
use crate::message::{Cause, Function};
use crate::sla::availability::interval::{Interval, union};

/// The most outages that are kept apart: eleven a day for the calendar year over which the time between failures is
/// taken, 128 KiB.
///
/// When there are more, the two of one function and cause that have the shortest time between them become one: that
/// time counts as an outage too, so the provider is never better off for it, and it is counted how often it happened.
pub const OUTAGES_MAX: usize = 4096;

/// An outage that is over.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Outage {
    /// Of what.
    pub function: Function,
    /// Noticed by what.
    pub cause: Cause,
    /// When.
    pub interval: Interval,
}

/// Functions by causes: each may be out by itself, and is kept apart.
const SLOTS: usize = Function::WORDS.len() * Cause::ALL.len();

const fn slot(function: Function, cause: Cause) -> usize {
    function as usize * Cause::ALL.len() + cause as usize
}

/// The outages of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outages {
    /// Those that are over, by their start.
    past: Vec<Outage>,
    /// Since when each function is out by each cause.
    open: [Option<Timestamp>; SLOTS],
    max: usize,
    joined: u64,
}

impl Default for Outages {
    fn default() -> Self {
        Self { past: Vec::new(), open: [None; SLOTS], max: OUTAGES_MAX, joined: 0 }
    }
}

impl Outages {
    /// A function is out since `at`. When it is out already for this cause, that one goes on.
    pub fn begin(&mut self, function: Function, cause: Cause, at: Timestamp) {
        if let Some(open) = self.open.get_mut(slot(function, cause)) {
            open.get_or_insert(at);
        }
    }

    /// A function is back at `at`; nothing happens when it was not out for this cause.
    pub fn end(&mut self, function: Function, cause: Cause, at: Timestamp) {
        let began = self.open.get_mut(slot(function, cause)).and_then(Option::take);
        if let Some(interval) = began.and_then(|began| Interval::new(began, at)) {
            self.add(Outage { function, cause, interval });
        }
    }

    /// The calendar has jumped by so many milliseconds: what is out began so much later or earlier by it.
    pub(super) fn clock_stepped(&mut self, by: i64) {
        for began in self.open.iter_mut().flatten() {
            *began = Timestamp::from_millis(began.as_millis().saturating_add_signed(by));
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

    /// Joins the two outages of one function and cause between which there is the shortest time. There are two of one
    /// wherever there are more outages than functions by causes.
    fn join_closest(&mut self) {
        let mut last: [Option<(usize, Timestamp)>; SLOTS] = [None; SLOTS];
        let mut closest: Option<(Duration, usize, usize)> = None;
        for (place, Outage { function, cause, interval }) in self.past.iter().enumerate() {
            let Some(last) = last.get_mut(slot(*function, *cause)) else { continue };
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

    /// Since when a function is out for this cause.
    #[must_use]
    pub fn open_since(&self, function: Function, cause: Cause) -> Option<Timestamp> {
        self.open.get(slot(function, cause)).copied().flatten()
    }

    /// What is out, for which cause and since when.
    pub fn open(&self) -> impl Iterator<Item = (Function, Cause, Timestamp)> {
        let causes = |function| Cause::ALL.into_iter().map(move |cause| (function, cause));
        let all = Function::WORDS.into_iter().flat_map(move |(_, function)| causes(function));
        all.zip(&self.open).filter_map(|((function, cause), since)| Some((function, cause, (*since)?)))
    }

    /// All of them; what is still out, until `now`.
    pub fn all(&self, now: Timestamp) -> impl Iterator<Item = Outage> {
        let open = self.open().filter_map(move |(function, cause, since)| {
            Some(Outage { function, cause, interval: Interval::new(since, now)? })
        });
        self.past.iter().copied().chain(open)
    }

    /// How often two were made one for want of room.
    #[must_use]
    pub const fn joined(&self) -> u64 {
        self.joined
    }

    pub(super) const fn add_joined(&mut self, joined: u64) {
        self.joined = self.joined.saturating_add(joined);
    }

    /// When anything was out until `now`, whatever it was; what is still out, until now (R77).
    #[must_use]
    pub fn any(&self, now: Timestamp) -> Vec<Interval> {
        union(self.all(now).map(|outage| outage.interval))
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
        outages.begin(function, Cause::NoBind, ms(start));
        outages.end(function, Cause::NoBind, ms(end));
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
        outages.begin(Function::Submit, Cause::NoBind, ms(100));
        outages.begin(Function::Submit, Cause::NoBind, ms(150));
        assert_eq!(spans(&outages, 180), [(100, 180)]);
        assert_eq!(outages.open_since(Function::Submit, Cause::NoBind), Some(ms(100)));
        assert_eq!(spans(&outages, 50), [], "not out yet");
        outages.end(Function::Bind, Cause::NoBind, ms(170));
        outages.end(Function::Submit, Cause::NoBind, ms(200));
        outages.end(Function::Submit, Cause::NoBind, ms(300));
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
