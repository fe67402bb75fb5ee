//! Parts of a report in words, for the table and for the page.

use crate::app::promise::PeriodReport;
use crate::app::report::Document;
use crate::app::report::document::{Evidence, Forecast, Owed};
use crate::base::money::Money;
use crate::cli::report::{at, percent};

/// What stands for a carrier that was never chosen, and for the prefix of everywhere.
pub(super) const NAMELESS: &str = "(none)";

/// Since, or until, when the counts of the period are final.
pub(super) fn state(standing: &PeriodReport) -> String {
    match standing.closed_at {
        Some(closed_at) => format!("closed since {}", at(closed_at)),
        None if standing.is_open => format!("open until {}", at(standing.closes_at)),
        None => format!("over since {}", at(standing.closes_at)),
    }
}

/// How many were not over at the close; nothing when none was.
pub(super) fn open_at_close(standing: &PeriodReport) -> Option<String> {
    let open = standing.open_at_close;
    (open > 0).then(|| format!("{open} messages were not over, and count as pending"))
}

/// Where an open period goes.
pub(super) fn forecast(forecast: &Forecast) -> String {
    let Forecast { valid, failures, basis_points, target_missed, failures_allowed, failures_left } = forecast;
    let kept = match target_missed {
        None => "",
        Some(false) => ", the target kept",
        Some(true) => ", the target missed",
    };
    format!(
        "{} with {failures} failures of {valid}{kept}; {failures_allowed} would be allowed, {failures_left} are left",
        percent(*basis_points)
    )
}

/// What is owed.
pub(super) fn owed(owed: &Owed) -> String {
    let money = |micros: i64| Money::from_micros(micros).to_string();
    let cap = if owed.capped { ", which is the cap" } else { "" };
    let total = money(owed.total_micros);
    match (owed.messages, owed.remainder_micros) {
        (Some(messages), remainder) => {
            let left = money(remainder.unwrap_or_default());
            format!("{messages} messages, worth {total}{cap}; {left} is left")
        }
        (None, _) => format!("a voucher of {total}{cap}"),
    }
}

/// What a fact says.
pub(super) fn evidence(evidence: &Evidence) -> String {
    let withdrawn = evidence.withdrawn_by.map(|by| format!(", withdrawn by {by}")).unwrap_or_default();
    let says = match (&evidence.excludes, &evidence.category) {
        (Some(why), _) => format!("{why} of {}", evidence.about),
        (None, Some(category)) => {
            return format!("{} sends {category} from then on{withdrawn}", evidence.about);
        }
        (None, None) => format!("load announced by {}", evidence.about),
    };
    let time = |millis: Option<u64>| millis.map(at).unwrap_or_default();
    let (from, to, messages) = (time(evidence.from), time(evidence.to), evidence.messages);
    format!("{says} from {from} to {to}{withdrawn}: {messages} messages")
}

/// Who said it, when and why.
pub(super) fn told(evidence: &Evidence) -> String {
    let Evidence { by, through, told_at, why, .. } = evidence;
    format!("by {by} ({through}) at {}: {why}", at(*told_at))
}

/// The tables of codes.
pub(super) fn tables(document: &Document) -> String {
    let tables = document.code_tables.iter();
    let names: Vec<_> = tables.map(|table| format!("{} {}", table.family, table.version)).collect();
    if names.is_empty() { "no tables".to_owned() } else { names.join(", ") }
}
