//! Trimming: the log forgets segments at once, and their files are removed where nobody waits for it.

use crate::log::file::FileLog;
use crate::log::file::disk::Disk;
use crate::log::file::segment::{RemoveFailure, Removed, SegmentRemover};
use crate::log::{LogError, Position};

/// A segment that the log has forgotten and whose file is still there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forgotten {
    /// Its number.
    number: u64,
    /// The size of its file in octets.
    pub(super) size: u64,
}

impl<D: Disk> FileLog<D> {
    /// Forgets the segments that lie wholly below `up_to`; the active one stays. Makes no call to the system: the
    /// files are left to [`FileLog::next_remover`], and a reader that has one open reads on in it.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] when `up_to` lies after the end; [`LogError::Poisoned`].
    pub fn forget(&mut self, up_to: Position) -> Result<(), LogError> {
        self.poison.check()?;
        let mut view = self.shared.view();
        if up_to > view.end {
            return Err(view.out_of_range(up_to));
        }
        while view.segments.get(1).is_some_and(|second| second.first <= up_to)
            && let Some(oldest) = view.segments.pop_front()
        {
            self.forgotten.push_back(Forgotten { number: oldest.number, size: oldest.size });
        }
        Ok(())
    }

    /// The work of removing what has been forgotten, for another thread; `None` when there is nothing to remove or
    /// somebody is at it. Bring the result to [`FileLog::removed`].
    ///
    /// A remover that is dropped unused means that nothing is removed until the log is opened again.
    pub fn next_remover(&mut self) -> Option<SegmentRemover<D>> {
        if self.removing || self.forgotten.is_empty() || self.poison.check().is_err() {
            return None;
        }
        self.removing = true;
        let numbers = self.forgotten.iter().map(|segment| segment.number).collect();
        Some(SegmentRemover { disk: self.shared.disk.clone(), numbers })
    }

    /// Takes note of what was removed elsewhere. What could not be removed is given to the next remover.
    ///
    /// # Errors
    /// [`LogError::Io`] for what could not be done. When it was a sync, the log is poisoned.
    pub fn removed(&mut self, removed: Removed) -> Result<(), LogError> {
        self.removing = false;
        self.forgotten.drain(..removed.count.min(self.forgotten.len()));
        match removed.failure {
            None => Ok(()),
            Some(RemoveFailure::Kept(failure)) => Err(failure),
            Some(RemoveFailure::Unsynced(failure)) => Err(self.poison.by(failure)),
        }
    }
}
