//! The records' only way to the operating system: a folder of files, small enough to be replaced by one that fails at
//! the Nth call and loses what was not synced (`detail::tests::simulated`). The log has its own of the kind: the two
//! rooms are blind to each other, and the log neither truncates nor compresses.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

/// A folder of records. Cloned into the thread that compresses.
pub trait Disk: Clone + fmt::Debug + Send {
    /// An open file.
    type File: DiskFile + 'static;
    /// Holds one kind of records for this process until dropped.
    type Lock: Send;

    /// Where the folder is, for messages.
    fn path(&self) -> &Path;

    /// Takes the advisory lock on the file of this name, which is created; `None` when another process has it.
    ///
    /// # Errors
    /// What the operating system says.
    fn lock(&self, name: &str) -> io::Result<Option<Self::Lock>>;

    /// The names of the files in the folder, in any order.
    ///
    /// # Errors
    /// What the operating system says.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens an existing file to read and write.
    ///
    /// # Errors
    /// What the operating system says; `NotFound` when there is none.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Creates a file that does not exist yet.
    ///
    /// # Errors
    /// What the operating system says; `AlreadyExists` when it does.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// Gives a file another name, replacing what had that name.
    ///
    /// # Errors
    /// What the operating system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the operating system says; `NotFound` when there is none.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes creations, renamings and removals durable.
    ///
    /// # Errors
    /// What the operating system says.
    fn sync_folder(&self) -> io::Result<()>;
}

/// An open file, read and written at offsets.
pub trait DiskFile: Send {
    /// Reads at most `buffer.len()` octets at `offset`; zero at the end of the file.
    ///
    /// # Errors
    /// What the operating system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes at most `octets.len()` octets at `offset`; how many were written.
    ///
    /// # Errors
    /// What the operating system says.
    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<usize>;

    /// Cuts the file to this many octets.
    ///
    /// # Errors
    /// What the operating system says.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes everything so far durable, the file's length included.
    ///
    /// # Errors
    /// What the operating system says; the file must not be synced again then.
    fn sync(&self) -> io::Result<()>;

    /// The file's length in octets.
    ///
    /// # Errors
    /// What the operating system says.
    fn size(&self) -> io::Result<u64>;
}

/// Writes all of `octets`: one call, unless the system takes only a part.
pub(super) fn write_full(file: &impl DiskFile, octets: &[u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = octets.get(done..).filter(|rest| !rest.is_empty()) {
        match file.write_at(rest, offset + done as u64) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => done += written,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// A file as a stream from its beginning, for readers and compressors.
#[derive(Debug)]
pub struct Stream<F> {
    file: F,
    offset: u64,
}

impl<F> Stream<F> {
    /// The stream of `file`.
    pub const fn new(file: F) -> Self {
        Self { file, offset: 0 }
    }

    /// The file.
    pub(super) const fn file(&self) -> &F {
        &self.file
    }
}

impl<F: DiskFile> io::Read for Stream<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl<F: DiskFile> io::Write for Stream<F> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(octets, self.offset)?;
        self.offset += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A real folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is.
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, created when it does not exist; what lies above it must exist.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        match fs::create_dir(path) {
            Ok(()) => {
                let parent =
                    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
                File::open(parent)?.sync_all()?;
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
        Ok(Self { path: path.to_owned() })
    }

    /// The folder at `path` as it is, to read in.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
}

impl Disk for Folder {
    type File = File;
    type Lock = File;

    fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self, name: &str) -> io::Result<Option<File>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.path.join(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            // Our own names are ASCII; what is not text is not ours.
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        let path = self.path.join(name);
        match OpenOptions::new().read(true).write(true).open(&path) {
            // Whoever only reads records need not own them.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => File::open(&path),
            opened => opened,
        }
    }

    fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

impl DiskFile for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, octets, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}
