//! Whole files: many faults at once, and whatever is written.

use std::path::Path;

use proptest::prelude::*;

use crate::config::settings;
use crate::config::tests::{LEAST, environment, resolve};

const MANY_FAULTS: &str = include_str!("fixtures/many-faults.toml");
const MANY_FAULTS_SAID: &str = include_str!("fixtures/many-faults.txt");

#[test]
fn every_fault_of_a_file_is_said_at_once_in_the_order_of_its_lines() {
    let faults = resolve(MANY_FAULTS).unwrap_err();
    assert_eq!(format!("{faults}\n"), MANY_FAULTS_SAID);
}

#[test]
fn what_is_not_toml_is_said_alone_and_everywhere() {
    let faults = resolve("a = \n[b\n[log]\n[log]\nc = \"x").unwrap_err();
    let lines: Vec<_> = faults.iter().map(|fault| (fault.line, fault.reason.as_str())).collect();
    assert_eq!(
        lines,
        [
            (Some(1), "this is not TOML: string values must be quoted, expected literal string"),
            (Some(2), "this is not TOML: unclosed table, expected `]`"),
            (Some(4), "this is not TOML: duplicate key"),
            (Some(5), "this is not TOML: invalid basic string, expected `\"`"),
        ]
    );
}

#[test]
fn a_part_with_endless_faults_is_left_after_a_hundred() {
    let wrong: String = (0..150).map(|number| format!("x{number} = 1\n")).collect();
    let faults = resolve(&format!("[log]\npath = \"data\"\n{wrong}")).unwrap_err();
    let unknown = faults.iter().filter(|fault| fault.reason == "unknown key in [log]");
    assert_eq!(unknown.count(), 100);
}

#[test]
fn a_key_without_meaning_is_named_once_with_its_line_wherever_it_is_put() {
    let lines: Vec<&str> = LEAST.lines().collect();
    for place in 1..=lines.len() {
        let mut with_one_more = lines.clone();
        with_one_more.insert(place, "colour = \"blue\"");
        let faults = resolve(&with_one_more.join("\n")).unwrap_err();
        let found: Vec<_> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(found, [Some(place + 1)], "{faults}");
        assert!(faults.iter().all(|fault| fault.key.ends_with("colour")), "{faults}");
    }
}

const WORDS: &[&str] = &[
    "log",
    "customers",
    "control",
    "parking",
    "account",
    "carrier",
    "route",
    "system",
    "name",
    "path",
    "rate",
    "password",
    "env",
    "file",
    "listen",
    "prefix",
    "window",
    "message_id",
    "reconnect",
    "min",
    "limits",
    "per_second",
    "memory",
    "records",
    "key",
    "inbound",
    "number",
    "keyword",
    "carriers",
    "traffic",
    "in_doubt",
    "resend_after",
    "copies",
    "validity",
    "max",
    "receipts",
    "receipt_format",
    "utc_offset",
    "retry",
    "statuses",
    "sla",
    "home",
    "calendar",
    "policy",
    "activated",
    "term",
    "from",
    "months",
    "tariffs",
    "folder",
    "tariff",
    "payment",
    "credit_limit",
    "warn_below",
    "0x14",
    "$__serde_spanned_private_Spanned",
    "$__serde_spanned_private_start",
];

const VALUES: &[&str] = &[
    "1",
    "-1",
    "1.5",
    "true",
    "99999999999999999999",
    "\"\"",
    "\"acme\"",
    "\"30s\"",
    "\"64MiB\"",
    "[]",
    "[1, {}]",
    "[\"north\", \"north\"]",
    "{ 0x14 = \"later\", 20 = \"pause\" }",
    "\"one-time-codes\"",
    "{}",
    "{ env = \"ACME\" }",
    "{ a = { b = [{}] } }",
    "1979-05-27",
    "\"1979-05-27\"",
    "{ from = \"2021-03-17\", months = 3 }",
    "\"tencent\"",
    "\"alibaba-sms\"",
    "\"postpaid\"",
    "\"1000\"",
    "'''",
    "\"unfinished",
    "\"\\u00e9\"",
    "nan",
];

/// Pieces of files: what a tired hand might leave behind.
fn pieces() -> impl Strategy<Value = String> {
    let word = || prop::sample::select(WORDS);
    let value =
        || prop_oneof![prop::sample::select(VALUES).prop_map(str::to_owned), "[0-9]{1,22}", "\\PC{0,6}"];
    prop_oneof![
        word().prop_map(|word| format!("[{word}]\n")),
        word().prop_map(|word| format!("[[{word}]]\n")),
        (word(), word()).prop_map(|(outer, inner)| format!("[[{outer}.{inner}]]\n")),
        (word(), value()).prop_map(|(key, value)| format!("{key} = {value}\n")),
        (word(), word(), value()).prop_map(|(outer, inner, value)| format!("{outer}.{inner} = {value}\n")),
        "\\PC{0,12}\n?",
    ]
}

proptest! {
    #[test]
    fn whatever_is_written_is_settings_or_faults(
        pieces in prop::collection::vec(pieces(), 0..24),
        after_the_least in any::<bool>(),
    ) {
        let begin = if after_the_least { LEAST } else { "" };
        let text = format!("{begin}{}", pieces.concat());
        if let Err(faults) = settings(Path::new("gateway.toml"), &text, environment) {
            let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
            prop_assert!(!lines.is_empty());
            prop_assert!(lines.is_sorted());
            let last = text.lines().count() + 1;
            prop_assert!(lines.iter().flatten().all(|line| (1..=last).contains(line)), "{faults}");
        }
    }

    #[test]
    fn the_least_with_a_piece_cut_out_is_settings_or_faults(from in 0..LEAST.len(), octets in 0..40usize) {
        let before = LEAST.chars().take(from);
        let text: String = before.chain(LEAST.chars().skip(from + octets)).collect();
        if let Err(faults) = resolve(&text) {
            prop_assert!(!faults.to_string().contains("-secret"));
        }
    }
}
