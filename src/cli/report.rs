//! `telegraphy report`: how does an account stand in a period?

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::app::promise::PeriodReport;
use crate::base::time::Timestamp;
use crate::cli::available::{Carrier, links_table, write_availability};
use crate::cli::{Failure, date_time, say};

/// How long to wait for the gateway's answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `telegraphy report` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The success rate of an account in a period, and what was promised.
    Sla(Sla),
    /// When there was no link to a carrier, and how its sessions ended: evidence for its outages.
    Carrier(Carrier),
}

#[derive(Args, Debug)]
struct Sla {
    /// The account.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// The period: a month, or the first day of one that begins within it; without it that of today.
    #[arg(long, value_name = "YYYY-MM")]
    period: Option<String>,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,
    /// Print the document itself, as JSON.
    #[arg(long)]
    json: bool,
}

/// Asks the running gateway and shows its answer.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Sla { account, period, url, json } = match &arguments.command {
        Command::Sla(sla) => sla,
        Command::Carrier(carrier) => return run_carrier(carrier),
    };
    let period = period.as_deref().unwrap_or("now");
    let page = format!("{}/sla/{}/{}", url.trim_end_matches('/'), escaped(account), escaped(period));
    let document = ask(&page)?;
    if *json {
        say(format_args!("{document}\n"));
    } else {
        let report = serde_json::from_str(&document)
            .map_err(|error| format!("the answer of {page} is not a report: {error}"))?;
        say(table(&report));
    }
    Ok(ExitCode::SUCCESS)
}

/// The same about a carrier's links.
fn run_carrier(Carrier { carrier, period, url, json }: &Carrier) -> Result<ExitCode, Failure> {
    let period = period.as_deref().unwrap_or("now");
    let page = format!("{}/carrier/{}/{}", url.trim_end_matches('/'), escaped(carrier), escaped(period));
    let document = ask(&page)?;
    if *json {
        say(format_args!("{document}\n"));
    } else {
        let report = serde_json::from_str(&document)
            .map_err(|error| format!("the answer of {page} is not a report: {error}"))?;
        say(links_table(&report));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn ask(page: &str) -> Result<String, Failure> {
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.get(page).call().map_err(|error| {
        format!(
            "no answer from the gateway at {page}: {error}; is it running, and is this its [control] listen?"
        )
    })?;
    let text = answer.body_mut().read_to_string()?;
    if answer.status().is_success() { Ok(text) } else { Err(text.trim_end().to_owned().into()) }
}

/// A name as it stands in the path of a URL.
pub(super) fn escaped(name: &str) -> String {
    let mut escaped = String::new();
    for octet in name.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            escaped.push(char::from(octet));
        } else {
            // Writing into a String cannot fail.
            let _always = write!(escaped, "%{octet:02X}");
        }
    }
    escaped
}

fn table(report: &PeriodReport) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _always = write_report(&mut out, report);
    out
}

fn write_report(out: &mut String, report: &PeriodReport) -> std::fmt::Result {
    let PeriodReport { account, policy, provider, period, first_day, last_day, .. } = report;
    let at = |millis: u64| date_time(Timestamp::from_millis(millis));
    let version =
        report.version.map_or_else(|| ", nothing promised yet".to_owned(), |n| format!(", version {n}"));
    writeln!(out, "account    {account}")?;
    writeln!(out, "policy     {policy} of {provider}{version}")?;
    let (state, since) = match report.closed_at {
        Some(closed_at) => ("closed since", closed_at),
        None if report.is_open => ("open until", report.closes_at),
        None => ("over since", report.closes_at),
    };
    writeln!(out, "period     {period}: {first_day} to {last_day}, {state} {}", at(since))?;
    writeln!(out, "ended      {}, {} of them reported", report.ended, report.reported)?;
    for (class, count) in &report.by_class {
        writeln!(out, "           {class:<18} {count:>12}")?;
    }
    for (why, count) in &report.excluded {
        writeln!(out, "           excluded by {why}: {count}")?;
    }
    for (count, what) in
        [(report.unmapped, "with codes that no table has"), (report.uncategorised, "of no known kind")]
    {
        if count > 0 {
            writeln!(out, "           {count} {what}")?;
        }
    }
    for (variant, success) in &report.success {
        let judged = if report.judged_by.as_ref() == Some(variant) { "  <- judged by this" } else { "" };
        let (failures, valid) = (success.failures, success.valid);
        writeln!(out, "success    {variant:<13} {success:>9}  {failures} failures of {valid}{judged}")?;
    }
    if let Some(availability) = &report.availability {
        write_availability(out, availability)?;
    }
    write_adjustments(out, report)?;
    if let Some(target) = &report.target {
        let missed = match report.target_missed {
            None => "nothing to measure",
            Some(false) => "kept",
            Some(true) => "missed",
        };
        writeln!(out, "target     {target}: {missed}")?;
    }
    match (&report.below, report.compensation_due) {
        (Some(below), _) => writeln!(out, "owed       compensation for less than {below}")?,
        (None, Some(false)) => writeln!(out, "owed       nothing")?,
        _ => {}
    }
    if let Some((opens, closes)) = report.claims {
        writeln!(out, "claims     from {} until {}", at(opens), at(closes))?;
    }
    Ok(())
}

/// What came after the close; nothing when nothing did.
fn write_adjustments(out: &mut String, report: &PeriodReport) -> std::fmt::Result {
    if report.open_at_close > 0 {
        writeln!(out, "at close   {} messages were not over, and count as pending", report.open_at_close)?;
    }
    if report.adjusted.is_empty() {
        return Ok(());
    }
    for (class, (more, less)) in &report.adjusted {
        writeln!(out, "adjusted   {class:<18} +{more} -{less} since the close")?;
    }
    for (variant, success) in &report.adjusted_success {
        let (failures, valid) = (success.failures, success.valid);
        writeln!(out, "           {variant:<13} {success:>9}  {failures} failures of {valid} with these")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_for_the_path() {
        assert_eq!(escaped("acme & co/北"), "acme%20%26%20co%2F%E5%8C%97");
    }
}
