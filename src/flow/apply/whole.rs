//! A message that is written once more as a whole: its segment is freed, or its content has changed.

use crate::base::ids::{MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::apply::Changes;
use crate::flow::long::LongKey;
use crate::flow::message::{After, Extra, Message, Phase};
use crate::flow::state::{State, gauge};
use crate::message::{Carried, CarrierMessageId, PackedAddress, Stage};
use crate::rating::{Measure, measure};

impl State {
    /// A message as a whole, at its new home: takes the place of whatever is known about it.
    pub(super) fn carried(&mut self, home: RecordNumber, carried: Carried, changes: &mut Changes) {
        let (id, account, carrier, part) = (carried.message, carried.account, carried.carrier, carried.part);
        self.ids.saw(id);
        let same = |known: &Message| (known.carrier, known.label) == (carrier, carried.label);
        if self.messages.get(id).is_some_and(|known| !same(known)) {
            self.moves(id);
        }
        self.forget(id);
        let gathering = gathering_key(&carried);
        let length = match (&gathering, &carried.content) {
            (Some(_), Some(content)) => measure(content),
            _ => Measure::NOTHING,
        };
        let Carried { shown, parts, said, .. } = carried;
        let extra = Extra { shown, part, parts, links: carried.links.clone(), said };
        let extra = Some(extra).filter(|extra| *extra != Extra::default());
        let bill = carried.bill.as_deref().copied();
        let (message, link) = self.whole(home, carried);
        if is_queued(&message) {
            gauge(&mut self.waiting, carrier, true);
            changes.queued.push((carrier, id));
        }
        self.messages.insert(message, extra);
        if let Some(bill) = bill {
            self.messages.set_bill(id, bill);
        }
        if self.messages.get(id).is_some_and(|message| self.owes_notice(message)) {
            gauge(&mut self.owed, account, true);
        }
        if let Some(link) = link {
            self.messages.link(id, link);
        }
        if let Some(part) = part {
            if self.longs.add(id, part, gathering) {
                self.longs.measure(part.head, length);
            }
            if let Some(Phase::Ended(end)) = self.messages.get(id).map(|message| &message.phase) {
                let outcome = end.1;
                // Whether the others are over too is not asked: then this one would not be carried.
                let _not_the_last = self.longs.ended(id, part, outcome);
            }
        }
    }

    /// Forgets what is known of a message, gauges and all.
    fn forget(&mut self, id: MessageId) {
        let Some(message) = self.messages.get(id) else { return };
        let (account, carrier) = (message.account, message.carrier);
        let (queued, owed) = (is_queued(message), self.owes_notice(message));
        if queued {
            gauge(&mut self.waiting, carrier, false);
        }
        if owed {
            gauge(&mut self.owed, account, false);
        }
        self.messages.remove(id);
    }

    /// The message, and the carrier's id of it if it has one.
    pub(in crate::flow) fn whole(
        &self,
        home: RecordNumber,
        carried: Carried,
    ) -> (Message, Option<CarrierMessageId>) {
        let at = carried.accepted_at;
        let is_gathered = matches!(carried.stage, Stage::Gathering);
        let content = carried.content.and_then(|content| self.keep(content, is_gathered));
        let expires = Some(carried.expires_at).filter(|at| *at != Timestamp::default());
        let (phase, link) = match carried.stage {
            Stage::Gathering => (Phase::Gathering(content), None),
            Stage::Queued => (Phase::Queued(content), None),
            Stage::HandedOver => (Phase::HandedOver(content), None),
            Stage::InDoubt => (Phase::InDoubt, None),
            Stage::Submitted(link) => (Phase::InDoubt, Some(link)),
            Stage::Ended(at, outcome) => (Phase::Ended(Box::new((at, outcome))), None),
            Stage::Incoming => (Phase::Incoming(content), None),
        };
        let message = Message {
            id: carried.message,
            home,
            accepted_at: at,
            account: carried.account,
            carrier: carried.carrier,
            expires: After::maybe(at, expires),
            wait: After::maybe(at, carried.wait_until),
            handed_over: After::maybe(at, carried.handed_over_at),
            answered: After::maybe(at, carried.answered_at),
            source: PackedAddress::new(&carried.source),
            destination: PackedAddress::new(&carried.destination),
            registered_delivery: carried.registered_delivery,
            data_coding: carried.data_coding,
            esm_class: carried.esm_class,
            octets: carried.octets,
            attempts: carried.attempts,
            tries: carried.tries,
            copies: carried.copies,
            scheduled: carried.scheduled,
            told: carried.told,
            has_extra: false,
            label: carried.label,
            paired: false,
            phase,
        };
        (message, link)
    }
}

/// Where further parts are expected, for a part of a message that is not whole yet.
fn gathering_key(carried: &Carried) -> Option<LongKey> {
    let part = carried.part.filter(|_| carried.stage == Stage::Gathering)?;
    Some(LongKey {
        account: carried.account,
        source: carried.source,
        destination: carried.destination,
        form: part.form,
        reference: part.reference,
        total: part.total,
    })
}

const fn is_queued(message: &Message) -> bool {
    matches!(message.phase, Phase::Queued(_))
}
