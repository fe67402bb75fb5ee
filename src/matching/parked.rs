//! Receipts that match nothing yet: they may have overtaken their response, or come from another system's message.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use hashbrown::HashMap;

use crate::base::ids::CarrierId;
use crate::base::time::Timestamp;
use crate::message::{CarrierMessageId, Receipt};

/// How long and how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParkingSettings {
    /// How long a receipt waits for its message. A response overtaken by its receipt comes within the response
    /// timer; an hour forgives a carrier that restarts.
    pub wait: Duration,
    /// How many may wait; some 150 octets each. One more sends the oldest to the foreign ones at once.
    pub receipts_max: usize,
}

impl Default for ParkingSettings {
    fn default() -> Self {
        Self { wait: Duration::from_secs(3600), receipts_max: 100_000 }
    }
}

/// The parked receipts, oldest first.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Parked {
    /// By order of arrival.
    waiting: BTreeMap<u64, (Timestamp, Receipt)>,
    /// The places in `waiting` of what is known about an id.
    by_id: HashMap<(CarrierId, CarrierMessageId), VecDeque<u64>>,
    /// The place of the next one.
    next: u64,
}

impl Parked {
    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Parks one.
    pub fn park(&mut self, at: Timestamp, receipt: Receipt) {
        let key = (receipt.carrier, receipt.id.clone());
        self.by_id.entry(key).or_default().push_back(self.next);
        self.waiting.insert(self.next, (at, receipt));
        self.next += 1;
    }

    /// What waits about this id, in the order in which it came.
    pub fn about(&self, carrier: CarrierId, id: &CarrierMessageId) -> impl Iterator<Item = &Receipt> {
        let places = self.by_id.get(&(carrier, id.clone())).into_iter().flatten();
        places.filter_map(|place| self.waiting.get(place)).map(|(_, receipt)| receipt)
    }

    /// Takes the oldest one about this id away.
    pub fn take(&mut self, carrier: CarrierId, id: &CarrierMessageId) -> Option<Receipt> {
        let key = (carrier, id.clone());
        let places = self.by_id.get_mut(&key)?;
        let place = places.pop_front();
        if places.is_empty() {
            self.by_id.remove(&key);
        }
        self.waiting.remove(&place?).map(|(_, receipt)| receipt)
    }

    /// The one that has waited longest.
    #[must_use]
    pub fn oldest(&self) -> Option<&Receipt> {
        self.waiting.first_key_value().map(|(_, (_, receipt))| receipt)
    }

    /// The oldest ones that have waited too long at `now`, or are too many.
    pub fn overdue(&self, now: Timestamp, settings: ParkingSettings) -> impl Iterator<Item = &Receipt> {
        let too_many = self.len().saturating_sub(settings.receipts_max);
        self.waiting
            .values()
            .enumerate()
            .take_while(move |(place, (at, _))| *place < too_many || now.since(*at) >= settings.wait)
            .map(|(_, (_, receipt))| receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::octets::Octets;
    use crate::message::ReceiptState;

    fn receipt(id: &[u8], stat: &[u8]) -> Receipt {
        Receipt {
            carrier: CarrierId(1),
            id: CarrierMessageId::new(id),
            state: ReceiptState { message_state: None, stat: Octets::new(stat).unwrap() },
            err: Octets::EMPTY,
            network_error_code: None,
        }
    }

    #[test]
    fn receipts_of_one_id_are_taken_in_order_and_others_stay() {
        let mut parked = Parked::default();
        let at = Timestamp::from_millis(1);
        for (id, stat) in [(b"a", b"ENROUTE"), (b"b", b"DELIVRD"), (b"a", b"DELIVRD")] {
            parked.park(at, receipt(id, stat));
        }
        let id = CarrierMessageId::new(b"a");
        let stats: Vec<_> = parked.about(CarrierId(1), &id).map(|receipt| receipt.state.stat).collect();
        assert_eq!(stats, [Octets::new(b"ENROUTE").unwrap(), Octets::new(b"DELIVRD").unwrap()]);
        assert_eq!(parked.take(CarrierId(1), &id).unwrap().state.stat.as_slice(), b"ENROUTE");
        assert_eq!(parked.take(CarrierId(1), &id).unwrap().state.stat.as_slice(), b"DELIVRD");
        assert_eq!(parked.take(CarrierId(1), &id), None);
        assert_eq!(parked.take(CarrierId(2), &CarrierMessageId::new(b"b")), None);
        assert_eq!(parked.len(), 1);
    }

    #[test]
    fn waiting_ends_by_time_and_by_number() {
        let settings = ParkingSettings { wait: Duration::from_secs(10), receipts_max: 2 };
        let mut parked = Parked::default();
        for second in 0..4 {
            parked.park(Timestamp::from_millis(second * 1000), receipt(&[b'0' + second as u8], b"DELIVRD"));
        }
        let overdue = |now| parked.overdue(Timestamp::from_millis(now), settings).count();
        assert_eq!(overdue(3_000), 2);
        assert_eq!(overdue(12_999), 3);
        assert_eq!(overdue(13_000), 4);
    }
}
