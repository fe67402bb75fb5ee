//! What is a PDU made of? Kinds of field: each reads itself from octets, writes itself, and shows itself.
//!
//! A field is generic over what holds its octets: `&[u8]` in a borrowed PDU, [`Span`] in an owned one (offsets
//! into the frame), anything that is `AsRef<[u8]>` when it is to be written.
//!
//! Reading is tolerant: a C-octet string may be longer than the specification allows (up to
//! [`C_OCTETS_SOFT_MAX`]), and the end of the PDU ends the last one when its NUL is missing (quirks 10, 11, 22).
//! Where the NUL of an earlier string is missing nobody can tell where it ends: the string swallows what follows
//! up to the next NUL, and the fixed fields behind the last one then find no octets ([`Fault::Short`]).
//! Writing is strict: [`Limits::Strict`] refuses what the specification does not allow. Whatever can be read can
//! be written with [`Limits::Lenient`], and reads the same.

mod address;
mod c_octets;
mod octet;
mod short_message;
mod writer;

use std::fmt;

use nom::IResult;
use nom::error::{ErrorKind, ParseError};

pub use address::Address;
pub use c_octets::{C_OCTETS_SOFT_MAX, COctets, Password};
pub use short_message::{SHORT_MESSAGE_MAX, ShortMessage};
pub(crate) use writer::Writer;

use crate::base::privacy::Masked;
use crate::smpp::tlv::Tlvs;
use crate::smpp::values::{Npi, Ton};

/// Why a field could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The PDU ends before the field does.
    Short,
    /// A C-octet string is longer than [`C_OCTETS_SOFT_MAX`].
    Long,
    /// A list holds an entry of a kind that does not exist.
    List,
}

impl<I> ParseError<I> for Fault {
    fn from_error_kind(_: I, _: ErrorKind) -> Self {
        Self::Short
    }

    fn append(_: I, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// What every reader returns: the rest of this PDU and the value.
pub(crate) type Parsed<'a, T> = IResult<&'a [u8], T, Fault>;

/// How strictly a PDU is held to the specification when it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Limits {
    /// Field lengths as in SMPP 3.4.
    #[default]
    Strict,
    /// C-octet strings up to [`C_OCTETS_SOFT_MAX`], for operators that require it (quirk 22), and whatever else
    /// [`Pdu::decode`](crate::smpp::pdu::Pdu::decode) takes.
    Lenient,
}

/// A range of octets in a frame: what an owned PDU holds instead of a slice.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// Where `part`, a slice of `frame`, stands in it. A slice of something else gets a span that
    /// [`Span::within`] finds nothing at, or octets of the frame; never anything outside.
    #[inline]
    pub(crate) fn of(frame: &[u8], part: &[u8]) -> Self {
        let start = part.as_ptr().addr().wrapping_sub(frame.as_ptr().addr());
        let (Ok(start), Ok(len)) = (u32::try_from(start), u32::try_from(part.len())) else {
            return Self::default();
        };
        Self { start, len }
    }

    /// The octets of `frame` that the span covers; none when it does not fit.
    #[must_use]
    #[inline]
    pub fn within(self, frame: &[u8]) -> &[u8] {
        frame.get(self.range()).unwrap_or_default()
    }

    /// The span as a range of indices.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start as usize).saturating_add(self.len as usize)
    }
}

/// Reads a field from the front of what is left of the PDU.
pub(crate) trait Read<'a>: Sized {
    fn read(input: &'a [u8]) -> Parsed<'a, Self>;
}

/// Writes a field, after saying whether it may be written and how long it is.
pub(crate) trait Write {
    /// How many octets [`Write::write`] takes; `None` when `limits` do not allow the value.
    fn measure(&self, limits: Limits) -> Option<usize>;
    fn write(&self, out: &mut Writer<'_>);
}

/// Changes what holds the octets.
pub(crate) trait Mapped<S, T> {
    type Out;
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out;
}

/// A field as a person may see it (`telegraphy decode`). Debug masks what is personal (promise 13); whoever
/// means to show it all matches on the variants.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// A number, and its name when it has one.
    Number(u32, Option<&'static str>),
    /// Text of the protocol: an id, a time.
    Text(&'a [u8]),
    /// An address with its type of number and numbering plan.
    Address(Ton, Npi, &'a [u8]),
    /// Message octets.
    Octets(&'a [u8]),
    /// Optional parameters, as they stand on the wire.
    Tlvs(Tlvs<&'a [u8]>),
    /// A list of this many entries.
    List(usize),
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number, None) => write!(f, "{number}"),
            Self::Number(number, Some(name)) => write!(f, "{number} {name}"),
            Self::Text(text) => write!(f, "\"{}\"", text.escape_ascii()),
            Self::Address(ton, npi, digits) => write!(f, "{}/{}:{}", ton.0, npi.0, Masked(digits)),
            Self::Octets(octets) => write!(f, "<{} octets>", octets.len()),
            Self::Tlvs(tlvs) => tlvs.fmt(f),
            Self::List(entries) => write!(f, "<{entries} entries>"),
        }
    }
}

/// Shows a field.
pub(crate) trait Show {
    fn show(&self) -> Shown<'_>;
}
