//! A carrier's id of one of our messages, as a key: most are short and stay inline.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::base::octets::Octets;

/// Ids up to here are inline: every id of 64 bits in hexadecimal or decimal is.
const INLINE_MAX: usize = 22;

/// The longest id that is told apart, in octets: what a record of the log has room for, four times what SMPP allows
/// (3.4 §5.2.23). An id in a parameter can have 65,535 octets; whatever comes behind these is cut off, in every id
/// alike, or a carrier could fill our memory with them.
pub const CARRIER_MESSAGE_ID_LEN_MAX: usize = 255;

/// A carrier's message id. Octets, not text: ids longer than the specification's 64 octets exist (quirk 5).
#[derive(Clone)]
pub struct CarrierMessageId(Repr);

#[derive(Clone)]
enum Repr {
    Inline(Octets<INLINE_MAX>),
    Heap(Box<[u8]>),
}

impl CarrierMessageId {
    /// The id with these octets, the first [`CARRIER_MESSAGE_ID_LEN_MAX`] of them.
    #[must_use]
    pub fn new(octets: &[u8]) -> Self {
        let octets = octets.get(..CARRIER_MESSAGE_ID_LEN_MAX).unwrap_or(octets);
        Self(Octets::new(octets).map_or_else(|_| Repr::Heap(octets.into()), Repr::Inline))
    }

    /// The octets.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(octets) => octets.as_slice(),
            Repr::Heap(octets) => octets,
        }
    }

    /// Whether there are none: a carrier that accepted without saying an id (quirk 10).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl PartialEq for CarrierMessageId {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for CarrierMessageId {}

impl Hash for CarrierMessageId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl fmt::Debug for CarrierMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_slice().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_ids_are_equal_by_their_octets_and_cost_24_octets_inline() {
        assert_eq!(CarrierMessageId::new(b"812FC7470000001B").as_slice(), b"812FC7470000001B");
        let long = [b'7'; 200];
        assert_eq!(CarrierMessageId::new(&long), CarrierMessageId::new(&long));
        assert_eq!(CarrierMessageId::new(&long).as_slice().len(), 200);
        assert_eq!(size_of::<CarrierMessageId>(), 24);
    }

    #[test]
    fn of_an_endless_id_the_beginning_counts() {
        let (one, other) = ([b'7'; 256], [b'7'; 65_535]);
        assert_eq!(CarrierMessageId::new(&one), CarrierMessageId::new(&other));
        assert_eq!(CarrierMessageId::new(&one).as_slice(), &other[..CARRIER_MESSAGE_ID_LEN_MAX]);
    }
}
