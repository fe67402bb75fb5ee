//! What the close of a period changes, and a receipt that comes for a message that was given up.

use crate::base::ids::{MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::apply::{Changes, Over};
use crate::flow::closing::cell_key;
use crate::flow::late::GivenUp;
use crate::flow::message::Extra;
use crate::flow::state::State;
use crate::message::{Billed, ClosedPeriod, Outcome, Recount};
use crate::sla;
use crate::sla::book::{CellKey, Closing, ContractDay};
use crate::sla::counters::Step;

impl State {
    /// Periods close: what is not over counts as pending (A4).
    pub(super) fn closed(&mut self, home: RecordNumber, at: Timestamp, periods: &[ClosedPeriod]) {
        let (last_id, ahead) = (self.ids.last(), self.clock_offset);
        let fees = self.fees(periods);
        for ((period, open), fee) in periods.iter().zip(self.open_in(periods)).zip(fees) {
            let ClosedPeriod { account, first, last, open: count } = *period;
            let (first, last) = (ContractDay(first), ContractDay(last));
            let closing = Closing { first, last, at, last_id, ahead, open: count, home, fee };
            self.book.close(account, closing, open, &sla::never_reported());
        }
    }

    /// A receipt came for a message, or a part of one, that had been given up.
    pub(super) fn corrected(
        &mut self,
        (id, part): (MessageId, u8),
        at: Timestamp,
        outcome: Outcome,
        changes: &mut Changes,
    ) {
        let (corrected, links) = self.late.reported(id, part, outcome);
        for (carrier, link) in links.iter().filter(|(_, link)| !link.is_empty()) {
            self.finished.remember(*carrier, link);
        }
        let Some((given_up, outcome)) = corrected else { return };
        let GivenUp { message, shown, submitted, parts, grounds, .. } = given_up;
        let (counted, evidence) = outcome.on(self.grounds_for(&message, submitted));
        let (account, carrier) = (message.account, message.carrier);
        let (key, (was, before)) = (cell_key(&message, submitted), sla::never_reported().on(grounds));
        self.book.correct_by(key, (&was, before), (&counted, evidence));
        self.recounts.corrected(message.id);
        let Outcome { class, unmapped, stat, err, .. } = counted;
        self.counters.count(account, carrier, Step::Corrected { class, unmapped });
        if unmapped {
            self.counters.unmapped(carrier, &stat, &err);
        }
        let link = links.into_iter().map(|(_, link)| link).find(|link| !link.is_empty());
        let extra = shown.map(|shown| Extra { shown: Some(shown), ..Extra::default() });
        let (own_class, outcome) = (outcome.class, counted);
        changes.over.push(Over {
            message,
            extra,
            link,
            parts,
            // What it cost was said when it ended.
            billed: Billed::default(),
            sent: 0,
            at,
            outcome,
            own_class,
            evidence,
            corrects: Some(submitted),
        });
    }

    /// A message that was over counts as something else. What its customer was told, and what it cost, stays.
    pub(super) fn recounted(&mut self, recount: Recount, changes: &mut Changes) {
        let Recount { fact, message, account, carrier, category, zone, accepted_at, ended, outcome, .. } =
            recount;
        let key = CellKey { day: ContractDay::of(accepted_at), account, carrier, category, zone };
        let ((was, before), (now, evidence)) = (outcome.on(recount.was), outcome.on(recount.now));
        self.book.correct_by(key, (&was, before), (&now, evidence));
        if outcome.is_silent() {
            self.late.set_grounds(message, recount.now);
        }
        self.recounts.done(fact, ended);
        changes.recounted.push(recount);
    }
}
