//! What messages count as since a fact was said, to and from records.

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId, RecordNumber};
use crate::message::event::nouns::{put_outcome, take_outcome};
use crate::message::wire::{Cursor, Put};
use crate::message::{Category, Exclusion, FactId, Grounds, Recount, Zone};

pub(super) fn put_recount<'a>(out: &'a mut BytesMut, recount: &Recount) -> &'a mut BytesMut {
    let Recount {
        fact,
        message,
        account,
        carrier,
        category,
        zone,
        accepted_at,
        ended,
        at,
        outcome,
        was,
        now,
    } = recount;
    let out = out.u32(fact.0).u64(message.as_u64()).u32(account.0).u32(carrier.0).u8(*category as u8);
    let out = out.u64(zone.number()).u64(accepted_at.as_millis()).u64(ended.0).u64(at.as_millis());
    put_grounds(put_grounds(put_outcome(out, outcome), *was), *now)
}

pub(super) fn take_recount(cursor: &mut Cursor<'_>) -> Option<Recount> {
    Some(Recount {
        fact: FactId(cursor.u32()?),
        message: cursor.message()?,
        account: AccountId(cursor.u32()?),
        carrier: CarrierId(cursor.u32()?),
        category: *Category::ALL.get(usize::from(cursor.u8()?))?,
        zone: Zone::from_number(cursor.u64()?),
        accepted_at: cursor.timestamp()?,
        ended: RecordNumber(cursor.u64()?),
        at: cursor.timestamp()?,
        outcome: take_outcome(cursor)?,
        was: take_grounds(cursor)?,
        now: take_grounds(cursor)?,
    })
}

/// 0 for none, 1 for those without a fact, 2 for those with one.
pub(super) fn put_grounds(out: &mut BytesMut, grounds: Option<Grounds>) -> &mut BytesMut {
    match grounds {
        None => out.u8(0),
        Some(Grounds { why, fact: None }) => out.u8(1).u8(why as u8),
        Some(Grounds { why, fact: Some(fact) }) => out.u8(2).u8(why as u8).u32(fact.0),
    }
}

pub(super) fn take_grounds(cursor: &mut Cursor<'_>) -> Option<Option<Grounds>> {
    let form = cursor.u8()?;
    if form == 0 {
        return Some(None);
    }
    let why = *Exclusion::ALL.get(usize::from(cursor.u8()?))?;
    let fact = match form {
        1 => None,
        2 => Some(FactId(cursor.u32()?)),
        _ => return None,
    };
    Some(Some(Grounds { why, fact }))
}
