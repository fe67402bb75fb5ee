//! The only table between our words and the customers' wire: exhaustive, both ways.

use crate::customer::directory::BindRefusal;
use crate::engine::door::Taking;
use crate::message::Refusal;
use crate::smpp::command::CommandId;
use crate::smpp::status::CommandStatus;

/// Why a submission is not accepted, as the wire says it. Limits answer with what well-behaved clients retry on
/// (promise 10).
pub(super) const fn of_refusal(refusal: Refusal) -> CommandStatus {
    match refusal {
        Refusal::Throttled => CommandStatus::ESME_RTHROTTLED,
        Refusal::QueueFull | Refusal::TooManyParts | Refusal::NoRoom => CommandStatus::ESME_RMSGQFUL,
        Refusal::NoRoute | Refusal::DestinationAddress => CommandStatus::ESME_RINVDSTADR,
        Refusal::SourceAddress => CommandStatus::ESME_RINVSRCADR,
        Refusal::MessageLength => CommandStatus::ESME_RINVMSGLEN,
        Refusal::ServiceType => CommandStatus::ESME_RINVSERTYP,
        Refusal::ValidityPeriod => CommandStatus::ESME_RINVEXPIRY,
        Refusal::ScheduledDelivery => CommandStatus::ESME_RINVSCHED,
        Refusal::ReplaceIfPresent => CommandStatus::ESME_RINVSUBREP,
        Refusal::OptionalParameters => CommandStatus::ESME_RINVOPTPARSTREAM,
        Refusal::NotOffered => CommandStatus::ESME_RINVCMDID,
        Refusal::Stopping => CommandStatus::ESME_RSYSERR,
        Refusal::UnknownMessage => CommandStatus::ESME_RINVMSGID,
        Refusal::QueryFailed => CommandStatus::ESME_RQUERYFAIL,
        Refusal::CancelFailed => CommandStatus::ESME_RCANCELFAIL,
        Refusal::ReplaceFailed => CommandStatus::ESME_RREPLACEFAIL,
        Refusal::DistributionList => CommandStatus::ESME_RINVDLNAME,
        Refusal::RecipientCount => CommandStatus::ESME_RINVNUMDESTS,
        Refusal::RecipientForm => CommandStatus::ESME_RINVDESTFLAG,
    }
}

/// What a command is answered that we know and do not offer: its own failure where it has one.
pub(super) const fn of_command_not_offered(command: CommandId) -> CommandStatus {
    match command {
        CommandId::QUERY_SM => CommandStatus::ESME_RQUERYFAIL,
        CommandId::CANCEL_SM => CommandStatus::ESME_RCANCELFAIL,
        CommandId::REPLACE_SM => CommandStatus::ESME_RREPLACEFAIL,
        _ => of_refusal(Refusal::NotOffered),
    }
}

/// Why a bind is refused, as the specification tells it apart (§5.1.3).
pub(super) const fn of_bind_refusal(refusal: BindRefusal) -> CommandStatus {
    match refusal {
        BindRefusal::SystemId => CommandStatus::ESME_RINVSYSID,
        BindRefusal::Password => CommandStatus::ESME_RINVPASWD,
        BindRefusal::TooMany => CommandStatus::ESME_RALYBND,
        BindRefusal::Stopping => CommandStatus::ESME_RBINDFAIL,
    }
}

/// What a customer means with its answer to a receipt. Statuses that speak of a moment mean later (providers, 2.2);
/// any other is its last word.
pub(super) const fn taking(status: CommandStatus) -> Taking {
    match status {
        CommandStatus::ESME_ROK => Taking::Taken,
        CommandStatus::ESME_RTHROTTLED
        | CommandStatus::ESME_RMSGQFUL
        | CommandStatus::ESME_RX_T_APPN
        | CommandStatus::ESME_RSYSERR
        | CommandStatus::ESME_RSUBMITFAIL
        | CommandStatus::ESME_RQUERYFAIL
        | CommandStatus::ESME_RDELIVERYFAILURE
        | CommandStatus::ESME_RUNKNOWNERR => Taking::Later,
        CommandStatus(other) => Taking::Refused(other),
    }
}
