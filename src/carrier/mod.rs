//! Who carries the messages, and what do they say? Binds to operators' SMSCs, and translation to and from our nouns.

mod settings;

pub use settings::{BindMode, CarrierSettings};
