//! Parts of long messages: gathered, then handed over together (promise 9).

use crate::base::ids::MessageId;
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::decide::consent;
use crate::flow::decide::money::{Purse, length_so_far};
use crate::flow::decide::submit::{categorise, choose, is_beyond_load, own, times};
use crate::flow::live::Live;
use crate::flow::long::LongKey;
use crate::flow::prepare::Findings;
use crate::flow::state::State;
use crate::message::{Event, PartOf, Refusal, Submission};

/// Accepts a part. One that is here already is answered with the id that it has.
pub(super) fn part(
    state: &State,
    live: &Live,
    now: Now,
    findings: Findings,
    mut submission: Submission,
    decision: &mut Decision,
) -> Result<MessageId, Refusal> {
    let said = submission.part.ok_or(Refusal::OptionalParameters)?;
    let key = LongKey::new(submission.account, submission.source, submission.destination, said);
    let rules = live.rules(submission.account);
    let gathering = state.longs.gathering(&key);
    if let Some((_, long)) = gathering
        && let Some(known) = long.parts.iter().find(|part| part.number == said.number)
    {
        return Ok(known.id);
    }
    if gathering.is_none() && state.longs.waiting(submission.account) >= rules.long.max {
        return Err(Refusal::TooManyParts);
    }
    categorise(state, &mut submission);
    consent::may(state, rules, &findings.cleared, &submission)?;
    let carrier = choose(state, live, now, (findings.carrier, 0), &submission.destination)?;
    let (due_at, expires_at) = times(state, rules, now, &submission)?;
    let here = gathering.map_or(1, |(_, long)| long.parts.len() + 1);
    let is_last = here >= usize::from(said.total);
    if let Some((_, long)) = gathering.filter(|_| is_last) {
        consent::may_be_whole(state, &rules.opt_out, now, (long, &submission), decision)?;
    }
    let before = length_so_far(state, gathering.map(|(head, _)| head));
    submission.bill = Purse::of_one().hold(state, now.wall, submission.account, findings.priced, before)?;
    let message = state.ids.next(now.wall);
    let head = gathering.map_or(message, |(head, _)| head);
    let part = PartOf {
        head,
        form: said.form,
        reference: said.reference,
        total: said.total,
        number: said.number,
        one_receipt: rules.long.one_receipt,
    };
    own(&mut submission);
    // All parts are one message, which the first began.
    let begun = gathering.and_then(|(head, _)| state.messages.get(head));
    submission.label.beyond_load = match begun {
        Some(head) => head.label.beyond_load,
        None => is_beyond_load(state, rules, now, submission.account, decision),
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
    if is_last {
        decision.events.push(Event::Gathered { head, carrier });
    }
    Ok(message)
}
