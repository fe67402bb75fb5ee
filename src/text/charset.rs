//! Which alphabet is it, and what does it say? From `data_coding` to text and back.
//!
//! `data_coding` (SMPP 3.4 §5.2.19) is three tables in one octet:
//!
//! | value | meaning | alphabet here |
//! |---|---|---|
//! | 0x00 | the peer's default, a matter of agreement (quirk 60) | the caller's `default` |
//! | 0x01, 0x03, 0x08 | IA5, Latin-1, UCS-2 | as named |
//! | 0x02, 0x04 | octets | binary |
//! | 0x05–0x07, 0x09–0x0E | Japanese, Korean, Cyrillic, Hebrew … | binary: text that we do not read |
//! | 0x10–0x7F | reserved by SMPP; peers mean 23.038's general group | bits 2–3; binary if compressed |
//! | 0x80–0xBF | reserved by both | binary |
//! | 0xC0–0xCF, 0xD0–0xDF | message waiting | GSM 7-bit |
//! | 0xE0–0xEF | message waiting | UCS-2 |
//! | 0xF0–0xFF | message class (quirk 61) | bits 2–3 |
//!
//! Where the table says GSM 7-bit beside a class or an indication, it is packed exactly if the peer's default is.

use std::fmt;

use super::gsm7::{self, packed};
use super::ucs2::{self, ByteOrderMark};

/// How octets are read as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet, one septet in each octet: how most peers fill `data_coding` 0.
    Gsm7,
    /// The GSM 7-bit default alphabet, eight septets in seven octets.
    Gsm7Packed,
    /// IA5, which is ASCII: one character below 0x80 in each octet.
    Ascii,
    /// ISO 8859-1: one character in each octet.
    Latin1,
    /// UTF-16, big-endian, which SMPP calls UCS-2.
    Ucs2,
    /// Octets that are not text, or text in an alphabet that we have no table of. Read as if it were Latin-1, so
    /// that a keyword is still found and nothing is lost on the way back; see [`Alphabet::is_text`].
    Binary,
}

impl Alphabet {
    /// The alphabet that `data_coding` names to a peer whose 0 means `default`.
    #[must_use]
    pub const fn of(data_coding: u8, default: Self) -> Self {
        let gsm7 = if matches!(default, Self::Gsm7Packed) { Self::Gsm7Packed } else { Self::Gsm7 };
        match data_coding {
            0x00 => default,
            0x01 => Self::Ascii,
            0x03 => Self::Latin1,
            0x08 => Self::Ucs2,
            0x02 | 0x04..=0x07 | 0x09..=0x0F | 0x80..=0xBF => Self::Binary,
            // Bit 5 of the general group: compressed text.
            0x20..=0x3F | 0x60..=0x7F => Self::Binary,
            0x10..=0x1F | 0x40..=0x5F | 0xF0..=0xFF => match data_coding >> 2 & 0b11 {
                0b00 => gsm7,
                0b10 => Self::Ucs2,
                _ => Self::Binary,
            },
            0xC0..=0xDF => gsm7,
            0xE0..=0xEF => Self::Ucs2,
        }
    }

    /// The plain `data_coding` that names this alphabet; 0 for GSM 7-bit, true only for peers whose default it is.
    #[must_use]
    pub const fn data_coding(self) -> u8 {
        match self {
            Self::Gsm7 | Self::Gsm7Packed => 0x00,
            Self::Ascii => 0x01,
            Self::Latin1 => 0x03,
            Self::Binary => 0x04,
            Self::Ucs2 => 0x08,
        }
    }

    /// Whether the octets are characters that we can read.
    #[must_use]
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Binary)
    }

    /// Reads `octets`. Text behind a user data header is read by [`super::read`].
    #[must_use]
    pub fn decode(self, octets: &[u8]) -> Decoded {
        let mut text = String::new();
        let replaced = self.decode_into(octets, &mut text);
        Decoded { text, replaced }
    }

    /// Reads `octets` and appends them to `text`, which a caller keeps from message to message; says whether
    /// anything had to be replaced.
    pub fn decode_into(self, octets: &[u8], text: &mut String) -> bool {
        match self {
            Self::Gsm7 => gsm7::decode_into(octets, text),
            Self::Gsm7Packed => gsm7::decode_into(&packed::unpack(octets, packed::Fill::NONE), text),
            Self::Ucs2 => ucs2::decode_into(octets, ByteOrderMark::Keep, text),
            Self::Latin1 | Self::Binary => {
                text.extend(octets.iter().copied().map(char::from));
                false
            }
            Self::Ascii => {
                let character = |octet: u8| {
                    if octet.is_ascii() { char::from(octet) } else { char::REPLACEMENT_CHARACTER }
                };
                text.extend(octets.iter().copied().map(character));
                !octets.is_ascii()
            }
        }
    }

    /// Writes `text`.
    ///
    /// # Errors
    /// [`Unencodable`] names the first character that the alphabet has not. Nothing is transliterated.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Unencodable> {
        match self {
            Self::Gsm7 => gsm7::encode(text),
            Self::Gsm7Packed => Ok(packed::pack(&gsm7::encode(text)?, packed::Fill::NONE)),
            Self::Ucs2 => Ok(ucs2::encode(text)),
            Self::Latin1 | Self::Binary => encode_below(text, 0x100),
            Self::Ascii => encode_below(text, 0x80),
        }
    }
}

