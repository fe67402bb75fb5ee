//! What records and log say of a period, and whether the log remembers the same.

use std::collections::BTreeSet;

use crate::app::report::cells::{Place, Taken};
use crate::app::report::{Cells, End, Wanted};
use crate::base::calendar::Date;
use crate::base::ids::RecordNumber;
use crate::cli::Failure;
use crate::cli::report::at;
use crate::cli::report::recompute::replay::FromLog;
use crate::flow::Line;
use crate::message::Billed;
use crate::sla::book::{Cell, Closing};
use crate::sla::terms::compensation::Fee;

/// What was counted, from wherever.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) cells: Cells,
    /// Messages that were open at the close.
    pub(super) open: u64,
    /// What those cost that are in the cells.
    cost: Fee,
    /// Whether any of them cost something, and whether packages paid for some.
    paid: bool,
    of_packages: bool,
}

impl Counted {
    pub(super) fn take(&mut self, wanted: &Wanted<'_>, end: &End<'_>) {
        match self.cells.take(wanted, end) {
            Taken::Not => {}
            Taken::Later { was_open } => self.open += u64::from(was_open),
            Taken::Counted => {
                let Billed { tariff, cash, credit, voucher, package_segments, .. } = *end.billed();
                self.paid |= tariff != 0;
                self.of_packages |= package_segments > 0;
                self.cost.cash = self.cost.cash.saturating_add(cash).saturating_add(credit);
                self.cost.voucher = self.cost.voucher.saturating_add(voucher);
            }
        }
    }

    /// The same of a line that is in no record yet.
    pub(super) fn take_line(&mut self, wanted: &Wanted<'_>, position: RecordNumber, line: &Line) {
        match line {
            Line::Message(detail) => self.take(wanted, &End::from((position, detail))),
            Line::Recounted(recounted) => {
                let (now, _) = recounted.recount.outcome.on(recounted.recount.now);
                self.take(wanted, &End::from((position, recounted, &now)));
            }
            Line::Foreign(_) => {}
        }
    }

    pub(super) fn open(&mut self, place: &Place, messages: u64) {
        self.cells.open(place.clone(), messages);
        self.open += messages;
    }

    /// What the records say that was consumed.
    pub(super) fn fee(&self) -> Option<Fee> {
        (self.paid && !self.of_packages).then_some(self.cost)
    }

    /// Whether this is what the log remembers of the close.
    pub(super) fn hold_against(&self, read: &FromLog, closing: &Closing) -> Result<(), Failure> {
        let at = at(closing.at.as_millis());
        if self.open != closing.open {
            return Err(format!(
                "the log says that {} messages were open when the period was closed, on {at}, and records and log have \
                 {}: records were changed, or are not all there",
                closing.open, self.open
            )
            .into());
        }
        if read.ends.kept_since > closing.first {
            return Ok(());
        }
        let remembered = Cells::of_book(&read.ends, &read.names);
        let is_same = self.cells.iter().eq(remembered.iter());
        let differing = || {
            let differs = |(place, cell): &(&Place, &Cell)| {
                remembered.iter().find(|(other, _)| other == place).is_none_or(|(_, other)| other != *cell)
            };
            let known: BTreeSet<&Place> = self.cells.iter().map(|(place, _)| place).collect();
            let missing = || remembered.iter().map(|(place, _)| place).find(|place| !known.contains(place));
            self.cells.iter().find(differs).map(|(place, _)| place).or_else(missing)
        };
        match differing().filter(|_| !is_same) {
            None => Ok(()),
            Some(Place { day, carrier, .. }) => Err(format!(
                "of {} with carrier \"{carrier}\" records and log say something else than was counted when the period \
                 was closed, on {at}: messages that were open then have gone to another carrier since, or there were \
                 more kinds of them than are counted apart, or records were changed; only the running gateway has \
                 this report",
                Date::from_days(day.0).written().escape_ascii()
            )
            .into()),
        }
    }
}
