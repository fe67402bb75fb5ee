use super::*;

fn date(text: &str) -> Date {
    Date::read(text.as_bytes()).unwrap()
}

fn month(text: &str) -> Month {
    Month::read(text.as_bytes()).unwrap()
}

#[test]
fn every_day_until_the_year_9999_is_written_and_read_back() {
    let mut last = [0; 10];
    for day in (0..=Date::LAST.days()).step_by(7).map(Date::from_days) {
        let text = day.written();
        assert!(text > last, "{day:?}");
        assert_eq!(Date::read(&text), Some(day));
        last = text;
    }
    assert_eq!(Date::LAST.to_string(), "9999-12-31");
    assert_eq!(Date::LAST.plus_days(1), Date::LAST);
    assert_eq!(Date::default().minus_days(1).to_string(), "1970-01-01");
}

#[test]
fn what_no_calendar_has_is_no_day_and_no_month() {
    for wrong in ["2023-02-29", "2023-04-31", "1969-12-31", "2023-00-10", "2023-1-10", "20230-1-10", "-01"] {
        assert_eq!(Date::read(wrong.as_bytes()), None, "{wrong}");
    }
    for wrong in ["", "2023-13", "2023-00", "1969-12", "2023-1", "2023/01", "2023-01-01"] {
        assert_eq!(Month::read(wrong.as_bytes()), None, "{wrong}");
    }
    assert_eq!(Date::new(2100, 2, 29), None);
    assert_eq!(Date::new(2000, 2, 29), Some(date("2000-02-29")));
}

#[test]
fn a25_a_day_of_utc_plus_8_begins_at_16_hours_of_the_day_before() {
    // From `TZ=Asia/Shanghai date -d '2021-12-01' +%s`.
    let december = Timestamp::from_millis(1_638_288_000_000);
    assert_eq!(month("2021-12").start(UtcOffset::CHINA), december);
    assert_eq!(month("2021-11").end(UtcOffset::CHINA), december);
    let before = Timestamp::from_millis(december.as_millis() - 1);
    assert_eq!(Date::of(december, UtcOffset::CHINA), date("2021-12-01"));
    assert_eq!(Date::of(before, UtcOffset::CHINA), date("2021-11-30"));
    assert_eq!(Date::of(december, UtcOffset::UTC), date("2021-11-30"));
    assert_eq!(date("2021-11-30").end(UtcOffset::CHINA), december);
}

#[test]
fn an_offset_is_one_of_the_earth_and_no_day_lies_beyond_the_ends() {
    assert_eq!(UtcOffset::from_minutes(480), Some(UtcOffset::CHINA));
    assert_eq!(UtcOffset::from_minutes(841), None);
    assert_eq!(UtcOffset::from_minutes(-721), None);
    let west = UtcOffset::from_minutes(-720).unwrap();
    assert_eq!(Date::of(Timestamp::default(), west), Date::default());
    assert_eq!(Date::of(Timestamp::from_millis(u64::MAX), UtcOffset::CHINA), Date::LAST);
    assert_eq!(Date::default().start(UtcOffset::CHINA), Timestamp::default());
}

#[test]
fn months_have_their_days_and_follow_each_other() {
    let days = |year| (1..=12).map(|number| Month::new(year, number).unwrap().days()).collect::<Vec<_>>();
    assert_eq!(days(2021), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
    assert_eq!([2000, 2024, 2100, 2400].map(|year| days(year)[1]), [29, 29, 28, 29]);
    assert_eq!(month("2021-12").plus(1), month("2022-01"));
    assert_eq!(month("2021-12").plus(14), month("2023-02"));
    assert_eq!(month("9999-12").plus(1), month("9999-12"));
    assert_eq!(month("9999-12").last(), Date::LAST);
    assert_eq!(month("2022-02").last().to_string(), "2022-02-28");
}

#[test]
fn months_later_is_the_same_day_or_the_last_one() {
    assert_eq!(date("2021-03-17").plus_months(3), date("2021-06-17"));
    assert_eq!(date("2022-01-31").plus_months(1), date("2022-02-28"));
    assert_eq!(date("2024-01-31").plus_months(1), date("2024-02-29"));
    assert_eq!(date("2024-02-29").plus_months(12), date("2025-02-28"));
}

#[test]
fn weekdays_are_those_of_the_week() {
    assert_eq!(Date::default().weekday(), 4);
    assert_eq!(date("2021-12-03").weekday(), 5);
    assert_eq!(date("2026-11-21").weekday(), 6);
    assert_eq!(date("2026-11-22").weekday(), 7);
    assert_eq!(date("2026-11-23").weekday(), 1);
}
