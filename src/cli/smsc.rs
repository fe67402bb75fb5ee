//! `telegraphy smsc`: simulate a carrier.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::cli::{Failure, PasswordSource, on_one_thread, say, say_json, told_to_stop};
use crate::engine::clock::Clock;
use crate::lab::smsc::Smsc;
use crate::lab::smsc::profile::{Odds, Profile, States};
use crate::lab::smsc::settings::{Delay, IdForm, Settings, duration};
use crate::lab::smsc::totals::SmscTotals;

/// The arguments of `telegraphy smsc`.
#[derive(Debug, Args)]
#[command(after_help = "Runs until SIGINT or SIGTERM, then unbinds and prints its totals.\n\
    Delays are written 10ms, 2s, or 10ms..2s; shares are 0 to 1.")]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:2776")]
    listen: SocketAddr,
    /// Who may bind; may be given more than once.
    #[arg(long = "system-id", default_value = "lab", value_name = "ID")]
    system_ids: Vec<String>,
    #[command(flatten)]
    password: PasswordSource,
    /// How the carrier is. The shares and delays below change parts of it.
    #[arg(long, value_enum, default_value = "healthy")]
    profile: Profile,
    /// What chance hangs on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How ids are written in submit_sm_resp.
    #[arg(long, value_enum, default_value = "decimal", value_name = "FORM")]
    ids: IdForm,
    /// How ids are written in receipts [default: as --ids].
    #[arg(long, value_enum, value_name = "FORM")]
    receipt_ids: Option<IdForm>,
    /// Send receipts without receipted_message_id and message_state: their text says it all.
    #[arg(long)]
    receipts_without_tlvs: bool,
    /// Submissions of one bind that may wait for their answer; more are not read.
    #[arg(long, default_value_t = 1000, value_name = "COUNT")]
    window: usize,
    /// Receipts on one bind that may wait for their answer.
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    receipt_window: usize,
    /// Throttle what is more than so many submissions a second.
    #[arg(long, value_name = "PER_SECOND")]
    rate_max: Option<u32>,
    /// How long a receipt may go unanswered before it is sent again.
    #[arg(long, value_parser = duration, default_value = "30s", value_name = "DURATION")]
    response_timeout: Duration,
    /// Write a line for each submission: arrival, id, answer, the first 32 octets of the body.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Print the totals as one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    odds: OddsArguments,
}

/// Parts of a profile, each said otherwise.
#[derive(Debug, Args)]
#[command(next_help_heading = "Parts of the profile")]
struct OddsArguments {
    /// Share of submissions that are refused.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    refused: Option<f64>,
    /// Share of bursts of 50 submissions that are throttled.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    throttled: Option<f64>,
    /// Share of submissions that are never answered.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    unanswered: Option<f64>,
    /// Share of submissions that are answered late.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    late: Option<f64>,
    /// Share of submissions at which the connection is cut.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    cut: Option<f64>,
    /// How long a late answer takes.
    #[arg(long, value_name = "DELAY")]
    response_delay: Option<Delay>,
    /// Share of receipts that come before the response.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_early: Option<f64>,
    /// Share of receipts that come twice.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_duplicated: Option<f64>,
    /// Share of receipts that never come.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_missing: Option<f64>,
    /// How long a receipt takes; the wider, the more they come out of order.
    #[arg(long, value_name = "DELAY")]
    receipt_delay: Option<Delay>,
    /// What receipts say, with weights: DELIVRD=90,UNDELIV=10.
    #[arg(long, value_name = "WORD=WEIGHT,…")]
    receipt_states: Option<States>,
}

impl OddsArguments {
    fn apply(self, odds: Odds) -> Odds {
        Odds {
            dead: odds.dead,
            refused: self.refused.unwrap_or(odds.refused),
            throttled: self.throttled.unwrap_or(odds.throttled),
            unanswered: self.unanswered.unwrap_or(odds.unanswered),
            late: self.late.unwrap_or(odds.late),
            cut: self.cut.unwrap_or(odds.cut),
            response_delay: self.response_delay.unwrap_or(odds.response_delay),
            early: self.receipts_early.unwrap_or(odds.early),
            duplicated: self.receipts_duplicated.unwrap_or(odds.duplicated),
            missing: self.receipts_missing.unwrap_or(odds.missing),
            receipt_delay: self.receipt_delay.unwrap_or(odds.receipt_delay),
            states: self.receipt_states.unwrap_or(odds.states),
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let json = arguments.json;
    let settings = Settings {
        listen: arguments.listen,
        system_ids: arguments.system_ids,
        password: arguments.password.read()?,
        odds: arguments.odds.apply(Odds::of(arguments.profile)),
        seed: arguments.seed,
        ids: arguments.ids,
        receipt_ids: arguments.receipt_ids.unwrap_or(arguments.ids),
        receipt_tlvs: !arguments.receipts_without_tlvs,
        window: arguments.window,
        receipt_window: arguments.receipt_window,
        rate_max: arguments.rate_max,
        response: arguments.response_timeout,
        journal: arguments.journal,
    };
    let totals = on_one_thread(async {
        let seed = settings.seed;
        let smsc = Smsc::start(settings, Clock::start()).await?;
        tracing::info!(address = %smsc.address(), seed, "the simulated carrier listens");
        told_to_stop().await?;
        Ok(smsc.stop().await)
    })?;
    if json {
        say_json(&totals)?;
    } else {
        say(table(&totals));
    }
    Ok(ExitCode::SUCCESS)
}

fn table(totals: &SmscTotals) -> String {
    let mut lines = format!("seed {}\n", totals.seed);
    let mut line = |name: &str, count: u64| {
        if count > 0 {
            lines += &format!("{name:<24} {count:>10}\n");
        }
    };
    line("connections", totals.connections);
    line("binds", totals.binds);
    line("binds refused", totals.binds_refused);
    line("submitted", totals.submitted);
    line("accepted", totals.accepted);
    line("  late", totals.accepted_late);
    for (status, count) in &totals.refused {
        line(&format!("refused {status}"), *count);
    }
    line("unanswered", totals.unanswered);
    line("  but delivered", totals.unanswered_taken);
    line("cut", totals.cut);
    line("submitted twice", totals.duplicates);
    for (state, count) in &totals.receipts {
        line(&format!("receipts {state}"), *count);
    }
    line("receipts early", totals.receipts_early);
    line("receipts duplicated", totals.receipts_duplicated);
    line("receipts withheld", totals.receipts_withheld);
    line("receipts acknowledged", totals.receipts_acknowledged);
    line("receipts refused", totals.receipts_refused);
    line("receipts sent again", totals.receipts_resent);
    line("receipts waiting", totals.receipts_waiting);
    lines
}
