//! `[sla]`, and what an account is promised: policies and a calendar from files of their own.
//!
//! Without a word these are the files in `config/sla` and `config/calendars`, as they were when the program was built.
//! A folder that is named gives its policies instead of those of the same names; the others stay.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use toml::Spanned;

use crate::base::calendar::Date;
use crate::config::bounds;
use crate::config::raw::{self, Table};
use crate::config::resolve::judge::at;
use crate::config::resolve::must::{each_once, either};
use crate::config::resolve::route::are_digits;
use crate::config::resolve::section::{Desk, Section};
use crate::config::resolve::{calendar, files, open, policy};
use crate::message::label::ZONE_DIGITS_MAX;
use crate::sla::terms::policy::Metric;
use crate::sla::terms::{Contract, PeriodRule, Policy, SlaSettings, Term, Workdays};

/// The policies that every gateway has.
const BUILT_IN: [(&str, &str); 4] = [
    ("plain.toml", include_str!("../../../config/sla/plain.toml")),
    ("jd.toml", include_str!("../../../config/sla/jd.toml")),
    ("tencent.toml", include_str!("../../../config/sla/tencent.toml")),
    ("alibaba-call-center.toml", include_str!("../../../config/sla/alibaba-call-center.toml")),
];

/// The calendar that every gateway has.
const BUILT_IN_CALENDAR: [(&str, &str); 1] =
    [("china.toml", include_str!("../../../config/calendars/china.toml"))];

/// What an account is promised that is promised nothing else.
const PLAIN: &str = "plain";

/// Policies by their names.
type Policies = BTreeMap<String, Arc<Policy>>;

/// Read once, for they are always the same.
static BUILT_IN_POLICIES: LazyLock<Policies> =
    LazyLock::new(|| by_name(files::built_in(&BUILT_IN, policy::understood)));
static BUILT_IN_WORKDAYS: LazyLock<Arc<Workdays>> = LazyLock::new(|| {
    let found = files::built_in(&BUILT_IN_CALENDAR, calendar::understood).into_iter().flatten();
    Arc::new(found.last().unwrap_or_default())
});

fn by_name(policies: Vec<Option<Policy>>) -> Policies {
    let named = |policy: Policy| (policy.draft().name.to_string(), Arc::new(policy));
    policies.into_iter().flatten().map(named).collect()
}

/// What can be promised to an account.
pub(super) struct Promises {
    policies: Policies,
    /// Whether every file of a policy could be understood. While one could not, nobody knows which policies there are.
    is_whole: bool,
    workdays: Arc<Workdays>,
    home: Vec<String>,
    /// Whether a prefix is written that is domestic, well or not.
    knows_home: bool,
}

/// What can be promised.
pub(super) fn promises(desk: &mut Desk<'_>, sla: Option<Spanned<Table<raw::Sla>>>) -> Promises {
    let (raw::Sla { folder, calendar, home }, span) = open(sla);
    let mut section = desk.section("sla".to_owned(), span);
    let known_before = section.desk.faults.len();
    let own = files::in_folder(&mut section, folder, bounds::SLA_FILE_OCTETS_MAX, policy::understood);
    let mut policies = BUILT_IN_POLICIES.clone();
    if let Some((folder, own)) = own {
        refuse_twins(section.desk, &own, &folder);
        policies.extend(by_name(own));
    }
    let is_whole = section.desk.faults.len() == known_before && !section.is_garbled("folder");
    let octets_max = bounds::SLA_FILE_OCTETS_MAX;
    let own = files::named(&mut section, "calendar", calendar, octets_max, calendar::understood).flatten();
    let workdays = own.map_or_else(|| Arc::clone(&BUILT_IN_WORKDAYS), Arc::new);
    let knows_home = home.is_some() || section.is_garbled("home");
    let home = home.map(|home| home_of(&mut section, home)).unwrap_or_default();
    Promises { policies, is_whole, workdays, home, knows_home }
}

/// Two policies of one name: nobody could say which is promised.
fn refuse_twins(desk: &mut Desk<'_>, policies: &[Option<Policy>], folder: &Path) {
    let mut seen = HashSet::new();
    for policy in policies.iter().flatten() {
        let name = &policy.draft().name;
        if !seen.insert(name) {
            let reason = format!("holds two policies of the name \"{name}\"");
            desk.faults.push(files::of_file(folder, reason));
        }
    }
}

