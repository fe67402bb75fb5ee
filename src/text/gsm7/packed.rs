//! Where does this septet lie? Septets packed into octets, eight of them into seven.
//!
//! Source: 3GPP TS 23.038 §6.1.2. Septets are laid end to end from the lowest bit of the first octet. Behind a user
//! data header they begin at the next septet boundary counted from the header's first octet (23.040 §9.2.3.24), so
//! up to six *fill bits* come first.
//!
//! SMPP counts octets and not septets, so seven bits left over at the end could be padding or an `@` (septet 0).
//! Therefore the sender pads exactly seven bits with a carriage return, and sends a carriage return that ends on an
//! octet boundary twice (23.038 §6.1.2.3.1; quirk 64). The reader drops the padding and keeps the `@`.

/// The padding for exactly seven left-over bits.
const CARRIAGE_RETURN: u8 = 0x0D;

/// Bits between a user data header and the first septet: 0…6.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fill(u8);

impl Fill {
    /// No header, no fill bits.
    pub const NONE: Self = Self(0);

    /// The fill bits behind a header of `octets`, its length octet included.
    #[must_use]
    pub const fn after_header(octets: usize) -> Self {
        // 8 bits an octet are 1 more than a septet: what is over grows by one with each octet, from 0 to 6.
        Self(((7 - octets % 7) % 7) as u8)
    }

    /// How many bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// Packs septets (the low seven bits of each octet). No septets need no octets, not even for fill bits.
#[must_use]
pub fn pack(septets: &[u8], fill: Fill) -> Vec<u8> {
    let Some(last) = septets.last() else { return Vec::new() };
    let mut octets = Vec::with_capacity(packed_len(septets.len(), fill) + 1);
    let mut waiting = 0_u16;
    let mut bits = u32::from(fill.0);
    for septet in septets {
        waiting |= u16::from(septet & 0x7F) << bits;
        bits += 7;
        if bits >= 8 {
            octets.push(low_octet(waiting));
            waiting >>= 8;
            bits -= 8;
        }
    }
    match bits {
        0 if *last == CARRIAGE_RETURN => octets.push(CARRIAGE_RETURN),
        0 => {}
        1 => octets.push(low_octet(waiting) | CARRIAGE_RETURN << 1),
        _ => octets.push(low_octet(waiting)),
    }
    octets
}

/// Unpacks octets into septets, one in each octet, without the padding.
#[must_use]
pub fn unpack(octets: &[u8], fill: Fill) -> Vec<u8> {
    let mut septets = Vec::with_capacity(octets.len() + octets.len() / 7 + 1);
    let mut waiting = 0_u16;
    let mut bits = 0_u32;
    let mut skip = u32::from(fill.0);
    for octet in octets {
        waiting |= u16::from(*octet) << bits;
        bits += 8;
        if skip > 0 {
            waiting >>= skip;
            bits -= skip;
            skip = 0;
        }
        while bits >= 7 {
            septets.push(low_octet(waiting & 0x7F));
            waiting >>= 7;
            bits -= 7;
        }
    }
    if bits == 0 && septets.last() == Some(&CARRIAGE_RETURN) {
        septets.pop();
    }
    septets
}

/// How many octets `septets` septets take, before a carriage return that must be doubled.
#[must_use]
pub const fn packed_len(septets: usize, fill: Fill) -> usize {
    if septets == 0 { 0 } else { (septets * 7 + fill.0 as usize).div_ceil(8) }
}

const fn low_octet(bits: u16) -> u8 {
    (bits & 0xFF) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_septets_known_from_the_books() {
        assert_eq!(pack(b"hello", Fill::NONE), [0xE8, 0x32, 0x9B, 0xFD, 0x06]);
        assert_eq!(unpack(&[0xE8, 0x32, 0x9B, 0xFD, 0x06], Fill::NONE), b"hello");
    }

    #[test]
    fn quirk_64_seven_bits_left_over_are_padded_and_an_at_sign_is_kept() {
        let seven = pack(b"1234567", Fill::NONE);
        assert_eq!(seven.len(), 7);
        assert_eq!(seven[6] >> 1, CARRIAGE_RETURN);
        assert_eq!(unpack(&seven, Fill::NONE), b"1234567");

        let eight = pack(b"1234567\x00", Fill::NONE);
        assert_eq!(eight.len(), 7);
        assert_eq!(unpack(&eight, Fill::NONE), b"1234567\x00");
    }

    #[test]
    fn a_carriage_return_on_an_octet_boundary_is_sent_twice() {
        let octets = pack(b"1234567\r", Fill::NONE);
        assert_eq!(octets.len(), 8);
        assert_eq!(unpack(&octets, Fill::NONE), b"1234567\r\r");
    }

    #[test]
    fn fill_bits_reach_the_next_septet_boundary() {
        let bits: Vec<u8> = (0..9).map(|octets| Fill::after_header(octets).bits()).collect();
        assert_eq!(bits, [0, 6, 5, 4, 3, 2, 1, 0, 6]);
        for octets in 0..200 {
            assert_eq!((octets * 8 + usize::from(Fill::after_header(octets).bits())) % 7, 0);
        }
    }

    #[test]
    fn a_full_part_fills_a_short_message_to_the_bit() {
        assert_eq!(packed_len(160, Fill::NONE), 140);
        assert_eq!(6 + packed_len(153, Fill::after_header(6)), 140);
        assert_eq!(7 + packed_len(152, Fill::after_header(7)), 140);
    }

    #[test]
    fn nothing_packs_into_nothing() {
        assert!(pack(&[], Fill::after_header(6)).is_empty());
        assert!(unpack(&[], Fill::after_header(6)).is_empty());
    }
}
