//! The file log against a real folder and against one that fails, forgets and flips bits.

mod damage;
mod faults;
mod fixture;
mod index;
mod look;
pub(crate) mod simulated;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::log::file::disk::{Disk, DiskFile, Folder};
use crate::log::file::{FileLog, FileSettings, LogError};
use crate::log::tests::conformance::{self, append_next, assert_holds, read_from};
use crate::log::{Log, Position};
use simulated::{Fault, SimDisk};

/// Small segments: the suite crosses their borders.
const SMALL: FileSettings = FileSettings { segment_bytes: 4096, salt: 0x5a17 };

impl conformance::Subject for SimDisk {
    fn open(&mut self) -> Result<Box<dyn Log>, LogError> {
        self.restart();
        Ok(Box::new(FileLog::open(self.clone(), SMALL)?))
    }

    fn fail_the_next_sync(&mut self) {
        // The write of the append comes first, its sync second.
        self.fail_at(self.calls() + 2, Fault::Broken);
    }
}

mod on_a_simulated_disk {
    use super::*;
    conformance::suite!(SimDisk::new());
}

mod on_a_real_folder {
    use super::*;
    conformance::suite!(RealFolder::new());
}

/// A temporary folder with a log in it.
struct RealFolder {
    folder: tempfile::TempDir,
    fail: Arc<AtomicBool>,
}

impl RealFolder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), fail: Arc::default() }
    }
}

impl conformance::Subject for RealFolder {
    fn open(&mut self) -> Result<Box<dyn Log>, LogError> {
        let folder = Folder::create(&self.folder.path().join("log")).unwrap();
        Ok(Box::new(FileLog::open(OneFailure { inner: folder, fail: self.fail.clone() }, SMALL)?))
    }

    fn fail_the_next_sync(&mut self) {
        self.fail.store(true, Ordering::Relaxed);
    }
}

/// A disk or file whose next sync can be told to fail.
#[derive(Clone)]
struct OneFailure<T> {
    inner: T,
    fail: Arc<AtomicBool>,
}

impl<T> OneFailure<T> {
    fn wrap<F>(&self, inner: F) -> OneFailure<F> {
        OneFailure { inner, fail: self.fail.clone() }
    }
}

impl Disk for OneFailure<Folder> {
    type File = OneFailure<std::fs::File>;
    type Lock = std::fs::File;

    fn path(&self) -> &Path {
        self.inner.path()
    }

    fn lock(&self) -> io::Result<Option<Self::Lock>> {
        self.inner.lock()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.inner.list()
    }

    fn open(&self, name: &str) -> io::Result<Self::File> {
        self.inner.open(name).map(|file| self.wrap(file))
    }

    fn open_to_read(&self, name: &str) -> io::Result<Self::File> {
        self.inner.open_to_read(name).map(|file| self.wrap(file))
    }

    fn create(&self, name: &str) -> io::Result<Self::File> {
        self.inner.create(name).map(|file| self.wrap(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner.remove(name)
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.inner.sync_folder()
    }
}

impl DiskFile for OneFailure<std::fs::File> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        self.inner.write_at(octets, offset)
    }

    fn sync(&self) -> io::Result<()> {
        if self.fail.swap(false, Ordering::Relaxed) {
            return Err(io::Error::other("this sync was told to fail"));
        }
        self.inner.sync()
    }

    fn size(&self) -> io::Result<u64> {
        self.inner.size()
    }
}
