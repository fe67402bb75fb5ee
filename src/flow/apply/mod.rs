//! The fold: what each event changes. No rule decides anything here, and no clock is looked at.

mod closing;
mod ending;
mod money;
mod whole;

use std::sync::Arc;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::time::Timestamp;
pub(super) use ending::wants_receipt;

use crate::flow::long::LongKey;
use crate::flow::message::{After, Extra, Message, Phase};
use crate::flow::state::{State, gauge};
use crate::message::{
    Billed, CarrierMessageId, Class, Content, Event, FactId, Outcome, PackedAddress, PartOf, Receipt,
    Recount, Submission,
};
use crate::rating::{Measure, measure};
use crate::sla::book::ContractDay;
use crate::sla::counters::Step;

/// What an event means for whoever follows the state: queues, timers, records. None of it is a fact of its own.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Messages that may be handed over from now on, or when their wait is over.
    pub(super) queued: Vec<(CarrierId, MessageId)>,
    /// What customers are owed from now on.
    pub(super) owed: Vec<(AccountId, MessageId)>,
    /// Messages for which time has begun to run in another way.
    pub(super) timed: Vec<MessageId>,
    /// The same, and all that is due next is that somebody has been waited for long enough.
    pub(super) awaited: Vec<MessageId>,
    /// What customers want to hear, and is not kept for them.
    pub(super) noted: Vec<(MessageId, u8)>,
    /// Messages that are over, for the records.
    pub(super) over: Vec<Over>,
    /// Messages that count as something else, for the records.
    pub(super) recounted: Vec<Recount>,
    /// Receipts that were about no message of ours, and since when they had waited, for the records.
    pub(super) foreign: Vec<(Timestamp, Receipt)>,
}

/// A message at its end, as the records want it.
#[derive(Debug)]
pub(super) struct Over {
    /// The message, or the first part that came of a long one, as it was before its end.
    pub(super) message: Message,
    /// What else was known of it.
    pub(super) extra: Option<Extra>,
    /// The carrier's id of it, when the carrier gave one.
    pub(super) link: Option<CarrierMessageId>,
    /// Of how many parts it consisted.
    pub(super) parts: u8,
    /// What all of them cost.
    pub(super) billed: Billed,
    /// In how many segments all of them went over the air.
    pub(super) sent: u32,
    /// When it ended, by the calendar.
    pub(super) at: Timestamp,
    /// What it counts as.
    pub(super) outcome: Outcome,
    /// What became of it, whatever takes it out of the counts.
    pub(super) own_class: Class,
    /// The fact by which it is excluded.
    pub(super) evidence: Option<FactId>,
    /// For one that had been given up and is corrected: when it was submitted, by the calendar of then.
    pub(super) corrects: Option<Timestamp>,
}

