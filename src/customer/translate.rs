//! How does a PDU become a submission, and an outcome a receipt?

use bytes::{Bytes, BytesMut};

use crate::base::ids::{AccountId, MessageId};
use crate::base::octets::Octets;
use crate::engine::door::Notice;
use crate::message::submission::TLVS_LEN_MAX;
use crate::message::{Address, Class, Content, Refusal, Submission};
use crate::smpp::field::{self, COctets, SHORT_MESSAGE_MAX};
use crate::smpp::pdu::{Body, DataSm, DataSmResp, DeliverSm, Frame, SubmitSm, SubmitSmResp};
use crate::smpp::receipt::{NewReceipt, ReceiptTemplate};
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{EsmClass, MessageState, Npi, Ton};

/// What a `submit_sm` or a `data_sm` submits.
///
/// # Errors
/// Why it cannot be one message of ours; any other command is [`Refusal::NotOffered`].
pub(super) fn submission(account: AccountId, frame: &Frame) -> Result<Submission, Refusal> {
    match frame.body() {
        Body::SubmitSm(body) => from_submit_sm(account, frame, &body),
        Body::DataSm(body) => from_data_sm(account, frame, &body),
        _ => Err(Refusal::NotOffered),
    }
}

fn from_submit_sm(account: AccountId, frame: &Frame, body: &SubmitSm<&[u8]>) -> Result<Submission, Refusal> {
    if !body.schedule_delivery_time.is_empty() {
        return Err(Refusal::ScheduledDelivery);
    }
    if body.replace_if_present_flag != 0 {
        return Err(Refusal::ReplaceIfPresent);
    }
    let short = body.short_message.as_bytes();
    if body.short_message.is_clamped() || short.len() > SHORT_MESSAGE_MAX {
        return Err(Refusal::MessageLength);
    }
    let payload = body.tlvs.message_payload();
    if payload.is_some() && !short.is_empty() {
        // One of the two would be lost in silence (quirk 59).
        return Err(Refusal::OptionalParameters);
    }
    Ok(Submission {
        account,
        source: address(&body.source).ok_or(Refusal::SourceAddress)?,
        destination: recipient(&body.destination)?,
        registered_delivery: body.registered_delivery.0,
        wishes: crate::message::Wishes::default(),
        part: None,
        content: Content {
            service_type: Octets::new(body.service_type.as_bytes()).map_err(|_| Refusal::ServiceType)?,
            esm_class: body.esm_class.0,
            protocol_id: body.protocol_id,
            priority_flag: body.priority_flag,
            data_coding: body.data_coding.0,
            validity_given: false,
            in_payload: payload.is_some(),
            body: frame.share(payload.unwrap_or(short)),
            tlvs: other_tlvs(frame, &body.tlvs)?,
        },
    })
}

fn from_data_sm(account: AccountId, frame: &Frame, body: &DataSm<&[u8]>) -> Result<Submission, Refusal> {
    Ok(Submission {
        account,
        source: address(&body.source).ok_or(Refusal::SourceAddress)?,
        destination: recipient(&body.destination)?,
        registered_delivery: body.registered_delivery.0,
        wishes: crate::message::Wishes::default(),
        part: None,
        content: Content {
            service_type: Octets::new(body.service_type.as_bytes()).map_err(|_| Refusal::ServiceType)?,
            esm_class: body.esm_class.0,
            data_coding: body.data_coding.0,
            in_payload: true,
            body: frame.share(body.tlvs.message_payload().unwrap_or_default()),
            tlvs: other_tlvs(frame, &body.tlvs)?,
            ..Content::default()
        },
    })
}

fn address<const MAX: usize>(address: &field::Address<&[u8], MAX>) -> Option<Address> {
    Address::new(address.ton.0, address.npi.0, address.addr.as_bytes()).ok()
}

fn recipient<const MAX: usize>(wire: &field::Address<&[u8], MAX>) -> Result<Address, Refusal> {
    address(wire).filter(|address| !address.digits.is_empty()).ok_or(Refusal::DestinationAddress)
}

