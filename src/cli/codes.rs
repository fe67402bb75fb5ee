//! `telegraphy codes`: what does a carrier's code mean, and who says so?

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::base::ids::CarrierId;
use crate::base::time::Timestamp;
use crate::cli::{Failure, say};
use crate::config;
use crate::detail::Day;
use crate::engine::clock::Clock;
use crate::message::{Address, CarrierMessageId, Outcome, Receipt, ReceiptState};
use crate::sla::codes::{By, Code, Found, Row};
use crate::sla::{CarrierCodes, Meaning, classify};
use crate::smpp::receipt::Stat;

/// The clock of the day on which a table comes into force.
const UTC_8: Duration = Duration::from_secs(8 * 3600);

/// What `telegraphy codes` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say how a message ends whose receipt has this stat and err, by which rule, and who says so.
    Explain(Explain),
    /// List the families of codes, for `codes = [...]` of a carrier.
    Families,
}

#[derive(Args, Debug)]
struct Explain {
    /// What stands behind `stat:` in the receipt.
    stat: String,
    /// What stands behind `err:`.
    #[arg(default_value = "", allow_hyphen_values = true)]
    err: String,
    /// The carrier that sent it, by its name in the settings.
    #[arg(long, value_name = "NAME", requires = "config")]
    carrier: Option<String>,
    /// The settings that say what the carrier is of. Without them, every family of the program is asked.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Says what a code means, or which families there are.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let now = Clock::start().now().wall;
    match &arguments.command {
        Command::Explain(explain) => say(explained(explain, now)?),
        Command::Families => say(families(now)),
    }
    Ok(ExitCode::SUCCESS)
}

fn families(now: Timestamp) -> String {
    let mut out = String::new();
    for family in config::built_in_codes() {
        let codes = family.at(now).map_or(0, |version| version.len());
        // Writing into a String cannot fail.
        let _always = writeln!(out, "{:<16} {codes:>5} codes", family.name);
    }
    out
}

fn explained(explain: &Explain, now: Timestamp) -> Result<String, Failure> {
    let receipt = receipt(explain)?;
    let codes = match (&explain.config, &explain.carrier) {
        (Some(file), Some(name)) => vec![of_carrier(file, name)?],
        (Some(_), None) => return Err("whose code is it? Name the carrier: --carrier NAME".into()),
        _ => config::built_in_codes()
            .map(|family| {
                Arc::new(CarrierCodes::new(Default::default(), vec![Arc::new(family.clone())], Vec::new()))
            })
            .collect(),
    };
    let mut out = String::new();
    for codes in codes.iter().filter(|codes| explain.carrier.is_some() || codes.find(&receipt, now).is_some())
    {
        write_verdict(&mut out, &receipt, codes, now)?;
    }
    if out.is_empty() {
        write_verdict(&mut out, &receipt, &CarrierCodes::default(), now)?;
    }
    Ok(out)
}

fn of_carrier(file: &std::path::Path, name: &str) -> Result<Arc<CarrierCodes>, Failure> {
    let settings = config::load(file, config::environment).map_err(|faults| faults.to_string())?;
    let carrier = settings.flow.carriers.iter().find(|carrier| carrier.name == name);
    let carrier = carrier.ok_or_else(|| {
        let names: Vec<_> = settings.flow.carriers.iter().map(|carrier| carrier.name.as_str()).collect();
        format!("there is no [[carrier]] \"{name}\" in {}; there are: {}", file.display(), names.join(", "))
    })?;
    Ok(Arc::clone(&carrier.codes))
}

/// A receipt that says no more than this.
fn receipt(Explain { stat, err, .. }: &Explain) -> Result<Receipt, Failure> {
    let code = |text: &str| {
        Code::new(text.as_bytes()).map_err(|error| {
            format!("a code has at most {} octets, and \"{text}\" has {}", error.max, error.len)
        })
    };
    let message_state = match Stat::of_word(stat.as_bytes()) {
        Stat::State(state) => Some(state.0),
        Stat::Other(_) => None,
    };
    Ok(Receipt {
        carrier: CarrierId(0),
        id: CarrierMessageId::new(b""),
        state: ReceiptState { message_state, stat: code(stat)? },
        err: code(err)?,
        network_error_code: None,
        recipient: Address::default(),
        sender: Address::default(),
    })
}

fn write_verdict(
    out: &mut String,
    receipt: &Receipt,
    codes: &CarrierCodes,
    now: Timestamp,
) -> std::fmt::Result {
    match classify(receipt, codes, now) {
        Meaning::Final(Outcome { class, fault, excluded_by, unmapped, .. }) => {
            write!(out, "{}, fault {}", class.name(), fault.name())?;
            if let Some(why) = excluded_by {
                write!(out, ", excluded by {}", why.name())?;
            }
            writeln!(out, "{}", if unmapped { ", unmapped: no table has the code" } else { "" })?;
        }
        Meaning::Intermediate => writeln!(out, "on its way: a final receipt is awaited")?,
        Meaning::Unknown => writeln!(
            out,
            "unknown: nobody knows the word; if no other receipt comes in time, explicit_failure, fault unknown"
        )?,
    }
    match codes.find(receipt, now) {
        None => writeln!(out, "  by      SMPP's meaning of the state"),
        Some(Found { row, by, code }) => {
            let code = code.as_slice().escape_ascii();
            match by {
                By::Carrier => writeln!(out, "  by      the carrier's own [[carrier.code]] for {code}")?,
                By::Family(family, version) => writeln!(
                    out,
                    "  by      {}, version {}, in force since {} (UTC+8), for {code}",
                    family.name,
                    version.number,
                    Day::of(version.effective + UTC_8).written().escape_ascii()
                )?,
            }
            write_row(out, row)
        }
    }
}

fn write_row(out: &mut String, row: &Row) -> std::fmt::Result {
    let Row { meaning, source, confidence, other, retryable, .. } = row;
    for (key, text) in [("means", meaning), ("others", other)] {
        if !text.is_empty() {
            writeln!(out, "  {key:<7} {text}")?;
        }
    }
    let retry = if *retryable { "may succeed later" } else { "will not succeed later" };
    writeln!(out, "  source  {source}, confidence {}; {retry}", confidence.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stat: &str, err: &str) -> String {
        let explain = Explain { stat: stat.to_owned(), err: err.to_owned(), carrier: None, config: None };
        explained(&explain, Timestamp::from_millis(1_795_000_000_000)).unwrap()
    }

    #[test]
    fn a_code_is_explained_by_every_family_that_has_it() {
        let china = said("UNDELIV", "MK:0001");
        assert!(
            china.starts_with("invalid_number, fault recipient\n  by      china-mobile, version 1"),
            "{china}"
        );
        assert!(china.contains("\n  source  TX JM RC, confidence high; will not succeed later\n"), "{china}");
        assert_eq!(said("UNDELIV", "").matches("invalid_number").count(), 3);
    }

    #[test]
    fn what_no_table_has_is_said_to_be_so() {
        let by_state = "  by      SMPP's meaning of the state\n";
        let unmapped = "explicit_failure, fault unknown, unmapped: no table has the code\n";
        assert_eq!(said("UNDELIV", "ZZ:1"), format!("{unmapped}{by_state}"));
        assert_eq!(said("DELIVRD", "000"), format!("delivered, fault none\n{by_state}"));
        assert!(said("HUH", "").starts_with("unknown: "));
        assert!(said("ENROUTE", "").starts_with("on its way"));
    }
}
