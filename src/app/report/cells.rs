//! What is counted in a report, from wherever it is known: the running gateway's book, or the records.
//!
//! Both ways come to the same cells. A message belongs to the day of its acceptance (A26), by names instead of numbers,
//! so that cells of different processes and archives can be compared.
//!
//! Of a closed period there are two parts: the cells as they were at the close, with what was open then as pending, and
//! what came since. From records both are told apart by where in the log a message ended. A record of a late receipt
//! takes the place of a pending one, before the close in the cells, and after it beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::names::Names;
use crate::base::ids::{MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::detail::MessageRecord;
use crate::engine::door::Ends;
use crate::message::{Billed, Category, Detail, FactId, Outcome, Recounted, Verdict, Zone};
use crate::sla::book::{Adjustment, Cell, CellKey, Closing, ContractDay};
use crate::sla::never_reported;
use crate::sla::terms::Period;

/// What a cell counts; the account is that of the report.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The day of acceptance.
    pub day: ContractDay,
    /// The carrier that had them last; empty when none was ever chosen.
    pub carrier: Arc<str>,
    /// What kind of messages.
    pub category: Category,
    /// Where they went.
    pub zone: Zone,
}

/// All cells of an account and a period, in the order of their places. There are at most
/// [`CELLS_MAX`](crate::sla::book::CELLS_MAX) from a book, and as many adjustments; from records as many as the
/// settings of the time had carriers and zones.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cells {
    /// What is less in one of these was corrected before it was counted: records and log are read one after the other.
    counted: BTreeMap<Place, Adjustment>,
    adjusted: BTreeMap<Place, Adjustment>,
}

/// Whose ends count, and when they happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted<'a> {
    /// The account.
    pub account: &'a str,
    /// The period in which the message was submitted.
    pub period: Period,
    /// Until when it ended, this instant included: what was open then is not counted.
    pub until: Timestamp,
    /// The close of the period, which is not later; none while it is open. Where it does not say which record of the
    /// log it was, times decide what came before it.
    pub closing: Option<Closing>,
}

/// The end of a message, as a record has it.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    position: u64,
    message: MessageId,
    account: &'a str,
    carrier: &'a str,
    category: Category,
    zone: Zone,
    accepted_at: Timestamp,
    ended_at: Timestamp,
    outcome: &'a Outcome,
    evidence: Option<FactId>,
    verdict: Verdict,
    /// What a message that is recounted had been counted as.
    was: Option<(Outcome, Option<FactId>)>,
    billed: &'a Billed,
}

/// What became of an end that was to be counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is not wanted.
    Not,
    /// It is in the cells.
    Counted,
    /// It came after the close.
    Later {
        /// Whether its message counts as pending in the cells.
        was_open: bool,
    },
}

impl<'a> From<&'a MessageRecord> for End<'a> {
    fn from(record: &'a MessageRecord) -> Self {
        let MessageRecord { account, carrier, category, zone, accepted_at, ended_at, .. } = record;
        Self {
            position: record.position,
            message: record.message,
            account,
            carrier: carrier.as_deref().unwrap_or_default(),
            category: *category,
            zone: *zone,
            accepted_at: *accepted_at,
            ended_at: *ended_at,
            outcome: &record.outcome,
            evidence: record.evidence,
            verdict: record.verdict,
            was: record
                .recounted
                .zip(record.own_class)
                .map(|((_, was), class)| Outcome { class, excluded_by: None, ..record.outcome }.on(was)),
            billed: &record.billed,
        }
    }
}

impl<'a> From<(RecordNumber, &'a Recounted, &'a Outcome)> for End<'a> {
    /// With what it counts as now.
    fn from((position, recounted, outcome): (RecordNumber, &'a Recounted, &'a Outcome)) -> Self {
        let Recounted { account, carrier, recount } = recounted;
        Self {
            position: position.0,
            message: recount.message,
            account,
            carrier,
            category: recount.category,
            zone: recount.zone,
            accepted_at: recount.accepted_at,
            ended_at: recount.at,
            outcome,
            evidence: recount.outcome.on(recount.now).1,
            verdict: Verdict::Recounted,
            was: Some(recount.outcome.on(recount.was)),
            billed: const { &Billed::FREE },
        }
    }
}

