//! The report for a person at a terminal.

use std::fmt::{self, Write};

use crate::app::promise::PeriodReport;
use crate::app::report::Document;
use crate::app::report::document::{AdjustedRow, Evidence, Group};
use crate::cli::available::write_availability;
use crate::cli::report::{at, percent, words};
use crate::sla::Variant;

/// The report in lines.
pub(super) fn table(document: &Document) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _always = write_standing(&mut out, document).and_then(|()| write_basis(&mut out, document));
    out
}

fn write_standing(out: &mut String, document: &Document) -> fmt::Result {
    let report = &document.standing;
    let PeriodReport { account, policy, provider, period, first_day, last_day, .. } = report;
    let version =
        report.version.map_or_else(|| ", nothing promised yet".to_owned(), |n| format!(", version {n}"));
    writeln!(out, "account    {account}")?;
    writeln!(out, "policy     {policy} of {provider}{version}")?;
    if let Some(own) = &document.instead_of {
        writeln!(out, "           what would be: the contract's policy is {own}")?;
    }
    writeln!(out, "period     {period}: {first_day} to {last_day}, {}", words::state(report))?;
    writeln!(out, "as of      {}", at(document.as_of))?;
    writeln!(out, "ended      {}, {} of them reported", report.ended, report.reported)?;
    if document.coverage.is_some() {
        writeln!(out, "           receipt coverage {}", percent(document.coverage))?;
    }
    for (class, count) in &report.by_class {
        writeln!(out, "           {class:<18} {count:>12}")?;
    }
    for (why, count) in &report.excluded {
        writeln!(out, "           excluded by {why}: {count}")?;
    }
    for (count, what) in
        [(report.unmapped, "with codes that no table has"), (report.uncategorised, "of no known kind")]
    {
        if count > 0 {
            writeln!(out, "           {count} {what}")?;
        }
    }
    for (variant, success) in &report.success {
        let judged = if report.judged_by.as_ref() == Some(variant) { "  <- judged by this" } else { "" };
        let (failures, valid) = (success.failures, success.valid);
        writeln!(out, "success    {variant:<13} {success:>9}  {failures} failures of {valid}{judged}")?;
    }
    if let Some(availability) = &report.availability {
        write_availability(out, availability)?;
    }
    write_adjustments(out, report)?;
    write_owed(out, document)
}

/// What came after the close; nothing when nothing did.
fn write_adjustments(out: &mut String, report: &PeriodReport) -> fmt::Result {
    if let Some(open) = words::open_at_close(report) {
        writeln!(out, "at close   {open}")?;
    }
    if report.adjusted.is_empty() {
        return Ok(());
    }
    for (class, (more, less)) in &report.adjusted {
        writeln!(out, "adjusted   {class:<18} +{more} -{less} since the close")?;
    }
    for (variant, success) in &report.adjusted_success {
        let (failures, valid) = (success.failures, success.valid);
        writeln!(out, "           {variant:<13} {success:>9}  {failures} failures of {valid} with these")?;
    }
    Ok(())
}

/// What was promised, and what that means.
fn write_owed(out: &mut String, document: &Document) -> fmt::Result {
    let report = &document.standing;
    if let Some(target) = &report.target {
        let missed = match report.target_missed {
            None => "nothing to measure",
            Some(false) => "kept",
            Some(true) => "missed",
        };
        writeln!(out, "target     {target}: {missed}")?;
    }
    match (&report.below, report.compensation_due) {
        (Some(below), _) => writeln!(out, "owed       compensation for less than {below}")?,
        (None, Some(false)) => writeln!(out, "owed       nothing")?,
        _ => {}
    }
    if let Some(owed) = &document.compensation {
        writeln!(out, "           {}", words::owed(owed))?;
    }
    if let Some((opens, closes)) = report.claims {
        writeln!(out, "claims     from {} until {}", at(opens), at(closes))?;
    }
    match &document.forecast {
        Some(forecast) => writeln!(out, "forecast   {}", words::forecast(forecast)),
        None => Ok(()),
    }
}

/// What it is broken down by, and what it stands on.
fn write_basis(out: &mut String, document: &Document) -> fmt::Result {
    let groups = [
        ("by day", &document.by_day),
        ("by carrier", &document.by_carrier),
        ("by category", &document.by_category),
        ("by prefix", &document.by_prefix),
    ];
    for (by, groups) in groups {
        let mut groups = groups.iter().filter(|group| group.counts.ended > 0).peekable();
        if groups.peek().is_none() {
            continue;
        }
        write!(out, "\n{by:<16} {:>10} {:>10} {:>10}", "ended", "valid", "failed")?;
        writeln!(out, " {:>12} {:>12} {:>12} {:>10}", "strict", "attributable", "literal", "coverage")?;
        for Group { name, counts } in groups {
            let name = if name.is_empty() { words::NAMELESS } else { name };
            let success = |variant: Variant| counts.success.get(variant.name()).copied().unwrap_or_default();
            let [strict, attributable, literal] = Variant::ALL.map(success);
            write!(out, "{name:<16} {:>10} {:>10} {:>10}", counts.ended, strict.valid, strict.failures)?;
            write!(out, " {strict:>12} {attributable:>12} {literal:>12}")?;
            writeln!(out, " {:>10}", percent(counts.coverage))?;
        }
    }
    if !document.evidence.is_empty() {
        writeln!(out, "\nevidence")?;
    }
    write_evidence(out, &document.evidence)?;
    if let Some(adjustments) = document.adjustments.as_ref().filter(|since| !since.cells.is_empty()) {
        writeln!(out, "\nsince the close")?;
        for AdjustedRow { day, carrier, category, prefix, more, less, .. } in &adjustments.cells {
            let carrier = if carrier.is_empty() { words::NAMELESS } else { carrier };
            write!(out, "{day} {carrier} {category} {prefix:<8} ")?;
            writeln!(out, "+{} -{}", more.ended, less.ended)?;
        }
        write_evidence(out, &adjustments.evidence)?;
        writeln!(out, "digest     {}", adjustments.digest)?;
    }
    writeln!(out, "\ncodes      {}", words::tables(document))?;
    writeln!(out, "digest     {}", document.digest)
}

fn write_evidence(out: &mut String, evidence: &[Evidence]) -> fmt::Result {
    for evidence in evidence {
        writeln!(out, "{:>5}  {}", evidence.fact, words::evidence(evidence))?;
        writeln!(out, "       {}", words::told(evidence))?;
    }
    Ok(())
}
