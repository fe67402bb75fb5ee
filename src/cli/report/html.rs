//! The report as one page to print on A4: no script, nothing from elsewhere, numbers in tables beside the charts. It is
//! well-formed XML too, so that programs can read it.

use std::fmt::Write;

use crate::app::report::Document;
use crate::app::report::document::Group;
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
    if !document.evidence.is_empty() {
        section(&mut out, "Evidence");
        let head = ["fact", "what", "who, when and why"];
        let rows = document.evidence.iter().map(|evidence| {
            vec![evidence.fact.to_string(), words::evidence(evidence), words::told(evidence)]
        });
        table(&mut out, "words", &head, rows);
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

/// The whole of it, line by line.
fn summary(document: &Document) -> impl Iterator<Item = (&'static str, String)> {
    let standing = &document.standing;
    let version =
        standing.version.map_or_else(|| "nothing promised yet".to_owned(), |n| format!("version {n}"));
    let instead = document.instead_of.as_ref();
    let instead =
        instead.map(|own| format!("; what would be: the contract's policy is {own}")).unwrap_or_default();
    let state = if standing.is_open { "open until" } else { "closed since" };
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
                "{}: {} to {}, {state} {}",
                standing.period,
                standing.first_day,
                standing.last_day,
                at(standing.closes_at)
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
