//! The promises of the design that the engine has to keep: on a log whose syncs can be held back and can fail.
//! (What the flow alone can keep is told in its own transcripts.)
//!
//! | file | proves |
//! |---|---|
//! | `rig` | an engine, customers and carriers on it, and a log with a gate |
//! | `durable` | promise 1: OK means durable, and a failed sync ends acceptance |
//! | `groups` | group commit, and what a stop works off |
//! | `freeing` | old segments go, and whatever that costs comes to an end |
//! | `recovery` | promises 2, 3 and 6 over restarts of the engine |
//! | `links` | promise 2 when connections go while messages are on their way to them |
//! | `privacy` | promise 13 for what the engine carries |

mod durable;
mod freeing;
mod groups;
mod links;
mod privacy;
mod recovery;
mod rig;
