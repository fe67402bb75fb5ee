//! What has to hold after every step of every transcript, whatever it is about.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::flow::messages::{Message, Phase};
use crate::flow::{Decision, Effect, Flow, FlowSettings, Report, State};
use crate::message::Event;

/// The most octets of one decision's records: what a batch that does not call itself full has room for. More would
/// have to be split, and a decision is whole or not at all.
const DECISION_OCTETS_MAX: usize = 256 * 1024;

/// Octets in front of each record in a batch.
const RECORD_HEAD_LEN: usize = 4;

/// Watches decisions go by, over restarts.
#[derive(Default)]
pub(super) struct Audit {
    accepted: BTreeSet<MessageId>,
    ended: BTreeSet<MessageId>,
    told: BTreeSet<MessageId>,
    handed_over: BTreeMap<MessageId, usize>,
    sent: BTreeMap<MessageId, usize>,
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

    fn event(&mut self, event: &Event) {
        match event {
            Event::Accepted { message, .. } => {
                assert!(self.accepted.last().is_none_or(|last| last < message), "ids only grow");
                self.accepted.insert(*message);
            }
            Event::HandedOver { message, .. } => *self.handed_over.entry(*message).or_default() += 1,
            Event::Ended { message, .. } => {
                assert!(self.accepted.contains(message), "{message:?} ended and was never accepted");
                assert!(self.ended.insert(*message), "{message:?} ended twice");
            }
            Event::Told { message, .. } => {
                assert!(self.ended.contains(message), "{message:?} was told before its end");
                assert!(self.told.insert(*message), "{message:?} was told twice");
            }
            _ => {}
        }
    }

    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Answer { result: Ok(message), .. } => {
                assert!(self.accepted.contains(message), "{message:?} was promised without an event");
            }
            Effect::Send { message, .. } => {
                let sent = self.sent.entry(*message).or_default();
                *sent += 1;
                let handed_over = self.handed_over.get(message).copied().unwrap_or_default();
                assert!(*sent <= handed_over, "{message:?} was sent before it was handed over");
            }
            Effect::Deliver { notice, .. } => {
                assert!(self.ended.contains(&notice.message), "a receipt before the end");
                assert!(!self.told.contains(&notice.message), "a receipt after it was taken");
            }
            Effect::Answer { result: Err(_), .. } | Effect::Acknowledge { .. } => {}
        }
    }
}

fn octets_of(event: &Event) -> usize {
    let mut record = bytes::BytesMut::new();
    event.encode(&mut record);
    RECORD_HEAD_LEN + record.len()
}

/// A flow that has seen these records and nothing else.
pub(super) fn replayed(settings: &FlowSettings, log: &[Bytes]) -> Flow {
    let mut flow = Flow::new(settings.clone());
    for record in log {
        flow.apply(Event::decode(record).unwrap());
    }
    flow
}

/// Two flows know the same: the fold over the records is the only way in which anything becomes known.
pub(super) fn assert_same(left: &Flow, right: &Flow) {
    assert_eq!(facts(left.report()), facts(right.report()));
    let (left, right) = (left.state(), right.state());
    assert_eq!(left.ids, right.ids);
    assert_eq!(left.accounts, right.accounts);
    assert_eq!(left.carriers, right.carriers);
    assert_eq!(left.counters, right.counters);
    assert_eq!(left.parked, right.parked);
    assert_eq!(left.finished, right.finished);
    assert_eq!(left.queues, right.queues);
    assert_eq!(by_id(left), by_id(right));
    for message in left.messages.iter() {
        if let Phase::Submitted(link) = &message.phase {
            let found = |state: &State| state.messages.linked(message.carrier, link).map(|found| found.id);
            assert_eq!(found(left), found(right));
        }
    }
}

/// A report without what dies with the process.
fn facts(mut report: Report) -> Report {
    for account in &mut report.accounts {
        account.receipts_waiting = 0;
        account.receivers = 0;
    }
    for carrier in &mut report.carriers {
        carrier.links = 0;
        carrier.resting = false;
    }
    report
}

fn by_id(state: &State) -> BTreeMap<MessageId, &Message> {
    state.messages.iter().map(|message| (message.id, message)).collect()
}

/// A state does not contradict itself.
pub(super) fn assert_consistent(state: &State) {
    let messages = by_id(state);
    assert_eq!(messages.len(), state.messages.len());

    let mut waiting: BTreeMap<CarrierId, VecDeque<MessageId>> = BTreeMap::new();
    let mut open: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut in_doubt: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut in_doubt_at: BTreeMap<CarrierId, u64> = BTreeMap::new();
    for (id, message) in messages {
        assert_eq!(state.messages.get(id), Some(message), "a message is found by its id");
        if !matches!(message.phase, Phase::Ended(_)) {
            *open.entry(message.account).or_default() += 1;
        }
        match &message.phase {
            Phase::Queued(_) => waiting.entry(message.carrier).or_default().push_back(id),
            Phase::InDoubt => {
                *in_doubt.entry(message.account).or_default() += 1;
                *in_doubt_at.entry(message.carrier).or_default() += 1;
            }
            Phase::Submitted(link) => {
                // With an id given twice this may be another message, or none any more.
                let found = state.messages.linked(message.carrier, link).map(|found| &found.phase);
                assert!(found.is_none_or(|phase| matches!(phase, Phase::Submitted(id) if id == link)));
            }
            Phase::HandedOver(_) | Phase::Ended(_) => {}
        }
    }
    for (number, name) in state.carrier_names() {
        let carrier = CarrierId(number);
        let queue = state.queues.get(&carrier).cloned().unwrap_or_default();
        assert_eq!(queue, waiting.remove(&carrier).unwrap_or_default(), "{name}'s queue, in order");
        let gauge = state.counters.carrier(carrier).in_doubt;
        assert_eq!(gauge, in_doubt_at.remove(&carrier).unwrap_or_default(), "{name}'s doubts");
    }
    for (number, name) in state.account_names() {
        let account = AccountId(number);
        let counts = state.counters.account(account);
        assert_eq!(counts.in_doubt, in_doubt.remove(&account).unwrap_or_default(), "{name}'s doubts");
        let still_open = open.remove(&account).unwrap_or_default();
        assert_eq!(counts.accepted, counts.ended.total() + still_open, "{name}: accepted = ended + open");
    }
}
