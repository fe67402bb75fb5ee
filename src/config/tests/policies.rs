//! Files of policies that somebody writes.

use std::fs;

use super::sla::{HOME, changed, promising};
use super::*;
use crate::sla::terms::Policy;
use crate::sla::terms::tests::date;
use crate::sla::terms::tests::policies::plain;

/// What the settings make of these files in a folder of policies, beside an account with these lines.
fn with_policies(account: &str, files: &[(&str, &str)]) -> Result<Settings, Faults> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    resolve(&promising(account, &format!("{HOME}\nfolder = \"{}\"", folder.path().display())))
}

const JD: &str = include_str!("../../../config/sla/jd.toml");
const CALL_CENTRE: &str = include_str!("../../../config/sla/alibaba-call-center.toml");

#[test]
fn a_folder_of_policies_is_added_to_those_that_are_built_in_or_takes_their_place() {
    let mine = changed(JD, "name = \"jd\"", "name = \"mine\"");
    let jd = changed(JD, "share = \"95%\"", "share = \"97%\"");
    let policy = |name: &str| -> Policy {
        let files = [("mine.toml", &*mine), ("jd-97.toml", &*jd), ("notes.txt", "nothing")];
        let settings = with_policies(&format!("policy = \"{name}\""), &files).unwrap();
        (*settings.sla.contracts[0].policy).clone()
    };
    assert_eq!(&*policy("mine").draft().name, "mine");
    assert_eq!(policy("jd").draft().versions[0].terms.target.share.to_string(), "97%");
    assert_eq!(policy("plain"), plain());
}

/// A second version, from 2022-01-01 on, behind the whole of a text that has one.
fn twice(text: &str, number: u32, from: &str, notice: &str) -> String {
    let second = text.split_once("[[version]]").unwrap().1;
    let second = changed(second, "number = 1\n", &format!("number = {number}\n{notice}"));
    let from_before = second.lines().find(|line| line.starts_with("effective_from")).unwrap().to_owned();
    format!("{text}[[version]]{}", second.replace(&from_before, &format!("effective_from = \"{from}\"")))
}

/// The line, from 1, of the last place where this stands.
fn line_of(text: &str, piece: &str) -> usize {
    text.lines().enumerate().filter(|(_, line)| line.contains(piece)).last().unwrap().0 + 1
}

/// This policy's file has exactly these faults, each with the line of the piece before it.
#[track_caller]
fn policy_says(text: &str, wanted: &[(&str, &str)]) {
    let faults = with_policies("policy = \"plain\"", &[("mine.toml", text)]).unwrap_err();
    let found: Vec<_> = faults
        .iter()
        .map(|fault| {
            assert!(fault.file.as_ref().is_some_and(|file| file.ends_with("mine.toml")), "{faults}");
            (fault.line.unwrap_or(0), fault.to_string())
        })
        .collect();
    let at = |(piece, said): &(&str, &str)| (line_of(text, piece), (*said).to_owned());
    assert_eq!(found, Vec::from_iter(wanted.iter().map(at)), "{text}");
}

/// The policy of JD with one piece of it replaced has one fault, in the line of the piece `at`.
#[track_caller]
fn jd_says(piece: &str, instead: &str, at: &str, said: &str) {
    policy_says(&changed(JD, piece, instead), &[(at, said)]);
}

#[test]
fn a_policys_faults_are_named_with_file_line_key_and_remedy() {
    jd_says(
        "form = \"voucher\"",
        "from = \"voucher\"\nform = \"voucher\"",
        "from = ",
        "version[0].compensation.from: unknown key in [[version]]; did you mean `form`?",
    );
    jd_says(
        "below = \"90%\"",
        "below = \"101%\"",
        "101%",
        "version[0].compensation.tiers[0].below = \"101%\": a share from 0% to 100% is wanted here; \
         write it as \"95%\" or \"99.8%\"",
    );
    jd_says(
        "effective_from = \"2021-01-01\"",
        "effective_from = \"2021-13-01\"",
        "2021-13-01",
        "version[0].effective_from = \"2021-13-01\": a day is wanted here; write it as \"2026-11-21\"",
    );
    jd_says(
        "op = \"at-least\"",
        "op = \"at-last\"",
        "op = ",
        "version[0].target.op = \"at-last\": is no word that is known here; did you mean \"at-least\"?",
    );
}

