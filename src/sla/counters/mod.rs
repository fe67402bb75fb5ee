//! The counts that the success rate is made of: a fold over events, per account and per carrier.

mod account;
mod carrier;
mod numbers;

use std::collections::BTreeMap;

use crate::base::ids::{AccountId, CarrierId};
use crate::message::{Class, Refusal};
use crate::sla::codes::Code;

pub use account::AccountCounts;
pub use carrier::{CarrierCounts, OTHER_STATUS, STATUSES_MAX};

/// How many messages ended in each class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ByClass([u64; Class::ALL.len()]);

impl ByClass {
    /// The count of one class.
    #[must_use]
    pub fn of(&self, class: Class) -> u64 {
        self.0.get(class as usize).copied().unwrap_or(0)
    }

    /// All that ended.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Two of them as one group of a snapshot: what an older one has is the first.
    fn both(&self, behind: &Self) -> Vec<u64> {
        self.0.iter().chain(&behind.0).copied().collect()
    }

    /// What [`ByClass::both`] gave.
    fn from_both(numbers: &[u64]) -> (Self, Self) {
        let (first, behind) = numbers.split_at_checked(Class::ALL.len()).unwrap_or((numbers, &[]));
        (Self(numbers::first(first)), Self(numbers::first(behind)))
    }

    fn add(&mut self, class: Class) {
        if let Some(count) = self.0.get_mut(class as usize) {
            *count += 1;
        }
    }
}

/// The success rate as its two integers (R1): `1 − failures ÷ valid`. Never a float where it is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Explicit failures.
    pub failures: u64,
    /// Messages to valid numbers that have ended.
    pub valid: u64,
}

impl Rate {
    /// The rate in hundredths of a percent, rounded down; `None` when nothing valid has ended (R1).
    #[must_use]
    pub fn basis_points(self) -> Option<u64> {
        let good = self.valid.saturating_sub(self.failures);
        (self.valid > 0).then(|| good.saturating_mul(10_000) / self.valid)
    }
}

/// Every account's and every carrier's counts.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    accounts: BTreeMap<AccountId, AccountCounts>,
    carriers: BTreeMap<CarrierId, CarrierCounts>,
}

impl PartialEq for Counters {
    /// Nothing counted is the same as not being there.
    fn eq(&self, other: &Self) -> bool {
        fn counted<K, C: Default + PartialEq>(all: &BTreeMap<K, C>) -> impl Iterator<Item = (&K, &C)> {
            all.iter().filter(|(_, counts)| **counts != C::default())
        }
        counted(&self.accounts).eq(counted(&other.accounts))
            && counted(&self.carriers).eq(counted(&other.carriers))
    }
}

impl Eq for Counters {}

/// What can be counted about one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It was accepted.
    Accepted,
    /// A copy was handed over.
    HandedOver,
    /// The carrier has it.
    TakenByCarrier,
    /// The carrier did not take it, with this status; 0 when it was never written.
    NotTaken(u32),
    /// No answer came.
    DoubtBegan,
    /// An answer or a receipt settled it.
    DoubtEnded,
    /// It ended.
    Ended {
        /// As this.
        class: Class,
        /// With a code that no table has.
        unmapped: bool,
    },
    /// It had ended as pending, and a late receipt says how it really ended.
    Corrected {
        /// As this.
        class: Class,
        /// With a code that no table has.
        unmapped: bool,
    },
    /// A receipt used an unknown word.
    UnknownWord,
    /// The customer took the receipt.
    Told,
    /// The customer refused the receipt for good, or did not take it in time.
    Untold,
    /// It is to be handed over again, being in doubt.
    Copied,
    /// It came from a carrier for an account of ours.
    Received,
    /// The account took it.
    Taken,
    /// The account refused it for good, or did not take it in time.
    NotTakenByAccount,
}

impl Step {
    /// The step of telling, for a message that came from a carrier.
    #[must_use]
    pub const fn of_incoming(self) -> Self {
        match self {
            Self::Told => Self::Taken,
            Self::Untold => Self::NotTakenByAccount,
            other => other,
        }
    }
}

impl Counters {
    /// The counts of an account; all zero when nothing happened yet.
    #[must_use]
    pub fn account(&self, account: AccountId) -> AccountCounts {
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    /// The counts of a carrier; all zero when nothing happened yet.
    #[must_use]
    pub fn carrier(&self, carrier: CarrierId) -> CarrierCounts {
        self.carriers.get(&carrier).cloned().unwrap_or_default()
    }

    /// Messages that were accepted and have not ended.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.accounts.values().map(|counts| counts.accepted.saturating_sub(counts.ended.total())).sum()
    }

