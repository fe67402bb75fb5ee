//! The words of the transcripts: who says what.

use std::mem;

use bytes::Bytes;

use super::super::settings::*;
use super::{Several, World};
use crate::base::ids::{AccountId, MessageId};
use crate::base::octets::Octets;
use crate::flow::{
    Acceptance, Answer, Decision, Input, LinkId, Manage, Managed, NoFact, Prepared, Taking, Told,
};
use crate::message::{
    Address, CarrierMessageId, Content, FactId, Label, Receipt, ReceiptState, Refusal, Says, Submission,
    Wishes,
};

impl World {
    /// Accepted, or the test ends.
    pub(in crate::flow::tests) fn submit(&mut self, account: &str, to: &str) -> MessageId {
        self.try_submit(account, to, 1).unwrap()
    }

    pub(in crate::flow::tests) fn try_submit(
        &mut self,
        account: &str,
        to: &str,
        registered_delivery: u8,
    ) -> Result<MessageId, Refusal> {
        let submission = self.submission(account, to, registered_delivery);
        self.submit_this(submission)
    }

    /// A connection of this account with room, that the flow gives nothing to: as if it had come and the rest of the
    /// turn did not.
    pub(in crate::flow::tests) fn stall(&mut self, account: &str, link: LinkId) {
        let account = self.account(account);
        let input = Input::CustomerReady { account, link, credits: 5 };
        self.flow.decide(self.now, input, &mut Decision::default());
        self.stalled_tick();
    }

    /// Time's own work, and nothing is given out after it.
    pub(in crate::flow::tests) fn stalled_tick(&mut self) {
        let mut decision = Decision::default();
        self.flow.decide(self.now, Input::Tick, &mut decision);
        self.record(decision);
    }

    /// The usual message.
    pub(in crate::flow::tests) fn submission(
        &self,
        account: &str,
        to: &str,
        registered_delivery: u8,
    ) -> Submission {
        Submission {
            account: self.account(account),
            source: Address::new(5, 0, b"ACME").unwrap(),
            destination: Address::new(1, 1, to.as_bytes()).unwrap(),
            registered_delivery,
            wishes: Wishes::default(),
            label: Label::default(),
            bill: None,
            part: None,
            content: Content { body: Bytes::from_static(b"hello"), ..Content::default() },
        }
    }

    pub(in crate::flow::tests) fn submit_this(
        &mut self,
        submission: Submission,
    ) -> Result<MessageId, Refusal> {
        let prepared = self.prepare(submission)?;
        let reply = self.reply();
        self.pass(Input::Submit { reply, prepared });
        let mut answers = mem::take(&mut self.answers);
        assert_eq!(answers.len(), 1, "one request, one answer");
        answers.remove(0)
    }

    pub(in crate::flow::tests) fn prepare(&self, submission: Submission) -> Result<Prepared, Refusal> {
        self.prepare.prepare(self.now, submission)
    }

    pub(in crate::flow::tests) fn manage(
        &mut self,
        account: &str,
        request: Manage,
    ) -> Result<Managed, Refusal> {
        let (account, reply) = (self.account(account), self.reply());
        self.pass(Input::Manage { reply, account, request });
        let mut managed = mem::take(&mut self.managed);
        assert_eq!(managed.len(), 1, "one request, one answer");
        managed.remove(0)
    }

    /// A submission to several; those who are no address or not admitted were refused before.
    pub(in crate::flow::tests) fn submit_multi(
        &mut self,
        submissions: Vec<Submission>,
        refused: Vec<(Address, Refusal)>,
    ) -> Several {
        let prepared = submissions.into_iter().map(|one| self.prepare(one).unwrap()).collect();
        let reply = self.reply();
        self.pass(Input::SubmitMulti { reply, prepared, refused });
        let mut answers = mem::take(&mut self.answers_multi);
        assert_eq!(answers.len(), 1, "one request, one answer");
        answers.remove(0)
    }

    /// A carrier sends a message for one of our numbers.
    pub(in crate::flow::tests) fn incoming(&mut self, carrier: &str, to: &str, text: &str) -> Acceptance {
        self.incoming_from(BRITISH, (carrier, to), text)
    }

    /// The same from some handset.
    pub(in crate::flow::tests) fn incoming_from(
        &mut self,
        from: &str,
        (carrier, to): (&str, &str),
        text: &str,
    ) -> Acceptance {
        let (carrier, reply) = (self.carrier(carrier), self.reply());
        let submission = Submission {
            account: AccountId(u32::MAX),
            source: Address::new(1, 1, from.as_bytes()).unwrap(),
            destination: Address::new(1, 1, to.as_bytes()).unwrap(),
            registered_delivery: 0,
            wishes: Wishes::default(),
            label: Label::default(),
            bill: None,
            part: None,
            content: Content { body: text.as_bytes().to_vec().into(), ..Content::default() },
        };
        let before = self.acknowledged.len();
        self.pass(Input::Incoming { carrier, submission, reply });
        assert_eq!(self.acknowledged.len(), before + 1, "every message is answered, once");
        self.acknowledged[before]
    }

