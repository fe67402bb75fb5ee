//! What does it cost, is there money? One verb, [`Pricing::price`]; one verdict, [`Priced`] or [`NoPrice`].
//!
//! The price needs settings only, so it is found on the caller's own task. Whether there is money is a matter of
//! facts: [`Wallet::plan`] decides it, [`Wallet::take`], [`Wallet::settle`] and [`Wallet::release`] apply it, and
//! [`Charge::step`] says when.
//!
//! Exact integers throughout; where something does not divide, it is rounded down, and the place says so.

pub mod charge;
pub mod reconcile;
pub mod segments;
mod settings;
pub mod tariff;
pub mod wallet;

use std::fmt;
use std::sync::Arc;

use crate::base::time::Timestamp;
use crate::message::ChargeOn;

pub use charge::{Action, Happened};
pub use segments::{Measure, SegmentRule};
pub use settings::{Cost, Paying, RateCard};
pub use tariff::{Tariff, UnitPrice};
pub use wallet::{Shortage, Wallet};

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

/// Proof that `T` has a price. Only [`Pricing::price`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Priced<T> {
    what: T,
    unit: UnitPrice,
    measure: Measure,
    rule: SegmentRule,
}

impl Pricing {
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
        Ok(Priced { what, unit, measure, rule: self.segments })
    }
}

impl<T> Priced<T> {
    /// What each segment costs, and by which entry of the tariff.
    pub const fn unit(&self) -> UnitPrice {
        self.unit
    }

    /// The length of the text; of a part, what its long message has to remember.
    pub const fn measure(&self) -> Measure {
        self.measure
    }

    /// Billable segments: all of a message, or what a part adds to the parts `before` it.
    pub fn segments(&self, before: Option<Measure>) -> u32 {
        self.measure.further(before, self.rule)
    }

    /// What was priced, for the next step.
    pub fn into_inner(self) -> T {
        self.what
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
        let pricing =
            Pricing { segments: SegmentRule::EveryCharacter, charge_on: ChargeOn::CarrierOk, tariff };
        let measure = Measure::of_text(&"a".repeat(71));
        let priced = pricing.price("it", effective, b"8613800138000", measure).unwrap();
        assert_eq!((priced.unit().price, priced.unit().version), (price, 3));
        assert_eq!(priced.segments(None), 2);
        assert_eq!(priced.segments(Some(measure)), 1, "142 characters are three segments");
        assert_eq!((priced.measure(), priced.into_inner()), (measure, "it"));
        assert_eq!(pricing.price((), effective, b"4412", measure), Err(NoPrice));
    }
}
