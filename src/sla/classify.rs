//! From a carrier's words to an outcome: by the tables of its codes, and where they are silent by SMPP's states
//! (receipt codes, 3.1).
//!
//! A word that nobody knows is unknown: it is kept raw, and the message stays open for one that somebody knows. When
//! none comes in time, it counts against us and not against the customer, and apart (promise 4).

use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::message::outcome::UNKNOWN;
use crate::message::{Class, Exclusion, Fault, Outcome, Receipt, ReceiptState};
use crate::sla::codes::{self, CarrierCodes, Ruling};

/// What a receipt says about its message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// It is over.
    Final(Outcome),
    /// It is on its way.
    Intermediate,
    /// Nobody knows what the word means, or the carrier says that it does not know.
    Unknown,
}

/// What `receipt`, which came at `now`, means.
#[must_use]
pub fn classify(receipt: &Receipt, codes: &CarrierCodes, now: Timestamp) -> Meaning {
    match codes.find(receipt, now).map(|found| found.row.ruling) {
        Some(Ruling::Intermediate) => Meaning::Intermediate,
        Some(Ruling::Final { class, fault, excluded_by }) => {
            let outcome = as_reported(receipt, class, fault);
            let message_state = match (class, receipt.state.message_state) {
                (Class::Delivered, _) => DELIVERED,
                (_, Some(state @ (EXPIRED | DELETED | UNDELIVERABLE | REJECTED))) => state,
                _ => UNDELIVERABLE,
            };
            Meaning::Final(Outcome { excluded_by, message_state, ..outcome })
        }
        None => by_state(receipt),
    }
}

/// What SMPP says of the state alone (§5.2.28).
fn by_state(receipt: &Receipt) -> Meaning {
    let Some(state) = receipt.state.message_state else { return Meaning::Unknown };
    let outcome = |class, fault| {
        let unmapped = class != Class::Delivered && codes::has_error(&receipt.err);
        Meaning::Final(Outcome { message_state: state, unmapped, ..as_reported(receipt, class, fault) })
    };
    match state {
        DELIVERED => outcome(Class::Delivered, Fault::None),
        EXPIRED => outcome(Class::InvalidNumber, Fault::Recipient),
        DELETED => outcome(Class::ExplicitFailure, Fault::Carrier),
        UNDELIVERABLE | REJECTED => outcome(Class::ExplicitFailure, Fault::Unknown),
        SCHEDULED | ENROUTE | ACCEPTED | SKIPPED => Meaning::Intermediate,
        _ => Meaning::Unknown,
    }
}

fn as_reported(receipt: &Receipt, class: Class, fault: Fault) -> Outcome {
    Outcome {
        class,
        excluded_by: None,
        fault,
        unmapped: false,
        message_state: UNKNOWN,
        stat: receipt.state.stat,
        err: receipt.err,
        network_error_code: receipt.network_error_code,
    }
}

/// The state that a customer is told of a receipt that decides nothing: what the carrier said if it says so itself.
#[must_use]
pub const fn intermediate_state(said: Option<u8>) -> u8 {
    match said {
        Some(state @ (SCHEDULED | ENROUTE | ACCEPTED | SKIPPED)) => state,
        _ => ENROUTE,
    }
}

/// The outcome of a message that the carrier refused for good with this `command_status` at `now`.
#[must_use]
pub fn refused_by_carrier(status: u32, codes: &CarrierCodes, now: Timestamp) -> Outcome {
    let err = format!("{status:08x}");
    let refused = Outcome {
        err: Octets::new(err.as_bytes()).unwrap_or_default(),
        ..ours(Class::ExplicitFailure, Fault::Carrier, REJECTED, REFUSED)
    };
    match codes.find_status(status, now).map(|found| found.row.ruling) {
        Some(Ruling::Final { class, fault, excluded_by }) => Outcome { class, fault, excluded_by, ..refused },
        Some(Ruling::Intermediate) | None => refused,
    }
}

/// The outcome of a message that we could not bring to an end ourselves; `stat` is our word for why.
#[must_use]
pub fn failed_by_platform(stat: &[u8]) -> Outcome {
    Outcome {
        class: Class::ExplicitFailure,
        excluded_by: None,
        fault: Fault::Platform,
        unmapped: false,
        message_state: UNDELIVERABLE,
        stat: Octets::new(stat).unwrap_or_default(),
        err: Octets::EMPTY,
        network_error_code: None,
    }
}

/// Our words for why a message ended without a carrier's word.
pub const CANCELLED: &[u8] = b"DELETED";
/// The carrier's answer to the submission, in the receipt's word for it.
pub const REFUSED: &[u8] = b"REJECTD";
/// Parts did not come in time.
pub const PARTS_MISSING: &[u8] = b"PARTMISS";
/// It stayed in doubt.
pub const NEVER_KNOWN: &[u8] = b"INDOUBT";
/// Its receipt never came.
pub const NEVER_REPORTED: &[u8] = b"NORECPT";
/// Its recipient has opted out of its account's messages.
pub const OPTED_OUT: &[u8] = b"OPTEDOUT";
/// It does not say how its recipient opts out.
pub const OPT_OUT_MISSING: &[u8] = b"NOOPTOUT";
/// No carrier is left for it.
pub const NO_ROUTE: &[u8] = b"NOROUTE";

/// The outcome of a message that expired in our queue.
#[must_use]
pub fn expired() -> Outcome {
    Outcome { message_state: EXPIRED, ..failed_by_platform(b"EXPIRED") }
}

