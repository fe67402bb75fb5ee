//! What does a segment cost? Prices by destination and by the month's volume, in versions by the time they take
//! effect (R35, R37, R45).
//!
//! A message is priced when it is submitted, by the version then in force, at the price of its first tier: that is
//! what is held and accrued (R36, R37). Which tier the month has reached is known only when it is over; then
//! [`Tariff::settle_month`] says what the month costs and what comes back. So a version is not changed once it has
//! taken effect; [`TariffMark::may_become`] says which change is one of what was priced.

mod check;
mod mark;
mod settle;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hashbrown::HashMap;

use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::Zone;

pub use check::{Flaw, TariffFault};
pub use mark::{TariffMark, VersionMark};
pub use settle::{Line, SettleFault, Settlement, Usage};

/// The longest prefix, in digits: a number has no more (E.164).
pub const PREFIX_DIGITS_MAX: usize = 15;
/// The most versions of a tariff: one a week for ten years. More is refused.
pub const VERSIONS_MAX: usize = 520;
/// The most prefixes of a version: every range of every network in the world is about half of it. More is refused.
pub const PREFIXES_MAX: usize = 100_000;
/// The most tiers of a price; contracts have six. More is refused.
pub const TIERS_MAX: usize = 32;
/// The highest price of a segment: a million units. So the amount of a message fits, whatever its length.
pub const PRICE_MAX: Money = Money::from_micros(1_000_000_000_000);

/// The prefix of a destination as a number that stays the same wherever it stands in whatever version: its digits
/// behind a 1. The empty prefix, which stands for every destination without a longer one, is 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefixId(u64);

impl PrefixId {
    /// The empty prefix.
    pub const EMPTY: Self = Self(1);

    /// The prefix of these digits; `None` when there is anything else or too much.
    #[must_use]
    pub fn of(digits: &[u8]) -> Option<Self> {
        if digits.len() > PREFIX_DIGITS_MAX {
            return None;
        }
        digits.iter().try_fold(Self::EMPTY, |prefix, octet| prefix.then(*octet))
    }

    /// The number, for the log; [`PrefixId::from_u64`] reads it.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The prefix with this number; `None` when no prefix has it.
    #[must_use]
    pub fn from_u64(number: u64) -> Option<Self> {
        let prefix = Self(number);
        (Self::of(prefix.digits().as_bytes()) == Some(prefix)).then_some(prefix)
    }

    fn then(self, octet: u8) -> Option<Self> {
        octet
            .is_ascii_digit()
            .then(|| Self(self.0.saturating_mul(10).saturating_add(u64::from(octet - b'0'))))
    }

    /// Its digits; none for the empty one.
    #[must_use]
    pub fn digits(self) -> String {
        self.0.to_string().chars().skip(1).collect()
    }
}

impl fmt::Display for PrefixId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::EMPTY { f.write_str("any") } else { f.pad(&self.digits()) }
    }
}

impl fmt::Debug for PrefixId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A step of a price by volume: more than `over` and at most `up_to` segments in the month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tier {
    /// Segments in the month that this tier begins behind; 0 for the first.
    pub over: u64,
    /// The last segments in the month that it holds for; `None` for the last tier.
    pub up_to: Option<u64>,
    /// Price of each segment of the whole month that ends in this tier; 0 to [`PRICE_MAX`].
    pub price: Money,
}

/// The price of a prefix, as it is set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrefixPrice {
    /// Digits of the destination in international form, without `+`; empty for every destination.
    pub prefix: String,
    /// Its tiers, from the first.
    pub tiers: Vec<Tier>,
}

/// A version of a tariff, as it is set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionSettings {
    /// Its number, never used for another: what is written beside each message.
    pub number: u32,
    /// What is submitted from here on is priced by it (R45).
    pub effective: Timestamp,
    /// When customers were told; `None` for what needs no notice, such as the first version.
    pub announced: Option<Timestamp>,
    /// Its prices.
    pub prices: Vec<PrefixPrice>,
}

/// What the segments to a destination cost, at the first tier: what is held and accrued.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnitPrice {
    /// For each segment.
    pub price: Money,
    /// The version that was in force.
    pub version: u32,
    /// The prefix that decided.
    pub prefix: PrefixId,
}

/// Prices by destination, in versions. Always valid: see [`Tariff::new`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tariff {
    /// By the time they take effect, no two at the same.
    versions: Vec<Version>,
}

