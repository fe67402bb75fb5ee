use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::base::calendar::Date;
use crate::message::{Cause, FactId, Function};
use crate::sla::terms::Contract;
use crate::sla::terms::tests::{calendar_months, date, policies};

const MINUTE: u64 = 60_000;

/// So many milliseconds into a day of UTC+8.
fn at(day: &str, millis: u64) -> Timestamp {
    Timestamp::from_millis(date(day).start(UtcOffset::CHINA).as_millis() + millis)
}

fn out(function: Function, day: &str, from: u64, lasting: u64) -> Outage {
    let cause = if function == Function::Submit { Cause::NoAnswer } else { Cause::Stopped };
    Outage { function, cause, interval: Interval::new(at(day, from), at(day, from + lasting)).unwrap() }
}

/// The report of November 2021 under the contract of the call centre.
fn november(outages: Vec<Outage>, excused: Vec<Excused>) -> (PeriodReport, AvailabilityReport) {
    let contract = Contract {
        account: "acme".to_owned(),
        policy: Arc::new(policies::call_centre()),
        periods: calendar_months("2020-01-01"),
    };
    let period = contract.periods.of(at("2021-11-15", 0)).unwrap();
    let version = contract.policy.in_force(&period).unwrap().clone();
    let known = Known { outages, excused, joined: 0, now: at("2021-12-02", 0) };
    let mut report = PeriodReport::default();
    of_known((&contract.policy, &contract.periods), &period, &version, &known, &mut report);
    let availability = report.availability.clone().unwrap();
    (report, availability)
}

#[test]
fn r74_r78_a_report_has_the_minutes_the_lost_ones_and_the_exact_ratio() {
    let (report, found) = november(vec![out(Function::Bind, "2021-11-10", 0, 86 * MINUTE)], vec![]);
    assert_eq!((found.minutes, found.down_ms), (43_200, 86 * MINUTE));
    assert_eq!(found.reached, (43_114 * MINUTE, 43_200 * MINUTE));
    assert_eq!((found.millionths, report.target_missed), (Some(998_009), Some(false)));
    assert_eq!((report.target.as_deref(), found.pays.len()), (Some("99.8%"), 0));
    let (report, found) = november(vec![out(Function::Bind, "2021-11-10", 0, 87 * MINUTE)], vec![]);
    assert_eq!((found.millionths, report.target_missed), (Some(997_986), Some(true)));
}

#[test]
fn r80_a17_the_tier_says_which_share_of_which_fee_is_paid() {
    let pays = |minutes: u64| {
        let (report, found) = november(vec![out(Function::Bind, "2021-11-10", 0, minutes * MINUTE)], vec![]);
        (report.below.unwrap(), found.pays["service"].clone(), found.pays["calls"].clone())
    };
    let said = |below: &str, service: &str, calls: &str| (below.into(), service.into(), calls.into());
    assert_eq!(pays(216), said("99.8%", "14%", "5%"));
    assert_eq!(pays(1_296), said("99%", "28%", "10%"));
    assert_eq!(pays(2_592), said("95%", "100%", "20%"));
}

#[test]
fn r76_r77_a16_every_outage_is_listed_with_what_becomes_of_it() {
    let outages = vec![
        out(Function::Bind, "2021-11-10", 0, 300_000),
        out(Function::Submit, "2021-11-10", 200_000, 300_000),
        out(Function::Submit, "2021-11-11", 0, 119_000),
        out(Function::Submit, "2021-11-12", 0, 120_000),
        out(Function::Submit, "2021-10-31", 0, 600_000),
    ];
    let (_, found) = november(outages, vec![]);
    let seen: Vec<_> = found.outages.iter().map(|line| (line.down_ms, &*line.verdict)).collect();
    let limit = "counted, exactly at the limit";
    assert_eq!(seen, [(500_000, "counted"), (0, "too short"), (120_000, limit)]);
    assert_eq!(found.down_ms, 620_000);
    let both = &found.outages[0];
    assert_eq!(Vec::from_iter(&both.functions), ["bind", "submit"]);
    assert_eq!(Vec::from_iter(&both.seen_by), ["after restart", "prober"]);
}

#[test]
fn r81_ten_minutes_of_which_nine_are_maintenance_name_the_fact_and_do_not_count() {
    let ten = || vec![out(Function::Bind, "2021-11-10", 0, 10 * MINUTE)];
    let maintenance = |minutes| {
        let interval = Interval::new(at("2021-11-10", 0), at("2021-11-10", minutes * MINUTE)).unwrap();
        vec![Excused { fact: FactId(3), interval }]
    };
    let (_, found) = november(ten(), maintenance(9));
    let line = &found.outages[0];
    assert_eq!((found.down_ms, &*line.verdict, Vec::from_iter(&line.excused_by)), (0, "too short", vec![&3]));
    let (_, found) = november(ten(), maintenance(10));
    assert_eq!((found.down_ms, &*found.outages[0].verdict), (0, "excluded"));
    let (_, found) = november(ten(), maintenance(8));
    assert_eq!((found.down_ms, &*found.outages[0].verdict), (2 * MINUTE, "counted, exactly at the limit"));
    let (_, found) = november(ten(), vec![]);
    assert_eq!((found.down_ms, found.outages[0].excused_by.len()), (10 * MINUTE, 0));
}

#[test]
fn r79_a18_the_year_has_its_own_report_of_the_months_that_missed() {
    // 100 minutes are a month's miss, 3 minutes are none.
    let miss = |day: &str| out(Function::Bind, day, 0, 100 * MINUTE);
    let (_, found) = november(vec![miss("2021-03-01")], vec![]);
    assert_eq!(
        (found.year, found.failures, found.mean_between_ms, found.mean_missed),
        (2021, 1, None, Some(false))
    );
    assert_eq!((found.down_ms, found.outages.len()), (0, 0), "another month's");
    let short = out(Function::Bind, "2021-05-01", 0, 3 * MINUTE);
    let (_, found) =
        november(vec![miss("2020-12-31"), miss("2021-03-01"), short, miss("2021-11-01")], vec![]);
    let days = u64::from(Date::days(date("2021-11-01")) - Date::days(date("2021-03-01")));
    let mean = Duration::from_secs(days * 24 * 3600).as_millis() as u64 - 100 * MINUTE;
    assert_eq!((found.failures, found.mean_between_ms, found.mean_missed), (2, Some(mean), Some(false)));
    let (_, found) = november(vec![miss("2021-10-01"), miss("2021-11-01")], vec![]);
    assert_eq!((found.failures, found.mean_missed), (2, Some(true)));
}

#[test]
fn r76_an_outage_over_the_end_of_the_month_counts_with_its_part() {
    let over = Interval::new(at("2021-11-30", 24 * 3_600_000 - 60_000), at("2021-12-01", 90_000)).unwrap();
    let outage = Outage { function: Function::Bind, cause: Cause::NoBind, interval: over };
    let (_, found) = november(vec![outage], vec![]);
    assert_eq!((found.down_ms, found.outages[0].to), (60_000, at("2021-12-01", 90_000).as_millis()));
}
