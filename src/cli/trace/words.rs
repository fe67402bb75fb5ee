//! How is a message's life told to an operator?

use std::fmt::{self, Display};
use std::io::{self, Write};

use crate::base::ids::{CarrierId, MessageId};
use crate::base::privacy::Masked;
use crate::base::time::Timestamp;
use crate::cli::date_time;
use crate::cli::trace::life::{Lives, Step};
use crate::detail::MessageRecord;
use crate::message::{
    Address, Carried, CarrierMessageId, Event, Outcome, PartOf, Receipt, ReceiptState, Recount, Stage,
    Submission, Verdict,
};
use crate::sla;

/// Tells what the log says.
pub(super) fn lives(lives: &Lives, out: &mut dyn Write) -> io::Result<()> {
    let mut long = None;
    for (id, part, steps) in lives.messages() {
        if let Some(part) = part
            && long != Some(part.head)
        {
            long = Some(part.head);
            writeln!(out, "long message {} of {} parts", part.head, part.total)?;
        }
        let mut teller = Teller { lives, carrier: None, attempts: 0, taken: false, declined: false };
        writeln!(out, "{}", head(id, part, steps))?;
        for step in steps {
            line(step.at, &teller.tell(step), out)?;
        }
    }
    if !lives.parked().is_empty() {
        writeln!(out, "receipts with this id that are about no message so far")?;
        let mut teller = Teller { lives, carrier: None, attempts: 0, taken: false, declined: false };
        for step in lives.parked() {
            line(step.at, &teller.tell(step), out)?;
        }
    }
    Ok(())
}

fn line(at: Option<Timestamp>, words: &str, out: &mut dyn Write) -> io::Result<()> {
    match at {
        Some(at) => writeln!(out, "  {}  {words}", date_time(at)),
        None => writeln!(out, "  {:<24}  {words}", "(not dated)"),
    }
}

fn head(id: MessageId, part: Option<PartOf>, steps: &[Step]) -> String {
    let addresses = steps.iter().find_map(|step| match &step.event {
        Event::Accepted { submission, .. } | Event::Received { submission, .. } => {
            Some((submission.source, submission.destination))
        }
        Event::Carried(carried) => Some((carried.source, carried.destination)),
        _ => None,
    });
    let shown = steps.iter().find_map(|step| match &step.event {
        Event::Accepted { shown, .. } => *shown,
        Event::Carried(carried) => carried.shown,
        _ => None,
    });
    let mut text = format!("message {id}");
    if let Some(part) = part {
        text += &format!(", part {} of {}", part.number, part.total);
    }
    if let Some(shown) = shown {
        text += &format!(", known to the customer as {shown}");
    }
    if let Some((source, destination)) = addresses {
        text += &format!(", from {} to {}", Number(&source), Number(&destination));
    }
    text
}

/// Tells one message's life in order.
struct Teller<'a> {
    lives: &'a Lives,
    carrier: Option<&'a str>,
    attempts: u32,
    /// The carrier has it.
    taken: bool,
    /// The carrier has refused it for good.
    declined: bool,
}

