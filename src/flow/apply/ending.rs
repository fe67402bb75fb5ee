//! What a message's end changes, and its customer's hearing of it.

use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::flow::apply::{Changes, Over};
use crate::flow::closing::cell_key;
use crate::flow::late::GivenUp;
use crate::flow::long::Long;
use crate::flow::message::{Extra, Message, Phase};
use crate::flow::record::verdict;
use crate::flow::state::{State, gauge};
use crate::message::{Billed, CarrierMessageId, Class, FactId, Grounds, Label, Outcome, PartOf};
use crate::rating::Happened;
use crate::sla;
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
        let verdict = verdict(&message.phase, &outcome);
        self.money_of(id, at, Happened::Ended(outcome.class, verdict));
        let Some(message) = self.messages.at(slot) else { return };
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
            // What became of its money stands in the records from now on, and nowhere else.
            let bill = self.messages.take_bill(id);
            let (counted, evidence) = self.count_end(&before, outcome);
            if wants_receipt(before.registered_delivery, outcome.class) {
                self.messages.advance_at(slot, |_| Phase::Ended(Box::new((log_time, outcome))));
                self.owe(account, id, changes);
            } else {
                self.messages.remove_at(slot);
            }
            self.may_be_corrected(&before, extra.as_ref(), link.as_ref(), log_time, &counted);
            let billed = bill.map(|bill| Billed::default().plus(&bill)).unwrap_or_default();
            let sent = u32::from(before.label.segments);
            let (message, parts, corrects, own_class) = (before, 1, None, outcome.class);
            let outcome = counted;
            return changes.over.push(Over {
                message,
                extra,
                link,
                parts,
                billed,
                sent,
                at,
                outcome,
                own_class,
                evidence,
                corrects,
            });
        };
        self.messages.advance_at(slot, |_| Phase::Ended(Box::new((log_time, outcome))));
        if outcome.is_silent() {
            self.keep_links(&before, extra.as_ref(), link.as_ref());
        }
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
        let (billed, sent) = self.billed(&long);
        self.long_may_be_corrected(&message, extra.as_ref(), &long, self.log_time(at), &counted);
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
        let (outcome, own_class, corrects) = (counted, verdict.class, None);
        changes.over.push(Over {
            message,
            extra,
            link,
            parts,
            billed,
            sent,
            at,
            outcome,
            own_class,
            evidence,
            corrects,
        });
    }

    /// What the parts of a long message cost, and in how many segments they went over the air.
    fn billed(&self, long: &Long) -> (Billed, u32) {
        let parts = long.parts.iter().filter_map(|part| self.messages.get(part.id));
        parts.fold((Billed::default(), 0), |(billed, sent), part| {
            let billed = self.messages.bill(part.id).map_or(billed, |bill| billed.plus(bill));
            (billed, sent + u32::from(part.label.segments))
        })
    }

    /// Counts a message that ended so, and says what it counts as: a fact may exclude it, and then is the evidence. Its
    /// customer is told what became of it all the same. What was pending when its period closed is so no more.
    fn count_end(&mut self, message: &Message, outcome: Outcome) -> (Outcome, Option<FactId>) {
        let Message { account, carrier, .. } = *message;
        let submitted = self.calendar(message.accepted_at);
        let (counted, evidence) = match self.grounds_for(message, submitted) {
            None => (outcome, None),
            grounds => outcome.on(grounds),
        };
        let (class, unmapped) = (counted.class, counted.unmapped);
        if let Some(open) = self.take_key_of_open(message) {
            self.book.leave(open, &sla::never_reported());
        }
        self.book.count_by(cell_key(message, submitted), &counted, evidence);
        self.counters.count(account, carrier, Step::Ended { class, unmapped });
        if unmapped {
            self.counters.unmapped(carrier, &counted.stat, &counted.err);
        }
        (counted, evidence)
    }

    /// What takes a message that was submitted then out of the counts, if anything does.
    pub(super) fn grounds_for(&self, message: &Message, submitted: Timestamp) -> Option<Grounds> {
        let Message { account, carrier, label: Label { beyond_load, .. }, .. } = *message;
        // Hardly ever is anything excluded: this is asked of every message.
        if !beyond_load && !self.facts.exclude() {
            return None;
        }
        let recipient = message.destination.unpack();
        let found = self.facts.excluding(Subject { submitted, account, carrier, recipient: &recipient });
        let found = found.map(|(why, fact)| Grounds { why, fact: Some(fact) });
        found.or_else(|| beyond_load.then_some(Grounds::LOAD))
    }

    /// What we have given up, and nothing excludes, is kept for a late receipt.
    fn may_be_corrected(
        &mut self,
        message: &Message,
        extra: Option<&Extra>,
        link: Option<&CarrierMessageId>,
        at: Timestamp,
        counted: &Outcome,
    ) {
        if !counted.is_silent() {
            return;
        }
        let links = link.map(|link| (message.carrier, link.clone())).into_iter();
        let links = links.chain(extra.into_iter().flat_map(|extra| extra.links.iter().cloned()));
        let silent = links.filter(|(_, link)| !link.is_empty()).map(|(carrier, link)| (0, carrier, link));
        let submitted = self.calendar(message.accepted_at);
        let shown = extra.and_then(|extra| extra.shown);
        let silent = silent.collect();
        self.late.give_up(GivenUp { shown, silent, ..GivenUp::of(message, submitted, at) });
    }

    /// A part was given up: its ids stay with it until all of its message is over.
    fn keep_links(&mut self, part: &Message, extra: Option<&Extra>, link: Option<&CarrierMessageId>) {
        let link = link.filter(|link| !link.is_empty()).map(|link| (part.carrier, link.clone()));
        let copies = extra.map(|extra| extra.links.clone()).unwrap_or_default();
        for (carrier, link) in link.into_iter().chain(copies) {
            self.messages.link_copy(part.id, carrier, link);
        }
    }

    /// The same of a long message, of which parts were given up.
    fn long_may_be_corrected(
        &mut self,
        head: &Message,
        extra: Option<&Extra>,
        long: &Long,
        at: Timestamp,
        counted: &Outcome,
    ) {
        let mut silent = Vec::new();
        for part in &long.parts {
            if !part.outcome.is_some_and(|outcome| outcome.is_silent()) {
                continue;
            }
            let links = self.messages.unlink_copies(part.id);
            if links.is_empty() {
                silent.push((part.number, head.carrier, CarrierMessageId::new(b"")));
            }
            silent.extend(links.into_iter().map(|(carrier, link)| (part.number, carrier, link)));
        }
        if !counted.is_silent() {
            return;
        }
        let failed = long.parts.iter().filter_map(|part| Some((part.number, part.outcome?)));
        let failed = failed.filter(|(_, outcome)| outcome.class != Class::Delivered && !outcome.is_silent());
        let failed = failed.min_by_key(|(number, _)| *number);
        let submitted = self.calendar(head.accepted_at);
        let parts = u8::try_from(long.parts.len()).unwrap_or(u8::MAX);
        let shown = extra.and_then(|extra| extra.shown);
        let given_up = GivenUp::of(head, submitted, at);
        self.late.give_up(GivenUp { shown, parts, silent, failed, ..given_up });
    }

    /// The ended message's links are remembered, and mean no message from now on. Returns its first.
    fn forget_links(&mut self, slot: usize, message: &Message) -> Option<CarrierMessageId> {
        let link = self.messages.unlink_at(slot);
        if let Some((carrier, link)) = &link
            && !link.is_empty()
        {
            self.finished.remember(*carrier, link);
            self.late.unlink(*carrier, link);
        }
        if message.has_extra {
            for (carrier, link) in self.messages.unlink_copies(message.id) {
                self.finished.remember(carrier, &link);
                self.late.unlink(carrier, &link);
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
