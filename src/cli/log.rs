//! `telegraphy log`: what is in this log, and is it whole?
//!
//! The log may be closed or open in a running gateway: it is neither locked nor changed. What is appended after the
//! command has begun is not in its answer, and a batch that is being written is behind the end. What a running gateway
//! trims meanwhile is passed over and counted.
//!
//! Numbers print masked and texts not at all (promise 13), as in any log line.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::{Failure, is_gone};
use crate::log::file::{FileLog, Look};
use crate::log::{LogError, LogReader, Position, Record};
use crate::message::Event;

/// What `telegraphy log` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check every checksum and the order; exit 1 and say file and offset when something is damaged.
    Verify(Place),
    /// Print events, one a line.
    Dump(Dump),
    /// Count segments, octets, and records by kind.
    Stat(Place),
}

#[derive(Args, Debug)]
struct Place {
    /// The log's folder (`[log] path` in the settings).
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

#[derive(Args, Debug)]
struct Dump {
    #[command(flatten)]
    place: Place,
    /// Begin at this record instead of the oldest.
    #[arg(long, value_name = "POSITION")]
    from: Option<u64>,
    /// Print at most so many events.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Print only what names this message.
    #[arg(long, value_name = "ID")]
    message: Option<u64>,
}

/// Answers on standard output.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let done = answer(&arguments.command, &mut out).and_then(|status| Ok(out.flush().map(|()| status)?));
    match done {
        Err(failure) if is_gone(&*failure) => Ok(ExitCode::SUCCESS),
        done => Ok(ExitCode::from(done?)),
    }
}

/// Writes the answer; the exit status.
fn answer(command: &Command, out: &mut dyn Write) -> Result<u8, Failure> {
    match command {
        Command::Verify(place) => verify(&place.folder, out),
        Command::Dump(arguments) => dump(arguments, out),
        Command::Stat(place) => stat(&place.folder, out),
    }
}

fn verify(folder: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut octets = 0;
    let walked = walk(folder, None, &mut |record| {
        octets += record.bytes.len() as u64;
        Ok(true)
    });
    let walked = match walked {
        Err(failure) if failure.downcast_ref().is_some_and(is_damage) => {
            writeln!(out, "damaged: {failure}")?;
            return Ok(1);
        }
        walked => walked?,
    };
    let (records, segments) = (walked.records, walked.look.segments().len());
    let (start, end) = walked.look.range();
    writeln!(
        out,
        "ok: {records} records of {octets} octets in {segments} segments, positions {start} to {end}"
    )?;
    walked.notes(out)?;
    Ok(0)
}

/// Whether this is what `verify` looks for; anything else kept it from looking.
const fn is_damage(error: &LogError) -> bool {
    matches!(error, LogError::Damaged { .. } | LogError::LaterFormat { .. })
}

fn dump(arguments: &Dump, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut left = arguments.count.unwrap_or(u64::MAX);
    if left == 0 {
        return Ok(0);
    }
    let walked = walk(&arguments.place.folder, arguments.from, &mut |record| {
        let line = match Event::decode(record.bytes) {
            Ok(event) => format!("{event:?}"),
            Err(unknown) => unknown.to_string(),
        };
        if arguments.message.is_none_or(|id| names(&line, id)) {
            writeln!(out, "{} {line}", record.position)?;
            left -= 1;
        }
        Ok(left > 0)
    })?;
    if walked.passed > 0 {
        tracing::warn!(records = walked.passed, "the gateway has trimmed records before they were read");
    }
    Ok(0)
}

/// Whether the line of an event names this message: all events print ids alike, wherever they have them.
fn names(line: &str, id: u64) -> bool {
    let word = format!("m{id}");
    line.match_indices(&word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let behind = line.get(at + word.len()..).and_then(|text| text.chars().next());
        // A name or a carrier's id stands in quotes.
        matches!(before, Some(' ' | '(' | '[')) && !behind.is_some_and(char::is_alphanumeric)
    })
}

/// How much there is of one kind of event.
#[derive(Default)]
struct Kind {
    name: String,
    records: u64,
    octets: u64,
    unknown: u64,
}

