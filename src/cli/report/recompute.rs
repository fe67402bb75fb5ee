//! The report from what a gateway has left, running or not: its records, and of its log the facts and the ends that are
//! in no record yet.
//!
//! Records and log are told apart by one position: what ended up to there is taken from the records, what ended behind
//! it from the log. So a message is in one of them only, however far a running gateway is with its writing. A record
//! that cannot be read is refused and not passed over: a count without it would be another count.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::names::Names;
use crate::app::promise::{Asked, Chosen};
use crate::app::report::{Basis, Cells, Document, End, Inputs, Said, Wanted, document};
use crate::base::calendar::DAY_MS;
use crate::base::ids::{AccountId, CarrierId, RecordNumber};
use crate::base::time::Timestamp;
use crate::cli::log::walk;
use crate::cli::{Failure, serve};
use crate::config;
use crate::detail::disk::Folder;
use crate::detail::{Day, Kind, MessageRecord, files, last_position, noted_position, read};
use crate::engine::door::Clock;
use crate::flow::{Flow, FlowSettings, Line};
use crate::message::{Event, Fact};

/// How often a log is read that a running gateway frees meanwhile. It frees a segment now and then; one that frees
/// faster than it can be read will not be caught up with.
const READS_MAX: u32 = 5;

/// Where the report is made from.
#[derive(Args, Debug)]
pub(super) struct Archive {
    /// The gateway's settings: contracts and policies, and where its log and its records are.
    #[arg(long, value_name = "FILE", requires = "recompute")]
    config: Option<PathBuf>,
    /// The log's folder, instead of the settings'.
    #[arg(long, value_name = "DIR", requires = "recompute")]
    log: Option<PathBuf>,
    /// The records' folder, instead of the settings'.
    #[arg(long, value_name = "DIR", requires = "recompute")]
    records: Option<PathBuf>,
    /// As things were then, in milliseconds since 1970, like `as_of` in a report; without it as they are now.
    #[arg(long, value_name = "MILLIS", requires = "recompute")]
    as_of: Option<u64>,
}

/// The report of the archive.
pub(super) fn recompute(asked: &Asked<'_>, archive: &Archive) -> Result<Document, Failure> {
    let file = archive.config.as_deref().ok_or("say whose contracts: --config FILE")?;
    let settings = config::load(file, config::environment).map_err(|faults| faults.to_string())?;
    let as_of = archive.as_of.map_or_else(|| Clock::start().now().wall, Timestamp::from_millis);
    let log = archive.log.as_ref().unwrap_or(&settings.log.path);
    let records = archive.records.clone().or_else(|| settings.records.folder.clone());
    let records = records.unwrap_or_else(|| serve::records_beside(log));

    let basis = Basis::new(settings.sla.into(), &settings.flow.carriers);
    let chosen = Chosen::new(&basis.sla, asked, as_of)?;
    let wanted = Wanted { account: asked.account, period: chosen.period, until: as_of };
    let read = read_log(log, &records, &settings.flow, &wanted)?;
    let mut cells = read.cells;
    count_records(&records, read.recorded, &wanted, &mut cells)?;
    let account = read.names.account(asked.account).unwrap_or(NOBODY);
    let said = Said { facts: &read.facts, names: &read.names, account };
    Ok(document(&Inputs { chosen: &chosen, basis: &basis, cells: &cells, said, fees: None, as_of }))
}

/// The number of an account that has never been in the log: no fact is about it.
const NOBODY: AccountId = AccountId(u32::MAX);

/// What the log says.
struct FromLog {
    /// What ended and is in no record.
    cells: Cells,
    /// What operators said.
    facts: Vec<Fact>,
    names: LogNames,
    /// Up to here it is in the records; none while there are none.
    recorded: Option<u64>,
}

/// What numbers are called, in the order of the numbers.
struct LogNames {
    accounts: Vec<String>,
    carriers: Vec<String>,
}

