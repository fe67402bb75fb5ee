//! What a customer submits: one message to one recipient.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::base::ids::AccountId;
use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::message::{Address, Bill, Label};

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
    /// What the customer says about time and about an earlier message; decided about when it is accepted.
    pub wishes: Wishes,
    /// By what it is counted apart: found by the steps before its acceptance, and nothing before them.
    pub label: Label,
    /// What it costs and what is held for it: decided when it is accepted. None of one that is free.
    pub bill: Option<Box<Bill>>,
    /// Which part of a long message it is, when it is one.
    pub part: Option<Part>,
    /// Everything that only the carrier needs.
    pub content: Content,
}

/// What a submission asks of us and not of the carrier. The event of the acceptance says what came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wishes {
    /// `schedule_delivery_time`: not to be handed over before.
    pub schedule: Option<When>,
    /// `validity_period`: not to be handed over after.
    pub validity: Option<When>,
    /// `replace_if_present_flag`: takes the place of a message that still waits here for the same recipient, from the
    /// same sender, of the same `service_type`.
    pub replace: bool,
}

/// A time as SMPP says it (§7.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// A point of the calendar.
    At(Timestamp),
    /// So long after it was submitted.
    In(Duration),
}

/// One `submit_sm` of a long message. Parts belong together by sender, recipient, form, reference and total (quirk 67).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Part {
    /// How it is said.
    pub form: PartForm,
    /// The reference; 8 bits wide in [`PartForm::Udh8`].
    pub reference: u16,
    /// How many parts there are, 2 and more.
    pub total: u8,
    /// Which of them this is, 1 to `total`.
    pub number: u8,
}

/// How a part says that it is one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum PartForm {
    /// In its user data header, with a reference of 8 bits.
    Udh8,
    /// In its user data header, with a reference of 16 bits.
    Udh16,
    /// In the `sar_…` parameters.
    Sar,
}

impl PartForm {
    /// Every form; its place is its number in the log.
    pub const ALL: [Self; 3] = [Self::Udh8, Self::Udh16, Self::Sar];
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
    /// Whether the customer gave a validity: only then the carrier is told what is left of it.
    pub validity_given: bool,
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
