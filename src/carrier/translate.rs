//! How does a message become a PDU, and a PDU a receipt?

use std::time::Duration;

use bytes::BytesMut;

use crate::base::ids::CarrierId;
use crate::base::octets::Octets;
use crate::carrier::incoming::address;
use crate::message::receipt::CODE_LEN_MAX;
use crate::message::{Address, CarrierMessageId, Content, Receipt, ReceiptState};
use crate::smpp::field::{self, COctets};
use crate::smpp::pdu::{Body, SubmitSm};
use crate::smpp::receipt::{self, ReceiptTlvs, Stat, looks_like_receipt};
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{DataCoding, EsmClass, MessageState, Npi, RegisteredDelivery, Ton};

/// The longest relative time that is written: days have two digits, and months and years have no one length.
const RELATIVE_TIME_MAX: Duration = Duration::from_secs(99 * DAY);

const DAY: u64 = 24 * 60 * 60;

/// Room in which messages are written one after the other.
#[derive(Debug, Default)]
pub(super) struct MessageWriter {
    tlvs: BytesMut,
    validity_period: Octets<16>,
}

impl MessageWriter {
    /// The `submit_sm` for a message that is valid for so long, or for as long as the carrier likes. A final receipt
    /// is always asked for: without it there is nothing to count.
    pub(super) fn submit_sm<'a>(
        &'a mut self,
        source: &'a Address,
        destination: &'a Address,
        content: &'a Content,
        valid_for: Option<Duration>,
    ) -> Body<&'a [u8]> {
        self.validity_period = valid_for.map(relative_time).unwrap_or_default();
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
            validity_period: COctets(self.validity_period.as_slice()),
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
            let receipt = parse(carrier, body.esm_class, text, &body.tlvs)?;
            Some(between(receipt, &body.source, &body.destination))
        }
        Body::DataSm(body) => {
            let text = body.tlvs.message_payload().unwrap_or_default();
            let receipt = parse(carrier, body.esm_class, text, &body.tlvs)?;
            Some(between(receipt, &body.source, &body.destination))
        }
        _ => None,
    }
}

