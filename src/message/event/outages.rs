//! Outages to and from records (module head of [`super`]).

use bytes::BytesMut;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::wire::{Cursor, Put};
use crate::message::{Cause, Closing, Function, How, Lapse, Whose};

pub(super) fn put_lapse<'a>(out: &'a mut BytesMut, at: Timestamp, lapse: &Lapse) -> &'a mut BytesMut {
    let (tag, number) = match lapse.whose {
        Whose::Everyone => (0, 0),
        Whose::Account(account) => (1, account.0),
        Whose::Carrier(carrier) => (2, carrier.0),
    };
    let cause = number_of(&Cause::ALL, lapse.cause);
    out.u64(at.as_millis()).u8(tag).u32(number).u8(lapse.function as u8).u8(cause)
}

pub(super) fn take_lapse(cursor: &mut Cursor<'_>) -> Option<(Timestamp, Lapse)> {
    let at = cursor.timestamp()?;
    let whose = match (cursor.u8()?, cursor.u32()?) {
        (0, 0) => Whose::Everyone,
        (1, number) => Whose::Account(AccountId(number)),
        (2, number) => Whose::Carrier(CarrierId(number)),
        _ => return None,
    };
    let (_, function) = *Function::WORDS.get(usize::from(cursor.u8()?))?;
    let cause = *Cause::ALL.get(usize::from(cursor.u8()?))?;
    Some((at, Lapse { whose, function, cause }))
}

pub(super) fn put_closing<'a>(out: &'a mut BytesMut, closing: &Closing) -> &'a mut BytesMut {
    let Closing { at, how, unanswered, peer: (ip, port) } = closing;
    let out = out.u64(at.as_millis()).u8(number_of(&How::ALL, *how)).u32(*unanswered);
    out.u64((ip >> 64) as u64).u64(*ip as u64).u32(u32::from(*port))
}

pub(super) fn take_closing(cursor: &mut Cursor<'_>) -> Option<Closing> {
    let at = cursor.timestamp()?;
    let how = *How::ALL.get(usize::from(cursor.u8()?))?;
    let unanswered = cursor.u32()?;
    let ip = u128::from(cursor.u64()?) << 64 | u128::from(cursor.u64()?);
    Some(Closing { at, how, unanswered, peer: (ip, u16::try_from(cursor.u32()?).ok()?) })
}

fn number_of<T: PartialEq>(all: &[T], one: T) -> u8 {
    let place = all.iter().position(|known| *known == one);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::Event;

    fn at() -> impl Strategy<Value = Timestamp> {
        any::<u64>().prop_map(Timestamp::from_millis)
    }

    pub(in crate::message::event) fn outage() -> impl Strategy<Value = Event> {
        let whose = prop_oneof![
            Just(Whose::Everyone),
            any::<u32>().prop_map(|n| Whose::Account(AccountId(n))),
            any::<u32>().prop_map(|n| Whose::Carrier(CarrierId(n))),
        ];
        let lapse =
            (whose, 0..Function::WORDS.len(), 0..Cause::ALL.len()).prop_map(|(whose, function, cause)| {
                Lapse { whose, function: Function::WORDS[function].1, cause: Cause::ALL[cause] }
            });
        let closing = (at(), 0..How::ALL.len(), any::<u32>(), any::<(u128, u16)>())
            .prop_map(|(at, how, unanswered, peer)| Closing { at, how: How::ALL[how], unanswered, peer });
        prop_oneof![
            (at(), lapse, any::<bool>()).prop_map(|(at, lapse, is_out)| match is_out {
                true => Event::OutageBegan { at, lapse },
                false => Event::OutageEnded { at, lapse },
            }),
            (any::<u32>(), closing)
                .prop_map(|(n, closing)| Event::LinkClosed { carrier: CarrierId(n), closing }),
        ]
    }
}
