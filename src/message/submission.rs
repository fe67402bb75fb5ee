//! What a customer submits: one message to one recipient.

use std::fmt;

use bytes::Bytes;

use crate::base::ids::AccountId;
use crate::base::octets::Octets;
use crate::message::Address;

/// The most octets of optional parameters that are carried from a customer to a carrier: room for SAR, ports and
/// a handful of vendor's parameters; more is refused, not cut.
pub const TLVS_LEN_MAX: usize = 1024;

/// One message as it was submitted, after decoding and before any rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission {
    /// Who submits, pays, and is promised a success rate.
    pub account: AccountId,
    /// The sender.
    pub source: Address,
    /// The recipient.
    pub destination: Address,
    /// `registered_delivery`: which receipts the customer wants.
    pub registered_delivery: u8,
    /// Everything that only the carrier needs.
    pub content: Content,
}

/// What is handed to the carrier beside the addresses; not kept once the carrier has it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// `service_type`.
    pub service_type: Octets<5>,
    /// `esm_class`.
    pub esm_class: u8,
    /// `protocol_id`.
    pub protocol_id: u8,
    /// `priority_flag`.
    pub priority_flag: u8,
    /// `data_coding`.
    pub data_coding: u8,
    /// `validity_period` as submitted; empty for the carrier's default.
    pub validity_period: Octets<16>,
    /// Whether the body came in `message_payload`.
    pub in_payload: bool,
    /// User data, with its header when `esm_class` says so.
    pub body: Bytes,
    /// Other optional parameters, as on the wire, at most [`TLVS_LEN_MAX`] octets.
    pub tlvs: Bytes,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<dcs {} esm {:#04x} {} octets>", self.data_coding, self.esm_class, self.body.len())
    }
}