    /// Counts a step of a message.
    pub fn count(&mut self, account: AccountId, carrier: CarrierId, step: Step) {
        let account = self.accounts.entry(account).or_default();
        let carrier = self.carriers.entry(carrier).or_default();
        match step {
            Step::Accepted => account.accepted += 1,
            Step::HandedOver => carrier.submitted += 1,
            Step::TakenByCarrier => carrier.accepted += 1,
            Step::NotTaken(0) => carrier.submitted = carrier.submitted.saturating_sub(1),
            Step::NotTaken(status) => carrier.refuse(status),
            Step::DoubtBegan => {
                account.in_doubt += 1;
                carrier.in_doubt += 1;
            }
            Step::DoubtEnded => {
                account.in_doubt = account.in_doubt.saturating_sub(1);
                carrier.in_doubt = carrier.in_doubt.saturating_sub(1);
            }
            Step::Ended { class, unmapped } => {
                account.ended.add(class);
                carrier.ended.add(class);
                account.unmapped += u64::from(unmapped);
                carrier.unmapped += u64::from(unmapped);
            }
            Step::Corrected { class, unmapped } => {
                account.corrected.add(class);
                carrier.corrected.add(class);
                account.unmapped += u64::from(unmapped);
                carrier.unmapped += u64::from(unmapped);
            }
            Step::UnknownWord => {
                account.unknown += 1;
                carrier.unknown += 1;
            }
            Step::Told => account.told += 1,
            Step::Untold => account.untold += 1,
            Step::Copied => carrier.copied += 1,
            Step::Received => {
                account.received += 1;
                carrier.received += 1;
            }
            Step::Taken => account.taken += 1,
            Step::NotTakenByAccount => account.not_taken += 1,
        }
    }

    /// Sets the counts of an account, from a snapshot.
    pub fn set_account(&mut self, account: AccountId, counts: AccountCounts) {
        self.accounts.insert(account, counts);
    }

    /// Sets the counts of a carrier, from a snapshot.
    pub fn set_carrier(&mut self, carrier: CarrierId, counts: CarrierCounts) {
        self.carriers.insert(carrier, counts);
    }

    /// Counts refused submissions.
    pub fn refuse(&mut self, account: AccountId, reason: Refusal, count: u32) {
        let counts = self.accounts.entry(account).or_default();
        if let Some(sum) = counts.refused.get_mut(usize::from(reason.number())) {
            *sum += u64::from(count);
        }
    }

    /// Counts a code that no table has, and that ended a message.
    pub fn unmapped(&mut self, carrier: CarrierId, stat: &Code, err: &Code) {
        self.carriers.entry(carrier).or_default().unmapped_codes.note(stat, err);
    }

    /// Counts a receipt about a message that had ended already.
    pub fn repeat(&mut self, carrier: CarrierId) {
        self.carriers.entry(carrier).or_default().repeated += 1;
    }

    /// Counts a receipt that was about no message of ours.
    pub fn foreign(&mut self, carrier: CarrierId) {
        self.carriers.entry(carrier).or_default().foreign += 1;
    }
}

/// R1, with A3 and A4: invalid numbers and exclusions leave both counts, silence stays in the denominator until it is
/// corrected.
fn rate(ended: &ByClass, corrected: &ByClass) -> Rate {
    let of = |class| ended.of(class) + corrected.of(class);
    let failures = of(Class::ExplicitFailure);
    let pending = ended.of(Class::Pending).saturating_sub(corrected.total());
    Rate { failures, valid: of(Class::Delivered) + failures + pending }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1_the_rate_is_compared_as_integers_and_is_nothing_without_valid_messages() {
        assert_eq!(Rate { failures: 50_000, valid: 1_000_000 }.basis_points(), Some(9_500));
        assert_eq!(Rate { failures: 50_001, valid: 1_000_000 }.basis_points(), Some(9_499));
        assert_eq!(Rate { failures: 0, valid: 0 }.basis_points(), None);
    }

    #[test]
    fn r5_invalid_numbers_never_change_the_rate() {
        let mut counters = Counters::default();
        let (account, carrier) = (AccountId(1), CarrierId(1));
        let mut end = |class, times| {
            for _ in 0..times {
                counters.count(account, carrier, Step::Ended { class, unmapped: false });
            }
            counters.account(account).rate()
        };
        end(Class::Delivered, 19);
        let before = end(Class::ExplicitFailure, 1);
        assert_eq!(before.basis_points(), Some(9_500));
        assert_eq!(end(Class::InvalidNumber, 500), before);
        assert_eq!(end(Class::Excluded, 500), before);
        assert_eq!(end(Class::Pending, 20).basis_points(), Some(9_750));
    }

    #[test]
    fn a4_what_a_late_receipt_corrects_is_silent_no_more() {
        let mut counters = Counters::default();
        let (account, carrier) = (AccountId(1), CarrierId(1));
        let mut count = |step| {
            counters.count(account, carrier, step);
            counters.account(account).rate()
        };
        let pending = Step::Ended { class: Class::Pending, unmapped: false };
        for _ in 0..4 {
            count(pending);
        }
        let corrected = |class| Step::Corrected { class, unmapped: false };
        assert_eq!(count(corrected(Class::Delivered)), Rate { failures: 0, valid: 4 });
        assert_eq!(count(corrected(Class::ExplicitFailure)), Rate { failures: 1, valid: 4 });
        assert_eq!(count(corrected(Class::InvalidNumber)), Rate { failures: 1, valid: 3 });
        let counts = counters.account(account);
        assert_eq!(AccountCounts::from_numbers(&counts.to_numbers()), counts);
        let counts = counters.carrier(carrier);
        assert_eq!(CarrierCounts::from_numbers(&counts.to_numbers()), counts);
        assert_eq!(counts.corrected.total(), 3);
    }

    #[test]
    fn a_carrier_that_answers_random_statuses_does_not_grow_the_counts() {
        let mut counters = Counters::default();
        for status in 1..1_000 {
            counters.count(AccountId(1), CarrierId(1), Step::NotTaken(status));
        }
        let refused = counters.carrier(CarrierId(1)).refused;
        assert_eq!(refused.len(), STATUSES_MAX + 1);
        assert_eq!(refused.values().sum::<u64>(), 999);
    }
}
