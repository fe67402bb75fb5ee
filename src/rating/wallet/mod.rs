//! Is there money? An account's funds, what is held of them, and what it owes: a fold over facts.
//!
//! *Order.* A message is paid from vouchers, then from packages, then from cash (prepaid) or on credit (postpaid);
//! within a kind from the fund that expires first (R41). A fund is good until the millisecond before it expires (R40).
//!
//! *Hold, settle, release.* What a message may cost leaves the funds when it is accepted ([`Wallet::plan`] decides,
//! [`Wallet::take`] applies) and is then spent, or returns to the funds that it came from; what has expired meanwhile
//! is void, and said to be.
//!
//! *Crumbs.* A [`Hold`](crate::message::Hold) travels with every message, so it names few funds: one of vouchers, one
//! of cash, three packages. Where several vouchers, or several cash funds, are needed, what the earlier ones have
//! left moves to the last of them; should it be released, it comes back there, to the one that expires last. Where
//! more than three packages would be needed, the smallest remainders are passed over and stay for shorter messages.
//! Where what is left of the vouchers does not pay a whole segment, packages pay before it: a package cannot pay part
//! of a segment.
//!
//! *Nothing is lost.* At all times, exactly:
//!
//! ```text
//! money in      = left + held + spent (voucher, cash) + void + paid out + collected
//! segments in   = left + held + spent (segments) + void + refunded
//! spent (credit) = owed + collected + forgiven
//! ```
//!
//! Applying the same facts in the same order gives the same wallet. A refused operation changes nothing.

mod fund;
mod hold;
mod numbers;
mod operation;
mod refund;
mod terms;

use crate::base::money::Money;
use crate::base::time::Timestamp;

use crate::message::{Balance, FundId, Terms};

pub use fund::{Fund, FundKind};
pub use hold::{NotHeld, Returned, SEGMENTS_MAX, Shortage};
pub use operation::{AMOUNT_MAX, Done, Unfit};
pub use terms::{LowBalance, Standing};

/// The most funds that a wallet has at a time, beside plain cash, which there is always room for: a hold looks through
/// them in order. One more is refused, and fits when one of them is used up or has expired.
pub const FUNDS_MAX: usize = 64;

/// An account's money.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wallet {
    terms: Terms,
    /// In the order in which they are used. Empty ones are taken out when nothing of them is held any more, but for
    /// the cash that never expires, into which the next payment goes.
    funds: Vec<Fund>,
    /// The last id that a fund got.
    last_fund: u16,
    /// Held on credit.
    owed_held: Money,
    /// Spent on credit and not paid yet.
    owed: Money,
    totals: Totals,
    /// The last month that was settled (R36).
    settled_through: u32,
    /// Told that it is low, and not above the threshold since money came in.
    warned_of_money: bool,
    warned_of_segments: bool,
    /// The account is closed: nothing goes in or out.
    closed: bool,
}

/// What messages were paid with (R28).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spent {
    /// Of vouchers.
    pub voucher: Money,
    /// Of cash.
    pub cash: Money,
    /// On credit: a postpaid account's cash, paid later.
    pub credit: Money,
    /// Segments of packages.
    pub segments: u64,
    /// What the packages' buyer paid for those segments; each package rounded down, exact once it is used up.
    pub package_value: Money,
}

/// Sums over the wallet's life. Amounts only grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Paid in, given as vouchers, and given back to cash as rebates.
    pub money_in: Money,
    /// Segments of packages bought.
    pub segments_in: u64,
    /// Paid for packages.
    pub packages_paid: Money,
    /// Spent.
    pub spent: Spent,
    /// Expired unused.
    pub void_money: Money,
    /// Segments of packages, expired unused.
    pub void_segments: u64,
    /// Cash paid back.
    pub paid_out: Money,
    /// Paid back for packages.
    pub packages_refunded: Money,
    /// Segments of packages whose price was paid back.
    pub segments_refunded: u64,
    /// Taken from cash for what was owed.
    pub collected: Money,
    /// Taken off what was owed without money: rebates, and at the end the price of packages.
    pub forgiven: Money,
}

