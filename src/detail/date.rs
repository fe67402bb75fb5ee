//! Calendar days in UTC, written and read: `2026-11-21` and `2026-11-21T10:55:19.123Z`.

use crate::base::calendar::{DAY_MS, Date, UtcOffset, digit, pair, unpair};
use crate::base::time::Timestamp;

/// The last millisecond that has four digits of year; what lies behind is written as this.
const LAST_MS: u64 = 253_402_300_799_999;

/// A day in UTC, from 1970 to 9999: records lie in files by the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Day(Date);

impl Day {
    /// The day, in UTC, in which `at` lies; the last day of the year 9999 for all that is later.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(Date::of(at, UtcOffset::UTC))
    }

    /// When the day begins, in UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.0.start(UtcOffset::UTC)
    }

    /// The day as `YYYY-MM-DD`.
    #[must_use]
    pub fn written(self) -> [u8; 10] {
        self.0.written()
    }

    /// Reads `YYYY-MM-DD`; `None` for what is no day of 1970 to 9999.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        Date::read(text).map(Self)
    }
}

/// Writes `at` as `YYYY-MM-DDTHH:MM:SS.mmmZ`, keeping the day that it wrote last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    day: Day,
    written: [u8; 10],
}

impl Times {
    pub(super) fn new() -> Self {
        Self { day: Day::default(), written: Day::default().written() }
    }

    pub(super) fn write(&mut self, at: Timestamp) -> [u8; 24] {
        let at = Timestamp::from_millis(at.as_millis().min(LAST_MS));
        let day = Day::of(at);
        if day != self.day {
            (self.day, self.written) = (day, day.written());
        }
        let ms = u32::try_from(at.as_millis() % DAY_MS).unwrap_or(0);
        let (h, m, s) = (pair(ms / 3_600_000), pair(ms / 60_000 % 60), pair(ms / 1000 % 60));
        let (hundreds, rest) = (digit(ms % 1000 / 100), pair(ms % 100));
        let mut text = *b"0000-00-00T00:00:00.000Z";
        if let Some(date) = text.first_chunk_mut() {
            *date = self.written;
        }
        if let Some(time) = text.last_chunk_mut() {
            *time = [
                b'T', h[0], h[1], b':', m[0], m[1], b':', s[0], s[1], b'.', hundreds, rest[0], rest[1], b'Z',
            ];
        }
        text
    }
}

/// Reads a time as it stands in the records: `2026-11-21T10:55:19.123Z`.
#[must_use]
pub fn read_time(text: &[u8]) -> Option<Timestamp> {
    let (date, time) = text.split_at_checked(10)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'.', f0, f1, f2, b'Z'] = *time else { return None };
    let (h, m, s) = (unpair(h1, h2)?, unpair(m1, m2)?, unpair(s1, s2)?);
    let ms = unpair(b'0', f0)? * 100 + unpair(f1, f2)?;
    let in_day = u64::from(((h * 60 + m) * 60 + s) * 1000 + ms);
    let day = Day::read(date)?.start().as_millis();
    (h < 24 && m < 60 && s < 60).then_some(Timestamp::from_millis(day + in_day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(ms: u64) -> String {
        String::from_utf8(Times::new().write(Timestamp::from_millis(ms)).to_vec()).unwrap()
    }

    #[test]
    fn times_are_written_as_the_calendar_has_them() {
        // From `date -u -d @…`.
        assert_eq!(written(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(written(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(written(1_709_251_199_999), "2024-02-29T23:59:59.999Z");
        assert_eq!(written(1_795_258_519_007), "2026-11-21T10:55:19.007Z");
        assert_eq!(written(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
        assert_eq!(written(u64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn days_are_read_back_until_the_year_9999() {
        let mut last = [0; 10];
        for day in (0..2_932_897).step_by(11).map(|days| Day(Date::from_days(days))) {
            let text = day.written();
            assert!(text > last, "{day:?}");
            assert_eq!(Day::read(&text), Some(day));
            last = text;
        }
        for wrong in ["2023-02-29", "2023-04-31", "1969-12-31", "2023-00-10", "2023-1-10", "20230-1-10"] {
            assert_eq!(Day::read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_is_read_back_and_nothing_else_is_a_time() {
        for ms in [0, 1, 86_399_999, 1_795_258_519_007, LAST_MS] {
            assert_eq!(read_time(written(ms).as_bytes()), Some(Timestamp::from_millis(ms)));
        }
        for wrong in [
            "",
            "2026-11-21",
            "2026-11-21T24:00:00.000Z",
            "2026-11-21T10:55:19.00Z",
            "2026-11-21 10:55:19.000Z",
        ] {
            assert_eq!(read_time(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
