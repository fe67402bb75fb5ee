//! Which command may come in which state, and what is answered when it may not (SMPP 3.4 §2.3, table 2-1).
//!
//! One table serves both directions: what a role may send is what the other role takes. We send what the
//! specification says and take a little more ([`Allowed::Tolerated`]).

use crate::base::time::Moment;
use crate::smpp::command::{BindKind, CommandId};
use crate::smpp::session::event::CloseReason;
use crate::smpp::session::settings::Role;
use crate::smpp::status::CommandStatus;

/// Where a session stands; the diagram is at the head of [`crate::smpp::session`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Connected, not bound.
    Open,
    /// Connected the other way round: the SMSC has asked the ESME to bind.
    Outbound,
    /// A bind is on its way: sent and not answered by the peer (ESME), or received and not yet answered by our
    /// application (SMSC).
    Binding(BindKind),
    /// Bound.
    Bound(BindKind),
    /// Our side wants to unbind and waits until everything that is under way has been answered.
    Draining,
    /// Our unbind is out.
    Unbinding,
    /// The peer's unbind is in; what the application still holds is answered first.
    PeerUnbinding,
    /// The peer's unbind has been answered; it closes the connection.
    Unbound,
    /// Over.
    Closed,
}

/// [`State`] with the data that belongs to it. Moments are those of the session's stopwatch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inner {
    Open,
    Outbound,
    /// As ESME: our bind's sequence number, and until when it may be answered. As SMSC: the peer's, and no limit,
    /// because it is our application that is slow.
    Binding {
        kind: BindKind,
        sequence: u32,
        until: Option<Moment>,
    },
    Bound(BindKind),
    /// Why we unbind, and until when we wait for answers before doing so all the same.
    Draining {
        reason: CloseReason,
        until: Moment,
    },
    /// Our unbind's sequence number, and until when it may be answered.
    Unbinding {
        reason: CloseReason,
        sequence: u32,
        until: Moment,
    },
    /// The sequence number of the peer's unbind, and until when our application may answer what it holds.
    PeerUnbinding {
        sequence: u32,
        until: Moment,
    },
    /// Until when the peer may take to close the connection before we do.
    Unbound {
        until: Moment,
    },
    Closed,
}

impl Inner {
    pub(super) const fn state(&self) -> State {
        match self {
            Self::Open => State::Open,
            Self::Outbound => State::Outbound,
            Self::Binding { kind, .. } => State::Binding(*kind),
            Self::Bound(kind) => State::Bound(*kind),
            Self::Draining { .. } => State::Draining,
            Self::Unbinding { .. } => State::Unbinding,
            Self::PeerUnbinding { .. } => State::PeerUnbinding,
            Self::Unbound { .. } => State::Unbound,
            Self::Closed => State::Closed,
        }
    }
}

/// What is done with a request of the peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// The application gets it, in its turn, and owes an answer.
    Take,
    /// The application gets it, in its turn; it has no response.
    Alert,
    /// It waits until the bind has been answered (quirks 24, 25).
    Wait,
    /// A bind to be judged by the application.
    Bind(BindKind),
    /// The SMSC asks us to bind.
    Outbind,
    /// The peer wants to leave.
    Unbind,
    /// `enquire_link`: answered here and now.
    Answer,
    /// Its own response with this status.
    Refuse(CommandStatus),
    /// Nobody knows the command: `generic_nack`.
    Nack,
    /// It has no response and no meaning here.
    Drop,
}

/// Whether a command may be sent by a role that is bound in some way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Allowed {
    Yes,
    /// Not by the letter, but seen from peers that mean well: taken, never sent.
    Tolerated,
    No,
}

impl Allowed {
    const fn or_tolerated_if(yes: bool, tolerated: bool) -> Self {
        match (yes, tolerated) {
            (true, _) => Self::Yes,
            (false, true) => Self::Tolerated,
            (false, false) => Self::No,
        }
    }
}

