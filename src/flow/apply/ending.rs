//! What a message's end changes, and its customer's hearing of it.

use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::flow::apply::{Changes, Over};
use crate::flow::message::{Extra, Message, Phase};
use crate::flow::state::{State, gauge};
use crate::message::{CarrierMessageId, Class, Exclusion, FactId, Label, Outcome, PartOf, Zone};
use crate::sla::book::{CellKey, ContractDay};
use crate::sla::counters::Step;
use crate::sla::facts::Subject;

impl State {
    pub(super) fn ended(&mut self, id: MessageId, at: Timestamp, outcome: Outcome, changes: &mut Changes) {
        let Some(slot) = self.messages.slot(id) else { return };
        let Some(message) = self.messages.at(slot) else { return };
        let (account, carrier) = (message.account, message.carrier);
        match message.phase {
            Phase::Ended(_) | Phase::Incoming(_) => return,
            Phase::Queued(_) => gauge(&mut self.waiting, carrier, false),
            Phase::InDoubt => self.counters.count(account, carrier, Step::DoubtEnded),
            Phase::HandedOver(_) | Phase::Submitted(_) | Phase::Gathering(_) => {}
        }
        let before = message.clone();
        let extra = self.messages.extra(message).cloned();
        if let (Phase::Gathering(_), Some(part)) =
            (&before.phase, extra.as_ref().and_then(|extra| extra.part))
        {
            self.longs.give_up(part.head);
        }
        let link = self.forget_links(slot, &before);
        let part = extra.as_ref().and_then(|extra| extra.part);
        let log_time = self.log_time(at);
        let Some(part) = part else {
            let (counted, evidence) = self.count_end(&before, outcome);
            if wants_receipt(before.registered_delivery, outcome.class) {
                self.messages.advance_at(slot, |_| Phase::Ended(Box::new((log_time, outcome))));
                self.owe(account, id, changes);
            } else {
                self.messages.remove_at(slot);
            }
            let over = Over { message: before, extra, link, parts: 1, at, outcome: counted, evidence };
            return changes.over.push(over);
        };
        self.messages.advance_at(slot, |_| Phase::Ended(Box::new((log_time, outcome))));
        if !part.one_receipt && wants_receipt(before.registered_delivery, outcome.class) {
            self.owe(account, id, changes);
        }
        self.part_ended(part, (before, extra, link), at, outcome, changes);
    }

    /// A part is over; with the last of them the long message is.
    fn part_ended(
        &mut self,
        part: PartOf,
        (message, extra, link): (Message, Option<Extra>, Option<CarrierMessageId>),
        at: Timestamp,
        outcome: Outcome,
        changes: &mut Changes,
    ) {
        let Some((long, verdict)) = self.longs.ended(message.id, part, outcome) else { return };
        let message = self.messages.get(part.head).cloned().unwrap_or(message);
        let (counted, evidence) = self.count_end(&message, verdict);
        let mut wanted = false;
        for id in long.parts.iter().map(|part| part.id) {
            let Some(other) = self.messages.get(id) else { continue };
            let rd = other.registered_delivery;
            wanted |= wants_receipt(rd, verdict.class);
            let Phase::Ended(end) = &other.phase else { continue };
            let owed = !part.one_receipt && wants_receipt(rd, end.1.class) && !other.told;
            if owed {
                self.messages.leave_long(id);
            } else if !part.one_receipt || id != part.head {
                self.messages.remove(id);
            }
        }
        if part.one_receipt {
            let log_time = self.log_time(at);
            self.messages.advance(part.head, |_| Phase::Ended(Box::new((log_time, verdict))));
            self.messages.set_parts(part.head, &long);
            // In a replay behind a freed segment the head may not be known yet.
            if wanted && self.messages.get(part.head).is_some() {
                self.owe(message.account, part.head, changes);
            } else {
                self.messages.remove(part.head);
            }
        }
        let parts = u8::try_from(long.parts.len()).unwrap_or(u8::MAX);
        changes.over.push(Over { message, extra, link, parts, at, outcome: counted, evidence });
    }

    /// Counts a message that ended so, and says what it counts as: a fact may exclude it, and then is the evidence. Its
    /// customer is told what became of it all the same.
    fn count_end(&mut self, message: &Message, outcome: Outcome) -> (Outcome, Option<FactId>) {
        let Message { account, carrier, label: Label { category, zone_len, beyond_load }, .. } = *message;
        let (recipient, submitted) = (message.destination.unpack(), self.calendar(message.accepted_at));
        let found = self.facts.excluding(Subject { submitted, account, carrier, recipient: &recipient });
        let load = beyond_load.then_some((Exclusion::UnannouncedLoad, None));
        let found = found.map(|(why, fact)| (why, Some(fact))).or(load);
        // What leaves both counts anyway needs no fact.
        let found = found.filter(|_| !matches!(outcome.class, Class::InvalidNumber | Class::Excluded));
        let (counted, evidence) = match found {
            None => (outcome, None),
            Some((why, fact)) => {
                (Outcome { class: Class::Excluded, excluded_by: Some(why), ..outcome }, fact)
            }
        };
        let Outcome { class, unmapped, stat, err, .. } = counted;
        let (day, zone) = (ContractDay::of(submitted), Zone::new(recipient.as_slice(), zone_len));
        self.book.count_by(CellKey { day, account, carrier, category, zone }, &counted, evidence);
        self.counters.count(account, carrier, Step::Ended { class, unmapped });
        if unmapped {
            self.counters.unmapped(carrier, &stat, &err);
        }
        (counted, evidence)
    }

    /// The ended message's links are remembered, and mean no message from now on. Returns its first.
    fn forget_links(&mut self, slot: usize, message: &Message) -> Option<CarrierMessageId> {
        let link = self.messages.unlink_at(slot);
        if let Some((carrier, link)) = &link
            && !link.is_empty()
        {
            self.finished.remember(*carrier, link);
        }
        if message.has_extra {
            for (carrier, link) in self.messages.unlink_copies(message.id) {
                self.finished.remember(carrier, &link);
            }
        }
        link.map(|(_, link)| link)
    }

    pub(super) fn told(&mut self, id: MessageId, step: Step) {
        let Some(slot) = self.messages.slot(id) else { return };
        let message = self.messages.at(slot).filter(|message| self.owes_notice(message));
        let Some(message) = message else { return };
        let (account, carrier) = (message.account, message.carrier);
        let incoming = matches!(message.phase, Phase::Incoming(_));
        let part = self.messages.part(message);
        gauge(&mut self.owed, account, false);
        self.counters.count(account, carrier, if incoming { step.of_incoming() } else { step });
        if part.is_some_and(|part| self.longs.get(part.head).is_some()) {
            if let Some(message) = self.messages.at_mut(slot) {
                message.told = true;
            }
        } else {
            self.messages.remove_at(slot);
        }
    }
}

/// Whether `registered_delivery` asks for a receipt of this class (§5.2.17): 1 for any outcome, 2 for failures only,
/// 3 (5.0) for success only.
pub(in crate::flow) const fn wants_receipt(registered_delivery: u8, class: Class) -> bool {
    match registered_delivery & 0x03 {
        0 => false,
        2 => !matches!(class, Class::Delivered),
        3 => matches!(class, Class::Delivered),
        _ => true,
    }
}
