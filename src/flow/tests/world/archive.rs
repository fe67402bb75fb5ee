//! The records of a world, looked through as the engine looks through its files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::ids::{MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::state::State;
use crate::flow::{Flow, Input, Line, LookBack};
use crate::message::{Class, Detail, FactId, Grounds, Outcome, Recount, Verdict};
use crate::sla::book::{Book, CellKey, ContractDay};
use crate::sla::facts::{Facts, Subject};

/// What has been found and is passed on at once: little, so that much comes in between.
const FOUND_AT_ONCE: usize = 2;

#[derive(Default)]
pub(super) struct Archive {
    details: BTreeMap<RecordNumber, Detail>,
    found: VecDeque<Input>,
}

impl Archive {
    /// Takes the records that have come; the messages that late receipts have corrected.
    pub(super) fn take(&mut self, flow: &mut Flow) -> Vec<MessageId> {
        let mut lines = Vec::new();
        flow.take_lines(&mut lines);
        let mut corrected = Vec::new();
        for (home, line) in lines {
            if let Line::Message(detail) = line {
                corrected.extend((detail.verdict == Verdict::LateReceipt).then_some(detail.message));
                self.details.insert(home, detail);
            }
        }
        corrected
    }

    /// The process is gone, and with it what it had found.
    pub(super) fn forget_found(&mut self) {
        self.found.clear();
    }

    /// Some of what has been found.
    pub(super) fn some(&mut self) -> Vec<Input> {
        let some = self.found.len().min(FOUND_AT_ONCE);
        self.found.drain(..some).collect()
    }

    pub(super) fn look_back(&mut self, state: &State, by: &LookBack) {
        let window = by.facts.looks_back(by.fact).unwrap();
        let before = || self.details.iter().filter(|(home, _)| **home < by.before);
        let late = |detail: &Detail| detail.verdict == Verdict::LateReceipt;
        let corrected: BTreeSet<_> =
            before().map(|(_, of)| of).filter(|of| late(of)).map(|of| of.message).collect();
        let mut found = VecDeque::new();
        for (home, detail) in before().filter(|(home, _)| **home > by.behind) {
            if !window.fits(subject(state, detail)) || !late(detail) && corrected.contains(&detail.message) {
                continue;
            }
            let was = grounds(state, &by.facts, detail, FactId(by.fact.0 - 1));
            let now = grounds(state, &by.facts, detail, by.fact);
            let CellKey { account, carrier, category, zone, .. } = key(state, detail);
            found.push_back(Input::Recount(Box::new(Recount {
                fact: by.fact,
                message: detail.message,
                account,
                carrier,
                category,
                zone,
                accepted_at: detail.accepted_at,
                ended: *home,
                at: Timestamp::default(),
                outcome: own(detail),
                was,
                now,
            })));
        }
        found.push_back(Input::RecountedAll { fact: by.fact });
        self.found = found;
    }

    /// What the days come to by what became of each message and by all that was said, whenever that was.
    pub(super) fn added_up(&self, state: &State) -> Book {
        let last: BTreeMap<_, _> = self.details.values().map(|detail| (detail.message, detail)).collect();
        let mut book = Book::default();
        for detail in last.into_values() {
            let grounds = grounds(state, state.facts(), detail, FactId(u32::MAX));
            let (outcome, evidence) = own(detail).on(grounds);
            book.count_by(key(state, detail), &outcome, evidence);
        }
        book
    }
}

fn key(state: &State, detail: &Detail) -> CellKey {
    CellKey {
        day: ContractDay::of(detail.accepted_at),
        account: state.account(&detail.account).unwrap(),
        carrier: state.carrier(detail.carrier.as_deref().unwrap()).unwrap(),
        category: detail.category,
        zone: detail.zone,
    }
}

fn subject<'a>(state: &State, detail: &'a Detail) -> Subject<'a> {
    let CellKey { account, carrier, .. } = key(state, detail);
    Subject { submitted: detail.accepted_at, account, carrier, recipient: &detail.destination }
}

fn own(detail: &Detail) -> Outcome {
    let excluded_by = detail.outcome.excluded_by.filter(|_| detail.own_class == Class::Excluded);
    Outcome { class: detail.own_class, excluded_by, ..detail.outcome }
}

fn grounds(state: &State, facts: &Facts, detail: &Detail, last: FactId) -> Option<Grounds> {
    let load = detail.beyond_load.then_some(Grounds::LOAD);
    let found = facts.excluding_by(subject(state, detail), last);
    found.map(|(why, fact)| Grounds { why, fact: Some(fact) }).or(load)
}
