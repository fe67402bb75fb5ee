//! Which messages of the log are looked for, and what does the log say about each?

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::base::ids::{CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::cli::trace::{MESSAGES_MAX, Wanted};
use crate::message::{CarrierMessageId, Event, PartOf, Receipt, Snapshot, Stage, Submission};

/// The most events that are kept: a message has a dozen, and a thousand when a carrier goes on reporting about it.
const EVENTS_MAX: usize = 100_000;

/// Finds the messages.
#[derive(Debug)]
pub(super) struct Search<'a> {
    wanted: &'a Wanted,
    ids: BTreeSet<MessageId>,
    /// The first parts of long messages that are looked for, or whose parts are.
    heads: BTreeSet<MessageId>,
    /// The carriers' ids of them.
    links: BTreeSet<Vec<u8>>,
    /// Whether older messages were dropped for later ones.
    is_cut: bool,
    /// Whether this reading has found anything that an earlier record may be about.
    is_new: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(wanted: &'a Wanted) -> Self {
        Self {
            wanted,
            ids: BTreeSet::new(),
            heads: BTreeSet::new(),
            links: BTreeSet::new(),
            is_cut: false,
            is_new: false,
        }
    }

    /// Whether the log is to be read once more; asks anew.
    pub(super) const fn looks_again(&mut self) -> bool {
        std::mem::replace(&mut self.is_new, false)
    }

    pub(super) fn look(&mut self, event: &Event) {
        let Some(id) = message_of(event) else { return };
        let is_wanted = self.wanted.id == Some(id)
            || match event {
                Event::Accepted { shown, part, submission, .. } => {
                    self.is_of(*shown, *part) || self.names(submission)
                }
                Event::Received { submission, .. } => self.names(submission),
                Event::Carried(carried) => {
                    let number =
                        |address: &crate::message::Address| self.wanted.has_number(address.as_slice());
                    self.is_of(carried.shown, carried.part)
                        || number(&carried.source)
                        || number(&carried.destination)
                        || matches!(&carried.stage, Stage::Submitted(id) if self.is_link(id))
                        || carried.links.iter().any(|(_, id)| self.is_link(id))
                }
                Event::Submitted { id, .. } | Event::Linked { id, .. } => self.is_link(id),
                _ => false,
            };
        if is_wanted && !self.ids.contains(&id) {
            self.add(id);
        }
        if self.ids.contains(&id) {
            self.follow(event);
        }
    }

    fn add(&mut self, id: MessageId) {
        if self.ids.len() < MESSAGES_MAX {
            self.ids.insert(id);
            return;
        }
        self.is_cut = true;
        if self.ids.first().is_some_and(|first| *first < id) {
            self.ids.pop_first();
            self.ids.insert(id);
        }
    }

    /// What else this leads to.
    fn follow(&mut self, event: &Event) {
        match event {
            Event::Accepted { part: Some(part), .. } => self.is_new |= self.heads.insert(part.head),
            Event::Carried(carried) => {
                if let Some(part) = carried.part {
                    self.is_new |= self.heads.insert(part.head);
                }
                if let Stage::Submitted(id) = &carried.stage {
                    self.links.insert(id.as_slice().to_vec());
                }
            }
            Event::Submitted { id, .. } | Event::Linked { id, .. } => {
                // The record that says what it was found by may not be the one that says of what it is a part.
                self.is_new |=
                    self.links.insert(id.as_slice().to_vec()) && !self.wanted.carrier_ids.is_empty();
            }
            _ => {}
        }
    }

    fn is_of(&self, shown: Option<MessageId>, part: Option<PartOf>) -> bool {
        let by_id = self.wanted.id.is_some();
        by_id && (shown == self.wanted.id || part.map(|part| part.head) == self.wanted.id)
            || part.is_some_and(|part| self.heads.contains(&part.head))
    }

    fn names(&self, submission: &Submission) -> bool {
        self.wanted.has_number(submission.source.as_slice())
            || self.wanted.has_number(submission.destination.as_slice())
    }

    fn is_link(&self, id: &CarrierMessageId) -> bool {
        self.wanted.carrier_ids.contains(id.as_slice())
    }
}

/// One thing that happened to a message.
#[derive(Debug)]
pub(super) struct Step {
    position: u64,
    /// When, as far as the log says.
    pub(super) at: Option<Timestamp>,
    /// How far the calendar was ahead of the log's own time line, in milliseconds.
    offset: i64,
    /// What.
    pub(super) event: Event,
}

