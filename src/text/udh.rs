//! What stands before the text? User data headers: reading them without trust, and writing them.
//!
//! Source: 3GPP TS 23.040 §9.2.3.24.
//!
//! ```text
//! header   length of all elements (1 octet), elements
//! element  id (1 octet), length of the value (1 octet), value
//!
//! id 0x00  one part of a long message   05 00 03 | reference (1) | parts in all (1) | this part (1)
//! id 0x08  the same, wide reference     06 08 04 | reference (2) | parts in all (1) | this part (1)
//! ```
//!
//! Whether a body begins with a header is said by the UDHI bit of `esm_class` and never guessed (quirk 65). Every
//! length is checked against what is there; no octets whatever make this panic.

use std::fmt;

/// The largest header: what the length octet can say. A bound of the format; a short message has room for less.
pub const ELEMENTS_OCTETS_MAX: usize = 255;

/// What an information element is about. Open: any octet is an id, and most have no name here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub u8);

impl ElementId {
    /// One part of a long message, 8-bit reference.
    pub const CONCATENATED: Self = Self(0x00);
    /// Application ports, 8 bits each.
    pub const PORTS: Self = Self(0x04);
    /// Application ports, 16 bits each.
    pub const PORTS_WIDE: Self = Self(0x05);
    /// One part of a long message, 16-bit reference.
    pub const CONCATENATED_WIDE: Self = Self(0x08);
    /// The extension table is a national language's.
    pub const NATIONAL_SINGLE_SHIFT: Self = Self(0x24);
    /// The default table is a national language's.
    pub const NATIONAL_LOCKING_SHIFT: Self = Self(0x25);

    /// Whether this element exchanges a table of the 7-bit alphabet for a national language's.
    #[must_use]
    pub const fn is_national_shift(self) -> bool {
        matches!(self, Self::NATIONAL_SINGLE_SHIFT | Self::NATIONAL_LOCKING_SHIFT)
    }
}

impl fmt::Debug for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04X}", self.0)
    }
}

/// One information element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Element<'a> {
    /// What it is about.
    pub id: ElementId,
    /// Its value, 0…255 octets.
    pub value: &'a [u8],
}

/// Which part of which long message this is.
///
/// Parts belong together when source, destination, reference, width and total agree (quirk 67).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Concatenation {
    /// The long message's number at its sender; below 256 when not wide.
    pub reference: u16,
    /// Whether the reference was sent in 16 bits: 7 and wide 7 are different messages.
    pub wide: bool,
    /// How many parts there are, 1…255.
    pub total: u8,
    /// Which of them this is, 1…`total`.
    pub part: u8,
}

impl Concatenation {
    /// From its numbers, of an element or of the SAR TLVs (which are wide); `None` when no part can have them:
    /// 23.040 §9.2.3.24.1 has such an element ignored.
    #[must_use]
    pub const fn new(reference: u16, wide: bool, total: u8, part: u8) -> Option<Self> {
        if total == 0 || part == 0 || part > total || (!wide && reference > 0xFF) {
            None
        } else {
            Some(Self { reference, wide, total, part })
        }
    }

    /// Octets of a header with nothing but this: 6, or 7 when wide.
    #[must_use]
    pub const fn header_octets(self) -> usize {
        if self.wide { 7 } else { 6 }
    }

    /// Appends a header with nothing but this. Of a reference that is not wide the low octet is written.
    pub fn write_header(self, out: &mut Vec<u8>) {
        let [high, low] = self.reference.to_be_bytes();
        if self.wide {
            out.extend([6, ElementId::CONCATENATED_WIDE.0, 4, high, low, self.total, self.part]);
        } else {
            out.extend([5, ElementId::CONCATENATED.0, 3, low, self.total, self.part]);
        }
    }

    fn of(element: Element<'_>) -> Option<Self> {
        match (element.id, element.value) {
            (ElementId::CONCATENATED, &[reference, total, part]) => {
                Self::new(reference.into(), false, total, part)
            }
            (ElementId::CONCATENATED_WIDE, &[high, low, total, part]) => {
                Self::new(u16::from_be_bytes([high, low]), true, total, part)
            }
            _ => None,
        }
    }
}

/// A user data header as it was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserDataHeader<'a> {
    /// All elements, without the length octet; whole or not.
    octets: &'a [u8],
}

impl<'a> UserDataHeader<'a> {
    /// How many octets of the body the header takes, its length octet included: 1…256.
    #[must_use]
    pub const fn octet_len(self) -> usize {
        self.octets.len() + 1
    }

    /// The elements in their order. Ends where an element does not fit into the header any more.
    #[must_use]
    pub const fn elements(self) -> Elements<'a> {
        Elements { rest: self.octets }
    }

    /// Which part of which long message this is. Of several valid elements the last one counts (23.040 §9.2.3.24);
    /// elements of a wrong length or with impossible numbers do not.
    #[must_use]
    pub fn concatenation(self) -> Option<Concatenation> {
        self.elements().filter_map(Concatenation::of).last()
    }

    /// Whether the elements fill the header exactly, as they should.
    #[must_use]
    pub fn is_whole(self) -> bool {
        let mut elements = self.elements();
        elements.by_ref().for_each(drop);
        elements.rest.is_empty()
    }
}

/// The elements of a header, see [`UserDataHeader::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    /// What has not been read yet.
    rest: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let [id, len, rest @ ..] = self.rest else { return None };
        let (value, rest) = rest.split_at_checked(usize::from(*len))?;
        self.rest = rest;
        Some(Element { id: ElementId(*id), value })
    }
}

impl std::iter::FusedIterator for Elements<'_> {}

/// A header that was announced and is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderError {
    /// The body is empty.
    Missing,
    /// The header would be longer than the body.
    PastTheEnd {
        /// Octets that the length octet announces.
        announced: u8,
        /// Octets that follow it.
        left: usize,
    },
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("a user data header was announced for an empty body"),
            Self::PastTheEnd { announced, left } => {
                write!(f, "a user data header of {announced} octets does not fit into the {left} that follow")
            }
        }
    }
}

impl std::error::Error for HeaderError {}

/// Splits a body that begins with a header into the header and the text.
///
/// # Errors
/// [`HeaderError`] when the header does not fit into the body.
pub fn split_off(body: &[u8]) -> Result<(UserDataHeader<'_>, &[u8]), HeaderError> {
    let (announced, rest) = body.split_first().ok_or(HeaderError::Missing)?;
    let (octets, text) = rest
        .split_at_checked(usize::from(*announced))
        .ok_or(HeaderError::PastTheEnd { announced: *announced, left: rest.len() })?;
    Ok((UserDataHeader { octets }, text))
}

/// The elements do not fit into a header; nothing was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeaderTooLong;

impl fmt::Display for HeaderTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the elements need more than {ELEMENTS_OCTETS_MAX} octets")
    }
}

impl std::error::Error for HeaderTooLong {}

/// Appends a header of these elements to `out`.
///
/// # Errors
/// [`HeaderTooLong`] when they take more than [`ELEMENTS_OCTETS_MAX`]; `out` is then as it was.
pub fn write_header(elements: &[Element<'_>], out: &mut Vec<u8>) -> Result<(), HeaderTooLong> {
    let octets = elements.iter().fold(0_usize, |sum, element| sum.saturating_add(2 + element.value.len()));
    let octets = u8::try_from(octets).map_err(|_| HeaderTooLong)?;
    out.push(octets);
    for Element { id, value } in elements {
        // The sum fits into an octet, so each of its summands does.
        out.extend([id.0, value.len().to_le_bytes()[0]]);
        out.extend_from_slice(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