impl State {
    /// Changes the state by one fact, which stands at `home`. An event about a message that is over changes nothing.
    pub(super) fn apply(&mut self, home: RecordNumber, event: Event, changes: &mut Changes) {
        match event {
            Event::AccountNamed { account, name } => self.accounts.set(account.0, name),
            Event::CarrierNamed { carrier, name } => self.carriers.set(carrier.0, name),
            Event::Accepted { message, at, carrier, due_at, expires_at, shown, part, mut submission } => {
                let (times, bill) = ((self.log_time(at), due_at, expires_at), submission.bill.take());
                self.accepted(home, (message, carrier), times, (shown, part), submission, changes);
                self.priced(message, at, bill);
            }
            Event::Refused { account, reason, count } => self.counters.refuse(account, reason, count),
            Event::Rerouted { message, carrier } => self.rerouted(message, carrier, changes),
            Event::HandedOver { message, at } => self.handed_over(message, at),
            Event::Submitted { message, id } => self.submitted(message, id, changes),
            Event::Returned { message, status } => self.returned(message, status, changes),
            Event::Deferred { message, status, carrier, until } => {
                self.deferred(message, status, (carrier, until), changes);
            }
            Event::Declined { message, status } => self.count(message, Step::NotTaken(status)),
            Event::InDoubt { message } => self.in_doubt(message, changes),
            Event::Resent { message } => self.resent(message, changes),
            Event::Linked { message, carrier, id } => self.linked(message, carrier, id),
            Event::Ended { message, at, outcome } => self.ended(message, at, outcome, changes),
            Event::Corrected { message, part, at, outcome } => {
                self.corrected((message, part), at, outcome, changes);
            }
            Event::Recounted(recount) => self.recounted(*recount, changes),
            Event::RecountedAll { fact } => self.recounts.all_done(fact),
            Event::Closed { at, periods } => self.closed(home, at, &periods),
            Event::Noted { message, unknown: true, state } => {
                self.count(message, Step::UnknownWord);
                self.messages.set_said(message, state);
            }
            Event::Noted { message, state, .. } => {
                changes.noted.extend(state.message_state.map(|state| (message, state)));
            }
            Event::Repeated { carrier } => self.counters.repeat(carrier),
            Event::Parked { at, receipt } => self.parked.park(self.log_time(at), *receipt),
            Event::Unparked { carrier, id } => {
                self.parked.take(carrier, &id);
            }
            Event::Foreign { carrier, id } => {
                changes.foreign.extend(self.parked.take(carrier, &id));
                self.counters.foreign(carrier);
            }
            Event::Told { message, status } => {
                self.told(message, if status == 0 { Step::Told } else { Step::Untold });
            }
            Event::Untold { message } => self.told(message, Step::Untold),
            Event::Gathered { head, carrier } => self.gathered(head, carrier, changes),
            Event::Received { message, at, carrier, submission } => {
                self.received(home, (message, carrier), self.log_time(at), submission, changes);
            }
            Event::Fact(fact) => self.fact(home, *fact),
            Event::Opted { account, number, out, .. } => self.opted_out.opted(account, &number, out),
            Event::Carried(carried) => self.carried(home, *carried, changes),
            Event::Agreed(agreement) => self.agreed.agree(*agreement),
            Event::Snapshot(snapshot) => self.snapshot(*snapshot),
            Event::OutageBegan { at, lapse } => self.outages.begin(lapse, at),
            Event::OutageEnded { at, lapse } => self.outages.end(lapse, at),
            Event::LinkClosed { carrier, closing } => self.outages.closed(carrier, closing),
            Event::ClockStepped { by } => {
                self.clock_offset = self.clock_offset.saturating_add(by);
                self.outages.clock_stepped(by);
            }
            Event::Time { at, ahead } => (self.last_time, self.clock_offset) = (at, ahead),
            Event::Replaced { message, at, bill } => self.rebilled(message, at, bill),
            Event::Terms { account, at, terms } => self.terms(account, at, terms),
            Event::MonthSettled { account, month, at, segments, accrued, amount, cash, voucher } => {
                self.month_settled((account, month), at, (segments, accrued, amount), (cash, voucher));
            }
        }
    }

    fn accepted(
        &mut self,
        home: RecordNumber,
        (id, carrier): (MessageId, CarrierId),
        (accepted_at, due_at, expires_at): (Timestamp, Timestamp, Timestamp),
        (shown, part): (Option<MessageId>, Option<PartOf>),
        submission: Box<Submission>,
        changes: &mut Changes,
    ) {
        self.ids.saw(id);
        let account = submission.account;
        let gathering = part
            .zip(submission.part)
            .map(|(_, said)| LongKey::new(account, submission.source, submission.destination, said));
        let nonzero = |at: Timestamp| (at != Timestamp::default()).then_some(at);
        let mut message = new_message(home, (id, carrier), accepted_at, &submission);
        message.expires = After::maybe(accepted_at, nonzero(expires_at));
        message.wait = After::maybe(accepted_at, nonzero(due_at));
        message.scheduled = nonzero(due_at).is_some();
        let length = part.map_or(Measure::NOTHING, |_| measure(&submission.content));
        let content = self.keep(submission.content, part.is_some());
        message.phase = if part.is_some() { Phase::Gathering(content) } else { Phase::Queued(content) };
        if let Some(part) = part {
            if self.longs.add(id, part, gathering) {
                self.longs.measure(part.head, length);
            }
            changes.timed.push(id);
        } else {
            gauge(&mut self.waiting, carrier, true);
            changes.queued.push((carrier, id));
        }
        if part.is_none_or(|part| part.head == id) {
            self.counters.count(account, carrier, Step::Accepted);
            self.loads.count(account, ContractDay::of(self.calendar(accepted_at)));
        }
        let extra = (shown.is_some() || part.is_some()).then(|| Extra { shown, part, ..Extra::default() });
        self.messages.insert(message, extra);
    }

