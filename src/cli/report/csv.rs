//! The report as rows (RFC 4180): one for each day, carrier, category and prefix.
//!
//! Lines end in CRLF; a field with a comma, a quote or a line's end stands in quotes. The first line names the columns.
//! The rows whose `counted` is `yes` add up to the account's sums.
//!
//! Behind them stand tables of their own, each behind an empty line: of a closed period what came since, in the same
//! columns behind one that says `more` or `less`, when anything did; and of a contract about time its outages.

use std::collections::BTreeSet;

use crate::app::available::AvailabilityReport;
use crate::app::report::Document;
use crate::app::report::document::{AdjustedRow, Row};
use crate::message::Class;
use crate::sla::Variant;

/// The rows.
pub(super) fn csv(document: &Document) -> String {
    let mut out = String::new();
    line(&mut out, columns());
    for row in &document.cells {
        line(&mut out, fields(document, row));
    }
    adjustments(&mut out, document);
    if let Some(availability) = &document.standing.availability {
        outages(&mut out, availability);
    }
    out
}

fn columns() -> impl Iterator<Item = String> {
    let first = ["account", "period", "policy", "day", "carrier", "category", "prefix", "counted", "ended"];
    let classes = Class::ALL.map(|class| class.name().to_owned());
    let failures = Variant::ALL.map(|variant| format!("failures_{}", variant.name()));
    let names = first.map(str::to_owned).into_iter().chain(["reported".into(), "unmapped".into()]);
    names.chain(classes).chain(["valid".to_owned()]).chain(failures)
}

fn adjustments(out: &mut String, document: &Document) {
    let Some(since) = document.adjustments.as_ref().filter(|since| !since.cells.is_empty()) else { return };
    out.push_str("\r\n");
    line(out, ["since_close".to_owned()].into_iter().chain(columns()));
    for AdjustedRow { day, carrier, category, prefix, counted, more, less } in &since.cells {
        for (which, counts) in [("more", more), ("less", less)].into_iter().filter(|(_, of)| of.ended > 0) {
            let row = Row {
                day: day.clone(),
                carrier: carrier.clone(),
                category: category.clone(),
                prefix: prefix.clone(),
                counted: counted.clone(),
                counts: counts.clone(),
            };
            line(out, [which.to_owned()].into_iter().chain(fields(document, &row)));
        }
    }
}

fn outages(out: &mut String, availability: &AvailabilityReport) {
    let AvailabilityReport { minutes, down_ms, reached: (part, whole), .. } = availability;
    out.push_str("\r\n");
    line(out, ["minutes", "down_ms", "available_ms", "whole_ms"].map(str::to_owned).into_iter());
    line(out, [minutes, down_ms, part, whole].map(u64::to_string).into_iter());
    out.push_str("\r\n");
    let names = ["outage_from", "outage_to", "lasts", "functions", "causes", "seen_by", "down_ms", "verdict"];
    line(out, names.into_iter().chain(["excused_by"]).map(str::to_owned));
    for outage in &availability.outages {
        let words = |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let facts: Vec<_> = outage.excused_by.iter().map(u32::to_string).collect();
        let fields = [
            outage.from.to_string(),
            outage.to.to_string(),
            u8::from(outage.lasts).to_string(),
            words(&outage.functions),
            words(&outage.causes),
            words(&outage.seen_by),
            outage.down_ms.to_string(),
            outage.verdict.clone(),
            facts.join(" "),
        ];
        line(out, fields.into_iter());
    }
}

fn fields(document: &Document, row: &Row) -> impl Iterator<Item = String> {
    let Row { day, carrier, category, prefix, counted, counts } = row;
    let standing = &document.standing;
    let of = [&standing.account, &standing.period, &standing.policy, day, carrier].map(String::as_str);
    let texts: Vec<_> = of.into_iter().chain([&**category, prefix, &**counted]).map(str::to_owned).collect();
    let class = |class: Class| counts.by_class.get(class.name()).copied().unwrap_or(0);
    let success = |variant: Variant| counts.success.get(variant.name()).copied().unwrap_or_default();
    let numbers = [counts.ended, counts.reported, counts.unmapped].into_iter().chain(Class::ALL.map(class));
    let valid = success(Variant::Strict).valid;
    let failures = Variant::ALL.map(|variant| success(variant).failures);
    let numbers = numbers.chain([valid]).chain(failures);
    texts.into_iter().chain(numbers.map(|number| number.to_string()))
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (place, field) in fields.enumerate() {
        if place > 0 {
            out.push(',');
        }
        if field.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push_str("\r\n");
}
