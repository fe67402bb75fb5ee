//! A receipt from the moment its message is taken until the peer has acknowledged it.

use bytes::BytesMut;

use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::lab::smsc::settings::IdForm;
use crate::smpp::field::Address;
use crate::smpp::pdu::{Body, DeliverSm, SubmitSm};
use crate::smpp::receipt::{NewReceipt, ReceiptTemplate};
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{DataCoding, EsmClass, MessageState, Npi, Ton};

/// A receipt that waits: for its time, for a bind, for its acknowledgement. Everything inline: a million of them are
/// a million of these and nothing more.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// Our id of the message.
    pub(super) id: u64,
    /// When the message was submitted.
    submitted: Timestamp,
    /// Who sent the message.
    source: Party,
    /// Who was to get it.
    destination: Party,
    /// The beginning of its text, if a receipt can say it.
    text: Octets<20>,
    /// What became of it.
    pub(super) state: MessageState,
    /// Which system id it is for, by its place in the settings.
    pub(super) account: u16,
}

const _: () = assert!(size_of::<Waiting>() <= 96, "a million receipts that wait are to fit into 100 MB");

/// An address.
#[derive(Clone, Debug)]
struct Party {
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
        })
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
    with_tlvs: bool,
    text: BytesMut,
    tlvs: BytesMut,
}

impl Writer {
    pub(super) fn new(ids: IdForm, with_tlvs: bool) -> Self {
        Self { ids, with_tlvs, text: BytesMut::new(), tlvs: BytesMut::new() }
    }

    /// The `deliver_sm` of a receipt that is sent at `now`.
    pub(super) fn write<'a>(&'a mut self, receipt: &'a Waiting, now: Timestamp) -> Body<&'a [u8]> {
        let id = self.ids.write(receipt.id);
        let delivered = receipt.state == MessageState::DELIVERED;
        self.text.clear();
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
        ReceiptTemplate::default().write(&said, &mut self.text);
        self.tlvs.clear();
        if self.with_tlvs {
            let mut with_nul = [0; 21];
            if let Some((octets, _nul)) = with_nul.split_at_mut_checked(id.len()) {
                octets.copy_from_slice(id.as_slice());
            }
            let with_nul = with_nul.get(..=id.len()).unwrap_or_default();
            let _fits = tlv::put(&mut self.tlvs, Tag::RECEIPTED_MESSAGE_ID, with_nul);
            let _fits = tlv::put(&mut self.tlvs, Tag::MESSAGE_STATE, &[receipt.state.0]);
        }
        Body::DeliverSm(DeliverSm {
            // The message's recipient reports, so to speak, to its sender.
            source: receipt.destination.address(),
            destination: receipt.source.address(),
            esm_class: EsmClass::RECEIPT,
            short_message: (&self.text[..]).into(),
            tlvs: Tlvs::new(&self.tlvs),
            ..DeliverSm::default()
        })
    }
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
        let mut writer = Writer::new(IdForm::Hex, true);
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
}
