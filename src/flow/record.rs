//! What the records say of a message that is over, and of a receipt that was about none of ours.

use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::apply::Over;
use crate::flow::messages::Phase;
use crate::flow::state::State;
use crate::message::{
    CarrierMessageId, Detail, Fault, ForeignReceipt, Outcome, Receipt, Recount, Recounted, Verdict, Zone,
};
use crate::sla;

/// A line for the records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// A message is over.
    Message(Detail),
    /// A message that is over counts as something else.
    Recounted(Recounted),
    /// A receipt was about no message of ours.
    Foreign(ForeignReceipt),
}

/// What waits to be written, and the names that it needs.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// Lines that the engine has not taken yet, by the records of the log that they come from.
    pub(super) lines: Vec<(RecordNumber, Line)>,
    /// Whether anybody writes records.
    pub(super) wanted: bool,
    accounts: HashMap<AccountId, Arc<str>>,
    carriers: HashMap<CarrierId, Arc<str>>,
}

impl Recording {
    /// A message is over, by this record of the log.
    pub(super) fn message(&mut self, state: &State, home: RecordNumber, over: Over) {
        if !self.wanted {
            return;
        }
        let Over { message, extra, link, parts, billed, sent, at, outcome, own_class, evidence, corrects } =
            over;
        let calendar = |after: Option<Timestamp>| after.map(|at| state.calendar(at));
        let destination = message.destination.unpack();
        let verdict =
            if corrects.is_some() { Verdict::LateReceipt } else { verdict(&message.phase, &outcome) };
        let detail = Detail {
            message: message.id,
            shown: extra.as_ref().and_then(|extra| extra.shown),
            account: self.account(state, message.account),
            carrier: Some(self.carrier(state, message.carrier)),
            carrier_message_id: link.unwrap_or_else(|| CarrierMessageId::new(b"")),
            category: message.label.category,
            zone: Zone::new(destination.as_slice(), message.label.zone_len),
            source: message.source.unpack(),
            destination,
            registered_delivery: message.registered_delivery,
            data_coding: message.data_coding,
            esm_class: message.esm_class,
            parts,
            sent,
            billed,
            octets: u32::from(message.octets),
            accepted_at: corrects.unwrap_or_else(|| state.calendar(message.accepted_at)),
            handed_over_at: calendar(message.handed_over.time(message.accepted_at)),
            answered_at: calendar(message.answered.time(message.accepted_at)),
            ended_at: at,
            attempts: u16::from(message.attempts),
            copies: u16::from(message.copies),
            ambiguous: message.copies > 0 || matches!(verdict, Verdict::DoubtTimedOut),
            outcome,
            own_class,
            beyond_load: message.label.beyond_load,
            evidence,
            verdict,
        };
        self.lines.push((home, Line::Message(detail)));
    }

    /// A message counts as something else, by this record of the log.
    pub(super) fn recounted(&mut self, state: &State, home: RecordNumber, recount: Recount) {
        if self.wanted {
            let (account, carrier) =
                (self.account(state, recount.account), self.carrier(state, recount.carrier));
            self.lines.push((home, Line::Recounted(Recounted { account, carrier, recount })));
        }
    }

    /// A receipt was about no message of ours, by this record of the log.
    pub(super) fn foreign(
        &mut self,
        state: &State,
        home: RecordNumber,
        (parked_at, receipt): (Timestamp, Receipt),
    ) {
        if !self.wanted {
            return;
        }
        let foreign = ForeignReceipt {
            carrier: self.carrier(state, receipt.carrier),
            recipient: Some(receipt.recipient).filter(|recipient| !recipient.digits.is_empty()),
            parked_at: state.calendar(parked_at),
            filed_at: state.last_time,
            receipt,
        };
        self.lines.push((home, Line::Foreign(foreign)));
    }

    fn account(&mut self, state: &State, account: AccountId) -> Arc<str> {
        shared(&mut self.accounts, account, state.accounts.name(account.0))
    }

    fn carrier(&mut self, state: &State, carrier: CarrierId) -> Arc<str> {
        shared(&mut self.carriers, carrier, state.carriers.name(carrier.0))
    }
}

/// One copy of a name for all records. None is kept of a number that has no name yet: in a replay behind freed segments
/// the names come with the snapshot. What ended before it was in the records before those segments were freed.
fn shared<K: Eq + Hash>(names: &mut HashMap<K, Arc<str>>, number: K, name: &str) -> Arc<str> {
    if name.is_empty() {
        return Arc::default();
    }
    Arc::clone(names.entry(number).or_insert_with(|| name.into()))
}

/// Whose word ended a message that had come so far. Before the carrier has it, only we and its customer speak.
pub(super) fn verdict(before: &Phase, outcome: &Outcome) -> Verdict {
    let stat = outcome.stat.as_slice();
    match before {
        Phase::Submitted(_) if outcome.is_unreported() => Verdict::ReceiptNeverCame,
        Phase::Submitted(_) | Phase::Incoming(_) => Verdict::Receipt,
        Phase::InDoubt if stat == sla::NEVER_KNOWN => Verdict::DoubtTimedOut,
        Phase::InDoubt | Phase::HandedOver(_) => Verdict::Refusal,
        Phase::Gathering(_) if stat == sla::PARTS_MISSING => Verdict::GatherTimedOut,
        Phase::Gathering(_) if stat == sla::OPT_OUT_MISSING => Verdict::OptOutMissing,
        Phase::Queued(_) if stat == sla::OPTED_OUT => Verdict::OptedOut,
        Phase::Gathering(_) | Phase::Queued(_) if stat == sla::CANCELLED => Verdict::Cancelled,
        Phase::Queued(_) if stat == sla::NEVER_KNOWN => Verdict::DoubtTimedOut,
        Phase::Queued(_) if stat == sla::NO_ROUTE => Verdict::NoRoute,
        Phase::Gathering(_) | Phase::Queued(_) => Verdict::Expired,
        Phase::Ended(_) => verdict_of_whole(outcome),
    }
}

/// The same of a long message, whose parts were over before it was: how far the one had come that decides is not kept,
/// but its outcome says whose word it is.
fn verdict_of_whole(outcome: &Outcome) -> Verdict {
    match (outcome.fault, outcome.stat.as_slice()) {
        (Fault::Customer, sla::CANCELLED) => Verdict::Cancelled,
        (Fault::Customer, sla::PARTS_MISSING) => Verdict::GatherTimedOut,
        (Fault::Customer, sla::OPT_OUT_MISSING) => Verdict::OptOutMissing,
        (Fault::Recipient, sla::OPTED_OUT) => Verdict::OptedOut,
        (Fault::Carrier, sla::NEVER_KNOWN) => Verdict::DoubtTimedOut,
        _ if outcome.is_unreported() => Verdict::ReceiptNeverCame,
        (Fault::Carrier, sla::REFUSED) => Verdict::Refusal,
        (Fault::Platform, sla::NO_ROUTE) => Verdict::NoRoute,
        (Fault::Platform, _) => Verdict::Expired,
        _ => Verdict::Receipt,
    }
}
