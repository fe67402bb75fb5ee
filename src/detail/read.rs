//! Records read back, from plain and compressed files, for whoever traces a message or feeds foreign receipts again.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::path::PathBuf;

use flate2::bufread::MultiGzDecoder;

use crate::detail::disk::{Disk, Stream};
use crate::detail::error::DetailError;
use crate::detail::line::LINE_LEN_MAX;
use crate::detail::note::{self, Found};
use crate::detail::place::{COMPRESSED, Form, Kind, Place, read_name};
use crate::detail::record::Record;

/// A file of records in a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RecordFile {
    /// Which day, which part.
    pub place: Place,
    /// Its name in the folder.
    pub name: String,
}

/// The files of one kind in a folder, oldest first; of a file that is there plain and compressed, the plain one.
///
/// # Errors
/// [`DetailError::Io`].
pub fn files<D: Disk>(disk: &D, kind: Kind) -> Result<Vec<RecordFile>, DetailError> {
    let names = disk.list();
    let names =
        names.map_err(|source| DetailError::Io { step: "list", file: disk.path().to_owned(), source })?;
    let mut files: Vec<_> = names
        .into_iter()
        .filter_map(|name| match read_name(kind, &name)? {
            (_, Form::HalfCompressed) => None,
            (place, _) => Some(RecordFile { place, name }),
        })
        .collect();
    // `x.tsv` sorts before `x.tsv.gz`.
    files.sort();
    files.dedup_by_key(|file| file.place);
    Ok(files)
}

/// Reads the records of the file of this name: [`MessageRecord`](super::MessageRecord)s or
/// [`ForeignRecord`](super::ForeignRecord)s.
///
/// A file that was compressed since it was listed is found under its new name. A last line without its end is still
/// being written, and left out.
///
/// # Errors
/// [`DetailError::Io`]; [`DetailError::Header`] when the file is of another kind or version.
pub fn read<R: Record, D: Disk>(disk: &D, name: &str) -> Result<Reader<R>, DetailError> {
    let lines = Lines::begin(disk, R::KIND, name)?;
    // A file that has just been made may not have its header yet, and so no records.
    if lines.header.is_none() && !lines.is_being_begun() {
        return Err(DetailError::Header { file: lines.file });
    }
    Ok(Reader { lines, having: Vec::new(), record: PhantomData })
}

/// The log position of the last record in the files of a kind; `None` when they hold none. What is still being written
/// is left out, and so is what is no record.
///
/// # Errors
/// As [`files`] and [`read`].
pub fn last_position<D: Disk>(disk: &D, kind: Kind) -> Result<Option<u64>, DetailError> {
    for file in files(disk, kind)?.iter().rev() {
        let mut lines = Lines::begin(disk, kind, &file.name)?;
        if lines.header.is_none() && !lines.is_being_begun() {
            return Err(DetailError::Header { file: lines.file });
        }
        let mut last = None;
        while let Some(line) = lines.next()? {
            last = last.max(line.position);
        }
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

/// The log position of the last record that is written, as the note of the folder says it, whether its file is still
/// there or was moved away; `None` without a note or before the first record.
///
/// # Errors
/// [`DetailError::NoteDamaged`], [`DetailError::Io`].
pub fn noted_position<D: Disk>(disk: &D, kind: Kind) -> Result<Option<u64>, DetailError> {
    match note::read(disk, kind)? {
        Found::Missing => Ok(None),
        Found::Written(written) => Ok(written.position),
    }
}

/// The records of one file, oldest first. A line that is no record is an error, and the next one follows; after an
/// error of the file itself nothing follows.
pub struct Reader<R> {
    lines: Lines,
    /// Nothing for every record.
    having: Vec<Vec<u8>>,
    record: PhantomData<R>,
}

impl<R: Record> Reader<R> {
    /// Only the records one of whose columns is exactly this, an id in decimal or a number's hash: others are not even
    /// parsed.
    #[must_use]
    pub fn having(self, column: impl Into<Vec<u8>>) -> Self {
        self.having_any(vec![column.into()])
    }

    /// As [`Self::having`], with any of these; with none of them all records.
    #[must_use]
    pub fn having_any(self, columns: Vec<Vec<u8>>) -> Self {
        Self { having: columns, ..self }
    }
}

impl<R: Record> Iterator for Reader<R> {
    type Item = Result<R, DetailError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next().transpose()? {
                Err(e) => return Some(Err(e)),
                Ok(line) => line,
            };
            let is_wanted = |column: &[u8]| self.having.iter().any(|wanted| wanted == column);
            if !self.having.is_empty() && !line.text.split(|octet| *octet == b'\t').any(is_wanted) {
                continue;
            }
            let parsed = R::parse(line.text);
            return Some(parsed.map_err(|column| self.lines.unreadable(column)));
        }
    }
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("file", &self.lines.file).finish_non_exhaustive()
    }
}

