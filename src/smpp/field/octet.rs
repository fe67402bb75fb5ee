//! Fields of one octet: integers and enumerations (SMPP 3.4 §3.1, §5.2).

use nom::Parser;
use nom::number::complete::u8 as octet;

use crate::smpp::field::{Limits, Mapped, Parsed, Read, Show, Shown, Write, Writer};
use crate::smpp::values::{
    DataCoding, EsmClass, InterfaceVersion, MessageState, Npi, RegisteredDelivery, Ton,
};

macro_rules! one_octet_field {
    ($($type:ident => |$value:ident| $name:expr;)*) => {$(
        impl<'a> Read<'a> for $type {
            #[inline]
            fn read(input: &'a [u8]) -> Parsed<'a, Self> {
                octet.map($type::from).parse(input)
            }
        }
        impl Write for $type {
            #[inline]
            fn measure(&self, _: Limits) -> Option<usize> { Some(1) }
            #[inline]
            fn write(&self, out: &mut Writer<'_>) { out.put([(*self).into()]) }
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
