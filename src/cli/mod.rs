//! What does the command line ask for? Each command reads its own arguments, runs, and says how it went.
//!
//! | file | command |
//! |---|---|
//! | [`check`] | says what is wrong with settings |
//! | [`codes`] | explains carriers' codes |
//! | [`demo`] | a gateway, carriers and a customer in one process |
//! | [`decode`] | explains PDUs |
//! | [`fact`] | says facts to the running gateway, and lists them |
//! | [`foreign`] | lists and replays receipts that were about no message of ours |
//! | [`load`] | generates load |
//! | [`log`] | looks into a log's files |
//! | [`reconcile`] | holds against each other what customer, gateway and carrier say |
//! | [`report`] | says how an account stands in a period |
//! | [`serve`] | runs the gateway |
//! | [`smsc`] | simulates a carrier |
//! | [`statement`] | says what an account used in a month, or a carrier took |
//! | [`status`] | shows the running gateway's counts |
//! | [`tariff`] | says what messages and months cost |
//! | [`trace`] | tells what happened to a message |
//! | [`wallet`] | shows what an account has |
//!
//! `place` says where a command looks; `bill` is part of [`reconcile`].
//!
//! Results go to standard output, everything else to standard error. The exit status is 0 when all went as it should,
//! 1 when it did not, and 2 when the arguments make no sense.

mod available;
mod bill;
pub mod check;
pub mod codes;
pub mod decode;
pub mod demo;
pub mod fact;
pub mod foreign;
pub mod load;
pub mod log;
mod place;
pub mod reconcile;
pub mod report;
pub mod serve;
pub mod smsc;
pub mod statement;
pub mod status;
pub mod tariff;
pub mod trace;
pub mod wallet;

use std::fmt::Display;
use std::future::Future;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing::level_filters::LevelFilter;

use crate::base::privacy::Secret;
use crate::base::time::Timestamp;
use crate::detail::Day;
use crate::lab::LAB_PASSWORD;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "telegraphy", version, about = "An SMPP 3.4 gateway, and what it is tried with")]
pub struct Cli {
    /// How much to say on standard error.
    #[arg(long, global = true, value_enum, default_value_t = LogLevel::Info, value_name = "LEVEL")]
    log_level: LogLevel,
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Say every fault of the settings, and exit 1 if there is one.
    Check(check::Arguments),
    /// Explain carriers' codes.
    Codes(codes::Arguments),
    /// Run a gateway, two simulated carriers and a customer on a throw-away log.
    Demo(demo::Arguments),
    /// Explain SMPP PDUs field by field.
    Decode(decode::Arguments),
    /// Say a fact that excludes messages from the success rate or moves money, take one back, or list them.
    Fact(fact::Arguments),
    /// List the receipts that were about no message of ours, or feed them again to the gateway.
    Foreign(foreign::Arguments),
    /// Submit messages, wait for their receipts, and report.
    Load(load::Arguments),
    /// Look into a log, closed or open in a running gateway: verify, dump, stat.
    Log(log::Arguments),
    /// Hold against each other what customer, gateway and carrier say of the same messages, or a carrier's bill and
    /// what we counted.
    Reconcile(reconcile::Arguments),
    /// Say how an account stands in a period, and what it was promised.
    Report(report::Arguments),
    /// Run the gateway.
    Serve(serve::Arguments),
    /// Simulate a carrier's SMSC.
    Smsc(smsc::Arguments),
    /// Say what an account used in a month and what it paid, or what a carrier took and what that costs.
    Statement(statement::Arguments),
    /// Show accounts, carriers and success rates as the running gateway counts them.
    Status(status::Arguments),
    /// Say what messages and months cost, from the settings alone.
    Tariff(tariff::Arguments),
    /// Tell what has happened to a message, or to the messages of a number.
    Trace(trace::Arguments),
    /// Show what an account has: its balance, its funds, what it owes.
    Wallet(wallet::Arguments),
}

/// How much to say.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    const fn filter(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// Runs the command that this process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_max_level(cli.log_level.filter())
        .with_writer(io::stderr)
        .with_target(false)
        .init();
    let done = match cli.command {
        Command::Check(arguments) => Ok(check::run(&arguments)),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Decode(arguments) => decode::run(&arguments),
        Command::Fact(arguments) => fact::run(&arguments),
        Command::Foreign(arguments) => foreign::run(&arguments),
        Command::Load(arguments) => load::run(arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Reconcile(arguments) => reconcile::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Smsc(arguments) => smsc::run(arguments),
        Command::Statement(arguments) => statement::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Tariff(arguments) => tariff::run(&arguments),
        Command::Trace(arguments) => trace::run(&arguments),
        Command::Wallet(arguments) => wallet::run(&arguments),
    };
    done.unwrap_or_else(|error| {
        tracing::error!("{error}");
        ExitCode::FAILURE
    })
}

/// Why a command could not do what it was asked for: a sentence for a person.
type Failure = Box<dyn std::error::Error>;

/// Where a password comes from: never from the command line itself, where everybody could read it.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct PasswordSource {
    /// Take the password from this environment variable. Without this and --password-file it is `secret1`, which is
    /// no secret: it guards a lab.
    #[arg(long, value_name = "VAR")]
    password_env: Option<String>,
    /// Take the password from the first line of this file.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    fn read(&self) -> Result<Secret, Failure> {
        match (&self.password_env, &self.password_file) {
            (Some(name), _) => from_environment(name),
            (None, Some(file)) => from_file(file),
            (None, None) => Ok(Secret::new(LAB_PASSWORD)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the command line names the variable")]
fn from_environment(name: &str) -> Result<Secret, Failure> {
    match std::env::var(name) {
        Ok(password) => Ok(Secret::new(password)),
        // Without the value, which the error would show.
        Err(_) => Err(format!("the environment variable {name} is not set, or is no text").into()),
    }
}

fn from_file(file: &Path) -> Result<Secret, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("the password cannot be read from {}: {error}", file.display()))?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

/// Runs a command on one thread: the lab leaves the other cores to what is tried with it.
fn on_one_thread<T>(task: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(task)
}

/// Runs a command on all cores: the gateway's edges use them all.
fn on_all_cores<T>(task: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(task)
}

/// Returns at the first SIGINT or SIGTERM from now on.
async fn told_to_stop() -> Result<(), Failure> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Whether nobody reads the output any more (`| head`): no fault of the command's.
fn is_gone(failure: &(dyn std::error::Error + 'static)) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A time as people read it, in UTC: `2026-11-21 10:55:19.123Z`.
fn date_time(at: Timestamp) -> String {
    let day = Day::of(at).written();
    let ms = at.as_millis() % 86_400_000;
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{} {h:02}:{m:02}:{s:02}.{:03}Z", day.escape_ascii(), ms % 1000)
}

/// Writes a result to standard output. A reader that has gone away (`| head`) is no fault of the command's.
fn say(text: impl Display) {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).ok();
}

/// Says a result as one line of JSON.
fn say_json(result: &impl serde::Serialize) -> Result<(), Failure> {
    say(format_args!("{}\n", serde_json::to_string(result)?));
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_of_all_commands_make_sense() {
        Cli::command().debug_assert();
    }
}
