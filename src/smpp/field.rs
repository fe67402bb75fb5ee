//! The kinds of field that PDUs are made of: each reads itself from octets, writes itself, and shows itself.
//!
//! A field is generic over what holds its octets: `&[u8]` in a borrowed PDU, [`Span`] in an owned one (offsets
//! into the frame), anything that is `AsRef<[u8]>` when it is to be written.
//!
//! Reading is tolerant: a C-octet string may be longer than the specification allows (up to
//! [`C_OCTETS_SOFT_MAX`]) and the end of the PDU ends it when the NUL is missing (quirks 10, 11, 22). Writing is
//! strict: [`Limits::Strict`] refuses what the specification does not allow.

use std::fmt;

use bytes::{BufMut, BytesMut};
use nom::bytes::complete::take;
use nom::error::{ErrorKind, ParseError};
use nom::number::complete::u8 as octet;
use nom::{IResult, Parser};

use crate::base::privacy::Masked;
use crate::smpp::values::{
    DataCoding, EsmClass, InterfaceVersion, MessageState, Npi, RegisteredDelivery, Ton,
};

/// The longest C-octet string accepted from a peer, in octets without the NUL. The specification's longest is
/// 64; operators require passwords and addresses well past their own limits (quirk 22), and nobody past this.
pub const C_OCTETS_SOFT_MAX: usize = 255;

/// Why a field could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The PDU ends before the field does.
    Short,
    /// A C-octet string is longer than [`C_OCTETS_SOFT_MAX`].
    Long,
    /// A list holds an entry that cannot be read, or more or fewer than it says.
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
    /// C-octet strings up to [`C_OCTETS_SOFT_MAX`], for operators that require it (quirk 22).
    Lenient,
}

/// A range of octets in a frame: what an owned PDU holds instead of a slice.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// Where `part`, a slice of `frame`, stands in it.
    pub(crate) fn of(frame: &[u8], part: &[u8]) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(frame.as_ptr() as usize);
        let (Ok(start), Ok(len)) = (u32::try_from(start), u32::try_from(part.len())) else {
            return Self::default();
        };
        Self { start, len }
    }

    /// The octets of `frame` that the span covers; none when it does not fit.
    #[must_use]
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

/// Writes a field, after saying how long it is and whether it may be written.
pub(crate) trait Write {
    fn encoded_len(&self) -> usize;
    fn check(&self, limits: Limits) -> bool;
    fn write(&self, out: &mut BytesMut);
}

/// Changes what holds the octets.
pub(crate) trait Mapped<S, T> {
    type Out;
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out;
}

