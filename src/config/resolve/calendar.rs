//! Which days are worked? A calendar's file, with every fault where it stands.

use std::ops::Range;

use crate::base::calendar::Date;
use crate::config::bounds;
use crate::config::raw;
use crate::config::resolve::section::{Desk, Section};
use crate::sla::terms::{Workdays, WorkdaysFault};

/// A day, its key, and where it is written.
type Written = (Date, String, Range<usize>);

/// What a file says; none when it has faults, which are then the desk's.
pub(super) fn understood(desk: &mut Desk<'_>, raw: raw::CalendarFile) -> Option<Workdays> {
    let raw::CalendarFile { name, years, off, worked } = raw;
    let mut top = desk.section(String::new(), None);
    top.text("name", name, "every one needs a name");
    if years.0.is_empty() {
        top.missing("years", "write the years whose days off stand here");
    }
    let years = years.0.into_iter().enumerate().map(|(index, year)| {
        let (key, span) = (format!("years[{index}]"), year.span());
        (top.whole(&key, Some(year), &bounds::CALENDAR_YEAR), key, span)
    });
    let years: Vec<(u16, String, Range<usize>)> = years.collect();
    let (off, worked) = (days(&mut top, "off", off), days(&mut top, "worked", worked));
    let is_sound = top.desk.faults.is_empty();
    let only = |days: &[Written]| days.iter().map(|(day, ..)| *day).collect::<Vec<_>>();
    let only_years: Vec<u16> = years.iter().map(|(year, ..)| *year).collect();
    let faults = match Workdays::new(&only_years, &only(&off), &only(&worked)) {
        Ok(workdays) => return Some(workdays),
        Err(faults) => faults,
    };
    for fault in faults {
        // A year or a day that could not be read is missed elsewhere.
        let is_of_what_is_there = matches!(fault, WorkdaysFault::Twice(_) | WorkdaysFault::WorkedAnyhow(_));
        if !is_sound && !is_of_what_is_there {
            continue;
        }
        let of = |wanted: Date| move |(day, ..): &&Written| *day == wanted;
        let all = || off.iter().chain(&worked);
        let (place, remedy) = match fault {
            WorkdaysFault::Twice(day) => (all().rev().find(of(day)), "leave one of them out"),
            WorkdaysFault::UnlistedYear(day) => {
                (all().find(of(day)), "add the year to `years`, with all of its days")
            }
            WorkdaysFault::WorkedAnyhow(day) => (worked.iter().find(of(day)), "leave it out"),
            WorkdaysFault::NoHoliday(year) => {
                let (key, at) = match years.iter().find(|(written, ..)| *written == year) {
                    Some((_, key, span)) => (key.as_str(), Some(span.clone())),
                    None => ("years", None),
                };
                top.fault(key, at, fault.to_string(), "write its days off, or leave the year out");
                continue;
            }
        };
        let (key, at) = place.map_or(("off", None), |(_, key, span)| (key.as_str(), Some(span.clone())));
        top.fault(key, at, fault.to_string(), remedy);
    }
    None
}

fn days(section: &mut Section<'_, '_>, list: &str, days: raw::Days) -> Vec<Written> {
    let read = days.0.into_iter().enumerate().filter_map(|(index, day)| {
        let key = format!("{list}[{index}]");
        section.day_there(&key, &day).map(|date| (date, key, day.span()))
    });
    read.collect()
}
