//! What a session is told once: which side it is, its windows, its timers, its bounds.

use std::time::Duration;

use crate::smpp::field::Limits;
use crate::smpp::frame::PDU_LEN_MAX;
use crate::smpp::status::CommandStatus;
use crate::smpp::values::InterfaceVersion;

/// Octets of requests that wait, undecoded, for room in the inbound window (or for the bind to be answered)
/// before the session stops reading. Room for one PDU of the largest size and the rest of a read behind it; more
/// would only move the queue from the peer's memory into ours. Overflow: [`Session::wants_input`] is false, TCP
/// holds the peer back, and the timers that wait for the peer stand still.
///
/// [`Session::wants_input`]: super::Session::wants_input
pub const PARKED_OCTETS_MAX: usize = 128 * 1024;

const _: () = assert!(PDU_LEN_MAX <= PARKED_OCTETS_MAX, "a largest PDU must be able to wait");

/// Which end of the connection our side is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// The external entity: it binds and submits. Usually the one that connects.
    Esme,
    /// The message centre: it is bound to and delivers. Usually the one that is connected to.
    Smsc,
}

impl Role {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Esme => Self::Smsc,
            Self::Smsc => Self::Esme,
        }
    }
}

/// What a session is told once. [`Settings::new`] has the defaults that people expect; a time that is
/// [`Duration::MAX`] never comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Which end our side is.
    pub role: Role,
    /// Requests of ours that may wait for their response; 0 sends none. Default 100 as ESME, 10 as SMSC.
    pub window_out: usize,
    /// Requests of the peer that the application may hold unanswered, at least 1; the excess is parked, up to
    /// [`PARKED_OCTETS_MAX`]. Default 100 as ESME, 10 as SMSC.
    pub window_in: usize,
    /// How long a connection may stay without a completed bind (§7.2 session_init_timer). Default 10 s.
    pub session_init: Duration,
    /// How long the peer may be silent before it is asked whether it is there (§7.2 enquire_link_timer).
    /// Default 30 s.
    pub enquire_link: Duration,
    /// How many `enquire_link` in a row may run out of their response time, with nothing else heard either,
    /// before the link is dead; 0 counts as 1. Default 1.
    pub enquire_link_misses: u32,
    /// How long the peer may do nothing of its own before it is unbound (§7.2 inactivity_timer); `None` never.
    /// Default 300 s as SMSC; `None` as ESME, because a carrier without traffic for us is no fault of its.
    pub inactivity: Option<Duration>,
    /// How long a request of ours, a bind or an unbind waits for its response (§7.2 response_timer). Default
    /// 30 s.
    pub response: Duration,
    /// The largest PDU accepted once bound, in octets; before that [`UNBOUND_PDU_LEN_MAX`] holds too. Default
    /// [`PDU_LEN_MAX`].
    ///
    /// [`UNBOUND_PDU_LEN_MAX`]: crate::smpp::frame::UNBOUND_PDU_LEN_MAX
    pub pdu_len_max: usize,
    /// How strictly what we send is held to the specification's lengths. Default strict.
    pub limits: Limits,
    /// Octets that may wait to be written before nothing more is read and no further request of ours is taken:
    /// the bound against a peer that asks without reading the answers. One read's worth of answers may come on
    /// top. Default 128 KiB: a window of 100 usual requests fits ten times.
    pub transmit_max: usize,
    /// The version of a peer that does not say its own in `bind_*_resp` (quirk 18). Default 3.3, so it is not
    /// sent optional parameters; operators whose carrier takes them all the same say 3.4.
    pub interface_version_unsaid: InterfaceVersion,
    /// What a request is refused with that crosses our unbind (quirk 86). Default `ESME_RINVBNDSTS`; who is to keep its
    /// message for the next bind is told a temporary error, lest it takes this for the message's end.
    pub refusal_when_unbinding: CommandStatus,
    /// The first sequence number that we use, 1…0x7FFFFFFF. Default 1.
    pub sequence_first: u32,
}

impl Settings {
    /// The defaults for `role`.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        let (window, inactivity) = match role {
            Role::Esme => (100, None),
            Role::Smsc => (10, Some(Duration::from_secs(300))),
        };
        Self {
            role,
            window_out: window,
            window_in: window,
            session_init: Duration::from_secs(10),
            enquire_link: Duration::from_secs(30),
            enquire_link_misses: 1,
            inactivity,
            response: Duration::from_secs(30),
            pdu_len_max: PDU_LEN_MAX,
            limits: Limits::Strict,
            transmit_max: 128 * 1024,
            interface_version_unsaid: InterfaceVersion::V3_3,
            refusal_when_unbinding: CommandStatus::ESME_RINVBNDSTS,
            sequence_first: 1,
        }
    }
}
