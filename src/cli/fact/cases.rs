//! `telegraphy fact claim` and `answer`: what was claimed, what was answered, and how do claims and complaints stand?

use std::fmt::Write;

use clap::{ArgGroup, Args, Subcommand};

use super::{Gateway, Saying};
use crate::app::cases::CaseLine;
use crate::app::operator::{Asked, FactLine};
use crate::base::time::Timestamp;
use crate::cli::date_time;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say that an account has claimed compensation for a period.
    Claim(Claim),
    /// Say what was answered to a claim or a complaint.
    Answer(Answer),
}

#[derive(Args, Debug)]
pub(super) struct Claim {
    /// Which account.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// For which period: 2021-11, or the first day of one that begins within its month.
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// How it came: email, letter or ticket.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("verdict").args(["granted", "refused"]))]
pub(super) struct Answer {
    /// The number of the claim, or of the complaint.
    fact: u32,
    /// The claim is granted.
    #[arg(long)]
    granted: bool,
    /// The claim is refused.
    #[arg(long)]
    refused: bool,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

/// What is asked, and of which gateway.
pub(super) fn asked(command: &Command) -> (Asked, &Gateway) {
    match command {
        Command::Claim(Claim { account, period, channel, saying: Saying { why, by }, gateway }) => {
            let (account, period, channel) = (account.clone(), period.clone(), channel.clone());
            (Asked::Claim { by: by.clone(), why: why.clone(), account, period, channel }, gateway)
        }
        Command::Answer(Answer { fact, granted, refused, saying: Saying { why, by }, gateway }) => {
            let granted = (*granted || *refused).then_some(*granted);
            (Asked::Answer { by: by.clone(), why: why.clone(), fact: *fact, granted }, gateway)
        }
    }
}

/// What is claimed, what is answered, and how what waits for an answer stands.
pub(super) fn write(out: &mut String, line: &FactLine) -> std::fmt::Result {
    let FactLine { about, holds, told_at, claims, answers, granted, case, .. } = line;
    if let Some(claims) = claims {
        write!(out, "claim of {about} for {claims}{}", if *holds { "" } else { ", withdrawn" })?;
    }
    if let Some(answers) = answers {
        let verdict = granted.map_or("", |granted| if granted { ": granted" } else { ": refused" });
        write!(out, "answers {answers}{verdict}{}", if *holds { "" } else { ", withdrawn" })?;
    }
    case.as_ref().map_or(Ok(()), |case| write_case(out, case, *told_at))
}

fn write_case(out: &mut String, case: &CaseLine, since: u64) -> std::fmt::Result {
    let CaseLine { stands, due, answer, answered_at } = case;
    let at = |millis: &Option<u64>| date_time(Timestamp::from_millis(millis.unwrap_or_default()));
    let how = match stands.as_str() {
        "open" => return write!(out, "; open since {}", at(&Some(since))),
        // The list masks the number; whoever has the complaint has it.
        "waiting" => return write!(out, "; to be answered by {} ({TRACE})", at(due)),
        "overdue" => return write!(out, "; OVERDUE, was to be answered by {} ({TRACE})", at(due)),
        "in_time" => "answered in time",
        "late" => "answered late",
        other => other,
    };
    write!(out, "; {how} with {} at {}", answer.unwrap_or_default(), at(answered_at))
}

/// What helps to answer a complaint.
const TRACE: &str = "`telegraphy trace NUMBER` shows what the number was sent";
