//! What is written in a file, as it is written: types, no meaning. Everything may be missing; what must not be is
//! `resolve`'s to say, so that all of it is said at once.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{Error, MapAccessDeserializer, UnitDeserializer};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// The file.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    /// `[log]`.
    pub(super) log: Option<Spanned<Table<Log>>>,
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
}

impl File {
    /// Takes in another part of the same file.
    pub(super) fn absorb(&mut self, part: Self) {
        let Self { log, customers, control, parking, account, carrier, route } = part;
        self.log = self.log.take().or(log);
        self.customers = self.customers.take().or(customers);
        self.control = self.control.take().or(control);
        self.parking = self.parking.take().or(parking);
        self.account.extend(account);
        self.carrier.extend(carrier);
        self.route.extend(route);
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
    /// How long its receipts rest.
    pub(super) receipt_pause: Option<Spanned<String>>,
    /// `[[account.system]]`.
    pub(super) system: Vec<Spanned<Table<System>>>,
}

/// `[[account.system]]`: who may bind for the account.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, expecting = "a table, [[account.system]],")]
pub(super) struct System {
    /// Its name in the bind.
    pub(super) system_id: Option<Spanned<String>>,
    /// Where its password is.
    pub(super) password: Option<Spanned<Table<Password>>>,
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
    pub(super) password: Option<Spanned<Table<Password>>>,
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

/// How message ids are written.
pub(super) enum MessageId {
    /// As a word says.
    Word(String),
    /// As a table says.
    Forms(IdForms),
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

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrTable)
    }
}

/// Takes a word or a table.
struct WordOrTable;

impl<'de> Visitor<'de> for WordOrTable {
    type Value = MessageId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table such as { response = \"hex\", receipt = \"decimal\" }, or \"learn\"")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<MessageId, E> {
        Ok(MessageId::Word(word.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<MessageId, A::Error> {
        IdForms::deserialize(MapAccessDeserializer::new(table)).map(MessageId::Forms)
    }
}

/// Where a password is.
#[derive(Deserialize, Default)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { env = \"NAME\" } or { file = \"path\" }"
)]
pub(super) struct Password {
    /// In this environment variable.
    pub(super) env: Option<Spanned<String>>,
    /// In this file.
    pub(super) file: Option<Spanned<String>>,
}

/// A table and nothing else: serde would also take `rate = [100, 200]` for one, with its values in the order of our
/// fields.
#[derive(Default)]
pub(super) struct Table<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OnlyTable(PhantomData))
    }
}

/// Takes a table only.
struct OnlyTable<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyTable<T> {
    type Value = Table<T>;

    /// What the table itself expects, which it only says when it gets something else.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refusal =
            T::deserialize(UnitDeserializer::<Error>::new()).err().map(|refusal| refusal.to_string());
        let expected = refusal.as_deref().and_then(|refusal| refusal.rsplit_once(", expected "));
        f.write_str(expected.map_or("a table", |(_, expected)| expected))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Table<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(table)).map(Table)
    }
}