/// The outcome of a message that its customer cancelled.
#[must_use]
pub fn cancelled() -> Outcome {
    let excluded_by = Some(Exclusion::Customer);
    Outcome { excluded_by, ..ours(Class::Excluded, Fault::Customer, DELETED, CANCELLED) }
}

/// The outcome of a message whose recipient has opted out while it waited: a number on the platform's own list is not
/// valid in the contract's sense (R5, receipt codes 200).
#[must_use]
pub fn opted_out() -> Outcome {
    ours(Class::InvalidNumber, Fault::Recipient, REJECTED, OPTED_OUT)
}

/// The outcome of the parts of a long message that does not say how to opt out and has to (R15, receipt codes 194).
#[must_use]
pub fn opt_out_missing() -> Outcome {
    let excluded_by = Some(Exclusion::Content);
    Outcome { excluded_by, ..ours(Class::Excluded, Fault::Customer, REJECTED, OPT_OUT_MISSING) }
}

/// The outcome of parts whose long message never became whole (receipt codes, 208).
#[must_use]
pub fn parts_missing() -> Outcome {
    let excluded_by = Some(Exclusion::Customer);
    Outcome { excluded_by, ..ours(Class::Excluded, Fault::Customer, UNDELIVERABLE, PARTS_MISSING) }
}

/// The outcome of a message that stayed in doubt: nobody knows whether the carrier ever had it.
#[must_use]
pub fn never_known() -> Outcome {
    ours(Class::Pending, Fault::Carrier, UNKNOWN, NEVER_KNOWN)
}

/// The outcome of a message that the carrier took and never reported about.
#[must_use]
pub fn never_reported() -> Outcome {
    ours(Class::Pending, Fault::Carrier, UNKNOWN, NEVER_REPORTED)
}

/// The outcome of a message about which the carrier's last word was one that nobody knows: against the provider, who
/// could have mapped it.
#[must_use]
pub fn never_understood(said: ReceiptState) -> Outcome {
    let outcome = ours(Class::ExplicitFailure, Fault::Unknown, UNKNOWN, said.stat.as_slice());
    Outcome { unmapped: said.message_state.is_none(), ..outcome }
}

fn ours(class: Class, fault: Fault, message_state: u8, stat: &[u8]) -> Outcome {
    Outcome { class, fault, message_state, ..failed_by_platform(stat) }
}

const SCHEDULED: u8 = 0;
const ENROUTE: u8 = 1;
const DELIVERED: u8 = 2;
const EXPIRED: u8 = 3;
const DELETED: u8 = 4;
const UNDELIVERABLE: u8 = 5;
const ACCEPTED: u8 = 6;
const REJECTED: u8 = 8;
const SKIPPED: u8 = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::CarrierId;
    use crate::message::{Address, CarrierMessageId};

    fn meaning(message_state: Option<u8>, stat: &str) -> Meaning {
        let receipt = Receipt {
            carrier: CarrierId(0),
            id: CarrierMessageId::new(b"1"),
            state: ReceiptState { message_state, stat: Octets::new(stat.as_bytes()).unwrap() },
            err: Octets::new(b"021").unwrap(),
            network_error_code: None,
            recipient: Address::default(),
            sender: Address::default(),
        };
        classify(&receipt, &CarrierCodes::default(), Timestamp::default())
    }

    fn class(message_state: Option<u8>, stat: &str) -> Option<Class> {
        match meaning(message_state, stat) {
            Meaning::Final(outcome) => Some(outcome.class),
            Meaning::Intermediate | Meaning::Unknown => None,
        }
    }

    #[test]
    fn the_states_of_the_specification_have_their_classes() {
        assert_eq!(class(Some(2), "DELIVRD"), Some(Class::Delivered));
        assert_eq!(class(Some(3), "EXPIRED"), Some(Class::InvalidNumber));
        assert_eq!(class(Some(4), "DELETED"), Some(Class::ExplicitFailure));
        assert_eq!(class(Some(5), "UNDELIV"), Some(Class::ExplicitFailure));
        assert_eq!(class(Some(8), "REJECTD"), Some(Class::ExplicitFailure));
        for (state, word) in [(0, ""), (1, "ENROUTE"), (6, "ACCEPTD"), (9, "SKIPPED")] {
            assert_eq!(meaning(Some(state), word), Meaning::Intermediate, "{word}");
        }
    }

    #[test]
    fn promise_4_an_unknown_word_is_unknown_and_never_guessed() {
        for word in ["DELIVER", "MK:0013", "S::TIMEOUT", "UNDELIV_601", "0", ""] {
            assert_eq!(meaning(None, word), Meaning::Unknown, "{word}");
        }
        assert_eq!(meaning(Some(7), "UNKNOWN"), Meaning::Unknown);
        assert_eq!(meaning(Some(200), ""), Meaning::Unknown);
    }

    #[test]
    fn raw_words_stay_beside_the_class() {
        let Meaning::Final(outcome) = meaning(Some(5), "UnDeliv") else { panic!("not final") };
        assert_eq!(
            (outcome.stat.as_slice(), outcome.err.as_slice()),
            (b"UnDeliv".as_slice(), b"021".as_slice())
        );
        let refused = refused_by_carrier(0x0B, &CarrierCodes::default(), Timestamp::default());
        assert_eq!(refused.err.as_slice(), b"0000000b");
    }
}
