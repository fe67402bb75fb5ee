//! Prices, payments and terms, to and from records.

use bytes::BytesMut;

use crate::base::time::Timestamp;
use crate::message::wire::{Cursor, Put};
use crate::message::{Balance, Bill, Charge, ChargeOn, FundId, Hold, Operation, Payment, Refundable, Terms};

/// No bill is 0; one is 1 and its fields.
pub(super) fn put_bill<'a>(out: &'a mut BytesMut, bill: Option<&Bill>) -> &'a mut BytesMut {
    let Some(Bill { hold, unit, tariff, version, segments, charge_on, charge }) = bill else {
        return out.u8(0);
    };
    let out = out.u8(1).money(*unit).u32(*tariff).u32(*version).u32(u32::from(*segments));
    put_hold(out.u8(*charge_on as u8).u8(*charge as u8), hold)
}

/// Outer `None`: not readable; inner: none was given.
pub(super) fn take_bill(cursor: &mut Cursor<'_>) -> Option<Option<Box<Bill>>> {
    if cursor.u8()? == 0 {
        return Some(None);
    }
    let (unit, tariff, version) = (cursor.money()?, cursor.u32()?, cursor.u32()?);
    let segments = u16::try_from(cursor.u32()?).ok()?;
    let charge_on = *ChargeOn::ALL.get(usize::from(cursor.u8()?))?;
    let charge = *Charge::ALL.get(usize::from(cursor.u8()?))?;
    let hold = take_hold(cursor)?;
    Some(Some(Box::new(Bill { hold, unit, tariff, version, segments, charge_on, charge })))
}

/// How many of its numbers are not zero, and each of those with its place: nearly always two.
fn put_hold<'a>(out: &'a mut BytesMut, hold: &Hold) -> &'a mut BytesMut {
    let numbers = hold.to_numbers();
    let told = (0_u8..).zip(numbers).filter(|(_, number)| *number != 0);
    let out = out.u8(u8::try_from(told.clone().count()).unwrap_or(u8::MAX));
    told.fold(out, |out, (place, number)| out.u8(place).u64(number))
}

fn take_hold(cursor: &mut Cursor<'_>) -> Option<Hold> {
    let mut numbers = [0; 10];
    for _ in 0..cursor.u8()? {
        let place = usize::from(cursor.u8()?);
        *numbers.get_mut(place)? = cursor.u64()?;
    }
    Hold::from_numbers(numbers)
}

pub(super) fn put_terms(out: &mut BytesMut, terms: Terms) -> &mut BytesMut {
    let Terms { payment, low_money, low_segments } = terms;
    let out = match payment {
        Payment::Prepaid => out.u8(0),
        Payment::Postpaid { credit_limit } => out.u8(1).money(credit_limit),
        Payment::Covered => out.u8(2),
    };
    let out = out.u8(u8::from(low_money.is_some())).money(low_money.unwrap_or_default());
    out.u8(u8::from(low_segments.is_some())).u64(low_segments.unwrap_or_default())
}

pub(super) fn take_terms(cursor: &mut Cursor<'_>) -> Option<Terms> {
    Some(Terms {
        payment: match cursor.u8()? {
            0 => Payment::Prepaid,
            1 => Payment::Postpaid { credit_limit: cursor.money()? },
            2 => Payment::Covered,
            _ => return None,
        },
        low_money: {
            let (is_there, low) = (cursor.u8()? != 0, cursor.money()?);
            is_there.then_some(low)
        },
        low_segments: {
            let (is_there, low) = (cursor.u8()? != 0, cursor.u64()?);
            is_there.then_some(low)
        },
    })
}

pub(super) fn put_operation(out: &mut BytesMut, operation: Operation) -> &mut BytesMut {
    match operation {
        Operation::Terms(terms) => put_terms(out.u8(0), terms),
        Operation::TopUp { amount, expires, refundable } => {
            put_refundable(out.u8(1).money(amount).time(expires), refundable)
        }
        Operation::Voucher { amount, expires } => out.u8(2).money(amount).time(expires),
        Operation::Package { segments, paid, expires, refundable } => {
            put_refundable(out.u8(3).u64(segments).money(paid).time(expires), refundable)
        }
        Operation::RefundPackage { fund } => out.u8(4).u32(u32::from(fund.0)),
        Operation::Withdraw { fund, amount } => out.u8(5).u32(u32::from(fund.0)).money(amount),
        Operation::Rebate { month, amount } => out.u8(6).u32(month).money(amount),
        Operation::Collect { amount } => out.u8(7).money(amount),
        Operation::Close => out.u8(8),
    }
}

pub(super) fn take_operation(cursor: &mut Cursor<'_>) -> Option<Operation> {
    Some(match cursor.u8()? {
        0 => Operation::Terms(take_terms(cursor)?),
        1 => Operation::TopUp {
            amount: cursor.money()?,
            expires: cursor.time()?,
            refundable: take_refundable(cursor)?,
        },
        2 => Operation::Voucher { amount: cursor.money()?, expires: cursor.time()? },
        3 => Operation::Package {
            segments: cursor.u64()?,
            paid: cursor.money()?,
            expires: cursor.time()?,
            refundable: take_refundable(cursor)?,
        },
        4 => Operation::RefundPackage { fund: take_fund(cursor)? },
        5 => Operation::Withdraw { fund: take_fund(cursor)?, amount: cursor.money()? },
        6 => Operation::Rebate { month: cursor.u32()?, amount: cursor.money()? },
        7 => Operation::Collect { amount: cursor.money()? },
        8 => Operation::Close,
        _ => return None,
    })
}

pub(super) fn put_balance(out: &mut BytesMut, balance: Balance) -> &mut BytesMut {
    out.money(balance.money).u64(balance.segments)
}

pub(super) fn take_balance(cursor: &mut Cursor<'_>) -> Option<Balance> {
    Some(Balance { money: cursor.money()?, segments: cursor.u64()? })
}

fn put_refundable(out: &mut BytesMut, refundable: Refundable) -> &mut BytesMut {
    match refundable {
        Refundable::Never => out.u8(0).u64(0),
        Refundable::Always => out.u8(1).u64(0),
        Refundable::Until(last) => out.u8(2).u64(last.as_millis()),
    }
}

fn take_refundable(cursor: &mut Cursor<'_>) -> Option<Refundable> {
    let (kind, last) = (cursor.u8()?, cursor.u64()?);
    match kind {
        0 => Some(Refundable::Never),
        1 => Some(Refundable::Always),
        2 => Some(Refundable::Until(Timestamp::from_millis(last))),
        _ => None,
    }
}

fn take_fund(cursor: &mut Cursor<'_>) -> Option<FundId> {
    Some(FundId(u16::try_from(cursor.u32()?).ok()?))
}
