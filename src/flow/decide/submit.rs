//! Step 6: what a customer submits is accepted, or refused for a reason that needs facts.

use bytes::Bytes;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::decide::money::Purse;
use crate::flow::decide::{DECISION_OCTETS_MAX, consent, long, manage};
use crate::flow::input::{Effect, ReplyTo};
use crate::flow::live::Live;
use crate::flow::prepare::{Findings, Prepared};
use crate::flow::settings::AccountSettings;
use crate::flow::state::State;
use crate::message::{Address, Event, Refusal, Submission, When, Wishes};
use crate::sla::book::ContractDay;

/// Octets of an `Accepted` event beside its content, at the most.
const ACCEPTED_OVERHEAD: usize = 256;

pub(super) fn submit(
    state: &mut State,
    live: &Live,
    now: Now,
    reply: ReplyTo,
    prepared: Prepared,
    decision: &mut Decision,
) {
    let (submission, findings) = prepared.take_apart();
    let account = submission.account;
    if submission.wishes.replace {
        state.messages.pair_all();
    }
    let state = &*state;
    let result = if submission.part.is_some() {
        long::part(state, live, now, findings, submission, decision)
    } else if submission.wishes.replace
        && let Some(found) = manage::find_replaceable(state, &submission)
    {
        manage::replace_whole(state, live, now, found, (findings.cleared, submission), decision)
    } else {
        let id = state.ids.next(now.wall);
        let place = Place { message: id, shown: None, ahead: 0 };
        let mut purse = Purse::of_one();
        let accepted = accept(state, live, now, place, &mut purse, (findings, submission), decision);
        accepted.map(|()| id)
    };
    if let Err(reason) = result {
        decision.events.push(Event::Refused { account, reason, count: 1 });
    }
    decision.effects.push(Effect::Answer { reply, result });
}

/// One content for several recipients: as many messages, which the customer knows by the id of the first.
pub(super) fn submit_multi(
    state: &State,
    live: &Live,
    now: Now,
    reply: ReplyTo,
    prepared: Vec<Prepared>,
    mut refused: Vec<(Address, Refusal)>,
    decision: &mut Decision,
) {
    let mut ids = state.ids;
    let mut shown = None;
    let mut octets = 0;
    let mut purse = Purse::of_many();
    for (ahead, prepared) in prepared.into_iter().enumerate() {
        let (mut submission, findings) = prepared.take_apart();
        // Parts and replacing are for one recipient; here each is a message of its own.
        (submission.part, submission.wishes.replace) = (None, false);
        let (account, destination) = (submission.account, submission.destination);
        octets += submission.content.body.len() + submission.content.tlvs.len() + ACCEPTED_OVERHEAD;
        let id = ids.next(now.wall);
        let result = if octets > DECISION_OCTETS_MAX {
            Err(Refusal::MessageLength)
        } else {
            let place = Place { message: id, shown, ahead };
            accept(state, live, now, place, &mut purse, (findings, submission), decision)
        };
        match result {
            Ok(()) => {
                ids.saw(id);
                shown.get_or_insert(id);
            }
            Err(reason) => {
                decision.events.push(Event::Refused { account, reason, count: 1 });
                refused.push((destination, reason));
            }
        }
    }
    let first_reason = refused.first().map_or(Refusal::RecipientCount, |(_, reason)| *reason);
    decision.effects.push(Effect::AnswerMulti { reply, result: shown.ok_or(first_reason), refused });
}

/// Which of a decision's messages it is.
struct Place {
    message: MessageId,
    /// The id that the customer knows it by, when that is another one.
    shown: Option<MessageId>,
    /// So many messages of the same decision are accepted before it.
    ahead: usize,
}

