//! What the peers have seen, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use telegraphy::base::ids::{AccountId, MessageId};
use telegraphy::base::money::Money;
use telegraphy::flow::{Acceptance, Effect, Flow, Taking};
use telegraphy::message::{Billed, Class, Detail, Outcome, Refusal, Verdict};
use telegraphy::sla::book::{Book, CellKey, ContractDay};
use telegraphy::sla::{Sums, never_reported};

use super::gateway::Group;
use super::records::Records;
use super::settings::{ACCOUNTS, BRIEF, CARRIERS, COPIES_MAX, SHOP};

/// What a customer was promised under an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Promise {
    /// One message.
    Single,
    /// A part of a long message.
    Part,
    /// So many messages.
    Multi(usize),
    /// One message that may have been there before, perhaps as one of several.
    Replaced,
}

/// A message from a carrier.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Mo {
    /// How often the carrier has sent it.
    pub(super) sent: u32,
    /// Whether it was told that it is ours.
    pub(super) taken: bool,
    /// How often the customer has taken it or refused it for good.
    pub(super) over: u32,
}

/// Seen from outside.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) promised: BTreeMap<MessageId, Promise>,
    last_id: Option<MessageId>,
    /// Submissions whose answer a crash has swallowed, each with the messages that it may stand for.
    pub(super) unanswered: usize,
    /// Customers' last words about receipts and messages, durable with us.
    pub(super) told: BTreeMap<MessageId, Taking>,
    /// What receipts said.
    pub(super) said: BTreeMap<MessageId, Outcome>,
    /// How often carriers really took a message.
    pub(super) took: BTreeMap<MessageId, u16>,
    /// The states that carriers reported about a message.
    pub(super) reported: BTreeMap<MessageId, BTreeSet<u8>>,
    /// Messages that were handed over without an answer at some time.
    pub(super) doubtful: BTreeSet<MessageId>,
    pub(super) cancelled: BTreeSet<MessageId>,
    pub(super) mos: BTreeMap<u64, Mo>,
    /// Which of them a customer knows by this id.
    pub(super) incoming: BTreeMap<MessageId, u64>,
    /// Durable hand-overs, by carrier.
    pub(super) sends: [u64; 3],
    refused: BTreeMap<(AccountId, Refusal), u64>,
    /// What was counted of closed periods when they had closed.
    pub(super) closed: BTreeMap<(AccountId, ContractDay), Sums>,
    /// Messages from carriers that became ours, durably.
    received: u64,
    /// Seen at the worst moment.
    pub(super) log_octets: u64,
    pub(super) bodies: usize,
    pub(super) crashes: u32,
    pub(super) stops: u32,
}

impl Ledger {
    /// What is in this group is durable now.
    pub(super) fn durable(&mut self, group: &Group) {
        for (message, taking) in &group.told {
            if *taking == Taking::Later {
                continue;
            }
            if let Some(mo) = self.incoming.get(message) {
                self.mos.get_mut(mo).unwrap().over += 1;
            } else if !self.said.contains_key(message) {
                // An answer to an intermediate notice.
                continue;
            }
            let before = self.told.insert(*message, *taking);
            assert_eq!(before, None, "{message:?} was told twice");
        }
        for carrier in &group.sends {
            self.sends[carrier.0 as usize] += 1;
        }
        for carrier in &group.not_sent {
            self.sends[carrier.0 as usize] -= 1;
        }
        for (account, reason, count) in &group.refused {
            *self.refused.entry((*account, *reason)).or_default() += u64::from(*count);
        }
        for effect in &group.effects {
            if let Effect::Acknowledge { reply, taken: Acceptance::Taken } = effect {
                self.received += u64::from(reply.ticket % 2 == 1);
            }
        }
    }

    /// A submission was granted. A `fresh` id is of a message that was not there before.
    pub(super) fn granted(&mut self, id: MessageId, promise: Promise, fresh: bool) {
        if fresh {
            assert!(self.last_id.is_none_or(|last| last < id), "{id:?} after {:?}", self.last_id);
            self.last_id = Some(id);
        }
        self.promised.entry(id).or_insert(promise);
    }

