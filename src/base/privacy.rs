//! Secrets and personal data print masked (promise 13): a log line cannot leak what its type will not show.

use std::fmt;

/// A password or key: prints as `***`, compares only through [`Secret::expose`] in the one place that checks it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the octets of a secret.
    #[must_use]
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    /// The octets, for the check or the bind that needs them; never for printing.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Shows a phone number or sender with at most its first three and last two octets: `447*******21`.
///
/// Eight octets or fewer show nothing but their count: too little would be hidden.
#[derive(Clone, Copy)]
pub struct Masked<'a>(pub &'a [u8]);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |f: &mut fmt::Formatter<'_>, n: usize| (0..n).try_for_each(|_| f.write_str("*"));
        match self.0 {
            [a, b, c, middle @ .., y, z] if middle.len() >= 4 => {
                write!(f, "{}", [*a, *b, *c].escape_ascii())?;
                hidden(f, middle.len())?;
                write!(f, "{}", [*y, *z].escape_ascii())
            }
            short => hidden(f, short.len()),
        }
    }
}

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_13_secrets_and_numbers_print_masked() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
        assert_eq!(format!("{}", Masked(b"447700900121")), "447*******21");
        assert_eq!(format!("{:?}", Masked(b"12345678")), "********");
        assert_eq!(format!("{}", Masked(b"")), "");
    }
}
