//! The records of a folder, under everything that can happen to it.

mod crashes;
mod files;
mod lines;
mod simulated;

use std::io::Read;
use std::sync::Arc;

use self::simulated::SimDisk;
use super::*;
use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::message::{
    Address, Billed, CarrierMessageId, Category, Class, Exclusion, FactId, Fault, Grounds, Outcome, Receipt,
    ReceiptState, Recount, Verdict, Zone,
};

/// 2026-11-21T00:00:00Z.
const SATURDAY: u64 = 1_795_219_200_000;
const DAY: u64 = 86_400_000;
const SENDER: &[u8] = b"447700900999";
const RECIPIENT: &[u8] = b"447700900121";

fn settings() -> Settings {
    Settings::new(NumberKey::new([7; 32]))
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// The detail of the message that ended at `position`, as a replay would make it again.
fn detail(position: u64, ended_at: u64) -> Detail {
    Detail {
        message: MessageId::from_u64(1_000_000 + position).unwrap(),
        shown: None,
        account: Arc::from("acme"),
        carrier: Some(Arc::from("north")),
        carrier_message_id: CarrierMessageId::new(format!("{position:X}").as_bytes()),
        category: Category::Marketing,
        zone: Zone::new(RECIPIENT, 2),
        evidence: None,
        own_class: Class::Delivered,
        beyond_load: false,
        sent: 1,
        billed: Billed {
            unit: Money::from_micros(45_000),
            tariff: 9,
            version: 2,
            segments: 1,
            charged: 1,
            cash: Money::from_micros(45_000),
            ..Billed::default()
        },
        source: Address::new(1, 1, SENDER).unwrap(),
        destination: Address::new(1, 1, RECIPIENT).unwrap(),
        registered_delivery: 1,
        data_coding: 8,
        esm_class: 0,
        parts: 1,
        octets: 140,
        accepted_at: at(ended_at.saturating_sub(3000)),
        handed_over_at: Some(at(ended_at.saturating_sub(2990))),
        answered_at: Some(at(ended_at.saturating_sub(2950))),
        ended_at: at(ended_at),
        attempts: 1,
        copies: 0,
        ambiguous: false,
        outcome: Outcome {
            class: Class::Delivered,
            excluded_by: None,
            unmapped: false,
            fault: Fault::None,
            message_state: 2,
            stat: Octets::new(b"DELIVRD").unwrap(),
            err: Octets::new(b"000").unwrap(),
            network_error_code: Some([3, 0, 0]),
        },
        verdict: Verdict::Receipt,
    }
}

fn foreign(filed_at: u64) -> ForeignReceipt {
    ForeignReceipt {
        carrier: Arc::from("north"),
        receipt: Receipt {
            carrier: CarrierId(3),
            id: CarrierMessageId::new(b"no\tbody\\s\n"),
            state: ReceiptState { message_state: None, stat: Octets::new(b"W\xffT?").unwrap() },
            err: Octets::EMPTY,
            network_error_code: Some([3, 1, 2]),
            recipient: Address::default(),
            sender: Address::default(),
        },
        recipient: Some(Address::new(1, 1, RECIPIENT).unwrap()),
        parked_at: at(filed_at - 3_600_000),
        filed_at: at(filed_at),
    }
}

/// The positions of the records in one file.
fn positions_in<D: Disk>(disk: &D, name: &str) -> Vec<u64> {
    let records = read::<MessageRecord, _>(disk, name).unwrap();
    records.map(|record| record.unwrap().position).collect()
}

/// The positions of all records, file by file.
fn positions<D: Disk>(disk: &D) -> Vec<u64> {
    let files = files(disk, Kind::Messages).unwrap();
    files.iter().flat_map(|file| positions_in(disk, &file.name)).collect()
}

fn unpacked(octets: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(octets).read_to_end(&mut plain).unwrap();
    plain
}
