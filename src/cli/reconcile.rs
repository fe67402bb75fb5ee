//! `telegraphy reconcile`: hold against each other what customer, gateway and carrier say.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::cli::{Failure, bill, say, say_json};
use crate::lab::reconcile::{Allowance, Books, reconcile};

/// The arguments of `telegraphy reconcile`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 if everything adds up, 1 if not.",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// What `telegraphy load --ledger` wrote; more than once for loads whose numbers differ.
    #[arg(long, value_name = "FILE", required = true)]
    ledger: Vec<PathBuf>,
    /// What `telegraphy smsc --journal` wrote; once for each carrier.
    #[arg(long, value_name = "FILE", required = true)]
    journal: Vec<PathBuf>,
    /// What `telegraphy smsc --originated-journal` wrote.
    #[arg(long, value_name = "FILE")]
    originated: Vec<PathBuf>,
    /// What `telegraphy smsc --json` printed.
    #[arg(long, value_name = "FILE")]
    smsc: Vec<PathBuf>,
    /// What `telegraphy status --json` printed.
    #[arg(long, value_name = "FILE")]
    status: Option<PathBuf>,
    /// The gateway's detail records.
    #[arg(long, value_name = "FILE")]
    details: Vec<PathBuf>,
    /// How many messages may still be open.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    open: u64,
    /// How many messages were in doubt at kills, all kills together.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    in_doubt: u64,
    /// A receipt may come again: something broke between it and its acknowledgement.
    #[arg(long)]
    receipts_again: bool,
    /// Writes failed: what was refused with a system error may have been accepted.
    #[arg(long)]
    errors_unsure: bool,
    /// Print the checks as one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Hold a carrier's bill against what we counted.
    Bill(bill::Arguments),
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Some(Command::Bill(arguments)) = &arguments.command {
        return bill::run(arguments);
    }
    let mut books = Books::default();
    for path in &arguments.ledger {
        books.read_ledger(open(path)?).map_err(of(path))?;
    }
    for path in &arguments.journal {
        books.read_journal(open(path)?).map_err(of(path))?;
    }
    for path in &arguments.originated {
        books.read_originated(open(path)?).map_err(of(path))?;
    }
    for path in &arguments.details {
        books.read_details(open(path)?).map_err(of(path))?;
    }
    for path in &arguments.smsc {
        books.read_totals(&document(path)?);
    }
    if let Some(path) = &arguments.status {
        books.read_status(&document(path)?).map_err(of(path))?;
    }
    let Arguments { open, in_doubt, receipts_again, errors_unsure, .. } = *arguments;
    let verdict = reconcile(&books, &Allowance { open, in_doubt, receipts_again, errors_unsure });
    if arguments.json {
        say_json(&verdict)?;
    } else {
        say(&verdict);
    }
    Ok(if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = File::open(path).map_err(|error| of(path)(error.to_string()))?;
    Ok(BufReader::new(file))
}

fn document(path: &Path) -> Result<Value, Failure> {
    Ok(serde_json::from_reader(open(path)?).map_err(|error| of(path)(error.to_string()))?)
}

fn of(path: &Path) -> impl Fn(String) -> String {
    move |fault| format!("{}: {fault}", path.display())
}
