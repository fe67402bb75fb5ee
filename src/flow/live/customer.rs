//! One customer: what it is owed, and the connections that take it.

use std::collections::VecDeque;
use std::sync::LazyLock;
use std::time::Duration;

use super::later::Later;
use crate::base::ids::MessageId;
use crate::base::time::{Moment, Timestamp};
use crate::flow::input::LinkId;
use crate::flow::settings::AccountSettings;

/// The longest rest of a receipt or of a whole customer that goes on saying "later": longer would only make receipts
/// late.
const REST_MAX: Duration = Duration::from_secs(60);

/// So many "later" in a row, with nothing taken between, and the whole customer rests. One or two are about the receipt
/// or the moment: an application that turns away one in twenty says "later" three times in a row once in eight thousand
/// answers. One that takes nothing is asked three times before it is left alone.
pub(in crate::flow) const LATERS_MAX: u32 = 3;

/// Intermediate notices that wait for a connected customer to have room; one more sends the oldest away. They are not
/// kept for those who are away, and a receipt says more.
const INTERMEDIATE_MAX: usize = 1000;

/// The rules for an account that is not in the settings.
pub(in crate::flow) static NO_ACCOUNT: LazyLock<AccountSettings> = LazyLock::new(AccountSettings::default);

/// A customer with receipts to come or connections to take them.
#[derive(Debug, Default)]
pub(in crate::flow) struct LiveCustomer {
    /// Its rules.
    pub(in crate::flow) settings: AccountSettings,
    /// What no connection has been given yet, in the order in which it became owed.
    pub(in crate::flow) waiting: VecDeque<Owed>,
    /// What it wants later, each until its own time.
    later: Later,
    /// Intermediate notices: message, state, and when the carrier said so.
    pub(in crate::flow) intermediate: VecDeque<(MessageId, u8, Timestamp)>,
    /// The turn of the next receipt.
    next_turn: u64,
    /// Its receiving connections.
    pub(in crate::flow) receivers: VecDeque<Receiver>,
    /// Intermediate notices given to connections and not answered yet.
    intermediate_given: usize,
    /// Contents of messages for it are being read back.
    pub(in crate::flow) fetching: bool,
    /// How often in a row it has said "later".
    laters: u32,
    /// How often in a row it has rested.
    rests: u32,
    /// The first receipt that could be given out and is not, by its turn, and since when.
    stall: Option<(u64, Moment)>,
    /// Until when all of it rests.
    pub(super) resting_until: Option<Moment>,
    /// Whether it stands in [`super::Live::touched`].
    pub(super) touched: bool,
}

/// What a customer is owed. Whoever gives it back, it waits in its old turn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::flow) struct Owed {
    /// Its place in the order of this customer's receipts.
    turn: u64,
    /// About which message.
    pub(in crate::flow) message: MessageId,
    /// How often it has been answered "later".
    pub(in crate::flow) attempts: u8,
    /// Whether it is an intermediate notice: nothing is owed then.
    pub(in crate::flow) intermediate: bool,
}

impl Owed {
    /// Its place in the order of its customer's receipts; no other has it.
    pub(super) const fn turn(&self) -> u64 {
        self.turn
    }
}

/// A connection that takes receipts.
#[derive(Debug)]
pub(in crate::flow) struct Receiver {
    pub(in crate::flow) link: LinkId,
    pub(in crate::flow) credits: u32,
    /// Given to it and not answered yet, oldest first: that is the order of most answers.
    in_flight: VecDeque<Owed>,
}

impl LiveCustomer {
    /// A customer with these rules.
    pub(in crate::flow) fn new(settings: &AccountSettings) -> Self {
        Self { settings: settings.clone(), ..Self::default() }
    }

    /// It wants this one later: it waits for its own time, longer after each attempt, and lets others pass.
    pub(super) fn put_off(&mut self, owed: Owed, now: Moment) -> Moment {
        let until = now + self.pause(u32::from(owed.attempts.saturating_sub(1)));
        self.later.put(owed, until);
        until
    }

    /// It said "later" once more: when that was too often in a row, all of it rests until then, longer each time.
    /// Answers of the same burst count once.
    pub(super) fn said_later(&mut self, now: Moment) -> Option<Moment> {
        self.laters = self.laters.saturating_add(1);
        if self.laters < LATERS_MAX || self.resting_until.is_some() {
            return None;
        }
        let until = now + self.pause(self.rests);
        self.rests = self.rests.saturating_add(1);
        self.resting_until = Some(until);
        Some(until)
    }

    /// The usual pause, doubled so often, up to a bound.
    fn pause(&self, doublings: u32) -> Duration {
        let pause = self.settings.receipts.pause;
        pause.saturating_mul(1 << doublings.min(16)).min(REST_MAX.max(pause))
    }

    /// It took something: it is not at its end, and the next rest is short again.
    pub(in crate::flow) const fn recover(&mut self) {
        (self.laters, self.rests) = (0, 0);
    }

    /// Time has come to this: its rest may be over, and what waited for its own time waits in its old turn.
    pub(super) fn wake(&mut self, now: Moment) {
        self.resting_until = self.resting_until.filter(|until| now < *until);
        while let Some(owed) = self.later.due(now) {
            self.wait_again(owed);
        }
    }

    /// How many receipts wait, for their turn or their time.
    pub(in crate::flow) fn kept(&self) -> usize {
        self.waiting.len() + self.later.len()
    }

