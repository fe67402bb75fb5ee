//! Names and their numbers: events carry numbers, settings carry names, the log says which is which.

use bytes::Bytes;

/// Names in the order of their numbers, from 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Names(Vec<Bytes>);

impl Names {
    /// The number of a name, when it has one.
    #[must_use]
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        let place = self.0.iter().position(|known| known == name.as_bytes())?;
        u32::try_from(place).ok()
    }

    /// The name of a number; empty for a number that nobody has.
    #[must_use]
    pub(super) fn name(&self, number: u32) -> &str {
        let name = self.0.get(number as usize).map_or(&[][..], |name| name);
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// The number that the next new name gets.
    #[must_use]
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Every name, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..self.next()).map(|number| (number, self.name(number)))
    }

    /// Gives `number` to `name`. Numbers come in order; one that does not belongs to a log that this program did not
    /// write, and is filled up with empty names.
    pub(super) fn set(&mut self, number: u32, name: Bytes) {
        let place = number as usize;
        if place >= NAMES_MAX {
            return;
        }
        if self.0.len() <= place {
            self.0.resize(place + 1, Bytes::new());
        }
        if let Some(slot) = self.0.get_mut(place) {
            *slot = Bytes::copy_from_slice(&name);
        }
    }
}

/// The most names of a kind: ten times the 100,000 accounts that one gateway is measured with.
const NAMES_MAX: usize = 1_000_000;
