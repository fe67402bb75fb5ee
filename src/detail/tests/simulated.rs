//! A disk in memory that fails at the Nth call and loses what was not synced: a power cut keeps any part of the octets
//! written and of the cuts and names changed since the last sync. A failed sync marks its octets clean without storing
//! them, and shows them until the power goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::detail::disk::{Disk, DiskFile};

/// Octets that are stored or lost together.
const GRAIN: usize = 64;

/// What goes wrong at a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The call fails.
    Broken,
    /// A write does only a part, and the one after it fails; other calls fail.
    Torn,
    /// The call may have done its work or part of it; it and all after it fail.
    PowerCut,
}

impl Fault {
    pub(super) const ALL: [Self; 3] = [Self::Broken, Self::Torn, Self::PowerCut];
}

#[derive(Clone, Default)]
pub(super) struct SimDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    /// Each change since the folder's last sync: names with the inode they lead to, if any.
    pending_names: Vec<Vec<(String, Option<usize>)>>,
    inodes: Vec<Inode>,
    locked: BTreeSet<String>,
    calls: u64,
    fault: Option<(u64, Fault)>,
    fired: bool,
    dead: bool,
}

#[derive(Default)]
struct Inode {
    seen: Vec<u8>,
    stored: Vec<u8>,
    dirty: BTreeSet<usize>,
    sync_failed: bool,
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimDisk").field(&self.names()).finish()
    }
}

impl SimDisk {
    pub(super) fn calls(&self) -> u64 {
        self.state().calls
    }

    pub(super) fn fail_at(&self, call: u64, fault: Fault) {
        let mut state = self.state();
        (state.fault, state.fired) = (Some((call, fault)), false);
    }

    pub(super) fn fired(&self) -> bool {
        self.state().fired
    }

    /// A new process on the same machine: what was written is seen, stored or not.
    pub(super) fn restart(&self) {
        let mut state = self.state();
        (state.fault, state.dead) = (None, false);
        state.locked.clear();
        state.inodes.iter_mut().for_each(|inode| inode.sync_failed = false);
    }

    /// A new process after a power cut; `seed` decides what of the unsynced is stored.
    pub(super) fn cut_power(&self, seed: u64) {
        self.restart();
        let mut state = self.state();
        let mut random = fastrand::Rng::with_seed(seed);
        for inode in &mut state.inodes {
            if inode.stored.len() > inode.seen.len() && random.bool() {
                inode.stored.truncate(inode.seen.len());
            }
            for grain in std::mem::take(&mut inode.dirty) {
                if random.bool() {
                    inode.store(grain);
                }
            }
            inode.seen.clone_from(&inode.stored);
        }
        let mut names = std::mem::take(&mut state.durable_names);
        for change in std::mem::take(&mut state.pending_names) {
            if random.bool() {
                apply(&mut names, &change);
            }
        }
        (state.names, state.durable_names) = (names.clone(), names);
    }

    /// A file's octets, if it is there.
    pub(super) fn octets(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(name).map(|inode| state.inodes[*inode].seen.clone())
    }

    /// Puts a file there, durably, behind everybody's back.
    pub(super) fn put(&self, name: &str, octets: &[u8]) {
        let mut state = self.state();
        let inode = state.inodes.len();
        state.inodes.push(Inode { seen: octets.to_vec(), stored: octets.to_vec(), ..Inode::default() });
        state.names.insert(name.to_owned(), inode);
        state.durable_names.insert(name.to_owned(), inode);
    }

    /// Takes a file away, durably, behind everybody's back: who has it open keeps it.
    pub(super) fn take(&self, name: &str) -> Vec<u8> {
        let octets = self.octets(name).unwrap();
        let mut state = self.state();
        state.names.remove(name);
        state.durable_names.remove(name);
        octets
    }

    /// The names in order, without locks.
    pub(super) fn names(&self) -> Vec<String> {
        self.state().names.keys().filter(|name| !name.ends_with(".lock")).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self) -> (MutexGuard<'_, State>, Option<Fault>) {
        let mut state = self.state();
        state.calls += 1;
        if state.dead {
            return (state, Some(Fault::Broken));
        }
        match state.fault {
            Some((at, fault)) if at == state.calls => {
                state.fired = true;
                state.dead = fault == Fault::PowerCut;
                state.fault = (fault == Fault::Torn).then_some((at + 1, Fault::Broken));
                (state, Some(fault))
            }
            _ => (state, None),
        }
    }

