//! What the flow looks like from outside, at one moment: for `telegraphy status` and the metrics.

use crate::base::ids::{AccountId, CarrierId};
use crate::base::money::Money;
use crate::base::time::{Moment, Timestamp};
use crate::flow::Flow;
use crate::flow::names::Names;
use crate::matching::Proposal;
use crate::message::{Balance, Cause, FactId, Function, Lapse, Whose};
use crate::rating::MonthNumber;
use crate::rating::wallet::Standing;
use crate::sla::book::ContractDay;
use crate::sla::facts::{Case, Standing as Stands};
use crate::sla::terms::claim::ComplaintClock;
use crate::sla::{AccountCounts, CarrierCounts, Sums};

/// The whole, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Every account that was ever named.
    pub accounts: Vec<AccountReport>,
    /// Every carrier that was ever named.
    pub carriers: Vec<CarrierReport>,
    /// Messages that have not ended; receipts that are owed are not among them.
    pub open: usize,
    /// Receipts that wait for their message.
    pub parked: usize,
    /// What is out now.
    pub outages: Vec<OutageReport>,
    /// Complaints that wait for their answer, the oldest first.
    pub complaints: Vec<ComplaintReport>,
    /// Claims that do.
    pub claims: usize,
}

/// A complaint that waits for its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ComplaintReport {
    /// The fact that it is.
    pub fact: FactId,
    /// When it was said.
    pub since: Timestamp,
    /// How it stands.
    pub clock: ComplaintClock,
}

/// Something that is out.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OutageReport {
    /// Of what.
    pub function: Function,
    /// Noticed by what.
    pub cause: Cause,
    /// Of this account only, when it is not everybody's.
    pub account: Option<String>,
    /// Of the link to this carrier only.
    pub carrier: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// One account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountReport {
    /// Its name.
    pub name: String,
    /// Its counts.
    pub counts: AccountCounts,
    /// How those of today's messages ended that are over; the day is that of the contracts' clock.
    pub today: Sums,
    /// Receipts, and messages from carriers, that it is owed: those that wait and those that it has not answered.
    pub owed: usize,
    /// Those of them that wait for a connection.
    pub receipts_waiting: usize,
    /// Connections that take receipts.
    pub receivers: usize,
    /// Recipients who want no more of its messages.
    pub opted_out: usize,
    /// Its money; none where it has no wallet.
    pub money: Option<MoneyReport>,
}

/// An account's money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MoneyReport {
    /// What there is to spend.
    pub balance: Balance,
    /// Money that is held for messages that are not over, also on credit.
    pub held: Money,
    /// Segments of packages that are.
    pub held_segments: u64,
    /// Spent on credit and not paid yet.
    pub owed: Money,
    /// How it stands.
    pub standing: Standing,
    /// The first month that is over and could not be settled.
    pub unsettled: Option<MonthNumber>,
}

/// One carrier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CarrierReport {
    /// Its name.
    pub name: String,
    /// Its counts.
    pub counts: CarrierCounts,
    /// As an account's.
    pub today: Sums,
    /// Messages that wait for it.
    pub queued: usize,
    /// Connections that can be sent messages.
    pub links: usize,
    /// Whether it rests because it throttled.
    pub resting: bool,
    /// How many of how many of its latest receipts were about messages of ours.
    pub matched_of: (usize, usize),
    /// Whether these are too few.
    pub match_alarm: bool,
    /// Another way to read its ids that would match clearly more of its receipts.
    pub proposal: Option<Proposal>,
}

impl Flow {
    fn open_outages(&self) -> Vec<OutageReport> {
        let named = |names: &Names, wanted| {
            names.iter().find(|(number, _)| *number == wanted).map(|(_, name)| name.to_owned())
        };
        let report = |(Lapse { whose, function, cause }, since)| OutageReport {
            function,
            cause,
            account: match whose {
                Whose::Account(account) => named(&self.state.accounts, account.0),
                Whose::Everyone | Whose::Carrier(_) => None,
            },
            carrier: match whose {
                Whose::Carrier(carrier) => named(&self.state.carriers, carrier.0),
                Whose::Everyone | Whose::Account(_) => None,
            },
            since,
        };
        self.state.outages.open().map(report).collect()
    }

