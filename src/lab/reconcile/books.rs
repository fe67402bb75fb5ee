//! What does each side say? Reads the ledger of the load generator, the journals of the simulated carrier, the
//! gateway's status and its detail records.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

use serde_json::Value;

/// Columns of detail records that are looked for, by any of these names; others do not matter.
const DETAIL_ID: [&str; 3] = ["message_id", "id", "message"];
/// The class of the outcome.
const DETAIL_CLASS: [&str; 2] = ["class", "outcome"];
/// How many copies of the message were sent to carriers beside the first.
const DETAIL_COPIES: [&str; 1] = ["copies"];
const DETAIL_VERDICT: [&str; 1] = ["verdict"];
/// The verdicts of records that correct others.
const CORRECT: [&str; 2] = ["late_receipt", "recounted"];

/// The status of a submission whose fate the gateway did not know.
const SYSTEM_ERROR: &str = "ESME_RSYSERR";

/// A message by its number, and which part of it; 0 for a message without parts.
pub(super) type Piece = (u64, u8);

/// Everything that was said. Memory: some 200 octets for each message.
#[derive(Default, Debug)]
pub struct Books {
    /// What the customer submitted.
    pub(super) sent: HashMap<Piece, Sent>,
    /// What was heard about each id.
    pub(super) heard: HashMap<Box<str>, Heard>,
    /// What the carrier took, by the token in its body.
    pub(super) taken: HashMap<Piece, Taken>,
    /// Submissions at the carrier whose token says nothing.
    pub(super) strange: u64,
    /// Messages from phones: what the customer got, and how often.
    pub(super) originated: HashMap<Box<str>, u32>,
    /// Messages from phones that the gateway acknowledged.
    pub(super) acknowledged: HashSet<Box<str>>,
    /// The gateway's counts.
    pub(super) status: Option<Status>,
    /// Receipts that the carrier sent about messages that nobody submitted.
    pub(super) foreign: u64,
    /// Detail records, if there are any.
    pub(super) details: Option<Details>,
}

/// What the customer knows of a submission.
#[derive(Default, Debug)]
pub(super) struct Sent {
    /// Times it was accepted; more than once only when it was submitted more than once.
    pub(super) accepted: u32,
    /// Times nobody said what became of it.
    pub(super) unanswered: u32,
    /// Times it was refused with a system error.
    pub(super) failed: u32,
    /// Whether it asked for no receipt, or not for every outcome.
    pub(super) silent: bool,
    /// The ids it was given.
    pub(super) ids: Vec<Box<str>>,
}

/// What was heard about an id.
#[derive(Default, Debug)]
pub(super) struct Heard {
    /// Final receipts taken.
    pub(super) finals: u32,
    /// What they said, each word once.
    pub(super) words: Vec<Box<str>>,
}

/// What the carrier did with a submission.
#[derive(Default, Debug)]
pub(super) struct Taken {
    /// Times it was taken.
    pub(super) count: u32,
    /// What receipts say about it.
    pub(super) words: Vec<Box<str>>,
}

/// The gateway's counts over all accounts and carriers.
#[derive(Default, Debug)]
pub(super) struct Status {
    pub(super) accepted: u64,
    pub(super) ended: BTreeMap<String, u64>,
    pub(super) carriers_ended: BTreeMap<String, u64>,
    pub(super) open: u64,
    pub(super) receipts_waiting: u64,
    pub(super) foreign: u64,
}

/// Detail records.
#[derive(Default, Debug)]
pub(super) struct Details {
    pub(super) classes: BTreeMap<String, u64>,
    ids: HashSet<Box<str>>,
    /// Ids that have more than one.
    pub(super) repeated: Vec<Box<str>>,
    /// Records that say that more than one copy was sent.
    pub(super) copied: u64,
    /// Records in all.
    pub(super) count: u64,
}

impl Books {
    /// Reads what the load generator wrote with `--ledger`; several of them when their numbers differ.
    ///
    /// # Errors
    /// Says which line is none of a ledger, or that it cannot be read.
    pub fn read_ledger(&mut self, file: impl BufRead) -> Result<(), String> {
        each_line(file, |fields| {
            let &[event, message, id, what] = fields else { return None };
            match event {
                "accepted" => {
                    let sent = self.sent.entry(piece_of(message)?).or_default();
                    sent.accepted += 1;
                    sent.silent |= what == "silent";
                    sent.ids.push(id.into());
                }
                "unanswered" => self.sent.entry(piece_of(message)?).or_default().unanswered += 1,
                "refused" => {
                    let sent = self.sent.entry(piece_of(message)?).or_default();
                    sent.failed += u32::from(what.contains(SYSTEM_ERROR));
                }
                "receipt" => {
                    let heard = self.heard.entry(id.into()).or_default();
                    heard.finals += 1;
                    add_word(&mut heard.words, what);
                }
                "originated" => *self.originated.entry(id.into()).or_default() += 1,
                "intermediate" | "turned-away" | "event" => {}
                _ => return None,
            }
            Some(())
        })
    }

