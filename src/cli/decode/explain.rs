//! What does a PDU say, field by field?

use crate::cli::decode::meaning::{
    of_alphabet, of_data_coding, of_esm_class, of_registered_delivery, of_status,
};
use crate::smpp::command::CommandId;
use crate::smpp::field::{C_OCTETS_SOFT_MAX, Fault, Shown};
use crate::smpp::frame::{HEADER_LEN, Header};
use crate::smpp::pdu::{Body, DecodeError, Destination, Pdu};
use crate::smpp::receipt::{Receipt, ReceiptTlvs, Source, Sourced, Stat, looks_like_receipt};
use crate::smpp::tlv::{Shape, Tag, Tlv, Tlvs};
use crate::smpp::values::{DataCoding, EsmClass, MessageState, RegisteredDelivery};
use crate::text;
use crate::text::charset::Alphabet;
use crate::text::udh::UserDataHeader;

/// Columns of a field's name.
const NAME_WIDTH: usize = 24;

/// Explains the PDU that begins at octet `at` of what was given; says whether it could be read.
pub(super) fn explain(octets: &[u8], at: usize, default: Alphabet, out: &mut String) -> bool {
    let mut page = Page { out, default };
    page.header(octets, at);
    match Pdu::decode(octets) {
        Ok(pdu) => {
            page.body(&pdu);
            true
        }
        Err(error) => {
            let octet = at + place_of(octets, error);
            page.line("CANNOT BE READ", &format!("at octet {octet}: {error}"));
            false
        }
    }
}

/// Where in the PDU reading failed. The error names the field only; the shortest beginning of the PDU that fails in the
/// same way ends where the fault shows.
fn place_of(octets: &[u8], error: DecodeError) -> usize {
    let mut start = octets.to_vec();
    let mut fails = |len: &usize| {
        if let (Some(length), Ok(said)) = (start.first_chunk_mut(), u32::try_from(*len)) {
            *length = said.to_be_bytes();
        }
        start.get(..*len).is_some_and(|start| Pdu::decode(start) == Err(error))
    };
    let shown = (HEADER_LEN..=octets.len()).find(&mut fails).unwrap_or(octets.len());
    match error.fault {
        // It shows at the end, where something is missing.
        Fault::Short => octets.len(),
        // It shows once the longest string is exceeded.
        Fault::Long => shown.saturating_sub(C_OCTETS_SOFT_MAX + 1),
        // It shows with the octet that says what kind of entry it is.
        Fault::List => shown.saturating_sub(1),
    }
}

/// Where the explanation is written.
struct Page<'a> {
    out: &'a mut String,
    /// What `data_coding` 0 is read as.
    default: Alphabet,
}

