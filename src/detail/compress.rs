//! The compression of a closed file, away from whoever writes records.

use std::io::{self, BufReader, Read};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::detail::disk::{Disk, DiskFile, Stream};
use crate::detail::error::DetailError;
use crate::detail::place::{COMPRESSED, HALF, Kind, Place};

/// Octets that are read at once.
const CHUNK: usize = 64 * 1024;

/// Compresses one closed file; may be moved to another thread.
///
/// At every moment the records are in the plain file or in a whole compressed one; when both are there, they say the
/// same, and readers take the plain one.
#[derive(Debug)]
pub struct Compressor<D> {
    pub(super) disk: D,
    pub(super) kind: Kind,
    pub(super) place: Place,
}

impl<D: Disk> Compressor<D> {
    /// Writes and syncs the compressed file beside the plain one, gives it its name, and only then removes the plain
    /// one. A file that somebody has moved away needs none. May be called again after a failure; otherwise the next
    /// opening of the folder gives it again.
    ///
    /// # Errors
    /// [`DetailError::Compress`], [`DetailError::Unlike`]; the plain file is still there, and no record is touched.
    pub fn run(&self) -> Result<(), DetailError> {
        let plain = self.place.name(self.kind);
        let (compressed, half) = (format!("{plain}{COMPRESSED}"), format!("{plain}{HALF}"));
        let failed = |source| DetailError::Compress { file: self.disk.path().join(&plain), source };
        let Some(file) = found(self.disk.open(&plain)).map_err(failed)? else { return Ok(()) };
        if let Some(done) = found(self.disk.open(&compressed)).map_err(failed)? {
            if !is_compressed_of(done, file).map_err(failed)? {
                return Err(DetailError::Unlike { file: self.disk.path().join(plain) });
            }
        } else if let Err(source) = self.compress(file, &half, &compressed) {
            // The space is wanted back; if it cannot be had, opening tries again.
            self.disk.remove(&half).ok();
            return Err(failed(source));
        }
        // The compressed file's name is made durable before the plain one goes: a crash never leaves neither.
        let exchanged = self.disk.sync_folder().and_then(|()| self.disk.remove(&plain));
        exchanged.and_then(|()| self.disk.sync_folder()).map_err(failed)
    }

    fn compress(&self, file: D::File, half: &str, compressed: &str) -> io::Result<()> {
        found(self.disk.remove(half))?;
        let to = io::BufWriter::with_capacity(CHUNK, Stream::new(self.disk.create(half)?));
        // Level 4: text of numbers shrinks to a quarter at any level, and this one costs half of the usual one.
        let mut encoder = GzEncoder::new(to, Compression::new(4));
        io::copy(&mut BufReader::with_capacity(CHUNK, Stream::new(file)), &mut encoder)?;
        let to = encoder.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        to.file().sync()?;
        self.disk.rename(half, compressed)
    }
}

/// Whether `compressed` holds exactly the octets of `plain`.
fn is_compressed_of<F: DiskFile>(compressed: F, plain: F) -> io::Result<bool> {
    let mut unpacked = MultiGzDecoder::new(BufReader::with_capacity(CHUNK, Stream::new(compressed)));
    let mut plain = Stream::new(plain);
    let (mut one, mut other) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let expected = fill(&mut plain, &mut one)?;
        let found = match fill(&mut unpacked, &mut other) {
            // What is no compressed file at all is not the plain one's.
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof) => {
                return Ok(false);
            }
            found => found?,
        };
        if one.get(..expected) != other.get(..found) {
            return Ok(false);
        }
        if expected == 0 {
            return Ok(true);
        }
    }
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
