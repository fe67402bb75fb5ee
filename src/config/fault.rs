//! What is wrong with a file: where, what, why, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One fault of a file of settings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fault {
    /// The file that it is in, when that is another one than the settings themselves: a table that they name.
    pub file: Option<PathBuf>,
    /// Its line, from 1; none for what is missing from the whole file.
    pub line: Option<usize>,
    /// The path of its key from the top of the file, list entries counted from 0: `account[1].system[0].password`.
    /// Empty for the file itself.
    pub key: String,
    /// What is written there, cut short; none where that says nothing, or could be a secret.
    pub value: Option<String>,
    /// Why that cannot be.
    pub reason: String,
    /// What to write instead; empty where the reason already says it.
    pub remedy: String,
}

/// Every fault of a file, in the order of its lines. Prints one line for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults {
    /// The file.
    file: PathBuf,
    /// Its faults; never empty.
    faults: Vec<Fault>,
    /// Whether the fault is that there is nothing to judge.
    unreadable: bool,
}

impl Faults {
    pub(super) fn new(file: &Path, mut faults: Vec<Fault>) -> Self {
        faults.sort();
        faults.dedup();
        Self { file: file.to_owned(), faults, unreadable: false }
    }

    pub(super) fn unreadable(file: &Path, reason: &str) -> Self {
        let fault = Fault {
            file: None,
            line: None,
            key: String::new(),
            value: None,
            reason: reason.to_owned(),
            remedy: String::new(),
        };
        Self { file: file.to_owned(), faults: vec![fault], unreadable: true }
    }

    /// The faults.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }

    /// Whether the file could not even be read.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        self.unreadable
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file: _, line: _, key, value, reason, remedy } = self;
        if !key.is_empty() {
            f.write_str(key)?;
            if let Some(value) = value {
                write!(f, " = {value}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(reason)?;
        if !remedy.is_empty() {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.faults.iter().enumerate() {
            let end = if place == 0 { "" } else { "\n" };
            write!(f, "{end}{}:", fault.file.as_ref().unwrap_or(&self.file).display())?;
            if let Some(line) = fault.line {
                write!(f, "{line}:")?;
            }
            write!(f, " {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
