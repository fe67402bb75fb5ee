//! The facts. Everything that the gateway knows is a fold over these, in order.
//!
//! # Format
//!
//! A record is one octet of kind and the fields in the order of the variant, little-endian; strings carry one octet
//! of length, bodies and parameters two. A kind is never reused and its fields never change: a new form gets a new
//! kind, and old kinds stay readable.
//!
//! An event holds the value that was decided, never a reference into settings, so that a replay needs none.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::message::wire::{Cursor, Put};
use crate::message::{
    Address, CarrierMessageId, Class, Content, Fault, Outcome, Receipt, ReceiptState, Refusal, Submission,
};

/// One fact about a message, an account or a carrier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// From here on this number means the account of this name.
    AccountNamed {
        /// Its number in this log.
        account: AccountId,
        /// Its name in the settings.
        name: Bytes,
    },
    /// From here on this number means the carrier of this name.
    CarrierNamed {
        /// Its number in this log.
        carrier: CarrierId,
        /// Its name in the settings.
        name: Bytes,
    },
    /// The promise: this message is ours to bring to an end.
    Accepted {
        /// Its id.
        message: MessageId,
        /// When.
        at: Timestamp,
        /// The carrier that was chosen.
        carrier: CarrierId,
        /// What was submitted.
        submission: Submission,
    },
    /// Submissions that were refused since the last such event; a refusal promises nothing, so it is counted in sums.
    Refused {
        /// Whose.
        account: AccountId,
        /// Why.
        reason: Refusal,
        /// How many.
        count: u32,
    },
    /// A waiting message now waits for this carrier.
    Rerouted {
        /// Which message.
        message: MessageId,
        /// The new carrier.
        carrier: CarrierId,
    },
    /// The carrier is about to be sent the message: an event before it is a send.
    HandedOver {
        /// Which message.
        message: MessageId,
        /// When.
        at: Timestamp,
    },
    /// The carrier has it, under this id.
    Submitted {
        /// Which message.
        message: MessageId,
        /// The carrier's id of it, in the form of the carrier's responses.
        id: CarrierMessageId,
    },
    /// The carrier did not take it, or it was never written: back to the front of the queue.
    Returned {
        /// Which message.
        message: MessageId,
        /// The carrier's command_status; 0 when it was never written.
        status: u32,
    },
    /// The carrier refused it for good; its end follows.
    Declined {
        /// Which message.
        message: MessageId,
        /// The carrier's command_status.
        status: u32,
    },
    /// Handed over, and no answer came: neither sent nor unsent. Never resent blindly (promise 6).
    InDoubt {
        /// Which message.
        message: MessageId,
    },
    /// The end: what the message counts as, once.
    Ended {
        /// Which message.
        message: MessageId,
        /// When.
        at: Timestamp,
        /// What it counts as.
        outcome: Outcome,
    },
    /// A receipt that says nothing final about a message: kept for the record, counted apart, changes nothing.
    Noted {
        /// Which message.
        message: MessageId,
        /// Whether its word is unknown (promise 4), not merely intermediate.
        unknown: bool,
        /// What the carrier said.
        state: ReceiptState,
    },
    /// A receipt about a message that has ended already.
    Repeated {
        /// Who reported.
        carrier: CarrierId,
    },
    /// A receipt that matches nothing yet: it may have overtaken its response (promise 3).
    Parked {
        /// When.
        at: Timestamp,
        /// What the carrier said.
        receipt: Receipt,
    },
    /// A parked receipt has found its message.
    Unparked {
        /// Who reported.
        carrier: CarrierId,
        /// About which id.
        id: CarrierMessageId,
    },
    /// A parked receipt has waited long enough: it is not about a message of ours.
    Foreign {
        /// Who reported.
        carrier: CarrierId,
        /// About which id.
        id: CarrierMessageId,
    },
    /// The customer has acknowledged its receipt, or will never take it.
    Told {
        /// About which message.
        message: MessageId,
        /// The customer's command_status: 0 acknowledged, anything else refused for good.
        status: u32,
    },
}

/// A record that is not an event of any version this program knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownEvent {
    /// The record's kind.
    pub kind: u8,
    /// How many octets of the record were understood.
    pub understood: usize,
}

impl fmt::Display for UnknownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an event of kind {} that this version cannot read past octet {}",
            self.kind, self.understood
        )
    }
}

impl std::error::Error for UnknownEvent {}

