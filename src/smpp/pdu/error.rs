//! What was wrong with a PDU, and which status says so.

use std::fmt;

use crate::smpp::field::Fault;
use crate::smpp::status::CommandStatus;

/// A body that cannot be read. The frame is skipped; the session goes on (quirk 82).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError {
    /// The field that could not be read, by its name in the specification.
    pub field: &'static str,
    /// Why.
    pub fault: Fault,
}

impl DecodeError {
    pub(crate) fn at(field: &'static str, fault: &nom::Err<Fault>) -> Self {
        let fault = match fault {
            nom::Err::Error(fault) | nom::Err::Failure(fault) => *fault,
            nom::Err::Incomplete(_) => Fault::Short,
        };
        Self { field, fault }
    }

    /// The status that a response to this request carries (SMPP 3.4 §5.1.3).
    #[must_use]
    pub fn status(&self) -> CommandStatus {
        match (self.fault, self.field) {
            (Fault::Short, _) => CommandStatus::ESME_RINVMSGLEN,
            (_, "system_id") => CommandStatus::ESME_RINVSYSID,
            (_, "password") => CommandStatus::ESME_RINVPASWD,
            (_, "system_type") => CommandStatus::ESME_RINVSYSTYP,
            (_, "service_type") => CommandStatus::ESME_RINVSERTYP,
            (_, "source") => CommandStatus::ESME_RINVSRCADR,
            (_, "destination") => CommandStatus::ESME_RINVDSTADR,
            (Fault::List, _) => CommandStatus::ESME_RINVDESTFLAG,
            (_, "destinations") => CommandStatus::ESME_RINVDSTADR,
            (_, "message_id") => CommandStatus::ESME_RINVMSGID,
            (_, "schedule_delivery_time") => CommandStatus::ESME_RINVSCHED,
            (_, "validity_period") => CommandStatus::ESME_RINVEXPIRY,
            _ => CommandStatus::ESME_RINVMSGLEN,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.fault {
            Fault::Short => "the PDU ends before it does",
            Fault::Long => "it is longer than any peer may send",
            Fault::List => "an entry of the list is of no kind that exists",
        };
        write!(f, "{}: {why}", self.field)
    }
}

impl std::error::Error for DecodeError {}

/// A body that may not be written: the field breaks the specification's limits, and sending it cut would be a lie
/// (quirk 23).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EncodeError {
    /// The field that is too long or holds a NUL.
    pub field: &'static str,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not fit into the length that SMPP 3.4 gives it", self.field)
    }
}

impl std::error::Error for EncodeError {}
