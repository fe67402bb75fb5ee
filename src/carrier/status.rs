//! The only reading of a carrier's command_status, and the only place that chooses one for it.

use crate::engine::door::{Acceptance, Answer};
use crate::message::{CarrierMessageId, How};
use crate::smpp::session::CloseReason;
use crate::smpp::status::CommandStatus;

/// The carrier's answer to a message. What an error means, the carrier's table says.
pub(super) fn answer(status: CommandStatus, id: &[u8]) -> Answer {
    if status.is_ok() { Answer::Taken(CarrierMessageId::new(id)) } else { Answer::Refused(status.0) }
}

/// A `generic_nack` that says OK: it is no acceptance, whatever its status says.
pub(super) const NACKED: Answer = Answer::Refused(CommandStatus::ESME_RUNKNOWNERR.0);

/// What the carrier is told about a receipt or a message of its. Temporary and final are said with the codes that are
/// for a receiving ESME: carriers send again, or not, by these.
pub(super) const fn acknowledgement(taken: Acceptance) -> CommandStatus {
    match taken {
        Acceptance::Taken => CommandStatus::ESME_ROK,
        Acceptance::Later => CommandStatus::ESME_RX_T_APPN,
        Acceptance::Never => CommandStatus::ESME_RX_R_APPN,
    }
}

/// A message that cannot be one of ours; the next time it would be the same.
pub(super) const UNUSABLE: CommandStatus = acknowledgement(Acceptance::Never);

/// A request that no carrier may send us.
pub(super) const OUT_OF_PLACE: CommandStatus = CommandStatus::ESME_RINVCMDID;

/// We cannot make anything durable any more: the carrier keeps what it has and sends it again.
pub(super) const STOPPED: CommandStatus = acknowledgement(Acceptance::Later);

/// How a session with a carrier ended, for the record of its links (R23).
pub(super) const fn how(reason: CloseReason, refused: bool) -> How {
    match reason {
        CloseReason::BadCommandLength { .. } => How::Garbled,
        CloseReason::BindUnanswered | CloseReason::NeverBound => How::BindUnanswered,
        CloseReason::LinkDead => How::Silent,
        CloseReason::PeerClosed => How::TheyClosed,
        CloseReason::Requested if refused => How::BindRefused,
        CloseReason::Requested | CloseReason::Inactive => How::WeClosed,
        CloseReason::TransportFailed => How::Failed,
        CloseReason::UnbindUnanswered | CloseReason::Unbound => How::WeUnbound,
        CloseReason::UnboundByPeer => How::TheyUnbound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r23_a_session_is_ended_by_us_by_the_carrier_or_by_the_network() {
        let by = |reason, refused| (how(reason, refused).side(), how(reason, refused).name());
        assert_eq!(by(CloseReason::LinkDead, false), ("us", "enquire_link not answered"));
        assert_eq!(by(CloseReason::PeerClosed, false), ("carrier", "closed without unbind"));
        assert_eq!(by(CloseReason::UnboundByPeer, false), ("carrier", "unbind"));
        assert_eq!(by(CloseReason::TransportFailed, false), ("network", "connection failed"));
        assert_eq!(by(CloseReason::Requested, true), ("us", "bind refused"));
        assert_eq!(by(CloseReason::Requested, false), ("us", "closed"));
    }

    #[test]
    fn every_error_is_a_refusal_with_its_own_number() {
        assert_eq!(answer(CommandStatus::ESME_ROK, b"n-1"), Answer::Taken(CarrierMessageId::new(b"n-1")));
        for status in [0x01, 0x08, 0x14, 0x58, 0x64, 0x0400, u32::MAX] {
            assert_eq!(answer(CommandStatus(status), b"n-1"), Answer::Refused(status));
        }
    }

    #[test]
    fn a_carrier_is_told_apart_now_later_and_never() {
        let told = [Acceptance::Taken, Acceptance::Later, Acceptance::Never].map(acknowledgement);
        assert_eq!(told.map(|status| status.0), [0, 0x64, 0x66]);
    }
}
