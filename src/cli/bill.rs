//! `telegraphy reconcile bill`: is a carrier's bill right? Its lines against what we counted it taking.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::app::money::amount::Amount;
use crate::app::money::traffic::{CarrierDay, CarrierMonth};
use crate::base::calendar::Date;
use crate::cli::statement::{any, carrier_month};
use crate::cli::{Failure, say, say_json};
use crate::message::label::ZONE_DIGITS_MAX;
use crate::rating::reconcile::{Billed, Cause, Difference, Reconciled, reconcile};

/// The largest bill that is read, in octets: a line for each of 1000 destinations on each day is 1 MB. A larger file is
/// no bill by day.
const FILE_OCTETS_MAX: u64 = 64 * 1024 * 1024;

/// What `telegraphy reconcile bill` is told.
#[derive(Args, Debug)]
#[command(after_help = "Exit status: 0 if the bill is within the bound, 1 if not.")]
pub(super) struct Arguments {
    /// The carrier, by its name in the settings.
    #[arg(long, value_name = "NAME")]
    carrier: String,
    /// The month, by the contracts' clock (UTC+8).
    #[arg(long, value_name = "YYYY-MM")]
    month: String,
    /// Its bill: lines of day, destination prefix, segments and, where it is known, amount, parted by commas.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// How many thousandths of what we counted the bill may differ, above or below: contracts call 5 normal (R44).
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=5))]
    per_mille: u32,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,
    /// Print the result as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// A line of a bill: a day, and the digits that the destinations begin with.
type Key = (String, String);

/// What came of it.
#[derive(Serialize)]
struct Verdict<'v> {
    carrier: &'v str,
    month: &'v str,
    per_mille: u32,
    is_within: bool,
    has_all: bool,
    counted: Side,
    billed: Side,
    over: u64,
    under: u64,
    differences: Vec<Line<'v>>,
}

#[derive(Serialize)]
struct Side {
    segments: u64,
    amount: Option<Amount>,
}

#[derive(Serialize)]
struct Line<'v> {
    day: &'v str,
    destination_prefix: &'v str,
    cause: &'static str,
    counted: Side,
    billed: Side,
}

impl From<Billed> for Side {
    fn from(Billed { segments, amount }: Billed) -> Self {
        Self { segments, amount: amount.map(Amount) }
    }
}

impl<'v> Line<'v> {
    fn of(difference: &'v Difference<Key>) -> Self {
        let Difference { key: (day, prefix), cause, ours, bill } = difference;
        let (counted, billed) = ((*ours).into(), (*bill).into());
        Self { day, destination_prefix: prefix, cause: cause.name(), counted, billed }
    }
}

