//! What ought to become of every message, told as simply as possible: lists that are searched from the front. (This
//! file is long because what has to be simple is the whole life of a message.)

mod check;

use std::collections::{BTreeMap, BTreeSet};

use super::world::SECOND;
use crate::base::ids::MessageId;
use crate::base::time::{Moment, Now, Timestamp};
use crate::flow::LinkId;
use crate::message::{Class, Refusal};
use crate::routing::spread;

pub(super) const ACCOUNTS: [&str; 2] = ["acme", "beta"];
pub(super) const CARRIERS: [&str; 2] = ["north", "south"];

/// Words of receipts and what they mean.
pub(super) const WORDS: [(&str, Meaning); 5] = [
    ("DELIVRD", Meaning::End(Class::Delivered)),
    ("UNDELIV", Meaning::End(Class::ExplicitFailure)),
    ("EXPIRED", Meaning::End(Class::InvalidNumber)),
    ("ENROUTE", Meaning::OnItsWay),
    ("MK:0013", Meaning::NobodyKnows),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    End(Class),
    OnItsWay,
    NobodyKnows,
}

/// A carrier's answer; an id is a number, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Said {
    Taken(Option<u32>),
    /// With a status for which the carrier rests.
    Throttled(u32),
    /// With a status that is final.
    Refused(u32),
    Silent,
    NotSent,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Queued,
    HandedOver,
    InDoubt,
    Submitted(Option<u32>),
    Owed,
    Gone,
}

#[derive(Debug)]
struct Message {
    id: MessageId,
    account: usize,
    carrier: usize,
    registered_delivery: u8,
    /// Whether it was ever handed over.
    tried: bool,
    /// Other ids that the carrier gave it.
    copies: Vec<u32>,
    place: Place,
    ended_at: Timestamp,
}

#[derive(Debug, Default)]
struct Account {
    accepted: u64,
    queue_full: u64,
    ended: BTreeMap<&'static str, u64>,
    unknown: u64,
    told: u64,
    untold: u64,
    /// In the order of the ends.
    owed: Vec<Owed>,
    credits: BTreeMap<LinkId, u32>,
    rests_until: Option<Moment>,
    laters_in_a_row: u32,
    rests_in_a_row: u32,
}

#[derive(Debug, Default)]
struct Owed {
    message: usize,
    /// The connection that has been given it.
    given: Option<LinkId>,
    laters: u32,
    rests_until: Option<Moment>,
}

#[derive(Debug, Default)]
struct Carrier {
    submitted: u64,
    accepted: u64,
    refused: BTreeMap<u32, u64>,
    ended: BTreeMap<&'static str, u64>,
    unknown: u64,
    repeated: u64,
    foreign: u64,
    credits: BTreeMap<LinkId, u32>,
    rests_until: Option<Moment>,
    throttled_in_a_row: u32,
    rests: u64,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    messages: Vec<Message>,
    /// Which message a carrier means by an id.
    links: BTreeMap<(usize, u32), usize>,
    /// The same for other ids, which mean somebody only as long as they are nobody's first.
    copies: BTreeMap<(usize, u32), usize>,
    finished: BTreeSet<(usize, u32)>,
    /// Carrier, id, word, and when it came.
    parked: Vec<(usize, Option<u32>, Meaning, Timestamp)>,
    accounts: [Account; 2],
    carriers: [Carrier; 2],
}

/// As in the settings of the histories.
pub(super) const QUEUE_MAX: usize = 6;
pub(super) const PARKED_MAX: usize = 5;
pub(super) const PARKED_FOR: std::time::Duration = std::time::Duration::from_secs(60);

impl Model {
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn id(&self, message: usize) -> MessageId {
        self.messages[message].id
    }

    pub(super) fn carrier_of(&self, message: usize) -> usize {
        self.messages[message].carrier
    }

    /// What connections hold of an account's receipts.
    pub(super) fn given(&self, account: usize) -> Vec<(MessageId, LinkId)> {
        let given = self.accounts[account].owed.iter();
        given.filter_map(|owed| Some((self.messages[owed.message].id, owed.given?))).collect()
    }

    pub(super) fn submit(
        &mut self,
        (account, carrier): (usize, usize),
        registered_delivery: u8,
        result: Result<MessageId, Refusal>,
    ) {
        if self.queue(carrier).len() >= QUEUE_MAX {
            assert_eq!(result, Err(Refusal::QueueFull));
            self.accounts[account].queue_full += 1;
            return;
        }
        let (id, place, ended_at) = (result.unwrap(), Place::Queued, Timestamp::default());
        let (tried, copies) = (false, Vec::new());
        let message = Message { id, account, carrier, registered_delivery, tried, copies, place, ended_at };
        self.messages.push(message);
        self.accounts[account].accepted += 1;
    }

    pub(super) fn carrier_ready(&mut self, carrier: usize, link: LinkId, credits: u32) {
        *self.carriers[carrier].credits.entry(link).or_default() += credits;
    }