    fn received(
        &mut self,
        home: RecordNumber,
        (id, carrier): (MessageId, CarrierId),
        at: Timestamp,
        submission: Box<Submission>,
        changes: &mut Changes,
    ) {
        self.ids.saw(id);
        let account = submission.account;
        let mut message = new_message(home, (id, carrier), at, &submission);
        message.phase = Phase::Incoming(self.keep(submission.content, false));
        self.messages.insert(message, None);
        gauge(&mut self.owed, account, true);
        self.counters.count(account, carrier, Step::Received);
        changes.owed.push((account, id));
        changes.awaited.push(id);
    }

    /// A content for memory, as long as there is room for it. Parts that are gathered have as much room again: what the
    /// whole says may have to be read before it is taken.
    fn keep(&self, content: Content, is_gathered: bool) -> Option<Arc<Content>> {
        let room = self.bodies_max.saturating_mul(1 + usize::from(is_gathered));
        (self.messages.bodies() < room).then(|| Arc::new(content))
    }

    fn rerouted(&mut self, id: MessageId, carrier: CarrierId, changes: &mut Changes) {
        self.moves(id);
        let Some(message) = self.messages.get_mut(id) else { return };
        let old = std::mem::replace(&mut message.carrier, carrier);
        gauge(&mut self.waiting, old, false);
        gauge(&mut self.waiting, carrier, true);
        changes.queued.push((carrier, id));
    }

    fn handed_over(&mut self, id: MessageId, at: Timestamp) {
        let at = self.log_time(at);
        let Some(slot) = self.messages.slot(id) else { return };
        let Some(message) = self.messages.at_mut(slot) else { return };
        if !matches!(message.phase, Phase::Queued(_)) {
            return;
        }
        let (account, carrier) = (message.account, message.carrier);
        message.attempts = message.attempts.wrapping_add(1);
        message.handed_over = After::new(message.accepted_at, at);
        message.wait = After::NEVER;
        self.messages.advance_at(slot, Phase::HandedOver);
        gauge(&mut self.waiting, carrier, false);
        self.counters.count(account, carrier, Step::HandedOver);
    }

    fn submitted(&mut self, id: MessageId, link: CarrierMessageId, changes: &mut Changes) {
        let at = self.log_time(self.last_time);
        let Some(slot) = self.messages.slot(id) else { return };
        let Some(message) = self.messages.at_mut(slot) else { return };
        let (account, carrier) = (message.account, message.carrier);
        match message.phase {
            Phase::InDoubt => self.counters.count(account, carrier, Step::DoubtEnded),
            Phase::HandedOver(_) => {}
            // Its answer came when a copy was about to be sent, or it had been put off.
            Phase::Queued(_) => gauge(&mut self.waiting, carrier, false),
            Phase::Gathering(_) | Phase::Submitted(_) | Phase::Ended(_) | Phase::Incoming(_) => return,
        }
        message.answered = After::new(message.accepted_at, at);
        self.counters.count(account, carrier, Step::TakenByCarrier);
        self.taken(id);
        self.messages.link_at(slot, link);
        changes.awaited.push(id);
    }

    fn linked(&mut self, id: MessageId, carrier: CarrierId, link: CarrierMessageId) {
        self.taken(id);
        match self.messages.get(id).map(|message| &message.phase) {
            Some(Phase::Ended(_)) | None => {
                self.finished.remember(carrier, &link);
                self.late.unlink(carrier, &link);
                self.late.link(id, carrier, &link);
            }
            Some(_) => self.messages.link_copy(id, carrier, link),
        }
    }

    fn returned(&mut self, id: MessageId, status: u32, changes: &mut Changes) {
        let Some(message) = self.messages.get_mut(id) else { return };
        let carrier = message.carrier;
        match message.phase {
            Phase::HandedOver(_) => {}
            Phase::InDoubt => self.counters.count(message.account, carrier, Step::DoubtEnded),
            _ => return,
        }
        self.messages.advance(id, Phase::Queued);
        gauge(&mut self.waiting, carrier, true);
        self.count(id, Step::NotTaken(status));
        changes.queued.push((carrier, id));
    }

