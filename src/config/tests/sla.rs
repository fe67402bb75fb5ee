//! What accounts are promised, the policies and the calendar that are built in, and a calendar that somebody writes.

use std::fs;

use super::*;
use crate::base::calendar::{Date, UtcOffset};
use crate::sla::terms::tests::policies::{call_centre, jd, plain, tencent};
use crate::sla::terms::tests::{calendar_months, china, date, service_months};
use crate::sla::terms::{Contract, PeriodRule};

/// The least, with these lines for its account and those under `[sla]`.
pub(super) fn promising(account: &str, sla: &str) -> String {
    with("name = \"acme\"", &format!("name = \"acme\"\n{account}")) + &format!("[sla]\n{sla}\n")
}

#[track_caller]
fn contract(account: &str, sla: &str) -> Contract {
    let settings = resolve(&promising(account, sla)).unwrap_or_else(|faults| panic!("{faults}"));
    let [contract] = <[Contract; 1]>::try_from(settings.sla.contracts).unwrap();
    assert_eq!(contract.account, "acme");
    contract
}

#[track_caller]
fn account_says(account: &str, sla: &str, wanted: &[&str]) {
    assert_eq!(said(&promising(account, sla)), wanted, "{account}\n{sla}");
}

pub(super) const HOME: &str = "home = [\"86\"]";
const TERM: &str = "term = { from = \"2021-03-17\", months = 3 }";

#[test]
fn r9_the_built_in_policies_say_what_the_contracts_say() {
    let policy =
        |name: &str, more: &str| (*contract(&format!("policy = \"{name}\"\n{more}"), HOME).policy).clone();
    assert_eq!(policy("jd", ""), jd());
    assert_eq!(policy("tencent", TERM), tencent());
    assert_eq!(policy("alibaba-call-center", ""), call_centre());
    assert_eq!(policy("plain", ""), plain());
    assert_eq!(*contract("", "").policy, plain(), "without a word");
}

#[test]
fn a24_the_built_in_calendar_says_what_the_notices_say() {
    assert_eq!(*resolve(LEAST).unwrap().sla.workdays, china::workdays());
}

#[test]
fn r6_an_account_has_calendar_months_from_its_activation_on() {
    assert_eq!(contract("activated = \"2021-03-17\"", "").periods, calendar_months("2021-03-17"));
    let always = PeriodRule::CalendarMonth.periods(Date::default(), None, UtcOffset::CHINA);
    assert_eq!(Some(contract("", "").periods), always, "nothing is cut");
}

#[test]
fn r7_an_account_has_the_service_months_of_its_term() {
    let periods = |term: &str| contract(&format!("policy = \"tencent\"\n{term}"), "").periods;
    let wanted = service_months("2021-03-17", 3);
    assert_eq!(periods(TERM), wanted);
    assert_eq!(periods("term = { from = \"2021-03-17\", to = \"2021-06-16\" }"), wanted);
}

#[test]
fn a_home_prefix_is_a_zone() {
    let settings = resolve(&promising("policy = \"jd\"", "home = [\"86\", \"852\"]")).unwrap();
    assert_eq!(settings.sla.home, ["86", "852"]);
    assert_eq!(settings.flow.zones, settings.sla.home);
}

#[test]
fn faults_of_what_an_account_is_promised_are_named() {
    account_says(
        "policy = \"tencnt\"",
        "",
        &["account[0].policy = \"tencnt\": there is no policy of this name; did you mean \"tencent\"?"],
    );
    account_says(
        "policy = \"tencent\"",
        "",
        &["account[0].term: is missing; the policy \"tencent\" is by service months: \
           write term = { from = \"2026-03-17\", months = 3 }"],
    );
    account_says(
        &format!("policy = \"tencent\"\nactivated = \"2021-03-17\"\n{TERM}"),
        "",
        &[
            "account[0].activated = \"2021-03-17\": the policy \"tencent\" is by service months, which begin with \
           their term; leave it out",
        ],
    );
    account_says(
        TERM,
        "",
        &[
            "account[0].term = { from = \"2021-03-17\", months = 3 }: the policy \"plain\" is by calendar months, \
           and has no term; leave it out; the first day is `activated`",
        ],
    );
    account_says(
        "policy = \"jd\"",
        "",
        &["account[0].policy = \"jd\": the policy \"jd\" counts by whether a destination is domestic; \
           write the prefixes of your country in [sla], as in home = [\"86\"]"],
    );
    account_says(
        "activated = \"2021-02-29\"",
        "",
        &["account[0].activated = \"2021-02-29\": a day is wanted here; write it as \"2026-11-21\""],
    );
}

#[test]
fn faults_of_a_term_are_named() {
    let term = |term: &str, wanted: &[&str]| {
        account_says(&format!("policy = \"tencent\"\nterm = {term}"), "", wanted);
    };
    term("{ months = 3 }", &["account[0].term.from: is missing; write the first day of the term"]);
    term("{ from = \"2021-03-17\" }", &["account[0].term.months: is missing; write it, or `to`"]);
    term(
        "{ from = \"2021-03-17\", months = 3, to = \"2021-06-16\" }",
        &["account[0].term.to = \"2021-06-16\": stands beside `months`; write one of the two"],
    );
    term(
        "{ from = \"2021-03-17\", to = \"2021-03-16\" }",
        &["account[0].term.to = \"2021-03-16\": is before `from`; \
           write the last day of the term, which is in it"],
    );
    term(
        "{ from = \"2021-03-17\", months = 0 }",
        &["account[0].term.months = 0: is out of bounds; write 1 to 120"],
    );
    term(
        "{ from = \"2021-03-17\", month = 3 }",
        &["account[0].term.month: unknown key in [[account]] acme; did you mean `months`?"],
    );
    term("3", &["account[0].term = 3: a table such as { from = \"2021-03-17\", months = 3 } is wanted here"]);
}

