//! A disk in memory that can fail at the Nth call, be full, and lose what was not synced. (This file is long because
//! it is one thing: every call of a disk with all that can go wrong in it.)
//!
//! It is as unkind as the assumptions of `log::file` allow: a failed sync marks pages clean without storing
//! them and shows them until the power goes; a power cut keeps any part of the octets written since the last
//! sync, in any order, in grains smaller than a sector, and any of the changes of names since the folder's
//! last sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::log::file::disk::{Disk, DiskFile};

/// What goes wrong at a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The call fails with EIO.
    Broken,
    /// The call fails with ENOSPC.
    Full,
    /// A read or write does only a part; the calls after it work.
    Short,
    /// A write does only a part, and the one after it fails.
    Torn,
    /// The power goes: the call and all after it fail.
    PowerCut,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] = [Self::Broken, Self::Full, Self::Short, Self::Torn, Self::PowerCut];
}

/// Octets that are stored or lost together.
const GRAIN: usize = 64;

#[derive(Clone)]
pub(crate) struct SimDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The folder as the process sees it.
    names: BTreeMap<String, usize>,
    /// The folder as it was at its last sync.
    durable_names: BTreeMap<String, usize>,
    /// The changes since.
    pending_names: Vec<NameChange>,
    inodes: Vec<Inode>,
    calls: u64,
    /// The call that goes wrong, and how.
    fault: Option<(u64, Fault)>,
    fired: bool,
    /// What somebody else does before the call with this number.
    meanwhile: Option<(u64, Box<dyn FnOnce() + Send>)>,
    /// Octets that all files together may have.
    space: Option<usize>,
    dead: bool,
    locked: bool,
}

/// What one call changed: each name with the inode it leads to now, if any.
type NameChange = Vec<(String, Option<usize>)>;

#[derive(Default)]
struct Inode {
    /// What the process sees.
    seen: Vec<u8>,
    /// What survives a power cut.
    stored: Vec<u8>,
    /// Grains to be stored by the next sync.
    dirty: BTreeSet<usize>,
    /// A sync failed in this process.
    sync_failed: bool,
}

impl SimDisk {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Lets the call with this number go wrong.
    pub(crate) fn fail_at(&self, call: u64, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((call, fault));
        state.fired = false;
    }

    /// Lets somebody else do something just before the call with this number.
    pub(crate) fn meanwhile(&self, call: u64, what: impl FnOnce() + Send + 'static) {
        self.state().meanwhile = Some((call, Box::new(what)));
    }

    /// Whether that is still to come.
    pub(crate) fn is_still_to_come(&self) -> bool {
        self.state().meanwhile.is_some()
    }

    /// Lets there be room for so many octets more, or for any number again.
    pub(crate) fn leave_room(&self, octets: Option<usize>) {
        let mut state = self.state();
        state.space = octets.map(|octets| state.used() + octets);
    }

    /// Whether it has gone wrong.
    pub(crate) fn fired(&self) -> bool {
        self.state().fired
    }

    /// A new process on the same machine: what was written is seen, stored or not.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        (state.fault, state.dead, state.locked) = (None, false, false);
        state.inodes.iter_mut().for_each(|inode| inode.sync_failed = false);
    }

    /// A new process after a power cut; `seed` decides what of the unsynced is stored.
    pub(crate) fn cut_power(&self, seed: u64) {
        self.restart();
        let mut state = self.state();
        let mut random = seed;
        for inode in &mut state.inodes {
            for grain in std::mem::take(&mut inode.dirty) {
                if next_random(&mut random).is_multiple_of(2) {
                    inode.store(grain);
                }
            }
            inode.seen.clone_from(&inode.stored);
        }
        let mut names = std::mem::take(&mut state.durable_names);
        for change in std::mem::take(&mut state.pending_names) {
            if next_random(&mut random).is_multiple_of(2) {
                apply(&mut names, &change);
            }
        }
        (state.names, state.durable_names) = (names.clone(), names);
    }

    /// Changes a file behind everybody's back, durably.
    pub(crate) fn tamper(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let inode = *state.names.get(name).unwrap();
        let inode = &mut state.inodes[inode];
        change(&mut inode.seen);
        inode.stored.clone_from(&inode.seen);
    }

    /// A file's octets.
    pub(crate) fn octets(&self, name: &str) -> Vec<u8> {
        let mut octets = Vec::new();
        self.tamper(name, |file| octets.clone_from(file));
        octets
    }

    /// The names of the segments.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.state().names.keys().cloned().collect()
    }

    /// A copy of the disk as it is.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        for name in self.segments() {
            let octets = self.octets(&name);
            copy.create(&name).unwrap();
            copy.tamper(&name, |file| *file = octets);
        }
        copy.sync_folder().unwrap();
        copy
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call: what goes wrong with it, if anything.
    fn call(&self) -> (MutexGuard<'_, State>, Option<Fault>) {
        let mut state = self.state();
        state.calls += 1;
        let calls = state.calls;
        if let Some((_, what)) = state.meanwhile.take_if(|(call, _)| *call == calls) {
            drop(state);
            what();
            state = self.state();
        }
        if state.dead {
            return (state, Some(Fault::Broken));
        }
        match state.fault {
            Some((at, fault)) if at == calls => {
                state.fired = true;
                state.dead = fault == Fault::PowerCut;
                state.fault = (fault == Fault::Torn).then_some((at + 1, Fault::Broken));
                (state, Some(fault))
            }
            _ => (state, None),
        }
    }

    /// One call that does its work or nothing.
    fn whole_call(&self) -> io::Result<MutexGuard<'_, State>> {
        match self.call() {
            (state, None | Some(Fault::Short | Fault::Torn)) => Ok(state),
            (_, Some(fault)) => Err(error(fault)),
        }
    }

    /// One call that changes names.
    fn change_names(
        &self,
        change: impl FnOnce(&BTreeMap<String, usize>) -> io::Result<NameChange>,
    ) -> io::Result<()> {
        let mut state = self.whole_call()?;
        let change = change(&state.names)?;
        apply(&mut state.names, &change);
        state.pending_names.push(change);
        Ok(())
    }
}

