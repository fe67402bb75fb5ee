//! How much of a whole is it? Shares in millionths and ratios as two integers, compared without a division.

use std::cmp::Ordering;
use std::fmt;

/// Millionths of a whole.
const WHOLE: u32 = 1_000_000;

/// A share of a whole, from nothing to all of it, in millionths: 95 % is 950,000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(WHOLE);

    /// From millionths; `None` when it is more than the whole.
    #[must_use]
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths <= WHOLE { Some(Self(millionths)) } else { None }
    }

    /// Millionths of the whole.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// Reads a percentage with up to four decimals: `95%`, `99.8 %`. `None` for anything else, more than 100 % too.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%')?.trim_end();
        let (whole, decimals) = match number.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (number, ""),
        };
        let is_number = |digits: &str| digits.bytes().all(|octet| octet.is_ascii_digit());
        if !(1..=3).contains(&whole.len()) || decimals.len() > 4 || !is_number(whole) || !is_number(decimals)
        {
            return None;
        }
        let decimals = format!("{decimals:0<4}");
        Self::from_millionths(whole.parse::<u32>().ok()? * 10_000 + decimals.parse::<u32>().ok()?)
    }

    /// This share of an amount of 0 and more, rounded down; of less than 0 nothing.
    #[must_use]
    pub fn of(self, amount: i64) -> i64 {
        let share = i128::from(amount.max(0)) * i128::from(self.0) / i128::from(WHOLE);
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Share {
    /// As a percentage with as many decimals as it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:04}", self.0 % 10_000);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}%", self.0 / 10_000),
            decimals => write!(f, "{}.{decimals}%", self.0 / 10_000),
        }
    }
}

/// What was reached, as its two integers. A part greater than the whole counts as all of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Ratio {
    /// What is good of it.
    pub part: u64,
    /// All there is.
    pub whole: u64,
}

impl Ratio {
    /// How it compares to a share, exactly; `None` when there is nothing (R1).
    #[must_use]
    pub fn compare(self, share: Share) -> Option<Ordering> {
        let part = u128::from(self.part.min(self.whole)) * u128::from(WHOLE);
        (self.whole > 0).then(|| part.cmp(&(u128::from(self.whole) * u128::from(share.0))))
    }

    /// Its millionths, rounded down, to be shown and not to be compared; `None` when there is nothing.
    #[must_use]
    pub fn millionths(self) -> Option<u32> {
        let part = u128::from(self.part.min(self.whole)) * u128::from(WHOLE);
        u32::try_from(part.checked_div(u128::from(self.whole))?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_in_percent_and_read_back() {
        for (text, millionths) in [
            ("0%", 0),
            ("5%", 50_000),
            ("95%", 950_000),
            ("99.8%", 998_000),
            ("0.0001%", 1),
            ("100%", 1_000_000),
        ] {
            let share = Share::read(text).unwrap();
            assert_eq!(share.millionths(), millionths);
            assert_eq!(share.to_string(), text);
        }
        assert_eq!(Share::read("99.80 %"), Share::read("99.8%"));
    }

    #[test]
    fn what_is_not_between_nothing_and_all_is_no_share() {
        for wrong in
            ["", "%", "95", "100.0001%", "101%", "-5%", "9 5%", "95.%", ".5%", "99.80000%", "+5%", "1000%"]
        {
            assert_eq!(Share::read(wrong), None, "{wrong}");
        }
        assert_eq!(Share::from_millionths(1_000_001), None);
    }

    #[test]
    fn a_ratio_is_compared_exactly_however_large_it_is() {
        let share = Share::read("95%").unwrap();
        let ratio = |part, whole| Ratio { part, whole };
        assert_eq!(ratio(950_000, 1_000_000).compare(share), Some(Ordering::Equal));
        assert_eq!(ratio(u64::MAX / 20 * 19, u64::MAX / 20 * 20).compare(share), Some(Ordering::Equal));
        assert_eq!(ratio(u64::MAX / 20 * 19 - 1, u64::MAX / 20 * 20).compare(share), Some(Ordering::Less));
        assert_eq!(ratio(2, 1).compare(Share::ALL), Some(Ordering::Equal));
        assert_eq!(ratio(0, 0).compare(share), None);
        assert_eq!(ratio(0, 0).millionths(), None);
        assert_eq!(ratio(2, 3).millionths(), Some(666_666));
    }

    #[test]
    fn a_share_of_an_amount_is_rounded_down_and_never_negative() {
        let share = Share::read("33.3333%").unwrap();
        assert_eq!(share.of(10), 3);
        assert_eq!(share.of(-10), 0);
        assert_eq!(Share::ALL.of(i64::MAX), i64::MAX);
    }
}
