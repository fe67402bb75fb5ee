//! How things are, as a document: served by the control listener, read by `telegraphy status`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::app::cases::CasesStatus;
use crate::app::money::status::MoneyStatus;
use crate::engine::door::{Kept, Room};
use crate::flow::{AccountReport, CarrierReport, OutageReport, Report};
use crate::matching::Proposal;
use crate::message::{Class, Exclusion, Refusal};
use crate::sla::{Rate, Sums, UnmappedCodes, Variant};

/// The whole.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// Every account.
    pub accounts: Vec<AccountStatus>,
    /// Every carrier.
    pub carriers: Vec<CarrierStatus>,
    /// What is out now.
    pub outages: Vec<OutageStatus>,
    /// Messages that are not over.
    pub open: u64,
    /// Receipts that wait for their message.
    pub parked: u64,
    /// Complaints and claims that wait for their answers.
    #[serde(default)]
    pub cases: CasesStatus,
    /// The log.
    pub log: LogStatus,
    /// Up to which record of the log the detail records are written; absent when none has been since the start.
    pub records: Option<RecordStatus>,
}

/// Something that is out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OutageStatus {
    /// What: `bind`, `submit` or `receipts`.
    pub function: String,
    /// Noticed by what.
    pub cause: String,
    /// Of this account only.
    pub account: Option<String>,
    /// Of the link to this carrier only.
    pub carrier: Option<String>,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
}

/// The log.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LogStatus {
    /// Octets on disk, segments made ahead included.
    pub octets: u64,
    /// The number of the oldest record.
    pub oldest: u64,
    /// The number of the next record.
    pub end: u64,
    /// How much room there is: `plenty`, `low` when only what is promised may still come in, `none`.
    pub room: String,
}

/// The detail records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RecordStatus {
    /// The record of the log that the last one came from.
    pub position: u64,
    /// When it was written, in milliseconds since 1970.
    pub written_at: u64,
}

/// One account.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AccountStatus {
    /// Its name.
    pub name: String,
    /// Submissions, accepted and refused.
    pub submitted: u64,
    /// Messages accepted.
    pub accepted: u64,
    /// Submissions refused, by reason; reasons that did not occur are left out.
    pub refused: BTreeMap<String, u64>,
    /// Messages ended, by class.
    pub ended: BTreeMap<String, u64>,
    /// Those of them that ended as pending and that a late receipt has corrected, by the class that it says.
    pub corrected: BTreeMap<String, u64>,
    /// Those of them whose carrier used a code that no table has.
    pub unmapped: u64,
    /// Messages handed over without an answer.
    pub in_doubt: u64,
    /// Receipts whose word nobody knows.
    pub unknown_receipts: u64,
    /// Receipts that the customer acknowledged.
    pub receipts_taken: u64,
    /// Receipts that the customer refused for good.
    pub receipts_refused: u64,
    /// Receipts, and messages from carriers, that the customer has not answered yet.
    pub owed: u64,
    /// Those of them that wait for a connection.
    pub receipts_waiting: u64,
    /// Recipients who want no more of its messages.
    #[serde(default)]
    pub opted_out: u64,
    /// Messages from carriers for it.
    pub received: u64,
    /// Those of them that it took.
    pub received_taken: u64,
    /// Those of them that it refused for good, or did not take in time.
    pub received_refused: u64,
    /// The success rate.
    pub success: Success,
    /// Today's messages, as far as they are over.
    pub today: TodayStatus,
    /// Its money; absent when its messages are free.
    pub money: Option<MoneyStatus>,
}

/// How one day's messages have ended so far; the day is that of the contracts' clock, UTC+8.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TodayStatus {
    /// Messages that are over.
    pub ended: u64,
    /// Those of them that somebody has reported about.
    pub reported: u64,
    /// Those of them whose carrier used a code that no table has.
    pub unmapped: u64,
    /// Excluded ones by reason; reasons that did not occur are left out.
    pub excluded: BTreeMap<String, u64>,
    /// The success rate by each way to count failures.
    pub success: BTreeMap<String, Success>,
}

