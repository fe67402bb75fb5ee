//! Facts that operators say, to and from records.

use bytes::BytesMut;

use crate::base::calendar::Date;
use crate::base::ids::{AccountId, CarrierId};
use crate::message::event::money::{put_balance, put_operation, take_balance, take_operation};
use crate::message::event::nouns::{put_address, take_address};
use crate::message::wire::{Cursor, Put};
use crate::message::{Category, Channel, Exclusion, Fact, FactId, Says, Scope, Window, Zone};

pub(super) fn put_fact<'a>(out: &'a mut BytesMut, fact: &Fact) -> &'a mut BytesMut {
    let Fact { id, told_at, by, through, why, says } = fact;
    let out = out.u32(id.0).u64(told_at.as_millis()).string(by).string(through).string(why);
    match says {
        Says::Withdrawn(other) => out.u8(0).u32(other.0),
        Says::Announced { account, from, to } => {
            out.u8(2).u32(account.0).u64(from.as_millis()).u64(to.as_millis())
        }
        Says::Categorised { account, category } => out.u8(4).u32(account.0).u8(*category as u8),
        Says::Opted { account, number, out: is_out } => {
            put_address(out.u8(7).u32(account.0), number).u8(u8::from(*is_out))
        }
        Says::Money { account, operation, before, after } => {
            let out = put_operation(out.u8(3).u32(account.0), *operation);
            put_balance(put_balance(out, *before), *after)
        }
        Says::Claimed { account, period, channel } => {
            out.u8(5).u32(account.0).u32(period.days()).u8(*channel as u8)
        }
        // 0 when it is neither granted nor refused.
        Says::Answered { fact, granted } => {
            out.u8(6).u32(fact.0).u8(granted.map_or(0, |granted| 1 + u8::from(granted)))
        }
        Says::Excluded(Window { exclusion, scope, from, to, published_at }) => {
            let out = out.u8(1).u8(*exclusion as u8).u64(from.as_millis()).u64(to.as_millis());
            let Scope { account, carrier, zone, recipient } = scope;
            let out = put_maybe(out.time(*published_at), account.map(|account| account.0));
            let out = put_maybe(out, carrier.map(|carrier| carrier.0));
            // No zone is 0, everywhere is 1.
            let out = out.u64(zone.map_or(0, Zone::number));
            match recipient {
                Some(recipient) => put_address(out.u8(1), recipient),
                None => out.u8(0),
            }
        }
    }
}

pub(super) fn take_fact(cursor: &mut Cursor<'_>) -> Option<Fact> {
    Some(Fact {
        id: FactId(cursor.u32()?),
        told_at: cursor.timestamp()?,
        by: cursor.string()?,
        through: cursor.string()?,
        why: cursor.string()?,
        says: match cursor.u8()? {
            0 => Says::Withdrawn(FactId(cursor.u32()?)),
            1 => Says::Excluded(take_window(cursor)?),
            2 => Says::Announced {
                account: AccountId(cursor.u32()?),
                from: cursor.timestamp()?,
                to: cursor.timestamp()?,
            },
            4 => Says::Categorised {
                account: AccountId(cursor.u32()?),
                category: *Category::ALL.get(usize::from(cursor.u8()?))?,
            },
            3 => Says::Money {
                account: AccountId(cursor.u32()?),
                operation: take_operation(cursor)?,
                before: take_balance(cursor)?,
                after: take_balance(cursor)?,
            },
            7 => Says::Opted {
                account: AccountId(cursor.u32()?),
                number: take_address(cursor)?,
                out: cursor.u8()? != 0,
            },
            5 => Says::Claimed {
                account: AccountId(cursor.u32()?),
                period: Date::from_days(cursor.u32()?),
                channel: Channel::WORDS.get(usize::from(cursor.u8()?))?.1,
            },
            6 => Says::Answered {
                fact: FactId(cursor.u32()?),
                granted: match cursor.u8()? {
                    0 => None,
                    1 => Some(false),
                    2 => Some(true),
                    _ => return None,
                },
            },
            _ => return None,
        },
    })
}

fn take_window(cursor: &mut Cursor<'_>) -> Option<Window> {
    let exclusion = *Exclusion::ALL.get(usize::from(cursor.u8()?))?;
    let (from, to, published_at) = (cursor.timestamp()?, cursor.timestamp()?, cursor.time()?);
    let scope = Scope {
        account: take_maybe(cursor)?.map(AccountId),
        carrier: take_maybe(cursor)?.map(CarrierId),
        zone: match cursor.u64()? {
            0 => None,
            zone => Some(Zone::from_number(zone)),
        },
        recipient: match cursor.u8()? {
            0 => None,
            _ => Some(take_address(cursor)?),
        },
    };
    Some(Window { exclusion, scope, from, to, published_at })
}

fn put_maybe(out: &mut BytesMut, number: Option<u32>) -> &mut BytesMut {
    out.u8(u8::from(number.is_some())).u32(number.unwrap_or(0))
}

/// Outer `None`: not readable; inner: none was given.
fn take_maybe(cursor: &mut Cursor<'_>) -> Option<Option<u32>> {
    let (is_there, number) = (cursor.u8()? != 0, cursor.u32()?);
    Some(is_there.then_some(number))
}
