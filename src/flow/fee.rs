//! What has an account consumed in a period? What compensation is computed from (R28).

use std::collections::BTreeMap;

use crate::base::ids::AccountId;
use crate::base::money::Money;
use crate::base::time::ContractDay;
use crate::flow::state::State;
use crate::message::ClosedPeriod;
use crate::rating::ledger::{Ledger, MonthNumber};
use crate::rating::wallet::Spent;
use crate::sla::terms::compensation::Fee;

impl State {
    /// What an account consumed on the days from `first` to `last`, as [`fn@fee`] has it; `None` also for an account
    /// without a wallet, whose messages are free.
    #[must_use]
    pub fn fee(&self, account: AccountId, first: ContractDay, last: ContractDay) -> Option<Fee> {
        self.ledger().wallet(account)?;
        fee(self.ledger(), account, first, last)
    }

    /// The same of many periods at once, in their order.
    pub(super) fn fees(&self, periods: &[ClosedPeriod]) -> Vec<Option<Fee>> {
        let ledger = self.ledger();
        let mut accounts: Vec<AccountId> = periods.iter().map(|period| period.account).collect();
        accounts.sort_unstable();
        let paid = ledger.usage().paid(|account| accounts.binary_search(&account).is_ok());
        let nothing = BTreeMap::new();
        let fee = |ClosedPeriod { account, first, last, .. }: &ClosedPeriod| {
            ledger.wallet(*account)?;
            let paid = paid.get(account).unwrap_or(&nothing);
            fee_of(ledger, paid, *account, (ContractDay(*first), ContractDay(*last)))
        };
        periods.iter().map(fee).collect()
    }
}

/// What an account consumed on the days from `first` to `last`, both of them: cash and credit, with packages and
/// vouchers apart. Money belongs to the day of its message's acceptance, or to the day on which it moved when the month
/// of that was settled by then, as in [`crate::rating::usage`]. The rebate of a month that is settled was not consumed:
/// it is a discount, and of a month of which only some days are asked for it is the part that these days have of the
/// month's amount. `None` when usage of these days is not kept any more ([`crate::rating::usage::DAYS_KEPT`]).
#[must_use]
pub fn fee(ledger: &Ledger, account: AccountId, first: ContractDay, last: ContractDay) -> Option<Fee> {
    let paid = ledger.usage().paid(|other| other == account).remove(&account).unwrap_or_default();
    fee_of(ledger, &paid, account, (first, last))
}

fn fee_of(
    ledger: &Ledger,
    paid: &BTreeMap<ContractDay, Spent>,
    account: AccountId,
    (first, last): (ContractDay, ContractDay),
) -> Option<Fee> {
    if !ledger.usage().has_all_of(first) {
        return None;
    }
    let sum = |wanted: &dyn Fn(ContractDay) -> bool| -> Spent {
        let paid = paid.iter().filter(|(day, _)| wanted(**day));
        paid.fold(Spent::default(), |sum, (_, paid)| sum.plus(*paid))
    };
    let is_asked = |day: ContractDay| (first..=last).contains(&day);
    let consumed = sum(&is_asked);
    let mut fee = Fee {
        cash: consumed.fee(),
        package: consumed.package_value,
        voucher: consumed.voucher,
        discount: Money::ZERO,
    };
    let months = MonthNumber::of(first)..=MonthNumber::of(last);
    for (month, settled) in ledger.settled(account).filter(|(month, _)| months.contains(month)) {
        let all = sum(&|day| MonthNumber::of(day) == month);
        let asked = sum(&|day| MonthNumber::of(day) == month && is_asked(day));
        let part = |rebate: Money, of: &dyn Fn(&Spent) -> Money| {
            let [asked, all] = [of(&asked), of(&all)].map(|money| money.as_micros().max(0).cast_unsigned());
            // Rounded down, so that what counts as consumed is not less than it was.
            rebate.share(asked, all).unwrap_or_default()
        };
        let (cash, voucher) =
            (part(settled.cash, &Spent::fee), part(settled.voucher, &|spent| spent.voucher));
        fee.cash = fee.cash.saturating_sub(cash);
        fee.voucher = fee.voucher.saturating_sub(voucher);
        fee.discount = fee.discount.saturating_add(cash).saturating_add(voucher);
    }
    Some(fee)
}
