//! Would this tariff price every message in one way? All faults of its settings, each with its place.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::{
    PREFIX_DIGITS_MAX, PREFIXES_MAX, PRICE_MAX, PrefixId, TIERS_MAX, Tier, VERSIONS_MAX, VersionSettings,
};
use crate::base::money::Money;

/// Something that a tariff must not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TariffFault {
    /// The number of the version that has it; 0 when it is about all of them.
    pub version: u32,
    /// The prefix that has it, when one does.
    pub prefix: Option<String>,
    /// What it is.
    pub flaw: Flaw,
}

/// What is wrong with a tariff.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// There is no version.
    NoVersion,
    /// There are more versions than [`VERSIONS_MAX`].
    TooManyVersions,
    /// Another version has the same number.
    SameNumber,
    /// Another version takes effect at the same time.
    SameTime,
    /// It takes effect sooner after its announcement than was agreed (R45).
    NoticeTooShort,
    /// There are more prefixes than [`PREFIXES_MAX`].
    TooManyPrefixes,
    /// The prefix is not at most [`PREFIX_DIGITS_MAX`] digits.
    NoPrefix,
    /// The prefix stands twice in the version.
    SamePrefix,
    /// There is no tier.
    NoTier,
    /// There are more tiers than [`TIERS_MAX`].
    TooManyTiers,
    /// Nothing is said of the segments from 0, from behind a tier, or above the last, on; the number is the last
    /// that has a price before the gap.
    Gap {
        /// Segments behind which there is no price.
        behind: u64,
    },
    /// A tier begins below the end of the one before it.
    Overlap {
        /// Where it begins.
        over: u64,
    },
    /// A tier ends where it begins or before.
    NotAscending {
        /// Where it ends.
        up_to: u64,
    },
    /// A tier stands behind the one that has no end.
    BehindTheEnd,
    /// A price is below zero.
    Negative(Money),
    /// A price is above [`PRICE_MAX`].
    TooDear(Money),
    /// A tier is dearer than the one before it: what was accrued at the first would not cover the month.
    Rising(Money),
    /// A version that has taken effect is changed or gone.
    Rewritten,
    /// A new version would have taken effect already.
    Backdated,
}

impl fmt::Display for TariffFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.version != 0 {
            write!(f, "version {}: ", self.version)?;
        }
        match self.prefix.as_deref() {
            Some("") => f.write_str("the empty prefix: ")?,
            Some(prefix) => write!(f, "prefix {prefix}: ")?,
            None => {}
        }
        fmt::Display::fmt(&self.flaw, f)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVersion => f.write_str("a tariff has at least one version"),
            Self::TooManyVersions => write!(f, "a tariff has at most {VERSIONS_MAX} versions"),
            Self::SameNumber => f.write_str("another version has the same number"),
            Self::SameTime => f.write_str("another version takes effect at the same time"),
            Self::NoticeTooShort => f.write_str("it takes effect sooner after its announcement than agreed"),
            Self::TooManyPrefixes => write!(f, "a version has at most {PREFIXES_MAX} prefixes"),
            Self::NoPrefix => write!(f, "a prefix is at most {PREFIX_DIGITS_MAX} digits"),
            Self::SamePrefix => f.write_str("it stands twice"),
            Self::NoTier => f.write_str("it has no tier"),
            Self::TooManyTiers => write!(f, "a price has at most {TIERS_MAX} tiers"),
            Self::Gap { behind } => write!(f, "a gap: nothing is said of more than {behind} segments"),
            Self::Overlap { over } => write!(f, "an overlap: the tier over {over} begins inside another"),
            Self::NotAscending { up_to } => write!(f, "the tier up to {up_to} ends before it begins"),
            Self::BehindTheEnd => f.write_str("a tier stands behind the one without an end"),
            Self::Negative(price) => write!(f, "the price {price} is below zero"),
            Self::TooDear(price) => write!(f, "the price {price} is above {PRICE_MAX}"),
            Self::Rising(price) => write!(f, "the price {price} is above that of the tier before it"),
            Self::Rewritten => f.write_str("it has taken effect and cannot be changed or taken away"),
            Self::Backdated => f.write_str("it is new and would have taken effect already"),
        }
    }
}

/// Every fault of these versions.
pub(super) fn faults(versions: &[VersionSettings], notice: Duration) -> Vec<TariffFault> {
    let mut faults = Vec::new();
    let whole = |flaw| TariffFault { version: 0, prefix: None, flaw };
    if versions.is_empty() {
        faults.push(whole(Flaw::NoVersion));
    }
    if versions.len() > VERSIONS_MAX {
        faults.push(whole(Flaw::TooManyVersions));
    }
    let (mut numbers, mut times) = (BTreeSet::new(), BTreeSet::new());
    for version in versions {
        let mut fault = |flaw| faults.push(TariffFault { version: version.number, prefix: None, flaw });
        if !numbers.insert(version.number) {
            fault(Flaw::SameNumber);
        }
        if !times.insert(version.effective) {
            fault(Flaw::SameTime);
        }
        if version.announced.is_some_and(|announced| version.effective < announced + notice) {
            fault(Flaw::NoticeTooShort);
        }
        if version.prices.len() > PREFIXES_MAX {
            fault(Flaw::TooManyPrefixes);
        }
        faults.extend(faults_of_prices(version));
    }
    faults
}

fn faults_of_prices(version: &VersionSettings) -> Vec<TariffFault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for price in &version.prices {
        let mut fault = |flaw| {
            let prefix = Some(price.prefix.clone());
            faults.push(TariffFault { version: version.number, prefix, flaw });
        };
        match PrefixId::of(price.prefix.as_bytes()) {
            None => fault(Flaw::NoPrefix),
            Some(prefix) => {
                if !seen.insert(prefix) {
                    fault(Flaw::SamePrefix);
                }
            }
        }
        faults_of_tiers(&price.tiers, &mut fault);
    }
    faults
}

fn faults_of_tiers(tiers: &[Tier], fault: &mut impl FnMut(Flaw)) {
    if tiers.is_empty() {
        return fault(Flaw::NoTier);
    }
    if tiers.len() > TIERS_MAX {
        fault(Flaw::TooManyTiers);
    }
    let mut before: Option<&Tier> = None;
    for tier in tiers {
        match before.map_or(Some(0), |before| before.up_to) {
            None => fault(Flaw::BehindTheEnd),
            Some(end) if tier.over > end => fault(Flaw::Gap { behind: end }),
            Some(end) if tier.over < end => fault(Flaw::Overlap { over: tier.over }),
            Some(_) => {}
        }
        if let Some(up_to) = tier.up_to.filter(|up_to| *up_to <= tier.over) {
            fault(Flaw::NotAscending { up_to });
        }
        if tier.price.is_negative() {
            fault(Flaw::Negative(tier.price));
        }
        if tier.price > PRICE_MAX {
            fault(Flaw::TooDear(tier.price));
        }
        if before.is_some_and(|before| tier.price > before.price) {
            fault(Flaw::Rising(tier.price));
        }
        before = Some(tier);
    }
    if let Some(behind) = before.and_then(|last| last.up_to) {
        fault(Flaw::Gap { behind });
    }
}
