//! How many segments is it, and where are the cuts?
//!
//! A short message carries 140 octets over the air (3GPP TS 23.040): 160 septets, 140 octets or 70 UTF-16 units.
//! Each part of a longer text gives some of that to the header that joins the parts, so all limits follow from one
//! rule, [`capacity`]:
//!
//! | joined by | header | GSM 7-bit, ASCII | Latin-1, binary | UCS-2 |
//! |---|---|---|---|---|
//! | nothing, one segment | 0 | 160 | 140 | 70 |
//! | header, 8-bit reference | 6 | 153 | 134 | 67 |
//! | header, 16-bit reference | 7 | 152 | 133 | 66 |
//! | SAR TLVs | 7 | 152 | 133 | 66 |
//!
//! With the SAR TLVs there is no header in our PDU, but the SMSC puts one into the air (quirk 68), and their 16-bit
//! reference survives only in the longer one.
//!
//! A cut never falls into a character: not between an escape and its septet, not into a surrogate pair. Such a part
//! is one unit short, so the count of segments is of the real cuts and not a division.
//!
//! ASCII is counted as the septets that the SMSC will send for it: `[` takes two.

use std::fmt;

use super::charset::{Alphabet, Unencodable};
use super::gsm7::packed::{self, Fill};
use super::gsm7::{self, Septets};
use super::ucs2;
use super::udh::Concatenation;

/// Octets of a short message over the air (TP-User-Data, 23.040 §9.2.3.24).
pub const SEGMENT_OCTETS: usize = 140;

/// The most parts of one text: both the header's and the TLV's count are one octet. More is [`TooManyParts`].
pub const PARTS_MAX: u8 = 255;

/// How the parts of a long text say that they belong together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Joining {
    /// A user data header with an 8-bit reference: what nearly every peer sends.
    Header,
    /// A user data header with a 16-bit reference.
    WideHeader,
    /// The TLVs `sar_msg_ref_num`, `sar_total_segments` and `sar_segment_seqnum`.
    Sar,
}

impl Joining {
    /// Octets of the header that goes over the air.
    #[must_use]
    pub const fn header_octets(self) -> usize {
        match self {
            Self::Header => 6,
            Self::WideHeader | Self::Sar => 7,
        }
    }
}

/// How many units fit into one segment behind a header of so many octets (its length octet included): septets for
/// the 7-bit alphabets and ASCII, 16-bit units for UCS-2, octets for the others.
#[must_use]
pub const fn capacity(alphabet: Alphabet, header_octets: usize) -> usize {
    let octets = SEGMENT_OCTETS.saturating_sub(header_octets);
    match alphabet {
        Alphabet::Gsm7 | Alphabet::Gsm7Packed | Alphabet::Ascii => octets * 8 / 7,
        Alphabet::Ucs2 => octets / 2,
        Alphabet::Latin1 | Alphabet::Binary => octets,
    }
}

/// One part of a text, or all of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What goes into `short_message`: the header, if there is one, and the text.
    pub body: Vec<u8>,
    /// Whether `body` begins with a user data header: the UDHI bit of `esm_class`.
    pub has_header: bool,
    /// Which part this is, also to be written as TLVs for [`Joining::Sar`]; `None` when the text is in one segment.
    pub concatenation: Option<Concatenation>,
}

/// The text needs more than [`PARTS_MAX`] parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyParts {
    /// How many it needs.
    pub parts: usize,
}

impl fmt::Display for TooManyParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text needs {} parts, and {PARTS_MAX} can be numbered", self.parts)
    }
}

impl std::error::Error for TooManyParts {}

