//! Times as people write them, and the contracts of the requirements.

pub(crate) mod china;
pub(crate) mod policies;

use crate::base::calendar::{DAY_MS, Date, Month, UtcOffset};
use crate::base::time::Timestamp;
use crate::sla::terms::period::{PeriodRule, Periods, Term};

#[track_caller]
pub(crate) fn date(text: &str) -> Date {
    Date::read(text.as_bytes()).unwrap()
}

#[track_caller]
pub(in crate::sla) fn month(text: &str) -> Month {
    Month::read(text.as_bytes()).unwrap()
}

/// `YYYY-MM-DD HH:MM:SS` on the clocks of UTC+8.
#[track_caller]
pub(crate) fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    let mut seconds = 0;
    for part in time.split(':') {
        seconds = seconds * 60 + part.parse::<u64>().unwrap();
    }
    assert!(seconds * 1000 < DAY_MS, "{text}");
    Timestamp::from_millis(date(day).start(UtcOffset::CHINA).as_millis() + seconds * 1000)
}

/// The calendar months of an account that was activated on this day.
pub(crate) fn calendar_months(activated: &str) -> Periods {
    PeriodRule::CalendarMonth.periods(date(activated), None, UtcOffset::CHINA).unwrap()
}

/// The service months of a term from this day on.
pub(crate) fn service_months(first: &str, months: u16) -> Periods {
    let term = Term::of_months(date(first), months);
    PeriodRule::ServiceMonth.periods(date(first), term, UtcOffset::CHINA).unwrap()
}
