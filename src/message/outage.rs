//! What was not there, and since when: outages of our service and of carriers' links, and how a bind came to its end.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;

/// What a customer could not do (R75).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Function {
    /// Bind. Of a carrier's link: we could not bind, or were not bound.
    Bind,
    /// Submit: no answer to submit_sm, or one that says system error.
    Submit,
    /// Get receipts and incoming messages.
    Receipts,
}

impl Function {
    /// Every function, with its word in reports.
    pub const WORDS: [(&'static str, Self); 3] =
        [("bind", Self::Bind), ("submit", Self::Submit), ("receipts", Self::Receipts)];

    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Submit => "submit",
            Self::Receipts => "receipts",
        }
    }
}

/// By what an outage was noticed. Two that overlap are two records and one outage (R77).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// The gateway did not run. Seen at the next start, from the last time that the log knows.
    Stopped,
    /// The prober could not connect, or was not let in.
    NoBind,
    /// The prober's requests were not answered, or with a system error.
    NoAnswer,
    /// The customers' listener had ended.
    NoListener,
    /// The disk was full: submissions were answered with an error.
    NoRoom,
    /// The engine had not made durable in time what it was given.
    Stalled,
    /// A connected customer with a free window was given nothing of what it is owed.
    NotForwarded,
    /// No bind to the carrier on which messages can be sent.
    NoLink,
}

impl Cause {
    /// Every cause, by its number in the log; only added to.
    pub const ALL: [Self; 8] = [
        Self::Stopped,
        Self::NoBind,
        Self::NoAnswer,
        Self::NoListener,
        Self::NoRoom,
        Self::Stalled,
        Self::NotForwarded,
        Self::NoLink,
    ];

    /// The cause in words, for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stopped => "not running",
            Self::NoBind => "no bind",
            Self::NoAnswer => "no answer",
            Self::NoListener => "no listener",
            Self::NoRoom => "disk full",
            Self::Stalled => "engine stalled",
            Self::NotForwarded => "not forwarded",
            Self::NoLink => "no link",
        }
    }

    /// Who saw it.
    #[must_use]
    pub const fn seen_by(self) -> &'static str {
        match self {
            Self::Stopped => "after restart",
            Self::NoBind | Self::NoAnswer => "prober",
            Self::NoListener | Self::NoRoom | Self::Stalled | Self::NotForwarded | Self::NoLink => "inside",
        }
    }
}

/// Whose outage it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Whose {
    /// Every account's.
    Everyone,
    /// One account's.
    Account(AccountId),
    /// The link's to a carrier: no outage of our service by itself (R25).
    Carrier(CarrierId),
}

/// An outage without its time: what begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lapse {
    /// Whose.
    pub whose: Whose,
    /// Of what.
    pub function: Function,
    /// Noticed by what.
    pub cause: Cause,
}

impl Lapse {
    /// Of all accounts.
    #[must_use]
    pub const fn of_everyone(function: Function, cause: Cause) -> Self {
        Self { whose: Whose::Everyone, function, cause }
    }

    /// Of the link to a carrier.
    #[must_use]
    pub const fn of_carrier(carrier: CarrierId) -> Self {
        Self { whose: Whose::Carrier(carrier), function: Function::Bind, cause: Cause::NoLink }
    }

    /// What a gateway that does not run is out of: everything.
    #[must_use]
    pub fn stopped() -> [Self; 3] {
        Function::WORDS.map(|(_, function)| Self::of_everyone(function, Cause::Stopped))
    }
}

/// How a session with a carrier ended (R23).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum How {
    /// We unbound.
    WeUnbound,
    /// The carrier unbound.
    TheyUnbound,
    /// The carrier closed the connection without an unbind.
    TheyClosed,
    /// The connection failed: reset, or unreachable.
    Failed,
    /// The carrier answered nothing any more, not even enquire_link; we closed.
    Silent,
    /// The carrier did not answer our bind; we closed.
    BindUnanswered,
    /// The carrier refused our bind; we closed.
    BindRefused,
    /// What the carrier sent could not be followed; we closed.
    Garbled,
    /// We closed for another reason of ours.
    WeClosed,
}

impl How {
    /// Every way, by its number in the log; only added to.
    pub const ALL: [Self; 9] = [
        Self::WeUnbound,
        Self::TheyUnbound,
        Self::TheyClosed,
        Self::Failed,
        Self::Silent,
        Self::BindUnanswered,
        Self::BindRefused,
        Self::Garbled,
        Self::WeClosed,
    ];

    /// Which side closed, in reports.
    #[must_use]
    pub const fn side(self) -> &'static str {
        match self {
            Self::TheyUnbound | Self::TheyClosed => "carrier",
            Self::Failed => "network",
            Self::WeUnbound
            | Self::Silent
            | Self::BindUnanswered
            | Self::BindRefused
            | Self::Garbled
            | Self::WeClosed => "us",
        }
    }

    /// By what, in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WeUnbound | Self::TheyUnbound => "unbind",
            Self::TheyClosed => "closed without unbind",
            Self::Failed => "connection failed",
            Self::Silent => "enquire_link not answered",
            Self::BindUnanswered => "bind not answered",
            Self::BindRefused => "bind refused",
            Self::Garbled => "not SMPP",
            Self::WeClosed => "closed",
        }
    }
}

/// The end of one session with a carrier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: How,
    /// Requests of ours on it that were not answered in time.
    pub unanswered: u32,
    /// The address at the other end; IPv4 ones are written as mapped into IPv6.
    pub peer: (u128, u16),
}

impl Closing {
    /// The address at the other end, as it is kept.
    #[must_use]
    pub const fn peer_of(address: SocketAddr) -> (u128, u16) {
        let ip = match address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        (ip.to_bits(), address.port())
    }

    /// The address at the other end.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        SocketAddr::new(Ipv6Addr::from_bits(self.peer.0).to_canonical(), self.peer.1)
    }
}
