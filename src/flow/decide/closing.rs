//! When is a period over for good? Whatever its contract says, and whether or not anybody was here then: a period that
//! should have closed while the gateway was down closes at the first turn.

use std::time::Duration;

use crate::base::ids::AccountId;
use crate::base::time::{Moment, Now, Timestamp};
use crate::flow::Decision;
use crate::flow::live::Live;
use crate::flow::state::State;
use crate::message::{ClosedPeriod, Event};
use crate::sla::book::{ContractDay, DAYS_KEPT, days_of};
use crate::sla::terms::Contract;
use crate::sla::terms::policy::Metric;

/// How long a calendar that has jumped goes on before it closes anything: what is closed stays closed, and a clock that
/// is set wrong is set right within this, or nobody minds.
const BELIEVED_AFTER: Duration = Duration::from_secs(3600);

/// The longest time between two looks at all contracts. When a period is to close is known before, so that this is for
/// what nobody thought of.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);

/// Periods that close in one decision: 80 KB. The others close in the next turn.
const CLOSED_AT_ONCE: usize = 4096;

/// When the contracts are looked at next.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::flow) struct Looks {
    next: Moment,
}

impl Looks {
    /// The calendar has jumped.
    pub(in crate::flow) fn doubt_calendar(&mut self, now: Now) {
        self.next = now.moment + BELIEVED_AFTER;
    }
}

/// Closes what is due.
pub(in crate::flow) fn look(
    state: &State,
    live: &mut Live,
    contracts: &[Contract],
    now: Now,
    decision: &mut Decision,
) {
    if now.moment < live.closing.next {
        return;
    }
    let mut wait = LOOK_AGAIN;
    let mut due = Vec::new();
    for contract in contracts {
        let Some(account) = state.account(&contract.account) else { continue };
        for (first, last, closes) in not_closed(state, account, contract, now.wall) {
            if closes > now.wall {
                wait = wait.min(closes.since(now.wall));
            } else if due.len() < CLOSED_AT_ONCE {
                due.push(ClosedPeriod { account, first: first.0, last: last.0, open: 0 });
            } else {
                wait = Duration::ZERO;
            }
        }
    }
    live.closing.next = now.moment + wait;
    if due.is_empty() {
        return;
    }
    let open = state.open_in(&due);
    for (period, open) in due.iter_mut().zip(open) {
        period.open = open.values().sum();
    }
    decision.events.push(Event::Closed { at: now.wall, periods: due });
}

/// The periods of a contract that have begun and are not closed, with their first and last days and when they close, as
/// far back as the book goes. Periods for which no success rate is promised do not close.
fn not_closed(
    state: &State,
    account: AccountId,
    contract: &Contract,
    now: Timestamp,
) -> impl Iterator<Item = (ContractDay, ContractDay, Timestamp)> {
    let kept = ContractDay(ContractDay::of(now).0.saturating_sub(DAYS_KEPT as u32));
    let oldest = state.book.oldest().map_or(kept, |oldest| oldest.min(kept));
    let periods = contract.periods.iter().take_while(move |period| period.start() <= now);
    periods.filter_map(move |period| {
        let (first, last) = days_of(&period);
        if last < oldest || state.book.closings().overlap(account, first, last) {
            return None;
        }
        let terms = &contract.policy.in_force(&period)?.terms;
        let is_rate = matches!(terms.metric, Metric::SuccessRate { .. });
        is_rate.then(|| (first, last, period.closes(terms.close_after)))
    })
}