impl Page<'_> {
    fn line(&mut self, name: &str, value: &str) {
        let line = format!("  {name:<NAME_WIDTH$} {value}");
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn detail(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name}"), value);
    }

    fn header(&mut self, octets: &[u8], at: usize) {
        let Some(header) = Header::read(octets) else { return };
        *self.out += &format!("{}, {} octets from octet {at}\n", name_of(header.command_id), octets.len());
        self.line("command_length", &header.command_length.to_string());
        let command = header.command_id;
        self.line("command_id", &format!("{:#010x} {}", command.0, name_of(command)));
        let status = header.command_status;
        let name = status.name().map_or_else(String::new, |name| format!(" {name}"));
        self.line("command_status", &format!("{:#010x}{name}: {}", status.0, of_status(status)));
        self.line("sequence_number", &header.sequence_number.to_string());
    }

    fn body(&mut self, pdu: &Pdu<&[u8]>) {
        let user_data = UserData::of(&pdu.body);
        pdu.fields(&mut |name, shown| match shown {
            Shown::Number(number, known) => self.line(name, &self.number(name, number, known)),
            Shown::Text(text) => self.line(name, &quoted(text)),
            Shown::Address(ton, npi, digits) => {
                let value = format!("{}  TON {} {ton}, NPI {} {npi}", quoted(digits), ton.0, npi.0);
                self.line(name, &value);
            }
            Shown::Octets(octets) => self.octets(name, octets, user_data.filter(|_| name == "short_message")),
            Shown::List(entries) => self.list(name, entries, &pdu.body),
            Shown::Tlvs(tlvs) => self.tlvs(tlvs, user_data),
        });
        if let Some(user_data) = user_data {
            self.receipt(&pdu.body, user_data);
        }
    }

    fn number(&self, name: &str, number: u32, known: Option<&str>) -> String {
        let octet = u8::try_from(number).unwrap_or(u8::MAX);
        let meaning = match name {
            "esm_class" => Some(of_esm_class(EsmClass(octet))),
            "registered_delivery" => Some(of_registered_delivery(RegisteredDelivery(octet))),
            "data_coding" => Some(of_data_coding(DataCoding(octet), self.default)),
            _ => known.map(str::to_owned),
        };
        match (meaning, name) {
            (Some(meaning), "esm_class" | "registered_delivery" | "data_coding" | "interface_version") => {
                format!("{number:#04x}: {meaning}")
            }
            (Some(meaning), _) => format!("{number}: {meaning}"),
            (None, _) => number.to_string(),
        }
    }

    fn octets(&mut self, name: &str, octets: &[u8], user_data: Option<UserData<'_>>) {
        self.line(name, &dump(octets));
        if let Some(user_data) = user_data
            && !octets.is_empty()
        {
            self.text(octets, user_data);
        }
    }

    fn text(&mut self, octets: &[u8], user_data: UserData<'_>) {
        let alphabet = Alphabet::of(user_data.data_coding.0, self.default);
        match text::read(octets, user_data.esm_class.has_udh(), alphabet) {
            Ok(reading) => {
                if let Some(header) = reading.header {
                    self.user_data_header(header);
                }
                let replaced = if reading.replaced { ", some of it unreadable" } else { "" };
                if alphabet.is_text() {
                    let name = of_alphabet(alphabet);
                    self.detail("text", &format!("{:?} ({name}{replaced})", reading.text));
                }
            }
            Err(error) => self.detail("text", &format!("CANNOT BE READ: {error}")),
        }
    }

    fn user_data_header(&mut self, header: UserDataHeader<'_>) {
        for element in header.elements() {
            self.detail("header element", &format!("{:#04x}, {}", element.id.0, dump(element.value)));
        }
        if let Some(concatenation) = header.concatenation() {
            let (part, total) = (concatenation.part, concatenation.total);
            self.detail(
                "concatenation",
                &format!("part {part} of {total}, reference {}", concatenation.reference),
            );
        }
    }

    fn list(&mut self, name: &str, entries: usize, body: &Body<&[u8]>) {
        self.line(name, &format!("{entries} entries"));
        match body {
            Body::SubmitMulti(multi) => {
                for destination in multi.destinations.iter() {
                    match destination {
                        Destination::Sme(address) => self.detail("address", &quoted(address.addr.0)),
                        Destination::DistributionList(list) => {
                            self.detail("distribution list", &quoted(list))
                        }
                    }
                }
            }
            Body::SubmitMultiResp(response) => {
                for refused in response.unsuccess.iter() {
                    let status = refused.error_status_code;
                    let value = format!("{} {status}: {}", quoted(refused.address.addr.0), of_status(status));
                    self.detail("refused", &value);
                }
            }
            _ => {}
        }
    }

    fn tlvs(&mut self, tlvs: Tlvs<&[u8]>, user_data: Option<UserData<'_>>) {
        for tlv in tlvs.iter() {
            let name = tlv.tag.name().map_or_else(|| "(unknown)".to_owned(), str::to_ascii_lowercase);
            self.line(&format!("{:#06x} {name}", tlv.tag.0), &value_of(tlv));
            if let Some(user_data) = user_data.filter(|_| tlv.tag == Tag::MESSAGE_PAYLOAD) {
                self.text(tlv.value, user_data);
            }
        }
        if tlvs.is_truncated() {
            let stray = tlvs.stray();
            self.line("(parameters)", &format!("the last one is cut: {stray} octets are left of it"));
        } else if tlvs.stray() > 0 {
            self.line("(parameters)", &format!("{} octets behind them belong to nothing", tlvs.stray()));
        }
    }

    fn receipt(&mut self, body: &Body<&[u8]>, user_data: UserData<'_>) {
        let octets = user_data.octets;
        let comes_down = matches!(body, Body::DeliverSm(_) | Body::DataSm(_));
        if !comes_down || !(user_data.esm_class.is_receipt() || looks_like_receipt(octets)) {
            return;
        }
        let tlvs = user_data.tlvs;
        let receipt = Receipt::parse(
            octets,
            ReceiptTlvs {
                receipted_message_id: tlvs.receipted_message_id(),
                message_state: tlvs.message_state().map(|state| state.0),
                network_error_code: tlvs.get(Tag::NETWORK_ERROR_CODE).map(|tlv| tlv.value),
            },
        );
        self.line("delivery receipt", if user_data.esm_class.is_receipt() { "" } else { "by its text only" });
        if let Some(Sourced { value, source }) = receipt.id() {
            self.detail("id", &format!("{} (from {})", quoted(value), place(source)));
        }
        if let Some(Sourced { value, source }) = receipt.state() {
            let is_final = |state: MessageState| if state.is_final() { "final" } else { "perhaps not final" };
            let state = match value {
                Stat::State(state) => format!("{state}, {}", is_final(state)),
                Stat::Other(word) => format!("{}, no word of SMPP", quoted(word)),
            };
            self.detail("state", &format!("{state} (from {})", place(source)));
        }
        let fields = receipt.fields;
        let said = [
            ("sub", fields.sub),
            ("dlvrd", fields.dlvrd),
            ("submit date", fields.submit_date),
            ("done date", fields.done_date),
            ("stat", fields.stat),
            ("err", fields.err),
            ("text", fields.text),
        ];
        for (name, value) in said {
            if let Some(value) = value {
                self.detail(name, &quoted(value));
            }
        }
        if let Some(error) = receipt.network_error() {
            self.detail("network error", &format!("type {}, code {}", error.network_type, error.code));
        }
    }
}

