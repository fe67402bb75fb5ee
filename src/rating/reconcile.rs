//! Is the bill right? What was billed against what was submitted (R44, A14).

/// Whether `billed` is within `per_mille` thousandths of `submitted` (both counts of the same days), above or below.
/// The contract's 5 ‰ are "normal"; our own aim is zero, so alarms ask with less.
#[must_use]
pub fn is_within(billed: u64, submitted: u64, per_mille: u32) -> bool {
    u128::from(billed.abs_diff(submitted)) * 1000 <= u128::from(submitted) * u128::from(per_mille)
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
}
