//! Is it a working day? Monday to Friday, without holidays, with the days that are worked for them (A24).
//!
//! Which days these are is decided anew for every year, so they are data, and a year that the table does not have is
//! unknown: there is no answer about it, because a claim must not be refused by a guess.

use std::collections::BTreeSet;

use crate::base::calendar::{Date, Month};

/// A working-day calendar for some years.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Workdays {
    years: BTreeSet<u16>,
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

/// What is wrong with a calendar of working days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WorkdaysFault {
    /// A day stands twice in one list, or in both.
    #[error("{0} stands there twice")]
    Twice(Date),
    /// A day is of a year that the calendar does not claim to know.
    #[error("{0} is in a year that is not listed")]
    UnlistedYear(Date),
    /// A day that is worked anyhow.
    #[error("{0} is no Saturday or Sunday, so it is worked anyhow")]
    WorkedAnyhow(Date),
    /// A year without any holiday: it was forgotten, not abolished.
    #[error("the year {0} is listed and has no holiday")]
    NoHoliday(u16),
}

impl Workdays {
    /// A calendar that knows these `years`: the days in `off` are holidays (weekends may stand among them), those in
    /// `worked` are Saturdays and Sundays that are worked.
    ///
    /// # Errors
    ///
    /// Every fault of the lists.
    pub fn new(years: &[u16], off: &[Date], worked: &[Date]) -> Result<Self, Vec<WorkdaysFault>> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        let years: BTreeSet<u16> = years.iter().copied().collect();
        for day in off.iter().chain(worked) {
            if !seen.insert(*day) {
                faults.push(WorkdaysFault::Twice(*day));
            }
            if !years.contains(&day.year()) {
                faults.push(WorkdaysFault::UnlistedYear(*day));
            }
        }
        faults.extend(
            worked.iter().filter(|day| !is_weekend(**day)).map(|day| WorkdaysFault::WorkedAnyhow(*day)),
        );
        let has_holiday = |year: &u16| off.iter().any(|day| day.year() == *year);
        faults.extend(
            years.iter().filter(|year| !has_holiday(year)).map(|year| WorkdaysFault::NoHoliday(*year)),
        );
        if faults.is_empty() {
            Ok(Self { years, off: off.iter().copied().collect(), worked: worked.iter().copied().collect() })
        } else {
            Err(faults)
        }
    }

    /// Whether `day` is worked; `None` when nobody knows.
    #[must_use]
    pub fn is_worked(&self, day: Date) -> Option<bool> {
        let is_worked = || self.worked.contains(&day) || !is_weekend(day) && !self.off.contains(&day);
        self.years.contains(&day.year()).then(is_worked)
    }

    /// The `n`-th working day of a month, counted from 1; `None` when nobody knows, or the month has fewer.
    #[must_use]
    pub fn nth_of(&self, month: Month, n: u8) -> Option<Date> {
        let nth = usize::from(n).checked_sub(1)?;
        let days = (0..u32::from(month.days())).map(|days| month.first().plus_days(days));
        days.filter(|day| self.is_worked(*day) == Some(true)).nth(nth)
    }
}

const fn is_weekend(day: Date) -> bool {
    day.weekday() >= 6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::terms::tests::{china, date, month};

    #[test]
    fn a24_holidays_are_off_and_the_weekends_for_them_are_worked() {
        let china = china::workdays();
        assert_eq!(china.is_worked(date("2021-12-03")), Some(true), "a Friday");
        assert_eq!(china.is_worked(date("2021-12-04")), Some(false), "a Saturday");
        assert_eq!(china.is_worked(date("2021-10-01")), Some(false), "National Day, a Friday");
        assert_eq!(china.is_worked(date("2021-10-09")), Some(true), "a Saturday worked for it");
        assert_eq!(
            china.is_worked(date("2022-01-30")),
            Some(true),
            "a Sunday worked for the Spring Festival"
        );
    }

    #[test]
    fn a24_the_nth_working_day_of_a_month_counts_neither_holidays_nor_weekends() {
        let china = china::workdays();
        assert_eq!(china.nth_of(month("2021-12"), 3), Some(date("2021-12-03")));
        assert_eq!(china.nth_of(month("2021-12"), 5), Some(date("2021-12-07")));
        assert_eq!(china.nth_of(month("2022-07"), 5), Some(date("2022-07-07")));
        // After the National Day week: 8, 9 (a Saturday), 11, 12, 13.
        assert_eq!(china.nth_of(month("2021-10"), 5), Some(date("2021-10-13")));
        assert_eq!(china.nth_of(month("2026-10"), 3), Some(date("2026-10-10")));
        assert_eq!(china.nth_of(month("2021-12"), 24), None, "it has 23");
        assert_eq!(china.nth_of(month("2021-12"), 0), None);
    }

    #[test]
    fn a24_a_year_that_is_not_in_the_table_is_not_guessed() {
        let china = china::workdays();
        assert_eq!(china.is_worked(date("2020-12-31")), None);
        assert_eq!(china.is_worked(date("2027-01-02")), None, "not even a Saturday");
        assert_eq!(china.nth_of(month("2027-01"), 1), None);
    }

    #[test]
    fn a_calendar_with_faults_is_refused_with_every_one() {
        let faults = Workdays::new(
            &[2021, 2022],
            &[date("2021-10-01"), date("2021-10-01"), date("2023-01-01")],
            &[date("2021-10-08"), date("2021-10-09")],
        );
        assert_eq!(
            faults,
            Err(vec![
                WorkdaysFault::Twice(date("2021-10-01")),
                WorkdaysFault::UnlistedYear(date("2023-01-01")),
                WorkdaysFault::WorkedAnyhow(date("2021-10-08")),
                WorkdaysFault::NoHoliday(2022),
            ])
        );
        let both = Workdays::new(&[2021], &[date("2021-10-09")], &[date("2021-10-09")]);
        assert_eq!(both, Err(vec![WorkdaysFault::Twice(date("2021-10-09"))]));
    }
}
