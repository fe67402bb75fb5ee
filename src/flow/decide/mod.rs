//! `(state, now, input) → events, effects`: what an input means, given the facts.

mod carriers;
mod carry;
pub(super) mod closing;
pub(super) mod consent;
mod customers;
mod facts;
mod incoming;
mod long;
mod manage;
pub(super) mod money;
pub(super) mod outages;
mod receipts;
mod recount;
mod submit;
pub(super) mod time;

pub(super) use carry::whole;

use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::{Acceptance, Effect, Input};
use crate::flow::live::Live;
use crate::flow::settings::FlowSettings;
use crate::flow::state::State;
use crate::message::Event;

/// Octets that the events of one decision may have: what a batch has left before it calls itself full. A decision is
/// whole or not at all, so whatever could come to more is refused or cut into several.
pub(super) const DECISION_OCTETS_MAX: usize = 250 * 1024;

pub(super) fn decide(
    state: &mut State,
    live: &mut Live,
    settings: &FlowSettings,
    now: Now,
    input: Input,
    decision: &mut Decision,
) {
    match input {
        Input::Submit { reply, prepared } => submit::submit(state, live, now, reply, prepared, decision),
        Input::SubmitMulti { reply, prepared, refused } => {
            submit::submit_multi(state, live, now, reply, prepared, refused, decision);
        }
        Input::Manage { reply, account, request } => {
            state.messages.pair_all();
            let result = manage::manage(state, live, now, account, request, decision);
            decision.effects.push(Effect::AnswerManage { reply, result });
        }
        Input::Incoming { carrier, submission, reply } => {
            let taken = incoming::incoming(state, live, now, carrier, submission, decision);
            decision.effects.push(Effect::Acknowledge { reply, taken });
        }
        Input::Refused { account, reason, count } => {
            decision.events.push(Event::Refused { account, reason, count });
        }
        Input::CarrierReady { carrier: of, link, credits } => {
            if let Some(carrier) = live.carriers.get_mut(&of) {
                carrier.credit(link, credits);
            }
            outages::linked(state, of, now, decision);
        }
        Input::CarrierGone { carrier, link } => {
            if let Some(carrier) = live.carriers.get_mut(&carrier) {
                carrier.gone(link, now.moment);
            }
        }
        Input::CarrierAnswered { message, attempt, answer } => {
            carriers::answered(state, live, now, (message, attempt), answer, decision);
        }
        Input::Receipt { receipt, reply } => {
            receipts::reported(state, live, settings, now, receipt, decision);
            decision.effects.push(Effect::Acknowledge { reply, taken: Acceptance::Taken });
        }
        Input::Replayed { receipt, as_filed, reply } => {
            receipts::replayed(state, live, settings, now, (receipt, as_filed), decision);
            decision.effects.push(Effect::Acknowledge { reply, taken: Acceptance::Taken });
        }
        Input::Fact { told, reply } => {
            let answer = facts::told(state, (live, settings), now, (told, reply), decision);
            decision.effects.push(answer);
        }
        Input::CustomerReady { account, link, credits } => {
            live.touch(account).credit(link, credits);
        }
        Input::CustomerGone { account, link } => {
            live.touch(account).gone(link);
        }
        Input::CustomerAnswered { account, link, message, taking } => {
            customers::answered(state, live, now, (account, link), message, taking, decision);
        }
        Input::Fetched { whom, found } => carry::fetched(state, live, whom, found),
        Input::Carry { message, home, head, content } => {
            carry::carry(state, (message, home, head), content, decision);
        }
        Input::CarriedAll { up_to } => carry::carried_all(state, up_to, decision),
        Input::Recount(recount) => recount::found(state, now, *recount, decision),
        Input::RecountedAll { fact } => recount::found_all(state, fact, decision),
        Input::CarrierClosed { carrier, closing } => {
            decision.events.push(Event::LinkClosed { carrier, closing });
        }
        Input::Outage { lapse, at, is_out } => outages::seen(state, lapse, at, is_out, decision),
        Input::Pulse { reply } => {
            decision.effects.push(Effect::Acknowledge { reply, taken: Acceptance::Taken });
        }
        Input::Room { plenty } => outages::room(state, live, now, plenty, decision),
        Input::Tick => tick(state, live, settings, now, decision),
    }
}

/// Time's own work, each second.
fn tick(state: &State, live: &mut Live, settings: &FlowSettings, now: Now, decision: &mut Decision) {
    time::look(state, live, now);
    money::months(state, live, now, decision);
    receipts::file_overdue(state, settings, now, decision);
    outages::look(state, live, now, decision);
    recount::look(state, live, decision);
}