#[test]
fn what_is_out_of_bounds_or_has_no_place_in_a_policy_is_named() {
    jd_says(
        "channels = [\"email\", \"letter\"]",
        "channels = []",
        "channels",
        "version[0].claim.channels = []: is empty; write one or more of \"email\", \"letter\", \"ticket\"",
    );
    jd_says(
        "destinations = [\"domestic\"]",
        "destinations = [\"domestic\", \"domestic\"]",
        "destinations",
        "version[0].metric.destinations[1] = \"domestic\": is in this list already; leave it out",
    );
    jd_says(
        "opens_after_workday = 3",
        "opens_after_workday = 16",
        "opens_after",
        "version[0].claim.opens_after_workday = 16: is out of bounds; write 1 to 15",
    );
    jd_says(
        "close_after = \"72h\"",
        "close_after = \"29d\"",
        "close_after",
        "version[0].close_after = \"29d\": is out of bounds; write \"0ms\" to \"28d\"",
    );
    jd_says(
        "utc_offset = \"+08:00\"",
        "utc_offset = \"-12:15\"",
        "utc_offset",
        "utc_offset = \"-12:15\": a difference from UTC such as \"+08:00\", \"-03:30\" or \"+00:00\" is wanted here",
    );
    jd_says(
        "numerator = \"strict\"\n",
        "",
        "[version.metric]",
        "version[0].metric.numerator: is missing; \
        write \"strict\" or \"attributable\" or \"literal\"",
    );
    jd_says(
        "numerator = \"strict\"",
        "numerator = \"strict\"\nminimum_outage = \"2m\"",
        "minimum_outage",
        "version[0].metric.minimum_outage = \"2m\": is for the kind \"availability\" only; leave it out",
    );
}

#[test]
fn what_is_wrong_together_is_named_where_it_stands() {
    let tier = |below: &str| format!("  {{ below = \"{below}\", pays = {{ messages = \"5%\" }} }},\n");
    jd_says(
        &tier("90%"),
        &(tier("90%") + &tier("80%") + &tier("80.5%")),
        "80.5%",
        "version[0].compensation.tiers[2].below = \"80.5%\": version 1: the tier below 80.5% overlaps the one \
         before it; write them from the highest limit to the lowest",
    );
    jd_says(
        "below = \"90%\"",
        "below = \"95.1%\"",
        "95.1%",
        "version[0].compensation.tiers[0].below = \"95.1%\": version 1: the tier below 95.1% lies above the \
         target; write \"95%\" or less",
    );
    jd_says(
        "pays = { messages = \"5%\" }",
        "pays = {}",
        "pays = {}",
        "version[0].compensation.tiers[0].pays = {}: version 1: the tier below 90% pays nothing, or twice of one \
         fee; write more than 0% of each fee, or leave the tier out",
    );
    policy_says(
        &changed(CALL_CENTRE, "form = \"voucher\"", "form = \"messages\""),
        &[(
            "form",
            "version[0].compensation.form = \"messages\": version 1 pays in messages what is not of the fee for \
             messages; write \"voucher\", or shares of the fee for messages only",
        )],
    );
    jd_says(
        "closes_after_months = 1",
        "closes_after_months = 1\ncloses_after_days = 60",
        "closes_after_days = 60",
        "version[0].claim.closes_after_days = 60: stands beside `closes_after_months`; write one of the two",
    );
    jd_says(
        "closes_after_months = 1",
        "closes_after_days = 30",
        "closes_after_days = 30",
        "version[0].claim.closes_after_days = 30: is out of bounds; write 31 to 366",
    );
    let nothing = changed(JD, "share = \"95%\"", "share = \"0%\"");
    policy_says(
        &changed(&nothing, &tier("90%"), ""),
        &[(
            "share = ",
            "version[0].target.share = \"0%\": the target of version 1 is reached always or never; \
             write more than 0%, and no \"more-than\" of 100%",
        )],
    );
}