impl Event {
    /// Writes the event as one record behind what `out` holds.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::AccountNamed { account, name } => out.kind(1).u32(account.0).string(name),
            Self::CarrierNamed { carrier, name } => out.kind(2).u32(carrier.0).string(name),
            Self::Accepted { message, at, carrier, submission } => put_submission(
                out.kind(3).u64(message.as_u64()).u64(at.as_millis()).u32(carrier.0),
                submission,
            ),
            Self::Refused { account, reason, count } => {
                out.kind(4).u32(account.0).u8(reason.number()).u32(*count)
            }
            Self::Rerouted { message, carrier } => out.kind(5).u64(message.as_u64()).u32(carrier.0),
            Self::HandedOver { message, at } => out.kind(6).u64(message.as_u64()).u64(at.as_millis()),
            Self::Submitted { message, id } => out.kind(7).u64(message.as_u64()).string(id.as_slice()),
            Self::Returned { message, status } => out.kind(8).u64(message.as_u64()).u32(*status),
            Self::InDoubt { message } => out.kind(9).u64(message.as_u64()),
            Self::Ended { message, at, outcome } => {
                put_outcome(out.kind(10).u64(message.as_u64()).u64(at.as_millis()), outcome)
            }
            Self::Noted { message, unknown, state } => {
                put_state(out.kind(11).u64(message.as_u64()).u8(u8::from(*unknown)), state)
            }
            Self::Repeated { carrier } => out.kind(12).u32(carrier.0),
            Self::Parked { at, receipt } => put_receipt(out.kind(13).u64(at.as_millis()), receipt),
            Self::Unparked { carrier, id } => out.kind(14).u32(carrier.0).string(id.as_slice()),
            Self::Foreign { carrier, id } => out.kind(15).u32(carrier.0).string(id.as_slice()),
            Self::Told { message, status } => out.kind(16).u64(message.as_u64()).u32(*status),
            Self::Declined { message, status } => out.kind(17).u64(message.as_u64()).u32(*status),
        };
    }

    /// Reads one record.
    ///
    /// # Errors
    /// [`UnknownEvent`] when the record is not exactly one event that this version knows.
    pub fn decode(record: &[u8]) -> Result<Self, UnknownEvent> {
        let mut cursor = Cursor::new(record);
        let event = take_event(&mut cursor);
        let understood = cursor.position();
        event
            .filter(|_| understood == record.len())
            .ok_or_else(|| UnknownEvent { kind: record.first().copied().unwrap_or(0), understood })
    }
}

fn take_event(cursor: &mut Cursor<'_>) -> Option<Event> {
    Some(match cursor.u8()? {
        1 => Event::AccountNamed { account: AccountId(cursor.u32()?), name: cursor.string()? },
        2 => Event::CarrierNamed { carrier: CarrierId(cursor.u32()?), name: cursor.string()? },
        3 => Event::Accepted {
            message: cursor.message()?,
            at: cursor.timestamp()?,
            carrier: CarrierId(cursor.u32()?),
            submission: take_submission(cursor)?,
        },
        4 => Event::Refused {
            account: AccountId(cursor.u32()?),
            reason: *Refusal::ALL.get(usize::from(cursor.u8()?))?,
            count: cursor.u32()?,
        },
        5 => Event::Rerouted { message: cursor.message()?, carrier: CarrierId(cursor.u32()?) },
        6 => Event::HandedOver { message: cursor.message()?, at: cursor.timestamp()? },
        7 => Event::Submitted { message: cursor.message()?, id: cursor.carrier_message_id()? },
        8 => Event::Returned { message: cursor.message()?, status: cursor.u32()? },
        9 => Event::InDoubt { message: cursor.message()? },
        10 => Event::Ended {
            message: cursor.message()?,
            at: cursor.timestamp()?,
            outcome: take_outcome(cursor)?,
        },
        11 => Event::Noted {
            message: cursor.message()?,
            unknown: cursor.u8()? != 0,
            state: take_state(cursor)?,
        },
        12 => Event::Repeated { carrier: CarrierId(cursor.u32()?) },
        13 => Event::Parked { at: cursor.timestamp()?, receipt: take_receipt(cursor)? },
        14 => Event::Unparked { carrier: CarrierId(cursor.u32()?), id: cursor.carrier_message_id()? },
        15 => Event::Foreign { carrier: CarrierId(cursor.u32()?), id: cursor.carrier_message_id()? },
        16 => Event::Told { message: cursor.message()?, status: cursor.u32()? },
        17 => Event::Declined { message: cursor.message()?, status: cursor.u32()? },
        _ => return None,
    })
}

