//! The log of a world, and what a reader of it sees.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::base::ids::RecordNumber;
use crate::message::Event;

/// The log: every record, in order, as long as it is not trimmed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::flow::tests) struct Records {
    /// The number of the first that is left.
    pub(in crate::flow::tests) start: u64,
    pub(in crate::flow::tests) records: VecDeque<Bytes>,
}

impl Records {
    pub(in crate::flow::tests) fn end(&self) -> u64 {
        self.start + self.records.len() as u64
    }

    pub(in crate::flow::tests) fn get(&self, number: RecordNumber) -> Option<Event> {
        let place = number.0.checked_sub(self.start)?;
        self.records.get(place as usize).map(|record| Event::decode(record).unwrap())
    }

    pub(in crate::flow::tests) fn iter(&self) -> impl Iterator<Item = (RecordNumber, Event)> {
        (self.start..).map(RecordNumber).zip(self.records.iter().map(|record| Event::decode(record).unwrap()))
    }

    /// As a release wrote it that did not remember what the settings said.
    pub(in crate::flow::tests) fn forget_agreements(&mut self) {
        for record in &mut self.records {
            if matches!(Event::decode(record), Ok(Event::Agreed(_))) {
                let mut nothing = BytesMut::new();
                Event::ClockStepped { by: 0 }.encode(&mut nothing);
                *record = nothing.freeze();
            }
        }
    }

    pub(in crate::flow::tests) fn trim(&mut self, up_to: RecordNumber) {
        while self.start < up_to.0 && self.records.pop_front().is_some() {
            self.start += 1;
        }
    }
}
