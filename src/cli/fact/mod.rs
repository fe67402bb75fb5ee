//! `telegraphy fact`: what does an operator say, and what has been said?
//!
//! Facts go through the running gateway's own socket, which only its user may write to; so whoever says one is known to
//! the operating system.

mod cases;
mod consent;
mod money;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::app::operator::{Answered, Asked, FactLine};
use crate::base::time::Timestamp;
use crate::cli::{Failure, date_time, say};
use crate::config;
use crate::detail::read_time;

/// How long to wait for the gateway's answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `telegraphy fact` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say that messages that were submitted in a time leave both counts of the success rate.
    Exclude(Box<Exclude>),
    /// Say what kind of messages an account sends, whatever the settings say.
    Categorise(Categorise),
    /// Say that an account has announced more than it usually submits in a day.
    Announce(Announce),
    /// Take a fact back: it excludes nothing any more, also of what was over.
    Withdraw(Withdraw),
    #[command(flatten)]
    Case(cases::Command),
    #[command(flatten)]
    Consent(consent::Command),
    #[command(flatten)]
    Money(money::Command),
    /// List what has been said.
    List(Gateway),
}

/// Which gateway.
#[derive(Args, Debug)]
struct Gateway {
    /// The gateway's settings, which say where its operators' socket is.
    #[arg(long, value_name = "FILE", required_unless_present = "socket")]
    config: Option<PathBuf>,
    /// The socket itself, instead of the settings.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    socket: Option<PathBuf>,
}

/// Who says it, and why.
#[derive(Args, Debug)]
struct Saying {
    /// Why, and where the evidence is: a ticket, a notice, a report.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Who says it; the user of the operating system is written down beside it.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    by: String,
}

