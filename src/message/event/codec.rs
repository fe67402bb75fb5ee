//! Events to and from records: one octet of kind, then the fields (module head of [`super`]).

use std::fmt;

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::event::{Carried, Event, PartOf, Snapshot, Stage};
use crate::message::wire::{Cursor, Put};
use crate::message::{
    Address, Class, Content, Fault, Outcome, Part, PartForm, Receipt, ReceiptState, Refusal, Submission,
    Wishes,
};

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
            Self::Accepted { message, at, carrier, due_at, expires_at, shown, part, submission } => {
                let out = out.kind(18).u64(message.as_u64()).u64(at.as_millis()).u32(carrier.0);
                let out = put_part(out.u64(due_at.as_millis()).u64(expires_at.as_millis()).id(*shown), *part);
                put_submission(out, submission)
            }
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
            Self::Parked { at, receipt } => put_receipt(out.kind(19).u64(at.as_millis()), receipt),
            Self::Unparked { carrier, id } => out.kind(14).u32(carrier.0).string(id.as_slice()),
            Self::Foreign { carrier, id } => out.kind(15).u32(carrier.0).string(id.as_slice()),
            Self::Told { message, status } => out.kind(16).u64(message.as_u64()).u32(*status),
            Self::Declined { message, status } => out.kind(17).u64(message.as_u64()).u32(*status),
            Self::Time { at, ahead } => out.kind(20).u64(at.as_millis()).u64(ahead.cast_unsigned()),
            Self::ClockStepped { by } => out.kind(21).u64(by.cast_unsigned()),
            Self::Deferred { message, status, carrier, until } => {
                out.kind(22).u64(message.as_u64()).u32(*status).u32(carrier.0).u64(until.as_millis())
            }
            Self::Resent { message } => out.kind(23).u64(message.as_u64()),
            Self::Linked { message, carrier, id } => {
                out.kind(24).u64(message.as_u64()).u32(carrier.0).string(id.as_slice())
            }
            Self::Replaced { message } => out.kind(25).u64(message.as_u64()),
            Self::Gathered { head, carrier } => out.kind(26).u64(head.as_u64()).u32(carrier.0),
            Self::Received { message, at, carrier, submission } => put_submission(
                out.kind(27).u64(message.as_u64()).u64(at.as_millis()).u32(carrier.0),
                submission,
            ),
            Self::Carried(carried) => put_carried(out.kind(28), carried),
            Self::Snapshot(snapshot) => put_snapshot(out.kind(29), snapshot),
            Self::Untold { message } => out.kind(30).u64(message.as_u64()),
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
            due_at: Timestamp::default(),
            expires_at: Timestamp::default(),
            shown: None,
            part: None,
            submission: take_first_submission(cursor)?,
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
        13 => Event::Parked { at: cursor.timestamp()?, receipt: take_first_receipt(cursor)? },
        14 => Event::Unparked { carrier: CarrierId(cursor.u32()?), id: cursor.carrier_message_id()? },
        15 => Event::Foreign { carrier: CarrierId(cursor.u32()?), id: cursor.carrier_message_id()? },
        16 => Event::Told { message: cursor.message()?, status: cursor.u32()? },
        17 => Event::Declined { message: cursor.message()?, status: cursor.u32()? },
        18 => Event::Accepted {
            message: cursor.message()?,
            at: cursor.timestamp()?,
            carrier: CarrierId(cursor.u32()?),
            due_at: cursor.timestamp()?,
            expires_at: cursor.timestamp()?,
            shown: cursor.id()?,
            part: take_part(cursor)?,
            submission: take_submission(cursor)?,
        },
        19 => Event::Parked { at: cursor.timestamp()?, receipt: take_receipt(cursor)? },
        20 => Event::Time { at: cursor.timestamp()?, ahead: cursor.u64()?.cast_signed() },
        21 => Event::ClockStepped { by: cursor.u64()?.cast_signed() },
        22 => Event::Deferred {
            message: cursor.message()?,
            status: cursor.u32()?,
            carrier: CarrierId(cursor.u32()?),
            until: cursor.timestamp()?,
        },
        23 => Event::Resent { message: cursor.message()? },
        24 => Event::Linked {
            message: cursor.message()?,
            carrier: CarrierId(cursor.u32()?),
            id: cursor.carrier_message_id()?,
        },
        25 => Event::Replaced { message: cursor.message()? },
        26 => Event::Gathered { head: cursor.message()?, carrier: CarrierId(cursor.u32()?) },
        27 => Event::Received {
            message: cursor.message()?,
            at: cursor.timestamp()?,
            carrier: CarrierId(cursor.u32()?),
            submission: take_submission(cursor)?,
        },
        28 => Event::Carried(Box::new(take_carried(cursor)?)),
        29 => Event::Snapshot(Box::new(take_snapshot(cursor)?)),
        30 => Event::Untold { message: cursor.message()? },
        _ => return None,
    })
}

