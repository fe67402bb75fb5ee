//! What does our side say? Binds, requests and answers, written straight into what is to be transmitted.

use bytes::BytesMut;

use crate::base::time::Moment;
use crate::smpp::command::{BindKind, CommandId};
use crate::smpp::field::COctets;
use crate::smpp::pdu::{
    AlertNotification, Bind, BindResp, Body, DataSmResp, DeliverSmResp, EncodeError, Outbind, Pdu,
    QuerySmResp, SubmitMultiResp, SubmitSmResp, encode_bare,
};
use crate::smpp::session::Session;
use crate::smpp::session::event::{CloseReason, Event, ReplyTo, RequestError};
use crate::smpp::session::inbound::Answer;
use crate::smpp::session::settings::Role;
use crate::smpp::session::state::{Allowed, Inner, allowed};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::InterfaceVersion;

impl Session {
    /// Binds (ESME). [`Event::Bound`] or [`Event::BindRefused`] follows, or the session closes after the response
    /// time.
    ///
    /// # Errors
    /// [`RequestError::NotAllowed`] as SMSC, when not open, or for a transmitter after an outbind.
    pub fn bind<S: AsRef<[u8]> + Copy>(
        &mut self,
        now: Moment,
        kind: BindKind,
        body: &Bind<S>,
    ) -> Result<(), RequestError> {
        let open = match self.inner {
            Inner::Open => true,
            Inner::Outbound => kind.receives(),
            _ => false,
        };
        if !open || self.settings.role != Role::Esme {
            return Err(RequestError::NotAllowed);
        }
        let sequence = self.window.sequence();
        self.encode(CommandStatus::ESME_ROK, sequence, Body::Bind(kind, *body))?;
        self.window.used(sequence);
        let until = self.clock.read(now) + self.settings.response;
        self.inner = Inner::Binding { kind, sequence, until: Some(until) };
        Ok(())
    }

    /// Asks the ESME on the other end of a connection that we made to bind as a receiver (SMSC, §4.1.7).
    ///
    /// # Errors
    /// [`RequestError::NotAllowed`] as ESME or when not open.
    pub fn outbind<S: AsRef<[u8]> + Copy>(
        &mut self,
        _now: Moment,
        body: &Outbind<S>,
    ) -> Result<(), RequestError> {
        if !matches!(self.inner, Inner::Open) || self.settings.role != Role::Smsc {
            return Err(RequestError::NotAllowed);
        }
        let sequence = self.window.sequence();
        self.encode(CommandStatus::ESME_ROK, sequence, Body::Outbind(*body))?;
        self.window.used(sequence);
        self.inner = Inner::Outbound;
        Ok(())
    }

    /// Accepts the bind of [`Event::BindRequested`] (SMSC): the session is bound, and what waited for it follows.
    ///
    /// # Errors
    /// [`RequestError::NotAllowed`] when no bind waits; [`RequestError::Encode`] when our `system_id` is too long.
    pub fn accept_bind(&mut self, now: Moment, system_id: &[u8]) -> Result<(), RequestError> {
        let (kind, sequence) = self.pending_bind()?;
        let mut version = BytesMut::new();
        // Quirk 19: we say what we speak, not what the peer asked for; quirk 56: to those that can read it.
        if !self.is_old() {
            let spoken = [InterfaceVersion::V3_4.0];
            let _fits = tlv::put(&mut version, Tag::SC_INTERFACE_VERSION, &spoken);
        }
        let body = BindResp { system_id: COctets(system_id), tlvs: Tlvs::new(&version) };
        self.encode(CommandStatus::ESME_ROK, sequence, Body::BindResp(kind, body))?;
        self.inner = Inner::Bound(kind);
        self.timers.bound(self.clock.read(now));
        Ok(())
    }

    /// Refuses the bind of [`Event::BindRequested`] (SMSC). The session is open again and its session_init time
    /// goes on: the client may try once more, or the owner closes.
    ///
    /// # Errors
    /// [`RequestError::NotAllowed`] when no bind waits.
    pub fn refuse_bind(&mut self, _now: Moment, status: CommandStatus) -> Result<(), RequestError> {
        let (kind, sequence) = self.pending_bind()?;
        self.refuse(kind.command(), sequence, status);
        self.inner = Inner::Open;
        Ok(())
    }

    /// Sends a request and waits for its response; `token` comes back with whatever becomes of it: exactly one of
    /// [`Event::Response`], [`Event::ResponseUnreadable`], [`Event::ResponseTimedOut`] and [`Event::ResponseLost`].
    /// Returns its sequence number. It is registered before a single octet can be written (quirk 75).
    ///
    /// Optional parameters are left out for a peer below 3.4 (quirk 56).
    ///
    /// # Errors
    /// [`RequestError`] says why it was not taken; nothing was written then.
    pub fn request<S: AsRef<[u8]> + Copy>(
        &mut self,
        now: Moment,
        token: u64,
        body: &Body<S>,
    ) -> Result<u32, RequestError> {
        let command = body.command();
        self.check_may_send(command)?;
        if !command.wants_response() {
            return Err(RequestError::NotAllowed);
        }
        if self.window_free() == 0 {
            return Err(RequestError::WindowFull);
        }
        let sequence = self.window.sequence();
        self.encode_message(sequence, body)?;
        let deadline = self.clock.read(now) + self.settings.response;
        self.window.register(sequence, command, token, deadline);
        Ok(sequence)
    }

