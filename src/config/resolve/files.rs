//! What do the files say that the settings name: tables of codes, policies, a calendar? What is wrong in one is said
//! with its name, and the others are read all the same.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::config::fault::Fault;
use crate::config::read::{self, InParts, Lines, Written};
use crate::config::read_bounded;
use crate::config::resolve::section::{Desk, Section};

/// What the files say that are built in, by name and text.
pub(super) fn built_in<F: InParts, T>(
    files: &[(&str, &str)],
    understand: impl Fn(&mut Desk<'_>, F) -> T,
) -> Vec<T> {
    let mut faults = Vec::new();
    let environment = |_: &str| None;
    let (folder, lines, garbled) = (Path::new(""), Lines::new(""), HashSet::new());
    let mut desk = Desk { folder, lines, environment: &environment, garbled, faults: &mut faults };
    files.iter().filter_map(|(name, text)| one(&mut desk, Path::new(name), text, &understand)).collect()
}

/// What the files of a folder say, `*.toml` in the order of their names, and the folder; none when none is named.
pub(super) fn in_folder<F: InParts, T>(
    section: &mut Section<'_, '_>,
    folder: Option<Spanned<String>>,
    octets_max: u64,
    understand: impl Fn(&mut Desk<'_>, F) -> T,
) -> Option<(PathBuf, Vec<T>)> {
    let (folder, at) = path_of(section, "folder", folder?, "write a folder, or leave this out")?;
    let is_ours = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let listed = fs::read_dir(&folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
    });
    let mut paths: Vec<PathBuf> = match listed {
        Ok(paths) => paths.into_iter().filter(is_ours).collect(),
        Err(failure) => {
            section.fault("folder", at, format!("cannot be read: {failure}"), "");
            return None;
        }
    };
    if paths.is_empty() {
        let remedy = "leave this out, or put some there";
        section.fault("folder", at, "has no file that ends in .toml", remedy);
    }
    paths.sort();
    let mut said = Vec::new();
    for path in paths {
        match text_of(&path, octets_max) {
            Ok(text) => said.extend(one(section.desk, &path, &text, &understand)),
            Err(failure) => section.desk.faults.push(of_file(&path, format!("cannot be read: {failure}"))),
        }
    }
    Some((folder, said))
}

/// What the file says that stands at `key`; none when none is named, or it has a fault.
pub(super) fn named<F: InParts, T>(
    section: &mut Section<'_, '_>,
    key: &str,
    file: Option<Spanned<String>>,
    octets_max: u64,
    understand: impl FnOnce(&mut Desk<'_>, F) -> T,
) -> Option<T> {
    let (file, at) = path_of(section, key, file?, "write a file, or leave this out")?;
    match text_of(&file, octets_max) {
        Ok(text) => one(section.desk, &file, &text, understand),
        Err(failure) => {
            section.fault(key, at, format!("cannot be read: {failure}"), "");
            None
        }
    }
}

/// A fault of a whole file, or of a folder.
pub(super) fn of_file(file: &Path, reason: String) -> Fault {
    let (key, remedy) = (String::new(), String::new());
    Fault { file: Some(file.to_owned()), line: None, key, value: None, reason, remedy }
}

/// A path from the folder of the settings, and where it is written.
fn path_of(
    section: &mut Section<'_, '_>,
    key: &str,
    path: Spanned<String>,
    remedy: &str,
) -> Option<(PathBuf, Option<std::ops::Range<usize>>)> {
    let at = Some(path.span());
    let written = section.text(key, Some(path), remedy);
    (!written.is_empty()).then(|| (section.desk.folder.join(written), at))
}

fn text_of(file: &Path, octets_max: u64) -> io::Result<String> {
    String::from_utf8(read_bounded(file, octets_max)?).map_err(io::Error::other)
}

/// What a file says, without a fault; its faults are the desk's.
fn one<F: InParts, T>(
    desk: &mut Desk<'_>,
    file: &Path,
    text: &str,
    understand: impl FnOnce(&mut Desk<'_>, F) -> T,
) -> Option<T> {
    let mut faults = Vec::new();
    let written = read::read::<F>(text, &mut faults);
    let said = written.map(|Written { file: raw, garbled }| {
        let (folder, environment, lines) = (desk.folder, desk.environment, Lines::new(text));
        understand(&mut Desk { folder, lines, environment, garbled, faults: &mut faults }, raw)
    });
    let is_good = faults.is_empty();
    desk.faults.extend(faults.into_iter().map(|fault| Fault { file: Some(file.to_owned()), ..fault }));
    said.filter(|_| is_good)
}
