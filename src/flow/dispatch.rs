//! What waits meets who is ready for it. Carriers and customers pull: nothing goes to one that has no credit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::decide::{consent, time};
use crate::flow::input::{Asker, Chore, Effect, News, Notice};
use crate::flow::live::{Customers, FRONT, Live, LiveCarrier, LiveCustomer};
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{Content, Event};

/// The most events of one dispatch: some 100 KB, far below what a batch holds.
const EVENTS_MAX: usize = 4096;

/// The most ends of one dispatch, each several times as long as a hand-over.
const OVER_MAX: usize = 512;

/// Waiting messages whose contents are to be in memory ahead of their turn, and read back at once at the most: what a
/// fast carrier takes while one reading lasts.
const AHEAD: usize = 512;

/// Returns whether there may be more.
pub(super) fn dispatch(state: &State, live: &mut Live, now: Now, decision: &mut Decision) -> bool {
    if time::fire(state, live, now, decision) {
        return true;
    }
    let log_now = state.log_time(now.wall);
    leave_queues(state, live, now, decision);
    if !decision.events.is_empty() {
        return true;
    }
    let Live { carriers, customers, .. } = live;
    for (carrier, live) in carriers {
        if hand_over(state, *carrier, live, customers, (now, log_now), decision) {
            return true;
        }
        fetch_ahead(state, *carrier, live, decision);
        if decision.events.len() >= EVENTS_MAX {
            return true;
        }
    }
    live.wake_customers(now.moment);
    while let Some((account, customer)) = live.next_touched() {
        deliver(state, account, customer, decision);
        if decision.events.len() >= EVENTS_MAX {
            live.touch(account);
            return true;
        }
    }
    false
}

/// What waits for a carrier that rests or is gone goes to the next of its route, as far as that one has credits.
///
/// Where nobody found another carrier, the next look waits until something has changed: a queue of millions for a
/// carrier that is down is not to be paid for by every message that goes elsewhere.
fn leave_queues(state: &State, live: &mut Live, now: Now, decision: &mut Decision) {
    let mut left = Vec::new();
    let readiness = live.readiness(now.moment);
    for (id, carrier) in &mut live.carriers {
        if !carrier.may_be_left(now.moment) {
            continue;
        }
        // Those that have left already are not to hide the next.
        while let Some(front) = carrier.queue.front()
            && state.messages.get(front).is_none_or(|message| !is_ready(message, *id))
        {
            carrier.queue.pop();
        }
        let look = Some((carrier.queue.changes(), readiness));
        if carrier.queue.front().is_none() || carrier.nobody_left == look {
            continue;
        }
        carrier.nobody_left = look;
        for waiting in carrier.queue.iter().take(FRONT) {
            left.extend(state.messages.get(waiting).filter(|message| is_ready(message, *id)));
        }
    }
    if left.is_empty() {
        return;
    }
    // What has come to a carrier and is not handed over yet takes its credits too.
    let free = |carrier: &LiveCarrier| carrier.credits().saturating_sub(carrier.queue.len());
    let mut credits: BTreeMap<_, _> =
        live.carriers.iter().map(|(id, carrier)| (*id, free(carrier))).collect();
    for message in left {
        // A part stays with the others; a copy where the first went, or nobody could tell whose late answer comes.
        if state.messages.part(message).is_some() || message.copies > 0 {
            continue;
        }
        let destination = message.destination.unpack();
        let route = live.routing.carriers(destination.as_slice());
        let Some(other) = live.ready(now.moment, route, Some(message.carrier)) else { continue };
        // Whether it goes now or when there are credits: there is more to look for.
        if let Some(carrier) = live.carriers.get_mut(&message.carrier) {
            carrier.nobody_left = None;
        }
        let Some(credits) = credits.get_mut(&other).filter(|credits| **credits > 0) else { continue };
        if decision.events.len() >= EVENTS_MAX {
            break;
        }
        *credits -= 1;
        decision.events.push(Event::Rerouted { message: message.id, carrier: other });
    }
}

