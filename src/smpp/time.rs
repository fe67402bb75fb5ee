//! When is it to happen? The times of a PDU, read and written (SMPP 3.4 §7.1.1).
//!
//! ```text
//! YYMMDDhhmmsstnnp    16 octets: date, time, tenths of a second, quarter hours, and what they mean
//!
//! p = + or -          absolute: a clock that is nn quarter hours (00–48) before or behind UTC shows this
//! p = R               relative: so many years, months, days, hours, minutes and seconds from now
//! ```
//!
//! Years of two digits are 2000–2099. A relative month is 30 days and a relative year 365: the specification does
//! not say how long they are, and a length that depends on the day would not be the same for a request that comes
//! twice.
//!
//! Any other length is no time (quirks 96, 97): without an offset nobody can tell whose clock is meant. Tenths are
//! taken in both forms; the quarter hours of a relative time mean nothing and are not looked at. Its other numbers
//! may be larger than a clock shows (90 minutes): they say a length, and there is only one way to read it.

use std::fmt;
use std::time::Duration;

use crate::base::time::Timestamp;
use crate::smpp::receipt::{CivilTime, ReceiptDate};

/// The octets of a time, without the NUL of its field.
pub const TIME_LEN: usize = 16;

const DAYS_PER_YEAR: u64 = 365;
const DAYS_PER_MONTH: u64 = 30;
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
/// The longest relative time that [`SmppTime::write`] can say: 99 years, 12 months, 4 days and a day's end.
const RELATIVE_MAX: Duration = Duration::from_millis(
    ((99 * DAYS_PER_YEAR + DAYS_PER_YEAR - 1) * SECONDS_PER_DAY + SECONDS_PER_DAY - 1) * 1000 + 900,
);
/// 2099-12-31T23:59:59.9Z, the last absolute time that [`SmppTime::write`] can say.
const ABSOLUTE_MAX: Timestamp = Timestamp::from_millis(4_102_444_799_900);
/// 2000-01-01T00:00:00Z, the first one.
const ABSOLUTE_MIN: Timestamp = Timestamp::from_millis(946_684_800_000);

/// `schedule_delivery_time`, `validity_period` or `final_date`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmppTime {
    /// A point of the calendar.
    Absolute(Timestamp),
    /// So long after the request came.
    Relative(Duration),
}

/// The octets are not a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time of the form YYMMDDhhmmsstnnp")
    }
}

impl std::error::Error for NotATime {}

impl SmppTime {
    /// Reads a field's octets without their NUL; `None` for an empty field, which leaves the choice to the SMSC.
    ///
    /// # Errors
    /// [`NotATime`] for everything but the two forms: another length, a day that no calendar has (the zeros of the
    /// year 00 among them), an offset of more than twelve hours.
    pub fn read(raw: &[u8]) -> Result<Option<Self>, NotATime> {
        if raw.is_empty() {
            return Ok(None);
        }
        let octets: &[u8; TIME_LEN] = raw.try_into().map_err(|_| NotATime)?;
        let time = match octets {
            [digits @ .., b'R'] => relative(digits).map(Self::Relative),
            // The reader of receipts would pass over white space around something shorter.
            [b'0'..=b'9', .., b'+' | b'-'] => {
                ReceiptDate::parse(octets).and_then(|date| date.to_timestamp(0)).map(Self::Absolute)
            }
            _ => None,
        };
        time.map(Some).ok_or(NotATime)
    }

