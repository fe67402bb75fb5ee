//! How many segments does a text cost, and how many were sent?
//!
//! The two differ: a contract counts by its own rule (R34, A10), the air by what fits. Billable segments are a
//! division of a length, as contracts say it; [`sent`] counts real cuts, which may be one more where a cut would fall
//! into a character.
//!
//! | rule | text | one segment | each of several | one character is |
//! |---|---|---|---|---|
//! | [`SegmentRule::EveryCharacter`] | any | 70 | 67 | its UTF-16 code units: 1, an emoji 2 |
//! | [`SegmentRule::ByAlphabet`] | in the GSM alphabet | 160 | 153 | 1 septet, 2 of the extension table |
//! | [`SegmentRule::ByAlphabet`] | any other | 70 | 67 | its UTF-16 code units |
//! | both | octets that are not text | 140 | 134 | an octet |
//!
//! What is not text includes alphabets that we have no table of. In the double-octet ones among them (GB 18030,
//! Shift-JIS, KS C 5601) 140 and 134 octets are 70 and 67 characters, so no rule is the dearer one for them.
//!
//! A long message is counted over its whole text (promise 9). Its parts come one by one and in any order, so lengths
//! add up in a [`Measure`], and each part costs what it adds ([`Measure::further`]).

use crate::message::Content;
use crate::text::charset::Alphabet;
use crate::text::gsm7::packed::{self, Fill};
use crate::text::gsm7::{self, Septets};
use crate::text::split::{self, Joining, TooManyParts, capacity};
use crate::text::udh;

/// The UDHI bit of `esm_class` (SMPP 3.4 §5.2.12): user data begins with a header.
const UDHI: u8 = 0x40;

/// How the segments of a text are counted for its price: the account's or the destination's contract says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SegmentRule {
    /// 70, then 67: every character is one, a Latin letter like a Chinese one (R34; the literal rule of A10).
    EveryCharacter,
    /// 160, then 153 septets of the GSM alphabet; 70, then 67 for any other text.
    ByAlphabet,
}

impl SegmentRule {
    /// Every rule, in the order of tables.
    pub const ALL: [Self; 2] = [Self::EveryCharacter, Self::ByAlphabet];

    /// The rule in one lower-case word, for settings and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EveryCharacter => "every_character",
            Self::ByAlphabet => "by_alphabet",
        }
    }
}

/// How long a text is, in every unit that a rule may ask for. Lengths of parts add up to the length of the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Measure {
    /// UTF-16 code units of all that is text.
    characters: u32,
    /// Septets of the text that goes in the GSM alphabet, escapes counted.
    septets: u32,
    /// UTF-16 code units of the text that does not.
    wide: u32,
    /// Octets that are not text.
    octets: u32,
}

/// What fits into one segment, and into each of several.
#[derive(Clone, Copy)]
struct Limits {
    one: u32,
    each: u32,
}

impl Limits {
    /// The contract's own figures (R34), which are those of UCS-2.
    const CHARACTERS: Self = Self { one: 70, each: 67 };
    const SEPTETS: Self = Self::of(Alphabet::Gsm7);
    const WIDE: Self = Self::of(Alphabet::Ucs2);
    const OCTETS: Self = Self::of(Alphabet::Binary);

    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 160, and there is no other way in a constant"
    )]
    const fn of(alphabet: Alphabet) -> Self {
        let header = Joining::Header.header_octets();
        Self { one: capacity(alphabet, 0) as u32, each: capacity(alphabet, header) as u32 }
    }
}

impl Measure {
    /// The length of no text at all.
    pub const NOTHING: Self = Self { characters: 0, septets: 0, wide: 0, octets: 0 };

