//! Which log and which records does a command look into? Those of the settings, or those that it is told.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::records::kept_number_key;
use crate::cli::{Failure, serve};
use crate::config;
use crate::detail::disk::Folder;
use crate::detail::{Day, DetailError, NumberKey, Record, files, read};
use crate::matching::IdForms;

/// Where a command is told to look.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// The gateway's settings, which say where its log and its records are.
    #[arg(long = "config", visible_alias = "settings", value_name = "FILE")]
    config: Option<PathBuf>,

    /// The log's folder, instead of the settings'.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,

    /// The records' folder, instead of the settings' and of `records` beside the log's.
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
}

/// Where a command looks.
pub(super) struct Found {
    /// The log's folder, when there is one.
    pub(super) log: Option<PathBuf>,
    /// The records' folder.
    pub(super) records: PathBuf,
    /// What numbers are hashed with there, when that is known.
    pub(super) key: Option<NumberKey>,
    /// How the carriers write their ids, when there are settings.
    pub(super) forms: Vec<IdForms>,
}

impl Place {
    /// Finds the folders.
    pub(super) fn find(&self) -> Result<Found, Failure> {
        let settings = match &self.config {
            Some(file) => Some(config::load(file, config::environment).map_err(|faults| faults.to_string())?),
            None => None,
        };
        let log = self.log.clone().or_else(|| Some(settings.as_ref()?.log.path.clone()));
        let set = settings.as_ref().and_then(|settings| settings.records.folder.clone());
        let records = self.records.clone().or(set).or_else(|| Some(serve::records_beside(log.as_ref()?)));
        let Some(records) = records else {
            return Err("say where to look: --config FILE, --log DIR or --records DIR".into());
        };
        let key = settings.as_ref().and_then(|settings| settings.records.key.as_ref());
        let key = kept_number_key(&records, key).unwrap_or_else(|error| {
            let folder = records.display();
            // It is its owner's alone; whoever looks for an id needs none.
            tracing::warn!(%folder, %error, "the key of the numbers cannot be read: they are not found in the records");
            None
        });
        let carriers = settings.map(|settings| settings.flow.carriers).unwrap_or_default();
        Ok(Found { log, records, key, forms: carriers.iter().map(|carrier| carrier.ids).collect() })
    }
}

/// Reads the records of one kind in a folder, oldest first: those that have one of these columns, or all when there
/// are none. A folder that is not there holds none; a line that is no record is passed over, and said.
pub(super) fn each_record<R: Record>(
    folder: &Path,
    day: Option<Day>,
    columns: &[Vec<u8>],
    each: &mut dyn FnMut(R) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if !folder.is_dir() {
        return Ok(());
    }
    let disk = Folder::at(folder);
    for file in files(&disk, R::KIND)?.iter().filter(|file| day.is_none_or(|day| file.place.day == day)) {
        for record in read::<R, _>(&disk, &file.name)?.having_any(columns.to_vec()) {
            match record {
                Ok(record) => each(record)?,
                Err(error @ DetailError::Line { .. }) => tracing::warn!(%error, "passed over"),
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}
