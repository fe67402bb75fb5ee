//! Which day is it? Receipts' dates, and the calendar behind them.
//!
//! The length decides the form (quirk 32):
//!
//! | octets | form |
//! |---|---|
//! | 10 | `YYMMDDhhmm`, the example of SMPP 3.4 Appendix B |
//! | 12 | `YYMMDDhhmmss` |
//! | 14 | `YYYYMMDDhhmmss` |
//! | 16 | `YYMMDDhhmmsstnnp`, the absolute time of SMPP 3.4 §7.1.1: tenths, quarter hours from UTC, `+` or `-` |
//!
//! Years of two digits are 2000–2099: a receipt is never of another century.

use crate::base::time::Timestamp;

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
const MILLIS_PER_SECOND: u64 = 1000;
/// The most quarter hours that a clock differs from UTC: §7.1.1 has 00–48.
const UTC_OFFSET_QUARTERS_MAX: i8 = 48;

/// A time on the wall of no particular place: the proleptic Gregorian calendar, without a time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CivilTime {
    /// 1970…9999 when it was made from a timestamp, 0…9999 when it was read.
    pub year: u16,
    /// 1…12.
    pub month: u8,
    /// 1…31, as the month has it.
    pub day: u8,
    /// 0…23.
    pub hour: u8,
    /// 0…59.
    pub minute: u8,
    /// 0…59: SMPP knows no leap second.
    pub second: u8,
}

impl CivilTime {
    /// The last one with a year of four digits: what later timestamps are shown as.
    const LAST: Self = Self { year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59 };

    /// What a clock in UTC shows; the milliseconds are cut off.
    #[must_use]
    pub fn from_timestamp(at: Timestamp) -> Self {
        let seconds = at.as_millis() / MILLIS_PER_SECOND;
        let time = seconds % SECONDS_PER_DAY;
        let small = |value: u64| u8::try_from(value).unwrap_or_default();
        let (year, month, day) = date_of(seconds / SECONDS_PER_DAY);
        match u16::try_from(year) {
            Ok(year @ ..=9999) => Self {
                year,
                month: small(month),
                day: small(day),
                hour: small(time / 3600),
                minute: small(time / 60 % 60),
                second: small(time % 60),
            },
            _ => Self::LAST,
        }
    }

    /// When a clock in UTC shows this; `None` before 1970 and for a time that no clock shows.
    #[must_use]
    pub fn to_timestamp(self) -> Option<Timestamp> {
        if !self.is_real() || self.year < 1970 {
            return None;
        }
        let days = days_before(u64::from(self.year), u64::from(self.month), u64::from(self.day));
        let time = u64::from(self.hour) * 3600 + u64::from(self.minute) * 60 + u64::from(self.second);
        Some(Timestamp::from_millis((days * SECONDS_PER_DAY + time) * MILLIS_PER_SECOND))
    }

    /// Whether a clock can show this.
    #[must_use]
    pub const fn is_real(self) -> bool {
        self.year <= 9999
            && self.day >= 1
            && self.day <= days_of_month(self.year, self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
    }
}

/// A date as a receipt writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ReceiptDate {
    /// What the carrier's clock showed; 0 seconds when it says none.
    pub civil: CivilTime,
    /// Tenths of a second, 0…9.
    pub tenths: u8,
    /// How far that clock is before UTC, in quarter hours, −48…48; `None` when the receipt does not say, and then
    /// only the carrier's settings can.
    pub utc_offset_quarters: Option<i8>,
}

