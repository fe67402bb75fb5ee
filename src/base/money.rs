//! How much is it? Amounts of money, exact: whole numbers of micro-units, never a float.
//!
//! A micro-unit is 1/1,000,000 of the currency's unit, so that a price with six decimals is exact and an account of
//! nine million million units still fits. Which currency it is, is the account's matter; nothing here converts.

use std::fmt;
use std::str::FromStr;

/// Micro-units in one unit of the currency.
const UNIT: u64 = 1_000_000;
/// Decimals that a micro-unit has: more are refused and never rounded away.
const DECIMALS_MAX: usize = 6;
/// Decimals that are always printed, as contracts print prices (`0.0450`); further ones only when they say something.
const DECIMALS_SHOWN: usize = 4;

/// An amount of money in micro-units, also below zero (what is owed). Nothing here wraps: what does not fit is
/// `None`, or stops at the end, as the name of the operation says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount: 9,223,372,036,854.775807.
    pub const MAX: Self = Self(i64::MAX);
    /// The smallest amount.
    pub const MIN: Self = Self(i64::MIN);

    /// From micro-units.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In micro-units.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` when it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The difference; `None` when it does not fit.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// So many times this, as of a price by a count; `None` when it does not fit.
    #[must_use]
    pub fn checked_mul(self, count: u64) -> Option<Self> {
        i64::try_from(i128::from(self.0) * i128::from(count)).ok().map(Self)
    }

    /// The sum, at most [`Money::MAX`] and at least [`Money::MIN`].
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at most [`Money::MAX`] and at least [`Money::MIN`].
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The part `numerator / denominator` of it, rounded down to a whole micro-unit, which of an amount below zero is
    /// away from zero: 2 thirds of 1.000000 are 0.666666, of −1.000000 they are −0.666667. `None` for a denominator
    /// of zero, and when it does not fit.
    #[must_use]
    pub fn share(self, numerator: u64, denominator: u64) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let product = i128::from(self.0) * i128::from(numerator);
        i64::try_from(product.div_euclid(i128::from(denominator))).ok().map(Self)
    }

    /// How many whole times `price` is in it, and what is left; `None` for a price that is not above zero, and for
    /// an amount below zero.
    #[must_use]
    pub const fn times(self, price: Self) -> Option<(u64, Self)> {
        if price.0 <= 0 || self.0 < 0 {
            return None;
        }
        Some(((self.0 / price.0).cast_unsigned(), Self(self.0 % price.0)))
    }
}

/// A text that is no amount of money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotMoney {
    /// It is not a decimal number such as `12`, `0.0450` or `-3.5`.
    NotDecimal,
    /// It has more than six decimals.
    TooManyDecimals,
    /// It does not fit.
    TooLarge,
}

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDecimal => f.write_str("an amount is digits, with at most one point between them"),
            Self::TooManyDecimals => write!(f, "an amount has at most {DECIMALS_MAX} decimals"),
            Self::TooLarge => write!(f, "an amount is between {} and {}", Money::MIN, Money::MAX),
        }
    }
}

impl std::error::Error for NotMoney {}

impl FromStr for Money {
    type Err = NotMoney;

    /// Reads a decimal number: an optional minus, digits, and after a point at most six more. Nothing is rounded.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, decimals) = match digits.split_once('.') {
            Some((_, "")) => return Err(NotMoney::NotDecimal),
            Some((whole, decimals)) => (whole, decimals),
            None => (digits, ""),
        };
        let all_digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) {
            return Err(NotMoney::NotDecimal);
        }
        if decimals.len() > DECIMALS_MAX {
            return Err(NotMoney::TooManyDecimals);
        }
        let whole: i128 = whole.parse().map_err(|_| NotMoney::TooLarge)?;
        let decimals: i128 =
            format!("{decimals:0<DECIMALS_MAX$}").parse().map_err(|_| NotMoney::NotDecimal)?;
        let micros = whole.checked_mul(UNIT.into()).ok_or(NotMoney::TooLarge)?.saturating_add(decimals);
        let micros = if negative { -micros } else { micros };
        i64::try_from(micros).map(Self).map_err(|_| NotMoney::TooLarge)
    }
}

