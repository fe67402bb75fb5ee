//! `telegraphy status`: how the running gateway is, as a table.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::app::cases::CasesStatus;
use crate::app::money::status::MoneyStatus;
use crate::app::status::{
    AccountStatus, CarrierStatus, LogStatus, OutageStatus, ProposalStatus, RecordStatus, Status, TodayStatus,
    UnmappedStatus,
};
use crate::base::time::Timestamp;
use crate::cli::{Failure, date_time, say};

/// How long to wait for the gateway's answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `telegraphy status` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,

    /// Print the document itself, as JSON.
    #[arg(long, conflicts_with = "health")]
    json: bool,

    /// Print nothing; exit 0 if the gateway is healthy and 1 if not.
    #[arg(long)]
    health: bool,
}

/// Asks the running gateway and shows its answer.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let page = if arguments.health { "health" } else { "status" };
    let url = arguments.url.trim_end_matches('/');
    let document = ask(&format!("{url}/{page}")).map_err(|error| {
        format!(
            "no answer from the gateway at {url}: {error}; is it running, and is this its [control] listen?"
        )
    })?;
    if arguments.json {
        say(format_args!("{document}\n"));
    } else if !arguments.health {
        let status = serde_json::from_str(&document)
            .map_err(|error| format!("the answer of {url} is not a status: {error}"))?;
        say(table(&status));
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(url: &str) -> Result<String, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    agent.get(url).call()?.body_mut().read_to_string()
}

/// The status as two tables and a line.
pub(super) fn table(status: &Status) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _always = write_tables(&mut out, status);
    out
}

fn write_tables(out: &mut String, status: &Status) -> std::fmt::Result {
    let head = ["submitted", "accepted", "refused", "delivered", "failed", "invalid", "in doubt"];
    write_row(out, "account", &head.map(str::to_owned), "unknown", "success")?;
    for account in &status.accounts {
        let AccountStatus { name, submitted, accepted, in_doubt, unknown_receipts, success, .. } = account;
        let refused: u64 = account.refused.values().sum();
        let [delivered, failed, invalid] = ended(&account.ended);
        let counts = [*submitted, *accepted, refused, delivered, failed, invalid, *in_doubt];
        write_row(out, name, &counts.map(|count| count.to_string()), unknown_receipts, success)?;
    }
    writeln!(out)?;
    write_row(out, "carrier", &head.map(str::to_owned), "foreign", "success")?;
    for carrier in &status.carriers {
        let CarrierStatus { name, submitted, accepted, in_doubt, foreign_receipts, success, .. } = carrier;
        let refused: u64 = carrier.refused.values().sum();
        let [delivered, failed, invalid] = ended(&carrier.ended);
        let counts = [*submitted, *accepted, refused, delivered, failed, invalid, *in_doubt];
        write_row(out, name, &counts.map(|count| count.to_string()), foreign_receipts, success)?;
    }
    writeln!(out)?;
    status.accounts.iter().try_for_each(|account| write_account(out, account))?;
    status.carriers.iter().try_for_each(|carrier| write_carrier(out, carrier))?;
    status.outages.iter().try_for_each(|outage| write_outage(out, outage))?;
    write_cases(out, &status.cases)?;
    writeln!(
        out,
        "{} messages are not over, {} receipts wait for their message",
        status.open, status.parked
    )?;
    let LogStatus { octets, oldest, end, room } = &status.log;
    let megabytes = octets.div_ceil(1_000_000);
    write!(out, "log: {megabytes} MB on disk, records {oldest} to {end}, room: {room}")?;
    match status.records {
        Some(RecordStatus { position, written_at }) => {
            let at = date_time(Timestamp::from_millis(written_at));
            writeln!(out, "; detail records written up to record {position} at {at}")
        }
        None => writeln!(out, "; no detail records written since the start"),
    }
}

