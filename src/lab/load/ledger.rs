//! Which messages were accepted, and which receipts have come?
//!
//! A message waits here by the id it was given; ids are octets, compared as they come. When its receipt has come only a
//! hash of the id stays, so that a second receipt is known as one. A receipt that overtakes its response waits for it.
//!
//! Memory: about 100 octets for each message that waits for its receipt, and for each receipt, a million at most, that
//! waits for its message; 9 for each of the last 32 million that are done. The rest goes to the ledger's file, if there
//! is one: a line with the names of the columns, and then one for everything that became known, in its order.
//!
//! ```text
//! event  message  id  what
//! ```
//!
//! | event | message | id | what |
//! |---|---|---|---|
//! | `accepted` | its number; of a part, a dot and the part | as in the response | `receipt`, or `silent` without one |
//! | `refused` (for good) | the same | `-` | the status |
//! | `unanswered` (so far) | the same | `-` | `-` |
//! | `receipt`, `intermediate`, `turned-away` (not taken) | `-` | as in the receipt | its word |
//! | `originated` | `-` | what a phone wrote | `-` |

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::hash::BuildHasher;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use hashbrown::{DefaultHashBuilder, HashMap};
use hdrhistogram::Histogram;

use crate::base::time::Moment;
use crate::lab::load::LoadError;
use crate::lab::load::message::Piece;
use crate::lab::load::outstanding::Outstanding;
use crate::lab::load::report::{Latency, LoadReport};
use crate::lab::load::settings::LoadSettings;
use crate::lab::seen::Seen;
use crate::message::CarrierMessageId;
use crate::smpp::receipt::Stat;
use crate::smpp::status::CommandStatus;
use crate::smpp::values::{MessageState, RegisteredDelivery};

/// Receipts that may wait for their response. Many windows' worth; overflow: they count as unknown at once.
const EARLY_MAX: usize = 1_000_000;

/// The longest latency that is told from a longer one, in microseconds: an hour.
const LATENCY_MAX: u64 = 3_600_000_000;

/// Different words in receipts that are counted apart; any carrier has far fewer. Overflow: counted as `(others)`.
const WORDS_MAX: usize = 100;

/// The books of a run.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Counters, in the form in which they are reported.
    pub(super) report: LoadReport,
    /// Whether receipts are asked for.
    wants_receipts: bool,
    /// Whether they are asked for whatever the outcome.
    every_outcome: bool,
    /// Accepted messages whose receipt has not come, and when they were sent.
    waiting: Outstanding,
    /// Receipts of messages that have not been accepted yet, and when they came.
    early: HashMap<CarrierMessageId, Moment>,
    /// Hashes of the ids of those that are done.
    done: Seen,
    hasher: DefaultHashBuilder,
    refused: BTreeMap<CommandStatus, u64>,
    states: [u64; 10],
    words: BTreeMap<String, u64>,
    response: Histogram<u64>,
    receipt: Histogram<u64>,
    accepted_file: Option<BufWriter<File>>,
    file: Option<BufWriter<File>>,
    /// Hashes of what phones wrote.
    originated: Seen,
    /// Binds that have not sent everything, or have not heard what became of it.
    pub(super) senders: usize,
    start: Moment,
    /// When the last answer came.
    last_answer: Moment,
    /// When the last receipt came.
    last_receipt: Moment,
}

impl Ledger {
    /// Opens the books.
    ///
    /// # Errors
    /// When the file for accepted ids cannot be created.
    pub(super) fn new(settings: &LoadSettings) -> Result<Self, LoadError> {
        let histogram = || {
            Histogram::new_with_bounds(1, LATENCY_MAX, 3)
                .map_err(|_| LoadError::Settings("latency".to_owned()))
        };
        let create = |path: &Path| {
            let file = File::create(path);
            file.map(BufWriter::new).map_err(|error| LoadError::File(path.to_owned(), error))
        };
        Ok(Self {
            report: LoadReport { seed: settings.seed, ..LoadReport::default() },
            wants_receipts: settings.receipts,
            every_outcome: settings.receipts
                && settings.registered_delivery.is_none_or(|asked| RegisteredDelivery(asked).receipt() == 1),
            waiting: Outstanding::new(),
            early: HashMap::new(),
            done: Seen::default(),
            hasher: DefaultHashBuilder::default(),
            refused: BTreeMap::new(),
            states: [0; 10],
            words: BTreeMap::new(),
            response: histogram()?,
            receipt: histogram()?,
            accepted_file: settings.accepted_file.as_deref().map(create).transpose()?,
            file: settings.ledger_file.as_deref().map(create).transpose()?,
            originated: Seen::default(),
            senders: 0,
            start: Moment::default(),
            last_answer: Moment::default(),
            last_receipt: Moment::default(),
        })
    }

