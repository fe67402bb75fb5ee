//! Messages that were over when a fact was said: they are looked for, and count as something else.

use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::Chore;
use crate::flow::live::Live;
use crate::flow::state::State;
use crate::message::{Event, FactId, Recount};

/// Has them looked for by the fact that is first in turn, once in the life of the process: what cannot be read now will
/// not be so in a second either.
pub(super) fn look(state: &State, live: &mut Live, decision: &mut Decision) {
    let next = state.recounts.first();
    if next != live.looking_back {
        live.looking_back = next;
        decision.chores.extend(state.look_back().map(|look_back| Chore::LookBack(Box::new(look_back))));
    }
}

/// One was found.
pub(super) fn found(state: &State, now: Now, recount: Recount, decision: &mut Decision) {
    // What had been given up and was corrected since counts by all facts already.
    let is_corrected = recount.outcome.is_silent() && state.recounts.is_corrected(recount.message);
    if state.recounts.wants(recount.fact, recount.ended) && !is_corrected && recount.was != recount.now {
        decision.events.push(Event::Recounted(Box::new(Recount { at: now.wall, ..recount })));
    }
}

/// There are no more.
pub(super) fn found_all(state: &State, fact: FactId, decision: &mut Decision) {
    if state.recounts.first() == Some(fact) {
        decision.events.push(Event::RecountedAll { fact });
    }
}
