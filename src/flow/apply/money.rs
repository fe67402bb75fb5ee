//! What happens to the money of messages: held, spent or given back, once (promise 5).

use crate::base::ids::{AccountId, MessageId, RecordNumber};
use crate::base::money::Money;
use crate::base::time::{ContractDay, Timestamp};
use crate::flow::messages::Message;
use crate::flow::state::State;
use crate::message::{Bill, Fact, Operation, Says, Terms};
use crate::rating::usage::UsageKey;
use crate::rating::{Happened, MonthNumber, SettledMonth};

impl State {
    /// A message was accepted: what it costs is held, or spent.
    pub(super) fn priced(&mut self, id: MessageId, at: Timestamp, bill: Option<Box<Bill>>) {
        if let Some(bill) = bill {
            self.messages.set_bill(id, *bill);
            self.money_of(id, at, Happened::Accepted);
        }
    }

    /// Something has happened to a message: its money follows.
    pub(super) fn money_of(&mut self, id: MessageId, at: Timestamp, happened: Happened) {
        let Some(mut bill) = self.messages.bill(id).copied() else { return };
        let Some(message) = self.messages.get(id) else { return };
        let place = self.usage_place(message, Some(&bill));
        self.ledger.step(place, at, &mut bill, happened);
        self.messages.set_bill(id, bill);
    }

    /// A carrier has taken a message, or a copy of it.
    pub(super) fn taken(&mut self, id: MessageId) {
        let at = self.last_time;
        self.money_of(id, at, Happened::TakenByCarrier);
        let Some(message) = self.messages.get(id) else { return };
        let (day, key) = self.usage_place(message, self.messages.bill(id));
        self.ledger.taken(day, key, at, u64::from(message.label.segments));
    }

    /// Another content has taken the place of a message's: what is held for it changes, where there is another bill.
    pub(super) fn rebilled(&mut self, id: MessageId, at: Timestamp, new: Option<Box<Bill>>) {
        let Some(new) = new else { return };
        let Some(account) = self.messages.get(id).map(|message| message.account) else { return };
        if let Some(old) = self.messages.take_bill(id) {
            self.ledger.change(account, at, &old, &new);
            self.messages.set_bill(id, *new);
        }
    }

    /// The day and the cell in which a message's money is counted.
    pub(super) fn usage_place(&self, message: &Message, bill: Option<&Bill>) -> (ContractDay, UsageKey) {
        let (tariff, version) = bill.map_or((0, 0), |bill| (bill.tariff, bill.version));
        let zone = message.destination.zone(message.label.zone_len);
        let day = ContractDay::of(self.calendar(message.accepted_at));
        (day, UsageKey { account: message.account, carrier: message.carrier, zone, tariff, version })
    }

    /// An operator said something; what is about money is done with it.
    pub(super) fn fact(&mut self, home: RecordNumber, fact: Fact) {
        match &fact.says {
            Says::Money { account, operation, .. } => {
                let _fits = self.ledger.operate(*account, fact.told_at, *operation);
            }
            Says::Opted { account, number, out } => self.opted_out.opted(*account, number, *out),
            _ => {}
        }
        let id = fact.id;
        self.facts.add(fact);
        if self.facts.looks_back(id).is_some() {
            self.recounts.add(id, home);
        }
    }

    pub(super) fn terms(&mut self, account: AccountId, at: Timestamp, terms: Terms) {
        // Decided on the same state: it fits, or this is a replay of what a snapshot says anew.
        let _fits = self.ledger.operate(account, at, Operation::Terms(terms));
    }

    pub(super) fn month_settled(
        &mut self,
        (account, month): (AccountId, u32),
        at: Timestamp,
        (segments, accrued, amount): (u64, Money, Money),
        (cash, voucher): (Money, Money),
    ) {
        let settled = SettledMonth { at, segments, accrued, amount, cash, voucher };
        let _fits = self.ledger.settle_month(account, MonthNumber(month), settled);
    }
}
