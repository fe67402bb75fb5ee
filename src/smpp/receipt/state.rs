//! What became of the message? The states of SMPP and the words for them.

use std::fmt;

use crate::smpp::values::MessageState;

impl MessageState {
    /// Whether no further receipt is to be expected behind this one (quirk 43).
    ///
    /// Only where nobody disputes it: not for states of which some carriers send another receipt later, and not for
    /// a peer's own.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::DELIVERED | Self::EXPIRED | Self::DELETED | Self::UNDELIVERABLE | Self::REJECTED)
    }

    /// The word of seven letters for it in a receipt's text; `None` for [`MessageState::SCHEDULED`], of which no
    /// receipt is sent, and for a peer's own.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::ENROUTE => "ENROUTE",
            Self::DELIVERED => "DELIVRD",
            Self::EXPIRED => "EXPIRED",
            Self::DELETED => "DELETED",
            Self::UNDELIVERABLE => "UNDELIV",
            Self::ACCEPTED => "ACCEPTD",
            Self::UNKNOWN => "UNKNOWN",
            Self::REJECTED => "REJECTD",
            Self::SKIPPED => "SKIPPED",
            _ => return None,
        })
    }
}

/// What a receipt says became of the message.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stat<'a> {
    /// A state of SMPP, by number or by one of its known words.
    State(MessageState),
    /// A word that is no word for a state: a carrier's own code, or a misspelling that nobody has vouched for. It is
    /// unknown, which is neither failed nor delivered (promise 4).
    Other(&'a [u8]),
}

impl<'a> Stat<'a> {
    /// What this word says. In any case, but exactly: `DELIVER` and `EXPIREO` are codes of their own with some
    /// carriers.
    #[must_use]
    pub fn of_word(word: &'a [u8]) -> Self {
        WORDS
            .iter()
            .find(|(known, _)| word.eq_ignore_ascii_case(known.as_bytes()))
            .map_or(Self::Other(word), |(_, state)| Self::State(*state))
    }
}

impl fmt::Debug for Stat<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => state.fmt(f),
            Self::Other(word) => write!(f, "Other(\"{}\")", word.escape_ascii()),
        }
    }
}

/// The words of SMPP 3.4 Appendix B and 5.0, their names written out, and the spellings met in the field (quirk 34).
/// The most frequent come first.
const WORDS: [(&str, MessageState); 20] = [
    ("DELIVRD", MessageState::DELIVERED),
    ("UNDELIV", MessageState::UNDELIVERABLE),
    ("EXPIRED", MessageState::EXPIRED),
    ("REJECTD", MessageState::REJECTED),
    ("ACCEPTD", MessageState::ACCEPTED),
    ("ENROUTE", MessageState::ENROUTE),
    ("UNKNOWN", MessageState::UNKNOWN),
    ("DELETED", MessageState::DELETED),
    ("SKIPPED", MessageState::SKIPPED),
    ("DELIVERED", MessageState::DELIVERED),
    ("UNDELIVERABLE", MessageState::UNDELIVERABLE),
    ("REJECTED", MessageState::REJECTED),
    ("ACCEPTED", MessageState::ACCEPTED),
    ("SCHEDULED", MessageState::SCHEDULED),
    ("EN_ROUTE", MessageState::ENROUTE),
    // Buffered: the SMSC has it and tries.
    ("BUFFRED", MessageState::ENROUTE),
    ("BUFFERD", MessageState::ENROUTE),
    ("BUFFERED", MessageState::ENROUTE),
    ("ACKED", MessageState::ACCEPTED),
    ("FAILED", MessageState::UNDELIVERABLE),
];
