//! What are the fields of a PDU? Every command of SMPP 3.4, read and written.
//!
//! One set of types serves both ways. [`Pdu<&[u8]>`] is the borrowed form: slices of the frame, no allocation.
//! [`Frame`] is the owned form: the frame's [`Bytes`](bytes::Bytes) and offsets into it. Whatever is
//! `AsRef<[u8]>` can be written.

#[macro_use]
mod table;
mod bind;
mod error;
mod manage;
mod message;
mod multi;
mod owned;

use std::fmt;

use bytes::BytesMut;

pub use bind::{Bind, BindResp, Outbind};
pub use error::{DecodeError, EncodeError};
pub use manage::{CancelSm, QuerySm, QuerySmResp, ReplaceSm};
pub use message::{AlertNotification, DataSm, DataSmResp, DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp};
pub use multi::{
    DESTINATIONS_MAX, Destination, Destinations, Refused, SubmitMulti, SubmitMultiResp, Unsuccess,
};
pub use owned::Frame;

use crate::smpp::command::{BindKind, CommandId};
use crate::smpp::field::{Fault, Limits, Shown, Writer};
use crate::smpp::frame::{HEADER_LEN, Header, PDU_LEN_MAX};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tlvs;

/// One PDU: what the header says beside the command, and the body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pdu<S> {
    /// How it went; 0 in requests.
    pub status: CommandStatus,
    /// Ties a response to its request.
    pub sequence: u32,
    /// The command and its fields.
    pub body: Body<S>,
}

/// The command and its fields.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the command of its name; the fields are documented there")]
pub enum Body<S> {
    Bind(BindKind, Bind<S>),
    BindResp(BindKind, BindResp<S>),
    Outbind(Outbind<S>),
    Unbind,
    UnbindResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSm(SubmitSm<S>),
    SubmitSmResp(SubmitSmResp<S>),
    DeliverSm(DeliverSm<S>),
    DeliverSmResp(DeliverSmResp<S>),
    DataSm(DataSm<S>),
    DataSmResp(DataSmResp<S>),
    SubmitMulti(SubmitMulti<S>),
    SubmitMultiResp(SubmitMultiResp<S>),
    QuerySm(QuerySm<S>),
    QuerySmResp(QuerySmResp<S>),
    CancelSm(CancelSm<S>),
    CancelSmResp,
    ReplaceSm(ReplaceSm<S>),
    ReplaceSmResp,
    AlertNotification(AlertNotification<S>),
    /// A command that SMPP 3.4 does not know, with its octets; 5.0's broadcast commands are here, by name.
    Unknown(CommandId, S),
}

/// Applies `$f` to the fields of whichever body it is; `$bare` stands for the bodies without fields.
macro_rules! each_body {
    ($body:expr, $fields:ident => $f:expr, $octets:ident => $unknown:expr, $bare:expr) => {
        match $body {
            Body::Bind(_, $fields) => $f,
            Body::BindResp(_, $fields) => $f,
            Body::Outbind($fields) => $f,
            Body::SubmitSm($fields) => $f,
            Body::SubmitSmResp($fields) => $f,
            Body::DeliverSm($fields) => $f,
            Body::DeliverSmResp($fields) => $f,
            Body::DataSm($fields) => $f,
            Body::DataSmResp($fields) => $f,
            Body::SubmitMulti($fields) => $f,
            Body::SubmitMultiResp($fields) => $f,
            Body::QuerySm($fields) => $f,
            Body::QuerySmResp($fields) => $f,
            Body::CancelSm($fields) => $f,
            Body::ReplaceSm($fields) => $f,
            Body::AlertNotification($fields) => $f,
            Body::Unknown(_, $octets) => $unknown,
            Body::Unbind
            | Body::UnbindResp
            | Body::EnquireLink
            | Body::EnquireLinkResp
            | Body::GenericNack
            | Body::CancelSmResp
            | Body::ReplaceSmResp => $bare,
        }
    };
}

