//! The words of the transcripts: what came out, and how things are.

use std::mem;
use std::time::Duration;

use super::{Sent, World};
use crate::base::ids::{AccountId, CarrierId, MessageId};
use crate::base::time::Timestamp;
use crate::flow::messages::{Message, Phase};
use crate::flow::{LinkId, News, Notice};
use crate::message::Outcome;
use crate::sla::{AccountCounts, CarrierCounts};

impl World {
    /// What was sent to carriers since the last look.
    pub(in crate::flow::tests) fn sent_whole(&mut self) -> Vec<Sent> {
        mem::take(&mut self.sent)
    }

    /// As [`World::sent_whole`], connections and messages only.
    pub(in crate::flow::tests) fn sent(&mut self) -> Vec<(LinkId, MessageId)> {
        self.sent_whole().into_iter().map(|sent| (sent.link, sent.message)).collect()
    }

    /// As [`World::sent`], without the connections.
    pub(in crate::flow::tests) fn sent_messages(&mut self) -> Vec<MessageId> {
        self.sent().into_iter().map(|(_, message)| message).collect()
    }

    /// What was delivered to customers since the last look.
    pub(in crate::flow::tests) fn notices(&mut self) -> Vec<(LinkId, Notice)> {
        mem::take(&mut self.notices)
    }

    /// As [`World::notices`], messages only.
    pub(in crate::flow::tests) fn notified(&mut self) -> Vec<MessageId> {
        self.notices().into_iter().map(|(_, notice)| notice.message).collect()
    }

    pub(in crate::flow::tests) fn account(&self, name: &str) -> AccountId {
        self.flow.state().account(name).unwrap()
    }

    pub(in crate::flow::tests) fn carrier(&self, name: &str) -> CarrierId {
        self.flow.state().carrier(name).unwrap()
    }

    pub(in crate::flow::tests) fn counts(&self, account: &str) -> AccountCounts {
        self.flow.state().counters().account(self.account(account))
    }

    pub(in crate::flow::tests) fn carrier_counts(&self, carrier: &str) -> CarrierCounts {
        self.flow.state().counters().carrier(self.carrier(carrier))
    }

    pub(in crate::flow::tests) fn message(&self, id: MessageId) -> Option<&Message> {
        self.flow.state().messages().get(id)
    }

    /// Where a message is, in a word.
    pub(in crate::flow::tests) fn place(&self, id: MessageId) -> &'static str {
        match self.message(id).map(|message| &message.phase) {
            Some(Phase::Queued(_)) => "queued",
            Some(Phase::HandedOver(_)) => "handed over",
            Some(Phase::InDoubt) => "in doubt",
            Some(Phase::Submitted(_)) => "submitted",
            Some(Phase::Ended(_)) => "receipt owed",
            Some(Phase::Gathering(_)) => "gathering",
            Some(Phase::Incoming(_)) => "incoming",
            None => "gone",
        }
    }

    pub(in crate::flow::tests) fn places(&self, ids: &[MessageId]) -> Vec<&'static str> {
        ids.iter().map(|id| self.place(*id)).collect()
    }

    pub(in crate::flow::tests) fn parked(&self) -> usize {
        self.flow.report().parked
    }

    /// How long from now until the flow wants to be looked at.
    pub(in crate::flow::tests) fn wakes_in(&self) -> Option<Duration> {
        self.flow.wake_at(self.now).map(|at| at.since(self.now.moment))
    }
}

/// What a receipt says: the outcome, and when.
pub(in crate::flow::tests) fn said(notice: &Notice) -> (Outcome, Timestamp) {
    match &notice.news {
        News::Final { at, outcome, .. } => (*outcome, *at),
        other => panic!("{other:?} is not final"),
    }
}
