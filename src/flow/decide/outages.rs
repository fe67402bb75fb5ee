//! What is out, as seen from here: a disk without room, receipts that are not given out; and what others have seen.

use std::time::Duration;

use crate::base::ids::CarrierId;
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::live::Live;
use crate::flow::state::State;
use crate::message::{Cause, Event, Function, Lapse, Whose};

/// How often the log is told that we are alive when it is told nothing else: a start after a crash knows by that how
/// long nobody was there, at most so much too long. One record of twenty octets each time.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// For how long a connected account that has room may be given nothing of what it is owed, before that is an outage of
/// ours (operations 5.2, oldest receipt). As long as the longest rest of an account that answers "later".
pub(in crate::flow) const NOT_FORWARDED_AFTER: Duration = Duration::from_secs(60);

/// Somebody has seen that something is out, or that it is back: said once, however often it is seen.
pub(super) fn seen(state: &State, lapse: Lapse, at: Timestamp, is_out: bool, decision: &mut Decision) {
    if state.outages.is_out(lapse) != is_out {
        decision.events.push(match is_out {
            true => Event::OutageBegan { at, lapse },
            false => Event::OutageEnded { at, lapse },
        });
    }
}

/// Whether there is room for new messages: without it they are answered with an error.
pub(super) fn room(state: &State, live: &mut Live, now: Now, plenty: bool, decision: &mut Decision) {
    live.no_room = !plenty;
    let lapse = Lapse::of_everyone(Function::Submit, Cause::NoRoom);
    seen(state, lapse, now.wall, !plenty, decision);
}

/// A carrier has a connection that takes messages.
pub(super) fn linked(state: &State, carrier: CarrierId, now: Now, decision: &mut Decision) {
    seen(state, Lapse::of_carrier(carrier), now.wall, false, decision);
}

/// Time's own part: a sign of life, and accounts that are given nothing though they could be.
pub(super) fn look(state: &State, live: &mut Live, now: Now, decision: &mut Decision) {
    for (account, customer) in &mut live.customers {
        let since = customer.look_for_stall(now.moment);
        let lapse = Lapse {
            whose: Whose::Account(*account),
            function: Function::Receipts,
            cause: Cause::NotForwarded,
        };
        match since.map(|since| now.moment.since(since)) {
            Some(lasted) if lasted >= NOT_FORWARDED_AFTER => {
                let millis = u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX);
                let began = Timestamp::from_millis(now.wall.as_millis().saturating_sub(millis));
                seen(state, lapse, began, true, decision);
            }
            Some(_) => {}
            None => seen(state, lapse, now.wall, false, decision),
        }
    }
    if decision.events.is_empty() && now.wall.since(state.last_time) >= HEARTBEAT {
        decision.events.push(Event::Time { at: now.wall, ahead: state.ahead() });
    }
}

/// At a start. What was out when the process before ended was out until then, and nothing at all was there since: the
/// app says when it is again. A log without any time is new; a calendar that was set back meanwhile does not tell how
/// long it was.
pub(in crate::flow) fn after_restart(state: &State, now: Now, decision: &mut Decision) {
    // Set back, the calendar moves what is out with it.
    let last = state.last_time.min(now.wall);
    let stopped = Lapse::stopped();
    let mut open: Vec<Lapse> = state.outages.open().map(|(lapse, _)| lapse).collect();
    open.retain(|lapse| !stopped.contains(lapse));
    decision.events.extend(open.into_iter().map(|lapse| Event::OutageEnded { at: last, lapse }));
    if last != Timestamp::default() && last < now.wall {
        stopped.into_iter().for_each(|lapse| seen(state, lapse, last, true, decision));
    }
}
