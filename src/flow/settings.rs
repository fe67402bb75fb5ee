//! What the flow is told before it starts, already valid.

use std::sync::Arc;
use std::time::Duration;

use crate::admission::{AccountLimits, RateSettings};
use crate::matching::{IdForms, MatchRateSettings, ParkingSettings};
use crate::message::Category;
use crate::policy::OptOut;
use crate::rating::Paying;
use crate::routing::RetrySettings;
use crate::sla::CarrierCodes;
use crate::sla::terms::{Contract, Workdays};

/// All that the flow needs to know from the settings.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FlowSettings {
    /// This log's shard, in every message id.
    pub shard: u16,
    /// The accounts.
    pub accounts: Vec<AccountSettings>,
    /// The carriers.
    pub carriers: Vec<CarrierSettings>,
    /// Prefix of digits → names of carriers above: the first that is ready takes the message.
    pub routes: Vec<(String, Vec<String>)>,
    /// Prefixes of digits by which destinations are counted apart, beside those of the routes.
    pub zones: Vec<String>,
    /// Who gets what carriers send.
    pub inbound: Vec<InboundRoute>,
    /// What accounts are promised: when their periods close.
    pub contracts: Vec<Contract>,
    /// The days on which claims are worked on: they say when a claim is in time.
    pub workdays: Arc<Workdays>,
    /// How long and how many receipts wait for their message.
    pub parking: ParkingSettings,
    /// Octets of waiting messages' bodies that are kept in memory; what waits beyond them is read back from the log
    /// when its turn comes.
    pub bodies_max: usize,
}

/// Bodies of [`FlowSettings::bodies_max`] unless set: a quarter of the memory that a busy gateway may use, and
/// seconds of what any carrier takes.
pub const BODIES_MAX_DEFAULT: usize = 16 * 1024 * 1024;

/// Which account a message from a carrier is for. The longest number decides; among those of one number a keyword
/// before none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboundRoute {
    /// The number, or the prefix of numbers, that handsets send to.
    pub number: String,
    /// The first word of the text, in any letter case; none for any text.
    pub keyword: Option<String>,
    /// The account's name.
    pub account: String,
}

/// An account, as the flow sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountSettings {
    /// Its name, at most 255 octets.
    pub name: String,
    /// What kind of messages it sends.
    pub category: Category,
    /// From which message of a day on (UTC+8) it leaves the success rate what was not announced (R19); none for never.
    pub load_max: Option<u64>,
    /// How it pays; none for an account whose messages are free.
    pub paying: Option<Paying>,
    /// What it is allowed.
    pub limits: AccountLimits,
    /// What becomes of a message in doubt.
    pub doubt: DoubtSettings,
    /// How long its messages may wait and last.
    pub times: TimeSettings,
    /// How its receipts are kept for it.
    pub receipts: ReceiptSettings,
    /// How its long messages are put together.
    pub long: LongSettings,
    /// How recipients stop its messages.
    pub opt_out: Arc<OptOut>,
}

/// What becomes of a message that was handed over and not answered (promise 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DoubtSettings {
    /// Whether a copy may be sent after `resend_after`. Never for one-time codes.
    pub resend_after: Option<Duration>,
    /// Copies per message at the most.
    pub copies_max: u8,
    /// After this time without an answer or a receipt it counts as pending for good.
    pub settle_after: Duration,
}

impl Default for DoubtSettings {
    /// Never a copy; an hour for the receipt.
    fn default() -> Self {
        Self { resend_after: None, copies_max: 1, settle_after: Duration::from_secs(3600) }
    }
}

/// How long messages may wait and last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeSettings {
    /// The validity of a message that gives none.
    pub validity_default: Duration,
    /// The longest validity; a longer wish is cut to it.
    pub validity_max: Duration,
    /// The farthest schedule; a farther one is refused.
    pub schedule_max: Duration,
    /// How long a receipt is waited for once the carrier has the message; then it counts as pending for good.
    pub receipt_wait: Duration,
}

impl Default for TimeSettings {
    /// A day, three days, two weeks, three days.
    fn default() -> Self {
        let day = Duration::from_secs(24 * 3600);
        Self { validity_default: day, validity_max: 3 * day, schedule_max: 14 * day, receipt_wait: 3 * day }
    }
}

/// How receipts, and messages from carriers, are kept for an account until it takes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReceiptSettings {
    /// How long one rests that was answered with "later", and all of them after several such answers in a row; doubles
    /// up to a minute while it goes on.
    pub pause: Duration,
    /// How often one is offered to a connected account that answers "later".
    pub attempts_max: u8,
    /// How long one is kept.
    pub keep: Duration,
    /// How many are kept; one more sends the oldest away. Some 250 octets each.
    pub max: usize,
}

impl Default for ReceiptSettings {
    /// Five seconds, a hundred times, three days, a million.
    fn default() -> Self {
        let (pause, keep) = (Duration::from_secs(5), Duration::from_secs(3 * 24 * 3600));
        Self { pause, attempts_max: 100, keep, max: 1_000_000 }
    }
}

/// How long messages are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LongSettings {
    /// How long the first part waits for the others; then all that came end as failed, and a receipt says so.
    pub wait: Duration,
    /// Long messages that may wait for parts at once; a first part beyond them is refused.
    pub max: usize,
    /// Whether there is one receipt for the whole, with the id of the first part that came, or one for each part.
    pub one_receipt: bool,
}

impl Default for LongSettings {
    /// Five minutes, ten thousand, a receipt for each part.
    fn default() -> Self {
        Self { wait: Duration::from_secs(300), max: 10_000, one_receipt: false }
    }
}

/// A carrier, as the flow sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct CarrierSettings {
    /// Its name, at most 255 octets.
    pub name: String,
    /// How fast it may be sent messages; none for as fast as its windows allow.
    pub rate: Option<RateSettings>,
    /// How it writes its message ids.
    pub ids: IdForms,
    /// Whether another way to read them is looked for, and proposed to the operator.
    pub learn_ids: bool,
    /// When too few of its receipts match.
    pub match_rate: MatchRateSettings,
    /// How long all of it rests after "throttled" or "queue full": between half of this and the whole. Doubles while
    /// it goes on, up to [`THROTTLE_PAUSE_MAX`].
    pub throttle_pause: Duration,
    /// The most messages that may wait for it; one more is refused with "queue full", which clients retry.
    pub queue_max: usize,
    /// What its codes mean.
    pub codes: Arc<CarrierCodes>,
    /// What its refusals mean, and how often a message is tried again.
    pub retry: RetrySettings,
    /// How long it may be without a usable connection before what waits for it goes elsewhere.
    pub failover_after: Duration,
}

/// The longest rest of a throttled carrier: longer would only make customers' messages late.
pub const THROTTLE_PAUSE_MAX: Duration = Duration::from_secs(30);