/// Whether an entry of a carrier's queue is not stale.
fn is_ready(message: &Message, carrier: CarrierId) -> bool {
    message.carrier == carrier && matches!(message.phase, Phase::Queued(_))
}

/// Hands over what waits for one carrier: each an event before it is a send. Returns whether something was over
/// instead: then a customer is owed a receipt, and there may be more.
fn hand_over(
    state: &State,
    id: CarrierId,
    carrier: &mut LiveCarrier,
    customers: &Customers,
    (now, log_now): (Now, Timestamp),
    decision: &mut Decision,
) -> bool {
    if carrier.resting_until.is_some_and(|until| now.moment < until) {
        return false;
    }
    carrier.resting_until = None;
    carrier.paced_until = None;
    // Parts that went in this decision, perhaps before their turn in the queue: the state learns of it only after it.
    let mut gone = BTreeSet::new();
    let mut over = 0;
    while over < OVER_MAX
        && decision.events.len() < EVENTS_MAX
        && let Some(waiting) = carrier.queue.front()
    {
        let ready =
            state.messages.get(waiting).filter(|message| is_ready(message, id) && message.is_due(log_now));
        let Some(message) = ready.filter(|_| !gone.contains(&waiting)) else {
            carrier.queue.pop();
            continue;
        };
        if carrier.queue.waits_behind(&message.destination, waiting) {
            carrier.queue.pop();
            continue;
        }
        let message = earlier_part(state, message, (id, log_now), &gone).unwrap_or(message);
        if let Some(outcome) = consent::stopped(state, customers, message) {
            if message.id == waiting {
                carrier.queue.pop();
            }
            gone.insert(message.id);
            decision.events.push(Event::Ended { message: message.id, at: now.wall, outcome });
            over += 1;
            continue;
        }
        let Phase::Queued(Some(content)) = &message.phase else { return over > 0 };
        if carrier.credits() == 0 {
            return over > 0;
        }
        if let Some(rate) = &carrier.rate
            && let Err(until) = rate.take(now.moment)
        {
            carrier.paced_until = Some(until);
            return over > 0;
        }
        let Some(link) = carrier.take_credit() else { return over > 0 };
        if message.id == waiting {
            carrier.queue.pop();
        }
        if state.messages.part(message).is_some() {
            gone.insert(message.id);
        }
        decision.events.push(Event::HandedOver { message: message.id, at: now.wall });
        decision.effects.push(send(link, message, Arc::clone(content), log_now));
    }
    over > 0
}

/// The part that goes before this one: the queue is in the order of acceptance, and parts go in their own. One that is
/// not in memory does not hold up the others: a handset puts them in order itself.
fn earlier_part<'a>(
    state: &'a State,
    message: &Message,
    (carrier, log_now): (CarrierId, Timestamp),
    gone: &BTreeSet<MessageId>,
) -> Option<&'a Message> {
    let part = state.messages.part(message)?;
    let others = &state.longs.get(part.head)?.parts;
    let before = others.iter().filter(|other| other.number < part.number && !gone.contains(&other.id));
    let waiting = before.filter_map(|other| {
        let message = state.messages.get(other.id)?;
        let here = is_ready(message, carrier)
            && message.is_due(log_now)
            && matches!(message.phase, Phase::Queued(Some(_)));
        here.then_some((other.number, message))
    });
    waiting.min_by_key(|(number, _)| *number).map(|(_, message)| message)
}

fn send(link: crate::flow::LinkId, message: &Message, content: Arc<Content>, log_now: Timestamp) -> Effect {
    let expires_at = message.expires_at().filter(|_| content.validity_given);
    Effect::Send {
        link,
        message: message.id,
        attempt: message.attempts.wrapping_add(1),
        valid_for: expires_at.map(|at| at.since(log_now)),
        source: message.source.unpack(),
        destination: message.destination.unpack(),
        content,
    }
}

