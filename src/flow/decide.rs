//! `(state, now, input) → events, effects`: what an input means, given the facts.

use bytes::Bytes;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::{Answer, Effect, Input, LinkId, ReplyTo, Taking};
use crate::flow::live::Live;
use crate::flow::messages::Phase;
use crate::flow::prepare::Prepared;
use crate::flow::settings::FlowSettings;
use crate::flow::state::State;
use crate::message::{CarrierMessageId, Event, Receipt, Refusal};
use crate::sla::{self, Meaning};

/// Parked receipts filed as foreign by one tick; the rest by the next. With the longest ids they are 240 KB: a decision
/// must fit whole into what a batch has left before it calls itself full.
const FOREIGN_AT_ONCE: usize = 900;

/// Parked receipts that a new link takes. Nobody sends more about one message before he has answered it; the rest of
/// a carrier's mischief stays parked and ends as foreign.
const UNPARKED_AT_ONCE: usize = 64;

pub(super) fn decide(
    state: &State,
    live: &mut Live,
    settings: &FlowSettings,
    now: Now,
    input: Input,
    decision: &mut Decision,
) {
    match input {
        Input::Submit { reply, prepared } => submit(state, live, now, reply, prepared, decision),
        Input::Refused { account, reason, count } => {
            decision.events.push(Event::Refused { account, reason, count });
        }
        Input::CarrierReady { carrier, link, credits } => {
            if let Some(carrier) = live.carriers.get_mut(&carrier) {
                carrier.credit(link, credits);
            }
        }
        Input::CarrierGone { carrier, link } => {
            if let Some(carrier) = live.carriers.get_mut(&carrier) {
                carrier.links.retain(|(known, _)| *known != link);
            }
        }
        Input::CarrierAnswered { message, answer, .. } => {
            carrier_answered(state, live, now, message, answer, decision)
        }
        Input::Receipt { receipt, reply } => {
            carrier_reported(state, live, settings, now, receipt, decision);
            decision.effects.push(Effect::Acknowledge { reply, taken: crate::flow::Acceptance::Taken });
        }
        Input::CustomerReady { account, link, credits } => {
            live.touch(account).credit(link, credits);
        }
        Input::CustomerGone { account, link } => {
            live.touch(account).gone(link);
        }
        Input::CustomerAnswered { account, link, message, taking } => {
            customer_answered(live, now, (account, link), message, taking, decision);
        }
        Input::Incoming { reply, .. } => {
            decision.effects.push(Effect::Acknowledge { reply, taken: crate::flow::Acceptance::Never });
        }
        Input::SubmitMulti { .. }
        | Input::Manage { .. }
        | Input::Fetched { .. }
        | Input::Carry { .. }
        | Input::CarriedAll { .. }
        | Input::Room { .. } => {}
        Input::Tick => {
            let overdue = state.parked.overdue(now.wall, settings.parking);
            decision.events.extend(overdue.map(foreign).take(FOREIGN_AT_ONCE));
        }
    }
}

/// Step 6: accept, unless what waits for the carrier has reached its bound.
fn submit(state: &State, live: &Live, now: Now, reply: ReplyTo, prepared: Prepared, decision: &mut Decision) {
    let carrier = prepared.carrier();
    let mut submission = prepared.into_submission();
    let room = live.carriers.get(&carrier).map_or(0, |carrier| carrier.queue_max);
    let result = if state.queued(carrier) < room {
        let message = state.ids.next(now.wall);
        // Copies: slices would keep a customer's whole read buffer alive for as long as the message waits.
        submission.content.body = Bytes::copy_from_slice(&submission.content.body);
        submission.content.tlvs = Bytes::copy_from_slice(&submission.content.tlvs);
        decision.events.push(Event::Accepted {
            message,
            at: now.wall,
            carrier,
            due_at: Default::default(),
            expires_at: Default::default(),
            shown: None,
            part: None,
            submission,
        });
        Ok(message)
    } else {
        let reason = Refusal::QueueFull;
        decision.events.push(Event::Refused { account: submission.account, reason, count: 1 });
        Err(reason)
    };
    decision.effects.push(Effect::Answer { reply, result });
}

