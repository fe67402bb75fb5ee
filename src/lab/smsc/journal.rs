//! What came, line by line?
//!
//! One line for each `submit_sm`, fields between tabs, written in bursts:
//!
//! ```text
//! arrival  id  answer  token  key  copy  millis  outcome
//! ```
//!
//! `arrival` counts from 0. `id` is as in the response, or `-` without one. `answer` is `accepted`, `unanswered`
//! (delivered all the same), `lost` (not answered and not delivered), `cut`, or the name of a status. `token` is the
//! first 32 octets of the body, behind a header of its own if it has one, with everything outside printable ASCII
//! escaped: what a load generator puts there makes every message known. `key` is a hash of recipient and body, and
//! `copy` says whether a message with it was taken before: `first`, `again`, or `-` when this one is not taken.
//! `millis` is the time since the start; `outcome` the final word of its receipt, `-` without one, with a
//! plus and another behind it if both are said.
//!
//! Of messages from phones there is one line for each answer: `number  token  to  answer`, the answer being
//! `acknowledged` or the name of a status.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Octets of the body that are written down.
const TOKEN_OCTETS: usize = 32;

/// A journal's file.
#[derive(Debug)]
pub(super) struct Journal {
    file: BufWriter<File>,
    /// Whether writing has failed: said once, and then the run goes on without.
    broken: bool,
}

/// What a line says of a submission.
pub(super) struct Entry<'a> {
    pub(super) arrival: u64,
    /// Empty without one.
    pub(super) id: &'a [u8],
    pub(super) answer: &'a dyn Display,
    /// Without a user data header.
    pub(super) body: &'a [u8],
    pub(super) key: u64,
    /// Whether it was taken, and if so, for the first time.
    pub(super) first: Option<bool>,
    pub(super) millis: u128,
    pub(super) outcome: &'a str,
    /// Another final word that is said beside it.
    pub(super) contradiction: Option<&'a str>,
}

impl Journal {
    /// Begins a new journal in place of any that was there.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(64 * 1024, File::create(path)?), broken: false })
    }

    pub(super) fn submission(&mut self, entry: &Entry<'_>) {
        let Entry { arrival, answer, key, millis, outcome, .. } = entry;
        let other = entry.contradiction.filter(|_| *outcome != "-");
        let (plus, other) = (other.map_or("", |_| "+"), other.unwrap_or_default());
        let token = entry.body.get(..TOKEN_OCTETS).unwrap_or(entry.body).escape_ascii();
        let id = if entry.id.is_empty() { b"-" } else { entry.id }.escape_ascii();
        let copy = entry.first.map_or("-", |first| if first { "first" } else { "again" });
        self.line(format_args!(
            "{arrival}\t{id}\t{answer}\t{token}\t{key:016x}\t{copy}\t{millis}\t{outcome}{plus}{other}"
        ));
    }

    pub(super) fn originated(&mut self, number: u64, token: &[u8], to: &[u8], answer: &dyn Display) {
        let (token, to) = (token.escape_ascii(), to.escape_ascii());
        self.line(format_args!("{number}\t{token}\t{to}\t{answer}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        if !self.broken {
            let written = writeln!(self.file, "{line}");
            self.check(written);
        }
    }

    pub(super) fn flush(&mut self) {
        if !self.broken {
            let flushed = self.file.flush();
            self.check(flushed);
        }
    }

    fn check(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            tracing::error!(%error, "a journal cannot be written, so it ends here");
            self.broken = true;
        }
    }
}
