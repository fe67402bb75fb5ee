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
use crate::lab::smsc::settings::{
    Bursts, Deaths, Delay, IdForm, Originated, ReceiptForm, Settings, duration, statuses,
};
use crate::lab::smsc::totals::SmscTotals;
use crate::smpp::status::CommandStatus;

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
    /// Where receipts say what they say: in text, in receipted_message_id and message_state, or in both.
    #[arg(long, value_enum, default_value = "both", value_name = "FORM")]
    receipt_form: ReceiptForm,
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
    /// Write a line for each submission: arrival, id, answer, the first 32 octets of the body, a hash of recipient and
    /// body, whether that was taken before, milliseconds, what the receipt says.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    #[command(flatten)]
    faults: FaultArguments,
    /// Print the totals as one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    odds: OddsArguments,
}

/// What happens by the count or by the clock.
#[derive(Debug, Args)]
#[command(next_help_heading = "By the count or by the clock")]
struct FaultArguments {
    /// Die after every so many submissions: the last of them are taken without an answer, all connections are closed,
    /// and nobody can connect for a while.
    #[arg(long, value_name = "EVERY/UNANSWERED/PAUSE")]
    deaths: Option<Deaths>,
    /// Throttle everything for so long of each period: 2s/10s.
    #[arg(long, value_name = "LASTS/EVERY")]
    bursts: Option<Bursts>,
    /// What bursts answer, in turns [default: 0x58].
    #[arg(long, value_parser = statuses, value_name = "STATUS,…", requires = "bursts")]
    burst_statuses: Option<Statuses>,
    /// Keep the receipts that are due in this time from the start, and send them all at its end: 10s..60s.
    #[arg(long, value_name = "FROM..UNTIL")]
    hold_receipts: Option<Delay>,
    /// Send so many messages a second from phones.
    #[arg(long, value_name = "PER_SECOND", requires = "originated_to")]
    originated_rate: Option<u32>,
    /// How many messages from phones there are.
    #[arg(long, value_name = "COUNT", default_value_t = u64::MAX, hide_default_value = true)]
    originated_count: u64,
    /// Whom messages from phones are for, in turns; may be given more than once.
    #[arg(long, value_name = "NUMBER")]
    originated_to: Vec<String>,
    /// Write a line for each answer to a message from a phone: number, text, recipient, answer.
    #[arg(long, value_name = "FILE")]
    originated_journal: Option<PathBuf>,
}

/// Under a name of its own, or clap takes it for an option that is repeated.
type Statuses = Vec<CommandStatus>;

impl FaultArguments {
    fn apply(self, settings: &mut Settings) {
        settings.deaths = self.deaths;
        let statuses = self.burst_statuses.unwrap_or_default();
        settings.bursts = self.bursts.map(|bursts| Bursts { statuses, ..bursts });
        settings.hold = self.hold_receipts;
        let (count, to) = (self.originated_count, self.originated_to);
        settings.originated = self.originated_rate.map(|rate| Originated { rate, count, to });
        settings.originated_journal = self.originated_journal;
    }
}

/// Parts of a profile, each said otherwise.
#[derive(Debug, Args)]
#[command(next_help_heading = "Parts of the profile")]
struct OddsArguments {
    /// Share of submissions that are refused.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    refused: Option<f64>,
    /// What refusals say [default: a few that pass when tried again, and a few that never will].
    #[arg(long, value_parser = statuses, value_name = "STATUS,…")]
    refusals: Option<Statuses>,
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
    /// How long the response waits for a receipt that comes before it.
    #[arg(long, value_name = "DELAY")]
    early_lead: Option<Delay>,
    /// Share of receipts that come twice.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_duplicated: Option<f64>,
    /// Share of receipts that never come.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_missing: Option<f64>,
    /// How long a receipt takes; the wider, the more they come out of order.
    #[arg(long, value_name = "DELAY")]
    receipt_delay: Option<Delay>,
    /// Share of receipts that take much longer.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_tardy: Option<f64>,
    /// How long these take.
    #[arg(long, value_name = "DELAY")]
    tardy_delay: Option<Delay>,
    /// Share of receipts with one beside them that says another final state.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_contradicted: Option<f64>,
    /// Share of receipts with one beside them that says ENROUTE or ACCEPTD.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_intermediate: Option<f64>,
    /// Share of receipts with one beside them about a message that nobody submitted.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_foreign: Option<f64>,
    /// Share of receipts that are sent as data_sm.
    #[arg(long, value_parser = share, value_name = "SHARE")]
    receipts_data_sm: Option<f64>,
    /// What receipts say, with weights: DELIVRD=90,UNDELIV=10.
    #[arg(long, value_name = "WORD=WEIGHT,…")]
    receipt_states: Option<States>,
}

