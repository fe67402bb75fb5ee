//! `query_sm`, `cancel_sm`, `replace_sm` and `replace_if_present`: what a customer wants of an earlier message.

use crate::base::ids::{AccountId, MessageId};
use crate::base::octets::Octets;
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::decide::carry::whole;
use crate::flow::decide::consent;
use crate::flow::decide::money::rebill;
use crate::flow::decide::submit::{own, times};
use crate::flow::input::{Manage, Managed};
use crate::flow::live::Live;
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{Address, Content, Event, Label, Refusal, Stage, Submission, Wishes};
use crate::policy::Cleared;
use crate::rating::{self, segments};
use crate::sla;

/// Messages that one `cancel_sm` without an id cancels; whoever has more waiting for one recipient asks again.
const CANCELLED_AT_ONCE: usize = 1000;

pub(super) fn manage(
    state: &State,
    live: &Live,
    now: Now,
    account: AccountId,
    request: Manage,
    decision: &mut Decision,
) -> Result<Managed, Refusal> {
    match request {
        Manage::Query { message, source } => query(state, live, now, (account, source), message),
        Manage::Cancel { message, source } => {
            let message = own_message(state, live, (account, source), message, Refusal::CancelFailed)?;
            cancel(state, now, message, decision)
        }
        Manage::CancelAll { source, destination, service_type } => {
            cancel_all(state, now, (account, source, destination), service_type, decision)
        }
        Manage::Replace { message, source, wishes, registered_delivery, body } => {
            let message = own_message(state, live, (account, source), message, Refusal::ReplaceFailed)?;
            if !is_waiting(message) || state.messages.part(message).is_some() {
                return Err(Refusal::ReplaceFailed);
            }
            // What replace_sm does not say stays as it was; that is in memory, or can be asked again soon.
            let content = message.phase.content().ok_or(Refusal::QueueFull)?;
            let mut content = Content::clone(content);
            (content.body, content.in_payload) = (body, false);
            let submission = Submission {
                account,
                source: message.source.unpack(),
                destination: message.destination.unpack(),
                registered_delivery,
                wishes,
                label: message.label,
                bill: None,
                part: None,
                content,
            };
            let (rules, category) = (&live.rules(account).opt_out, message.label.category);
            consent::may_alone(rules, category, &submission.content)?;
            replace(state, live, now, message, submission, decision).map(|_id| Managed::Done)
        }
    }
}

/// A message of this account and sender. What is over already cannot be cancelled or replaced, which is `over`; what
/// belongs to somebody else does not exist.
fn own_message<'a>(
    state: &'a State,
    live: &Live,
    (account, source): (AccountId, Address),
    id: MessageId,
    over: Refusal,
) -> Result<&'a Message, Refusal> {
    let Some(message) = state.messages.get(id) else {
        let known = live.recent.find(id).is_some_and(|recent| recent.account == account);
        return Err(if known { over } else { Refusal::UnknownMessage });
    };
    let same_source = source.digits.is_empty() || source.digits == message.source.unpack().digits;
    if message.account != account || !same_source || matches!(message.phase, Phase::Incoming(_)) {
        return Err(Refusal::UnknownMessage);
    }
    Ok(message)
}

fn query(
    state: &State,
    live: &Live,
    now: Now,
    who: (AccountId, Address),
    id: MessageId,
) -> Result<Managed, Refusal> {
    let standing = |message_state, ended_at: Option<Timestamp>| Managed::Standing {
        message: id,
        message_state,
        ended_at: ended_at.map(|at| state.calendar(at)),
        error_code: 0,
    };
    if state.messages.get(id).is_none()
        && let Some(recent) = live.recent.find(id).filter(|recent| recent.account == who.0)
    {
        return Ok(standing(recent.message_state, Some(state.log_time(recent.at))));
    }
    let message = own_message(state, live, who, id, Refusal::QueryFailed)?;
    Ok(match &message.phase {
        Phase::Ended(end) => standing(end.1.message_state, Some(end.0)),
        Phase::Queued(_) if message.scheduled && !message.is_due(state.log_time(now.wall)) => {
            standing(SCHEDULED, None)
        }
        _ => standing(ENROUTE, None),
    })
}

/// Whether the carrier has never seen it and will not before we say so.
const fn is_waiting(message: &Message) -> bool {
    matches!(message.phase, Phase::Queued(_) | Phase::Gathering(_)) && message.copies == 0
}

