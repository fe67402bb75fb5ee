//! What came, line by line?
//!
//! One line for each `submit_sm`, fields between tabs, written in bursts:
//!
//! ```text
//! arrival  id  answer  token
//! ```
//!
//! `arrival` counts from 0. `id` is as in the response, or `-` without one. `answer` is `accepted`, `unanswered`
//! (delivered all the same), `lost` (not answered and not delivered), `cut`, or the name of a status. `token` is the
//! first 32 octets of the body with everything outside printable ASCII escaped: what a load generator puts there
//! makes every message known, so that one sent twice is found.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Octets of the body that are written down.
const TOKEN_OCTETS: usize = 32;

/// The journal's file.
#[derive(Debug)]
pub(super) struct Journal {
    file: BufWriter<File>,
    /// Whether writing has failed: said once, and then the run goes on without.
    broken: bool,
}

impl Journal {
    /// Begins a new journal in place of any that was there.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(64 * 1024, File::create(path)?), broken: false })
    }

    pub(super) fn line(&mut self, arrival: u64, id: &[u8], answer: &dyn std::fmt::Display, body: &[u8]) {
        if self.broken {
            return;
        }
        let token = body.get(..TOKEN_OCTETS).unwrap_or(body);
        let id = if id.is_empty() { b"-" } else { id };
        let (id, token) = (id.escape_ascii(), token.escape_ascii());
        let written = writeln!(self.file, "{arrival}\t{id}\t{answer}\t{token}");
        self.check(written);
    }

    pub(super) fn flush(&mut self) {
        if !self.broken {
            let flushed = self.file.flush();
            self.check(flushed);
        }
    }

    fn check(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            tracing::error!(%error, "the journal cannot be written, so it ends here");
            self.broken = true;
        }
    }
}
