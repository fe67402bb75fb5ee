//! What is written in a file, as it is written: types, no meaning. Everything may be missing; what must not be is
//! `resolve`'s to say, so that all of it is said at once.

mod codes;

use serde::Deserialize;
use toml::Spanned;

use crate::config::read::InParts;
pub(super) use crate::config::shapes::{MessageId, Pairs, Table, Texts};
pub(super) use codes::{Code, CodeFile, Codes, OwnCode};

/// The file.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    /// `[log]`.
    pub(super) log: Option<Spanned<Table<Log>>>,
    /// `[memory]`.
    pub(super) memory: Option<Spanned<Table<Memory>>>,
    /// `[records]`.
    pub(super) records: Option<Spanned<Table<Records>>>,
    /// `[codes]`.
    pub(super) codes: Option<Spanned<Table<Codes>>>,
    /// `[customers]`.
    pub(super) customers: Option<Spanned<Table<Customers>>>,
    /// `[control]`.
    pub(super) control: Option<Spanned<Table<Control>>>,
    /// `[parking]`.
    pub(super) parking: Option<Spanned<Table<Parking>>>,
    /// `[[account]]`.
    pub(super) account: Vec<Spanned<Table<Account>>>,
    /// `[[carrier]]`.
    pub(super) carrier: Vec<Spanned<Table<Carrier>>>,
    /// `[[route]]`.
    pub(super) route: Vec<Spanned<Table<Route>>>,
    /// `[[inbound]]`.
    pub(super) inbound: Vec<Spanned<Table<Inbound>>>,
}

impl InParts for File {
    fn absorb(&mut self, part: Self) {
        let Self { log, memory, records, codes, customers, control, parking, .. } = part;
        let Self { account, carrier, route, inbound, .. } = part;
        self.log = self.log.take().or(log);
        self.memory = self.memory.take().or(memory);
        self.records = self.records.take().or(records);
        self.codes = self.codes.take().or(codes);
        self.customers = self.customers.take().or(customers);
        self.control = self.control.take().or(control);
        self.parking = self.parking.take().or(parking);
        self.account.extend(account);
        self.carrier.extend(carrier);
        self.route.extend(route);
        self.inbound.extend(inbound);
    }
}

/// `[log]`: where the log is kept.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [log],")]
pub(super) struct Log {
    /// The folder.
    pub(super) path: Option<Spanned<String>>,
    /// The size of a segment.
    pub(super) segment: Option<Spanned<String>>,
    /// The number of the shard.
    pub(super) shard: Option<Spanned<i64>>,
    /// History that is kept.
    pub(super) keep_min: Option<Spanned<String>>,
}

/// `[memory]`: what may be held beside the log.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [memory],")]
pub(super) struct Memory {
    /// Bodies of waiting messages.
    pub(super) bodies_max: Option<Spanned<String>>,
}

/// `[records]`: one line for each message that is over.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [records],")]
pub(super) struct Records {
    /// Their folder.
    pub(super) folder: Option<Spanned<String>>,
    /// How numbers are written.
    pub(super) numbers: Option<Spanned<String>>,
    /// Where the key of the hashed numbers is.
    pub(super) key: Option<Spanned<Table<Secret>>>,
}

/// `[customers]`: the listener for customers.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [customers],")]
pub(super) struct Customers {
    /// Address and port.
    pub(super) listen: Option<Spanned<String>>,
    /// Our name in the response to a bind.
    pub(super) system_id: Option<Spanned<String>>,
    /// The most connections.
    pub(super) connections_max: Option<Spanned<i64>>,
    /// Time to bind.
    pub(super) session_init: Option<Spanned<String>>,
    /// Silence before `enquire_link`.
    pub(super) enquire_link: Option<Spanned<String>>,
    /// Idleness before the unbind.
    pub(super) inactivity: Option<Spanned<String>>,
    /// Time for a response.
    pub(super) response: Option<Spanned<String>>,
    /// Time to drain.
    pub(super) drain: Option<Spanned<String>>,
}

/// `[control]`: the listener for metrics, health and local control.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [control],")]
pub(super) struct Control {
    /// Address and port.
    pub(super) listen: Option<Spanned<String>>,
    /// The file of the operators' socket.
    pub(super) operators: Option<Spanned<String>>,
}

/// `[parking]`: receipts that match no message yet.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [parking],")]
pub(super) struct Parking {
    /// How long they wait.
    pub(super) wait: Option<Spanned<String>>,
    /// How many may wait.
    pub(super) receipts_max: Option<Spanned<i64>>,
}

