//! Facts that were said when messages they are about were over. Such messages are found in the records and counted
//! anew, one after the other in the order of their ends, so that a crash in the middle is gone on from and none is
//! counted anew twice. What ends behind the fact counts by it anyway.
//!
//! Facts are worked off in the order in which they were said: what a message counted as before one follows from what
//! became of it and from the facts before, and need not be remembered.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::flow::decide::DECISION_OCTETS_MAX;
use crate::flow::state::State;
use crate::message::{FactId, Snapshot};
use crate::sla::facts::Facts;

/// Integers in one record of a snapshot: half of what an event may have.
const NUMBERS_PER_RECORD: usize = DECISION_OCTETS_MAX / 2 / 8;

/// What is still to be recounted, and how far that is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Recounts {
    /// The record of each fact, and that by which the last message ended that was counted anew. At most as many as
    /// there are facts.
    pending: BTreeMap<FactId, (RecordNumber, RecordNumber)>,
    /// Messages that a late receipt has corrected meanwhile: as they are counted now, all facts are regarded. At most
    /// as many as can be corrected at all (`LATE_MAX`).
    corrected: HashSet<MessageId>,
}

/// A fact by which messages are to be looked for that were over when it was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LookBack {
    /// The fact, said or taken back by this one.
    pub fact: FactId,
    /// What ended in this record of the log or an earlier one is done.
    pub behind: RecordNumber,
    /// What ended in this record or a later one counts by the fact already.
    pub before: RecordNumber,
    /// All facts.
    pub facts: Facts,
    /// The accounts' names, and their numbers.
    pub accounts: BTreeMap<Box<str>, AccountId>,
    /// The carriers' names, and their numbers.
    pub carriers: BTreeMap<Box<str>, CarrierId>,
}

impl Recounts {
    /// A fact was said in this record of the log that looks back.
    pub(super) fn add(&mut self, fact: FactId, home: RecordNumber) {
        self.pending.insert(fact, (home, RecordNumber(0)));
    }

    /// The fact that is worked off.
    pub(super) fn first(&self) -> Option<FactId> {
        self.pending.first_key_value().map(|(fact, _)| *fact)
    }

    /// Whether a fact is not worked off.
    pub(super) fn has(&self, fact: FactId) -> bool {
        self.pending.contains_key(&fact)
    }

    /// Whether a message that ended so is still to be counted anew by this fact.
    pub(super) fn wants(&self, fact: FactId, ended: RecordNumber) -> bool {
        let pending = self.pending.first_key_value().filter(|(first, _)| **first == fact);
        pending.is_some_and(|(_, (home, done))| *done < ended && ended < *home)
    }

    /// Messages that ended up to this record are counted anew.
    pub(super) fn done(&mut self, fact: FactId, ended: RecordNumber) {
        if let Some((_, done)) = self.pending.get_mut(&fact) {
            *done = ended;
        }
    }

    /// All messages are.
    pub(super) fn all_done(&mut self, fact: FactId) {
        self.pending.remove(&fact);
        if self.pending.is_empty() {
            self.corrected.clear();
        }
    }

    /// A late receipt has corrected a message.
    pub(super) fn corrected(&mut self, message: MessageId) {
        if !self.pending.is_empty() {
            self.corrected.insert(message);
        }
    }

    /// Whether a late receipt has corrected a message since.
    pub(super) fn is_corrected(&self, message: MessageId) -> bool {
        self.corrected.contains(&message)
    }

    /// As integers: how many facts, three for each, and the ids of messages.
    fn to_numbers(&self) -> Vec<Vec<u64>> {
        let fact = |(fact, (home, done)): (&FactId, &(RecordNumber, RecordNumber))| {
            [u64::from(fact.0), home.0, done.0]
        };
        let facts: Vec<_> = self.pending.iter().map(fact).collect();
        let mut corrected: Vec<_> = self.corrected.iter().map(|message| message.as_u64()).collect();
        corrected.sort_unstable();
        let with = |facts: &[[u64; 3]], ids: &[u64]| {
            let count = [facts.len() as u64];
            [&count, facts.as_flattened(), ids].concat()
        };
        let of_facts = facts.chunks(NUMBERS_PER_RECORD / 3).map(|facts| with(facts, &[]));
        of_facts.chain(corrected.chunks(NUMBERS_PER_RECORD).map(|ids| with(&[], ids))).collect()
    }

    pub(super) fn add_numbers(&mut self, numbers: &[u64]) {
        let Some((count, rest)) = numbers.split_first() else { return };
        let facts = usize::try_from(*count).unwrap_or(usize::MAX).saturating_mul(3).min(rest.len());
        let (facts, ids) = rest.split_at(facts);
        for [fact, home, done] in facts.as_chunks::<3>().0 {
            let fact = FactId(u32::try_from(*fact).unwrap_or(u32::MAX));
            self.pending.insert(fact, (RecordNumber(*home), RecordNumber(*done)));
        }
        self.corrected.extend(ids.iter().filter_map(|id| MessageId::from_u64(*id)));
    }
}

impl State {
    /// What is to be looked for next, and by what.
    pub(super) fn look_back(&self) -> Option<LookBack> {
        let (fact, (before, behind)) = self.recounts.pending.first_key_value()?;
        let accounts = self.accounts.iter().map(|(number, name)| (name.into(), AccountId(number)));
        let carriers = self.carriers.iter().map(|(number, name)| (name.into(), CarrierId(number)));
        Some(LookBack {
            fact: *fact,
            behind: *behind,
            before: *before,
            facts: self.facts.clone(),
            accounts: accounts.collect(),
            carriers: carriers.collect(),
        })
    }

    /// What is not worked off yet, beside the facts themselves.
    pub(super) fn recounts_to_snapshot(&self) -> impl Iterator<Item = Snapshot> {
        self.recounts.to_numbers().into_iter().map(|numbers| Snapshot::Recounts { numbers })
    }
}