/// The lines of one file behind its header.
pub(super) struct Lines {
    from: BufReader<Box<dyn Read + Send>>,
    kind: Kind,
    file: PathBuf,
    /// Its first line, if that is one of a format that is known.
    header: Option<String>,
    buffer: Vec<u8>,
    /// Which line `buffer` holds.
    line: u64,
    /// Where it ends, in octets of what is not compressed.
    end: u64,
    ended: bool,
}

/// One whole line.
pub(super) struct Line<'a> {
    /// Without its end.
    pub(super) text: &'a [u8],
    /// Its log position, if it has as many columns as a record and nothing that a hole in a file would read as.
    pub(super) position: Option<u64>,
    /// Where the next one begins.
    pub(super) end: u64,
}

impl Lines {
    /// Opens the file of this name, or, when only that is there, the compressed one of it (and the other way round).
    pub(super) fn open<D: Disk>(disk: &D, kind: Kind, name: &str) -> Result<Self, DetailError> {
        let lines = Self::begin(disk, kind, name)?;
        if lines.header.is_some() { Ok(lines) } else { Err(DetailError::Header { file: lines.file }) }
    }

    /// Opens the file and reads its first line, whatever that says.
    fn begin<D: Disk>(disk: &D, kind: Kind, name: &str) -> Result<Self, DetailError> {
        let plain = name.strip_suffix(COMPRESSED).unwrap_or(name);
        let other = if plain == name { format!("{plain}{COMPRESSED}") } else { plain.to_owned() };
        let mut opened = (disk.open(name), name.to_owned());
        if opened.0.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::NotFound) {
            opened = (disk.open(&other), other);
        }
        let (file, name) = opened;
        let path = disk.path().join(&name);
        let file = file.map_err(|source| DetailError::Io { step: "open", file: path.clone(), source })?;
        let from: Box<dyn Read + Send> = if name.ends_with(COMPRESSED) {
            Box::new(MultiGzDecoder::new(BufReader::new(Stream::new(file))))
        } else {
            Box::new(Stream::new(file))
        };
        let from = BufReader::with_capacity(64 * 1024, from);
        let (header, buffer) = (None, Vec::new());
        let mut lines = Self { from, kind, file: path, header, buffer, line: 0, end: 0, ended: false };
        lines.advance()?;
        let mut known = std::iter::once(kind.header()).chain(kind.headers_before());
        lines.header = known.find(|header| header.as_bytes() == lines.buffer);
        Ok(lines)
    }

    /// Whether the file has the format that is written now.
    pub(super) fn is_current(&self) -> bool {
        self.header.as_ref().is_some_and(|header| *header == self.kind.header())
    }

    /// Whether there is no more of the file than a part of its header.
    fn is_being_begun(&self) -> bool {
        self.ended && self.kind.header().as_bytes().starts_with(&self.buffer)
    }

    /// Where the first record begins.
    pub(super) fn header_len(&self) -> u64 {
        self.header.as_ref().map_or(0, String::len) as u64
    }

    /// The next line; `None` behind the last whole one.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, DetailError> {
        if !self.advance()? {
            return Ok(None);
        }
        let text = self.text();
        let columns = |text: &[u8]| text.split(|octet| *octet == b'\t').count();
        let expected = self.header.as_ref().map_or(0, |header| columns(header.as_bytes()));
        let whole = columns(text) == expected && !text.contains(&0);
        let position = text
            .split(|octet| *octet == b'\t')
            .next()
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        Ok(Some(Line { text, position: position.filter(|_| whole), end: self.end }))
    }

    /// The error that a column of the line read last is not readable.
    pub(super) fn unreadable(&self, column: &'static str) -> DetailError {
        DetailError::Line { file: self.file.clone(), line: self.line, column }
    }

    fn text(&self) -> &[u8] {
        self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer)
    }

    /// Reads one line; false at the end, and after a failure.
    fn advance(&mut self) -> Result<bool, DetailError> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.clear();
        self.line += 1;
        let read = self.from.by_ref().take(LINE_LEN_MAX as u64).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|source| {
            self.ended = true;
            DetailError::Io { step: "read", file: self.file.clone(), source }
        })?;
        self.end += read as u64;
        self.ended = !self.buffer.ends_with(b"\n");
        if self.ended && read >= LINE_LEN_MAX {
            return Err(self.unreadable("a line longer than a record's"));
        }
        Ok(!self.ended)
    }
}
