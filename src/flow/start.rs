//! From a replayed log to a running flow: names for what is new in the settings, doubts for what was on its way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::admission::Admission;
use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::{Now, Timestamp};
use crate::flow::decide::money;
use crate::flow::decide::outages;
use crate::flow::live::{LiveCarrier, LiveCustomer, Timers};
use crate::flow::messages::Phase;
use crate::flow::state::CLOCK_SLACK;
use crate::flow::{Decision, Flow, InboundRoute, PastFaults, Prepare, agreed};
use crate::message::{Event, Outcome};
use crate::policy::Policy;
use crate::rating::wallet::Unfit;
use crate::routing::Table;
use crate::sla;

impl Flow {
    /// Whether the settings leave what is over as it is: to be asked after the replay and before anything is written.
    ///
    /// # Errors
    /// Everything that they would change: how closed periods are judged, or what submitted messages cost.
    pub fn may_start(&self, now: Timestamp) -> Result<(), PastFaults> {
        let (_, faults) = agreed::look(&self.state, &self.settings, now);
        if faults.is_empty() { Ok(()) } else { Err(PastFaults(faults)) }
    }

    /// The accounts whose terms in the settings cannot be yet, and why: they stay as they were.
    #[must_use]
    pub fn terms_kept(&self, now: Timestamp) -> Vec<(&str, Unfit)> {
        money::terms_kept(&self.state, &self.settings.accounts, now)
    }

    /// Names the accounts and carriers that the log does not know yet. Apply the events, then [`Flow::start`].
    pub fn name(&self, decision: &mut Decision) {
        let mut next = self.state.accounts.next();
        for account in &self.settings.accounts {
            if self.state.account(&account.name).is_none() {
                let name = account.name.clone().into_bytes().into();
                decision.events.push(Event::AccountNamed { account: AccountId(next), name });
                next += 1;
            }
        }
        let mut next = self.state.carriers.next();
        for carrier in &self.settings.carriers {
            if self.state.carrier(&carrier.name).is_none() {
                let name = carrier.name.clone().into_bytes().into();
                decision.events.push(Event::CarrierNamed { carrier: CarrierId(next), name });
                next += 1;
            }
        }
    }

    /// Sets the flow going after replay and naming: what was handed over without an answer when the process ended is
    /// in doubt; what waits for a carrier that is not in the settings any more is routed anew, or ends as failed by
    /// the platform when no route is left. Returns the part that the edges share.
    pub fn start(&mut self, now: Now, decision: &mut Decision) -> Prepare {
        for settings in &self.settings.carriers {
            if let Some(carrier) = self.state.carrier(&settings.name) {
                self.live.carriers.insert(carrier, LiveCarrier::new(carrier, settings, now.moment));
            }
        }
        for settings in &self.settings.accounts {
            if let Some(account) = self.state.account(&settings.name) {
                self.live.customers.insert(account, LiveCustomer::new(settings));
            }
        }
        self.live.look_at_rules();
        let prepare = self.prepare();
        self.live.routing = Arc::clone(&prepare.routing);
        self.live.inbound = self.inbound();
        self.live.clocks = Some(now);
        self.state.forget_broken();
        decision.events.extend(money::terms(&self.state, &self.settings.accounts, now.wall));
        decision.events.extend(agreed::look(&self.state, &self.settings, now.wall).0);
        self.settle_orphans(now, decision);
        outages::after_restart(&self.state, now, decision);
        // The calendar was set back meanwhile: what waits is not to wait longer for that.
        let behind = self.state.last_time.since(now.wall);
        if behind >= CLOCK_SLACK {
            let by = i64::try_from(behind.as_millis()).unwrap_or(i64::MAX).saturating_neg();
            decision.events.insert(0, Event::ClockStepped { by });
        }
        if !decision.events.is_empty() {
            let ahead = self.state.ahead();
            decision.events.insert(0, Event::Time { at: now.wall, ahead });
        }
        self.collect(now);
        prepare
    }

