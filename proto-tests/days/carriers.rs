//! The carriers: they take, refuse, keep silent, come and go, and report as carriers do.

use telegraphy::base::ids::MessageId;
use telegraphy::base::octets::Octets;
use telegraphy::flow::{Acceptance, Answer, Input, LinkId};
use telegraphy::message::{
    Address, CarrierMessageId, Content, Label, Receipt, ReceiptState, Submission, Wishes,
};

use super::day::Day;
use super::events::{Asked, Ev, Whose};
use super::settings::*;

const MILLI: u64 = 1_000;
const SEC: u64 = 1_000 * MILLI;
/// How long a carrier's answer is waited for.
const RESPONSE_TIMER: u64 = 10 * SEC;
/// Submissions that a carrier takes at once on a connection.
const WINDOW: u32 = 12;

/// What a carrier is like for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mood {
    Well,
    /// Answers "throttled".
    Throttling,
    /// Answers that it cannot now.
    Failing,
    /// Answers near the end of the response timer, or after it.
    Slow,
    /// Answers nothing, and takes every other message all the same.
    Silent,
}

const DELIVERED: (&str, Option<u8>) = ("DELIVRD", Some(2));
/// What becomes of messages; weights by repetition.
const WORDS: [(&str, Option<u8>); 16] = [
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    ("UNDELIV", Some(5)),
    ("UNDELIV", Some(5)),
    ("EXPIRED", Some(3)),
    ("REJECTD", Some(8)),
    ("DELETED", Some(4)),
    ("MK:0013", None),
];

impl Day {
    // ── Connections and moods ───────────────────────────────────────────────────────────────────────────────────

    pub(super) fn carrier(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match event {
            Ev::CarrierUp(carrier) => {
                let up = self.links.values().filter(|link| link.whose == Whose::Carrier(carrier)).count();
                if self.gateway.is_none() || !self.is_there(carrier) || up >= 2 {
                    return;
                }
                let link = self.connect(Whose::Carrier(carrier));
                let carrier_id = self.carriers[carrier];
                inputs.push(Input::CarrierReady { carrier: carrier_id, link, credits: WINDOW });
                if up == 0 {
                    self.within(5 * SEC, Ev::CarrierUp(carrier));
                }
                self.again(60, 7_200, Ev::CarrierDown(link));
            }
            Ev::CarrierDown(link) => {
                let Some(Whose::Carrier(carrier)) = self.links.get(&link).map(|link| link.whose) else {
                    return;
                };
                if !self.quiet {
                    self.disconnect(link, inputs);
                    let back = self.chance.of(&[1, 5, 20, 60, 300]);
                    self.within(back * SEC, Ev::CarrierUp(carrier));
                }
            }
            Ev::CarrierDies => {
                let carrier = self.chance.below(3) as usize;
                let links = self.links.iter().filter(|(_, link)| link.whose == Whose::Carrier(carrier));
                for link in links.map(|(id, _)| *id).collect::<Vec<_>>() {
                    self.disconnect(link, inputs);
                }
                let back = self.chance.of(&[10, 60, 600, 2_400]);
                self.after(back * SEC, Ev::CarrierUp(carrier));
                self.again(600, 7_200, Ev::CarrierDies);
            }
            Ev::Mood(carrier) => {
                use Mood::{Failing, Silent, Slow, Throttling, Well};
                let ill = self.moods[carrier] == Well && !self.quiet;
                self.moods[carrier] =
                    if ill { self.chance.of(&[Throttling, Failing, Slow, Silent]) } else { Well };
                let (least, most) = if ill { (10, 400) } else { (300, 3_600) };
                self.again(least, most, Ev::Mood(carrier));
            }
            _ => {}
        }
    }

    /// A connection is gone; what was sent on it and not answered is told one by one before.
    pub(super) fn disconnect(&mut self, link: LinkId, inputs: &mut Vec<Input>) {
        let Some(gone) = self.links.remove(&link) else { return };
        match gone.whose {
            Whose::Carrier(carrier) => {
                for (message, attempt) in gone.out.into_keys() {
                    self.ledger.doubtful.insert(message);
                    inputs.push(Input::CarrierAnswered { message, attempt, answer: Answer::Silent });
                }
                inputs.push(Input::CarrierGone { carrier: self.carriers[carrier], link });
            }
            Whose::Receiver(account) => {
                inputs.push(Input::CustomerGone { account: self.accounts[account], link });
            }
        }
    }

