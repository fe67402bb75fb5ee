//! Long messages: parts that are one message in limits, routing, outcome and count (promise 9).
//!
//! Each part is a message of its own towards the carrier; all stay until the last of them is over, and what is known
//! of the whole is found again from them.

use hashbrown::HashMap;

use crate::base::ids::{AccountId, MessageId};
use crate::message::{Address, Class, Outcome, Part, PartForm, PartOf};
use crate::rating::Measure;

/// What parts of one long message have in common (quirk 67).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct LongKey {
    pub(super) account: AccountId,
    pub(super) source: Address,
    pub(super) destination: Address,
    pub(super) form: PartForm,
    pub(super) reference: u16,
    pub(super) total: u8,
}

impl LongKey {
    pub(super) const fn new(account: AccountId, source: Address, destination: Address, part: Part) -> Self {
        let Part { form, reference, total, .. } = part;
        Self { account, source, destination, form, reference, total }
    }
}

/// A long message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Long {
    /// Where its further parts are expected; nowhere once it is whole or given up.
    gathering: Option<LongKey>,
    /// How many parts it has, or had when the rest was given up.
    expected: u8,
    /// Its parts in the order in which they came.
    pub(super) parts: Vec<LongPart>,
    /// How long the text of the parts is that came while others were expected: by it the next is priced.
    pub(super) measure: Measure,
}

/// A part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LongPart {
    pub(super) number: u8,
    pub(super) id: MessageId,
    /// What the part counts as, once it is over.
    pub(super) outcome: Option<Outcome>,
}

impl Long {
    /// Whether every part is here.
    pub(super) fn is_whole(&self) -> bool {
        self.parts.len() >= usize::from(self.expected)
    }

    /// Whether parts are missing although no more are expected.
    pub(super) fn is_broken(&self) -> bool {
        self.gathering.is_none() && !self.is_whole()
    }

    /// Parts that were delivered.
    pub(super) fn delivered(&self) -> u8 {
        let delivered =
            |part: &&LongPart| part.outcome.is_some_and(|outcome| outcome.class == Class::Delivered);
        u8::try_from(self.parts.iter().filter(delivered).count()).unwrap_or(u8::MAX)
    }

    /// What the whole counts as, once all parts are over: delivered if they all were, or the outcome of the first
    /// part, by number, that was not.
    fn verdict(&self) -> Option<Outcome> {
        if !self.is_whole() {
            return None;
        }
        let mut outcomes: Vec<_> =
            self.parts.iter().map(|part| Some((part.number, part.outcome?))).collect::<Option<_>>()?;
        outcomes.sort_unstable_by_key(|(number, outcome)| (outcome.class == Class::Delivered, *number));
        outcomes.first().map(|(_, outcome)| *outcome)
    }
}

/// All long messages that are not over, by their heads.
#[derive(PartialEq, Eq, Debug, Default)]
pub(super) struct Longs {
    by_head: HashMap<MessageId, Long>,
    gathering: HashMap<LongKey, MessageId>,
    /// Long messages that wait for parts, by account.
    waiting: HashMap<AccountId, usize>,
}

impl Longs {
    /// The long message whose parts are still coming in under this key.
    pub(super) fn gathering(&self, key: &LongKey) -> Option<(MessageId, &Long)> {
        let head = *self.gathering.get(key)?;
        Some((head, self.by_head.get(&head)?))
    }

    /// How many long messages of an account wait for parts.
    pub(super) fn waiting(&self, account: AccountId) -> usize {
        self.waiting.get(&account).copied().unwrap_or(0)
    }

    /// The long message with this head.
    pub(super) fn get(&self, head: MessageId) -> Option<&Long> {
        self.by_head.get(&head)
    }

    /// The text of a part that has just come.
    pub(super) fn measure(&mut self, head: MessageId, length: Measure) {
        if let Some(long) = self.by_head.get_mut(&head) {
            long.measure = long.measure.plus(length);
        }
    }

    /// A part is here. `gathering` says where further ones are expected; it is none for a part of a whole message.
    /// Returns whether it was not known.
    pub(super) fn add(&mut self, id: MessageId, part: PartOf, gathering: Option<LongKey>) -> bool {
        let long = self.by_head.entry(part.head).or_insert_with(|| Long {
            gathering: None,
            expected: part.total,
            parts: Vec::new(),
            measure: Measure::NOTHING,
        });
        if long.parts.iter().any(|known| known.id == id) {
            return false;
        }
        // In the order in which they came, also when they are read back in another.
        let place = long.parts.partition_point(|known| known.id < id);
        long.parts.insert(place, LongPart { number: part.number, id, outcome: None });
        if let (None, Some(key)) = (&long.gathering, gathering) {
            long.gathering = Some(key.clone());
            *self.waiting.entry(key.account).or_default() += 1;
            self.gathering.insert(key, part.head);
        }
        true
    }

    /// No further parts are expected.
    pub(super) fn gathered(&mut self, head: MessageId) {
        let Some(long) = self.by_head.get_mut(&head) else { return };
        long.measure = Measure::NOTHING;
        let Some(key) = long.gathering.take() else { return };
        if self.gathering.get(&key) == Some(&head) {
            self.gathering.remove(&key);
        }
        if let Some(waiting) = self.waiting.get_mut(&key.account) {
            *waiting = waiting.saturating_sub(1);
            if *waiting == 0 {
                self.waiting.remove(&key.account);
            }
        }
    }

    /// The parts that did not come are given up: what came is all there is.
    pub(super) fn give_up(&mut self, head: MessageId) {
        self.gathered(head);
        if let Some(long) = self.by_head.get_mut(&head) {
            long.expected = long.expected.min(u8::try_from(long.parts.len()).unwrap_or(u8::MAX));
        }
    }

    /// Forgets long messages of which parts are missing although no more are expected, and returns their heads and the
    /// parts that are known: the others are over, and so are these.
    pub(super) fn forget_broken(&mut self) -> Vec<(MessageId, Vec<MessageId>)> {
        let broken = |_: &MessageId, long: &mut Long| long.is_broken();
        let ids = |long: Long| long.parts.into_iter().map(|part| part.id).collect();
        self.by_head.extract_if(broken).map(|(head, long)| (head, ids(long))).collect()
    }

    /// A part is over. Returns the long message and what it counts as when it was the last.
    pub(super) fn ended(&mut self, id: MessageId, part: PartOf, outcome: Outcome) -> Option<(Long, Outcome)> {
        let long = self.by_head.get_mut(&part.head)?;
        let known = long.parts.iter_mut().find(|known| known.id == id)?;
        known.outcome.get_or_insert(outcome);
        let verdict = long.verdict()?;
        let long = self.by_head.remove(&part.head)?;
        Some((long, verdict))
    }
}
