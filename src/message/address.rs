//! A sender or a recipient.

use std::fmt;

use crate::base::octets::{Octets, TooLong};
use crate::base::privacy::Masked;

/// The longest address, in octets: `source_addr` and `destination_addr` without their NUL (SMPP 3.4 §5.2.8, §5.2.9).
pub const ADDRESS_LEN_MAX: usize = 20;

/// An address with its type of number and numbering plan, inline; prints masked (promise 13).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Address {
    /// Type of number, as on the wire.
    pub ton: u8,
    /// Numbering plan indicator, as on the wire.
    pub npi: u8,
    /// Digits or letters.
    pub digits: Octets<ADDRESS_LEN_MAX>,
}

impl Address {
    /// An address from its parts.
    ///
    /// # Errors
    /// [`TooLong`] when there are more than [`ADDRESS_LEN_MAX`] octets.
    pub fn new(ton: u8, npi: u8, digits: &[u8]) -> Result<Self, TooLong> {
        Ok(Self { ton, npi, digits: Octets::new(digits)? })
    }

    /// The digits or letters.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.digits.as_slice()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.ton, self.npi, Masked(self.as_slice()))
    }
}
