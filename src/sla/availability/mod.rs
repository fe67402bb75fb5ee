//! For how much of the month was the service there? One verb, [`fn@availability`]; its verdict is minutes and what they
//! mean under the terms. Beside it, once a year, the time between failures ([`fn@between_failures`]).
//!
//! The order is that of the contract (R76, R77, R81): outages of different functions are one while they overlap, what
//! is excluded is cut out of them, and only then it is asked how long what is left lasted; what lasted long enough
//! counts whole. An outage over midnight of a month's last day is one outage, and each month has its part of it.

mod between;
mod downtime;
mod exclusions;
mod history;
mod interval;
mod outages;

pub use between::{BetweenFailures, between_failures, failures};
pub use downtime::{Availability, CountedOutage, availability, counted};
pub use exclusions::{Excused, excused};
pub use history::{CLOSINGS_MAX, History, KEEP};
pub use interval::{Interval, total, union, without};
pub use outages::{OUTAGES_MAX, Outage, Outages};
