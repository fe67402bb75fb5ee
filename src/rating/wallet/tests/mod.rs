mod operations;
mod order;
mod properties;

use super::*;
use crate::message::{Hold, Operation, Payment, Refundable};

const fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

const DAY: u64 = 86_400_000;

/// A wallet to which this was done at the beginning.
fn wallet(operations: &[Operation]) -> Wallet {
    let mut wallet = Wallet::default();
    for operation in operations {
        wallet.apply(at(0), *operation).unwrap();
    }
    wallet
}

fn cash(amount: &str) -> Operation {
    Operation::TopUp { amount: money(amount), expires: None, refundable: Refundable::Always }
}

/// A stored-value card.
fn card(amount: &str, expires: u64) -> Operation {
    Operation::TopUp { amount: money(amount), expires: Some(at(expires)), refundable: Refundable::Never }
}

fn voucher(amount: &str, expires: u64) -> Operation {
    Operation::Voucher { amount: money(amount), expires: Some(at(expires)) }
}

/// A package, refundable for seven days from the beginning.
fn package(segments: u64, paid: &str, expires: u64) -> Operation {
    let refundable = Refundable::Until(at(7 * DAY));
    Operation::Package { segments, paid: money(paid), expires: Some(at(expires)), refundable }
}

fn postpaid(limit: &str) -> Operation {
    let payment = Payment::Postpaid { credit_limit: money(limit) };
    Operation::Terms(Terms { payment, ..Terms::default() })
}

const COVERED: Operation =
    Operation::Terms(Terms { payment: Payment::Covered, low_money: None, low_segments: None });

#[track_caller]
fn hold(wallet: &mut Wallet, now: u64, segments: u32, unit: &str) -> Hold {
    wallet.hold(at(now), segments, money(unit)).unwrap().0
}

/// What is left in each fund, as its kind, its number and its amount.
fn left(wallet: &Wallet) -> Vec<(FundKind, u16, u64)> {
    wallet.funds().iter().map(|fund| (fund.kind, fund.id.0, fund.left)).collect()
}
