//! What has to hold after every step of every transcript, whatever it is about. (This file is long because
//! all of it is asked of the same state.)

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::world::Records;
use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::money::Money;
use crate::base::time::Now;
use crate::flow::message::{Extra, Message, Phase};
use crate::flow::{Decision, Effect, Flow, FlowSettings, News, Report, State};
use crate::message::{Address, Category, Charge, Class, Content, Event, Hold, Says, Submission};
use crate::rating::wallet::FundKind;
use crate::sla::AccountCounts;

/// The most octets of one decision's records: what a batch that does not call itself full has room for. More would
/// have to be split, and a decision is whole or not at all.
const DECISION_OCTETS_MAX: usize = 256 * 1024;

/// Octets in front of each record in a batch.
const RECORD_HEAD_LEN: usize = 4;

/// Watches decisions go by, over restarts.
#[derive(Default)]
pub(super) struct Audit {
    accepted: BTreeSet<MessageId>,
    received: BTreeSet<MessageId>,
    last_id: Option<MessageId>,
    ended: BTreeSet<MessageId>,
    corrected: BTreeSet<(MessageId, u8)>,
    /// Whose notice is done with: taken, refused or given up.
    told: BTreeSet<MessageId>,
    handed_over: BTreeMap<MessageId, usize>,
    sent: BTreeMap<MessageId, usize>,
    /// Handed over, and nobody has said since that it may be once more.
    out: BTreeSet<MessageId>,
    copied: BTreeSet<MessageId>,
    /// What the customer, or the carrier, said last.
    bodies: BTreeMap<MessageId, Bytes>,
    replaced: Option<MessageId>,
    /// How many more of an account's messages count as a class by what was said when they were over.
    recounted: BTreeMap<(AccountId, usize), i64>,
    /// Those of whose counts it takes them out, and whose they are.
    taken_out: BTreeMap<MessageId, AccountId>,
    /// Who wants no more messages of whom.
    opted_out: BTreeSet<(AccountId, Bytes)>,
    /// Between whom a message goes.
    between: BTreeMap<MessageId, (AccountId, Bytes)>,
    /// Whether somebody looks at the records, and says of which messages a late receipt has corrected the whole.
    pub(super) sees_records: bool,
}

impl Audit {
    /// Events come before effects: an effect may lean on an event of its own decision.
    pub(super) fn look_at(&mut self, decision: &Decision) {
        decision.events.iter().for_each(|event| self.event(event));
        decision.effects.iter().for_each(|effect| self.effect(effect));
    }

    /// A start's events may go out in several batches: whatever is missing of them, the next start decides again.
    pub(super) fn weigh(decision: &Decision) {
        let octets = decision.events.iter().map(octets_of).sum::<usize>();
        assert!(octets <= DECISION_OCTETS_MAX, "a decision of {octets} octets");
    }

