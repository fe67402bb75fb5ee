//! A message from a carrier: whose is it? Durable before it is acknowledged, or the carrier keeps it.

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::decide::consent;
use crate::flow::decide::submit::own;
use crate::flow::input::Acceptance;
use crate::flow::live::Live;
use crate::flow::state::State;
use crate::message::{Event, Submission};

pub(super) fn incoming(
    state: &State,
    live: &Live,
    now: Now,
    carrier: CarrierId,
    mut submission: Submission,
    decision: &mut Decision,
) -> Acceptance {
    let Some((account, by_keyword)) = owner(live, &submission) else { return Acceptance::Never };
    submission.account = account;
    let rules = live.rules(account);
    let comes_later = live.no_room || state.owed(account) >= rules.receipts.max;
    let message = state.ids.next(now.wall);
    // What a recipient wants counts at once, also when there is no room for the message that says so (R51).
    let said = Some(message).filter(|_| !comes_later);
    match consent::heard(state, &rules.opt_out, now, (&submission, by_keyword), said) {
        Ok(opted) => decision.events.extend(opted),
        Err(_) => return Acceptance::Later,
    }
    if comes_later {
        return Acceptance::Later;
    }
    own(&mut submission);
    decision.events.push(Event::Received {
        message,
        at: now.wall,
        carrier,
        submission: Box::new(submission),
    });
    Acceptance::Taken
}

/// The account that owns the number, and the keyword if one is asked for: the longest number decides, and of the
/// routes of one number one whose keyword fits goes before one without. Whether one did stands beside it.
fn owner(live: &Live, submission: &Submission) -> Option<(AccountId, bool)> {
    let number = submission.destination.as_slice();
    let number = number.strip_prefix(b"+").unwrap_or(number);
    let word = first_word(&submission.content.body);
    let fits = |route: &&(Vec<u8>, Option<Vec<u8>>, AccountId)| {
        number.starts_with(&route.0)
            && route.1.as_ref().is_none_or(|keyword| keyword.eq_ignore_ascii_case(word))
    };
    let best = live.inbound.iter().filter(fits).max_by_key(|route| (route.0.len(), route.1.is_some()));
    best.map(|route| (route.2, route.1.is_some()))
}

/// The first word of a text. Only alphabets that contain ASCII have keywords that can be told.
fn first_word(body: &[u8]) -> &[u8] {
    body.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default()
}
