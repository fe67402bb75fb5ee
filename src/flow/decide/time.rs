//! What becomes due: validity, schedules, retries, doubts, receipts that never come, customers who never take theirs.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::ids::MessageId;
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::decide::receipts::{self, Stands};
use crate::flow::live::Live;
use crate::flow::messages::{Message, Phase};
use crate::flow::settings::AccountSettings;
use crate::flow::state::{CLOCK_SLACK, State};
use crate::message::{Address, Event, Outcome};
use crate::sla::{self, CarrierCodes};

/// How often parked receipts are looked at for one that may be about a message in doubt.
const LOOK_FOR_RECEIPT: Duration = Duration::from_secs(60);

/// The most that is done about time in one decision: events as long as they get, and those of a last message with many
/// parts or parked receipts, are to fit into a batch.
const DUE_AT_ONCE: usize = 512;

/// The calendar has jumped: it went on by something else than the process's own clock. Nothing that waits is to move.
pub(in crate::flow) fn clock_step(live: &mut Live, now: Now) -> Option<Event> {
    let before = live.clocks.replace(now)?;
    let expected = before.wall + now.moment.since(before.moment);
    let (ahead, behind) = (now.wall.since(expected), expected.since(now.wall));
    if ahead.max(behind) < CLOCK_SLACK {
        return None;
    }
    live.closing.doubt_calendar(now);
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    Some(Event::ClockStepped { by: millis(ahead) - millis(behind) })
}

/// Looks through the messages whose time may come soon.
pub(super) fn look(state: &State, live: &mut Live, now: Now) {
    let now = state.log_time(now.wall);
    let mut timers = std::mem::take(&mut live.timers);
    // What became due since the last look, and too far from it to be noted then, is due now: the process may have
    // been stopped in between.
    let since = timers.looked_at();
    timers.look(now, &state.messages, |message| due(state, message, live.rules(message.account), since));
    live.timers = timers;
}

/// When something is due for a message next; a time in the past for what is due already.
pub(in crate::flow) fn due(
    state: &State,
    message: &Message,
    rules: &AccountSettings,
    now: Timestamp,
) -> Option<Timestamp> {
    let at = message.accepted_at;
    match &message.phase {
        Phase::Gathering(_) => Some(at + rules.long.wait),
        Phase::Queued(_) => {
            message.wait_until().filter(|wait| *wait > now).into_iter().chain(message.expires_at()).min()
        }
        Phase::HandedOver(_) => None,
        Phase::InDoubt => {
            let since = message.answered_at();
            let looks = now.since(since).as_secs() / LOOK_FOR_RECEIPT.as_secs() + 1;
            let look = since + LOOK_FOR_RECEIPT * u32::try_from(looks).unwrap_or(u32::MAX);
            Some(doubt_ends(message, rules).min(look))
        }
        Phase::Submitted(_) => Some(message.answered_at() + rules.times.receipt_wait),
        Phase::Ended(end) => state.is_owed(message).then(|| end.0 + rules.receipts.keep),
        Phase::Incoming(_) => Some(at + rules.receipts.keep),
    }
}

/// When the doubt about a message ends: with a copy, or for good.
fn doubt_ends(message: &Message, rules: &AccountSettings) -> Timestamp {
    let (since, doubt) = (message.answered_at(), rules.doubt);
    // What would have expired by then is not sent again: its receipt is waited for as long as any.
    let in_time = |wait: &Duration| message.expires_at().is_none_or(|expires| since + *wait < expires);
    let resend = doubt.resend_after.filter(|_| message.copies < doubt.copies_max).filter(in_time);
    since + resend.unwrap_or(doubt.settle_after)
}

/// Does what is due. Returns whether there was anything: then it is asked again before anything else is given out.
pub(in crate::flow) fn fire(state: &State, live: &mut Live, now: Now, decision: &mut Decision) -> bool {
    let log_now = state.log_time(now.wall);
    let mut seen = BTreeSet::new();
    while seen.len().max(decision.events.len()) < DUE_AT_ONCE
        && let Some(id) = live.timers.pop(log_now)
    {
        if seen.insert(id)
            && let Some(message) = state.messages.get(id)
        {
            fire_one(state, live, (now, log_now), message, decision);
        }
    }
    live.carriers.values_mut().for_each(|carrier| carrier.queue.release(log_now));
    !decision.events.is_empty() || seen.len() >= DUE_AT_ONCE
}