    /// The run begins.
    pub(super) fn begin(&mut self, start: Moment, run: String, senders: usize) {
        self.note("event", &"message", b"id", &"what");
        self.report.run = run;
        self.senders = senders;
        (self.start, self.last_answer, self.last_receipt) = (start, start, start);
    }

    /// A message was accepted.
    pub(super) fn accepted(&mut self, piece: Piece, id: &[u8], sent: Moment, now: Moment) {
        self.note("accepted", &piece, id, if self.every_outcome { &"receipt" } else { &"silent" });
        self.answered(sent, now);
        self.report.accepted += 1;
        if id.is_empty() {
            self.report.accepted_without_id += 1;
            return;
        }
        if let Some(file) = &mut self.accepted_file
            && let Err(error) = write_line(file, id)
        {
            tracing::error!(%error, "accepted ids cannot be written any more");
            self.accepted_file = None;
        }
        if !self.wants_receipts {
            return;
        }
        let id = CarrierMessageId::new(id);
        if let Some(came) = self.early.remove(&id) {
            self.report.early += 1;
            self.complete(&id, sent, came.max(sent));
        } else if self.is_done(&id) || !self.waiting.insert(id, sent) {
            self.report.ids_repeated += 1;
        }
    }

    /// A message was refused, for good or to be sent again.
    pub(super) fn refused(&mut self, status: CommandStatus, sent: Moment, now: Moment) {
        self.answered(sent, now);
        self.report.throttled += u64::from(status.is_backpressure());
    }

    /// A message that was refused is not sent again.
    pub(super) fn refused_for_good(&mut self, piece: Piece, status: CommandStatus) {
        self.note("refused", &piece, b"-", &status);
        *self.refused.entry(status).or_default() += 1;
    }

    /// Nobody has said what became of a message.
    pub(super) fn unanswered(&mut self, piece: Piece) {
        self.note("unanswered", &piece, b"-", &"-");
        self.report.unanswered += 1;
    }

    /// A phone wrote this.
    pub(super) fn originated(&mut self, text: &[u8], now: Moment) {
        self.note("originated", &"-", text, &"-");
        self.last_receipt = now;
        self.report.originated += 1;
        let is_new = self.originated.insert(self.hasher.hash_one(text));
        self.report.originated_again += u64::from(!is_new);
    }

    /// Something came, and was answered with an error.
    pub(super) fn turned_away(&mut self, id: &[u8], stat: Option<Stat<'_>>, now: Moment) {
        self.note("turned-away", &"-", id, &Word(stat));
        self.last_receipt = now;
        self.report.turned_away += 1;
    }

    fn answered(&mut self, sent: Moment, now: Moment) {
        self.last_answer = now;
        self.response.saturating_record(micros(sent, now));
    }

    /// A receipt came.
    pub(super) fn receipt(&mut self, id: &[u8], stat: Option<Stat<'_>>, intermediate: bool, now: Moment) {
        self.note(if intermediate { "intermediate" } else { "receipt" }, &"-", id, &Word(stat));
        self.last_receipt = now;
        self.count_state(stat);
        if intermediate {
            self.report.intermediate += 1;
            return;
        }
        let id = CarrierMessageId::new(id);
        if let Some(sent) = self.waiting.remove(&id) {
            self.complete(&id, sent, now);
        } else if self.is_done(&id) || self.early.contains_key(&id) {
            self.report.duplicates += 1;
        } else if self.early.len() < EARLY_MAX && !id.is_empty() {
            self.early.insert(id, now);
        } else {
            self.report.unknown += 1;
        }
    }

    fn complete(&mut self, id: &CarrierMessageId, sent: Moment, came: Moment) {
        self.report.receipts += 1;
        self.receipt.saturating_record(micros(sent, came));
        self.done.insert(self.hasher.hash_one(id));
    }

    fn is_done(&self, id: &CarrierMessageId) -> bool {
        self.done.contains(self.hasher.hash_one(id))
    }

    fn count_state(&mut self, stat: Option<Stat<'_>>) {
        let word = match stat {
            Some(Stat::State(state)) => {
                if let Some(count) = self.states.get_mut(usize::from(state.0)) {
                    *count += 1;
                    return;
                }
                state.to_string()
            }
            Some(Stat::Other(word)) => word.escape_ascii().to_string(),
            None => "(none)".to_owned(),
        };
        let known = self.words.contains_key(&word) || self.words.len() < WORDS_MAX;
        *self.words.entry(if known { word } else { "(others)".to_owned() }).or_default() += 1;
    }

    /// Accepted messages whose receipt has not come.
    pub(super) const fn outstanding(&self) -> usize {
        self.waiting.len()
    }

    /// When something last came.
    pub(super) fn last_heard(&self) -> Moment {
        self.last_receipt.max(self.last_answer)
    }

