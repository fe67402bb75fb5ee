//! What is done to a wallet by hand, or once a month: payments, vouchers, packages, refunds, rebates, the end.

use std::fmt;

use super::fund::amount;
use super::{FUNDS_MAX, Fund, FundKind, Wallet};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{FundId, Operation, Payment, Refundable, Terms};

/// The largest amount, and the largest number of segments, of one operation: a million million. So what sums up over
/// a wallet's life stays far from the end of the numbers; where it does not, the operation is refused.
pub const AMOUNT_MAX: Money = Money::from_micros(1_000_000_000_000_000_000);
const SEGMENTS_IN_MAX: u64 = 1_000_000_000_000;

/// What came of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// It is in this fund.
    In(FundId),
    /// This is to be paid out.
    Out(Money),
    /// So much of a rebate was taken off the debt, and so much put to the cash.
    Rebated {
        /// Off the debt.
        forgiven: Money,
        /// To the cash.
        cash: Money,
    },
    /// It is done.
    Changed,
}

/// Why an operation is refused. Nothing was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// The amount is below zero, or zero where that says nothing.
    NotPositive,
    /// The amount is above [`AMOUNT_MAX`], or with it the wallet's sums would not fit.
    TooLarge,
    /// It would have expired already.
    Expired,
    /// The wallet has [`FUNDS_MAX`] funds, or has used up their numbers.
    TooManyFunds,
    /// There is no such fund, or not any more.
    UnknownFund,
    /// The fund is not of the kind that this is done to.
    WrongKind,
    /// It is not refundable, or not any more (R40, R46).
    NotRefundable,
    /// There is not that much.
    NotEnough,
    /// The month, or a later one, was settled (R36).
    AlreadySettled,
    /// A prepaid account owes nothing, and this one does.
    StillOwes,
    /// Something is held for messages that are not over.
    StillHeld,
    /// The account is closed.
    Closed,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPositive => "the amount is not above zero",
            Self::TooLarge => "the amount is too large",
            Self::Expired => "it would have expired already",
            Self::TooManyFunds => "the account has too many vouchers, packages and payments with a term",
            Self::UnknownFund => "the account has no such voucher, package or payment, or it is used up",
            Self::WrongKind => "this is not done to a fund of that kind",
            Self::NotRefundable => "it is not refundable, or not any more",
            Self::NotEnough => "there is not that much",
            Self::AlreadySettled => "that month, or a later one, has been settled",
            Self::StillOwes => "the account owes something, so it cannot be prepaid",
            Self::StillHeld => "something is held for messages that are not over",
            Self::Closed => "the account is closed",
        })
    }
}

impl std::error::Error for Unfit {}

impl Wallet {
    /// Does something at `now`.
    ///
    /// # Errors
    /// [`Unfit`]; nothing was changed.
    pub fn apply(&mut self, now: Timestamp, operation: Operation) -> Result<Done, Unfit> {
        if self.closed {
            return Err(Unfit::Closed);
        }
        // On a copy: funds are few and operations seldom, and whatever is refused must leave no trace.
        let mut after = self.clone();
        after.sweep(now);
        let done = after.act(now, operation)?;
        after.funds.retain(|fund| !fund.is_over());
        after.rearm(now);
        *self = after;
        Ok(done)
    }

    fn act(&mut self, now: Timestamp, operation: Operation) -> Result<Done, Unfit> {
        match operation {
            Operation::Terms(terms) => self.change(terms),
            Operation::TopUp { amount, expires, refundable } => self.top_up(now, amount, expires, refundable),
            Operation::Voucher { amount, expires } => {
                let size = self.money_in(amount)?;
                self.add(now, FundKind::Voucher, size, Money::ZERO, expires, Refundable::Never)
            }
            Operation::Package { segments, paid, expires, refundable } => {
                self.package(now, segments, paid, expires, refundable)
            }
            Operation::RefundPackage { fund } => self.refund(now, fund),
            Operation::Withdraw { fund, amount } => self.withdraw(now, fund, amount),
            Operation::Rebate { month, amount } => self.rebate(now, month, amount),
            Operation::Collect { amount } => {
                positive(amount)?;
                let is_there = amount <= self.owed && amount <= self.good(FundKind::Cash, now);
                if !is_there {
                    return Err(Unfit::NotEnough);
                }
                self.collect(now, amount);
                Ok(Done::Changed)
            }
            Operation::Close => self.close(now),
        }
    }

    fn change(&mut self, terms: Terms) -> Result<Done, Unfit> {
        let limits = match terms.payment {
            Payment::Prepaid if self.owed.is_positive() || self.owed_held.is_positive() => {
                return Err(Unfit::StillOwes);
            }
            Payment::Postpaid { credit_limit } => [Some(credit_limit), terms.low_money],
            Payment::Prepaid | Payment::Covered => [None, terms.low_money],
        };
        for limit in limits.into_iter().flatten() {
            not_negative(limit)?;
        }
        self.terms = terms;
        Ok(Done::Changed)
    }

