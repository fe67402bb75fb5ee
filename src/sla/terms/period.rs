//! Which service period does a message count in? That of the time at which it was submitted (A26).

use std::fmt;
use std::time::Duration;

use crate::base::calendar::{Date, Month, UtcOffset};
use crate::base::time::Timestamp;

/// How a contract divides time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PeriodRule {
    /// Calendar months, the first from the day of activation to its month's end (R6).
    CalendarMonth,
    /// The calendar months within the term that was bought (R7).
    ServiceMonth,
}

impl PeriodRule {
    /// Every rule, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] =
        [("calendar-month", Self::CalendarMonth), ("service-month", Self::ServiceMonth)];

    /// The periods of an account that was activated on a day, or has bought a term; `None` when the rule wants a term
    /// and there is none.
    #[must_use]
    pub const fn periods(self, activated: Date, term: Option<Term>, offset: UtcOffset) -> Option<Periods> {
        match (self, term) {
            (Self::CalendarMonth, _) => Some(Periods { first: activated, last: Date::LAST, offset }),
            (Self::ServiceMonth, Some(Term { first, last })) => Some(Periods { first, last, offset }),
            (Self::ServiceMonth, None) => None,
        }
    }
}

/// The days for which a service was bought.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Term {
    first: Date,
    last: Date,
}

impl Term {
    /// From the first day to the last, which is in it; `None` when that lies before the first.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// So many months from a day on; `None` for no month at all.
    ///
    /// The last day is the one before the same day of the month: from 17 March, three months end with 16 June (R7).
    /// Where that month has no such day, they end with the month: one month from 31 January ends with 28 February, and
    /// is not a day shorter because February is short.
    #[must_use]
    pub const fn of_months(first: Date, months: u16) -> Option<Self> {
        if months == 0 {
            return None;
        }
        let same = first.plus_months(months as u32);
        let last = if same.day() == first.day() { same.minus_days(1) } else { same };
        Some(Self { first, last })
    }

    /// The first day of it.
    #[must_use]
    pub const fn first(self) -> Date {
        self.first
    }

    /// The last day of it.
    #[must_use]
    pub const fn last(self) -> Date {
        self.last
    }
}

/// All periods of one account under one contract, one after the other without a gap.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Periods {
    first: Date,
    last: Date,
    offset: UtcOffset,
}

impl Periods {
    /// The period of a message that was submitted at this time; `None` outside of the contract.
    #[must_use]
    pub fn of(&self, submitted: Timestamp) -> Option<Period> {
        let day = Date::of(submitted, self.offset);
        (self.first <= day && day <= self.last).then(|| self.within(day.month()))
    }

    /// The period in a calendar month; `None` when the contract has no day in it.
    #[must_use]
    pub fn in_month(&self, month: Month) -> Option<Period> {
        (self.first.month() <= month && month <= self.last.month()).then(|| self.within(month))
    }

    /// The period of this name, or in the month of this name; `None` when there is none.
    #[must_use]
    pub fn find(&self, key: PeriodKey) -> Option<Period> {
        let names_month = key.first().day() == 1;
        self.in_month(key.first().month()).filter(|period| names_month || period.key() == key)
    }

    /// The periods from the first to the last: of calendar months there are as many as the calendar has.
    pub fn iter(&self) -> impl Iterator<Item = Period> + use<> {
        let periods = *self;
        let first = self.first.month();
        (0..).map_while(move |months| {
            let month = first.plus(months);
            // The calendar's last month comes again and again.
            let is_again = months > 0 && month == first.plus(months - 1);
            if is_again { None } else { periods.in_month(month) }
        })
    }

    fn within(&self, month: Month) -> Period {
        let (first, last) = (self.first.max(month.first()), self.last.min(month.last()));
        Period { first, last, offset: self.offset }
    }
}

/// One service period: a calendar month, or what a contract has of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Period {
    first: Date,
    last: Date,
    offset: UtcOffset,
}

impl Period {
    /// Its first day.
    #[must_use]
    pub const fn first(&self) -> Date {
        self.first
    }

    /// Its last day.
    #[must_use]
    pub const fn last(&self) -> Date {
        self.last
    }

