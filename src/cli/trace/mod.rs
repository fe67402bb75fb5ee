//! `telegraphy trace`: what has happened to this message, or to the messages of this number?
//!
//! | file | what is in it |
//! |---|---|
//! | `life` | finds messages in the log, with all that was said about them |
//! | `past` | finds in the records what the log has forgotten |
//! | `words` | says both in an operator's words |
//!
//! The log may be open in a running gateway. Numbers print masked and texts not at all (promise 13). The exit status
//! is 1 when nothing is found.

mod life;
mod past;
mod words;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::base::ids::MessageId;
use crate::base::privacy::Masked;
use crate::cli::log::walk;
use crate::cli::place::{Found, Place};
use crate::cli::{Failure, is_gone};
use crate::matching::IdForms;
use crate::message::{CarrierMessageId, Event};
use life::{Lives, Search};

/// The most messages that are shown: of a number with more, the latest. More would not be read, and a number could be
/// everybody's sender.
const MESSAGES_MAX: usize = 100;

/// What `telegraphy trace` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A message id in decimal, or a sender's or recipient's number; a `+` before it does not count.
    #[arg(value_name = "NUMBER|ID", required_unless_present = "carrier_id")]
    what: Option<String>,

    /// The id that a carrier gave the message.
    #[arg(long, value_name = "ID", conflicts_with = "what")]
    carrier_id: Option<String>,

    #[command(flatten)]
    place: Place,
}

/// What is looked for: a message has any of it.
#[derive(Debug, Default)]
struct Wanted {
    id: Option<MessageId>,
    /// Without a `+`.
    number: Option<Vec<u8>>,
    /// The carrier's id as it was given, and in the forms in which the log has it.
    carrier_ids: BTreeSet<Vec<u8>>,
}

impl Wanted {
    fn new(arguments: &Arguments, forms: &[IdForms]) -> Self {
        let what = arguments.what.as_deref().map(|what| what.strip_prefix('+').unwrap_or(what));
        let carrier_id = arguments.carrier_id.as_deref().map(str::as_bytes);
        let written = |id: &[u8]| {
            let read = forms.iter().flat_map(|forms| [forms.response, forms.receipt]);
            let read = read.map(|form| form.canonical(id)).chain([CarrierMessageId::new(id)]);
            read.map(|id| id.as_slice().to_vec()).collect()
        };
        Self {
            id: what.and_then(|what| what.parse().ok()).and_then(MessageId::from_u64),
            number: what.map(|what| what.as_bytes().to_vec()),
            carrier_ids: carrier_id.map(written).unwrap_or_default(),
        }
    }

    fn has_number(&self, number: &[u8]) -> bool {
        self.number.as_deref() == Some(number.strip_prefix(b"+").unwrap_or(number))
    }
}

/// Answers on standard output.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let found = arguments.place.find()?;
    let wanted = Wanted::new(arguments, &found.forms);
    let mut out = BufWriter::new(io::stdout().lock());
    let done = trace(&found, &wanted, &mut out)
        .and_then(|is_found| out.flush().map(|()| is_found).map_err(Into::into));
    match done {
        Err(failure) if is_gone(&*failure) => Ok(ExitCode::SUCCESS),
        Ok(false) => Err(nothing(&found, &wanted).into()),
        done => done.map(|_| ExitCode::SUCCESS),
    }
}

/// Whether anything was found.
fn trace(found: &Found, wanted: &Wanted, out: &mut dyn Write) -> Result<bool, Failure> {
    let lives = match &found.log {
        Some(folder) => in_the_log(folder, wanted)?,
        None => Lives::default(),
    };
    let past = past::find(&found.records, found.key.as_ref(), wanted)?;
    let forgotten: Vec<_> = past.iter().filter(|record| !lives.is_whole(record.message)).collect();
    for record in &forgotten {
        words::past(record, out)?;
    }
    words::lives(&lives, out)?;
    if lives.is_cut || past.len() == MESSAGES_MAX {
        writeln!(out, "there is more: only the latest {MESSAGES_MAX} messages are shown")?;
    }
    Ok(!forgotten.is_empty() || !lives.is_empty())
}

fn in_the_log(folder: &Path, wanted: &Wanted) -> Result<Lives, Failure> {
    let mut search = Search::new(wanted);
    // A part leads to its long message, and that to the other parts, before it or behind it.
    loop {
        read(folder, &mut |_, event| search.look(&event))?;
        if !search.looks_again() {
            break;
        }
    }
    let mut lives = Lives::of(search);
    read(folder, &mut |position, event| lives.note(position, event))?;
    Ok(lives)
}

fn read(folder: &Path, each: &mut dyn FnMut(u64, Event)) -> Result<(), Failure> {
    let mut unknown = 0_u64;
    walk(folder, None, &mut |record| {
        match Event::decode(record.bytes) {
            Ok(event) => each(record.position.as_u64(), event),
            Err(_) => unknown += 1,
        }
        Ok(true)
    })?;
    if unknown > 0 {
        tracing::warn!(unknown, "records that this release cannot read are passed over");
    }
    Ok(())
}

/// Why nothing is shown.
fn nothing(found: &Found, wanted: &Wanted) -> String {
    let what = match (&wanted.number, wanted.carrier_ids.first()) {
        (Some(what), _) if wanted.id.is_some() => {
            // An id is no secret, but who types a number gets it back masked.
            let id = String::from_utf8_lossy(what);
            let what: &dyn std::fmt::Display = if what.len() > 15 { &id } else { &Masked(what) };
            return nowhere(found, format_args!("message or number {what}"));
        }
        (Some(what), _) => format!("number {}", Masked(what)),
        (None, id) => {
            format!("carrier's id \"{}\"", id.map(|id| id.escape_ascii().to_string()).unwrap_or_default())
        }
    };
    nowhere(found, format_args!("{what}"))
}

fn nowhere(found: &Found, what: std::fmt::Arguments<'_>) -> String {
    let records = found.records.display();
    let key = match found.key {
        None => "; the records have no key, so numbers are not found there",
        Some(_) => "",
    };
    match &found.log {
        Some(log) => format!("no {what} in the log {} or the records {records}{key}", log.display()),
        None => format!("no {what} in the records {records}{key}"),
    }
}
