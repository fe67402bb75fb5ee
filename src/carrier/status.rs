//! The only reading of a carrier's command_status, and the only place that chooses one for it.

use crate::engine::door::Answer;
use crate::message::CarrierMessageId;
use crate::smpp::status::CommandStatus;

/// What the carrier's answer to a message means. Throttled and queue full are used for the same (quirk 88) and concern
/// all of the carrier; any other error is its last word about this message.
pub(super) fn answer(status: CommandStatus, id: &[u8]) -> Answer {
    if status.is_ok() {
        Answer::Taken(CarrierMessageId::new(id))
    } else if status.is_backpressure() {
        Answer::Later(status.0)
    } else {
        Answer::Refused(status.0)
    }
}

/// A message that cannot be written for this carrier: its fate is known, and it is our fault.
pub(super) const UNWRITABLE: Answer = Answer::Refused(CommandStatus::ESME_RINVMSGLEN.0);

/// A `generic_nack` that says OK: it is no acceptance, whatever its status says.
pub(super) const NACKED: Answer = Answer::Refused(CommandStatus::ESME_RUNKNOWNERR.0);

/// A message for a subscriber of ours: not offered yet, and the carrier is to know that nobody has taken it.
pub(super) const MOBILE_ORIGINATED: CommandStatus = CommandStatus::ESME_RX_R_APPN;

/// A request that no carrier may send us.
pub(super) const OUT_OF_PLACE: CommandStatus = CommandStatus::ESME_RINVCMDID;

/// We cannot make a receipt durable any more: the carrier keeps it and sends it again.
pub(super) const STOPPED: CommandStatus = CommandStatus::ESME_RX_T_APPN;
