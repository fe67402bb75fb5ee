//! What does the whole month cost, and what comes back? Tiers by the month's volume, once the month is over.
//!
//! All units: the tier that the month reached is the price of every segment of it, also of the first (R35). So the
//! total drops where a tier begins, as the contract intends. When prices changed within the month, the volume is that
//! of the whole month, and each part of it is priced by the table that was in force when it was submitted (A8).

use std::collections::BTreeMap;

use super::{PrefixId, Tariff, Tier};
use crate::base::money::Money;

/// Segments of an account in a month, priced by the same entry of the same version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// The number of the version.
    pub version: u32,
    /// The prefix that decided.
    pub prefix: PrefixId,
    /// How many: those of messages that were charged.
    pub segments: u64,
}

/// What one entry of one version comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// The number of the version.
    pub version: u32,
    /// The prefix; its volume in the month, over all versions, decides the tier.
    pub prefix: PrefixId,
    /// How many segments.
    pub segments: u64,
    /// The first tier's price, at which they were accrued.
    pub accrued_at: Money,
    /// The price of the tier that the month reached.
    pub price: Money,
    /// What was accrued for them.
    pub accrued: Money,
    /// What they cost.
    pub amount: Money,
}

/// What a month costs: frozen when it is made, whatever is counted later (R38).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settlement {
    /// By prefix, then by version.
    pub lines: Vec<Line>,
    /// All segments.
    pub segments: u64,
    /// What was accrued.
    pub accrued: Money,
    /// What the month costs.
    pub amount: Money,
    /// What comes back: accrued less amount, never below zero, because no tier is dearer than the one before it.
    pub rebate: Money,
}

/// Why a month cannot be settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettleFault {
    /// The tariff has no such price: it is not the one that the month was priced by.
    NoPrice {
        /// The number of the version.
        version: u32,
        /// The prefix.
        prefix: PrefixId,
    },
    /// An amount does not fit.
    TooLarge,
}

impl std::fmt::Display for SettleFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPrice { version, prefix } => {
                write!(f, "version {version} of the tariff has no price for the prefix {prefix}")
            }
            Self::TooLarge => f.write_str("the month's amount does not fit"),
        }
    }
}

impl std::error::Error for SettleFault {}

impl Tariff {
    /// What these segments of one account in one month cost, and what comes back of what was accrued. Usage of the
    /// same entry may come in pieces and in any order.
    ///
    /// Every amount is a price of at most six decimals times a whole number, so nothing is rounded.
    ///
    /// # Errors
    /// [`SettleFault`]; the same usage always settles to the same.
    pub fn settle_month(&self, usage: &[Usage]) -> Result<Settlement, SettleFault> {
        let mut entries: BTreeMap<(PrefixId, u32), u64> = BTreeMap::new();
        let mut volumes: BTreeMap<PrefixId, u64> = BTreeMap::new();
        for Usage { version, prefix, segments } in usage {
            for sum in [entries.entry((*prefix, *version)).or_default(), volumes.entry(*prefix).or_default()]
            {
                *sum = sum.checked_add(*segments).ok_or(SettleFault::TooLarge)?;
            }
        }
        let mut settlement = Settlement::default();
        for ((prefix, version), segments) in entries {
            let volume = volumes.get(&prefix).copied().unwrap_or(segments);
            let line = self.line(version, prefix, segments, volume)?;
            settlement.add(line).ok_or(SettleFault::TooLarge)?;
        }
        Ok(settlement)
    }

    fn line(&self, version: u32, prefix: PrefixId, segments: u64, volume: u64) -> Result<Line, SettleFault> {
        let no_price = SettleFault::NoPrice { version, prefix };
        let tiers = self.tiers(version, prefix).ok_or(no_price)?;
        let accrued_at = tiers.first().ok_or(no_price)?.price;
        let reached = |tier: &&Tier| tier.up_to.is_none_or(|up_to| volume <= up_to);
        let price = tiers.iter().find(reached).ok_or(no_price)?.price;
        let times = |price: Money| price.checked_mul(segments).ok_or(SettleFault::TooLarge);
        let (accrued, amount) = (times(accrued_at)?, times(price)?);
        Ok(Line { version, prefix, segments, accrued_at, price, accrued, amount })
    }
}

impl Settlement {
    /// Adds a line to the lines and the totals; `None` when a total does not fit.
    fn add(&mut self, line: Line) -> Option<()> {
        self.segments = self.segments.checked_add(line.segments)?;
        self.accrued = self.accrued.checked_add(line.accrued)?;
        self.amount = self.amount.checked_add(line.amount)?;
        self.rebate = self.accrued.checked_sub(self.amount)?;
        self.lines.push(line);
        Some(())
    }
}
