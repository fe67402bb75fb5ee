//! What is a simulated carrier told?

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::base::octets::Octets;
use crate::base::privacy::Secret;
use crate::lab::LAB_PASSWORD;
use crate::lab::smsc::profile::{Odds, Profile};
use crate::smpp::status::CommandStatus;

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
    /// Where receipts say what they say.
    pub receipt_form: ReceiptForm,
    /// Submissions of one bind that may wait for their answer; more are not read.
    pub window: usize,
    /// Receipts on one bind that may wait for their answer.
    pub receipt_window: usize,
    /// Submissions per second over all binds; more are throttled. `None` for no limit.
    pub rate_max: Option<u32>,
    /// How it dies again and again, if it does.
    pub deaths: Option<Deaths>,
    /// When it throttles by the clock, if it does.
    pub bursts: Option<Bursts>,
    /// Receipts that are due in this time from the start are all sent at its end.
    pub hold: Option<Delay>,
    /// Messages from phones, if there are any.
    pub originated: Option<Originated>,
    /// How long a receipt may go unanswered before it is sent again.
    pub response: Duration,
    /// Where to write one line for each submission.
    pub journal: Option<PathBuf>,
    /// Where to write one line for each answer to a message from a phone.
    pub originated_journal: Option<PathBuf>,
}

/// Where a receipt says what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum ReceiptForm {
    /// In its text, and in `receipted_message_id` and `message_state`.
    Both,
    /// In its text alone.
    Text,
    /// In its parameters alone.
    Tlvs,
}

/// A carrier that accepts and dies: it takes its last submissions without an answer and then closes every connection.
/// Their receipts come later, on whatever bind there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deaths {
    /// Submissions from one death to the next.
    pub every: u64,
    /// Of them, how many at the end are taken and not answered: 1…`every`.
    pub unanswered: u64,
    /// For how long nobody can connect afterwards.
    pub pause: Duration,
}

impl Deaths {
    /// Whether the `n`-th submission is taken and not answered, and whether it is the last one before a death.
    #[must_use]
    pub const fn at(&self, n: u64) -> (bool, bool) {
        let every = if self.every == 0 { 1 } else { self.every };
        let left = every - n % every;
        (left <= self.unanswered, left == 1)
    }
}

/// A carrier that throttles by the clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bursts {
    /// For how long, from the beginning of each period on.
    pub lasts: Duration,
    /// The period.
    pub every: Duration,
    /// What it answers, in turns; throttled when empty.
    pub statuses: Vec<CommandStatus>,
}

/// Messages from phones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Originated {
    /// How many a second.
    pub rate: u32,
    /// How many in all.
    pub count: u64,
    /// Whom to, in turns.
    pub to: Vec<String>,
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
            receipt_form: ReceiptForm::Both,
            window: 1000,
            receipt_window: 100,
            rate_max: None,
            deaths: None,
            bursts: None,
            hold: None,
            originated: None,
            response: Duration::from_secs(30),
            journal: None,
            originated_journal: None,
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
    /// In hexadecimal, capitals.
    HexUpper,
    /// In decimal, filled up with zeros to 20 digits.
    DecimalPadded,
    /// In hexadecimal, small letters, filled up with zeros to 16 digits.
    HexPadded,
    /// As a UUID: 32 hexadecimal digits with hyphens, far beyond 64 bits.
    Uuid,
    /// As a UUID in capitals.
    UuidUpper,
    /// As a UUID without its hyphens.
    UuidPlain,
}

/// The upper half of ids that are written as UUIDs: any number, with a version where it belongs.
const UUID_UPPER_HALF: u64 = 0x6f1c_93d2_5a7e_4b08;

impl IdForm {
    /// The id as it is written.
    #[must_use]
    pub fn write(self, id: u64) -> Octets<36> {
        let mut room = [0; 36];
        let mut rest = &mut room[..];
        // The longest form is a UUID, which fits.
        let _fits = self.write_into(id, &mut rest);
        let left = rest.len();
        let written = room.get(..room.len() - left).unwrap_or_default();
        Octets::new(written).unwrap_or_default()
    }

