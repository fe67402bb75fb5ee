//! The report as a document: what everybody gets, in whatever form it is shown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::promise::PeriodReport;
use crate::app::status::Success;

/// The number of this form of the document; a member that gets another meaning changes it.
pub const FORMAT: u32 = 1;

/// How an account stands in a period, with all that it was made of. Members are in the order in which they are written.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Document {
    /// [`FORMAT`].
    pub format: u32,
    /// How things were then, in milliseconds since 1970; of a closed period when it closed, whenever it is asked for:
    /// only [`Document::adjustments`], and what the standing says of them, came later.
    pub as_of: u64,
    /// The account, the period, the whole of it and the verdict.
    #[serde(flatten)]
    pub standing: PeriodReport,
    /// The policy of the contract, when another one was asked for: then this is what would be, not what is.
    pub instead_of: Option<String>,
    /// What the policy's version says; none when nothing is promised.
    pub terms: Option<TermLines>,
    /// How many of those that ended were reported, in hundredths of a percent (A4).
    pub coverage: Option<u64>,
    /// By day of acceptance; every day of the period that has begun.
    pub by_day: Vec<Group>,
    /// By the carrier that had them last.
    pub by_carrier: Vec<Group>,
    /// By category.
    pub by_category: Vec<Group>,
    /// By the prefix that they went to; an empty one is everywhere else.
    pub by_prefix: Vec<Group>,
    /// Where it goes if it goes on like this; only while the period lasts.
    pub forecast: Option<Forecast>,
    /// The facts that exclude messages of the period, or are about the account in it.
    pub evidence: Vec<Evidence>,
    /// The tables of codes that were in force.
    pub code_tables: Vec<CodeTable>,
    /// What was consumed in the period, of a closed one until it closed; empty for an account whose messages are free,
    /// and when it is not known any more. Money belongs to the day of its message's acceptance, or to the day on which
    /// it moved when the bill of that month had been settled by then.
    pub fees: Vec<FeeLine>,
    /// What one message costs by the account's tariff, in millionths of a unit of money; none when it has none, or not
    /// one price for all that is domestic.
    pub rate_card_micros: Option<i64>,
    /// What is owed of that; none when no fees are known or nothing is due.
    pub compensation: Option<Owed>,
    /// Everything by day, carrier, category and prefix, also what does not count; of a closed period as it was when it
    /// closed, with what was not over as pending.
    pub cells: Vec<Row>,
    /// What came to a closed period since, which may grow; none while it is open.
    pub adjustments: Option<Adjustments>,
    /// The BLAKE3 hash of what the report is made of, in hexadecimal: see [`mod@super::digest`].
    pub digest: String,
}

/// What a version of a policy says, in the words of its file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TermLines {
    /// Which failures count: `strict`, `attributable`, `literal`.
    pub numerator: String,
    /// The kinds of messages that count; none when all do.
    pub categories: Option<Vec<String>>,
    /// Where they must have gone.
    pub destinations: Vec<String>,
    /// The prefixes that are domestic.
    pub home: Vec<String>,
    /// What was promised.
    pub target: String,
    /// Whether the target itself will do: `at-least`, `more-than`.
    pub op: String,
    /// What is paid below which limit, the highest limit first.
    pub tiers: Vec<TierLine>,
    /// Of which part of the fees.
    pub base: String,
    /// How.
    pub form: String,
    /// How much at most: `paid` is the fee that was paid for the period with money, which is the provider's whole
    /// liability (R28, R29).
    pub cap: String,
    /// Milliseconds from the period's end until its counts are final.
    pub close_after_ms: u64,
    /// After this working day of the month after, claims are taken.
    pub claims_after_workday: u8,
    /// How they can be filed.
    pub claim_channels: Vec<String>,
}

/// What is paid below a limit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TierLine {
    /// The limit.
    pub below: String,
    /// Shares, by fee.
    pub pays: BTreeMap<String, String>,
}

/// How some messages ended.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Messages that are over.
    pub ended: u64,
    /// Those of them that somebody has reported about.
    pub reported: u64,
    /// How many that is, in hundredths of a percent; none when nothing has ended.
    pub coverage: Option<u64>,
    /// Those whose carrier used a code that no table has.
    pub unmapped: u64,
    /// By class.
    pub by_class: BTreeMap<Cow<'static, str>, u64>,
    /// Excluded ones by reason; reasons that did not occur are left out.
    pub excluded: BTreeMap<Cow<'static, str>, u64>,
    /// The success rate by each way to count failures.
    pub success: BTreeMap<Cow<'static, str>, Success>,
}

