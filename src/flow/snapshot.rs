//! What is known beside the messages, written once more so that the segments that said it first can be freed.

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::flow::agreed::Agreed;
use crate::flow::closing;
use crate::flow::names::Names;
use crate::flow::recounts::Recounts;
use crate::flow::state::State;
use crate::matching::{Finished, Parked};
use crate::message::{Event, GivenUp, Receipt, Snapshot};
use crate::policy::OptedOut;
use crate::rating::Ledger;
use crate::sla::availability::History;
use crate::sla::book::CellKey;
use crate::sla::facts::Facts;
use crate::sla::{AccountCounts, Book, CarrierCounts, Counters, Loads};

/// Hashes of ended links per record: 128 KiB, half of the longest record.
const HASHES_PER_RECORD: usize = 16 * 1024;

/// A snapshot that is being read: it counts when its end has been read.
#[derive(Debug, Default)]
pub(super) struct Staged {
    last_id: Option<MessageId>,
    clock_offset: i64,
    accounts: Names,
    carriers: Names,
    counters: Counters,
    book: Book,
    late: Vec<GivenUp>,
    moved: HashMap<MessageId, CellKey>,
    facts: Facts,
    recounts: Recounts,
    loads: Loads,
    opted_out: OptedOut,
    ledger: Ledger,
    agreed: Agreed,
    unreadable: Option<AccountId>,
    outages: History,
    finished: Vec<u64>,
    parked: Vec<(Timestamp, Receipt)>,
}

impl State {
    /// Everything beside the messages, as events that take its place.
    pub(super) fn to_snapshot(&self) -> impl Iterator<Item = Event> {
        let began = Snapshot::Began { last_id: self.ids.last(), clock_offset: self.clock_offset };
        let name = |name: &str| name.to_owned().into_bytes().into();
        let accounts = self.accounts.iter().map(move |(number, text)| {
            let account = AccountId(number);
            let counts = self.counters.account(account).to_numbers();
            Snapshot::Account { account, name: name(text), counts }
        });
        let carriers = self.carriers.iter().map(move |(number, text)| {
            let carrier = CarrierId(number);
            let counts = self.counters.carrier(carrier).to_numbers();
            Snapshot::Carrier { carrier, name: name(text), counts }
        });
        let outages = self.outages.to_numbers().into_iter().map(|numbers| Snapshot::Outages { numbers });
        let mut hashes = self.finished.iter();
        let finished = std::iter::from_fn(move || {
            let hashes: Vec<u64> = hashes.by_ref().take(HASHES_PER_RECORD).collect();
            (!hashes.is_empty()).then_some(Snapshot::Finished { hashes })
        });
        let parked =
            self.parked.iter().map(|(at, receipt)| Snapshot::Parked { at, receipt: receipt.clone() });
        let cells = self.book.to_numbers().into_iter().map(|numbers| Snapshot::Cells { numbers });
        let cells = cells.chain(self.closed_to_snapshot());
        let facts = self.facts.iter().map(|(fact, _)| Snapshot::Fact(fact.clone()));
        let wallets = self.ledger.wallets_to_numbers().into_iter();
        let wallets = wallets.map(|(account, numbers)| Snapshot::Wallet { account, numbers });
        let usage = self.ledger.usage().to_numbers().into_iter().map(|numbers| Snapshot::Usage { numbers });
        let months = self.ledger.settled_to_numbers().into_iter().map(|numbers| Snapshot::Months { numbers });
        let money = wallets.chain(usage).chain(months).chain(self.agreed.to_snapshot());
        let facts = facts.chain(self.recounts_to_snapshot());
        let facts = facts.chain([Snapshot::Loads { numbers: self.loads.to_numbers() }]);
        let opted_out = self.opted_out.to_numbers().into_iter();
        let facts = facts.chain(opted_out.map(|numbers| Snapshot::OptedOut { numbers }));
        let all = std::iter::once(began)
            .chain(accounts)
            .chain(carriers)
            .chain(cells)
            .chain(facts)
            .chain(money)
            .chain(finished);
        let all = all.chain(parked).chain(outages);
        all.chain([Snapshot::Ended]).map(|record| Event::Snapshot(Box::new(record)))
    }

