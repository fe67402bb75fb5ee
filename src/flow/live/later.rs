//! Receipts that a customer wants later, each until its own time.

use std::collections::{BTreeMap, BTreeSet};

use super::customer::Owed;
use crate::base::time::Moment;

/// What waits for its own time, found by the time and by the turn. Bounded with what waits for no time, by
/// `ReceiptSettings::max`.
#[derive(Debug, Default)]
pub(super) struct Later {
    by_turn: BTreeMap<u64, (Moment, Owed)>,
    by_time: BTreeSet<(Moment, u64)>,
}

impl Later {
    /// One more waits, until then.
    pub(super) fn put(&mut self, owed: Owed, until: Moment) {
        self.by_turn.insert(owed.turn(), (until, owed));
        self.by_time.insert((until, owed.turn()));
    }

    /// The next one whose time has come, once.
    pub(super) fn due(&mut self, now: Moment) -> Option<Owed> {
        let (_, turn) = self.by_time.first().copied().filter(|(until, _)| *until <= now)?;
        self.take(turn)
    }

    /// The one whose turn would be first.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.by_turn.first_key_value().map(|(turn, _)| *turn)
    }

    /// Takes one away, whenever its time comes.
    pub(super) fn take(&mut self, turn: u64) -> Option<Owed> {
        let (until, owed) = self.by_turn.remove(&turn)?;
        self.by_time.remove(&(until, turn));
        Some(owed)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.by_turn.len()
    }

    /// All of them, oldest first.
    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &Owed> {
        self.by_turn.values().map(|(_, owed)| owed)
    }
}
