//! The nouns in events, to and from records.

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId};
use crate::message::event::money::{put_bill, take_bill};
use crate::message::event::{Carried, PartOf, Stage};
use crate::message::wire::{Cursor, Put};
use crate::message::{
    Address, Category, Class, Content, Exclusion, Fault, Label, Outcome, Part, PartForm, Receipt,
    ReceiptState, Submission, Wishes,
};

pub(super) fn put_submission<'a>(out: &'a mut BytesMut, submission: &Submission) -> &'a mut BytesMut {
    let Submission { account, source, destination, registered_delivery, part, content, .. } = submission;
    let out = put_address(put_address(out.u32(account.0), source), destination).u8(*registered_delivery);
    let out = match part {
        Some(Part { form, reference, total, number }) => {
            out.u8(*form as u8 + 1).u32(u32::from(*reference)).u8(*total).u8(*number)
        }
        None => out.u8(0),
    };
    put_content(out, content)
}

pub(super) fn take_submission(cursor: &mut Cursor<'_>) -> Option<Submission> {
    Some(Submission {
        account: AccountId(cursor.u32()?),
        source: take_address(cursor)?,
        destination: take_address(cursor)?,
        registered_delivery: cursor.u8()?,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
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
pub(super) fn take_first_submission(cursor: &mut Cursor<'_>) -> Option<Submission> {
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
    let label = Label::default();
    let (bill, part) = (None, None);
    Some(Submission { account, source, destination, registered_delivery, wishes, label, bill, part, content })
}

/// The bit of a label's first octet that no category has.
const BEYOND_LOAD: u8 = 0x80;

pub(super) fn put_label(out: &mut BytesMut, label: Label) -> &mut BytesMut {
    let category = label.category as u8 | if label.beyond_load { BEYOND_LOAD } else { 0 };
    out.u8(category).u8(label.zone_len).u8(label.segments)
}

pub(super) fn take_label(cursor: &mut Cursor<'_>) -> Option<Label> {
    let label = take_first_label(cursor)?;
    Some(Label { segments: cursor.u8()?, ..label })
}

/// The form of kinds 32 and 33: nobody counted segments.
pub(super) fn take_first_label(cursor: &mut Cursor<'_>) -> Option<Label> {
    let first = cursor.u8()?;
    let category = *Category::ALL.get(usize::from(first & !BEYOND_LOAD))?;
    let (zone_len, beyond_load) = (cursor.u8()?, first & BEYOND_LOAD != 0);
    Some(Label { category, zone_len, beyond_load, segments: 0 })
}

pub(super) fn put_content<'a>(out: &'a mut BytesMut, content: &Content) -> &'a mut BytesMut {
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

pub(super) fn take_content(cursor: &mut Cursor<'_>) -> Option<Content> {
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

pub(super) fn put_part(out: &mut BytesMut, part: Option<PartOf>) -> &mut BytesMut {
    match part {
        Some(PartOf { head, form, reference, total, number, one_receipt }) => {
            let out = out.u8(form as u8 + 1).u64(head.as_u64()).u32(u32::from(reference));
            out.u8(total).u8(number).u8(u8::from(one_receipt))
        }
        None => out.u8(0),
    }
}

/// Outer `None`: not readable; inner: no part.
pub(super) fn take_part(cursor: &mut Cursor<'_>) -> Option<Option<PartOf>> {
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

pub(super) fn put_carried<'a>(out: &'a mut BytesMut, carried: &Carried) -> &'a mut BytesMut {
    let Carried { message, account, carrier, source, destination, part, links, stage, content, said, .. } =
        carried;
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
    let out = match content {
        Some(content) => put_content(out.u8(1), content),
        None => out.u8(0),
    };
    let out = match said {
        Some(said) => put_state(out.u8(1), said),
        None => out.u8(0),
    };
    put_bill(put_label(out, carried.label), carried.bill.as_deref())
}

pub(super) fn take_carried(cursor: &mut Cursor<'_>) -> Option<Carried> {
    let carried = take_said_carried(cursor)?;
    Some(Carried { label: take_label(cursor)?, bill: take_bill(cursor)?, ..carried })
}

/// The form of kind 32: no bill.
pub(super) fn take_labelled_carried(cursor: &mut Cursor<'_>) -> Option<Carried> {
    let carried = take_said_carried(cursor)?;
    Some(Carried { label: take_first_label(cursor)?, ..carried })
}

fn take_said_carried(cursor: &mut Cursor<'_>) -> Option<Carried> {
    let carried = take_carried_with(cursor, take_outcome)?;
    let said = match cursor.u8()? {
        0 => None,
        _ => Some(take_state(cursor)?),
    };
    Some(Carried { said, ..carried })
}

/// The form of kind 28: outcomes are those of kind 10, and neither a word that nobody knew nor a label is kept.
pub(super) fn take_first_carried(cursor: &mut Cursor<'_>) -> Option<Carried> {
    take_carried_with(cursor, take_first_outcome)
}

fn take_carried_with(
    cursor: &mut Cursor<'_>,
    outcome: impl FnOnce(&mut Cursor<'_>) -> Option<Outcome>,
) -> Option<Carried> {
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
            5 => Stage::Ended(cursor.timestamp()?, outcome(cursor)?),
            6 => Stage::Incoming,
            _ => return None,
        },
        content: match cursor.u8()? {
            0 => None,
            _ => Some(take_content(cursor)?),
        },
        said: None,
        label: Label::default(),
        bill: None,
    })
}

