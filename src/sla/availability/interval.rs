//! When, from and until? Spans of time, joined and cut.

use std::time::Duration;

use crate::base::time::Timestamp;

/// A span of time that is not empty, to the millisecond: the end is no longer in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

impl Interval {
    /// From the start to the end; `None` when that is not later.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The first instant of it.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// How long it is.
    #[must_use]
    pub const fn length(self) -> Duration {
        self.end.since(self.start)
    }

    /// What of it lies in another one.
    #[must_use]
    pub fn within(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// From the earlier start to the later end.
    pub(super) fn joined(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// The same time without repetition, in order: what overlaps or touches is one (R77).
#[must_use]
pub fn union(intervals: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let mut sorted: Vec<Interval> = intervals.into_iter().collect();
    sorted.sort_unstable();
    let mut joined: Vec<Interval> = Vec::with_capacity(sorted.len());
    for next in sorted {
        match joined.last_mut() {
            Some(last) if next.start <= last.end => *last = last.joined(next),
            _ => joined.push(next),
        }
    }
    joined
}

/// What is left of `from` when every interval of `cut` is taken out of it; in order, as [`union`] gives it.
#[must_use]
pub fn without(from: &[Interval], cut: &[Interval]) -> Vec<Interval> {
    let cut = union(cut.iter().copied());
    let mut left = Vec::new();
    for whole in union(from.iter().copied()) {
        // What ends before it begins does not touch it, nor what begins after it ends.
        let first = cut.partition_point(|cut| cut.end <= whole.start);
        let touching = cut.iter().skip(first).take_while(|cut| cut.start < whole.end);
        let mut start = whole.start;
        for cut in touching {
            left.extend(Interval::new(start, cut.start));
            start = cut.end;
        }
        left.extend(Interval::new(start, whole.end));
    }
    left
}

/// The milliseconds of intervals that do not overlap.
#[must_use]
pub fn total(intervals: &[Interval]) -> u64 {
    let length = |interval: &Interval| interval.end.as_millis() - interval.start.as_millis();
    intervals.iter().map(length).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: u64, end: u64) -> Interval {
        Interval::new(Timestamp::from_millis(start), Timestamp::from_millis(end)).unwrap()
    }

    fn spans(pairs: &[(u64, u64)]) -> Vec<Interval> {
        pairs.iter().map(|(start, end)| span(*start, *end)).collect()
    }

    #[test]
    fn r77_what_overlaps_or_touches_is_one() {
        let joined = union(spans(&[(50, 60), (0, 10), (5, 20), (20, 30), (51, 52)]));
        assert_eq!(joined, spans(&[(0, 30), (50, 60)]));
        assert_eq!(total(&joined), 40);
        assert_eq!(Interval::new(Timestamp::from_millis(5), Timestamp::from_millis(5)), None);
    }

    #[test]
    fn r81_what_is_excluded_is_cut_out_wherever_it_lies() {
        let left =
            without(&spans(&[(0, 10), (20, 30), (40, 50)]), &spans(&[(2, 4), (3, 5), (8, 22), (40, 50)]));
        assert_eq!(left, spans(&[(0, 2), (5, 8), (22, 30)]));
        assert_eq!(without(&spans(&[(0, 10)]), &[]), spans(&[(0, 10)]));
        assert_eq!(without(&spans(&[(5, 10)]), &spans(&[(0, 5), (10, 15)])), spans(&[(5, 10)]));
    }

    /// Intervals within the first 200 ms, so that they meet often.
    fn some() -> impl Strategy<Value = Vec<Interval>> {
        prop::collection::vec((0_u64..200, 1_u64..40), 0..12)
            .prop_map(|pairs| pairs.into_iter().map(|(start, length)| span(start, start + length)).collect())
    }

    fn covers(intervals: &[Interval], ms: u64) -> bool {
        let at = Timestamp::from_millis(ms);
        intervals.iter().any(|interval| interval.start() <= at && at < interval.end())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn r77_a_union_is_the_same_when_made_twice_or_in_another_order(
            (intervals, shuffled) in some().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let joined = union(intervals.clone());
            prop_assert_eq!(&union(joined.clone()), &joined);
            prop_assert_eq!(&union(shuffled), &joined);
            prop_assert!(joined.windows(2).all(|pair| pair[0].end() < pair[1].start()));
            for ms in 0..250 {
                prop_assert_eq!(covers(&joined, ms), covers(&intervals, ms), "{}", ms);
            }
        }

        #[test]
        fn r81_what_is_left_is_in_the_outages_and_in_no_exclusion(outages in some(), excluded in some()) {
            let left = without(&outages, &excluded);
            for ms in 0..250 {
                let wanted = covers(&outages, ms) && !covers(&excluded, ms);
                prop_assert_eq!(covers(&left, ms), wanted, "{}", ms);
            }
            prop_assert!(left.windows(2).all(|pair| pair[0].end() < pair[1].start()));
        }
    }
}
