//! Who is connected, and how much it can take. Dies with the process; no event depends on it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use hashbrown::HashMap;

use crate::admission::RateLimit;
use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Moment;
use crate::flow::input::LinkId;
use crate::flow::settings::{CarrierSettings, THROTTLE_PAUSE_MAX};
use crate::matching::IdForms;

/// The carriers and customers of this moment.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// In an order of their own, or two runs of one history would write two logs.
    pub(super) carriers: BTreeMap<CarrierId, LiveCarrier>,
    pub(super) customers: HashMap<AccountId, LiveCustomer>,
    /// Customers for whom something has changed since the last dispatch: it looks at these only, however many there
    /// are.
    pub(super) touched: Vec<AccountId>,
    /// Customers that want no receipts for a while, by the end of it.
    resting: BTreeSet<(Moment, AccountId)>,
    /// Before the start, replay alone speaks; what is owed is collected when it is over.
    pub(super) started: bool,
}

/// A carrier in the settings.
#[derive(Debug)]
pub(super) struct LiveCarrier {
    pub(super) ids: IdForms,
    pub(super) queue_max: usize,
    pub(super) rate: Option<RateLimit>,
    throttle_pause: Duration,
    /// How long the next rest is.
    next_pause: Duration,
    /// Until when all of it rests, because it said so.
    pub(super) resting_until: Option<Moment>,
    /// Until when its rate allows nothing more.
    pub(super) paced_until: Option<Moment>,
    /// Its connections and the credits that each has left.
    pub(super) links: VecDeque<(LinkId, u32)>,
}

/// A customer with receipts to come or connections to take them.
#[derive(Debug, Default)]
pub(super) struct LiveCustomer {
    /// Receipts that no connection has been given yet, in the order in which messages ended.
    pub(super) waiting: VecDeque<Owed>,
    /// The turn of the next receipt.
    next_turn: u64,
    /// Its receiving connections.
    pub(super) receivers: VecDeque<Receiver>,
    /// How long it rests after it said "later".
    pub(super) pause: Duration,
    /// Whether it rests now.
    resting: bool,
    /// Whether it stands in [`Live::touched`].
    touched: bool,
}

/// A receipt that a customer is owed. Whoever gives it back, it waits in its old turn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Owed {
    /// Its place in the order of this customer's receipts.
    turn: u64,
    /// About which message.
    pub(super) message: MessageId,
}

/// A connection that takes receipts.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) link: LinkId,
    pub(super) credits: u32,
    /// Given to it and not answered yet.
    in_flight: Vec<Owed>,
}

impl Live {
    /// A customer is owed the receipt of this message.
    pub(super) fn owe_receipt(&mut self, account: AccountId, message: MessageId) {
        if self.started {
            self.touch(account).owe(message);
        }
    }

    /// A customer for whom something changes.
    pub(super) fn touch(&mut self, account: AccountId) -> &mut LiveCustomer {
        let customer = self.customers.entry(account).or_default();
        if !customer.touched {
            customer.touched = true;
            self.touched.push(account);
        }
        customer
    }

    /// The next customer for whom something has changed and who does not rest.
    pub(super) fn next_touched(&mut self) -> Option<&mut LiveCustomer> {
        while let Some(account) = self.touched.pop() {
            let Some(customer) = self.customers.get_mut(&account) else { continue };
            customer.touched = false;
            if !customer.resting {
                return self.customers.get_mut(&account);
            }
        }
        None
    }

    /// A customer wants no receipts for a while.
    pub(super) fn rest_customer(&mut self, account: AccountId, now: Moment) {
        let customer = self.customers.entry(account).or_default();
        if !customer.resting {
            customer.resting = true;
            self.resting.insert((now + customer.pause, account));
        }
    }

    /// Customers whose rest is over.
    pub(super) fn wake_customers(&mut self, now: Moment) {
        while let Some((until, account)) = self.resting.first().copied()
            && until <= now
        {
            self.resting.pop_first();
            self.touch(account).resting = false;
        }
    }

    /// The earliest moment at which a rest or a rate limit ends for somebody for whom something waits.
    pub(super) fn wake_at(&self) -> Option<Moment> {
        let carriers =
            self.carriers.values().filter_map(|carrier| carrier.resting_until.or(carrier.paced_until));
        carriers.chain(self.resting.first().map(|(until, _)| *until)).min()
    }
}