/// The receipt with whom it is from and for. An address that none of our messages can have is none.
fn between<const MAX: usize>(
    receipt: Receipt,
    source: &field::Address<&[u8], MAX>,
    destination: &field::Address<&[u8], MAX>,
) -> Receipt {
    Receipt {
        recipient: address(source).unwrap_or_default(),
        sender: address(destination).unwrap_or_default(),
        ..receipt
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

/// `YYMMDDhhmmss000R`: a time from now (SMPP 3.4 §7.1.1.2), in days and less. Never nothing, which carriers read as
/// "as you like"; cut to [`RELATIVE_TIME_MAX`].
fn relative_time(time: Duration) -> Octets<16> {
    let seconds = time.min(RELATIVE_TIME_MAX).as_secs().max(1);
    let two = |value: u64| [b'0' + digit(value / 10), b'0' + digit(value)];
    let [days, hours] = [two(seconds / DAY), two(seconds / 3600 % 24)];
    let [minutes, seconds] = [two(seconds / 60 % 60), two(seconds % 60)];
    let written = [*b"00", *b"00", days, hours, minutes, seconds, *b"00", *b"0R"];
    Octets::new(written.as_flattened()).unwrap_or_default()
}

/// The last digit.
fn digit(value: u64) -> u8 {
    u8::try_from(value % 10).unwrap_or(0)
}

fn wire_address(address: &Address) -> field::Address<&[u8]> {
    field::Address { ton: Ton(address.ton), npi: Npi(address.npi), addr: COctets(address.as_slice()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::pdu::{DataSm, DeliverSm};

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

    #[test]
    fn a_validity_is_written_in_days_hours_minutes_and_seconds() {
        let written = |time| String::from_utf8(relative_time(time).as_slice().to_vec()).unwrap();
        let seconds = |seconds| written(Duration::from_secs(seconds));
        assert_eq!(seconds(1), "000000000001000R");
        assert_eq!(seconds(59), "000000000059000R");
        assert_eq!(seconds(60), "000000000100000R");
        assert_eq!(seconds(3 * DAY + 4 * 3600 + 5 * 60 + 6), "000003040506000R");
        assert_eq!(seconds(DAY - 1), "000000235959000R");
        assert_eq!(seconds(99 * DAY), "000099000000000R");
        assert_eq!(seconds(99 * DAY + 1), "000099000000000R");
        assert_eq!(written(Duration::MAX), "000099000000000R");
        assert_eq!(written(Duration::from_millis(61_999)), "000000000101000R");
        for almost_nothing in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(999)] {
            assert_eq!(written(almost_nothing), "000000000001000R");
        }
    }

    #[test]
    fn a_carrier_is_told_what_is_left_of_a_validity_that_was_given() {
        let (address, content) = (Address::default(), Content::default());
        let mut writer = MessageWriter::default();
        for (valid_for, written) in [
            (Some(Duration::from_secs(90)), &b"000000000130000R"[..]),
            (None, b""),
            (Some(Duration::MAX), b"000099000000000R"),
        ] {
            let Body::SubmitSm(body) = writer.submit_sm(&address, &address, &content, valid_for) else {
                panic!()
            };
            assert_eq!(body.validity_period.as_bytes(), written);
        }
    }

    fn wire<const MAX: usize>(digits: &[u8]) -> field::Address<&[u8], MAX> {
        field::Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(digits) }
    }

    #[test]
    fn a_receipt_says_whose_message_it_is_about() {
        let said = |source: &[u8], destination: &[u8]| {
            let delivered = receipt(
                CarrierId(1),
                &Body::DeliverSm(DeliverSm {
                    source: wire(source),
                    destination: wire(destination),
                    short_message: TEXT.into(),
                    ..DeliverSm::default()
                }),
            );
            let mut tlvs = BytesMut::new();
            assert!(tlv::put(&mut tlvs, Tag::MESSAGE_PAYLOAD, TEXT));
            let data = receipt(
                CarrierId(1),
                &Body::DataSm(DataSm {
                    source: wire(source),
                    destination: wire(destination),
                    tlvs: Tlvs::new(&tlvs),
                    ..DataSm::default()
                }),
            );
            assert_eq!(delivered, data);
            delivered.map(|receipt| (receipt.recipient, receipt.sender)).unwrap()
        };
        let number = Address::new(1, 1, b"447700900121").unwrap();
        let longest = Address::new(1, 1, &[b'7'; 20]).unwrap();
        assert_eq!(said(b"447700900121", &[b'7'; 20]), (number, longest));
        assert_eq!(said(&[b'7'; 21], b"447700900121"), (Address::default(), number));
        assert_eq!(said(b"447700900121", &[b'7'; 64]), (number, Address::default()));
    }

    #[test]
    fn a_receipt_of_nonsense_has_what_is_sure_and_nothing_else() {
        let in_payload = |text: &[u8]| {
            let mut tlvs = BytesMut::new();
            assert!(tlv::put(&mut tlvs, Tag::MESSAGE_PAYLOAD, text));
            receipt(CarrierId(1), &deliver_sm(4, b"", &tlvs)).expect("a receipt")
        };
        let noise: Vec<u8> = (0..65_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let filed = in_payload(&noise);
        assert_eq!((filed.state, filed.err), (ReceiptState::default(), Octets::EMPTY));
        let endless = [&b"id:7 stat:"[..], &[b'A'; 30_000], b" err:", &[b'9'; 30_000]].concat();
        let filed = in_payload(&endless);
        assert_eq!((filed.id.as_slice(), filed.state.message_state), (&b"7"[..], None));
        assert_eq!((filed.state.stat.len(), filed.err.len()), (CODE_LEN_MAX, CODE_LEN_MAX));
    }

    #[test]
    fn quirk_5_an_id_of_200_octets_is_kept_whole() {
        let id = [b'f'; 200];
        let text = [&b"id:"[..], &id, b" stat:DELIVRD err:000"].concat();
        let said = receipt(CarrierId(1), &deliver_sm(4, &text, b"")).expect("a receipt");
        assert_eq!(said.id.as_slice(), id);
    }

    #[test]
    fn dates_that_no_calendar_has_do_not_harm_the_rest_of_a_receipt() {
        for date in
            ["0001010000", "0000000000", "000000000000", "9913312561", "", "-1", "00000000000000000000"]
        {
            let text = format!(
                "id:4711 sub:001 dlvrd:001 submit date:{date} done date:{date} stat:UNDELIV err:027 text:"
            );
            for esm_class in [0, 4] {
                let said =
                    receipt(CarrierId(1), &deliver_sm(esm_class, text.as_bytes(), b"")).expect("a receipt");
                assert_eq!((said.id.as_slice(), said.state.message_state), (&b"4711"[..], Some(5)), "{date}");
                assert_eq!(said.err.as_slice(), b"027", "{date}");
            }
        }
    }
}
