//! C-octet strings: ids, addresses, times, passwords (SMPP 3.4 §3.1).

use std::fmt;

use nom::Parser;

use crate::smpp::field::{Fault, Limits, Mapped, Parsed, Read, Show, Shown, Write, Writer};

/// The longest C-octet string accepted from a peer, in octets without the NUL. The specification's longest is
/// 64; operators require passwords and addresses well past their own limits (quirk 22), and nobody past this.
pub const C_OCTETS_SOFT_MAX: usize = 255;

/// A C-octet string: ended by NUL on the wire, at most `MAX` octets *with* the NUL by the specification.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct COctets<S, const MAX: usize>(pub S);

impl<S: AsRef<[u8]>, const MAX: usize> COctets<S, MAX> {
    /// The octets, without the NUL.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Whether the string keeps to the specification's length.
    pub fn fits(&self) -> bool {
        self.as_bytes().len() < MAX
    }
}

impl<S, const MAX: usize> From<S> for COctets<S, MAX> {
    fn from(octets: S) -> Self {
        Self(octets)
    }
}

impl<S: AsRef<[u8]>, const MAX: usize> fmt::Debug for COctets<S, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl<'a, const MAX: usize> Read<'a> for COctets<&'a [u8], MAX> {
    #[inline]
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        let (rest, octets) = c_octets(input)?;
        Ok((rest, Self(octets)))
    }
}

impl<S: AsRef<[u8]>, const MAX: usize> Write for COctets<S, MAX> {
    #[inline]
    fn measure(&self, limits: Limits) -> Option<usize> {
        let octets = self.as_bytes();
        let max = match limits {
            Limits::Strict => MAX - 1,
            Limits::Lenient => C_OCTETS_SOFT_MAX,
        };
        (octets.len() <= max && !holds_nul(octets)).then(|| octets.len() + 1)
    }

    #[inline]
    fn write(&self, out: &mut Writer<'_>) {
        out.put_slice(self.as_bytes());
        out.put([0]);
    }
}

impl<S, T, const MAX: usize> Mapped<S, T> for COctets<S, MAX> {
    type Out = COctets<T, MAX>;
    #[inline]
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
        COctets(change(self.0))
    }
}

impl<S: AsRef<[u8]>, const MAX: usize> Show for COctets<S, MAX> {
    fn show(&self) -> Shown<'_> {
        Shown::Text(self.as_bytes())
    }
}

/// Reads up to the NUL, or to the end of the PDU when there is none.
#[inline]
fn c_octets(input: &[u8]) -> Parsed<'_, &[u8]> {
    // Most strings of most PDUs are empty. Looking at that first takes a sixth off reading a submit_sm, where a
    // search by words, good for long strings, adds a sixth (`benches/codec.rs`).
    if let Some((0, rest)) = input.split_first() {
        return Ok((rest, &[]));
    }
    let window = input.get(..=C_OCTETS_SOFT_MAX).unwrap_or(input);
    match window.iter().position(|octet| *octet == 0) {
        Some(end) => {
            let (octets, rest) = input.split_at(end);
            Ok((rest.get(1..).unwrap_or_default(), octets))
        }
        None if window.len() <= C_OCTETS_SOFT_MAX => {
            let (octets, rest) = input.split_at(input.len());
            Ok((rest, octets))
        }
        None => Err(nom::Err::Error(Fault::Long)),
    }
}

/// Whether there is a NUL among the octets, eight at a time: a tenth off writing a submit_sm, whose strings are
/// just long enough for it (`benches/codec.rs`).
#[inline]
fn holds_nul(octets: &[u8]) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, tail) = octets.as_chunks::<8>();
    let zero_in = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        word.wrapping_sub(LOW) & !word & HIGH != 0
    };
    words.iter().any(zero_in) || tail.contains(&0)
}

/// The password of a bind: a C-octet string of at most 8 octets and NUL that never prints (promise 13).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Password<S>(pub COctets<S, 9>);

impl<S: AsRef<[u8]>> Password<S> {
    /// The octets, for the check; never for printing.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl<S> From<S> for Password<S> {
    fn from(octets: S) -> Self {
        Self(COctets(octets))
    }
}

impl<S> fmt::Debug for Password<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'a> Read<'a> for Password<&'a [u8]> {
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        COctets::read.map(Self).parse(input)
    }
}

impl<S: AsRef<[u8]>> Write for Password<S> {
    fn measure(&self, limits: Limits) -> Option<usize> {
        self.0.measure(limits)
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.0.write(out);
    }
}

impl<S, T> Mapped<S, T> for Password<S> {
    type Out = Password<T>;
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
        Password(self.0.mapped(change))
    }
}

impl<S> Show for Password<S> {
    fn show(&self) -> Shown<'_> {
        Shown::Text(b"***")
    }
}
