//! From a log to a running flow: replay is apply only, and the start's own events are durable before the door opens.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::{mem, thread};

use tracing::warn;

use crate::base::ids::RecordNumber;
use crate::base::time::Now;
use crate::engine::{RecordFiles, StartError};
use crate::flow::{Decision, Flow, FlowSettings, Prepare};
use crate::log::{Batch, Log, LogReader, Position};
use crate::message::Event;

/// Events that are passed on at once in a replay: some ten thousand octets, so that they stay near the processor.
const DECODED_AT_ONCE: usize = 256;

/// Lists of them that may wait: the one thread is seldom ahead of the other by more.
const DECODED_LISTS_MAX: usize = 8;

/// Some of a log's events, and where they stand.
type Decoded = Vec<(RecordNumber, Event)>;

/// What was found in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recovered {
    /// Records replayed.
    pub records: u64,
    /// Messages that are not over.
    pub open: usize,
    /// Those of them that had been handed over without an answer when the process before ended.
    pub in_doubt: usize,
    /// Where the log ends.
    pub(super) end: Position,
}

pub(super) fn recover(
    log: &mut impl Log,
    settings: FlowSettings,
    now: Now,
    mut records: Option<&mut RecordFiles>,
) -> Result<(Flow, Prepare, Recovered), StartError> {
    let mut flow = Flow::new(settings);
    if records.is_some() {
        flow.record();
    }
    let count = replay(log, &mut flow, &mut records)?;
    if let Some(account) = flow.state().unreadable() {
        return Err(StartError::Wallet { account: account.to_owned() });
    }
    flow.may_start(now.wall)?;
    let mut decision = Decision::default();
    flow.name(&mut decision);
    let mut end = commit(log, &mut flow, decision, log.end())?;
    let mut decision = Decision::default();
    let prepare = flow.start(now, &mut decision);
    let in_doubt = decision.events.iter().filter(|event| matches!(event, Event::InDoubt { .. })).count();
    end = commit(log, &mut flow, decision, end)?;
    for (account, reason) in flow.terms_kept(now.wall) {
        warn!(account, %reason, "its terms in the settings cannot be and stay as they were until the next start");
    }
    if let Some(records) = records {
        write(&mut flow, records)?;
        records.flush()?;
    }
    let open = flow.state().open();
    Ok((flow, prepare, Recovered { records: count, open, in_doubt, end }))
}

/// Reads and decodes on another thread, and applies on this one: each is about half of the work.
fn replay(log: &impl Log, flow: &mut Flow, files: &mut Option<&mut RecordFiles>) -> Result<u64, StartError> {
    let (reader, from) = (log.reader(), log.start());
    thread::scope(|scope| {
        let (decoded, lists) = sync_channel(DECODED_LISTS_MAX);
        thread::Builder::new()
            .name("telegraphy-replay".to_owned())
            .spawn_scoped(scope, move || decode(&*reader, from, &decoded))?;
        let mut count = 0;
        for list in lists {
            for (home, event) in list? {
                flow.apply(home, event);
                if let Some(files) = files {
                    write(flow, files)?;
                }
                count += 1;
            }
        }
        Ok(count)
    })
}

/// Decodes all records, list by list, until the end, the first error, or until nobody wants more.
fn decode(reader: &dyn LogReader, from: Position, decoded: &SyncSender<Result<Decoded, StartError>>) {
    let next = || {
        let mut records = reader.read(from)?;
        let mut list = Vec::with_capacity(DECODED_AT_ONCE);
        while let Some(record) = records.next()? {
            let position = record.position.as_u64();
            let event = Event::decode(record.bytes).map_err(|event| StartError::Event { position, event })?;
            list.push((RecordNumber(position), event));
            if list.len() == DECODED_AT_ONCE {
                let full = mem::replace(&mut list, Vec::with_capacity(DECODED_AT_ONCE));
                if decoded.send(Ok(full)).is_err() {
                    return Ok(Vec::new());
                }
            }
        }
        Ok(list)
    };
    let _nobody_wants_more = decoded.send(next());
}

/// What has ended and is not in the records yet goes there; what is there already is known by its position.
fn write(flow: &mut Flow, files: &mut RecordFiles) -> Result<(), StartError> {
    let mut lines = Vec::new();
    flow.take_lines(&mut lines);
    for (home, line) in &lines {
        files.append(*home, line)?;
    }
    Ok(())
}

fn commit(
    log: &mut impl Log,
    flow: &mut Flow,
    decision: Decision,
    mut end: Position,
) -> Result<Position, StartError> {
    let mut batch = Batch::with_capacity(0);
    let mut next = end;
    for event in decision.events {
        if batch.is_full() {
            end = log.append(&mut batch, end)?;
            batch.clear();
        }
        // Cannot fail: no event is longer than the largest record, and the batch is not full.
        let pushed = batch.push(|out| event.encode(out));
        debug_assert_eq!(pushed, Ok(()));
        flow.apply(RecordNumber(next.as_u64()), event);
        next = next.plus(1);
    }
    Ok(log.append(&mut batch, end)?)
}
