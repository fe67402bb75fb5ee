//! Receipts that match nothing yet: they may have overtaken their response, or come from another system's message.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use hashbrown::HashMap;

use crate::base::ids::CarrierId;
use crate::base::time::Timestamp;
use crate::matching::finished::hash;
use crate::message::{Address, CarrierMessageId, Receipt};

/// How long and how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParkingSettings {
    /// How long a receipt waits for its message. A response overtaken by its receipt comes within the response
    /// timer; an hour forgives a carrier that restarts.
    pub wait: Duration,
    /// How many may wait; some 400 octets each. One more sends the oldest to the foreign ones at once.
    pub receipts_max: usize,
}

impl Default for ParkingSettings {
    fn default() -> Self {
        Self { wait: Duration::from_secs(3600), receipts_max: 100_000 }
    }
}

/// The parked receipts, oldest first. Equal when the same receipts wait since the same times in the same order.
#[derive(Debug, Default)]
pub struct Parked {
    /// By time, and by arrival within it.
    waiting: BTreeMap<Place, Receipt>,
    /// The places in `waiting` of what is known about an id, ascending.
    by_id: HashMap<(CarrierId, CarrierMessageId), VecDeque<Place>>,
    /// The places of those that name their recipient, each under the hash of the carrier and the recipient's digits.
    /// Another recipient may have the same hash, so what is found is compared.
    by_recipient: BTreeSet<(u64, Place)>,
    /// The arrival of the next one.
    next: u64,
}

/// Since when a receipt waits, and which of that time it is.
type Place = (Timestamp, u64);

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

    /// Parks one that waits since `at`, which may lie before others: one that is read back, or written anew, keeps
    /// its turn. Among those of one time it is the last.
    pub fn park(&mut self, at: Timestamp, receipt: Receipt) {
        let place = (at, self.next);
        self.next += 1;
        let places = self.by_id.entry((receipt.carrier, receipt.id.clone())).or_default();
        // Nearly always the end; earlier only for one that is parked anew.
        let turn = places.partition_point(|waiting| *waiting < place);
        places.insert(turn, place);
        if let Some(hash) = recipient_hash(receipt.carrier, &receipt.recipient) {
            self.by_recipient.insert((hash, place));
        }
        self.waiting.insert(place, receipt);
    }

    /// All that wait, with the times since when, oldest first: parked again in this order they are the same.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Timestamp, &Receipt)> {
        self.waiting.iter().map(|((at, _), receipt)| (*at, receipt))
    }

    /// What waits about this id, oldest first.
    pub fn about(&self, carrier: CarrierId, id: &CarrierMessageId) -> impl Iterator<Item = &Receipt> {
        let places = self.by_id.get(&(carrier, id.clone())).into_iter().flatten();
        places.filter_map(|place| self.waiting.get(place))
    }

    /// What has come since `since` about any message of this carrier to this recipient, oldest first. One number may
    /// be written with `+` or `00` before it or without, and with any type of number; receipts without a recipient are
    /// about nobody.
    pub fn about_recipient(
        &self,
        carrier: CarrierId,
        recipient: &Address,
        since: Timestamp,
    ) -> impl Iterator<Item = &Receipt> {
        const LAST: Place = (Timestamp::from_millis(u64::MAX), u64::MAX);
        let recipient = *recipient;
        let places = recipient_hash(carrier, &recipient)
            .into_iter()
            .flat_map(move |hash| self.by_recipient.range((hash, (since, 0))..=(hash, LAST)));
        places.filter_map(|(_, place)| self.waiting.get(place)).filter(move |receipt| {
            receipt.carrier == carrier && number(&receipt.recipient) == number(&recipient)
        })
    }

    /// Takes the oldest one about this id away, with the time since when it waited.
    pub fn take(&mut self, carrier: CarrierId, id: &CarrierMessageId) -> Option<(Timestamp, Receipt)> {
        let key = (carrier, id.clone());
        let places = self.by_id.get_mut(&key)?;
        let place = places.pop_front();
        if places.is_empty() {
            self.by_id.remove(&key);
        }
        let place = place?;
        let receipt = self.waiting.remove(&place)?;
        if let Some(hash) = recipient_hash(carrier, &receipt.recipient) {
            self.by_recipient.remove(&(hash, place));
        }
        Some((place.0, receipt))
    }

    /// The one that has waited longest.
    #[must_use]
    pub fn oldest(&self) -> Option<&Receipt> {
        self.waiting.first_key_value().map(|(_, receipt)| receipt)
    }

    /// The oldest ones that have waited too long at `now`, or are too many.
    pub fn overdue(&self, now: Timestamp, settings: ParkingSettings) -> impl Iterator<Item = &Receipt> {
        let too_many = self.len().saturating_sub(settings.receipts_max);
        self.iter()
            .enumerate()
            .take_while(move |(turn, (at, _))| *turn < too_many || now.since(*at) >= settings.wait)
            .map(|(_, (_, receipt))| receipt)
    }
}