    /// The clock by which its days are counted.
    #[must_use]
    pub const fn offset(&self) -> UtcOffset {
        self.offset
    }

    /// The calendar month that it is in.
    #[must_use]
    pub const fn month(&self) -> Month {
        self.first.month()
    }

    /// When it begins.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.first.start(self.offset)
    }

    /// When it is over: the first instant that is not in it.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.last.end(self.offset)
    }

    /// Whether a day is in it.
    #[must_use]
    pub fn has(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// Whether a time is in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start() <= at && at < self.end()
    }

    /// How many minutes it has.
    #[must_use]
    pub fn minutes(&self) -> u64 {
        (u64::from(self.last.days()) - u64::from(self.first.days()) + 1) * 24 * 60
    }

    /// When its counts are final: so long after its end (A4). What comes at this instant or later is an adjustment.
    #[must_use]
    pub fn closes(&self, after: Duration) -> Timestamp {
        self.end() + after
    }

    /// What it is called.
    #[must_use]
    pub const fn key(&self) -> PeriodKey {
        PeriodKey(self.first)
    }
}

/// The name of a period among those of one account and contract: `2021-11`, or `2021-03-17` when it begins within its
/// month. By it two terms that meet in one month have two periods.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodKey(Date);

impl PeriodKey {
    /// The name of the period that begins on this day.
    #[must_use]
    pub const fn new(first: Date) -> Self {
        Self(first)
    }

    /// Reads what [`Display`](fmt::Display) writes; `None` for anything else.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let month = || Month::read(text).map(Month::first);
        Date::read(text).filter(|day| day.day() > 1).or_else(month).map(Self)
    }

    /// The first day of its period.
    #[must_use]
    pub const fn first(self) -> Date {
        self.0
    }
}

impl fmt::Display for PeriodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.day() {
            1 => fmt::Display::fmt(&self.0.month(), f),
            _ => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl fmt::Debug for PeriodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sla::terms::tests::{at, calendar_months, date, month, service_months};

    /// The days of each period.
    fn days(periods: Periods) -> Vec<String> {
        periods.iter().map(|period| format!("{}..{}", period.first(), period.last())).collect()
    }

    fn within(first: &str, months: u16) -> Vec<String> {
        days(service_months(first, months))
    }

    #[test]
    fn r6_the_first_period_runs_from_activation_to_the_end_of_its_month() {
        let periods = calendar_months("2021-03-17");
        let three: Vec<Period> = periods.iter().take(3).collect();
        let spans: Vec<_> = three.iter().map(|period| (period.first(), period.last())).collect();
        let pair = |first, last| (date(first), date(last));
        assert_eq!(
            spans,
            [
                pair("2021-03-17", "2021-03-31"),
                pair("2021-04-01", "2021-04-30"),
                pair("2021-05-01", "2021-05-31"),
            ]
        );
        assert_eq!(three[0].key().to_string(), "2021-03-17");
        assert_eq!(three[1].key().to_string(), "2021-04");
        assert_eq!(periods.in_month(month("2021-02")), None);
        assert_eq!(periods.of(at("2021-03-16 23:59:59")), None);
        assert_eq!(calendar_months("9999-11-30").iter().count(), 2, "the calendar ends");
    }

    #[test]
    fn r7_three_months_from_17_march_are_four_service_months() {
        assert_eq!(
            within("2021-03-17", 3),
            [
                "2021-03-17..2021-03-31",
                "2021-04-01..2021-04-30",
                "2021-05-01..2021-05-31",
                "2021-06-01..2021-06-16",
            ]
        );
    }

