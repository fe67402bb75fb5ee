//! How does an account's money stand? In the status, in the metrics, and in the log when it changes for the worse.

use std::collections::HashMap;

use metrics::{describe_gauge, gauge};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::app::money::amount::Amount;
use crate::base::money::Money;
use crate::engine::door::{AccountReport, MoneyReport, Report};
use crate::rating::MonthNumber;
use crate::rating::wallet::Standing;

/// An account's money, in the status.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MoneyStatus {
    /// `good`, `low`, `suspended` or `closed`.
    pub standing: String,
    /// Money to spend: vouchers, and cash or credit.
    pub to_spend: Amount,
    /// Segments of packages to spend.
    pub segments: u64,
    /// Money that is held for messages that are not over, also on credit.
    pub held: Amount,
    /// Segments of packages that are.
    pub held_segments: u64,
    /// Spent on credit and not paid yet.
    pub owed: Amount,
    /// The first month that is over and could not be settled.
    pub unsettled: Option<String>,
}

impl From<&MoneyReport> for MoneyStatus {
    fn from(report: &MoneyReport) -> Self {
        let MoneyReport { balance, held, held_segments, owed, standing, unsettled } = *report;
        Self {
            standing: standing.name().to_owned(),
            to_spend: Amount(balance.money),
            segments: balance.segments,
            held: Amount(held),
            held_segments,
            owed: Amount(owed),
            unsettled: unsettled.map(named),
        }
    }
}

fn named(month: MonthNumber) -> String {
    month.month().map(|month| month.to_string()).unwrap_or_default()
}

/// The gauges of an account's money.
pub(in crate::app) fn show(name: &str, report: &MoneyReport) {
    let MoneyReport { balance, held, held_segments, owed, standing, unsettled } = *report;
    let label = || [("account", name.to_owned())];
    gauge!("telegraphy_account_balance_micros", &label()).set(micros(balance.money));
    gauge!("telegraphy_account_balance_segments", &label()).set(precise(balance.segments));
    gauge!("telegraphy_account_held_micros", &label()).set(micros(held));
    gauge!("telegraphy_account_held_segments", &label()).set(precise(held_segments));
    gauge!("telegraphy_account_owed_micros", &label()).set(micros(owed));
    for of in Standing::ALL {
        let labels = [("account", name.to_owned()), ("standing", of.name().to_owned())];
        gauge!("telegraphy_account_standing", &labels).set(f64::from(u8::from(of == standing)));
    }
    let unsettled = f64::from(u8::from(unsettled.is_some()));
    gauge!("telegraphy_account_month_unsettled", &label()).set(unsettled);
}

/// Says what the gauges are.
pub(in crate::app) fn describe() {
    describe_gauge!("telegraphy_account_balance_micros", "Millionths of a unit of money to spend.");
    describe_gauge!("telegraphy_account_balance_segments", "Segments of packages to spend.");
    describe_gauge!("telegraphy_account_held_micros", "Held for messages that are not over.");
    describe_gauge!("telegraphy_account_held_segments", "Segments of packages held for them.");
    describe_gauge!("telegraphy_account_owed_micros", "Spent on credit and not paid yet.");
    describe_gauge!("telegraphy_account_standing", "1 at the word for how the account stands.");
    describe_gauge!(
        "telegraphy_account_month_unsettled",
        "1 while a month that is over could not be settled."
    );
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; beyond 9 thousand million units it rounds"
)]
const fn micros(money: Money) -> f64 {
    money.as_micros() as f64
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and no count here comes near 2^53")]
const fn precise(count: u64) -> f64 {
    count as f64
}

/// Looks in a row that a better standing must last before it is said: a balance at its threshold would be said at every
/// look. A worse one is said at once.
const BETTER_FOR: u32 = 12;

/// Something to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::app) enum Alarm {
    /// The account stands so now, with so much to spend.
    Stands(String, Standing, Amount, u64),
    /// This month of the account is over and could not be settled.
    Unsettled(String, MonthNumber),
}

/// What was last said of each account.
#[derive(Debug, Default)]
pub(in crate::app) struct Said(HashMap<String, Last>);

#[derive(Clone, Copy, Debug, Default)]
struct Last {
    /// How bad it was.
    standing: u8,
    /// For so many looks it has been better.
    better: u32,
    /// The month that was not settled at the last look.
    unsettled: Option<MonthNumber>,
}

