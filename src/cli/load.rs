//! `telegraphy load`: generate load and account for every message.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::cli::smsc::share;
use crate::cli::{Failure, PasswordSource, on_one_thread, say, say_json, told_to_stop};
use crate::engine::clock::Clock;
use crate::lab::load::settings::{
    Answers, BodyText, COUNT_DEFAULT, COUNT_MAX, End, LoadSettings, Long, PartForm,
};
use crate::lab::load::{self, Progress};
use crate::lab::smsc::settings::{Delay, duration, statuses};
use crate::smpp::status::CommandStatus;

/// The arguments of `telegraphy load`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 if everything was sent and every accepted message that asked for a receipt \
    got exactly one, 1 if not.\nDurations are written 250ms, 10s, 5m or 1h."
)]
pub struct Arguments {
    /// Where to connect to.
    #[arg(long, default_value = "127.0.0.1:2775", value_name = "HOST:PORT")]
    target: String,
    /// Who binds.
    #[arg(long, default_value = "lab", value_name = "ID")]
    system_id: String,
    #[command(flatten)]
    password: PasswordSource,
    /// system_type of the binds.
    #[arg(long, default_value = "", value_name = "TYPE", hide_default_value = true)]
    system_type: String,
    /// Binds that submit.
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = positive)]
    binds: usize,
    /// Make each bind a transmitter with a receiver beside it, instead of a transceiver.
    #[arg(long)]
    pairs: bool,
    /// Submissions of one bind that may wait for their answer.
    #[arg(long, default_value_t = 10, value_name = "COUNT", value_parser = positive)]
    window: usize,
    /// Messages a second over all binds, paced evenly [default: as fast as the windows allow].
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// End after so many messages [default: 10000].
    #[arg(long, value_name = "COUNT", conflicts_with = "duration")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=COUNT_MAX))]
    count: Option<u64>,
    /// End after so long.
    #[arg(long, value_parser = duration)]
    duration: Option<Duration>,
    #[command(flatten)]
    receipts: ReceiptArguments,
    #[command(flatten)]
    message: MessageArguments,
    /// How long a submission may go unanswered.
    #[arg(long, value_parser = duration, default_value = "30s", value_name = "DURATION")]
    response_timeout: Duration,
    /// Submit again what was throttled (or met a full queue), after this pause.
    #[arg(long, value_parser = duration, value_name = "PAUSE", num_args = 0..=1, default_missing_value = "100ms")]
    retry_throttled: Option<Duration>,
    /// Make lost connections again, and go on.
    #[arg(long)]
    reconnect: bool,
    /// Give up a lost connection after trying for so long.
    #[arg(long, value_parser = duration, default_value = "60s", value_name = "DURATION")]
    reconnect_timeout: Duration,
    /// Write the id of each accepted message into this file, one a line.
    #[arg(long, value_name = "FILE")]
    accepted_file: Option<PathBuf>,
    /// Write a line for everything that becomes known of a message into this file: event, message, id, what.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    conduct: ConductArguments,
    /// Print the report as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// What is wanted of receipts.
#[derive(Debug, Args)]
struct ReceiptArguments {
    /// Ask for a receipt of every message, and wait for it.
    #[arg(long)]
    receipts: bool,
    /// registered_delivery when receipts are asked for [default: 1, the final outcome].
    #[arg(long, value_name = "OCTET", requires = "receipts")]
    registered_delivery: Option<u8>,
    /// Give up the outstanding receipts when none has come for so long.
    #[arg(long, value_parser = duration, default_value = "60s", value_name = "DURATION")]
    receipt_timeout: Duration,
    /// Stay bound for so long behind the last receipt, so that one that comes twice is seen.
    #[arg(long, value_parser = duration, default_value = "500ms", value_name = "DURATION")]
    linger: Duration,
    /// Do not mind receipts that come twice.
    #[arg(long)]
    allow_duplicates: bool,
}

/// How the customer behaves.
#[derive(Debug, Args)]
#[command(next_help_heading = "A bad customer")]
struct ConductArguments {
    /// Drop all connections, and be away for this time from the start: 10s..30s; may be given more than once.
    #[arg(long, value_name = "FROM..UNTIL")]
    away: Vec<Delay>,
    /// Share of what comes that is answered with --answer-status.
    #[arg(long, value_parser = share, default_value_t = 0.0, value_name = "SHARE")]
    turn_away: f64,
    /// What these are answered with.
    #[arg(long, value_parser = statuses, default_value = "0x64", value_name = "STATUS")]
    answer_status: Statuses,
    /// Share of what comes that is answered late.
    #[arg(long, value_parser = share, default_value_t = 0.0, value_name = "SHARE")]
    answer_late: f64,
    /// How long a late answer takes.
    #[arg(long, default_value = "1s..5s", value_name = "DELAY")]
    answer_delay: Delay,
    /// Pause between two reads.
    #[arg(long, value_parser = duration, default_value = "0ms", value_name = "DURATION")]
    read_pause: Duration,
}

/// Under a name of its own, or clap takes it for an option that is repeated.
type Statuses = Vec<CommandStatus>;