impl PartialEq for Parked {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Parked {}

fn recipient_hash(carrier: CarrierId, recipient: &Address) -> Option<u64> {
    let number = number(recipient);
    (!number.is_empty()).then(|| hash(carrier, number))
}

/// The number without what says that it is international: one recipient, however it is written.
fn number(address: &Address) -> &[u8] {
    let octets = address.as_slice();
    octets.strip_prefix(b"+").or_else(|| octets.strip_prefix(b"00")).unwrap_or(octets)
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
            recipient: Address::default(),
            sender: Address::default(),
        }
    }

    fn to(recipient: &[u8], id: &[u8]) -> Receipt {
        Receipt { recipient: Address::new(0, 0, recipient).unwrap(), ..receipt(id, b"DELIVRD") }
    }

    fn ids<'a>(receipts: impl Iterator<Item = &'a Receipt>) -> Vec<&'a [u8]> {
        receipts.map(|receipt| receipt.id.as_slice()).collect()
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
        assert_eq!(parked.take(CarrierId(1), &id).unwrap().1.state.stat.as_slice(), b"ENROUTE");
        assert_eq!(parked.take(CarrierId(1), &id).unwrap().1.state.stat.as_slice(), b"DELIVRD");
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

    #[test]
    fn what_is_parked_anew_at_its_old_time_keeps_its_turn() {
        let mut parked = Parked::default();
        let seconds = |n: u64| Timestamp::from_millis(n * 1000);
        for (at, id, stat) in [(1, b"a", b"ENROUTE"), (2, b"b", b"DELIVRD"), (3, b"a", b"DELIVRD")] {
            parked.park(seconds(at), receipt(id, stat));
        }
        let id = CarrierMessageId::new(b"a");
        let first = parked.take(CarrierId(1), &id).unwrap();
        assert_eq!(first.0, seconds(1));
        parked.park(first.0, first.1.clone());
        assert_eq!(parked.oldest(), Some(&first.1));
        assert_eq!(ids(parked.iter().map(|(_, receipt)| receipt)), [b"a", b"b", b"a"]);
        assert_eq!(parked.take(CarrierId(1), &id).unwrap().1.state.stat.as_slice(), b"ENROUTE");
        assert_eq!(parked.take(CarrierId(1), &id).unwrap().1.state.stat.as_slice(), b"DELIVRD");
    }

    #[test]
    fn what_is_written_down_and_parked_again_is_the_same() {
        let mut parked = Parked::default();
        for n in 0..20u8 {
            parked.park(
                Timestamp::from_millis(u64::from(n % 5)),
                to(b"447700900121", &[b'a' + n % 3, b'0' + n / 3]),
            );
        }
        parked.take(CarrierId(1), &CarrierMessageId::new(b"b2")).unwrap();
        let mut again = Parked::default();
        for (at, receipt) in parked.iter() {
            again.park(at, receipt.clone());
        }
        assert_eq!(again, parked);
        again.park(Timestamp::from_millis(3), receipt(b"x", b"DELIVRD"));
        assert_ne!(again, parked);
    }

    #[test]
    fn receipts_about_a_recipient_are_found_however_its_number_is_written() {
        let mut parked = Parked::default();
        let writings: [&[u8]; 5] =
            [b"447700900121", b"+447700900121", b"00447700900121", b"447700900122", b""];
        for (n, recipient) in (0..).zip(writings) {
            parked.park(Timestamp::from_millis(9 - n), to(recipient, &[b'a' + n as u8]));
        }
        parked
            .park(Timestamp::from_millis(0), Receipt { carrier: CarrierId(2), ..to(b"447700900121", b"z") });
        let about = |parked: &Parked, recipient: &[u8]| -> Vec<u8> {
            let recipient = Address::new(1, 1, recipient).unwrap();
            ids(parked.about_recipient(CarrierId(1), &recipient, Timestamp::default())).concat()
        };
        for recipient in writings.iter().take(3) {
            assert_eq!(about(&parked, recipient), b"cba", "oldest first");
        }
        assert_eq!(about(&parked, b"447700900122"), b"d");
        let (recipient, since) = (Address::new(1, 1, b"447700900121").unwrap(), Timestamp::from_millis(8));
        let late = parked.about_recipient(CarrierId(1), &recipient, since);
        assert_eq!(ids(late).concat(), b"ba", "what came before is about something else");
        assert_eq!(about(&parked, b""), b"", "an unknown recipient is nobody's");
        parked.take(CarrierId(1), &CarrierMessageId::new(b"b")).unwrap();
        assert_eq!(about(&parked, b"+447700900121"), b"ca");
        for id in [b"a", b"c", b"d", b"e"] {
            parked.take(CarrierId(1), &CarrierMessageId::new(id)).unwrap();
        }
        assert_eq!(about(&parked, b"447700900121"), b"");
        assert_eq!((parked.len(), parked.by_recipient.len(), parked.by_id.len()), (1, 1, 1));
    }
}
