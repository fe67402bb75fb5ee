//! The records: one line for each message that has ended, written once over all crashes.

use std::collections::BTreeMap;
use std::mem;

use telegraphy::base::ids::{MessageId, RecordNumber};
use telegraphy::flow::Line;
use telegraphy::message::{Detail, ForeignReceipt, Verdict};

use super::chance::Chance;
use super::gateway::Lines;

/// What is written, by its position in the log.
#[derive(Default)]
pub(super) struct Records {
    written: BTreeMap<u64, Line>,
    /// Written and not flushed yet: a crash may take its end away.
    loose: Vec<u64>,
    by_message: BTreeMap<MessageId, u64>,
    /// Those of late receipts.
    late: BTreeMap<MessageId, u64>,
}

fn is_late(detail: &Detail) -> bool {
    detail.verdict == Verdict::LateReceipt
}

impl Lines for Records {
    fn append(&mut self, lines: Vec<(RecordNumber, Line)>) {
        for (RecordNumber(home), line) in lines {
            // What a freed segment had said of it may be missing then, and what is there already is whole.
            if self.written.contains_key(&home) {
                continue;
            }
            if let Line::Message(detail) = &line {
                let named = !detail.account.is_empty() && detail.carrier.as_deref() != Some("");
                assert!(named, "record {home} does not say whose: {detail:?}");
                let by = if is_late(detail) { &mut self.late } else { &mut self.by_message };
                let before = by.insert(detail.message, home);
                assert_eq!(before, None, "{:?} has ended twice: {detail:?}", detail.message);
            }
            self.written.insert(home, line);
            self.loose.push(home);
        }
    }

    fn flush(&mut self) {
        self.loose.clear();
    }
}

impl Records {
    /// Of what was not flushed only the first part is still there.
    pub(super) fn crash(&mut self, chance: &mut Chance) {
        let mut loose = mem::take(&mut self.loose);
        loose.sort_unstable();
        let kept = chance.below(loose.len() as u64 + 1) as usize;
        for home in &loose[kept..] {
            if let Some(Line::Message(detail)) = self.written.remove(home) {
                if is_late(&detail) { &mut self.late } else { &mut self.by_message }.remove(&detail.message);
            }
        }
    }

    pub(super) fn of(&self, message: MessageId) -> Option<&Detail> {
        match self.written.get(self.by_message.get(&message)?) {
            Some(Line::Message(detail)) => Some(detail),
            _ => None,
        }
    }

    /// One for each message that has ended.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Detail> {
        self.all().filter(|detail| !is_late(detail))
    }

    /// What late receipts have corrected.
    pub(super) fn late(&self) -> impl Iterator<Item = &Detail> {
        self.all().filter(|detail| is_late(detail))
    }

    /// Both, in the order in which they came.
    pub(super) fn all(&self) -> impl Iterator<Item = &Detail> {
        self.written.values().filter_map(|line| match line {
            Line::Message(detail) => Some(detail),
            Line::Recounted(_) | Line::Foreign(_) => None,
        })
    }

    pub(super) fn foreign(&self) -> impl Iterator<Item = &ForeignReceipt> {
        self.written.values().filter_map(|line| match line {
            Line::Foreign(foreign) => Some(foreign),
            Line::Recounted(_) | Line::Message(_) => None,
        })
    }
}
