//! What is the load generator told?

use std::path::PathBuf;
use std::time::Duration;

use crate::base::privacy::Secret;
use crate::lab::LAB_PASSWORD;
use crate::lab::smsc::settings::Delay;
use crate::smpp::status::CommandStatus;

/// Submissions in all when neither a count nor a duration is given: every load ends by itself.
pub const COUNT_DEFAULT: u64 = 10_000;

/// The most submissions of one load: what the token has digits for.
pub const COUNT_MAX: u64 = 9_999_999_999;

/// What the load generator is told. [`LoadSettings::new`] has the defaults.
#[derive(Clone, Debug)]
pub struct LoadSettings {
    /// Where to connect to, `host:port`.
    pub target: String,
    /// Who binds.
    pub system_id: String,
    /// Its password.
    pub password: Secret,
    /// `system_type` of the bind.
    pub system_type: String,
    /// Binds that submit.
    pub binds: usize,
    /// Whether each bind is a transmitter with a receiver beside it, instead of a transceiver.
    pub pairs: bool,
    /// Submissions of one bind that may wait for their answer.
    pub window: usize,
    /// Messages per second over all binds, evenly; `None` for as fast as the windows allow.
    pub rate: Option<u32>,
    /// When to end.
    pub end: End,
    /// Whether to ask for receipts and wait for them.
    pub receipts: bool,
    /// `registered_delivery` when receipts are asked for; `None` for the final outcome (1).
    pub registered_delivery: Option<u8>,
    /// Times from the start in which the customer is not there: it drops its connections and comes back.
    pub away: Vec<Delay>,
    /// What it answers to what it is sent.
    pub answers: Answers,
    /// How long it looks away between two reads.
    pub read_pause: Duration,
    /// How long to wait for outstanding receipts without one coming.
    pub receipt_timeout: Duration,
    /// How long to stay bound behind the last receipt, so that one that comes twice is seen.
    pub linger: Duration,
    /// How long a submission may go unanswered.
    pub response_timeout: Duration,
    /// Who sends: up to 20 digits or up to 11 letters.
    pub source: String,
    /// What the recipients' numbers begin with.
    pub destination_prefix: String,
    /// Digits of the recipients' numbers, prefix included; the rest is drawn by the seed.
    pub destination_digits: usize,
    /// What the messages say, behind their token.
    pub body: BodyText,
    /// The parts of each message, if it has several.
    pub long: Option<Long>,
    /// How long messages are valid.
    pub validity: Option<Duration>,
    /// How long after their submission messages are to be delivered.
    pub schedule: Option<Duration>,
    /// Whether these two are written as points of time and not as durations.
    pub absolute_times: bool,
    /// What numbers hang on.
    pub seed: u64,
    /// What tells this run's tokens from another's, up to 8 letters or digits; from the clock if `None`.
    pub run: Option<String>,
    /// Whether a throttled submission is made again, and after which pause.
    pub retry_throttled: Option<Duration>,
    /// Whether a lost connection is made again.
    pub reconnect: bool,
    /// For how long a connection is tried to be made again before giving up.
    pub reconnect_timeout: Duration,
    /// Where to write the id of each accepted message, one a line.
    pub accepted_file: Option<PathBuf>,
    /// Where to write a line for everything that became known of a message; the `ledger` module says how.
    pub ledger_file: Option<PathBuf>,
    /// Whether a receipt that comes twice is no fault.
    pub allow_duplicates: bool,
}

/// What a customer answers to `deliver_sm`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Answers {
    /// Share that is answered with `status`: 0…1.
    pub refused: f64,
    /// The status of these.
    pub status: CommandStatus,
    /// Share that is answered after `delay`: 0…1.
    pub late: f64,
    /// How long a late answer takes.
    pub delay: Delay,
}

impl Answers {
    /// Everything is taken at once.
    pub const PROMPT: Self =
        Self { refused: 0.0, status: CommandStatus::ESME_RX_T_APPN, late: 0.0, delay: Delay::NONE };
}

/// Messages of several parts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Long {
    /// How many, 1…255.
    pub parts: u8,
    /// How they are said to belong together.
    pub form: PartForm,
    /// Share of messages whose parts are sent in any order.
    pub disordered: f64,
    /// Share of messages of which one part is sent twice.
    pub duplicated: f64,
    /// Share of messages of which one part is never sent.
    pub missing: f64,
}

/// How parts are said to belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum PartForm {
    /// A user data header with a reference of 8 bits.
    Udh8,
    /// A user data header with a reference of 16 bits.
    Udh16,
    /// The `sar_` parameters.
    Sar,
}

/// When a load ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// After so many submissions.
    Count(u64),
    /// After so long.
    Duration(Duration),
}

/// What messages say behind their token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyText {
    /// Filling, up to so many octets in all.
    Octets(usize),
    /// This text.
    Text(String),
}

impl LoadSettings {
    /// Ten thousand messages on one transceiver with a window of 10, as fast as it goes, receipts awaited.
    #[must_use]
    pub fn new(target: impl Into<String>, system_id: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            system_id: system_id.into(),
            password: Secret::new(LAB_PASSWORD),
            system_type: String::new(),
            binds: 1,
            pairs: false,
            window: 10,
            rate: None,
            end: End::Count(COUNT_DEFAULT),
            receipts: true,
            registered_delivery: None,
            away: Vec::new(),
            answers: Answers::PROMPT,
            read_pause: Duration::ZERO,
            receipt_timeout: Duration::from_secs(60),
            linger: Duration::from_millis(500),
            response_timeout: Duration::from_secs(30),
            source: "Telegraphy".to_owned(),
            destination_prefix: "4477009".to_owned(),
            destination_digits: 12,
            body: BodyText::Octets(80),
            long: None,
            validity: None,
            schedule: None,
            absolute_times: false,
            seed: 1,
            run: None,
            retry_throttled: None,
            reconnect: false,
            reconnect_timeout: Duration::from_secs(60),
            accepted_file: None,
            ledger_file: None,
            allow_duplicates: false,
        }
    }
}