impl OddsArguments {
    fn apply(self, odds: Odds) -> Odds {
        Odds {
            dead: odds.dead,
            refused: self.refused.unwrap_or(odds.refused),
            refusals: self.refusals.unwrap_or(odds.refusals),
            throttled: self.throttled.unwrap_or(odds.throttled),
            unanswered: self.unanswered.unwrap_or(odds.unanswered),
            late: self.late.unwrap_or(odds.late),
            cut: self.cut.unwrap_or(odds.cut),
            response_delay: self.response_delay.unwrap_or(odds.response_delay),
            early: self.receipts_early.unwrap_or(odds.early),
            early_lead: self.early_lead.unwrap_or(odds.early_lead),
            duplicated: self.receipts_duplicated.unwrap_or(odds.duplicated),
            missing: self.receipts_missing.unwrap_or(odds.missing),
            receipt_delay: self.receipt_delay.unwrap_or(odds.receipt_delay),
            tardy: self.receipts_tardy.unwrap_or(odds.tardy),
            tardy_delay: self.tardy_delay.unwrap_or(odds.tardy_delay),
            contradicted: self.receipts_contradicted.unwrap_or(odds.contradicted),
            intermediate: self.receipts_intermediate.unwrap_or(odds.intermediate),
            foreign: self.receipts_foreign.unwrap_or(odds.foreign),
            data_sm: self.receipts_data_sm.unwrap_or(odds.data_sm),
            states: self.receipt_states.unwrap_or(odds.states),
        }
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let json = arguments.json;
    let mut settings = Settings {
        listen: arguments.listen,
        system_ids: arguments.system_ids,
        password: arguments.password.read()?,
        odds: arguments.odds.apply(Odds::of(arguments.profile)),
        seed: arguments.seed,
        ids: arguments.ids,
        receipt_ids: arguments.receipt_ids.unwrap_or(arguments.ids),
        receipt_form: arguments.receipt_form,
        window: arguments.window,
        receipt_window: arguments.receipt_window,
        rate_max: arguments.rate_max,
        response: arguments.response_timeout,
        journal: arguments.journal,
        ..Settings::new(arguments.profile)
    };
    arguments.faults.apply(&mut settings);
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
    line("deaths", totals.deaths);
    line("cut", totals.cut);
    line("submitted twice", totals.duplicates);
    for (state, count) in &totals.receipts {
        line(&format!("receipts {state}"), *count);
    }
    line("receipts early", totals.receipts_early);
    line("receipts duplicated", totals.receipts_duplicated);
    line("receipts contradictory", totals.receipts_contradictory);
    line("receipts intermediate", totals.receipts_intermediate);
    line("receipts foreign", totals.receipts_foreign);
    line("receipts withheld", totals.receipts_withheld);
    line("receipts acknowledged", totals.receipts_acknowledged);
    line("receipts refused", totals.receipts_refused);
    line("receipts sent again", totals.receipts_resent);
    line("receipts waiting", totals.receipts_waiting);
    line("from phones", totals.originated);
    line("  acknowledged", totals.originated_acknowledged);
    line("  refused", totals.originated_refused);
    lines
}
