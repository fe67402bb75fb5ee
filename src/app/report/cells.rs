//! What is counted in a report, from wherever it is known: the running gateway's book, or the records.
//!
//! Both ways come to the same cells. A message belongs to the day of its acceptance (A26), by names instead of numbers,
//! so that cells of different processes and archives can be compared. Here is the one place to take late corrections
//! of a closed period into account: they would be further counts of the same cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::time::Timestamp;
use crate::detail::MessageRecord;
use crate::engine::door::Ends;
use crate::message::{Category, Detail, FactId, Outcome, Zone};
use crate::sla::book::{Cell, ContractDay};
use crate::sla::terms::Period;

use crate::app::names::Names;

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
/// [`CELLS_MAX`](crate::sla::book::CELLS_MAX) from a book; from records as many as the settings of the time had
/// carriers and zones.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cells(BTreeMap<Place, Cell>);

/// Whose ends count, and when they happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted<'a> {
    /// The account.
    pub account: &'a str,
    /// The period in which the message was submitted.
    pub period: Period,
    /// Until when it ended, this instant included: what was open then is not counted.
    pub until: Timestamp,
}

/// The end of a message, as a record has it.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    account: &'a str,
    carrier: &'a str,
    category: Category,
    zone: Zone,
    accepted_at: Timestamp,
    ended_at: Timestamp,
    outcome: &'a Outcome,
    evidence: Option<FactId>,
}

impl<'a> From<&'a MessageRecord> for End<'a> {
    fn from(record: &'a MessageRecord) -> Self {
        let MessageRecord { account, carrier, category, zone, accepted_at, ended_at, .. } = record;
        Self {
            account,
            carrier: carrier.as_deref().unwrap_or_default(),
            category: *category,
            zone: *zone,
            accepted_at: *accepted_at,
            ended_at: *ended_at,
            outcome: &record.outcome,
            evidence: record.evidence,
        }
    }
}

impl<'a> From<&'a Detail> for End<'a> {
    fn from(detail: &'a Detail) -> Self {
        let Detail { account, carrier, category, zone, accepted_at, ended_at, .. } = detail;
        Self {
            account,
            carrier: carrier.as_deref().unwrap_or_default(),
            category: *category,
            zone: *zone,
            accepted_at: *accepted_at,
            ended_at: *ended_at,
            outcome: &detail.outcome,
            evidence: detail.evidence,
        }
    }
}

impl Cells {
    /// The cells of a book; those of the account and the period have been chosen already.
    #[must_use]
    pub fn of_book(ends: &Ends, names: &dyn Names) -> Self {
        let mut cells = Self::default();
        for (key, cell) in &ends.cells {
            let carrier = names.carrier_name(key.carrier).into();
            let place = Place { day: key.day, carrier, category: key.category, zone: key.zone };
            cells.0.entry(place).or_default().merge(cell);
        }
        cells
    }

    /// Counts one end from the records, if it is wanted.
    pub fn take(&mut self, wanted: &Wanted<'_>, end: End<'_>) {
        let day = ContractDay::of(end.accepted_at);
        let is_wanted = end.account == wanted.account
            && end.ended_at <= wanted.until
            && wanted.period.contains(day.start());
        if is_wanted {
            let place = Place { day, carrier: end.carrier.into(), category: end.category, zone: end.zone };
            self.0.entry(place).or_default().count(end.outcome, end.evidence);
        }
    }

    /// The cells, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Place, &Cell)> {
        self.0.iter()
    }
}
