//! Who is connected, and how much it can take; what waits for whom, and when it is time. Dies with the process; no
//! event depends on it, and all of it is found again from the state at a start.

mod customer;
mod later;
mod queue;
mod recent;
mod timers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hashbrown::HashMap;

pub(super) use customer::{LiveCustomer, Owed};
pub(super) use queue::{FRONT, Queue};
pub(super) use recent::{Recent, Recents};
pub(super) use timers::Timers;

use crate::admission::RateLimit;
use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::{Moment, Now, Timestamp};
use crate::flow::decide::closing::Looks;
use crate::flow::input::LinkId;
use crate::flow::settings::{AccountSettings, CarrierSettings, THROTTLE_PAUSE_MAX};
use crate::flow::state::State;
use crate::matching::{Learner, MatchRate, Proposal};
use crate::message::{CarrierMessageId, FactId};
use crate::rating::MonthNumber;
use crate::routing::{Table, spread};
use crate::sla::CarrierCodes;

/// The carriers and customers of this moment.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// In an order of their own, or two runs of one history would write two logs.
    pub(super) carriers: BTreeMap<CarrierId, LiveCarrier>,
    pub(super) customers: Customers,
    /// The carriers that could take a message at the last look, and how often these have been others.
    ready: (Vec<CarrierId>, u64),
    /// Customers for whom something has changed since the last dispatch: it looks at these only, however many there
    /// are.
    pub(super) touched: Vec<AccountId>,
    /// Customers that want a receipt later, or none for a while, by when that is over. An entry may be stale.
    put_off: BTreeSet<(Moment, AccountId)>,
    /// When it is time for a message.
    pub(super) timers: Timers,
    /// Messages that ended not long ago.
    pub(super) recent: Recents,
    /// The routes, for those that have to go elsewhere.
    pub(super) routing: Arc<Table>,
    /// Who gets what carriers send.
    pub(super) inbound: Vec<(Vec<u8>, Option<Vec<u8>>, AccountId)>,
    /// Whether the disk has no room for new messages.
    pub(super) no_room: bool,
    /// Whether every account has time for what is awaited: then no timer is noted for it, and it is found in time.
    pub(super) patient: bool,
    /// By which fact messages are looked for that were over when it was said.
    pub(super) looking_back: Option<FactId>,
    /// Both clocks at the last look.
    pub(super) clocks: Option<Now>,
    /// In which month all that were over were settled.
    pub(super) months_settled_in: Option<MonthNumber>,
    /// When the contracts are looked at for periods that close.
    pub(super) closing: Looks,
    /// Before the start, replay alone speaks; what is owed is collected when it is over.
    pub(super) started: bool,
}

/// Customers by account.
pub(super) type Customers = HashMap<AccountId, LiveCustomer>;

/// The rules of an account; the usual ones when it is not in the settings any more.
pub(super) fn rules_of(customers: &Customers, account: AccountId) -> &AccountSettings {
    customers.get(&account).map_or(&*customer::NO_ACCOUNT, |customer| &customer.settings)
}

/// A carrier in the settings.
#[derive(Debug)]
pub(super) struct LiveCarrier {
    /// Its number.
    id: CarrierId,
    pub(super) settings: CarrierSettings,
    pub(super) rate: Option<RateLimit>,
    /// What waits for it.
    pub(super) queue: Queue,
    /// The front of its queue and the readiness of all at the last look that found nobody another carrier.
    pub(super) nobody_left: Option<(u64, u64)>,
    /// Contents of waiting messages are being read back.
    pub(super) fetching: bool,
    /// How long the next rest is at the most.
    next_pause: std::time::Duration,
    /// How often it has rested.
    rests: u32,
    /// Until when all of it rests, because it said so.
    pub(super) resting_until: Option<Moment>,
    /// Until when its rate allows nothing more.
    pub(super) paced_until: Option<Moment>,
    /// Since when it has had no connection that takes messages.
    down_since: Option<Moment>,
    /// Its connections and the credits that each has left.
    pub(super) links: VecDeque<(LinkId, u32)>,
    /// How many of its latest receipts were about messages of ours.
    pub(super) match_rate: MatchRate,
    /// The ids that it has written of late, when another way to read them is looked for.
    learner: Option<Box<Learner>>,
    /// A better way to read its ids, as of the last look.
    pub(super) proposal: Option<Proposal>,
}