    /// Writes it: an absolute time as a clock in UTC shows it, held to the years 2000–2099; a relative one held to
    /// what fewer than a hundred years can say. What is finer than a tenth of a second is cut off.
    #[must_use]
    pub fn write(self) -> [u8; TIME_LEN] {
        match self {
            Self::Absolute(at) => {
                let at = at.clamp(ABSOLUTE_MIN, ABSOLUTE_MAX);
                let civil = CivilTime::from_timestamp(at);
                let year = u64::from(civil.year % 100);
                let [month, day, hour, minute, second] =
                    [civil.month, civil.day, civil.hour, civil.minute, civil.second].map(u64::from);
                written([year, month, day, hour, minute, second], at.as_millis() / 100 % 10, b'+')
            }
            Self::Relative(wait) => {
                let wait = wait.min(RELATIVE_MAX);
                let seconds = wait.as_secs();
                let days = seconds / SECONDS_PER_DAY;
                let days_of_year = days % DAYS_PER_YEAR;
                let date =
                    [days / DAYS_PER_YEAR, days_of_year / DAYS_PER_MONTH, days_of_year % DAYS_PER_MONTH];
                let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60];
                let ([year, month, day], [hour, minute, second]) = (date, time);
                written([year, month, day, hour, minute, second], u64::from(wait.subsec_millis() / 100), b'R')
            }
        }
    }
}

fn relative(digits: &[u8; TIME_LEN - 1]) -> Option<Duration> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut pairs = digits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[tens, ones]| u64::from(*tens - b'0') * 10 + u64::from(*ones - b'0'));
    let mut next = || pairs.next();
    let days = next()? * DAYS_PER_YEAR + next()? * DAYS_PER_MONTH + next()?;
    let seconds = next()? * 3600 + next()? * 60 + next()?;
    let [.., tenths, _, _] = digits;
    let tenths = Duration::from_millis(u64::from(*tenths - b'0') * 100);
    Some(Duration::from_secs(days * SECONDS_PER_DAY + seconds) + tenths)
}

