//! What an operator says is written down, or refused for a reason.

use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::input::{NoFact, Told};
use crate::flow::state::State;
use crate::message::{Event, Fact, FactId, Says};

pub(super) fn told(state: &State, now: Now, told: Told, decision: &mut Decision) -> Result<FactId, NoFact> {
    let Told { by, through, why, says } = told;
    let says = match says {
        Says::Money { account, operation, .. } => {
            let mut wallet = state.ledger.wallet(account).ok_or(NoFact::NoWallet)?.clone();
            let before = wallet.balance(now.wall);
            wallet.apply(now.wall, operation).map_err(NoFact::Money)?;
            Says::Money { account, operation, before, after: wallet.balance(now.wall) }
        }
        says => says,
    };
    let fact = Fact { id: state.facts.next(), told_at: now.wall, by, through, why, says };
    state.facts.check(&fact)?;
    let id = fact.id;
    decision.events.push(Event::Fact(Box::new(fact)));
    Ok(id)
}
