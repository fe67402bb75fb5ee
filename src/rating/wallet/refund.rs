//! What is given back? A package within its days, cash that was paid, and all of it when we end the service.

use super::fund::{amount, money};
use super::operation::positive;
use super::{Done, FundKind, Unfit, Wallet};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{FundId, Refundable};

impl Wallet {
    /// What was paid and not consumed, to be given back when we end the service (R47): cash, and packages by the
    /// segment and each rounded down, unless they are never refundable; less what is owed, held on credit or not. Not
    /// bound by the seven days of R46. Vouchers were not paid for.
    #[must_use]
    pub fn unconsumed(&self, now: Timestamp) -> Money {
        let mut after = self.clone();
        after.owed = after.owed.saturating_add(after.owed_held);
        after.sweep(now);
        after.pay_out(now)
    }

    pub(super) fn refund(&mut self, now: Timestamp, id: FundId) -> Result<Done, Unfit> {
        let fund = self.fund_mut(id).ok_or(Unfit::UnknownFund)?;
        if fund.kind != FundKind::Package {
            return Err(Unfit::WrongKind);
        }
        if !fund.refundable.is_open(now) {
            return Err(Unfit::NotRefundable);
        }
        if fund.left == 0 || !fund.is_good(now) {
            return Err(Unfit::NotEnough);
        }
        let unused = std::mem::take(&mut fund.left);
        let due = fund.worth(0, unused);
        fund.refunded = unused;
        self.totals.segments_refunded = self.totals.segments_refunded.saturating_add(unused);
        self.totals.packages_refunded = self.totals.packages_refunded.saturating_add(due);
        Ok(Done::Out(due))
    }

    pub(super) fn withdraw(&mut self, now: Timestamp, id: FundId, wanted: Money) -> Result<Done, Unfit> {
        positive(wanted)?;
        // What covers a debt stays.
        let free = self.cash_or_credit(now).min(self.good(FundKind::Cash, now));
        let fund = self.fund_mut(id).ok_or(Unfit::UnknownFund)?;
        if fund.kind != FundKind::Cash {
            return Err(Unfit::WrongKind);
        }
        if !fund.refundable.is_open(now) {
            return Err(Unfit::NotRefundable);
        }
        if wanted > free || amount(wanted) > fund.left {
            return Err(Unfit::NotEnough);
        }
        fund.left -= amount(wanted);
        self.totals.paid_out = self.totals.paid_out.saturating_add(wanted);
        Ok(Done::Out(wanted))
    }

    pub(super) fn close(&mut self, now: Timestamp) -> Result<Done, Unfit> {
        if !self.is_at_rest() {
            return Err(Unfit::StillHeld);
        }
        let out = self.pay_out(now);
        self.funds.clear();
        self.closed = true;
        Ok(Done::Out(out))
    }

    /// Collects what is owed, takes what is left out of all funds, and says what of it is to be paid out.
    fn pay_out(&mut self, now: Timestamp) -> Money {
        self.collect(now, self.owed.min(self.good(FundKind::Cash, now)));
        let (mut cash, mut packages) = (Money::ZERO, Money::ZERO);
        for fund in &mut self.funds {
            let due = fund.unconsumed();
            let left = std::mem::take(&mut fund.left);
            if fund.kind == FundKind::Voucher || fund.refundable == Refundable::Never {
                self.totals.add_void(fund.kind, left);
            } else if fund.is_money() {
                cash = cash.saturating_add(money(left));
            } else {
                self.totals.segments_refunded = self.totals.segments_refunded.saturating_add(left);
                packages = packages.saturating_add(due);
            }
        }
        let forgiven = packages.min(self.owed);
        self.owed = self.owed.saturating_sub(forgiven);
        self.totals.forgiven = self.totals.forgiven.saturating_add(forgiven);
        self.totals.paid_out = self.totals.paid_out.saturating_add(cash);
        self.totals.packages_refunded = self.totals.packages_refunded.saturating_add(packages);
        cash.saturating_add(packages).saturating_sub(forgiven)
    }
}