/// What is sent.
#[derive(Debug, Args)]
struct MessageArguments {
    /// Who sends.
    #[arg(long, default_value = "Telegraphy", value_name = "ADDRESS")]
    source: String,
    /// What the recipients' numbers begin with.
    #[arg(long, default_value = "4477009", value_name = "DIGITS")]
    destination_prefix: String,
    /// Digits of the recipients' numbers, prefix included.
    #[arg(long, default_value_t = 12, value_name = "COUNT")]
    destination_digits: usize,
    /// Octets of the body; its first 22 are a token that no other message has.
    #[arg(long, default_value_t = 80, value_name = "COUNT", conflicts_with = "text")]
    body_octets: usize,
    /// What the body says behind its token.
    #[arg(long)]
    text: Option<String>,
    /// Send each message in so many parts of --body-octets.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..), value_name = "COUNT")]
    parts: Option<u8>,
    /// How parts are said to belong together.
    #[arg(long, value_enum, default_value = "udh8", value_name = "FORM")]
    parts_form: PartForm,
    /// Share of messages whose parts come in any order.
    #[arg(long, value_parser = share, default_value_t = 0.0, value_name = "SHARE")]
    parts_disordered: f64,
    /// Share of messages of which a part comes twice.
    #[arg(long, value_parser = share, default_value_t = 0.0, value_name = "SHARE")]
    parts_duplicated: f64,
    /// Share of messages of which a part never comes.
    #[arg(long, value_parser = share, default_value_t = 0.0, value_name = "SHARE")]
    parts_missing: f64,
    /// How long messages are valid.
    #[arg(long, value_parser = duration, value_name = "DURATION")]
    validity: Option<Duration>,
    /// How long after their submission messages are to be delivered.
    #[arg(long, value_parser = duration, value_name = "DURATION")]
    schedule: Option<Duration>,
    /// Write these two as points of time.
    #[arg(long)]
    absolute_times: bool,
    /// What the recipients' numbers hang on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What tells this run's tokens from another's, up to 8 letters or digits [default: from the clock].
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "a number from 1".to_owned())
}

impl Arguments {
    fn settings(self) -> Result<LoadSettings, Failure> {
        let Self { receipts, message, conduct, .. } = self;
        Ok(LoadSettings {
            target: self.target,
            system_id: self.system_id,
            password: self.password.read()?,
            system_type: self.system_type,
            binds: self.binds,
            pairs: self.pairs,
            window: self.window,
            rate: self.rate,
            end: match self.duration {
                Some(duration) => End::Duration(duration),
                None => End::Count(self.count.unwrap_or(COUNT_DEFAULT)),
            },
            receipts: receipts.receipts,
            registered_delivery: receipts.registered_delivery,
            away: conduct.away,
            answers: Answers {
                refused: conduct.turn_away,
                status: conduct.answer_status.first().copied().unwrap_or(CommandStatus::ESME_RX_T_APPN),
                late: conduct.answer_late,
                delay: conduct.answer_delay,
            },
            read_pause: conduct.read_pause,
            receipt_timeout: receipts.receipt_timeout,
            linger: receipts.linger,
            response_timeout: self.response_timeout,
            source: message.source,
            destination_prefix: message.destination_prefix,
            destination_digits: message.destination_digits,
            body: message.text.map_or(BodyText::Octets(message.body_octets), BodyText::Text),
            long: message.parts.map(|parts| Long {
                parts,
                form: message.parts_form,
                disordered: message.parts_disordered,
                duplicated: message.parts_duplicated,
                missing: message.parts_missing,
            }),
            validity: message.validity,
            schedule: message.schedule,
            absolute_times: message.absolute_times,
            seed: message.seed,
            run: message.run,
            retry_throttled: self.retry_throttled,
            reconnect: self.reconnect,
            reconnect_timeout: self.reconnect_timeout,
            accepted_file: self.accepted_file,
            ledger_file: self.ledger,
            allow_duplicates: receipts.allow_duplicates,
        })
    }
}

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let json = arguments.json;
    let settings = arguments.settings()?;
    let duration = match settings.end {
        End::Duration(duration) => Some(duration),
        End::Count(_) => None,
    };
    let report = on_one_thread(async {
        let stop = CancellationToken::new();
        let mut meter = Meter::new(duration);
        let bar = meter.bar.clone();
        let watch = |progress| meter.show(progress);
        let running = load::run(settings, Clock::start(), stop.clone(), watch);
        tokio::pin!(running);
        let report = tokio::select! {
            report = &mut running => report,
            told = told_to_stop() => {
                told?;
                stop.cancel();
                tokio::select! {
                    report = &mut running => report,
                    again = told_to_stop() => {
                        again?;
                        return Err("told to stop twice: the receipts that are under way are not awaited".into());
                    }
                }
            }
        };
        bar.finish_and_clear();
        Ok(report?)
    })?;
    if json {
        say_json(&report)?;
    } else {
        say(&report);
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The bar on a terminal; nothing elsewhere.
struct Meter {
    bar: ProgressBar,
    duration: Option<Duration>,
    /// What was shown last.
    last: Option<Progress>,
}

/// How often the bar moves: rates over less would flicker.
const SHOW: Duration = Duration::from_millis(250);

impl Meter {
    fn new(duration: Option<Duration>) -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} [{bar:30}] {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, duration, last: None }
    }

    fn show(&mut self, now: Progress) {
        let since = self.last.map_or(now.elapsed, |last| now.elapsed.saturating_sub(last.elapsed));
        if since < SHOW {
            return;
        }
        match (now.count, self.duration) {
            (Some(count), _) => {
                self.bar.set_length(count);
                self.bar.set_position(now.sent);
            }
            (None, duration) => {
                let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                self.bar.set_length(duration.map_or(0, millis));
                self.bar.set_position(millis(now.elapsed));
            }
        }
        let before = |count: fn(&Progress) -> u64| self.last.as_ref().map_or(0, count);
        let rate = |count: u64, before: u64| count.saturating_sub(before) as f64 / since.as_secs_f64();
        let accepted = rate(now.accepted, before(|last| last.accepted));
        let receipts = rate(now.receipts, before(|last| last.receipts));
        self.bar.set_message(format!(
            "{} sent, {accepted:.0} accepted/s, {receipts:.0} receipts/s, {} outstanding",
            now.sent, now.outstanding
        ));
        self.last = Some(now);
    }
}
