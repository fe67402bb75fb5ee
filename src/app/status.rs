//! How things are, as a document: served by the control listener, read by `telegraphy status`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::flow::{AccountReport, CarrierReport, Report};
use crate::message::{Class, Refusal};
use crate::sla::Rate;

/// The whole.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// Every account.
    pub accounts: Vec<AccountStatus>,
    /// Every carrier.
    pub carriers: Vec<CarrierStatus>,
    /// Messages that are not over.
    pub open: u64,
    /// Receipts that wait for their message.
    pub parked: u64,
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
    /// Messages handed over without an answer.
    pub in_doubt: u64,
    /// Receipts whose word nobody knows.
    pub unknown_receipts: u64,
    /// Receipts that the customer acknowledged.
    pub receipts_taken: u64,
    /// Receipts that the customer refused for good.
    pub receipts_refused: u64,
    /// Receipts that wait for the customer.
    pub receipts_waiting: u64,
    /// The success rate.
    pub success: Success,
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
    /// Messages that it took.
    pub accepted: u64,
    /// Its refusals, by command_status in hexadecimal.
    pub refused: BTreeMap<String, u64>,
    /// Messages ended, by class.
    pub ended: BTreeMap<String, u64>,
    /// Messages handed over without an answer.
    pub in_doubt: u64,
    /// Receipts whose word nobody knows.
    pub unknown_receipts: u64,
    /// Receipts about messages that had ended.
    pub repeated_receipts: u64,
    /// Receipts about no message of ours.
    pub foreign_receipts: u64,
    /// The success rate.
    pub success: Success,
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

impl From<&Report> for Status {
    fn from(report: &Report) -> Self {
        Self {
            accounts: report.accounts.iter().map(AccountStatus::from).collect(),
            carriers: report.carriers.iter().map(CarrierStatus::from).collect(),
            open: report.open as u64,
            parked: report.parked as u64,
        }
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
            in_doubt: counts.in_doubt,
            unknown_receipts: counts.unknown,
            receipts_taken: counts.told,
            receipts_refused: counts.untold,
            receipts_waiting: report.receipts_waiting as u64,
            success: counts.rate().into(),
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
            accepted: counts.accepted,
            refused: counts
                .refused
                .iter()
                .map(|(status, count)| (format!("{status:#04x}"), *count))
                .collect(),
            ended: by_class(|class| counts.ended.of(class)),
            in_doubt: counts.in_doubt,
            unknown_receipts: counts.unknown,
            repeated_receipts: counts.repeated,
            foreign_receipts: counts.foreign,
            success: counts.rate().into(),
        }
    }
}

fn by_class(count: impl Fn(Class) -> u64) -> BTreeMap<String, u64> {
    Class::ALL.into_iter().map(|class| (class.name().to_owned(), count(class))).collect()
}
