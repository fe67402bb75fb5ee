//! What do `submit_sm`, `data_sm` and `submit_multi` submit?

use bytes::{Bytes, BytesMut};

use super::{recipient, sender, when};
use crate::base::ids::AccountId;
use crate::base::octets::Octets;
use crate::message::submission::TLVS_LEN_MAX;
use crate::message::{Address, Content, Label, Part, PartForm, Refusal, Submission, Wishes};
use crate::smpp::field::{COctets, SHORT_MESSAGE_MAX, ShortMessage};
use crate::smpp::pdu::{Body, DESTINATIONS_MAX, DataSm, Destination, Frame, SubmitMulti, SubmitSm};
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::EsmClass;
use crate::text::udh::{self, Concatenation};

/// What a `submit_sm` or a `data_sm` submits.
///
/// # Errors
/// Why it cannot be one message of ours; any other command is [`Refusal::NotOffered`].
pub(in crate::customer) fn submission(account: AccountId, frame: &Frame) -> Result<Submission, Refusal> {
    match frame.body() {
        Body::SubmitSm(body) => {
            let one = from_submit_sm(account, frame, &body)?;
            Ok(Submission { destination: recipient(&body.destination)?, ..one })
        }
        Body::DataSm(body) => from_data_sm(account, frame, &body),
        _ => Err(Refusal::NotOffered),
    }
}

/// What a `submit_multi` submits: for each recipient, in order, a message of its own, or why there can be none. The
/// recipient of a refused one has no number when it has none that fits into ours.
///
/// # Errors
/// Why it cannot be a message of ours, whoever the recipients are.
pub(in crate::customer) fn submissions<'a>(
    account: AccountId,
    frame: &Frame,
    body: &'a SubmitMulti<&'a [u8]>,
) -> Result<impl Iterator<Item = Result<Submission, (Address, Refusal)>> + 'a, Refusal> {
    if body.destinations.is_empty() || body.destinations.len() > DESTINATIONS_MAX {
        return Err(Refusal::RecipientCount);
    }
    // §4.5.1: it may not be asked for here; which of the messages would it replace?
    if body.replace_if_present_flag != 0 {
        return Err(Refusal::ReplaceIfPresent);
    }
    // Parts are put together for one recipient; here each is a message of its own, also in limits and in what it says.
    let one = Submission { part: None, ..from_submit_sm(account, frame, &as_submit_sm(body))? };
    Ok(body.destinations.iter().map(move |destination| match destination {
        Destination::Sme(wire) => match recipient(&wire) {
            Ok(destination) => Ok(Submission { destination, ..one.clone() }),
            Err(refusal) => {
                Err((Address { ton: wire.ton.0, npi: wire.npi.0, ..Address::default() }, refusal))
            }
        },
        Destination::DistributionList(_) => Err((Address::default(), Refusal::DistributionList)),
    }))
}

/// What a `submit_multi` says to each of its recipients.
fn as_submit_sm<'a>(body: &SubmitMulti<&'a [u8]>) -> SubmitSm<&'a [u8]> {
    SubmitSm {
        service_type: body.service_type,
        source: body.source,
        esm_class: body.esm_class,
        protocol_id: body.protocol_id,
        priority_flag: body.priority_flag,
        schedule_delivery_time: body.schedule_delivery_time,
        validity_period: body.validity_period,
        registered_delivery: body.registered_delivery,
        replace_if_present_flag: body.replace_if_present_flag,
        data_coding: body.data_coding,
        sm_default_msg_id: body.sm_default_msg_id,
        short_message: body.short_message,
        tlvs: body.tlvs,
        ..SubmitSm::default()
    }
}