impl<'a> Teller<'a> {
    fn tell(&mut self, step: &Step) -> String {
        match &step.event {
            Event::Accepted { carrier, due_at, expires_at, submission, .. } => {
                let carrier = self.carrier(*carrier);
                let account = self.lives.account(submission.account.0);
                let times = times(step, *due_at, *expires_at);
                let (size, wanted) = (size(submission), wanted(submission.registered_delivery));
                format!("accepted for account {account} to carrier {carrier}: {size}{times}; {wanted}")
            }
            Event::Received { carrier, submission, .. } => {
                let carrier = self.carrier(*carrier);
                let account = self.lives.account(submission.account.0);
                format!("came from carrier {carrier} for account {account}: {}", size(submission))
            }
            Event::Rerouted { carrier, .. } => format!("waits for carrier {} now", self.carrier(*carrier)),
            Event::Gathered { carrier, .. } => {
                format!("all parts are here: they wait for carrier {}", self.carrier(*carrier))
            }
            Event::HandedOver { .. } => {
                self.attempts += 1;
                format!("handed over to {}, attempt {}", self.to(), self.attempts)
            }
            Event::Submitted { id, .. } => {
                self.taken = true;
                format!("taken by {}{}", self.to(), as_id(id))
            }
            Event::Linked { carrier, id, .. } => {
                format!("a copy was taken by {}{}", self.lives.carrier(*carrier), as_id(id))
            }
            Event::Returned { status: 0, .. } => "not sent, the connection was gone: waits again".to_owned(),
            Event::Returned { status, .. } => {
                format!("refused with {status:#010x}: waits, and all that goes to {} with it", self.to())
            }
            Event::Deferred { status, carrier, until, .. } => {
                let (carrier, until) = (self.carrier(*carrier), date_time(step.calendar(*until)));
                format!(
                    "refused with {status:#010x}: waits for another attempt at {carrier}, not before {until}"
                )
            }
            Event::Declined { status, .. } => {
                self.declined = true;
                format!("refused for good with {status:#010x}")
            }
            Event::InDoubt { .. } => format!("no answer from {}: in doubt", self.to()),
            Event::Resent { .. } => "in doubt for too long: what is handed over next is a copy".to_owned(),
            Event::Noted { unknown, state, .. } => {
                let meaning = if *unknown { "an unknown word, changes nothing" } else { "on its way" };
                format!("receipt {}: {meaning}", stat(state))
            }
            Event::Parked { receipt, .. } => {
                let carrier = self.lives.carrier(receipt.carrier);
                format!(
                    "{} from {carrier}{}: no message had this id yet, parked",
                    said(receipt),
                    as_id(&receipt.id)
                )
            }
            Event::Foreign { .. } => "filed as foreign: no message of ours in time".to_owned(),
            Event::Ended { outcome, .. } => self.over(outcome),
            Event::Corrected { outcome, .. } => {
                format!("receipt {}, after it had been given up: {}", stat_err(outcome), counts(outcome))
            }
            Event::Recounted(recount) => recounted(recount),
            Event::Told { status: 0, .. } => "customer told: it has acknowledged".to_owned(),
            Event::Told { status, .. } => format!("customer refused for good with {status:#010x}"),
            Event::Untold { .. } => "customer not told: it did not take it in time".to_owned(),
            Event::Opted { out, .. } => format!("its sender opts {}", if *out { "out" } else { "in again" }),
            Event::Replaced { .. } => "replaced by the customer".to_owned(),
            Event::Carried(carried) => self.carried(step, carried),
            other => format!("{other:?}"),
        }
    }

    /// The carrier that has it from now on.
    fn carrier(&mut self, number: CarrierId) -> &'a str {
        self.carrier.insert(self.lives.carrier(number))
    }

    fn to(&self) -> &str {
        self.carrier.unwrap_or("its carrier")
    }

    fn over(&self, outcome: &Outcome) -> String {
        let counts = counts(outcome);
        let word = outcome.stat.as_slice();
        let ours = [sla::NEVER_REPORTED, sla::NEVER_KNOWN, sla::NO_ROUTE, sla::PARTS_MISSING, sla::OPTED_OUT]
            .contains(&word);
        if self.declined || ours || !self.taken {
            return format!("over as {}: {counts}", stat_err(outcome));
        }
        format!("receipt {}: over, {counts}", stat_err(outcome))
    }

    fn carried(&mut self, step: &Step, carried: &Carried) -> String {
        self.attempts = u32::from(carried.attempts);
        self.taken = matches!(carried.stage, Stage::Submitted(_));
        let account = self.lives.account(carried.account.0);
        let carrier = self.carrier(carried.carrier);
        let stage = match &carried.stage {
            Stage::Gathering => "waits for its other parts".to_owned(),
            Stage::Queued => format!("waits for carrier {carrier}"),
            Stage::HandedOver => format!("handed over to {carrier}"),
            Stage::InDoubt => format!("in doubt at {carrier}"),
            Stage::Submitted(id) => format!("taken by {carrier}{}", as_id(id)),
            Stage::Ended(_, outcome) => format!("over as {}, customer not told yet", stat_err(outcome)),
            Stage::Incoming => format!("came from {carrier}, customer not told yet"),
        };
        let accepted = date_time(step.calendar(carried.accepted_at));
        let attempts = carried.attempts;
        format!(
            "kept when older log was freed: accepted {accepted} for account {account}, attempts {attempts}, {stage}"
        )
    }
}