    pub(in crate::flow::tests) fn submit_many(
        &mut self,
        account: &str,
        to: &str,
        count: usize,
    ) -> Vec<MessageId> {
        (0..count).map(|_| self.submit(account, to)).collect()
    }

    pub(in crate::flow::tests) fn carrier_ready(&mut self, carrier: &str, link: LinkId, credits: u32) {
        let carrier = self.carrier(carrier);
        self.pass(Input::CarrierReady { carrier, link, credits });
    }

    pub(in crate::flow::tests) fn carrier_gone(&mut self, carrier: &str, link: LinkId) {
        let carrier = self.carrier(carrier);
        self.pass(Input::CarrierGone { carrier, link });
    }

    pub(in crate::flow::tests) fn taken(&mut self, message: MessageId, theirs: &str) {
        self.answered(message, Answer::Taken(CarrierMessageId::new(theirs.as_bytes())));
    }

    /// An answer to the latest hand-over.
    pub(in crate::flow::tests) fn answered(&mut self, message: MessageId, answer: Answer) {
        let attempt = self.attempt(message);
        self.answered_to(message, attempt, answer);
    }

    /// An answer to some hand-over.
    pub(in crate::flow::tests) fn answered_to(&mut self, message: MessageId, attempt: u8, answer: Answer) {
        self.pass(Input::CarrierAnswered { message, attempt, answer });
    }

    /// The latest hand-over of a message.
    pub(in crate::flow::tests) fn attempt(&self, message: MessageId) -> u8 {
        self.attempts.get(&message).copied().unwrap_or_default()
    }

    /// An operator says something.
    pub(in crate::flow::tests) fn tell(&mut self, says: Says) -> Result<FactId, NoFact> {
        let text = |text: &'static str| Bytes::from_static(text.as_bytes());
        let told = Told { by: text("operator"), through: text("local"), why: text("ticket 7"), says };
        let reply = self.reply();
        self.pass(Input::Fact { told, reply });
        self.facts.pop().unwrap()
    }

    /// A receipt with a word of SMPP or with another; it does not say for whom the message was.
    pub(in crate::flow::tests) fn receipt(&mut self, carrier: &str, id: &str, stat: &str) {
        self.receipt_to(carrier, id, stat, "");
    }

    /// A receipt with a code beside its word.
    pub(in crate::flow::tests) fn receipt_with(&mut self, carrier: &str, id: &str, stat: &str, err: &str) {
        let err = Octets::new(err.as_bytes()).unwrap();
        let receipt = Receipt { err, ..self.said_to(carrier, id, stat, "") };
        self.report(receipt);
    }

    /// A receipt that says for whom the message was.
    pub(in crate::flow::tests) fn receipt_to(
        &mut self,
        carrier: &str,
        id: &str,
        stat: &str,
        recipient: &str,
    ) {
        let receipt = self.said_to(carrier, id, stat, recipient);
        self.report(receipt);
    }

    fn said_to(&self, carrier: &str, id: &str, stat: &str, recipient: &str) -> Receipt {
        Receipt {
            carrier: self.carrier(carrier),
            id: CarrierMessageId::new(id.as_bytes()),
            state: ReceiptState {
                message_state: message_state(stat),
                stat: Octets::new(stat.as_bytes()).unwrap(),
            },
            err: Octets::new(b"000").unwrap(),
            network_error_code: None,
            recipient: Address::new(1, 1, recipient.as_bytes()).unwrap(),
            sender: Address::default(),
        }
    }

    fn report(&mut self, receipt: Receipt) {
        let before = self.acknowledged.len();
        let reply = self.reply();
        self.pass(Input::Receipt { receipt, reply });
        assert_eq!(self.acknowledged[before..], [Acceptance::Taken], "every receipt is acknowledged, once");
    }

    pub(in crate::flow::tests) fn customer_ready(&mut self, account: &str, link: LinkId, credits: u32) {
        let account = self.account(account);
        self.pass(Input::CustomerReady { account, link, credits });
    }

    pub(in crate::flow::tests) fn customer_gone(&mut self, account: &str, link: LinkId) {
        let account = self.account(account);
        self.pass(Input::CustomerGone { account, link });
    }

    pub(in crate::flow::tests) fn told(
        &mut self,
        account: &str,
        link: LinkId,
        message: MessageId,
        taking: Taking,
    ) {
        let account = self.account(account);
        self.pass(Input::CustomerAnswered { account, link, message, taking });
    }
}

/// SMPP's number for its words (3.4 §5.2.28), as the edge reads them; other words have none.
fn message_state(stat: &str) -> Option<u8> {
    Some(match stat {
        "ENROUTE" => 1,
        "DELIVRD" => 2,
        "EXPIRED" => 3,
        "DELETED" => 4,
        "UNDELIV" => 5,
        "ACCEPTD" => 6,
        "UNKNOWN" => 7,
        "REJECTD" => 8,
        _ => return None,
    })
}
