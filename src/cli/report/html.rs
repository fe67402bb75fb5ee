//! The report as one page to print on A4: no script, nothing from elsewhere, numbers in tables beside the charts. It is
//! well-formed XML too, so that programs can read it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::app::available::AvailabilityReport;
use crate::app::promise::PeriodReport;
use crate::app::report::Document;
use crate::app::report::document::{Adjustments, Counts, Evidence, Group};
use crate::cli::available;
use crate::cli::report::{at, chart, percent, words};
use crate::message::Class;
use crate::sla::Variant;

const STYLE: &str = "@page { size: A4; margin: 15mm } \
    body { font: 10pt/1.4 sans-serif; color: #000; background: #fff; max-width: 180mm; margin: 1em auto } \
    h1 { font-size: 16pt; margin: 0 0 .3em } h2 { font-size: 12pt; margin: 1.2em 0 .3em } \
    table { border-collapse: collapse; width: 100%; font-size: 8.5pt } \
    th, td { border: 1px solid #999; padding: .15em .4em; text-align: right; vertical-align: top } \
    th { background: #eee } th:first-child, td:first-child, table.words td { text-align: left } \
    tr { break-inside: avoid } thead { display: table-header-group } h2 { break-after: avoid } \
    svg { width: 100%; break-inside: avoid } svg text { font: 9px sans-serif } \
    svg.key { width: .9em; height: .9em } .legend span { margin-right: 1em; white-space: nowrap } \
    code { overflow-wrap: anywhere }";

/// The page.
pub(super) fn page(document: &Document) -> String {
    let standing = &document.standing;
    let title = format!("Success rate of {} in {}", standing.account, standing.period);
    let title = escaped(&title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head><meta charset=\"utf-8\"/>\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n"
    );
    table(&mut out, "words", &[], summary(document).map(|(what, says)| vec![what.to_owned(), says]));
    section(&mut out, "Success rate by day, and the target");
    out.push_str(&chart::rate(document));
    section(&mut out, "How messages ended, by day");
    out.push_str(&chart::classes(document));
    out.push_str(&chart::legend());
    let groups = [
        ("By day", &document.by_day),
        ("By carrier", &document.by_carrier),
        ("By category", &document.by_category),
        ("By prefix", &document.by_prefix),
    ];
    for (heading, groups) in groups {
        section(&mut out, heading);
        group_table(&mut out, groups);
    }
    if let Some(availability) = &standing.availability {
        section(&mut out, "Availability");
        time_tables(&mut out, availability);
    }
    if let Some(since) = document.adjustments.as_ref().filter(|since| !since.cells.is_empty()) {
        section(&mut out, "Since the close");
        adjustments(&mut out, standing, since);
    }
    if !document.evidence.is_empty() {
        section(&mut out, "Evidence");
        evidence_table(&mut out, &document.evidence);
    }
    section(&mut out, "What this report was made of");
    let _always = writeln!(
        out,
        "<p>Code tables: {}.</p><p>Digest (BLAKE3): <code>{}</code></p></body></html>",
        escaped(&words::tables(document)),
        escaped(&document.digest)
    );
    out
}

fn evidence_table(out: &mut String, evidence: &[Evidence]) {
    let head = ["fact", "what", "who, when and why"];
    let rows = evidence
        .iter()
        .map(|evidence| vec![evidence.fact.to_string(), words::evidence(evidence), words::told(evidence)]);
    table(out, "words", &head, rows);
}

/// The part of a contract that is about time: what stands in the table for a terminal, and each outage.
fn time_tables(out: &mut String, availability: &AvailabilityReport) {
    let lines = available::lines(availability);
    table(out, "words", &[], lines.into_iter().map(|(what, says)| vec![what.to_owned(), says]));
    let head =
        ["from", "to", "what was out", "noticed by", "seen by", "ms that count", "verdict", "excused by"];
    let words = |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let rows = availability.outages.iter().map(|outage| {
        let facts: Vec<_> = outage.excused_by.iter().map(u32::to_string).collect();
        vec![
            at(outage.from),
            if outage.lasts { "lasts".to_owned() } else { at(outage.to) },
            words(&outage.functions),
            words(&outage.causes),
            words(&outage.seen_by),
            outage.down_ms.to_string(),
            outage.verdict.clone(),
            facts.join(", "),
        ]
    });
    if !availability.outages.is_empty() {
        table(out, "words", &head, rows);
    }
}

/// What came after the close.
fn adjustments(out: &mut String, standing: &PeriodReport, since: &Adjustments) {
    let classes = standing
        .adjusted
        .iter()
        .map(|(class, (more, less))| vec![class.clone(), format!("+{more}"), format!("-{less}")]);
    table(out, "numbers", &["class", "more", "less"], classes);
    let rates = standing.adjusted_success.iter().map(|(variant, success)| {
        vec![variant.clone(), success.to_string(), success.failures.to_string(), success.valid.to_string()]
    });
    table(out, "numbers", &["with these", "rate", "failures", "valid"], rates);
    let of = |counts: &Counts| {
        let classes = counts.by_class.iter().filter(|(_, count)| **count > 0);
        classes.map(|(class, count)| format!("{class} {count}")).collect::<Vec<_>>().join(", ")
    };
    let rows = since.cells.iter().map(|row| {
        let place = [&row.day, &row.carrier, &row.prefix].map(Clone::clone);
        let [day, carrier, prefix] = place;
        vec![day, carrier, row.category.to_string(), prefix, of(&row.more), of(&row.less)]
    });
    let head = ["day", "carrier", "category", "prefix", "more", "less"];
    table(out, "words", &head, rows);
    if !since.evidence.is_empty() {
        evidence_table(out, &since.evidence);
    }
    let _always = writeln!(out, "<p>Digest (BLAKE3): <code>{}</code></p>", escaped(&since.digest));
}

