//! The report as rows (RFC 4180): one for each day, carrier, category and prefix.
//!
//! Lines end in CRLF; a field with a comma, a quote or a line's end stands in quotes. The first line names the columns.
//! The rows whose `counted` is `yes` add up to the account's sums.

use crate::app::report::Document;
use crate::app::report::document::Row;
use crate::message::Class;
use crate::sla::Variant;

/// The rows.
pub(super) fn csv(document: &Document) -> String {
    let mut out = String::new();
    let first = ["account", "period", "policy", "day", "carrier", "category", "prefix", "counted", "ended"];
    let classes = Class::ALL.map(|class| class.name().to_owned());
    let failures = Variant::ALL.map(|variant| format!("failures_{}", variant.name()));
    let names = first.map(str::to_owned).into_iter().chain(["reported".into(), "unmapped".into()]);
    line(&mut out, names.chain(classes).chain(["valid".to_owned()]).chain(failures));
    for row in &document.cells {
        line(&mut out, fields(document, row));
    }
    out
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