    fn top_up(
        &mut self,
        now: Timestamp,
        paid: Money,
        expires: Option<Timestamp>,
        refundable: Refundable,
    ) -> Result<Done, Unfit> {
        not_expired(now, expires)?;
        let size = self.money_in(paid)?;
        let same = |fund: &&mut Fund| {
            fund.kind == FundKind::Cash && fund.expires == expires && fund.refundable == refundable
        };
        if let Some(fund) = self.funds.iter_mut().find(same) {
            fund.left = fund.left.saturating_add(size);
            fund.size = fund.size.saturating_add(size);
            return Ok(Done::In(fund.id));
        }
        self.add(now, FundKind::Cash, size, Money::ZERO, expires, refundable)
    }

    fn package(
        &mut self,
        now: Timestamp,
        segments: u64,
        paid: Money,
        expires: Option<Timestamp>,
        refundable: Refundable,
    ) -> Result<Done, Unfit> {
        not_negative(paid)?;
        if segments == 0 {
            return Err(Unfit::NotPositive);
        }
        let fits = segments <= SEGMENTS_IN_MAX;
        let sum = self.totals.segments_in.checked_add(segments).filter(|_| fits).ok_or(Unfit::TooLarge)?;
        let all_paid = self.totals.packages_paid.checked_add(paid).ok_or(Unfit::TooLarge)?;
        (self.totals.segments_in, self.totals.packages_paid) = (sum, all_paid);
        self.add(now, FundKind::Package, segments, paid, expires, refundable)
    }

    fn rebate(&mut self, now: Timestamp, month: u32, rebate: Money) -> Result<Done, Unfit> {
        not_negative(rebate)?;
        if month <= self.settled_through {
            return Err(Unfit::AlreadySettled);
        }
        self.settled_through = month;
        let forgiven = rebate.min(self.owed);
        let cash = rebate.saturating_sub(forgiven);
        self.owed = self.owed.saturating_sub(forgiven);
        self.totals.forgiven = self.totals.forgiven.saturating_add(forgiven);
        if cash.is_positive() {
            self.top_up(now, cash, None, Refundable::Always)?;
        }
        Ok(Done::Rebated { forgiven, cash })
    }

    /// Takes what is owed from cash that is there, from the fund that expires first.
    pub(super) fn collect(&mut self, now: Timestamp, owed: Money) {
        let mut missing = amount(owed);
        let cash = |fund: &&mut Fund| fund.kind == FundKind::Cash && fund.is_good(now);
        for fund in self.funds.iter_mut().filter(cash) {
            let given = fund.left.min(missing);
            fund.left -= given;
            missing -= given;
        }
        self.owed = self.owed.saturating_sub(owed);
        self.totals.collected = self.totals.collected.saturating_add(owed);
    }

    /// Counts money that comes in; the amount of its fund.
    fn money_in(&mut self, paid: Money) -> Result<u64, Unfit> {
        positive(paid)?;
        let fits = paid <= AMOUNT_MAX;
        let sum = self.totals.money_in.checked_add(paid).filter(|_| fits).ok_or(Unfit::TooLarge)?;
        self.totals.money_in = sum;
        Ok(amount(paid))
    }

    fn add(
        &mut self,
        now: Timestamp,
        kind: FundKind,
        size: u64,
        paid: Money,
        expires: Option<Timestamp>,
        refundable: Refundable,
    ) -> Result<Done, Unfit> {
        not_expired(now, expires)?;
        let id = FundId(self.last_fund.checked_add(1).ok_or(Unfit::TooManyFunds)?);
        let (left, held, spent, refunded) = (size, 0, 0, 0);
        let fund = Fund { id, kind, left, held, expires, refundable, size, paid, spent, refunded };
        let is_full = self.funds.len() >= FUNDS_MAX && !fund.is_plain_cash();
        if is_full {
            return Err(Unfit::TooManyFunds);
        }
        self.last_fund = id.0;
        let place = self.funds.partition_point(|other| other.order() < fund.order());
        self.funds.insert(place, fund);
        Ok(Done::In(id))
    }
}

pub(super) const fn positive(amount: Money) -> Result<(), Unfit> {
    if amount.is_positive() { Ok(()) } else { Err(Unfit::NotPositive) }
}

fn not_negative(amount: Money) -> Result<(), Unfit> {
    match amount {
        amount if amount.is_negative() => Err(Unfit::NotPositive),
        amount if amount > AMOUNT_MAX => Err(Unfit::TooLarge),
        _ => Ok(()),
    }
}

fn not_expired(now: Timestamp, expires: Option<Timestamp>) -> Result<(), Unfit> {
    if expires.is_some_and(|expires| expires <= now) { Err(Unfit::Expired) } else { Ok(()) }
}
