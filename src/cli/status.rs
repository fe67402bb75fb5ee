//! `telegraphy status`: how the running gateway is, as a table.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::app::status::{AccountStatus, CarrierStatus, Status};
use crate::cli::{Failure, say};

/// How long to wait for the gateway's answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `telegraphy status` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,

    /// Print the document itself, as JSON.
    #[arg(long, conflicts_with = "health")]
    json: bool,

    /// Print nothing; exit 0 if the gateway is healthy and 1 if not.
    #[arg(long)]
    health: bool,
}

/// Asks the running gateway and shows its answer.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let page = if arguments.health { "health" } else { "status" };
    let url = arguments.url.trim_end_matches('/');
    let document = ask(&format!("{url}/{page}")).map_err(|error| {
        format!(
            "no answer from the gateway at {url}: {error}; is it running, and is this its [control] listen?"
        )
    })?;
    if arguments.json {
        say(format_args!("{document}\n"));
    } else if !arguments.health {
        let status = serde_json::from_str(&document)
            .map_err(|error| format!("the answer of {url} is not a status: {error}"))?;
        say(table(&status));
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(url: &str) -> Result<String, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    agent.get(url).call()?.body_mut().read_to_string()
}

/// The status as two tables and a line.
pub(super) fn table(status: &Status) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _always = write_tables(&mut out, status);
    out
}

fn write_tables(out: &mut String, status: &Status) -> std::fmt::Result {
    let head = ["submitted", "accepted", "refused", "delivered", "failed", "invalid", "in doubt"];
    write_row(out, "account", &head.map(str::to_owned), "unknown", "success")?;
    for account in &status.accounts {
        let AccountStatus { name, submitted, accepted, in_doubt, unknown_receipts, success, .. } = account;
        let refused: u64 = account.refused.values().sum();
        let [delivered, failed, invalid] = ended(&account.ended);
        let counts = [*submitted, *accepted, refused, delivered, failed, invalid, *in_doubt];
        write_row(out, name, &counts.map(|count| count.to_string()), unknown_receipts, success)?;
    }
    writeln!(out)?;
    write_row(out, "carrier", &head.map(str::to_owned), "foreign", "success")?;
    for carrier in &status.carriers {
        let CarrierStatus { name, submitted, accepted, in_doubt, foreign_receipts, success, .. } = carrier;
        let refused: u64 = carrier.refused.values().sum();
        let [delivered, failed, invalid] = ended(&carrier.ended);
        let counts = [*submitted, *accepted, refused, delivered, failed, invalid, *in_doubt];
        write_row(out, name, &counts.map(|count| count.to_string()), foreign_receipts, success)?;
    }
    writeln!(out)?;
    for account in status.accounts.iter().filter(|account| account.receipts_waiting > 0) {
        writeln!(out, "{}: {} receipts wait for the customer", account.name, account.receipts_waiting)?;
    }
    for carrier in &status.carriers {
        let resting = if carrier.resting { ", resting because it throttled" } else { "" };
        writeln!(
            out,
            "{}: {} binds, {} messages queued{resting}",
            carrier.name, carrier.binds, carrier.queued
        )?;
    }
    writeln!(out, "{} messages are not over, {} receipts wait for their message", status.open, status.parked)
}

fn write_row(
    out: &mut String,
    name: &str,
    counts: &[String; 7],
    odd: impl Display,
    success: impl Display,
) -> std::fmt::Result {
    write!(out, "{name:<16}")?;
    for count in counts {
        write!(out, " {count:>10}")?;
    }
    writeln!(out, " {odd:>8} {success:>10}")
}

fn ended(by_class: &BTreeMap<String, u64>) -> [u64; 3] {
    ["delivered", "explicit_failure", "invalid_number"].map(|class| by_class.get(class).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::status::Success;

    #[test]
    fn the_table_shows_what_was_counted_and_nothing_where_nothing_has_ended() {
        let account = AccountStatus {
            name: "acme".to_owned(),
            submitted: 12,
            accepted: 10,
            refused: BTreeMap::from([("throttled".to_owned(), 2)]),
            ended: BTreeMap::from([("delivered".to_owned(), 7), ("explicit_failure".to_owned(), 1)]),
            success: Success { failures: 1, valid: 8, basis_points: Some(8_750) },
            ..AccountStatus::default()
        };
        let carrier = CarrierStatus { name: "north".to_owned(), ..CarrierStatus::default() };
        let status = Status { accounts: vec![account], carriers: vec![carrier], open: 2, parked: 0 };
        let table = table(&status);
        let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        let words: Vec<_> = row("acme").split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["acme", "12", "10", "2", "7", "1", "0", "0", "0", "87.50", "%"]);
        assert!(row("north").ends_with('–'));
    }
}
