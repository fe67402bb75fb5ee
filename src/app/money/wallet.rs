//! What does an account have? Its terms, how it stands, each of its funds, and what came in and went out.

use serde::{Deserialize, Serialize};

use crate::app::money::amount::Amount;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{Payment, Refundable};
use crate::rating::ledger::{MonthNumber, SettledMonth};
use crate::rating::wallet::{Fund, FundKind, Totals, Wallet};

/// An account's wallet, at one moment. Times are milliseconds since 1970.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WalletReport {
    /// The account.
    pub account: String,
    /// Its tariff; none when it has none any more.
    pub tariff: Option<String>,
    /// What its amounts are of.
    pub currency: Option<String>,
    /// When it was so.
    pub at: u64,
    /// `prepaid`, `postpaid` or `covered`.
    pub payment: String,
    /// How much it may owe, when it pays after the month.
    pub credit_limit: Option<Amount>,
    /// Warned when there is less money than this to spend.
    pub low_money: Option<Amount>,
    /// Warned when packages have fewer segments left than this.
    pub low_segments: Option<u64>,
    /// `good`, `low`, `suspended` or `closed`.
    pub standing: String,
    /// Money to spend: vouchers, and cash or credit.
    pub to_spend: Amount,
    /// Segments of packages to spend.
    pub segments: u64,
    /// Money of vouchers and cash that is held for messages that are not over.
    pub held: Amount,
    /// Held for them on credit.
    pub held_on_credit: Amount,
    /// Segments of packages that are held for them.
    pub held_segments: u64,
    /// Spent on credit and not paid yet.
    pub owed: Amount,
    /// What would be paid out if the service ended now (R47).
    pub unconsumed: Amount,
    /// Its funds, in the order in which they are used.
    pub funds: Vec<FundLine>,
    /// Sums over its life.
    pub totals: TotalLines,
    /// The months that were settled, the oldest first.
    pub months: Vec<SettledLine>,
}

/// A voucher, a package, or cash.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FundLine {
    /// Its number.
    pub fund: u16,
    /// `voucher`, `package` or `cash`.
    pub kind: String,
    /// What is left: an amount of money, or of a package whole segments.
    pub left: String,
    /// What is held for messages that are not over, likewise.
    pub held: String,
    /// What was put into it, likewise.
    pub size: String,
    /// What was paid for it, of a package.
    pub paid: Option<Amount>,
    /// From when on it is void.
    pub expires: Option<u64>,
    /// Until when it is paid back: `never`, `always` or `until`.
    pub refundable: String,
    /// Until when that is.
    pub refundable_until: Option<u64>,
    /// What would be paid back of it now.
    pub due_back: Amount,
}

/// Sums over a wallet's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TotalLines {
    /// Paid in, given as vouchers, and given back as rebates.
    pub money_in: Amount,
    /// Spent of vouchers.
    pub voucher: Amount,
    /// Spent of cash.
    pub cash: Amount,
    /// Spent on credit.
    pub credit: Amount,
    /// Expired unused.
    pub void: Amount,
    /// Cash paid out.
    pub paid_out: Amount,
    /// Taken from cash for what was owed.
    pub collected: Amount,
    /// Taken off what was owed without money.
    pub forgiven: Amount,
    /// Segments of packages that were bought.
    pub segments_in: u64,
    /// Those of them that were spent.
    pub segments: u64,
    /// Those of them that expired unused.
    pub void_segments: u64,
    /// Those of them whose price was paid back.
    pub segments_refunded: u64,
    /// Paid for packages.
    pub packages_paid: Amount,
    /// Paid back for packages.
    pub packages_refunded: Amount,
}

/// A month that was settled.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SettledLine {
    /// Which.
    pub month: String,
    /// When.
    pub at: u64,
    /// Segments that were paid with money.
    pub segments: u64,
    /// What was taken for them.
    pub accrued: Amount,
    /// What they cost at the tier that the month reached.
    pub amount: Amount,
    /// What came back as cash, or off the debt.
    pub cash: Amount,
    /// What came back as a voucher.
    pub voucher: Amount,
}