    fn prepare(&self) -> Prepare {
        let limits = |settings: &crate::flow::AccountSettings| {
            self.state.account(&settings.name).map(|account| (account, settings.limits))
        };
        let route = |(prefix, names): &(String, Vec<String>)| {
            (prefix.clone().into_bytes(), names.iter().filter_map(|name| self.state.carrier(name)).collect())
        };
        let category = |settings: &crate::flow::AccountSettings| {
            self.state.account(&settings.name).map(|account| (account, settings.category))
        };
        let pricing = |settings: &crate::flow::AccountSettings| {
            let pricing = settings.paying.as_ref()?.pricing.clone();
            self.state.account(&settings.name).map(|account| (account, pricing))
        };
        let opt_out = |settings: &crate::flow::AccountSettings| {
            self.state.account(&settings.name).map(|account| (account, Arc::clone(&settings.opt_out)))
        };
        Prepare {
            policy: Policy::new(self.settings.accounts.iter().filter_map(opt_out)),
            pricings: self.settings.accounts.iter().filter_map(pricing).collect(),
            categories: self.settings.accounts.iter().filter_map(category).collect(),
            admission: Admission::new(self.settings.accounts.iter().filter_map(limits)),
            routing: Arc::new(
                Table::new(self.settings.routes.iter().map(route)).with_zones(&self.settings.zones),
            ),
        }
    }

    fn inbound(&self) -> Vec<(Vec<u8>, Option<Vec<u8>>, AccountId)> {
        let route = |route: &InboundRoute| {
            let keyword = route.keyword.clone().map(String::into_bytes);
            Some((route.number.clone().into_bytes(), keyword, self.state.account(&route.account)?))
        };
        self.settings.inbound.iter().filter_map(route).collect()
    }

    fn settle_orphans(&self, now: Now, decision: &mut Decision) {
        let mut orphans: Vec<_> = self.state.messages.iter().collect();
        orphans.sort_unstable_by_key(|message| message.id);
        for message in orphans {
            match message.phase {
                Phase::HandedOver(_) => decision.events.push(Event::InDoubt { message: message.id }),
                Phase::Queued(_) if !self.live.carriers.contains_key(&message.carrier) => {
                    let destination = message.destination.unpack();
                    decision.events.push(match self.live.routing.carrier(destination.as_slice()) {
                        Some(carrier) => Event::Rerouted { message: message.id, carrier },
                        None => Event::Ended { message: message.id, at: now.wall, outcome: no_route_left() },
                    });
                }
                _ => {}
            }
        }
    }

    /// What waits, what is owed, and what is due soon: found from the messages.
    fn collect(&mut self, now: Now) {
        let Self { state, live, .. } = self;
        let mut queued = Vec::new();
        let mut owed: BTreeMap<AccountId, Vec<(Timestamp, MessageId)>> = BTreeMap::default();
        for message in state.messages.iter() {
            match &message.phase {
                Phase::Queued(_) => queued.push((message.id, message.carrier)),
                Phase::Ended(end) if state.is_owed(message) => {
                    owed.entry(message.account).or_default().push((end.0, message.id));
                }
                Phase::Incoming(_) => {
                    owed.entry(message.account).or_default().push((message.accepted_at, message.id));
                }
                _ => {}
            }
        }
        live.started = true;
        state.messages.keep_pairs();
        queued.sort_unstable();
        for (id, carrier) in queued {
            live.join_queue(state, carrier, id);
        }
        for (account, mut receipts) in owed {
            receipts.sort_unstable();
            let customer = live.touch(account);
            receipts.into_iter().for_each(|(_, message)| customer.owe(message));
        }
        let log_now = state.log_time(now.wall);
        let mut timers = Timers::default();
        timers.look(log_now, &state.messages, |message| {
            crate::flow::decide::time::due(state, message, live.rules(message.account), log_now)
        });
        live.timers = timers;
    }
}

/// The carrier was taken out of the settings and no other route leads there: promise 2 still holds.
fn no_route_left() -> Outcome {
    sla::failed_by_platform(sla::NO_ROUTE)
}