    // ── Submissions ─────────────────────────────────────────────────────────────────────────────────────────────

    /// A message comes to a carrier, which does as it likes.
    pub(super) fn submitted(
        &mut self,
        link: LinkId,
        (message, attempt): (MessageId, u8),
        source: Address,
        destination: Address,
    ) {
        let open = self.links.get_mut(&link).unwrap();
        let Whose::Carrier(carrier) = open.whose else { panic!("{link:?} is no carrier's") };
        open.out.insert((message, attempt), ());
        assert!(open.out.len() <= WINDOW as usize, "more than the window of {link:?}");
        self.after(RESPONSE_TIMER, Ev::TimeOut { link, message, attempt });
        let mood = if self.quiet { Mood::Well } else { self.moods[carrier] };
        let wait = match mood {
            Mood::Slow => self.chance.between(6, 30) * SEC,
            _ => self.chance.between(2, 300) * MILLI,
        };
        let small = !self.quiet && self.chance.one_in(25);
        let refusal = match mood {
            Mood::Throttling => Some(Answer::Refused(0x58)),
            Mood::Failing => Some(Answer::Refused(self.chance.of(&[0x08, 0x64]))),
            _ if small => Some(match self.chance.below(8) {
                0 | 1 => Answer::Refused(0x0B),
                2 => Answer::Refused(0x45),
                3 => Answer::Refused(0x58),
                4 => Answer::Refused(0x08),
                5 => Answer::NotSent,
                6 => Answer::Unwritable,
                _ => Answer::Silent,
            }),
            _ => None,
        };
        let silent = mood == Mood::Silent || refusal == Some(Answer::Silent);
        if let Some(answer) = refusal.filter(|_| !silent) {
            return self.after(wait, Ev::Answer { link, message, attempt, answer });
        }
        if silent && self.chance.one_in(2) {
            return;
        }
        *self.ledger.took.entry(message).or_default() += 1;
        self.serial += 1;
        let number = 0x5000_0000 + self.serial;
        if !silent {
            let theirs = if carrier == SOUTH { format!("{number:X}") } else { format!("{number}-x") };
            let answer = Answer::Taken(CarrierMessageId::new(theirs.as_bytes()));
            self.after(wait, Ev::Answer { link, message, attempt, answer });
        }
        self.report(carrier, message, number, (wait, source, destination));
    }

    pub(super) fn carrier_answers(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        let (link, message, attempt, answer) = match event {
            Ev::Answer { link, message, attempt, answer } => (link, message, attempt, answer),
            Ev::TimeOut { link, message, attempt } => (link, message, attempt, Answer::Silent),
            _ => return,
        };
        let Some(open) = self.links.get_mut(&link) else { return };
        let Whose::Carrier(carrier) = open.whose else { return };
        let awaited = open.out.remove(&(message, attempt)).is_some();
        if answer == Answer::Silent {
            if !awaited {
                return;
            }
            self.ledger.doubtful.insert(message);
        }
        inputs.push(Input::CarrierAnswered { message, attempt, answer });
        if awaited {
            inputs.push(Input::CarrierReady { carrier: self.carriers[carrier], link, credits: 1 });
        }
    }

    // ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────────