/// All but the recipient.
fn from_submit_sm(account: AccountId, frame: &Frame, body: &SubmitSm<&[u8]>) -> Result<Submission, Refusal> {
    let wishes = Wishes {
        replace: match body.replace_if_present_flag {
            0 => false,
            1 => true,
            _ => return Err(Refusal::ReplaceIfPresent),
        },
        ..times(body.schedule_delivery_time, body.validity_period)?
    };
    let short = short_message(&body.short_message)?;
    let payload = body.tlvs.message_payload();
    if payload.is_some() && !short.is_empty() {
        // One of the two would be lost in silence (quirk 59).
        return Err(Refusal::OptionalParameters);
    }
    let octets = payload.unwrap_or(short);
    Ok(Submission {
        account,
        source: sender(&body.source)?,
        destination: Address::default(),
        registered_delivery: body.registered_delivery.0,
        wishes,
        label: Label::default(),
        bill: None,
        part: part(body.esm_class, octets, &body.tlvs),
        content: Content {
            service_type: service_type(body.service_type)?,
            esm_class: body.esm_class.0,
            protocol_id: body.protocol_id,
            priority_flag: body.priority_flag,
            data_coding: body.data_coding.0,
            validity_given: wishes.validity.is_some(),
            in_payload: payload.is_some(),
            body: frame.share(octets),
            tlvs: other_tlvs(frame, &body.tlvs)?,
        },
    })
}

fn from_data_sm(account: AccountId, frame: &Frame, body: &DataSm<&[u8]>) -> Result<Submission, Refusal> {
    let octets = body.tlvs.message_payload().unwrap_or_default();
    Ok(Submission {
        account,
        source: sender(&body.source)?,
        destination: recipient(&body.destination)?,
        registered_delivery: body.registered_delivery.0,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: part(body.esm_class, octets, &body.tlvs),
        content: Content {
            service_type: service_type(body.service_type)?,
            esm_class: body.esm_class.0,
            data_coding: body.data_coding.0,
            in_payload: true,
            body: frame.share(octets),
            tlvs: other_tlvs(frame, &body.tlvs)?,
            ..Content::default()
        },
    })
}

/// When it is to be sent, and until when, as `submit_sm` and `replace_sm` say it.
pub(super) fn times(schedule: COctets<&[u8], 17>, validity: COctets<&[u8], 17>) -> Result<Wishes, Refusal> {
    Ok(Wishes {
        schedule: when(schedule, Refusal::ScheduledDelivery)?,
        validity: when(validity, Refusal::ValidityPeriod)?,
        replace: false,
    })
}

/// The octets of a `short_message` that is as long as it says (quirk 57), and not longer than one may be.
pub(super) fn short_message<'a>(field: &ShortMessage<&'a [u8]>) -> Result<&'a [u8], Refusal> {
    let octets = field.octets;
    let fits = !field.is_clamped() && octets.len() <= SHORT_MESSAGE_MAX;
    if fits { Ok(octets) } else { Err(Refusal::MessageLength) }
}

pub(super) fn service_type(field: COctets<&[u8], 6>) -> Result<Octets<5>, Refusal> {
    Octets::new(field.as_bytes()).map_err(|_| Refusal::ServiceType)
}

/// Which part of which long message it is, when it says so in its header or in the `sar_…` parameters. Numbers that
/// no part can have, and a long message of one part, make it a message like any other (23.040 §9.2.3.24.1).
///
/// A header is nearer to the handset than a parameter: of the two, it counts.
fn part(esm_class: EsmClass, body: &[u8], tlvs: &Tlvs<&[u8]>) -> Option<Part> {
    let in_header = || {
        let (header, _) = udh::split_off(body).ok()?;
        let said = header.concatenation()?;
        Some((if said.wide { PartForm::Udh16 } else { PartForm::Udh8 }, said))
    };
    let (form, said) = esm_class
        .has_udh()
        .then(in_header)
        .flatten()
        .or_else(|| if tlvs.is_empty() { None } else { sar(tlvs).map(|said| (PartForm::Sar, said)) })?;
    let Concatenation { reference, total, part: number, .. } = said;
    (total > 1).then_some(Part { form, reference, total, number })
}

/// What the `sar_…` parameters say (§5.3.2.22–24): all three of them, each of its own length.
fn sar(tlvs: &Tlvs<&[u8]>) -> Option<Concatenation> {
    let octet = |tag| u8::try_from(tlvs.integer(tag)?).ok();
    let reference = u16::try_from(tlvs.integer(Tag::SAR_MSG_REF_NUM)?).ok()?;
    Concatenation::new(reference, true, octet(Tag::SAR_TOTAL_SEGMENTS)?, octet(Tag::SAR_SEGMENT_SEQNUM)?)
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

#[cfg(test)]
mod tests;
