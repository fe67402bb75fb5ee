//! Step 9: what a carrier said to a message, and what that leads to.

use crate::base::ids::{CarrierId, MessageId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::decide::receipts::{self, Stands};
use crate::flow::input::Answer;
use crate::flow::live::Live;
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{CarrierMessageId, Event};
use crate::routing::Cause;
use crate::sla;

/// What is written down for a message that cannot be written for its carrier: ESME_RINVMSGLEN.
const UNWRITABLE: u32 = 0x01;

pub(super) fn answered(
    state: &State,
    live: &mut Live,
    now: Now,
    (id, attempt): (MessageId, u8),
    answer: Answer,
    decision: &mut Decision,
) {
    let Some(message) = state.messages.get(id) else {
        return taken_late(state, live, now, id, answer, decision);
    };
    let current = attempt == message.attempts;
    let open = match message.phase {
        Phase::HandedOver(_) => current,
        Phase::InDoubt => true,
        _ => false,
    };
    match answer {
        Answer::Taken(theirs) => taken(state, live, now, message, theirs, decision),
        Answer::Refused(status) if open && current => refused(state, live, now, message, status, decision),
        Answer::Unwritable if open => give_up(live, message, now, UNWRITABLE, decision),
        Answer::NotSent if open && current && is_handed_over(message) => {
            decision.events.push(Event::Returned { message: id, status: 0 });
        }
        Answer::Silent if open && is_handed_over(message) => {
            decision.events.push(Event::InDoubt { message: id });
        }
        Answer::Refused(_) | Answer::Unwritable | Answer::NotSent | Answer::Silent => {}
    }
}

const fn is_handed_over(message: &Message) -> bool {
    matches!(message.phase, Phase::HandedOver(_))
}

/// The carrier has it. This may be the late answer to an earlier hand-over: then the message is in doubt no more, and
/// a copy of it that has not gone out yet never will.
fn taken(
    state: &State,
    live: &mut Live,
    now: Now,
    message: &Message,
    theirs: CarrierMessageId,
    decision: &mut Decision,
) {
    let Some(carrier) = live.carriers.get_mut(&message.carrier) else { return };
    carrier.recover();
    let theirs = carrier.read_response(&theirs);
    let waits = matches!(message.phase, Phase::Queued(_)) && message.attempts > 0;
    match &message.phase {
        Phase::HandedOver(_) | Phase::InDoubt => {}
        Phase::Queued(_) if waits => {}
        // A copy was taken too: its receipts are about this message as well.
        Phase::Submitted(known) if *known != theirs && !theirs.is_empty() => {}
        Phase::Ended(_) if !theirs.is_empty() => {}
        _ => return,
    }
    let (id, carrier) = (message.id, message.carrier);
    let over = matches!(message.phase, Phase::Ended(_));
    decision.events.push(if over || matches!(message.phase, Phase::Submitted(_)) {
        Event::Linked { message: id, carrier, id: theirs.clone() }
    } else {
        Event::Submitted { message: id, id: theirs.clone() }
    });
    // Without an id, receipts without one are about anybody's message.
    if !theirs.is_empty() {
        let stands = if over { Stands::of_ended(state, id) } else { Stands::Open };
        let codes = live.codes(carrier);
        let found = receipts::unpark(state, (now, &codes), (carrier, theirs), (id, stands), decision);
        if let Some(carrier) = live.carriers.get_mut(&carrier) {
            for _ in 0..found {
                let _alarm = carrier.match_rate.found();
            }
        }
    }
}

/// The answer to a message that was given up, of which nobody is owed anything any more: its receipts are about it.
fn taken_late(
    state: &State,
    live: &mut Live,
    now: Now,
    id: MessageId,
    answer: Answer,
    decision: &mut Decision,
) {
    let (Answer::Taken(theirs), Some(given_up)) = (answer, state.late.get(id)) else { return };
    let carrier = given_up.message.carrier;
    let Some(reader) = live.carriers.get_mut(&carrier) else { return };
    let theirs = reader.read_response(&theirs);
    if theirs.is_empty() || given_up.parts > 1 {
        return;
    }
    decision.events.push(Event::Linked { message: id, carrier, id: theirs.clone() });
    let (codes, stands) = (live.codes(carrier), Stands::of_ended(state, id));
    receipts::unpark(state, (now, &codes), (carrier, theirs), (id, stands), decision);
}

/// The carrier did not take it: by its table of causes that is for now, or for good.
fn refused(
    state: &State,
    live: &mut Live,
    now: Now,
    message: &Message,
    status: u32,
    decision: &mut Decision,
) {
    let Some(carrier) = live.carriers.get_mut(&message.carrier) else { return };
    let retry = &carrier.settings.retry;
    let cause = retry.cause(status);
    if cause == Cause::Pause {
        carrier.rest(now.moment);
        decision.events.push(Event::Returned { message: message.id, status });
        return;
    }
    let may_again = message.tries.saturating_add(1) < retry.attempts_max;
    if cause == Cause::GiveUp || !may_again {
        return give_up(live, message, now, status, decision);
    }
    let wait = retry.wait(message.id, message.tries + 1);
    let start = state.log_time(now.wall);
    let elsewhere = || elsewhere(state, live, now, message);
    let (carrier, until) = match (cause == Cause::RetryElsewhere).then(elsewhere).flatten() {
        Some(other) => (other, start),
        None => (message.carrier, start + wait),
    };
    decision.events.push(Event::Deferred { message: message.id, status, carrier, until });
}

/// Another carrier of the message's route that is ready; none for a part of a long message, which stays together, nor
/// for a copy: a late answer to the first would be taken for the other carrier's.
fn elsewhere(state: &State, live: &Live, now: Now, message: &Message) -> Option<CarrierId> {
    if state.messages.part(message).is_some() || message.copies > 0 {
        return None;
    }
    let destination = message.destination.unpack();
    live.ready(now.moment, live.routing.carriers(destination.as_slice()), Some(message.carrier))
}

fn give_up(live: &Live, message: &Message, now: Now, status: u32, decision: &mut Decision) {
    decision.events.push(Event::Declined { message: message.id, status });
    let outcome = sla::refused_by_carrier(status, &live.codes(message.carrier), now.wall);
    decision.events.push(Event::Ended { message: message.id, at: now.wall, outcome });
}
