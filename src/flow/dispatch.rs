//! What waits meets who is ready for it. Carriers and customers pull: nothing goes to one that has no credit.

use crate::base::ids::CarrierId;
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::input::{Effect, Notice};
use crate::flow::live::{Live, LiveCarrier, LiveCustomer};
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{Event, Outcome};

/// The most events of one dispatch: some 100 KB, far below what a batch holds.
const EVENTS_MAX: usize = 4096;

/// Returns whether there may be more.
pub(super) fn dispatch(state: &State, live: &mut Live, now: Now, decision: &mut Decision) -> bool {
    for (carrier, live) in &mut live.carriers {
        hand_over(state, *carrier, live, now, decision);
        if decision.events.len() >= EVENTS_MAX {
            return true;
        }
    }
    live.wake_customers(now.moment);
    while let Some(customer) = live.next_touched() {
        deliver(state, customer, decision);
    }
    false
}

/// Hands over what waits for one carrier: each an event before it is a send.
fn hand_over(state: &State, id: CarrierId, carrier: &mut LiveCarrier, now: Now, decision: &mut Decision) {
    if carrier.resting_until.is_some_and(|until| now.moment < until) {
        return;
    }
    carrier.resting_until = None;
    carrier.paced_until = None;
    let Some(queue) = state.queues.get(&id) else { return };
    for waiting in queue {
        let Some(message) = state.messages.get(*waiting) else { continue };
        let Phase::Queued(content) = &message.phase else { continue };
        if decision.events.len() >= EVENTS_MAX || carrier.links.iter().all(|(_, credits)| *credits == 0) {
            return;
        }
        if let Some(rate) = &carrier.rate
            && let Err(until) = rate.take(now.moment)
        {
            carrier.paced_until = Some(until);
            return;
        }
        let Some(link) = carrier.take_credit() else { return };
        decision.events.push(Event::HandedOver { message: message.id, at: now.wall });
        decision.effects.push(Effect::Send {
            link,
            message: message.id,
            attempt: 1,
            valid_for: None,
            source: message.source,
            destination: message.destination,
            content: content.clone(),
        });
    }
}

/// Gives one customer the receipts that wait for it.
fn deliver(state: &State, customer: &mut LiveCustomer, decision: &mut Decision) {
    while let Some((link, id)) = customer.give() {
        let Some((message, end)) = state.messages.get(id).and_then(ended) else {
            customer.answered(link, id);
            continue;
        };
        let (ended_at, outcome) = *end;
        let notice = Notice {
            message: id,
            shown: id,
            source: message.source,
            destination: message.destination,
            accepted_at: message.accepted_at,
            news: crate::flow::News::Final { at: ended_at, outcome, parts: 1, delivered: 0 },
        };
        decision.effects.push(Effect::Deliver { link, notice });
    }
}

fn ended(message: &Message) -> Option<(&Message, &(Timestamp, Outcome))> {
    match &message.phase {
        Phase::Ended(end) => Some((message, end)),
        _ => None,
    }
}
