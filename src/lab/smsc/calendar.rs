//! Which receipts are due?
//!
//! Ticks of a millisecond, each with what falls into it. One task wakes for the earliest tick; a receipt costs what it
//! takes up in a list and, once in a millisecond, a place in a small tree.

use std::collections::{BTreeMap, VecDeque};

use crate::base::time::Moment;
use crate::lab::smsc::receipt::Waiting;

/// Microseconds in a tick: finer than the runtime's timers would be of no use.
const TICK_MICROS: u64 = 1000;

/// Receipts in one piece of a line.
const PIECE: usize = 1024;

/// Receipts in a row, in pieces: millions of them are never copied because there is one more, and what has gone out
/// at the front is free at once.
#[derive(Default, Debug)]
pub(super) struct Line {
    /// None of them is empty.
    pieces: VecDeque<VecDeque<Waiting>>,
    len: usize,
}

impl Line {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds one at the end.
    pub(super) fn push_back(&mut self, receipt: Waiting) {
        self.len += 1;
        match self.pieces.back_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push_back(receipt),
            None => self.pieces.push_back(VecDeque::from([receipt])),
        }
    }

    /// Adds one at the front.
    pub(super) fn push_front(&mut self, receipt: Waiting) {
        self.len += 1;
        match self.pieces.front_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push_front(receipt),
            None => self.pieces.push_front(VecDeque::from([receipt])),
        }
    }

    /// Takes the first one out.
    pub(super) fn pop_front(&mut self) -> Option<Waiting> {
        let piece = self.pieces.front_mut()?;
        let receipt = piece.pop_front()?;
        self.len -= 1;
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        Some(receipt)
    }
}

/// Receipts by the time when they are due.
#[derive(Default, Debug)]
pub(super) struct Calendar {
    ticks: BTreeMap<u64, Line>,
    len: usize,
}

impl Calendar {
    /// Keeps `receipt` until `at`, or up to a tick longer.
    pub(super) fn add(&mut self, at: Moment, receipt: Waiting) {
        self.ticks.entry(at.as_micros().div_ceil(TICK_MICROS)).or_default().push_back(receipt);
        self.len += 1;
    }

    /// How many are kept.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Moment> {
        let (tick, _) = self.ticks.first_key_value()?;
        Some(Moment::from_micros(tick.saturating_mul(TICK_MICROS)))
    }

    /// Takes out the first that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Moment) -> Option<Waiting> {
        let mut entry = self.ticks.first_entry()?;
        if entry.key().saturating_mul(TICK_MICROS) > now.as_micros() {
            return None;
        }
        let receipt = entry.get_mut().pop_front();
        self.len -= usize::from(receipt.is_some());
        if entry.get().is_empty() {
            entry.remove();
        }
        receipt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;
    use crate::smpp::pdu::SubmitSm;
    use crate::smpp::values::MessageState;

    #[test]
    fn receipts_come_in_the_order_of_time_and_never_too_soon() {
        let message = SubmitSm::<&[u8]>::default();
        let mut calendar = Calendar::default();
        for (id, micros) in [(1, 5000), (2, 1001), (3, 5000), (4, 1000)] {
            let state = MessageState::DELIVERED;
            let receipt = Waiting::of(&message, id, state, 0, Timestamp::default()).unwrap();
            calendar.add(Moment::from_micros(micros), receipt);
        }
        assert_eq!(calendar.next(), Some(Moment::from_micros(1000)));
        let mut due = |at| {
            let mut ids = Vec::new();
            while let Some(receipt) = calendar.pop_due(Moment::from_micros(at)) {
                ids.push(receipt.id);
            }
            (ids, calendar.len())
        };
        assert_eq!(due(999), (vec![], 4));
        assert_eq!(due(1999), (vec![4], 3));
        assert_eq!(due(5000), (vec![2, 1, 3], 0));
    }

    #[test]
    fn a_line_keeps_its_order_from_both_ends_over_many_pieces() {
        let message = SubmitSm::<&[u8]>::default();
        let receipt =
            |id| Waiting::of(&message, id, MessageState::DELIVERED, 0, Timestamp::default()).unwrap();
        let (mut line, mut expected) = (Line::default(), VecDeque::new());
        for id in 0..5 * PIECE as u64 {
            if id % 3 == 0 {
                line.push_front(receipt(id));
                expected.push_front(id);
            } else {
                line.push_back(receipt(id));
                expected.push_back(id);
            }
        }
        while let Some(id) = expected.pop_front() {
            assert_eq!(line.pop_front().map(|receipt| receipt.id), Some(id));
            assert_eq!(line.len(), expected.len());
        }
        assert!(line.is_empty() && line.pop_front().is_none());
    }
}