impl LogNames {
    fn account(&self, name: &str) -> Option<AccountId> {
        let place = self.accounts.iter().position(|known| known == name)?;
        u32::try_from(place).ok().map(AccountId)
    }
}

impl Names for LogNames {
    fn account_name(&self, account: AccountId) -> &str {
        self.accounts.get(account.0 as usize).map_or("", String::as_str)
    }

    fn carrier_name(&self, carrier: CarrierId) -> &str {
        self.carriers.get(carrier.0 as usize).map_or("", String::as_str)
    }
}

/// Replays the log. What the gateway frees meanwhile is in the records by then, so it is read again.
fn read_log(
    log: &Path,
    records: &Path,
    settings: &FlowSettings,
    wanted: &Wanted<'_>,
) -> Result<FromLog, Failure> {
    for _ in 0..READS_MAX {
        let recorded = last_recorded(records)?;
        let mut flow = Flow::new(FlowSettings { bodies_max: 0, ..settings.clone() });
        flow.record();
        let (mut cells, mut lines, mut first) = (Cells::default(), Vec::new(), None);
        let walked = walk(log, None, &mut |record| {
            let position = record.position.as_u64();
            first.get_or_insert(position);
            let event = Event::decode(record.bytes)
                .map_err(|event| format!("record {position} of the log {} is {event}", log.display()))?;
            flow.apply(RecordNumber(position), event);
            flow.take_lines(&mut lines);
            for (RecordNumber(position), line) in lines.drain(..) {
                if let Line::Message(detail) = line
                    && recorded.is_none_or(|recorded| position > recorded)
                {
                    cells.take(wanted, End::from(&detail));
                }
            }
            Ok(true)
        })?;
        let begins_behind = first > Some(recorded.map_or(0, |recorded| recorded + 1));
        // Looked at before the records are once more: what a running gateway notes meanwhile is no sign of a loss.
        let is_lost = begins_behind && are_missing(records, recorded)?;
        // Between the two looks records may have been written and the log before them freed.
        let again = walked.passed > 0 || begins_behind && last_recorded(records)? != recorded;
        if !again {
            if is_lost {
                let (log, records) = (log.display(), records.display());
                return Err(format!(
                    "the log {log} has let go of what ended before its record {}, and the records in {records} of it \
                     are not all there: put back those that were moved away, or name their folder with --records",
                    first.unwrap_or_default()
                )
                .into());
            }
            let state = flow.state();
            let text = |(_, name): (u32, &str)| name.to_owned();
            let names = LogNames {
                accounts: state.account_names().map(text).collect(),
                carriers: state.carrier_names().map(text).collect(),
            };
            let facts = state.facts().iter().map(|(fact, _)| fact.clone()).collect();
            return Ok(FromLog { cells, facts, names, recorded });
        }
    }
    Err(format!("the gateway frees the log {} faster than it can be read", log.display()).into())
}

fn last_recorded(folder: &Path) -> Result<Option<u64>, Failure> {
    if folder.is_dir() { Ok(last_position(&Folder::at(folder), Kind::Messages)?) } else { Ok(None) }
}

/// Whether records were written behind the last that is there, or none is there at all.
fn are_missing(folder: &Path, recorded: Option<u64>) -> Result<bool, Failure> {
    let noted = if folder.is_dir() { noted_position(&Folder::at(folder), Kind::Messages)? } else { None };
    Ok(recorded.is_none() || noted > recorded)
}