fn fire_one(
    state: &State,
    live: &mut Live,
    (now, log_now): (Now, Timestamp),
    message: &Message,
    decision: &mut Decision,
) {
    let id = message.id;
    let ended = |outcome: Outcome| Event::Ended { message: id, at: now.wall, outcome };
    let rules = live.rules(message.account);
    match &message.phase {
        Phase::Queued(_) => {
            if message.expires_at().is_some_and(|expires| expires <= log_now) {
                return decision.events.push(ended(sla::expired()));
            }
            if message.is_due(log_now)
                && let Some(queue) = live.queue(message.carrier)
            {
                queue.join(id);
            }
        }
        Phase::Gathering(_) if message.accepted_at + rules.long.wait <= log_now => {
            return give_up_parts(state, now, message, decision);
        }
        Phase::InDoubt => {
            if settle_by_receipt(state, (now, &live.codes(message.carrier)), message, decision) {
                return;
            }
            if doubt_ends(message, rules) <= log_now {
                // A carrier that is not in the settings any more takes no copy, and says nothing either.
                let is_there = live.carriers.contains_key(&message.carrier);
                let allowed = rules.doubt.resend_after.is_some() && message.copies < rules.doubt.copies_max;
                let resends = is_there && allowed;
                let expired = message.expires_at().is_some_and(|expires| expires <= log_now);
                let resent = Event::Resent { message: id };
                return decision.events.push(if resends && !expired {
                    resent
                } else {
                    ended(sla::never_known())
                });
            }
        }
        Phase::Submitted(_) if message.answered_at() + rules.times.receipt_wait <= log_now => {
            let said = state.messages.extra(message).and_then(|extra| extra.said);
            return decision.events.push(ended(said.map_or_else(sla::never_reported, sla::never_understood)));
        }
        Phase::Ended(end) if state.is_owed(message) && end.0 + rules.receipts.keep <= log_now => {
            return decision.events.push(Event::Untold { message: id });
        }
        Phase::Incoming(_) if message.accepted_at + rules.receipts.keep <= log_now => {
            return decision.events.push(Event::Untold { message: id });
        }
        _ => {}
    }
    if let Some(due) = due(state, message, live.rules(message.account), log_now) {
        live.timers.note(due, id);
    }
}

/// Parts have not come in time: those that did end, and a receipt says so.
fn give_up_parts(state: &State, now: Now, message: &Message, decision: &mut Decision) {
    let head = state.messages.part(message).map_or(message.id, |part| part.head);
    // Another part of the same message may have been due in this very decision.
    let ends = |event: &Event| matches!(event, Event::Ended { message: ended, .. } if *ended == message.id);
    if decision.events.iter().any(ends) {
        return;
    }
    let parts = state.longs.get(head).map(|long| long.parts.as_slice()).unwrap_or_default();
    for part in parts {
        decision.events.push(Event::Ended { message: part.id, at: now.wall, outcome: sla::parts_missing() });
    }
}

/// A receipt that nothing claims may be about a message in doubt: from its carrier, about its recipient and sender,
/// and come since it was handed over. Returns whether one was.
fn settle_by_receipt(
    state: &State,
    (now, codes): (Now, &CarrierCodes),
    message: &Message,
    decision: &mut Decision,
) -> bool {
    let handed_over_at = message.handed_over.time(message.accepted_at).unwrap_or(message.accepted_at);
    let (source, destination) = (message.source.unpack(), message.destination.unpack());
    let taken = |id: &crate::message::CarrierMessageId| {
        let unparked = |event: &Event| matches!(event, Event::Unparked { id: other, .. } if other == id);
        decision.events.iter().any(unparked)
    };
    let mut about = state.parked.about_recipient(message.carrier, &destination, handed_over_at);
    let found = about.find(|receipt| {
        let same_sender = receipt.sender.digits.is_empty() || same_number(&receipt.sender, &source);
        same_sender && !receipt.id.is_empty() && !taken(&receipt.id)
    });
    let Some(id) = found.map(|receipt| receipt.id.clone()) else { return false };
    decision.events.push(Event::Submitted { message: message.id, id: id.clone() });
    receipts::unpark(state, (now, codes), (message.carrier, id), (message.id, Stands::Open), decision);
    true
}

fn same_number(one: &Address, other: &Address) -> bool {
    fn bare(address: &Address) -> &[u8] {
        let digits = address.as_slice();
        digits.strip_prefix(b"+").or_else(|| digits.strip_prefix(b"00")).unwrap_or(digits)
    }
    bare(one) == bare(other)
}

/// The messages for which time has begun to run in another way since the last look.
pub(in crate::flow) fn note(state: &State, live: &mut Live, now: Timestamp, changed: &[MessageId]) {
    for id in changed {
        let Some(message) = state.messages.get(*id) else { continue };
        if let Some(due) = due(state, message, live.rules(message.account), now) {
            live.timers.note(due, *id);
        }
    }
}
