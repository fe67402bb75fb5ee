//! What is set aside for one message, how it is taken, and what becomes of it.

use std::fmt;

use super::fund::{amount, money};
use super::{Fund, FundKind, LowBalance, Spent, Wallet};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::bill::PACKAGES;
use crate::message::{FundId, Hold, Payment};

/// The most segments of one hold: what its counts have room for, and more than sixty times the longest body.
pub const SEGMENTS_MAX: u32 = u16::MAX as u32;

/// Why a message cannot be paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shortage {
    /// So much money is missing (R43).
    Missing(Money),
    /// Its price does not fit, or it has more than [`SEGMENTS_MAX`] segments, or the price is below zero.
    NoPrice,
    /// The account is closed.
    Closed,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(missing) => write!(f, "{missing} is missing"),
            Self::NoPrice => f.write_str("no message has such a price"),
            Self::Closed => f.write_str("the account is closed"),
        }
    }
}

impl std::error::Error for Shortage {}

/// The wallet holds no such thing: it was settled or released before. Nothing was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotHeld;

impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the account holds no such thing")
    }
}

impl std::error::Error for NotHeld {}

/// What became of a released hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Returned {
    /// Money that is there again: of vouchers and cash, or on credit.
    pub money: Money,
    /// Segments that are there again.
    pub segments: u64,
    /// Money whose fund has expired meanwhile: void.
    pub void_money: Money,
    /// Segments whose package has expired meanwhile: void.
    pub void_segments: u64,
    /// To be paid out: the price of segments whose package was refunded meanwhile.
    pub refund_due: Money,
}

impl Wallet {
    /// What would be held for a message of so many segments at this price each, submitted at `now`. Decides only;
    /// [`Wallet::take`] does it.
    ///
    /// # Errors
    /// [`Shortage`]: what may be spent does not pay all of it. Nothing is ever paid in part.
    pub fn plan(&self, now: Timestamp, segments: u32, unit: Money) -> Result<Hold, Shortage> {
        if self.closed {
            return Err(Shortage::Closed);
        }
        let no_price = || unit.is_negative() || segments > SEGMENTS_MAX;
        let price = unit.checked_mul(segments.into()).filter(|_| !no_price()).ok_or(Shortage::NoPrice)?;
        if price.is_zero() {
            return Ok(Hold::NONE);
        }
        let vouchers = self.good(FundKind::Voucher, now);
        let mut hold = Hold::NONE;
        let mut due = price;
        if vouchers < price {
            let (whole, _) = vouchers.times(unit).unwrap_or_default();
            hold.packages = self.of_packages(now, u64::from(segments).saturating_sub(whole));
            let unpaid = u64::from(segments).saturating_sub(hold.segments());
            due = unit.checked_mul(unpaid).ok_or(Shortage::NoPrice)?;
        }
        let voucher = due.min(vouchers);
        let rest = due.saturating_sub(voucher);
        let missing = rest.saturating_sub(self.cash_or_credit(now));
        if rest.is_positive() && missing.is_positive() {
            return Err(Shortage::Missing(missing));
        }
        (hold.voucher, hold.money) = (amount(voucher), amount(rest));
        hold.voucher_fund = self.last_of(FundKind::Voucher, now, hold.voucher);
        if self.terms.payment == Payment::Prepaid {
            hold.money_fund = self.last_of(FundKind::Cash, now, hold.money);
        }
        Ok(hold)
    }

    /// Takes what was planned out of the funds, at the `now` of the plan. Says so when that takes a balance below its
    /// threshold.
    ///
    /// # Errors
    /// [`NotHeld`] when the funds are not those of the plan; nothing was changed.
    pub fn take(&mut self, now: Timestamp, hold: &Hold) -> Result<Option<LowBalance>, NotHeld> {
        let is_there = hold.pieces().all(|(id, amount)| {
            let Some(last) = self.fund(id) else { return false };
            // What money there is up to that fund; a package pays for itself.
            let pays = |fund: &&Fund| {
                fund.id == id || fund.is_money() && fund.kind == last.kind && fund.order() <= last.order()
            };
            let there = self.funds.iter().filter(pays).filter(|fund| fund.is_good(now));
            there.map(|fund| fund.left).fold(0, u64::saturating_add) >= amount
        });
        if self.closed || !is_there {
            return Err(NotHeld);
        }
        for (id, amount) in hold.pieces() {
            self.draw(now, id, amount);
        }
        self.owed_held = self.owed_held.saturating_add(hold.credit());
        self.sweep(now);
        Ok(self.warn(now, hold))
    }

    /// Plans and takes at once.
    ///
    /// # Errors
    /// As [`Wallet::plan`].
    pub fn hold(
        &mut self,
        now: Timestamp,
        segments: u32,
        unit: Money,
    ) -> Result<(Hold, Option<LowBalance>), Shortage> {
        let hold = self.plan(now, segments, unit)?;
        let low = self.take(now, &hold).map_err(|NotHeld| Shortage::NoPrice)?;
        Ok((hold, low))
    }

