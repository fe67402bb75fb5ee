//! May these prices take the place of others? What was priced must stay priced as it was (R45).
//!
//! Tariffs are settings, and read anew at each start; what was in force meanwhile is known as a mark, which the log
//! remembers.

use super::{Flaw, Tariff, TariffFault, Tier, Version};
use crate::base::time::Timestamp;
use crate::message::Fingerprint;

/// What is remembered of a tariff: enough to say what another one would change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TariffMark {
    /// Its versions in the order in which they take effect, at most [`VERSIONS_MAX`](super::VERSIONS_MAX).
    pub versions: Vec<VersionMark>,
}

/// What is remembered of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionMark {
    /// Its number.
    pub number: u32,
    /// When it takes effect.
    pub effective: Timestamp,
    /// The fingerprint of its prices.
    pub fingerprint: u64,
}

impl TariffMark {
    /// The mark of a tariff.
    #[must_use]
    pub fn of(tariff: &Tariff) -> Self {
        Self { versions: tariff.versions.iter().map(VersionMark::of).collect() }
    }

    /// Whether `next` may take this one's place at `now`: what is priced already must stay priced as it is.
    ///
    /// # Errors
    /// Every version that has taken effect and is changed or gone in `next`, and every new one that would have taken
    /// effect before now.
    pub fn may_become(&self, next: &Self, now: Timestamp) -> Result<(), Vec<TariffFault>> {
        let past = |version: &&VersionMark| version.effective <= now;
        let rewritten = self.versions.iter().filter(past).filter(|old| !next.versions.contains(old));
        let known = |number| self.versions.iter().any(|old| old.number == number && old.effective <= now);
        let backdated = next.versions.iter().filter(past).filter(|new| !known(new.number));
        let fault = |version: &VersionMark, flaw| TariffFault { version: version.number, prefix: None, flaw };
        let faults: Vec<_> = rewritten
            .map(|old| fault(old, Flaw::Rewritten))
            .chain(backdated.map(|new| fault(new, Flaw::Backdated)))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl VersionMark {
    /// Prices in the order of their prefixes' numbers; this row stays as it is for good (see
    /// [`crate::message::fingerprint`]).
    fn of(version: &Version) -> Self {
        let Version { number, effective, prices, lengths: _ } = version;
        let mut prices: Vec<_> = prices.iter().collect();
        prices.sort_unstable_by_key(|(prefix, _)| **prefix);
        let mut row = Fingerprint::of("version of a tariff");
        row.length(prices.len());
        for (prefix, tiers) in prices {
            row.number(prefix.as_u64()).length(tiers.len());
            for Tier { over, up_to, price } in tiers {
                row.number(*over).maybe(*up_to).number(price.as_micros().cast_unsigned());
            }
        }
        Self { number: *number, effective: *effective, fingerprint: row.end() }
    }
}