/// A field as a person may see it (`telegraphy decode`).
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// A number, and its name when it has one.
    Number(u32, Option<&'static str>),
    /// Text of the protocol: an id, an address, a time.
    Text(&'a [u8]),
    /// An address with its type of number and numbering plan.
    Address(Ton, Npi, &'a [u8]),
    /// Message octets.
    Octets(&'a [u8]),
    /// Optional parameters, as they stand on the wire.
    Tlvs(crate::smpp::tlv::Tlvs<&'a [u8]>),
    /// A list of this many entries.
    List(usize),
}

/// Shows a field.
pub(crate) trait Show {
    fn show(&self) -> Shown<'_>;
}

// === one octet ===

macro_rules! one_octet_field {
    ($($type:ident => |$value:ident| $name:expr;)*) => {$(
        impl<'a> Read<'a> for $type {
            #[inline]
            fn read(input: &'a [u8]) -> Parsed<'a, Self> {
                octet.map($type::from).parse(input)
            }
        }
        impl Write for $type {
            fn encoded_len(&self) -> usize { 1 }
            fn check(&self, _: Limits) -> bool { true }
            #[inline]
            fn write(&self, out: &mut BytesMut) { out.put_u8((*self).into()) }
        }
        impl<S, T> Mapped<S, T> for $type {
            type Out = Self;
            #[inline]
            fn mapped(self, _: &mut impl FnMut(S) -> T) -> Self { self }
        }
        impl Show for $type {
            fn show(&self) -> Shown<'_> {
                let $value = *self;
                Shown::Number(u32::from(u8::from($value)), $name)
            }
        }
    )*};
}

macro_rules! octet_conversions {
    ($($type:ident),*) => {$(
        impl From<$type> for u8 {
            fn from(value: $type) -> Self { value.0 }
        }
    )*};
}

impl From<u8> for EsmClass {
    fn from(value: u8) -> Self {
        Self(value)
    }
}

impl From<u8> for RegisteredDelivery {
    fn from(value: u8) -> Self {
        Self(value)
    }
}

octet_conversions!(Ton, Npi, InterfaceVersion, DataCoding, MessageState, EsmClass, RegisteredDelivery);

one_octet_field! {
    u8 => |_value| None;
    Ton => |value| value.name();
    Npi => |value| value.name();
    InterfaceVersion => |value| value.name();
    DataCoding => |value| value.name();
    MessageState => |value| value.name();
    EsmClass => |value| value.is_receipt().then_some("receipt");
    RegisteredDelivery => |_value| None;
}

// === C-octet string ===

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
    fn encoded_len(&self) -> usize {
        self.as_bytes().len() + 1
    }

    fn check(&self, limits: Limits) -> bool {
        let octets = self.as_bytes();
        let max = match limits {
            Limits::Strict => MAX - 1,
            Limits::Lenient => C_OCTETS_SOFT_MAX,
        };
        octets.len() <= max && !octets.contains(&0)
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        out.put_slice(self.as_bytes());
        out.put_u8(0);
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
pub(crate) fn c_octets(input: &[u8]) -> Parsed<'_, &[u8]> {
    let end = input.iter().take(C_OCTETS_SOFT_MAX + 1).position(|octet| *octet == 0);
    match end {
        Some(end) => {
            let (octets, rest) = input.split_at(end);
            Ok((rest.get(1..).unwrap_or_default(), octets))
        }
        None if input.len() <= C_OCTETS_SOFT_MAX => {
            let (octets, rest) = input.split_at(input.len());
            Ok((rest, octets))
        }
        None => Err(nom::Err::Error(Fault::Long)),
    }
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
    fn encoded_len(&self) -> usize {
        self.0.encoded_len()
    }

    fn check(&self, limits: Limits) -> bool {
        self.0.check(limits)
    }

    fn write(&self, out: &mut BytesMut) {
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

// === address ===

/// Type of number, numbering plan and the address itself; prints masked (promise 13).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Address<S, const MAX: usize = 21> {
    /// Type of number.
    pub ton: Ton,
    /// Numbering plan indicator.
    pub npi: Npi,
    /// The digits or letters; octets, because not every peer keeps to ASCII (quirk 28).
    pub addr: COctets<S, MAX>,
}

impl<S: AsRef<[u8]>, const MAX: usize> fmt::Debug for Address<S, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.ton.0, self.npi.0, Masked(self.addr.as_bytes()))
    }
}

impl<'a, const MAX: usize> Read<'a> for Address<&'a [u8], MAX> {
    #[inline]
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        let (input, ton) = Ton::read(input)?;
        let (input, npi) = Npi::read(input)?;
        let (input, addr) = COctets::read(input)?;
        Ok((input, Self { ton, npi, addr }))
    }
}

impl<S: AsRef<[u8]>, const MAX: usize> Write for Address<S, MAX> {
    fn encoded_len(&self) -> usize {
        2 + self.addr.encoded_len()
    }

    fn check(&self, limits: Limits) -> bool {
        self.addr.check(limits)
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        out.put_slice(&[self.ton.0, self.npi.0]);
        self.addr.write(out);
    }
}

impl<S, T, const MAX: usize> Mapped<S, T> for Address<S, MAX> {
    type Out = Address<T, MAX>;
    #[inline]
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
        Address { ton: self.ton, npi: self.npi, addr: self.addr.mapped(change) }
    }
}

impl<S: AsRef<[u8]>, const MAX: usize> Show for Address<S, MAX> {
    fn show(&self) -> Shown<'_> {
        Shown::Address(self.ton, self.npi, self.addr.as_bytes())
    }
}

// === short message ===

/// `sm_length` and `short_message`. Prints its length only (promise 13).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ShortMessage<S> {
    /// `sm_length` as the peer declared it; more than there are octets when it lied (quirk 57). Writing ignores
    /// it and counts.
    pub declared: u8,
    /// The octets that are there.
    pub octets: S,
}

/// The longest `short_message` that may be written (§4.4.1).
pub const SHORT_MESSAGE_MAX: usize = 254;

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
    fn encoded_len(&self) -> usize {
        1 + self.as_bytes().len()
    }

    fn check(&self, _: Limits) -> bool {
        self.as_bytes().len() <= SHORT_MESSAGE_MAX
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        let octets = self.as_bytes();
        out.put_u8(u8::try_from(octets.len()).unwrap_or(u8::MAX));
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
