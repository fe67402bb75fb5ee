//! Messages that we have given up: no receipt came, or a doubt was not settled. A receipt that comes all the same is a
//! fact, and corrects what they count as, once (promise 14).

use std::collections::BTreeSet;
use std::time::Duration;

use hashbrown::HashMap;

use crate::base::ids::{CarrierId, MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::message::{After, Message, Phase};
use crate::message::{CarrierMessageId, Class, Grounds, Outcome};

/// How long a message can be corrected after it was given up: past the close of its month (a month and the days until
/// the close), and two weeks in which what comes is an adjustment. A later receipt counts as repeated.
pub(super) const LATE_KEPT: Duration = Duration::from_secs(48 * 86_400);

/// Messages that can be corrected; some 300 octets each, so 15 MB, and half of that in a snapshot. That is a percent of
/// the messages of five days at a million a day. One more sends the oldest away: its receipt counts as repeated.
pub(super) const LATE_MAX: usize = 50_000;

/// Ids of one message, or of the parts of a long one, that are kept; the receipts of further ones count as repeated.
const SILENT_MAX: usize = u8::MAX as usize;

/// A message that was given up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct GivenUp {
    /// As it was; of a long one its first part.
    pub(super) message: Message,
    /// The id that the customer knows it by, when that is another one.
    pub(super) shown: Option<MessageId>,
    /// When it was submitted, by the calendar: by that it was counted.
    pub(super) submitted: Timestamp,
    /// When it was given up, on the log's own time line.
    pub(super) at: Timestamp,
    /// Of how many parts it consists.
    pub(super) parts: u8,
    /// What was not reported: the number of the part, 0 of a message without parts, and its id with a carrier; an empty
    /// one where none is known.
    pub(super) silent: Vec<(u8, CarrierId, CarrierMessageId)>,
    /// The first part, by its number, that was reported and not as delivered.
    pub(super) failed: Option<(u8, Outcome)>,
    /// What takes it out of the counts, said since.
    pub(super) grounds: Option<Grounds>,
}

impl GivenUp {
    /// As it is kept: without what means nothing once it is over.
    pub(super) fn of(message: &Message, submitted: Timestamp, at: Timestamp) -> Self {
        let (home, expires, wait) = (RecordNumber::default(), After::NEVER, After::NEVER);
        let (told, paired, has_extra, phase) = (false, false, false, Phase::InDoubt);
        let message = Message { home, expires, wait, told, paired, has_extra, phase, ..message.clone() };
        Self {
            message,
            shown: None,
            submitted,
            at,
            parts: 1,
            silent: Vec::new(),
            failed: None,
            grounds: None,
        }
    }

    /// A receipt says that a part ended so. Returns what the whole counts as if that is known by now: delivered when
    /// all parts were, or what became of the first, by its number, that was not.
    fn reported(&mut self, part: u8, outcome: Outcome) -> Option<Outcome> {
        if outcome.class != Class::Delivered && self.failed.is_none_or(|(failed, _)| part < failed) {
            self.failed = Some((part, outcome));
        }
        let silent = self.silent.iter().map(|(silent, ..)| *silent).filter(|silent| *silent != part).min();
        match (silent, self.failed) {
            (Some(silent), Some((failed, of_failed))) if failed < silent => Some(of_failed),
            (Some(_), _) => None,
            (None, Some((_, of_failed))) => Some(of_failed),
            (None, None) => Some(outcome),
        }
    }
}

/// The messages that can be corrected.
#[derive(PartialEq, Eq, Debug, Default)]
pub(super) struct Late {
    all: HashMap<MessageId, GivenUp>,
    by_link: HashMap<(CarrierId, CarrierMessageId), (MessageId, u8)>,
    /// By when they were given up.
    ages: BTreeSet<(Timestamp, MessageId)>,
}

impl Late {
    /// The message to which a carrier gave this id, and the number of the part.
    pub(super) fn find(&self, carrier: CarrierId, id: &CarrierMessageId) -> Option<(MessageId, u8)> {
        if self.by_link.is_empty() {
            return None;
        }
        self.by_link.get(&(carrier, id.clone())).copied()
    }

