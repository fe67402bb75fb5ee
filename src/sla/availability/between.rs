//! How long does it hold? The mean time between failures of a calendar year (R79), apart from the months (A18).

use std::time::Duration;

use crate::base::calendar::{Date, UtcOffset};
use crate::sla::availability::downtime::CountedOutage;
use crate::sla::availability::interval::{Interval, union};
use crate::sla::terms::period::Period;
use crate::sla::terms::policy::FailureRule;

/// The time between the failures of a year: from where one was over to where the next began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BetweenFailures {
    /// How many failures began in the year.
    pub failures: u32,
    /// All time between them.
    pub between: Duration,
    /// Whether the target was missed. One failure or none leave nothing to be measured: it was met.
    pub target_missed: bool,
}

impl BetweenFailures {
    /// The mean, rounded down to a millisecond; `None` with fewer than two failures.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        let gaps = self.failures.checked_sub(1).filter(|gaps| *gaps > 0)?;
        let mean = self.between.as_millis().checked_div(u128::from(gaps))?;
        u64::try_from(mean).ok().map(Duration::from_millis)
    }
}

/// The outages that a rule takes for failures, of those that count; `missed` are the months that missed their target.
#[must_use]
pub fn failures(rule: FailureRule, counted: &[CountedOutage], missed: &[Period]) -> Vec<Interval> {
    let months: Vec<Interval> =
        missed.iter().filter_map(|month| Interval::new(month.start(), month.end())).collect();
    let is_failure = |outage: &Interval| match rule {
        FailureRule::EveryOutage => true,
        FailureRule::OutagesOfMissedMonths => months.iter().any(|month| outage.within(*month).is_some()),
    };
    counted.iter().map(|outage| outage.interval).filter(is_failure).collect()
}

/// The time between those of `failures` that began in a year, against a target.
#[must_use]
pub fn between_failures(
    year: u16,
    offset: UtcOffset,
    failures: &[Interval],
    target: Duration,
) -> BetweenFailures {
    let failures: Vec<Interval> = union(failures.iter().copied())
        .into_iter()
        .filter(|failure| Date::of(failure.start(), offset).year() == year)
        .collect();
    let gaps = failures.iter().zip(failures.iter().skip(1));
    let between: Duration = gaps.map(|(failure, next)| next.start().since(failure.end())).sum();
    let count = u32::try_from(failures.len()).unwrap_or(u32::MAX);
    let wanted = target.saturating_mul(count.saturating_sub(1));
    BetweenFailures { failures: count, between, target_missed: between < wanted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::terms::tests::{at, calendar_months, month};

    const DAY: Duration = Duration::from_secs(24 * 3600);
    const TARGET: Duration = Duration::from_secs(90 * 24 * 3600);

    fn failure(from: &str, until: &str) -> Interval {
        Interval::new(at(from), at(until)).unwrap()
    }

    fn of_2021(failures: &[Interval]) -> BetweenFailures {
        between_failures(2021, UtcOffset::CHINA, failures, TARGET)
    }

    #[test]
    fn r79_no_failure_or_one_is_undefined_and_so_met() {
        let one = failure("2021-03-01 08:00:00", "2021-03-01 09:00:00");
        for failures in [&[][..], &[one]] {
            let seen = of_2021(failures);
            assert_eq!((seen.mean(), seen.target_missed), (None, false), "{failures:?}");
        }
    }

    #[test]
    fn r79_the_mean_is_from_recovery_to_the_next_start() {
        let first = failure("2021-01-10 00:00:00", "2021-01-11 00:00:00");
        let exactly = failure("2021-04-11 00:00:00", "2021-04-11 01:00:00");
        let seen = of_2021(&[exactly, first]);
        assert_eq!((seen.mean(), seen.target_missed), (Some(TARGET), false), "in whatever order they come");
        let sooner = failure("2021-04-10 23:59:59", "2021-04-11 01:00:00");
        assert!(of_2021(&[first, sooner]).target_missed);
        // 90 days and 30: the mean counts, not the worst.
        let third = failure("2021-05-11 01:00:00", "2021-05-11 02:00:00");
        let seen = of_2021(&[first, exactly, third]);
        assert_eq!((seen.mean(), seen.target_missed), (Some(60 * DAY), true));
    }

    #[test]
    fn r79_a18_a_calendar_year_has_the_failures_that_began_in_it() {
        let last_year = failure("2020-12-31 23:59:59", "2021-01-01 00:10:00");
        let first = failure("2021-01-01 02:00:00", "2021-01-01 03:00:00");
        let next_year = failure("2022-01-01 00:00:00", "2022-01-01 01:00:00");
        assert_eq!(of_2021(&[last_year, first, next_year]).failures, 1);
    }

    #[test]
    fn r79_a_failure_is_any_outage_or_one_of_a_month_that_missed_its_target() {
        let outage = |from, until| CountedOutage { interval: failure(from, until), at_the_limit: false };
        let outages = [
            outage("2021-02-03 00:00:00", "2021-02-03 00:03:00"),
            outage("2021-03-31 23:00:00", "2021-04-01 03:00:00"),
            outage("2021-05-03 00:00:00", "2021-05-03 00:03:00"),
        ];
        let april = calendar_months("2021-01-01").in_month(month("2021-04")).unwrap();
        let of = |rule| failures(rule, &outages, &[april]);
        assert_eq!(of(FailureRule::EveryOutage).len(), 3);
        assert_eq!(of(FailureRule::OutagesOfMissedMonths), [outages[1].interval]);
    }
}
