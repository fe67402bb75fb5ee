//! One record as one line: the columns, and the quick writing of them.

use crate::base::ids::MessageId;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::detail::date::Times;
use crate::detail::number::{NumberHash, NumberKey, Numbers, RecentHashes, hex};
use crate::message::address::ADDRESS_LEN_MAX;
use crate::message::{
    Address, Billed, Detail, Exclusion, ForeignReceipt, Grounds, Outcome, Recounted, Verdict,
};

/// The columns of a message's record, in order; the first one's name is also the format's name and version, its value
/// the record's place in the log.
pub const MESSAGE_COLUMNS: [&str; 53] = [
    "records_v5",
    "message_id",
    "shown_id",
    "account",
    "carrier",
    "carrier_message_id",
    "traffic_class",
    "source_ton",
    "source_npi",
    "source",
    "source_hash",
    "destination_ton",
    "destination_npi",
    "destination",
    "destination_hash",
    "registered_delivery",
    "data_coding",
    "esm_class",
    "parts",
    "octets",
    "accepted_at",
    "handed_over_at",
    "answered_at",
    "ended_at",
    "attempts",
    "copies",
    "ambiguous",
    "class",
    "fault",
    "message_state",
    "stat",
    "err",
    "network_error_code",
    "verdict",
    "excluded_by",
    "unmapped",
    "zone",
    "evidence",
    "segments_sent",
    "tariff",
    "tariff_version",
    "segment_price_micros",
    "segments",
    "segments_charged",
    "voucher_micros",
    "cash_micros",
    "credit_micros",
    "package_segments",
    "own_class",
    "beyond_load",
    "recounted_for",
    "was_excluded_by",
    "was_evidence",
];

/// The formats before: their names, and how many of the same columns they had. Their files are still read.
pub(super) const MESSAGE_FORMATS_BEFORE: [(&str, usize); 4] =
    [("records_v1", 34), ("records_v2", 37), ("records_v3", 38), ("records_v4", 48)];

/// The columns of a foreign receipt's record, in order; the first as in [`MESSAGE_COLUMNS`].
pub const FOREIGN_COLUMNS: [&str; 13] = [
    "foreign_v1",
    "carrier",
    "carrier_message_id",
    "message_state",
    "stat",
    "err",
    "network_error_code",
    "recipient_ton",
    "recipient_npi",
    "recipient",
    "recipient_hash",
    "parked_at",
    "filed_at",
];

/// Octets of a text that are kept: what names and carriers' ids have at most.
const TEXT_LEN_MAX: usize = 255;

/// More than the longest line can have: three texts at four characters an octet, ids and codes, times, numbers.
pub(super) const LINE_LEN_MAX: usize = 8192;

/// Writes records as lines.
#[derive(Debug)]
pub(super) struct Lines {
    key: NumberKey,
    numbers: Numbers,
    times: Times,
    senders: RecentHashes,
}

impl Lines {
    pub(super) fn new(key: NumberKey, numbers: Numbers) -> Self {
        Self { senders: RecentHashes::new(&key), key, numbers, times: Times::new() }
    }

    /// Writes a message's record behind what `out` holds.
    pub(super) fn message(&mut self, position: u64, detail: &Detail, out: &mut Vec<u8>) {
        let sender = self.senders.hash(&self.key, &detail.source.digits);
        let recipient = self.key.hash(detail.destination.as_slice());
        let outcome = &detail.outcome;
        self.row(position, out)
            .integer(detail.message.as_u64())
            .optional(detail.shown.map(MessageId::as_u64))
            .text(detail.account.as_bytes())
            .text(detail.carrier.as_deref().unwrap_or_default().as_bytes())
            .text(detail.carrier_message_id.as_slice())
            .word(detail.category.name())
            .address(&detail.source, &sender)
            .address(&detail.destination, &recipient)
            .integer(u64::from(detail.registered_delivery))
            .integer(u64::from(detail.data_coding))
            .integer(u64::from(detail.esm_class))
            .integer(u64::from(detail.parts))
            .integer(u64::from(detail.octets))
            .time(Some(detail.accepted_at))
            .time(detail.handed_over_at)
            .time(detail.answered_at)
            .time(Some(detail.ended_at))
            .integer(u64::from(detail.attempts))
            .integer(u64::from(detail.copies))
            .integer(u64::from(detail.ambiguous))
            .outcome(outcome)
            .word(detail.verdict.name())
            .exclusion(outcome)
            .text(detail.zone.to_string().as_bytes())
            .optional(detail.evidence.map(|fact| u64::from(fact.0)))
            .integer(u64::from(detail.sent))
            .billed(&detail.billed)
            .word(detail.own_class.name())
            .integer(u64::from(detail.beyond_load))
            .nothing()
            .grounds(None)
            .end();
    }