    /// Reads what the simulated carrier wrote with `--journal`.
    ///
    /// # Errors
    /// As [`Books::read_ledger`].
    pub fn read_journal(&mut self, file: impl BufRead) -> Result<(), String> {
        each_line(file, |fields| {
            let &[_arrival, _id, _answer, token, _key, copy, _millis, outcome] = fields else { return None };
            if copy == "-" {
                return Some(());
            }
            let Some(piece) = piece_of_token(token) else {
                self.strange += 1;
                return Some(());
            };
            let taken = self.taken.entry(piece).or_default();
            taken.count += 1;
            for word in outcome.split('+').filter(|word| *word != "-") {
                add_word(&mut taken.words, word);
            }
            Some(())
        })
    }

    /// Reads what the simulated carrier wrote with `--originated-journal`.
    ///
    /// # Errors
    /// As [`Books::read_ledger`].
    pub fn read_originated(&mut self, file: impl BufRead) -> Result<(), String> {
        each_line(file, |fields| {
            let &[_number, token, _to, answer] = fields else { return None };
            if answer == "acknowledged" {
                self.acknowledged.insert(token.into());
            }
            Some(())
        })
    }

    /// Reads a file of detail records: a line of column names, and a record in each line behind it. May be called for
    /// one file after another.
    ///
    /// # Errors
    /// As [`Books::read_ledger`].
    pub fn read_details(&mut self, file: impl BufRead) -> Result<(), String> {
        let details = self.details.get_or_insert_default();
        let mut columns = None;
        each_line(file, |fields| {
            let place = |names: &[&str]| fields.iter().position(|field| names.contains(field));
            let Some((id, class, copies, verdict)) = columns else {
                let (copies, verdict) = (place(&DETAIL_COPIES), place(&DETAIL_VERDICT));
                columns = Some((place(&DETAIL_ID)?, place(&DETAIL_CLASS)?, copies, verdict));
                return Some(());
            };
            // What corrects an end is no end of its own.
            if verdict.is_some_and(|place| fields.get(place).is_some_and(|verdict| CORRECT.contains(verdict)))
            {
                return Some(());
            }
            details.count += 1;
            *details.classes.entry((*fields.get(class)?).to_owned()).or_default() += 1;
            let id: &str = fields.get(id)?;
            if !details.ids.insert(id.into()) {
                details.repeated.push(id.into());
            }
            let copies = copies.and_then(|place| fields.get(place)?.parse::<u64>().ok());
            details.copied += u64::from(copies.is_some_and(|copies| copies > 0));
            Some(())
        })
    }

    /// Takes the gateway's status, as its control listener gives it.
    ///
    /// # Errors
    /// When it is no status.
    pub fn read_status(&mut self, status: &Value) -> Result<(), String> {
        let of = |part: &Value, key: &str| part.get(key).and_then(Value::as_u64).unwrap_or_default();
        let list = |key: &str| status.get(key).and_then(Value::as_array).ok_or_else(|| format!("no `{key}`"));
        let mut counts = Status { open: of(status, "open"), ..Status::default() };
        for account in list("accounts")? {
            counts.accepted += of(account, "accepted");
            counts.receipts_waiting += of(account, "receipts_waiting");
            add_classes(&mut counts.ended, account);
        }
        for carrier in list("carriers")? {
            counts.foreign += of(carrier, "foreign_receipts");
            add_classes(&mut counts.carriers_ended, carrier);
        }
        self.status = Some(counts);
        Ok(())
    }

    /// Takes the totals of the simulated carrier.
    pub fn read_totals(&mut self, totals: &Value) {
        self.foreign += totals.get("receipts_foreign").and_then(Value::as_u64).unwrap_or_default();
    }
}

fn add_classes(classes: &mut BTreeMap<String, u64>, part: &Value) {
    for (class, count) in part.get("ended").and_then(Value::as_object).into_iter().flatten() {
        *classes.entry(class.clone()).or_default() += count.as_u64().unwrap_or_default();
    }
}

fn add_word(words: &mut Vec<Box<str>>, word: &str) {
    if !words.iter().any(|known| **known == *word) {
        words.push(word.into());
    }
}

/// Calls `take` with the fields of each line; `None` from it is a fault.
fn each_line(file: impl BufRead, mut take: impl FnMut(&[&str]) -> Option<()>) -> Result<(), String> {
    for (number, line) in file.lines().enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        let fields: Vec<&str> = line.split('\t').collect();
        take(&fields).ok_or_else(|| format!("line {} is not as it should be", number + 1))?;
    }
    Ok(())
}

/// `17`, or `17.2` for a part.
fn piece_of(message: &str) -> Option<Piece> {
    match message.split_once('.') {
        Some((number, part)) => Some((number.parse().ok()?, part.parse().ok()?)),
        None => Some((message.parse().ok()?, 0)),
    }
}

/// From `tg-`, the run, `-` and ten digits; of a part with a dot and two hexadecimal digits behind.
fn piece_of_token(token: &str) -> Option<Piece> {
    let (_run, rest) = token.strip_prefix("tg-")?.split_once('-')?;
    let (number, rest) = rest.split_at_checked(10)?;
    let part = match rest.strip_prefix('.') {
        Some(part) => u8::from_str_radix(part.get(..2)?, 16).ok()?,
        None => 0,
    };
    Some((number.parse().ok()?, part))
}
