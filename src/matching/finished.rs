//! Links of messages that have ended: by them a repeated receipt is told from a foreign one.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::base::ids::CarrierId;
use crate::message::CarrierMessageId;

/// How many ended links are remembered: some 100 octets each, and carriers repeat a receipt within minutes. What is
/// forgotten is parked and then filed as foreign; it is never counted as an outcome either way.
pub const FINISHED_MAX: usize = 200_000;

/// The latest ended links.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Finished {
    /// Each link with the turn of its latest end.
    links: HashMap<Link, u64>,
    /// Every end in order, also of a link that has ended again since.
    ends: VecDeque<(u64, Link)>,
    /// The turn of the next end.
    next_turn: u64,
}

/// A carrier's id of a message that has ended.
type Link = (CarrierId, CarrierMessageId);

impl Finished {
    /// Whether a message with this id has ended not long ago.
    #[must_use]
    pub fn contains(&self, carrier: CarrierId, id: &CarrierMessageId) -> bool {
        self.links.contains_key(&(carrier, id.clone()))
    }

    /// Remembers an ended link, again from now when the carrier had given the same id before; past
    /// [`FINISHED_MAX`] ends the oldest is forgotten.
    pub fn remember(&mut self, carrier: CarrierId, id: CarrierMessageId) {
        let link = (carrier, id);
        self.links.insert(link.clone(), self.next_turn);
        self.ends.push_back((self.next_turn, link));
        self.next_turn += 1;
        if self.ends.len() > FINISHED_MAX
            && let Some((turn, oldest)) = self.ends.pop_front()
            && self.links.get(&oldest) == Some(&turn)
        {
            self.links.remove(&oldest);
        }
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
    }

    #[test]
    fn a_link_that_ends_again_is_remembered_from_its_latest_end() {
        let mut finished = Finished::default();
        let id = |n: usize| CarrierMessageId::new(n.to_string().as_bytes());
        finished.remember(CarrierId(1), id(0));
        for n in 0..FINISHED_MAX {
            finished.remember(CarrierId(1), id(n));
        }
        assert!(finished.contains(CarrierId(1), &id(0)));
        finished.remember(CarrierId(1), id(FINISHED_MAX));
        assert!(!finished.contains(CarrierId(1), &id(0)));
        assert_eq!((finished.links.len(), finished.ends.len()), (FINISHED_MAX, FINISHED_MAX));
    }
}