#[test]
fn r9_a_version_that_does_not_follow_the_one_before_is_named() {
    let told = "notice_sent_at = \"2021-11-01\"\n";
    policy_says(
        &twice(JD, 1, "2022-01-01", told),
        &[(
            "number = 1",
            "version[1].number = 1: version 1 is not after the one before it; \
             versions stand in the order of their days, each with a higher number",
        )],
    );
    policy_says(
        &twice(JD, 2, "2021-01-01", told.replace("2021-11", "2020-11").as_str()),
        &[(
            "effective_from = \"2021-01-01\"",
            "version[1].effective_from = \"2021-01-01\": version 2 is not after the one before it; \
             versions stand in the order of their days, each with a higher number",
        )],
    );
    policy_says(
        &twice(JD, 2, "2022-01-01", ""),
        &[(
            "[[version]]",
            "version[1].notice_sent_at: version 2 has no day on which its notice was sent; \
             write the day on which the customers were told",
        )],
    );
    policy_says(
        &twice(CALL_CENTRE, 2, "2021-11-30", told),
        &[(
            "effective_from",
            "version[1].effective_from = \"2021-11-30\": version 2 is in force from 2021-11-30, but after its \
             notice not before 2021-12-01; write \"2021-12-01\" or a later day",
        )],
    );
    let good = with_policies("policy = \"jd\"", &[("jd.toml", &twice(JD, 2, "2022-01-01", told))]).unwrap();
    let policy = &good.sla.contracts[0].policy;
    assert_eq!(policy.draft().versions[1].effective_from, date("2022-01-01"));
    assert_eq!(policy.draft().versions[1].notice_sent_at, Some(date("2021-11-01")));
}

#[test]
fn every_fault_of_every_policy_is_said_at_once() {
    let broken = changed(&twice(JD, 1, "2022-01-01", ""), "provider = \"JD Cloud\"\n", "");
    let broken = broken.replacen("share = \"95%\"", "share = \"195%\"", 1);
    let (before, second) = broken.rsplit_once("base = \"paid\"").unwrap();
    let broken = format!("{before}base = \"paid\"{}", second.replacen("\"5%\"", "\"0%\"", 1));
    let files = [("a.toml", &*broken), ("b.toml", "name = "), ("c.toml", "name = \"c\"\n[version]\n")];
    let faults = with_policies("policy = \"nobody\"\nactivated = \"1\"", &files).unwrap_err();
    let said: Vec<_> = faults
        .iter()
        .map(|fault| {
            let file = fault.file.as_ref().map(|file| file.file_name().unwrap().to_str().unwrap());
            format!("{} {}", file.unwrap_or("settings"), fault.key)
        })
        .collect();
    // Which policies there are is not known, so the account's name of one is not judged. A version after one that
    // could not be read is judged by itself.
    assert_eq!(
        said,
        [
            "settings account[0].activated",
            "a.toml provider",
            "a.toml version[0].target.share",
            "a.toml version[1].compensation.tiers[0].pays",
            "b.toml ",
            "c.toml notice_days",
            "c.toml periods",
            "c.toml provider",
            "c.toml utc_offset",
            "c.toml version",
        ],
        "{faults}"
    );
}

#[test]
fn two_policies_of_one_name_are_refused() {
    let twins = with_policies("", &[("1.toml", JD), ("2.toml", JD)]).unwrap_err().to_string();
    assert!(twins.ends_with(": holds two policies of the name \"jd\""), "{twins}");
}
