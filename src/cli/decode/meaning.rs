//! What do a PDU's numbers mean, in a few words?

use crate::smpp::status::CommandStatus;
use crate::smpp::values::{DataCoding, EsmClass, RegisteredDelivery};
use crate::text::charset::Alphabet;

/// `command_status` (SMPP 3.4 §5.1.3).
pub(super) const fn of_status(status: CommandStatus) -> &'static str {
    match status {
        CommandStatus::ESME_ROK => "no error",
        CommandStatus::ESME_RINVMSGLEN => "the message's length is invalid",
        CommandStatus::ESME_RINVCMDLEN => "command_length is invalid",
        CommandStatus::ESME_RINVCMDID => "the command is unknown",
        CommandStatus::ESME_RINVBNDSTS => "the command may not come in this state of the session",
        CommandStatus::ESME_RALYBND => "already bound, or one bind too many",
        CommandStatus::ESME_RINVPRTFLG => "priority_flag is invalid",
        CommandStatus::ESME_RINVREGDLVFLG => "registered_delivery is invalid",
        CommandStatus::ESME_RSYSERR => "system error",
        CommandStatus::ESME_RINVSRCADR => "the source address is invalid",
        CommandStatus::ESME_RINVDSTADR => "the destination address is invalid",
        CommandStatus::ESME_RINVMSGID => "the message_id is invalid",
        CommandStatus::ESME_RBINDFAIL => "the bind failed",
        CommandStatus::ESME_RINVPASWD => "the password is invalid",
        CommandStatus::ESME_RINVSYSID => "the system_id is invalid",
        CommandStatus::ESME_RCANCELFAIL => "cancel_sm failed",
        CommandStatus::ESME_RREPLACEFAIL => "replace_sm failed",
        CommandStatus::ESME_RMSGQFUL => "the message queue is full: try again later",
        CommandStatus::ESME_RINVSERTYP => "the service_type is invalid",
        CommandStatus::ESME_RINVNUMDESTS => "the number of destinations is invalid",
        CommandStatus::ESME_RINVDLNAME => "the distribution list's name is invalid",
        CommandStatus::ESME_RINVDESTFLAG => "a destination's flag is invalid",
        CommandStatus::ESME_RINVSUBREP => "submitting with replace is not supported",
        CommandStatus::ESME_RINVESMCLASS => "esm_class is invalid",
        CommandStatus::ESME_RCNTSUBDL => "cannot submit to the distribution list",
        CommandStatus::ESME_RSUBMITFAIL => "submitting failed",
        CommandStatus::ESME_RINVSRCTON => "the source's TON is invalid",
        CommandStatus::ESME_RINVSRCNPI => "the source's NPI is invalid",
        CommandStatus::ESME_RINVDSTTON => "the destination's TON is invalid",
        CommandStatus::ESME_RINVDSTNPI => "the destination's NPI is invalid",
        CommandStatus::ESME_RINVSYSTYP => "the system_type is invalid",
        CommandStatus::ESME_RINVREPFLAG => "replace_if_present_flag is invalid",
        CommandStatus::ESME_RINVNUMMSGS => "the number of messages is invalid",
        CommandStatus::ESME_RTHROTTLED => "over the allowed rate: try again later",
        CommandStatus::ESME_RINVSCHED => "schedule_delivery_time is invalid",
        CommandStatus::ESME_RINVEXPIRY => "validity_period is invalid",
        CommandStatus::ESME_RINVDFTMSGID => "the predefined message is unknown",
        CommandStatus::ESME_RX_T_APPN => "temporary error at the receiver: try again later",
        CommandStatus::ESME_RX_P_APPN => "permanent error at the receiver",
        CommandStatus::ESME_RX_R_APPN => "rejected by the receiver",
        CommandStatus::ESME_RQUERYFAIL => "query_sm failed",
        CommandStatus::ESME_RINVOPTPARSTREAM => "the optional parameters cannot be read",
        CommandStatus::ESME_ROPTPARNOTALLWD => "an optional parameter is not allowed",
        CommandStatus::ESME_RINVPARLEN => "a parameter's length is invalid",
        CommandStatus::ESME_RMISSINGOPTPARAM => "an optional parameter is missing",
        CommandStatus::ESME_RINVOPTPARAMVAL => "an optional parameter's value is invalid",
        CommandStatus::ESME_RDELIVERYFAILURE => "the delivery failed",
        CommandStatus::ESME_RUNKNOWNERR => "unknown error",
        CommandStatus(0x400..=0x4FF) => "a vendor's own",
        _ => "not of SMPP 3.4",
    }
}

/// `esm_class` (§5.2.12).
pub(super) fn of_esm_class(class: EsmClass) -> String {
    let mode = match class.0 & 0x03 {
        0 => "default mode",
        1 => "datagram",
        2 => "forward",
        _ => "store and forward",
    };
    let kind = match class.message_type() {
        0x00 => "message",
        0x04 => "delivery receipt",
        0x08 => "delivery acknowledgement",
        0x10 => "manual or user acknowledgement",
        0x18 => "conversation abort",
        0x20 => "intermediate notification",
        _ => "message of a reserved type",
    };
    let header = if class.has_udh() { ", with a user data header" } else { "" };
    let path = if class.0 & 0x80 != 0 { ", with a reply path" } else { "" };
    format!("{mode}, {kind}{header}{path}")
}

/// `registered_delivery` (§5.2.17).
pub(super) fn of_registered_delivery(registered: RegisteredDelivery) -> String {
    let receipt = match registered.receipt() {
        0 => "no receipt",
        1 => "receipt of the final outcome",
        2 => "receipt of a failure only",
        _ => "receipt of success only (5.0)",
    };
    let acknowledgement = match registered.0 >> 2 & 0x03 {
        0 => "",
        1 => ", delivery acknowledgement",
        2 => ", user acknowledgement",
        _ => ", both acknowledgements",
    };
    let intermediate = if registered.0 & 0x10 != 0 { ", intermediate notification" } else { "" };
    format!("{receipt}{acknowledgement}{intermediate}")
}

/// `data_coding` (§5.2.19) to a peer whose 0 means `default`.
pub(super) fn of_data_coding(coding: DataCoding, default: Alphabet) -> String {
    let read_as = of_alphabet(Alphabet::of(coding.0, default));
    match coding {
        DataCoding::DEFAULT => format!("the SMSC's default alphabet, read as {read_as}"),
        DataCoding(0xF0..=0xFF) => format!("message class {}, {read_as}", coding.0 & 0x03),
        _ => read_as.to_owned(),
    }
}

/// An alphabet's name.
pub(super) const fn of_alphabet(alphabet: Alphabet) -> &'static str {
    match alphabet {
        Alphabet::Gsm7 => "GSM 7-bit",
        Alphabet::Gsm7Packed => "GSM 7-bit, packed",
        Alphabet::Ascii => "ASCII",
        Alphabet::Latin1 => "Latin-1",
        Alphabet::Ucs2 => "UCS-2",
        Alphabet::Binary => "octets",
    }
}