/// A text that was read from octets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Whether it holds a stand-in for octets that mean nothing in the alphabet.
    pub replaced: bool,
}

/// A character that the alphabet has not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Unencodable {
    /// The character: a piece of the message's text.
    pub character: char,
    /// Where it begins in the text, in octets of UTF-8.
    pub at: usize,
}

/// Without the character: a message's text is not for logs (promise 13).
impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the alphabet lacks the character at octet {} of the text", self.at)
    }
}

impl fmt::Debug for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unencodable").field("at", &self.at).finish_non_exhaustive()
    }
}

impl std::error::Error for Unencodable {}

/// One octet for each character, all of them below `end`.
fn encode_below(text: &str, end: u32) -> Result<Vec<u8>, Unencodable> {
    let octet = |(at, character): (usize, char)| {
        u8::try_from(u32::from(character))
            .ok()
            .filter(|octet| u32::from(*octet) < end)
            .ok_or(Unencodable { character, at })
    };
    text.char_indices().map(octet).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Alphabet; 6] = [
        Alphabet::Gsm7,
        Alphabet::Gsm7Packed,
        Alphabet::Ascii,
        Alphabet::Latin1,
        Alphabet::Ucs2,
        Alphabet::Binary,
    ];

    #[test]
    fn quirk_60_zero_means_what_the_peer_agreed_to() {
        for default in ALL {
            assert_eq!(Alphabet::of(0, default), default);
        }
    }

    #[test]
    fn quirk_61_every_data_coding_has_its_alphabet() {
        let cases: [(&[u8], Alphabet); 7] = [
            (&[0x01], Alphabet::Ascii),
            (&[0x03], Alphabet::Latin1),
            (&[0x08], Alphabet::Ucs2),
            (&[0x02, 0x04, 0x05, 0x06, 0x0F, 0x80, 0xBF], Alphabet::Binary),
            (&[0x10, 0x11, 0x13, 0x50, 0xC0, 0xC8, 0xD0, 0xDB, 0xF0, 0xF1, 0xF3], Alphabet::Gsm7),
            (&[0x18, 0x19, 0x48, 0xE0, 0xE8, 0xEF, 0xF8], Alphabet::Ucs2),
            (&[0x14, 0x15, 0x20, 0x30, 0x60, 0xF4, 0xF5, 0xF7, 0xFC], Alphabet::Binary),
        ];
        for (codings, alphabet) in cases {
            for coding in codings {
                assert_eq!(Alphabet::of(*coding, Alphabet::Latin1), alphabet, "data_coding {coding:#04X}");
            }
        }
        assert_eq!(Alphabet::of(0xF0, Alphabet::Gsm7Packed), Alphabet::Gsm7Packed);
    }

    #[test]
    fn an_alphabet_is_named_by_its_own_data_coding() {
        for alphabet in ALL {
            let default = if alphabet == Alphabet::Gsm7Packed { alphabet } else { Alphabet::Gsm7 };
            assert_eq!(Alphabet::of(alphabet.data_coding(), default), alphabet);
        }
    }

    #[test]
    fn ascii_replaces_what_is_not_ascii() {
        assert_eq!(Alphabet::Ascii.decode(b"a\xE9"), Decoded { text: "a\u{FFFD}".into(), replaced: true });
        assert_eq!(Alphabet::Ascii.encode("aé"), Err(Unencodable { character: 'é', at: 1 }));
        assert_eq!(Alphabet::Latin1.encode("aé"), Ok(b"a\xE9".to_vec()));
        assert_eq!(Alphabet::Latin1.encode("aéĀ"), Err(Unencodable { character: 'Ā', at: 3 }));
    }

    #[test]
    fn promise_13_an_error_does_not_show_the_text() {
        let error = Alphabet::Ascii.encode("ü").unwrap_err();
        assert!(!format!("{error} {error:?}").contains('ü'));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>(), latin in "[ -~¡-ÿ]{0,200}", n in 0..ALL.len()) {
            for text in [text, latin] {
                if let Ok(octets) = ALL[n].encode(&text) {
                    prop_assert_eq!(ALL[n].decode(&octets), Decoded { text, replaced: false });
                }
            }
        }

        #[test]
        fn any_octets_decode(octets in prop::collection::vec(any::<u8>(), 0..500), n in 0..ALL.len()) {
            let decoded = ALL[n].decode(&octets);
            if !decoded.replaced && ALL[n] != Alphabet::Gsm7Packed {
                prop_assert_eq!(ALL[n].encode(&decoded.text), Ok(octets));
            }
        }
    }
}