    /// Tells the ESME that a subscriber has become reachable (SMSC). There is no response.
    ///
    /// # Errors
    /// As [`Session::request`].
    pub fn alert<S: AsRef<[u8]> + Copy>(
        &mut self,
        _now: Moment,
        body: &AlertNotification<S>,
    ) -> Result<(), RequestError> {
        self.check_may_send(CommandId::ALERT_NOTIFICATION)?;
        if self.is_clogged() {
            return Err(RequestError::WindowFull);
        }
        let sequence = self.window.sequence();
        self.encode_message(sequence, &Body::AlertNotification(*body))?;
        self.window.used(sequence);
        Ok(())
    }

    /// Answers a request of the peer. Without a body the response has the least that the specification gives it;
    /// on an error only `data_sm_resp` keeps the body it is given (quirks 9, 12). An answer that comes after the end
    /// of the session is dropped.
    ///
    /// # Errors
    /// [`EncodeError`] when the body breaks the limits or is not the response to this request: the peer has then
    /// been answered `ESME_RSYSERR`.
    pub fn respond(
        &mut self,
        now: Moment,
        reply: ReplyTo,
        status: CommandStatus,
        body: Option<&Body<&[u8]>>,
    ) -> Result<(), EncodeError> {
        if matches!(self.inner, Inner::Unbound { .. } | Inner::Closed) {
            return Ok(());
        }
        let at = self.clock.read(now);
        self.timers.acted = at;
        self.inbound.answered();
        let written = self.encode_response(&reply, status, body);
        self.settle(at);
        written
    }

    /// Ends the session in good order: takes no further requests, waits until the application has answered what it
    /// holds and the peer what it was sent (at most the response time), then unbinds. Before a bind it just closes.
    pub fn unbind(&mut self, now: Moment) {
        match self.inner {
            Inner::Bound(_) => self.start_unbind(now, CloseReason::Unbound),
            Inner::Open | Inner::Outbound | Inner::Binding { .. } => {
                // Quirk 26: nobody is left without an answer to a bind.
                if let Ok((kind, sequence)) = self.pending_bind() {
                    self.refuse(kind.command(), sequence, CommandStatus::ESME_RBINDFAIL);
                }
                self.close(CloseReason::Requested);
            }
            _ => {}
        }
    }

    /// Ends the session here and now, telling the peer nothing: [`CloseReason::Requested`], or
    /// [`CloseReason::TransportFailed`] when reading or writing failed. The first reason stays.
    pub fn close(&mut self, reason: CloseReason) {
        if self.is_closed() {
            return;
        }
        self.inner = Inner::Closed;
        while let Some((token, sequence)) = self.window.lose() {
            self.answers.push_back(Answer::Lost { token, sequence });
        }
        self.inbound.clear();
        self.news.push_back(Event::Closed(reason));
    }

    pub(super) fn start_unbind(&mut self, now: Moment, reason: CloseReason) {
        let at = self.clock.read(now);
        self.inner = Inner::Draining { reason, until: at + self.settings.response };
        // What is parked has not been taken in; now it is refused, which leaves no event.
        let refused = self.next_request(at);
        debug_assert!(refused.is_none(), "nothing is taken in while draining");
        self.mind_the_stopwatch(now);
        self.settle(at);
    }

    /// Takes the next step of an unbind, if what it waits for has come.
    pub(super) fn settle(&mut self, at: Moment) {
        match self.inner {
            Inner::Draining { reason, .. } if self.inbound.held() == 0 && self.window.outstanding() == 0 => {
                self.send_unbind(at, reason);
            }
            Inner::PeerUnbinding { sequence, .. } if self.inbound.held() == 0 => {
                self.answer_unbind(at, sequence);
            }
            _ => {}
        }
    }

    pub(super) fn send_unbind(&mut self, at: Moment, reason: CloseReason) {
        let sequence = self.window.sequence();
        self.window.used(sequence);
        encode_bare(CommandId::UNBIND, CommandStatus::ESME_ROK, sequence, &mut self.transmit);
        self.inner = Inner::Unbinding { reason, sequence, until: at + self.settings.response };
    }

    pub(super) fn answer_unbind(&mut self, at: Moment, sequence: u32) {
        self.write_unbind_resp(sequence);
        self.inner = Inner::Unbound { until: at + self.settings.response };
        self.news.push_back(Event::Unbound);
    }

