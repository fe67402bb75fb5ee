//! Where is a password, and what is it? From the environment or from a file, never from the settings.

use std::ops::Range;

use toml::Spanned;

use crate::base::privacy::Secret;
use crate::config::raw::{self, Table};
use crate::config::read::A_SECRET;
use crate::config::resolve::section::Section;

/// The longest file that a password is taken from, in octets: it holds the password and a line break. A longer one is
/// the wrong file.
const SECRET_FILE_OCTETS_MAX: u64 = 4096;

/// Where a password is.
enum Source {
    /// In the environment variable of this name.
    Environment(String),
    /// In the file at this path.
    File(String),
}

/// The password of a bind, of at most `octets_max` octets; what to do about a longer one is in `remedy`.
///
/// An empty one is refused: nearly always something that was to set it has failed, and everybody would know it.
pub(super) fn password(
    section: &mut Section<'_, '_>,
    password: Option<Spanned<Table<raw::Password>>>,
    octets_max: usize,
    remedy: &str,
) -> Secret {
    let Some(password) = password else {
        section.missing("password", A_SECRET);
        return Secret::default();
    };
    let span = password.span();
    let Some((source, octets)) = octets(section, password) else { return Secret::default() };
    let fault = match octets.as_slice() {
        [] => Some((format!("{source} is empty"), "")),
        octets if octets.contains(&0) || octets.contains(&b'\n') => {
            Some((format!("{source} holds more than one line, or a NUL"), "a password is one line"))
        }
        octets if octets.len() > octets_max => {
            let len = octets.len();
            Some((format!("{source} holds {len} octets, and at most {octets_max} are allowed"), remedy))
        }
        _ => None,
    };
    if let Some((reason, remedy)) = fault {
        section.fault_masked("password", span, reason, remedy);
    }
    Secret::new(octets)
}

/// What is there, and the words for where that is.
fn octets(
    section: &mut Section<'_, '_>,
    password: Spanned<Table<raw::Password>>,
) -> Option<(String, Vec<u8>)> {
    let span = password.span();
    let source = match password.into_inner().0 {
        raw::Password { env: Some(name), file: None } => Source::Environment(name.into_inner()),
        raw::Password { env: None, file: Some(path) } => Source::File(path.into_inner()),
        raw::Password { env: None, .. }
            if ["password.env", "password.file"].iter().any(|key| section.is_garbled(key)) =>
        {
            return None;
        }
        raw::Password { env, .. } => {
            let reason = if env.is_some() { "names two sources" } else { "names no source" };
            section.fault_masked("password", span, reason, A_SECRET);
            return None;
        }
    };
    match source {
        Source::Environment(name) => from_environment(section, span, &name),
        Source::File(path) => from_file(section, span, &path),
    }
}

fn from_environment(
    section: &mut Section<'_, '_>,
    span: Range<usize>,
    name: &str,
) -> Option<(String, Vec<u8>)> {
    let source = format!("environment variable {name}");
    let found = (section.desk.environment)(name);
    if found.is_none() {
        section.fault_masked("password", span, format!("{source} is not set"), "set it before the start");
    }
    found.map(|octets| (source, octets.into_encoded_bytes()))
}

fn from_file(section: &mut Section<'_, '_>, span: Range<usize>, path: &str) -> Option<(String, Vec<u8>)> {
    let path = section.desk.folder.join(path);
    let source = format!("file {}", path.display());
    match crate::config::read_bounded(&path, SECRET_FILE_OCTETS_MAX) {
        Ok(mut octets) => {
            octets.pop_if(|last| *last == b'\n');
            octets.pop_if(|last| *last == b'\r');
            Some((source, octets))
        }
        Err(failure) => {
            let remedy = "a path counts from the folder of the file of settings";
            section.fault_masked("password", span, format!("{source} cannot be read: {failure}"), remedy);
            None
        }
    }
}
