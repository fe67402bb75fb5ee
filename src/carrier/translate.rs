//! How does a message become a PDU, and a PDU a receipt?

use crate::base::ids::CarrierId;
use crate::base::octets::Octets;
use crate::message::receipt::CODE_LEN_MAX;
use crate::message::{Address, CarrierMessageId, Content, Receipt, ReceiptState};
use crate::smpp::field::{self, COctets};
use crate::smpp::pdu::{Body, SubmitSm};
use crate::smpp::receipt::{self, ReceiptTlvs, Stat, looks_like_receipt};
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{DataCoding, EsmClass, MessageState, Npi, RegisteredDelivery, Ton};
use bytes::BytesMut;

/// Room in which messages are written one after the other.
#[derive(Debug, Default)]
pub(super) struct MessageWriter {
    tlvs: BytesMut,
}

impl MessageWriter {
    /// The `submit_sm` for a message. A final receipt is always asked for: without it there is nothing to count.
    pub(super) fn submit_sm<'a>(
        &'a mut self,
        source: &'a Address,
        destination: &'a Address,
        content: &'a Content,
    ) -> Body<&'a [u8]> {
        let short = if content.in_payload { &[][..] } else { &content.body };
        let tlvs = if content.in_payload {
            self.tlvs.clear();
            self.tlvs.extend_from_slice(&content.tlvs);
            let fits = tlv::put(&mut self.tlvs, Tag::MESSAGE_PAYLOAD, &content.body);
            debug_assert!(fits, "it came in a parameter");
            self.tlvs.as_ref()
        } else {
            &content.tlvs
        };
        Body::SubmitSm(SubmitSm {
            service_type: COctets(content.service_type.as_slice()),
            source: wire_address(source),
            destination: wire_address(destination),
            esm_class: EsmClass(content.esm_class),
            protocol_id: content.protocol_id,
            priority_flag: content.priority_flag,
            schedule_delivery_time: COctets(b""),
            validity_period: COctets(content.validity_period.as_slice()),
            registered_delivery: RegisteredDelivery::FINAL,
            replace_if_present_flag: 0,
            data_coding: DataCoding(content.data_coding),
            sm_default_msg_id: 0,
            short_message: short.into(),
            tlvs: Tlvs::new(tlvs),
        })
    }
}

/// The receipt in a `deliver_sm` or `data_sm`, when it is one: by its type, by a receipt's parameters, or, because not
/// every carrier sets those, by what its text surely says (quirks 39, 41, 42, 44).
pub(super) fn receipt(carrier: CarrierId, body: &Body<&[u8]>) -> Option<Receipt> {
    match body {
        Body::DeliverSm(body) => {
            let text = body.tlvs.message_payload().unwrap_or_else(|| body.short_message.as_bytes());
            parse(carrier, body.esm_class, text, &body.tlvs)
        }
        Body::DataSm(body) => {
            let text = body.tlvs.message_payload().unwrap_or_default();
            parse(carrier, body.esm_class, text, &body.tlvs)
        }
        _ => None,
    }
}

fn parse(carrier: CarrierId, esm_class: EsmClass, text: &[u8], tlvs: &Tlvs<&[u8]>) -> Option<Receipt> {
    let receipted_message_id = tlvs.receipted_message_id();
    let told = esm_class.is_receipt() || receipted_message_id.is_some();
    if !told && !looks_like_receipt(text) {
        return None;
    }
    let network_error_code = tlvs.get(Tag::NETWORK_ERROR_CODE).map(|tlv| tlv.value);
    let message_state = tlvs.message_state().map(|state| state.0);
    let said = receipt::Receipt::parse(
        text,
        ReceiptTlvs { receipted_message_id, message_state, network_error_code },
    );
    Some(Receipt {
        carrier,
        id: CarrierMessageId::new(said.id().map_or(&[], |id| id.value)),
        state: state(&said),
        err: code(said.fields.err),
        network_error_code: said
            .network_error()
            .and(network_error_code)
            .and_then(|code| code.try_into().ok()),
        recipient: Address::default(),
        sender: Address::default(),
    })
}