    pub(super) fn carrier_gone(&mut self, carrier: usize, link: LinkId) {
        self.carriers[carrier].credits.remove(&link);
    }

    pub(super) fn answered(&mut self, now: Now, message: usize, said: Said) {
        let Message { place, tried, .. } = self.messages[message];
        let number = self.messages[message].carrier as u64;
        let carrier = &mut self.carriers[self.messages[message].carrier];
        if let Said::Taken(id) = said {
            if place != Place::Gone {
                carrier.throttled_in_a_row = 0;
            }
            return match place {
                Place::HandedOver | Place::InDoubt => self.taken(now, message, id),
                Place::Queued if tried => self.taken(now, message, id),
                Place::Submitted(known) if known != id => self.taken_again(now, message, id),
                Place::Owed => self.taken_after_the_end(now, message, id),
                Place::Queued | Place::Submitted(_) | Place::Gone => {}
            };
        }
        if !matches!(place, Place::HandedOver | Place::InDoubt) {
            return;
        }
        let back = match said {
            Said::Refused(status) => {
                *carrier.refused.entry(status).or_default() += 1;
                return self.end(now, message, Class::ExplicitFailure);
            }
            Said::Throttled(status) => {
                *carrier.refused.entry(status).or_default() += 1;
                if carrier.rests_until.is_none() {
                    let pause = SECOND * 2_u32.pow(carrier.throttled_in_a_row.min(5));
                    let pause = spread(pause.min(30 * SECOND), number << 32 | carrier.rests);
                    carrier.rests_until = Some(now.moment + pause);
                    carrier.throttled_in_a_row += 1;
                    carrier.rests += 1;
                }
                Place::Queued
            }
            Said::NotSent if place == Place::HandedOver => {
                carrier.submitted -= 1;
                Place::Queued
            }
            Said::Taken(_) | Said::Silent | Said::NotSent => Place::InDoubt,
        };
        self.messages[message].place = back;
    }

    fn taken(&mut self, now: Now, message: usize, id: Option<u32>) {
        let carrier = self.messages[message].carrier;
        self.carriers[carrier].accepted += 1;
        self.messages[message].place = Place::Submitted(id);
        let Some(id) = id else { return };
        self.links.insert((carrier, id), message);
        for meaning in self.parked_about(carrier, id) {
            self.reported(now, carrier, Some(id), meaning);
        }
    }

    /// It has an id already.
    fn taken_again(&mut self, now: Now, message: usize, id: Option<u32>) {
        let Some(id) = id else { return };
        let carrier = self.messages[message].carrier;
        if !self.messages[message].copies.contains(&id) {
            self.messages[message].copies.push(id);
            self.copies.insert((carrier, id), message);
        }
        let mut over = false;
        for meaning in self.parked_about(carrier, id) {
            match meaning {
                _ if over => self.carriers[carrier].repeated += 1,
                Meaning::End(class) => {
                    over = true;
                    self.end(now, message, class);
                }
                Meaning::OnItsWay => {}
                Meaning::NobodyKnows => self.nobody_knows(message),
            }
        }
    }

    fn taken_after_the_end(&mut self, _now: Now, message: usize, id: Option<u32>) {
        let Some(id) = id else { return };
        let carrier = self.messages[message].carrier;
        self.finished.insert((carrier, id));
        let repeated = self.parked_about(carrier, id).len() as u64;
        self.carriers[carrier].repeated += repeated;
    }

    fn parked_about(&mut self, carrier: usize, id: u32) -> Vec<Meaning> {
        let about = |parked: &mut (usize, Option<u32>, Meaning, Timestamp)| {
            (parked.0, parked.1) == (carrier, Some(id))
        };
        self.parked.extract_if(.., about).map(|(_, _, meaning, _)| meaning).collect()
    }

    fn nobody_knows(&mut self, message: usize) {
        let Message { account, carrier, .. } = self.messages[message];
        self.carriers[carrier].unknown += 1;
        self.accounts[account].unknown += 1;
    }

    pub(super) fn reported(&mut self, now: Now, carrier: usize, id: Option<u32>, meaning: Meaning) {
        let linked = id.and_then(|id| {
            self.links.get(&(carrier, id)).or_else(|| self.copies.get(&(carrier, id))).copied()
        });
        match (linked, meaning) {
            (Some(message), Meaning::End(class)) => self.end(now, message, class),
            (Some(_), Meaning::OnItsWay) => {}
            (Some(message), Meaning::NobodyKnows) => self.nobody_knows(message),
            (None, _) if id.is_some_and(|id| self.finished.contains(&(carrier, id))) => {
                self.carriers[carrier].repeated += 1;
            }
            (None, _) => {
                if self.parked.len() == PARKED_MAX {
                    let (oldest, ..) = self.parked.remove(0);
                    self.carriers[oldest].foreign += 1;
                }
                self.parked.push((carrier, id, meaning, now.wall));
            }
        }
    }

