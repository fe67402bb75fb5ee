//! What is written about prices: in the settings and in tariffs.

use serde::Deserialize;
use toml::Spanned;

use crate::config::read::InParts;
use crate::config::shapes::{Amount, Table};

/// `[tariffs]`: where the tariffs are.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [tariffs],")]
pub(in crate::config) struct Tariffs {
    /// The folder.
    pub(in crate::config) folder: Option<Spanned<String>>,
}

/// A tariff.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct TariffFile {
    /// Its name.
    pub(in crate::config) name: Option<Spanned<String>>,
    /// What its amounts are of.
    pub(in crate::config) currency: Option<Spanned<String>>,
    /// By which clock its days begin.
    pub(in crate::config) utc_offset: Option<Spanned<String>>,
    /// Days between the announcement of a version and its effect.
    pub(in crate::config) notice_days: Option<Spanned<i64>>,
    /// Its versions.
    pub(in crate::config) version: Vec<Spanned<Table<TariffVersion>>>,
}

impl InParts for TariffFile {
    fn absorb(&mut self, part: Self) {
        let Self { name, currency, utc_offset, notice_days, version } = part;
        self.name = self.name.take().or(name);
        self.currency = self.currency.take().or(currency);
        self.utc_offset = self.utc_offset.take().or(utc_offset);
        self.notice_days = self.notice_days.take().or(notice_days);
        self.version.extend(version);
    }
}

/// `[[version]]`: what a tariff says from a time on.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[version]],")]
pub(in crate::config) struct TariffVersion {
    /// Its number.
    pub(in crate::config) number: Option<Spanned<i64>>,
    /// When it takes effect.
    pub(in crate::config) effective: Option<Spanned<String>>,
    /// The day on which customers were told.
    pub(in crate::config) announced: Option<Spanned<String>>,
    /// Its prices.
    pub(in crate::config) price: Vec<Spanned<Table<PrefixPrice>>>,
}

/// `[[version.price]]`: what a destination costs.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[version.price]],")]
pub(in crate::config) struct PrefixPrice {
    /// The first digits of the destination.
    pub(in crate::config) prefix: Option<Spanned<String>>,
    /// Whatever the volume.
    pub(in crate::config) price: Option<Spanned<Amount>>,
    /// By volume.
    pub(in crate::config) tiers: Option<Spanned<Vec<Spanned<Table<PriceTier>>>>>,
}

/// What a segment costs from a volume on.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { over = 0, up_to = 100000, price = \"0.0450\" }"
)]
pub(in crate::config) struct PriceTier {
    /// Behind so many segments.
    pub(in crate::config) over: Option<Spanned<i64>>,
    /// Up to so many.
    pub(in crate::config) up_to: Option<Spanned<i64>>,
    /// The price.
    pub(in crate::config) price: Option<Spanned<Amount>>,
}