impl LiveCarrier {
    pub(super) fn new(settings: &CarrierSettings) -> Self {
        Self {
            ids: settings.ids,
            queue_max: settings.queue_max,
            rate: settings.rate.map(RateLimit::new),
            throttle_pause: settings.throttle_pause,
            next_pause: settings.throttle_pause,
            resting_until: None,
            paced_until: None,
            links: VecDeque::new(),
        }
    }

    /// Gives a connection more credits.
    pub(super) fn credit(&mut self, link: LinkId, credits: u32) {
        match self.links.iter_mut().find(|(known, _)| *known == link) {
            Some((_, left)) => *left = left.saturating_add(credits),
            None => self.links.push_back((link, credits)),
        }
    }

    /// Takes a credit, from the connections in turn.
    pub(super) fn take_credit(&mut self) -> Option<LinkId> {
        for _ in 0..self.links.len() {
            self.links.rotate_left(1);
            if let Some((link, left)) = self.links.back_mut().filter(|(_, left)| *left > 0) {
                *left -= 1;
                return Some(*link);
            }
        }
        None
    }

    /// It said "throttled" or "queue full": all of it rests, longer each time. Answers of the same burst count once.
    pub(super) fn rest(&mut self, now: Moment) {
        if self.resting_until.is_some_and(|until| now < until) {
            return;
        }
        self.resting_until = Some(now + self.next_pause);
        self.next_pause = (self.next_pause * 2).min(THROTTLE_PAUSE_MAX.max(self.throttle_pause));
    }

    /// It took a message: the next rest is short again.
    pub(super) const fn recover(&mut self) {
        self.next_pause = self.throttle_pause;
    }
}

impl LiveCustomer {
    /// A customer that rests for `pause` after it said "later".
    pub(super) fn new(pause: Duration) -> Self {
        Self { pause, ..Self::default() }
    }

    pub(super) fn receiver(&mut self, link: LinkId) -> Option<&mut Receiver> {
        self.receivers.iter_mut().find(|receiver| receiver.link == link)
    }

    /// Gives a connection more credits.
    pub(super) fn credit(&mut self, link: LinkId, credits: u32) {
        match self.receiver(link) {
            Some(receiver) => receiver.credits = receiver.credits.saturating_add(credits),
            None => self.receivers.push_back(Receiver { link, credits, in_flight: Vec::new() }),
        }
    }

    /// One more receipt is owed.
    pub(super) fn owe(&mut self, message: MessageId) {
        self.waiting.push_back(Owed { turn: self.next_turn, message });
        self.next_turn += 1;
    }

    /// A receipt that was given out waits again.
    pub(super) fn wait_again(&mut self, owed: Owed) {
        let place = self.waiting.partition_point(|waiting| *waiting < owed);
        self.waiting.insert(place, owed);
    }

    /// Gives the oldest waiting receipt to the next connection that can take one.
    pub(super) fn give(&mut self) -> Option<(LinkId, MessageId)> {
        let oldest = *self.waiting.front()?;
        for _ in 0..self.receivers.len() {
            self.receivers.rotate_left(1);
            if let Some(receiver) = self.receivers.back_mut().filter(|receiver| receiver.credits > 0) {
                receiver.credits -= 1;
                receiver.in_flight.push(oldest);
                self.waiting.pop_front();
                return Some((receiver.link, oldest.message));
            }
        }
        None
    }

    /// A connection has answered a receipt; `None` when it had not been given it.
    pub(super) fn answered(&mut self, link: LinkId, message: MessageId) -> Option<Owed> {
        let receiver = self.receiver(link)?;
        let place = receiver.in_flight.iter().position(|given| given.message == message)?;
        receiver.credits = receiver.credits.saturating_add(1);
        Some(receiver.in_flight.remove(place))
    }

    /// A connection is gone: what it had not answered waits again.
    pub(super) fn gone(&mut self, link: LinkId) {
        let Some(place) = self.receivers.iter().position(|receiver| receiver.link == link) else { return };
        let Some(receiver) = self.receivers.remove(place) else { return };
        for owed in receiver.in_flight {
            self.wait_again(owed);
        }
    }
}
