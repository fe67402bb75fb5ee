//! The files that the month is read from and written to: settings, and the log and the records as the gateway keeps
//! them.

use std::fs;
use std::path::Path;

use telegraphy::base::ids::RecordNumber;
use telegraphy::base::time::Timestamp;
use telegraphy::config;
use telegraphy::detail::disk::Folder;
use telegraphy::detail::{self, ForeignRecords, Kind, MessageRecord, NumberKey, Numbers, Records, Settings};
use telegraphy::engine::Archive;
use telegraphy::flow::{Line, LookBack};
use telegraphy::log::file::{FileLog, FileSettings, disk};
use telegraphy::message::Recount;

use super::quick::Quick;
use crate::days::gateway::Lines;

/// Any number: nobody guesses it here.
const SALT: u32 = 0x2111_0007;

/// The settings as files, and what they say.
pub(super) fn settings(folder: &Path, messages: u64) -> config::Settings {
    // Twice of what the shop sends on a usual day.
    let load_max = (messages / 34).max(10).to_string();
    let text = include_str!("gateway.toml").replace("LOAD_MAX", &load_max);
    fs::create_dir_all(folder.join("tariffs")).unwrap();
    for (name, text) in [
        ("gateway.toml", text.as_str()),
        ("tariffs/within-china.toml", include_str!("tariffs/within-china.toml")),
        ("tariffs/worldwide.toml", include_str!("tariffs/worldwide.toml")),
        ("secret", "secret\n"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    config::load(&folder.join("gateway.toml"), |_| None).unwrap_or_else(|faults| panic!("{faults}"))
}

pub(super) fn open_log(folder: &Path, segment_bytes: u64) -> FileLog<Quick> {
    let disk = Quick(disk::Folder::create(&folder.join("data")).unwrap());
    FileLog::open(disk, FileSettings { segment_bytes, salt: SALT }).unwrap()
}

/// The records of a process.
pub(super) struct Files {
    messages: Records,
    foreign: ForeignRecords,
    archive: Archive,
}

impl Files {
    pub(super) fn open(folder: &Path, today: Timestamp) -> Self {
        let disk = Folder::create(&folder.join("records")).unwrap();
        let settings = Settings { numbers: Numbers::Plain, ..Settings::new(NumberKey::new([7; 32])) };
        let messages = Records::open(disk.clone(), &settings, today).unwrap();
        let foreign = ForeignRecords::open(disk.clone(), &settings, today).unwrap();
        Self { messages, foreign, archive: Archive { folder: disk, key: settings.key } }
    }

    /// A day begins: the files of the one before are closed, and compressed.
    pub(super) fn roll(&mut self, today: Timestamp) {
        self.flush();
        self.messages.roll(today).unwrap();
        self.foreign.roll(today).unwrap();
        while let Some(compressor) =
            self.messages.next_compressor().or_else(|| self.foreign.next_compressor())
        {
            compressor.run().unwrap();
        }
    }
}

impl Lines for Files {
    fn append(&mut self, lines: Vec<(RecordNumber, Line)>) {
        for (home, line) in lines {
            match line {
                Line::Message(detail) => self.messages.append(home.0, &detail),
                Line::Recounted(recounted) => self.messages.append_recounted(home.0, &recounted),
                Line::Foreign(foreign) => self.foreign.append(home.0, &foreign),
            }
            .unwrap();
        }
    }

    fn flush(&mut self) {
        self.messages.flush().unwrap();
        self.foreign.flush().unwrap();
    }

    fn look_back(&self, by: &LookBack) -> Vec<Recount> {
        let mut found = Vec::new();
        let mut pass = |some: Vec<Recount>| {
            found.extend(some);
            true
        };
        let counts = self.archive.look_back(by, &mut pass).unwrap().unwrap();
        assert_eq!((counts.recounted, counts.unclear), (found.len() as u64, 0));
        found
    }
}

/// All records of messages: whose, and by which verdict.
pub(super) fn read(folder: &Path) -> Vec<(u64, String)> {
    let disk = Folder::at(&folder.join("records"));
    let files = detail::files(&disk, Kind::Messages).unwrap();
    let records = files.iter().flat_map(|file| detail::read::<MessageRecord, _>(&disk, &file.name).unwrap());
    records.map(Result::unwrap).map(|one| (one.message.as_u64(), one.verdict.name().to_owned())).collect()
}