/// How the messages of one day, carrier, category or prefix ended.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Group {
    /// Of what.
    pub name: String,
    /// How.
    #[serde(flatten)]
    pub counts: Counts,
}

/// How the messages of one cell ended.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    /// The day of acceptance, `2026-11-21`.
    pub day: String,
    /// The carrier.
    pub carrier: String,
    /// The category.
    pub category: Cow<'static, str>,
    /// The prefix.
    pub prefix: String,
    /// Whether they count under the contract: `yes`, `no`, or `uncategorised` when nobody knows of what kind they are
    /// (R3).
    pub counted: Cow<'static, str>,
    /// How they ended.
    pub counts: Counts,
}

/// What came to a closed period after its close (promise 14): ends of what was open, and receipts of what had been
/// given up. By class it stands in [`PeriodReport::adjusted`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Adjustments {
    /// By day, carrier, category and prefix.
    pub cells: Vec<AdjustedRow>,
    /// The facts that exclude messages of these.
    pub evidence: Vec<Evidence>,
    /// The BLAKE3 hash of both, in hexadecimal: see [`mod@super::digest`].
    pub digest: String,
}

/// What came to one cell.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AdjustedRow {
    /// The day of acceptance, `2026-11-21`.
    pub day: String,
    /// The carrier.
    pub carrier: String,
    /// The category.
    pub category: Cow<'static, str>,
    /// The prefix.
    pub prefix: String,
    /// Whether they count under the contract, as in [`Row`].
    pub counted: Cow<'static, str>,
    /// Ends that were not counted at the close.
    pub more: Counts,
    /// What was counted then and is not so any more.
    pub less: Counts,
}

/// Where a period goes if it goes on like this.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// Messages that will count.
    pub valid: u64,
    /// Failures among them, counted as the contract does.
    pub failures: u64,
    /// The rate then, in hundredths of a percent, rounded down.
    pub basis_points: Option<u64>,
    /// Whether the target will be missed.
    pub target_missed: Option<bool>,
    /// The most failures among so many that still keep the target.
    pub failures_allowed: u64,
    /// How many of those are left.
    pub failures_left: u64,
}

/// A fact that the report stands on. Numbers are masked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Its number.
    pub fact: u32,
    /// What it excludes, by name; none when it announces load, or says what kind of messages an account sends.
    pub excludes: Option<String>,
    /// The kind of messages that an account sends from then on, whatever the settings say (R48).
    pub category: Option<String>,
    /// What it is about.
    pub about: String,
    /// Since when, in milliseconds since 1970.
    pub from: Option<u64>,
    /// Until when.
    pub to: Option<u64>,
    /// Who said it.
    pub by: String,
    /// Over which way.
    pub through: String,
    /// When.
    pub told_at: u64,
    /// Why.
    pub why: String,
    /// The fact that took it back.
    pub withdrawn_by: Option<u32>,
    /// How many messages it excluded of those that count under the contract.
    pub messages: u64,
}

/// A family's table of codes, as it was in force in the period.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CodeTable {
    /// The family.
    pub family: String,
    /// The version.
    pub version: u32,
    /// Since when, in milliseconds since 1970.
    pub effective: u64,
}

/// What was consumed of one fee, in millionths of a unit of money.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FeeLine {
    /// Which.
    pub fee: String,
    /// With money.
    pub cash_micros: i64,
    /// With packages.
    pub package_micros: i64,
    /// With vouchers.
    pub voucher_micros: i64,
    /// What discounts took off.
    pub discount_micros: i64,
}

/// What is owed, in millionths of a unit of money.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Owed {
    /// Of which fee: its base, and the amount before the cap.
    pub of: Vec<OwedOf>,
    /// All of it, under the cap.
    pub total_micros: i64,
    /// Whether the cap took something off.
    pub capped: bool,
    /// So many messages, when it is paid in messages; otherwise it is a voucher.
    pub messages: Option<u64>,
    /// What is left that is less than one of them costs.
    pub remainder_micros: Option<i64>,
}

/// What is owed of one fee.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OwedOf {
    /// Which.
    pub fee: String,
    /// What of it counts.
    pub base_micros: i64,
    /// The share of that.
    pub amount_micros: i64,
}
