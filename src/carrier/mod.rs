//! Who carries the messages, and what do they say? Binds to operators' SMSCs, and translation to and from our nouns.
//!
//! | file | question |
//! |---|---|
//! | `bind` | how is one bind kept up? |
//! | `backoff` | how long until the next attempt? |
//! | `serve` | what happens on one bind? |
//! | `in_flight` | which hand-over does an answer belong to? |
//! | `incoming` | what does a message for one of our accounts say? |
//! | `translate` | how does a message become a PDU, and a PDU a receipt? |
//! | `status` | what does a command_status mean? The only reading of it on this edge. |

mod backoff;
mod bind;
mod in_flight;
mod incoming;
mod serve;
mod settings;
mod status;
mod translate;

pub use bind::Carriers;
pub use settings::{BindMode, CarrierSettings};
