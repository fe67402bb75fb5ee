//! Where does money lie? Vouchers, packages and cash, each with what is left, what is held, and its expiry.

use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{FundId, Refundable};

/// What a fund is, in the order in which they are used (R41).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FundKind {
    /// Money that was given: not refunded, and no fee to compensate (R28).
    Voucher,
    /// Segments bought in advance.
    Package,
    /// Money that was paid, with or without an expiry (a stored-value card, R40).
    Cash,
}

impl FundKind {
    /// Every kind, in the order of use; its place is its number in the log.
    pub const ALL: [Self; 3] = [Self::Voucher, Self::Package, Self::Cash];

    /// The kind in one lower-case word, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voucher => "voucher",
            Self::Package => "package",
            Self::Cash => "cash",
        }
    }
}

/// One voucher, package or cash fund. Amounts are micro-units of money, or segments of a package.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fund {
    /// Its number.
    pub id: FundId,
    /// What it is.
    pub kind: FundKind,
    /// What is free to be used.
    pub left: u64,
    /// What is held for messages that are not over.
    pub held: u64,
    /// From when on it is void; `None` never.
    pub expires: Option<Timestamp>,
    /// Until when it is paid back.
    pub refundable: Refundable,
    /// Of a package: how many segments it had. Of money: what was put in.
    pub size: u64,
    /// Of a package: what was paid for it.
    pub paid: Money,
    /// Of a package: segments that were spent.
    pub spent: u64,
    /// Of a package: segments whose price was paid back. Above zero, it is closed.
    pub refunded: u64,
}

impl Fund {
    pub(super) const fn is_money(&self) -> bool {
        !matches!(self.kind, FundKind::Package)
    }

    /// Whether messages may be paid from it at `now`.
    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        !self.is_closed() && !self.has_expired(now)
    }

    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether its price was paid back.
    pub(super) const fn is_closed(&self) -> bool {
        self.refunded > 0
    }

    /// Whether nothing more can happen to it.
    pub(super) fn is_over(&self) -> bool {
        self.left == 0 && self.held == 0 && !self.is_plain_cash()
    }

    /// The balance that payments without a term go into.
    pub(super) fn is_plain_cash(&self) -> bool {
        self.kind == FundKind::Cash && self.expires.is_none() && self.refundable == Refundable::Always
    }

    /// Before it in the order of use stand the kinds before its own, then what expires sooner, then what came first.
    pub(super) fn order(&self) -> (FundKind, u64, FundId) {
        (self.kind, self.expires.map_or(u64::MAX, Timestamp::as_millis), self.id)
    }

    /// What of a package's price `more` segments are worth behind `before` others: rounded down so that the whole
    /// package is worth exactly its price.
    pub(super) fn worth(&self, before: u64, more: u64) -> Money {
        let up_to = |segments: u64| self.paid.share(segments.min(self.size), self.size).unwrap_or_default();
        up_to(before.saturating_add(more)).saturating_sub(up_to(before))
    }

    /// What its owner may have back of what is left at `now`: of cash or of a package, while its terms allow it.
    #[must_use]
    pub fn due_back(&self, now: Timestamp) -> Money {
        if self.refundable.is_open(now) && self.is_good(now) { self.unconsumed() } else { Money::ZERO }
    }

    /// What was paid for what is left, where the terms allow a refund at all.
    pub(super) fn unconsumed(&self) -> Money {
        match (self.refundable, self.kind) {
            (Refundable::Never, _) | (_, FundKind::Voucher) => Money::ZERO,
            (_, FundKind::Package) => self.worth(0, self.left),
            (_, FundKind::Cash) => money(self.left),
        }
    }
}

/// An amount of a fund as money.
pub(super) fn money(amount: u64) -> Money {
    Money::from_micros(i64::try_from(amount).unwrap_or(i64::MAX))
}

/// Money as an amount of a fund; nothing for less than nothing.
pub(super) fn amount(money: Money) -> u64 {
    money.as_micros().max(0).cast_unsigned()
}
