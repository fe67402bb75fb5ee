//! What is a simulated carrier told?

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::base::octets::Octets;
use crate::base::privacy::Secret;
use crate::lab::LAB_PASSWORD;
use crate::lab::smsc::profile::{Odds, Profile};

/// What a simulated carrier is told. [`Settings::new`] has the defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may bind. Each system id has its own receipts.
    pub system_ids: Vec<String>,
    /// Their password, one for all.
    pub password: Secret,
    /// What chance may do.
    pub odds: Odds,
    /// What chance hangs on.
    pub seed: u64,
    /// How ids are written in `submit_sm_resp`.
    pub ids: IdForm,
    /// How ids are written in receipts (quirk 1).
    pub receipt_ids: IdForm,
    /// Whether receipts carry `receipted_message_id` and `message_state` beside their text.
    pub receipt_tlvs: bool,
    /// Submissions of one bind that may wait for their answer; more are not read.
    pub window: usize,
    /// Receipts on one bind that may wait for their answer.
    pub receipt_window: usize,
    /// Submissions per second over all binds; more are throttled. `None` for no limit.
    pub rate_max: Option<u32>,
    /// How long a receipt may go unanswered before it is sent again.
    pub response: Duration,
    /// Where to write one line for each submission.
    pub journal: Option<PathBuf>,
}

impl Settings {
    /// A carrier of this profile on a free port of this machine, for the system id `lab`.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            system_ids: vec!["lab".to_owned()],
            password: Secret::new(LAB_PASSWORD),
            odds: Odds::of(profile),
            seed: 1,
            ids: IdForm::Decimal,
            receipt_ids: IdForm::Decimal,
            receipt_tlvs: true,
            window: 1000,
            receipt_window: 100,
            rate_max: None,
            response: Duration::from_secs(30),
            journal: None,
        }
    }
}

/// How a message id is written (quirk 1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum IdForm {
    /// In decimal.
    Decimal,
    /// In hexadecimal, small letters.
    Hex,
}

impl IdForm {
    /// The id as it is written.
    #[must_use]
    pub fn write(self, id: u64) -> Octets<20> {
        let radix = match self {
            Self::Decimal => 10,
            Self::Hex => 16,
        };
        let mut digits = [0; 20];
        let (mut left, mut used) = (id, 0);
        for place in digits.iter_mut().rev() {
            let digit = (left % radix).to_le_bytes()[0];
            *place = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
            (left, used) = (left / radix, used + 1);
            if left == 0 {
                break;
            }
        }
        let written = digits.get(digits.len() - used..).unwrap_or_default();
        Octets::new(written).unwrap_or_default()
    }
}

/// How long something takes: anything between two durations, each as likely.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delay {
    /// The least.
    pub min: Duration,
    /// The most.
    pub max: Duration,
}

impl Delay {
    /// No time at all.
    pub const NONE: Self = Self::millis(0, 0);

    /// Between so many milliseconds.
    #[must_use]
    pub const fn millis(min: u64, max: u64) -> Self {
        Self { min: Duration::from_millis(min), max: Duration::from_millis(max) }
    }

    /// One of them; the same for the same state of `rng`.
    pub fn draw(&self, rng: &mut fastrand::Rng) -> Duration {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let (min, max) = (micros(self.min), micros(self.max));
        if max <= min { self.min } else { Duration::from_micros(rng.u64(min..=max)) }
    }
}

/// `10ms`, or `10ms..2s`.
impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (min, max) = text.split_once("..").unwrap_or((text, text));
        let delay = Self { min: duration(min)?, max: duration(max)? };
        if delay.max < delay.min { Err("the end is before the beginning".to_owned()) } else { Ok(delay) }
    }
}

/// Reads a duration: a number and `ms`, `s`, `m` or `h`; seconds without a unit.
///
/// # Errors
/// Says what is wrong with it.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    let number: u64 = number.parse().map_err(|_| format!("`{text}` does not begin with a number"))?;
    let millis = match unit.trim() {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        unit => return Err(format!("`{unit}` is no unit of time: ms, s, m or h")),
    };
    number
        .checked_mul(millis)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is longer than anybody waits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_in_both_forms() {
        let written = |form: IdForm, id| String::from_utf8(form.write(id).as_slice().to_vec()).unwrap();
        for id in [0, 9, 10, 255, 0xDEAD_BEEF, u64::MAX] {
            assert_eq!(written(IdForm::Decimal, id), id.to_string());
            assert_eq!(written(IdForm::Hex, id), format!("{id:x}"));
        }
    }

    #[test]
    fn durations_have_units_and_delays_two_ends() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("3"), Ok(Duration::from_secs(3)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("ms").is_err() && duration("3 days").is_err() && duration("").is_err());
        assert_eq!("5ms..2s".parse(), Ok(Delay::millis(5, 2000)));
        assert_eq!("7ms".parse(), Ok(Delay::millis(7, 7)));
        assert!("2s..1s".parse::<Delay>().is_err());
    }
}