impl WalletReport {
    /// Of this wallet, as it is at `now`.
    pub(super) fn new(
        account: &str,
        wallet: &Wallet,
        settled: &[(MonthNumber, SettledMonth)],
        now: Timestamp,
    ) -> Self {
        let terms = wallet.terms();
        let (held, held_on_credit) = wallet.held();
        let credit_limit = match terms.payment {
            Payment::Postpaid { credit_limit } => Some(Amount(credit_limit)),
            Payment::Prepaid | Payment::Covered => None,
        };
        Self {
            account: account.to_owned(),
            tariff: None,
            currency: None,
            at: now.as_millis(),
            payment: terms.payment.name().to_owned(),
            credit_limit,
            low_money: terms.low_money.map(Amount),
            low_segments: terms.low_segments,
            standing: wallet.standing(now).name().to_owned(),
            to_spend: Amount(wallet.to_spend(now)),
            segments: wallet.left_segments(now),
            held: Amount(held),
            held_on_credit: Amount(held_on_credit),
            held_segments: wallet.held_segments(),
            owed: Amount(wallet.owed()),
            unconsumed: Amount(wallet.unconsumed(now)),
            funds: wallet.funds().iter().map(|fund| FundLine::new(fund, now)).collect(),
            totals: TotalLines::new(wallet.totals()),
            months: settled.iter().map(|(month, settled)| SettledLine::new(*month, settled)).collect(),
        }
    }
}

impl FundLine {
    fn new(fund: &Fund, now: Timestamp) -> Self {
        let is_package = fund.kind == FundKind::Package;
        let amount = |amount: u64| match is_package {
            true => amount.to_string(),
            false => Money::from_micros(i64::try_from(amount).unwrap_or(i64::MAX)).to_string(),
        };
        let (refundable, until) = match fund.refundable {
            Refundable::Never => ("never", None),
            Refundable::Always => ("always", None),
            Refundable::Until(last) => ("until", Some(last.as_millis())),
        };
        Self {
            fund: fund.id.0,
            kind: fund.kind.name().to_owned(),
            left: amount(fund.left),
            held: amount(fund.held),
            size: amount(fund.size),
            paid: is_package.then_some(Amount(fund.paid)),
            expires: fund.expires.map(Timestamp::as_millis),
            refundable: refundable.to_owned(),
            refundable_until: until,
            due_back: Amount(fund.due_back(now)),
        }
    }
}

impl TotalLines {
    fn new(totals: &Totals) -> Self {
        Self {
            money_in: Amount(totals.money_in),
            voucher: Amount(totals.spent.voucher),
            cash: Amount(totals.spent.cash),
            credit: Amount(totals.spent.credit),
            void: Amount(totals.void_money),
            paid_out: Amount(totals.paid_out),
            collected: Amount(totals.collected),
            forgiven: Amount(totals.forgiven),
            segments_in: totals.segments_in,
            segments: totals.spent.segments,
            void_segments: totals.void_segments,
            segments_refunded: totals.segments_refunded,
            packages_paid: Amount(totals.packages_paid),
            packages_refunded: Amount(totals.packages_refunded),
        }
    }
}

impl SettledLine {
    pub(super) fn new(month: MonthNumber, settled: &SettledMonth) -> Self {
        Self {
            month: month.month().map(|month| month.to_string()).unwrap_or_default(),
            at: settled.at.as_millis(),
            segments: settled.segments,
            accrued: Amount(settled.accrued),
            amount: Amount(settled.amount),
            cash: Amount(settled.cash),
            voucher: Amount(settled.voucher),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Operation;

    const NOW: Timestamp = Timestamp::from_millis(1_795_258_519_007);

    #[test]
    fn r47_what_was_paid_and_not_consumed_is_said_and_a_stored_value_card_is_not_in_it() {
        let mut wallet = Wallet::default();
        let amount = |text: &str| text.parse().unwrap();
        let end = Timestamp::from_millis(NOW.as_millis() + 1);
        let expires = Some(end);
        let until = Refundable::Until(Timestamp::from_millis(NOW.as_millis() - 1));
        for operation in [
            Operation::TopUp { amount: amount("10"), expires: None, refundable: Refundable::Always },
            Operation::TopUp { amount: amount("999"), expires, refundable: Refundable::Never },
            Operation::Voucher { amount: amount("5"), expires: None },
            Operation::Package { segments: 100, paid: amount("3"), expires, refundable: until },
        ] {
            wallet.apply(NOW, operation).unwrap();
        }
        let report = WalletReport::new("acme", &wallet, &[], NOW);
        assert_eq!(
            report.unconsumed,
            Amount(amount("13")),
            "the package too, though its seven days are over"
        );
        let fund = |fund: &FundLine| (fund.kind.clone(), fund.left.clone(), fund.due_back.to_string());
        let funds: Vec<_> = report.funds.iter().map(fund).collect();
        let line = |kind: &str, left: &str, due: &str| (kind.to_owned(), left.to_owned(), due.to_owned());
        assert_eq!(
            funds,
            [
                line("voucher", "5.0000", "0.0000"),
                line("package", "100", "0.0000"),
                line("cash", "999.0000", "0.0000"),
                line("cash", "10.0000", "10.0000"),
            ]
        );
        let later = WalletReport::new("acme", &wallet, &[], end);
        assert_eq!((later.to_spend, later.segments), (Amount(amount("15")), 0), "r40: the card is void");
        assert_eq!(later.unconsumed, Amount(amount("10")));
    }
}
