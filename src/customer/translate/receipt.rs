//! How is a customer told of a message's end, or handed a message?

use bytes::BytesMut;

use super::response::WrittenId;
use super::wire_address;
use crate::base::time::Timestamp;
use crate::customer::settings::ReceiptStyle;
use crate::engine::door::{News, Notice};
use crate::message::{Address, Content};
use crate::smpp::field::{COctets, SHORT_MESSAGE_MAX};
use crate::smpp::pdu::{Body, DataSm, DeliverSm};
use crate::smpp::receipt::NewReceipt;
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{DataCoding, EsmClass, InterfaceVersion, MessageState};

/// Room in which notices are written one after the other, in an account's style.
#[derive(Debug, Default)]
pub(in crate::customer) struct ReceiptWriter {
    style: ReceiptStyle,
    text: BytesMut,
    tlvs: BytesMut,
}

/// What a receipt says beside its message's id and addresses.
struct Said<'a> {
    esm_class: EsmClass,
    state: MessageState,
    at: Timestamp,
    /// How many parts it is about, and how many of them were delivered.
    parts: u8,
    delivered: u8,
    err: &'a [u8],
    network_error_code: Option<[u8; 3]>,
}

impl ReceiptWriter {
    pub(in crate::customer) fn new(style: ReceiptStyle) -> Self {
        Self { style, ..Self::default() }
    }

    /// The `deliver_sm` or `data_sm` that says it to a peer of this version. One below 3.4 knows no `data_sm` and no
    /// parameters: it gets `deliver_sm`, and the session leaves the parameters out.
    pub(in crate::customer) fn write<'a>(
        &'a mut self,
        notice: &'a Notice,
        version: InterfaceVersion,
    ) -> Body<&'a [u8]> {
        match &notice.news {
            News::Final { at, outcome, parts, delivered } => {
                let said = Said {
                    esm_class: EsmClass::RECEIPT,
                    state: MessageState(outcome.message_state),
                    at: *at,
                    parts: *parts,
                    delivered: *delivered,
                    err: outcome.err.as_slice(),
                    network_error_code: outcome.network_error_code,
                };
                self.receipt(notice, &said, version)
            }
            News::Intermediate { at, message_state } => {
                let said = Said {
                    esm_class: EsmClass::INTERMEDIATE,
                    state: MessageState(*message_state),
                    at: *at,
                    parts: 1,
                    delivered: 0,
                    err: b"",
                    network_error_code: None,
                };
                self.receipt(notice, &said, version)
            }
            News::Incoming { content } => self.message(notice, content, version),
        }
    }

    /// A text by the account's template, and the same as parameters. It comes from the message's recipient, as the
    /// answer to it would.
    fn receipt<'a>(
        &'a mut self,
        notice: &'a Notice,
        said: &Said<'_>,
        version: InterfaceVersion,
    ) -> Body<&'a [u8]> {
        let id = WrittenId::new(notice.shown);
        self.text.clear();
        self.tlvs.clear();
        let receipt = NewReceipt {
            id: id.as_slice(),
            sub: said.parts.into(),
            dlvrd: said.delivered.into(),
            submitted: notice.accepted_at,
            done: said.at,
            stat: said.state.word().unwrap_or("UNKNOWN").as_bytes(),
            err: if said.err.is_empty() { b"000" } else { said.err },
            // The body is not kept once the carrier has it.
            text: b"",
        };
        self.style.template.write(&receipt, &mut self.text);
        if self.style.tlvs {
            put_state(&mut self.tlvs, &id, said);
        }
        let (from, to) = (&notice.destination, &notice.source);
        if self.sends_data_sm(version) {
            put(&mut self.tlvs, Tag::MESSAGE_PAYLOAD, &self.text);
            return data_sm(from, to, said.esm_class, DataCoding::DEFAULT, b"", &self.tlvs);
        }
        Body::DeliverSm(DeliverSm {
            source: wire_address(from),
            destination: wire_address(to),
            esm_class: said.esm_class,
            short_message: self.text.as_ref().into(),
            tlvs: Tlvs::new(&self.tlvs),
            ..DeliverSm::default()
        })
    }

    /// A message from a handset as it came; never with the type of a receipt, which it is not.
    fn message<'a>(
        &'a mut self,
        notice: &'a Notice,
        content: &'a Content,
        version: InterfaceVersion,
    ) -> Body<&'a [u8]> {
        let class = EsmClass(content.esm_class);
        let esm_class = if class.is_receipt() { EsmClass(class.0 & !class.message_type()) } else { class };
        let data_coding = DataCoding(content.data_coding);
        let service_type = content.service_type.as_slice();
        let (from, to) = (&notice.source, &notice.destination);
        let data = self.sends_data_sm(version);
        // What fits is not lost on a peer without parameters; what does not is for the session to refuse.
        let in_payload =
            data || content.body.len() > SHORT_MESSAGE_MAX || (content.in_payload && version.takes_tlvs());
        self.tlvs.clear();
        let tlvs: &[u8] = if in_payload {
            self.tlvs.extend_from_slice(&content.tlvs);
            put(&mut self.tlvs, Tag::MESSAGE_PAYLOAD, &content.body);
            &self.tlvs
        } else {
            &content.tlvs
        };
        if data {
            return data_sm(from, to, esm_class, data_coding, service_type, tlvs);
        }
        let short: &[u8] = if in_payload { b"" } else { &content.body };
        Body::DeliverSm(DeliverSm {
            service_type: COctets(service_type),
            source: wire_address(from),
            destination: wire_address(to),
            esm_class,
            protocol_id: content.protocol_id,
            priority_flag: content.priority_flag,
            data_coding,
            short_message: short.into(),
            tlvs: Tlvs::new(tlvs),
            ..DeliverSm::default()
        })
    }

    const fn sends_data_sm(&self, version: InterfaceVersion) -> bool {
        self.style.as_data_sm && version.takes_tlvs()
    }
}

fn data_sm<'a>(
    from: &'a Address,
    to: &'a Address,
    esm_class: EsmClass,
    data_coding: DataCoding,
    service_type: &'a [u8],
    tlvs: &'a [u8],
) -> Body<&'a [u8]> {
    Body::DataSm(DataSm {
        service_type: COctets(service_type),
        source: wire_address(from),
        destination: wire_address(to),
        esm_class,
        data_coding,
        tlvs: Tlvs::new(tlvs),
        ..DataSm::default()
    })
}

fn put_state(tlvs: &mut BytesMut, id: &WrittenId, said: &Said<'_>) {
    let mut with_nul = [0; 65];
    for (place, digit) in with_nul.iter_mut().zip(id.as_slice()) {
        *place = *digit;
    }
    put(tlvs, Tag::RECEIPTED_MESSAGE_ID, with_nul.get(..=id.as_slice().len()).unwrap_or_default());
    put(tlvs, Tag::MESSAGE_STATE, &[said.state.0]);
    if let Some(code) = said.network_error_code {
        put(tlvs, Tag::NETWORK_ERROR_CODE, &code);
    }
}

fn put(tlvs: &mut BytesMut, tag: Tag, value: &[u8]) {
    let fits = tlv::put(tlvs, tag, value);
    debug_assert!(fits, "a body came in a field of at most 65,535 octets, and a receipt is shorter");
}

#[cfg(test)]
mod tests;