/// Whether `sender` may send `command` on a session bound as `kind`; `old` when the ESME's side speaks 3.3.
///
/// * `data_sm`: implementations disagree whether a receiver may send it and a transmitter be sent it, and the
///   specification's text is looser than their tables; it is taken either way.
/// * `deliver_sm` to a transmitter: 3.3 knew no transceiver, and its peers are seen to do so (quirk 95).
pub(super) const fn allowed(sender: Role, kind: BindKind, command: CommandId, old: bool) -> Allowed {
    match (sender, command) {
        (
            Role::Esme,
            CommandId::SUBMIT_SM
            | CommandId::SUBMIT_MULTI
            | CommandId::QUERY_SM
            | CommandId::CANCEL_SM
            | CommandId::REPLACE_SM,
        ) => Allowed::or_tolerated_if(kind.transmits(), false),
        (Role::Esme, CommandId::DATA_SM) => Allowed::or_tolerated_if(kind.transmits(), true),
        (Role::Smsc, CommandId::DATA_SM) => Allowed::or_tolerated_if(kind.receives(), true),
        (Role::Smsc, CommandId::DELIVER_SM) => Allowed::or_tolerated_if(kind.receives(), old),
        (Role::Smsc, CommandId::ALERT_NOTIFICATION) => Allowed::or_tolerated_if(kind.receives(), false),
        _ => Allowed::No,
    }
}

/// What `us` does in `state` with a request of the peer. Responses never come here.
pub(super) fn verdict(us: Role, state: State, command: CommandId, old: bool) -> Verdict {
    match command {
        _ if state == State::Closed => Verdict::Drop,
        CommandId::SUBMIT_SM
        | CommandId::DELIVER_SM
        | CommandId::DATA_SM
        | CommandId::SUBMIT_MULTI
        | CommandId::QUERY_SM
        | CommandId::CANCEL_SM
        | CommandId::REPLACE_SM => of_message(us, state, command, old),
        CommandId::ALERT_NOTIFICATION => match of_message(us, state, command, old) {
            Verdict::Take => Verdict::Alert,
            Verdict::Wait => Verdict::Wait,
            _ => Verdict::Drop,
        },
        // In every state, also before a bind, where 3.4 does not foresee it but peers send it (quirk 27).
        CommandId::ENQUIRE_LINK => Verdict::Answer,
        CommandId::UNBIND => of_unbind(state),
        CommandId::BIND_RECEIVER => of_bind(us, state, BindKind::Receiver),
        CommandId::BIND_TRANSMITTER => of_bind(us, state, BindKind::Transmitter),
        CommandId::BIND_TRANSCEIVER => of_bind(us, state, BindKind::Transceiver),
        CommandId::OUTBIND if us == Role::Esme && state == State::Open => Verdict::Outbind,
        CommandId::OUTBIND => Verdict::Drop,
        _ => Verdict::Nack,
    }
}

fn of_message(us: Role, state: State, command: CommandId, old: bool) -> Verdict {
    let taken = match state {
        State::Bound(kind) => allowed(us.peer(), kind, command, old) != Allowed::No,
        State::Binding(_) => return Verdict::Wait,
        _ => false,
    };
    if taken { Verdict::Take } else { Verdict::Refuse(CommandStatus::ESME_RINVBNDSTS) }
}

fn of_bind(us: Role, state: State, kind: BindKind) -> Verdict {
    match state {
        State::Open if us == Role::Smsc => Verdict::Bind(kind),
        // §2.2.1: who was called back is to receive; a transmitter would be of no use to the SMSC that called.
        State::Outbound if us == Role::Smsc && kind.receives() => Verdict::Bind(kind),
        State::Binding(_) | State::Bound(_) => Verdict::Refuse(CommandStatus::ESME_RALYBND),
        _ => Verdict::Refuse(CommandStatus::ESME_RINVBNDSTS),
    }
}

fn of_unbind(state: State) -> Verdict {
    match state {
        State::Bound(_) | State::Draining | State::Unbinding => Verdict::Unbind,
        State::Binding(_) => Verdict::Wait,
        _ => Verdict::Refuse(CommandStatus::ESME_RINVBNDSTS),
    }
}