/// A code that no table has.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct UnmappedStatus {
    /// The word, as it came; octets that are not printable are escaped.
    pub stat: String,
    /// The code, likewise.
    pub err: String,
    /// Messages that ended with it.
    pub count: u64,
}

/// One carrier.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CarrierStatus {
    /// Its name.
    pub name: String,
    /// Binds on which messages can be sent.
    pub binds: u64,
    /// Whether it rests because it throttled.
    pub resting: bool,
    /// Messages that wait for it.
    pub queued: u64,
    /// Messages handed over.
    pub submitted: u64,
    /// Those of them that were handed over again while in doubt.
    pub copied: u64,
    /// Messages that it sent for accounts.
    pub received: u64,
    /// Messages that it took.
    pub accepted: u64,
    /// Its refusals, by command_status in hexadecimal.
    pub refused: BTreeMap<String, u64>,
    /// Messages ended, by class.
    pub ended: BTreeMap<String, u64>,
    /// Those of them that ended as pending and that a late receipt has corrected, by the class that it says.
    pub corrected: BTreeMap<String, u64>,
    /// Those of them whose carrier used a code that no table has.
    pub unmapped: u64,
    /// Messages handed over without an answer.
    pub in_doubt: u64,
    /// The codes that no table has, the most frequent first.
    pub unmapped_codes: Vec<UnmappedStatus>,
    /// Receipts whose word nobody knows.
    pub unknown_receipts: u64,
    /// Receipts about messages that had ended.
    pub repeated_receipts: u64,
    /// Receipts about no message of ours.
    pub foreign_receipts: u64,
    /// Of so many of its latest receipts.
    pub latest_receipts: u64,
    /// So many were about messages of ours.
    pub latest_matched: u64,
    /// Whether these are too few.
    pub match_alarm: bool,
    /// Another way to read its ids that would match clearly more.
    pub proposal: Option<ProposalStatus>,
    /// The success rate.
    pub success: Success,
    /// As an account's.
    pub today: TodayStatus,
}

/// Another way to read a carrier's ids: what to set in `message_id`, and what is gained.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ProposalStatus {
    /// The form of its responses.
    pub response: String,
    /// The form of its receipts.
    pub receipt: String,
    /// How many of the latest receipts would match.
    pub matched: u32,
    /// How many of them match as ids are read now.
    pub matched_now: u32,
    /// How many receipts these are.
    pub of: u32,
}

/// The success rate with the two integers that it is made of (R1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Success {
    /// Explicit failures.
    pub failures: u64,
    /// Messages to valid numbers that have ended.
    pub valid: u64,
    /// In hundredths of a percent, rounded down; absent when nothing valid has ended.
    pub basis_points: Option<u64>,
}

impl fmt::Display for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.basis_points {
            Some(points) => f.pad(&format!("{}.{:02} %", points / 100, points % 100)),
            None => f.pad("–"),
        }
    }
}

impl From<Rate> for Success {
    fn from(rate: Rate) -> Self {
        Self { failures: rate.failures, valid: rate.valid, basis_points: rate.basis_points() }
    }
}

impl Status {
    /// The counts of `report`, and what is on the disk.
    #[must_use]
    pub fn new(report: &Report, kept: &Kept) -> Self {
        let room = match kept.room {
            Room::Plenty => "plenty",
            Room::Low => "low",
            Room::None => "none",
        };
        let records =
            kept.records.map(|(position, at)| RecordStatus { position, written_at: at.as_millis() });
        Self {
            accounts: report.accounts.iter().map(AccountStatus::from).collect(),
            carriers: report.carriers.iter().map(CarrierStatus::from).collect(),
            outages: report.outages.iter().map(OutageStatus::from).collect(),
            open: report.open as u64,
            parked: report.parked as u64,
            cases: report.into(),
            log: LogStatus {
                octets: kept.log_octets,
                oldest: kept.log_start,
                end: kept.log_end,
                room: room.to_owned(),
            },
            records,
        }
    }
}

impl From<&OutageReport> for OutageStatus {
    fn from(report: &OutageReport) -> Self {
        let OutageReport { function, cause, account, carrier, since } = report;
        Self {
            function: function.name().to_owned(),
            cause: cause.name().to_owned(),
            account: account.clone(),
            carrier: carrier.clone(),
            since: since.as_millis(),
        }
    }
}