fn put_submission<'a>(out: &'a mut BytesMut, submission: &Submission) -> &'a mut BytesMut {
    let Submission { account, source, destination, registered_delivery, wishes: _, part, content } =
        submission;
    let out = put_address(put_address(out.u32(account.0), source), destination).u8(*registered_delivery);
    let out = match part {
        Some(Part { form, reference, total, number }) => {
            out.u8(*form as u8 + 1).u32(u32::from(*reference)).u8(*total).u8(*number)
        }
        None => out.u8(0),
    };
    put_content(out, content)
}

fn take_submission(cursor: &mut Cursor<'_>) -> Option<Submission> {
    Some(Submission {
        account: AccountId(cursor.u32()?),
        source: take_address(cursor)?,
        destination: take_address(cursor)?,
        registered_delivery: cursor.u8()?,
        wishes: Wishes::default(),
        part: match cursor.u8()? {
            0 => None,
            form => Some(Part {
                form: *PartForm::ALL.get(usize::from(form - 1))?,
                reference: u16::try_from(cursor.u32()?).ok()?,
                total: cursor.u8()?,
                number: cursor.u8()?,
            }),
        },
        content: take_content(cursor)?,
    })
}

/// The form of kind 3: no parts, and the validity as the customer had written it.
fn take_first_submission(cursor: &mut Cursor<'_>) -> Option<Submission> {
    let (account, source) = (AccountId(cursor.u32()?), take_address(cursor)?);
    let (destination, registered_delivery) = (take_address(cursor)?, cursor.u8()?);
    let content = Content {
        service_type: cursor.octets()?,
        esm_class: cursor.u8()?,
        protocol_id: cursor.u8()?,
        priority_flag: cursor.u8()?,
        data_coding: cursor.u8()?,
        validity_given: {
            let _as_written = cursor.string()?;
            false
        },
        in_payload: cursor.u8()? != 0,
        body: cursor.long()?,
        tlvs: cursor.long()?,
    };
    let wishes = Wishes::default();
    Some(Submission { account, source, destination, registered_delivery, wishes, part: None, content })
}

fn put_content<'a>(out: &'a mut BytesMut, content: &Content) -> &'a mut BytesMut {
    out.string(content.service_type.as_slice())
        .u8(content.esm_class)
        .u8(content.protocol_id)
        .u8(content.priority_flag)
        .u8(content.data_coding)
        .u8(u8::from(content.validity_given))
        .u8(u8::from(content.in_payload))
        .long(&content.body)
        .long(&content.tlvs)
}

fn take_content(cursor: &mut Cursor<'_>) -> Option<Content> {
    Some(Content {
        service_type: cursor.octets()?,
        esm_class: cursor.u8()?,
        protocol_id: cursor.u8()?,
        priority_flag: cursor.u8()?,
        data_coding: cursor.u8()?,
        validity_given: cursor.u8()? != 0,
        in_payload: cursor.u8()? != 0,
        body: cursor.long()?,
        tlvs: cursor.long()?,
    })
}

fn put_part(out: &mut BytesMut, part: Option<PartOf>) -> &mut BytesMut {
    match part {
        Some(PartOf { head, form, reference, total, number, one_receipt }) => {
            let out = out.u8(form as u8 + 1).u64(head.as_u64()).u32(u32::from(reference));
            out.u8(total).u8(number).u8(u8::from(one_receipt))
        }
        None => out.u8(0),
    }
}

/// Outer `None`: not readable; inner: no part.
fn take_part(cursor: &mut Cursor<'_>) -> Option<Option<PartOf>> {
    Some(match cursor.u8()? {
        0 => None,
        form => Some(PartOf {
            form: *PartForm::ALL.get(usize::from(form - 1))?,
            head: cursor.message()?,
            reference: u16::try_from(cursor.u32()?).ok()?,
            total: cursor.u8()?,
            number: cursor.u8()?,
            one_receipt: cursor.u8()? != 0,
        }),
    })
}

fn put_carried<'a>(out: &'a mut BytesMut, carried: &Carried) -> &'a mut BytesMut {
    let Carried { message, account, carrier, source, destination, part, links, stage, content, .. } = carried;
    let out = out.u64(message.as_u64()).u32(account.0).u32(carrier.0);
    let out = out.u64(carried.accepted_at.as_millis()).u64(carried.expires_at.as_millis());
    let out = out.time(carried.wait_until).time(carried.handed_over_at).time(carried.answered_at);
    let out = put_address(put_address(out, source), destination).u8(carried.registered_delivery);
    let out = out.u8(carried.data_coding).u8(carried.esm_class).u32(u32::from(carried.octets));
    let out = out
        .u8(carried.attempts)
        .u8(carried.tries)
        .u8(carried.copies)
        .u8(u8::from(carried.scheduled))
        .u8(u8::from(carried.told))
        .id(carried.shown);
    let (parts, delivered) = carried.parts.unwrap_or_default();
    let mut out =
        put_part(out, *part).u8(parts).u8(delivered).u8(u8::try_from(links.len()).unwrap_or(u8::MAX));
    for (carrier, id) in links.iter().take(usize::from(u8::MAX)) {
        out = out.u32(carrier.0).string(id.as_slice());
    }
    let out = match stage {
        Stage::Gathering => out.u8(0),
        Stage::Queued => out.u8(1),
        Stage::HandedOver => out.u8(2),
        Stage::InDoubt => out.u8(3),
        Stage::Submitted(id) => out.u8(4).string(id.as_slice()),
        Stage::Ended(at, outcome) => put_outcome(out.u8(5).u64(at.as_millis()), outcome),
        Stage::Incoming => out.u8(6),
    };
    match content {
        Some(content) => put_content(out.u8(1), content),
        None => out.u8(0),
    }
}

