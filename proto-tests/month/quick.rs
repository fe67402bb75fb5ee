//! A folder that does not wait for the disk: nobody pulls a plug in this month, and it has a hundred thousand syncs.

use std::fs::File;
use std::io;
use std::path::Path;

use telegraphy::log::file::disk::{Disk, DiskFile, Folder};

#[derive(Clone)]
pub(super) struct Quick(pub(super) Folder);

pub(super) struct QuickFile(File);

impl Disk for Quick {
    type File = QuickFile;
    type Lock = File;

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lock(&self) -> io::Result<Option<File>> {
        self.0.lock()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list()
    }

    fn open(&self, name: &str) -> io::Result<QuickFile> {
        self.0.open(name).map(QuickFile)
    }

    fn open_to_read(&self, name: &str) -> io::Result<QuickFile> {
        self.0.open_to_read(name).map(QuickFile)
    }

    fn create(&self, name: &str) -> io::Result<QuickFile> {
        self.0.create(name).map(QuickFile)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn sync_folder(&self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for QuickFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        DiskFile::read_at(&self.0, buffer, offset)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        DiskFile::write_at(&self.0, octets, offset)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}