    pub(super) fn write_unbind_resp(&mut self, sequence: u32) {
        encode_bare(CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, sequence, &mut self.transmit);
    }

    /// Answers a request that the application does not get, or does not want.
    pub(super) fn refuse(&mut self, command: CommandId, sequence: u32, status: CommandStatus) {
        if command == CommandId::DELIVER_SM {
            // The one response whose body has a fixed shape even on an error: message_id, a single NUL.
            let body = Body::DeliverSmResp(DeliverSmResp::default());
            if self.encode::<&[u8]>(status, sequence, body).is_ok() {
                return;
            }
        }
        encode_bare(command.response(), status, sequence, &mut self.transmit);
    }

    pub(super) fn nack(&mut self, sequence: u32, status: CommandStatus) {
        encode_bare(CommandId::GENERIC_NACK, status, sequence, &mut self.transmit);
    }

    fn pending_bind(&self) -> Result<(BindKind, u32), RequestError> {
        match self.inner {
            Inner::Binding { kind, sequence, until: None } => Ok((kind, sequence)),
            _ => Err(RequestError::NotAllowed),
        }
    }

    fn check_may_send(&self, command: CommandId) -> Result<(), RequestError> {
        let Inner::Bound(kind) = self.inner else { return Err(RequestError::NotBound) };
        match allowed(self.settings.role, kind, command, self.is_old()) {
            Allowed::Yes => Ok(()),
            Allowed::Tolerated | Allowed::No => Err(RequestError::NotAllowed),
        }
    }

    #[inline]
    fn encode<S: AsRef<[u8]>>(
        &mut self,
        status: CommandStatus,
        sequence: u32,
        body: Body<S>,
    ) -> Result<(), EncodeError> {
        Pdu { status, sequence, body }.encode(self.settings.limits, &mut self.transmit)
    }

    fn encode_message<S: AsRef<[u8]> + Copy>(
        &mut self,
        sequence: u32,
        body: &Body<S>,
    ) -> Result<(), RequestError> {
        if !self.is_old() {
            return Ok(self.encode(CommandStatus::ESME_ROK, sequence, *body)?);
        }
        // Rare enough to be written twice: once to have it borrowed, once without what the peer cannot read.
        let mut scratch = BytesMut::new();
        let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence, body: *body };
        pdu.encode(self.settings.limits, &mut scratch)?;
        let read = Pdu::decode(&scratch).map_err(|error| EncodeError { field: error.field })?;
        if carries_payload(&read.body) {
            return Err(RequestError::NeedsOptionalParameters);
        }
        Ok(self.encode(CommandStatus::ESME_ROK, sequence, read.body.without_tlvs())?)
    }

    fn encode_response(
        &mut self,
        reply: &ReplyTo,
        status: CommandStatus,
        body: Option<&Body<&[u8]>>,
    ) -> Result<(), EncodeError> {
        let (command, sequence) = (reply.command, reply.sequence);
        let keeps_body = status.is_ok() || command == CommandId::DATA_SM;
        let body = match body {
            Some(body) if body.command() != command.response() => {
                self.refuse(command, sequence, CommandStatus::ESME_RSYSERR);
                return Err(EncodeError { field: "command_id" });
            }
            Some(body) if keeps_body && self.is_old() => Some(body.without_tlvs()),
            Some(body) if keeps_body => Some(*body),
            None if status.is_ok() => least_body(command),
            _ => None,
        };
        let Some(body) = body else {
            self.refuse(command, sequence, status);
            return Ok(());
        };
        let written = self.encode(status, sequence, body);
        if written.is_err() {
            self.refuse(command, sequence, CommandStatus::ESME_RSYSERR);
        }
        written
    }
}

/// The body of a successful response that says nothing.
fn least_body(request: CommandId) -> Option<Body<&'static [u8]>> {
    Some(match request {
        CommandId::SUBMIT_SM => Body::SubmitSmResp(SubmitSmResp::default()),
        CommandId::DELIVER_SM => Body::DeliverSmResp(DeliverSmResp::default()),
        CommandId::DATA_SM => Body::DataSmResp(DataSmResp::default()),
        CommandId::SUBMIT_MULTI => Body::SubmitMultiResp(SubmitMultiResp::default()),
        CommandId::QUERY_SM => Body::QuerySmResp(QuerySmResp::default()),
        _ => return None,
    })
}

/// Whether the message itself is in the optional parameters.
fn carries_payload(body: &Body<&[u8]>) -> bool {
    let tlvs = match body {
        Body::SubmitSm(body) => &body.tlvs,
        Body::DeliverSm(body) => &body.tlvs,
        Body::DataSm(body) => &body.tlvs,
        Body::SubmitMulti(body) => &body.tlvs,
        _ => return false,
    };
    tlvs.get(Tag::MESSAGE_PAYLOAD).is_some()
}
