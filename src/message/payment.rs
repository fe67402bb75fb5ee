//! What is paid, given or bought, and on what terms an account spends: the words of the log; `rating` knows what comes
//! of them.

use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::FundId;

/// Until when a fund's price is paid back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Refundable {
    /// Never: vouchers, stored-value cards (R40).
    Never,
    /// To this millisecond, and when we end the service: packages, 7 days after they were bought (R46, R47).
    Until(Timestamp),
    /// At any time: a plain balance.
    Always,
}

impl Refundable {
    /// Whether its owner may have it back at `now`.
    #[must_use]
    pub fn is_open(self, now: Timestamp) -> bool {
        match self {
            Self::Never => false,
            Self::Until(last) => now <= last,
            Self::Always => true,
        }
    }
}

/// How an account pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Payment {
    /// From what it has paid in; never below zero.
    #[default]
    Prepaid,
    /// Accrued as a debt and paid after the month (R37), at most this much beyond what it has paid in.
    Postpaid {
        /// Zero or more.
        credit_limit: Money,
    },
    /// Accrued as a debt and paid after the month, but what it has paid in must suffice (R37, overseas; A11).
    Covered,
}

impl Payment {
    /// The way in one lower-case word, for settings and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepaid => "prepaid",
            Self::Postpaid { .. } => "postpaid",
            Self::Covered => "covered",
        }
    }
}

/// The terms of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// How it pays.
    pub payment: Payment,
    /// Warned when there is less money than this to spend (R42).
    pub low_money: Option<Money>,
    /// Warned when packages have fewer segments left than this.
    pub low_segments: Option<u64>,
}

/// Something that is done to a wallet: a fact, with the values that were decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// New terms.
    Terms(Terms),
    /// Money was paid in. What has the same terms joins one fund.
    TopUp {
        /// Above zero.
        amount: Money,
        /// From when on it is void; `None` never.
        expires: Option<Timestamp>,
        /// Whether it is paid back.
        refundable: Refundable,
    },
    /// A voucher was given.
    Voucher {
        /// Above zero.
        amount: Money,
        /// From when on it is void; `None` never.
        expires: Option<Timestamp>,
    },
    /// A package was bought; usable at once (R46).
    Package {
        /// Above zero.
        segments: u64,
        /// What was paid for it, outside the wallet: zero or more.
        paid: Money,
        /// From when on it is void; `None` never.
        expires: Option<Timestamp>,
        /// Until when it is paid back: 7 days by S0 §2.5.3.
        refundable: Refundable,
    },
    /// A package is given back (R46): its price, in full when unused, else by the segment, rounded down. What is held
    /// of it counts as used, until it is released: then it is due as well.
    RefundPackage {
        /// Which.
        fund: FundId,
    },
    /// Cash is paid back.
    Withdraw {
        /// Of which fund.
        fund: FundId,
        /// Above zero.
        amount: Money,
    },
    /// A month was settled (R36): what is owed becomes less, and the rest is put to the cash. Once for each month.
    Rebate {
        /// The month, as a number that grows from month to month: 202111.
        month: u32,
        /// Zero or more.
        amount: Money,
    },
    /// What is owed is paid from cash.
    Collect {
        /// Above zero, at most what is owed.
        amount: Money,
    },
    /// We end the service (R47): what is owed is collected, what was paid and not consumed is paid out, vouchers are
    /// void. Only when nothing is held.
    Close,
}

/// What there is to spend.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// Vouchers, and cash or credit; below zero where what covers a debt has expired.
    pub money: Money,
    /// Segments of packages.
    pub segments: u64,
}
