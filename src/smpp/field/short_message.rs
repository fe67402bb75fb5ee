//! `sm_length` and `short_message`, read and written as one field (SMPP 3.4 §5.2.21, §5.2.22).

use std::fmt;

use nom::bytes::complete::take;
use nom::number::complete::u8 as octet;

use crate::smpp::field::{Limits, Mapped, Parsed, Read, Show, Shown, Write, Writer};

/// The longest `short_message` that may be written (§5.2.21).
pub const SHORT_MESSAGE_MAX: usize = 254;

/// `sm_length` and `short_message`. Prints its length only (promise 13).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ShortMessage<S> {
    /// `sm_length` as the peer declared it; more than there are octets when it lied (quirk 57). Writing ignores
    /// it and counts.
    pub declared: u8,
    /// The octets that are there.
    pub octets: S,
}

impl<S: AsRef<[u8]>> ShortMessage<S> {
    /// The octets that are there.
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.as_ref()
    }

    /// Whether the PDU ended before the declared length (quirk 57).
    pub fn is_clamped(&self) -> bool {
        usize::from(self.declared) > self.as_bytes().len()
    }
}

impl<S: AsRef<[u8]>> From<S> for ShortMessage<S> {
    fn from(octets: S) -> Self {
        Self { declared: u8::try_from(octets.as_ref().len()).unwrap_or(u8::MAX), octets }
    }
}

impl<S: AsRef<[u8]>> fmt::Debug for ShortMessage<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} octets>", self.as_bytes().len())
    }
}

impl<'a> Read<'a> for ShortMessage<&'a [u8]> {
    #[inline]
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        let (input, declared) = octet(input)?;
        let (rest, octets) = take(usize::from(declared).min(input.len()))(input)?;
        Ok((rest, Self { declared, octets }))
    }
}

impl<S: AsRef<[u8]>> Write for ShortMessage<S> {
    #[inline]
    fn measure(&self, limits: Limits) -> Option<usize> {
        let max = match limits {
            Limits::Strict => SHORT_MESSAGE_MAX,
            Limits::Lenient => usize::from(u8::MAX),
        };
        let len = self.as_bytes().len();
        (len <= max).then_some(1 + len)
    }

    #[inline]
    fn write(&self, out: &mut Writer<'_>) {
        let octets = self.as_bytes();
        out.put([u8::try_from(octets.len()).unwrap_or(u8::MAX)]);
        out.put_slice(octets);
    }
}

impl<S, T> Mapped<S, T> for ShortMessage<S> {
    type Out = ShortMessage<T>;
    #[inline]
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
        ShortMessage { declared: self.declared, octets: change(self.octets) }
    }
}

impl<S: AsRef<[u8]>> Show for ShortMessage<S> {
    fn show(&self) -> Shown<'_> {
        Shown::Octets(self.as_bytes())
    }
}