    fn deferred(
        &mut self,
        id: MessageId,
        status: u32,
        (carrier, until): (CarrierId, Timestamp),
        changes: &mut Changes,
    ) {
        self.returned(id, status, changes);
        if self.messages.get(id).is_some_and(|message| message.carrier != carrier) {
            self.moves(id);
        }
        let Some(message) = self.messages.get_mut(id) else { return };
        if !matches!(message.phase, Phase::Queued(_)) {
            return;
        }
        message.tries = message.tries.saturating_add(1);
        message.wait = After::new(message.accepted_at, until);
        let old = std::mem::replace(&mut message.carrier, carrier);
        gauge(&mut self.waiting, old, false);
        gauge(&mut self.waiting, carrier, true);
        changes.queued.pop();
        changes.queued.push((carrier, id));
    }

    fn in_doubt(&mut self, id: MessageId, changes: &mut Changes) {
        let at = self.log_time(self.last_time);
        let Some(message) = self.messages.get_mut(id) else { return };
        if matches!(message.phase, Phase::HandedOver(_)) {
            message.answered = After::new(message.accepted_at, at);
            self.messages.advance(id, |_| Phase::InDoubt);
            self.count(id, Step::DoubtBegan);
            changes.timed.push(id);
        }
    }

    fn resent(&mut self, id: MessageId, changes: &mut Changes) {
        let Some(message) = self.messages.get_mut(id) else { return };
        if !matches!(message.phase, Phase::InDoubt) {
            return;
        }
        let (account, carrier) = (message.account, message.carrier);
        message.copies = message.copies.saturating_add(1);
        self.messages.advance(id, |_| Phase::Queued(None));
        gauge(&mut self.waiting, carrier, true);
        self.counters.count(account, carrier, Step::DoubtEnded);
        self.counters.count(account, carrier, Step::Copied);
        changes.queued.push((carrier, id));
    }

    fn gathered(&mut self, head: MessageId, carrier: CarrierId, changes: &mut Changes) {
        self.moves(head);
        self.longs.gathered(head);
        let Some(long) = self.longs.get(head) else { return };
        let mut parts: Vec<_> = long.parts.iter().map(|part| (part.number, part.id)).collect();
        parts.sort_unstable();
        for (_, id) in parts {
            let Some(message) = self.messages.get_mut(id) else { continue };
            if matches!(message.phase, Phase::Gathering(_)) {
                message.carrier = carrier;
                let has_room = self.messages.bodies() <= self.bodies_max;
                self.messages.advance(id, |content| Phase::Queued(content.filter(|_| has_room)));
                gauge(&mut self.waiting, carrier, true);
                changes.queued.push((carrier, id));
            }
        }
    }

    fn owe(&mut self, account: AccountId, id: MessageId, changes: &mut Changes) {
        gauge(&mut self.owed, account, true);
        changes.owed.push((account, id));
        changes.awaited.push(id);
    }

    fn count(&mut self, id: MessageId, step: Step) {
        if let Some(message) = self.messages.get(id) {
            self.counters.count(message.account, message.carrier, step);
        }
    }
}

/// A message of which nothing is known but what was submitted.
fn new_message(
    home: RecordNumber,
    (id, carrier): (MessageId, CarrierId),
    accepted_at: Timestamp,
    submission: &Submission,
) -> Message {
    Message {
        id,
        home,
        accepted_at,
        account: submission.account,
        carrier,
        expires: After::NEVER,
        wait: After::NEVER,
        handed_over: After::NEVER,
        answered: After::NEVER,
        source: PackedAddress::new(&submission.source),
        destination: PackedAddress::new(&submission.destination),
        registered_delivery: submission.registered_delivery,
        data_coding: submission.content.data_coding,
        esm_class: submission.content.esm_class,
        octets: u16::try_from(submission.content.body.len()).unwrap_or(u16::MAX),
        attempts: 0,
        tries: 0,
        copies: 0,
        scheduled: false,
        told: false,
        has_extra: false,
        label: submission.label,
        paired: false,
        phase: Phase::InDoubt,
    }
}