impl ReceiptDate {
    /// Reads a date in one of the forms above; `None` for anything else, which stays what it is in the receipt.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Option<Self> {
        match *raw.trim_ascii() {
            ref digits @ [_, _, _, _, _, _, _, _, _, _]
            | ref digits @ [_, _, _, _, _, _, _, _, _, _, _, _] => Self::at(2000, digits),
            [century_tens, century, ref digits @ ..] if digits.len() == 12 => {
                Self::at(u16::from(pair(century_tens, century)?) * 100, digits)
            }
            [ref digits @ .., tenths, tens, ones, sign] if digits.len() == 12 => {
                let quarters =
                    i8::try_from(pair(tens, ones)?).ok().filter(|n| *n <= UTC_OFFSET_QUARTERS_MAX)?;
                let utc_offset_quarters = match sign {
                    b'+' => Some(quarters),
                    b'-' => Some(-quarters),
                    _ => return None,
                };
                Some(Self { tenths: digit(tenths)?, utc_offset_quarters, ..Self::at(2000, digits)? })
            }
            _ => None,
        }
    }

    /// When that was; `assumed_quarters` from UTC is taken when the receipt does not say.
    #[must_use]
    pub fn to_timestamp(self, assumed_quarters: i8) -> Option<Timestamp> {
        let quarters = i64::from(self.utc_offset_quarters.unwrap_or(assumed_quarters));
        let offset = quarters.checked_mul(15 * 60 * 1000)?;
        let millis = self.civil.to_timestamp()?.as_millis().checked_add(u64::from(self.tenths) * 100)?;
        millis.checked_add_signed(-offset).map(Timestamp::from_millis)
    }

    /// `YYMMDDhhmm` or `YYMMDDhhmmss`, in this century.
    fn at(century: u16, digits: &[u8]) -> Option<Self> {
        let mut pairs = digits.as_chunks::<2>().0.iter().map(|[tens, ones]| pair(*tens, *ones));
        let mut next = || pairs.next().flatten();
        let (year, month, day, hour, minute) = (next()?, next()?, next()?, next()?, next()?);
        let second = pairs.next().map_or(Some(0), |second| second)?;
        let civil = CivilTime { year: century + u16::from(year), month, day, hour, minute, second };
        civil.is_real().then_some(Self { civil, tenths: 0, utc_offset_quarters: None })
    }
}

fn pair(tens: u8, ones: u8) -> Option<u8> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

const fn digit(octet: u8) -> Option<u8> {
    if octet.is_ascii_digit() { Some(octet - b'0') } else { None }
}

const fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

// The arithmetic of days. A year that begins in March has its leap day at its end, so that the days before a month
// (306 in ten months, 153 in each five) and the days before a year (365, and the leap days) are both plain division.

/// Days of the 400 years after which the calendar repeats.
const DAYS_PER_ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: u64 = 719_468;

/// Days from 1970-01-01 to this date, which is not before it.
const fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - DAYS_TO_1970
}

