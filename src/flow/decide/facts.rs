//! What an operator says is written down, or refused for a reason.

use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::Told;
use crate::flow::state::State;
use crate::message::{Event, Fact, FactId};
use crate::sla::facts::FactRefusal;

pub(super) fn told(
    state: &State,
    now: Now,
    told: Told,
    decision: &mut Decision,
) -> Result<FactId, FactRefusal> {
    let Told { by, through, why, says } = told;
    let fact = Fact { id: state.facts.next(), told_at: now.wall, by, through, why, says };
    state.facts.check(&fact)?;
    let id = fact.id;
    decision.events.push(Event::Fact(Box::new(fact)));
    Ok(id)
}
