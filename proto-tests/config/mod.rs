//! The settings that are handed out as examples: they start, and what their comments say is true.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use telegraphy::config::{Faults, Settings, load, settings};
use telegraphy::message::Payment;
use telegraphy::routing::Cause;

use crate::source;

/// Every variable holds a password of eight octets.
fn environment(name: &str) -> Option<OsString> {
    name.ends_with("_PASSWORD").then(|| "password".into())
}

fn example(name: &str) -> String {
    fs::read_to_string(source::root().join("config").join(name)).unwrap()
}

/// The settings in `text`, with the password files that the annotated example names. Paths come as they are written, so
/// that settings can be compared.
fn resolve(text: &str) -> Result<Settings, Faults> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    for (name, secret) in [
        ("shop-news", "news\n"),
        ("south", "longer than eight octets\n"),
        ("records", "a key of sixteen octets and more\n"),
    ] {
        fs::write(folder.path().join("secrets").join(name), secret).unwrap();
    }
    for file in ["codes/smpp.toml", "sla/jd.toml", "calendars/china.toml", "tariffs/by-destination.toml"] {
        let path = folder.path().join(file);
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(path, example(file)).unwrap();
    }
    let mut resolved = settings(&folder.path().join("gateway.toml"), text, environment)?;
    let records = resolved.records.folder.as_mut();
    let paths = [Some(&mut resolved.log.path), Some(&mut resolved.operators), records];
    for path in paths.into_iter().flatten() {
        *path = path.strip_prefix(folder.path()).unwrap().to_owned();
    }
    Ok(resolved)
}

/// Settings as text, to be compared; passwords are masked.
fn shown(text: &str) -> String {
    match resolve(text) {
        Ok(settings) => format!("{settings:#?}"),
        Err(faults) => panic!("{faults}"),
    }
}

#[test]
fn the_least_file_starts() {
    let settings = load(&source::root().join("config/minimal.toml"), environment).unwrap();
    assert_eq!(settings.log.path, source::root().join("config/../data"));
    assert_eq!(settings.customers.accounts[0].systems[0].password.expose(), b"password");
}

#[test]
fn the_least_file_has_nothing_that_could_be_left_out() {
    let text = example("minimal.toml");
    for line in text.lines().filter(|line| line.contains(" = ")) {
        let without: Vec<&str> = text.lines().filter(|other| *other != line).collect();
        let settings = settings(Path::new("gateway.toml"), &without.join("\n"), environment);
        assert!(settings.is_err(), "without {line}");
    }
}

#[test]
fn the_annotated_example_starts_with_two_kinds_of_account_and_of_carrier() {
    let settings = resolve(&example("gateway.toml")).unwrap();
    assert_eq!(settings.flow.accounts.len(), 4);
    let promised = settings.sla.contracts.iter().map(|contract| &*contract.policy.draft().name);
    assert_eq!(Vec::from_iter(promised), ["plain", "tencent", "tencent", "plain"]);
    assert_eq!(settings.flow.routes.len(), 3);
    let [north, south] = settings.carriers.as_slice() else { panic!("two carriers") };
    assert_ne!(north.bind, south.bind);
    assert_eq!(south.password.expose(), b"longer than eight octets");
}

#[test]
fn the_annotated_example_shows_failover_retries_by_cause_and_inbound_numbers() {
    let Settings { flow, records, .. } = resolve(&example("gateway.toml")).unwrap();
    assert_eq!(flow.routes[1], ("44".to_owned(), vec!["south".to_owned(), "north".to_owned()]));
    assert_eq!(flow.carriers[0].retry.cause(0x45), Cause::RetryAfter);
    assert_eq!(flow.carriers[1].retry.cause(0x45), Cause::GiveUp);
    assert_eq!(flow.accounts[0].doubt.resend_after, Some(Duration::from_secs(300)));
    let inbound: Vec<_> =
        flow.inbound.iter().map(|entry| (entry.keyword.as_deref(), &*entry.account)).collect();
    assert_eq!(inbound, [(None, "acme"), (Some("SHOP"), "shop")]);
    assert_eq!(records.key.unwrap().expose(), b"a key of sixteen octets and more");
    assert!(!records.plain_numbers);
}

#[test]
fn the_annotated_example_shows_who_pays_before_and_who_after_the_month_and_who_nothing() {
    let Settings { flow, costs, .. } = resolve(&example("gateway.toml")).unwrap();
    let paying = flow.accounts.iter().map(|account| account.paying.as_ref());
    let paying = paying.map(|paying| paying.map(|paying| (&*paying.tariff, paying.terms.payment)));
    let postpaid = Payment::Postpaid { credit_limit: "1000".parse().unwrap() };
    let wanted = [Some(("alibaba-sms", Payment::Prepaid)), Some(("by-destination", postpaid)), None, None];
    assert_eq!(Vec::from_iter(paying), wanted);
    let costs = costs.iter().map(|cost| (&*cost.carrier, &*cost.name));
    assert_eq!(Vec::from_iter(costs), [("north", "alibaba-sms")]);
    assert_eq!(flow.zones, ["86", "49"]);
}

