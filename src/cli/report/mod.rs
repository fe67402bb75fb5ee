//! `telegraphy report`: how does an account stand in a period, and when was there no link to a carrier?
//!
//! | file | what is in it |
//! |---|---|
//! | `recompute` | makes the report from the log and the records, without a gateway |
//! | `table` | shows it to a person at a terminal |
//! | `csv` | as rows for a spreadsheet |
//! | `html`, `chart` | as a page to print |
//! | `words` | parts of it in words |
//!
//! The exit status is 1 when there is no report, or when it is made of something else than `--expect` says.

mod chart;
mod csv;
mod html;
mod recompute;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::promise::Asked;
use crate::app::report::Document;
use crate::base::time::Timestamp;
use crate::cli::available::{Carrier, links_table};
use crate::cli::{Failure, say};

/// How long to wait for the gateway's answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer, in octets: every cell that a book can have, at some 600 octets, and as many adjustments at twice
/// as many.
const ANSWER_OCTETS_MAX: u64 = 300 * 1024 * 1024;

/// What `telegraphy report` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The success rate of an account in a period, what was promised, and on what both stand.
    Sla(Box<Sla>),
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
    /// Judge by this policy instead of the contract's: what would be.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// As --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write it into this file instead of standard output; a file that is there is replaced.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with status 1 unless the report is made of what another one was: its digest.
    #[arg(long, value_name = "DIGEST")]
    expect: Option<String>,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,
    /// Make the report from the log and the records, whether a gateway runs or not.
    #[arg(long, requires = "config", conflicts_with = "url")]
    recompute: bool,
    #[command(flatten)]
    archive: recompute::Archive,
}

/// How a report is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    Table,
    /// The document itself.
    Json,
    /// One row for each day, carrier, category and prefix (RFC 4180).
    Csv,
    /// A page to print, with charts.
    Html,
}

/// Makes the report, or asks the running gateway for it, and writes it.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let sla = match &arguments.command {
        Command::Sla(sla) => sla,
        Command::Carrier(carrier) => return run_carrier(carrier),
    };
    let asked = Asked { account: &sla.account, period: sla.period.as_deref(), policy: sla.policy.as_deref() };
    let document =
        if sla.recompute { recompute::recompute(&asked, &sla.archive)? } else { ask_for(sla, &asked)? };
    let text = match if sla.json { Format::Json } else { sla.format } {
        Format::Table => table::table(&document),
        Format::Json => format!("{}\n", serde_json::to_string(&document)?),
        Format::Csv => csv::csv(&document),
        Format::Html => html::page(&document),
    };
    match &sla.output {
        None => say(text),
        Some(file) => {
            std::fs::write(file, text).map_err(|error| format!("writing {}: {error}", file.display()))?;
        }
    }
    match &sla.expect {
        Some(expected) if !expected.eq_ignore_ascii_case(&document.digest) => {
            Err(format!("this report is made of something else: its digest is {}", document.digest).into())
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The running gateway's report.
fn ask_for(sla: &Sla, asked: &Asked<'_>) -> Result<Document, Failure> {
    let period = asked.period.unwrap_or("now");
    let mut page =
        format!("{}/sla/{}/{}", sla.url.trim_end_matches('/'), escaped(asked.account), escaped(period));
    if let Some(policy) = asked.policy {
        page = format!("{page}/{}", escaped(policy));
    }
    let read = serde_json::from_str(&ask(&page)?);
    read.map_err(|error| format!("the answer of {page} is not a report: {error}").into())
}

/// Asks the running gateway about a carrier's links and shows its answer.
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

/// What the running gateway says on a page.
pub(super) fn ask(page: &str) -> Result<String, Failure> {
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.get(page).call().map_err(|error| {
        format!(
            "no answer from the gateway at {page}: {error}; is it running, and is this its [control] listen?"
        )
    })?;
    let text = answer.body_mut().with_config().limit(ANSWER_OCTETS_MAX).read_to_string()?;
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

/// A time as people read it.
fn at(millis: u64) -> String {
    crate::cli::date_time(Timestamp::from_millis(millis))
}

/// Hundredths of a percent as people read them.
fn percent(points: Option<u64>) -> String {
    points.map_or_else(|| "–".to_owned(), |points| format!("{}.{:02} %", points / 100, points % 100))
}