impl State {
    /// Octets that all files together have.
    fn used(&self) -> usize {
        self.names.values().map(|&inode| self.inodes[inode].seen.len()).sum()
    }

    /// How many of `len` octets at `offset` of a file there is room for.
    fn room_for(&self, inode: usize, offset: usize, len: usize) -> usize {
        let Some(space) = self.space else { return len };
        let free = self.inodes[inode].seen.len() + space.saturating_sub(self.used());
        len.min(free.saturating_sub(offset))
    }
}

fn apply(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    for (name, inode) in change {
        match inode {
            Some(inode) => names.insert(name.clone(), *inode),
            None => names.remove(name),
        };
    }
}

fn error(fault: Fault) -> io::Error {
    match fault {
        Fault::Full => io::ErrorKind::StorageFull.into(),
        _ => io::Error::other("simulated EIO"),
    }
}

/// splitmix64.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Inode {
    fn store(&mut self, grain: usize) {
        let range = grain * GRAIN..self.seen.len().min((grain + 1) * GRAIN);
        if self.stored.len() < range.end {
            self.stored.resize(range.end, 0);
        }
        self.stored[range.clone()].copy_from_slice(&self.seen[range]);
    }

    fn write(&mut self, octets: &[u8], offset: usize) {
        let end = offset + octets.len();
        if self.seen.len() < end {
            self.seen.resize(end, 0);
        }
        self.seen[offset..end].copy_from_slice(octets);
        self.dirty.extend(offset / GRAIN..end.div_ceil(GRAIN));
    }
}

/// Unlocks when dropped, as the end of a process does.
pub(crate) struct SimLock(SimDisk);

impl Drop for SimLock {
    fn drop(&mut self) {
        self.0.state().locked = false;
    }
}

pub(crate) struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn path(&self) -> &Path {
        Path::new("/simulated")
    }

    fn lock(&self) -> io::Result<Option<SimLock>> {
        let mut state = self.whole_call()?;
        let free = !std::mem::replace(&mut state.locked, true);
        Ok(free.then(|| SimLock(self.clone())))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.whole_call()?.names.keys().rev().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<SimFile> {
        let inode = *self.whole_call()?.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn open_to_read(&self, name: &str) -> io::Result<SimFile> {
        self.open(name)
    }

    fn create(&self, name: &str) -> io::Result<SimFile> {
        let inode = self.state().inodes.len();
        self.change_names(|names| match names.get(name) {
            None => Ok(vec![(name.to_owned(), Some(inode))]),
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
        })?;
        self.state().inodes.push(Inode::default());
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change_names(|names| {
            let inode = *names.get(from).ok_or(io::ErrorKind::NotFound)?;
            Ok(vec![(from.to_owned(), None), (to.to_owned(), Some(inode))])
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change_names(|names| match names.get(name) {
            Some(_) => Ok(vec![(name.to_owned(), None)]),
            None => Err(io::ErrorKind::NotFound.into()),
        })
    }

    fn sync_folder(&self) -> io::Result<()> {
        let mut state = self.whole_call()?;
        state.durable_names = state.names.clone();
        state.pending_names.clear();
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let (state, fault) = self.disk.call();
        let file = &state.inodes[self.inode].seen;
        let rest = &file[file.len().min(usize::try_from(offset).unwrap())..];
        let len = match fault {
            None => rest.len().min(buffer.len()),
            Some(Fault::Short | Fault::Torn) => rest.len().min(buffer.len()).div_ceil(3),
            Some(fault) => return Err(error(fault)),
        };
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        let (mut state, fault) = self.disk.call();
        let offset = usize::try_from(offset).unwrap();
        let room = state.room_for(self.inode, offset, octets.len());
        let inode = &mut state.inodes[self.inode];
        let len = match fault {
            None if room == 0 && !octets.is_empty() => return Err(error(Fault::Full)),
            None => room,
            Some(Fault::Short | Fault::Torn) => octets.len().div_ceil(3),
            Some(Fault::PowerCut) => {
                inode.write(octets, offset);
                return Err(error(Fault::PowerCut));
            }
            Some(fault) => return Err(error(fault)),
        };
        inode.write(&octets[..len], offset);
        Ok(len)
    }

    fn sync(&self) -> io::Result<()> {
        let (mut state, fault) = self.disk.call();
        let dead = state.dead;
        let inode = &mut state.inodes[self.inode];
        assert!(!inode.sync_failed, "a file is never synced again after a failure");
        if let Some(fault @ (Fault::Broken | Fault::Full | Fault::PowerCut)) = fault {
            inode.sync_failed = true;
            if !dead {
                inode.dirty.clear();
            }
            return Err(error(fault));
        }
        for grain in std::mem::take(&mut inode.dirty) {
            inode.store(grain);
        }
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.whole_call()?.inodes[self.inode].seen.len() as u64)
    }
}
