//! What a carrier reports about a message.

use crate::base::ids::CarrierId;
use crate::base::octets::Octets;
use crate::message::{Address, CarrierMessageId};

/// Octets kept of `stat` and of `err`: carriers' longest codes have 12 to 16 (receipt codes, rule 2), platforms' 23.
pub const CODE_LEN_MAX: usize = 24;

/// A delivery receipt from a carrier, in our nouns, its words kept as they came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Who reports.
    pub carrier: CarrierId,
    /// About which message; already in the form that the carrier's responses use.
    pub id: CarrierMessageId,
    /// The state in words or by number.
    pub state: ReceiptState,
    /// `err`, raw; empty when absent.
    pub err: Octets<CODE_LEN_MAX>,
    /// The `network_error_code` parameter, when present and of the right length.
    pub network_error_code: Option<[u8; 3]>,
    /// Whom the message was for, by the receipt's source address.
    pub recipient: Address,
    /// Who had sent it, by the receipt's destination address.
    pub sender: Address,
}

/// What the carrier says became of the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReceiptState {
    /// The state by SMPP's number (§5.2.28), from the parameter or from one of SMPP's words; `None` when the carrier
    /// used a word of its own.
    pub message_state: Option<u8>,
    /// The word as it came; empty when absent.
    pub stat: Octets<CODE_LEN_MAX>,
}