/// Step 9: what the carrier said.
fn carrier_answered(
    state: &State,
    live: &mut Live,
    now: Now,
    id: MessageId,
    answer: Answer,
    decision: &mut Decision,
) {
    let Some(message) = state.messages.get(id) else { return };
    let in_doubt = matches!(message.phase, Phase::InDoubt);
    if !in_doubt && !matches!(message.phase, Phase::HandedOver(_)) {
        return;
    }
    let Some(carrier) = live.carriers.get_mut(&message.carrier) else { return };
    match answer {
        Answer::Taken(theirs) => {
            carrier.recover();
            let theirs = carrier.ids.response.canonical(theirs.as_slice());
            decision.events.push(Event::Submitted { message: id, id: theirs.clone() });
            // Without an id, receipts without one are about anybody's message.
            if !theirs.is_empty() {
                unpark(state, now, (message.carrier, theirs), id, decision);
            }
        }
        Answer::Refused(status @ (0x14 | 0x58)) if !in_doubt => {
            carrier.rest(now.moment);
            decision.events.push(Event::Returned { message: id, status });
        }
        // "Later" about a message in doubt comes too late itself: its content is not kept, so that is a refusal.
        Answer::Refused(_) | Answer::Unwritable => {
            // ESME_RINVMSGLEN is what comes nearest to a message that cannot be written.
            let status = if let Answer::Refused(status) = answer { status } else { 0x01 };
            decision.events.push(Event::Declined { message: id, status });
            let outcome = sla::refused_by_carrier(status);
            decision.events.push(Event::Ended { message: id, at: now.wall, outcome });
        }
        Answer::NotSent if !in_doubt => decision.events.push(Event::Returned { message: id, status: 0 }),
        Answer::Silent if !in_doubt => decision.events.push(Event::InDoubt { message: id }),
        Answer::NotSent | Answer::Silent => {}
    }
}

/// A link appears: receipts that had overtaken it are about this message (promise 3).
fn unpark(
    state: &State,
    now: Now,
    (carrier, theirs): (CarrierId, CarrierMessageId),
    message: MessageId,
    decision: &mut Decision,
) {
    let mut over = false;
    for receipt in state.parked.about(carrier, &theirs).take(UNPARKED_AT_ONCE) {
        decision.events.push(Event::Unparked { carrier, id: theirs.clone() });
        over = report(over, now, message, receipt, decision);
    }
}

/// Steps 10 to 12: which message, what does it mean.
fn carrier_reported(
    state: &State,
    live: &Live,
    settings: &FlowSettings,
    now: Now,
    mut receipt: Receipt,
    decision: &mut Decision,
) {
    let carrier = receipt.carrier;
    if let Some(carrier) = live.carriers.get(&carrier) {
        receipt.id = carrier.ids.receipt.canonical(receipt.id.as_slice());
    }
    if let Some(message) = state.messages.linked(carrier, &receipt.id) {
        report(false, now, message.id, &receipt, decision);
    } else if state.finished.contains(carrier, &receipt.id) {
        decision.events.push(Event::Repeated { carrier });
    } else {
        if state.parked.len() >= settings.parking.receipts_max {
            decision.events.extend(state.parked.oldest().map(foreign));
        }
        decision.events.push(Event::Parked { at: now.wall, receipt });
    }
}

fn foreign(receipt: &Receipt) -> Event {
    Event::Foreign { carrier: receipt.carrier, id: receipt.id.clone() }
}

/// What a receipt about a message comes to; `over` says whether an earlier one of the same decision has ended it.
/// Returns whether it is over now.
fn report(over: bool, now: Now, message: MessageId, receipt: &Receipt, decision: &mut Decision) -> bool {
    let noted = |unknown| Event::Noted { message, unknown, state: receipt.state };
    let event = match sla::classify(receipt) {
        _ if over => Event::Repeated { carrier: receipt.carrier },
        Meaning::Final(outcome) => Event::Ended { message, at: now.wall, outcome },
        Meaning::Intermediate => noted(false),
        Meaning::Unknown => noted(true),
    };
    let over = over || matches!(event, Event::Ended { .. });
    decision.events.push(event);
    over
}

/// Step 13: the customer has its receipt, or wants it later, or never.
fn customer_answered(
    live: &mut Live,
    now: Now,
    (account, link): (AccountId, LinkId),
    message: MessageId,
    taking: Taking,
    decision: &mut Decision,
) {
    let customer = live.touch(account);
    let Some(owed) = customer.answered(link, message) else { return };
    match taking {
        Taking::Taken => decision.events.push(Event::Told { message, status: 0 }),
        Taking::Refused(status) => decision.events.push(Event::Told { message, status: status.max(1) }),
        Taking::Later => {
            customer.wait_again(owed);
            live.rest_customer(account, now.moment);
        }
    }
}
