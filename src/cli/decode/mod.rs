//! `telegraphy decode`: what does this PDU say? Hexadecimal in, every field with its name and meaning out.
//!
//! | file | question |
//! |---|---|
//! | `hex` | which octets are these? |
//! | `explain` | what does a PDU say? |
//! | `meaning` | what do its numbers mean? |
//!
//! Everything is shown, numbers and texts included: whoever asks has it already. Only passwords are not.

mod explain;
mod hex;
mod meaning;

use std::io::Read;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::{Failure, say};
use crate::smpp::frame::{Front, HEADER_LEN, PDU_LEN_MAX, front};
use crate::text::charset::Alphabet;

/// The arguments of `telegraphy decode`.
#[derive(Debug, Args)]
#[command(
    after_help = "Blanks, 0x, commas and the offsets and right-hand column of a dump (xxd, hexdump -C, Wireshark) \
    are put up with."
)]
pub struct Arguments {
    /// One or more PDUs in hexadecimal [default: standard input].
    #[arg(value_name = "HEX")]
    hex: Vec<String>,
    /// What data_coding 0 is read as.
    #[arg(long, value_enum, default_value = "gsm7")]
    alphabet: DefaultAlphabet,
}

/// What `data_coding` 0 is read as.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DefaultAlphabet {
    /// GSM 7-bit, a septet in each octet.
    Gsm7,
    /// GSM 7-bit, eight septets in seven octets.
    Gsm7Packed,
    /// ASCII.
    Ascii,
    /// Latin-1.
    Latin1,
    /// UCS-2.
    Ucs2,
}

impl DefaultAlphabet {
    const fn alphabet(self) -> Alphabet {
        match self {
            Self::Gsm7 => Alphabet::Gsm7,
            Self::Gsm7Packed => Alphabet::Gsm7Packed,
            Self::Ascii => Alphabet::Ascii,
            Self::Latin1 => Alphabet::Latin1,
            Self::Ucs2 => Alphabet::Ucs2,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let text = if arguments.hex.is_empty() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text
    } else {
        arguments.hex.join(" ")
    };
    let octets = hex::read(&text)?;
    let (explained, is_whole) = explain_all(&octets, arguments.alphabet.alphabet());
    say(explained);
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Explains one PDU after the other; says whether all of them could be read.
fn explain_all(octets: &[u8], default: Alphabet) -> (String, bool) {
    let mut out = String::new();
    let mut at = 0;
    let mut is_whole = true;
    loop {
        let rest = octets.get(at..).unwrap_or_default();
        if rest.is_empty() && at > 0 {
            break;
        }
        if at > 0 {
            out.push('\n');
        }
        match front(rest, PDU_LEN_MAX) {
            Front::Whole(len) => {
                let (pdu, _) = rest.split_at(len);
                is_whole &= explain::explain(pdu, at, default, &mut out);
                at += len;
            }
            Front::Incomplete => {
                out += &incomplete(rest, at);
                return (out, false);
            }
            Front::Broken { command_length, .. } => {
                let bounds = format!("{HEADER_LEN} to {PDU_LEN_MAX}");
                out += &format!(
                    "octet {at}: command_length says {command_length} octets, and a PDU has {bounds}\n"
                );
                return (out, false);
            }
        }
    }
    (out, is_whole)
}

fn incomplete(rest: &[u8], at: usize) -> String {
    match rest.first_chunk() {
        Some(length) => {
            let (said, there) = (u32::from_be_bytes(*length), rest.len());
            format!("octet {at}: command_length says {said} octets, and {there} are there\n")
        }
        None => format!("octet {at}: a PDU begins with 4 octets of length, and {} are there\n", rest.len()),
    }
}

#[cfg(test)]
mod tests;