/// The prefixes whose destinations are domestic. Each is a zone, and so no longer than one.
fn home_of(section: &mut Section<'_, '_>, home: Spanned<raw::Texts>) -> Vec<String> {
    let span = home.span();
    let home = home.into_inner().0;
    if home.is_empty() {
        let remedy = "write the prefixes of your country, as in [\"86\"], or leave this out";
        section.fault("home", Some(span), "is empty", remedy);
    }
    each_once(section, "home", &home);
    for (index, prefix) in home.iter().enumerate() {
        let key = format!("home[{index}]");
        if prefix.get_ref().is_empty() {
            section.fault(
                &key,
                Some(prefix.span()),
                "is empty",
                "write the first digits of domestic numbers",
            );
        } else {
            are_digits(section, &key, "a prefix that is domestic", prefix, usize::from(ZONE_DIGITS_MAX));
        }
    }
    home.into_iter().map(Spanned::into_inner).collect()
}

impl Promises {
    /// What this account is promised; none when that could not be found out, which has been said.
    pub(super) fn of_account(
        &self,
        section: &mut Section<'_, '_>,
        account: &str,
        policy: Option<Spanned<String>>,
        activated: Option<Spanned<String>>,
        term: Option<Spanned<Table<raw::Term>>>,
    ) -> Option<Contract> {
        let (policy_at, activated_at, term_at) = (at(&policy), at(&activated), at(&term));
        let activated = activated.and_then(|day| section.day_there("activated", &day)).unwrap_or_default();
        let term = term.and_then(|term| term_of(section, term));
        let policy = self.policy(section, policy)?;
        let name = &policy.draft().name;
        if counts_by_destination(&policy) && !self.knows_home {
            let reason = format!("the policy \"{name}\" counts by whether a destination is domestic");
            let remedy = "write the prefixes of your country in [sla], as in home = [\"86\"]";
            section.fault("policy", policy_at, reason, remedy);
        }
        let rule = policy.draft().periods;
        if rule == PeriodRule::ServiceMonth && term_at.is_none() {
            let example = "term = { from = \"2026-03-17\", months = 3 }";
            section.missing("term", format!("the policy \"{name}\" is by service months: write {example}"));
        }
        match rule {
            PeriodRule::CalendarMonth if term_at.is_some() => {
                let reason = format!("the policy \"{name}\" is by calendar months, and has no term");
                section.fault("term", term_at, reason, "leave it out; the first day is `activated`");
            }
            PeriodRule::ServiceMonth if activated_at.is_some() => {
                let reason =
                    format!("the policy \"{name}\" is by service months, which begin with their term");
                section.fault("activated", activated_at, reason, "leave it out");
            }
            _ => {}
        }
        let periods = rule.periods(activated, term, policy.draft().offset)?;
        Some(Contract { account: account.to_owned(), policy, periods })
    }

    fn policy(&self, section: &mut Section<'_, '_>, name: Option<Spanned<String>>) -> Option<Arc<Policy>> {
        if !self.is_whole || section.is_garbled("policy") {
            return None;
        }
        let name = match name {
            None => PLAIN.to_owned(),
            written => {
                let names: HashSet<&str> = self.policies.keys().map(String::as_str).collect();
                section.name_of("policy", written, "a policy", &names)
            }
        };
        self.policies.get(&name).cloned()
    }

    /// All that the terms need to know, with what each account is promised.
    pub(super) fn settings(self, contracts: Vec<Contract>) -> SlaSettings {
        let policies = self.policies.into_values().collect();
        SlaSettings { contracts, workdays: self.workdays, home: self.home, policies }
    }
}

/// Whether a version counts messages to some destinations only.
fn counts_by_destination(policy: &Policy) -> bool {
    policy.draft().versions.iter().any(|version| match &version.terms.metric {
        Metric::SuccessRate { scope, .. } => scope.destinations.len() == 1,
        Metric::Availability { .. } => false,
    })
}

/// The days for which a service was bought; none when that could not be found out.
fn term_of(section: &mut Section<'_, '_>, term: Spanned<Table<raw::Term>>) -> Option<Term> {
    let (raw::Term { from, to, months }, mut section) = section.table("term", Some(term));
    let (to_at, months_at) = (at(&to), at(&months));
    if from.is_none() {
        section.missing("from", "write the first day of the term");
    }
    let from: Option<Date> = from.and_then(|day| section.day_there("from", &day));
    let months = months.map(|months| section.whole("months", Some(months), &bounds::TERM_MONTHS));
    let to = to.and_then(|day| section.day_there("to", &day));
    either(&mut section, ("months", months_at), ("to", to_at.clone()));
    match (from, to, months) {
        (Some(from), Some(to), _) => {
            let term = Term::new(from, to);
            if term.is_none() {
                section.fault(
                    "to",
                    to_at,
                    "is before `from`",
                    "write the last day of the term, which is in it",
                );
            }
            term
        }
        (Some(from), None, Some(months)) => Term::of_months(from, months),
        _ => None,
    }
}
