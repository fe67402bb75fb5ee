//! Events to and from records: one octet of kind, then the fields (module head of [`super`]).

use std::fmt;

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::event::Event;
use crate::message::event::agreed::{put_agreement, take_agreement};
use crate::message::event::closed::{put_closed, take_closed};
use crate::message::event::money::{put_bill, put_terms, take_bill, take_terms};
use crate::message::event::nouns::{
    put_address, put_carried, put_label, put_outcome, put_part, put_receipt, put_state, put_submission,
    take_address, take_carried, take_first_carried, take_first_label, take_first_outcome, take_first_receipt,
    take_first_submission, take_label, take_labelled_carried, take_outcome, take_part, take_receipt,
    take_state, take_submission,
};
use crate::message::event::outages::{put_closing, put_lapse, take_closing, take_lapse};
use crate::message::event::recounts::{put_recount, take_recount};
use crate::message::event::snapshots::{put_snapshot, take_snapshot};
use crate::message::event::told::{put_fact, take_fact};
use crate::message::wire::{Cursor, Put};
use crate::message::{FactId, Label, Refusal};

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
    #[expect(clippy::too_many_lines, reason = "a line for each kind")]
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::AccountNamed { account, name } => out.kind(1).u32(account.0).string(name),
            Self::CarrierNamed { carrier, name } => out.kind(2).u32(carrier.0).string(name),
            Self::Accepted { message, at, carrier, due_at, expires_at, shown, part, submission } => {
                let out = out.kind(35).u64(message.as_u64()).u64(at.as_millis()).u32(carrier.0);
                let out = put_part(out.u64(due_at.as_millis()).u64(expires_at.as_millis()).id(*shown), *part);
                put_bill(
                    put_label(put_submission(out, submission), submission.label),
                    submission.bill.as_deref(),
                )
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
                put_outcome(out.kind(31).u64(message.as_u64()).u64(at.as_millis()), outcome)
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
            Self::Replaced { message, at, bill } => {
                put_bill(out.kind(37).u64(message.as_u64()).u64(at.as_millis()), bill.as_deref())
            }
            Self::Agreed(agreement) => put_agreement(out.kind(50), agreement),
            Self::Terms { account, at, terms } => {
                put_terms(out.kind(38).u32(account.0).u64(at.as_millis()), *terms)
            }
            Self::MonthSettled { account, month, at, segments, accrued, amount, cash, voucher } => {
                let out = out.kind(39).u32(account.0).u32(*month).u64(at.as_millis()).u64(*segments);
                out.money(*accrued).money(*amount).money(*cash).money(*voucher)
            }
            Self::Gathered { head, carrier } => out.kind(26).u64(head.as_u64()).u32(carrier.0),
            Self::Received { message, at, carrier, submission } => put_submission(
                out.kind(27).u64(message.as_u64()).u64(at.as_millis()).u32(carrier.0),
                submission,
            ),
            Self::Carried(carried) => put_carried(out.kind(36), carried),
            Self::Snapshot(snapshot) => put_snapshot(out.kind(29), snapshot),
            Self::Fact(fact) => put_fact(out.kind(34), fact),
            Self::OutageBegan { at, lapse } => put_lapse(out.kind(45), *at, lapse),
            Self::OutageEnded { at, lapse } => put_lapse(out.kind(46), *at, lapse),
            Self::LinkClosed { carrier, closing } => put_closing(out.kind(47).u32(carrier.0), closing),
            Self::Corrected { message, part, at, outcome } => {
                put_outcome(out.kind(40).u64(message.as_u64()).u8(*part).u64(at.as_millis()), outcome)
            }
            Self::Closed { at, periods } => put_closed(out.kind(41).u64(at.as_millis()), periods),
            Self::Recounted(recount) => put_recount(out.kind(48), recount),
            Self::RecountedAll { fact } => out.kind(49).u32(fact.0),
            Self::Opted { account, number, at, out: is_out, message } => {
                let out = put_address(out.kind(51).u32(account.0), number);
                out.u64(at.as_millis()).u8(u8::from(*is_out)).id(*message)
            }
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
            submission: Box::new(take_first_submission(cursor)?),
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
            outcome: take_first_outcome(cursor)?,
        },
        11 => Event::Noted {
            message: cursor.message()?,
            unknown: cursor.u8()? != 0,
            state: take_state(cursor)?,
        },
        12 => Event::Repeated { carrier: CarrierId(cursor.u32()?) },
        13 => Event::Parked { at: cursor.timestamp()?, receipt: Box::new(take_first_receipt(cursor)?) },
        14 => Event::Unparked { carrier: CarrierId(cursor.u32()?), id: cursor.carrier_message_id()? },
        15 => Event::Foreign { carrier: CarrierId(cursor.u32()?), id: cursor.carrier_message_id()? },
        16 => Event::Told { message: cursor.message()?, status: cursor.u32()? },
        17 => Event::Declined { message: cursor.message()?, status: cursor.u32()? },
        kind => return take_later_event(kind, cursor),
    })
}

