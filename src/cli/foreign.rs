//! `telegraphy foreign`: which receipts were about no message of ours, and are they after all?
//!
//! A receipt that matches nothing within its time is filed in `foreign-….tsv`. When that was our fault, because the
//! form of the carrier's ids was set wrong, they can be replayed once it is set right: the running gateway takes them
//! as if the carrier had sent them now. What matches a message that is not over ends it; what matches one that is
//! counts as repeated; what matches none is parked, and filed once more. Whoever can reach the control listener may do
//! this: it asks for no password.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::app::foreign::{REPLAY_MAX, Replay, Replayed};
use crate::base::privacy::Masked;
use crate::cli::place::{Place, each_record};
use crate::cli::{Failure, date_time, is_gone, say};
use crate::detail::{Day, ForeignRecord};

/// How long to wait for the gateway to take one request's receipts: a full log's wait for room and more.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `telegraphy foreign` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the receipts that were filed, one a line.
    List(Which),
    /// Feed them again to the running gateway, through its control listener.
    Replay(Again),
}

#[derive(Args, Debug)]
struct Which {
    /// Only those that were filed on this day, in UTC.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    day: Option<Day>,
    /// Only those of this carrier.
    #[arg(long, value_name = "NAME")]
    carrier: Option<String>,
    /// Only those with this id.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
struct Again {
    #[command(flatten)]
    which: Which,
    /// The ids are as they are compared with the carrier's responses: do not read them as its receipts are read now.
    /// For a carrier whose receipts are in hexadecimal, and were set so when the receipts were filed.
    #[arg(long)]
    as_filed: bool,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,
}

fn day(text: &str) -> Result<Day, String> {
    Day::read(text.as_bytes()).ok_or_else(|| "a day is written as 2026-11-21".to_owned())
}

/// Answers on standard output.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::List(which) => match list(which) {
            Err(failure) if is_gone(&*failure) => Ok(ExitCode::SUCCESS),
            done => done.map(|()| ExitCode::SUCCESS),
        },
        Command::Replay(again) => replay(again),
    }
}

impl Which {
    fn each(&self, each: &mut dyn FnMut(ForeignRecord) -> Result<(), Failure>) -> Result<(), Failure> {
        let records = self.place.find()?.records;
        if !records.is_dir() {
            return Err(format!("there is no folder {}", records.display()).into());
        }
        each_record(&records, self.day, &[], &mut |record: ForeignRecord| {
            let is_of = self.carrier.as_ref().is_none_or(|carrier| *carrier == record.carrier);
            let has = self.id.as_ref().is_none_or(|id| id.as_bytes() == record.id.as_slice());
            if is_of && has { each(record) } else { Ok(()) }
        })
    }
}

fn list(which: &Which) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    which.each(&mut |record| {
        let ForeignRecord { carrier, id, state, err, recipient, parked_at, filed_at, .. } = record;
        let (parked, filed) = (date_time(parked_at), date_time(filed_at));
        write!(out, "{filed}  {carrier} {id:?}: {}", state.stat.as_slice().escape_ascii())?;
        if !err.is_empty() {
            write!(out, " err {}", err.as_slice().escape_ascii())?;
        }
        if let Some(number) = recipient {
            write!(out, " for {}", Masked(&number.shown))?;
        }
        Ok(writeln!(out, ", came {parked}")?)
    })?;
    Ok(out.flush()?)
}

fn replay(again: &Again) -> Result<ExitCode, Failure> {
    let mut sum = Replayed::default();
    let mut found = 0_usize;
    let mut waiting = Vec::new();
    let outcome = again.which.each(&mut |record| {
        found += 1;
        waiting.push(Replay::new(&record, again.as_filed));
        if waiting.len() == REPLAY_MAX { send(again, &mut waiting, &mut sum) } else { Ok(()) }
    });
    let outcome = outcome.and_then(|()| send(again, &mut waiting, &mut sum));
    if let Err(failure) = outcome {
        return Err(format!("{failure}; {} receipts had been taken before", sum.taken).into());
    }
    if found == 0 {
        return Err("no such foreign receipt".into());
    }
    say(format_args!("{} of {found} receipts taken by the gateway\n", sum.taken));
    let unknown: Vec<_> = sum.unknown_carriers.into_iter().collect();
    if unknown.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!("passed over, because the gateway has no such carrier: {}", unknown.join(", ")).into())
}

/// Has the gateway take what waits.
fn send(again: &Again, waiting: &mut Vec<Replay>, sum: &mut Replayed) -> Result<(), Failure> {
    if waiting.is_empty() {
        return Ok(());
    }
    let url = again.url.trim_end_matches('/');
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent
        .post(&format!("{url}/foreign/replay"))
        .send_json(&*waiting)
        .map_err(|error| format!("no answer from the gateway at {url}: {error}"))?;
    if !answer.status().is_success() {
        let why = answer.body_mut().read_to_string()?;
        return Err(format!("the gateway at {url} refused: {}", why.trim()).into());
    }
    let replayed: Replayed = answer.body_mut().read_json()?;
    sum.taken += replayed.taken;
    sum.unknown_carriers.extend(replayed.unknown_carriers);
    waiting.clear();
    Ok(())
}
