//! Is it still what it was? A number that stands for a piece of the settings in the log, which holds no settings.
//!
//! # Encoding
//!
//! What is hashed is a row of numbers and texts, the first of which is a text that says what they are about. A number
//! is eight octets, little-endian; a text is its length as a number, and its octets. A list stands behind its length; a
//! choice is its word; what may be missing is 0, or 1 and what it is. The fingerprint is the first eight octets of the
//! BLAKE3 hash of all that, little-endian.
//!
//! Fingerprints are compared for as long as a log lives, so a row never changes. What settings learn to say later
//! comes behind the rest of a row, and only where it is not what was meant while nothing could be said of it.

use std::time::Duration;

/// A row of numbers and texts, as far as it has been said.
#[derive(Clone, Debug)]
pub struct Fingerprint(blake3::Hasher);

impl Fingerprint {
    /// The beginning of a row about this.
    #[must_use]
    pub fn of(what: &str) -> Self {
        let mut row = Self(blake3::Hasher::new());
        row.text(what);
        row
    }

    /// A number comes next.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// A number that may be missing comes next.
    pub fn maybe(&mut self, number: Option<u64>) -> &mut Self {
        match number {
            None => self.number(0),
            Some(number) => self.number(1).number(number),
        }
    }

    /// A length comes next: that of a text or of a list.
    pub fn length(&mut self, length: usize) -> &mut Self {
        self.number(u64::try_from(length).unwrap_or(u64::MAX))
    }

    /// A text comes next.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.length(text.len());
        self.0.update(text.as_bytes());
        self
    }

    /// A time comes next: seconds, and nanoseconds of one.
    pub fn duration(&mut self, time: Duration) -> &mut Self {
        self.number(time.as_secs()).number(time.subsec_nanos().into())
    }

    /// The fingerprint of what was said.
    #[must_use]
    pub fn end(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.finalize().as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_numbers_and_texts_in_their_order() {
        let mut row = Fingerprint::of("it");
        row.number(7).maybe(None).maybe(Some(0)).text("ab").duration(Duration::from_millis(1500));
        let mut octets = Vec::new();
        let number = |number: u64| number.to_le_bytes();
        octets.extend([number(2).as_slice(), b"it", &number(7), &number(0), &number(1), &number(0)].concat());
        octets.extend([number(2).as_slice(), b"ab", &number(1), &number(500_000_000)].concat());
        let hash = *blake3::hash(&octets).as_bytes();
        assert_eq!(row.end().to_le_bytes(), hash[..8]);
    }

    #[test]
    fn what_is_divided_otherwise_is_something_else() {
        let texts = |first: &str, second: &str| Fingerprint::of("it").text(first).text(second).end();
        assert_ne!(texts("ab", "c"), texts("a", "bc"));
        assert_ne!(Fingerprint::of("it").maybe(None).end(), Fingerprint::of("it").maybe(Some(0)).end());
    }
}
