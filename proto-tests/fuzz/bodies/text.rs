//! What any body of a message must not break.

use std::hint::black_box;

use telegraphy::text::charset::Alphabet;
use telegraphy::text::read;
use telegraphy::text::split::{self, Joining, PARTS_MAX, Part};
use telegraphy::text::udh::{self, Concatenation, UserDataHeader};

const ALPHABETS: [Alphabet; 6] = [
    Alphabet::Gsm7,
    Alphabet::Gsm7Packed,
    Alphabet::Ascii,
    Alphabet::Latin1,
    Alphabet::Ucs2,
    Alphabet::Binary,
];

const JOININGS: [Joining; 3] = [Joining::Header, Joining::WideHeader, Joining::Sar];

/// A body reads, what reads without a stand-in writes back, and what is cut into parts can be put together again. The
/// first octet chooses alphabet, joining and length, the second is a `data_coding` and a reference.
pub fn text(data: &[u8]) {
    let [choice, coding, body @ ..] = data else { return };
    // 252 = 6 alphabets × 3 joinings × 14; the rest of the choices makes the body long.
    let (alphabet, joining) = (ALPHABETS[usize::from(choice % 6)], JOININGS[usize::from(choice / 6 % 3)]);
    let body = body.repeat(if *choice >= 216 { 8 } else { 1 });
    black_box(Alphabet::of(*coding, alphabet));
    headed(&body, alphabet);
    let decoded = alphabet.decode(&body);
    let plain = read(&body, false, alphabet).expect("no header was announced");
    assert_eq!((&plain.text, plain.replaced), (&decoded.text, decoded.replaced));
    let reference = u16::from_be_bytes([*coding, *choice]);
    split_octets(&body, alphabet, joining, reference);
    if !decoded.replaced {
        written_back(&body, &decoded.text, alphabet);
        split_text(&decoded.text, alphabet, joining, reference);
    }
    for other in ALPHABETS {
        if let Ok(octets) = other.encode(&decoded.text) {
            let again = other.decode(&octets);
            assert!(!again.replaced, "{other:?} reads what it wrote");
            assert_eq!(without_padding(&again.text, other), without_padding(&decoded.text, other));
        }
    }
}

/// The body with a header announced.
fn headed(body: &[u8], alphabet: Alphabet) {
    let split = udh::split_off(body);
    let reading = read(body, true, alphabet);
    assert_eq!(split.is_ok(), reading.is_ok());
    let (Ok((header, text)), Ok(reading)) = (split, reading) else { return };
    assert_eq!(header.octet_len() + text.len(), body.len());
    assert_eq!(reading.header, Some(header));
    let elements: Vec<_> = header.elements().collect();
    let mut written = Vec::new();
    udh::write_header(&elements, &mut written).expect("they came in one header");
    if header.is_whole() {
        assert_eq!(written, body[..header.octet_len()]);
    }
    let (again, rest) = udh::split_off(&written).expect("a header that was written");
    assert!(again.is_whole() && rest.is_empty());
    assert_eq!(again.concatenation(), header.concatenation());
    if let Some(concatenation) = header.concatenation() {
        concatenation_comes_back(concatenation);
    }
}

fn concatenation_comes_back(concatenation: Concatenation) {
    let mut octets = Vec::new();
    concatenation.write_header(&mut octets);
    assert_eq!(octets.len(), concatenation.header_octets());
    let (header, _) = udh::split_off(&octets).expect("a header that was written");
    assert_eq!(UserDataHeader::concatenation(header), Some(concatenation));
}

fn written_back(octets: &[u8], text: &str, alphabet: Alphabet) {
    let written = alphabet.encode(text).expect("what was read without a stand-in can be written");
    if alphabet != Alphabet::Gsm7Packed {
        assert_eq!(written, octets);
    }
}

fn split_text(text: &str, alphabet: Alphabet, joining: Joining, reference: u16) {
    let parts = split::split(text, alphabet, joining, reference);
    let count = split::segments(text, alphabet, joining);
    assert_eq!(parts.as_ref().map(Vec::len).map_err(|error| *error), count.map(usize::from));
    let Ok(parts) = parts else { return };
    numbered(&parts, joining);
    let mut joined = String::new();
    for part in &parts {
        let reading = read(&part.body, part.has_header, alphabet).expect("the header was written");
        assert!(!reading.replaced, "no cut falls into a character");
        joined.push_str(&reading.text);
    }
    assert_eq!(without_padding(&joined, alphabet), without_padding(text, alphabet));
}

fn split_octets(octets: &[u8], alphabet: Alphabet, joining: Joining, reference: u16) {
    let parts = split::split_octets(octets, alphabet, joining, reference);
    let count = split::segments_of_octets(octets, alphabet, joining);
    assert_eq!(parts.as_ref().map(Vec::len).map_err(|error| *error), count.map(usize::from));
    let Ok(parts) = parts else { return };
    numbered(&parts, joining);
    if alphabet == Alphabet::Gsm7Packed {
        return;
    }
    let header = |part: &Part| if part.has_header { joining.header_octets() } else { 0 };
    let joined: Vec<u8> = parts.iter().flat_map(|part| &part.body[header(part)..]).copied().collect();
    assert_eq!(joined, octets);
}

/// Parts are numbered through, fit, and say in their header what they say beside it.
fn numbered(parts: &[Part], joining: Joining) {
    assert!((1..=usize::from(PARTS_MAX)).contains(&parts.len()));
    for (place, part) in parts.iter().enumerate() {
        // 160 septets, each in an octet of its own.
        assert!(part.body.len() <= 160, "{} octets", part.body.len());
        assert_eq!(part.concatenation.is_some(), parts.len() > 1);
        assert_eq!(part.has_header, parts.len() > 1 && joining != Joining::Sar);
        let Some(concatenation) = part.concatenation else { continue };
        assert_eq!(usize::from(concatenation.total), parts.len());
        assert_eq!(usize::from(concatenation.part), place + 1);
        if part.has_header {
            let (header, _) = udh::split_off(&part.body).expect("the header was written");
            assert_eq!(header.concatenation(), Some(concatenation));
        }
    }
}

/// Packed septets cannot always tell a carriage return at the end of a part from padding (quirk 64).
fn without_padding(text: &str, alphabet: Alphabet) -> String {
    if alphabet == Alphabet::Gsm7Packed { text.replace('\r', "") } else { text.to_owned() }
}
