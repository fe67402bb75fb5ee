//! Which character is this septet? The GSM 7-bit default alphabet and its extension table.
//!
//! Source: 3GPP TS 23.038 §6.2.1 and §6.2.1.1. A character is one septet, or the escape septet 0x1B and one septet
//! of the extension table. In SMPP each septet usually fills an octet of its own; [`packed`] is the other way.

pub mod packed;

use super::charset::{Decoded, Unencodable};

/// The septet that says: the next one is of the extension table.
pub const ESCAPE: u8 = 0x1B;

/// How a character is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Septets {
    /// One septet of the default table.
    One(u8),
    /// [`ESCAPE`], then this septet of the extension table. Never to be torn apart.
    Escaped(u8),
}

impl Septets {
    /// The septets that write `character`; `None` when neither table has it.
    #[must_use]
    pub fn of(character: char) -> Option<Self> {
        let code = match u32::from(character) {
            code @ ..=0xFF => usize::try_from(code).ok().and_then(|code| FROM_LATIN1.get(code).copied())?,
            // Γ to Ω. Ten of the capitals that Latin letters do not already stand for.
            0x393..=0x3A9 => greek(character)?,
            0x20AC => ESCAPED | 0x65,
            _ => return None,
        };
        match code {
            NONE => None,
            code if code & ESCAPED != 0 => Some(Self::Escaped(code & !ESCAPED)),
            code => Some(Self::One(code)),
        }
    }

    /// How many septets these are: 1 or 2.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Escaped(_) => 2,
        }
    }
}

/// The character of a septet of the default table; `None` for [`ESCAPE`] and for anything above 0x7F.
#[must_use]
pub fn default_character(septet: u8) -> Option<char> {
    if septet == ESCAPE { None } else { DEFAULT.get(usize::from(septet)).copied() }
}

/// The character of a septet of the extension table; `None` where the table is empty.
#[must_use]
pub fn extension_character(septet: u8) -> Option<char> {
    EXTENSION.iter().find(|(code, _)| *code == septet).map(|(_, character)| *character)
}

/// Reads unpacked septets, one in each octet.
#[must_use]
pub fn decode(octets: &[u8]) -> Decoded {
    let mut text = String::new();
    let replaced = decode_into(octets, &mut text);
    Decoded { text, replaced }
}

/// Reads unpacked septets and appends them to `text`; says whether anything had to be replaced.
///
/// Replaced are an octet above 0x7F (U+FFFD), an escape without a meaning (the default table's character), and a
/// doubled or last escape (a space), the latter two as 23.038 §6.2.1.1 asks.
pub fn decode_into(octets: &[u8], text: &mut String) -> bool {
    text.reserve(octets.len());
    let mut replaced = false;
    let mut octets = octets.iter().copied();
    while let Some(octet) = octets.next() {
        let (character, stand_in) = if octet == ESCAPE {
            escaped_character(octets.next())
        } else {
            (default_character(octet), char::REPLACEMENT_CHARACTER)
        };
        replaced |= character.is_none();
        text.push(character.unwrap_or(stand_in));
    }
    replaced
}

/// Writes `text` as unpacked septets, one in each octet.
///
/// # Errors
/// [`Unencodable`] names the first character that is in neither table. Nothing is transliterated.
pub fn encode(text: &str) -> Result<Vec<u8>, Unencodable> {
    let mut octets = Vec::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match Septets::of(character).ok_or(Unencodable { character, at })? {
            Septets::One(septet) => octets.push(septet),
            Septets::Escaped(septet) => octets.extend([ESCAPE, septet]),
        }
    }
    Ok(octets)
}

/// What an escape and `second` mean, and what to show when they mean nothing.
fn escaped_character(second: Option<u8>) -> (Option<char>, char) {
    let Some(second) = second else { return (None, ' ') };
    let stand_in = match second {
        ESCAPE => ' ',
        second => default_character(second).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    (extension_character(second), stand_in)
}

fn greek(character: char) -> Option<u8> {
    let capitals = DEFAULT.iter().zip(0_u8..).skip(0x10).take(11);
    capitals.filter(|(capital, _)| **capital == character).map(|(_, septet)| septet).next()
}

/// The default table, indexed by septet. 0x5F is the section sign, not a backtick (quirk 63); 0x09 is the capital
/// Ç; the escape stands for itself and is never looked up.
#[rustfmt::skip]
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table: septet after the escape, character. 0x0A is a page break.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// In [`FROM_LATIN1`]: this character is in neither table.
const NONE: u8 = 0xFF;
/// In [`FROM_LATIN1`]: this septet is one of the extension table.
const ESCAPED: u8 = 0x80;

/// Both tables turned round, for the characters below U+0100, which all but eleven of them are.
static FROM_LATIN1: [u8; 256] = turn_round();

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where an index too large is an error")]
const fn turn_round() -> [u8; 256] {
    let mut septets = [NONE; 256];
    let mut septet = 0;
    while septet < DEFAULT.len() {
        let code = DEFAULT[septet] as usize;
        if code < septets.len() && septet != ESCAPE as usize {
            septets[code] = septet as u8;
        }
        septet += 1;
    }
    let mut entry = 0;
    while entry < EXTENSION.len() {
        let (septet, character) = EXTENSION[entry];
        if (character as usize) < septets.len() {
            septets[character as usize] = septet | ESCAPED;
        }
        entry += 1;
    }
    septets
}

#[cfg(test)]
mod tests;
