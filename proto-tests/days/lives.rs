//! The lives of the process within the day: how one begins, and how it is killed or stopped.

use telegraphy::base::ids::CarrierId;
use telegraphy::flow::Input;
use telegraphy::flow::messages::Phase;

use super::day::{Day, SEC};
use super::events::{Asked, Ev};
use super::gateway::{Gateway, Lines};
use super::settings::*;

impl Day {
    pub(super) fn start(&mut self) {
        if self.quiet {
            self.east = true;
        } else {
            self.east = self.chance.percent(75);
            self.detour = self.chance.one_in(2);
        }
        let settings = settings(self.east, self.detour);
        let recovered = Gateway::recover(self.store.open(), settings, self.now(), &mut self.records);
        let state = recovered.gateway.flow.state();
        self.accounts = ACCOUNTS.iter().map(|name| state.account(name).unwrap()).collect();
        // Numbers are given in the order of the settings; one that is not there yet gets the next.
        self.carriers = (0..).map(CarrierId).zip(CARRIERS).map(|(id, _)| id).collect();
        for (id, name) in state.carrier_names() {
            assert_eq!(CARRIERS[id as usize], name);
        }
        self.gateway = Some(recovered.gateway);
        for carrier in 0..CARRIERS.len() {
            self.within(10 * SEC, Ev::CarrierUp(carrier));
        }
        for account in 0..ACCOUNTS.len() {
            self.within(30 * SEC, Ev::ReceiverUp(account));
        }
    }

    pub(super) fn crash(&mut self) {
        if self.quiet || self.gateway.is_none() {
            return;
        }
        if self.chance.one_in(2) {
            let gateway = self.gateway.as_mut().unwrap();
            if let Some(Ok(group)) = gateway.sync() {
                self.ledger.durable(&group);
                self.gateway.as_mut().unwrap().syncing = None;
            }
        }
        self.die();
    }

    /// The process is gone, and everything in it; what was in its log is not.
    pub(super) fn die(&mut self) {
        let Some(gateway) = self.gateway.take() else { return };
        if let Some(group) = &gateway.syncing {
            // A sync that failed may have kept what it was to write.
            let end = telegraphy::log::Log::end(&self.store.open());
            if end > gateway.written() {
                self.gateway = Some(gateway);
                let group = self.gateway.as_mut().unwrap().syncing.take().unwrap();
                self.ledger.durable(&group);
                return self.die();
            }
            let _lost = group;
        }
        let state = gateway.flow.state();
        let handed_over = state.messages().iter().filter(|one| matches!(one.phase, Phase::HandedOver(_)));
        self.ledger.doubtful.extend(handed_over.map(|message| message.id));
        self.ledger.crashes += 1;
        self.records.crash(&mut self.chance);
        self.forget_connections();
        let wait = self.chance.between(1, 60);
        self.after(wait * SEC, Ev::Start);
    }

    pub(super) fn forget_connections(&mut self) {
        self.links.clear();
        for (_, asked) in std::mem::take(&mut self.asked) {
            match asked {
                Asked::Again(event) => self.within(120 * SEC, event),
                Asked::Single { .. } | Asked::Part => self.ledger.unanswered += 1,
                Asked::Multi { count } => self.ledger.unanswered += count,
                Asked::Cancel(_) | Asked::Query { .. } | Asked::Other => {}
            }
        }
    }

    /// As at a clean stop: the connections close, what came before is durable, and what it came to is let out.
    pub(super) fn stop(&mut self, mut inputs: Vec<Input>) {
        if self.quiet || self.gateway.is_none() {
            return;
        }
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.disconnect(link, &mut inputs);
        }
        let now = self.now();
        self.gateway.as_mut().unwrap().last_turn(now, inputs);
        loop {
            self.sync();
            let Some(gateway) = &mut self.gateway else { return };
            if !gateway.begin_sync() {
                break;
            }
        }
        let before = self.gateway.take().unwrap();
        let handed_over = before.flow.state().messages().iter();
        let handed_over = handed_over.filter(|one| matches!(one.phase, Phase::HandedOver(_)));
        self.ledger.doubtful.extend(handed_over.map(|message| message.id));
        self.records.flush();
        self.forget_connections();
        let again =
            Gateway::recover(self.store.open(), settings(self.east, self.detour), now, &mut self.records);
        let (left, right) = (before.flow.report(), again.replayed);
        assert_eq!((left.open, left.parked), (right.open, right.parked), "after a stop");
        for (left, right) in left.accounts.iter().zip(&right.accounts) {
            assert_eq!(left.counts, right.counts, "{} after a stop", left.name);
        }
        for (left, right) in left.carriers.iter().zip(&right.carriers) {
            assert_eq!(left.counts, right.counts, "{} after a stop", left.name);
        }
        self.ledger.stops += 1;
        let wait = self.chance.between(1, 60);
        self.after(wait * SEC, Ev::Start);
    }
}