    /// Reads one record of a snapshot.
    pub(super) fn snapshot(&mut self, record: Snapshot) {
        if let Snapshot::Began { last_id, clock_offset } = record {
            self.staged = Some(Box::new(Staged { last_id, clock_offset, ..Staged::default() }));
            return;
        }
        let Some(staged) = &mut self.staged else { return };
        match record {
            Snapshot::Began { .. } => {}
            Snapshot::Account { account, name, counts } => {
                staged.accounts.set(account.0, name);
                staged.counters.set_account(account, AccountCounts::from_numbers(&counts));
            }
            Snapshot::Carrier { carrier, name, counts } => {
                staged.carriers.set(carrier.0, name);
                staged.counters.set_carrier(carrier, CarrierCounts::from_numbers(&counts));
            }
            Snapshot::Cells { numbers } => staged.book.add_numbers(&numbers),
            Snapshot::Adjustments { numbers } => staged.book.add_adjustments(&numbers),
            Snapshot::Closings { numbers } => staged.book.add_closings(&numbers),
            Snapshot::Moved { numbers } => staged.moved.extend(closing::read_moved(&numbers)),
            Snapshot::GivenUp(given_up) => staged.late.push(*given_up),
            Snapshot::Fact(fact) => staged.facts.add(fact),
            Snapshot::Recounts { numbers } => staged.recounts.add_numbers(&numbers),
            Snapshot::Wallet { account, numbers } => {
                if !staged.ledger.set_wallet(account, &numbers) {
                    staged.unreadable = Some(account);
                }
            }
            Snapshot::Usage { numbers } => staged.ledger.add_usage(&numbers),
            Snapshot::Months { numbers } => staged.ledger.add_settled(&numbers),
            Snapshot::Agreed(agreement) => staged.agreed.agree(agreement),
            Snapshot::Loads { numbers } => staged.loads = Loads::from_numbers(&numbers),
            Snapshot::OptedOut { numbers } => staged.opted_out.add_numbers(&numbers),
            Snapshot::Outages { numbers } => staged.outages.add_numbers(&numbers),
            Snapshot::Finished { hashes } => staged.finished.extend(hashes),
            Snapshot::Parked { at, receipt } => staged.parked.push((at, receipt)),
            Snapshot::Ended => {
                let staged = self.staged.take().unwrap_or_default();
                self.settle(*staged);
            }
        }
    }

    fn settle(&mut self, staged: Staged) {
        let Staged {
            last_id,
            clock_offset,
            accounts,
            carriers,
            counters,
            book,
            late,
            moved,
            facts,
            recounts,
            loads,
            opted_out,
            ledger,
            agreed,
            unreadable,
            outages,
            finished,
            parked,
        } = staged;
        if let Some(last_id) = last_id {
            self.ids.saw(last_id);
        }
        self.clock_offset = clock_offset;
        self.accounts = accounts;
        self.carriers = carriers;
        self.counters = counters;
        self.book = book;
        self.moved = moved;
        self.settle_late(late);
        self.facts = facts;
        self.recounts = recounts;
        self.loads = loads;
        self.opted_out = opted_out;
        (self.ledger, self.unreadable) = (ledger, unreadable);
        self.agreed = agreed;
        self.outages = outages;
        self.finished = Finished::from_hashes(finished);
        self.parked = Parked::default();
        for (at, receipt) in parked {
            self.parked.park(at, receipt);
        }
    }

    /// At the end of a replay, whatever lives is known. A long message of which parts are missing is over, then: the
    /// parts that ended first were in a segment that has been freed. What is still owed for one that has one receipt
    /// was written down anew, and names it no more.
    pub(super) fn forget_broken(&mut self) {
        for (head, parts) in self.longs.forget_broken() {
            for id in parts {
                let part = self.messages.get(id).and_then(|message| self.messages.part(message));
                let Some(part) = part.filter(|part| part.head == head) else { continue };
                self.messages.leave_long(id);
                self.messages.unlink_copies(id);
                if part.one_receipt || self.messages.get(id).is_some_and(|message| !self.is_owed(message)) {
                    self.messages.remove(id);
                }
            }
        }
    }
}
