//! Short octet strings kept inline: addresses, system ids, carriers' message ids.

use std::fmt;

/// At most `N` octets (`N` ≤ 255), stored inline, without allocation.
///
/// Any octet value is allowed: what peers send as text is not always text (quirk 28).
#[derive(Clone, Copy)]
pub struct Octets<const N: usize> {
    len: u8,
    bytes: [u8; N],
}

/// The octets do not fit: how many there were and how many fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong {
    /// How many octets were given.
    pub len: usize,
    /// How many fit.
    pub max: usize,
}

impl<const N: usize> Octets<N> {
    /// No octets.
    pub const EMPTY: Self = Self { len: 0, bytes: [0; N] };

    /// A copy of `bytes`.
    ///
    /// # Errors
    /// [`TooLong`] when there are more than `N`.
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        const { assert!(N <= 255, "the length is one octet") };
        let too_long = TooLong { len: bytes.len(), max: N };
        let mut own = Self::EMPTY;
        own.bytes.get_mut(..bytes.len()).ok_or(too_long)?.copy_from_slice(bytes);
        own.len = u8::try_from(bytes.len()).map_err(|_| too_long)?;
        Ok(own)
    }

    /// The first `len` of these octets; all of them when there are fewer.
    #[must_use]
    pub fn first(bytes: [u8; N], len: u8) -> Self {
        let len = if usize::from(len) > N { u8::try_from(N).unwrap_or(u8::MAX) } else { len };
        Self { len, bytes }
    }

    /// The octets.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// How many octets there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<const N: usize> AsRef<[u8]> for Octets<N> {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl<const N: usize> Default for Octets<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> PartialEq for Octets<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<const N: usize> Eq for Octets<N> {}

impl<const N: usize> std::hash::Hash for Octets<N> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl<const N: usize> fmt::Debug for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_slice().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_up_to_its_size_and_says_by_how_much_more_is_too_much() {
        let full = Octets::<4>::new(b"abcd").unwrap();
        assert_eq!(full.as_slice(), b"abcd");
        assert_eq!(Octets::<4>::new(b"abcde"), Err(TooLong { len: 5, max: 4 }));
        assert!(Octets::<4>::new(b"").unwrap().is_empty());
    }

    #[test]
    fn equality_sees_only_what_is_there() {
        assert_eq!(Octets::<8>::new(b"x").unwrap(), Octets::<8>::new(b"x").unwrap());
        assert_ne!(Octets::<8>::new(b"x").unwrap(), Octets::<8>::new(b"x\0").unwrap());
    }
}