impl Live {
    /// A message may be handed over from now on, or when its wait is over.
    pub(super) fn join_queue(&mut self, state: &State, carrier: CarrierId, id: MessageId) {
        let Some(message) = state.messages.get(id) else { return };
        let now = state.log_time(self.clocks.unwrap_or_default().wall);
        let Some(queue) = self.queue(carrier) else { return };
        match message.wait_until().filter(|until| *until > now) {
            None => queue.join(id),
            Some(until) if message.holds_others() => queue.hold(message.destination.clone(), until),
            Some(_) => {}
        }
    }

    /// The carrier says that a message is on its way: for a customer who asked to hear that (§5.2.17).
    pub(super) fn note_intermediate(&mut self, state: &State, id: MessageId, message_state: u8) {
        const WANTED: u8 = 0x10;
        let Some(message) =
            state.messages.get(id).filter(|message| message.registered_delivery & WANTED != 0)
        else {
            return;
        };
        let at = self.clocks.unwrap_or_default().wall;
        self.touch(message.account).note(id, message_state, at);
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
    pub(super) fn next_touched(&mut self) -> Option<(AccountId, &mut LiveCustomer)> {
        while let Some(account) = self.touched.pop() {
            let Some(customer) = self.customers.get_mut(&account) else { continue };
            customer.touched = false;
            if customer.resting_until.is_none() {
                return self.customers.get_mut(&account).map(|customer| (account, customer));
            }
        }
        None
    }

    /// A customer wants this receipt later: it rests, and lets others pass.
    pub(super) fn put_off(&mut self, account: AccountId, owed: Owed, now: Moment) {
        let until = self.customers.entry(account).or_default().put_off(owed, now);
        self.put_off.insert((until, account));
    }

    /// A customer has said "later": all of it rests when that was too often in a row.
    pub(super) fn said_later(&mut self, account: AccountId, now: Moment) {
        if let Some(until) = self.customers.entry(account).or_default().said_later(now) {
            self.put_off.insert((until, account));
        }
    }

    /// Customers whose rest is over, or that of one of their receipts.
    pub(super) fn wake_customers(&mut self, now: Moment) {
        while let Some((until, account)) = self.put_off.first().copied()
            && until <= now
        {
            self.put_off.pop_first();
            self.touch(account).wake(now);
        }
    }

    /// The earliest moment at which a rest or a rate limit ends for somebody for whom something waits.
    pub(super) fn wake_at(&self) -> Option<Moment> {
        let carriers =
            self.carriers.values().filter_map(|carrier| carrier.resting_until.or(carrier.paced_until));
        carriers.chain(self.put_off.first().map(|(until, _)| *until)).min()
    }

    /// The earliest time of the log at which something is due for a message.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let held = self.carriers.values().filter_map(|carrier| carrier.queue.released_at());
        held.chain(self.timers.next()).min()
    }

    /// The accounts' rules are there: is any of them in a hurry?
    pub(super) fn look_at_rules(&mut self) {
        let rules = self.customers.values().map(|customer| &customer.settings);
        self.patient = rules
            .chain([&*customer::NO_ACCOUNT])
            .all(|rules| Timers::finds(rules.times.receipt_wait) && Timers::finds(rules.receipts.keep));
    }

    /// The rules of an account; the usual ones when it is not in the settings any more.
    pub(super) fn rules(&self, account: AccountId) -> &AccountSettings {
        rules_of(&self.customers, account)
    }

    /// A number that is another one whenever other carriers could take a message.
    pub(super) fn readiness(&mut self, now: Moment) -> u64 {
        let (known, changes) = &mut self.ready;
        let ready = self.carriers.iter().filter(|(_, carrier)| carrier.is_ready(now)).map(|(id, _)| *id);
        if !ready.clone().eq(known.iter().copied()) {
            known.clear();
            known.extend(ready);
            *changes += 1;
        }
        *changes
    }

