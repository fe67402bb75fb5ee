//! The only table between our words and the customers' wire: exhaustive, both ways.

use crate::customer::directory::BindRefusal;
use crate::engine::door::Taking;
use crate::message::Refusal;
use crate::smpp::status::CommandStatus;

/// Why a submission is not accepted or another request not granted, as the wire says it. Limits answer with what
/// well-behaved clients retry on (promise 10).
pub(super) const fn of_refusal(refusal: Refusal) -> CommandStatus {
    match refusal {
        Refusal::Throttled => CommandStatus::ESME_RTHROTTLED,
        Refusal::QueueFull | Refusal::TooManyParts | Refusal::NoRoom => CommandStatus::ESME_RMSGQFUL,
        Refusal::NoRoute | Refusal::NoPrice | Refusal::DestinationAddress | Refusal::OptedOut => {
            CommandStatus::ESME_RINVDSTADR
        }
        // No client may take it for something that a moment mends.
        Refusal::NoMoney | Refusal::OptOutMissing => CommandStatus::ESME_RSUBMITFAIL,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_refusal_reads_as_success_and_limits_ask_for_a_retry() {
        for refusal in Refusal::ALL {
            assert!(!of_refusal(refusal).is_ok(), "{refusal:?}");
        }
        for refusal in [Refusal::Throttled, Refusal::QueueFull, Refusal::TooManyParts, Refusal::NoRoom] {
            assert!(of_refusal(refusal).is_backpressure(), "{refusal:?}");
        }
    }

    #[test]
    fn each_request_about_an_earlier_message_fails_by_its_own_status() {
        for (refusal, status) in [
            (Refusal::UnknownMessage, CommandStatus::ESME_RINVMSGID),
            (Refusal::QueryFailed, CommandStatus::ESME_RQUERYFAIL),
            (Refusal::CancelFailed, CommandStatus::ESME_RCANCELFAIL),
            (Refusal::ReplaceFailed, CommandStatus::ESME_RREPLACEFAIL),
            (Refusal::ScheduledDelivery, CommandStatus::ESME_RINVSCHED),
            (Refusal::ValidityPeriod, CommandStatus::ESME_RINVEXPIRY),
            (Refusal::ReplaceIfPresent, CommandStatus::ESME_RINVSUBREP),
            (Refusal::DistributionList, CommandStatus::ESME_RINVDLNAME),
            (Refusal::RecipientCount, CommandStatus::ESME_RINVNUMDESTS),
            (Refusal::RecipientForm, CommandStatus::ESME_RINVDESTFLAG),
        ] {
            assert_eq!(of_refusal(refusal), status, "{refusal:?}");
        }
    }

    #[test]
    fn quirk_93_a_customer_that_cannot_take_it_now_is_asked_again() {
        assert_eq!(taking(CommandStatus::ESME_ROK), Taking::Taken);
        assert_eq!(taking(CommandStatus::ESME_RX_T_APPN), Taking::Later);
        assert_eq!(taking(CommandStatus::ESME_RMSGQFUL), Taking::Later);
        for never in [
            CommandStatus::ESME_RX_P_APPN,
            CommandStatus::ESME_RX_R_APPN,
            CommandStatus::ESME_RINVMSGID,
            CommandStatus(0x0400),
        ] {
            assert_eq!(taking(never), Taking::Refused(never.0));
        }
    }
}
