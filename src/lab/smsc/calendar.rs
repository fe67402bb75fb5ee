//! Which receipts are due?
//!
//! Ticks of a millisecond, each with what falls into it. One task wakes for the earliest tick; a receipt costs what it
//! takes up in a list and, once in a millisecond, a place in a small tree.

use std::collections::BTreeMap;

use crate::base::time::Moment;
use crate::lab::smsc::receipt::Waiting;

/// Microseconds in a tick: finer than the runtime's timers would be of no use.
const TICK_MICROS: u64 = 1000;

/// Receipts by the time when they are due.
#[derive(Default, Debug)]
pub(super) struct Calendar {
    ticks: BTreeMap<u64, Vec<Waiting>>,
    len: usize,
}

impl Calendar {
    /// Keeps `receipt` until `at`, or up to a tick longer.
    pub(super) fn add(&mut self, at: Moment, receipt: Waiting) {
        self.ticks.entry(at.as_micros().div_ceil(TICK_MICROS)).or_default().push(receipt);
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

    /// Takes out what is due at `now`, in the order of time.
    pub(super) fn take_due(&mut self, now: Moment, mut take: impl FnMut(Waiting)) {
        while let Some(entry) = self.ticks.first_entry()
            && entry.key().saturating_mul(TICK_MICROS) <= now.as_micros()
        {
            let receipts = entry.remove();
            self.len -= receipts.len();
            receipts.into_iter().for_each(&mut take);
        }
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
            calendar.take_due(Moment::from_micros(at), |receipt| ids.push(receipt.id));
            (ids, calendar.len())
        };
        assert_eq!(due(999), (vec![], 4));
        assert_eq!(due(1999), (vec![4], 3));
        assert_eq!(due(5000), (vec![2, 1, 3], 0));
    }
}