    /// A late receipt has corrected a message: if it had been taken out of the counts, it was not pending any more.
    pub(super) fn has_corrected(&mut self, message: MessageId) {
        if let Some(account) = self.taken_out.remove(&message) {
            for (class, more) in [(Class::Excluded, -1), (Class::Pending, 1)] {
                *self.recounted.entry((account, class as usize)).or_default() += more;
            }
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Accepted { message, .. } | Event::Received { message, .. } => {
                assert!(self.last_id.is_none_or(|last| last < *message), "ids only grow");
                self.last_id = Some(*message);
                if let Event::Accepted { submission, .. } | Event::Received { submission, .. } = event {
                    self.bodies.insert(*message, submission.content.body.clone());
                }
                let accepted = matches!(event, Event::Accepted { .. });
                if let Event::Accepted { submission, .. } = event {
                    self.goes(*message, submission);
                }
                if accepted { &mut self.accepted } else { &mut self.received }.insert(*message);
            }
            Event::Opted { account, number, out, .. } => self.opted(*account, number, *out),
            Event::Fact(fact) => {
                if let Says::Opted { account, number, out } = &fact.says {
                    self.opted(*account, number, *out);
                }
            }
            Event::HandedOver { message, .. } => {
                let between = self.between.get(message);
                assert!(between.is_none_or(|who| !self.opted_out.contains(who)), "{message:?} is not wanted");
                *self.handed_over.entry(*message).or_default() += 1;
                assert!(self.out.insert(*message), "{message:?} is resent, and nobody said that it may be");
            }
            Event::Returned { message, .. } | Event::Deferred { message, .. } => {
                self.out.remove(message);
            }
            Event::Resent { message } => {
                assert!(self.out.remove(message), "{message:?} was never sent");
                assert!(self.copied.insert(*message), "{message:?} is copied twice");
            }
            Event::Ended { message, .. } => {
                assert!(self.accepted.contains(message), "{message:?} ended and was never accepted");
                assert!(self.ended.insert(*message), "{message:?} ended twice");
            }
            Event::Corrected { message, part, .. } => {
                assert!(self.ended.contains(message), "{message:?} is corrected and was not over");
                assert!(self.corrected.insert((*message, *part)), "{message:?} is corrected twice");
                if !self.sees_records {
                    self.has_corrected(*message);
                }
            }
            Event::Recounted(recount) => {
                assert!(self.ended.contains(&recount.message), "recounted and was not over");
                for (grounds, more) in [(recount.was, -1), (recount.now, 1)] {
                    let class = recount.outcome.on(grounds).0.class as usize;
                    *self.recounted.entry((recount.account, class)).or_default() += more;
                }
                self.taken_out.remove(&recount.message);
                if recount.now.is_some() {
                    self.taken_out.insert(recount.message, recount.account);
                }
            }
            Event::Told { message, .. } | Event::Untold { message } => {
                let over = self.ended.contains(message) || self.received.contains(message);
                assert!(over, "{message:?} was told before its end");
                assert!(self.told.insert(*message), "{message:?} was told twice");
            }
            Event::Replaced { message, .. } => self.replaced = Some(*message),
            Event::Carried(carried) if self.replaced.take() == Some(carried.message) => {
                self.bodies.insert(carried.message, carried.content.clone().unwrap().body);
            }
            _ => {}
        }
    }

    fn goes(&mut self, message: MessageId, submission: &Submission) {
        let who = (submission.account, Bytes::copy_from_slice(submission.destination.as_slice()));
        if submission.label.category != Category::OneTimeCode {
            assert!(!self.opted_out.contains(&who), "{message:?} is not wanted");
            self.between.insert(message, who);
        }
    }

    fn opted(&mut self, account: AccountId, number: &Address, out: bool) {
        let who = (account, Bytes::copy_from_slice(number.as_slice()));
        let news = if out { self.opted_out.insert(who) } else { self.opted_out.remove(&who) };
        assert!(news, "it was so before");
    }

    /// Each message's home holds it, and its content as long as that may be needed.
    pub(super) fn assert_homes(&self, state: &State, log: &Records) {
        for message in state.messages.iter() {
            let id = message.id;
            let home = log.get(message.home).unwrap_or_else(|| panic!("the home of {id:?} is gone"));
            let (owner, content) = home.into_whole().unwrap_or_else(|| panic!("{id:?} is not at home"));
            assert_eq!(owner, id);
            if !matches!(message.phase, Phase::Submitted(_) | Phase::Ended(_)) {
                assert_eq!(
                    content.map(|content| content.body),
                    self.bodies.get(&id).cloned(),
                    "{id:?}'s body"
                );
            }
        }
    }

    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Answer { result: Ok(message), .. } | Effect::AnswerMulti { result: Ok(message), .. } => {
                assert!(self.accepted.contains(message), "{message:?} was promised without an event");
            }
            Effect::Send { message, content, .. } => {
                assert_eq!(Some(&content.body), self.bodies.get(message), "{message:?}'s body");
                let sent = self.sent.entry(*message).or_default();
                *sent += 1;
                let handed_over = self.handed_over.get(message).copied().unwrap_or_default();
                assert!(*sent <= handed_over, "{message:?} was sent before it was handed over");
            }
            Effect::Deliver { notice, .. } => {
                let message = notice.message;
                match notice.news {
                    News::Final { .. } => assert!(self.ended.contains(&message), "a receipt before the end"),
                    News::Intermediate { .. } => {
                        assert!(!self.ended.contains(&message), "news after the end")
                    }
                    News::Incoming { .. } => assert!(self.received.contains(&message), "from nowhere"),
                }
                assert!(!self.told.contains(&message), "a notice after it was taken");
            }
            Effect::Answer { .. }
            | Effect::AnswerMulti { .. }
            | Effect::AnswerManage { .. }
            | Effect::AnswerFact { .. }
            | Effect::Acknowledge { .. } => {}
        }
    }
}

