//! Which day and which month is it there? Days, months and years of the Gregorian calendar in a fixed offset from UTC.
//!
//! Days are counted from 1970-01-01 to 9999-12-31, so that four digits of year always do; what lies beyond either end
//! is that end. There is no clock here and no summer time: the contracts' months are those of UTC+8 (A25).

#[cfg(test)]
mod tests;

use std::fmt;

use crate::base::time::Timestamp;

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;
/// The years that there are.
const YEAR_MIN: u32 = 1970;
const YEAR_MAX: u32 = 9999;

/// How far a place's clocks are before those of UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct UtcOffset {
    minutes: i16,
}

impl UtcOffset {
    /// UTC itself.
    pub const UTC: Self = Self { minutes: 0 };
    /// UTC+8, the clock of all five contracts (A25).
    pub const CHINA: Self = Self { minutes: 8 * 60 };

    /// From minutes east of Greenwich; `None` beyond the offsets that the earth has, −12:00 to +14:00.
    #[must_use]
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes >= -12 * 60 && minutes <= 14 * 60 { Some(Self { minutes }) } else { None }
    }

    /// Minutes east of Greenwich, −720 to 840.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.minutes
    }

    /// What the clocks there show, in milliseconds since their own 1970.
    pub(super) fn shown(self, at: Timestamp) -> u64 {
        at.as_millis().saturating_add_signed(self.millis())
    }

    /// When the clocks there show so many milliseconds since their own 1970.
    pub(super) fn instant(self, shown: u64) -> Timestamp {
        Timestamp::from_millis(shown.saturating_add_signed(-self.millis()))
    }

    fn millis(self) -> i64 {
        i64::from(self.minutes) * 60_000
    }
}

/// A day of the calendar, wherever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Date(u32);

impl Date {
    /// 9999-12-31.
    pub const LAST: Self = Self(2_932_896);

    /// The day with this year, month and day of the month; `None` when the calendar from 1970 to 9999 has none such.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        match Month::new(year, month) {
            Some(month) if day >= 1 && day <= month.days() => Some(Self(month.first().0 + day as u32 - 1)),
            _ => None,
        }
    }

    /// So many days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: u32) -> Self {
        if days < Self::LAST.0 { Self(days) } else { Self::LAST }
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.0
    }

    /// The day that it is there at this time.
    #[must_use]
    pub fn of(at: Timestamp, offset: UtcOffset) -> Self {
        Self::from_days(u32::try_from(offset.shown(at) / DAY_MS).unwrap_or(u32::MAX))
    }

    /// When the day begins there.
    #[must_use]
    pub fn start(self, offset: UtcOffset) -> Timestamp {
        offset.instant(u64::from(self.0) * DAY_MS)
    }

    /// When the day is over there: the first instant that is not in it, 24:00. Its last is one millisecond earlier.
    #[must_use]
    pub fn end(self, offset: UtcOffset) -> Timestamp {
        offset.instant((u64::from(self.0) + 1) * DAY_MS)
    }

    /// The month that the day is in.
    #[must_use]
    pub const fn month(self) -> Month {
        let (year, month, _) = civil(self.0);
        Month(year * 12 + month - 1)
    }

    /// The year, 1970 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.month().year()
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        civil(self.0).2 as u8
    }

    /// The day of the week, 1 for Monday to 7 for Sunday, as ISO 8601 counts them.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.0 + 3) % 7 + 1) as u8
    }

    /// So many days later.
    #[must_use]
    pub const fn plus_days(self, days: u32) -> Self {
        Self::from_days(self.0.saturating_add(days))
    }

    /// So many days earlier.
    #[must_use]
    pub const fn minus_days(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// The same day of the month so many months later, and the last of that month where it is shorter: a month after
    /// 31 January is 28 or 29 February.
    #[must_use]
    pub const fn plus_months(self, months: u32) -> Self {
        let month = self.month().plus(months);
        let (day, last) = (self.day(), month.days());
        let day = if day < last { day } else { last };
        Self(month.first().0 + day as u32 - 1)
    }

    /// The day as `YYYY-MM-DD`.
    #[must_use]
    pub const fn written(self) -> [u8; 10] {
        let [y1, y2, y3, y4, dash, m1, m2] = self.month().written();
        let [d1, d2] = pair(self.day() as u32);
        [y1, y2, y3, y4, dash, m1, m2, dash, d1, d2]
    }

    /// Reads `YYYY-MM-DD`; `None` for what is no day of 1970 to 9999.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let (month, [b'-', d1, d2]) = text.split_last_chunk()? else { return None };
        let month = Month::read(month)?;
        let day = u8::try_from(unpair(*d1, *d2)?).ok()?;
        Self::new(month.year(), month.month(), day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.written()).unwrap_or_default())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A month of the calendar: how many there were since the year 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

