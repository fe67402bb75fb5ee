//! The report from what a gateway has left, running or not: its records, and of its log the facts, the close of the
//! period, what is open, and the ends that are in no record yet.
//!
//! Records and log are told apart by one position: what ended up to there is taken from the records, what ended behind
//! it from the log. So a message is in one of them only, however far a running gateway is with its writing. A record
//! that cannot be read is refused and not passed over: a count without it would be another count.
//!
//! # A closed period
//!
//! The log remembers by which of its records a period was closed, for as long as it keeps the period's days and longer.
//! What ended before it is in the cells; what ended behind it, or is not over yet, and was there, was open then. What
//! comes out is held against what the log remembers of the close. It differs when a message that was open went to
//! another carrier after it, which records do not say; that is refused with the reason, as are records that were
//! changed. Of a close that the log does not remember the settings say when it was, and times what came before it.
//!
//! # Money
//!
//! What was consumed is what the log's ledger says, which is kept as long as the book, and of a closed period what it
//! said then. For a close that the log does not remember it is the `cash_micros` and `credit_micros` of the records of
//! what is in the cells, by `accepted_at`; nothing is known when packages paid for any of it, whose worth is in no
//! record.

mod counted;
mod replay;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::promise::{Asked, Chosen};
use crate::app::report::{Basis, Document, End, Inputs, Said, Wanted, document};
use crate::base::calendar::DAY_MS;
use crate::base::ids::{AccountId, RecordNumber};
use crate::base::time::Timestamp;
use crate::cli::{Failure, serve};
use crate::config;
use crate::detail::disk::Folder;
use crate::detail::{Day, Kind, MessageRecord, files, read};
use crate::engine::door::Clock;
use crate::sla::book::{Closing, days_of};
use crate::sla::terms::Fees;
use crate::sla::terms::policy::{FeeKind, Metric};

use counted::Counted;
use replay::read_log;

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

    let basis = Basis::new(settings.sla.into(), &settings.flow);
    let chosen = Chosen::new(&basis.sla, asked, as_of)?;
    let wanted = Wanted { account: asked.account, period: chosen.period, until: as_of, closing: None };
    let read = read_log(log, &records, &settings.flow, &wanted)?;
    let known = read.ends.closing.filter(|closing| closing.at <= as_of);
    // Of what it has no count of the log says nothing, nor does it say that this is not closed.
    let is_forgotten = known.is_none() && (read.ends.cells.is_empty() || read.has_let_go(&chosen.period));
    let by_time = is_forgotten.then(|| by_time(&chosen, as_of)).flatten();
    let wanted = Wanted { closing: known.or(by_time), ..wanted };
    let mut counted = Counted::default();
    count_records(&records, read.recorded, &wanted, &mut counted)?;
    read.late.iter().for_each(|(position, line)| counted.take_line(&wanted, *position, line));
    if let Some(closing) = known {
        read.open.iter().for_each(|(place, messages)| counted.open(place, *messages));
        counted.hold_against(&read, &closing)?;
    }
    let by_time = by_time.map(|closing| Closing { open: counted.open, fee: counted.fee(), ..closing });
    let closing = known.or(by_time);
    let fee = match (closing, read.ends.fee) {
        (Some(closing), _) => closing.fee,
        (None, None) => None,
        (None, Some(_)) => read.fee_then.map_err(|first| forgotten_fee(log, first))?,
    };
    let fees = fee.map(|fee| Fees::default().with(FeeKind::Messages, fee));
    let account = read.names.account(asked.account).unwrap_or(NOBODY);
    let said = Said { facts: &read.ends.facts, names: &read.names, account };
    Ok(document(&Inputs {
        chosen: &chosen,
        basis: &basis,
        cells: &counted.cells,
        closing: closing.as_ref(),
        said,
        fees: fees.as_ref(),
        outages: &read.ends.outages,
        as_of,
    }))
}

/// The close of a period as the settings have it; none while it is not due, and of one that never closes.
fn by_time(chosen: &Chosen<'_>, as_of: Timestamp) -> Option<Closing> {
    let terms = &chosen.contract.policy.in_force(&chosen.period)?.terms;
    let is_rate = matches!(terms.metric, Metric::SuccessRate { .. });
    let at = Some(chosen.period.closes(terms.close_after)).filter(|at| is_rate && *at <= as_of)?;
    let (first, last) = days_of(&chosen.period);
    Some(Closing { first, last, at, last_id: None, ahead: 0, open: 0, home: RecordNumber(0), fee: None })
}

fn forgotten_fee(log: &Path, first: u64) -> Failure {
    format!(
        "the log {} begins with record {first} and does not say any more what had been consumed by then: ask for a \
         later time",
        log.display()
    )
    .into()
}

/// The number of an account that has never been in the log: no fact is about it.
const NOBODY: AccountId = AccountId(u32::MAX);

/// Counts what is in the records up to this position. What ended before the period cannot be of it, so older files are
/// not even opened; a day is left for a calendar that went back.
fn count_records(
    folder: &Path,
    recorded: Option<u64>,
    wanted: &Wanted<'_>,
    counted: &mut Counted,
) -> Result<(), Failure> {
    let Some(recorded) = recorded else { return Ok(()) };
    let disk = Folder::at(folder);
    let start = wanted.period.start().as_millis().saturating_sub(DAY_MS);
    let first = Day::of(Timestamp::from_millis(start));
    for file in files(&disk, Kind::Messages)?.iter().filter(|file| file.place.day >= first) {
        for record in read::<MessageRecord, _>(&disk, &file.name)? {
            let record = record?;
            if record.position <= recorded {
                counted.take(wanted, &End::from(&record));
            }
        }
    }
    Ok(())
}
