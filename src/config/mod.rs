//! What do the files say? One verb, [`load`]; one verdict, [`Settings`] or every fault at once.
//!
//! A file goes through three hands: `read` turns its text into `raw` (what is written, as it is written), `resolve`
//! turns that into the rooms' own settings, which cannot be wrong any more. Nobody else sees a file, a raw value or
//! the environment.
//!
//! # Format
//!
//! TOML with these rules; `config/gateway.toml` shows every key with its default and its bounds.
//!
//! * A key that is not known is refused, wherever it stands.
//! * A time is a whole number and a unit without a space: `"250ms"`, `"30s"`, `"5m"`, `"72h"`, `"30d"`.
//! * A size is the same with `KiB`, `MiB` or `GiB`: `"64MiB"`.
//! * An amount of money is a text, `"0.0450"`, with at most six decimals: a number would be rounded.
//! * What several things of a kind need stands in a list, `["north", "south"]`, in the order in which it counts.
//! * A secret is never written down here: `{ env = "NAME" }` names an environment variable, `{ file = "path" }` a file
//!   that holds nothing else (one line break at its end does not count).
//! * A path that is not absolute counts from the folder of the file it stands in, wherever the gateway was started.
//!
//! While the text is no TOML, only that is said: what comes after an open quote would be guesswork.

mod bounds;
mod fault;
mod near;
mod raw;
mod read;
mod resolve;
mod shapes;
#[cfg(test)]
mod tests;
mod units;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use fault::{Fault, Faults};

use crate::app::prober::ProberSettings;
use crate::base::privacy::Secret;
use crate::carrier::CarrierSettings;
use crate::customer::CustomerSettings;
use crate::flow::FlowSettings;
use crate::rating::{Cost, RateCard};
use crate::sla::codes::Family;
use crate::sla::terms::SlaSettings;

/// What the whole gateway is told, already valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The log.
    pub log: LogSettings,
    /// The detail records.
    pub records: RecordSettings,
    /// Where metrics, health and local control are served.
    pub control: SocketAddr,
    /// The file of the socket through which operators say facts.
    pub operators: PathBuf,
    /// The flow: accounts, carriers and routes by name.
    pub flow: FlowSettings,
    /// The customers' edge.
    pub customers: CustomerSettings,
    /// The carriers' edge, in the order of the file.
    pub carriers: Vec<CarrierSettings>,
    /// What accounts are promised.
    pub sla: SlaSettings,
    /// Every tariff that there is, by name, whether anybody pays by it or not.
    pub tariffs: Vec<Arc<RateCard>>,
    /// What carriers take, of those of which that is known; in the order of the file.
    pub costs: Vec<Cost>,
    /// As whom it is probed whether customers can work; none for nobody.
    pub prober: Option<ProberSettings>,
}

/// Where and how the log is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSettings {
    /// Its folder.
    pub path: PathBuf,
    /// The size of a new segment, in octets.
    pub segment_bytes: u64,
    /// Octets of history below which no segment is freed, though nothing in it lives any more: to look back at what
    /// happened to a message. 0 frees everything at once.
    pub keep_min: u64,
}

/// Where and how one line is written for each message that is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordSettings {
    /// The folder of the daily files; none for `records` beside the log's.
    pub folder: Option<PathBuf>,
    /// Whether numbers are written as they are. They are masked and hashed unless the operator says so (promise 13).
    pub plain_numbers: bool,
    /// What numbers are hashed with, 16 to 1024 octets. Without one, whoever writes the records draws one and keeps it
    /// in the folder, so that one number has one hash for as long as the folder lives.
    pub key: Option<Secret>,
}

/// Loads the settings in `file`. `environment` answers what an environment variable holds: [`environment`] in the
/// gateway, a map in tests.
///
/// # Errors
/// Every fault, in the order of the lines; or the one that the file cannot be read ([`Faults::is_unreadable`]).
pub fn load(file: &Path, environment: impl Fn(&str) -> Option<OsString>) -> Result<Settings, Faults> {
    match read_bounded(file, FILE_OCTETS_MAX) {
        Ok(octets) => match String::from_utf8(octets) {
            Ok(text) => settings(file, &text, environment),
            Err(failure) => Err(Faults::unreadable(file, &format!("is not text in UTF-8: {failure}"))),
        },
        Err(failure) => Err(Faults::unreadable(file, &format!("cannot be read: {failure}"))),
    }
}

/// The settings in `text`, which stands, or would stand, in `file`.
///
/// # Errors
/// Every fault, in the order of the lines.
pub fn settings(
    file: &Path,
    text: &str,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Settings, Faults> {
    let mut faults = Vec::new();
    let settings =
        read::read(text, &mut faults).map(|raw| resolve::resolve(file, text, &environment, raw, &mut faults));
    match settings {
        Some(settings) if faults.is_empty() => Ok(settings),
        _ => Err(Faults::new(file, faults)),
    }
}

/// The families of carriers' codes that every gateway has, by name.
pub fn built_in_codes() -> impl Iterator<Item = &'static Family> {
    resolve::codes::built_in()
}

/// The tariffs that every gateway has, by name.
pub fn built_in_tariffs() -> impl Iterator<Item = &'static RateCard> {
    resolve::tariff::built_in()
}

/// What this process's environment variable `name` holds: what [`load`] asks in the gateway.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The longest file of settings, in octets: 100,000 accounts need 9 MB. A longer one is not settings.
const FILE_OCTETS_MAX: u64 = 64 * 1024 * 1024;

/// The whole of a file of at most `octets_max` octets: neither an endless device nor a log given by mistake is taken
/// into memory.
fn read_bounded(file: &Path, octets_max: u64) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    File::open(file)?.take(octets_max + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > octets_max {
        return Err(io::Error::other(format!("it is longer than {octets_max} octets")));
    }
    Ok(octets)
}
