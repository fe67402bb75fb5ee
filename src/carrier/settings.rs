//! What a carrier's edge is told, already valid.

use std::time::Duration;

use crate::base::privacy::Secret;
use crate::smpp::Limits;

/// One carrier and the binds to it.
#[derive(Clone, Debug)]
pub struct CarrierSettings {
    /// Its name, as the flow knows it.
    pub name: String,
    /// Host and port; looked up anew for every connection.
    pub address: String,
    /// Who we say we are.
    pub system_id: String,
    /// Our password.
    pub password: Secret,
    /// The kind of system that we say we are; usually empty.
    pub system_type: String,
    /// How we bind.
    pub bind: BindMode,
    /// How many binds, or pairs of binds, are kept.
    pub binds: usize,
    /// Messages that may be unanswered per bind.
    pub window: usize,
    /// How long the carrier may be silent before it is asked whether it is there.
    pub enquire_link: Duration,
    /// How long a message waits for its response before it is in doubt.
    pub response: Duration,
    /// How long to wait before the first attempt to connect again; doubles up to `reconnect_max`, with jitter.
    pub reconnect_min: Duration,
    /// The longest wait between attempts to connect.
    pub reconnect_max: Duration,
    /// How long a drain may take: answers that are under way, then the unbind.
    pub drain: Duration,
    /// Whether the bind is held to the specification's lengths, or operators' longer passwords are allowed (quirk 22).
    pub limits: Limits,
}

/// How we bind to a carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BindMode {
    /// Each bind both ways.
    #[default]
    Transceiver,
    /// Each bind is a pair: one to submit, one to receive.
    TransmitterAndReceiver,
}
