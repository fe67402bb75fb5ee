//! What do `query_sm`, `cancel_sm` and `replace_sm` want of an earlier message?

use bytes::BytesMut;

use super::response::WrittenId;
use super::submission::{service_type, short_message, times};
use super::{recipient, sender};
use crate::base::ids::MessageId;
use crate::engine::door::Manage;
use crate::message::Refusal;
use crate::smpp::Limits;
use crate::smpp::field::COctets;
use crate::smpp::pdu::{Body, CancelSm, Frame, Pdu, ReplaceSm};
use crate::smpp::tlv::Tlvs;

/// What a `query_sm`, `cancel_sm` or `replace_sm` asks.
///
/// # Errors
/// Why nothing of ours can be meant; any other command is [`Refusal::NotOffered`].
pub(in crate::customer) fn manage(frame: &Frame) -> Result<Manage, Refusal> {
    match frame.body() {
        Body::QuerySm(body) => {
            Ok(Manage::Query { message: message_id(body.message_id)?, source: sender(&body.source)? })
        }
        Body::CancelSm(body) => cancel(&body),
        Body::ReplaceSm(body) => replace(frame, &body),
        _ => Err(Refusal::NotOffered),
    }
}

/// §4.9.1: with an id that message; without, all that wait from here to there.
fn cancel(body: &CancelSm<&[u8]>) -> Result<Manage, Refusal> {
    let source = sender(&body.source)?;
    if !body.message_id.is_empty() {
        return Ok(Manage::Cancel { message: message_id(body.message_id)?, source });
    }
    let destination = recipient(&body.destination)?;
    Ok(Manage::CancelAll { source, destination, service_type: service_type(body.service_type)? })
}

fn replace(frame: &Frame, body: &ReplaceSm<&[u8]>) -> Result<Manage, Refusal> {
    if has_parameters(frame) {
        return Err(Refusal::OptionalParameters);
    }
    Ok(Manage::Replace {
        message: message_id(body.message_id)?,
        source: sender(&body.source)?,
        wishes: times(body.schedule_delivery_time, body.validity_period)?,
        registered_delivery: body.registered_delivery.0,
        body: frame.share(short_message(&body.short_message)?),
    })
}

/// Whether a `replace_sm` is followed by parameters, which it does not have before SMPP 5.0: with the new text in
/// `message_payload` it would replace the old one by nothing.
fn has_parameters(frame: &Frame) -> bool {
    let mut known = BytesMut::new();
    let pdu = Pdu { status: frame.status(), sequence: frame.sequence(), body: frame.body() };
    if pdu.encode(Limits::Lenient, &mut known).is_err() {
        return false;
    }
    let rest = Tlvs::new(frame.octets().get(known.len()..).unwrap_or_default());
    // Up to three octets more are a peer's habit (quirk 48).
    !rest.is_empty() || rest.is_truncated()
}

