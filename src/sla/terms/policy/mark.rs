//! May this policy take the place of another? What is closed must be judged as it was (promise 14).
//!
//! Policies are settings, and read anew at each start; what was in force meanwhile is known as a mark, which the log
//! remembers. Two policies are the same as far as their marks are, whatever their names.

use crate::base::calendar::Date;
use crate::message::{Category, Fingerprint};
use crate::sla::terms::claim::{ClaimRule, Closing};
use crate::sla::terms::period::PeriodRule;
use crate::sla::terms::policy::{
    Base, Cap, Destination, FailureRule, Form, Metric, Origin, Policy, Scope, TargetOp, Terms, Version,
};

/// What is remembered of a policy: enough to say what another one would change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyMark {
    /// The fingerprint of its clock and of how it divides time.
    pub division: u64,
    /// Its versions in the order of their days, at most [`VERSIONS_MAX`](super::VERSIONS_MAX).
    pub versions: Vec<VersionMark>,
}

/// What is remembered of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionMark {
    /// Its number.
    pub number: u32,
    /// The first day on which it is in force.
    pub effective_from: Date,
    /// The fingerprint of when it was told, and of its terms.
    pub fingerprint: u64,
}

/// How a policy would change what is closed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum ClosedFault {
    /// A version that is new.
    #[error(
        "version {version} is new and in force from {effective_from}: it would change what is closed until {closed}"
    )]
    Added {
        /// Its number.
        version: u32,
        /// From when on it is in force.
        effective_from: Date,
        /// The last closed day.
        closed: Date,
    },
    /// A version that says something else.
    #[error(
        "version {version}, in force from {effective_from}, is not what it was: that would change what is closed \
         until {closed}"
    )]
    Changed {
        /// Its number, as it is now.
        version: u32,
        /// From when on it is in force.
        effective_from: Date,
        /// The last closed day.
        closed: Date,
    },
    /// A version that is not there any more.
    #[error(
        "version {version}, in force from {effective_from}, is gone: that would change what is closed until {closed}"
    )]
    LeftOut {
        /// Its number.
        version: u32,
        /// From when on it was in force.
        effective_from: Date,
        /// The last closed day.
        closed: Date,
    },
    /// Another clock or division of time.
    #[error(
        "its clock or its division of time is another one than that of the periods that are closed until {0}"
    )]
    OtherPeriods(Date),
}

impl ClosedFault {
    /// What to write instead.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Added { closed, .. } => {
                format!("let it have effective_from {} or later", closed.plus_days(1))
            }
            Self::Changed { closed, .. } | Self::LeftOut { closed, .. } => {
                let next = closed.plus_days(1);
                format!("leave it as it was, and add a version with effective_from {next} or later")
            }
            Self::OtherPeriods(_) => "leave utc_offset and periods as they were".to_owned(),
        }
    }
}

impl PolicyMark {
    /// The mark of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let draft = policy.draft();
        let mut division = Fingerprint::of("division");
        division.number(i64::from(draft.offset.minutes()).cast_unsigned());
        division.text(word(&PeriodRule::WORDS, &draft.periods));
        Self { division: division.end(), versions: draft.versions.iter().map(VersionMark::of).collect() }
    }

    /// Whether `next` may take the place of this one when `closed` is the last day whose counts are final: what was in
    /// force until then stays as it is (promise 14).
    ///
    /// # Errors
    ///
    /// Every change of what is closed: a version added, changed or left out that was in force on a closed day, another
    /// clock or another division of time.
    pub fn may_become(&self, next: &Self, closed: Date) -> Result<(), Vec<ClosedFault>> {
        let past = |mark: &&VersionMark| mark.effective_from <= closed;
        let on = |mark: &Self, day| mark.versions.iter().find(|mark| mark.effective_from == day).copied();
        let changed = next.versions.iter().filter(past).filter_map(|new| {
            let VersionMark { number: version, effective_from, .. } = *new;
            match on(self, effective_from) {
                None => Some(ClosedFault::Added { version, effective_from, closed }),
                Some(old) if old != *new => Some(ClosedFault::Changed { version, effective_from, closed }),
                Some(_) => None,
            }
        });
        let left_out = self.versions.iter().filter(past).filter_map(|old| {
            let VersionMark { number: version, effective_from, .. } = *old;
            let is_gone = on(next, effective_from).is_none();
            is_gone.then_some(ClosedFault::LeftOut { version, effective_from, closed })
        });
        let is_divided_otherwise = self.division != next.division;
        let divided = is_divided_otherwise.then_some(ClosedFault::OtherPeriods(closed));
        let faults: Vec<_> = divided.into_iter().chain(left_out).chain(changed).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl VersionMark {
    fn of(version: &Version) -> Self {
        let Version { number, effective_from, notice_sent_at, terms } = version;
        let mut row = Fingerprint::of("version of a policy");
        row.maybe(notice_sent_at.map(|day| u64::from(day.days())));
        say_terms(&mut row, terms);
        Self { number: *number, effective_from: *effective_from, fingerprint: row.end() }
    }
}

/// All of the terms, in this order for good (see [`crate::message::fingerprint`]).
fn say_terms(row: &mut Fingerprint, terms: &Terms) {
    let Terms { metric, target, tiers, base, form, cap, close_after, claim } = terms;
    say_metric(row, metric);
    row.number(target.share.millionths().into()).text(word(&TargetOp::WORDS, &target.op));
    row.length(tiers.len());
    for tier in tiers {
        row.number(tier.below.millionths().into()).length(tier.pays.len());
        for pays in &tier.pays {
            row.text(pays.fee.name()).number(pays.share.millionths().into());
        }
    }
    row.text(word(&Base::WORDS, base)).text(word(&Form::WORDS, form)).text(word(&Cap::WORDS, cap));
    row.duration(*close_after);
    let ClaimRule { opens_after_workday, closes, channels } = claim;
    row.number((*opens_after_workday).into());
    match closes {
        Closing::MonthsAfter(months) => row.text("months").number((*months).into()),
        Closing::DaysAfter(days) => row.text("days").number((*days).into()),
    };
    row.length(channels.len());
    for channel in channels {
        row.text(channel.name());
    }
}

fn say_metric(row: &mut Fingerprint, metric: &Metric) {
    match metric {
        Metric::SuccessRate { numerator, scope: Scope { categories, destinations, origins } } => {
            row.text("success-rate").text(numerator.name());
            row.number(categories.is_some().into());
            let categories = categories.as_deref().unwrap_or_default();
            row.length(categories.len());
            categories.iter().copied().map(Category::name).for_each(|name| {
                row.text(name);
            });
            row.length(destinations.len());
            for destination in destinations {
                row.text(word(&Destination::WORDS, destination));
            }
            row.length(origins.len());
            for origin in origins {
                row.text(word(&Origin::WORDS, origin));
            }
        }
        Metric::Availability { minimum_outage, mean_time_between_failures, failures } => {
            row.text("availability").duration(*minimum_outage);
            row.number(mean_time_between_failures.is_some().into());
            row.duration(mean_time_between_failures.unwrap_or_default());
            row.text(word(&FailureRule::WORDS, failures));
        }
    }
}

/// The word of a choice; every choice has one.
fn word<T: PartialEq>(words: &[(&'static str, T)], choice: &T) -> &'static str {
    words.iter().find(|(_, other)| other == choice).map_or("", |(word, _)| word)
}