#[test]
fn faults_of_home_prefixes_are_named() {
    let home =
        |home: &str, wanted: &[&str]| account_says("policy = \"jd\"", &format!("home = {home}"), wanted);
    home(
        "[]",
        &["sla.home = []: is empty; write the prefixes of your country, as in [\"86\"], or leave this out"],
    );
    home("[\"\"]", &["sla.home[0] = \"\": is empty; write the first digits of domestic numbers"]);
    home(
        "[\"+86\"]",
        &["sla.home[0] = \"+86\": a prefix that is domestic is at most 7 digits; write \"86\""],
    );
    home("[\"86138001\"]", &["sla.home[0] = \"86138001\": a prefix that is domestic is at most 7 digits"]);
    home("[\"86\", \"86\"]", &["sla.home[1] = \"86\": is in this list already; leave it out"]);
    home("\"86\"", &["sla.home = \"86\": a list such as [\"north\", \"south\"] is wanted here"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let nowhere = said(&promising("", "folder = \"nowhere\"\ncalendar = \"nowhere.toml\""));
    let [folder, calendar] = &nowhere[..] else { panic!("{nowhere:?}") };
    assert!(folder.starts_with("sla.folder = \"nowhere\": cannot be read: "), "{folder}");
    assert!(calendar.starts_with("sla.calendar = \"nowhere.toml\": cannot be read: "), "{calendar}");
}

/// A text with one piece of it replaced.
#[track_caller]
pub(super) fn changed(text: &str, piece: &str, instead: &str) -> String {
    assert_eq!(text.matches(piece).count(), 1, "{piece}");
    text.replace(piece, instead)
}

fn with_calendar(text: &str) -> Result<Settings, Faults> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(&file, text).unwrap();
    resolve(&promising("", &format!("calendar = \"{}\"", file.display())))
}

#[track_caller]
fn calendar_says(text: &str, wanted: &[&str]) {
    let faults = with_calendar(text).unwrap_err();
    let name = |line: &str| line.rsplit_once("mine.toml:").map(|(_, rest)| rest.to_owned());
    let found: Option<Vec<_>> = faults.to_string().lines().map(name).collect();
    assert_eq!(found.unwrap_or_default(), wanted, "{faults}");
}

const MINE: &str = "name = \"mine\"\nyears = [2021]\noff = [\"2021-10-01\"]\nworked = [\"2021-10-09\"]\n";

#[test]
fn a_calendar_of_ones_own_takes_the_place_of_the_built_in_one() {
    let workdays = with_calendar(MINE).unwrap().sla.workdays;
    assert_eq!(workdays.is_worked(date("2021-10-01")), Some(false));
    assert_eq!(workdays.is_worked(date("2021-10-04")), Some(true), "a holiday elsewhere");
    assert_eq!(workdays.is_worked(date("2021-10-09")), Some(true));
    assert_eq!(workdays.is_worked(date("2022-10-10")), None);
}

#[test]
fn a24_a_calendars_faults_are_named_with_file_line_key_and_remedy() {
    calendar_says(
        &changed(MINE, "2021-10-01", "2021-10-32"),
        &["3: off[0] = \"2021-10-32\": a day is wanted here; write it as \"2026-11-21\""],
    );
    calendar_says(
        &changed(MINE, "\"2021-10-01\"]", "\"2021-10-01\",\n\"2021-10-01\", \"2022-01-01\"]"),
        &[
            "4: off[1] = \"2021-10-01\": 2021-10-01 stands there twice; leave one of them out",
            "4: off[2] = \"2022-01-01\": 2022-01-01 is in a year that is not listed; \
             add the year to `years`, with all of its days",
        ],
    );
    calendar_says(
        &changed(MINE, "2021-10-09", "2021-10-08"),
        &["4: worked[0] = \"2021-10-08\": 2021-10-08 is no Saturday or Sunday, so it is worked anyhow; \
           leave it out"],
    );
    calendar_says(
        &changed(MINE, "[2021]", "[2021, 2022]"),
        &["2: years[1] = 2022: the year 2022 is listed and has no holiday; \
           write its days off, or leave the year out"],
    );
    calendar_says(
        &changed(MINE, "[2021]", "[202]"),
        &["2: years[0] = 202: is out of bounds; write 1970 to 9999"],
    );
    calendar_says(
        &changed(MINE, "[\"2021-10-01\"]", "\"2021-10-01\""),
        &["3: off = \"2021-10-01\": a list such as [\"2021-10-01\", \"2021-10-02\"] is wanted here"],
    );
    calendar_says(
        &changed(MINE, "worked", "workde"),
        &["4: workde: unknown key at the top of the file; did you mean `worked`?"],
    );
    calendar_says("name = \"mine\"\n", &[" years: is missing; write the years whose days off stand here"]);
}
