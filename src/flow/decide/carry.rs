//! Old segments are freed: what still matters in them is written once more. And contents are read back.

use crate::base::ids::{MessageId, RecordNumber};
use crate::flow::Decision;
use crate::flow::input::{Asker, Chore};
use crate::flow::live::Live;
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{Carried, Content, Event, Stage};

/// A record in a segment that is to be freed: if it is the message's home, the message moves.
pub(super) fn carry(
    state: &State,
    (id, home, head): (MessageId, RecordNumber, Option<MessageId>),
    content: Option<Content>,
    decision: &mut Decision,
) {
    let Some(message) = state.messages.get(id).filter(|message| message.home == home) else {
        // What is owed for all of a long message counts this part, which nobody will be able to read any more.
        let head = head.and_then(|head| state.messages.get(head));
        let of_all =
            head.filter(|head| state.messages.extra(head).is_some_and(|extra| extra.parts.is_some()));
        let carried = of_all.map(|head| Event::Carried(Box::new(whole(state, head, None))));
        return decision.events.extend(carried);
    };
    let needed = !matches!(message.phase, Phase::Submitted(_) | Phase::Ended(_));
    let content = content.filter(|_| needed);
    decision.events.push(Event::Carried(Box::new(whole(state, message, content))));
}

/// Everything that was in those segments has been carried: the rest is written down once more, and they may go.
pub(super) fn carried_all(state: &State, up_to: RecordNumber, decision: &mut Decision) {
    decision.events.extend(state.to_snapshot());
    decision.chores.push(Chore::Trim(up_to));
}

/// What was asked for is back. What has moved meanwhile is asked for again: where it was, there may be something older.
pub(super) fn fetched(
    state: &mut State,
    live: &mut Live,
    whom: Asker,
    found: Vec<(MessageId, RecordNumber, Option<Content>)>,
) {
    for (id, home, content) in found {
        let at_home = state.messages.get(id).is_some_and(|message| message.home == home);
        if let Some(content) = content.filter(|_| at_home) {
            state.messages.fill(id, content);
        }
    }
    match whom {
        Asker::Account(account) => live.touch(account).fetching = false,
        Asker::Carrier(carrier) => {
            if let Some(carrier) = live.carriers.get_mut(&carrier) {
                carrier.fetching = false;
            }
        }
    }
}

/// A message as a whole, as an event says it.
pub(in crate::flow) fn whole(state: &State, message: &Message, content: Option<Content>) -> Carried {
    let extra = state.messages.extra(message).cloned().unwrap_or_default();
    let at = message.accepted_at;
    Carried {
        message: message.id,
        account: message.account,
        carrier: message.carrier,
        accepted_at: at,
        expires_at: message.expires_at().unwrap_or_default(),
        wait_until: message.wait_until(),
        handed_over_at: message.handed_over.time(at),
        answered_at: message.answered.time(at),
        source: message.source.unpack(),
        destination: message.destination.unpack(),
        registered_delivery: message.registered_delivery,
        data_coding: message.data_coding,
        esm_class: message.esm_class,
        octets: message.octets,
        attempts: message.attempts,
        tries: message.tries,
        copies: message.copies,
        scheduled: message.scheduled,
        told: message.told,
        shown: extra.shown,
        part: extra.part,
        parts: extra.parts,
        links: extra.links,
        stage: match &message.phase {
            Phase::Gathering(_) => Stage::Gathering,
            Phase::Queued(_) => Stage::Queued,
            Phase::HandedOver(_) => Stage::HandedOver,
            Phase::InDoubt => Stage::InDoubt,
            Phase::Submitted(link) => Stage::Submitted(link.clone()),
            Phase::Ended(end) => Stage::Ended(end.0, end.1),
            Phase::Incoming(_) => Stage::Incoming,
        },
        content,
        said: extra.said,
        label: message.label,
        bill: state.messages.bill(message.id).copied().map(Box::new),
    }
}
