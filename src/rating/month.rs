//! What has a month of an account come to, by its tariff? The same for a month that is settled and for one that runs.

use crate::base::money::Money;
use crate::rating::Pricing;
use crate::rating::tariff::{self, PrefixId, SettleFault, Settlement};
use crate::rating::usage::{UsageKey, Used};

/// What a month comes to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MonthSum {
    /// By prefix and version, each at the tier that the volume of its prefix reached.
    pub settlement: Settlement,
    /// What of the rebate is cash, or comes off the debt.
    pub cash: Money,
    /// What of it is a voucher.
    pub voucher: Money,
}

/// Why a month does not come to anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MonthFault {
    /// A version or a prefix that it was priced by is not in the tariff any more.
    NoPrefix,
    /// It cannot be settled.
    Unsettled(SettleFault),
}

/// The sum of what an account used in a month, as far as it was priced by this tariff.
///
/// # Errors
/// [`MonthFault`]: no price is known for something of it any more, or an amount does not fit.
pub fn sum(pricing: &Pricing, cells: &[(UsageKey, Used)]) -> Result<MonthSum, MonthFault> {
    let own = cells
        .iter()
        .filter(|(key, used)| key.tariff == pricing.tag && key.version != 0 && used.for_money > 0);
    let usage: Result<Vec<_>, _> = own
        .map(|(key, used)| {
            let prefix: PrefixId =
                pricing.tariff.prefix_of(key.version, key.zone).ok_or(MonthFault::NoPrefix)?;
            Ok(tariff::Usage { version: key.version, prefix, segments: used.for_money })
        })
        .collect();
    let settlement = pricing.tariff.settle_month(&usage?).map_err(MonthFault::Unsettled)?;
    let paid = cells.iter().fold(Used::default(), |sum, (_, used)| sum.plus(*used)).paid;
    let (cash, voucher) = paid.part(settlement.rebate);
    Ok(MonthSum { settlement, cash, voucher })
}