    /// Spends what is held: also of funds that have expired since, for it was paid in time.
    ///
    /// # Errors
    /// [`NotHeld`]; nothing was changed.
    pub fn settle(&mut self, hold: &Hold) -> Result<Spent, NotHeld> {
        self.has(hold)?;
        let mut spent = Spent { credit: hold.credit(), ..Spent::default() };
        self.owed_held = self.owed_held.saturating_sub(spent.credit);
        self.owed = self.owed.saturating_add(spent.credit);
        for (id, amount) in hold.pieces() {
            let Some(fund) = self.fund_mut(id) else { continue };
            fund.held = fund.held.saturating_sub(amount);
            match fund.kind {
                FundKind::Voucher => spent.voucher = spent.voucher.saturating_add(money(amount)),
                FundKind::Cash => spent.cash = spent.cash.saturating_add(money(amount)),
                FundKind::Package => {
                    spent.segments = spent.segments.saturating_add(amount);
                    spent.package_value = spent.package_value.saturating_add(fund.worth(fund.spent, amount));
                }
            }
            fund.spent = fund.spent.saturating_add(amount);
        }
        self.funds.retain(|fund| !fund.is_over());
        self.totals.spent = self.totals.spent.plus(spent);
        Ok(spent)
    }

    /// Gives back what is held, to the funds it came from; what has expired by `now` is void.
    ///
    /// # Errors
    /// [`NotHeld`]; nothing was changed.
    pub fn release(&mut self, now: Timestamp, hold: &Hold) -> Result<Returned, NotHeld> {
        self.has(hold)?;
        let mut returned = Returned { money: hold.credit(), ..Returned::default() };
        self.owed_held = self.owed_held.saturating_sub(hold.credit());
        for (id, amount) in hold.pieces() {
            let Some(fund) = self.funds.iter_mut().find(|fund| fund.id == id) else { continue };
            fund.held = fund.held.saturating_sub(amount);
            match (fund.is_money(), fund.is_closed(), fund.has_expired(now)) {
                (_, true, _) => {
                    let due = fund.worth(fund.refunded, amount);
                    fund.refunded = fund.refunded.saturating_add(amount);
                    returned.refund_due = returned.refund_due.saturating_add(due);
                    self.totals.segments_refunded = self.totals.segments_refunded.saturating_add(amount);
                    self.totals.packages_refunded = self.totals.packages_refunded.saturating_add(due);
                }
                (is_money, false, true) => {
                    self.totals.add_void(fund.kind, amount);
                    if is_money {
                        returned.void_money = returned.void_money.saturating_add(money(amount));
                    } else {
                        returned.void_segments = returned.void_segments.saturating_add(amount);
                    }
                }
                (is_money, false, false) => {
                    fund.left = fund.left.saturating_add(amount);
                    if is_money {
                        returned.money = returned.money.saturating_add(money(amount));
                    } else {
                        returned.segments = returned.segments.saturating_add(amount);
                    }
                }
            }
        }
        self.sweep(now);
        Ok(returned)
    }

    /// Segments of at most [`PACKAGES`] packages, in order; where more would be needed, the smallest are passed over.
    fn of_packages(&self, now: Timestamp, segments: u64) -> [(u16, u16); PACKAGES] {
        let mut chosen = [(0, 0); PACKAGES];
        let mut unpaid = segments;
        for fund in self.funds.iter().filter(|fund| !fund.is_money() && fund.is_good(now) && fund.left > 0) {
            if unpaid == 0 {
                break;
            }
            let Some(smallest) = chosen.iter_mut().min_by_key(|(_, count)| *count) else { break };
            let given = fund.left.min(unpaid.saturating_add(u64::from(smallest.1)));
            if given > u64::from(smallest.1) {
                unpaid = unpaid.saturating_add(u64::from(smallest.1)).saturating_sub(given);
                *smallest = (fund.id.0, u16::try_from(given).unwrap_or(u16::MAX));
            }
        }
        chosen
    }

    /// The fund of this kind that the last of `amount` comes from; 0 for nothing.
    fn last_of(&self, kind: FundKind, now: Timestamp, amount: u64) -> u16 {
        let mut missing = amount;
        for fund in self.funds.iter().filter(|fund| fund.kind == kind && fund.is_good(now)) {
            if missing > 0 && fund.left >= missing {
                return fund.id.0;
            }
            missing = missing.saturating_sub(fund.left);
        }
        0
    }

    /// Moves `amount` from what is left to what is held of this fund; of money, what the funds before it have left
    /// goes first and is held as this one's.
    fn draw(&mut self, now: Timestamp, id: FundId, amount: u64) {
        let Some(last) = self.fund(id).copied() else { return };
        let mut missing = amount;
        if last.is_money() {
            let earlier = |fund: &&mut Fund| fund.kind == last.kind && fund.order() < last.order();
            for fund in self.funds.iter_mut().filter(earlier).filter(|fund| fund.is_good(now)) {
                let given = fund.left.min(missing);
                fund.left -= given;
                missing -= given;
            }
        }
        if let Some(fund) = self.fund_mut(id) {
            fund.left = fund.left.saturating_sub(missing);
            fund.held = fund.held.saturating_add(amount);
        }
    }

    /// Whether all of this is held.
    fn has(&self, hold: &Hold) -> Result<(), NotHeld> {
        let is_held = |(id, amount)| self.fund(id).is_some_and(|fund| fund.held >= amount);
        if hold.credit() <= self.owed_held && hold.pieces().all(is_held) { Ok(()) } else { Err(NotHeld) }
    }
}
