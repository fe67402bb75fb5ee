//! What the customers' edge is told, already valid.

use std::net::SocketAddr;
use std::time::Duration;

use crate::base::privacy::Secret;
use crate::smpp::receipt::ReceiptTemplate;

/// The listener and everybody who may bind to it.
#[derive(Clone, Debug)]
pub struct CustomerSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Our system id, in the response to a bind; at most 15 octets.
    pub system_id: String,
    /// The most connections at once, bound or not. One more is closed at once: each costs some kilobytes before we
    /// know who it is.
    pub connections_max: usize,
    /// How long a connection may stay without a bind.
    pub session_init: Duration,
    /// How long a customer may be silent before it is asked whether it is there.
    pub enquire_link: Duration,
    /// How long a customer may do nothing of its own before it is unbound.
    pub inactivity: Duration,
    /// How long a receipt waits for its response.
    pub response: Duration,
    /// How long a drain may take: answers that are under way, then the unbind.
    pub drain: Duration,
    /// The accounts.
    pub accounts: Vec<CustomerAccount>,
}

/// An account, as its connections see it.
#[derive(Clone, Debug)]
pub struct CustomerAccount {
    /// Its name, as the flow knows it.
    pub name: String,
    /// Who may bind for it.
    pub systems: Vec<CustomerSystem>,
    /// The most binds at once, of all its systems together; one more is refused with `ESME_RALYBND`.
    pub binds_max: usize,
    /// Requests that may be unanswered per connection, in each direction; more than that is left unread.
    pub window: usize,
    /// How it wants to be told.
    pub receipts: ReceiptStyle,
}

/// How an account wants its receipts; by default as SMPP 3.4 Appendix B and §5.3.2 write them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReceiptStyle {
    /// The text.
    pub template: ReceiptTemplate,
    /// Whether `receipted_message_id`, `message_state` and `network_error_code` stand beside it. Peers below 3.4
    /// never get them.
    pub tlvs: bool,
    /// Whether receipts, and messages from handsets, come as `data_sm`. Peers below 3.4 get `deliver_sm` all the same.
    pub as_data_sm: bool,
}

impl Default for ReceiptStyle {
    fn default() -> Self {
        Self { template: ReceiptTemplate::default(), tlvs: true, as_data_sm: false }
    }
}

/// One system id and its password.
#[derive(Clone, Debug)]
pub struct CustomerSystem {
    /// Who.
    pub system_id: String,
    /// Its password.
    pub password: Secret,
}