/// Asks for the contents of those whose turn comes soon, as far as they are not in memory.
fn fetch_ahead(state: &State, id: CarrierId, carrier: &mut LiveCarrier, decision: &mut Decision) {
    if carrier.fetching || carrier.links.is_empty() {
        return;
    }
    let missing = |waiting: MessageId| {
        let message = state.messages.get(waiting).filter(|message| is_ready(message, id))?;
        matches!(message.phase, Phase::Queued(None)).then_some((waiting, message.home))
    };
    // As long as the next and the one halfway are there, nobody waits.
    let halfway = carrier.queue.get(AHEAD / 2).and_then(missing);
    if halfway.is_none() && carrier.queue.front().and_then(missing).is_none() {
        return;
    }
    let wanted: Vec<(MessageId, RecordNumber)> =
        carrier.queue.iter().take(AHEAD).filter_map(missing).collect();
    carrier.fetching = true;
    decision.chores.push(Chore::Fetch(Asker::Carrier(id), wanted));
}

/// Gives one customer what waits for it.
fn deliver(state: &State, account: AccountId, customer: &mut LiveCustomer, decision: &mut Decision) {
    while let Some(oldest) = customer.pop_excess() {
        // What has waited too long is not owed any more, and stands here all the same.
        if state.messages.get(oldest.message).is_some_and(|message| state.owes_notice(message)) {
            decision.events.push(Event::Untold { message: oldest.message });
        }
        if decision.events.len() >= EVENTS_MAX {
            return;
        }
    }
    while let Some((link, id, message_state, at)) = customer.give_intermediate() {
        match state.messages.get(id) {
            Some(message) if !matches!(message.phase, Phase::Ended(_)) => {
                let news = News::Intermediate { at, message_state };
                decision.effects.push(Effect::Deliver { link, notice: notice(state, message, news) });
            }
            _ => {
                customer.answered(link, id);
            }
        }
    }
    while let Some(next) = customer.waiting.front().copied() {
        let message = state.messages.get(next.message);
        if let Some(Phase::Incoming(None)) = message.map(|message| &message.phase) {
            return fetch_incoming(state, account, customer, decision);
        }
        let Some((link, id)) = customer.give() else { return };
        match message.and_then(|message| Some((message, news(state, message)?))) {
            Some((message, news)) => {
                decision.effects.push(Effect::Deliver { link, notice: notice(state, message, news) });
            }
            None => {
                customer.answered(link, id);
            }
        }
    }
}

/// Asks for the contents of messages for an account, as far as they are not in memory.
fn fetch_incoming(state: &State, account: AccountId, customer: &mut LiveCustomer, decision: &mut Decision) {
    if customer.fetching || customer.receivers.is_empty() {
        return;
    }
    let missing = |id: MessageId| {
        let message = state.messages.get(id)?;
        matches!(message.phase, Phase::Incoming(None)).then_some((id, message.home))
    };
    let next = customer.waiting.iter().take(AHEAD).map(|owed| owed.message);
    customer.fetching = true;
    let messages = next.filter_map(missing).collect();
    decision.chores.push(Chore::Fetch(Asker::Account(account), messages));
}

fn notice(state: &State, message: &Message, news: News) -> Notice {
    Notice {
        message: message.id,
        shown: state.messages.shown(message),
        source: message.source.unpack(),
        destination: message.destination.unpack(),
        accepted_at: state.calendar(message.accepted_at),
        news,
    }
}

fn news(state: &State, message: &Message) -> Option<News> {
    match &message.phase {
        Phase::Ended(end) if state.is_owed(message) => {
            let (at, outcome) = **end;
            let one = (1, u8::from(outcome.class == crate::message::Class::Delivered));
            let (parts, delivered) =
                state.messages.extra(message).and_then(|extra| extra.parts).unwrap_or(one);
            Some(News::Final { at: state.calendar(at), outcome, parts, delivered })
        }
        Phase::Incoming(Some(content)) => Some(News::Incoming { content: Arc::clone(content) }),
        _ => None,
    }
}
