//! What the flow is told before it starts, already valid.

use std::time::Duration;

use crate::admission::{AccountLimits, RateSettings};
use crate::matching::{IdForms, MatchRateSettings, ParkingSettings};

/// All that the flow needs to know from the settings.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FlowSettings {
    /// This log's shard, in every message id.
    pub shard: u16,
    /// The accounts.
    pub accounts: Vec<AccountSettings>,
    /// The carriers.
    pub carriers: Vec<CarrierSettings>,
    /// Prefix of digits → name of a carrier above.
    pub routes: Vec<(String, String)>,
    /// How long and how many receipts wait for their message.
    pub parking: ParkingSettings,
}

/// An account, as the flow sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountSettings {
    /// Its name, at most 255 octets.
    pub name: String,
    /// What it is allowed.
    pub limits: AccountLimits,
    /// How long its receipts rest after it answered one with "later".
    pub receipt_pause: Duration,
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
    /// How long all of it rests after "throttled" or "queue full"; doubles while it goes on, up to
    /// [`THROTTLE_PAUSE_MAX`].
    pub throttle_pause: Duration,
    /// The most messages that may wait for it; one more is refused with "queue full", which clients retry.
    pub queue_max: usize,
}

/// The longest rest of a throttled carrier: longer would only make customers' messages late.
pub const THROTTLE_PAUSE_MAX: Duration = Duration::from_secs(30);
