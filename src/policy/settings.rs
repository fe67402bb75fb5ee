//! How recipients stop an account's messages, and what those have to say about it.

use crate::base::octets::Octets;
use crate::message::{Address, Category};
use crate::policy::Words;

/// The choices that contracts and countries make (A13): which words, which messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptOut {
    /// A text from a handset that is one of these stops the account's messages to it.
    pub stop: Words,
    /// One of these lets them come again.
    pub start: Words,
    /// One of these stands in every text that is asked to say how it is stopped; none when nothing is asked.
    pub told_by: Words,
    /// The kinds of messages of which that is asked.
    pub asked_of: Vec<Category>,
    /// The kinds of messages that are sent all the same.
    pub spared: Vec<Category>,
    /// The country's own prefix, digits: numbers with it and without it are the same. Empty for none.
    pub country: String,
}

/// The least digits behind a country's prefix: fewer are a short number that happens to begin like it.
const NATIONAL_MIN: usize = 7;

impl Default for OptOut {
    /// No words, and nothing is asked; one-time codes are sent all the same (R51).
    fn default() -> Self {
        Self {
            stop: Words::default(),
            start: Words::default(),
            told_by: Words::default(),
            asked_of: vec![Category::Marketing],
            spared: vec![Category::OneTimeCode],
            country: String::new(),
        }
    }
}

impl OptOut {
    /// What a text from a handset asks for: `true` for no more messages, `false` for messages again.
    #[must_use]
    pub fn heard(&self, text: &str) -> Option<bool> {
        let stops = self.stop.have(text).then_some(true);
        stops.or_else(|| self.start.have(text).then_some(false))
    }

    /// Whether any word means anything.
    #[must_use]
    pub const fn listens(&self) -> bool {
        !self.stop.is_empty() || !self.start.is_empty()
    }

    /// Whether any text is asked to say how it is stopped.
    pub(super) fn asks_anything(&self) -> bool {
        !self.told_by.is_empty() && !self.asked_of.is_empty()
    }

    /// Whether messages of this kind have to say how they are stopped.
    #[must_use]
    pub fn asks(&self, category: Category) -> bool {
        !self.told_by.is_empty() && self.asked_of.contains(&category)
    }

    /// Whether a text says how it is stopped.
    #[must_use]
    pub fn is_told_in(&self, text: &str) -> bool {
        self.told_by.stand_in(text)
    }

    /// Whether messages of this kind go to whoever has opted out, too.
    #[must_use]
    pub fn spares(&self, category: Category) -> bool {
        self.spared.contains(&category)
    }

    /// A number in the one form in which it is kept: without "+", "00" or the country's prefix.
    #[must_use]
    pub fn bare(&self, number: &Address) -> Address {
        let digits = number.as_slice();
        let digits = digits.strip_prefix(b"+").or_else(|| digits.strip_prefix(b"00")).unwrap_or(digits);
        let national =
            digits.strip_prefix(self.country.as_bytes()).filter(|national| national.len() >= NATIONAL_MIN);
        Address { ton: 0, npi: 0, digits: Octets::new(national.unwrap_or(digits)).unwrap_or_default() }
    }
}
