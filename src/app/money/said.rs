//! What is done to an account's money by hand: asked in decimal texts, told as an operation, listed in words.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{Balance, FundId, Operation, Refundable};

/// How long a package is paid back unless its contract says otherwise (R46, S0 §2.5.3).
const PACKAGE_REFUNDABLE: Duration = Duration::from_secs(7 * 24 * 3600);

/// What is asked to be done. Amounts are decimal texts, times milliseconds since 1970 in UTC.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Doing {
    /// Money was paid in.
    TopUp {
        /// How much.
        amount: String,
        /// From when on it is void; never without it.
        expires: Option<u64>,
        /// Until when it is paid back; always without it.
        refundable: Option<Until>,
    },
    /// A voucher was given.
    Voucher {
        /// How much.
        amount: String,
        /// From when on it is void; never without it.
        expires: Option<u64>,
    },
    /// A package was bought.
    Package {
        /// How many segments.
        segments: u64,
        /// What was paid for it.
        paid: String,
        /// From when on it is void; never without it.
        expires: Option<u64>,
        /// Until when it is paid back; for seven days without it (R46).
        refundable: Option<Until>,
    },
    /// A package is given back.
    Refund {
        /// Its fund.
        fund: u16,
    },
    /// Cash is paid out.
    PayOut {
        /// Of this fund.
        fund: u16,
        /// How much.
        amount: String,
    },
    /// What is owed is paid from cash.
    Collect {
        /// How much.
        amount: String,
    },
    /// The service ends.
    Close,
}

/// Until when something is paid back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Not at all.
    Never,
    /// At any time.
    Always,
    /// To this millisecond since 1970.
    Time(u64),
}

impl From<Until> for Refundable {
    fn from(until: Until) -> Self {
        match until {
            Until::Never => Self::Never,
            Until::Always => Self::Always,
            Until::Time(millis) => Self::Until(Timestamp::from_millis(millis)),
        }
    }
}

/// What is asked, in the words of the log; or what of it is no amount. What the wallet does not allow, it says itself.
pub(in crate::app) fn operation(doing: Doing, now: Timestamp) -> Result<Operation, String> {
    let money = |text: &str| text.parse::<Money>().map_err(|fault| format!("\"{text}\": {fault}"));
    let at = |millis: Option<u64>| millis.map(Timestamp::from_millis);
    Ok(match doing {
        Doing::TopUp { amount, expires, refundable } => Operation::TopUp {
            amount: money(&amount)?,
            expires: at(expires),
            refundable: refundable.map_or(Refundable::Always, Refundable::from),
        },
        Doing::Voucher { amount, expires } => {
            Operation::Voucher { amount: money(&amount)?, expires: at(expires) }
        }
        Doing::Package { segments, paid, expires, refundable } => Operation::Package {
            segments,
            paid: money(&paid)?,
            expires: at(expires),
            refundable: refundable
                .map_or_else(|| Refundable::Until(now + PACKAGE_REFUNDABLE), Refundable::from),
        },
        Doing::Refund { fund } => Operation::RefundPackage { fund: FundId(fund) },
        Doing::PayOut { fund, amount } => Operation::Withdraw { fund: FundId(fund), amount: money(&amount)? },
        Doing::Collect { amount } => Operation::Collect { amount: money(&amount)? },
        Doing::Close => Operation::Close,
    })
}

/// What was done to an account's money, in words.
pub(in crate::app) fn words(operation: &Operation, before: &Balance, after: &Balance) -> String {
    let what = what(operation);
    let segments = if before.segments == after.segments {
        String::new()
    } else {
        format!(", segments {} -> {}", before.segments, after.segments)
    };
    format!("{what}: to spend {} -> {}{segments}", before.money, after.money)
}

/// What was done, without what came of it.
pub(super) fn what(operation: &Operation) -> String {
    match operation {
        Operation::Terms(_) => "new terms".to_owned(),
        Operation::TopUp { amount, .. } => format!("paid in {amount}"),
        Operation::Voucher { amount, .. } => format!("voucher of {amount}"),
        Operation::Package { segments, paid, .. } => format!("package of {segments} segments for {paid}"),
        Operation::RefundPackage { fund } => format!("package {} given back", fund.0),
        Operation::Withdraw { fund, amount } => format!("paid out {amount} of fund {}", fund.0),
        Operation::Rebate { month, amount } => format!("rebate of {amount} for {month}"),
        Operation::Collect { amount } => format!("collected {amount}"),
        Operation::Close => "closed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_258_519_007);

    #[test]
    fn r46_a_package_is_refundable_for_seven_days_unless_something_else_is_said() {
        let package =
            |refundable| Doing::Package { segments: 10, paid: "0.30".to_owned(), expires: None, refundable };
        let until = |refundable| match operation(package(refundable), NOW).unwrap() {
            Operation::Package { refundable, .. } => refundable,
            other => panic!("{other:?}"),
        };
        let week = Timestamp::from_millis(NOW.as_millis() + 7 * 86_400_000);
        assert_eq!(until(None), Refundable::Until(week));
        assert_eq!(until(Some(Until::Never)), Refundable::Never);
    }

    #[test]
    fn r40_a_stored_value_card_is_a_top_up_that_expires_and_is_never_paid_back() {
        let card =
            Doing::TopUp { amount: "999".to_owned(), expires: Some(9), refundable: Some(Until::Never) };
        let operation = operation(card, NOW).unwrap();
        let expires = Some(Timestamp::from_millis(9));
        let amount = "999".parse().unwrap();
        assert_eq!(operation, Operation::TopUp { amount, expires, refundable: Refundable::Never });
    }

    #[test]
    fn what_is_no_amount_is_said_with_its_text() {
        for text in ["", "ten", "1,5", "0.0000001", "99999999999999999999"] {
            let fault = operation(Doing::Collect { amount: text.to_owned() }, NOW).unwrap_err();
            assert!(fault.starts_with(&format!("\"{text}\": an amount ")), "{fault}");
        }
    }
}
