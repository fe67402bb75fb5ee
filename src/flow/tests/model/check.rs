//! Does the flow do what the model says?

use std::collections::BTreeMap;

use super::super::world::World;
use super::{ACCOUNTS, CARRIERS, Message, Model, Owed, Place};
use crate::base::ids::MessageId;
use crate::flow::LinkId;
use crate::message::{Class, Refusal};

impl Model {
    /// A message went out. It was the first that waited, its carrier did not rest, and the connection had room.
    pub(in crate::flow::tests) fn sent(&mut self, link: LinkId, id: MessageId) {
        let message = self.messages.iter().position(|message| message.id == id).unwrap();
        let carrier = self.messages[message].carrier;
        assert_eq!(self.queue(carrier).first(), Some(&message), "{id:?} was not at the front");
        let carrier = &mut self.carriers[carrier];
        assert_eq!(carrier.rests_until, None, "{id:?} was sent to a carrier that rests");
        spend(&mut carrier.credits, link);
        carrier.submitted += 1;
        (self.messages[message].place, self.messages[message].tried) = (Place::HandedOver, true);
    }

    /// A receipt went out. It was the first that waited and did not rest, nor did its account, and the connection had
    /// room.
    pub(in crate::flow::tests) fn delivered(&mut self, link: LinkId, id: MessageId) {
        let message = self.messages.iter().position(|message| message.id == id).unwrap();
        let account = &mut self.accounts[self.messages[message].account];
        assert_eq!(account.rests_until, None, "the receipt of {id:?} was sent to an account that rests");
        spend(&mut account.credits, link);
        let waits = |owed: &&mut Owed| owed.given.is_none() && owed.rests_until.is_none();
        let first = account.owed.iter_mut().find(waits).unwrap();
        assert_eq!(first.message, message, "the receipt of {id:?} was not at the front");
        first.given = Some(link);
    }

    /// Nothing waits for somebody who is ready, and the flow knows what the model knows.
    pub(in crate::flow::tests) fn agrees_with(&self, world: &World) {
        for message in &self.messages {
            assert_eq!(world.place(message.id), name(message.place), "{message:?}");
        }
        assert_eq!(world.parked(), self.parked.len());
        for (number, account) in self.accounts.iter().enumerate() {
            let ready = account.rests_until.is_none() && account.credits.values().any(|left| *left > 0);
            let waits = |owed: &Owed| owed.given.is_none() && owed.rests_until.is_none();
            assert!(!ready || !account.owed.iter().any(waits), "{account:?}");
            let counts = world.counts(ACCOUNTS[number]);
            assert_eq!(counts.accepted, account.accepted);
            assert_eq!(counts.refused(Refusal::QueueFull), account.queue_full);
            assert_eq!((counts.unknown, counts.told), (account.unknown, account.told));
            assert_eq!((counts.untold, counts.in_doubt), (account.untold, self.in_doubt(number, 2)));
            assert!(agree(&account.ended, |class| counts.ended.of(class)), "{account:?}");
        }
        for (number, carrier) in self.carriers.iter().enumerate() {
            let ready = carrier.rests_until.is_none() && carrier.credits.values().any(|left| *left > 0);
            assert!(!ready || self.queue(number).is_empty(), "{carrier:?}");
            let counts = world.carrier_counts(CARRIERS[number]);
            assert_eq!((counts.submitted, counts.accepted), (carrier.submitted, carrier.accepted));
            assert_eq!((&counts.refused, counts.unknown), (&carrier.refused, carrier.unknown));
            assert_eq!((counts.repeated, counts.foreign), (carrier.repeated, carrier.foreign));
            assert_eq!(counts.in_doubt, self.in_doubt(2, number));
            assert!(agree(&carrier.ended, |class| counts.ended.of(class)), "{carrier:?}");
        }
    }

    pub(super) fn queue(&self, carrier: usize) -> Vec<usize> {
        let waits = |message: &Message| message.carrier == carrier && message.place == Place::Queued;
        (0..self.messages.len()).filter(|message| waits(&self.messages[*message])).collect()
    }

    /// Messages in doubt of one account or of one carrier.
    fn in_doubt(&self, account: usize, carrier: usize) -> u64 {
        let theirs = |message: &&Message| message.account == account || message.carrier == carrier;
        let messages = self.messages.iter().filter(theirs);
        messages.filter(|message| message.place == Place::InDoubt).count() as u64
    }
}

fn spend(credits: &mut BTreeMap<LinkId, u32>, link: LinkId) {
    let left = credits.get_mut(&link).expect("the connection is there");
    *left = left.checked_sub(1).expect("the connection has room");
}

fn agree(ended: &BTreeMap<&'static str, u64>, count: impl Fn(Class) -> u64) -> bool {
    Class::ALL.iter().all(|class| ended.get(class.name()).copied().unwrap_or_default() == count(*class))
}

/// The words of [`World::place`].
const fn name(place: Place) -> &'static str {
    match place {
        Place::Queued => "queued",
        Place::HandedOver => "handed over",
        Place::InDoubt => "in doubt",
        Place::Submitted(_) => "submitted",
        Place::Owed => "receipt owed",
        Place::Gone => "gone",
    }
}
