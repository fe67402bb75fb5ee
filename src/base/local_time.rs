//! What do the clocks of a place show at a time? `2021-11-01T08:00:00.000+08:00`, written and read.

use std::fmt;

use crate::base::calendar::{DAY_MS, Date, UtcOffset};
use crate::base::time::Timestamp;

/// A time, as the clocks of a place show it: `2021-11-01T08:00:00.000+08:00`, or the day alone at its midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LocalTime {
    at: Timestamp,
    clock: UtcOffset,
}

impl LocalTime {
    /// This time, by this clock.
    #[must_use]
    pub const fn new(at: Timestamp, clock: UtcOffset) -> Self {
        Self { at, clock }
    }

    /// The time, wherever.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        self.at
    }

    /// Reads a day, which is its midnight, or a day and a time to the minute, the second or the millisecond:
    /// `2021-11-01`, `2021-11-01T08:00`, `2021-11-01T08:00:00.001`. Behind a time may stand the clock that shows it,
    /// `Z` or such as `+08:00`; otherwise it is `clock`. `None` for anything else.
    #[must_use]
    pub fn read(text: &str, clock: UtcOffset) -> Option<Self> {
        let Some((day, time)) = text.split_once('T') else {
            return Some(Self { at: Date::read(text.as_bytes())?.start(clock), clock });
        };
        let (time, clock) = if let Some(time) = time.strip_suffix('Z') {
            (time, UtcOffset::UTC)
        } else if let Some(sign) = time.find(['+', '-']) {
            let (time, offset) = time.split_at_checked(sign)?;
            (time, offset_of(offset)?)
        } else {
            (time, clock)
        };
        let shown = u64::from(Date::read(day.as_bytes())?.days()) * DAY_MS + millis_of_day(time)?;
        Some(Self { at: clock.instant(shown), clock })
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.clock.shown(self.at) % DAY_MS;
        fmt::Display::fmt(&Date::of(self.at, self.clock), f)?;
        if ms == 0 {
            return Ok(());
        }
        let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        let (sign, minutes) = (if self.clock.minutes() < 0 { '-' } else { '+' }, self.clock.minutes().abs());
        write!(f, "T{h:02}:{m:02}:{s:02}.{:03}{sign}{:02}:{:02}", ms % 1000, minutes / 60, minutes % 60)
    }
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.mmm`.
fn millis_of_day(text: &str) -> Option<u64> {
    let (clock, ms) = match text.split_once('.') {
        Some((clock, ms)) => (clock, digits(ms, 3).filter(|_| clock.len() == 8)?),
        None => (text, 0),
    };
    let mut parts = clock.split(':');
    let (h, m) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let s = parts.next().map_or(Some(0), |s| digits(s, 2))?;
    let is_time = h < 24 && m < 60 && s < 60 && parts.next().is_none();
    is_time.then_some(((h * 60 + m) * 60 + s) * 1000 + ms)
}

/// `+hh:mm` or `-hh:mm`.
fn offset_of(text: &str) -> Option<UtcOffset> {
    let (sign, clock) = text.split_at_checked(1)?;
    let (h, m) = clock.split_once(':')?;
    let (h, m) = (digits(h, 2)?, digits(m, 2).filter(|m| *m < 60)?);
    let minutes = i16::try_from(h * 60 + m).ok()?;
    UtcOffset::from_minutes(if sign == "-" { -minutes } else { minutes })
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u64> {
    let is_so = text.len() == count && text.bytes().all(|octet| octet.is_ascii_digit());
    is_so.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u64> {
        LocalTime::read(text, UtcOffset::CHINA).map(|local| local.at().as_millis())
    }

    /// `date -u -d 2021-11-01T00:00:00+08:00 +%s`.
    const NOVEMBER: u64 = 1_635_696_000_000;

    #[test]
    fn a_time_is_read_by_its_own_clock_or_by_the_one_given() {
        assert_eq!(read("2021-11-01"), Some(NOVEMBER));
        assert_eq!(read("2021-11-01T00:00"), Some(NOVEMBER));
        assert_eq!(read("2021-10-31T16:00:00Z"), Some(NOVEMBER));
        assert_eq!(read("2021-10-31T12:30:00-03:30"), Some(NOVEMBER));
        assert_eq!(read("2021-10-31T23:59:59.999"), Some(NOVEMBER - 1));
        assert_eq!(read("2021-11-01T01:02:03.004+00:00"), Some(NOVEMBER + 8 * 3_600_000 + 3_723_004));
    }

    #[test]
    fn nothing_else_is_a_time() {
        for text in [
            "",
            "T",
            "2021-11-31",
            "2021-11-01 00:00",
            "2021-11-01T",
            "2021-11-01T24:00",
            "2021-11-01T00:60",
            "2021-11-01T0:00",
            "2021-11-01T00:00:00.1",
            "2021-11-01T00:00.001",
            "2021-11-01T00:00:00:00",
            "2021-11-01T00:00:00+0800",
            "2021-11-01T00:00:00+15:00",
            "2021-11-01T00:00:00Z+08:00",
            "2021-11-01Z",
            "2021-11-01T００:00",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (ms, clock, text) in [
            (NOVEMBER, UtcOffset::CHINA, "2021-11-01"),
            (NOVEMBER, UtcOffset::UTC, "2021-10-31T16:00:00.000+00:00"),
            (NOVEMBER - 1, UtcOffset::CHINA, "2021-10-31T23:59:59.999+08:00"),
            (NOVEMBER, UtcOffset::from_minutes(-210).unwrap(), "2021-10-31T12:30:00.000-03:30"),
        ] {
            let local = LocalTime::new(Timestamp::from_millis(ms), clock);
            assert_eq!(local.to_string(), text);
            assert_eq!(LocalTime::read(text, clock), Some(local));
        }
    }
}
