//! Is the bill right? What was billed against what was submitted (R44, A14).

use std::collections::{BTreeMap, BTreeSet};

use crate::base::money::Money;

/// Whether `billed` is within `per_mille` thousandths of `submitted` (both counts of the same days), above or below.
/// The contract's 5 ‰ are "normal"; our own aim is zero, so alarms ask with less.
#[must_use]
pub fn is_within(billed: u64, submitted: u64, per_mille: u32) -> bool {
    u128::from(billed.abs_diff(submitted)) * 1000 <= u128::from(submitted) * u128::from(per_mille)
}

/// What was counted, or billed, of one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Billed {
    /// Segments.
    pub segments: u64,
    /// What they cost, where that is said.
    pub amount: Option<Money>,
}

/// Why a line of a bill differs from what we counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// It is billed, and we counted none.
    MissingWithUs,
    /// We counted some, and none is billed.
    MissingInBill,
    /// There are more or fewer of them.
    OtherCount,
    /// Each costs more or less.
    OtherPrice,
}

impl Cause {
    /// Every cause, in the order of reports.
    pub const ALL: [Self; 4] = [Self::MissingWithUs, Self::MissingInBill, Self::OtherCount, Self::OtherPrice];

    /// The cause in one lower-case word, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingWithUs => "missing_with_us",
            Self::MissingInBill => "missing_in_bill",
            Self::OtherCount => "other_count",
            Self::OtherPrice => "other_price",
        }
    }
}

/// A line that differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Difference<K> {
    /// Which line.
    pub key: K,
    /// Why.
    pub cause: Cause,
    /// What we counted.
    pub ours: Billed,
    /// What is billed.
    pub bill: Billed,
}

/// What came of holding a bill against what we counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reconciled<K> {
    /// Every difference, by line.
    pub differences: Vec<Difference<K>>,
    /// All that we counted.
    pub ours: Billed,
    /// All that is billed.
    pub bill: Billed,
    /// Segments that are billed beyond what we counted, line by line.
    pub over: u64,
    /// Segments that we counted and that are not billed, line by line.
    pub under: u64,
}

impl<K> Reconciled<K> {
    /// Whether all of it is within so many thousandths of what we counted, in each direction by itself (A14), so that
    /// what is billed too often does not make up for what is not billed; and the amounts, where both are known.
    #[must_use]
    pub fn is_within(&self, per_mille: u32) -> bool {
        let ours = self.ours.segments;
        let counts = is_within(ours.saturating_add(self.over), ours, per_mille)
            && is_within(ours.saturating_sub(self.under), ours, per_mille);
        let micros = |money: Money| money.as_micros().max(0).cast_unsigned();
        let amounts = match (self.bill.amount, self.ours.amount) {
            (Some(bill), Some(ours)) => is_within(micros(bill), micros(ours), per_mille),
            _ => true,
        };
        counts && amounts
    }
}

/// Holds a bill against what we counted.
#[must_use]
pub fn reconcile<K: Ord + Clone>(ours: &BTreeMap<K, Billed>, bill: &BTreeMap<K, Billed>) -> Reconciled<K> {
    let keys: BTreeSet<&K> = ours.keys().chain(bill.keys()).collect();
    let mut reconciled = Reconciled {
        differences: Vec::new(),
        ours: sum(ours.values()),
        bill: sum(bill.values()),
        over: 0,
        under: 0,
    };
    for key in keys {
        let of = |lines: &BTreeMap<K, Billed>| lines.get(key).copied().unwrap_or_default();
        let (ours, bill) = (of(ours), of(bill));
        reconciled.over = reconciled.over.saturating_add(bill.segments.saturating_sub(ours.segments));
        reconciled.under = reconciled.under.saturating_add(ours.segments.saturating_sub(bill.segments));
        let count = match (ours.segments, bill.segments) {
            (ours, bill) if ours == bill => None,
            (0, _) => Some(Cause::MissingWithUs),
            (_, 0) => Some(Cause::MissingInBill),
            _ => Some(Cause::OtherCount),
        };
        let price = has_other_price(ours, bill).then_some(Cause::OtherPrice);
        let causes = count.into_iter().chain(price);
        reconciled.differences.extend(causes.map(|cause| Difference { key: key.clone(), cause, ours, bill }));
    }
    reconciled
}