    fn note(&mut self, event: &str, message: &dyn fmt::Display, id: &[u8], what: &dyn fmt::Display) {
        let Some(file) = &mut self.file else { return };
        let id = if id.is_empty() { b"-" } else { id }.escape_ascii();
        if let Err(error) = writeln!(file, "{event}\t{message}\t{id}\t{what}") {
            tracing::error!(%error, "the ledger cannot be written any more");
            self.file = None;
        }
    }

    /// Writes the files to the disk.
    pub(super) fn flush(&mut self) {
        for file in [&mut self.accepted_file, &mut self.file] {
            if let Some(Err(error)) = file.as_mut().map(Write::flush) {
                tracing::error!(%error, "what becomes of messages cannot be written any more");
                *file = None;
            }
        }
    }

    /// Closes the books.
    pub(super) fn close(&mut self) -> LoadReport {
        self.flush();
        let words = (0..).zip(self.states).filter(|(_, count)| *count > 0);
        let words = words.map(|(state, count)| {
            let state = MessageState(state);
            (state.word().map_or_else(|| state.to_string(), str::to_owned), count)
        });
        let per_second = |count: u64, last: Moment| count as f64 / seconds(self.start, last).max(1e-6);
        let mut report = self.report.clone();
        report.receipt_states = words.chain(self.words.clone()).collect();
        report.refused = self.refused.iter().map(|(status, count)| (status.to_string(), *count)).collect();
        report.missing = self.waiting.len() as u64;
        report.unknown += self.early.len() as u64;
        report.seconds = seconds(self.start, self.last_answer);
        report.accepted_per_second = per_second(report.accepted, self.last_answer);
        report.receipts_per_second = per_second(report.receipts, self.last_receipt);
        report.response = Latency::of(&self.response);
        report.receipt = Latency::of(&self.receipt);
        report
    }
}

/// What a receipt says, in a word.
struct Word<'a>(Option<Stat<'a>>);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Stat::State(state)) => match state.word() {
                Some(word) => f.write_str(word),
                None => write!(f, "{state}"),
            },
            Some(Stat::Other(word)) => write!(f, "{}", word.escape_ascii()),
            None => f.write_str("-"),
        }
    }
}

fn write_line(file: &mut BufWriter<File>, id: &[u8]) -> io::Result<()> {
    file.write_all(id)?;
    file.write_all(b"\n")
}

fn micros(from: Moment, to: Moment) -> u64 {
    to.as_micros().saturating_sub(from.as_micros())
}

fn seconds(from: Moment, to: Moment) -> f64 {
    to.since(from).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELIVERED: Option<Stat<'static>> = Some(Stat::State(MessageState::DELIVERED));

    const PIECE: Piece = Piece { number: 1, part: 0 };

    fn at(micros: u64) -> Moment {
        Moment::from_micros(micros)
    }

    fn ledger() -> Ledger {
        Ledger::new(&LoadSettings::new("nowhere:1", "lab")).unwrap()
    }

    #[test]
    fn a_receipt_counts_once_and_again_is_a_duplicate() {
        let mut ledger = ledger();
        ledger.accepted(PIECE, b"1", at(0), at(10));
        assert_eq!(ledger.outstanding(), 1);
        ledger.receipt(b"1", DELIVERED, false, at(2000));
        ledger.receipt(b"1", DELIVERED, false, at(3000));
        let report = ledger.close();
        assert_eq!((report.receipts, report.duplicates, report.missing, report.unknown), (1, 1, 0, 0));
        assert!((1.9..2.1).contains(&report.receipt.max), "{:?}", report.receipt);
    }

    #[test]
    fn a_receipt_before_its_response_is_kept() {
        let mut ledger = ledger();
        ledger.receipt(b"1", DELIVERED, false, at(5));
        ledger.receipt(b"2", DELIVERED, false, at(6));
        ledger.accepted(PIECE, b"1", at(0), at(10));
        ledger.receipt(b"1", DELIVERED, false, at(11));
        let report = ledger.close();
        assert_eq!((report.receipts, report.early, report.duplicates, report.unknown), (1, 1, 1, 1));
    }

    #[test]
    fn an_intermediate_receipt_completes_nothing() {
        let mut ledger = ledger();
        ledger.accepted(PIECE, b"1", at(0), at(10));
        ledger.receipt(b"1", Some(Stat::State(MessageState::ENROUTE)), true, at(11));
        let report = ledger.close();
        assert_eq!((report.receipts, report.intermediate, report.missing), (0, 1, 1));
    }

    #[test]
    fn an_id_given_twice_is_a_fault() {
        let mut ledger = ledger();
        ledger.accepted(PIECE, b"1", at(0), at(10));
        ledger.accepted(PIECE, b"1", at(0), at(10));
        ledger.receipt(b"1", DELIVERED, false, at(11));
        ledger.accepted(PIECE, b"1", at(0), at(12));
        assert_eq!(ledger.close().ids_repeated, 2);
    }
}
