//! What do these octets say? Character sets, user data headers, segments.
//!
//! The body of a message ([`read`]) is an optional user data header ([`udh`]) and text in an alphabet
//! ([`charset::Alphabet`]) that `data_coding` names. A text too long for one short message is cut into parts
//! ([`split`]); a part as it goes over the air is a *segment*, the unit of price.
//!
//! Nothing here knows an SMPP PDU: `data_coding`, `esm_class` and TLV values come in as plain values.

pub mod charset;
pub mod gsm7;
pub mod split;
pub mod ucs2;
pub mod udh;

use charset::Alphabet;
use gsm7::packed::{self, Fill};
use udh::{HeaderError, UserDataHeader};

/// What a message's body says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading<'a> {
    /// The user data header, when the message was said to have one.
    pub header: Option<UserDataHeader<'a>>,
    /// The text behind the header.
    pub text: String,
    /// Whether some of the text is not what was sent: octets that mean nothing in the alphabet, or a national
    /// language table that the header asks for and that we do not have.
    pub replaced: bool,
}

/// Reads a message's body, from `short_message` or `message_payload` alike (quirk 66).
///
/// `has_header` is the UDHI bit (0x40) of `esm_class`; whether a header is there is never guessed from the octets
/// (quirk 65).
///
/// # Errors
/// [`HeaderError`] when a header was announced and does not fit into the body. The caller may then read the body
/// without it.
pub fn read(body: &[u8], has_header: bool, alphabet: Alphabet) -> Result<Reading<'_>, HeaderError> {
    let (header, octets) = if has_header {
        let (header, octets) = udh::split_off(body)?;
        (Some(header), octets)
    } else {
        (None, body)
    };
    let shifted =
        header.is_some_and(|header| header.elements().any(|element| element.id.is_national_shift()));
    let mut text = String::new();
    let replaced = match header {
        Some(header) if alphabet == Alphabet::Gsm7Packed => {
            let septets = packed::unpack(octets, Fill::after_header(header.octet_len()));
            gsm7::decode_into(&septets, &mut text)
        }
        _ => alphabet.decode_into(octets, &mut text),
    };
    let shifted = shifted && matches!(alphabet, Alphabet::Gsm7 | Alphabet::Gsm7Packed);
    Ok(Reading { header, text, replaced: replaced || shifted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirk_65_a_header_is_read_only_when_announced() {
        let body = b"\x05\x00\x03\x2a\x02\x01hi";
        let with = read(body, true, Alphabet::Gsm7).unwrap();
        assert_eq!(with.text, "hi");
        assert_eq!(with.header.unwrap().concatenation().unwrap().reference, 0x2A);
        let without = read(body, false, Alphabet::Latin1).unwrap();
        assert_eq!(without.header, None);
        assert!(without.text.ends_with("hi"));
    }

    #[test]
    fn quirk_66_a_payload_of_64_kilobytes_has_its_header_too() {
        let mut body = vec![0x05, 0x00, 0x03, 0x01, 0x02, 0x02];
        body.resize(65_535, b'x');
        let reading = read(&body, true, Alphabet::Gsm7).unwrap();
        assert_eq!(reading.text.len(), 65_529);
        assert_eq!(reading.header.unwrap().concatenation().unwrap().part, 2);
    }

    #[test]
    fn an_announced_header_that_is_not_there_is_an_error() {
        assert_eq!(read(b"", true, Alphabet::Gsm7), Err(HeaderError::Missing));
        assert!(matches!(read(b"hello", true, Alphabet::Gsm7), Err(HeaderError::PastTheEnd { .. })));
    }

    #[test]
    fn packed_text_behind_a_header_starts_at_a_septet_boundary() {
        let septets = gsm7::encode("hello{}").unwrap();
        let mut body = vec![0x05, 0x00, 0x03, 0x01, 0x02, 0x01];
        body.extend(packed::pack(&septets, Fill::after_header(6)));
        assert_eq!(read(&body, true, Alphabet::Gsm7Packed).unwrap().text, "hello{}");
    }

    #[test]
    fn a_national_language_table_is_not_passed_off_as_the_default_one() {
        let body = b"\x03\x24\x01\x01abc";
        assert!(read(body, true, Alphabet::Gsm7).unwrap().replaced);
        assert!(!read(body, true, Alphabet::Latin1).unwrap().replaced);
    }
}
