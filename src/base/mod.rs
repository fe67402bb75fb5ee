//! What does everything stand on? Ids, time, octet strings, secrets. Knows nothing above it.

pub mod ids;
pub mod octets;
pub mod privacy;
pub mod time;
