//! May this account submit now? One verb, [`Admission::admit`]; one verdict, [`Admitted`] or a refusal.
//!
//! Runs on the caller's own task, so a flood is refused before it costs the engine anything.

pub mod rate;
mod settings;

use std::fmt;

use hashbrown::HashMap;

pub use rate::RateLimit;
pub use settings::{AccountLimits, RateSettings};

use crate::base::ids::AccountId;
use crate::base::time::Moment;
use crate::message::{Refusal, Submission};

/// The limits of every account, with what has been used of them. Shared by all sessions.
#[derive(Debug, Default)]
pub struct Admission {
    accounts: HashMap<AccountId, Option<Limits>>,
}

/// What one account has used of its limits.
#[derive(Debug)]
struct Limits {
    /// Of its rate, which counts a long message once: by the part with number 1 (promise 9).
    messages: RateLimit,
    /// Of the rate of further parts.
    parts: RateLimit,
}

/// Further parts per message of the rate: a text of ten parts is as long as any handset takes, and whoever sends
/// parts of nothing must not get around the limit.
const PARTS_PER_MESSAGE: u32 = 10;

/// Proof that a submission is within its account's limits. Only [`Admission::admit`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Admitted(Submission);

impl Admission {
    /// Sets up the limits of these accounts, nothing used yet.
    pub fn new(accounts: impl IntoIterator<Item = (AccountId, AccountLimits)>) -> Self {
        let limit = |limits: AccountLimits| {
            let rate = limits.rate?;
            Some(Limits {
                messages: RateLimit::new(rate),
                parts: RateLimit::new(rate.times(PARTS_PER_MESSAGE)),
            })
        };
        Self { accounts: accounts.into_iter().map(|(account, limits)| (account, limit(limits))).collect() }
    }

    /// Whether the account may submit this now; counts it against the rate when it may.
    ///
    /// # Errors
    /// [`Refusal::Throttled`] over the rate; [`Refusal::Stopping`] for an account that is not in the settings.
    pub fn admit(&self, now: Moment, submission: Submission) -> Result<Admitted, Refusal> {
        let Some(limits) = self.accounts.get(&submission.account) else { return Err(Refusal::Stopping) };
        if let Some(Limits { messages, parts }) = limits {
            let further_part = submission.part.is_some_and(|part| part.number > 1);
            let rate = if further_part { parts } else { messages };
            rate.take(now).map_err(|_| Refusal::Throttled)?;
        }
        Ok(Admitted(submission))
    }
}

impl Admitted {
    /// What was admitted.
    #[must_use]
    pub const fn submission(&self) -> &Submission {
        &self.0
    }

    /// What was admitted, for the next step.
    #[must_use]
    pub fn into_submission(self) -> Submission {
        self.0
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::{Address, Content, Label, Part, PartForm, Wishes};

    fn submission(account: u32) -> Submission {
        Submission {
            account: AccountId(account),
            source: Address::default(),
            destination: Address::default(),
            registered_delivery: 0,
            wishes: Wishes::default(),
            label: Label::default(),
            bill: None,
            part: None,
            content: Content::default(),
        }
    }

    #[test]
    fn promise_10_a_limit_allows_its_burst_and_then_its_rate() {
        let rate = RateSettings::new(10, Some(3)).unwrap();
        let admission = Admission::new([(AccountId(1), AccountLimits { rate: Some(rate) })]);
        let start = Moment::from_micros(5_000_000);
        let admitted = (0..5).filter(|_| admission.admit(start, submission(1)).is_ok()).count();
        assert_eq!(admitted, 3);
        assert_eq!(admission.admit(start, submission(1)), Err(Refusal::Throttled));
        let later = start + Duration::from_millis(100);
        assert!(admission.admit(later, submission(1)).is_ok());
        assert_eq!(admission.admit(later, submission(1)), Err(Refusal::Throttled));
    }

    #[test]
    fn promise_9_a_long_message_is_one_message_to_the_limit_and_parts_alone_have_one_too() {
        let rate = RateSettings::new(10, Some(3)).unwrap();
        let admission = Admission::new([(AccountId(1), AccountLimits { rate: Some(rate) })]);
        let now = Moment::from_micros(5_000_000);
        let admitted = |number| {
            let part = Some(Part { form: PartForm::Udh8, reference: 7, total: 255, number });
            admission.admit(now, Submission { part, ..submission(1) })
        };
        for _ in 0..3 {
            assert!((1..=10).all(|number| admitted(number).is_ok()));
        }
        assert_eq!(admitted(1), Err(Refusal::Throttled));
        let further = (0..1000).filter(|_| admitted(2).is_ok()).count();
        assert_eq!(further, 3, "thirty in all, of which 27 went with the three messages");
    }

    #[test]
    fn accounts_do_not_share_a_limit_and_strangers_have_none() {
        let rate = RateSettings::new(1, None).unwrap();
        let limits = |rate| AccountLimits { rate };
        let admission = Admission::new([(AccountId(1), limits(Some(rate))), (AccountId(2), limits(None))]);
        let now = Moment::from_micros(1);
        assert!(admission.admit(now, submission(1)).is_ok());
        assert_eq!(admission.admit(now, submission(1)), Err(Refusal::Throttled));
        assert!((0..1000).all(|_| admission.admit(now, submission(2)).is_ok()));
        assert_eq!(admission.admit(now, submission(3)), Err(Refusal::Stopping));
    }
}