    /// A text by its characters, as it is after the signature was added (R34). It goes in the GSM alphabet if that
    /// has all of them.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let characters = total(text.chars().map(char::len_utf16));
        Self::of_characters(characters, text.chars())
    }

    /// User data without its header, as it stands in a submission. `header_octets` is the length of the header that
    /// was before it, 0 without one: packed septets begin behind it at a septet's boundary.
    ///
    /// Latin-1 does not exist over the air, so it counts by its characters, as [`Measure::of_text`] does. Octets that
    /// mean nothing in the alphabet count as a character each.
    #[must_use]
    pub fn of_octets(octets: &[u8], alphabet: Alphabet, header_octets: usize) -> Self {
        match alphabet {
            Alphabet::Gsm7 => Self::of_septets(octets),
            Alphabet::Gsm7Packed => {
                Self::of_septets(&packed::unpack(octets, Fill::after_header(header_octets)))
            }
            Alphabet::Ascii => {
                let septets = octets.iter().map(|octet| septets_of(char::from(*octet)).unwrap_or(1));
                Self { characters: length(octets), septets: total(septets), ..Self::default() }
            }
            Alphabet::Latin1 => Self::of_characters(length(octets), octets.iter().copied().map(char::from)),
            Alphabet::Ucs2 => {
                let wide = length(octets).div_ceil(2);
                Self { characters: wide, wide, ..Self::default() }
            }
            Alphabet::Binary => Self { octets: length(octets), ..Self::default() },
        }
    }

    /// The body of a submission, to a customer whose `data_coding` 0 means `default`. A header that was announced and
    /// is not there is no header: the body is read without it.
    #[must_use]
    pub fn of_content(content: &Content, default: Alphabet) -> Self {
        let (octets, header_octets) = user_data(content);
        Self::of_octets(octets, Alphabet::of(content.data_coding, default), header_octets)
    }

    /// The length of both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            characters: self.characters.saturating_add(other.characters),
            septets: self.septets.saturating_add(other.septets),
            wide: self.wide.saturating_add(other.wide),
            octets: self.octets.saturating_add(other.octets),
        }
    }

    /// Billable segments, at least 1: an empty text is a message too.
    ///
    /// Where parts of one message go in different alphabets, none of which may be alone in a segment, each alphabet's
    /// share is divided apart.
    #[must_use]
    pub fn segments(self, rule: SegmentRule) -> u32 {
        match rule {
            SegmentRule::EveryCharacter => {
                divided([(self.characters, Limits::CHARACTERS), (self.octets, Limits::OCTETS)])
            }
            SegmentRule::ByAlphabet => divided([
                (self.septets, Limits::SEPTETS),
                (self.wide, Limits::WIDE),
                (self.octets, Limits::OCTETS),
            ]),
        }
    }

    /// Billable segments that this part adds to those `before` it, the parts of the same message that have come
    /// already; the sum over all parts is [`Measure::segments`] of the whole, in whatever order they come.
    #[must_use]
    pub fn further(self, before: Option<Self>, rule: SegmentRule) -> u32 {
        match before {
            None => self.segments(rule),
            Some(before) => before.plus(self).segments(rule).saturating_sub(before.segments(rule)),
        }
    }

    /// The lengths as integers, for a snapshot of a long message whose parts are still coming.
    #[must_use]
    pub const fn to_numbers(self) -> [u32; 4] {
        [self.characters, self.septets, self.wide, self.octets]
    }

    /// What [`Measure::to_numbers`] gave.
    #[must_use]
    pub const fn from_numbers([characters, septets, wide, octets]: [u32; 4]) -> Self {
        Self { characters, septets, wide, octets }
    }

    /// One septet in each octet.
    fn of_septets(septets: &[u8]) -> Self {
        let mut characters = 0;
        let mut rest = septets.iter();
        while let Some(septet) = rest.next() {
            if *septet == gsm7::ESCAPE {
                rest.next();
            }
            characters += 1;
        }
        Self { characters, septets: length(septets), ..Self::default() }
    }

    fn of_characters(units: u32, characters: impl Iterator<Item = char>) -> Self {
        let septets: Option<usize> = characters.map(septets_of).sum();
        match septets {
            Some(septets) => Self { characters: units, septets: u32_of(septets), ..Self::default() },
            None => Self { characters: units, wide: units, ..Self::default() },
        }
    }
}

/// Segments that go over the air for this body, at least 1: those of its real cuts, or for a part of a long message
/// what fits behind the header that it has.
#[must_use]
pub fn sent(content: &Content, default: Alphabet) -> u32 {
    let (octets, header_octets) = user_data(content);
    let alphabet = Alphabet::of(content.data_coding, default);
    if header_octets == 0 {
        return match split::segments_of_octets(octets, alphabet, Joining::Header) {
            Ok(segments) => segments.into(),
            Err(TooManyParts { parts }) => u32_of(parts),
        };
    }
    let measure = Measure::of_octets(octets, alphabet, header_octets);
    let units = match alphabet {
        Alphabet::Gsm7 | Alphabet::Gsm7Packed | Alphabet::Ascii => measure.septets,
        Alphabet::Ucs2 => measure.wide,
        Alphabet::Latin1 | Alphabet::Binary => length(octets),
    };
    units.div_ceil(u32_of(capacity(alphabet, header_octets)).max(1)).max(1)
}

/// What stands behind the header, and how long the header is.
fn user_data(content: &Content) -> (&[u8], usize) {
    if content.esm_class & UDHI == 0 {
        return (&content.body, 0);
    }
    match udh::split_off(&content.body) {
        Ok((header, octets)) => (octets, header.octet_len()),
        Err(_) => (&content.body, 0),
    }
}

fn divided<const N: usize>(lengths: [(u32, Limits); N]) -> u32 {
    let mut kinds = lengths.into_iter().filter(|(length, _)| *length > 0);
    match (kinds.next(), kinds.next()) {
        (None, _) => 1,
        (Some((length, limits)), None) if length <= limits.one => 1,
        (Some(first), second) => {
            let all = [first].into_iter().chain(second).chain(kinds);
            all.map(|(length, limits)| length.div_ceil(limits.each)).fold(0, u32::saturating_add)
        }
    }
}

fn septets_of(character: char) -> Option<usize> {
    Septets::of(character).map(Septets::count)
}

fn total(lengths: impl Iterator<Item = usize>) -> u32 {
    u32_of(lengths.sum())
}

fn length(octets: &[u8]) -> u32 {
    u32_of(octets.len())
}

/// A body has at most 65,535 octets; were it more than fits, the end would be the dearest price and not the cheapest.
fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