    /// Writes behind what `out` holds that a message counts as something else. What cannot have changed since its first
    /// record is left out, but what it is counted by.
    pub(super) fn recounted(&mut self, position: u64, recounted: &Recounted, out: &mut Vec<u8>) {
        let Recounted { account, carrier, recount } = recounted;
        let (outcome, evidence) = recount.outcome.on(recount.now);
        let mut row = self.row(position, out);
        let row = row.integer(recount.message.as_u64()).nothing().text(account.as_bytes());
        let row = row.text(carrier.as_bytes()).nothing().word(recount.category.name());
        // Two addresses, and how it was submitted.
        let row = row.integer(0).integer(0).nothing().nothing().integer(0).integer(0).nothing().nothing();
        let row = (0..5).fold(row, |row, _| row.integer(0));
        let row = row.time(Some(recount.accepted_at)).nothing().nothing().time(Some(recount.at));
        (0..3)
            .fold(row, |row, _| row.integer(0))
            .outcome(&outcome)
            .word(Verdict::Recounted.name())
            .exclusion(&outcome)
            .text(recount.zone.to_string().as_bytes())
            .optional(evidence.map(|fact| u64::from(fact.0)))
            .integer(0)
            .billed(&Billed::default())
            .word(recount.outcome.class.name())
            .integer(0)
            .integer(u64::from(recount.fact.0))
            .grounds(recount.was)
            .end();
    }

    /// Writes a foreign receipt's record behind what `out` holds.
    pub(super) fn foreign(&mut self, position: u64, foreign: &ForeignReceipt, out: &mut Vec<u8>) {
        let receipt = &foreign.receipt;
        let recipient = foreign.recipient.map(|address| (address, self.key.hash(address.as_slice())));
        let mut row = self.row(position, out);
        row.text(foreign.carrier.as_bytes())
            .text(receipt.id.as_slice())
            .optional(receipt.state.message_state.map(u64::from))
            .text(receipt.state.stat.as_slice())
            .text(receipt.err.as_slice())
            .network_error(receipt.network_error_code);
        match &recipient {
            Some((address, hash)) => row.address(address, hash),
            None => row.nothing().nothing().nothing().nothing(),
        };
        row.time(Some(foreign.parked_at)).time(Some(foreign.filed_at)).end();
    }

    fn row<'a>(&'a mut self, position: u64, out: &'a mut Vec<u8>) -> Row<'a> {
        let mut row = Row { out, times: &mut self.times, numbers: self.numbers };
        row.digits(position);
        row
    }
}

/// A line that is being written; every column behind the first begins with its TAB.
struct Row<'a> {
    out: &'a mut Vec<u8>,
    times: &'a mut Times,
    numbers: Numbers,
}

