//! Links of messages that have ended: by them a repeated receipt is told from a foreign one.

use std::collections::VecDeque;

use hashbrown::HashSet;

use crate::base::ids::CarrierId;
use crate::message::CarrierMessageId;

/// How many ended links are remembered: some 80 octets each, and carriers repeat a receipt within minutes. What is
/// forgotten is parked and then filed as foreign; it is never counted as an outcome either way.
pub const FINISHED_MAX: usize = 200_000;

/// The latest ended links.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Finished {
    links: HashSet<(CarrierId, CarrierMessageId)>,
    order: VecDeque<(CarrierId, CarrierMessageId)>,
}

impl Finished {
    /// Whether a message with this id has ended not long ago.
    #[must_use]
    pub fn contains(&self, carrier: CarrierId, id: &CarrierMessageId) -> bool {
        self.links.contains(&(carrier, id.clone()))
    }

    /// Remembers an ended link; past [`FINISHED_MAX`] the oldest is forgotten.
    pub fn remember(&mut self, carrier: CarrierId, id: CarrierMessageId) {
        let link = (carrier, id);
        if self.links.insert(link.clone()) {
            self.order.push_back(link);
        }
        if self.order.len() > FINISHED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.links.remove(&oldest);
        }
    }

    /// Forgets a link, because the carrier has given the same id out again. Its place in the order stays until it
    /// comes up; forgetting it twice changes nothing.
    pub fn forget(&mut self, carrier: CarrierId, id: &CarrierMessageId) {
        self.links.remove(&(carrier, id.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut finished = Finished::default();
        let id = |n: usize| CarrierMessageId::new(n.to_string().as_bytes());
        for n in 0..=FINISHED_MAX {
            finished.remember(CarrierId(1), id(n));
        }
        assert!(!finished.contains(CarrierId(1), &id(0)));
        assert!(finished.contains(CarrierId(1), &id(1)));
        assert!(!finished.contains(CarrierId(2), &id(1)));
        finished.forget(CarrierId(1), &id(1));
        assert!(!finished.contains(CarrierId(1), &id(1)));
    }
}
