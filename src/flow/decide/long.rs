//! Parts of long messages: gathered, then handed over together (promise 9).

use crate::base::ids::{CarrierId, MessageId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::decide::money::{Purse, length_so_far};
use crate::flow::decide::submit::{categorise, choose, is_beyond_load, own, times};
use crate::flow::live::Live;
use crate::flow::long::LongKey;
use crate::flow::state::State;
use crate::message::{Event, PartOf, Refusal, Submission};
use crate::rating::Priced;

/// Accepts a part. One that is here already is answered with the id that it has.
pub(super) fn part(
    state: &State,
    live: &Live,
    now: Now,
    (first_choice, priced): (CarrierId, Priced<()>),
    mut submission: Submission,
    decision: &mut Decision,
) -> Result<MessageId, Refusal> {
    let said = submission.part.ok_or(Refusal::OptionalParameters)?;
    let key = LongKey::new(submission.account, submission.source, submission.destination, said);
    let rules = live.rules(submission.account).long;
    let gathering = state.longs.gathering(&key);
    if let Some((_, long)) = gathering
        && let Some(known) = long.parts.iter().find(|part| part.number == said.number)
    {
        return Ok(known.id);
    }
    if gathering.is_none() && state.longs.waiting(submission.account) >= rules.max {
        return Err(Refusal::TooManyParts);
    }
    let carrier = choose(state, live, now, (first_choice, 0), &submission.destination)?;
    let (due_at, expires_at) = times(state, live, now, &submission)?;
    let before = length_so_far(state, gathering.map(|(head, _)| head));
    submission.bill = Purse::of_one().hold(state, now.wall, submission.account, priced, before)?;
    let message = state.ids.next(now.wall);
    let head = gathering.map_or(message, |(head, _)| head);
    let here = gathering.map_or(1, |(_, long)| long.parts.len() + 1);
    let part = PartOf {
        head,
        form: said.form,
        reference: said.reference,
        total: said.total,
        number: said.number,
        one_receipt: rules.one_receipt,
    };
    own(&mut submission);
    // All parts are one message, which the first began.
    let begun = gathering.and_then(|(head, _)| state.messages.get(head));
    categorise(state, &mut submission);
    submission.label.beyond_load = match begun {
        Some(head) => head.label.beyond_load,
        None => is_beyond_load(state, live, now, submission.account, decision),
    };
    let at = now.wall;
    let (shown, part) = (None, Some(part));
    decision.events.push(Event::Accepted {
        message,
        at,
        carrier,
        due_at,
        expires_at,
        shown,
        part,
        submission: Box::new(submission),
    });
    if here >= usize::from(said.total) {
        decision.events.push(Event::Gathered { head, carrier });
    }
    Ok(message)
}