/// Accepts one message, unless its recipient wants none, what waits has reached its bound or there is no money for it.
fn accept(
    state: &State,
    live: &Live,
    now: Now,
    Place { message, shown, ahead }: Place,
    purse: &mut Purse,
    (findings, mut submission): (Findings, Submission),
    decision: &mut Decision,
) -> Result<(), Refusal> {
    let rules = live.rules(submission.account);
    categorise(state, &mut submission);
    consent::may(state, rules, &findings.cleared, &submission)?;
    let carrier = choose(state, live, now, (findings.carrier, ahead), &submission.destination)?;
    let (due_at, expires_at) = times(state, rules, now, &submission)?;
    submission.bill = purse.hold(state, now.wall, submission.account, findings.priced, None)?;
    own(&mut submission);
    submission.label.beyond_load = is_beyond_load(state, rules, now, submission.account, decision);
    decision.events.push(Event::Accepted {
        message,
        at: now.wall,
        carrier,
        due_at,
        expires_at,
        shown,
        part: None,
        submission: Box::new(submission),
    });
    Ok(())
}

/// An operator's word about what an account sends goes before that of the settings.
pub(super) fn categorise(state: &State, submission: &mut Submission) {
    if let Some(category) = state.facts.category(submission.account) {
        submission.label.category = category;
    }
}

/// Whether the next message of an account is one of those that it had to announce: from the limit on, not only beyond
/// it (A20). Those that are accepted by the same decision come before it.
pub(super) fn is_beyond_load(
    state: &State,
    rules: &AccountSettings,
    now: Now,
    account: AccountId,
    decision: &Decision,
) -> bool {
    let Some(limit) = rules.load_max else { return false };
    let ahead = decision.events.iter().filter(|event| matches!(event, Event::Accepted { .. })).count();
    let accepted = state.loads.of(account, ContractDay::of(now.wall)) + ahead as u64;
    accepted + 1 >= limit && !state.facts.announced(account, now.wall)
}

/// The carrier that a message waits for: the first of its route that is ready, else the first that has room.
pub(super) fn choose(
    state: &State,
    live: &Live,
    now: Now,
    (first_choice, ahead): (CarrierId, usize),
    destination: &Address,
) -> Result<CarrierId, Refusal> {
    if live.no_room {
        return Err(Refusal::NoRoom);
    }
    let has_room = |id: CarrierId| {
        live.carriers.get(&id).is_some_and(|carrier| state.queued(id) + ahead < carrier.settings.queue_max)
    };
    if live.carriers.get(&first_choice).is_some_and(|carrier| carrier.is_ready(now.moment))
        && has_room(first_choice)
    {
        return Ok(first_choice);
    }
    let route = live.routing.carriers(destination.as_slice());
    let ready = live.ready(now.moment, route, None).filter(|id| has_room(*id));
    let any = || std::iter::once(first_choice).chain(route.iter().copied()).find(|id| has_room(*id));
    ready.or_else(any).ok_or(Refusal::QueueFull)
}

/// When it may be handed over, zero for at once, and when it expires: the customer's wishes within the account's
/// bounds, on the log's own time line.
pub(super) fn times(
    state: &State,
    rules: &AccountSettings,
    now: Now,
    submission: &Submission,
) -> Result<(Timestamp, Timestamp), Refusal> {
    let Wishes { schedule, validity, .. } = submission.wishes;
    let rules = rules.times;
    let start = state.log_time(now.wall);
    let on_log = |when| match when {
        When::At(at) => state.log_time(at),
        When::In(wait) => start + wait,
    };
    let due = schedule.map(on_log).filter(|due| *due > start);
    if due.is_some_and(|due| due.since(start) > rules.schedule_max) {
        return Err(Refusal::ScheduledDelivery);
    }
    let begins = due.unwrap_or(start);
    let expires = match validity.map(on_log) {
        Some(expires) if expires <= begins => return Err(Refusal::ValidityPeriod),
        Some(expires) => expires.min(begins + rules.validity_max),
        None => begins + rules.validity_default,
    };
    Ok((due.unwrap_or_default(), expires))
}

/// Copies the content out of the customer's read buffer, which would stay alive for as long as the message waits; and
/// drops what the event says in fields of its own.
pub(super) fn own(submission: &mut Submission) {
    submission.wishes = Wishes::default();
    submission.content.body = Bytes::copy_from_slice(&submission.content.body);
    submission.content.tlvs = Bytes::copy_from_slice(&submission.content.tlvs);
}
