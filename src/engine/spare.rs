//! Emptied lists, to be filled again: what goes from thread to thread in lists is not allocated anew each time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lists that are kept. As many as can be under way at a usual moment; one more is let go.
const LISTS_MAX: usize = 32;

/// Entries for which a kept list has room at the most: what a read or a group usually brings. A longer list was
/// a rare one, and is let go with its memory.
const ENTRIES_MAX: usize = 2048;

/// Emptied lists of `T`.
#[derive(Debug)]
pub(super) struct Spare<T>(Mutex<Vec<Vec<T>>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Spare<T> {
    /// An empty list, with room if there is one to spare.
    pub(super) fn take(&self) -> Vec<T> {
        self.lock().pop().unwrap_or_default()
    }

    /// Keeps a list for later.
    pub(super) fn give(&self, mut list: Vec<T>) {
        list.clear();
        if (1..=ENTRIES_MAX).contains(&list.capacity()) {
            let mut lists = self.lock();
            if lists.len() < LISTS_MAX {
                lists.push(list);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_taken_again_empty_and_with_its_room() {
        let spare = Spare::default();
        spare.give(vec![1, 2, 3]);
        let list = spare.take();
        assert_eq!((list.len(), list.capacity()), (0, 3));
        assert_eq!(spare.take().capacity(), 0);
    }

    #[test]
    fn neither_many_lists_nor_long_ones_are_kept() {
        let spare = Spare::default();
        spare.give(Vec::with_capacity(ENTRIES_MAX + 1));
        assert_eq!(spare.take(), Vec::<u8>::new());
        for _ in 0..=LISTS_MAX {
            spare.give(vec![0]);
        }
        assert_eq!(spare.lock().len(), LISTS_MAX);
    }
}