    // ── When all is over ────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn assert_every_message_has_ended_once(&self, flow: &Flow, records: &Records) {
        assert_eq!(flow.state().open(), 0);
        let mut heads: BTreeMap<MessageId, usize> = BTreeMap::new();
        for detail in records.messages() {
            *heads.entry(detail.shown.unwrap_or(detail.message)).or_default() += 1;
        }
        let mut parts = 0;
        for (id, promise) in &self.promised {
            let ends = heads.remove(id).unwrap_or_default();
            match promise {
                Promise::Single => assert_eq!(ends, 1, "{id:?}"),
                Promise::Multi(count) => assert_eq!(ends, *count, "{id:?}"),
                Promise::Part => parts += ends,
                Promise::Replaced => assert!(records.of(*id).is_some(), "{id:?}"),
            }
        }
        let nobodys: usize = heads.values().sum();
        assert!(parts > 0 && nobodys <= self.unanswered, "{nobodys} of {} unanswered", self.unanswered);
        for detail in records.messages() {
            self.assert_fair(detail);
        }
        for late in records.late() {
            let Detail { message, outcome, .. } = late;
            let first = records.of(*message).unwrap_or_else(|| panic!("{late:?} has never ended"));
            assert_eq!(first.outcome.class, Class::Pending, "{first:?} was no silence");
            let reported = self.reported.get(message).is_some_and(|r| r.contains(&outcome.message_state));
            assert!(reported || late.parts > 1, "{late:?} was never reported");
        }
    }

    /// Promise 14: what is counted of a closed period does not change.
    pub(super) fn watch_what_is_closed(&mut self, flow: &Flow) {
        let book = flow.state().book();
        for name in ACCOUNTS {
            let Some(account) = flow.state().account(name) else { continue };
            for closing in book.closings().of(account) {
                let sums = book.sums(|key| key.account == account && closing.has(key.day));
                let before = self.closed.entry((account, closing.first)).or_insert(sums);
                assert_eq!(*before, sums, "{name} {closing:?}");
            }
        }
    }

    /// What one record says is what the peers have seen.
    fn assert_fair(&self, detail: &Detail) {
        let Detail { message, outcome, copies, verdict, .. } = detail;
        let took = self.took.get(message).copied().unwrap_or_default();
        let of_long = detail.parts > 1 || self.promised.get(message) == Some(&Promise::Part);
        if !of_long {
            let allowed = if *detail.account == *ACCOUNTS[SHOP] { COPIES_MAX } else { 0 };
            assert!(*copies <= allowed && took <= 1 + copies, "{took} with {detail:?}");
            assert!(took <= 1 || detail.ambiguous, "{detail:?}");
            if let Some(said) = self.said.get(message) {
                assert_eq!(said, outcome, "{message:?}");
            }
            if *verdict == Verdict::Receipt && !self.doubtful.contains(message) {
                let reported = self.reported.get(message).is_some_and(|r| r.contains(&outcome.message_state));
                assert!(reported, "{detail:?} was never reported");
            }
        }
        if self.cancelled.contains(message) {
            assert_eq!(*verdict, Verdict::Cancelled, "{detail:?}");
        }
    }

    pub(super) fn assert_the_counts_are_the_records(&self, flow: &Flow, records: &Records) {
        let report = flow.report();
        for (place, name) in ACCOUNTS.iter().enumerate() {
            let counts = &report.accounts.iter().find(|account| account.name == **name).unwrap().counts;
            let mine = || records.messages().filter(|detail| *detail.account == **name);
            assert_eq!(counts.accepted, mine().count() as u64, "{name}");
            for class in Class::ALL {
                let ended = mine().filter(|detail| detail.outcome.class == class).count() as u64;
                assert_eq!(counts.ended.of(class), ended, "{name} {}", class.name());
                let late = records.late().filter(|detail| *detail.account == **name);
                let late = late.filter(|detail| detail.outcome.class == class).count() as u64;
                assert_eq!(counts.corrected.of(class), late, "{name} {}", class.name());
            }
            let owed: u64 = mine().map(|detail| receipts_of(place, detail)).sum();
            assert_eq!(counts.told + counts.untold, owed, "{name}: one receipt each");
            assert_eq!(counts.received, counts.taken + counts.not_taken, "{name}");
            let account = flow.state().account(name).unwrap();
            for reason in Refusal::ALL {
                let seen = self.refused.get(&(account, reason)).copied().unwrap_or_default();
                assert!(counts.refused(reason) >= seen, "{name} {}", reason.name());
            }
        }
        for (place, name) in CARRIERS.iter().enumerate() {
            let counts = &report.carriers.iter().find(|carrier| carrier.name == **name).unwrap().counts;
            let mine = || records.messages().filter(|detail| detail.carrier.as_deref() == Some(*name));
            for class in Class::ALL {
                let ended = mine().filter(|detail| detail.outcome.class == class).count() as u64;
                assert_eq!(counts.ended.of(class), ended, "{name} {}", class.name());
            }
            assert_eq!(counts.submitted, self.sends[place], "{name}");
            assert_eq!(counts.in_doubt, 0);
            let foreign = records.foreign().filter(|foreign| *foreign.carrier == **name).count() as u64;
            assert_eq!(counts.foreign, foreign, "{name}");
        }
        let received: u64 = report.accounts.iter().map(|account| account.counts.received).sum();
        assert_eq!(received, self.received);
        assert_eq!(report.parked, 0);
    }

    /// The book that the gateway keeps is that which its records give.
    pub(super) fn assert_the_book_is_the_records(&self, flow: &Flow, records: &Records) {
        let state = flow.state();
        let mut again = Book::default();
        for detail in records.all() {
            let key = CellKey {
                day: ContractDay::of(detail.accepted_at),
                account: state.account(&detail.account).unwrap(),
                carrier: state.carrier(detail.carrier.as_deref().unwrap()).unwrap(),
                category: detail.category,
                zone: detail.zone,
            };
            let now = (&detail.outcome, detail.evidence);
            match detail.verdict {
                Verdict::LateReceipt => again.correct_by(key, (&never_reported(), None), now),
                _ => again.count_by(key, now.0, now.1),
            }
        }
        assert_eq!(state.book().settled(), again);
    }

    /// Promise 5: what accounts owe is what their records say, nothing is held any more, and each was charged by its
    /// own rule.
    pub(super) fn assert_the_money_is_the_records(&self, flow: &Flow, records: &Records) {
        let ledger = flow.state().ledger();
        for name in ACCOUNTS {
            let account = flow.state().account(name).unwrap();
            let mine = || records.messages().filter(|detail| *detail.account == *name);
            let Some(wallet) = ledger.wallet(account) else {
                assert!(mine().all(|detail| detail.billed == Billed::default()), "{name} pays nothing");
                continue;
            };
            assert!(wallet.is_at_rest(), "{name}: {wallet:?}");
            let credit = mine().map(|detail| detail.billed.credit).fold(Money::ZERO, Money::saturating_add);
            assert_eq!((wallet.owed(), wallet.totals().spent.credit), (credit, credit), "{name}");
            let used = ledger.usage().sum(|_, key| key.account == account);
            let segments =
                |of: fn(&Billed) -> u32| mine().map(|detail| u64::from(of(&detail.billed))).sum::<u64>();
            assert_eq!(used.charged.segments, segments(|billed| billed.charged), "{name}");
            assert_eq!(used.accepted.segments, segments(|billed| billed.segments), "{name}");
            assert_eq!(used.released.segments, used.accepted.segments - used.charged.segments, "{name}");
            for detail in mine().filter(|detail| detail.parts == 1) {
                let Billed { segments, charged, .. } = detail.billed;
                let due = match name {
                    "bank" => detail.outcome.class == Class::Delivered,
                    "shop" => detail.verdict == Verdict::Receipt || charged > 0,
                    _ => true,
                };
                assert_eq!(charged, if due { segments } else { 0 }, "{name}: {detail:?}");
                assert!(segments > 0, "{detail:?}");
            }
        }
        let taken: u64 = self.took.values().map(|took| u64::from(*took)).sum();
        let used = ledger.usage().sum(|_, _| true);
        assert!(used.taken.messages <= taken, "{} of {taken} that carriers took", used.taken.messages);
        assert!(used.charged.messages > 0 && used.released.messages > 0 && used.taken.messages > 0);
    }

    pub(super) fn assert_every_receipt_was_taken_once(&self, flow: &Flow) {
        let report = flow.report();
        for (place, name) in ACCOUNTS.iter().enumerate().filter(|(place, _)| *place != BRIEF) {
            let counts = &report.accounts.iter().find(|account| account.name == **name).unwrap().counts;
            let account = flow.state().account(name).unwrap();
            let _place = (place, account);
            assert_eq!(flow.state().owed(account), 0);
            assert_eq!(counts.accepted, counts.ended.total());
        }
        let told = |taken: bool| {
            let mut last_words = self.told.iter().filter(|(id, _)| !self.incoming.contains_key(id));
            last_words.by_ref().filter(|(_, taking)| (**taking == Taking::Taken) == taken).count() as u64
        };
        let sum = |count: fn(&telegraphy::sla::AccountCounts) -> u64, but: Option<usize>| -> u64 {
            let counted =
                report.accounts.iter().filter(|account| but.is_none_or(|but| account.name != ACCOUNTS[but]));
            counted.map(|account| count(&account.counts)).sum()
        };
        // What the brief account did not take in time it may have answered for all the same.
        assert!(sum(|counts| counts.told, None) <= told(true));
        assert!(sum(|counts| counts.told + counts.untold, Some(BRIEF)) <= told(true) + told(false));
    }

    pub(super) fn assert_every_message_from_a_carrier_arrived(&self) {
        for (serial, mo) in &self.mos {
            let least = u32::from(mo.taken);
            assert!(mo.over >= least && mo.over <= mo.sent, "message {serial} from a carrier: {mo:?}");
        }
    }
}

/// How many receipts the customer is owed for what one record says.
fn receipts_of(account: usize, detail: &Detail) -> u64 {
    let delivered = detail.outcome.class == Class::Delivered;
    let wanted = match detail.registered_delivery & 3 {
        0 => false,
        2 => !delivered,
        3 => delivered,
        _ => true,
    };
    match (wanted, account) {
        (false, _) => 0,
        (true, SHOP) => 1,
        (true, _) => u64::from(detail.parts),
    }
}
