//! What does a carrier's message for one of our accounts say?

use bytes::{Bytes, BytesMut};

use crate::base::ids::AccountId;
use crate::base::octets::Octets;
use crate::message::submission::TLVS_LEN_MAX;
use crate::message::{Address, Content, Label, Refusal, Submission, Wishes};
use crate::smpp::field::{self, SHORT_MESSAGE_MAX};
use crate::smpp::pdu::{Body, DataSm, DeliverSm, Frame};
use crate::smpp::tlv::{self, Tag, Tlvs};

/// Stands for the account until the flow has found it by the number and the text.
const NOT_FOUND_YET: AccountId = AccountId(u32::MAX);

/// The message in a `deliver_sm` or `data_sm` that is no receipt.
///
/// # Errors
/// Why it cannot be one message of ours; any other command is [`Refusal::NotOffered`].
pub(super) fn submission(frame: &Frame) -> Result<Submission, Refusal> {
    match frame.body() {
        Body::DeliverSm(body) => from_deliver_sm(frame, &body),
        Body::DataSm(body) => from_data_sm(frame, &body),
        _ => Err(Refusal::NotOffered),
    }
}

fn from_deliver_sm(frame: &Frame, body: &DeliverSm<&[u8]>) -> Result<Submission, Refusal> {
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
        account: NOT_FOUND_YET,
        source: address(&body.source).ok_or(Refusal::SourceAddress)?,
        destination: recipient(&body.destination)?,
        registered_delivery: body.registered_delivery.0,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content {
            service_type: service_type(body.service_type.as_bytes())?,
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

fn from_data_sm(frame: &Frame, body: &DataSm<&[u8]>) -> Result<Submission, Refusal> {
    Ok(Submission {
        account: NOT_FOUND_YET,
        source: address(&body.source).ok_or(Refusal::SourceAddress)?,
        destination: recipient(&body.destination)?,
        registered_delivery: body.registered_delivery.0,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content {
            service_type: service_type(body.service_type.as_bytes())?,
            esm_class: body.esm_class.0,
            data_coding: body.data_coding.0,
            in_payload: true,
            body: frame.share(body.tlvs.message_payload().unwrap_or_default()),
            tlvs: other_tlvs(frame, &body.tlvs)?,
            ..Content::default()
        },
    })
}

/// The address as it came, when it is not longer than SMPP's addresses are.
pub(super) fn address<const MAX: usize>(wire: &field::Address<&[u8], MAX>) -> Option<Address> {
    Address::new(wire.ton.0, wire.npi.0, wire.addr.as_bytes()).ok()
}

/// Without a number there is nobody whom the message could be for.
fn recipient<const MAX: usize>(wire: &field::Address<&[u8], MAX>) -> Result<Address, Refusal> {
    address(wire).filter(|address| !address.digits.is_empty()).ok_or(Refusal::DestinationAddress)
}

fn service_type(octets: &[u8]) -> Result<Octets<5>, Refusal> {
    Octets::new(octets).map_err(|_| Refusal::ServiceType)
}

/// The parameters that travel to the customer beside the body, as they came.
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
mod tests {
    use super::*;
    use crate::smpp::Limits;
    use crate::smpp::field::COctets;
    use crate::smpp::pdu::Pdu;
    use crate::smpp::status::CommandStatus;
    use crate::smpp::values::{DataCoding, EsmClass, Npi, RegisteredDelivery, Ton};

    fn frame(body: Body<&[u8]>) -> Frame {
        let mut octets = BytesMut::new();
        let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body };
        pdu.encode(Limits::Lenient, &mut octets).unwrap();
        Frame::decode(octets.freeze()).unwrap()
    }

    fn wire<const MAX: usize>(ton: Ton, digits: &[u8]) -> field::Address<&[u8], MAX> {
        field::Address { ton, npi: Npi::ISDN, addr: COctets(digits) }
    }

    fn deliver_sm<'a>(text: &'a [u8], tlvs: &'a [u8]) -> DeliverSm<&'a [u8]> {
        DeliverSm {
            service_type: COctets(b"CMT"),
            source: wire(Ton::INTERNATIONAL, b"447700900121"),
            destination: wire(Ton::NATIONAL, b"60300"),
            esm_class: EsmClass::UDHI,
            protocol_id: 7,
            priority_flag: 1,
            registered_delivery: RegisteredDelivery(0x0C),
            data_coding: DataCoding(8),
            short_message: text.into(),
            tlvs: Tlvs::new(tlvs),
            ..DeliverSm::default()
        }
    }

    fn tlvs(pairs: &[(Tag, &[u8])]) -> BytesMut {
        let mut block = BytesMut::new();
        for (tag, value) in pairs {
            assert!(tlv::put(&mut block, *tag, value));
        }
        block
    }

    #[test]
    fn a_message_from_a_handset_is_taken_as_it_came() {
        let kept = tlvs(&[(Tag::USER_MESSAGE_REFERENCE, &[0, 9])]);
        let said = submission(&frame(Body::DeliverSm(deliver_sm(b"STOP", &kept)))).unwrap();
        assert_eq!(said.account, NOT_FOUND_YET);
        assert_eq!(said.source, Address::new(1, 1, b"447700900121").unwrap());
        assert_eq!(said.destination, Address::new(2, 1, b"60300").unwrap());
        assert_eq!((said.registered_delivery, said.wishes, said.part), (0x0C, Wishes::default(), None));
        let content = &said.content;
        assert_eq!((content.service_type.as_slice(), content.esm_class), (&b"CMT"[..], 0x40));
        assert_eq!((content.protocol_id, content.priority_flag, content.data_coding), (7, 1, 8));
        assert_eq!(
            (content.in_payload, &content.body[..], &content.tlvs[..]),
            (false, &b"STOP"[..], &kept[..])
        );
    }

    #[test]
    fn quirk_39_a_body_in_message_payload_is_the_body_and_no_parameter_any_more() {
        let long = [b'x'; 3000];
        let block = tlvs(&[
            (Tag::SOURCE_PORT, &[0, 1]),
            (Tag::MESSAGE_PAYLOAD, &long),
            (Tag::DESTINATION_PORT, &[0, 2]),
        ]);
        let others = tlvs(&[(Tag::SOURCE_PORT, &[0, 1]), (Tag::DESTINATION_PORT, &[0, 2])]);
        let delivered = frame(Body::DeliverSm(deliver_sm(b"", &block)));
        let data = frame(Body::DataSm(DataSm {
            source: wire(Ton::INTERNATIONAL, b"447700900121"),
            destination: wire(Ton::NATIONAL, b"60300"),
            tlvs: Tlvs::new(&block),
            ..DataSm::default()
        }));
        for frame in [delivered, data] {
            let content = submission(&frame).unwrap().content;
            assert_eq!(
                (content.in_payload, &content.body[..], &content.tlvs[..]),
                (true, &long[..], &others[..])
            );
        }
    }

    #[test]
    fn what_cannot_be_one_message_of_ours_is_refused() {
        let of = |body: DeliverSm<&[u8]>| submission(&frame(Body::DeliverSm(body))).map(|_| ());
        let nobody = DeliverSm { destination: wire(Ton::NATIONAL, b""), ..deliver_sm(b"x", b"") };
        assert_eq!(of(nobody), Err(Refusal::DestinationAddress));
        let to_long = DeliverSm { destination: wire(Ton::NATIONAL, &[b'1'; 21]), ..deliver_sm(b"x", b"") };
        assert_eq!(of(to_long), Err(Refusal::DestinationAddress));
        let from_long = DeliverSm { source: wire(Ton::NATIONAL, &[b'1'; 21]), ..deliver_sm(b"x", b"") };
        assert_eq!(of(from_long), Err(Refusal::SourceAddress));
        let service = DeliverSm { service_type: COctets(b"SIXSIX".as_slice()), ..deliver_sm(b"x", b"") };
        assert_eq!(of(service), Err(Refusal::ServiceType));
        assert_eq!(of(deliver_sm(&[b'x'; 255], b"")), Err(Refusal::MessageLength));
        let payload = tlvs(&[(Tag::MESSAGE_PAYLOAD, b"y")]);
        assert_eq!(of(deliver_sm(b"x", &payload)), Err(Refusal::OptionalParameters));
        // A parameter's header is four octets.
        let most = tlvs(&[(Tag(0x1400), &[0; TLVS_LEN_MAX - 4])]);
        assert_eq!(of(deliver_sm(b"x", &most)), Ok(()));
        let more = tlvs(&[(Tag(0x1400), &[0; TLVS_LEN_MAX - 3])]);
        assert_eq!(of(deliver_sm(b"x", &more)), Err(Refusal::OptionalParameters));
        assert_eq!(submission(&frame(Body::EnquireLink)).map(|_| ()), Err(Refusal::NotOffered));
    }

    #[test]
    fn quirk_47_57_what_declares_more_than_there_is_is_refused() {
        let whole = {
            let mut octets = BytesMut::new();
            let body = Body::DeliverSm(deliver_sm(b"hello", b""));
            let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body };
            pdu.encode(Limits::Strict, &mut octets).unwrap();
            octets
        };
        let relaid = |octets: &[u8]| {
            let mut octets = BytesMut::from(octets);
            let length = u32::try_from(octets.len()).unwrap();
            octets[..4].copy_from_slice(&length.to_be_bytes());
            submission(&Frame::decode(octets.freeze()).unwrap()).map(|_| ())
        };
        assert_eq!(relaid(&whole), Ok(()));
        assert_eq!(relaid(&whole[..whole.len() - 1]), Err(Refusal::MessageLength));
        let cut = [&whole[..], &[0x02, 0x04, 0, 2, 9]].concat();
        assert_eq!(relaid(&cut), Err(Refusal::OptionalParameters));
    }
}
