//! Steps 5 and 12: is there money, and what does a month come to?

use crate::base::ids::{AccountId, MessageId};
use crate::base::time::{Now, Timestamp};
use crate::flow::Decision;
use crate::flow::live::Live;
use crate::flow::messages::Message;
use crate::flow::state::State;
use crate::message::{Bill, Charge, Content, Event, Refusal};
use crate::rating::month::{MonthSum, sum as of_month};
use crate::rating::wallet::{SEGMENTS_MAX, Unfit};
use crate::rating::{Measure, Paying, Priced, Wallet, measure};

/// Months that are settled in one decision: those that a gateway was away for, as far as their usage is kept.
const MONTHS_AT_ONCE: usize = 4;

/// What one decision holds. Several messages may be accepted by one, and the state does not know of the earlier ones
/// yet.
#[derive(Debug, Default)]
pub(super) struct Purse {
    /// What is left behind the earlier ones; none until there is one.
    left: Option<(AccountId, Wallet)>,
    /// Whether further messages of the decision may follow.
    of_many: bool,
}

impl Purse {
    /// For one message.
    pub(super) const fn of_one() -> Self {
        Self { left: None, of_many: false }
    }

    /// For several messages of one account.
    pub(super) const fn of_many() -> Self {
        Self { left: None, of_many: true }
    }

    /// What is held for a message, or for a part that comes behind those of this length; none for one that is free.
    pub(super) fn hold(
        &mut self,
        state: &State,
        at: Timestamp,
        account: AccountId,
        priced: Priced<()>,
        before: Option<Measure>,
    ) -> Result<Option<Box<Bill>>, Refusal> {
        let Some(price) = priced.price() else { return Ok(None) };
        let segments = priced.segments(before);
        let left = self.left.as_ref().filter(|(whose, _)| *whose == account).map(|(_, wallet)| wallet);
        let wallet = left.or_else(|| state.ledger.wallet(account)).ok_or(Refusal::NoMoney)?;
        let hold = wallet.plan(at, segments, price.unit.price).map_err(|_| Refusal::NoMoney)?;
        if self.of_many {
            let mut wallet = wallet.clone();
            wallet.take(at, &hold).map_err(|_| Refusal::NoMoney)?;
            self.left = Some((account, wallet));
        }
        Ok(Some(Box::new(Bill {
            hold,
            unit: price.unit.price,
            tariff: price.tag,
            version: price.unit.version,
            segments: u16::try_from(segments.min(SEGMENTS_MAX)).unwrap_or(u16::MAX),
            charge_on: price.charge_on,
            charge: Charge::None,
        })))
    }
}

/// What is held for a message whose content is replaced, in place of what was; none where that stays. The price of a
/// segment stays that of its acceptance.
///
/// What was spent at the acceptance pays for as many segments, and for no more: a longer text is another message.
pub(super) fn rebill(
    state: &State,
    live: &Live,
    at: Timestamp,
    message: &Message,
    content: &Content,
) -> Result<Option<Box<Bill>>, Refusal> {
    let (Some(old), Some(Paying { pricing, .. })) =
        (state.messages.bill(message.id), live.rules(message.account).paying.as_ref())
    else {
        return Ok(None);
    };
    let segments = measure(content).segments(pricing.segments);
    match old.charge {
        Charge::Settled if segments <= u32::from(old.segments) => Ok(None),
        Charge::Held => {
            let mut wallet = state.ledger.wallet(message.account).ok_or(Refusal::NoMoney)?.clone();
            wallet.release(at, &old.hold).map_err(|_| Refusal::ReplaceFailed)?;
            let hold = wallet.plan(at, segments, old.unit).map_err(|_| Refusal::NoMoney)?;
            let segments = u16::try_from(segments).map_err(|_| Refusal::NoMoney)?;
            Ok(Some(Box::new(Bill { hold, segments, ..*old })))
        }
        Charge::Settled | Charge::None | Charge::Released => Err(Refusal::ReplaceFailed),
    }
}

/// The months that are over and not settled yet (R36): each account's once, also when the gateway was away then.
pub(super) fn months(state: &State, live: &mut Live, now: Now, decision: &mut Decision) {
    let this = crate::rating::MonthNumber::of(crate::base::time::ContractDay::of(now.wall));
    if live.months_settled_in == Some(this) {
        return;
    }
    live.months_settled_in = Some(this);
    let mut accounts: Vec<_> = live.customers.keys().copied().collect();
    accounts.sort_unstable();
    for account in accounts {
        let Some(Paying { pricing, .. }) = &live.rules(account).paying else { continue };
        let due = state.ledger.month_due(account, now.wall);
        let due = std::iter::successors(due, |month| Some(month.next())).take_while(|month| *month < this);
        let due: Vec<_> = due.collect();
        for month in due.iter().skip(due.len().saturating_sub(MONTHS_AT_ONCE)) {
            let cells: Vec<_> = state.ledger.used_in(account, *month).collect();
            // What no price is known for any more is settled by hand, and the month stays open until it is.
            let Ok(MonthSum { settlement: settled, cash, voucher }) = of_month(pricing, &cells) else {
                break;
            };
            decision.events.push(Event::MonthSettled {
                account,
                month: month.0,
                at: now.wall,
                segments: settled.segments,
                accrued: settled.accrued,
                amount: settled.amount,
                cash,
                voucher,
            });
        }
    }
}

/// The terms of the settings that a wallet does not have yet. Terms that cannot be (an account that owes something is
/// to be prepaid) stay as they were.
pub(in crate::flow) fn terms(
    state: &State,
    settings: &[crate::flow::AccountSettings],
    at: Timestamp,
) -> Vec<Event> {
    let event = |settings: &crate::flow::AccountSettings| {
        let terms = settings.paying.as_ref()?.terms;
        let account = state.account(&settings.name)?;
        let wallet = state.ledger.wallet(account);
        let is_new = wallet.is_none_or(|wallet| wallet.terms() != terms);
        let mut wallet = wallet.cloned().unwrap_or_default();
        let fits = wallet.apply(at, crate::message::Operation::Terms(terms)).is_ok();
        (is_new && fits).then_some(Event::Terms { account, at, terms })
    };
    settings.iter().filter_map(event).collect()
}

/// The accounts whose terms in the settings cannot be yet, and why.
pub(in crate::flow) fn terms_kept<'a>(
    state: &State,
    settings: &'a [crate::flow::AccountSettings],
    at: Timestamp,
) -> Vec<(&'a str, Unfit)> {
    let kept = |settings: &'a crate::flow::AccountSettings| {
        let terms = settings.paying.as_ref()?.terms;
        let mut wallet = state.account(&settings.name).and_then(|of| state.ledger.wallet(of)).cloned()?;
        let unfit = wallet.apply(at, crate::message::Operation::Terms(terms)).err()?;
        Some((settings.name.as_str(), unfit))
    };
    settings.iter().filter_map(kept).collect()
}

/// The length of the parts of a long message that are here.
pub(super) fn length_so_far(state: &State, head: Option<MessageId>) -> Option<Measure> {
    head.and_then(|head| state.longs.get(head)).map(|long| long.measure)
}