fn put_submission<'a>(out: &'a mut BytesMut, submission: &Submission) -> &'a mut BytesMut {
    let Submission { account, source, destination, registered_delivery, content } = submission;
    let out = put_address(put_address(out.u32(account.0), source), destination).u8(*registered_delivery);
    out.string(content.service_type.as_slice())
        .u8(content.esm_class)
        .u8(content.protocol_id)
        .u8(content.priority_flag)
        .u8(content.data_coding)
        .string(content.validity_period.as_slice())
        .u8(u8::from(content.in_payload))
        .long(&content.body)
        .long(&content.tlvs)
}

fn take_submission(cursor: &mut Cursor<'_>) -> Option<Submission> {
    Some(Submission {
        account: AccountId(cursor.u32()?),
        source: take_address(cursor)?,
        destination: take_address(cursor)?,
        registered_delivery: cursor.u8()?,
        content: Content {
            service_type: cursor.octets()?,
            esm_class: cursor.u8()?,
            protocol_id: cursor.u8()?,
            priority_flag: cursor.u8()?,
            data_coding: cursor.u8()?,
            validity_period: cursor.octets()?,
            in_payload: cursor.u8()? != 0,
            body: cursor.long()?,
            tlvs: cursor.long()?,
        },
    })
}

fn put_address<'a>(out: &'a mut BytesMut, address: &Address) -> &'a mut BytesMut {
    out.u8(address.ton).u8(address.npi).string(address.as_slice())
}

fn take_address(cursor: &mut Cursor<'_>) -> Option<Address> {
    Some(Address { ton: cursor.u8()?, npi: cursor.u8()?, digits: cursor.octets()? })
}

fn put_state<'a>(out: &'a mut BytesMut, state: &ReceiptState) -> &'a mut BytesMut {
    out.u8(u8::from(state.message_state.is_some()))
        .u8(state.message_state.unwrap_or(0))
        .string(state.stat.as_slice())
}

fn take_state(cursor: &mut Cursor<'_>) -> Option<ReceiptState> {
    let (known, state) = (cursor.u8()? != 0, cursor.u8()?);
    Some(ReceiptState { message_state: known.then_some(state), stat: cursor.octets()? })
}

fn put_receipt<'a>(out: &'a mut BytesMut, receipt: &Receipt) -> &'a mut BytesMut {
    let out = put_state(out.u32(receipt.carrier.0).string(receipt.id.as_slice()), &receipt.state);
    put_network_error(out.string(receipt.err.as_slice()), receipt.network_error_code)
}

fn take_receipt(cursor: &mut Cursor<'_>) -> Option<Receipt> {
    Some(Receipt {
        carrier: CarrierId(cursor.u32()?),
        id: cursor.carrier_message_id()?,
        state: take_state(cursor)?,
        err: cursor.octets()?,
        network_error_code: take_network_error(cursor)?,
        recipient: Address::default(),
        sender: Address::default(),
    })
}

fn put_outcome<'a>(out: &'a mut BytesMut, outcome: &Outcome) -> &'a mut BytesMut {
    let out = out.u8(class_number(outcome.class)).u8(fault_number(outcome.fault)).u8(outcome.message_state);
    put_network_error(
        out.string(outcome.stat.as_slice()).string(outcome.err.as_slice()),
        outcome.network_error_code,
    )
}

fn take_outcome(cursor: &mut Cursor<'_>) -> Option<Outcome> {
    Some(Outcome {
        class: *Class::ALL.get(usize::from(cursor.u8()?))?,
        fault: *FAULTS.get(usize::from(cursor.u8()?))?,
        message_state: cursor.u8()?,
        stat: cursor.octets()?,
        err: cursor.octets()?,
        network_error_code: take_network_error(cursor)?,
    })
}

fn put_network_error(out: &mut BytesMut, code: Option<[u8; 3]>) -> &mut BytesMut {
    out.string(code.as_ref().map_or(&[], |code| code.as_slice()))
}

/// Outer `None`: not readable; inner: none was given.
fn take_network_error(cursor: &mut Cursor<'_>) -> Option<Option<[u8; 3]>> {
    let octets = cursor.string()?;
    if octets.is_empty() { Some(None) } else { octets.as_ref().try_into().ok().map(Some) }
}

const FAULTS: [Fault; 7] = [
    Fault::None,
    Fault::Recipient,
    Fault::Customer,
    Fault::Platform,
    Fault::Carrier,
    Fault::Regulator,
    Fault::Unknown,
];

const fn fault_number(fault: Fault) -> u8 {
    fault as u8
}

const fn class_number(class: Class) -> u8 {
    class as u8
}

#[cfg(test)]
mod tests;
