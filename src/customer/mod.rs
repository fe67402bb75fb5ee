//! Who are the customers, and what do they say? Connections, binds, and translation to and from our nouns.
//!
//! | file | question |
//! |---|---|
//! | `listener` | who knocks? |
//! | `directory` | who may bind, and how often? |
//! | `connection` | what happens on one connection? |
//! | `translate` | how does a request become what the engine is asked, and what the engine says an answer? |
//! | `telemetry` | how long did customers wait? |
//! | `status` | which command_status says what? The only table to the wire on this edge. |

mod connection;
mod directory;
mod listener;
mod settings;
mod status;
mod telemetry;
mod translate;

pub use listener::{Customers, ListenError};
pub use settings::{CustomerAccount, CustomerSettings, CustomerSystem, ReceiptStyle};
