//! A receipt from the moment its message is taken until the peer has acknowledged it; and a message from a phone, which
//! goes the same way.

use bytes::BytesMut;

use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::lab::smsc::settings::{IdForm, ReceiptForm};
use crate::smpp::field::{Address, COctets};
use crate::smpp::pdu::{Body, DataSm, DeliverSm, SubmitSm};
use crate::smpp::receipt::{NewReceipt, ReceiptTemplate};
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{DataCoding, EsmClass, MessageState, Npi, Ton};

/// A receipt that waits: for its time, for a bind, for its acknowledgement. Everything inline: a million of them are
/// a million of these and nothing more.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// Our id of the message; of one from a phone, its number.
    pub(super) id: u64,
    /// When the message was submitted.
    pub(super) submitted: Timestamp,
    /// Who sent the message.
    pub(super) source: Party,
    /// Who was to get it.
    pub(super) destination: Party,
    /// The beginning of its text, if a receipt can say it.
    pub(super) text: Octets<20>,
    /// What became of it.
    pub(super) state: MessageState,
    /// Which system id it is for, by its place in the settings.
    pub(super) account: u16,
    pub(super) kind: Kind,
    /// Whether it is sent as `data_sm`.
    pub(super) as_data_sm: bool,
}

/// What is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// How a message ended.
    Final,
    /// That it is under way.
    Intermediate,
    /// No receipt: a message from a phone.
    Originated,
}

/// `esm_class` of an intermediate notification (§5.2.12).
const INTERMEDIATE: EsmClass = EsmClass(0x20);

/// What numbers of phones begin with; the rest is the message's number.
const PHONES: u64 = 447_700_000_000;
/// How many phones there are.
const PHONES_COUNT: u64 = 100_000_000;

const _: () = assert!(size_of::<Waiting>() <= 96, "a million receipts that wait are to fit into 100 MB");

/// An address.
#[derive(Clone, Debug)]
pub(super) struct Party {
    ton: Ton,
    npi: Npi,
    addr: Octets<20>,
}

impl Party {
    /// `None` for an address longer than the specification's.
    fn of(address: &Address<&[u8]>) -> Option<Self> {
        let addr = Octets::new(address.addr.0).ok()?;
        Some(Self { ton: address.ton, npi: address.npi, addr })
    }

    fn address(&self) -> Address<&[u8]> {
        Address { ton: self.ton, npi: self.npi, addr: self.addr.as_slice().into() }
    }
}

impl Waiting {
    /// The receipt of `message`; `None` when its addresses are longer than a receipt's may be.
    pub(super) fn of(
        message: &SubmitSm<&[u8]>,
        id: u64,
        state: MessageState,
        account: u16,
        submitted: Timestamp,
    ) -> Option<Self> {
        let text = readable_start(message);
        Some(Self {
            id,
            submitted,
            source: Party::of(&message.source)?,
            destination: Party::of(&message.destination)?,
            text: Octets::new(text).unwrap_or_default(),
            state,
            account,
            kind: Kind::Final,
            as_data_sm: false,
        })
    }

    /// The `number`-th message from a phone; its text is a token that no other has. `None` when `to` is no address.
    pub(super) fn originated(number: u64, seed: u64, to: &str, account: u16, at: Timestamp) -> Option<Self> {
        let number_token = format!("mo-{:08x}-{:08}", seed & 0xFFFF_FFFF, number % 100_000_000);
        let phone = (PHONES + number % PHONES_COUNT).to_string();
        let party = |digits: &[u8]| {
            let addr = Octets::new(digits).ok()?;
            Some(Party { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr })
        };
        Some(Self {
            id: number,
            submitted: at,
            // As of a message to the phone: it is turned round when it is sent.
            source: party(to.as_bytes())?,
            destination: party(phone.as_bytes())?,
            text: Octets::new(number_token.as_bytes()).unwrap_or_default(),
            state: MessageState::DELIVERED,
            account,
            kind: Kind::Originated,
            as_data_sm: false,
        })
    }

