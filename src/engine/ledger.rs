//! Who wants to see what money has done: what may be asked of the ledger through the door, each answer of one moment.

use crate::base::calendar::Date;
use crate::base::ids::AccountId;
use crate::base::time::ContractDay;
use crate::engine::door::{Door, Stopped};
use crate::flow::fee;
use crate::message::{Fact, Says};
use crate::rating::ledger::{Ledger, MonthNumber, SettledMonth};
use crate::rating::usage::{UsageKey, Used};
use crate::rating::wallet::Wallet;
use crate::sla::terms::compensation::Fees;
use crate::sla::terms::policy::FeeKind;

/// What was used in a cell of a day.
pub type UsedOnDay = (ContractDay, UsageKey, Used);

/// An account's money at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountMoney {
    /// What it has.
    pub wallet: Wallet,
    /// The months that were settled, the oldest first.
    pub settled: Vec<(MonthNumber, SettledMonth)>,
    /// What it used in the month that was asked for.
    pub used: Vec<UsedOnDay>,
    /// Whether that is all: days that are too old are in the records only.
    pub has_all: bool,
    /// What was done to its money in that month by hand, the oldest first.
    pub payments: Vec<Fact>,
}

impl Door {
    /// An account's money, and what moved in a month; `None` when it has no wallet.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn money(
        &self,
        account: AccountId,
        month: MonthNumber,
    ) -> Result<Option<AccountMoney>, Stopped> {
        self.look(move |flow| {
            let ledger = flow.state().ledger();
            let in_month = |fact: &&Fact| MonthNumber::of(ContractDay::of(fact.told_at)) == month;
            let of_money =
                |fact: &&Fact| matches!(fact.says, Says::Money { account: of, .. } if of == account);
            let facts = flow.state().facts().iter().map(|(fact, _)| fact);
            Some(AccountMoney {
                wallet: ledger.wallet(account)?.clone(),
                settled: ledger.settled(account).collect(),
                used: ledger
                    .usage()
                    .select(|day, key| key.account == account && MonthNumber::of(day) == month),
                has_all: month.first().is_none_or(|first| ledger.usage().has_all_of(first)),
                payments: facts.filter(of_money).filter(in_month).cloned().collect(),
            })
        })
        .await
    }

    /// What was used in all cells for which `wanted` is true, by day; and whether all from `first` on is still kept.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn used(
        &self,
        first: ContractDay,
        wanted: impl Fn(ContractDay, &UsageKey) -> bool + Send + 'static,
    ) -> Result<(Vec<UsedOnDay>, bool), Stopped> {
        self.look(move |flow| {
            let usage = flow.state().ledger().usage();
            (usage.select(wanted), usage.has_all_of(first))
        })
        .await
    }

    /// What an account consumed on the days from `first` to `last`, both of them, by the contracts' clock: what
    /// compensation is computed from (R28). The rebate of a month that is settled was not consumed: it is a discount,
    /// and of a month of which only some days are asked for it is the part that these days have of the month's amount.
    /// `None` when usage of these days is not kept any more ([`crate::rating::usage::DAYS_KEPT`]).
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn fees(&self, account: AccountId, first: Date, last: Date) -> Result<Option<Fees>, Stopped> {
        self.look(move |flow| fees(flow.state().ledger(), account, first, last)).await
    }
}

fn fees(ledger: &Ledger, account: AccountId, first: Date, last: Date) -> Option<Fees> {
    let fee = fee(ledger, account, ContractDay(first.days()), ContractDay(last.days()))?;
    Some(Fees::default().with(FeeKind::Messages, fee))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::calendar::Month;
    use crate::base::ids::CarrierId;
    use crate::base::money::Money;
    use crate::base::time::Timestamp;
    use crate::message::{Operation, Zone};
    use crate::rating::usage::{DAYS_KEPT, Usage};
    use crate::rating::wallet::Spent;
    use crate::sla::terms::compensation::Fee;

    const ACME: AccountId = AccountId(1);

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn november(day: u8) -> Date {
        Date::new(2021, 11, day).unwrap()
    }

    /// `ACME` paid so much in vouchers, packages, cash and on credit on each of these days, another account as much.
    fn ledger(days: &[Date]) -> Ledger {
        let mut usage = Usage::default();
        for (day, account) in days.iter().flat_map(|day| [(day, ACME), (day, AccountId(2))]) {
            let (zone, carrier) = (Zone::default(), CarrierId(1));
            let key = UsageKey { account, carrier, zone, tariff: 3, version: 4 };
            let cell = usage.cell(ContractDay(day.days()), key).unwrap();
            cell.paid = Spent {
                voucher: money("5"),
                cash: money("7"),
                credit: money("3"),
                segments: 100,
                package_value: money("2"),
            };
        }
        let mut ledger = Ledger::default();
        usage.to_numbers().iter().for_each(|piece| ledger.add_usage(piece));
        ledger
    }

    #[test]
    fn r28_the_fee_of_a_period_is_what_was_consumed_in_cash_and_on_credit_without_vouchers() {
        let ledger = ledger(&[november(1), november(16), november(17), november(30)]);
        let fee = |first, last| fees(&ledger, ACME, first, last).unwrap().of(FeeKind::Messages);
        let all = fee(november(1), november(30));
        let expected =
            Fee { cash: money("40"), package: money("8"), voucher: money("20"), discount: Money::ZERO };
        assert_eq!(all, expected);
        assert_eq!(fee(november(16), november(17)).cash, money("20"), "both days are in it");
        assert_eq!(fee(november(2), november(15)), Fee::default());
    }

    #[test]
    fn r28_a_months_rebate_is_a_discount_and_its_days_have_their_part_of_it() {
        let mut ledger = ledger(&[november(1), november(17), november(18), november(30)]);
        ledger.operate(ACME, Timestamp::default(), Operation::Terms(Default::default())).unwrap();
        let settled =
            SettledMonth { cash: money("4.000001"), voucher: money("2"), ..SettledMonth::default() };
        ledger.settle_month(ACME, MonthNumber(202_111), settled).unwrap();
        let fee = |first, last| fees(&ledger, ACME, first, last).unwrap().of(FeeKind::Messages);
        let all = fee(november(1), november(30));
        let of_all = (all.cash, all.voucher, all.discount);
        assert_eq!(of_all, (money("35.999999"), money("18"), money("6.000001")));
        let half = fee(november(17), november(29));
        assert_eq!((half.cash, half.voucher, half.discount), (money("18"), money("9"), money("3")));
    }

    #[test]
    fn days_that_are_not_kept_any_more_have_no_fee_that_is_known() {
        let first = Month::new(2021, 11).unwrap().first();
        let days: Vec<_> = (0..=100).map(|number| first.plus_days(number)).collect();
        assert_eq!(days.len(), DAYS_KEPT + 1);
        let ledger = ledger(&days);
        assert_eq!(fees(&ledger, ACME, first, days[9]), None);
        assert!(fees(&ledger, ACME, days[1], days[9]).is_some());
    }
}