/// Tells what a record says.
pub(super) fn past(record: &MessageRecord, out: &mut dyn Write) -> io::Result<()> {
    let MessageRecord { message, shown, account, parts, octets, attempts, copies, outcome, .. } = record;
    let carrier = record.carrier.as_deref().unwrap_or("no carrier");
    write!(out, "message {message}")?;
    if let Some(shown) = shown {
        write!(out, ", known to the customer as {shown}")?;
    }
    if let Some((fact, _)) = record.recounted {
        let counts = counts(&record.outcome);
        let (at, evidence) = (date_time(record.ended_at), record.evidence);
        let by = evidence.map(|fact| format!(", by fact {}", fact.0)).unwrap_or_default();
        writeln!(out, ", by one more record of it")?;
        return writeln!(out, "  {at}  fact {} was said when it was over: {counts}{by}", fact.0);
    }
    let (source, destination) = (Masked(&record.source.shown), Masked(&record.destination.shown));
    writeln!(out, ", from {source} to {destination}, by its record")?;
    let wanted = wanted(record.registered_delivery);
    let accepted = format!("accepted for account {account}: {octets} octets in {parts} submit_sm; {wanted}");
    line(Some(record.accepted_at), &accepted, out)?;
    if let Some(at) = record.handed_over_at {
        let copies = if *copies > 0 { format!(", {copies} of them copies") } else { String::new() };
        line(Some(at), &format!("handed over to {carrier}, attempt {attempts}{copies}"), out)?;
    }
    let theirs = &record.carrier_message_id;
    if let Some(at) = record.answered_at {
        let answer = match theirs.is_empty() {
            true => format!("answered by {carrier}"),
            false => format!("taken by {carrier}{}", as_id(theirs)),
        };
        line(Some(at), &answer, out)?;
    }
    let word = match record.verdict {
        Verdict::Receipt => "receipt",
        Verdict::Refusal => "refused by the carrier:",
        Verdict::Expired => "expired in our queue:",
        Verdict::NoRoute => "no carrier was left:",
        Verdict::DoubtTimedOut => "stayed in doubt:",
        Verdict::ReceiptNeverCame => "its receipt never came:",
        Verdict::GatherTimedOut => "parts never came:",
        Verdict::Cancelled => "cancelled by the customer:",
        Verdict::OptedOut => "its recipient has opted out:",
        Verdict::OptOutMissing => "does not say how to opt out:",
        Verdict::LateReceipt => "receipt, after it had been given up:",
        Verdict::Recounted => "an operator's word, when it was over:",
    };
    line(Some(record.ended_at), &format!("{word} {}: over, {}", stat_err(outcome), counts(outcome)), out)
}

fn recounted(recount: &Recount) -> String {
    let (counted, _) = recount.outcome.on(recount.now);
    format!("fact {} was said when it was over: {}", recount.fact.0, counts(&counted))
}

fn size(submission: &Submission) -> String {
    let content = &submission.content;
    format!("{} octets, data_coding {}", content.body.len(), content.data_coding)
}

fn times(step: &Step, due_at: Timestamp, expires_at: Timestamp) -> String {
    let said = |word: &str, at: Timestamp| match at.as_millis() {
        0 => String::new(),
        _ => format!(", {word} {}", date_time(step.calendar(at))),
    };
    said("not before", due_at) + &said("expires", expires_at)
}

/// What a `registered_delivery` asks for (§5.2.17).
const fn wanted(registered_delivery: u8) -> &'static str {
    match registered_delivery & 0x03 {
        0 => "no receipt wanted",
        2 => "a receipt wanted if it fails",
        3 => "a receipt wanted if it succeeds",
        _ => "a receipt wanted",
    }
}

fn as_id(id: &CarrierMessageId) -> String {
    if id.is_empty() { " without an id".to_owned() } else { format!(" as {id:?}") }
}

fn said(receipt: &Receipt) -> String {
    let err = receipt.err.as_slice();
    let err = if err.is_empty() { String::new() } else { format!(" err {}", err.escape_ascii()) };
    format!("receipt {}{err}", stat(&receipt.state))
}

fn stat(state: &ReceiptState) -> String {
    match (state.stat.as_slice(), state.message_state) {
        ([], Some(number)) => format!("message_state {number}"),
        ([], None) => "without a state".to_owned(),
        (word, _) => word.escape_ascii().to_string(),
    }
}

fn stat_err(outcome: &Outcome) -> String {
    let state = ReceiptState { message_state: Some(outcome.message_state), stat: outcome.stat };
    let err = outcome.err.as_slice();
    let err = if err.is_empty() { String::new() } else { format!(" err {}", err.escape_ascii()) };
    stat(&state) + &err
}

fn counts(outcome: &Outcome) -> String {
    match outcome.fault {
        crate::message::Fault::None => format!("counts as {}", outcome.class.name()),
        fault => format!("counts as {}, at fault: {}", outcome.class.name(), fault.name()),
    }
}

/// A sender or recipient, masked.
struct Number<'a>(&'a Address);

impl Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Masked(self.0.as_slice()).fmt(f)
    }
}