/// Holds a bill against the running gateway's counts, and says what differs.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { carrier, month, file, per_mille, url, json } = arguments;
    let of_file = |fault: String| format!("{}: {fault}", file.display());
    let bill = read(file, month).map_err(of_file)?;
    let counted = carrier_month(url, carrier, month)?;
    let reconciled = reconcile(&ours(&counted, &bill), &bill);
    let is_within = reconciled.is_within(*per_mille);
    if *json {
        say_json(&Verdict {
            carrier,
            month,
            per_mille: *per_mille,
            is_within,
            has_all: counted.has_all,
            counted: reconciled.ours.into(),
            billed: reconciled.bill.into(),
            over: reconciled.over,
            under: reconciled.under,
            differences: reconciled.differences.iter().map(Line::of).collect(),
        })?;
    } else {
        say(table(&reconciled, *per_mille, counted.has_all));
    }
    Ok(if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What we counted, by the days and prefixes of the bill: each of our zones belongs to the longest prefix in the bill
/// that it lies in, and is a line of its own where there is none.
fn ours(counted: &CarrierMonth, bill: &BTreeMap<Key, Billed>) -> BTreeMap<Key, Billed> {
    let mut prefixes: Vec<&str> = bill.keys().map(|(_, prefix)| prefix.as_str()).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
    let mut ours: BTreeMap<Key, Billed> = BTreeMap::new();
    for CarrierDay { day, destination, taken, cost, .. } in &counted.days {
        let of_bill = prefixes.iter().find(|prefix| destination.starts_with(**prefix));
        let key = (day.clone(), of_bill.map_or(destination.as_str(), |prefix| prefix).to_owned());
        let amount = cost.map(|Amount(cost)| cost);
        ours.entry(key)
            .and_modify(|line| {
                line.segments = line.segments.saturating_add(taken.segments);
                line.amount = line.amount.zip(amount).map(|(all, more)| all.saturating_add(more));
            })
            .or_insert(Billed { segments: taken.segments, amount });
    }
    ours
}

fn read(file: &Path, month: &str) -> Result<BTreeMap<Key, Billed>, String> {
    let opened = File::open(file).map_err(|error| error.to_string())?;
    if opened.metadata().is_ok_and(|file| file.len() > FILE_OCTETS_MAX) {
        return Err(format!("it is longer than {FILE_OCTETS_MAX} octets"));
    }
    let mut bill = BTreeMap::new();
    for (number, line) in (1..).zip(BufReader::new(opened.take(FILE_OCTETS_MAX)).lines()) {
        let line = line.map_err(|error| format!("line {number}: {error}"))?;
        let line = line.trim_start_matches('\u{feff}').trim();
        // The first line may name the columns.
        if line.is_empty() || number == 1 && line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            continue;
        }
        let (key, billed) = read_line(line, month).map_err(|fault| format!("line {number}: {fault}"))?;
        add(&mut bill, key, billed);
    }
    Ok(bill)
}

/// Several lines of one day and prefix are one.
fn add(bill: &mut BTreeMap<Key, Billed>, key: Key, more: Billed) {
    bill.entry(key)
        .and_modify(|line| {
            line.segments = line.segments.saturating_add(more.segments);
            line.amount = line.amount.zip(more.amount).map(|(all, more)| all.saturating_add(more));
        })
        .or_insert(more);
}

fn read_line(line: &str, month: &str) -> Result<(Key, Billed), String> {
    let fields: Vec<_> = line.split(',').map(str::trim).collect();
    let (day, prefix, segments, amount) = match fields.as_slice() {
        [day, prefix, segments] => (*day, *prefix, *segments, ""),
        [day, prefix, segments, amount] => (*day, *prefix, *segments, *amount),
        _ => return Err("day, destination prefix, segments and perhaps amount are wanted".to_owned()),
    };
    let day = Date::read(day.as_bytes()).ok_or("the day is written such as 2026-11-21")?;
    if day.month().to_string() != month {
        return Err(format!("{day} is not in {month}"));
    }
    let prefix = prefix.strip_prefix('+').unwrap_or(prefix);
    if prefix.len() > usize::from(ZONE_DIGITS_MAX) || !prefix.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(format!("a destination prefix is at most {ZONE_DIGITS_MAX} digits"));
    }
    let segments = segments.parse().map_err(|_| "the segments are a whole number")?;
    let amount = match amount {
        "" => None,
        amount => Some(amount.parse().map_err(|fault| format!("the amount: {fault}"))?),
    };
    Ok(((day.to_string(), prefix.to_owned()), Billed { segments, amount }))
}

fn table(reconciled: &Reconciled<Key>, per_mille: u32, has_all: bool) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _always = write_table(&mut out, reconciled, per_mille, has_all);
    out
}