/// Year, month and day so many days after 1970-01-01.
const fn date_of(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    // Leap days taken out: one in 1,460 days, all but one in 36,524, and the very last day of the era.
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn civil(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> CivilTime {
        CivilTime { year, month, day, hour, minute, second }
    }

    #[test]
    fn days_known_from_the_calendar() {
        for (millis, time) in [
            (0, civil(1970, 1, 1, 0, 0, 0)),
            (951_782_400_000, civil(2000, 2, 29, 0, 0, 0)),
            (1_735_689_599_000, civil(2024, 12, 31, 23, 59, 59)),
            (4_107_542_400_000, civil(2100, 3, 1, 0, 0, 0)),
            (4_107_456_000_000, civil(2100, 2, 28, 0, 0, 0)),
        ] {
            let at = Timestamp::from_millis(millis);
            assert_eq!(CivilTime::from_timestamp(at), time);
            assert_eq!(time.to_timestamp(), Some(at));
        }
        assert_eq!(CivilTime::from_timestamp(Timestamp::from_millis(u64::MAX)), CivilTime::LAST);
    }

    #[test]
    fn every_day_of_eight_hundred_years_follows_the_day_before() {
        let mut yesterday = civil(1969, 12, 31, 0, 0, 0);
        for day in 0..292_194_u64 {
            let at = Timestamp::from_millis(day * SECONDS_PER_DAY * MILLIS_PER_SECOND);
            let today = CivilTime::from_timestamp(at);
            let next = if yesterday.day < days_of_month(yesterday.year, yesterday.month) {
                CivilTime { day: yesterday.day + 1, ..yesterday }
            } else if yesterday.month < 12 {
                CivilTime { month: yesterday.month + 1, day: 1, ..yesterday }
            } else {
                CivilTime { year: yesterday.year + 1, month: 1, day: 1, ..yesterday }
            };
            assert_eq!(today, next);
            assert_eq!(today.to_timestamp(), Some(at));
            yesterday = today;
        }
    }

    #[test]
    fn quirk_32_the_length_decides_the_form() {
        let date = |raw: &[u8]| ReceiptDate::parse(raw).map(|date| date.civil);
        assert_eq!(date(b"1807110700"), Some(civil(2018, 7, 11, 7, 0, 0)));
        assert_eq!(date(b"180711070003"), Some(civil(2018, 7, 11, 7, 0, 3)));
        assert_eq!(date(b"20180711070003"), Some(civil(2018, 7, 11, 7, 0, 3)));
        assert_eq!(date(b" 1807110700 "), Some(civil(2018, 7, 11, 7, 0, 0)));
        assert_eq!(date(b"9912312359"), Some(civil(2099, 12, 31, 23, 59, 0)));
    }

    #[test]
    fn quirk_32_the_time_of_smpp_says_its_distance_from_utc() {
        let date = ReceiptDate::parse(b"180711070003912+").unwrap();
        assert_eq!((date.tenths, date.utc_offset_quarters), (9, Some(12)));
        let at = civil(2018, 7, 11, 4, 0, 3).to_timestamp().unwrap().as_millis() + 900;
        assert_eq!(date.to_timestamp(0), Some(Timestamp::from_millis(at)));
        let west = ReceiptDate::parse(b"180711070003020-").unwrap();
        assert_eq!(west.to_timestamp(0), civil(2018, 7, 11, 12, 0, 3).to_timestamp());
    }

    #[test]
    fn a_date_without_a_zone_is_read_in_the_assumed_one() {
        let date = ReceiptDate::parse(b"1807110700").unwrap();
        assert_eq!(date.to_timestamp(0), civil(2018, 7, 11, 7, 0, 0).to_timestamp());
        assert_eq!(date.to_timestamp(32), civil(2018, 7, 10, 23, 0, 0).to_timestamp());
    }

    #[test]
    fn what_is_no_date_is_none() {
        for raw in [
            &b""[..],
            b"0",
            b"180711",
            b"18071107003",
            b"1802300700",
            b"1813110700",
            b"1807112400",
            b"1807110760",
            b"0000000000",
            b"180711070060",
            b"2018-07-11 07:00",
            b"000001000000000R",
            b"180711070003999+",
            b"18071107000391 +",
            b"18071107xx",
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        ] {
            assert_eq!(ReceiptDate::parse(raw), None, "{}", raw.escape_ascii());
        }
        assert_eq!(civil(1969, 12, 31, 0, 0, 0).to_timestamp(), None);
    }

    proptest! {
        #[test]
        fn a_second_of_time_is_there_and_back_the_same(seconds in 0_u64..253_402_300_800) {
            let at = Timestamp::from_millis(seconds * MILLIS_PER_SECOND);
            prop_assert_eq!(CivilTime::from_timestamp(at).to_timestamp(), Some(at));
        }

        #[test]
        fn any_octets_are_a_date_or_none(
            raw in prop::collection::vec(prop_oneof![any::<u8>(), b'0'..=b'9'], 0..20),
            quarters: i8,
        ) {
            if let Some(date) = ReceiptDate::parse(&raw) {
                prop_assert!(date.civil.is_real());
                let year_10_000 = Timestamp::from_millis(253_402_300_800_000);
                let most_ahead = std::time::Duration::from_secs(128 * 900);
                prop_assert!(date.to_timestamp(quarters).is_none_or(|at| at < year_10_000 + most_ahead));
            }
        }
    }
}
