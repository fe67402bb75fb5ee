//! Times and sizes as people write them: a whole number and its unit, without a space.

use std::time::Duration;

/// Units of time and their milliseconds, largest first.
const TIMES: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Units of size and their octets, largest first.
const SIZES: &[(&str, u64)] = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// What a time looks like, for whoever wrote something else.
pub(super) const A_TIME: &str = "a time such as \"250ms\", \"30s\", \"5m\", \"72h\" or \"30d\"";

/// What a size looks like.
pub(super) const A_SIZE: &str = "a size such as \"512KiB\", \"64MiB\" or \"1GiB\"";

/// What a clock's difference from UTC looks like.
pub(super) const AN_OFFSET: &str = "a difference from UTC such as \"+08:00\", \"-03:30\" or \"+00:00\"";

/// The furthest clock from UTC that there is, in quarter hours: that of Kiribati.
const OFFSET_QUARTERS_MAX: u8 = 14 * 4;

/// The quarter hours before UTC that are written there.
pub(super) fn utc_offset(text: &str) -> Option<i8> {
    let two =
        |digits: &str| digits.bytes().all(|octet| octet.is_ascii_digit()).then(|| digits.parse().ok())?;
    let (sign, clock) = text.split_at_checked(1)?;
    let (hours, minutes) =
        clock.split_once(':').filter(|(hours, minutes)| (hours.len(), minutes.len()) == (2, 2))?;
    let (hours, minutes): (u8, u8) = (two(hours)?, two(minutes)?);
    if minutes >= 60 || !minutes.is_multiple_of(15) {
        return None;
    }
    let quarters =
        hours.checked_mul(4)?.checked_add(minutes / 15).filter(|all| *all <= OFFSET_QUARTERS_MAX)?;
    let quarters = i8::try_from(quarters).ok()?;
    match sign {
        "+" => Some(quarters),
        "-" => Some(-quarters),
        _ => None,
    }
}

/// The time that is written there.
pub(super) fn time(text: &str) -> Option<Duration> {
    read(text, TIMES).map(Duration::from_millis)
}

/// The octets of the size that is written there.
pub(super) fn size(text: &str) -> Option<u64> {
    read(text, SIZES)
}

/// A time as it would be written in a file, in its largest unit.
pub(super) fn show_time(time: Duration) -> String {
    show(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), TIMES)
}

/// A size as it would be written in a file.
pub(super) fn show_size(octets: u64) -> String {
    show(octets, SIZES)
}

fn read(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.bytes().take_while(u8::is_ascii_digit).count())?;
    let (_, one) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*one)
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let whole = units.iter().find(|(_, one)| amount >= *one && amount.is_multiple_of(*one));
    match whole.or_else(|| units.last()) {
        Some((name, one)) => format!("\"{}{name}\"", amount / one),
        None => amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_in_their_units() {
        assert_eq!(time("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(time("0s"), Some(Duration::ZERO));
        assert_eq!(time("5m"), Some(Duration::from_secs(300)));
        assert_eq!(time("72h"), Some(Duration::from_secs(72 * 3600)));
        assert_eq!(time("30d"), Some(Duration::from_secs(30 * 86_400)));
        assert_eq!(size("64MiB"), Some(64 << 20));
    }

    #[test]
    fn a_clock_differs_from_utc_by_quarters_of_an_hour_up_to_14_hours() {
        for (text, quarters) in
            [("+00:00", 0), ("-00:00", 0), ("+08:00", 32), ("-03:30", -14), ("+05:45", 23), ("-14:00", -56)]
        {
            assert_eq!(utc_offset(text), Some(quarters), "{text}");
        }
        let none =
            ["", "+", "08:00", "+8:00", "+0800", "+08:0", "+08:10", "+08:60", "+14:15", "+99:00", "+-8:00"];
        for text in none.into_iter().chain(["+08:00 ", "Z", "±08:00", "+0８:00", "+255:00"]) {
            assert_eq!(utc_offset(text), None, "{text:?}");
        }
    }

    #[test]
    fn nothing_else_is_a_time_or_a_size() {
        let no_time =
            ["", "30", "s", "30 s", " 30s", "30s ", "-1s", "+1s", "1.5s", "1h30m", "30S", "3０s", "30sec"];
        for text in no_time {
            assert_eq!(time(text), None, "{text:?}");
        }
        assert_eq!(time("99999999999999999999s"), None);
        assert_eq!(time("18446744073709551615d"), None);
        for text in ["64", "64MB", "64mib", "64M", "20000000000GiB"] {
            assert_eq!(size(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for written in ["\"1ms\"", "\"1001ms\"", "\"90s\"", "\"2m\"", "\"1h\"", "\"3d\"", "\"0ms\""] {
            assert_eq!(show_time(time(written.trim_matches('"')).unwrap()), written);
        }
        for written in ["\"1KiB\"", "\"1025KiB\"", "\"64MiB\"", "\"1GiB\""] {
            assert_eq!(show_size(size(written.trim_matches('"')).unwrap()), written);
        }
    }
}