/// The parameters that travel to the carrier beside the body, as they came.
fn other_tlvs(frame: &Frame, tlvs: &Tlvs<&[u8]>) -> Result<Bytes, Refusal> {
    if tlvs.is_truncated() {
        return Err(Refusal::OptionalParameters);
    }
    let others = if tlvs.message_payload().is_none() {
        frame.share(tlvs.as_octets())
    } else {
        let mut others = BytesMut::new();
        for tlv in tlvs.iter().filter(|tlv| tlv.tag != Tag::MESSAGE_PAYLOAD) {
            let _as_long_as_it_was_read = tlv::put(&mut others, tlv.tag, tlv.value);
        }
        others.freeze()
    };
    if others.len() > TLVS_LEN_MAX { Err(Refusal::OptionalParameters) } else { Ok(others) }
}

/// Our message id as the customer sees it: decimal digits.
#[derive(Debug)]
pub(super) struct WrittenId(Octets<20>);

impl WrittenId {
    pub(super) fn new(id: MessageId) -> Self {
        let mut digits = [b'0'; 20];
        let mut value = id.as_u64();
        let mut len = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
            value /= 10;
            len += 1;
            if value == 0 {
                break;
            }
        }
        Self(Octets::new(digits.get(20 - len..).unwrap_or_default()).unwrap_or_default())
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The response to a `submit_sm` that gives the id.
    pub(super) fn submit_sm_resp(&self) -> Body<&[u8]> {
        Body::SubmitSmResp(SubmitSmResp { message_id: COctets(self.as_slice()), tlvs: Tlvs::default() })
    }

    /// The response to a `data_sm` that gives the id.
    pub(super) fn data_sm_resp(&self) -> Body<&[u8]> {
        Body::DataSmResp(DataSmResp { message_id: COctets(self.as_slice()), tlvs: Tlvs::default() })
    }
}

/// Room in which receipts are written one after the other.
#[derive(Debug, Default)]
pub(super) struct ReceiptWriter {
    template: ReceiptTemplate,
    text: BytesMut,
    tlvs: BytesMut,
}

impl ReceiptWriter {
    /// The `deliver_sm` that tells a customer what became of its message: Appendix B's text, and the same as
    /// parameters (left out by the session for peers below 3.4).
    pub(super) fn deliver_sm<'a>(&'a mut self, notice: &'a Notice) -> Body<&'a [u8]> {
        let id = WrittenId::new(notice.shown);
        let crate::engine::door::News::Final { at: ended_at, outcome, .. } = &notice.news else {
            return Body::EnquireLink;
        };
        let state = MessageState(outcome.message_state);
        self.text.clear();
        let receipt = NewReceipt {
            id: id.as_slice(),
            sub: 1,
            dlvrd: u16::from(outcome.class == Class::Delivered),
            submitted: notice.accepted_at,
            done: *ended_at,
            stat: state.word().unwrap_or("UNKNOWN").as_bytes(),
            err: if outcome.err.is_empty() { b"000" } else { outcome.err.as_slice() },
            // The body is not kept once the carrier has it.
            text: b"",
        };
        self.template.write(&receipt, &mut self.text);
        self.write_tlvs(id.as_slice(), state, outcome);
        Body::DeliverSm(DeliverSm {
            source: wire_address(&notice.destination),
            destination: wire_address(&notice.source),
            esm_class: EsmClass::RECEIPT,
            short_message: self.text.as_ref().into(),
            tlvs: Tlvs::new(&self.tlvs),
            ..DeliverSm::default()
        })
    }

    fn write_tlvs(&mut self, id: &[u8], state: MessageState, outcome: &crate::message::Outcome) {
        let mut receipted = [0; 21];
        for (place, digit) in receipted.iter_mut().zip(id) {
            *place = *digit;
        }
        let with_nul = receipted.get(..=id.len()).unwrap_or_default();
        self.tlvs.clear();
        let code = outcome.network_error_code;
        let fits = tlv::put(&mut self.tlvs, Tag::RECEIPTED_MESSAGE_ID, with_nul)
            & tlv::put(&mut self.tlvs, Tag::MESSAGE_STATE, &[state.0])
            & code.is_none_or(|code| tlv::put(&mut self.tlvs, Tag::NETWORK_ERROR_CODE, &code));
        debug_assert!(fits, "a few octets each");
    }
}

fn wire_address(address: &Address) -> field::Address<&[u8]> {
    field::Address { ton: Ton(address.ton), npi: Npi(address.npi), addr: COctets(address.as_slice()) }
}
