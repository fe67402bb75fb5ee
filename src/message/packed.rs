//! An address as small as it gets: for state that is kept for millions of messages.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::base::octets::Octets;
use crate::message::Address;
use crate::message::address::ADDRESS_LEN_MAX;
use crate::message::label::{ZONE_DIGITS_MAX, Zone};

/// Octets that hold the longest number, two signs in each.
const PAIRS: usize = ADDRESS_LEN_MAX / 2;
/// Text up to here is inline: alphanumeric senders have at most 11 octets (3GPP TS 23.040 §9.1.2.5), and this is what
/// 16 octets leave room for.
const TEXT_INLINE_MAX: usize = 12;
/// What numbers are written with, each by its place: digits, and the signs that stand between or before them.
const SIGNS: &[u8; 16] = b"0123456789+*#- .";

/// An [`Address`] in 16 octets, the same one when it is unpacked: numbers two signs to the octet, other text up to 12
/// octets as it is, and only longer text behind a pointer. Prints masked (promise 13).
#[derive(Clone, PartialEq, Eq)]
pub struct PackedAddress(Repr);

/// One address has one form only, so equal forms are equal addresses.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Number { ton: u8, npi: u8, len: u8, pairs: [u8; PAIRS] },
    Text { ton: u8, npi: u8, text: Octets<TEXT_INLINE_MAX> },
    Boxed(Box<Address>),
}

impl PackedAddress {
    /// Packs an address.
    #[must_use]
    pub fn new(address: &Address) -> Self {
        let Address { ton, npi, .. } = *address;
        let octets = address.as_slice();
        if let Some((len, pairs)) = pairs(octets) {
            return Self(Repr::Number { ton, npi, len, pairs });
        }
        Self(
            Octets::new(octets)
                .map_or_else(|_| Repr::Boxed(Box::new(*address)), |text| Repr::Text { ton, npi, text }),
        )
    }

    /// The address that was packed.
    #[must_use]
    pub fn unpack(&self) -> Address {
        match &self.0 {
            Repr::Number { ton, npi, len, pairs } => {
                Address { ton: *ton, npi: *npi, digits: signs(*len, pairs) }
            }
            // Twelve octets always fit into twenty.
            Repr::Text { ton, npi, text } => {
                Address { ton: *ton, npi: *npi, digits: Octets::new(text.as_slice()).unwrap_or_default() }
            }
            Repr::Boxed(address) => **address,
        }
    }

    /// The first digits of it, as [`Zone::new`] takes them: all that is counted by is unpacked, and no more.
    #[must_use]
    pub fn zone(&self, digits: u8) -> Zone {
        const PAIRS_MAX: usize = 1 + ZONE_DIGITS_MAX as usize / 2;
        let Repr::Number { len, pairs, .. } = &self.0 else {
            return Zone::new(self.unpack().as_slice(), digits);
        };
        let mut signs = [0; 2 * PAIRS_MAX];
        for (signs, pair) in signs.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
            *signs = PAIR_SIGNS.get(usize::from(*pair)).copied().unwrap_or_default();
        }
        Zone::new(signs.get(..usize::from(*len)).unwrap_or(&signs), digits)
    }
}

impl Hash for PackedAddress {
    /// Of a number, which nearly all are, in two words and no more.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Repr::Number { ton, npi, len, pairs: [first @ .., ninth, last] } = &self.0 else {
            return self.0.hash(state);
        };
        state.write_u64(u64::from_le_bytes(*first));
        state.write_u64(u64::from_le_bytes([*ninth, *last, *ton, *npi, *len, 0, 0, 0]));
    }
}

impl Default for PackedAddress {
    fn default() -> Self {
        Self::new(&Address::default())
    }
}

impl fmt::Debug for PackedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unpack().fmt(f)
    }
}