fn cancel(state: &State, now: Now, message: &Message, decision: &mut Decision) -> Result<Managed, Refusal> {
    let whole = state.messages.part(message).and_then(|part| state.longs.get(part.head));
    let ids: Vec<_> = match whole {
        Some(long) => long.parts.iter().map(|part| part.id).collect(),
        None => vec![message.id],
    };
    if !ids.iter().all(|id| state.messages.get(*id).is_some_and(is_waiting)) {
        return Err(Refusal::CancelFailed);
    }
    let ended = |id| Event::Ended { message: id, at: now.wall, outcome: sla::cancelled() };
    decision.events.extend(ids.into_iter().map(ended));
    Ok(Managed::Done)
}

/// Cancels what waits from this sender to this recipient. Without any such message it fails, as SMPP wants it (§4.9).
fn cancel_all(
    state: &State,
    now: Now,
    (account, source, destination): (AccountId, Address, Address),
    service_type: Octets<5>,
    decision: &mut Decision,
) -> Result<Managed, Refusal> {
    let fits = |message: &&Message| {
        let said = message.phase.content().map(|content| content.service_type);
        service_type.is_empty() || said == Some(service_type)
    };
    let mut done = Err(Refusal::CancelFailed);
    let waiting = state.messages.waiting_between(account, &source, &destination);
    for message in waiting.filter(|message| is_waiting(message)).filter(fits).take(CANCELLED_AT_ONCE) {
        let already = |event: &Event| matches!(event, Event::Ended { message: id, .. } if *id == message.id);
        if decision.events.iter().any(already) || cancel(state, now, message, decision).is_ok() {
            done = Ok(Managed::Done);
        }
    }
    done
}

/// The message that a submission with `replace_if_present_flag` replaces: the latest that waits, of the same sender,
/// recipient and service type.
pub(super) fn find_replaceable(state: &State, submission: &Submission) -> Option<MessageId> {
    let Submission { account, source, destination, content, .. } = submission;
    let same_service = |message: &&Message| {
        message.phase.content().is_some_and(|waiting| waiting.service_type == content.service_type)
    };
    let waiting = state.messages.waiting_between(*account, source, destination);
    let whole = |message: &&Message| is_waiting(message) && state.messages.part(message).is_none();
    waiting.filter(whole).filter(same_service).map(|message| message.id).max()
}

/// Puts a submission in the place of a message that waits; the customer knows it by the id that it had.
pub(super) fn replace_whole(
    state: &State,
    live: &Live,
    now: Now,
    found: MessageId,
    (cleared, submission): (Cleared<()>, Submission),
    decision: &mut Decision,
) -> Result<MessageId, Refusal> {
    let message = state.messages.get(found).ok_or(Refusal::ReplaceFailed)?;
    let category = message.label.category;
    let submission = Submission { label: Label { category, ..submission.label }, ..submission };
    consent::may(state, live.rules(message.account), &cleared, &submission)?;
    replace(state, live, now, message, submission, decision)
}

fn replace(
    state: &State,
    live: &Live,
    now: Now,
    message: &Message,
    mut submission: Submission,
    decision: &mut Decision,
) -> Result<MessageId, Refusal> {
    if live.no_room {
        return Err(Refusal::NoRoom);
    }
    let Wishes { schedule, validity, .. } = submission.wishes;
    let (due_at, expires_at) = times(state, live.rules(message.account), now, &submission)?;
    let bill = rebill(state, live, now.wall, message, &submission.content)?;
    own(&mut submission);
    let Submission { registered_delivery, content, .. } = submission;
    let mut carried = whole(state, message, None);
    if schedule.is_some() {
        carried.wait_until = Some(due_at).filter(|due| *due != Timestamp::default());
        carried.scheduled = carried.wait_until.is_some();
    }
    if validity.is_some() {
        carried.expires_at = expires_at;
    }
    carried.registered_delivery = registered_delivery;
    carried.label.segments =
        u8::try_from(segments::sent(&content, rating::DEFAULT_ALPHABET)).unwrap_or(u8::MAX);
    carried.data_coding = content.data_coding;
    carried.esm_class = content.esm_class;
    carried.octets = u16::try_from(content.body.len()).unwrap_or(u16::MAX);
    carried.stage = Stage::Queued;
    carried.content = Some(content);
    if bill.is_some() {
        carried.bill.clone_from(&bill);
    }
    decision.events.push(Event::Replaced { message: message.id, at: now.wall, bill });
    decision.events.push(Event::Carried(Box::new(carried)));
    Ok(message.id)
}

const SCHEDULED: u8 = 0;
const ENROUTE: u8 = 1;
