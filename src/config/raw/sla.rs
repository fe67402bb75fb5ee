//! What is written about promises: in the settings, in policies and in calendars.

use serde::Deserialize;
use toml::Spanned;

use crate::config::read::InParts;
use crate::config::shapes::{Days, Table, Texts, Years};

/// `[sla]`: what is promised.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [sla],")]
pub(in crate::config) struct Sla {
    /// The folder of policies.
    pub(in crate::config) folder: Option<Spanned<String>>,
    /// The calendar of working days.
    pub(in crate::config) calendar: Option<Spanned<String>>,
    /// The prefixes whose destinations are domestic.
    pub(in crate::config) home: Option<Spanned<Texts>>,
}

/// A policy.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct PolicyFile {
    /// Its name.
    pub(in crate::config) name: Option<Spanned<String>>,
    /// Who promises.
    pub(in crate::config) provider: Option<Spanned<String>>,
    /// By which clock it counts.
    pub(in crate::config) utc_offset: Option<Spanned<String>>,
    /// How it divides time.
    pub(in crate::config) periods: Option<Spanned<String>>,
    /// Days between the notice of a version and the version.
    pub(in crate::config) notice_days: Option<Spanned<i64>>,
    /// Its versions.
    pub(in crate::config) version: Vec<Spanned<Table<PolicyVersion>>>,
}

impl InParts for PolicyFile {
    fn absorb(&mut self, part: Self) {
        let Self { name, provider, utc_offset, periods, notice_days, version } = part;
        self.name = self.name.take().or(name);
        self.provider = self.provider.take().or(provider);
        self.utc_offset = self.utc_offset.take().or(utc_offset);
        self.periods = self.periods.take().or(periods);
        self.notice_days = self.notice_days.take().or(notice_days);
        self.version.extend(version);
    }
}

/// `[[version]]`: what a policy says from a day on.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[version]],")]
pub(in crate::config) struct PolicyVersion {
    /// Its number.
    pub(in crate::config) number: Option<Spanned<i64>>,
    /// The first day on which it is in force.
    pub(in crate::config) effective_from: Option<Spanned<String>>,
    /// The day of its notice.
    pub(in crate::config) notice_sent_at: Option<Spanned<String>>,
    /// How long after a period its counts are final.
    pub(in crate::config) close_after: Option<Spanned<String>>,
    /// What is measured.
    pub(in crate::config) metric: Option<Spanned<Table<Metric>>>,
    /// What it must reach.
    pub(in crate::config) target: Option<Spanned<Table<Target>>>,
    /// What is paid otherwise.
    pub(in crate::config) compensation: Option<Spanned<Table<Compensation>>>,
    /// How that is claimed.
    pub(in crate::config) claim: Option<Spanned<Table<Claim>>>,
}

/// `[version.metric]`: what is measured.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [version.metric],")]
pub(in crate::config) struct Metric {
    /// Messages or minutes.
    pub(in crate::config) kind: Option<Spanned<String>>,
    /// Which failures count.
    pub(in crate::config) numerator: Option<Spanned<String>>,
    /// Messages of which kinds.
    pub(in crate::config) categories: Option<Spanned<Texts>>,
    /// Messages to where.
    pub(in crate::config) destinations: Option<Spanned<Texts>>,
    /// Messages from where.
    pub(in crate::config) origins: Option<Spanned<Texts>>,
    /// The shortest outage that counts.
    pub(in crate::config) minimum_outage: Option<Spanned<String>>,
    /// The target between failures.
    pub(in crate::config) mean_time_between_failures: Option<Spanned<String>>,
    /// What is a failure.
    pub(in crate::config) failures: Option<Spanned<String>>,
}

/// `[version.target]`: what must be reached.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { share = \"95%\", op = \"at-least\" }")]
pub(in crate::config) struct Target {
    /// How much.
    pub(in crate::config) share: Option<Spanned<String>>,
    /// Whether the limit itself will do.
    pub(in crate::config) op: Option<Spanned<String>>,
}

/// `[version.compensation]`: what is paid.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [version.compensation],")]
pub(in crate::config) struct Compensation {
    /// Of which part of a fee.
    pub(in crate::config) base: Option<Spanned<String>>,
    /// How.
    pub(in crate::config) form: Option<Spanned<String>>,
    /// How much at most.
    pub(in crate::config) cap: Option<Spanned<String>>,
    /// Below which limits how much.
    pub(in crate::config) tiers: Option<Spanned<Vec<Spanned<Table<Tier>>>>>,
}

/// What is paid below a limit.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { below = \"90%\", pays = { messages = \"5%\" } }"
)]
pub(in crate::config) struct Tier {
    /// The limit.
    pub(in crate::config) below: Option<Spanned<String>>,
    /// Shares of fees.
    pub(in crate::config) pays: Option<Spanned<Table<Pays>>>,
}

/// Shares of fees.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { messages = \"5%\" }")]
pub(in crate::config) struct Pays {
    /// For messages.
    pub(in crate::config) messages: Option<Spanned<String>>,
    /// For the service.
    pub(in crate::config) service: Option<Spanned<String>>,
    /// For calls.
    pub(in crate::config) calls: Option<Spanned<String>>,
}

/// `[version.claim]`: how it is claimed.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [version.claim],")]
pub(in crate::config) struct Claim {
    /// The working day after which claims are taken.
    pub(in crate::config) opens_after_workday: Option<Spanned<i64>>,
    /// Until the end of this month after the period's.
    pub(in crate::config) closes_after_months: Option<Spanned<i64>>,
    /// Until so many days after the period.
    pub(in crate::config) closes_after_days: Option<Spanned<i64>>,
    /// Ways to file one.
    pub(in crate::config) channels: Option<Spanned<Texts>>,
}

/// A calendar of working days.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct CalendarFile {
    /// Its name.
    pub(in crate::config) name: Option<Spanned<String>>,
    /// The years that it knows.
    pub(in crate::config) years: Years,
    /// Days off.
    pub(in crate::config) off: Days,
    /// Saturdays and Sundays that are worked.
    pub(in crate::config) worked: Days,
}

impl InParts for CalendarFile {
    fn absorb(&mut self, part: Self) {
        let Self { name, years: Years(years), off: Days(off), worked: Days(worked) } = part;
        self.name = self.name.take().or(name);
        self.years.0.extend(years);
        self.off.0.extend(off);
        self.worked.0.extend(worked);
    }
}