/// Why a text cannot be split or counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SplitError {
    /// A character is not in the alphabet.
    Unencodable(Unencodable),
    /// It is too long.
    TooManyParts(TooManyParts),
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unencodable(error) => error.fmt(f),
            Self::TooManyParts(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SplitError {}

impl From<Unencodable> for SplitError {
    fn from(error: Unencodable) -> Self {
        Self::Unencodable(error)
    }
}

impl From<TooManyParts> for SplitError {
    fn from(error: TooManyParts) -> Self {
        Self::TooManyParts(error)
    }
}

/// How many segments `text` takes, without building them: 1…255; an empty text takes one.
///
/// # Errors
/// [`SplitError`], as [`split`] would.
pub fn segments(text: &str, alphabet: Alphabet, joining: Joining) -> Result<u8, SplitError> {
    let mut tally = Tally::new(alphabet, joining);
    for (at, character) in text.char_indices() {
        tally.add(units_of(character, alphabet).ok_or(Unencodable { character, at })?);
    }
    Ok(tally.segments()?)
}

/// How many segments already encoded text (no header) takes, without building them: 1…255.
///
/// # Errors
/// [`TooManyParts`], as [`split_octets`] would.
pub fn segments_of_octets(octets: &[u8], alphabet: Alphabet, joining: Joining) -> Result<u8, TooManyParts> {
    let septets;
    let mut rest = match alphabet {
        Alphabet::Gsm7Packed => {
            septets = packed::unpack(octets, Fill::NONE);
            septets.as_slice()
        }
        _ => octets,
    };
    // Most texts are surely in one segment by their length alone.
    let units_at_most = match alphabet {
        Alphabet::Ascii => rest.len() * 2,
        Alphabet::Ucs2 => rest.len().div_ceil(2),
        _ => rest.len(),
    };
    if units_at_most <= capacity(alphabet, 0) {
        return Ok(1);
    }
    let mut tally = Tally::new(alphabet, joining);
    while let Some((character, after)) = first_character(rest, alphabet) {
        tally.add(character.units);
        rest = after;
    }
    tally.segments()
}

/// Splits `text` into the parts it takes, numbered from 1, with `reference` as their common number (its low octet
/// when the header has room for no more).
///
/// # Errors
/// [`SplitError`] when a character is not in the alphabet, or when there would be more than [`PARTS_MAX`] parts.
pub fn split(
    text: &str,
    alphabet: Alphabet,
    joining: Joining,
    reference: u16,
) -> Result<Vec<Part>, SplitError> {
    let unpacked = if alphabet == Alphabet::Gsm7Packed { Alphabet::Gsm7 } else { alphabet };
    Ok(split_unpacked(&unpacked.encode(text)?, alphabet, joining, reference)?)
}

/// Splits already encoded text (no header), as [`split`] does: for a long `message_payload` on its way to a peer that
/// takes short messages only. Octets that are not a whole character are kept as they are.
///
/// # Errors
/// [`TooManyParts`] when there would be more than [`PARTS_MAX`].
pub fn split_octets(
    octets: &[u8],
    alphabet: Alphabet,
    joining: Joining,
    reference: u16,
) -> Result<Vec<Part>, TooManyParts> {
    match alphabet {
        Alphabet::Gsm7Packed => {
            split_unpacked(&packed::unpack(octets, Fill::NONE), alphabet, joining, reference)
        }
        _ => split_unpacked(octets, alphabet, joining, reference),
    }
}

/// Splits `octets`, which for [`Alphabet::Gsm7Packed`] are still one septet each.
fn split_unpacked(
    octets: &[u8],
    alphabet: Alphabet,
    joining: Joining,
    reference: u16,
) -> Result<Vec<Part>, TooManyParts> {
    if let (only, []) = take_units(octets, alphabet, capacity(alphabet, 0)) {
        let body = written(only, alphabet, 0);
        return Ok(vec![Part { body, has_header: false, concatenation: None }]);
    }
    let mut pieces = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let (piece, after) = take_units(rest, alphabet, capacity(alphabet, joining.header_octets()));
        pieces.push(piece);
        rest = after;
    }
    let total = u8::try_from(pieces.len()).map_err(|_| TooManyParts { parts: pieces.len() })?;
    let wide = joining != Joining::Header;
    let reference = if wide { reference } else { reference & 0xFF };
    let parts = (1..=total).zip(pieces).map(|(part, piece)| {
        let concatenation = Concatenation { reference, wide, total, part };
        let mut body = Vec::with_capacity(SEGMENT_OCTETS.max(joining.header_octets() + piece.len()));
        let has_header = joining != Joining::Sar;
        if has_header {
            concatenation.write_header(&mut body);
        }
        let text = written(piece, alphabet, body.len());
        body.extend(text);
        Part { body, has_header, concatenation: Some(concatenation) }
    });
    Ok(parts.collect())
}