pub(super) fn put_address<'a>(out: &'a mut BytesMut, address: &Address) -> &'a mut BytesMut {
    out.u8(address.ton).u8(address.npi).string(address.as_slice())
}

pub(super) fn take_address(cursor: &mut Cursor<'_>) -> Option<Address> {
    Some(Address { ton: cursor.u8()?, npi: cursor.u8()?, digits: cursor.octets()? })
}

pub(super) fn put_state<'a>(out: &'a mut BytesMut, state: &ReceiptState) -> &'a mut BytesMut {
    out.u8(u8::from(state.message_state.is_some()))
        .u8(state.message_state.unwrap_or(0))
        .string(state.stat.as_slice())
}

pub(super) fn take_state(cursor: &mut Cursor<'_>) -> Option<ReceiptState> {
    let (known, state) = (cursor.u8()? != 0, cursor.u8()?);
    Some(ReceiptState { message_state: known.then_some(state), stat: cursor.octets()? })
}

pub(super) fn put_receipt<'a>(out: &'a mut BytesMut, receipt: &Receipt) -> &'a mut BytesMut {
    let out = put_state(out.u32(receipt.carrier.0).string(receipt.id.as_slice()), &receipt.state);
    let out = put_network_error(out.string(receipt.err.as_slice()), receipt.network_error_code);
    put_address(put_address(out, &receipt.recipient), &receipt.sender)
}

pub(super) fn take_receipt(cursor: &mut Cursor<'_>) -> Option<Receipt> {
    let receipt = take_first_receipt(cursor)?;
    Some(Receipt { recipient: take_address(cursor)?, sender: take_address(cursor)?, ..receipt })
}

/// The form of kind 13: no addresses.
pub(super) fn take_first_receipt(cursor: &mut Cursor<'_>) -> Option<Receipt> {
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

pub(super) fn put_outcome<'a>(out: &'a mut BytesMut, outcome: &Outcome) -> &'a mut BytesMut {
    let out = out.u8(class_number(outcome.class)).u8(fault_number(outcome.fault)).u8(outcome.message_state);
    let out = put_network_error(
        out.string(outcome.stat.as_slice()).string(outcome.err.as_slice()),
        outcome.network_error_code,
    );
    out.u8(outcome.excluded_by.map_or(0, |why| why as u8 + 1)).u8(u8::from(outcome.unmapped))
}

pub(super) fn take_outcome(cursor: &mut Cursor<'_>) -> Option<Outcome> {
    let outcome = take_first_outcome(cursor)?;
    let excluded_by = match cursor.u8()? {
        0 => None,
        why => Some(*Exclusion::ALL.get(usize::from(why - 1))?),
    };
    Some(Outcome { excluded_by, unmapped: cursor.u8()? != 0, ..outcome })
}

/// The form of kind 10: nothing about the tables of codes.
pub(super) fn take_first_outcome(cursor: &mut Cursor<'_>) -> Option<Outcome> {
    Some(Outcome {
        class: *Class::ALL.get(usize::from(cursor.u8()?))?,
        excluded_by: None,
        fault: *Fault::ALL.get(usize::from(cursor.u8()?))?,
        unmapped: false,
        message_state: cursor.u8()?,
        stat: cursor.octets()?,
        err: cursor.octets()?,
        network_error_code: take_network_error(cursor)?,
    })
}

pub(super) fn put_network_error(out: &mut BytesMut, code: Option<[u8; 3]>) -> &mut BytesMut {
    out.string(code.as_ref().map_or(&[], |code| code.as_slice()))
}

/// Outer `None`: not readable; inner: none was given.
pub(super) fn take_network_error(cursor: &mut Cursor<'_>) -> Option<Option<[u8; 3]>> {
    let octets = cursor.string()?;
    if octets.is_empty() { Some(None) } else { octets.as_ref().try_into().ok().map(Some) }
}

const fn fault_number(fault: Fault) -> u8 {
    fault as u8
}

const fn class_number(class: Class) -> u8 {
    class as u8
}