/// Whether each segment costs something else, where both sides say what they cost.
fn has_other_price(ours: Billed, bill: Billed) -> bool {
    let (Some(our), Some(their)) = (ours.amount, bill.amount) else { return false };
    let times = |amount: Money, segments: u64| i128::from(amount.as_micros()) * i128::from(segments);
    ours.segments > 0 && bill.segments > 0 && times(our, bill.segments) != times(their, ours.segments)
}

/// All of it; its amount is known when that of every line is.
fn sum<'b>(lines: impl Iterator<Item = &'b Billed>) -> Billed {
    let all = Billed { segments: 0, amount: Some(Money::ZERO) };
    lines.fold(all, |all, line| Billed {
        segments: all.segments.saturating_add(line.segments),
        amount: all.amount.zip(line.amount).map(|(all, more)| all.saturating_add(more)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r44_five_per_mille_above_or_below_are_normal() {
        let normal = |billed| is_within(billed, 1_000_000, 5);
        assert!(normal(995_000) && normal(1_000_000) && normal(1_005_000));
        assert!(!normal(994_999) && !normal(1_005_001));
    }

    #[test]
    fn a14_nothing_submitted_allows_nothing_billed() {
        assert!(is_within(0, 0, 5));
        assert!(!is_within(1, 0, 5) && !is_within(u64::MAX, 1, 5));
        assert!(is_within(u64::MAX, u64::MAX, 0));
    }

    fn billed(segments: u64, amount: &str) -> Billed {
        Billed { segments, amount: Some(amount.parse().unwrap()) }
    }

    #[test]
    fn every_difference_has_its_cause() {
        let ours = [("a", billed(10, "0.10")), ("b", billed(10, "0.10")), ("c", billed(10, "0.10"))];
        let bill = [("b", billed(11, "0.11")), ("c", billed(10, "0.11")), ("d", billed(1, "0.01"))];
        let reconciled = reconcile(&ours.into(), &bill.into());
        let causes: Vec<_> = reconciled.differences.iter().map(|line| (line.key, line.cause)).collect();
        assert_eq!(
            causes,
            [
                ("a", Cause::MissingInBill),
                ("b", Cause::OtherCount),
                ("c", Cause::OtherPrice),
                ("d", Cause::MissingWithUs),
            ]
        );
        assert_eq!((reconciled.over, reconciled.under), (2, 10));
        let both = reconcile(&[((), billed(10, "0.10"))].into(), &[((), billed(9, "0.10"))].into());
        let causes: Vec<_> = both.differences.iter().map(|line| line.cause).collect();
        assert_eq!(causes, [Cause::OtherCount, Cause::OtherPrice]);
    }

    #[test]
    fn r44_a_bill_is_within_its_bound_in_both_directions_and_one_does_not_make_up_for_the_other() {
        let count = |segments| Billed { segments, amount: None };
        let ours: BTreeMap<_, _> = [(1, count(500_000)), (2, count(500_000))].into();
        let is_within = |first, second, per_mille| {
            let bill = [(1, count(first)), (2, count(second))].into();
            reconcile(&ours, &bill).is_within(per_mille)
        };
        assert!(is_within(500_000, 500_000, 0));
        assert!(is_within(505_000, 500_000, 5) && is_within(495_000, 500_000, 5));
        assert!(!is_within(505_001, 500_000, 5) && !is_within(500_000, 494_999, 5));
        assert!(!is_within(510_000, 490_000, 5), "the sums are equal, the lines are not");
        assert!(is_within(501_000, 499_000, 1) && !is_within(501_001, 500_000, 1));
    }

    #[test]
    fn a_bill_of_the_right_count_at_another_price_is_not_within() {
        let ours = [((), billed(1_000, "10"))].into();
        assert!(reconcile(&ours, &[((), billed(1_000, "10.05"))].into()).is_within(5));
        assert!(!reconcile(&ours, &[((), billed(1_000, "10.06"))].into()).is_within(5));
    }
}
