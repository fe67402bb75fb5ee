//! Where the records of what has ended are written, and what their numbers are hashed with.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::GatewayError;
use crate::base::privacy::Secret;
use crate::base::time::Timestamp;
use crate::detail::disk::Folder;
use crate::detail::{ForeignRecords, NumberKey, Numbers, Records, Settings};
use crate::engine::{Archive, RecordFiles};

/// The file in the folder that keeps the key, when the settings have none.
pub const KEY_FILE: &str = "number.key";

/// How the records are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordPlace {
    /// The folder of the daily files.
    pub folder: PathBuf,
    /// Whether numbers are written as they are.
    pub plain_numbers: bool,
    /// What numbers are hashed with; without one, the folder keeps one of its own.
    pub key: Option<Secret>,
}

impl RecordPlace {
    /// A folder with masked numbers and a key of its own.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, plain_numbers: false, key: None }
    }

    /// Opens the files.
    pub(super) fn open(&self, today: Timestamp) -> Result<RecordFiles, GatewayError> {
        let failed = |source| GatewayError::RecordFolder { folder: self.folder.clone(), source };
        let disk = Folder::create(&self.folder).map_err(failed)?;
        let key = number_key(&self.folder, self.key.as_ref()).map_err(failed)?;
        let numbers = if self.plain_numbers { Numbers::Plain } else { Numbers::Masked };
        let settings = Settings { numbers, ..Settings::new(key) };
        let messages = Records::open(disk.clone(), &settings, today)?;
        let foreign = ForeignRecords::open(disk.clone(), &settings, today)?;
        let archive = Archive { folder: disk, key: settings.key };
        Ok(RecordFiles { messages, foreign, archive })
    }
}

/// The key that numbers are hashed with: from the settings, from the folder, or drawn anew and kept there.
///
/// # Errors
/// When the folder's key cannot be read or written.
pub fn number_key(folder: &Path, key: Option<&Secret>) -> io::Result<NumberKey> {
    match kept_number_key(folder, key)? {
        Some(key) => Ok(key),
        None => draw(&folder.join(KEY_FILE)).map(|drawn| derived(&drawn)),
    }
}

/// The same for those who only read the records: `None` when the folder has no key and the settings neither.
///
/// # Errors
/// When the folder's key cannot be read.
pub fn kept_number_key(folder: &Path, key: Option<&Secret>) -> io::Result<Option<NumberKey>> {
    if let Some(key) = key {
        return Ok(Some(derived(key.expose())));
    }
    match fs::read(folder.join(KEY_FILE)) {
        Ok(kept) => Ok(Some(derived(&kept))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn derived(key: &[u8]) -> NumberKey {
    /// What tells this use of a key from any other.
    const USE: &str = "telegraphy 2026 hashes of numbers in records";
    NumberKey::new(blake3::derive_key(USE, key))
}

/// Draws a key and keeps it where only its owner can read it.
fn draw(path: &Path) -> io::Result<Vec<u8>> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&key)?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_the_key_that_was_drawn_for_it_and_the_settings_go_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let hash = |key: Option<&Secret>| number_key(folder.path(), key).unwrap().hash(b"447700900121");
        let drawn = hash(None);
        assert_eq!(hash(None), drawn);
        let secret = Secret::new(b"sixteen octets at least".to_vec());
        assert_ne!(hash(Some(&secret)), drawn);
        assert_eq!(hash(Some(&secret)), hash(Some(&secret)));
        let other = tempfile::tempdir().unwrap();
        assert_ne!(number_key(other.path(), None).unwrap().hash(b"447700900121"), drawn);
    }
}