    fn whole_call(&self) -> io::Result<MutexGuard<'_, State>> {
        match self.call() {
            (state, None) => Ok(state),
            _ => Err(broken()),
        }
    }

    /// Changes names; at a power cut the change may have been made.
    fn change(
        &self,
        change: impl FnOnce(&mut State) -> io::Result<Vec<(String, Option<usize>)>>,
    ) -> io::Result<()> {
        let (mut state, fault) = self.call();
        if matches!(fault, Some(Fault::Broken | Fault::Torn)) {
            return Err(broken());
        }
        let change = change(&mut state)?;
        apply(&mut state.names, &change);
        state.pending_names.push(change);
        if fault.is_some() { Err(broken()) } else { Ok(()) }
    }
}

fn apply(names: &mut BTreeMap<String, usize>, change: &[(String, Option<usize>)]) {
    for (name, inode) in change {
        match inode {
            Some(inode) => names.insert(name.clone(), *inode),
            None => names.remove(name),
        };
    }
}

fn broken() -> io::Error {
    io::Error::other("simulated EIO")
}

impl Inode {
    fn store(&mut self, grain: usize) {
        let range = (grain * GRAIN).min(self.seen.len())..self.seen.len().min((grain + 1) * GRAIN);
        if self.stored.len() < range.end {
            self.stored.resize(range.end, 0);
        }
        self.stored[range.clone()].copy_from_slice(&self.seen[range]);
    }

    fn write(&mut self, octets: &[u8], offset: usize) {
        let end = offset + octets.len();
        let from = offset.min(self.seen.len());
        if self.seen.len() < end {
            self.seen.resize(end, 0);
        }
        self.seen[offset..end].copy_from_slice(octets);
        self.dirty.extend(from / GRAIN..end.div_ceil(GRAIN));
    }
}

pub(super) struct SimLock(SimDisk, String);

impl Drop for SimLock {
    fn drop(&mut self) {
        self.0.state().locked.remove(&self.1);
    }
}

pub(super) struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn path(&self) -> &Path {
        Path::new("/simulated")
    }

    fn lock(&self, name: &str) -> io::Result<Option<SimLock>> {
        let free = self.whole_call()?.locked.insert(name.to_owned());
        Ok(free.then(|| SimLock(self.clone(), name.to_owned())))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.whole_call()?.names.keys().rev().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<SimFile> {
        let inode = *self.whole_call()?.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn create(&self, name: &str) -> io::Result<SimFile> {
        let mut inode = 0;
        self.change(|state| {
            if state.names.contains_key(name) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            inode = state.inodes.len();
            state.inodes.push(Inode::default());
            Ok(vec![(name.to_owned(), Some(inode))])
        })?;
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(|state| {
            let inode = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
            Ok(vec![(from.to_owned(), None), (to.to_owned(), Some(inode))])
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change(|state| match state.names.get(name) {
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
        let state = self.disk.whole_call()?;
        let file = &state.inodes[self.inode].seen;
        let rest = &file[file.len().min(usize::try_from(offset).unwrap())..];
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        let (mut state, fault) = self.disk.call();
        let inode = &mut state.inodes[self.inode];
        let offset = usize::try_from(offset).unwrap();
        let len = match fault {
            None | Some(Fault::PowerCut) => octets.len(),
            Some(Fault::Torn) => octets.len().div_ceil(3),
            Some(Fault::Broken) => return Err(broken()),
        };
        inode.write(&octets[..len], offset);
        if fault == Some(Fault::PowerCut) { Err(broken()) } else { Ok(len) }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.whole_call()?;
        let len = usize::try_from(len).unwrap();
        let inode = &mut state.inodes[self.inode];
        assert!(len <= inode.seen.len(), "only ever cut");
        inode.seen.truncate(len);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let (mut state, fault) = self.disk.call();
        let dead = state.dead;
        let inode = &mut state.inodes[self.inode];
        assert!(!inode.sync_failed, "a file is never synced again after a failure");
        if fault.is_some() {
            inode.sync_failed = true;
            if !dead {
                inode.dirty.clear();
            }
            return Err(broken());
        }
        for grain in std::mem::take(&mut inode.dirty) {
            inode.store(grain);
        }
        let len = inode.seen.len();
        inode.stored.truncate(len);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.whole_call()?.inodes[self.inode].seen.len() as u64)
    }
}
