//! What does everybody pay? What the rooms are told before they are asked, already valid.

use std::sync::Arc;

use crate::base::calendar::UtcOffset;
use crate::message::Terms;
use crate::rating::{Pricing, Tariff};

/// A tariff with what people call it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RateCard {
    /// Its name.
    pub name: String,
    /// Three letters that are shown beside amounts (ISO 4217); nothing is converted.
    pub currency: String,
    /// The clock whose midnight its days begin at.
    pub clock: UtcOffset,
    /// Its prices.
    pub tariff: Arc<Tariff>,
}

/// How an account pays for its messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paying {
    /// The name of its tariff.
    pub tariff: String,
    /// What its messages cost, and what is charged for.
    pub pricing: Pricing,
    /// How it pays, and when it is warned.
    pub terms: Terms,
}

/// What we pay ourselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cost {
    /// The carrier's name.
    pub carrier: String,
    /// The name of its tariff.
    pub name: String,
    /// What it takes for each segment that it took from us. Its versions take effect at the beginning of a day of the
    /// contracts' clock, because what it took is counted by day.
    pub tariff: Arc<Tariff>,
}
