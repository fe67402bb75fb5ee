//! What a session tells its owner: events, why it closed, why a request was not taken.

use std::fmt;

use crate::smpp::command::{BindKind, CommandId};
use crate::smpp::pdu::{DecodeError, EncodeError, Frame};
use crate::smpp::status::CommandStatus;

/// Something that the owner of a session should know, in the order of [`Session::poll_event`].
///
/// [`Session::poll_event`]: super::Session::poll_event
#[derive(Debug)]
pub enum Event {
    /// A subscriber has become reachable; there is nothing to answer (§4.11).
    AlertNotification {
        /// The `alert_notification`.
        frame: Frame,
    },
    /// Our bind was refused. The session is open again: bind once more or close.
    BindRefused {
        /// Why: the status of the response, or of the `generic_nack` that came in its place.
        status: CommandStatus,
    },
    /// An ESME wants to bind: check who it is, then [`Session::accept_bind`] or [`Session::refuse_bind`].
    ///
    /// [`Session::accept_bind`]: super::Session::accept_bind
    /// [`Session::refuse_bind`]: super::Session::refuse_bind
    BindRequested {
        /// How.
        kind: BindKind,
        /// The bind.
        frame: Frame,
    },
    /// Our bind was accepted.
    Bound {
        /// How.
        kind: BindKind,
        /// The response.
        frame: Frame,
    },
    /// The session is over. The last event; what [`Session::transmit`] still holds should be written for a moment.
    ///
    /// [`Session::transmit`]: super::Session::transmit
    Closed(CloseReason),
    /// The response to a request that had already timed out: what became of it is known after all.
    LateResponse {
        /// The token of the request.
        token: u64,
        /// The response.
        frame: Frame,
    },
    /// The same with a body that cannot be read; its status still counts.
    LateResponseUnreadable {
        /// The token of the request.
        token: u64,
        /// The status of the response.
        status: CommandStatus,
        /// What cannot be read.
        error: DecodeError,
    },
    /// The SMSC asks us to bind as a receiver on this connection (§2.2.1, §4.1.7). Has no response.
    Outbind {
        /// The `outbind`: who it says it is.
        frame: Frame,
    },
    /// A request for the application. It is answered once, by [`Session::respond`].
    ///
    /// [`Session::respond`]: super::Session::respond
    Request {
        /// What to answer with.
        reply: ReplyTo,
        /// The request: a `submit_sm`, `submit_multi`, `deliver_sm`, `data_sm`, `query_sm`, `cancel_sm` or
        /// `replace_sm`.
        frame: Frame,
    },
    /// The response to a request of ours, good or bad; a `generic_nack` is one, too (quirk 78).
    Response {
        /// The token of the request.
        token: u64,
        /// The sequence number of both.
        sequence: u32,
        /// The response.
        frame: Frame,
    },
    /// The session ended before the response came: what became of the request is unknown.
    ResponseLost {
        /// The token of the request.
        token: u64,
        /// Its sequence number.
        sequence: u32,
    },
    /// No response within the response time: what became of the request is unknown. The session goes on.
    ResponseTimedOut {
        /// The token of the request.
        token: u64,
        /// Its sequence number.
        sequence: u32,
    },
    /// The response to a request of ours, with a body that cannot be read; its status still counts.
    ResponseUnreadable {
        /// The token of the request.
        token: u64,
        /// The sequence number of both.
        sequence: u32,
        /// The status of the response.
        status: CommandStatus,
        /// What cannot be read.
        error: DecodeError,
    },
    /// The peer wants to end the session: answer what you still hold, send nothing new.
    UnbindRequested,
    /// The unbind is done, whoever asked for it. [`Event::Closed`] follows.
    Unbound,
    /// A response to nothing: an unknown or forgotten sequence number, or the wrong command for it (quirks 73, 74).
    UnexpectedResponse {
        /// The response.
        frame: Frame,
    },
}

/// The right to answer one request, once: it is handed out with the request and used up by the answer.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "a request that is never answered holds a place in the inbound window"]
pub struct ReplyTo {
    pub(super) sequence: u32,
    pub(super) command: CommandId,
}

impl ReplyTo {
    /// The request's sequence number, as the peer chose it (quirk 70).
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// The request's command.
    #[must_use]
    pub const fn command(&self) -> CommandId {
        self.command
    }
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CloseReason {
    /// The peer declared a length no PDU has, so the stream cannot be followed (quirk 80).
    BadCommandLength {
        /// What it declared, in octets.
        command_length: u32,
    },
    /// Our bind was not answered within the response time.
    BindUnanswered,
    /// The peer did nothing of its own for the inactivity time.
    Inactive,
    /// Nothing was heard from the peer, not even an answer to `enquire_link`.
    LinkDead,
    /// No bind was completed within the session_init time.
    NeverBound,
    /// The peer closed the connection without an unbind.
    PeerClosed,
    /// Our side closed without an unbind.
    Requested,
    /// The connection failed: reading or writing is no longer possible.
    TransportFailed,
    /// Our unbind was not answered within the response time.
    UnbindUnanswered,
    /// Our side unbound; a peer that closes the connection instead of answering has agreed (quirk 84).
    Unbound,
    /// The peer unbound.
    UnboundByPeer,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadCommandLength { command_length } => {
                write!(f, "the peer declared a PDU of {command_length} octets")
            }
            Self::BindUnanswered => f.write_str("the bind was not answered"),
            Self::Inactive => f.write_str("the peer was inactive"),
            Self::LinkDead => f.write_str("the peer did not answer enquire_link"),
            Self::NeverBound => f.write_str("no bind was completed in time"),
            Self::PeerClosed => f.write_str("the peer closed the connection"),
            Self::Requested => f.write_str("closed by our side"),
            Self::TransportFailed => f.write_str("the connection failed"),
            Self::UnbindUnanswered => f.write_str("the unbind was not answered"),
            Self::Unbound => f.write_str("unbound by our side"),
            Self::UnboundByPeer => f.write_str("unbound by the peer"),
        }
    }
}

/// Why something that our side wanted to send was not taken; nothing was written and nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestError {
    /// A field breaks the limits.
    Encode(EncodeError),
    /// The message is in `message_payload`, and the peer speaks a version without optional parameters.
    NeedsOptionalParameters,
    /// Our role, or the way it is bound, does not send this command now.
    NotAllowed,
    /// The session is not bound: not yet, or no longer.
    NotBound,
    /// No room: the window is full of unanswered requests, or `transmit_max` octets wait to be written.
    WindowFull,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(error) => fmt::Display::fmt(error, f),
            Self::NeedsOptionalParameters => {
                f.write_str("the peer's version has no message_payload, and the message is in one")
            }
            Self::NotAllowed => f.write_str("the command may not be sent in this role and state"),
            Self::NotBound => f.write_str("the session is not bound"),
            Self::WindowFull => f.write_str("too much is unanswered or unwritten"),
        }
    }
}

impl std::error::Error for RequestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Encode(error) = self { Some(error) } else { None }
    }
}

impl From<EncodeError> for RequestError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}