impl Step {
    /// A time of the log's own time line as the calendar said it then.
    pub(super) const fn calendar(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_millis(at.as_millis().saturating_add_signed(self.offset))
    }
}

/// What the log says about the messages that were found.
#[derive(Debug, Default)]
pub(super) struct Lives {
    /// In order of what happened.
    messages: BTreeMap<MessageId, Vec<Step>>,
    /// Receipts that wait, or have waited, for a message of the log.
    parked: Vec<Step>,
    /// The long message of a part.
    parts: HashMap<MessageId, PartOf>,
    carrier_of: HashMap<MessageId, CarrierId>,
    accounts: HashMap<u32, String>,
    carriers: HashMap<u32, String>,
    links: BTreeSet<Vec<u8>>,
    /// The calendar at this point of the log.
    now: Option<Timestamp>,
    offset: i64,
    events: usize,
    /// Whether there is more than is shown.
    pub(super) is_cut: bool,
}

impl Lives {
    pub(super) fn of(search: Search<'_>) -> Self {
        let mut links = search.links;
        links.extend(search.wanted.carrier_ids.iter().cloned());
        let messages = search.ids.into_iter().map(|id| (id, Vec::new())).collect();
        Self { messages, links, is_cut: search.is_cut, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.parked.is_empty()
    }

    /// Whether the log still has the beginning of a message, and so all of it.
    pub(super) fn is_whole(&self, id: MessageId) -> bool {
        let first = self.messages.get(&id).and_then(|steps| steps.first());
        first.is_some_and(|step| matches!(step.event, Event::Accepted { .. } | Event::Received { .. }))
    }

    /// The messages, those of one long message together, each with its part of it.
    pub(super) fn messages(&self) -> Vec<(MessageId, Option<PartOf>, &[Step])> {
        let mut all: Vec<_> = self
            .messages
            .iter()
            .map(|(id, steps)| (*id, self.parts.get(id).copied(), steps.as_slice()))
            .collect();
        all.sort_by_key(|(id, part, _)| {
            (part.map_or(*id, |part| part.head), part.map(|part| part.number), *id)
        });
        all
    }

    /// Receipts that have found no message.
    pub(super) fn parked(&self) -> &[Step] {
        &self.parked
    }

    pub(super) fn account(&self, number: u32) -> &str {
        self.accounts.get(&number).map_or("?", String::as_str)
    }

    pub(super) fn carrier(&self, number: CarrierId) -> &str {
        self.carriers.get(&number.0).map_or("?", String::as_str)
    }

    /// Takes the next event of the log.
    pub(super) fn note(&mut self, position: u64, event: Event) {
        match &event {
            Event::AccountNamed { account, name } => self.name_account(account.0, name),
            Event::CarrierNamed { carrier, name } => self.name_carrier(carrier.0, name),
            Event::Time { at, ahead } => (self.now, self.offset) = (Some(*at), *ahead),
            Event::ClockStepped { by } => self.offset = self.offset.saturating_add(*by),
            Event::Snapshot(snapshot) => self.snapshot(snapshot),
            Event::Parked { at, receipt } => {
                if self.links.contains(receipt.id.as_slice()) && self.has_room() {
                    let at = Some(*at);
                    self.parked.push(Step { position, at, offset: self.offset, event });
                }
            }
            Event::Foreign { carrier, id } => {
                let of = (*carrier, id);
                if self.parked.iter().any(|step| parked(step).is_some_and(|receipt| link(receipt) == of)) {
                    self.parked.push(Step { position, at: self.now, offset: self.offset, event });
                }
            }
            _ => self.of_a_message(position, event),
        }
    }

    fn of_a_message(&mut self, position: u64, event: Event) {
        let Some(id) = message_of(&event).filter(|id| self.messages.contains_key(id)) else { return };
        match &event {
            Event::Accepted { carrier, part, .. } => {
                self.carrier_of.insert(id, *carrier);
                self.parts.extend(part.map(|part| (id, part)));
            }
            Event::Carried(carried) => {
                self.carrier_of.insert(id, carried.carrier);
                self.parts.extend(carried.part.map(|part| (id, part)));
            }
            Event::Rerouted { carrier, .. }
            | Event::Deferred { carrier, .. }
            | Event::Received { carrier, .. } => {
                self.carrier_of.insert(id, *carrier);
            }
            Event::Gathered { head, carrier } => {
                let parts = self.parts.iter().filter(|(_, part)| part.head == *head);
                self.carrier_of.extend(parts.map(|(part, _)| (*part, *carrier)));
            }
            Event::Submitted { id: theirs, .. } => {
                if let Some(carrier) = self.carrier_of.get(&id).copied() {
                    self.unpark(id, (carrier, theirs));
                }
            }
            Event::Linked { carrier, id: theirs, .. } => self.unpark(id, (*carrier, theirs)),
            _ => {}
        }
        if !self.has_room() {
            return;
        }
        let at = date(&event).or(self.now);
        let step = Step { position, at, offset: self.offset, event };
        self.messages.entry(id).or_default().push(step);
    }

    /// Receipts that have overtaken this answer were about this message.
    fn unpark(&mut self, id: MessageId, of: (CarrierId, &CarrierMessageId)) {
        let (about, others) = std::mem::take(&mut self.parked)
            .into_iter()
            .partition(|step| parked(step).is_some_and(|receipt| link(receipt) == of));
        self.parked = others;
        let steps = self.messages.entry(id).or_default();
        steps.extend::<Vec<_>>(about);
        steps.sort_by_key(|step| step.position);
    }

    const fn has_room(&mut self) -> bool {
        self.events += 1;
        self.is_cut |= self.events > EVENTS_MAX;
        self.events <= EVENTS_MAX
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        match snapshot {
            Snapshot::Began { clock_offset, .. } => self.offset = *clock_offset,
            Snapshot::Account { account, name, .. } => self.name_account(account.0, name),
            Snapshot::Carrier { carrier, name, .. } => self.name_carrier(carrier.0, name),
            _ => {}
        }
    }

    fn name_account(&mut self, number: u32, name: &[u8]) {
        self.accounts.insert(number, name.escape_ascii().to_string());
    }

    fn name_carrier(&mut self, number: u32, name: &[u8]) {
        self.carriers.insert(number, name.escape_ascii().to_string());
    }
}

fn parked(step: &Step) -> Option<&Receipt> {
    if let Event::Parked { receipt, .. } = &step.event { Some(receipt) } else { None }
}

const fn link(receipt: &Receipt) -> (CarrierId, &CarrierMessageId) {
    (receipt.carrier, &receipt.id)
}

/// When it happened, where the event itself says so.
const fn date(event: &Event) -> Option<Timestamp> {
    match event {
        Event::Accepted { at, .. }
        | Event::Received { at, .. }
        | Event::HandedOver { at, .. }
        | Event::Corrected { at, .. }
        | Event::Ended { at, .. } => Some(*at),
        _ => None,
    }
}

/// The message that an event is about.
fn message_of(event: &Event) -> Option<MessageId> {
    match event {
        Event::Accepted { message, .. }
        | Event::Rerouted { message, .. }
        | Event::HandedOver { message, .. }
        | Event::Submitted { message, .. }
        | Event::Returned { message, .. }
        | Event::Declined { message, .. }
        | Event::InDoubt { message }
        | Event::Ended { message, .. }
        | Event::Corrected { message, .. }
        | Event::Noted { message, .. }
        | Event::Deferred { message, .. }
        | Event::Resent { message }
        | Event::Linked { message, .. }
        | Event::Replaced { message, .. }
        | Event::Received { message, .. }
        | Event::Untold { message }
        | Event::Opted { message: Some(message), .. }
        | Event::Told { message, .. } => Some(*message),
        Event::Recounted(recount) => Some(recount.message),
        Event::Gathered { head, .. } => Some(*head),
        Event::Carried(carried) => Some(carried.message),
        Event::AccountNamed { .. }
        | Event::CarrierNamed { .. }
        | Event::Fact(_)
        | Event::RecountedAll { .. }
        | Event::Terms { .. }
        | Event::MonthSettled { .. }
        | Event::OutageBegan { .. }
        | Event::OutageEnded { .. }
        | Event::LinkClosed { .. }
        | Event::Refused { .. }
        | Event::Repeated { .. }
        | Event::Parked { .. }
        | Event::Unparked { .. }
        | Event::Foreign { .. }
        | Event::Time { .. }
        | Event::Closed { .. }
        | Event::Agreed(_)
        | Event::Opted { message: None, .. }
        | Event::ClockStepped { .. }
        | Event::Snapshot(_) => None,
    }
}