impl<S> Body<S> {
    /// Which command it is.
    pub const fn command(&self) -> CommandId {
        match self {
            Self::Bind(kind, _) => kind.command(),
            Self::BindResp(kind, _) => kind.command().response(),
            Self::Outbind(_) => CommandId::OUTBIND,
            Self::Unbind => CommandId::UNBIND,
            Self::UnbindResp => CommandId::UNBIND_RESP,
            Self::EnquireLink => CommandId::ENQUIRE_LINK,
            Self::EnquireLinkResp => CommandId::ENQUIRE_LINK_RESP,
            Self::GenericNack => CommandId::GENERIC_NACK,
            Self::SubmitSm(_) => CommandId::SUBMIT_SM,
            Self::SubmitSmResp(_) => CommandId::SUBMIT_SM_RESP,
            Self::DeliverSm(_) => CommandId::DELIVER_SM,
            Self::DeliverSmResp(_) => CommandId::DELIVER_SM_RESP,
            Self::DataSm(_) => CommandId::DATA_SM,
            Self::DataSmResp(_) => CommandId::DATA_SM_RESP,
            Self::SubmitMulti(_) => CommandId::SUBMIT_MULTI,
            Self::SubmitMultiResp(_) => CommandId::SUBMIT_MULTI_RESP,
            Self::QuerySm(_) => CommandId::QUERY_SM,
            Self::QuerySmResp(_) => CommandId::QUERY_SM_RESP,
            Self::CancelSm(_) => CommandId::CANCEL_SM,
            Self::CancelSmResp => CommandId::CANCEL_SM_RESP,
            Self::ReplaceSm(_) => CommandId::REPLACE_SM,
            Self::ReplaceSmResp => CommandId::REPLACE_SM_RESP,
            Self::AlertNotification(_) => CommandId::ALERT_NOTIFICATION,
            Self::Unknown(command, _) => *command,
        }
    }
}

impl<'a> Pdu<&'a [u8]> {
    /// Reads one whole PDU. `frame` is what [`crate::smpp::frame::front`] fenced off; octets behind its
    /// command_length are not looked at.
    ///
    /// # Errors
    /// [`DecodeError`] names the field that cannot be read. Bodies of responses are optional (quirk 8), and of
    /// failed ones whatever cannot be read is ignored (quirks 9, 14).
    #[inline]
    pub fn decode(frame: &'a [u8]) -> Result<Self, DecodeError> {
        const SHORT: DecodeError = DecodeError { field: "command_length", fault: Fault::Short };
        let header = Header::read(frame).ok_or(SHORT)?;
        let octets = frame.get(HEADER_LEN..header.command_length as usize).ok_or(SHORT)?;
        let body = Body::read(header.command_id, header.command_status, octets)?;
        Ok(Self { status: header.command_status, sequence: header.sequence_number, body })
    }
}

impl<'a> Body<&'a [u8]> {
    #[inline]
    fn read(command: CommandId, status: CommandStatus, octets: &'a [u8]) -> Result<Self, DecodeError> {
        if command.is_response() {
            return Self::read_response(command, status, octets);
        }
        Ok(match command {
            CommandId::SUBMIT_SM => Self::SubmitSm(SubmitSm::read(octets)?),
            CommandId::DELIVER_SM => Self::DeliverSm(DeliverSm::read(octets)?),
            CommandId::DATA_SM => Self::DataSm(DataSm::read(octets)?),
            CommandId::ENQUIRE_LINK => Self::EnquireLink,
            CommandId::UNBIND => Self::Unbind,
            CommandId::BIND_RECEIVER => Self::Bind(BindKind::Receiver, Bind::read(octets)?),
            CommandId::BIND_TRANSMITTER => Self::Bind(BindKind::Transmitter, Bind::read(octets)?),
            CommandId::BIND_TRANSCEIVER => Self::Bind(BindKind::Transceiver, Bind::read(octets)?),
            CommandId::OUTBIND => Self::Outbind(Outbind::read(octets)?),
            CommandId::SUBMIT_MULTI => Self::SubmitMulti(SubmitMulti::read(octets)?),
            CommandId::QUERY_SM => Self::QuerySm(QuerySm::read(octets)?),
            CommandId::CANCEL_SM => Self::CancelSm(CancelSm::read(octets)?),
            CommandId::REPLACE_SM => Self::ReplaceSm(ReplaceSm::read(octets)?),
            CommandId::ALERT_NOTIFICATION => Self::AlertNotification(AlertNotification::read(octets)?),
            _ => Self::Unknown(command, octets),
        })
    }