/// `[[account]]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[account]],")]
pub(super) struct Account {
    /// Its name.
    pub(super) name: Option<Spanned<String>>,
    /// The most binds.
    pub(super) binds: Option<Spanned<i64>>,
    /// Unanswered requests per connection.
    pub(super) window: Option<Spanned<i64>>,
    /// Messages per second.
    pub(super) rate: Option<Spanned<Table<Rate>>>,
    /// What kind of messages it sends.
    pub(super) traffic: Option<Spanned<String>>,
    /// How much it may submit in a day without announcing it.
    pub(super) load_max: Option<Spanned<i64>>,
    /// What becomes of a message in doubt.
    pub(super) in_doubt: Option<Spanned<Table<InDoubt>>>,
    /// How long messages last.
    pub(super) validity: Option<Spanned<Table<Validity>>>,
    /// The farthest schedule.
    pub(super) schedule_max: Option<Spanned<String>>,
    /// How long a receipt is waited for.
    pub(super) receipt_wait: Option<Spanned<String>>,
    /// How long its receipts rest.
    pub(super) receipt_pause: Option<Spanned<String>>,
    /// How its receipts are kept.
    pub(super) receipts: Option<Spanned<Table<Receipts>>>,
    /// How its receipts are written.
    pub(super) receipt_format: Option<Spanned<Table<ReceiptFormat>>>,
    /// How its long messages are put together.
    pub(super) long_messages: Option<Spanned<Table<LongMessages>>>,
    /// `[[account.system]]`.
    pub(super) system: Vec<Spanned<Table<System>>>,
}

/// Messages in doubt.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { resend_after = \"1m\", copies = 1, settle_after = \"1h\" }"
)]
pub(super) struct InDoubt {
    /// Silence after which a copy is sent.
    pub(super) resend_after: Option<Spanned<String>>,
    /// Copies at the most.
    pub(super) copies: Option<Spanned<i64>>,
    /// Silence after which it stays pending.
    pub(super) settle_after: Option<Spanned<String>>,
}

/// How long messages last.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { default = \"1d\", max = \"3d\" }")]
pub(super) struct Validity {
    /// Without a wish.
    pub(super) default: Option<Spanned<String>>,
    /// The longest.
    pub(super) max: Option<Spanned<String>>,
}

/// How receipts are kept.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { keep = \"3d\", max = 1000000, attempts = 100 }"
)]
pub(super) struct Receipts {
    /// How long.
    pub(super) keep: Option<Spanned<String>>,
    /// How many.
    pub(super) max: Option<Spanned<i64>>,
    /// How often one is offered.
    pub(super) attempts: Option<Spanned<i64>>,
}

/// How receipts are written.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { dates = \"YYMMDDhhmmss\", utc_offset = \"+08:00\", command = \"data_sm\" }"
)]
pub(super) struct ReceiptFormat {
    /// Whether parts are counted.
    pub(super) counts: Option<Spanned<bool>>,
    /// How dates look.
    pub(super) dates: Option<Spanned<String>>,
    /// The clock of the dates.
    pub(super) utc_offset: Option<Spanned<String>>,
    /// How errors look.
    pub(super) err: Option<Spanned<String>>,
    /// How long an error is at least.
    pub(super) err_digits: Option<Spanned<i64>>,
    /// Whether there is a place for the text.
    pub(super) text: Option<Spanned<bool>>,
    /// Whether parameters say the same.
    pub(super) parameters: Option<Spanned<bool>>,
    /// The command that they come in.
    pub(super) command: Option<Spanned<String>>,
}

/// How long messages are put together.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { wait = \"5m\", max = 10000, receipts = \"one\" }"
)]
pub(super) struct LongMessages {
    /// How long the first part waits.
    pub(super) wait: Option<Spanned<String>>,
    /// How many messages wait.
    pub(super) max: Option<Spanned<i64>>,
    /// What receipts are for.
    pub(super) receipts: Option<Spanned<String>>,
}

/// `[[account.system]]`: who may bind for the account.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[account.system]],")]
pub(super) struct System {
    /// Its name in the bind.
    pub(super) system_id: Option<Spanned<String>>,
    /// Where its password is.
    pub(super) password: Option<Spanned<Table<Secret>>>,
    /// Whether lengths are held to the specification.
    pub(super) limits: Option<Spanned<String>>,
}