#[derive(Clone, PartialEq, Eq)]
struct Version {
    number: u32,
    effective: Timestamp,
    /// Tiers of each prefix: at least one, from 0 to no end, without gap or overlap.
    prices: HashMap<PrefixId, Vec<Tier>>,
    /// Bit n is set when there is a prefix of n digits: only those are looked up.
    lengths: u16,
}

impl Tariff {
    /// A tariff of these versions, in any order. `notice` is how long before its effect a version with a time of
    /// announcement must have been announced: 7 days under S4-M §3.1.2 (A22), zero where nothing is agreed.
    ///
    /// # Errors
    /// Every fault that there is, each with its version and prefix.
    pub fn new(settings: Vec<VersionSettings>, notice: Duration) -> Result<Self, Vec<TariffFault>> {
        let faults = check::faults(&settings, notice);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut versions: Vec<_> = settings.into_iter().map(Version::new).collect();
        versions.sort_unstable_by_key(|version| version.effective);
        Ok(Self { versions })
    }

    /// What a segment to `destination` costs that is submitted at `at`; `None` when there is no price: before the
    /// first version, or for a destination without a prefix in the version in force. Such a message is refused; a
    /// price is never taken from an earlier version.
    #[must_use]
    pub fn price_at(&self, destination: &[u8], at: Timestamp) -> Option<UnitPrice> {
        let version = self.in_force(at)?;
        let prefix = version.longest(destination.strip_prefix(b"+").unwrap_or(destination))?;
        let first = version.prices.get(&prefix)?.first()?;
        Some(UnitPrice { price: first.price, version: version.number, prefix })
    }

    /// The prefix that decides in this version for destinations of a zone, which must be as fine as its prefixes.
    #[must_use]
    pub fn prefix_of(&self, version: u32, zone: Zone) -> Option<PrefixId> {
        let version = self.versions.iter().find(|known| known.number == version)?;
        version.longest(zone.to_string().as_bytes())
    }

    /// The number of every version and when it takes effect, in that order.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = (u32, Timestamp)> {
        self.versions.iter().map(|version| (version.number, version.effective))
    }

    /// The prefixes of a version in the order of their digits; none for a version that there is not.
    #[must_use]
    pub fn prefixes(&self, version: u32) -> Vec<PrefixId> {
        let version = self.versions.iter().find(|known| known.number == version);
        let mut prefixes: Vec<PrefixId> =
            version.map(|version| version.prices.keys().copied().collect()).unwrap_or_default();
        prefixes.sort_by_cached_key(|prefix| prefix.digits());
        prefixes
    }

    /// The tiers of a prefix in a version, from the first.
    #[must_use]
    pub fn tiers(&self, version: u32, prefix: PrefixId) -> Option<&[Tier]> {
        let version = self.versions.iter().find(|known| known.number == version)?;
        version.prices.get(&prefix).map(Vec::as_slice)
    }

    /// The version that prices what is submitted at `at`.
    fn in_force(&self, at: Timestamp) -> Option<&Version> {
        let begun = self.versions.partition_point(|version| version.effective <= at);
        self.versions.get(begun.checked_sub(1)?)
    }
}

impl Version {
    fn new(settings: VersionSettings) -> Self {
        let mut prices = HashMap::with_capacity(settings.prices.len());
        let mut lengths = 0;
        for PrefixPrice { prefix, tiers } in settings.prices {
            if let Some(id) = PrefixId::of(prefix.as_bytes()) {
                prices.insert(id, tiers);
                lengths |= 1 << prefix.len();
            }
        }
        Self { number: settings.number, effective: settings.effective, prices, lengths }
    }

    /// The longest prefix of `destination` that has a price. What does not begin with digits has the empty prefix.
    fn longest(&self, destination: &[u8]) -> Option<PrefixId> {
        let mut prefix = PrefixId::EMPTY;
        let mut best = self.prices.contains_key(&prefix).then_some(prefix);
        for (length, octet) in (1..=PREFIX_DIGITS_MAX).zip(destination) {
            let Some(longer) = prefix.then(*octet) else { break };
            prefix = longer;
            if self.lengths >> length & 1 == 1 && self.prices.contains_key(&prefix) {
                best = Some(prefix);
            }
        }
        best
    }
}

/// In the order of the prefixes, so that equal ones look alike.
impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prices: BTreeMap<_, _> = self.prices.iter().collect();
        write!(f, "version {} from {:?} on: {prices:?}", self.number, self.effective)
    }
}

#[cfg(test)]
mod tests;
