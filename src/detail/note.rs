//! The note of what is written: which record is the last, in which file, and where that file ends.
//!
//! Two pages of text, written in turns and each with its checksum, so that a crash while one is written leaves the
//! other. A page is written in place because a file that is replaced costs two syncs more per flush. Opening replaces
//! the whole note by a new file: pages that a failed sync of an earlier process left in the system's cache are not
//! relied upon.

use crate::detail::date::Day;
use crate::detail::disk::{Disk, DiskFile, write_full};
use crate::detail::error::DetailError;
use crate::detail::place::{Kind, Place};

/// Octets of a page: what storage writes at once, so that both are never lost together.
const PAGE: usize = 4096;

/// What is written, durably.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Written {
    /// The log position of the last record; `None` before the first.
    pub(super) position: Option<u64>,
    /// The file that was written last, and how many octets of it count; `None` before the first.
    pub(super) file: Option<(Place, u64)>,
}

/// The open note.
pub(super) struct Note<F> {
    file: F,
    /// Counts the pages written; its lowest bit is the page.
    count: u64,
}

/// What is found of a note.
pub(super) enum Found {
    /// None: the folder is new, or somebody removed it.
    Missing,
    /// This.
    Written(Written),
}

/// Reads the note of a folder.
pub(super) fn read<D: Disk>(disk: &D, kind: Kind) -> Result<Found, DetailError> {
    let name = kind.note_name();
    let failed = |source| DetailError::Io { step: "read", file: disk.path().join(&name), source };
    let file = match disk.open(&name) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Missing),
        file => file.map_err(failed)?,
    };
    let mut text = [0; 2 * PAGE];
    let mut done = 0;
    while let Some(rest) = text.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, done as u64).map_err(failed)? {
            0 => break,
            read => done += read,
        }
    }
    let pages = text.as_chunks::<PAGE>().0.iter().filter_map(read_page);
    let latest = pages.max_by_key(|(count, _)| *count);
    latest
        .map(|(_, written)| Found::Written(written))
        .ok_or_else(|| DetailError::NoteDamaged { file: disk.path().join(&name) })
}

impl<F: DiskFile> Note<F> {
    /// Puts a new note in the place of the old one.
    pub(super) fn replace<D: Disk<File = F>>(
        disk: &D,
        kind: Kind,
        written: &Written,
    ) -> Result<Self, DetailError> {
        let name = kind.note_name();
        let half_made = format!("{name}.new");
        let make = || {
            match disk.remove(&half_made) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let file = disk.create(&half_made)?;
            write_full(&file, &page(0, written), 0)?;
            write_full(&file, &page(1, written), PAGE as u64)?;
            file.sync()?;
            disk.rename(&half_made, &name)?;
            disk.sync_folder()?;
            Ok(file)
        };
        let failed = |source| DetailError::Io { step: "write", file: disk.path().join(&name), source };
        Ok(Self { file: make().map_err(failed)?, count: 1 })
    }

    /// Takes down what is written now, durably.
    pub(super) fn take_down(&mut self, written: &Written) -> std::io::Result<()> {
        self.count += 1;
        write_full(&self.file, &page(self.count, written), (self.count & 1) * PAGE as u64)?;
        self.file.sync()
    }
}

/// One page: a line, and spaces.
fn page(count: u64, written: &Written) -> Vec<u8> {
    let position = written.position.map_or_else(|| "none".to_owned(), |position| position.to_string());
    let (day, part, len) = match written.file {
        Some((Place { day, part }, len)) => (day, part, len),
        None => (Day::default(), 0, 0),
    };
    let day = day.written();
    let day = String::from_utf8_lossy(&day);
    let mut line =
        format!("telegraphy 1 count {count} position {position} day {day} part {part} octets {len} check ");
    let check = crc32fast::hash(line.as_bytes());
    line.push_str(&format!("{check:08x}"));
    let mut page = line.into_bytes();
    page.resize(PAGE - 1, b' ');
    page.push(b'\n');
    page
}

fn read_page(page: &[u8; PAGE]) -> Option<(u64, Written)> {
    let line = std::str::from_utf8(page).ok()?.trim_end();
    let (checked, check) = line.split_at_checked(line.len().checked_sub(8)?)?;
    if u32::from_str_radix(check, 16).ok()? != crc32fast::hash(checked.as_bytes()) {
        return None;
    }
    let words: Vec<_> = checked.split(' ').collect();
    let [
        "telegraphy",
        "1",
        "count",
        count,
        "position",
        position,
        "day",
        day,
        "part",
        part,
        "octets",
        len,
        "check",
        "",
    ] = *words
    else {
        return None;
    };
    let position = if position == "none" { None } else { Some(position.parse().ok()?) };
    let place = Place { day: Day::read(day.as_bytes())?, part: part.parse().ok()? };
    let len = len.parse().ok()?;
    Some((count.parse().ok()?, Written { position, file: (place.part > 0).then_some((place, len)) }))
}
