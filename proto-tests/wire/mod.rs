//! What stands on the wire, octet by octet: written here by hand from the specification, read and written by the
//! codec, never by a round trip alone.
//!
//! | file | proves |
//! |---|---|
//! | `vectors_*` | the conformance vectors 1–39, by number |
//! | `quirks_*` | what real peers do, by the number of its quirk |
//! | `fences` | cuts, coalescing and splitting: nothing reads past its own PDU |
//! | `fields` | every C-octet string of every PDU at, over and far over its length (vector 27) |
//! | `parameters` | every optional parameter, typed on demand |
//! | `properties` | any PDU, both ways; any octets, without a panic |
//! | `privacy` | no password, number or text in Debug output |

mod fences;
mod fields;
mod parameters;
mod privacy;
mod properties;
mod quirks_bodies;
mod quirks_parameters;
mod quirks_session;
mod raw;
mod samples;
mod vectors_framing;
mod vectors_messages;
mod vectors_responses;