    /// What is written down of a message from a phone: its token, and whom it is for.
    pub(super) fn noted(&self) -> (&[u8], &[u8]) {
        (self.text.as_slice(), self.source.addr.as_slice())
    }
}

/// The first octets of the text, where they are characters in the default alphabet of the receipt, too.
fn readable_start<'a>(message: &SubmitSm<&'a [u8]>) -> &'a [u8] {
    let octets = message.short_message.octets;
    let is_text = matches!(message.data_coding, DataCoding::DEFAULT | DataCoding::IA5);
    if !is_text || message.esm_class.has_udh() {
        return &[];
    }
    octets.get(..20).unwrap_or(octets)
}

/// Writes receipts; keeps the room that it writes them in.
#[derive(Debug)]
pub(super) struct Writer {
    ids: IdForm,
    form: ReceiptForm,
    text: BytesMut,
    tlvs: BytesMut,
}

impl Writer {
    pub(super) fn new(ids: IdForm, form: ReceiptForm) -> Self {
        Self { ids, form, text: BytesMut::new(), tlvs: BytesMut::new() }
    }

    /// The `deliver_sm` or `data_sm` of what is sent at `now`.
    pub(super) fn write<'a>(&'a mut self, receipt: &'a Waiting, now: Timestamp) -> Body<&'a [u8]> {
        self.text.clear();
        self.tlvs.clear();
        let esm_class = match receipt.kind {
            Kind::Originated => {
                self.text.extend_from_slice(receipt.text.as_slice());
                EsmClass::default()
            }
            Kind::Final => {
                self.say(receipt, now);
                EsmClass::RECEIPT
            }
            // Carriers say either of them about what is under way.
            Kind::Intermediate => {
                self.say(receipt, now);
                if receipt.id.is_multiple_of(2) { EsmClass::RECEIPT } else { INTERMEDIATE }
            }
        };
        // The message's recipient reports, so to speak, to its sender.
        let (source, destination) = (receipt.destination.address(), receipt.source.address());
        if receipt.as_data_sm {
            let _fits = tlv::put(&mut self.tlvs, Tag::MESSAGE_PAYLOAD, &self.text);
            return Body::DataSm(DataSm {
                source: widened(source),
                destination: widened(destination),
                esm_class,
                tlvs: Tlvs::new(&self.tlvs),
                ..DataSm::default()
            });
        }
        Body::DeliverSm(DeliverSm {
            source,
            destination,
            esm_class,
            short_message: (&self.text[..]).into(),
            tlvs: Tlvs::new(&self.tlvs),
            ..DeliverSm::default()
        })
    }

    /// Says what became of a message.
    fn say(&mut self, receipt: &Waiting, now: Timestamp) {
        let id = self.ids.write(receipt.id);
        let delivered = receipt.state == MessageState::DELIVERED;
        let said = NewReceipt {
            id: id.as_slice(),
            sub: 1,
            dlvrd: u16::from(delivered),
            submitted: receipt.submitted,
            done: now,
            stat: receipt.state.word().unwrap_or("UNKNOWN").as_bytes(),
            err: error_of(receipt.state),
            text: receipt.text.as_slice(),
        };
        if self.form != ReceiptForm::Tlvs {
            ReceiptTemplate::default().write(&said, &mut self.text);
        }
        if self.form != ReceiptForm::Text {
            let mut with_nul = [0; 37];
            if let Some((octets, _nul)) = with_nul.split_at_mut_checked(id.len()) {
                octets.copy_from_slice(id.as_slice());
            }
            let with_nul = with_nul.get(..=id.len()).unwrap_or_default();
            let _fits = tlv::put(&mut self.tlvs, Tag::RECEIPTED_MESSAGE_ID, with_nul);
            let _fits = tlv::put(&mut self.tlvs, Tag::MESSAGE_STATE, &[receipt.state.0]);
        }
    }
}

/// The same address where longer ones are allowed.
const fn widened(address: Address<&[u8]>) -> Address<&[u8], 65> {
    Address { ton: address.ton, npi: address.npi, addr: COctets(address.addr.0) }
}

