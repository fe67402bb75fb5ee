//! What does everything stand on? Ids, time and the calendar, octet strings, secrets. Knows nothing above it.

pub mod calendar;
pub mod ids;
pub mod octets;
pub mod privacy;
pub mod time;
