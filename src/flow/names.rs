//! Names and their numbers: events carry numbers, settings carry names, the log says which is which.

use bytes::Bytes;
use hashbrown::HashMap;

/// Names in the order of their numbers, from 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Names {
    /// The names; empty for a number that nobody has.
    names: Vec<Bytes>,
    /// The way back: a start asks for every name of the settings.
    numbers: HashMap<Bytes, u32>,
}

impl Names {
    /// The number of a name, when it has one.
    #[must_use]
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name.as_bytes()).copied()
    }

    /// The name of a number; empty for a number that nobody has.
    #[must_use]
    pub(super) fn name(&self, number: u32) -> &str {
        let name = self.names.get(number as usize).map_or(&[][..], |name| name);
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// The number that the next new name gets.
    #[must_use]
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
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
        if self.names.len() <= place {
            self.names.resize(place + 1, Bytes::new());
        }
        if let Some(slot) = self.names.get_mut(place) {
            let name = Bytes::copy_from_slice(&name);
            self.numbers.remove(slot);
            self.numbers.insert(name.clone(), number);
            *slot = name;
        }
    }
}

/// The most names of a kind: ten times the 100,000 accounts that one gateway is measured with.
const NAMES_MAX: usize = 1_000_000;
