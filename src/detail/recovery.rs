//! Opening a folder of records: what counts is kept, what a crash left behind it is taken away.

use std::collections::BTreeSet;
use std::io;

use crate::base::time::Timestamp;
use crate::detail::date::Day;
use crate::detail::disk::{Disk, DiskFile};
use crate::detail::error::{DetailError, Poison};
use crate::detail::note::{self, Found, Note, Written};
use crate::detail::place::{Form, Kind, Place, read_name};
use crate::detail::read::Lines;
use crate::detail::store::{Current, SURPLUS_MAX, Store};

/// Opens the records of `kind`.
pub(super) fn open<D: Disk>(
    disk: D,
    kind: Kind,
    file_bytes_max: u64,
    today: Timestamp,
) -> Result<Store<D>, DetailError> {
    let lock = disk.lock(&kind.lock_name()).map_err(failed(&disk, "lock", &kind.lock_name()))?;
    let lock = lock.ok_or_else(|| DetailError::Locked { folder: disk.path().to_owned() })?;
    let mut files = Files::survey(&disk, kind)?;
    let written = match note::read(&disk, kind)? {
        Found::Written(written) => {
            files.settle(&written)?;
            written
        }
        Found::Missing => files.take_stock()?,
    };
    let latest = files.places().chain(written.file.map(|(place, _)| place)).max();
    let current = files.resume(&written, file_bytes_max)?;
    let closed = files.plain.iter().filter(|place| current.as_ref().is_none_or(|open| open.place != **place));
    let closed = closed.copied().collect();
    let note = Note::replace(&disk, kind, &written)?;
    let mut store = Store {
        disk,
        _lock: lock,
        kind,
        file_bytes_max,
        current,
        latest,
        day: latest.map_or_else(Day::default, |place| place.day),
        written,
        note,
        buffer: Vec::new(),
        taken: written.position,
        closed,
        poison: Poison::default(),
    };
    store.roll(today)?;
    Ok(store)
}

/// The files of one kind that are in the folder.
struct Files<'a, D> {
    disk: &'a D,
    kind: Kind,
    plain: BTreeSet<Place>,
    compressed: BTreeSet<Place>,
}

impl<'a, D: Disk> Files<'a, D> {
    /// Lists them; compressions that did not end are removed.
    fn survey(disk: &'a D, kind: Kind) -> Result<Self, DetailError> {
        let mut files = Self { disk, kind, plain: BTreeSet::new(), compressed: BTreeSet::new() };
        for name in disk.list().map_err(failed(disk, "list", ""))? {
            match read_name(kind, &name) {
                Some((place, Form::Plain)) => files.plain.insert(place),
                Some((place, Form::Compressed)) => files.compressed.insert(place),
                Some((_, Form::HalfCompressed)) => {
                    disk.remove(&name).map_err(failed(disk, "remove", &name))?;
                    false
                }
                None => false,
            };
        }
        Ok(files)
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        self.plain.iter().chain(&self.compressed).copied()
    }

    /// Takes away what is in the files and not in the note: the log gives those records again.
    fn settle(&mut self, written: &Written) -> Result<(), DetailError> {
        let last = written.file.map(|(place, _)| place);
        let newer: Vec<_> = self.places().filter(|place| Some(*place) > last).collect();
        if let [first, _, ..] = newer.as_slice() {
            return Err(self.outdated(*first, u64::MAX));
        }
        if let [place] = newer.as_slice() {
            let surplus = if self.plain.contains(place) { self.open(*place)?.1 } else { u64::MAX };
            if surplus > SURPLUS_MAX {
                return Err(self.outdated(*place, surplus));
            }
            let name = place.name(self.kind);
            self.disk.remove(&name).map_err(failed(self.disk, "remove", &name))?;
            self.plain.remove(place);
        }
        let Some((place, len)) = written.file.filter(|(place, _)| self.plain.contains(place)) else {
            return Ok(());
        };
        let (file, size) = self.open(place)?;
        match size.saturating_sub(len) {
            0 => Ok(()),
            surplus if surplus > SURPLUS_MAX => Err(self.outdated(place, surplus)),
            _ => self.cut(place, &file, len),
        }
    }

    /// Finds out without a note what is written, from the files that are there: the last line that is whole.
    fn take_stock(&self) -> Result<Written, DetailError> {
        let mut written = Written::default();
        let places: BTreeSet<_> = self.places().collect();
        for place in places.into_iter().rev() {
            let mut lines = Lines::open(self.disk, self.kind, &place.name(self.kind))?;
            let mut end = lines.header_len();
            while let Some(line) = lines.next()? {
                // A line that is not whole may be a torn end, or damage that is not ours to mend.
                if let Some(position) = line.position {
                    (written.position, end) = (written.position.max(Some(position)), line.end);
                }
            }
            if written.file.is_none() {
                written.file = Some((place, end));
                if self.plain.contains(&place) {
                    let (file, _) = self.open(place)?;
                    self.cut(place, &file, end)?;
                }
            }
            if written.position.is_some() {
                break;
            }
        }
        Ok(written)
    }

    /// The file to go on with: the last one, if it is as it was left and of this release's format.
    fn resume(
        &self,
        written: &Written,
        file_bytes_max: u64,
    ) -> Result<Option<Current<D::File>>, DetailError> {
        let goes_on = |(place, len): &(Place, u64)| {
            self.plain.contains(place) && !self.compressed.contains(place) && *len < file_bytes_max
        };
        let Some((place, len)) = written.file.filter(goes_on) else { return Ok(None) };
        let (file, size) = self.open(place)?;
        let is_ours = || Lines::open(self.disk, self.kind, &place.name(self.kind));
        match is_ours() {
            Err(DetailError::Header { .. }) => Ok(None),
            Err(other) => Err(other),
            Ok(lines) => {
                let goes_on = size == len && lines.is_current();
                Ok(goes_on.then_some(Current { file, place, len, fresh: false }))
            }
        }
    }

    fn open(&self, place: Place) -> Result<(D::File, u64), DetailError> {
        let name = place.name(self.kind);
        let open = || {
            let file = self.disk.open(&name)?;
            let size = file.size()?;
            Ok((file, size))
        };
        open().map_err(failed(self.disk, "open", &name))
    }

    fn cut(&self, place: Place, file: &D::File, len: u64) -> Result<(), DetailError> {
        let cut = file.set_len(len).and_then(|()| file.sync());
        cut.map_err(failed(self.disk, "cut", &place.name(self.kind)))
    }

    fn outdated(&self, place: Place, surplus: u64) -> DetailError {
        DetailError::NoteOutdated { file: self.disk.path().join(place.name(self.kind)), surplus }
    }
}

fn failed<D: Disk>(disk: &D, step: &'static str, name: &str) -> impl FnOnce(io::Error) -> DetailError {
    let file = disk.path().join(name);
    move |source| DetailError::Io { step, file, source }
}
