//! The fold: what each event changes. No rule decides anything here, and no clock is looked at.

use std::sync::Arc;

use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{CarrierMessageId, Class, Event, Outcome, Submission};
use crate::sla::counters::Step;

impl State {
    /// Changes the state by one fact. An event about a message that is over changes nothing. Returns the message
    /// whose customer is owed a receipt from now on.
    pub(super) fn apply(&mut self, event: Event) -> Option<(AccountId, MessageId)> {
        match event {
            Event::AccountNamed { account, name } => self.accounts.set(account.0, name),
            Event::CarrierNamed { carrier, name } => self.carriers.set(carrier.0, name),
            Event::Accepted { message, at, carrier, submission } => {
                self.accepted(message, at, carrier, submission)
            }
            Event::Refused { account, reason, count } => self.counters.refuse(account, reason, count),
            Event::Rerouted { message, carrier } => self.rerouted(message, carrier),
            Event::HandedOver { message, .. } => self.handed_over(message),
            Event::Submitted { message, id } => self.submitted(message, id),
            Event::Returned { message, status } => self.returned(message, status),
            Event::Declined { message, status } => self.count(message, Step::NotTaken(status)),
            Event::InDoubt { message } => self.in_doubt(message),
            Event::Ended { message, at, outcome } => return self.ended(message, at, outcome),
            Event::Noted { message, unknown: true, .. } => self.count(message, Step::UnknownWord),
            Event::Noted { unknown: false, .. } => {}
            Event::Repeated { carrier } => self.counters.repeat(carrier),
            Event::Parked { at, receipt } => self.parked.park(at, receipt),
            Event::Unparked { carrier, id } => {
                self.parked.take(carrier, &id);
            }
            Event::Foreign { carrier, id } => {
                self.parked.take(carrier, &id);
                self.counters.foreign(carrier);
            }
            Event::Told { message, status } => self.told(message, status),
        }
        None
    }

    fn accepted(&mut self, id: MessageId, at: Timestamp, carrier: CarrierId, submission: Submission) {
        let Submission { account, source, destination, registered_delivery, content } = submission;
        self.ids.saw(id);
        self.messages.insert(Message {
            id,
            account,
            carrier,
            accepted_at: at,
            source,
            destination,
            registered_delivery,
            phase: Phase::Queued(Arc::new(content)),
        });
        self.queues.entry(carrier).or_default().push_back(id);
        self.counters.count(account, carrier, Step::Accepted);
    }

    fn rerouted(&mut self, id: MessageId, carrier: CarrierId) {
        let Some(message) = self.messages.get_mut(id) else { return };
        let old = std::mem::replace(&mut message.carrier, carrier);
        self.leave_queue(old, id);
        self.join_queue(carrier, id);
    }

    fn handed_over(&mut self, id: MessageId) {
        let Some(message) = self.messages.get_mut(id) else { return };
        let Phase::Queued(content) = &message.phase else { return };
        message.phase = Phase::HandedOver(Arc::clone(content));
        let carrier = message.carrier;
        self.leave_queue(carrier, id);
        self.count(id, Step::HandedOver);
    }

    fn submitted(&mut self, id: MessageId, link: CarrierMessageId) {
        let Some(message) = self.messages.get(id) else { return };
        if matches!(message.phase, Phase::InDoubt) {
            self.count(id, Step::DoubtEnded);
        } else if !matches!(message.phase, Phase::HandedOver(_)) {
            return;
        }
        self.count(id, Step::TakenByCarrier);
        self.messages.link(id, link);
    }

    fn returned(&mut self, id: MessageId, status: u32) {
        let Some(message) = self.messages.get_mut(id) else { return };
        let Phase::HandedOver(content) = &message.phase else { return };
        message.phase = Phase::Queued(Arc::clone(content));
        let carrier = message.carrier;
        self.join_queue(carrier, id);
        self.count(id, Step::NotTaken(status));
    }

    fn in_doubt(&mut self, id: MessageId) {
        let Some(message) = self.messages.get_mut(id) else { return };
        if matches!(message.phase, Phase::HandedOver(_)) {
            message.phase = Phase::InDoubt;
            self.count(id, Step::DoubtBegan);
        }
    }

    fn ended(&mut self, id: MessageId, at: Timestamp, outcome: Outcome) -> Option<(AccountId, MessageId)> {
        let message = self.messages.get(id)?;
        let (account, carrier) = (message.account, message.carrier);
        match message.phase {
            Phase::Ended(_) => return None,
            Phase::Queued(_) => self.leave_queue(carrier, id),
            Phase::InDoubt => self.count(id, Step::DoubtEnded),
            Phase::HandedOver(_) | Phase::Submitted(_) => {}
        }
        self.count(id, Step::Ended(outcome.class));
        if let Some((carrier, link)) = self.messages.unlink(id)
            && !link.is_empty()
        {
            self.finished.remember(carrier, &link);
        }
        let message = self.messages.get_mut(id)?;
        if wants_receipt(message.registered_delivery, outcome.class) {
            message.phase = Phase::Ended(Box::new((at, outcome)));
            Some((account, id))
        } else {
            self.messages.remove(id);
            None
        }
    }

    fn told(&mut self, id: MessageId, status: u32) {
        self.count(id, if status == 0 { Step::Told } else { Step::Untold });
        self.messages.remove(id);
    }

    fn count(&mut self, id: MessageId, step: Step) {
        if let Some(message) = self.messages.get(id) {
            self.counters.count(message.account, message.carrier, step);
        }
    }

    fn leave_queue(&mut self, carrier: CarrierId, id: MessageId) {
        let Some(queue) = self.queues.get_mut(&carrier) else { return };
        if queue.front() == Some(&id) {
            queue.pop_front();
        } else if let Some(place) = queue.iter().position(|waiting| *waiting == id) {
            queue.remove(place);
        }
    }

    /// Ids grow in the order of acceptance, so the queue is kept in that order whoever comes back to it.
    fn join_queue(&mut self, carrier: CarrierId, id: MessageId) {
        let queue = self.queues.entry(carrier).or_default();
        let place = queue.partition_point(|waiting| *waiting < id);
        queue.insert(place, id);
    }
}

/// Whether `registered_delivery` asks for a receipt of this class (§5.2.17): 1 for any outcome, 2 for failures only,
/// 3 (5.0) for success only.
const fn wants_receipt(registered_delivery: u8, class: Class) -> bool {
    match registered_delivery & 0x03 {
        0 => false,
        2 => !matches!(class, Class::Delivered),
        3 => matches!(class, Class::Delivered),
        _ => true,
    }
}
