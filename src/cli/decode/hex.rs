//! Which octets are these? Hexadecimal as people have it at hand: plain, in groups, with `0x`, or a whole dump.

use std::fmt;

/// Octets in a line of a dump: what is behind them is its right-hand column.
const DUMP_LINE_OCTETS: usize = 16;

/// Something that is no hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NotHex {
    /// From 1.
    line: usize,
    /// What it is.
    what: String,
}

impl fmt::Display for NotHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}` is no whole number of octets in hexadecimal", self.line, self.what)
    }
}

impl std::error::Error for NotHex {}

/// Reads hexadecimal.
///
/// # Errors
/// [`NotHex`] names the first thing that is none.
pub(super) fn read(text: &str) -> Result<Vec<u8>, NotHex> {
    let mut octets = Vec::new();
    let mut in_dump = false;
    for (number, line) in (1..).zip(text.lines()) {
        match without_offset(line.trim()) {
            Some(columns) => {
                in_dump = true;
                read_dump_line(columns, &mut octets);
            }
            // A dump ends in an offset with nothing behind it.
            None if in_dump && is_offset(line.trim()) => {}
            None => read_plain_line(line, &mut octets)
                .map_err(|what| NotHex { line: number, what: what.to_owned() })?,
        }
    }
    Ok(octets)
}

/// What is behind the offset that a line of a dump begins with; `None` for another line.
fn without_offset(line: &str) -> Option<&str> {
    let (first, rest) = line.split_once(char::is_whitespace)?;
    if let Some(offset) = first.strip_suffix(':') {
        // xxd: two blanks before its right-hand column, and none between octets.
        return is_offset(offset).then(|| rest.trim_start().split("  ").next().unwrap_or_default());
    }
    // hexdump, od, Wireshark: single octets behind a longer number, at most two blanks between them.
    let next = rest.split_whitespace().next()?;
    let is_dump = is_offset(first) && next.len() == 2;
    is_dump
        .then(|| rest.trim_start().split(['|', '\t']).next().unwrap_or_default())
        .map(|octets| octets.split("   ").next().unwrap_or_default())
}

fn is_offset(word: &str) -> bool {
    word.len() >= 4 && word.bytes().all(|octet| octet.is_ascii_hexdigit())
}

fn read_dump_line(columns: &str, octets: &mut Vec<u8>) {
    let before = octets.len();
    for word in columns.split_whitespace() {
        if octets.len() - before >= DUMP_LINE_OCTETS || read_word(word, octets).is_none() {
            break;
        }
    }
}

fn read_plain_line<'a>(line: &'a str, octets: &mut Vec<u8>) -> Result<(), &'a str> {
    let is_between =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '"' | '\'' | '[' | ']');
    for word in line.split(is_between).filter(|word| !word.is_empty()) {
        let bare = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
        read_word(bare, octets).ok_or(word)?;
    }
    Ok(())
}

/// Reads digits in pairs, each with `\x` before it or none; `None`, and nothing read, if they are something else.
fn read_word(word: &str, octets: &mut Vec<u8>) -> Option<()> {
    let before = octets.len();
    let bare = word.replace("\\x", "");
    let (pairs, left) = bare.as_bytes().as_chunks::<2>();
    let read: Option<()> = pairs.iter().try_for_each(|[high, low]| {
        octets.push(digit(*high)? << 4 | digit(*low)?);
        Some(())
    });
    if read.is_none() || !left.is_empty() {
        octets.truncate(before);
        return None;
    }
    Some(())
}

fn digit(octet: u8) -> Option<u8> {
    u8::try_from(char::from(octet).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENQUIRE_LINK: [u8; 16] = [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 0x2A];

    #[test]
    fn plain_hexadecimal_is_read_however_it_is_grouped() {
        for text in [
            "0000001000000015000000000000002a",
            "00000010 00000015\n00000000 0000002A\n",
            "0x00000010, 0x00000015, 0x00000000, 0x0000002a",
            "00:00:00:10:00:00:00:15:00:00:00:00:00:00:00:2a",
            r#"b"\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x2a""#.trim_start_matches('b'),
            "00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 2a",
        ] {
            assert_eq!(read(text).as_deref(), Ok(&ENQUIRE_LINK[..]), "{text}");
        }
    }

    #[test]
    fn a_dump_is_read_without_its_offsets_and_its_right_hand_column() {
        for text in [
            "00000000: 0000 0010 0000 0015 0000 0000 0000 002a  ...............*",
            "00000000: 0000 0010 0000 0015  abcdabcd\n00000008: 0000 0000 0000 002a  abcdabcd",
            "00000000  00 00 00 10 00 00 00 15  00 00 00 00 00 00 00 2a  |...............*|\n00000010\n",
            "0000   00 00 00 10 00 00 00 15   ab cd\n0008   00 00 00 00 00 00 00 2a   ...*\n",
            "0000000 00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 2a\n0000020\n",
        ] {
            assert_eq!(read(text).as_deref(), Ok(&ENQUIRE_LINK[..]), "{text}");
        }
    }

    #[test]
    fn what_is_no_hexadecimal_is_named() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(said("00\n0g"), "line 2: `0g` is no whole number of octets in hexadecimal");
        assert_eq!(said("0x123"), "line 1: `0x123` is no whole number of octets in hexadecimal");
        assert_eq!(read(""), Ok(Vec::new()));
    }
}