    fn read_response(
        command: CommandId,
        status: CommandStatus,
        octets: &'a [u8],
    ) -> Result<Self, DecodeError> {
        // Quirks 8, 9, 13, 14: a response without its body is a response; on an error the body is a courtesy.
        macro_rules! courtesy {
            ($body:ident) => {
                if octets.is_empty() {
                    $body::default()
                } else if status.is_ok() {
                    $body::read(octets)?
                } else {
                    $body::read(octets).unwrap_or_default()
                }
            };
        }
        // Quirk 11: on an error, parameters may stand where the id should. Take them when they fit and an id does
        // not: "77", NUL and delivery_failure_reason fit as one parameter of the tag "77", too. Up to three stray
        // octets (quirk 48) are no misfit, except behind an empty id, which would take the NUL of a tag for its own.
        macro_rules! courtesy_with_tlvs {
            ($body:ident) => {{
                if status.is_ok() || octets.is_empty() {
                    courtesy!($body)
                } else {
                    let with_id = $body::read(octets);
                    let has_id = with_id.is_ok_and(|body| match body.message_id.as_bytes() {
                        [] => body.tlvs.stray() == 0,
                        id => !body.tlvs.is_truncated() && id.iter().all(u8::is_ascii_graphic),
                    });
                    let bare = Tlvs::new(octets);
                    if has_id || bare.is_empty() || bare.is_truncated() {
                        with_id.unwrap_or_default()
                    } else {
                        $body { tlvs: bare, ..$body::default() }
                    }
                }
            }};
        }
        Ok(match command {
            CommandId::SUBMIT_SM_RESP => Self::SubmitSmResp(courtesy_with_tlvs!(SubmitSmResp)),
            CommandId::DELIVER_SM_RESP => Self::DeliverSmResp(courtesy_with_tlvs!(DeliverSmResp)),
            CommandId::DATA_SM_RESP => Self::DataSmResp(courtesy_with_tlvs!(DataSmResp)),
            CommandId::ENQUIRE_LINK_RESP => Self::EnquireLinkResp,
            CommandId::UNBIND_RESP => Self::UnbindResp,
            CommandId::GENERIC_NACK => Self::GenericNack,
            CommandId::BIND_RECEIVER_RESP => Self::BindResp(BindKind::Receiver, courtesy!(BindResp)),
            CommandId::BIND_TRANSMITTER_RESP => Self::BindResp(BindKind::Transmitter, courtesy!(BindResp)),
            CommandId::BIND_TRANSCEIVER_RESP => Self::BindResp(BindKind::Transceiver, courtesy!(BindResp)),
            CommandId::SUBMIT_MULTI_RESP => Self::SubmitMultiResp(courtesy!(SubmitMultiResp)),
            CommandId::QUERY_SM_RESP => Self::QuerySmResp(courtesy!(QuerySmResp)),
            CommandId::CANCEL_SM_RESP => Self::CancelSmResp,
            CommandId::REPLACE_SM_RESP => Self::ReplaceSmResp,
            _ => Self::Unknown(command, octets),
        })
    }

    /// The same PDU without optional parameters: what a peer below 3.4 may be sent (§3.4, quirk 56).
    #[must_use]
    pub fn without_tlvs(mut self) -> Self {
        match &mut self {
            Self::BindResp(_, body) => body.tlvs = Tlvs::default(),
            Self::SubmitSm(body) => body.tlvs = Tlvs::default(),
            Self::SubmitSmResp(body) => body.tlvs = Tlvs::default(),
            Self::DeliverSm(body) => body.tlvs = Tlvs::default(),
            Self::DeliverSmResp(body) => body.tlvs = Tlvs::default(),
            Self::DataSm(body) => body.tlvs = Tlvs::default(),
            Self::DataSmResp(body) => body.tlvs = Tlvs::default(),
            Self::SubmitMulti(body) => body.tlvs = Tlvs::default(),
            Self::AlertNotification(body) => body.tlvs = Tlvs::default(),
            _ => {}
        }
        self
    }
}