/// A network's error for each state, as carriers' tables have them.
const fn error_of(state: MessageState) -> &'static [u8] {
    match state {
        MessageState::DELIVERED | MessageState::ENROUTE | MessageState::ACCEPTED => b"0",
        MessageState::EXPIRED => b"27",
        MessageState::REJECTED => b"69",
        MessageState::UNDELIVERABLE => b"1",
        _ => b"99",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::receipt::{Receipt, ReceiptTlvs, Stat};
    use crate::smpp::values::RegisteredDelivery;

    #[test]
    fn a_receipt_names_its_message_in_text_and_tlv() {
        let message = SubmitSm::<&[u8]> {
            source: Address { addr: (&b"Shop"[..]).into(), ..Address::default() },
            destination: Address { addr: (&b"447700900121"[..]).into(), ..Address::default() },
            registered_delivery: RegisteredDelivery::FINAL,
            short_message: (&b"Hello, this is longer than twenty"[..]).into(),
            ..SubmitSm::default()
        };
        let at = Timestamp::from_millis(1_738_367_940_000);
        let waiting = Waiting::of(&message, 0xABC, MessageState::UNDELIVERABLE, 0, at).unwrap();
        let mut writer = Writer::new(IdForm::Hex, ReceiptForm::Both);
        let Body::DeliverSm(body) = writer.write(&waiting, at) else { panic!("a deliver_sm") };
        assert_eq!(body.source.addr.0, b"447700900121");
        assert_eq!(body.destination.addr.0, b"Shop");
        assert_eq!(body.esm_class, EsmClass::RECEIPT);
        assert_eq!(body.tlvs.receipted_message_id(), Some(&b"abc"[..]));
        let receipt = Receipt::parse(body.short_message.octets, ReceiptTlvs::default());
        assert_eq!(receipt.id().unwrap().value, b"abc");
        assert_eq!(receipt.state().unwrap().value, Stat::State(MessageState::UNDELIVERABLE));
        assert_eq!(receipt.fields.text, Some(&b"Hello, this is longe"[..]));
    }

    #[test]
    fn a_receipt_of_parameters_alone_has_no_text_and_one_in_data_sm_has_its_text_as_payload() {
        let message = SubmitSm::<&[u8]> {
            destination: Address { addr: (&b"447700900121"[..]).into(), ..Address::default() },
            ..SubmitSm::default()
        };
        let at = Timestamp::default();
        let mut waiting = Waiting::of(&message, 7, MessageState::DELIVERED, 0, at).unwrap();
        let mut writer = Writer::new(IdForm::Decimal, ReceiptForm::Tlvs);
        let Body::DeliverSm(body) = writer.write(&waiting, at) else { panic!("a deliver_sm") };
        assert!(body.short_message.octets.is_empty());
        assert_eq!(body.tlvs.receipted_message_id(), Some(&b"7"[..]));
        waiting.as_data_sm = true;
        let mut writer = Writer::new(IdForm::Decimal, ReceiptForm::Text);
        let Body::DataSm(body) = writer.write(&waiting, at) else { panic!("a data_sm") };
        assert!(body.tlvs.message_payload().unwrap().starts_with(b"id:7 sub:001"));
        assert_eq!(body.tlvs.receipted_message_id(), None);
    }

    #[test]
    fn a_message_from_a_phone_is_no_receipt() {
        let waiting = Waiting::originated(5, 0xAB, "4470", 0, Timestamp::default()).unwrap();
        let mut writer = Writer::new(IdForm::Decimal, ReceiptForm::Both);
        let Body::DeliverSm(body) = writer.write(&waiting, Timestamp::default()) else {
            panic!("a deliver_sm")
        };
        assert!(!body.esm_class.is_receipt() && body.tlvs.is_empty());
        assert_eq!(body.short_message.octets, b"mo-000000ab-00000005");
        assert_eq!(body.destination.addr.0, b"4470");
    }
}
