//! Snapshots, to and from records.

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId};
use crate::message::event::agreed::{put_agreement, take_agreement};
use crate::message::event::closed::{put_given_up, take_given_up};
use crate::message::event::nouns::{put_receipt, take_receipt};
use crate::message::event::recounts::{put_grounds, take_grounds};
use crate::message::event::told::{put_fact, take_fact};
use crate::message::event::{GivenUp, Snapshot};
use crate::message::wire::{Cursor, Put};

pub(super) fn put_snapshot<'a>(out: &'a mut BytesMut, snapshot: &Snapshot) -> &'a mut BytesMut {
    match snapshot {
        Snapshot::Began { last_id, clock_offset } => out.u8(0).id(*last_id).u64(clock_offset.cast_unsigned()),
        Snapshot::Account { account, name, counts } => out.u8(1).u32(account.0).string(name).numbers(counts),
        Snapshot::Carrier { carrier, name, counts } => out.u8(2).u32(carrier.0).string(name).numbers(counts),
        Snapshot::Finished { hashes } => out.u8(3).numbers(hashes),
        Snapshot::Parked { at, receipt } => put_receipt(out.u8(4).u64(at.as_millis()), receipt),
        Snapshot::Ended => out.u8(5),
        Snapshot::Cells { numbers } => out.u8(6).numbers(numbers),
        Snapshot::Fact(fact) => put_fact(out.u8(7), fact),
        Snapshot::Loads { numbers } => out.u8(8).numbers(numbers),
        Snapshot::Wallet { account, numbers } => out.u8(9).u32(account.0).numbers(numbers),
        Snapshot::Usage { numbers } => out.u8(10).numbers(numbers),
        Snapshot::Months { numbers } => out.u8(11).numbers(numbers),
        Snapshot::Outages { numbers } => out.u8(12).numbers(numbers),
        Snapshot::GivenUp(given_up) => match given_up.grounds {
            None => put_given_up(out.u8(20), given_up),
            grounds => put_given_up(put_grounds(out.u8(26), grounds), given_up),
        },
        Snapshot::Recounts { numbers } => out.u8(24).numbers(numbers),
        Snapshot::Adjustments { numbers } => out.u8(21).numbers(numbers),
        Snapshot::Closings { numbers } => out.u8(22).numbers(numbers),
        Snapshot::Moved { numbers } => out.u8(23).numbers(numbers),
        Snapshot::OptedOut { numbers } => out.u8(27).numbers(numbers),
        Snapshot::Agreed(agreement) => put_agreement(out.u8(25), agreement),
    }
}

pub(super) fn take_snapshot(cursor: &mut Cursor<'_>) -> Option<Snapshot> {
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
        6 => Snapshot::Cells { numbers: cursor.numbers()? },
        7 => Snapshot::Fact(take_fact(cursor)?),
        8 => Snapshot::Loads { numbers: cursor.numbers()? },
        9 => Snapshot::Wallet { account: AccountId(cursor.u32()?), numbers: cursor.numbers()? },
        10 => Snapshot::Usage { numbers: cursor.numbers()? },
        11 => Snapshot::Months { numbers: cursor.numbers()? },
        25 => Snapshot::Agreed(take_agreement(cursor)?),
        12 => Snapshot::Outages { numbers: cursor.numbers()? },
        20 => Snapshot::GivenUp(Box::new(take_given_up(cursor)?)),
        21 => Snapshot::Adjustments { numbers: cursor.numbers()? },
        22 => Snapshot::Closings { numbers: cursor.numbers()? },
        23 => Snapshot::Moved { numbers: cursor.numbers()? },
        24 => Snapshot::Recounts { numbers: cursor.numbers()? },
        27 => Snapshot::OptedOut { numbers: cursor.numbers()? },
        26 => {
            let grounds = take_grounds(cursor)?;
            Snapshot::GivenUp(Box::new(GivenUp { grounds, ..take_given_up(cursor)? }))
        }
        _ => return None,
    })
}