fn written(pairs: [u64; 6], tenths: u64, meaning: u8) -> [u8; TIME_LEN] {
    let digit = |value: u64| b'0' + (value % 10).to_le_bytes()[0];
    let [[y0, y1], [m0, m1], [d0, d1], [h0, h1], [i0, i1], [s0, s1]] =
        pairs.map(|value| [digit(value / 10), digit(value)]);
    [y0, y1, m0, m1, d0, d1, h0, h1, i0, i1, s0, s1, digit(tenths), b'0', b'0', meaning]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2018-07-11T04:00:03Z.
    const MORNING: u64 = 1_531_281_603_000;

    fn absolute(raw: &[u8]) -> u64 {
        match SmppTime::read(raw) {
            Ok(Some(SmppTime::Absolute(at))) => at.as_millis(),
            other => panic!("{}: {other:?}", raw.escape_ascii()),
        }
    }

    fn wait(raw: &[u8]) -> Duration {
        match SmppTime::read(raw) {
            Ok(Some(SmppTime::Relative(wait))) => wait,
            other => panic!("{}: {other:?}", raw.escape_ascii()),
        }
    }

    #[test]
    fn an_empty_field_is_no_time_and_no_fault() {
        assert_eq!(SmppTime::read(b""), Ok(None));
    }

    #[test]
    fn an_absolute_time_says_its_distance_from_utc_in_quarter_hours() {
        assert_eq!(absolute(b"180711040003000+"), MORNING);
        assert_eq!(absolute(b"180711040003000-"), MORNING);
        assert_eq!(absolute(b"180711070003012+"), MORNING);
        assert_eq!(absolute(b"180711034503001-"), MORNING);
        assert_eq!(absolute(b"180710160003048-"), MORNING);
    }

    #[test]
    fn quirk_96_tenths_count_and_the_sign_decides_between_the_forms() {
        assert_eq!(absolute(b"180711040003900+"), MORNING + 900);
        assert_eq!(wait(b"000000000001500R"), Duration::from_millis(1500));
        assert_eq!(wait(b"000000001500000R"), Duration::from_secs(900));
        assert_eq!(wait(b"000000001500048R"), Duration::from_secs(900), "quarter hours mean nothing here");
    }

    #[test]
    fn quirk_96_and_97_another_length_or_sign_is_no_time() {
        for raw in [
            &b"0"[..],
            b"1807110400",
            b"180711040003",
            b"20180711040003",
            b"180711040003000",
            b"180711040003000+0",
            b"180711040003000r",
            b"180711040003000Z",
            b"180711040003000\0",
            b" 20180711040003 ",
            b" 20180711040003+",
            b"0000000015000R",
        ] {
            assert_eq!(SmppTime::read(raw), Err(NotATime), "{}", raw.escape_ascii());
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_is_no_time() {
        for raw in [
            &b"000000000000000+"[..],
            b"181311040003000+",
            b"180011040003000+",
            b"180732040003000+",
            b"180229040003000+",
            b"180711240003000+",
            b"180711046003000+",
            b"180711040060000+",
            b"180711040003049+",
            b"1807110400030x0+",
            b"18071104000300x-",
            b"00000000000000xR",
            b"-00000000000000R",
        ] {
            assert_eq!(SmppTime::read(raw), Err(NotATime), "{}", raw.escape_ascii());
        }
        assert_eq!(absolute(b"000101000000000+"), ABSOLUTE_MIN.as_millis(), "2000 is a year");
        assert_eq!(absolute(b"991231235959900+"), ABSOLUTE_MAX.as_millis());
    }

    #[test]
    fn a_relative_month_is_30_days_and_a_year_365() {
        const DAY: u64 = 24 * 3600;
        assert_eq!(wait(b"000001000000000R"), Duration::from_secs(DAY));
        assert_eq!(wait(b"000100000000000R"), Duration::from_secs(30 * DAY));
        assert_eq!(wait(b"010000000000000R"), Duration::from_secs(365 * DAY));
        assert_eq!(wait(b"000000480000000R"), Duration::from_secs(2 * DAY), "48 hours are two days");
        assert_eq!(wait(b"000000000000000R"), Duration::ZERO);
    }

    #[test]
    fn what_cannot_be_written_is_held_to_what_can() {
        assert_eq!(&SmppTime::Absolute(Timestamp::from_millis(0)).write(), b"000101000000000+");
        assert_eq!(&SmppTime::Absolute(Timestamp::from_millis(u64::MAX)).write(), b"991231235959900+");
        assert_eq!(&SmppTime::Relative(Duration::MAX).write(), b"991204235959900R");
        assert_eq!(&SmppTime::Relative(Duration::from_millis(90_061_234)).write(), b"000001010101200R");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_tenth_of_a_second_is_there_and_back_the_same(
            at in ABSOLUTE_MIN.as_millis() / 100..=ABSOLUTE_MAX.as_millis() / 100,
            wait in 0..=RELATIVE_MAX.as_millis() / 100,
        ) {
            let at = SmppTime::Absolute(Timestamp::from_millis(at * 100));
            prop_assert_eq!(SmppTime::read(&at.write()), Ok(Some(at)));
            let wait = SmppTime::Relative(Duration::from_millis(u64::try_from(wait).unwrap() * 100));
            prop_assert_eq!(SmppTime::read(&wait.write()), Ok(Some(wait)));
        }

        #[test]
        fn any_octets_are_a_time_or_none(
            raw in prop::collection::vec(
                prop_oneof![4 => b'0'..=b'9', 1 => prop::sample::select(&b"+-R 0123"[..]), 1 => any::<u8>()],
                0..20,
            ),
        ) {
            match SmppTime::read(&raw) {
                Ok(None) => prop_assert!(raw.is_empty()),
                Ok(Some(_)) => prop_assert_eq!(raw.len(), TIME_LEN),
                Err(NotATime) => {}
            }
        }

        #[test]
        fn every_relative_time_has_a_length(digits in "[0-9]{15}") {
            let read = SmppTime::read(format!("{digits}R").as_bytes());
            prop_assert!(matches!(read, Ok(Some(SmppTime::Relative(_)))), "{:?}", read);
        }
    }
}