    /// The carriers to which there is no connection that takes messages, and since when.
    #[must_use]
    pub fn unlinked(&self) -> Vec<(CarrierId, Moment)> {
        let carriers = self.live.carriers.iter();
        carriers.filter_map(|(carrier, live)| Some((*carrier, live.down_since()?))).collect()
    }

    /// A picture of the moment of the last event.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report_at(self.state.last_time)
    }

    /// A picture of this moment: what has expired by `now` is nobody's any more.
    #[must_use]
    pub fn report_at(&self, now: Timestamp) -> Report {
        let today = ContractDay::of(self.state.last_time);
        let by_account = self.state.book.by(today, |key| key.account);
        let by_carrier = self.state.book.by(today, |key| key.carrier);
        let account = |(number, name): (u32, &str)| {
            let account = AccountId(number);
            let live = self.live.customers.get(&account);
            AccountReport {
                name: name.to_owned(),
                counts: self.state.counters.account(account),
                today: by_account.get(&account).copied().unwrap_or_default(),
                owed: self.state.owed(account),
                receipts_waiting: live.map_or(0, |live| live.kept()),
                receivers: live.map_or(0, |live| live.receivers.len()),
                opted_out: self.state.opted_out.of(account),
                money: self.money_at(account, now),
            }
        };
        let carrier = |(number, name): (u32, &str)| {
            let carrier = CarrierId(number);
            let live = self.live.carriers.get(&carrier);
            CarrierReport {
                name: name.to_owned(),
                counts: self.state.counters.carrier(carrier),
                today: by_carrier.get(&carrier).copied().unwrap_or_default(),
                queued: self.state.queued(carrier),
                links: live.map_or(0, |live| live.links.len()),
                resting: live.is_some_and(|live| live.resting_until.is_some()),
                matched_of: live.map_or((0, 0), |live| live.match_rate.matched_of()),
                match_alarm: live.is_some_and(|live| live.match_rate.is_raised()),
                proposal: live.and_then(|live| live.proposal),
            }
        };
        let (complaints, claims) = self.open_cases(now);
        Report {
            accounts: self.state.accounts.iter().map(account).collect(),
            carriers: self.state.carriers.iter().map(carrier).collect(),
            open: self.state.open(),
            parked: self.state.parked.len(),
            outages: self.open_outages(),
            complaints,
            claims,
        }
    }

    /// Complaints that wait, and how many claims do. Found by going through all facts: they are few thousands.
    fn open_cases(&self, now: Timestamp) -> (Vec<ComplaintReport>, usize) {
        let (mut complaints, mut claims) = (Vec::new(), 0);
        for case in self.state.facts.cases().filter(Case::is_open) {
            match case.standing(now) {
                Stands::Complaint(clock) => {
                    complaints.push(ComplaintReport { fact: case.fact, since: case.since, clock });
                }
                _ => claims += 1,
            }
        }
        (complaints, claims)
    }

    fn money_at(&self, account: AccountId, now: Timestamp) -> Option<MoneyReport> {
        let ledger = &self.state.ledger;
        let wallet = ledger.wallet(account)?;
        let standing = wallet.standing(now);
        let (of_funds, on_credit) = wallet.held();
        // Months of an account that pays nothing any more, or is closed, are not settled.
        // Whether a month could be settled is known once that was tried, a moment after its end.
        let tried = Some(MonthNumber::of(ContractDay::of(now)));
        let pays = standing != Standing::Closed
            && self.live.months_settled_in == tried
            && self.live.customers.contains_key(&account)
            && self.live.rules(account).paying.is_some();
        Some(MoneyReport {
            balance: wallet.balance(now),
            held: of_funds.saturating_add(on_credit),
            held_segments: wallet.held_segments(),
            owed: wallet.owed(),
            standing,
            unsettled: ledger.month_due(account, now).filter(|_| pays),
        })
    }
}