/// The piece as it stands behind a header of so many octets.
fn written(piece: &[u8], alphabet: Alphabet, header_octets: usize) -> Vec<u8> {
    if alphabet != Alphabet::Gsm7Packed {
        return piece.to_vec();
    }
    let mut octets = packed::pack(piece, Fill::after_header(header_octets));
    // A carriage return that ends a full segment has no room to be doubled; its reader will take it for padding.
    octets.truncate(SEGMENT_OCTETS.saturating_sub(header_octets));
    octets
}

/// The longest beginning of whole characters in at most `units` units (at least one character), and what is left.
fn take_units(octets: &[u8], alphabet: Alphabet, units: usize) -> (&[u8], &[u8]) {
    let mut free = units;
    let mut taken = 0;
    let mut rest = octets;
    while let Some((character, after)) = first_character(rest, alphabet) {
        if character.units > free && taken > 0 {
            break;
        }
        free = free.saturating_sub(character.units);
        taken += character.octets;
        rest = after;
    }
    octets.split_at_checked(taken).unwrap_or((octets, &[]))
}

/// What may not be cut, at the beginning of encoded text.
#[derive(Clone, Copy)]
struct Character {
    /// Octets it takes in the encoded text.
    octets: usize,
    /// Units of [`capacity`] it takes in a segment.
    units: usize,
}

/// The first character and what follows it; `None` at the end.
fn first_character(octets: &[u8], alphabet: Alphabet) -> Option<(Character, &[u8])> {
    let (first, _) = octets.split_first()?;
    let character = match alphabet {
        Alphabet::Gsm7 | Alphabet::Gsm7Packed => match octets {
            [gsm7::ESCAPE, _, ..] => Character { octets: 2, units: 2 },
            _ => Character { octets: 1, units: 1 },
        },
        Alphabet::Ascii => Character { octets: 1, units: septets_of(char::from(*first)) },
        Alphabet::Latin1 | Alphabet::Binary => Character { octets: 1, units: 1 },
        Alphabet::Ucs2 => match *octets {
            [a, b, c, d, ..] if ucs2::is_high_surrogate([a, b]) && ucs2::is_low_surrogate([c, d]) => {
                Character { octets: 4, units: 2 }
            }
            _ => Character { octets: octets.len().min(2), units: 1 },
        },
    };
    Some((character, octets.get(character.octets..).unwrap_or_default()))
}

/// Units of [`capacity`] that a character takes; `None` when it is not in the alphabet.
fn units_of(character: char, alphabet: Alphabet) -> Option<usize> {
    match alphabet {
        Alphabet::Gsm7 | Alphabet::Gsm7Packed => Septets::of(character).map(Septets::count),
        Alphabet::Ascii => character.is_ascii().then(|| septets_of(character)),
        Alphabet::Latin1 | Alphabet::Binary => (u32::from(character) <= 0xFF).then_some(1),
        Alphabet::Ucs2 => Some(character.len_utf16()),
    }
}

/// Septets that the SMSC will send for an ASCII character; one for the few that it has to replace.
fn septets_of(character: char) -> usize {
    Septets::of(character).map_or(1, Septets::count)
}

/// Counts segments from units, cutting as [`take_units`] does.
struct Tally {
    /// Units that fit when there is one segment.
    single: usize,
    /// Units that fit into each of several.
    part: usize,
    /// All units so far.
    total: usize,
    /// Parts begun so far.
    parts: usize,
    /// Units still free in the last of them.
    free: usize,
}

impl Tally {
    const fn new(alphabet: Alphabet, joining: Joining) -> Self {
        let part = capacity(alphabet, joining.header_octets());
        Self { single: capacity(alphabet, 0), part, total: 0, parts: 1, free: part }
    }

    const fn add(&mut self, units: usize) {
        self.total += units;
        if units > self.free {
            self.parts += 1;
            self.free = self.part;
        }
        self.free -= units;
    }

    fn segments(&self) -> Result<u8, TooManyParts> {
        let parts = if self.total <= self.single { 1 } else { self.parts };
        u8::try_from(parts).map_err(|_| TooManyParts { parts })
    }
}

#[cfg(test)]
mod tests;