impl From<Proposal> for ProposalStatus {
    fn from(proposal: Proposal) -> Self {
        let Proposal { forms, matched, matched_now, of } = proposal;
        let (response, receipt) = (forms.response.to_string(), forms.receipt.to_string());
        Self { response, receipt, matched, matched_now, of }
    }
}

impl From<&AccountReport> for AccountStatus {
    fn from(report: &AccountReport) -> Self {
        let counts = &report.counts;
        let refused = Refusal::ALL.map(|reason| (reason.name().to_owned(), counts.refused(reason)));
        Self {
            name: report.name.clone(),
            submitted: counts.submitted(),
            accepted: counts.accepted,
            refused: refused.into_iter().filter(|(_, count)| *count > 0).collect(),
            ended: by_class(|class| counts.ended.of(class)),
            corrected: by_class(|class| counts.corrected.of(class)),
            unmapped: counts.unmapped,
            in_doubt: counts.in_doubt,
            unknown_receipts: counts.unknown,
            receipts_taken: counts.told,
            receipts_refused: counts.untold,
            owed: report.owed as u64,
            opted_out: report.opted_out as u64,
            receipts_waiting: report.receipts_waiting as u64,
            received: counts.received,
            received_taken: counts.taken,
            received_refused: counts.not_taken,
            success: counts.rate().into(),
            today: (&report.today).into(),
            money: report.money.as_ref().map(MoneyStatus::from),
        }
    }
}

impl From<&CarrierReport> for CarrierStatus {
    fn from(report: &CarrierReport) -> Self {
        let counts = &report.counts;
        Self {
            name: report.name.clone(),
            binds: report.links as u64,
            resting: report.resting,
            queued: report.queued as u64,
            submitted: counts.submitted,
            copied: counts.copied,
            received: counts.received,
            accepted: counts.accepted,
            refused: counts
                .refused
                .iter()
                .map(|(status, count)| (format!("{status:#04x}"), *count))
                .collect(),
            ended: by_class(|class| counts.ended.of(class)),
            corrected: by_class(|class| counts.corrected.of(class)),
            unmapped: counts.unmapped,
            unmapped_codes: unmapped_codes(&counts.unmapped_codes),
            in_doubt: counts.in_doubt,
            unknown_receipts: counts.unknown,
            repeated_receipts: counts.repeated,
            foreign_receipts: counts.foreign,
            latest_receipts: report.matched_of.1 as u64,
            latest_matched: report.matched_of.0 as u64,
            match_alarm: report.match_alarm,
            proposal: report.proposal.map(ProposalStatus::from),
            success: counts.rate().into(),
            today: (&report.today).into(),
        }
    }
}

impl From<&Sums> for TodayStatus {
    fn from(sums: &Sums) -> Self {
        let (reported, ended) = sums.reported();
        let excluded = Exclusion::ALL.map(|why| (why.name().to_owned(), sums.excluded(why)));
        let success = Variant::ALL.map(|variant| (variant.name().to_owned(), sums.rate(variant).into()));
        Self {
            ended,
            reported,
            unmapped: sums.unmapped,
            excluded: excluded.into_iter().filter(|(_, count)| *count > 0).collect(),
            success: success.into_iter().collect(),
        }
    }
}

/// At most so many: the rest is in the sum, and these are enough for a day's work.
const UNMAPPED_SHOWN_MAX: usize = 20;

fn unmapped_codes(codes: &UnmappedCodes) -> Vec<UnmappedStatus> {
    let shown = |(stat, err, count): (&[u8], &[u8], u64)| UnmappedStatus {
        stat: stat.escape_ascii().to_string(),
        err: err.escape_ascii().to_string(),
        count,
    };
    codes.most_frequent().into_iter().take(UNMAPPED_SHOWN_MAX).map(shown).collect()
}

fn by_class(count: impl Fn(Class) -> u64) -> BTreeMap<String, u64> {
    Class::ALL.into_iter().map(|class| (class.name().to_owned(), count(class))).collect()
}
