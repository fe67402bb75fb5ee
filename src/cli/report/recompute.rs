//! The report from what a gateway has left, running or not: its records, and of its log the facts and the ends that are
//! in no record yet.
//!
//! Records and log are told apart by one position: what ended up to there is taken from the records, what ended behind
//! it from the log. So a message is in one of them only, however far a running gateway is with its writing. A record
//! that cannot be read is refused and not passed over: a count without it would be another count.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::operator::Names;
use crate::app::promise::{Asked, Chosen};
use crate::app::report::{Basis, Cells, Document, End, Inputs, Said, Wanted, document};
use crate::base::calendar::DAY_MS;
use crate::base::ids::{AccountId, CarrierId, RecordNumber};
use crate::base::time::Timestamp;
use crate::cli::log::walk;
use crate::cli::{Failure, serve};
use crate::config;
use crate::detail::disk::Folder;
use crate::detail::{Day, Kind, MessageRecord, files, last_position, read};
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
        // Between the two looks records may have been written and the log before them freed.
        let begins_behind = first > Some(recorded.map_or(0, |recorded| recorded + 1));
        if walked.passed == 0 && !(begins_behind && last_recorded(records)? != recorded) {
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
