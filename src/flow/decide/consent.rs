//! Step 4, as far as it needs facts: what recipients want of an account, and what long messages say as a whole.

use crate::base::ids::{AccountId, MessageId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::NoFact;
use crate::flow::live::{Customers, rules_of};
use crate::flow::long::Long;
use crate::flow::message::Message;
use crate::flow::settings::AccountSettings;
use crate::flow::state::State;
use crate::message::{Address, Category, Content, Event, Outcome, Refusal, Submission};
use crate::policy::{self, Cleared, OptOut, OptedOut};
use crate::sla;

/// Whether a submission may be sent as what it is.
pub(super) fn may(
    state: &State,
    rules: &AccountSettings,
    cleared: &Cleared<()>,
    submission: &Submission,
) -> Result<(), Refusal> {
    let who = (submission.account, submission.label.category, &submission.destination);
    cleared.may(&rules.opt_out, &state.opted_out, who)
}

/// Whether a content of which nothing was asked before may be sent as a message of its own.
pub(super) fn may_alone(rules: &OptOut, category: Category, content: &Content) -> Result<(), Refusal> {
    let told = !rules.asks(category) || rules.is_told_in(&policy::text_of(content));
    if told { Ok(()) } else { Err(Refusal::OptOutMissing) }
}

/// Whether a long message says how it is stopped, where it has to, now that its last part is here; a phrase may be cut
/// in two by its parts. One that does not is over with all its parts.
///
/// # Errors
/// [`Refusal::OptOutMissing`], or [`Refusal::QueueFull`] when there was no room to keep what its other parts say.
pub(super) fn may_be_whole(
    state: &State,
    rules: &OptOut,
    now: Now,
    (long, last): (&Long, &Submission),
    decision: &mut Decision,
) -> Result<(), Refusal> {
    if !rules.asks(last.label.category) {
        return Ok(());
    }
    if rules.is_told_in(&text_of_whole(state, long, last).ok_or(Refusal::QueueFull)?) {
        return Ok(());
    }
    for part in &long.parts {
        decision.events.push(Event::Ended {
            message: part.id,
            at: now.wall,
            outcome: sla::opt_out_missing(),
        });
    }
    Err(Refusal::OptOutMissing)
}

/// The text of all parts in their order, when all of them are in memory.
fn text_of_whole(state: &State, long: &Long, last: &Submission) -> Option<String> {
    let text = |id: MessageId| Some(policy::text_of(state.messages.get(id)?.phase.content()?));
    let before = long.parts.iter().map(|part| Some((part.number, text(part.id)?)));
    let last = last.part.map(|part| (part.number, policy::text_of(&last.content)));
    let mut texts: Vec<_> = before.chain([last]).collect::<Option<_>>()?;
    texts.sort_unstable_by_key(|(number, _)| *number);
    Some(texts.into_iter().map(|(_, text)| text).collect())
}

/// What a handset's message asks of its account, when that is something new; the message itself is the account's all
/// the same. Where its first word is how the account was found, what stands behind that is looked at, too.
///
/// # Errors
/// [`NoFact::TooManyOptedOut`]: there is no room to remember it ([`policy::OPTED_OUT_MAX`]).
pub(super) fn heard(
    state: &State,
    rules: &OptOut,
    now: Now,
    (submission, by_first_word): (&Submission, bool),
    message: Option<MessageId>,
) -> Result<Option<Event>, NoFact> {
    if !rules.listens() {
        return Ok(None);
    }
    let text = policy::text_of(&submission.content);
    let behind = || text.trim_start().split_once(char::is_whitespace).map(|(_, rest)| rest);
    let asked =
        rules.heard(&text).or_else(|| behind().filter(|_| by_first_word).and_then(|rest| rules.heard(rest)));
    let account = submission.account;
    let Some(out) = asked.filter(|_| OptedOut::takes(&rules.bare(&submission.source))) else {
        return Ok(None);
    };
    match opted(state, rules, (account, submission.source), out) {
        Ok(number) => Ok(Some(Event::Opted { account, number, at: now.wall, out, message })),
        Err(NoFact::OptedAlready) => Ok(None),
        Err(full) => Err(full),
    }
}

/// The number of somebody who opts out, or in again, in the form in which it is kept.
///
/// # Errors
/// [`NoFact::OptedAlready`] and [`NoFact::TooManyOptedOut`].
pub(super) fn opted(
    state: &State,
    rules: &OptOut,
    (account, number): (AccountId, Address),
    out: bool,
) -> Result<Address, NoFact> {
    let number = rules.bare(&number);
    if out == state.opted_out.has(account, &number) {
        return Err(NoFact::OptedAlready);
    }
    if out && state.opted_out.is_full() {
        return Err(NoFact::TooManyOptedOut);
    }
    Ok(number)
}

/// How what waits ends, when it must not be handed over any more. Of what has been handed over once and is in doubt
/// nobody knows what became of it.
pub(in crate::flow) fn stopped(state: &State, customers: &Customers, message: &Message) -> Option<Outcome> {
    // So it is of most gateways, and this is asked of every message.
    if state.opted_out.is_empty() {
        return None;
    }
    let (account, category) = (message.account, message.label.category);
    let rules = &rules_of(customers, account).opt_out;
    let stops = state.opted_out.stop(rules, account, category, &message.destination.unpack());
    stops.then(|| if message.copies > 0 { sla::never_known() } else { sla::opted_out() })
}
