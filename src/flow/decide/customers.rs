//! Step 13: the customer has what it was owed, or wants it later, or never.

use crate::base::ids::{AccountId, MessageId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::{LinkId, Taking};
use crate::flow::live::Live;
use crate::flow::state::State;
use crate::message::Event;

pub(super) fn answered(
    state: &State,
    live: &mut Live,
    now: Now,
    (account, link): (AccountId, LinkId),
    message: MessageId,
    taking: Taking,
    decision: &mut Decision,
) {
    let customer = live.touch(account);
    let Some(mut owed) = customer.answered(link, message) else { return };
    // What was kept too long is over, whatever the answer to it.
    let is_owed = state.messages.get(message).is_some_and(|message| state.owes_notice(message));
    if owed.intermediate || !is_owed {
        return;
    }
    match taking {
        Taking::Taken => {
            customer.recover();
            decision.events.push(Event::Told { message, status: 0 });
        }
        Taking::Refused(status) => decision.events.push(Event::Told { message, status: status.max(1) }),
        Taking::Later => {
            owed.attempts = owed.attempts.saturating_add(1);
            if owed.attempts >= customer.settings.receipts.attempts_max {
                decision.events.push(Event::Untold { message });
            } else {
                live.put_off(account, owed, now.moment);
            }
            live.said_later(account, now.moment);
        }
    }
}