/// The parameter says the state, unless it says only that nobody knows and the word knows better (quirk 42).
fn state(said: &receipt::Receipt<'_>) -> ReceiptState {
    let number = |stat: Stat<'_>| match stat {
        Stat::State(state) => Some(state),
        Stat::Other(_) => None,
    };
    let by_word = said.fields.stat.map(Stat::of_word).and_then(number);
    let said_state = said.state().and_then(|state| number(state.value));
    let known = said_state.filter(|state| state.name().is_some() && *state != MessageState::UNKNOWN);
    let state = known.or(by_word).or(said_state);
    ReceiptState { message_state: state.map(|state| state.0), stat: code(said.fields.stat) }
}

/// A code as it came. One that is longer than any code seen is cut: it only has to be told apart and shown.
fn code(octets: Option<&[u8]>) -> Octets<CODE_LEN_MAX> {
    let octets = octets.unwrap_or_default();
    Octets::new(octets.get(..CODE_LEN_MAX).unwrap_or(octets)).unwrap_or_default()
}

fn wire_address(address: &Address) -> field::Address<&[u8]> {
    field::Address { ton: Ton(address.ton), npi: Npi(address.npi), addr: COctets(address.as_slice()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::pdu::DeliverSm;

    fn deliver_sm<'a>(esm_class: u8, text: &'a [u8], tlvs: &'a [u8]) -> Body<&'a [u8]> {
        Body::DeliverSm(DeliverSm {
            esm_class: EsmClass(esm_class),
            short_message: text.into(),
            tlvs: Tlvs::new(tlvs),
            ..DeliverSm::default()
        })
    }

    const TEXT: &[u8] =
        b"id:4711 sub:001 dlvrd:001 submit date:2501010000 done date:2501010001 stat:DELIVRD err:000 text:";

    #[test]
    fn quirk_41_a_receipt_is_known_by_its_type_its_parameters_or_its_text() {
        for esm_class in [0x04, 0x44, 0x07, 0x20, 0x00] {
            let receipt = receipt(CarrierId(1), &deliver_sm(esm_class, TEXT, b"")).expect("a receipt");
            assert_eq!(receipt.id.as_slice(), b"4711");
            assert_eq!(receipt.state.message_state, Some(2));
        }
        assert_eq!(receipt(CarrierId(1), &deliver_sm(0, b"STOP", b"")), None);
        assert_eq!(receipt(CarrierId(1), &deliver_sm(0, b"my id:7 stat:fine", b"")), None);
    }

    #[test]
    fn quirk_42_a_receipt_may_be_in_its_parameters_only() {
        let mut tlvs = BytesMut::new();
        assert!(tlv::put(&mut tlvs, Tag::RECEIPTED_MESSAGE_ID, b"ab-1\0"));
        assert!(tlv::put(&mut tlvs, Tag::MESSAGE_STATE, &[5]));
        assert!(tlv::put(&mut tlvs, Tag::NETWORK_ERROR_CODE, &[3, 0, 27]));
        let receipt = receipt(CarrierId(1), &deliver_sm(0, b"", &tlvs)).expect("a receipt");
        assert_eq!(receipt.id.as_slice(), b"ab-1");
        assert_eq!(receipt.state.message_state, Some(5));
        assert_eq!(receipt.network_error_code, Some([3, 0, 27]));
    }

    #[test]
    fn the_word_fills_in_where_the_parameter_knows_nothing() {
        let state = |number: u8, word: &str| {
            let mut tlvs = BytesMut::new();
            assert!(tlv::put(&mut tlvs, Tag::MESSAGE_STATE, &[number]));
            let text = format!("id:1 stat:{word} err:000");
            receipt(CarrierId(1), &deliver_sm(4, text.as_bytes(), &tlvs))
                .expect("a receipt")
                .state
                .message_state
        };
        assert_eq!(state(2, "UNDELIV"), Some(2));
        assert_eq!(state(7, "DELIVRD"), Some(2));
        assert_eq!(state(7, "MK:0013"), Some(7));
        assert_eq!(state(99, "UNDELIV"), Some(5));
        let unknown =
            receipt(CarrierId(1), &deliver_sm(4, b"id:1 stat:MK:0013 err:13", b"")).expect("a receipt");
        assert_eq!(unknown.state.message_state, None);
        assert_eq!(unknown.state.stat.as_slice(), b"MK:0013");
    }
}