/// What waits for an answer, when anything does.
fn write_cases(out: &mut String, cases: &CasesStatus) -> std::fmt::Result {
    let CasesStatus { complaints, complaints_overdue, first_due, claims } = cases;
    if let Some(due) = first_due {
        let due = date_time(Timestamp::from_millis(*due));
        let overdue = match complaints_overdue {
            0 => String::new(),
            overdue => format!(", {overdue} of them OVERDUE"),
        };
        writeln!(out, "complaints: {complaints} wait for their answers{overdue}, the first is due by {due}")?;
    }
    if *claims > 0 {
        writeln!(out, "claims: {claims} wait for their answers")?;
    }
    Ok(())
}

/// An alarm: something is out.
fn write_outage(out: &mut String, outage: &OutageStatus) -> std::fmt::Result {
    let OutageStatus { function, cause, account, carrier, since } = outage;
    let whose = match (account, carrier) {
        (_, Some(carrier)) => format!("carrier {carrier}"),
        (Some(account), None) => format!("{function} of {account}"),
        (None, None) => function.clone(),
    };
    writeln!(out, "OUTAGE: {whose} since {} ({cause})", date_time(Timestamp::from_millis(*since)))
}

/// What does not fit into a row, where there is any of it.
fn write_account(out: &mut String, account: &AccountStatus) -> std::fmt::Result {
    let AccountStatus { name, owed, receipts_waiting, received, received_taken, received_refused, .. } =
        account;
    if *owed > 0 {
        writeln!(
            out,
            "{name}: owed {owed} receipts and messages, {receipts_waiting} of them wait for a connection"
        )?;
    }
    let TodayStatus { ended, reported, success, excluded, .. } = &account.today;
    if *ended > 0 {
        let rates: Vec<_> = success.iter().map(|(variant, success)| format!("{success} {variant}")).collect();
        write!(out, "{name}: {ended} of today's messages are over (UTC+8), {reported} reported; success ")?;
        write!(out, "{}", rates.join(", "))?;
        for (why, count) in excluded {
            write!(out, ", {count} excluded by {why}")?;
        }
        writeln!(out)?;
    }
    if let Some(money) = &account.money {
        write_money(out, name, money)?;
    }
    if account.opted_out > 0 {
        writeln!(out, "{name}: {} recipients have opted out", account.opted_out)?;
    }
    if *received > 0 {
        writeln!(
            out,
            "{name}: {received} messages came from carriers, {received_taken} taken, {received_refused} not taken"
        )?;
    }
    Ok(())
}

fn write_money(out: &mut String, name: &str, money: &MoneyStatus) -> std::fmt::Result {
    let MoneyStatus { standing, to_spend, segments, held, held_segments, owed, unsettled } = money;
    write!(out, "{name}: balance {standing}, {to_spend} to spend, {held} held")?;
    if segments + held_segments > 0 {
        write!(out, ", {segments} segments, {held_segments} more held")?;
    }
    if !owed.0.is_zero() {
        write!(out, ", {owed} owed")?;
    }
    match unsettled {
        Some(month) => writeln!(out, "; {month} could not be settled"),
        None => writeln!(out),
    }
}

fn write_carrier(out: &mut String, carrier: &CarrierStatus) -> std::fmt::Result {
    let CarrierStatus { name, binds, queued, copied, received, refused, .. } = carrier;
    let resting = if carrier.resting { ", resting because it throttled" } else { "" };
    write!(out, "{name}: {binds} binds, {queued} messages queued{resting}")?;
    for (count, what) in [(copied, "copies sent"), (received, "messages received")] {
        if *count > 0 {
            write!(out, ", {count} {what}")?;
        }
    }
    if carrier.latest_receipts > 0 {
        let (matched, of) = (carrier.latest_matched, carrier.latest_receipts);
        let alarm = if carrier.match_alarm { ", too few" } else { "" };
        write!(out, ", {matched} of the latest {of} receipts matched{alarm}")?;
    }
    writeln!(out)?;
    if !refused.is_empty() {
        let refused: Vec<_> = refused.iter().map(|(status, count)| format!("{status} {count}")).collect();
        writeln!(out, "{name}: refused with {}", refused.join(", "))?;
    }
    if carrier.unmapped > 0 {
        let code = |UnmappedStatus { stat, err, count }: &UnmappedStatus| format!("{stat} {err} {count}");
        let codes: Vec<_> = carrier.unmapped_codes.iter().map(code).collect();
        let (unmapped, codes) = (carrier.unmapped, codes.join(", "));
        writeln!(out, "{name}: {unmapped} messages ended with codes that no table has: {codes}")?;
    }
    if let Some(ProposalStatus { response, receipt, matched, matched_now, of }) = &carrier.proposal {
        writeln!(
            out,
            "{name}: message_id = {{ response = \"{response}\", receipt = \"{receipt}\" }} would match {matched} of \
             {of} receipts, and not {matched_now}"
        )?;
    }
    Ok(())
}

