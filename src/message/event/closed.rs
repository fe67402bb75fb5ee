//! Periods that close and messages that were given up, to and from records.

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::event::Carried;
use crate::message::event::nouns::{put_carried, put_outcome, take_carried, take_outcome};
use crate::message::wire::{Cursor, Put};
use crate::message::{CarrierMessageId, Grounds, Outcome};

/// A period of an account that is closed. Days are those of the contracts' clock, UTC+8, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClosedPeriod {
    /// Whose.
    pub account: AccountId,
    /// Its first day.
    pub first: u32,
    /// Its last day.
    pub last: u32,
    /// How many of its messages are not over: they count as pending.
    pub open: u64,
}

/// A message that we have given up, as a snapshot says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivenUp {
    /// What is known of it.
    pub whole: Carried,
    /// When it was submitted, by the calendar.
    pub submitted: Timestamp,
    /// When it was given up, on the log's own time line.
    pub at: Timestamp,
    /// Of how many parts it consists.
    pub parts: u8,
    /// What was not reported: the number of the part, 0 of a message without parts, and an id with a carrier, which is
    /// empty where none is known. At most 255.
    pub silent: Vec<(u8, CarrierId, CarrierMessageId)>,
    /// The first part, by its number, that was reported and not as delivered.
    pub failed: Option<(u8, Outcome)>,
    /// What takes it out of the counts, said since it was given up.
    pub grounds: Option<Grounds>,
}

pub(super) fn put_closed<'a>(out: &'a mut BytesMut, periods: &[ClosedPeriod]) -> &'a mut BytesMut {
    let mut out = out.u32(u32::try_from(periods.len()).unwrap_or(u32::MAX));
    for ClosedPeriod { account, first, last, open } in periods {
        out = out.u32(account.0).u32(*first).u32(*last).u64(*open);
    }
    out
}

pub(super) fn take_closed(cursor: &mut Cursor<'_>) -> Option<Vec<ClosedPeriod>> {
    let mut periods = Vec::new();
    for _ in 0..cursor.u32()? {
        periods.push(ClosedPeriod {
            account: AccountId(cursor.u32()?),
            first: cursor.u32()?,
            last: cursor.u32()?,
            open: cursor.u64()?,
        });
    }
    Some(periods)
}

pub(super) fn put_given_up<'a>(out: &'a mut BytesMut, given_up: &GivenUp) -> &'a mut BytesMut {
    let GivenUp { whole, submitted, at, parts, silent, failed, grounds: _ } = given_up;
    let out = out.u64(submitted.as_millis()).u64(at.as_millis()).u8(*parts);
    let mut out = out.u8(u8::try_from(silent.len()).unwrap_or(u8::MAX));
    for (part, carrier, id) in silent.iter().take(usize::from(u8::MAX)) {
        out = out.u8(*part).u32(carrier.0).string(id.as_slice());
    }
    let out = match failed {
        Some((part, outcome)) => put_outcome(out.u8(1).u8(*part), outcome),
        None => out.u8(0),
    };
    put_carried(out, whole)
}

pub(super) fn take_given_up(cursor: &mut Cursor<'_>) -> Option<GivenUp> {
    let (submitted, at, parts) = (cursor.timestamp()?, cursor.timestamp()?, cursor.u8()?);
    let count = cursor.u8()?;
    let one = |_| Some((cursor.u8()?, CarrierId(cursor.u32()?), cursor.carrier_message_id()?));
    let silent = (0..count).map(one).collect::<Option<_>>()?;
    let failed = match cursor.u8()? {
        0 => None,
        _ => Some((cursor.u8()?, take_outcome(cursor)?)),
    };
    let grounds = None;
    Some(GivenUp { whole: take_carried(cursor)?, submitted, at, parts, silent, failed, grounds })
}