    fn end(&mut self, now: Now, message: usize, class: Class) {
        let Message { account, carrier, registered_delivery, place, copies, ended_at, .. } =
            &mut self.messages[message];
        if let Place::Submitted(Some(id)) = *place {
            if self.links.get(&(*carrier, id)) == Some(&message) {
                self.links.remove(&(*carrier, id));
            }
            self.finished.insert((*carrier, id));
        }
        for id in copies.drain(..) {
            if self.copies.get(&(*carrier, id)) == Some(&message) {
                self.copies.remove(&(*carrier, id));
            }
            self.finished.insert((*carrier, id));
        }
        *self.accounts[*account].ended.entry(class.name()).or_default() += 1;
        *self.carriers[*carrier].ended.entry(class.name()).or_default() += 1;
        *ended_at = now.wall;
        let wanted = match (*registered_delivery, class) {
            (0, _) | (2, Class::Delivered) => false,
            (1 | 2, _) | (3, Class::Delivered) => true,
            _ => false,
        };
        *place = if wanted { Place::Owed } else { Place::Gone };
        if wanted {
            self.accounts[*account].owed.push(Owed { message, ..Owed::default() });
        }
    }

    pub(super) fn customer_ready(&mut self, account: usize, link: LinkId, credits: u32) {
        *self.accounts[account].credits.entry(link).or_default() += credits;
    }

    pub(super) fn customer_gone(&mut self, account: usize, link: LinkId) {
        let account = &mut self.accounts[account];
        account.credits.remove(&link);
        for owed in account.owed.iter_mut().filter(|owed| owed.given == Some(link)) {
            owed.given = None;
        }
    }

    /// A connection says `Some(taken)` about a receipt, or that it wants it later.
    pub(super) fn told(
        &mut self,
        now: Now,
        account: usize,
        (id, link): (MessageId, LinkId),
        taken: Option<bool>,
    ) {
        let Self { accounts, messages, .. } = self;
        let account = &mut accounts[account];
        let message = messages.iter().position(|message| message.id == id).unwrap();
        let given = |owed: &Owed| owed.message == message && owed.given == Some(link);
        let Some(place) = account.owed.iter().position(given) else { return };
        *account.credits.get_mut(&link).unwrap() += 1;
        let Some(taken) = taken else {
            let pause = |before: u32| (5 * SECOND * 2_u32.pow(before.min(4))).min(60 * SECOND);
            let owed = &mut account.owed[place];
            (owed.given, owed.rests_until) = (None, Some(now.moment + pause(owed.laters)));
            owed.laters += 1;
            account.laters_in_a_row += 1;
            if account.laters_in_a_row >= 3 && account.rests_until.is_none() {
                account.rests_until = Some(now.moment + pause(account.rests_in_a_row));
                account.rests_in_a_row += 1;
            }
            return;
        };
        if taken {
            (account.laters_in_a_row, account.rests_in_a_row) = (0, 0);
        }
        account.owed.remove(place);
        account.told += u64::from(taken);
        account.untold += u64::from(!taken);
        messages[message].place = Place::Gone;
    }

    pub(super) fn tick(&mut self, now: Now) {
        let overdue = |at: Timestamp| now.wall.since(at) >= PARKED_FOR;
        while self.parked.first().is_some_and(|oldest| overdue(oldest.3)) {
            let (carrier, ..) = self.parked.remove(0);
            self.carriers[carrier].foreign += 1;
        }
    }

    pub(super) fn restart(&mut self) {
        for message in &mut self.messages {
            if message.place == Place::HandedOver {
                message.place = Place::InDoubt;
            }
        }
        let messages = &self.messages;
        for account in &mut self.accounts {
            (account.rests_until, account.credits, account.rests_in_a_row) = (None, BTreeMap::new(), 0);
            account.laters_in_a_row = 0;
            for owed in &mut account.owed {
                *owed = Owed { message: owed.message, ..Owed::default() };
            }
            account.owed.sort_by_key(|owed| (messages[owed.message].ended_at, messages[owed.message].id));
        }
        for carrier in &mut self.carriers {
            (carrier.rests_until, carrier.credits) = (None, BTreeMap::new());
            (carrier.throttled_in_a_row, carrier.rests) = (0, 0);
        }
    }

    /// Time has come to this: what rested until now rests no more.
    pub(super) fn wake(&mut self, now: Now) {
        let rests = |until: &Moment| now.moment < *until;
        for account in &mut self.accounts {
            account.rests_until = account.rests_until.filter(rests);
            account.owed.iter_mut().for_each(|owed| owed.rests_until = owed.rests_until.filter(rests));
        }
        self.carriers.iter_mut().for_each(|carrier| carrier.rests_until = carrier.rests_until.filter(rests));
    }
}
