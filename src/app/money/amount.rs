//! How does an amount of money stand in a document? As a decimal text, `"0.0450"`: a JSON number would be rounded.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::money::{Money, NotMoney};

/// An amount, exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map(Self).map_err(D::Error::custom)
    }
}

impl FromStr for Amount {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_text_there_and_back() {
        for micros in [0, 1, -1, 45_000, i64::MAX, i64::MIN] {
            let amount = Amount(Money::from_micros(micros));
            let text = serde_json::to_string(&amount).unwrap();
            assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), amount, "{text}");
        }
        assert_eq!(serde_json::to_string(&Amount(Money::from_micros(45_000))).unwrap(), "\"0.0450\"");
        assert!(serde_json::from_str::<Amount>("0.0450").is_err());
        assert!(serde_json::from_str::<Amount>("\"0.0000001\"").is_err());
    }
}
