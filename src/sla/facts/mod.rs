//! Which fact excludes this message? One verb, [`Facts::excluding`]; its verdict is a reason and the fact's number.
//!
//! A fold over what operators said ([`crate::message::Fact`]). A message is excluded by the time at which it was
//! submitted (A26), by the first fact that fits it; without a fact there is no evidence, and without evidence no
//! exclusion. What was over when a fact was said counts by it, too ([`Facts::looks_back`], [`Facts::excluding_by`]).
//! [`Facts::check`] says before a fact is written down why it would be none.

mod cases;
mod check;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::{Address, Category, Exclusion, Fact, FactId, Says, Scope, Window, Zone};

pub use cases::{Case, CaseKind, Reply, Standing};
pub use check::{FactRefusal, TEXT_LEN_MAX};

/// The most facts: a year of ten a day, 300 octets each. One more is refused until old ones may go.
pub const FACTS_MAX: usize = 4096;

/// The most facts that are told of what stands elsewhere: money in its account's wallet, who has opted out in a list of
/// them. The oldest goes; it is in the log itself for as long as that is kept.
pub const DONE_FACTS_MAX: usize = 4096;

/// How far a calendar may have been ahead when a message was submitted and for its window still to be found.
const AHEAD: Duration = Duration::from_secs(86_400);

/// A recipient, as far as it is known.
pub trait Recipient {
    /// Whether it begins so.
    fn begins_with(&self, zone: Zone) -> bool;

    /// Whether it is this one.
    fn is(&self, address: &Address) -> bool;
}

impl Recipient for Address {
    fn begins_with(&self, zone: Zone) -> bool {
        Zone::new(self.as_slice(), zone.digits()) == zone
    }

    fn is(&self, address: &Address) -> bool {
        self.digits == address.digits
    }
}

/// What a message is asked about by.
#[derive(Debug)]
pub struct Subject<'a, R = Address> {
    /// When it was submitted, by the calendar.
    pub submitted: Timestamp,
    /// Whose it is.
    pub account: AccountId,
    /// The carrier that had it last.
    pub carrier: CarrierId,
    /// The recipient.
    pub recipient: &'a R,
}

impl<R> Clone for Subject<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Subject<'_, R> {}

/// All facts, and which of them still hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    all: BTreeMap<FactId, Fact>,
    withdrawn: BTreeSet<FactId>,
    /// The windows that hold, by their ends: what is over for long is not looked at for every message.
    windows: BTreeSet<(Timestamp, FactId)>,
    /// What kind of messages accounts send, where operators said it.
    categories: BTreeMap<AccountId, Category>,
    /// The claims and complaints that have an answer which was not taken back, and that answer.
    answers: BTreeMap<FactId, FactId>,
}

impl Facts {
    /// The number of the next fact.
    #[must_use]
    pub fn next(&self) -> FactId {
        self.all.last_key_value().map_or(FactId(1), |(last, _)| FactId(last.0.saturating_add(1)))
    }

    /// A fact is known from now on.
    pub fn add(&mut self, fact: Fact) {
        match &fact.says {
            Says::Withdrawn(other) => {
                self.withdrawn.insert(*other);
                self.windows.retain(|(_, id)| id != other);
                self.answers.retain(|_, answer| answer != other);
            }
            Says::Excluded(window) => {
                self.windows.insert((window.to, fact.id));
            }
            Says::Announced { to, .. } => {
                self.windows.insert((*to, fact.id));
            }
            Says::Answered { fact: of, .. } => {
                self.answers.insert(*of, fact.id);
            }
            Says::Categorised { .. } | Says::Claimed { .. } => {}
            Says::Money { .. } | Says::Opted { .. } => self.forget_old(),
        }
        self.all.insert(fact.id, fact);
        self.look_at_categories();
    }

    /// The latest word about each account's messages that was not taken back.
    fn look_at_categories(&mut self) {
        let holding = self.all.values().filter(|fact| !self.withdrawn.contains(&fact.id));
        let said = holding.filter_map(|fact| match fact.says {
            Says::Categorised { account, category } => Some((account, category)),
            _ => None,
        });
        self.categories = said.collect();
    }

    /// What kind of messages an account sends, as operators said; none when they did not (R48).
    #[must_use]
    pub fn category(&self, account: AccountId) -> Option<Category> {
        self.categories.get(&account).copied()
    }

