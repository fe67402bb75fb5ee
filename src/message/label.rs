//! By what a message is counted apart, as it was known when it was accepted.

use std::fmt;

/// What kind of message it is (R3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Category {
    /// Nobody said.
    #[default]
    Uncategorised,
    /// A one-time code.
    OneTimeCode,
    /// A notification that its recipient expects.
    Notification,
    /// Marketing to those who agreed to it.
    Marketing,
}

impl Category {
    /// Every category, in the order of tables and of their numbers in the log.
    pub const ALL: [Self; 4] = [Self::Uncategorised, Self::OneTimeCode, Self::Notification, Self::Marketing];

    /// The category in one lower-case word, for tables and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uncategorised => "uncategorised",
            Self::OneTimeCode => "one_time_code",
            Self::Notification => "notification",
            Self::Marketing => "marketing",
        }
    }
}

/// By what a message is counted apart. An event holds it, so that a replay needs no settings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Label {
    /// What kind of message it is.
    pub category: Category,
    /// How many digits of its destination, without the "+", name the zone that it goes to: the longest prefix that the
    /// settings name.
    pub zone_len: u8,
    /// Whether its account had submitted more in a day than it may without announcing it (R19).
    pub beyond_load: bool,
    /// In how many segments it goes over the air, as the carrier will count it: at most 255, which is all that parts
    /// can be numbered by; 0 when nobody counted.
    pub segments: u8,
}

/// The most digits of a zone: a country and its networks. A route may lead to one number only; a zone must not, for it
/// stands where numbers are masked (promise 13).
pub const ZONE_DIGITS_MAX: u8 = 7;

/// Where messages go: the digits of a prefix, at most [`ZONE_DIGITS_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(u64);

impl Zone {
    /// The first `len` digits of a number, and fewer where something else comes before.
    #[must_use]
    pub fn new(number: &[u8], len: u8) -> Self {
        let number = number.strip_prefix(b"+").unwrap_or(number);
        let digits = number
            .iter()
            .take(usize::from(len.min(ZONE_DIGITS_MAX)))
            .take_while(|digit| digit.is_ascii_digit());
        Self(digits.fold(1, |zone, digit| zone * 10 + u64::from(digit - b'0')))
    }

    /// From the number that stands in a snapshot.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(if number == 0 { 1 } else { number })
    }

    /// The number that stands in a snapshot: the digits behind a 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// How many digits it has.
    #[must_use]
    pub fn digits(self) -> u8 {
        u8::try_from(self.to_string().len()).unwrap_or(ZONE_DIGITS_MAX)
    }

    /// Whether all of it lies within this prefix.
    #[must_use]
    pub fn is_within(self, prefix: &str) -> bool {
        self.to_string().starts_with(prefix)
    }
}

impl Default for Zone {
    /// Everywhere.
    fn default() -> Self {
        Self(1)
    }
}

impl fmt::Display for Zone {
    /// Its digits; nothing for everywhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        f.write_str(digits.get(1..).unwrap_or_default())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zone {self}")
    }
}
