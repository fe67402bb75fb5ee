//! What is written about carriers' codes: in the settings, and in files of their own.

use serde::Deserialize;
use toml::Spanned;

use crate::config::read::InParts;
use crate::config::shapes::{Table, Texts};

/// `[codes]`: what carriers' codes mean.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [codes],")]
pub(in crate::config) struct Codes {
    /// The folder of tables.
    pub(in crate::config) folder: Option<Spanned<String>>,
}

/// What a code means.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { codes = [\"027\"], class = \"invalid_number\", fault = \"recipient\" }"
)]
pub(in crate::config) struct Code {
    /// The codes that mean it.
    pub(in crate::config) codes: Option<Spanned<Texts>>,
    /// How the message counts.
    pub(in crate::config) class: Option<Spanned<String>>,
    /// Who is at fault.
    pub(in crate::config) fault: Option<Spanned<String>>,
    /// Why it is excluded.
    pub(in crate::config) excluded_by: Option<Spanned<String>>,
    /// Whether a later attempt could go better.
    pub(in crate::config) retryable: Option<bool>,
    /// Who says so.
    pub(in crate::config) source: Option<Spanned<String>>,
    /// How sure that is.
    pub(in crate::config) confidence: Option<Spanned<String>>,
    /// In words.
    pub(in crate::config) meaning: Option<Spanned<String>>,
    /// What others say.
    pub(in crate::config) other: Option<Spanned<String>>,
}

/// `[[carrier.code]]`: what a code of this carrier means.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[carrier.code]],")]
pub(in crate::config) struct OwnCode {
    /// The stat.
    pub(in crate::config) stat: Option<Spanned<String>>,
    /// The err.
    pub(in crate::config) err: Option<Spanned<String>>,
    /// How the message counts.
    pub(in crate::config) class: Option<Spanned<String>>,
    /// Who is at fault.
    pub(in crate::config) fault: Option<Spanned<String>>,
    /// Why it is excluded.
    pub(in crate::config) excluded_by: Option<Spanned<String>>,
    /// In words.
    pub(in crate::config) meaning: Option<Spanned<String>>,
}

/// A file of codes.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct CodeFile {
    /// The family.
    pub(in crate::config) family: Option<Spanned<String>>,
    /// The number of this version.
    pub(in crate::config) version: Option<Spanned<i64>>,
    /// The first day on which it is in force.
    pub(in crate::config) effective: Option<Spanned<String>>,
    /// Whether it holds for every carrier.
    pub(in crate::config) general: Option<Spanned<bool>>,
    /// Its rows.
    pub(in crate::config) code: Vec<Spanned<Table<Code>>>,
}

impl InParts for CodeFile {
    fn absorb(&mut self, part: Self) {
        let Self { family, version, effective, general, code } = part;
        self.family = self.family.take().or(family);
        self.version = self.version.take().or(version);
        self.effective = self.effective.take().or(effective);
        self.general = self.general.take().or(general);
        self.code.extend(code);
    }
}