impl fmt::Display for Money {
    /// Exact: four decimals, or as many more as say something, up to six.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs();
        let mut decimals = format!("{:0DECIMALS_MAX$}", micros % UNIT);
        while decimals.len() > DECIMALS_SHOWN && decimals.ends_with('0') {
            decimals.pop();
        }
        f.pad_integral(self.0 >= 0, "", &format!("{}.{decimals}", micros / UNIT))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn an_amount_is_read_exactly_or_refused() {
        assert_eq!(money("0.0450"), Money::from_micros(45_000));
        assert_eq!(money("12"), Money::from_micros(12_000_000));
        assert_eq!(money("-0.000001"), Money::from_micros(-1));
        assert_eq!(money("9223372036854.775807"), Money::MAX);
        assert_eq!(money("-9223372036854.775808"), Money::MIN);
        for (text, fault) in [
            ("0.0000001", NotMoney::TooManyDecimals),
            ("0.0450000", NotMoney::TooManyDecimals),
            ("9223372036854.775808", NotMoney::TooLarge),
            ("99999999999999999999999999999999999999999", NotMoney::TooLarge),
            ("170141183460469231731687303715884105727", NotMoney::TooLarge),
            ("", NotMoney::NotDecimal),
            ("-", NotMoney::NotDecimal),
            (".5", NotMoney::NotDecimal),
            ("5.", NotMoney::NotDecimal),
            ("+5", NotMoney::NotDecimal),
            ("--5", NotMoney::NotDecimal),
            ("1.-5", NotMoney::NotDecimal),
            ("1,5", NotMoney::NotDecimal),
            ("1e3", NotMoney::NotDecimal),
            (" 1", NotMoney::NotDecimal),
            ("١", NotMoney::NotDecimal),
        ] {
            assert_eq!(text.parse::<Money>(), Err(fault), "{text:?}");
        }
    }

    #[test]
    fn an_amount_prints_as_contracts_print_it() {
        let cases = [
            (Money::ZERO, "0.0000"),
            (Money::from_micros(45_000), "0.0450"),
            (Money::from_micros(500_005_000), "500.0050"),
            (Money::from_micros(1), "0.000001"),
            (Money::from_micros(-1_500_010), "-1.50001"),
            (Money::MIN, "-9223372036854.775808"),
        ];
        for (amount, text) in cases {
            assert_eq!((format!("{amount}"), format!("{amount:?}")), (text.to_owned(), text.to_owned()));
        }
        assert_eq!(format!("{:>9}|{:<8}|", money("1.5"), money("-1")), "   1.5000|-1.0000 |");
    }

    #[test]
    fn nothing_wraps() {
        let one = Money::from_micros(1);
        assert_eq!((Money::MAX.checked_add(one), Money::MIN.checked_sub(one)), (None, None));
        assert_eq!(
            (Money::MAX.saturating_add(one), Money::MIN.saturating_sub(one)),
            (Money::MAX, Money::MIN)
        );
        assert_eq!((Money::MAX.checked_mul(2), one.checked_mul(u64::MAX)), (None, None));
        assert_eq!(money("0.0450").checked_mul(100_000), Some(money("4500")));
        assert_eq!(money("-1").checked_mul(3), Some(money("-3")));
        assert_eq!((Money::MAX.share(2, 1), Money::MIN.share(u64::MAX, u64::MAX)), (None, Some(Money::MIN)));
    }

    #[test]
    fn a_share_is_rounded_down() {
        assert_eq!(money("1").share(2, 3), Some(money("0.666666")));
        assert_eq!(money("-1").share(2, 3), Some(money("-0.666667")));
        assert_eq!(money("10000").share(10, 100), Some(money("1000")));
        assert_eq!(money("1").share(1, 0), None);
    }

    #[test]
    fn r27_an_amount_is_so_many_times_a_price_and_a_rest() {
        assert_eq!(money("1000").times(money("0.045")), Some((22_222, money("0.01"))));
        assert_eq!(money("3000").times(money("0.045")), Some((66_666, money("0.03"))));
        assert_eq!((money("1").times(Money::ZERO), money("-1").times(money("1"))), (None, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_printed_reads_as_itself(micros in any::<i64>()) {
            let amount = Money::from_micros(micros);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn shares_never_add_up_to_more_than_the_whole(micros in any::<i64>(), part in 0_u64..1000, of in 1_u64..1000) {
            let whole = Money::from_micros(micros);
            let part = part.min(of);
            let (one, other) = (whole.share(part, of).unwrap(), whole.share(of - part, of).unwrap());
            let lost = whole.saturating_sub(one).saturating_sub(other).as_micros();
            prop_assert!((0..=1).contains(&lost), "{lost} micro-units are lost");
        }
    }
}