    /// Makes room for one more fact of what stands elsewhere.
    fn forget_old(&mut self) {
        let mut done = self.all.values().filter(|fact| is_done(fact));
        let oldest = done.next().map(|fact| fact.id);
        if let Some(oldest) = oldest.filter(|_| done.count() + 1 >= DONE_FACTS_MAX) {
            self.all.remove(&oldest);
        }
    }

    /// How many facts there are that are kept for good.
    fn kept(&self) -> usize {
        self.all.values().filter(|fact| !is_done(fact)).count()
    }

    /// The facts, the oldest first, and whether each still holds.
    pub fn iter(&self) -> impl Iterator<Item = (&Fact, bool)> {
        self.all.values().map(|fact| (fact, !self.withdrawn.contains(&fact.id)))
    }

    /// Whether any fact that holds excludes anything, or announces it.
    #[must_use]
    pub fn exclude(&self) -> bool {
        !self.windows.is_empty()
    }

    /// Why a message is excluded, and by which fact.
    #[must_use]
    pub fn excluding(&self, subject: Subject<'_>) -> Option<(Exclusion, FactId)> {
        let open = (Bound::Excluded((subject.submitted, FactId(u32::MAX))), Bound::Unbounded);
        let found = self.windows.range(open).filter_map(|(_, id)| {
            let Says::Excluded(window) = &self.all.get(id)?.says else { return None };
            window.fits(subject).then_some((*id, window.exclusion))
        });
        found.min_by_key(|(id, _)| *id).map(|(id, exclusion)| (exclusion, id))
    }

    /// The same by what had been said up to that fact, it included: what messages count by that were over before.
    #[must_use]
    pub fn excluding_by<R: Recipient>(
        &self,
        subject: Subject<'_, R>,
        last: FactId,
    ) -> Option<(Exclusion, FactId)> {
        let said = || self.all.range(..=last).map(|(id, fact)| (*id, &fact.says));
        let fitting = said().filter_map(|(id, says)| match says {
            Says::Excluded(window) if window.fits(subject) => Some((window.exclusion, id)),
            _ => None,
        });
        let is_withdrawn = |fact| said().any(|(_, says)| *says == Says::Withdrawn(fact));
        let mut holding = fitting.filter(|(_, id)| self.holds(*id) || !is_withdrawn(*id));
        holding.next()
    }

    /// Whether nobody has taken that fact back.
    fn holds(&self, fact: FactId) -> bool {
        !self.withdrawn.contains(&fact)
    }

    /// The window that this fact has put or taken away, when messages that are over may lie in it: then they are to be
    /// looked at once more. A day is added for a calendar that was ahead; what is taken back may have excluded
    /// something however far the calendar has gone back since.
    #[must_use]
    pub fn looks_back(&self, fact: FactId) -> Option<&Window> {
        let Fact { says, told_at, .. } = self.all.get(&fact)?;
        match says {
            Says::Excluded(window) => (window.from < *told_at + AHEAD).then_some(window),
            Says::Withdrawn(other) => match &self.all.get(other)?.says {
                Says::Excluded(window) => Some(window),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Facts {
    /// Whether an account had announced that it would submit much at this time (R19).
    #[must_use]
    pub fn announced(&self, who: AccountId, now: Timestamp) -> bool {
        let open = (Bound::Excluded((now, FactId(u32::MAX))), Bound::Unbounded);
        self.windows.range(open).filter_map(|(_, id)| self.all.get(id)).any(|fact| match fact.says {
            Says::Announced { account, from, .. } => account == who && from <= now,
            _ => false,
        })
    }
}

/// Whether what a fact says was done when it was said, and stands elsewhere.
const fn is_done(fact: &Fact) -> bool {
    matches!(fact.says, Says::Money { .. } | Says::Opted { .. })
}

impl Window {
    /// Whether it is about this message.
    pub fn fits<R: Recipient>(&self, subject: Subject<'_, R>) -> bool {
        let Scope { account, carrier, zone, recipient } = &self.scope;
        self.from <= subject.submitted
            && subject.submitted < self.to
            && account.is_none_or(|account| account == subject.account)
            && carrier.is_none_or(|carrier| carrier == subject.carrier)
            && zone.is_none_or(|zone| subject.recipient.begins_with(zone))
            && recipient.is_none_or(|recipient| subject.recipient.is(&recipient))
    }
}
