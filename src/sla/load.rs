//! How many messages has an account submitted today? The contracts want much of it announced (R19).

use hashbrown::HashMap;

use crate::base::ids::AccountId;
use crate::sla::book::ContractDay;

/// Accepted messages of each account's latest day, by the contracts' clock.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loads(HashMap<AccountId, (ContractDay, u64)>);

impl Loads {
    /// A message was accepted. One of an earlier day, when the calendar has gone back, counts to the latest.
    pub fn count(&mut self, account: AccountId, day: ContractDay) {
        let (latest, messages) = self.0.entry(account).or_default();
        if day > *latest {
            (*latest, *messages) = (day, 0);
        }
        *messages += 1;
    }

    /// How many were accepted on that day.
    #[must_use]
    pub fn of(&self, account: AccountId, day: ContractDay) -> u64 {
        self.0.get(&account).filter(|(latest, _)| *latest >= day).map_or(0, |(_, messages)| *messages)
    }

    /// As integers, for a snapshot, in the order of the accounts.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        let mut loads: Vec<_> = self.0.iter().collect();
        loads.sort_unstable_by_key(|(account, _)| account.0);
        let numbers = |(account, (day, messages)): (&AccountId, &(ContractDay, u64))| {
            [u64::from(account.0), u64::from(day.0), *messages]
        };
        loads.into_iter().flat_map(numbers).collect()
    }

    /// What [`Loads::to_numbers`] gave.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Self {
        let load = |load: &[u64]| match *load {
            [account, day, messages] => {
                let account = AccountId(u32::try_from(account).ok()?);
                Some((account, (ContractDay(u32::try_from(day).ok()?), messages)))
            }
            _ => None,
        };
        Self(numbers.chunks_exact(3).filter_map(load).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r19_a_day_begins_anew_and_an_account_is_not_another() {
        let mut loads = Loads::default();
        let (one, other) = (AccountId(1), AccountId(2));
        for day in [7, 7, 8, 7] {
            loads.count(one, ContractDay(day));
        }
        loads.count(other, ContractDay(7));
        assert_eq!((loads.of(one, ContractDay(8)), loads.of(one, ContractDay(9))), (2, 0));
        assert_eq!(loads.of(other, ContractDay(7)), 1);
        assert_eq!(Loads::from_numbers(&loads.to_numbers()), loads);
    }
}