impl Said {
    /// What is to be said of this report.
    pub(in crate::app) fn look(&mut self, report: &Report) -> Vec<Alarm> {
        let accounts = report.accounts.iter().filter_map(|account| Some((account, account.money.as_ref()?)));
        accounts.flat_map(|(account, money)| self.of(account, money)).collect()
    }

    fn of(&mut self, account: &AccountReport, money: &MoneyReport) -> impl Iterator<Item = Alarm> + use<> {
        let last = self.0.entry(account.name.clone()).or_default();
        let standing = money.standing as u8;
        last.better = if standing < last.standing { last.better + 1 } else { 0 };
        let stands = standing > last.standing || last.better >= BETTER_FOR;
        if stands {
            (last.standing, last.better) = (standing, 0);
        }
        let before = std::mem::replace(&mut last.unsettled, money.unsettled);
        let unsettled = money.unsettled.filter(|month| before != Some(*month));
        let name = || account.name.clone();
        let balance = (Amount(money.balance.money), money.balance.segments);
        let stands = stands.then(|| Alarm::Stands(name(), money.standing, balance.0, balance.1));
        let unsettled = unsettled.map(|month| Alarm::Unsettled(name(), month));
        stands.into_iter().chain(unsettled)
    }
}

impl Alarm {
    pub(in crate::app) fn say(&self) {
        match self {
            Self::Stands(account, Standing::Low, to_spend, segments) => {
                warn!(account, %to_spend, segments, "the account's balance is low");
            }
            Self::Stands(account, Standing::Suspended, to_spend, segments) => warn!(
                account, %to_spend, segments,
                "the account has nothing to pay with: its messages are refused until money comes in, and its receipts \
                 still flow"
            ),
            Self::Stands(account, standing, to_spend, segments) => {
                info!(account, %to_spend, segments, "the account's balance is {}", standing.name());
            }
            Self::Unsettled(account, month) => {
                let month = named(*month);
                warn!(
                    account,
                    month,
                    "a month that is over could not be settled: its tariff has no price any more for something that \
                     was used; put the versions back that it was priced by, or settle it by hand"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Balance;

    fn report(standing: Standing, unsettled: Option<MonthNumber>) -> Report {
        let zero = Money::ZERO;
        let balance = Balance { money: Money::from_micros(45_000), segments: 7 };
        let money = MoneyReport { balance, held: zero, held_segments: 0, owed: zero, standing, unsettled };
        let account = AccountReport {
            name: "acme".to_owned(),
            counts: Default::default(),
            today: Default::default(),
            owed: 0,
            receipts_waiting: 0,
            receivers: 0,
            opted_out: 0,
            money: Some(money),
        };
        Report { accounts: vec![account], ..Report::default() }
    }

    #[test]
    fn r42_a_worse_standing_is_said_at_once_and_a_better_one_when_it_lasts() {
        let mut said = Said::default();
        let mut look = |standing| said.look(&report(standing, None));
        let stands =
            |standing| vec![Alarm::Stands("acme".to_owned(), standing, "0.0450".parse().unwrap(), 7)];
        assert_eq!(look(Standing::Good), []);
        assert_eq!(look(Standing::Low), stands(Standing::Low));
        for _ in 0..3 {
            assert_eq!((look(Standing::Good), look(Standing::Low)), (vec![], vec![]));
        }
        assert_eq!(look(Standing::Suspended), stands(Standing::Suspended));
        for _ in 1..BETTER_FOR {
            assert_eq!(look(Standing::Good), []);
        }
        assert_eq!(look(Standing::Good), stands(Standing::Good));
        assert_eq!(look(Standing::Low), stands(Standing::Low), "and worse again at once");
    }

    #[test]
    fn r36_a_month_that_could_not_be_settled_is_said_once() {
        let mut said = Said::default();
        let mut look = |month: Option<u32>| said.look(&report(Standing::Good, month.map(MonthNumber)));
        let unsettled = |month| vec![Alarm::Unsettled("acme".to_owned(), MonthNumber(month))];
        assert_eq!(look(None), []);
        assert_eq!((look(Some(202_111)), look(Some(202_111))), (unsettled(202_111), vec![]));
        assert_eq!((look(None), look(Some(202_112))), (vec![], unsettled(202_112)));
    }
}