/// `[[carrier]]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[carrier]],")]
pub(super) struct Carrier {
    /// Its name.
    pub(super) name: Option<Spanned<String>>,
    /// Host and port.
    pub(super) address: Option<Spanned<String>>,
    /// Our name in the bind.
    pub(super) system_id: Option<Spanned<String>>,
    /// Where our password is.
    pub(super) password: Option<Spanned<Table<Secret>>>,
    /// Our kind of system in the bind.
    pub(super) system_type: Option<Spanned<String>>,
    /// How we bind.
    pub(super) bind: Option<Spanned<String>>,
    /// How many binds.
    pub(super) binds: Option<Spanned<i64>>,
    /// Unanswered messages per bind.
    pub(super) window: Option<Spanned<i64>>,
    /// Messages per second.
    pub(super) rate: Option<Spanned<Table<Rate>>>,
    /// Silence before `enquire_link`.
    pub(super) enquire_link: Option<Spanned<String>>,
    /// Time for a response.
    pub(super) response: Option<Spanned<String>>,
    /// Time between attempts to connect.
    pub(super) reconnect: Option<Spanned<Table<Reconnect>>>,
    /// Rest after "throttled".
    pub(super) throttle_pause: Option<Spanned<String>>,
    /// The most waiting messages.
    pub(super) queue_max: Option<Spanned<i64>>,
    /// The families of its codes.
    pub(super) codes: Option<Spanned<Texts>>,
    /// `[[carrier.code]]`.
    pub(super) code: Vec<Spanned<Table<OwnCode>>>,
    /// What its refusals mean.
    pub(super) retry: Option<Spanned<Table<Retry>>>,
    /// How long it may be away.
    pub(super) failover_after: Option<Spanned<String>>,
    /// Time to drain.
    pub(super) drain: Option<Spanned<String>>,
    /// Whether lengths are held to the specification.
    pub(super) limits: Option<Spanned<String>>,
    /// How it writes message ids.
    pub(super) message_id: Option<Spanned<MessageId>>,
    /// The percentage of receipts that match, below which there is an alarm.
    pub(super) match_rate_min: Option<Spanned<i64>>,
}

/// `[[route]]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[route]],")]
pub(super) struct Route {
    /// The first digits of a destination.
    pub(super) prefix: Option<Spanned<String>>,
    /// The name of the carrier for them.
    pub(super) carrier: Option<Spanned<String>>,
    /// The names of several.
    pub(super) carriers: Option<Spanned<Texts>>,
}

/// `[[inbound]]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[inbound]],")]
pub(super) struct Inbound {
    /// The number, or its first digits.
    pub(super) number: Option<Spanned<String>>,
    /// The first word of the text.
    pub(super) keyword: Option<Spanned<String>>,
    /// The name of the account.
    pub(super) account: Option<Spanned<String>>,
}

/// Messages per second.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { per_second = 100, burst = 200 }")]
pub(super) struct Rate {
    /// How many per second.
    pub(super) per_second: Option<Spanned<i64>>,
    /// How many at once.
    pub(super) burst: Option<Spanned<i64>>,
}

/// Time between attempts to connect.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { min = \"1s\", max = \"60s\" }")]
pub(super) struct Reconnect {
    /// The first wait.
    pub(super) min: Option<Spanned<String>>,
    /// The longest wait.
    pub(super) max: Option<Spanned<String>>,
}

/// Attempts after a refusal.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { attempts = 5, wait = \"5s\", wait_max = \"5m\" }"
)]
pub(super) struct Retry {
    /// How many.
    pub(super) attempts: Option<Spanned<i64>>,
    /// The first wait.
    pub(super) wait: Option<Spanned<String>>,
    /// The longest wait.
    pub(super) wait_max: Option<Spanned<String>>,
    /// What statuses mean.
    pub(super) statuses: Option<Pairs>,
}

/// How message ids are written, each kind of them.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct IdForms {
    /// In responses.
    pub(super) response: Option<Spanned<String>>,
    /// In receipts.
    pub(super) receipt: Option<Spanned<String>>,
}

/// Where a password or a key is.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { env = \"NAME\" } or { file = \"path\" }"
)]
pub(super) struct Secret {
    /// In this environment variable.
    pub(super) env: Option<Spanned<String>>,
    /// In this file.
    pub(super) file: Option<Spanned<String>>,
}
