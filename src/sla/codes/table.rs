//! The tables: families of codes, in versions.

use std::fmt;

use hashbrown::HashMap;

use crate::base::time::Timestamp;
use crate::message::{Class, Exclusion, Fault};
use crate::sla::codes::Code;

/// What a rule says a code means for the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ruling {
    /// It is over.
    Final {
        /// How it counts.
        class: Class,
        /// Who is at fault.
        fault: Fault,
        /// Why it is excluded; none of any other class.
        excluded_by: Option<Exclusion>,
    },
    /// It is on its way.
    Intermediate,
}

/// How sure the publishers of a code are of its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Confidence {
    /// Several independent ones agree.
    High,
    /// There is one good one.
    #[default]
    Medium,
    /// They contradict each other: worth a rule of the carrier's own.
    Low,
}

impl Confidence {
    /// In one word, for tables and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// One rule, and for people why it is so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What it says.
    pub ruling: Ruling,
    /// Whether a later attempt could go better.
    pub retryable: bool,
    /// The code in words.
    pub meaning: Box<str>,
    /// Who says so.
    pub source: Box<str>,
    /// How sure that is.
    pub confidence: Confidence,
    /// What others say it means; empty when nobody contradicts.
    pub other: Box<str>,
}

/// A family's table from one day on.
#[derive(Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1.
    pub number: u32,
    /// Since when it is in force.
    pub effective: Timestamp,
    rows: Vec<Row>,
    /// The place of each code's row.
    codes: HashMap<Code, usize>,
}

/// The codes of carriers that are alike: the same operator, platform or network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Family {
    /// Its name.
    pub name: Box<str>,
    /// The oldest first; never two from the same time on.
    versions: Vec<Version>,
}

impl Version {
    /// A table of rows, each with the codes that mean it. A code that stands twice means its last row: whoever reads
    /// the rows refuses that before.
    #[must_use]
    pub fn new(number: u32, effective: Timestamp, rows: Vec<(Vec<Code>, Row)>) -> Self {
        let mut codes = HashMap::new();
        let place = |(place, (written, row)): (usize, (Vec<Code>, Row))| {
            codes.extend(written.into_iter().map(|code| (code, place)));
            row
        };
        let rows = rows.into_iter().enumerate().map(place).collect();
        Self { number, effective, rows, codes }
    }

    /// The row of a code: as it is written or, when it is a number, without the zeros that fill the three digits of
    /// SMPP's `err`.
    #[must_use]
    pub fn row(&self, code: &Code) -> Option<&Row> {
        let place = self.codes.get(code).or_else(|| self.codes.get(&without_zeros(code)?))?;
        self.rows.get(*place)
    }

    /// How many codes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

impl fmt::Debug for Version {
    /// Without its rows: there are hundreds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, effective, .. } = self;
        write!(f, "version {number} since {effective:?} with {} codes", self.len())
    }
}

impl Family {
    /// A family and its versions, in any order.
    #[must_use]
    pub fn new(name: &str, mut versions: Vec<Version>) -> Self {
        versions.sort_by_key(|version| version.effective);
        Self { name: name.into(), versions }
    }

    /// The version in force at `now`; none before the first.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.effective <= now)
    }

    /// Its versions, the oldest first.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }
}

fn without_zeros(code: &Code) -> Option<Code> {
    let digits = code.as_slice();
    let start = digits.iter().position(|digit| *digit != b'0')?;
    (start > 0 && digits.iter().all(u8::is_ascii_digit)).then(|| Code::new(digits.get(start..)?).ok())?
}
