//! A message from a carrier: whose is it? Durable before it is acknowledged, or the carrier keeps it.

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Now;
use crate::flow::Decision;
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
    let Some(account) = owner(live, &submission) else { return Acceptance::Never };
    if live.no_room || state.owed(account) >= live.rules(account).receipts.max {
        return Acceptance::Later;
    }
    submission.account = account;
    own(&mut submission);
    let message = state.ids.next(now.wall);
    decision.events.push(Event::Received {
        message,
        at: now.wall,
        carrier,
        submission: Box::new(submission),
    });
    Acceptance::Taken
}

/// The account that owns the number, and the keyword if one is asked for: the longest number decides, and of the
/// routes of one number one whose keyword fits goes before one without.
fn owner(live: &Live, submission: &Submission) -> Option<AccountId> {
    let number = submission.destination.as_slice();
    let number = number.strip_prefix(b"+").unwrap_or(number);
    let word = first_word(&submission.content.body);
    let fits = |route: &&(Vec<u8>, Option<Vec<u8>>, AccountId)| {
        number.starts_with(&route.0)
            && route.1.as_ref().is_none_or(|keyword| keyword.eq_ignore_ascii_case(word))
    };
    let best = live.inbound.iter().filter(fits).max_by_key(|route| (route.0.len(), route.1.is_some()));
    best.map(|route| route.2)
}

/// The first word of a text. Only alphabets that contain ASCII have keywords that can be told.
fn first_word(body: &[u8]) -> &[u8] {
    body.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default()
}
