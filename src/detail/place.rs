//! The names of the files of records: which kind, which day, which part of it.

use crate::detail::date::Day;
use crate::detail::line::{FOREIGN_COLUMNS, MESSAGE_COLUMNS, MESSAGE_FORMATS_BEFORE};

/// What the records are about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Messages that have ended: `records-….tsv`.
    Messages,
    /// Receipts that were not about any of them: `foreign-….tsv`.
    Foreign,
}

impl Kind {
    /// What its files' names begin with.
    #[must_use]
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Messages => "records",
            Self::Foreign => "foreign",
        }
    }

    /// The columns of its lines.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Messages => &MESSAGE_COLUMNS,
            Self::Foreign => &FOREIGN_COLUMNS,
        }
    }

    /// The first line of its files, with the line's end.
    #[must_use]
    pub fn header(self) -> String {
        self.columns().join("\t") + "\n"
    }

    /// The first lines of files of the formats before.
    pub(super) fn headers_before(self) -> impl Iterator<Item = String> {
        let formats: &[_] = match self {
            Self::Messages => &MESSAGE_FORMATS_BEFORE,
            Self::Foreign => &[],
        };
        formats.iter().filter_map(move |(name, count)| {
            let others = self.columns().get(1..*count)?;
            Some(format!("{name}\t{}\n", others.join("\t")))
        })
    }

    pub(super) fn lock_name(self) -> String {
        format!("{}.lock", self.stem())
    }

    pub(super) fn note_name(self) -> String {
        format!("{}.last", self.stem())
    }
}

/// Where in the sequence of one kind's files a file stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The day.
    pub day: Day,
    /// Which file of the day, from 1.
    pub part: u32,
}

impl Place {
    /// The first file of a day.
    pub(super) const fn first_of(day: Day) -> Self {
        Self { day, part: 1 }
    }

    /// The next file of the same day.
    pub(super) const fn next(self) -> Self {
        Self { day: self.day, part: self.part.saturating_add(1) }
    }

    /// The name of its file while it is not compressed.
    #[must_use]
    pub fn name(self, kind: Kind) -> String {
        let day = self.day.written();
        let day = String::from_utf8_lossy(&day);
        match self.part {
            1 => format!("{}-{day}.tsv", kind.stem()),
            part => format!("{}-{day}.{part}.tsv", kind.stem()),
        }
    }
}

/// How a file of the folder is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// Lines as they were written.
    Plain,
    /// Compressed and whole.
    Compressed,
    /// A compression that did not end.
    HalfCompressed,
}

/// Reads a file name; `None` when it is none of this kind's.
pub(super) fn read_name(kind: Kind, name: &str) -> Option<(Place, Form)> {
    let (name, form) = match (name.strip_suffix(HALF), name.strip_suffix(COMPRESSED)) {
        (Some(plain), _) => (plain, Form::HalfCompressed),
        (_, Some(plain)) => (plain, Form::Compressed),
        _ => (name, Form::Plain),
    };
    let middle = name.strip_prefix(kind.stem())?.strip_prefix('-')?.strip_suffix(".tsv")?;
    let (day, part) = match middle.split_once('.') {
        Some((day, part)) => (day, part.parse().ok()?),
        None => (middle, 1),
    };
    let place = Place { day: Day::read(day.as_bytes())?, part };
    (place.name(kind) == name).then_some((place, form))
}

/// Behind the plain name when compressed.
pub(super) const COMPRESSED: &str = ".gz";
/// Behind the plain name while being compressed.
pub(super) const HALF: &str = ".gz.new";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_others_are_not_ours() {
        let day = Day::read(b"2026-11-21").unwrap();
        for (part, name) in [(1, "records-2026-11-21.tsv"), (12, "records-2026-11-21.12.tsv")] {
            let place = Place { day, part };
            assert_eq!(place.name(Kind::Messages), name);
            assert_eq!(read_name(Kind::Messages, name), Some((place, Form::Plain)));
            let compressed = format!("{name}.gz");
            assert_eq!(read_name(Kind::Messages, &compressed), Some((place, Form::Compressed)));
            let half = format!("{name}.gz.new");
            assert_eq!(read_name(Kind::Messages, &half), Some((place, Form::HalfCompressed)));
            assert_eq!(read_name(Kind::Foreign, name), None);
        }
        for other in [
            "records-2026-11-21.1.tsv",
            "records-2026-11-21.02.tsv",
            "records-2026-11-21.tsv.bak",
            "records.last",
        ] {
            assert_eq!(read_name(Kind::Messages, other), None, "{other}");
        }
    }
}