fn octets_of(event: &Event) -> usize {
    let mut record = bytes::BytesMut::new();
    event.encode(&mut record);
    RECORD_HEAD_LEN + record.len()
}

/// A flow that has seen these records and nothing else.
pub(super) fn replayed(settings: &FlowSettings, log: &Records) -> Flow {
    let mut flow = Flow::new(settings.clone());
    for (home, event) in log.iter() {
        flow.apply(home, event);
    }
    flow.state.forget_broken();
    flow
}

/// Two flows know the same: the fold over the records is the only way in which anything becomes known.
pub(super) fn assert_same(left: &Flow, right: &Flow) {
    assert_eq!(facts(left.report()), facts(right.report()));
    let (left, right) = (left.state(), right.state());
    assert_eq!(left.ids, right.ids);
    assert_eq!(left.clock_offset, right.clock_offset);
    assert_eq!(left.accounts, right.accounts);
    assert_eq!(left.carriers, right.carriers);
    let (ours, theirs) = (by_id(left), by_id(right));
    assert_eq!(ours.len(), theirs.len());
    // Where others look for a message is no fact about it.
    let fact = |(message, extra): &(&Message, Option<&Extra>)| {
        (Message { paired: false, ..(*message).clone() }, extra.cloned())
    };
    for (id, message) in &ours {
        assert_eq!(Some(fact(message)), theirs.get(id).map(fact), "{id:?}");
    }
    assert_eq!(left.longs, right.longs);
    assert_eq!(left.waiting, right.waiting);
    assert_eq!(left.owed, right.owed);
    assert_eq!(left.counters, right.counters);
    assert_eq!(left.book, right.book);
    assert_eq!(left.late, right.late);
    assert_eq!(left.moved, right.moved);
    assert_eq!(left.facts, right.facts);
    assert_eq!(left.recounts, right.recounts);
    assert_eq!(left.loads, right.loads);
    assert_eq!(left.ledger, right.ledger);
    assert_eq!(left.agreed, right.agreed);
    for id in ours.keys() {
        assert_eq!(left.messages.bill(*id), right.messages.bill(*id), "{id:?}'s bill");
    }
    assert_eq!(left.outages, right.outages);
    assert_eq!(left.parked, right.parked);
    assert_eq!(left.finished, right.finished);
    for message in left.messages.iter() {
        let extra = left.messages.extra(message);
        let copies = extra.into_iter().flat_map(|extra| &extra.links).map(|(carrier, id)| (*carrier, id));
        let link = if let Phase::Submitted(link) = &message.phase { Some(link) } else { None };
        for (carrier, id) in link.map(|link| (message.carrier, link)).into_iter().chain(copies) {
            let found = |state: &State| state.messages.linked(carrier, id).map(|found| found.id);
            assert_eq!(found(left), found(right));
        }
    }
}

/// A report without what dies with the process.
fn facts(mut report: Report) -> Report {
    for account in &mut report.accounts {
        account.receipts_waiting = 0;
        account.receivers = 0;
        // Whether a month could be settled is known to whoever tried.
        account.money.iter_mut().for_each(|money| money.unsettled = None);
    }
    for carrier in &mut report.carriers {
        carrier.links = 0;
        carrier.resting = false;
        (carrier.matched_of, carrier.match_alarm, carrier.proposal) = ((0, 0), false, None);
    }
    report
}

fn by_id(state: &State) -> BTreeMap<MessageId, (&Message, Option<&Extra>)> {
    state.messages.iter().map(|message| (message.id, (message, state.messages.extra(message)))).collect()
}