    /// Takes the oldest receipt away when more wait than are kept.
    pub(in crate::flow) fn pop_excess(&mut self) -> Option<Owed> {
        if self.kept() <= self.settings.receipts.max {
            return None;
        }
        match (self.waiting.front(), self.later.oldest()) {
            (next, Some(turn)) if next.is_none_or(|next| turn < next.turn) => self.later.take(turn),
            _ => self.waiting.pop_front(),
        }
    }

    /// The carrier says that a message is on its way. Only those who are connected hear of it.
    pub(in crate::flow) fn note(&mut self, message: MessageId, message_state: u8, at: Timestamp) {
        if self.receivers.is_empty() {
            return;
        }
        if self.intermediate.len() >= INTERMEDIATE_MAX {
            self.intermediate.pop_front();
        }
        self.intermediate.push_back((message, message_state, at));
    }

    /// Takes the oldest intermediate notice, and the connection that takes it.
    pub(in crate::flow) fn give_intermediate(&mut self) -> Option<(LinkId, MessageId, u8, Timestamp)> {
        let (message, message_state, at) = *self.intermediate.front()?;
        let link = self.give_to(Owed { turn: 0, message, attempts: 0, intermediate: true })?;
        self.intermediate_given += 1;
        self.intermediate.pop_front();
        Some((link, message, message_state, at))
    }

    pub(in crate::flow) fn receiver(&mut self, link: LinkId) -> Option<&mut Receiver> {
        self.receivers.iter_mut().find(|receiver| receiver.link == link)
    }

    /// Gives a connection more credits.
    pub(in crate::flow) fn credit(&mut self, link: LinkId, credits: u32) {
        match self.receiver(link) {
            Some(receiver) => receiver.credits = receiver.credits.saturating_add(credits),
            None => self.receivers.push_back(Receiver { link, credits, in_flight: VecDeque::new() }),
        }
    }

    /// One more receipt is owed.
    pub(in crate::flow) fn owe(&mut self, message: MessageId) {
        self.waiting.push_back(Owed { turn: self.next_turn, message, attempts: 0, intermediate: false });
        self.next_turn += 1;
    }

    /// A receipt that was given out waits again.
    pub(in crate::flow) fn wait_again(&mut self, owed: Owed) {
        let place = self.waiting.partition_point(|waiting| *waiting < owed);
        self.waiting.insert(place, owed);
    }

    /// Since when the first receipt that waits has not been given out, though a connection has room for it. Whatever is
    /// the customer's own doing ends that: that it is away, rests after "later", or has not answered what it was given.
    pub(in crate::flow) fn look_for_stall(&mut self, now: Moment) -> Option<Moment> {
        let has_room = self.receivers.iter().any(|receiver| receiver.credits > 0);
        let ours = has_room && self.resting_until.is_none() && self.intermediate_given == 0;
        let first = self.waiting.front().filter(|_| ours).map(Owed::turn);
        let before = self.stall.filter(|(turn, _)| Some(*turn) == first);
        self.stall = before.or_else(|| Some((first?, now)));
        self.stall.map(|(_, since)| since)
    }

    /// Gives the oldest waiting receipt to the next connection that can take one. It waits while an intermediate notice
    /// about the same message is on its way: the two must not overtake each other.
    pub(in crate::flow) fn give(&mut self) -> Option<(LinkId, MessageId)> {
        let oldest = *self.waiting.front()?;
        let before = |given: &Owed| given.intermediate && given.message == oldest.message;
        if self.intermediate_given > 0
            && self.receivers.iter().any(|receiver| receiver.in_flight.iter().any(before))
        {
            return None;
        }
        let link = self.give_to(oldest)?;
        self.waiting.pop_front();
        Some((link, oldest.message))
    }

    fn give_to(&mut self, owed: Owed) -> Option<LinkId> {
        for _ in 0..self.receivers.len() {
            self.receivers.rotate_left(1);
            if let Some(receiver) = self.receivers.back_mut().filter(|receiver| receiver.credits > 0) {
                receiver.credits -= 1;
                receiver.in_flight.push_back(owed);
                return Some(receiver.link);
            }
        }
        None
    }

    /// A connection has answered a receipt; `None` when it had not been given it.
    pub(in crate::flow) fn answered(&mut self, link: LinkId, message: MessageId) -> Option<Owed> {
        let receiver = self.receiver(link)?;
        let place = receiver.in_flight.iter().position(|given| given.message == message)?;
        receiver.credits = receiver.credits.saturating_add(1);
        let owed = receiver.in_flight.remove(place)?;
        self.intermediate_given -= usize::from(owed.intermediate);
        Some(owed)
    }

    /// A connection is gone: what it had not answered waits again.
    pub(in crate::flow) fn gone(&mut self, link: LinkId) {
        let Some(place) = self.receivers.iter().position(|receiver| receiver.link == link) else { return };
        let Some(receiver) = self.receivers.remove(place) else { return };
        for owed in receiver.in_flight {
            if owed.intermediate {
                self.intermediate_given -= 1;
            } else {
                self.wait_again(owed);
            }
        }
    }

    /// What connections have been given and not answered.
    #[cfg(test)]
    pub(in crate::flow) fn given(&self) -> Vec<MessageId> {
        let given = self.receivers.iter().flat_map(|receiver| &receiver.in_flight);
        given.map(|owed| owed.message).collect()
    }

    /// In how many places a notice stands: here, or with a connection.
    #[cfg(test)]
    pub(in crate::flow) fn places(&self, message: MessageId) -> usize {
        let given = self.receivers.iter().flat_map(|receiver| &receiver.in_flight);
        let all = self.waiting.iter().chain(self.later.iter()).chain(given);
        all.filter(|owed| owed.message == message && !owed.intermediate).count()
    }
}
