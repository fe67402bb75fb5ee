//! The counts that the success rate is made of: a fold over events, per account and per carrier.

use std::collections::BTreeMap;

use crate::base::ids::{AccountId, CarrierId};
use crate::message::{Class, Refusal};

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

/// What happened to the messages of one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AccountCounts {
    /// Accepted: promised to be brought to an end.
    pub accepted: u64,
    /// Refused, by reason.
    refused: [u64; Refusal::ALL.len()],
    /// Ended, by class.
    pub ended: ByClass,
    /// Receipts whose word was unknown.
    pub unknown: u64,
    /// Receipts that the customer acknowledged.
    pub told: u64,
    /// Receipts that the customer refused for good, or did not take in time.
    pub untold: u64,
    /// Now handed over without an answer.
    pub in_doubt: u64,
    /// Messages that came from carriers for the account.
    pub received: u64,
    /// Those of them that the account took.
    pub taken: u64,
    /// Those of them that it refused for good, or did not take in time.
    pub not_taken: u64,
}

impl AccountCounts {
    /// The counts as integers, for a snapshot. New ones are added at the end: what an older snapshot does not have is
    /// zero.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        let Self { accepted, refused, ended, unknown, told, untold, in_doubt, received, taken, not_taken } =
            self;
        let mut numbers = vec![*accepted, *unknown, *told, *untold, *in_doubt, *received, *taken, *not_taken];
        numbers.extend(ended.0);
        numbers.extend(refused);
        numbers
    }

    /// What [`AccountCounts::to_numbers`] gave.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Self {
        let mut numbers = numbers.iter().copied();
        let mut next = || numbers.next().unwrap_or(0);
        let (accepted, unknown, told, untold) = (next(), next(), next(), next());
        let (in_doubt, received, taken, not_taken) = (next(), next(), next(), next());
        let ended = ByClass(std::array::from_fn(|_| next()));
        let refused = std::array::from_fn(|_| next());
        Self { accepted, refused, ended, unknown, told, untold, in_doubt, received, taken, not_taken }
    }

    /// Accepted and refused together.
    #[must_use]
    pub fn submitted(&self) -> u64 {
        self.accepted + self.refused.iter().sum::<u64>()
    }

    /// Refused for this reason.
    #[must_use]
    pub fn refused(&self, reason: Refusal) -> u64 {
        self.refused.get(usize::from(reason.number())).copied().unwrap_or(0)
    }

    /// The success rate of what has ended.
    #[must_use]
    pub fn rate(&self) -> Rate {
        rate(&self.ended)
    }
}

/// What happened to the messages that went to one carrier.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CarrierCounts {
    /// Handed over, every copy counted.
    pub submitted: u64,
    /// Those of them that were handed over again while in doubt.
    pub copied: u64,
    /// Messages that it sent us for our accounts.
    pub received: u64,
    /// Taken by the carrier.
    pub accepted: u64,
    /// Answers other than success, by command_status: those sent back to the queue and those refused for good.
    pub refused: BTreeMap<u32, u64>,
    /// Ended, by class.
    pub ended: ByClass,
    /// Receipts whose word was unknown.
    pub unknown: u64,
    /// Receipts about messages that had ended already.
    pub repeated: u64,
    /// Receipts that waited and were about no message of ours.
    pub foreign: u64,
    /// Now handed over without an answer.
    pub in_doubt: u64,
}

/// The most different statuses counted apart per carrier; the rest is summed under [`OTHER_STATUS`]: a carrier that
/// answers random numbers must not grow our memory.
pub const STATUSES_MAX: usize = 64;

/// Where statuses past [`STATUSES_MAX`] are counted.
pub const OTHER_STATUS: u32 = u32::MAX;

impl CarrierCounts {
    /// The counts as integers, for a snapshot; refusals are pairs at the end.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        let Self { submitted, copied, received, accepted, refused, ended, .. } = self;
        let mut numbers = vec![*submitted, *copied, *received, *accepted];
        numbers.extend([self.unknown, self.repeated, self.foreign, self.in_doubt]);
        numbers.extend(ended.0);
        numbers.extend(refused.iter().flat_map(|(status, count)| [u64::from(*status), *count]));
        numbers
    }

    /// What [`CarrierCounts::to_numbers`] gave.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Self {
        let mut numbers = numbers.iter().copied();
        let mut next = || numbers.next().unwrap_or(0);
        let (submitted, copied, received, accepted) = (next(), next(), next(), next());
        let (unknown, repeated, foreign, in_doubt) = (next(), next(), next(), next());
        let ended = ByClass(std::array::from_fn(|_| next()));
        let mut refused = BTreeMap::new();
        while let (Some(status), Some(count)) = (numbers.next(), numbers.next()) {
            refused.insert(u32::try_from(status).unwrap_or(OTHER_STATUS), count);
        }
        Self { submitted, copied, received, accepted, refused, ended, unknown, repeated, foreign, in_doubt }
    }

    /// The success rate of what has ended.
    #[must_use]
    pub fn rate(&self) -> Rate {
        rate(&self.ended)
    }

    fn refuse(&mut self, status: u32) {
        let known = self.refused.contains_key(&status) || self.refused.len() < STATUSES_MAX;
        *self.refused.entry(if known { status } else { OTHER_STATUS }).or_default() += 1;
    }
}

/// Every account's and every carrier's counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    accounts: BTreeMap<AccountId, AccountCounts>,
    carriers: BTreeMap<CarrierId, CarrierCounts>,
}

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
    Ended(Class),
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
            Step::Ended(class) => {
                account.ended.add(class);
                carrier.ended.add(class);
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

    /// Counts a receipt about a message that had ended already.
    pub fn repeat(&mut self, carrier: CarrierId) {
        self.carriers.entry(carrier).or_default().repeated += 1;
    }

    /// Counts a receipt that was about no message of ours.
    pub fn foreign(&mut self, carrier: CarrierId) {
        self.carriers.entry(carrier).or_default().foreign += 1;
    }
}

/// R1, with A3 and A4: invalid numbers and exclusions leave both counts, silence stays in the denominator.
fn rate(ended: &ByClass) -> Rate {
    let failures = ended.of(Class::ExplicitFailure);
    Rate { failures, valid: ended.of(Class::Delivered) + failures + ended.of(Class::Pending) }
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
                counters.count(account, carrier, Step::Ended(class));
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