/// Counts what is in the records up to this position. What ended before the period cannot be of it, so older files are
/// not even opened; a day is left for a calendar that went back.
fn count_records(
    folder: &Path,
    recorded: Option<u64>,
    wanted: &Wanted<'_>,
    cells: &mut Cells,
) -> Result<(), Failure> {
    let Some(recorded) = recorded else { return Ok(()) };
    let disk = Folder::at(folder);
    let start = wanted.period.start().as_millis().saturating_sub(DAY_MS);
    let first = Day::of(Timestamp::from_millis(start));
    for file in files(&disk, Kind::Messages)?.iter().filter(|file| file.place.day >= first) {
        for record in read::<MessageRecord, _>(&disk, &file.name)? {
            let record = record?;
            if record.position <= recorded {
                cells.take(wanted, End::from(&record));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::ids::MessageId;
    use crate::detail::{NumberKey, Records, Settings};
    use crate::log::file::{FileLog, FileSettings};
    use crate::log::{Batch, Log, Position};
    use crate::message::{Address, CarrierMessageId, Category, Detail, Verdict, Zone};
    use crate::sla::terms::tests::calendar_months;

    /// 2026-11-21T00:00:00Z.
    const SATURDAY: Timestamp = Timestamp::from_millis(1_795_219_200_000);

    fn detail(position: u64) -> Detail {
        let number = Address::new(1, 1, b"447700900121").unwrap();
        Detail {
            message: MessageId::from_u64(position + 1).unwrap(),
            shown: None,
            account: Arc::from("acme"),
            carrier: Some(Arc::from("north")),
            carrier_message_id: CarrierMessageId::new(b""),
            category: Category::Notification,
            zone: Zone::default(),
            source: number,
            destination: number,
            registered_delivery: 0,
            data_coding: 0,
            esm_class: 0,
            parts: 1,
            octets: 5,
            accepted_at: SATURDAY,
            handed_over_at: None,
            answered_at: None,
            ended_at: SATURDAY,
            attempts: 1,
            copies: 0,
            ambiguous: false,
            outcome: crate::sla::failed_by_platform(b""),
            evidence: None,
            verdict: Verdict::Receipt,
        }
    }

    /// A log of 2,000 records that has let go of its first segments; the first that is left.
    fn trimmed_log(folder: &Path) -> u64 {
        let settings = FileSettings { segment_bytes: 4096, salt: 1 };
        let mut log = FileLog::open_folder(folder, settings).unwrap();
        for _ in 0..200 {
            let mut batch = Batch::with_capacity(0);
            for _ in 0..10 {
                batch.push(|out| Event::Time { at: SATURDAY, ahead: 0 }.encode(out)).unwrap();
            }
            let end = log.end();
            log.append(&mut batch, end).unwrap();
        }
        log.trim(Position::from_u64(1000)).unwrap();
        log.start().as_u64()
    }

    #[test]
    fn records_that_the_log_has_let_go_of_and_that_were_moved_away_are_missed_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let (log, records) = (folder.path().join("log"), folder.path().join("records"));
        std::fs::create_dir(&log).unwrap();
        let first = trimmed_log(&log);
        assert!(first > 100, "the log begins at {first}");
        let period = calendar_months("2026-01-01").of(SATURDAY).unwrap();
        let wanted = Wanted { account: "acme", period, until: SATURDAY };
        let read = || {
            let flow = FlowSettings { shard: 0, ..FlowSettings::default() };
            let from_log = read_log(&log, &records, &flow, &wanted)?;
            let mut cells = from_log.cells;
            count_records(&records, from_log.recorded, &wanted, &mut cells)?;
            Ok::<_, Failure>(cells.iter().count())
        };
        let missed = |read: Result<usize, Failure>| {
            let reason = read.unwrap_err().to_string();
            assert!(reason.contains(&format!("ended before its record {first}")), "{reason}");
            assert!(reason.contains("put back"), "{reason}");
        };
        missed(read());

        let disk = Folder::create(&records).unwrap();
        let settings = Settings::new(NumberKey::new([7; 32]));
        let mut writer = Records::open(disk, &settings, SATURDAY).unwrap();
        let file = records.join("records-2026-11-21.tsv");
        writer.append(10, &detail(10)).unwrap();
        writer.flush().unwrap();
        // The records are behind the log, and nothing ended in between: that is how it is with a quiet gateway.
        assert_eq!(read().unwrap(), 1);
        std::fs::rename(&file, records.join("moved-away")).unwrap();
        missed(read());
    }
}