    /// The carrier has taken a message, and reports about it as it likes.
    fn report(
        &mut self,
        carrier: usize,
        message: MessageId,
        number: u64,
        (wait, source, destination): (u64, Address, Address),
    ) {
        let theirs = if carrier == SOUTH { format!("{number}") } else { format!("{number}-x") };
        let receipt = |(stat, message_state): (&str, Option<u8>), named: bool| Receipt {
            carrier: telegraphy::base::ids::CarrierId(carrier as u32),
            id: CarrierMessageId::new(theirs.as_bytes()),
            state: ReceiptState { message_state, stat: Octets::new(stat.as_bytes()).unwrap() },
            err: Octets::new(b"000").unwrap(),
            network_error_code: None,
            recipient: if named { destination } else { Address::default() },
            sender: if named { source } else { Address::default() },
        };
        if !self.quiet && self.chance.one_in(60) {
            return;
        }
        let named = self.chance.percent(80);
        let word = if self.quiet { DELIVERED } else { self.chance.of(&WORDS) };
        let delay = match self.chance.below(if self.quiet { 20 } else { 100 }) {
            0..5 => self.chance.between(1, wait / MILLI) * MILLI,
            5..90 => wait + self.chance.between(1, 40) * SEC,
            90..98 => wait + self.chance.between(60, 3_600) * SEC,
            _ => wait + self.chance.between(7_000, 12_000) * SEC,
        };
        let say = |day: &mut Self, at: u64, word: (&str, Option<u8>)| {
            if let Some(state) = word.1 {
                day.ledger.reported.entry(message).or_default().insert(state);
            }
            day.after(at, Ev::Receipt { carrier, receipt: Box::new(receipt(word, named)) });
        };
        say(self, delay, word);
        if self.quiet {
            return;
        }
        if self.chance.one_in(8) {
            say(self, delay / 2, ("ENROUTE", Some(1)));
        }
        if word.1.is_none() && self.chance.one_in(2) {
            say(self, delay + 30 * SEC, DELIVERED);
        }
        if self.chance.one_in(20) {
            let later = self.chance.of(&[0, 100 * MILLI, 60 * SEC]);
            say(self, delay + later, word);
        }
        if self.chance.one_in(40) {
            let other = self.chance.of(&WORDS);
            say(self, delay + 5 * SEC, other);
        }
    }

    pub(super) fn carrier_says(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match &event {
            Ev::Stranger => {
                self.serial += 1;
                for n in 0..self.chance.of(&[1, 3, 30, 600]) {
                    let receipt = Receipt {
                        carrier: telegraphy::base::ids::CarrierId(0),
                        id: CarrierMessageId::new(format!("stranger-{}-{n}", self.serial).as_bytes()),
                        state: ReceiptState {
                            message_state: Some(2),
                            stat: Octets::new(b"DELIVRD").unwrap(),
                        },
                        err: Octets::new(b"000").unwrap(),
                        network_error_code: None,
                        recipient: Address::new(1, 1, b"4915550000").unwrap(),
                        sender: Address::default(),
                    };
                    self.within(30 * SEC, Ev::Receipt { carrier: 0, receipt: Box::new(receipt) });
                }
                return self.again(600, 7_200, Ev::Stranger);
            }
            Ev::NewMo => {
                for _ in 0..self.chance.of(&[1, 1, 2, 10]) {
                    self.serial += 1;
                    let (carrier, serial) = (self.chance.below(3) as usize, self.serial);
                    self.within(SEC, Ev::Mo { carrier, serial });
                }
                return self.again(10, 400, Ev::NewMo);
            }
            _ => {}
        }
        let (Ev::Receipt { carrier, .. } | Ev::Mo { carrier, .. }) = &event else { return };
        let (carrier, id) = (*carrier, self.carriers[*carrier]);
        let connected = self.links.values().any(|link| link.whose == Whose::Carrier(carrier));
        if self.gateway.is_none() || !connected {
            let wait = self.chance.between(10, 120) * SEC;
            return self.after(wait, event);
        }
        let reply = self.reply(Asked::Again(event.clone()));
        inputs.push(match event {
            Ev::Receipt { receipt, .. } => Input::Receipt { receipt: *receipt, reply },
            Ev::Mo { serial, .. } => {
                self.ledger.mos.entry(serial).or_default().sent += 1;
                let word = if serial % 3 == 0 { "Shop" } else { "hello" };
                let body = format!("{word} {serial}").into_bytes().into();
                let submission = Submission {
                    account: telegraphy::base::ids::AccountId(u32::MAX),
                    source: Address::new(1, 1, b"447700900555").unwrap(),
                    destination: Address::new(1, 1, b"990").unwrap(),
                    registered_delivery: 0,
                    wishes: Wishes::default(),
                    label: Label::default(),
                    bill: None,
                    part: None,
                    content: Content { body, ..Content::default() },
                };
                Input::Incoming { carrier: id, submission, reply }
            }
            _ => return,
        });
    }

    pub(super) fn acknowledged(&mut self, event: Ev, taken: Acceptance) {
        match (event, taken) {
            (Ev::Mo { serial, .. }, Acceptance::Taken) => {
                self.ledger.mos.get_mut(&serial).unwrap().taken = true;
            }
            (event, Acceptance::Later) => self.after(60 * SEC, event),
            (Ev::Receipt { .. }, Acceptance::Taken) => {}
            (event, taken) => panic!("{event:?}: {taken:?}"),
        }
    }
}