fn write_table(
    out: &mut impl std::fmt::Write,
    reconciled: &Reconciled<Key>,
    per_mille: u32,
    has_all: bool,
) -> std::fmt::Result {
    for cause in Cause::ALL {
        for line in reconciled.differences.iter().filter(|line| line.cause == cause) {
            let Difference { key: (day, prefix), ours, bill, .. } = line;
            write!(out, "{:<16} {day} {:>8}", cause.name(), any(prefix))?;
            writeln!(out, "  counted {}, billed {}", side(*ours), side(*bill))?;
        }
    }
    let Reconciled { ours, bill, over, under, .. } = reconciled;
    writeln!(out, "counted {}, billed {}", side(*ours), side(*bill))?;
    writeln!(out, "{over} segments are billed and not counted, {under} are counted and not billed")?;
    if !has_all {
        writeln!(out, "the first days of the month are not kept any more: count them in the records")?;
    }
    let is = if reconciled.is_within(per_mille) { "within" } else { "NOT WITHIN" };
    writeln!(out, "the bill is {is} {per_mille} per mille of what was counted")
}

fn side(Billed { segments, amount }: Billed) -> String {
    amount.map_or_else(|| segments.to_string(), |amount| format!("{segments} for {amount}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::money::statement::Counted;

    const MONTH: &str = "2026-11";

    fn billed(segments: u64, amount: Option<&str>) -> Billed {
        Billed { segments, amount: amount.map(|amount| amount.parse().unwrap()) }
    }

    fn key(day: &str, prefix: &str) -> Key {
        (day.to_owned(), prefix.to_owned())
    }

    #[test]
    fn a_bill_is_read_with_a_head_or_without_and_lines_of_one_day_and_prefix_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bill.csv");
        let text = "\u{feff}day,destination_prefix,segments,amount\r\n2026-11-01,44,10,0.10\r\n\r\n\
                    2026-11-01,+44,5,0.05\n2026-11-02, ,7\n";
        std::fs::write(&file, text).unwrap();
        let bill = read(&file, MONTH).unwrap();
        let expected =
            [(key("2026-11-01", "44"), billed(15, Some("0.15"))), (key("2026-11-02", ""), billed(7, None))];
        assert_eq!(bill, expected.into());
        std::fs::write(&file, "2026-11-01,44,10\n2026-12-01,44,1\n").unwrap();
        assert_eq!(read(&file, MONTH), Err("line 2: 2026-12-01 is not in 2026-11".to_owned()));
    }

    #[test]
    fn what_is_no_line_of_a_bill_says_why() {
        for (line, fault) in [
            ("2026-11-01,44", "are wanted"),
            ("2026-11-01,44,1,2,3", "are wanted"),
            ("01/11/2026,44,1", "the day is written"),
            ("2026-11-01,44x,1", "a destination prefix is"),
            ("2026-11-01,44,-1", "a whole number"),
            ("2026-11-01,44,1,one", "the amount: "),
        ] {
            let said = read_line(line, MONTH).unwrap_err();
            assert!(said.contains(fault), "{line}: {said}");
        }
    }

    #[test]
    fn our_zones_are_counted_by_the_longest_prefix_of_the_bill() {
        let day = |destination: &str, segments, cost: Option<&str>| CarrierDay {
            day: "2026-11-01".to_owned(),
            destination: destination.to_owned(),
            taken: Counted { messages: segments, segments },
            cost: cost.map(|cost| cost.parse().unwrap()),
            ..CarrierDay::default()
        };
        let days = vec![
            day("4477", 3, Some("0.3")),
            day("4420", 4, Some("0.4")),
            day("4478", 5, Some("0.5")),
            day("33", 6, None),
        ];
        let counted = CarrierMonth { days, ..CarrierMonth::default() };
        let bill = [(key("2026-11-01", "44"), billed(9, None)), (key("2026-11-01", "4477"), billed(3, None))];
        let ours = ours(&counted, &bill.into());
        let expected = [
            (key("2026-11-01", "33"), billed(6, None)),
            (key("2026-11-01", "44"), billed(9, Some("0.9"))),
            (key("2026-11-01", "4477"), billed(3, Some("0.3"))),
        ];
        assert_eq!(ours, expected.into());
    }
}