impl<S> Body<S> {
    pub(crate) fn mapped<T>(self, change: &mut impl FnMut(S) -> T) -> Body<T> {
        macro_rules! variants {
            ($($variant:ident),* ; $($bare:ident),*) => {
                match self {
                    Self::Bind(kind, body) => Body::Bind(kind, body.mapped(change)),
                    Self::BindResp(kind, body) => Body::BindResp(kind, body.mapped(change)),
                    Self::Unknown(command, octets) => Body::Unknown(command, change(octets)),
                    $( Self::$variant(body) => Body::$variant(body.mapped(change)), )*
                    $( Self::$bare => Body::$bare, )*
                }
            };
        }
        variants!(
            Outbind, SubmitSm, SubmitSmResp, DeliverSm, DeliverSmResp, DataSm, DataSmResp, SubmitMulti,
            SubmitMultiResp, QuerySm, QuerySmResp, CancelSm, ReplaceSm, AlertNotification;
            Unbind, UnbindResp, EnquireLink, EnquireLinkResp, GenericNack, CancelSmResp, ReplaceSmResp
        )
    }
}

impl<S: AsRef<[u8]>> fmt::Debug for Body<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = self.command();
        let unknown = |f: &mut fmt::Formatter<'_>, len: usize| write!(f, "{command} <{len} octets>");
        each_body!(self, fields => fields.fmt(f), octets => unknown(f, octets.as_ref().len()), write!(f, "{command}"))
    }
}

impl<S: AsRef<[u8]>> fmt::Debug for Pdu<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {:?}", self.sequence, self.status, self.body)
    }
}

impl<S: AsRef<[u8]>> Pdu<S> {
    /// Writes the PDU behind what `out` holds. `out` is left as it was when the PDU may not be written.
    ///
    /// A bind's or submit_sm's response that reports a failure has no body (§4.1.2, §4.4.2), whatever is in it;
    /// [`Limits::Lenient`] writes what is there, as peers do (quirks 9, 13).
    ///
    /// # Errors
    /// [`EncodeError`] names the field that breaks `limits`, or `command_length` when the whole is longer than
    /// [`PDU_LEN_MAX`].
    #[inline]
    pub fn encode(&self, limits: Limits, out: &mut BytesMut) -> Result<(), EncodeError> {
        if limits == Limits::Strict && self.is_failure_without_body() {
            encode_bare(self.body.command(), self.status, self.sequence, out);
            return Ok(());
        }
        let len = HEADER_LEN
            + each_body!(&self.body, fields => fields.measure(limits)?, octets => octets.as_ref().len(), 0);
        if len > PDU_LEN_MAX {
            return Err(EncodeError { field: "command_length" });
        }
        let start = out.len();
        out.resize(start + len, 0);
        let mut writer = Writer::new(out.get_mut(start..).unwrap_or_default());
        writer.put(header(len, self.body.command(), self.status, self.sequence));
        each_body!(&self.body, fields => fields.write(&mut writer), octets => writer.put_slice(octets.as_ref()), ());
        debug_assert_eq!(writer.room(), 0, "a field measured more than it wrote");
        Ok(())
    }

    const fn is_failure_without_body(&self) -> bool {
        !self.status.is_ok() && matches!(self.body, Body::BindResp(..) | Body::SubmitSmResp(_))
    }

    /// Shows every field of the body by its name, in the order of the wire.
    pub fn fields(&self, see: &mut dyn FnMut(&'static str, Shown<'_>)) {
        let unknown =
            |see: &mut dyn FnMut(&'static str, Shown<'_>), octets| see("octets", Shown::Octets(octets));
        each_body!(&self.body, fields => fields.fields(see), octets => unknown(see, octets.as_ref()), ());
    }
}

/// Writes a PDU that is a header and nothing else: a failed response, `generic_nack`, and the commands without
/// fields.
pub fn encode_bare(command: CommandId, status: CommandStatus, sequence: u32, out: &mut BytesMut) {
    out.extend_from_slice(&header(HEADER_LEN, command, status, sequence));
}

#[inline]
fn header(len: usize, command: CommandId, status: CommandStatus, sequence: u32) -> [u8; HEADER_LEN] {
    let [l0, l1, l2, l3] = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
    let [c0, c1, c2, c3] = command.0.to_be_bytes();
    let [s0, s1, s2, s3] = status.0.to_be_bytes();
    let [n0, n1, n2, n3] = sequence.to_be_bytes();
    [l0, l1, l2, l3, c0, c1, c2, c3, s0, s1, s2, s3, n0, n1, n2, n3]
}
