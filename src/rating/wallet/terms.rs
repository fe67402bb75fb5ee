//! On what terms may an account spend? Prepaid or on credit, and when it is warned.

use super::{FundKind, Wallet};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{Hold, Payment, Terms};

/// A balance that has fallen below its threshold. Told once: the next time after money came in and lifted it again.
/// What is released does not count as that, or every release at the threshold would bring a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LowBalance {
    /// So much money is left to spend.
    Money(Money),
    /// So many segments of packages are left.
    Segments(u64),
}

/// How an account stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Well.
    Good,
    /// Below a threshold.
    Low,
    /// In arrears: there is nothing to pay with (R43). Submissions are refused, one by one, as soon as what is left
    /// does not pay them; receipts still flow.
    Suspended,
    /// Closed for good.
    Closed,
}

impl Standing {
    /// Every standing, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Good, Self::Low, Self::Suspended, Self::Closed];

    /// The standing in one lower-case word, for tables and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Low => "low",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
}

impl Wallet {
    /// Its terms.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// How it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let (money, segments) = (self.to_spend(now), self.left_segments(now));
        let low_money = self.terms.low_money.is_some_and(|low| money < low);
        let low_segments = self.terms.low_segments.is_some_and(|low| segments < low);
        match (self.closed, money.is_positive() || segments > 0) {
            (true, _) => Standing::Closed,
            (false, false) => Standing::Suspended,
            (false, true) if low_money || low_segments => Standing::Low,
            (false, true) => Standing::Good,
        }
    }

    /// Money that messages may be paid with at `now`: vouchers, and cash or credit. Below zero only where what covers
    /// a debt has expired, or its limit was lowered.
    #[must_use]
    pub fn to_spend(&self, now: Timestamp) -> Money {
        self.good(FundKind::Voucher, now).saturating_add(self.cash_or_credit(now))
    }

    /// What is behind the vouchers.
    pub(super) fn cash_or_credit(&self, now: Timestamp) -> Money {
        let cash = self.good(FundKind::Cash, now);
        let owed = self.owed.saturating_add(self.owed_held);
        match self.terms.payment {
            Payment::Prepaid => cash,
            Payment::Postpaid { credit_limit } => cash.saturating_add(credit_limit).saturating_sub(owed),
            Payment::Covered => cash.saturating_sub(owed),
        }
    }

    pub(super) fn good(&self, kind: FundKind, now: Timestamp) -> Money {
        self.sum(|fund| fund.kind == kind && fund.is_good(now), |fund| fund.left)
    }

    /// Whether `hold`, which has just been taken, took a balance below its threshold. Where it took both, the second is
    /// told with the next message.
    pub(super) fn warn(&mut self, now: Timestamp, hold: &Hold) -> Option<LowBalance> {
        let low_money = self.terms.low_money.filter(|_| !self.warned_of_money && hold.money().is_positive());
        if let Some(low) = low_money {
            let money = self.to_spend(now);
            self.warned_of_money = money < low;
            if self.warned_of_money {
                return Some(LowBalance::Money(money));
            }
        }
        let low = self.terms.low_segments.filter(|_| !self.warned_of_segments && hold.segments() > 0)?;
        let segments = self.left_segments(now);
        self.warned_of_segments = segments < low;
        self.warned_of_segments.then_some(LowBalance::Segments(segments))
    }

    /// Warns again, once a balance is above its threshold by what came in.
    pub(super) fn rearm(&mut self, now: Timestamp) {
        self.warned_of_money &= self.terms.low_money.is_some_and(|low| self.to_spend(now) < low);
        self.warned_of_segments &= self.terms.low_segments.is_some_and(|low| self.left_segments(now) < low);
    }
}