    #[test]
    fn r7_a_term_from_29_february_or_31_january_has_its_whole_last_month() {
        assert_eq!(within("2024-02-29", 1), ["2024-02-29..2024-02-29", "2024-03-01..2024-03-28"]);
        assert_eq!(within("2024-02-29", 12).last().unwrap(), "2025-02-01..2025-02-28");
        assert_eq!(within("2022-01-31", 1), ["2022-01-31..2022-01-31", "2022-02-01..2022-02-28"]);
        assert_eq!(within("2024-01-31", 1), ["2024-01-31..2024-01-31", "2024-02-01..2024-02-29"]);
        assert_eq!(within("2022-01-31", 3).last().unwrap(), "2022-04-01..2022-04-30");
        assert_eq!(within("2022-01-01", 1), ["2022-01-01..2022-01-31"]);
        assert_eq!(Term::of_months(date("2022-01-01"), 0), None);
        assert_eq!(Term::new(date("2022-01-02"), date("2022-01-01")), None);
        assert_eq!(PeriodRule::ServiceMonth.periods(date("2022-01-01"), None, UtcOffset::CHINA), None);
    }

    #[test]
    fn a25_a26_a_message_counts_in_the_period_of_its_submission_by_the_clock_of_the_contract() {
        let periods = service_months("2022-03-17", 3);
        let key = |time| periods.of(at(time)).map(|period| period.key().to_string());
        assert_eq!(key("2022-03-31 23:59:59").as_deref(), Some("2022-03-17"));
        assert_eq!(key("2022-04-01 00:00:00").as_deref(), Some("2022-04"));
        assert_eq!(key("2022-06-16 23:59:59").as_deref(), Some("2022-06"));
        assert_eq!(key("2022-06-17 00:00:00"), None);
        assert_eq!(key("2022-03-16 23:59:59"), None);
    }

    #[test]
    fn a4_a_period_closes_72_hours_after_its_end() {
        let november = calendar_months("2021-01-01").in_month(month("2021-11")).unwrap();
        assert_eq!(november.closes(Duration::from_secs(72 * 3600)), at("2021-12-04 00:00:00"));
        assert!(
            november.contains(at("2021-11-30 23:59:59")) && !november.contains(at("2021-12-01 00:00:00"))
        );
    }

    #[test]
    fn a_period_is_found_by_its_written_name() {
        for name in ["2021-11", "2021-03-17"] {
            assert_eq!(PeriodKey::read(name.as_bytes()).unwrap().to_string(), name);
        }
        let found = |name: &str| {
            let key = PeriodKey::read(name.as_bytes()).unwrap();
            calendar_months("2021-03-17").find(key).map(|period| period.first())
        };
        assert_eq!(found("2021-11"), Some(date("2021-11-01")));
        assert_eq!(found("2021-03-17"), Some(date("2021-03-17")));
        assert_eq!(found("2021-03"), Some(date("2021-03-17")), "by its month too");
        assert_eq!(found("2021-03-18"), None);
        assert_eq!(found("2021-02"), None);
        for wrong in ["2021-11-01", "2021", "2021-13", "November"] {
            assert_eq!(PeriodKey::read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn r7_service_months_tile_the_term_without_gap_or_overlap(first in 0_u32..30_000, months in 1_u16..40) {
            let first = Date::from_days(first);
            let term = Term::of_months(first, months).unwrap();
            let periods = PeriodRule::ServiceMonth.periods(first, Some(term), UtcOffset::CHINA).unwrap();
            let all: Vec<Period> = periods.iter().collect();
            prop_assert_eq!(all.first().map(Period::first), Some(term.first()));
            prop_assert_eq!(all.last().map(Period::last), Some(term.last()));
            for pair in all.windows(2) {
                prop_assert_eq!(pair[0].end(), pair[1].start());
                prop_assert!(pair[0].key() < pair[1].key());
            }
            for period in &all {
                let last = Timestamp::from_millis(period.end().as_millis() - 1);
                prop_assert_eq!(period.first().month(), period.last().month());
                prop_assert_eq!(periods.of(period.start()), Some(*period));
                prop_assert_eq!(periods.of(last), Some(*period));
                prop_assert!(period.has(period.first()) && period.has(period.last()));
                prop_assert!(!period.has(period.last().plus_days(1)));
            }
            prop_assert_eq!(periods.of(term.last().end(UtcOffset::CHINA)), None);
            // So many months are so many service months, and one more when they begin within one.
            let whole = usize::from(months) + usize::from(first.day() > 1);
            prop_assert_eq!(all.len(), whole);
        }
    }
}