    /// The first of these carriers that could take a message now; not `but`.
    pub(super) fn ready(
        &self,
        now: Moment,
        carriers: &[CarrierId],
        but: Option<CarrierId>,
    ) -> Option<CarrierId> {
        let ready = |id: &&CarrierId| self.carriers.get(id).is_some_and(|carrier| carrier.is_ready(now));
        carriers.iter().filter(|id| Some(**id) != but).find(ready).copied()
    }

    /// What a carrier's codes mean; nothing beyond SMPP's states when it is not in the settings any more.
    pub(super) fn codes(&self, carrier: CarrierId) -> Arc<CarrierCodes> {
        self.carriers.get(&carrier).map(|carrier| Arc::clone(&carrier.settings.codes)).unwrap_or_default()
    }

    /// A carrier's queue, when it is in the settings.
    pub(super) fn queue(&mut self, carrier: CarrierId) -> Option<&mut Queue> {
        self.carriers.get_mut(&carrier).map(|carrier| &mut carrier.queue)
    }
}

impl LiveCarrier {
    pub(super) fn new(id: CarrierId, settings: &CarrierSettings, now: Moment) -> Self {
        Self {
            id,
            settings: settings.clone(),
            rate: settings.rate.map(RateLimit::new),
            queue: Queue::default(),
            nobody_left: None,
            fetching: false,
            next_pause: settings.throttle_pause,
            rests: 0,
            resting_until: None,
            paced_until: None,
            down_since: Some(now),
            links: VecDeque::new(),
            match_rate: MatchRate::new(settings.match_rate),
            learner: settings.learn_ids.then(Box::default),
            proposal: None,
        }
    }

    /// The id of a response as it came, in the form in which ids are compared.
    pub(super) fn read_response(&mut self, id: &CarrierMessageId) -> CarrierMessageId {
        if let Some(learner) = &mut self.learner {
            learner.response(id.as_slice());
        }
        self.settings.ids.response.canonical(id.as_slice())
    }

    /// The same of a receipt.
    pub(super) fn read_receipt(&mut self, id: &CarrierMessageId) -> CarrierMessageId {
        if let Some(learner) = &mut self.learner {
            learner.receipt(id.as_slice());
            if learner.is_due() {
                self.proposal = learner.propose(self.settings.ids);
            }
        }
        self.settings.ids.receipt.canonical(id.as_slice())
    }

    /// Whether it can take messages: connected, and not at rest.
    pub(super) fn is_ready(&self, now: Moment) -> bool {
        !self.links.is_empty() && self.resting_until.is_none_or(|until| until <= now)
    }

    /// Whether what waits for it may go elsewhere: it rests, or has had no connection for too long.
    pub(super) fn may_be_left(&self, now: Moment) -> bool {
        let down = self.down_since.is_some_and(|since| now.since(since) >= self.settings.failover_after);
        down || self.resting_until.is_some_and(|until| now < until)
    }

    /// Since when it has had no connection that takes messages.
    pub(super) const fn down_since(&self) -> Option<Moment> {
        self.down_since
    }

    /// Credits of all its connections.
    pub(super) fn credits(&self) -> usize {
        self.links.iter().map(|(_, credits)| *credits as usize).sum()
    }

    /// A connection is gone.
    pub(super) fn gone(&mut self, link: LinkId, now: Moment) {
        self.links.retain(|(known, _)| *known != link);
        if self.links.is_empty() {
            self.down_since.get_or_insert(now);
        }
    }

    /// Gives a connection more credits.
    pub(super) fn credit(&mut self, link: LinkId, credits: u32) {
        self.down_since = None;
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
    ///
    /// Each rest is spread by its number, so that a carrier which throttles at a beat of its own is not met on the same
    /// beat for ever, nor by all gateways at once; a success does not begin the numbers anew. No chance in it.
    pub(super) fn rest(&mut self, now: Moment) {
        if self.resting_until.is_some_and(|until| now < until) {
            return;
        }
        let of = u64::from(self.id.0) << 32 | u64::from(self.rests);
        self.rests = self.rests.wrapping_add(1);
        self.resting_until = Some(now + spread(self.next_pause, of));
        self.next_pause = (self.next_pause * 2).min(THROTTLE_PAUSE_MAX.max(self.settings.throttle_pause));
    }

    /// It took a message: the next rest is short again.
    pub(super) const fn recover(&mut self) {
        self.next_pause = self.settings.throttle_pause;
    }
}
