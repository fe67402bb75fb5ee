//! Where do written octets go? Into a slice that was measured for the whole PDU beforehand.

use std::mem;

/// The rest of a PDU that is being written.
///
/// A slice and not a growing buffer, because a growing buffer asks for capacity at every field: with the empty
/// copies below, that was a quarter of the time to write a submit_sm (`benches/codec.rs`).
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    rest: &'a mut [u8],
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(room: &'a mut [u8]) -> Self {
        Self { rest: room }
    }

    /// How many octets still fit: none when every field wrote what it measured.
    pub(crate) const fn room(&self) -> usize {
        self.rest.len()
    }

    /// Writes octets of a number known when compiling.
    #[inline]
    pub(crate) fn put<const N: usize>(&mut self, octets: [u8; N]) {
        if let Some((front, rest)) = mem::take(&mut self.rest).split_first_chunk_mut() {
            *front = octets;
            self.rest = rest;
        }
    }

    /// Writes octets.
    #[inline]
    pub(crate) fn put_slice(&mut self, octets: &[u8]) {
        // Most strings of most PDUs are empty, and a copy of nothing costs a call all the same.
        if octets.is_empty() {
            return;
        }
        if let Some((front, rest)) = mem::take(&mut self.rest).split_at_mut_checked(octets.len()) {
            front.copy_from_slice(octets);
            self.rest = rest;
        }
    }
}