impl<'a> From<(RecordNumber, &'a Detail)> for End<'a> {
    fn from((position, detail): (RecordNumber, &'a Detail)) -> Self {
        let Detail { account, carrier, category, zone, accepted_at, ended_at, .. } = detail;
        Self {
            position: position.0,
            message: detail.message,
            account,
            carrier: carrier.as_deref().unwrap_or_default(),
            category: *category,
            zone: *zone,
            accepted_at: *accepted_at,
            ended_at: *ended_at,
            outcome: &detail.outcome,
            evidence: detail.evidence,
            verdict: detail.verdict,
            was: None,
            billed: &detail.billed,
        }
    }
}

impl<'a> End<'a> {
    /// What the message cost.
    #[must_use]
    pub const fn billed(&self) -> &'a Billed {
        self.billed
    }

    /// Whether it is about an account's message of a period.
    #[must_use]
    pub fn is_of(&self, wanted: &Wanted<'_>) -> bool {
        let day = ContractDay::of(self.accepted_at);
        self.account == wanted.account && wanted.period.contains(day.start())
    }

    fn is_before(&self, closing: &Closing) -> bool {
        match closing.home {
            RecordNumber(0) => self.ended_at <= closing.at,
            home => self.position < home.0,
        }
    }

    /// Whether a message that ended after the close was open then: it was there.
    fn was_open(&self, closing: &Closing) -> bool {
        match closing.last_id {
            Some(last) => self.message <= last,
            None => closing.home == RecordNumber(0) && self.accepted_at <= closing.at,
        }
    }

    fn place(&self) -> Place {
        let day = ContractDay::of(self.accepted_at);
        Place { day, carrier: self.carrier.into(), category: self.category, zone: self.zone }
    }
}

impl Cells {
    /// The cells of a book; those of the account and the period have been chosen already.
    #[must_use]
    pub fn of_book(ends: &Ends, names: &dyn Names) -> Self {
        let mut cells = Self::default();
        for (key, cell) in &ends.cells {
            cells.counted.entry(Place::of(key, names)).or_default().more.merge(cell);
        }
        for (key, adjustment) in &ends.adjusted {
            cells.adjusted.entry(Place::of(key, names)).or_default().merge(adjustment);
        }
        cells
    }

    /// Counts one end from the records, if it is wanted.
    pub fn take(&mut self, wanted: &Wanted<'_>, end: &End<'_>) -> Taken {
        if !end.is_of(wanted) {
            return Taken::Not;
        }
        let is_over = end.ended_at <= wanted.until;
        let was = match end.verdict {
            Verdict::LateReceipt => Some((never_reported(), None)),
            _ => end.was,
        };
        let closing = wanted.closing.filter(|closing| !end.is_before(closing));
        let was_open = was.is_none() && closing.is_some_and(|closing| end.was_open(&closing));
        if was_open {
            self.open(end.place(), 1);
        }
        if is_over {
            let cells = if closing.is_some() { &mut self.adjusted } else { &mut self.counted };
            let cell = cells.entry(end.place()).or_default();
            if let Some((was, evidence)) = was.or_else(|| was_open.then(|| (never_reported(), None))) {
                cell.remove(&was, evidence);
            }
            cell.add(end.outcome, end.evidence);
        }
        match closing {
            Some(_) => Taken::Later { was_open },
            None if is_over => Taken::Counted,
            None => Taken::Not,
        }
    }

    /// So many messages were open when the period closed.
    pub fn open(&mut self, place: Place, messages: u64) {
        self.counted.entry(place).or_default().more.count_many(&never_reported(), messages);
    }

    /// The cells, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Place, &Cell)> {
        let cells = self.counted.iter().map(|(place, counted)| (place, &counted.more));
        cells.filter(|(_, cell)| !cell.is_empty())
    }

    /// What came after the close, in order.
    pub fn adjusted(&self) -> impl Iterator<Item = (&Place, &Adjustment)> {
        self.adjusted.iter().filter(|(_, adjustment)| !adjustment.is_nothing())
    }
}

impl Place {
    /// That of a cell of a book.
    #[must_use]
    pub fn of(key: &CellKey, names: &dyn Names) -> Self {
        let carrier = names.carrier_name(key.carrier).into();
        Self { day: key.day, carrier, category: key.category, zone: key.zone }
    }
}