impl Row<'_> {
    fn nothing(&mut self) -> &mut Self {
        self.out.push(b'\t');
        self
    }

    fn word(&mut self, word: &str) -> &mut Self {
        self.nothing().out.extend_from_slice(word.as_bytes());
        self
    }

    fn integer(&mut self, value: u64) -> &mut Self {
        self.nothing().digits(value);
        self
    }

    fn optional(&mut self, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.integer(value),
            None => self.nothing(),
        }
    }

    fn time(&mut self, at: Option<Timestamp>) -> &mut Self {
        self.nothing();
        if let Some(at) = at {
            self.out.extend_from_slice(&self.times.write(at));
        }
        self
    }

    fn text(&mut self, octets: &[u8]) -> &mut Self {
        self.nothing().escaped(octets.get(..TEXT_LEN_MAX).unwrap_or(octets));
        self
    }

    fn address(&mut self, address: &Address, hash: &NumberHash) -> &mut Self {
        self.integer(u64::from(address.ton)).integer(u64::from(address.npi)).nothing();
        match self.numbers {
            Numbers::Plain => self.escaped(address.as_slice()),
            Numbers::Masked => self.masked(address.as_slice()),
        }
        self.nothing().out.extend_from_slice(hash);
        self
    }

    fn network_error(&mut self, code: Option<[u8; 3]>) -> &mut Self {
        self.nothing();
        if let Some([network, high, low]) = code {
            self.digits(u64::from(network));
            self.out.push(b':');
            self.digits(u64::from(u16::from_be_bytes([high, low])));
        }
        self
    }

    fn outcome(&mut self, outcome: &Outcome) -> &mut Self {
        self.word(outcome.class.name())
            .word(outcome.fault.name())
            .integer(u64::from(outcome.message_state))
            .text(outcome.stat.as_slice())
            .text(outcome.err.as_slice())
            .network_error(outcome.network_error_code)
    }

    fn exclusion(&mut self, outcome: &Outcome) -> &mut Self {
        self.word(outcome.excluded_by.map_or("", Exclusion::name)).integer(u64::from(outcome.unmapped))
    }

    fn grounds(&mut self, grounds: Option<Grounds>) -> &mut Self {
        let fact = grounds.and_then(|grounds| grounds.fact);
        self.word(grounds.map_or("", |grounds| grounds.why.name()))
            .optional(fact.map(|fact| u64::from(fact.0)))
    }

    /// Empty columns for what is free; amounts in micro-units, and never below zero.
    fn billed(&mut self, billed: &Billed) -> &mut Self {
        let Billed { unit, tariff, version, segments, charged, voucher, cash, credit, package_segments } =
            *billed;
        if tariff == 0 {
            return (0..9).fold(self, |row, _| row.nothing());
        }
        let micros = |money: Money| money.as_micros().max(0).cast_unsigned();
        let row = self.integer(tariff.into()).integer(version.into()).integer(micros(unit));
        let row = row.integer(segments.into()).integer(charged.into()).integer(micros(voucher));
        row.integer(micros(cash)).integer(micros(credit)).integer(package_segments.into())
    }

    fn end(&mut self) {
        self.out.push(b'\n');
    }

    fn digits(&mut self, mut value: u64) {
        // Most columns are one digit.
        if value < 10 {
            self.out.push(b'0' + value as u8);
            return;
        }
        let mut digits = [b'0'; 20];
        let mut begin = 20;
        for pair in digits.as_chunks_mut::<2>().0.iter_mut().rev() {
            let two = (value % 100) as u8;
            *pair = [b'0' + two / 10, b'0' + two % 10];
            begin -= if two < 10 && value < 100 { 1 } else { 2 };
            value /= 100;
            if value == 0 {
                break;
            }
        }
        self.out.extend_from_slice(digits.get(begin..).unwrap_or_default());
    }

    /// As [`crate::base::privacy::Masked`] shows it, without the detour over formatting.
    fn masked(&mut self, octets: &[u8]) {
        const STARS: [u8; ADDRESS_LEN_MAX] = [b'*'; ADDRESS_LEN_MAX];
        let stars = |len: usize| STARS.get(..len).unwrap_or(&STARS);
        match octets {
            [head @ .., y, z] if octets.len() > 8 => {
                let (shown, hidden) = head.split_at_checked(3).unwrap_or((&[], head));
                self.escaped(shown);
                self.out.extend_from_slice(stars(hidden.len()));
                self.escaped(&[*y, *z]);
            }
            short => self.out.extend_from_slice(stars(short.len())),
        }
    }

    /// Printable ASCII as it is; a backslash and everything else as `\xHH`.
    fn escaped(&mut self, octets: &[u8]) {
        if octets.iter().all(|octet| is_plain(*octet)) {
            self.out.extend_from_slice(octets);
            return;
        }
        for octet in octets {
            if is_plain(*octet) {
                self.out.push(*octet);
            } else {
                self.out.extend_from_slice(&[b'\\', b'x', hex(octet >> 4), hex(octet & 0xF)]);
            }
        }
    }
}

const fn is_plain(octet: u8) -> bool {
    matches!(octet, 0x20..=0x7E) && octet != b'\\'
}