/// A state does not contradict itself.
pub(super) fn assert_consistent(state: &State, audit: &Audit) {
    let messages = by_id(state);
    assert_eq!(messages.len(), state.messages.len());

    let mut waiting: BTreeMap<CarrierId, usize> = BTreeMap::new();
    let mut owed: BTreeMap<AccountId, usize> = BTreeMap::new();
    // A long message is one, whichever of its parts are still open.
    let mut open: BTreeMap<AccountId, BTreeSet<MessageId>> = BTreeMap::new();
    let mut in_doubt: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut in_doubt_at: BTreeMap<CarrierId, u64> = BTreeMap::new();
    let mut bodies = 0;
    for (id, (message, _)) in messages {
        assert_eq!(state.messages.get(id), Some(message), "a message is found by its id");
        let long = state
            .messages
            .part(message)
            .map(|part| part.head)
            .filter(|head| state.longs.get(*head).is_some());
        let single = !matches!(message.phase, Phase::Ended(_) | Phase::Incoming(_));
        if long.is_some() || single {
            open.entry(message.account).or_default().insert(long.unwrap_or(id));
        }
        if state.is_owed(message) || matches!(message.phase, Phase::Incoming(_)) {
            *owed.entry(message.account).or_default() += 1;
        } else if matches!(message.phase, Phase::Ended(_)) {
            assert!(long.is_some(), "{id:?} is over, nobody is owed anything, and it is still here");
        }
        bodies += message
            .phase
            .content()
            .map_or(0, |content| content.body.len() + content.tlvs.len() + size_of::<Content>());
        match &message.phase {
            Phase::Queued(_) => *waiting.entry(message.carrier).or_default() += 1,
            Phase::InDoubt => {
                *in_doubt.entry(message.account).or_default() += 1;
                *in_doubt_at.entry(message.carrier).or_default() += 1;
            }
            Phase::Submitted(link) => {
                // With an id given twice this may be another message, or none any more.
                let found = state.messages.linked(message.carrier, link).map(|found| &found.phase);
                assert!(found.is_none_or(|phase| !matches!(phase, Phase::Ended(_))));
            }
            Phase::Gathering(_) | Phase::HandedOver(_) | Phase::Ended(_) | Phase::Incoming(_) => {}
        }
        if matches!(message.phase, Phase::Queued(_) | Phase::Gathering(_)) {
            let (source, destination) = (message.source.unpack(), message.destination.unpack());
            let mut between = state.messages.waiting_between(message.account, &source, &destination);
            assert!(between.any(|found| found.id == id), "{id:?} can be cancelled");
        }
    }
    assert_eq!(state.messages.bodies(), bodies, "octets of contents in memory");
    for (number, name) in state.carrier_names() {
        let carrier = CarrierId(number);
        assert_eq!(state.queued(carrier), waiting.remove(&carrier).unwrap_or_default(), "{name}'s queue");
        let gauge = state.counters.carrier(carrier).in_doubt;
        assert_eq!(gauge, in_doubt_at.remove(&carrier).unwrap_or_default(), "{name}'s doubts");
    }
    for (number, name) in state.account_names() {
        let account = AccountId(number);
        let counts = state.counters.account(account);
        assert_eq!(counts.in_doubt, in_doubt.remove(&account).unwrap_or_default(), "{name}'s doubts");
        assert_eq!(state.owed(account), owed.remove(&account).unwrap_or_default(), "{name} is owed");
        assert_days_are_counts(state, (account, name), &counts, &audit.recounted);
        let still_open = open.remove(&account).unwrap_or_default().len() as u64;
        assert_eq!(counts.accepted, counts.ended.total() + still_open, "{name}: accepted = ended + open");
    }
}