fn write_row(
    out: &mut String,
    name: &str,
    counts: &[String; 7],
    odd: impl Display,
    success: impl Display,
) -> std::fmt::Result {
    write!(out, "{name:<16}")?;
    for count in counts {
        write!(out, " {count:>10}")?;
    }
    writeln!(out, " {odd:>8} {success:>10}")
}

fn ended(by_class: &BTreeMap<String, u64>) -> [u64; 3] {
    ["delivered", "explicit_failure", "invalid_number"].map(|class| by_class.get(class).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::status::Success;

    #[test]
    fn the_table_shows_what_was_counted_and_nothing_where_nothing_has_ended() {
        let account = AccountStatus {
            name: "acme".to_owned(),
            submitted: 12,
            accepted: 10,
            refused: BTreeMap::from([("throttled".to_owned(), 2)]),
            ended: BTreeMap::from([("delivered".to_owned(), 7), ("explicit_failure".to_owned(), 1)]),
            success: Success { failures: 1, valid: 8, basis_points: Some(8_750) },
            ..AccountStatus::default()
        };
        let carrier = CarrierStatus { name: "north".to_owned(), ..CarrierStatus::default() };
        let status =
            Status { accounts: vec![account], carriers: vec![carrier], open: 2, ..Status::default() };
        let table = table(&status);
        let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        let words: Vec<_> = row("acme").split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["acme", "12", "10", "2", "7", "1", "0", "0", "0", "87.50", "%"]);
        assert!(row("north").ends_with('–'));
    }
    #[test]
    fn what_an_operator_has_to_do_something_about_stands_below_the_table() {
        let account = AccountStatus {
            name: "acme".to_owned(),
            owed: 3,
            receipts_waiting: 2,
            received: 5,
            received_taken: 4,
            ..AccountStatus::default()
        };
        let carrier = CarrierStatus {
            name: "north".to_owned(),
            copied: 1,
            refused: BTreeMap::from([("0x58".to_owned(), 7)]),
            latest_receipts: 200,
            latest_matched: 10,
            match_alarm: true,
            proposal: Some(ProposalStatus {
                response: "hex".to_owned(),
                receipt: "decimal".to_owned(),
                matched: 199,
                matched_now: 10,
                of: 200,
            }),
            ..CarrierStatus::default()
        };
        let status = Status {
            accounts: vec![account],
            carriers: vec![carrier],
            cases: CasesStatus {
                complaints: 2,
                complaints_overdue: 1,
                first_due: Some(1_795_258_519_007),
                claims: 3,
            },
            log: LogStatus { octets: 1, oldest: 5, end: 9, room: "low".to_owned() },
            records: Some(RecordStatus { position: 8, written_at: 1_795_258_519_007 }),
            ..Status::default()
        };
        let table = table(&status);
        for line in [
            "acme: owed 3 receipts and messages, 2 of them wait for a connection",
            "acme: 5 messages came from carriers, 4 taken, 0 not taken",
            "north: 0 binds, 0 messages queued, 1 copies sent, 10 of the latest 200 receipts matched, too few",
            "north: refused with 0x58 7",
            "complaints: 2 wait for their answers, 1 of them OVERDUE, the first is due by 2026-11-21 10:55:19.007Z",
            "claims: 3 wait for their answers",
            "north: message_id = { response = \"hex\", receipt = \"decimal\" } would match 199 of 200 receipts, \
             and not 10",
            "log: 1 MB on disk, records 5 to 9, room: low; detail records written up to record 8 \
             at 2026-11-21 10:55:19.007Z",
        ] {
            assert!(table.lines().any(|said| said == line), "{line}\n{table}");
        }
    }
}
