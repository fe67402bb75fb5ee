//! Addresses: type of number, numbering plan, digits (SMPP 3.4 §5.2.5–5.2.10).

use std::fmt;

use crate::base::privacy::Masked;
use crate::smpp::field::{COctets, Limits, Mapped, Parsed, Read, Show, Shown, Write, Writer};
use crate::smpp::values::{Npi, Ton};

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
    #[inline]
    fn measure(&self, limits: Limits) -> Option<usize> {
        Some(2 + self.addr.measure(limits)?)
    }

    #[inline]
    fn write(&self, out: &mut Writer<'_>) {
        out.put([self.ton.0, self.npi.0]);
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