    /// The message with this id.
    pub(super) fn get(&self, message: MessageId) -> Option<&GivenUp> {
        self.all.get(&message)
    }

    /// All of them, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &GivenUp> {
        self.ages.iter().filter_map(|(_, id)| self.all.get(id))
    }

    /// A message has been given up. What was given up too long ago, or is too much, goes.
    pub(super) fn give_up(&mut self, mut given_up: GivenUp) {
        while let Some((at, oldest)) = self.ages.first().copied()
            && (at + LATE_KEPT <= given_up.at || self.all.len() >= LATE_MAX)
        {
            self.ages.pop_first();
            self.take(oldest);
        }
        let id = given_up.message.id;
        self.take(id);
        given_up.silent.truncate(SILENT_MAX);
        for (part, carrier, link) in &given_up.silent {
            if !link.is_empty() {
                self.by_link.insert((*carrier, link.clone()), (id, *part));
            }
        }
        self.ages.insert((given_up.at, id));
        self.all.insert(id, given_up);
    }

    /// A carrier has answered after all: its receipts are about this message.
    pub(super) fn link(&mut self, message: MessageId, carrier: CarrierId, link: &CarrierMessageId) {
        let Some(given_up) = self.all.get_mut(&message) else { return };
        // What is silent of a long message has its ids, or its part is not known.
        if given_up.parts > 1 || given_up.silent.len() >= SILENT_MAX || link.is_empty() {
            return;
        }
        given_up.silent.push((0, carrier, link.clone()));
        self.by_link.insert((carrier, link.clone()), (message, 0));
    }

    /// This takes a message out of the counts from now on, or nothing does.
    pub(super) fn set_grounds(&mut self, message: MessageId, grounds: Option<Grounds>) {
        if let Some(given_up) = self.all.get_mut(&message) {
            given_up.grounds = grounds;
        }
    }

    /// This id means another message from now on.
    pub(super) fn unlink(&mut self, carrier: CarrierId, link: &CarrierMessageId) {
        if self.by_link.is_empty() {
            return;
        }
        if let Some((message, _)) = self.by_link.remove(&(carrier, link.clone()))
            && let Some(given_up) = self.all.get_mut(&message)
        {
            for (_, other, known) in &mut given_up.silent {
                if *other == carrier && known == link {
                    *known = CarrierMessageId::new(b"");
                }
            }
        }
    }

    /// A receipt says how a part ended. Returns the message and what it counts as when that is known by now, and the
    /// ids that mean it no more.
    #[expect(clippy::type_complexity, reason = "two answers to one question")]
    pub(super) fn reported(
        &mut self,
        message: MessageId,
        part: u8,
        outcome: Outcome,
    ) -> (Option<(GivenUp, Outcome)>, Vec<(CarrierId, CarrierMessageId)>) {
        let Some(given_up) = self.all.get_mut(&message) else { return (None, Vec::new()) };
        if let Some(outcome) = given_up.reported(part, outcome) {
            let given_up = self.take(message);
            let links = given_up.iter().flat_map(|given_up| &given_up.silent);
            let links = links.map(|(_, carrier, link)| (*carrier, link.clone())).collect();
            return (given_up.map(|given_up| (given_up, outcome)), links);
        }
        let mut links = Vec::new();
        given_up.silent.retain(|(silent, carrier, link)| {
            if *silent == part {
                links.push((*carrier, link.clone()));
            }
            *silent != part
        });
        for link in &links {
            self.by_link.remove(link);
        }
        (None, links)
    }

    fn take(&mut self, message: MessageId) -> Option<GivenUp> {
        let given_up = self.all.remove(&message)?;
        self.ages.remove(&(given_up.at, message));
        for (_, carrier, link) in &given_up.silent {
            let link = (*carrier, link.clone());
            if self.by_link.get(&link).is_some_and(|(known, _)| *known == message) {
                self.by_link.remove(&link);
            }
        }
        Some(given_up)
    }
}
