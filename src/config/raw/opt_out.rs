//! What is written about how recipients stop messages.

use serde::Deserialize;
use toml::Spanned;

use crate::config::shapes::Texts;

/// `[[opt_out]]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[opt_out]],")]
pub(in crate::config) struct OptOut {
    /// The name by which accounts choose it.
    pub(in crate::config) name: Option<Spanned<String>>,
    /// Words that stop messages.
    pub(in crate::config) stop: Option<Spanned<Texts>>,
    /// Words that let them come again.
    pub(in crate::config) start: Option<Spanned<Texts>>,
    /// One of these stands in every text that has to say how it is stopped.
    pub(in crate::config) text: Option<Spanned<Texts>>,
    /// The traffic whose texts have to.
    pub(in crate::config) text_for: Option<Spanned<Texts>>,
    /// The traffic that is sent all the same.
    pub(in crate::config) except: Option<Spanned<Texts>>,
    /// The country's own prefix.
    pub(in crate::config) country: Option<Spanned<String>>,
}