fn stat(folder: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    // By the octet that says the kind.
    let mut kinds = BTreeMap::<u8, Kind>::new();
    let walked = walk(folder, None, &mut |record| {
        let number = record.bytes.first().copied().unwrap_or(0);
        let kind = kinds.entry(number).or_default();
        kind.records += 1;
        kind.octets += record.bytes.len() as u64;
        match Event::decode(record.bytes) {
            Ok(event) if kind.name.is_empty() => kind.name = name(&event),
            Ok(_) => {}
            Err(_) => kind.unknown += 1,
        }
        Ok(true)
    })?;
    let (start, end) = walked.look.range();
    let octets: u64 = kinds.values().map(|kind| kind.octets).sum();
    let segments = walked.look.segments().len();
    writeln!(out, "segments   {segments}, {} octets on disk with those made ahead", walked.look.octets())?;
    writeln!(out, "records    {} of {octets} octets, positions {start} to {end}", walked.records)?;
    walked.notes(out)?;
    writeln!(out, "\n{:<16} {:>14} {:>16}", "kind", "records", "octets")?;
    for (number, Kind { name, records, octets, unknown }) in kinds {
        let name = if name.is_empty() { format!("{number}, unknown") } else { name };
        writeln!(out, "{name:<16} {records:>14} {octets:>16}")?;
        if unknown > 0 && unknown < records {
            writeln!(out, "{unknown} of these cannot be read by this release")?;
        }
    }
    Ok(0)
}

/// The name of an event's kind.
fn name(event: &Event) -> String {
    format!("{event:?}").chars().take_while(|char| char.is_alphanumeric()).collect()
}

/// A log that has been read.
pub(super) struct Walked {
    /// The last look at it.
    look: Look,
    /// Records read.
    records: u64,
    /// Records that were trimmed before they were read.
    pub(super) passed: u64,
}

impl Walked {
    /// What else is worth a line.
    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(cut) = self.look.unfinished() {
            let (file, offset, octets) = (cut.file.display(), cut.offset, cut.octets);
            writeln!(
                out,
                "behind the end, at byte {offset} of {file}: {octets} octets of an append that is not finished"
            )?;
        }
        if self.passed > 0 {
            writeln!(out, "{} records were trimmed by the gateway before they were read", self.passed)?;
        }
        Ok(())
    }
}

/// Reads the log from `from`, or from its oldest record, until `each` says false.
pub(super) fn walk(
    folder: &Path,
    from: Option<u64>,
    each: &mut dyn FnMut(Record<'_>) -> Result<bool, Failure>,
) -> Result<Walked, Failure> {
    let mut look = FileLog::look(folder)?;
    let mut next = from.map_or_else(|| look.range().0, Position::from_u64);
    let (mut records, mut passed) = (0, 0);
    loop {
        let Some(trimmed) = read_on(&look, &mut next, &mut records, each)? else {
            return Ok(Walked { look, records, passed });
        };
        // Each look begins later than the one before, so this ends.
        look = FileLog::look(folder)?;
        let start = look.range().0;
        if start <= next {
            return Err(trimmed.into());
        }
        passed += start.as_u64() - next.as_u64();
        next = start;
    }
}

/// Reads one look on from `next`; why it could not be read to its end when the rest of it has been trimmed.
fn read_on(
    look: &Look,
    next: &mut Position,
    read: &mut u64,
    each: &mut dyn FnMut(Record<'_>) -> Result<bool, Failure>,
) -> Result<Option<LogError>, Failure> {
    let mut records = look.read(*next)?;
    loop {
        match records.next() {
            Ok(Some(record)) => {
                *next = record.position.plus(1);
                *read += 1;
                if !each(record)? {
                    return Ok(None);
                }
            }
            Ok(None) => return Ok(None),
            Err(trimmed @ LogError::OutOfRange { .. }) => return Ok(Some(trimmed)),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_by_its_whole_id_and_not_by_a_text() {
        assert!(names("HandedOver { message: m12, at: 5 }", 12));
        assert!(names("Accepted { message: m7, shown: Some(m12) }", 12));
        assert!(!names("HandedOver { message: m123, at: 5 }", 12));
        assert!(!names("HandedOver { message: m3, at: 5 }", 12));
        assert!(!names("AccountNamed { account: 1, name: b\"m12\" }", 12));
        assert!(!names("Submitted { message: m3, id: \"m12\" }", 12));
    }
}