/// An id as we write it, and in no other way: a number that means the same to us is not what we gave.
fn message_id(field: COctets<&[u8], 65>) -> Result<MessageId, Refusal> {
    WrittenId::read(field.0).ok_or(Refusal::UnknownMessage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::octets::Octets;
    use crate::base::time::Timestamp;
    use crate::customer::translate::tests::{THEM, US, address, frame};
    use crate::message::{When, Wishes};
    use crate::smpp::field;
    use crate::smpp::pdu::QuerySm;
    use crate::smpp::values::RegisteredDelivery;

    fn asked(body: Body<&[u8]>) -> Result<Manage, Refusal> {
        manage(&frame(body))
    }

    fn query(id: &[u8]) -> Result<Manage, Refusal> {
        asked(Body::QuerySm(QuerySm { message_id: COctets(id), source: US }))
    }

    fn id(value: u64) -> MessageId {
        MessageId::from_u64(value).unwrap()
    }

    #[test]
    fn an_id_is_read_as_we_write_it_and_in_no_other_way() {
        let source = address(US);
        assert_eq!(query(b"1"), Ok(Manage::Query { message: id(1), source }));
        let most = id(i64::MAX as u64);
        assert_eq!(query(b"9223372036854775807"), Ok(Manage::Query { message: most, source }));
        for junk in [
            &b""[..],
            b"0",
            b"01",
            b"+1",
            b"-1",
            b" 1",
            b"1 ",
            b"0x1",
            b"1a",
            b"9223372036854775808",
            b"18446744073709551617",
            b"99999999999999999999",
            &[b'1'; 64],
            &[b'1'; 200],
            b"\xFF",
        ] {
            assert_eq!(query(junk), Err(Refusal::UnknownMessage), "{}", junk.escape_ascii());
        }
    }

    #[test]
    fn a_cancel_without_an_id_means_all_between_two_addresses() {
        let cancel = CancelSm {
            service_type: COctets(b"WAP".as_slice()),
            message_id: COctets(b"".as_slice()),
            source: US,
            destination: THEM,
        };
        let (source, destination) = (address(US), address(THEM));
        let service_type = Octets::new(b"WAP").unwrap();
        let all = Manage::CancelAll { source, destination, service_type };
        assert_eq!(asked(Body::CancelSm(cancel)), Ok(all));
        let one = CancelSm { message_id: COctets(b"77".as_slice()), ..cancel };
        assert_eq!(asked(Body::CancelSm(one)), Ok(Manage::Cancel { message: id(77), source }));
        let nobody = CancelSm { destination: field::Address::default(), ..cancel };
        assert_eq!(asked(Body::CancelSm(nobody)), Err(Refusal::DestinationAddress));
        let service = CancelSm { service_type: COctets(b"SEVENTH".as_slice()), ..cancel };
        assert_eq!(asked(Body::CancelSm(service)), Err(Refusal::ServiceType));
        let junk = CancelSm { message_id: COctets(b"77x".as_slice()), ..cancel };
        assert_eq!(asked(Body::CancelSm(junk)), Err(Refusal::UnknownMessage));
    }

    #[test]
    fn a_replacement_says_times_receipts_and_a_body() {
        let replace = ReplaceSm {
            message_id: COctets(b"77".as_slice()),
            source: US,
            schedule_delivery_time: COctets(b"180711040003000+".as_slice()),
            validity_period: COctets(b"000001000000000R".as_slice()),
            registered_delivery: RegisteredDelivery(2),
            sm_default_msg_id: 0,
            short_message: b"anew".as_slice().into(),
        };
        let wishes = Wishes {
            schedule: Some(When::At(Timestamp::from_millis(1_531_281_603_000))),
            validity: Some(When::In(std::time::Duration::from_secs(86_400))),
            replace: false,
        };
        let expected = Manage::Replace {
            message: id(77),
            source: address(US),
            wishes,
            registered_delivery: 2,
            body: b"anew".as_slice().into(),
        };
        assert_eq!(asked(Body::ReplaceSm(replace)), Ok(expected));
        let late = ReplaceSm { validity_period: COctets(b"181311040003000+".as_slice()), ..replace };
        assert_eq!(asked(Body::ReplaceSm(late)), Err(Refusal::ValidityPeriod));
        let never = ReplaceSm { schedule_delivery_time: COctets(b"0".as_slice()), ..replace };
        assert_eq!(asked(Body::ReplaceSm(never)), Err(Refusal::ScheduledDelivery));
        let long = ReplaceSm { short_message: [b'x'; 255].as_slice().into(), ..replace };
        assert_eq!(asked(Body::ReplaceSm(long)), Err(Refusal::MessageLength));
    }

    #[test]
    fn a_replacement_in_a_parameter_is_refused_and_not_taken_for_an_empty_text() {
        let replace = ReplaceSm { message_id: COctets(b"77".as_slice()), source: US, ..ReplaceSm::default() };
        let with = |octets: &[u8]| {
            let mut whole = frame(Body::ReplaceSm(replace)).octets().to_vec();
            whole.extend_from_slice(octets);
            let len = u32::try_from(whole.len()).unwrap();
            whole[..4].copy_from_slice(&len.to_be_bytes());
            manage(&Frame::decode(whole.into()).unwrap())
        };
        assert_eq!(with(b"\x04\x24\x00\x04anew"), Err(Refusal::OptionalParameters));
        assert_eq!(with(b"\x04\x24\x00\x09anew"), Err(Refusal::OptionalParameters));
        assert!(with(b"").is_ok());
        assert!(with(b"\0").is_ok(), "quirk 48");
    }
}
