//! The shapes of values that serde would take too generously, or refuse in words that help nobody.

use std::fmt;
use std::iter;
use std::marker::PhantomData;

use serde::de::value::{Error, MapAccessDeserializer, UnitDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::config::raw::IdForms;

/// A list of texts. A type of its own, as the other lists are, so that something else there is answered with an example
/// of one.
pub(super) struct Texts(pub(super) Vec<Spanned<String>>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OnlyList::like("[\"north\", \"south\"]")).map(Self)
    }
}

/// A list of days.
#[derive(Default)]
pub(super) struct Days(pub(super) Vec<Spanned<String>>);

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OnlyList::like("[\"2021-10-01\", \"2021-10-02\"]")).map(Self)
    }
}

/// A list of years.
#[derive(Default)]
pub(super) struct Years(pub(super) Vec<Spanned<i64>>);

impl<'de> Deserialize<'de> for Years {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OnlyList::like("[2021, 2022]")).map(Self)
    }
}

/// An amount of money as a text: a number in TOML is a float, which most prices are not.
pub(super) struct Amount(pub(super) String);

/// What an amount looks like, for whoever wrote something else.
pub(super) const AN_AMOUNT: &str = "an amount in quotes such as \"0.0450\"";

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(OnlyAmount)
    }
}

/// Takes a text only.
struct OnlyAmount;

impl Visitor<'_> for OnlyAmount {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(AN_AMOUNT)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        Ok(Amount(text.to_owned()))
    }
}

/// Takes a list only.
struct OnlyList<T> {
    example: &'static str,
    of: PhantomData<T>,
}

impl<T> OnlyList<T> {
    const fn like(example: &'static str) -> Self {
        Self { example, of: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyList<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list such as {}", self.example)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        iter::from_fn(|| list.next_element().transpose()).collect()
    }
}

/// A table whose keys are not ours to know: statuses, and a word for each.
pub(super) struct Pairs(pub(super) Vec<(Spanned<String>, Spanned<String>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OnlyPairs)
    }
}

/// Takes a table of texts only.
struct OnlyPairs;

impl<'de> Visitor<'de> for OnlyPairs {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table such as { \"0x08\" = \"later\" }")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Pairs, A::Error> {
        iter::from_fn(|| table.next_entry().transpose()).collect::<Result<_, _>>().map(Pairs)
    }
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

/// How message ids are written.
pub(super) enum MessageId {
    /// As a word says.
    Word(String),
    /// As a table says.
    Forms(IdForms),
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