/// The kinds since a message's whole life is kept.
fn take_later_event(kind: u8, cursor: &mut Cursor<'_>) -> Option<Event> {
    Some(match kind {
        18 => take_accepted(cursor)?,
        19 => Event::Parked { at: cursor.timestamp()?, receipt: Box::new(take_receipt(cursor)?) },
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
        25 => Event::Replaced { message: cursor.message()?, at: Timestamp::default(), bill: None },
        26 => Event::Gathered { head: cursor.message()?, carrier: CarrierId(cursor.u32()?) },
        27 => Event::Received {
            message: cursor.message()?,
            at: cursor.timestamp()?,
            carrier: CarrierId(cursor.u32()?),
            submission: Box::new(take_submission(cursor)?),
        },
        28 => Event::Carried(Box::new(take_first_carried(cursor)?)),
        29 => Event::Snapshot(Box::new(take_snapshot(cursor)?)),
        30 => Event::Untold { message: cursor.message()? },
        31 => Event::Ended {
            message: cursor.message()?,
            at: cursor.timestamp()?,
            outcome: take_outcome(cursor)?,
        },
        32 => Event::Carried(Box::new(take_labelled_carried(cursor)?)),
        40 => Event::Corrected {
            message: cursor.message()?,
            part: cursor.u8()?,
            at: cursor.timestamp()?,
            outcome: take_outcome(cursor)?,
        },
        41 => Event::Closed { at: cursor.timestamp()?, periods: take_closed(cursor)? },
        34 => Event::Fact(Box::new(take_fact(cursor)?)),
        33 => take_labelled(cursor, take_first_label)?,
        45 => {
            let (at, lapse) = take_lapse(cursor)?;
            Event::OutageBegan { at, lapse }
        }
        46 => {
            let (at, lapse) = take_lapse(cursor)?;
            Event::OutageEnded { at, lapse }
        }
        47 => Event::LinkClosed { carrier: CarrierId(cursor.u32()?), closing: take_closing(cursor)? },
        _ => return take_paid_event(kind, cursor),
    })
}

/// The kinds since messages have prices.
fn take_paid_event(kind: u8, cursor: &mut Cursor<'_>) -> Option<Event> {
    Some(match kind {
        35 => {
            let mut accepted = take_labelled(cursor, take_label)?;
            if let Event::Accepted { submission, .. } = &mut accepted {
                submission.bill = take_bill(cursor)?;
            }
            accepted
        }
        36 => Event::Carried(Box::new(take_carried(cursor)?)),
        37 => {
            Event::Replaced { message: cursor.message()?, at: cursor.timestamp()?, bill: take_bill(cursor)? }
        }
        50 => Event::Agreed(Box::new(take_agreement(cursor)?)),
        38 => Event::Terms {
            account: AccountId(cursor.u32()?),
            at: cursor.timestamp()?,
            terms: take_terms(cursor)?,
        },
        39 => Event::MonthSettled {
            account: AccountId(cursor.u32()?),
            month: cursor.u32()?,
            at: cursor.timestamp()?,
            segments: cursor.u64()?,
            accrued: cursor.money()?,
            amount: cursor.money()?,
            cash: cursor.money()?,
            voucher: cursor.money()?,
        },
        48 => Event::Recounted(Box::new(take_recount(cursor)?)),
        49 => Event::RecountedAll { fact: FactId(cursor.u32()?) },
        51 => Event::Opted {
            account: AccountId(cursor.u32()?),
            number: take_address(cursor)?,
            at: cursor.timestamp()?,
            out: cursor.u8()? != 0,
            message: cursor.id()?,
        },
        _ => return None,
    })
}

/// The form of kind 18, and a label behind it.
fn take_labelled(
    cursor: &mut Cursor<'_>,
    label: impl FnOnce(&mut Cursor<'_>) -> Option<Label>,
) -> Option<Event> {
    let mut accepted = take_accepted(cursor)?;
    if let Event::Accepted { submission, .. } = &mut accepted {
        submission.label = label(cursor)?;
    }
    Some(accepted)
}

/// The form of kind 18: no label.
fn take_accepted(cursor: &mut Cursor<'_>) -> Option<Event> {
    Some(Event::Accepted {
        message: cursor.message()?,
        at: cursor.timestamp()?,
        carrier: CarrierId(cursor.u32()?),
        due_at: cursor.timestamp()?,
        expires_at: cursor.timestamp()?,
        shown: cursor.id()?,
        part: take_part(cursor)?,
        submission: Box::new(take_submission(cursor)?),
    })
}
