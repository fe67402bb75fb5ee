//! What is written about accounts.

use serde::Deserialize;
use toml::Spanned;

use crate::config::raw::{Rate, Secret};
use crate::config::shapes::{Amount, Table};

/// `[[account]]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[account]],")]
pub(in crate::config) struct Account {
    /// Its name.
    pub(in crate::config) name: Option<Spanned<String>>,
    /// The most binds.
    pub(in crate::config) binds: Option<Spanned<i64>>,
    /// Unanswered requests per connection.
    pub(in crate::config) window: Option<Spanned<i64>>,
    /// Messages per second.
    pub(in crate::config) rate: Option<Spanned<Table<Rate>>>,
    /// The name of the policy that it is promised.
    pub(in crate::config) policy: Option<Spanned<String>>,
    /// The day from which on it is.
    pub(in crate::config) activated: Option<Spanned<String>>,
    /// The days that it has bought.
    pub(in crate::config) term: Option<Spanned<Table<Term>>>,
    /// The name of the tariff by which it pays.
    pub(in crate::config) tariff: Option<Spanned<String>>,
    /// How its segments are counted.
    pub(in crate::config) segments: Option<Spanned<String>>,
    /// What it is charged for.
    pub(in crate::config) charge_on: Option<Spanned<String>>,
    /// When it pays.
    pub(in crate::config) payment: Option<Spanned<String>>,
    /// How much it may owe.
    pub(in crate::config) credit_limit: Option<Spanned<Amount>>,
    /// Money below which it is warned.
    pub(in crate::config) warn_below: Option<Spanned<Amount>>,
    /// Segments of packages below which it is warned.
    pub(in crate::config) warn_below_segments: Option<Spanned<i64>>,
    /// What kind of messages it sends.
    pub(in crate::config) traffic: Option<Spanned<String>>,
    /// The name of how recipients stop its messages.
    pub(in crate::config) opt_out: Option<Spanned<String>>,
    /// How much it may submit in a day without announcing it.
    pub(in crate::config) load_max: Option<Spanned<i64>>,
    /// What becomes of a message in doubt.
    pub(in crate::config) in_doubt: Option<Spanned<Table<InDoubt>>>,
    /// How long messages last.
    pub(in crate::config) validity: Option<Spanned<Table<Validity>>>,
    /// The farthest schedule.
    pub(in crate::config) schedule_max: Option<Spanned<String>>,
    /// How long a receipt is waited for.
    pub(in crate::config) receipt_wait: Option<Spanned<String>>,
    /// How long its receipts rest.
    pub(in crate::config) receipt_pause: Option<Spanned<String>>,
    /// How its receipts are kept.
    pub(in crate::config) receipts: Option<Spanned<Table<Receipts>>>,
    /// How its receipts are written.
    pub(in crate::config) receipt_format: Option<Spanned<Table<ReceiptFormat>>>,
    /// How its long messages are put together.
    pub(in crate::config) long_messages: Option<Spanned<Table<LongMessages>>>,
    /// `[[account.system]]`.
    pub(in crate::config) system: Vec<Spanned<Table<System>>>,
}

/// The days for which a service was bought.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { from = \"2021-03-17\", months = 3 }")]
pub(in crate::config) struct Term {
    /// The first.
    pub(in crate::config) from: Option<Spanned<String>>,
    /// The last.
    pub(in crate::config) to: Option<Spanned<String>>,
    /// How many months.
    pub(in crate::config) months: Option<Spanned<i64>>,
}

/// Messages in doubt.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { resend_after = \"1m\", copies = 1, settle_after = \"1h\" }"
)]
pub(in crate::config) struct InDoubt {
    /// Silence after which a copy is sent.
    pub(in crate::config) resend_after: Option<Spanned<String>>,
    /// Copies at the most.
    pub(in crate::config) copies: Option<Spanned<i64>>,
    /// Silence after which it stays pending.
    pub(in crate::config) settle_after: Option<Spanned<String>>,
}

/// How long messages last.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { default = \"1d\", max = \"3d\" }")]
pub(in crate::config) struct Validity {
    /// Without a wish.
    pub(in crate::config) default: Option<Spanned<String>>,
    /// The longest.
    pub(in crate::config) max: Option<Spanned<String>>,
}

/// How receipts are kept.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { keep = \"3d\", max = 1000000, attempts = 100 }"
)]
pub(in crate::config) struct Receipts {
    /// How long.
    pub(in crate::config) keep: Option<Spanned<String>>,
    /// How many.
    pub(in crate::config) max: Option<Spanned<i64>>,
    /// How often one is offered.
    pub(in crate::config) attempts: Option<Spanned<i64>>,
}

/// How receipts are written.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { dates = \"YYMMDDhhmmss\", utc_offset = \"+08:00\", command = \"data_sm\" }"
)]
pub(in crate::config) struct ReceiptFormat {
    /// Whether parts are counted.
    pub(in crate::config) counts: Option<Spanned<bool>>,
    /// How dates look.
    pub(in crate::config) dates: Option<Spanned<String>>,
    /// The clock of the dates.
    pub(in crate::config) utc_offset: Option<Spanned<String>>,
    /// How errors look.
    pub(in crate::config) err: Option<Spanned<String>>,
    /// How long an error is at least.
    pub(in crate::config) err_digits: Option<Spanned<i64>>,
    /// Whether there is a place for the text.
    pub(in crate::config) text: Option<Spanned<bool>>,
    /// Whether parameters say the same.
    pub(in crate::config) parameters: Option<Spanned<bool>>,
    /// The command that they come in.
    pub(in crate::config) command: Option<Spanned<String>>,
}

/// How long messages are put together.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { wait = \"5m\", max = 10000, receipts = \"one\" }"
)]
pub(in crate::config) struct LongMessages {
    /// How long the first part waits.
    pub(in crate::config) wait: Option<Spanned<String>>,
    /// How many messages wait.
    pub(in crate::config) max: Option<Spanned<i64>>,
    /// What receipts are for.
    pub(in crate::config) receipts: Option<Spanned<String>>,
}

/// `[[account.system]]`: who may bind for the account.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[account.system]],")]
pub(in crate::config) struct System {
    /// Its name in the bind.
    pub(in crate::config) system_id: Option<Spanned<String>>,
    /// Where its password is.
    pub(in crate::config) password: Option<Spanned<Table<Secret>>>,
    /// Whether lengths are held to the specification.
    pub(in crate::config) limits: Option<Spanned<String>>,
}