/// The whole of it, line by line.
fn summary(document: &Document) -> impl Iterator<Item = (&'static str, String)> {
    let standing = &document.standing;
    let version =
        standing.version.map_or_else(|| "nothing promised yet".to_owned(), |n| format!("version {n}"));
    let instead = document.instead_of.as_ref();
    let instead =
        instead.map(|own| format!("; what would be: the contract's policy is {own}")).unwrap_or_default();
    let rates = standing.success.iter().map(|(variant, success)| {
        let judged = if standing.judged_by.as_ref() == Some(variant) { " (judged by this)" } else { "" };
        format!("{variant}{judged}: {success}, {} failures of {}", success.failures, success.valid)
    });
    let rates = rates.collect::<Vec<_>>().join("; ");
    let kept = match standing.target_missed {
        None => "nothing to measure",
        Some(false) => "kept",
        Some(true) => "missed",
    };
    let due = match (standing.compensation_due, &standing.below) {
        (_, Some(below)) => format!("compensation for less than {below}"),
        (Some(false), None) => "nothing".to_owned(),
        _ => "nothing to measure".to_owned(),
    };
    let due = match &document.compensation {
        Some(owed) => format!("{due}: {}", words::owed(owed)),
        None => due,
    };
    let classes = standing.by_class.iter().map(|(class, count)| format!("{class} {count}"));
    let excluded = standing.excluded.iter().map(|(why, count)| format!("excluded by {why} {count}"));
    let promised = standing.target.as_ref();
    let lines = [
        Some(("account", standing.account.clone())),
        Some(("policy", format!("{} of {}, {version}{instead}", standing.policy, standing.provider))),
        Some((
            "period",
            format!(
                "{}: {} to {}, {}",
                standing.period,
                standing.first_day,
                standing.last_day,
                words::state(standing)
            ),
        )),
        Some(("as of", at(document.as_of))),
        Some(("ended", classes.chain(excluded).collect::<Vec<_>>().join(", "))),
        Some((
            "receipt coverage",
            format!(
                "{}, {} of {}; {} with codes that no table has; {} of no known kind",
                percent(document.coverage),
                standing.reported,
                standing.ended,
                standing.unmapped,
                standing.uncategorised
            ),
        )),
        Some(("success rate", rates)),
        words::open_at_close(standing).map(|open| ("at the close", open)),
        promised.map(|target| ("target", format!("{target}: {kept}"))),
        promised.map(|_| ("owed", due)),
        standing.claims.map(|(from, to)| ("claims", format!("from {} until {}", at(from), at(to)))),
        document.forecast.as_ref().map(|forecast| ("forecast", words::forecast(forecast))),
    ];
    lines.into_iter().flatten()
}

fn group_table(out: &mut String, groups: &[Group]) {
    let classes = Class::ALL.map(Class::name);
    let rates = Variant::ALL.map(Variant::name);
    let head: Vec<&str> =
        ["", "ended"].into_iter().chain(classes).chain(["valid"]).chain(rates).chain(["coverage"]).collect();
    let rows = groups.iter().map(|Group { name, counts }| {
        let name = if name.is_empty() { words::NAMELESS } else { name };
        let success = |variant: Variant| counts.success.get(variant.name()).copied().unwrap_or_default();
        let class = |class: Class| counts.by_class.get(class.name()).copied().unwrap_or(0).to_string();
        let mut row = vec![name.to_owned(), counts.ended.to_string()];
        row.extend(Class::ALL.map(class));
        row.push(success(Variant::Strict).valid.to_string());
        let rates = Variant::ALL.map(|variant| {
            let success = success(variant);
            format!("{success} ({})", success.failures)
        });
        row.extend(rates);
        row.push(percent(counts.coverage));
        row
    });
    table(out, "numbers", &head, rows);
}

fn section(out: &mut String, heading: &str) {
    let _always = writeln!(out, "<h2>{}</h2>", escaped(heading));
}

fn table(out: &mut String, class: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _always = write!(out, "<table class=\"{class}\">");
    if !head.is_empty() {
        out.push_str("<thead><tr>");
        head.iter().for_each(|name| cell(out, "th", name));
        out.push_str("</tr></thead>");
    }
    out.push_str("<tbody>");
    for row in rows {
        out.push_str("<tr>");
        row.iter().for_each(|text| cell(out, "td", text));
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table>\n");
}

fn cell(out: &mut String, tag: &str, text: &str) {
    let _always = write!(out, "<{tag}>{}</{tag}>", escaped(text));
}

/// A text in which nothing is markup. What XML has no sign for becomes a question mark.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            control if control.is_control() || matches!(control, '\u{FFFE}' | '\u{FFFF}') => out.push('?'),
            char => out.push(char),
        }
    }
    out
}
