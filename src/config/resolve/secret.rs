//! Where is a secret, and what is it? From the environment or from a file, never from the settings.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;

use crate::base::privacy::Secret;
use crate::config::raw::{self, Table};
use crate::config::read::A_SECRET;
use crate::config::resolve::section::Section;

/// The longest file that a secret is taken from, in octets: it holds the secret and a line break. A longer one is the
/// wrong file.
const SECRET_FILE_OCTETS_MAX: u64 = 4096;

/// What a secret is held to.
struct Kind<'k> {
    /// Its key in the file.
    key: &'k str,
    /// What people call it.
    called: &'k str,
    /// Its least octets.
    octets_min: usize,
    /// Its most octets.
    octets_max: usize,
    /// What to do about more.
    remedy: &'k str,
}

/// Where a secret is.
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
    password: Option<Spanned<Table<raw::Secret>>>,
    octets_max: usize,
    remedy: &str,
) -> Secret {
    let Some(password) = password else {
        section.missing("password", A_SECRET);
        return Secret::default();
    };
    let kind = Kind { key: "password", called: "a password", octets_min: 1, octets_max, remedy };
    secret(section, &kind, password)
}

/// The key of something that is hashed, of these octets.
pub(super) fn key(
    section: &mut Section<'_, '_>,
    key: Spanned<Table<raw::Secret>>,
    octets: RangeInclusive<usize>,
) -> Secret {
    let (octets_min, octets_max) = octets.into_inner();
    let kind = Kind { key: "key", called: "a key", octets_min, octets_max, remedy: "" };
    secret(section, &kind, key)
}

fn secret(section: &mut Section<'_, '_>, kind: &Kind<'_>, secret: Spanned<Table<raw::Secret>>) -> Secret {
    let Kind { key, called, octets_min, octets_max, remedy } = *kind;
    let span = secret.span();
    let Some((source, octets)) = octets(section, key, secret) else { return Secret::default() };
    let len = octets.len();
    let fault = match octets.as_slice() {
        [] => Some((format!("{source} is empty"), String::new())),
        octets if octets.contains(&0) || octets.contains(&b'\n') => {
            Some((format!("{source} holds more than one line, or a NUL"), format!("{called} is one line")))
        }
        _ if len > octets_max => {
            let reason = format!("{source} holds {len} octets, and at most {octets_max} are allowed");
            Some((reason, remedy.to_owned()))
        }
        _ if len < octets_min => Some((
            format!("{source} holds {len} octets, and at least {octets_min} are wanted"),
            String::new(),
        )),
        _ => None,
    };
    if let Some((reason, remedy)) = fault {
        section.fault_masked(key, span, reason, remedy);
    }
    Secret::new(octets)
}

/// What is there, and the words for where that is.
fn octets(
    section: &mut Section<'_, '_>,
    key: &str,
    secret: Spanned<Table<raw::Secret>>,
) -> Option<(String, Vec<u8>)> {
    let span = secret.span();
    let source = match secret.into_inner().0 {
        raw::Secret { env: Some(name), file: None } => Source::Environment(name.into_inner()),
        raw::Secret { env: None, file: Some(path) } => Source::File(path.into_inner()),
        raw::Secret { env: None, .. }
            if ["env", "file"].iter().any(|inner| section.is_garbled(&format!("{key}.{inner}"))) =>
        {
            return None;
        }
        raw::Secret { env, .. } => {
            let reason = if env.is_some() { "names two sources" } else { "names no source" };
            section.fault_masked(key, span, reason, A_SECRET);
            return None;
        }
    };
    match source {
        Source::Environment(name) => from_environment(section, key, span, &name),
        Source::File(path) => from_file(section, key, span, &path),
    }
}

fn from_environment(
    section: &mut Section<'_, '_>,
    key: &str,
    span: Range<usize>,
    name: &str,
) -> Option<(String, Vec<u8>)> {
    let source = format!("environment variable {name}");
    let found = (section.desk.environment)(name);
    if found.is_none() {
        section.fault_masked(key, span, format!("{source} is not set"), "set it before the start");
    }
    found.map(|octets| (source, octets.into_encoded_bytes()))
}

fn from_file(
    section: &mut Section<'_, '_>,
    key: &str,
    span: Range<usize>,
    path: &str,
) -> Option<(String, Vec<u8>)> {
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
            section.fault_masked(key, span, format!("{source} cannot be read: {failure}"), remedy);
            None
        }
    }
}