/// What a message says, and how to read it.
#[derive(Clone, Copy)]
struct UserData<'a> {
    esm_class: EsmClass,
    data_coding: DataCoding,
    /// `short_message`, or `message_payload` when that is empty.
    octets: &'a [u8],
    tlvs: &'a Tlvs<&'a [u8]>,
}

impl<'a> UserData<'a> {
    fn of(body: &'a Body<&'a [u8]>) -> Option<Self> {
        let (esm_class, data_coding, short, tlvs): (_, _, &[u8], _) = match body {
            Body::SubmitSm(m) => (m.esm_class, m.data_coding, m.short_message.octets, &m.tlvs),
            Body::DeliverSm(m) => (m.esm_class, m.data_coding, m.short_message.octets, &m.tlvs),
            Body::SubmitMulti(m) => (m.esm_class, m.data_coding, m.short_message.octets, &m.tlvs),
            Body::DataSm(m) => (m.esm_class, m.data_coding, &[], &m.tlvs),
            _ => return None,
        };
        let octets = if short.is_empty() { tlvs.message_payload().unwrap_or_default() } else { short };
        Some(Self { esm_class, data_coding, octets, tlvs })
    }
}

/// The command's name as the specification writes it.
fn name_of(command: CommandId) -> String {
    command.name().map_or_else(|| format!("unknown command {:#010x}", command.0), str::to_ascii_lowercase)
}

fn value_of(tlv: Tlv<'_>) -> String {
    match (tlv.integer(), tlv.tag.shape()) {
        (Some(number), _) if tlv.tag == Tag::MESSAGE_STATE => {
            let state = MessageState(u8::try_from(number).unwrap_or(u8::MAX));
            format!("{number}: {state}")
        }
        (Some(number), _) => number.to_string(),
        (None, Some(Shape::COctets(_))) => quoted(tlv.text()),
        (None, Some(Shape::Integer(width))) => {
            format!("{}, where an integer of {width} belongs", dump(tlv.value))
        }
        _ => dump(tlv.value),
    }
}

const fn place(source: Source) -> &'static str {
    match source {
        Source::Tlv => "its parameter",
        Source::Text => "the text",
    }
}

fn quoted(text: &[u8]) -> String {
    format!("\"{}\"", text.escape_ascii())
}

fn dump(octets: &[u8]) -> String {
    let mut out = format!("{} octets", octets.len());
    if !octets.is_empty() {
        out.push(':');
    }
    for octet in octets {
        out += &format!(" {octet:02x}");
    }
    out
}
