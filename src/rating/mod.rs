//! What does it cost, is there money? One verb, [`Pricing::price`]; one verdict, [`Priced`] or [`NoPrice`].
//!
//! The price needs settings only, so it is found on the caller's own task. Whether there is money is a matter of
//! facts: [`Wallet::plan`] decides it, [`Wallet::take`], [`Wallet::settle`] and [`Wallet::release`] apply it, and
//! [`Charge::step`](crate::message::Charge::step) says when.
//!
//! Exact integers throughout; where something does not divide, it is rounded down, and the place says so.

pub mod charge;
pub mod ledger;
pub mod month;
pub mod reconcile;
pub mod segments;
mod settings;
pub mod tariff;
pub mod usage;
pub mod wallet;

use std::fmt;
use std::sync::Arc;

use crate::base::time::Timestamp;
use crate::message::{ChargeOn, Content};
use crate::text::charset::Alphabet;

pub use charge::{Action, Happened};
pub use ledger::{Ledger, MonthNumber, SettledMonth};
pub use segments::{Measure, SegmentRule};
pub use settings::{Cost, Paying, RateCard};
pub use tariff::{Tariff, UnitPrice};
pub use wallet::{Shortage, Wallet};

/// What `data_coding` 0 means when segments are counted: the default alphabet of SMPP and of the air (§5.2.19).
pub const DEFAULT_ALPHABET: Alphabet = Alphabet::Gsm7;

/// How an account's messages are priced. One category of messages may have another (R48): whoever decides the
/// category chooses the pricing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pricing {
    /// How segments are counted (A10).
    pub segments: SegmentRule,
    /// What is charged for (A9).
    pub charge_on: ChargeOn,
    /// What they cost.
    pub tariff: Arc<Tariff>,
    /// What stands for the tariff beside each message: two tariffs may have versions of one number.
    pub tag: u32,
}

/// The tariff has no price for this destination at this time (R37): the message is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoPrice;

impl fmt::Display for NoPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tariff has no price for this destination")
    }
}

impl std::error::Error for NoPrice {}

/// What a message costs, before it is known whether there is money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price {
    /// What each segment costs, and by which version of the tariff.
    pub unit: UnitPrice,
    /// The tariff.
    pub tag: u32,
    /// How segments are counted.
    pub rule: SegmentRule,
    /// What is charged for.
    pub charge_on: ChargeOn,
}

/// Proof that `T` was asked for its price. Only [`Pricing::price`] and [`Priced::free`] make one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Priced<T> {
    what: T,
    price: Option<Price>,
    measure: Measure,
}

impl Pricing {
    /// How messages are priced by this tariff, which has this name.
    #[must_use]
    pub fn new(name: &str, tariff: Arc<Tariff>, segments: SegmentRule, charge_on: ChargeOn) -> Self {
        Self { segments, charge_on, tariff, tag: tag(name) }
    }

    /// The price of `what`, submitted at `at` to `destination`, with a text of this length after the signature.
    ///
    /// # Errors
    /// [`NoPrice`] for a destination that the tariff has no price for.
    pub fn price<T>(
        &self,
        what: T,
        at: Timestamp,
        destination: &[u8],
        measure: Measure,
    ) -> Result<Priced<T>, NoPrice> {
        let unit = self.tariff.price_at(destination, at).ok_or(NoPrice)?;
        let price = Price { unit, tag: self.tag, rule: self.segments, charge_on: self.charge_on };
        Ok(Priced { what, price: Some(price), measure })
    }
}

/// What stands for a tariff of this name in the log; never 0, which stands for none.
#[must_use]
pub fn tag(name: &str) -> u32 {
    crc32fast::hash(name.as_bytes()).max(1)
}

/// How long the text of a content is.
#[must_use]
pub fn measure(content: &Content) -> Measure {
    Measure::of_content(content, DEFAULT_ALPHABET)
}

impl<T> Priced<T> {
    /// Something that its account pays nothing for.
    pub const fn free(what: T) -> Self {
        Self { what, price: None, measure: Measure::NOTHING }
    }

    /// What it costs; `None` when it is free.
    pub const fn price(&self) -> Option<Price> {
        self.price
    }

    /// Billable segments: all of a message, or what a part adds to the parts `before` it. None of what is free.
    pub fn segments(&self, before: Option<Measure>) -> u32 {
        self.price.map_or(0, |price| self.measure.further(before, price.rule))
    }

    /// What was priced, and the proof of it.
    pub fn split(self) -> (T, Priced<()>) {
        let Self { what, price, measure } = self;
        (what, Priced { what: (), price, measure })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::tariff::{PrefixPrice, Tier, VersionSettings};
    use super::*;

    #[test]
    fn a_message_is_priced_by_its_text_and_its_destination() {
        let price = "0.0450".parse().unwrap();
        let tiers = vec![Tier { over: 0, up_to: None, price }];
        let prices = vec![PrefixPrice { prefix: "86".to_owned(), tiers }];
        let effective = Timestamp::from_millis(10);
        let version = VersionSettings { number: 3, effective, announced: None, prices };
        let tariff = Arc::new(Tariff::new(vec![version], Duration::ZERO).unwrap());
        let pricing = Pricing::new("list", tariff, SegmentRule::EveryCharacter, ChargeOn::CarrierOk);
        let measure = Measure::of_text(&"a".repeat(71));
        let priced = pricing.price("it", effective, b"8613800138000", measure).unwrap();
        let said = priced.price().unwrap();
        assert_eq!((said.unit.price, said.unit.version, said.tag), (price, 3, tag("list")));
        assert_eq!(priced.segments(None), 2);
        assert_eq!(priced.segments(Some(measure)), 1, "142 characters are three segments");
        assert_eq!(priced.split().0, "it");
        assert_eq!(pricing.price((), effective, b"4412", measure), Err(NoPrice));
        let free = Priced::free("it");
        assert_eq!((free.price(), free.segments(None)), (None, 0));
    }
}
