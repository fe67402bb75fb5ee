//! The customers: they submit, ask, cancel and replace, and take their receipts or not.

use std::time::Duration;

use bytes::Bytes;
use telegraphy::base::ids::MessageId;
use telegraphy::flow::{Input, LinkId, Manage, Prepared, Taking};
use telegraphy::message::{Address, Content, Label, Part, PartForm, Refusal, Submission, When, Wishes};

use super::day::Day;
use super::events::{Asked, Ev, Whose};
use super::ledger::Promise;
use super::settings::*;

const MILLI: u64 = 1_000;
const SEC: u64 = 1_000 * MILLI;
/// Receipts that a customer takes at once on a connection.
const WINDOW: u32 = 10;
/// Ids that customers may still ask about.
const RECENT_MAX: usize = 500;

impl Day {
    // ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn receiver(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match event {
            Ev::ReceiverUp(account) => {
                let up = self.links.values().filter(|link| link.whose == Whose::Receiver(account)).count();
                if self.gateway.is_none() || up >= 2 {
                    return;
                }
                let link = self.connect(Whose::Receiver(account));
                inputs.push(Input::CustomerReady { account: self.accounts[account], link, credits: WINDOW });
                self.again(30, 3_600, Ev::ReceiverDown(link));
            }
            Ev::ReceiverDown(link) => {
                let Some(Whose::Receiver(account)) = self.links.get(&link).map(|link| link.whose) else {
                    return;
                };
                if self.quiet {
                    return;
                }
                self.disconnect(link, inputs);
                let away = self.chance.of(&[1, 5, 30, 300, 3_600]);
                self.after(away * SEC, Ev::ReceiverUp(account));
            }
            Ev::Taking { link, message, taking } => {
                let Some(open) = self.links.get_mut(&link) else { return };
                let Whose::Receiver(account) = open.whose else { return };
                if open.given.remove(&message).is_some() {
                    let account = self.accounts[account];
                    inputs.push(Input::CustomerAnswered { account, link, message, taking });
                }
            }
            _ => {}
        }
    }

    /// A receipt or a message comes to a customer. On a connection that is gone it is lost, and will come again.
    pub(super) fn delivered(&mut self, link: LinkId, message: MessageId) {
        let Some(open) = self.links.get_mut(&link) else { return };
        let before = open.given.insert(message, ());
        assert_eq!(before, None, "{message:?} is given twice at once");
        assert!(open.given.len() <= WINDOW as usize, "more than the window of {link:?}");
        let wait = self.chance.between(1, 400) * MILLI;
        let (wait, taking) = match self.chance.below(if self.quiet { 90 } else { 100 }) {
            0..92 => (wait, Taking::Taken),
            92..96 => (wait, Taking::Later),
            96 => (wait, Taking::Refused(0x65)),
            97 => (4 * SEC, Taking::Taken),
            // It does not answer, and the response timer speaks for it.
            _ => (10 * SEC, Taking::Later),
        };
        self.after(wait, Ev::Taking { link, message, taking });
    }

    // ── Submissions ─────────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn customer(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match event {
            Ev::Burst(account) => {
                let spread = self.chance.of(&[100 * MILLI, 5 * SEC, 60 * SEC]);
                for _ in 0..self.chance.of(&[1, 5, 20, 60]) {
                    self.within(spread, Ev::Submit(account));
                }
                self.again(20, 600, Ev::Burst(account));
            }
            Ev::Manage(account) => {
                self.manage(account, inputs);
                self.again(5, 120, Ev::Manage(account));
            }
            // There is nobody to submit to.
            _ if self.gateway.is_none() => {}
            Ev::Submit(account) => match self.chance.below(20) {
                0 => self.submit_long(account),
                1 => self.submit_multi(account, inputs),
                _ => self.submit(account, inputs),
            },
            Ev::Part { account, to, total, number } => self.submit_part(account, (to, total, number), inputs),
            _ => {}
        }
    }

    fn submission(&mut self, account: usize) -> Submission {
        let prefix = self.chance.of(&["4477009", "33639", "49155", "1202"]);
        // Few enough that messages wait behind each other.
        let to = format!("{prefix}{:05}", self.chance.below(150));
        self.serial += 1;
        let service_type = telegraphy::base::octets::Octets::default();
        let body = Bytes::from(format!("text number {} of today", self.serial));
        let mut wishes = Wishes::default();
        if account == 3 && self.chance.one_in(3) {
            wishes.schedule = Some(When::In(Duration::from_secs(self.chance.between(10, 2_400))));
        }
        let validity_given = self.chance.one_in(10);
        if validity_given {
            wishes.validity = Some(When::In(Duration::from_secs(self.chance.between(2, 5_000))));
        }
        wishes.replace = self.chance.one_in(30);
        Submission {
            account: self.accounts[account],
            source: Address::new(5, 0, ACCOUNTS[account].as_bytes()).unwrap(),
            destination: Address::new(1, 1, to.as_bytes()).unwrap(),
            registered_delivery: self.chance.of(&[0, 1, 1, 1, 1, 2, 3, 0x11]),
            wishes,
            label: Label::default(),
            bill: None,
            part: None,
            content: Content { service_type, body, validity_given, ..Content::default() },
        }
    }

    fn prepare(&mut self, submission: Submission) -> Result<Prepared, Refusal> {
        let (account, now) = (submission.account, self.now());
        let gateway = self.gateway.as_mut().unwrap();
        let prepared = gateway.prepare.prepare(now, submission);
        prepared.inspect_err(|reason| *gateway.refused.entry((account, *reason)).or_default() += 1)
    }

    fn submit(&mut self, account: usize, inputs: &mut Vec<Input>) {
        let submission = self.submission(account);
        let fresh = !submission.wishes.replace;
        if let Ok(prepared) = self.prepare(submission) {
            let reply = self.reply(Asked::Single { fresh });
            inputs.push(Input::Submit { reply, prepared });
        }
    }

    /// Parts in any order; one may come twice, one never.
    fn submit_long(&mut self, account: usize) {
        self.serial += 1;
        let (to, total) = (self.serial, self.chance.between(2, 4) as u8);
        for number in 1..=total {
            if self.chance.one_in(25) {
                continue;
            }
            let times = 1 + u64::from(self.chance.one_in(15));
            for _ in 0..times {
                self.within(3 * SEC, Ev::Part { account, to, total, number });
            }
        }
    }

    fn submit_part(&mut self, account: usize, (to, total, number): (u64, u8, u8), inputs: &mut Vec<Input>) {
        let mut submission = self.submission(account);
        submission.destination = Address::new(1, 1, format!("33{to:010}").as_bytes()).unwrap();
        submission.registered_delivery = 1;
        submission.wishes = Wishes::default();
        submission.part = Some(Part { form: PartForm::Udh8, reference: (to % 256) as u16, total, number });
        if let Ok(prepared) = self.prepare(submission) {
            let reply = self.reply(Asked::Part);
            inputs.push(Input::Submit { reply, prepared });
        }
    }

    fn submit_multi(&mut self, account: usize, inputs: &mut Vec<Input>) {
        let first = self.submission(account);
        let mut prepared = Vec::new();
        for n in 0..self.chance.between(1, 6) {
            let destination = Address::new(1, 1, format!("44770090{n:04}").as_bytes()).unwrap();
            prepared.extend(self.prepare(Submission { destination, ..first.clone() }));
        }
        if !prepared.is_empty() {
            let reply = self.reply(Asked::Multi { count: prepared.len() });
            inputs.push(Input::SubmitMulti { reply, prepared, refused: Vec::new() });
        }
    }

    // ── What becomes of earlier ones ────────────────────────────────────────────────────────────────────────────

    fn manage(&mut self, account: usize, inputs: &mut Vec<Input>) {
        if self.gateway.is_none() || self.quiet {
            return;
        }
        // Mostly of those that wait: only they can be cancelled or replaced.
        let messages = self.gateway.as_ref().unwrap().flow.state().messages();
        let mine = messages.iter().filter(|message| message.account == self.accounts[account]);
        let mut ids: Vec<_> = mine.map(|message| message.id).collect();
        ids.sort_unstable();
        ids.truncate(RECENT_MAX);
        let known = self.ledger.promised.keys().rev().take(50).copied();
        ids.extend(known);
        if ids.is_empty() {
            return;
        }
        let message = self.chance.of(&ids);
        let source = Address::default();
        let single = self.ledger.promised.get(&message) == Some(&Promise::Single);
        let (asked, request) = match self.chance.below(4) {
            0 => {
                let asked = if single { Asked::Cancel(message) } else { Asked::Other };
                (asked, Manage::Cancel { message, source })
            }
            1 => {
                let body = Bytes::from(format!("another text {}", self.serial));
                let wishes = Wishes::default();
                (Asked::Other, Manage::Replace { message, source, wishes, registered_delivery: 1, body })
            }
            2 => {
                let source = Address::new(5, 0, ACCOUNTS[account].as_bytes()).unwrap();
                let to = format!("4477009{:05}", self.chance.below(150));
                let destination = Address::new(1, 1, to.as_bytes()).unwrap();
                let service_type = telegraphy::base::octets::Octets::default();
                (Asked::Other, Manage::CancelAll { source, destination, service_type })
            }
            _ => {
                let ended = self.records.of(message).filter(|_| single);
                let ended = ended.map(|detail| detail.outcome.message_state);
                (Asked::Query { ended }, Manage::Query { message, source })
            }
        };
        let reply = self.reply(asked);
        inputs.push(Input::Manage { reply, account: self.accounts[account], request });
    }
}