impl Spent {
    /// The fee that compensation is computed from and capped by: what was consumed in cash, now or later, without
    /// vouchers (R28). Segments of packages are not in it; whether their value is, the contract says.
    #[must_use]
    pub const fn fee(&self) -> Money {
        self.cash.saturating_add(self.credit)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            voucher: self.voucher.saturating_add(other.voucher),
            cash: self.cash.saturating_add(other.cash),
            credit: self.credit.saturating_add(other.credit),
            segments: self.segments.saturating_add(other.segments),
            package_value: self.package_value.saturating_add(other.package_value),
        }
    }

    /// Parts a month's rebate between cash and voucher as the month was paid, so that a rebate makes no cash out of
    /// vouchers: the cash part is rounded down, the voucher part is the rest. All of it is cash when nothing is spent.
    #[must_use]
    pub fn part(&self, rebate: Money) -> (Money, Money) {
        let fee = self.fee().as_micros().max(0).cast_unsigned();
        let all = self.fee().saturating_add(self.voucher).as_micros().max(0).cast_unsigned();
        let cash = rebate.share(fee, all).unwrap_or(rebate);
        (cash, rebate.saturating_sub(cash))
    }
}

impl Wallet {
    /// The funds, in the order in which they are used; also those that have expired or been refunded while something
    /// of them is held.
    #[must_use]
    pub fn funds(&self) -> &[Fund] {
        &self.funds
    }

    /// The sums over its life.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Spent on credit and not paid yet.
    #[must_use]
    pub const fn owed(&self) -> Money {
        self.owed
    }

    /// What there is to spend at `now`.
    #[must_use]
    pub fn balance(&self, now: Timestamp) -> Balance {
        Balance { money: self.to_spend(now), segments: self.left_segments(now) }
    }

    /// The last month that was settled, as in 202111; 0 for none.
    #[must_use]
    pub const fn settled_through(&self) -> u32 {
        self.settled_through
    }

    /// Money held for messages that are not over: of vouchers and cash, and on credit.
    #[must_use]
    pub fn held(&self) -> (Money, Money) {
        (self.sum(|fund| fund.is_money(), |fund| fund.held), self.owed_held)
    }

    /// Segments of packages held for messages that are not over.
    #[must_use]
    pub fn held_segments(&self) -> u64 {
        self.funds.iter().filter(|fund| !fund.is_money()).map(|fund| fund.held).sum()
    }

    /// Money left in vouchers and cash that are good at `now`.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Money {
        self.sum(|fund| fund.is_money() && fund.is_good(now), |fund| fund.left)
    }

    /// Segments left in packages that are good at `now`.
    #[must_use]
    pub fn left_segments(&self, now: Timestamp) -> u64 {
        let good = |fund: &&Fund| !fund.is_money() && fund.is_good(now);
        self.funds.iter().filter(good).map(|fund| fund.left).sum()
    }

    /// Whether nothing of it is held.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.owed_held.is_zero() && self.funds.iter().all(|fund| fund.held == 0)
    }

    fn sum(&self, which: impl Fn(&Fund) -> bool, amount: impl Fn(&Fund) -> u64) -> Money {
        let amounts = self.funds.iter().filter(|fund| which(fund)).map(amount);
        amounts.map(fund::money).fold(Money::ZERO, Money::saturating_add)
    }

    fn fund(&self, id: FundId) -> Option<&Fund> {
        self.funds.iter().find(|fund| fund.id == id)
    }

    fn fund_mut(&mut self, id: FundId) -> Option<&mut Fund> {
        self.funds.iter_mut().find(|fund| fund.id == id)
    }

    /// Makes void what has expired, and takes out funds that are used up.
    fn sweep(&mut self, now: Timestamp) {
        for fund in &mut self.funds {
            if fund.has_expired(now) {
                let left = std::mem::take(&mut fund.left);
                self.totals.add_void(fund.kind, left);
            }
        }
        self.funds.retain(|fund| !fund.is_over());
    }
}

impl Totals {
    fn add_void(&mut self, kind: FundKind, amount: u64) {
        if kind == FundKind::Package {
            self.void_segments = self.void_segments.saturating_add(amount);
        } else {
            self.void_money = self.void_money.saturating_add(fund::money(amount));
        }
    }
}

#[cfg(test)]
mod tests;
