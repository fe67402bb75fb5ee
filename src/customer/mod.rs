//! Who are the customers, and what do they say? Connections, binds, and translation to and from our nouns.

mod settings;

pub use settings::{CustomerAccount, CustomerSettings, CustomerSystem};
