//! Steps 10 to 12: which message is a receipt about, and what does it mean?

use crate::base::ids::{CarrierId, MessageId};
use crate::base::time::Now;
use crate::flow::Decision;
use crate::flow::live::Live;
use crate::flow::messages::Phase;
use crate::flow::settings::FlowSettings;
use crate::flow::state::State;
use crate::message::{CarrierMessageId, Event, Receipt, ReceiptState};
use crate::sla::{self, CarrierCodes, Meaning};

/// Parked receipts filed as foreign by one tick; the rest by the next. With the longest ids they are 240 KB: a decision
/// must fit whole into what a batch has left before it calls itself full.
const FOREIGN_AT_ONCE: usize = 900;

/// Parked receipts that a new link takes. Nobody sends more about one message before he has answered it; the rest of
/// a carrier's mischief stays parked and ends as foreign.
const UNPARKED_AT_ONCE: usize = 64;

pub(super) fn reported(
    state: &State,
    live: &mut Live,
    settings: &FlowSettings,
    now: Now,
    mut receipt: Receipt,
    decision: &mut Decision,
) {
    let codes = live.codes(receipt.carrier);
    let mut reporter = live.carriers.get_mut(&receipt.carrier);
    if let Some(reporter) = &mut reporter {
        receipt.id = reporter.read_receipt(&receipt.id);
    }
    let is_ours = settle(state, settings, (now, &codes), receipt, decision);
    if let Some(reporter) = reporter {
        // The alarm is the rate's to keep; whoever wants to hear of it reads the report.
        let _alarm = reporter.match_rate.note(is_ours);
    }
}

/// The same of a receipt that an operator feeds in again: it counts for the messages and not for the match rate, which
/// a day of foreign receipts would bring down.
pub(super) fn replayed(
    state: &State,
    live: &Live,
    settings: &FlowSettings,
    now: Now,
    (mut receipt, as_filed): (Receipt, bool),
    decision: &mut Decision,
) {
    if let Some(carrier) = live.carriers.get(&receipt.carrier).filter(|_| !as_filed) {
        receipt.id = carrier.settings.ids.receipt.canonical(receipt.id.as_slice());
    }
    settle(state, settings, (now, &live.codes(receipt.carrier)), receipt, decision);
}

/// Finds the message; whether it is one of ours, be it over already.
fn settle(
    state: &State,
    settings: &FlowSettings,
    (now, codes): (Now, &CarrierCodes),
    receipt: Receipt,
    decision: &mut Decision,
) -> bool {
    let carrier = receipt.carrier;
    let linked = state.messages.linked(carrier, &receipt.id);
    // What waits for the other parts of its message is over.
    let linked = linked.filter(|message| !matches!(message.phase, Phase::Ended(_)));
    if let Some(message) = linked {
        report(codes, now, (message.id, Stands::Open), &receipt, decision);
    } else if let Some((message, part)) = state.late.find(carrier, &receipt.id) {
        report(codes, now, (message, Stands::GivenUp(part)), &receipt, decision);
    } else if state.finished.contains(carrier, &receipt.id) {
        decision.events.push(Event::Repeated { carrier });
    } else {
        if state.parked.len() >= settings.parking.receipts_max {
            decision.events.extend(state.parked.oldest().map(foreign));
        }
        decision.events.push(Event::Parked { at: now.wall, receipt: Box::new(receipt) });
        return false;
    }
    true
}

/// A link appears: receipts that had overtaken it are about this message, which may be over already (promise 3).
/// Returns how many.
pub(super) fn unpark(
    state: &State,
    (now, codes): (Now, &CarrierCodes),
    (carrier, theirs): (CarrierId, CarrierMessageId),
    (message, mut stands): (MessageId, Stands),
    decision: &mut Decision,
) -> usize {
    let mut found = 0;
    for receipt in state.parked.about(carrier, &theirs).take(UNPARKED_AT_ONCE) {
        decision.events.push(Event::Unparked { carrier, id: theirs.clone() });
        stands = report(codes, now, (message, stands), receipt, decision);
        found += 1;
    }
    found
}

/// Parked receipts that have waited long enough are about no message of ours.
pub(super) fn file_overdue(state: &State, settings: &FlowSettings, now: Now, decision: &mut Decision) {
    let overdue = state.parked.overdue(state.log_time(now.wall), settings.parking);
    decision.events.extend(overdue.map(foreign).take(FOREIGN_AT_ONCE));
}

fn foreign(receipt: &Receipt) -> Event {
    Event::Foreign { carrier: receipt.carrier, id: receipt.id.clone() }
}

/// How a message stands when a receipt comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stands {
    /// It is not over.
    Open,
    /// We have given it up, and a part of it, or the message itself, may be corrected.
    GivenUp(u8),
    /// It is over.
    Over,
}

impl Stands {
    /// That of a message which is over by now.
    pub(super) fn of_ended(state: &State, message: MessageId) -> Self {
        let given_up = state.late.get(message).is_some_and(|given_up| given_up.parts == 1);
        if given_up { Self::GivenUp(0) } else { Self::Over }
    }
}

/// What a receipt about a message comes to; an earlier one of the same decision may have ended it. Returns how it
/// stands now.
fn report(
    codes: &CarrierCodes,
    now: Now,
    (message, stands): (MessageId, Stands),
    receipt: &Receipt,
    decision: &mut Decision,
) -> Stands {
    let (at, state) = (now.wall, receipt.state);
    let (event, stands) = match (stands, sla::classify(receipt, codes, at)) {
        (Stands::Open, Meaning::Final(outcome)) => (Event::Ended { message, at, outcome }, Stands::Over),
        (Stands::Open, Meaning::Intermediate) => {
            let message_state = Some(sla::intermediate_state(state.message_state));
            let state = ReceiptState { message_state, ..state };
            (Event::Noted { message, unknown: false, state }, stands)
        }
        (Stands::Open, Meaning::Unknown) => (Event::Noted { message, unknown: true, state }, stands),
        (Stands::GivenUp(part), Meaning::Final(outcome)) => {
            (Event::Corrected { message, part, at, outcome }, Stands::Over)
        }
        (Stands::GivenUp(_) | Stands::Over, _) => (Event::Repeated { carrier: receipt.carrier }, stands),
    };
    decision.events.push(event);
    stands
}