fn take_carried(cursor: &mut Cursor<'_>) -> Option<Carried> {
    Some(Carried {
        message: cursor.message()?,
        account: AccountId(cursor.u32()?),
        carrier: CarrierId(cursor.u32()?),
        accepted_at: cursor.timestamp()?,
        expires_at: cursor.timestamp()?,
        wait_until: cursor.time()?,
        handed_over_at: cursor.time()?,
        answered_at: cursor.time()?,
        source: take_address(cursor)?,
        destination: take_address(cursor)?,
        registered_delivery: cursor.u8()?,
        data_coding: cursor.u8()?,
        esm_class: cursor.u8()?,
        octets: u16::try_from(cursor.u32()?).ok()?,
        attempts: cursor.u8()?,
        tries: cursor.u8()?,
        copies: cursor.u8()?,
        scheduled: cursor.u8()? != 0,
        told: cursor.u8()? != 0,
        shown: cursor.id()?,
        part: take_part(cursor)?,
        parts: match (cursor.u8()?, cursor.u8()?) {
            (0, _) => None,
            parts => Some(parts),
        },
        links: {
            let count = cursor.u8()?;
            let link = |_| Some((CarrierId(cursor.u32()?), cursor.carrier_message_id()?));
            (0..count).map(link).collect::<Option<_>>()?
        },
        stage: match cursor.u8()? {
            0 => Stage::Gathering,
            1 => Stage::Queued,
            2 => Stage::HandedOver,
            3 => Stage::InDoubt,
            4 => Stage::Submitted(cursor.carrier_message_id()?),
            5 => Stage::Ended(cursor.timestamp()?, take_outcome(cursor)?),
            6 => Stage::Incoming,
            _ => return None,
        },
        content: match cursor.u8()? {
            0 => None,
            _ => Some(take_content(cursor)?),
        },
    })
}

fn put_snapshot<'a>(out: &'a mut BytesMut, snapshot: &Snapshot) -> &'a mut BytesMut {
    match snapshot {
        Snapshot::Began { last_id, clock_offset } => out.u8(0).id(*last_id).u64(clock_offset.cast_unsigned()),
        Snapshot::Account { account, name, counts } => out.u8(1).u32(account.0).string(name).numbers(counts),
        Snapshot::Carrier { carrier, name, counts } => out.u8(2).u32(carrier.0).string(name).numbers(counts),
        Snapshot::Finished { hashes } => out.u8(3).numbers(hashes),
        Snapshot::Parked { at, receipt } => put_receipt(out.u8(4).u64(at.as_millis()), receipt),
        Snapshot::Ended => out.u8(5),
    }
}

fn take_snapshot(cursor: &mut Cursor<'_>) -> Option<Snapshot> {
    Some(match cursor.u8()? {
        0 => Snapshot::Began { last_id: cursor.id()?, clock_offset: cursor.u64()?.cast_signed() },
        1 => Snapshot::Account {
            account: AccountId(cursor.u32()?),
            name: cursor.string()?,
            counts: cursor.numbers()?,
        },
        2 => Snapshot::Carrier {
            carrier: CarrierId(cursor.u32()?),
            name: cursor.string()?,
            counts: cursor.numbers()?,
        },
        3 => Snapshot::Finished { hashes: cursor.numbers()? },
        4 => Snapshot::Parked { at: cursor.timestamp()?, receipt: take_receipt(cursor)? },
        5 => Snapshot::Ended,
        _ => return None,
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
    let out = put_network_error(out.string(receipt.err.as_slice()), receipt.network_error_code);
    put_address(put_address(out, &receipt.recipient), &receipt.sender)
}

fn take_receipt(cursor: &mut Cursor<'_>) -> Option<Receipt> {
    let receipt = take_first_receipt(cursor)?;
    Some(Receipt { recipient: take_address(cursor)?, sender: take_address(cursor)?, ..receipt })
}

/// The form of kind 13: no addresses.
fn take_first_receipt(cursor: &mut Cursor<'_>) -> Option<Receipt> {
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

pub(super) const FAULTS: [Fault; 7] = [
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