#[derive(Args, Debug)]
struct Exclude {
    /// Which exclusion: credential_leak, pumping, hacked, documentation, operation, complaint, regulator,
    /// illegal_content, feature, announced_event, maintenance, foreign_network, force_majeure or carrier_outage.
    exclusion: String,
    /// The first instant that is in it, in UTC: 2026-11-21T10:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Timestamp,
    /// The first instant that is not.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Timestamp,
    /// When it was published, of what has to be announced before it begins.
    #[arg(long, value_name = "TIME", value_parser = time)]
    published: Option<Timestamp>,
    /// Of this account only.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Over this carrier only.
    #[arg(long, value_name = "NAME")]
    carrier: Option<String>,
    /// To numbers that begin so only.
    #[arg(long, value_name = "DIGITS")]
    prefix: Option<String>,
    /// To this number only.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

#[derive(Args, Debug)]
struct Categorise {
    /// Which account.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// Which kind: one_time_code, notification, marketing or uncategorised.
    #[arg(long = "as", value_name = "KIND")]
    category: String,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

#[derive(Args, Debug)]
struct Announce {
    /// Which account.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// From then on, in UTC; not before now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Timestamp,
    /// Until then, not included.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Timestamp,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

#[derive(Args, Debug)]
struct Withdraw {
    /// The fact's number.
    fact: u32,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    // Seconds are enough for people.
    let whole = text.strip_suffix('Z').filter(|rest| rest.len() == 19).map(|rest| format!("{rest}.000Z"));
    let read = read_time(whole.as_deref().unwrap_or(text).as_bytes());
    read.ok_or("a time in UTC is wanted here, such as 2026-11-21T10:00:00Z")
}

/// Says it, and says what became of it: the exit status is 1 when it is no fact.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let millis = |at: Timestamp| at.as_millis();
    let (asked, gateway) = match &arguments.command {
        Command::List(gateway) => (Asked::List, gateway),
        Command::Case(command) => cases::asked(command),
        Command::Consent(command) => consent::asked(command),
        Command::Money(command) => money::asked(command)?,
        Command::Withdraw(Withdraw { fact, saying: Saying { why, by }, gateway }) => {
            (Asked::Withdraw { by: by.clone(), why: why.clone(), fact: *fact }, gateway)
        }
        Command::Categorise(Categorise { account, category, saying: Saying { why, by }, gateway }) => {
            let (by, why, account) = (by.clone(), why.clone(), account.clone());
            (Asked::Categorise { by, why, account, category: category.clone() }, gateway)
        }
        Command::Announce(Announce { account, from, to, saying: Saying { why, by }, gateway }) => {
            let (by, why, account) = (by.clone(), why.clone(), account.clone());
            (Asked::Announce { by, why, account, from: millis(*from), to: millis(*to) }, gateway)
        }
        Command::Exclude(exclude) => {
            let Exclude { exclusion, account, carrier, prefix, number, saying, .. } = &**exclude;
            let asked = Asked::Exclude {
                by: saying.by.clone(),
                why: saying.why.clone(),
                exclusion: exclusion.clone(),
                from: millis(exclude.from),
                to: millis(exclude.to),
                published_at: exclude.published.map(millis),
                account: account.clone(),
                carrier: carrier.clone(),
                prefix: prefix.clone(),
                number: number.clone(),
            };
            (asked, &exclude.gateway)
        }
    };
    match ask(&socket(gateway)?, &asked)? {
        Answered::Written(fact) => say(format_args!("fact {fact} is written down\n")),
        Answered::Due { fact, amount } => {
            say(format_args!("{amount} is to be paid out: fact {fact} is written down\n"));
        }
        Answered::Refused(reason) => return Err(format!("refused, and nothing has changed: {reason}").into()),
        Answered::Facts(facts) => say(table(&facts)),
    }
    Ok(ExitCode::SUCCESS)
}

fn socket(gateway: &Gateway) -> Result<PathBuf, Failure> {
    match (&gateway.socket, &gateway.config) {
        (Some(socket), _) => Ok(socket.clone()),
        (None, Some(file)) => {
            let settings = config::load(file, config::environment).map_err(|faults| faults.to_string())?;
            Ok(settings.operators)
        }
        (None, None) => Err("name the gateway's settings: --config FILE".into()),
    }
}

fn ask(socket: &std::path::Path, asked: &Asked) -> Result<Answered, Failure> {
    let failed = |error: std::io::Error| {
        let socket = socket.display();
        let remedy = "is the gateway running, are these its settings, and is this its user?";
        format!("no answer at {socket}: {error}; {remedy}")
    };
    let stream = UnixStream::connect(socket).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(asked)?;
    line.push(b'\n');
    (&stream).write_all(&line).map_err(failed)?;
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer).map_err(failed)?;
    Ok(serde_json::from_str(&answer)?)
}

fn table(facts: &[FactLine]) -> String {
    let mut out = String::new();
    for fact in facts {
        // Writing into a String cannot fail.
        let _always = write_fact(&mut out, fact);
    }
    if out.is_empty() { "nothing has been said\n".to_owned() } else { out }
}

fn write_fact(out: &mut String, line: &FactLine) -> std::fmt::Result {
    let FactLine { fact, holds, told_at, by, through, why, withdraws, excludes, from, to, .. } = line;
    let FactLine { category, opts_out, money, about, .. } = line;
    let at = |millis: u64| date_time(Timestamp::from_millis(millis));
    write!(out, "{fact:>5} {} ", at(*told_at))?;
    if let Some(money) = money {
        write!(out, "money of {about}: {money}")?;
    }
    if let Some(category) = category {
        write!(out, "{about} sends {category}{}", if *holds { "" } else { ", withdrawn" })?;
    }
    if let Some(opts_out) = opts_out {
        write!(out, "{about} {}", if *opts_out { "has opted out" } else { "has opted in again" })?;
    }
    match (withdraws, excludes, from, to) {
        (Some(other), ..) => write!(out, "withdraws {other}")?,
        (None, Some(why), Some(from), Some(to)) => {
            write!(out, "{why} of {about} from {} to {}", at(*from), at(*to))?;
            write!(out, "{}", if *holds { "" } else { ", withdrawn" })?;
        }
        (None, None, Some(from), Some(to)) => {
            write!(out, "load announced by {about} from {} to {}", at(*from), at(*to))?;
            write!(out, "{}", if *holds { "" } else { ", withdrawn" })?;
        }
        _ => {}
    }
    cases::write(out, line)?;
    if line.is_counting {
        write!(out, ", what was over is being counted anew")?;
    }
    writeln!(out, "\n      by {by} ({through}): {why}")
}