    fn write_into(self, id: u64, out: &mut &mut [u8]) -> io::Result<()> {
        let (a, b, c) = (UUID_UPPER_HALF >> 32, (UUID_UPPER_HALF >> 16) & 0xFFFF, UUID_UPPER_HALF & 0xFFFF);
        let (d, e) = (id >> 48, id & 0xFFFF_FFFF_FFFF);
        match self {
            Self::Decimal => write!(out, "{id}"),
            Self::Hex => write!(out, "{id:x}"),
            Self::HexUpper => write!(out, "{id:X}"),
            Self::DecimalPadded => write!(out, "{id:020}"),
            Self::HexPadded => write!(out, "{id:016x}"),
            Self::Uuid => write!(out, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}"),
            Self::UuidUpper => write!(out, "{a:08X}-{b:04X}-{c:04X}-{d:04X}-{e:012X}"),
            Self::UuidPlain => write!(out, "{UUID_UPPER_HALF:016x}{id:016x}"),
        }
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

/// Reads a list of statuses: `0x58,0x14`, or in decimal.
///
/// # Errors
/// Says which is none.
pub fn statuses(text: &str) -> Result<Vec<CommandStatus>, String> {
    let status = |word: &str| {
        let word = word.trim();
        let number = match word.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => word.parse(),
        };
        number.map(CommandStatus).map_err(|_| format!("`{word}` is no command_status"))
    };
    text.split(',').map(status).collect()
}

impl FromStr for Deaths {
    type Err = String;

    /// `500`, `500/20` or `500/20/2s`: every 500 submissions, the last 20 without an answer, away for two seconds.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/');
        let mut number = |default| match parts.next() {
            Some(part) => part.trim().parse().map_err(|_| format!("`{part}` is no number")),
            None => Ok(default),
        };
        let (every, unanswered) = (number(0)?, number(1)?);
        let pause = parts.next().map_or(Ok(Duration::ZERO), duration)?;
        if every == 0 || unanswered == 0 || unanswered > every {
            return Err("EVERY/UNANSWERED: from 1 on, and not more unanswered than there are".to_owned());
        }
        Ok(Self { every, unanswered, pause })
    }
}

impl FromStr for Bursts {
    type Err = String;

    /// `2s/10s`: for two of every ten seconds.
    fn from_str(text: &str) -> Result<Self, String> {
        let (lasts, every) = text.split_once('/').ok_or("LASTS/EVERY, as in 2s/10s")?;
        let (lasts, every) = (duration(lasts)?, duration(every)?);
        if every.is_zero() || lasts > every {
            return Err("a burst is not longer than its period".to_owned());
        }
        Ok(Self { lasts, every, statuses: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_in_every_form() {
        let written = |form: IdForm, id| String::from_utf8(form.write(id).as_slice().to_vec()).unwrap();
        for id in [0, 9, 10, 255, 0xDEAD_BEEF, u64::MAX] {
            assert_eq!(written(IdForm::Decimal, id), id.to_string());
            assert_eq!(written(IdForm::Hex, id), format!("{id:x}"));
        }
        assert_eq!(written(IdForm::HexUpper, 0xABC), "ABC");
        assert_eq!(written(IdForm::DecimalPadded, 7), "00000000000000000007");
        assert_eq!(written(IdForm::HexPadded, 0xABC), "0000000000000abc");
        assert_eq!(written(IdForm::Uuid, 0x0123_4567_89AB_CDEF), "6f1c93d2-5a7e-4b08-0123-456789abcdef");
        assert_eq!(written(IdForm::UuidUpper, 0xDEF), "6F1C93D2-5A7E-4B08-0000-000000000DEF");
        assert_eq!(written(IdForm::UuidPlain, 0xDEF), "6f1c93d25a7e4b080000000000000def");
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

    #[test]
    fn deaths_and_bursts_are_read_and_deaths_come_when_they_are_due() {
        let deaths: Deaths = "5/2/3s".parse().unwrap();
        assert_eq!(deaths, Deaths { every: 5, unanswered: 2, pause: Duration::from_secs(3) });
        let at: Vec<_> = (0..6).map(|n| deaths.at(n)).collect();
        let no = (false, false);
        assert_eq!(at, [no, no, no, (true, false), (true, true), no]);
        assert!("0".parse::<Deaths>().is_err() && "2/3".parse::<Deaths>().is_err());
        let bursts: Bursts = "2s/10s".parse().unwrap();
        assert_eq!((bursts.lasts, bursts.every), (Duration::from_secs(2), Duration::from_secs(10)));
        assert!("2s/1s".parse::<Bursts>().is_err());
        assert_eq!(
            statuses("0x58, 20"),
            Ok(vec![CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL])
        );
        assert!(statuses("x").is_err());
    }
}
