//! The log, read to its end: how things are there, and what is in no record yet.

use std::path::Path;

use crate::app::names::Names;
use crate::app::report::cells::Place;
use crate::app::report::{End, Wanted};
use crate::base::ids::{AccountId, CarrierId, RecordNumber};
use crate::cli::Failure;
use crate::cli::log::walk;
use crate::cli::report::recompute::NOBODY;
use crate::detail::disk::Folder;
use crate::detail::{Kind, last_position, noted_position};
use crate::engine::door::Ends;
use crate::flow::{Flow, FlowSettings, Line, State};
use crate::message::{Event, Snapshot};
use crate::sla::book::days_of;
use crate::sla::terms::Period;
use crate::sla::terms::compensation::Fee;

/// How often a log is read that a running gateway frees meanwhile. It frees a segment now and then; one that frees
/// faster than it can be read will not be caught up with.
const READS_MAX: u32 = 5;

/// What the log says.
pub(super) struct FromLog {
    /// How things are at its end.
    pub(super) ends: Ends,
    /// What ended and is in no record yet. A gateway that writes records is not far behind; of one that writes none
    /// this is all that ended since its log begins.
    pub(super) late: Vec<(RecordNumber, Line)>,
    /// What was open when the period was closed and is so still.
    pub(super) open: Vec<(Place, u64)>,
    /// What had been consumed at the time of the report; the first record of a log that does not go back to then.
    pub(super) fee_then: Result<Option<Fee>, u64>,
    pub(super) names: LogNames,
    /// Up to here it is in the records; none while there are none.
    pub(super) recorded: Option<u64>,
}

impl FromLog {
    /// Whether days of the period are not counted any more.
    pub(super) fn has_let_go(&self, period: &Period) -> bool {
        self.ends.kept_since > days_of(period).0
    }
}

/// What numbers are called, in the order of the numbers.
pub(super) struct LogNames {
    accounts: Vec<String>,
    carriers: Vec<String>,
}

impl LogNames {
    pub(super) fn of(state: &State) -> Self {
        let text = |(_, name): (u32, &str)| name.to_owned();
        Self {
            accounts: state.account_names().map(text).collect(),
            carriers: state.carrier_names().map(text).collect(),
        }
    }

    pub(super) fn account(&self, name: &str) -> Option<AccountId> {
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
pub(super) fn read_log(
    log: &Path,
    records: &Path,
    settings: &FlowSettings,
    wanted: &Wanted<'_>,
) -> Result<FromLog, Failure> {
    for _ in 0..READS_MAX {
        let recorded = last_recorded(records)?;
        let mut replay = Replay::new(settings, wanted, recorded);
        let walked = walk(log, None, &mut |record| {
            let position = record.position.as_u64();
            let event = Event::decode(record.bytes)
                .map_err(|event| format!("record {position} of the log {} is {event}", log.display()))?;
            replay.apply(position, event);
            Ok(true)
        })?;
        let first = replay.first;
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
            return Ok(replay.end());
        }
    }
    Err(format!("the gateway frees the log {} faster than it can be read", log.display()).into())
}

/// A log that is read, with what is wanted of it.
struct Replay<'a> {
    flow: Flow,
    wanted: &'a Wanted<'a>,
    recorded: Option<u64>,
    /// The first record.
    first: Option<u64>,
    /// Whether the state is whole: the log goes back to its beginning, or a snapshot has been read.
    is_whole: bool,
    lines: Vec<(RecordNumber, Line)>,
    late: Vec<(RecordNumber, Line)>,
    /// What had been consumed at the time of the report, once the log is past it.
    fee_then: Option<Result<Option<Fee>, u64>>,
}

impl<'a> Replay<'a> {
    fn new(settings: &FlowSettings, wanted: &'a Wanted<'a>, recorded: Option<u64>) -> Self {
        let mut flow = Flow::new(FlowSettings { bodies_max: 0, ..settings.clone() });
        flow.record();
        let (lines, late) = (Vec::new(), Vec::new());
        Self { flow, wanted, recorded, first: None, is_whole: false, lines, late, fee_then: None }
    }

    fn apply(&mut self, position: u64, event: Event) {
        let first = *self.first.get_or_insert(position);
        self.is_whole |= first == 0;
        // Every group of events says its time before all else.
        if let Event::Time { at, .. } = event
            && at > self.wanted.until
            && self.fee_then.is_none()
        {
            self.fee_then = Some(self.fee());
        }
        let ends_snapshot = matches!(&event, Event::Snapshot(record) if matches!(**record, Snapshot::Ended));
        self.flow.apply(RecordNumber(position), event);
        self.is_whole |= ends_snapshot;
        self.flow.take_lines(&mut self.lines);
        for (position, line) in self.lines.drain(..) {
            let is_wanted = match &line {
                Line::Message(detail) => End::from((position, detail)).is_of(self.wanted),
                Line::Recounted(recounted) => {
                    End::from((position, recounted, &recounted.recount.outcome)).is_of(self.wanted)
                }
                Line::Foreign(_) => false,
            };
            if is_wanted && self.recorded.is_none_or(|recorded| position.0 > recorded) {
                self.late.push((position, line));
            }
        }
    }

    fn fee(&self) -> Result<Option<Fee>, u64> {
        let (state, (first, last)) = (self.flow.state(), days_of(&self.wanted.period));
        if self.is_whole {
            Ok(state.account(self.wanted.account).and_then(|account| state.fee(account, first, last)))
        } else {
            Err(self.first.unwrap_or_default())
        }
    }

    fn end(self) -> FromLog {
        let fee_then = self.fee_then.unwrap_or_else(|| self.fee());
        let (state, wanted) = (self.flow.state(), self.wanted);
        let names = LogNames::of(state);
        let account = state.account(wanted.account).unwrap_or(NOBODY);
        let open = state.still_open(account).into_iter();
        let open = open.filter(|(key, _)| wanted.period.contains(key.day.start()));
        FromLog {
            ends: Ends::of(state, account, &wanted.period, wanted.until),
            late: self.late,
            open: open.map(|(key, messages)| (Place::of(&key, &names), messages)).collect(),
            fee_then,
            names,
            recorded: self.recorded,
        }
    }
}

fn last_recorded(folder: &Path) -> Result<Option<u64>, Failure> {
    if folder.is_dir() { Ok(last_position(&Folder::at(folder), Kind::Messages)?) } else { Ok(None) }
}

/// Whether records were written behind the last that is there, or none is there at all.
fn are_missing(folder: &Path, recorded: Option<u64>) -> Result<bool, Failure> {
    let noted = if folder.is_dir() { noted_position(&Folder::at(folder), Kind::Messages)? } else { None };
    Ok(recorded.is_none() || noted > recorded)
}