/// A line of the annotated example that says what its key is by default.
struct Annotated<'a> {
    line: &'a str,
    key: &'a str,
    value: &'a str,
    default: &'a str,
    bounds: Option<(&'a str, &'a str)>,
}

impl<'a> Annotated<'a> {
    /// From `key = value   # default VALUE, MIN to MAX: words`, where a value is in quotes, a number or a truth.
    fn read(line: &'a str) -> Option<Self> {
        let (said, comment) = line.split_once("# default ")?;
        let (key, value) = said.trim().split_once(" = ").unwrap();
        let (default, rest) = value_at_begin(comment);
        let bounds = rest.strip_prefix(", ").map(|rest| {
            let (min, rest) = value_at_begin(rest);
            (min, value_at_begin(rest.strip_prefix(" to ").unwrap()).0)
        });
        Some(Self { line, key, value: value.trim(), default, bounds })
    }
}

fn value_at_begin(text: &str) -> (&str, &str) {
    let end = match text.strip_prefix('"') {
        Some(quoted) => quoted.find('"').unwrap() + 2,
        None => text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len()),
    };
    text.split_at(end)
}

#[test]
fn every_default_and_every_bound_in_the_comments_is_that_of_the_program() {
    let text = example("gateway.toml");
    let all = shown(&text);
    let annotated: Vec<_> = text.lines().filter_map(Annotated::read).collect();
    assert!(annotated.len() >= 30, "{}", annotated.len());
    for Annotated { line, key, value, default, bounds } in annotated {
        assert_eq!(value, default, "{key} is written as its default");
        let without = text.replacen(&format!("{line}\n"), "", 1);
        assert_eq!(shown(&without), all, "without {key}");

        let is_quantity = value.starts_with(|c: char| c.is_ascii_digit())
            || value.starts_with('"')
                && value.trim_start_matches('"').starts_with(|c: char| c.is_ascii_digit())
                && !value.contains('.');
        assert_eq!(is_quantity, bounds.is_some(), "{key} says its bounds");
        let Some((min, max)) = bounds else { continue };
        let with = |value: &str| text.replacen(line, &format!("{key} = {value}"), 1);
        let out_of_bounds = match value {
            size if size.ends_with("iB\"") => "\"9999GiB\"",
            time if time.starts_with('"') => "\"9999d\"",
            _ => "-1",
        };
        let faults = resolve(&with(out_of_bounds)).unwrap_err();
        let remedies: Vec<_> = faults.iter().map(|fault| fault.remedy.clone()).collect();
        assert_eq!(remedies, [format!("write {min} to {max}")], "{key}");
    }
}

#[test]
fn everything_that_has_a_default_may_be_left_out_at_once() {
    let text = example("gateway.toml");
    let rest: Vec<&str> = text.lines().filter(|line| Annotated::read(line).is_none()).collect();
    assert_eq!(shown(&rest.join("\n")), shown(&text));
}

/// The keys that are shown in each kind of table, by the heads that lead to it.
fn keys_by_heads(
    table: &toml::Table,
    path: &str,
    heads: &str,
    found: &mut BTreeMap<String, BTreeSet<String>>,
) {
    for (key, value) in table {
        found.entry(heads.to_owned()).or_default().insert(key.clone());
        let inner = format!("{path}{key}");
        let mut go_in = |head: String, table| {
            keys_by_heads(table, &format!("{inner}."), &format!("{heads}{head}\n"), found);
        };
        match value {
            // Statuses are no keys of ours, and a secret is shown from its two sources elsewhere.
            toml::Value::Table(_) if ["carrier.retry.statuses", "records.key"].contains(&&*inner) => {}
            toml::Value::Table(table) => go_in(format!("[{inner}]"), table),
            toml::Value::Array(entries) => entries
                .iter()
                .filter_map(toml::Value::as_table)
                .for_each(|table| go_in(format!("[[{inner}]]"), table)),
            _ => {}
        }
    }
}

#[test]
fn the_annotated_example_shows_every_key_that_the_program_knows() {
    let mut shown = BTreeMap::new();
    keys_by_heads(&toml::from_str(&example("gateway.toml")).unwrap(), "", "", &mut shown);
    assert_eq!(shown.len(), 31, "{:#?}", shown.keys());
    for (heads, keys) in shown {
        // Asked about a key that nobody knows, the program lists those that it knows.
        let faults = resolve(&format!("{heads}nobody-would-call-a-key-like-this = 1\n")).unwrap_err();
        let answer = faults.iter().find_map(|fault| fault.remedy.strip_prefix("known here: ")).unwrap();
        let known: BTreeSet<String> = answer.split(", ").map(str::to_owned).collect();
        assert_eq!(keys, known, "{heads}");
    }
}
