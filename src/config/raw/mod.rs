//! What is written in a file, as it is written: types, no meaning. Everything may be missing; what must not be is
//! `resolve`'s to say, so that all of it is said at once.

mod account;
mod codes;
mod opt_out;
mod sla;
mod tariff;

use serde::Deserialize;
use toml::Spanned;

use crate::config::read::InParts;
pub(super) use crate::config::shapes::{Amount, Days, MessageId, Pairs, Table, Texts};
pub(super) use account::{Account, InDoubt, LongMessages, ReceiptFormat, Receipts, System, Term, Validity};
pub(super) use codes::{Code, CodeFile, Codes, OwnCode};
pub(super) use opt_out::OptOut;
pub(super) use sla::{
    CalendarFile, Claim, Compensation, Metric, Pays, PolicyFile, PolicyVersion, Sla, Target, Tier,
};
pub(super) use tariff::{PrefixPrice, PriceTier, TariffFile, TariffVersion, Tariffs};

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
    /// `[sla]`.
    pub(super) sla: Option<Spanned<Table<Sla>>>,
    /// `[tariffs]`.
    pub(super) tariffs: Option<Spanned<Table<Tariffs>>>,
    /// `[customers]`.
    pub(super) customers: Option<Spanned<Table<Customers>>>,
    /// `[control]`.
    pub(super) control: Option<Spanned<Table<Control>>>,
    /// `[prober]`.
    pub(super) prober: Option<Spanned<Table<Prober>>>,
    /// `[parking]`.
    pub(super) parking: Option<Spanned<Table<Parking>>>,
    /// `[[opt_out]]`.
    pub(super) opt_out: Vec<Spanned<Table<OptOut>>>,
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
        let Self { log, memory, records, codes, sla, tariffs, customers, control, parking, .. } = part;
        let Self { prober, opt_out, account, carrier, route, inbound, .. } = part;
        self.log = self.log.take().or(log);
        self.memory = self.memory.take().or(memory);
        self.records = self.records.take().or(records);
        self.codes = self.codes.take().or(codes);
        self.sla = self.sla.take().or(sla);
        self.tariffs = self.tariffs.take().or(tariffs);
        self.customers = self.customers.take().or(customers);
        self.control = self.control.take().or(control);
        self.prober = self.prober.take().or(prober);
        self.parking = self.parking.take().or(parking);
        self.opt_out.extend(opt_out);
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

/// `[prober]`: a customer of our own.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [prober],")]
pub(super) struct Prober {
    /// The account that is there for it.
    pub(super) account: Option<Spanned<String>>,
    /// Between two probes.
    pub(super) interval: Option<Spanned<String>>,
    /// For a whole probe.
    pub(super) timeout: Option<Spanned<String>>,
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
    /// The name of the tariff by which it is paid.
    pub(super) tariff: Option<Spanned<String>>,
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
