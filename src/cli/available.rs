//! How long the service was there, and when the links to a carrier were not, as tables.

use std::fmt::{self, Write};

use clap::Args;

use crate::app::available::{AvailabilityReport, ClosingLine, LinkReport, OutageLine};
use crate::base::time::Timestamp;
use crate::cli::date_time;

/// What `telegraphy report carrier` is told.
#[derive(Args, Debug)]
pub(super) struct Carrier {
    /// The carrier.
    #[arg(long, value_name = "NAME")]
    pub(super) carrier: String,
    /// The month, by the contracts' clock (UTC+8); without it that of today.
    #[arg(long, value_name = "YYYY-MM")]
    pub(super) period: Option<String>,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    pub(super) url: String,
    /// Print the document itself, as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Milliseconds since 1970 as a date and a time in UTC.
fn at(millis: u64) -> String {
    date_time(Timestamp::from_millis(millis))
}

/// Milliseconds as minutes, exactly.
fn minutes(millis: u64) -> String {
    let decimals = format!("{:05}", millis % 60_000 * 100_000 / 60_000);
    let whole = millis / 60_000;
    match decimals.trim_end_matches('0') {
        "" => format!("{whole} min"),
        // What is no decimal fraction of a minute is written in seconds.
        _ if !(millis % 60_000 * 100_000).is_multiple_of(60_000) => {
            format!("{whole} min {}.{:03} s", millis % 60_000 / 1000, millis % 1000)
        }
        decimals => format!("{whole}.{decimals} min"),
    }
}

/// The part of a contract that is about time.
pub(super) fn write_availability(out: &mut String, report: &AvailabilityReport) -> fmt::Result {
    let lines = lines(report);
    let (first, behind) = lines.split_at_checked(FIRST_LINES).unwrap_or((&lines, &[]));
    first.iter().try_for_each(|(what, says)| writeln!(out, "{what:<10} {says}"))?;
    report.outages.iter().try_for_each(|outage| write_outage(out, outage))?;
    behind.iter().try_for_each(|(what, says)| writeln!(out, "{what:<10} {says}"))
}

/// Lines that stand before the outages.
const FIRST_LINES: usize = 2;

/// What is said of it beside the outages: what, and in words. The first [`FIRST_LINES`] are always there.
pub(super) fn lines(report: &AvailabilityReport) -> Vec<(&'static str, String)> {
    let AvailabilityReport { minutes: all, down_ms, reached: (part, whole), millionths, .. } = report;
    let percent =
        millionths.map_or_else(|| "–".to_owned(), |n| format!("{}.{:04} %", n / 10_000, n % 10_000));
    let mut lines = vec![
        ("time", format!("{all} min, {} of them down", minutes(*down_ms))),
        ("available", format!("{percent}, exactly {part} ms of {whole} ms")),
    ];
    if report.joined > 0 {
        let joined = format!("{} times two outages are kept as one, for want of room", report.joined);
        lines.push(("", joined));
    }
    for (fee, share) in &report.pays {
        lines.push(("pays", format!("{share} of the {fee} fees that were paid with money")));
    }
    let days = |millis: u64| format!("{}.{:02} days", millis / 86_400_000, millis % 86_400_000 / 864_000);
    let mean = match (report.mean_between_ms, report.mean_missed) {
        (None, _) => "nothing to measure: met".to_owned(),
        (Some(mean), Some(true)) => format!("{}: missed", days(mean)),
        (Some(mean), _) => days(mean),
    };
    let target =
        report.mean_target_ms.map_or_else(String::new, |target| format!(" (target {})", days(target)));
    lines.push(("between", format!("{} failures in {}: {mean}{target}", report.failures, report.year)));
    lines
}

fn write_outage(out: &mut String, outage: &OutageLine) -> fmt::Result {
    let OutageLine { from, to, lasts, functions, causes, seen_by, down_ms, verdict, excused_by } = outage;
    let words = |words: &std::collections::BTreeSet<String>| {
        words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let until = if *lasts { "now".to_owned() } else { at(*to) };
    let lasted = minutes(to.saturating_sub(*from));
    write!(out, "outage     {} to {until}, {lasted}: {}", at(*from), words(functions))?;
    write!(out, " ({}; seen by: {}); {verdict}", words(causes), words(seen_by))?;
    if *down_ms > 0 {
        write!(out, ", {} in this period", minutes(*down_ms))?;
    }
    if !excused_by.is_empty() {
        let facts: Vec<_> = excused_by.iter().map(u32::to_string).collect();
        write!(out, "; excused by fact {}", facts.join(", "))?;
    }
    writeln!(out)
}

/// The links to a carrier in a month.
pub(super) fn links_table(report: &LinkReport) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _always = write_links(&mut out, report);
    out
}

fn write_links(out: &mut String, report: &LinkReport) -> fmt::Result {
    let LinkReport { carrier, period, outages, down_ms, closings } = report;
    writeln!(out, "carrier    {carrier}")?;
    writeln!(out, "period     {period} (UTC+8)")?;
    writeln!(out, "no link    {} in {} outages", minutes(*down_ms), outages.len())?;
    for (from, to) in outages {
        writeln!(out, "outage     {} to {}, {}", at(*from), at(*to), minutes(to.saturating_sub(*from)))?;
    }
    for ClosingLine { at: when, side, how, unanswered, peer } in closings {
        let unanswered = match unanswered {
            0 => String::new(),
            count => format!(", {count} requests unanswered"),
        };
        writeln!(out, "closed     {} by {side}: {how}, peer {peer}{unanswered}", at(*when))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_exact() {
        for (millis, shown) in [
            (0, "0 min"),
            (5_160_000, "86 min"),
            (90_000, "1.5 min"),
            (60_006, "1.0001 min"),
            (61_001, "1 min 1.001 s"),
            (119_999, "1 min 59.999 s"),
        ] {
            assert_eq!(minutes(millis), shown);
        }
    }
}
