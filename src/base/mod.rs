//! What does everything stand on? Ids, money, time and the calendar, octet strings, secrets. Knows nothing above it.

pub mod calendar;
pub mod ids;
pub mod local_time;
pub mod money;
pub mod octets;
pub mod privacy;
pub mod time;
