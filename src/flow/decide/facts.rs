//! What an operator says is written down, or refused for a reason.

use bytes::Bytes;

use crate::base::calendar::Date;
use crate::base::ids::AccountId;
use crate::base::money::Money;
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::decide::consent;
use crate::flow::input::{Effect, NoFact, ReplyTo, Told};
use crate::flow::live::Live;
use crate::flow::settings::FlowSettings;
use crate::flow::state::State;
use crate::message::{Event, Fact, FactId, Says};
use crate::rating::wallet::Done;
use crate::sla::terms::claim::{Answer, ClaimVerdict, Filing};
use crate::sla::terms::{Claim, PeriodKey};

/// Writes it down, if it is one, and says what became of it.
pub(super) fn told(
    state: &State,
    (live, settings): (&Live, &FlowSettings),
    now: Now,
    (told, reply): (Told, ReplyTo),
    decision: &mut Decision,
) -> Effect {
    match written(state, (live, settings), now, told, decision) {
        Ok((fact, due)) => Effect::AnswerFact { reply, result: Ok(fact), due },
        Err(reason) => Effect::AnswerFact { reply, result: Err(reason), due: None },
    }
}

/// The number of the fact, and what is to be paid out by it.
fn written(
    state: &State,
    (live, settings): (&Live, &FlowSettings),
    now: Now,
    told: Told,
    decision: &mut Decision,
) -> Result<(FactId, Option<Money>), NoFact> {
    let mut due = None;
    let Told { by, through, why, says } = told;
    let says = match says {
        Says::Money { account, operation, .. } => {
            let mut wallet = state.ledger.wallet(account).ok_or(NoFact::NoWallet)?.clone();
            let before = wallet.balance(now.wall);
            if let Done::Out(amount) = wallet.apply(now.wall, operation).map_err(NoFact::Money)? {
                due = Some(amount);
            }
            Says::Money { account, operation, before, after: wallet.balance(now.wall) }
        }
        Says::Claimed { account, period, channel } => {
            let filed = Filing { at: now.wall, by: text(&by), channel };
            Says::Claimed { account, period: claimed(state, settings, account, period, filed)?, channel }
        }
        Says::Opted { account, number, out } => {
            let number = consent::opted(state, &live.rules(account).opt_out, (account, number), out)?;
            Says::Opted { account, number, out }
        }
        says => says,
    };
    let fact = Fact { id: state.facts.next(), told_at: now.wall, by, through, why, says };
    state.facts.check(&fact)?;
    if let Says::Answered { fact: of, granted: Some(granted) } = fact.says
        && let Some(claim) = state.facts.claim(of)
    {
        let verdict = if granted { ClaimVerdict::Granted } else { ClaimVerdict::Refused };
        claim.answered(Answer { at: now.wall, by: text(&fact.by), verdict }).map_err(NoFact::Claim)?;
    }
    let id = fact.id;
    decision.events.push(Event::Fact(Box::new(fact)));
    Ok((id, due))
}

/// The first day of the period that is claimed about, when that may be claimed now and in this way: by the version of
/// the account's policy that was in force when the period began, however late it is claimed.
fn claimed(
    state: &State,
    settings: &FlowSettings,
    account: AccountId,
    named: Date,
    filed: Filing,
) -> Result<Date, NoFact> {
    let mut contracts = settings.contracts.iter();
    let contract = contracts.find(|contract| state.account(&contract.account) == Some(account));
    let contract = contract.ok_or(NoFact::NoContract)?;
    let period = contract.periods.find(PeriodKey::new(named)).ok_or(NoFact::NoPeriod)?;
    let version = contract.policy.in_force(&period).ok_or(NoFact::NothingPromised)?;
    let earlier = state.facts.claim_about(account, period.key()).map(|(_, claim)| claim);
    let (rule, workdays) = (&version.terms.claim, &settings.workdays);
    let claim = Claim::file(rule, &period, workdays, earlier.as_ref(), filed).map_err(NoFact::Claim)?;
    Ok(claim.period.first())
}

fn text(octets: &Bytes) -> Box<str> {
    String::from_utf8_lossy(octets).into()
}