/// Promise 5: what accounts paid in is what they have, what is held for messages that are here, and what went out.
pub(super) fn assert_money_is_whole(state: &State) {
    for (number, name) in state.account_names() {
        let account = AccountId(number);
        let Some(wallet) = state.ledger.wallet(account) else { continue };
        let bills = state.messages.iter().filter(|message| message.account == account);
        let bills = bills.filter_map(|message| state.messages.bill(message.id));
        let held: Vec<_> = bills.filter(|bill| bill.charge == Charge::Held).map(|bill| bill.hold).collect();
        let add = |sum: Money, more: Money| sum.checked_add(more).unwrap();
        let held_for = held.iter().map(Hold::money).fold(Money::ZERO, add);
        let (of_funds, on_credit) = wallet.held();
        assert_eq!(add(of_funds, on_credit), held_for, "{name}: held for messages that are here");
        let segments: u64 = held.iter().map(Hold::segments).sum();
        assert_eq!(wallet.held_segments(), segments, "{name}: segments of packages");
        let totals = wallet.totals();
        let in_funds = |money: bool| {
            let funds = wallet.funds().iter().filter(move |fund| (fund.kind == FundKind::Package) != money);
            funds.map(|fund| fund.left + fund.held).sum::<u64>()
        };
        let there = Money::from_micros(i64::try_from(in_funds(true)).unwrap());
        let spent = totals.spent;
        let gone = [spent.voucher, spent.cash, totals.void_money, totals.paid_out, totals.collected];
        assert_eq!(
            totals.money_in,
            gone.into_iter().fold(there, add),
            "{name}: money in = money out + balances"
        );
        let gone = spent.segments + totals.void_segments + totals.segments_refunded;
        assert_eq!(
            totals.segments_in,
            in_funds(false) + gone,
            "{name}: segments in = segments out + balances"
        );
        assert_eq!(
            spent.credit,
            [wallet.owed(), totals.collected, totals.forgiven].into_iter().fold(Money::ZERO, add)
        );
        let used = state.ledger.usage().sum(|_, key| key.account == account);
        assert_eq!(used.paid, spent, "{name}: what was used is what was spent");
    }
}

/// The days say what the counters say.
fn assert_days_are_counts(
    state: &State,
    (account, name): (AccountId, &str),
    counts: &AccountCounts,
    recounted: &BTreeMap<(AccountId, usize), i64>,
) {
    let day = state.book.standing(|key| key.account == account).adjusted();
    for class in Class::ALL {
        let said = counts.ended.of(class) + counts.corrected.of(class);
        let (open, corrected) = match class {
            Class::Pending => (open_at_close(state, account), counts.corrected.total()),
            _ => (0, 0),
        };
        let more = recounted.get(&(account, class as usize)).copied().unwrap_or_default();
        let expected = (said + open - corrected).checked_add_signed(more);
        assert_eq!(Some(day.of(class)), expected, "{name} {}", class.name());
    }
}

/// Messages that are open and were so when their period closed: they are pending in the book already.
fn open_at_close(state: &State, account: AccountId) -> u64 {
    let closings = state.book.closings();
    let mut open = BTreeSet::new();
    for message in state.messages.iter().filter(|message| message.account == account) {
        let long = state.messages.part(message).map(|part| part.head);
        let long = long.filter(|head| state.longs.get(*head).is_some());
        if long.is_some() || !matches!(message.phase, Phase::Ended(_) | Phase::Incoming(_)) {
            open.insert(long.unwrap_or(message.id));
        }
    }
    let closed = open.into_iter().filter(|id| {
        let message = state.messages.get(*id).unwrap();
        closings.day_of_open(account, *id, message.accepted_at).is_some()
    });
    closed.count() as u64
}

/// Whatever waits stands exactly once where it will be found: a message that is due in its carrier's queue, a notice
/// with its customer or on its way to it. `ticked` says whether time's own work has been done.
pub(super) fn assert_nothing_is_lost(flow: &Flow, now: Now, ticked: bool) {
    let log_now = flow.state.log_time(now.wall);
    for message in flow.state.messages.iter() {
        let id = message.id;
        match &message.phase {
            Phase::Queued(_) if message.wait_until().is_none() || (ticked && message.is_due(log_now)) => {
                let queue = &flow.live.carriers[&message.carrier].queue;
                let places = queue.iter().filter(|waiting| *waiting == id).count();
                let behind = queue.behind(&message.destination, id);
                assert_eq!((places + behind).min(1), 1, "{id:?} waits and is in no queue");
            }
            Phase::Ended(_) if !flow.state.is_owed(message) => {}
            Phase::Ended(_) | Phase::Incoming(_) => {
                let places =
                    flow.live.customers.get(&message.account).map_or(0, |customer| customer.places(id));
                assert_eq!(places, 1, "{id:?} is owed and is with nobody");
            }
            _ => {}
        }
    }
}
