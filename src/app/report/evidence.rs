//! On what does a report stand beside the counts: the facts that exclude, and the tables by which codes were read.

use std::collections::BTreeMap;
use std::fmt;

use crate::app::names::Names;
use crate::app::operator::line_of;
use crate::app::report::document::{CodeTable, Evidence};
use crate::base::ids::AccountId;
use crate::base::privacy::Masked;
use crate::base::time::Timestamp;
use crate::flow::CarrierSettings;
use crate::message::{Fact, FactId, Says};
use crate::sla::terms::Period;

/// Shortest run of digits in an operator's words that is taken for a number and masked; a ticket's is shorter.
const NUMBER_DIGITS_MIN: usize = 7;

/// Facts, and who they are about.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// All that operators said, the oldest first.
    pub facts: &'a [Fact],
    /// What the numbers in them are called.
    pub names: &'a dyn Names,
    /// The account of the report.
    pub account: AccountId,
}

impl fmt::Debug for Said<'_> {
    /// Without the facts, which name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({} facts, {:?})", self.facts.len(), self.account)
    }
}

/// The facts that exclude messages, by how many each does, those that excuse an outage, which exclude none, and those
/// that are about this account in this period; as they were at `as_of`.
pub(super) fn evidence(
    said: Said<'_>,
    messages: &BTreeMap<FactId, u64>,
    period: &Period,
    as_of: Timestamp,
) -> Vec<Evidence> {
    let known = || said.facts.iter().filter(|fact| fact.told_at <= as_of);
    let withdrawn: BTreeMap<FactId, u32> = known()
        .filter_map(|fact| match fact.says {
            Says::Withdrawn(other) => Some((other, fact.id.0)),
            Says::Excluded(_)
            | Says::Announced { .. }
            | Says::Categorised { .. }
            | Says::Money { .. }
            | Says::Opted { .. }
            | Says::Claimed { .. }
            | Says::Answered { .. } => None,
        })
        .collect();
    let is_about = |fact: &Fact| match &fact.says {
        Says::Excluded(window) => {
            window.scope.account == Some(said.account) && overlaps(period, window.from, window.to)
        }
        Says::Announced { account, from, to } => *account == said.account && overlaps(period, *from, *to),
        // It says which messages count (R48).
        Says::Categorised { account, .. } => *account == said.account && fact.told_at < period.end(),
        // What was claimed, and what was answered, counts nothing; nor does what was refused.
        Says::Withdrawn(_)
        | Says::Money { .. }
        | Says::Opted { .. }
        | Says::Claimed { .. }
        | Says::Answered { .. } => false,
    };
    let excluded = |fact: &Fact| messages.get(&fact.id).copied().unwrap_or(0);
    // One that excludes something was known when it did, whatever the calendar says.
    let wanted = |fact: &&Fact| messages.contains_key(&fact.id) || fact.told_at <= as_of && is_about(fact);
    let line = |fact: &Fact| {
        let line = line_of(said.names, fact, true);
        Evidence {
            fact: line.fact,
            excludes: line.excludes,
            category: line.category,
            about: line.about,
            from: line.from,
            to: line.to,
            by: masked(&line.by),
            through: line.through,
            told_at: line.told_at,
            why: masked(&line.why),
            withdrawn_by: withdrawn.get(&fact.id).copied(),
            messages: excluded(fact),
        }
    };
    said.facts.iter().filter(wanted).map(line).collect()
}

fn overlaps(period: &Period, from: Timestamp, to: Timestamp) -> bool {
    from < period.end() && period.start() < to
}

/// A text in which what could be somebody's number is masked.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (run, behind) = rest.split_at_checked(digits.max(first.len_utf8())).unwrap_or((rest, ""));
        if digits >= NUMBER_DIGITS_MIN {
            out.push_str(&Masked(run.as_bytes()).to_string());
        } else {
            out.push_str(run);
        }
        rest = behind;
    }
    out
}

/// A family of codes that is asked, with its versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// The family.
    pub family: String,
    /// Numbers and when they came into force, the oldest first.
    pub versions: Vec<(u32, Timestamp)>,
}

/// The families that these carriers' codes are looked up in, by name.
pub(super) fn tables(carriers: &[CarrierSettings]) -> Vec<Table> {
    let families = carriers.iter().flat_map(|carrier| carrier.codes.families());
    let named = families.map(|family| {
        let versions = family.versions().iter().map(|version| (version.number, version.effective));
        (family.name.to_string(), versions.collect())
    });
    let by_name: BTreeMap<String, Vec<_>> = named.collect();
    by_name.into_iter().map(|(family, versions)| Table { family, versions }).collect()
}

/// The versions that were in force at some time from the period's start until `as_of`.
pub(super) fn in_force(tables: &[Table], period: &Period, as_of: Timestamp) -> Vec<CodeTable> {
    let mut lines = Vec::new();
    for Table { family, versions } in tables {
        for (place, (version, effective)) in versions.iter().enumerate() {
            let until = versions.get(place + 1).map(|(_, effective)| *effective);
            let is_over = until.is_some_and(|until| until <= period.start());
            if !is_over && *effective <= as_of.max(period.start()) {
                let (family, version) = (family.clone(), *version);
                lines.push(CodeTable { family, version, effective: effective.as_millis() });
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_13_what_could_be_a_number_is_masked_in_an_operators_words() {
        assert_eq!(masked("ticket 4711 of +447700900121, 北京"), "ticket 4711 of +447*******21, 北京");
        assert_eq!(masked("1234567"), "*******");
    }
}
