//! What does the customer ask, and what is it answered?

use std::mem;

use tracing::debug;

use super::CustomerConnection;
use crate::base::ids::{AccountId, MessageId};
use crate::base::time::{Moment, Now};
use crate::customer::status;
use crate::customer::translate::{self, WrittenId};
use crate::engine::door::{Input, Managed, ReplyTo, Stopped};
use crate::message::{Address, Refusal};
use crate::smpp::pdu::{Body, Frame, SubmitMulti};
use crate::smpp::session;
use crate::smpp::status::CommandStatus;

impl CustomerConnection {
    pub(super) fn request(&mut self, now: Now, reply: session::ReplyTo, frame: &Frame) {
        let Some(account) = self.account() else { return };
        match frame.body() {
            Body::SubmitMulti(body) => self.submit_multi(now, account, reply, frame, &body),
            Body::QuerySm(_) | Body::CancelSm(_) | Body::ReplaceSm(_) => match translate::manage(frame) {
                Ok(request) => {
                    let reply = self.hold(now.moment, reply);
                    self.tell(Input::Manage { reply, account, request });
                }
                Err(refusal) => self.refuse(now.moment, reply, refusal),
            },
            _ => self.submit(now, account, reply, frame),
        }
    }

    fn submit(&mut self, now: Now, account: AccountId, reply: session::ReplyTo, frame: &Frame) {
        let prepared = translate::submission(account, frame)
            .inspect_err(|refusal| self.shared.door.refuse(account, *refusal))
            .and_then(|submission| self.shared.door.prepare(now, submission));
        match prepared {
            Ok(prepared) => {
                let reply = self.hold(now.moment, reply);
                self.tell(Input::Submit { reply, prepared });
            }
            Err(refusal) => self.refuse(now.moment, reply, refusal),
        }
    }

    /// Each recipient is a message of its own, in limits and in routing; the rest of the list does not fail with one.
    fn submit_multi(
        &mut self,
        now: Now,
        account: AccountId,
        reply: session::ReplyTo,
        frame: &Frame,
        body: &SubmitMulti<&[u8]>,
    ) {
        let door = &self.shared.door;
        let submissions = match translate::submissions(account, frame, body) {
            Ok(submissions) => submissions,
            Err(refusal) => {
                door.refuse(account, refusal);
                return self.refuse(now.moment, reply, refusal);
            }
        };
        let mut prepared = Vec::new();
        let mut refused = Vec::new();
        for submission in submissions {
            match submission {
                Ok(submission) => {
                    let recipient = submission.destination;
                    match door.prepare(now, submission) {
                        Ok(message) => prepared.push(message),
                        Err(refusal) => refused.push((recipient, refusal)),
                    }
                }
                Err((recipient, refusal)) => {
                    door.refuse(account, refusal);
                    refused.push((recipient, refusal));
                }
            }
        }
        match refused.first() {
            Some((_, refusal)) if prepared.is_empty() => self.refuse(now.moment, reply, *refusal),
            _ => {
                let reply = self.hold(now.moment, reply);
                self.tell(Input::SubmitMulti { reply, prepared, refused });
            }
        }
    }

    /// Keeps the right to answer for when the engine has decided.
    fn hold(&mut self, now: Moment, reply: session::ReplyTo) -> ReplyTo {
        let ticket = u32::try_from(self.held.insert(reply)).unwrap_or(u32::MAX);
        ReplyTo { link: self.link.id(), ticket, since: now }
    }

    pub(super) fn answer(&mut self, now: Moment, to: ReplyTo, result: Result<MessageId, Refusal>) {
        let Some(reply) = self.held.try_remove(to.ticket as usize) else { return };
        match result {
            Ok(message) => {
                self.shared.histograms.responded(now.since(to.since));
                let id = WrittenId::new(message);
                let body = id.response(reply.command());
                self.respond(now, reply, CommandStatus::ESME_ROK, Some(&body));
            }
            Err(refusal) => self.refuse(now, reply, refusal),
        }
    }

    pub(super) fn answer_multi(
        &mut self,
        now: Moment,
        to: ReplyTo,
        result: Result<MessageId, Refusal>,
        refused: &[(Address, Refusal)],
    ) {
        let Some(reply) = self.held.try_remove(to.ticket as usize) else { return };
        match result {
            Ok(message) => {
                self.shared.histograms.responded(now.since(to.since));
                let id = WrittenId::new(message);
                let mut responses = mem::take(&mut self.responses);
                let body = responses.submit_multi_resp(&id, refused, status::of_refusal);
                self.respond(now, reply, CommandStatus::ESME_ROK, Some(&body));
                self.responses = responses;
            }
            Err(refusal) => self.refuse(now, reply, refusal),
        }
    }

    pub(super) fn answer_manage(&mut self, now: Moment, to: ReplyTo, result: Result<Managed, Refusal>) {
        let Some(reply) = self.held.try_remove(to.ticket as usize) else { return };
        match result {
            Ok(Managed::Standing { message, message_state, ended_at, error_code }) => {
                let id = WrittenId::new(message);
                let mut responses = mem::take(&mut self.responses);
                let body = responses.query_sm_resp(&id, message_state, ended_at, error_code);
                self.respond(now, reply, CommandStatus::ESME_ROK, Some(&body));
                self.responses = responses;
            }
            Ok(Managed::Done) => self.respond(now, reply, CommandStatus::ESME_ROK, None),
            Err(refusal) => self.refuse(now, reply, refusal),
        }
    }

    fn refuse(&mut self, now: Moment, reply: session::ReplyTo, refusal: Refusal) {
        self.respond(now, reply, status::of_refusal(refusal), None);
    }

    fn respond(
        &mut self,
        now: Moment,
        reply: session::ReplyTo,
        status: CommandStatus,
        body: Option<&Body<&[u8]>>,
    ) {
        if let Err(error) = self.connection.session().respond(now, reply, status, body) {
            debug_assert!(false, "our ids are short: {error}");
        }
    }

    /// Nothing can be made durable any more: whoever waits for an answer hears that, and not an OK.
    pub(super) fn answer_stopped(&mut self, stopped: &Stopped) {
        debug!(peer = %self.peer, %stopped, "answering an error");
        let now = self.connection.now();
        for reply in mem::take(&mut self.held).into_iter().map(|(_, reply)| reply) {
            self.refuse(now, reply, Refusal::Stopping);
        }
        self.connection.session().unbind(now);
    }
}
