//! What is the load generator told?

use std::path::PathBuf;
use std::time::Duration;

use crate::base::privacy::Secret;
use crate::lab::LAB_PASSWORD;

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
    /// Submissions per second over all binds, evenly; `None` for as fast as the windows allow.
    pub rate: Option<u32>,
    /// When to end.
    pub end: End,
    /// Whether to ask for receipts and wait for them.
    pub receipts: bool,
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
    /// Whether a receipt that comes twice is no fault.
    pub allow_duplicates: bool,
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
            receipt_timeout: Duration::from_secs(60),
            linger: Duration::from_millis(500),
            response_timeout: Duration::from_secs(30),
            source: "Telegraphy".to_owned(),
            destination_prefix: "4477009".to_owned(),
            destination_digits: 12,
            body: BodyText::Octets(80),
            seed: 1,
            run: None,
            retry_throttled: None,
            reconnect: false,
            reconnect_timeout: Duration::from_secs(60),
            accepted_file: None,
            allow_duplicates: false,
        }
    }
}