/// Two signs to the octet, the first one in the upper half; `None` when something else stands there.
fn pairs(octets: &[u8]) -> Option<(u8, [u8; PAIRS])> {
    let mut pairs = [0; PAIRS];
    for (pair, signs) in pairs.iter_mut().zip(octets.chunks(2)) {
        *pair = match signs {
            [first, second] => place(*first)? << 4 | place(*second)?,
            [last] => place(*last)? << 4,
            _ => 0,
        };
    }
    Some((u8::try_from(octets.len()).ok()?, pairs))
}

const fn place(sign: u8) -> Option<u8> {
    match sign {
        b'0'..=b'9' => Some(sign - b'0'),
        b'+' => Some(10),
        b'*' => Some(11),
        b'#' => Some(12),
        b'-' => Some(13),
        b' ' => Some(14),
        b'.' => Some(15),
        _ => None,
    }
}

/// The signs as octets.
fn signs(len: u8, pairs: &[u8; PAIRS]) -> Octets<ADDRESS_LEN_MAX> {
    let mut octets = [0; ADDRESS_LEN_MAX];
    for (signs, pair) in octets.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
        *signs = PAIR_SIGNS.get(usize::from(*pair)).copied().unwrap_or_default();
    }
    Octets::first(octets, len)
}

/// The two signs of every octet: addresses are unpacked on the way of every message.
static PAIR_SIGNS: [[u8; 2]; 256] = pair_signs();

#[expect(
    clippy::indexing_slicing,
    reason = "at compile time, where anything out of bounds would not compile"
)]
const fn pair_signs() -> [[u8; 2]; 256] {
    let mut all = [[0; 2]; 256];
    let mut pair = 0;
    while pair < all.len() {
        all[pair] = [SIGNS[pair >> 4], SIGNS[pair & 0x0f]];
        pair += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(octets: &[u8]) -> Address {
        Address::new(1, 9, octets).unwrap()
    }

    fn is_boxed(octets: &[u8]) -> bool {
        matches!(PackedAddress::new(&address(octets)).0, Repr::Boxed(_))
    }

    #[test]
    fn an_address_costs_16_octets_and_what_is_common_has_no_pointer() {
        assert_eq!(size_of::<PackedAddress>(), 16);
        for inline in
            [&b""[..], b"7", b"447700900121", b"+447700900121", b"0044 7700-900121", b"*100#", b"Telegraphy"]
        {
            assert!(!is_boxed(inline));
        }
        assert!(!is_boxed(&[b'9'; ADDRESS_LEN_MAX]));
        assert!(!is_boxed(&[b'a'; TEXT_INLINE_MAX]));
        assert!(is_boxed(&[b'a'; TEXT_INLINE_MAX + 1]));
    }

    #[test]
    fn every_sign_stands_at_its_place() {
        for (at, sign) in (0..).zip(SIGNS) {
            assert_eq!(place(*sign), Some(at));
        }
    }

    #[test]
    fn promise_13_a_packed_address_prints_masked() {
        let packed = PackedAddress::new(&address(b"447700900121"));
        assert_eq!(format!("{packed:?}"), "1/9:447*******21");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn packing_loses_nothing_and_tells_addresses_apart(
            ton in any::<u8>(),
            npi in any::<u8>(),
            one in prop_oneof!["[0-9+*# .-]{0,20}", "[ -~]{0,20}"],
            other in prop::collection::vec(any::<u8>(), 0..=ADDRESS_LEN_MAX),
        ) {
            let one = Address::new(ton, npi, one.as_bytes()).unwrap();
            let other = Address::new(ton, npi, &other).unwrap();
            prop_assert_eq!(PackedAddress::new(&one).unpack(), one);
            prop_assert_eq!(PackedAddress::new(&other).unpack(), other);
            for digits in 0..=ZONE_DIGITS_MAX {
                prop_assert_eq!(PackedAddress::new(&one).zone(digits), Zone::new(one.as_slice(), digits));
            }
            prop_assert_eq!(PackedAddress::new(&one) == PackedAddress::new(&other), one == other);
        }
    }
}
