//! The working days of mainland China, written once more and by holiday; the settings' tests hold the file against
//! them.

use crate::base::calendar::Date;
use crate::sla::terms::tests::date;
use crate::sla::terms::workdays::Workdays;

const YEARS: [u16; 6] = [2021, 2022, 2023, 2024, 2025, 2026];

/// The holidays as the notices have them: from, to.
#[rustfmt::skip]
const OFF: &[(&str, &str)] = &[
    ("2021-01-01", "2021-01-03"), ("2021-02-11", "2021-02-17"), ("2021-04-03", "2021-04-05"),
    ("2021-05-01", "2021-05-05"), ("2021-06-12", "2021-06-14"), ("2021-09-19", "2021-09-21"),
    ("2021-10-01", "2021-10-07"),
    ("2022-01-01", "2022-01-03"), ("2022-01-31", "2022-02-06"), ("2022-04-03", "2022-04-05"),
    ("2022-04-30", "2022-05-04"), ("2022-06-03", "2022-06-05"), ("2022-09-10", "2022-09-12"),
    ("2022-10-01", "2022-10-07"),
    ("2022-12-31", "2023-01-02"), ("2023-01-21", "2023-01-27"), ("2023-04-05", "2023-04-05"),
    ("2023-04-29", "2023-05-03"), ("2023-06-22", "2023-06-24"), ("2023-09-29", "2023-10-06"),
    ("2024-01-01", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"), ("2024-06-10", "2024-06-10"), ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
];

#[rustfmt::skip]
const WORKED: &[&str] = &[
    "2021-02-07", "2021-02-20", "2021-04-25", "2021-05-08", "2021-09-18", "2021-09-26", "2021-10-09",
    "2022-01-29", "2022-01-30", "2022-04-02", "2022-04-24", "2022-05-07", "2022-10-08", "2022-10-09",
    "2023-01-28", "2023-01-29", "2023-04-23", "2023-05-06", "2023-06-25", "2023-10-07", "2023-10-08",
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
];

/// How many days were worked in each year, as everybody knows who is paid by the day: 365 or 366 without the weekends
/// and the holidays by law, of which there were 11 until 2024 and have been 13 since.
const WORKED_IN_YEAR: [(u16, usize); 6] =
    [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)];

pub(crate) fn workdays() -> Workdays {
    let days = |(first, last): &(&str, &str)| {
        let (first, last) = (date(first).days(), date(last).days());
        (first..=last).map(Date::from_days)
    };
    let off: Vec<Date> = OFF.iter().flat_map(days).collect();
    let worked: Vec<Date> = WORKED.iter().map(|day| date(day)).collect();
    Workdays::new(&YEARS, &off, &worked).unwrap()
}

#[test]
fn a24_every_year_has_the_working_days_that_the_law_leaves() {
    let china = workdays();
    for (year, worked) in WORKED_IN_YEAR {
        let days = Date::new(year, 1, 1).unwrap().days()..=Date::new(year, 12, 31).unwrap().days();
        let seen = days.filter(|day| china.is_worked(Date::from_days(*day)) == Some(true)).count();
        assert_eq!(seen, worked, "{year}");
    }
}