impl Month {
    const LAST: Self = Self(YEAR_MAX * 12 + 11);

    /// The month with this year, 1970 to 9999, and number, 1 to 12.
    #[must_use]
    pub const fn new(year: u16, month: u8) -> Option<Self> {
        let year = year as u32;
        if year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 {
            return None;
        }
        Some(Self(year * 12 + month as u32 - 1))
    }

    /// The year, 1970 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        (self.0 / 12) as u16
    }

    /// The number of the month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        (self.0 % 12 + 1) as u8
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> Date {
        Date(days_of(self.0 / 12, self.0 % 12 + 1, 1))
    }

    /// Its last day.
    #[must_use]
    pub const fn last(self) -> Date {
        Date(self.first().0 + self.days() as u32 - 1)
    }

    /// How many days it has, 28 to 31.
    #[must_use]
    pub const fn days(self) -> u8 {
        let next = self.0 + 1;
        (days_of(next / 12, next % 12 + 1, 1) - self.first().0) as u8
    }

    /// So many months later.
    #[must_use]
    pub const fn plus(self, months: u32) -> Self {
        let later = self.0.saturating_add(months);
        if later < Self::LAST.0 { Self(later) } else { Self::LAST }
    }

    /// When the month begins there.
    #[must_use]
    pub fn start(self, offset: UtcOffset) -> Timestamp {
        self.first().start(offset)
    }

    /// When the month is over there: the first instant that is not in it.
    #[must_use]
    pub fn end(self, offset: UtcOffset) -> Timestamp {
        self.last().end(offset)
    }

    /// The month as `YYYY-MM`.
    #[must_use]
    pub const fn written(self) -> [u8; 7] {
        let year = self.year() as u32;
        let ([c1, c2], [y1, y2]) = (pair(year / 100), pair(year % 100));
        let [m1, m2] = pair(self.month() as u32);
        [c1, c2, y1, y2, b'-', m1, m2]
    }

    /// Reads `YYYY-MM`; `None` for what is no month of 1970 to 9999.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let [c1, c2, y1, y2, b'-', m1, m2] = *text else { return None };
        let year = unpair(c1, c2)? * 100 + unpair(y1, y2)?;
        Self::new(u16::try_from(year).ok()?, u8::try_from(unpair(m1, m2)?).ok()?)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.written()).unwrap_or_default())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Days from 0000-03-01 to 1970-01-01 in the Gregorian calendar run backwards.
const EPOCH_SHIFT: u32 = 719_468;
/// Days of four hundred years.
const ERA: u32 = 146_097;

/// Year, month and day. Years are counted from March, so that the leap day comes last.
const fn civil(days: u32) -> (u32, u32, u32) {
    let days = days.saturating_add(EPOCH_SHIFT);
    let (era, in_era) = (days / ERA, days % ERA);
    let year_in_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_in_era + year_in_era / 4 - year_in_era / 100);
    let month_from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_in_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// The inverse of [`civil`], for a day that the calendar has; 0 before 1970.
const fn days_of(year: u32, month: u32, day: u32) -> u32 {
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let year = if month > 2 { year } else { year - 1 };
    let (era, year_in_era) = (year / 400, year % 400);
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    let in_era = year_in_era * 365 + year_in_era / 4 - year_in_era / 100 + in_year;
    (era * ERA + in_era).saturating_sub(EPOCH_SHIFT)
}

/// The last digit of a number.
pub(crate) const fn digit(value: u32) -> u8 {
    b'0' + (value % 10) as u8
}

/// The last two digits of a number.
pub(crate) const fn pair(value: u32) -> [u8; 2] {
    [digit(value / 10), digit(value)]
}

/// The number with these two digits.
pub(crate) const fn unpair(tens: u8, ones: u8) -> Option<u32> {
    if tens.is_ascii_digit() && ones.is_ascii_digit() {
        Some((tens - b'0') as u32 * 10 + (ones - b'0') as u32)
    } else {
        None
    }
}
