//! What waits for an answer of ours? Claims and complaints: as operators say and list them, in the status, in the
//! metrics, and in the log when a complaint's time runs out (R58).

use std::collections::BTreeMap;
use std::time::Duration;

use metrics::{describe_gauge, gauge};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::base::calendar::Date;
use crate::base::time::Timestamp;
use crate::engine::door::{ComplaintReport, Door, Report};
use crate::message::{Channel, FactId, Says};
use crate::sla::facts::{Case, Standing};
use crate::sla::terms::PeriodKey;
use crate::sla::terms::claim::{COMPLAINT_ANSWER_WITHIN, COMPLAINT_WARN_AFTER, ComplaintClock};

/// A claim, in the words of the log; or what is named and does not exist. Whether it is in time, the flow says.
pub(super) fn claimed(door: &Door, account: &str, period: &str, channel: &str) -> Result<Says, String> {
    let account = door.account(account).ok_or_else(|| format!("there is no account \"{account}\""))?;
    let key = PeriodKey::read(period.as_bytes()).ok_or_else(|| {
        format!(
            "\"{period}\" is no period: that is a month such as 2021-11, or the first day of one that begins \
             within it"
        )
    })?;
    let known = Channel::WORDS.into_iter().find(|(word, _)| *word == channel);
    let (_, channel) = known.ok_or_else(|| {
        let words = Channel::WORDS.map(|(word, _)| word).join(", ");
        format!("there is no channel \"{channel}\"; there are: {words}")
    })?;
    Ok(Says::Claimed { account, period: key.first(), channel })
}

/// What a claim is about, in words.
pub(super) fn claim_words(period: Date, channel: Channel) -> String {
    format!("{} by {}", PeriodKey::new(period), channel.name())
}

/// How a claim or a complaint stands, in the list of facts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CaseLine {
    /// Of a claim `open`, `granted` or `refused`; of a complaint `waiting`, `overdue`, `in_time` or `late`.
    pub stands: String,
    /// Until when a complaint is to be answered, in milliseconds since 1970; this one is in time.
    pub due: Option<u64>,
    /// The fact that answers it.
    pub answer: Option<u32>,
    /// When that was said.
    pub answered_at: Option<u64>,
}

impl CaseLine {
    pub(super) fn new(case: &Case, now: Timestamp) -> Self {
        Self {
            stands: name(case.standing(now)).to_owned(),
            due: case.due().map(Timestamp::as_millis),
            answer: case.reply.map(|reply| reply.fact.0),
            answered_at: case.reply.map(|reply| reply.at.as_millis()),
        }
    }
}

const fn name(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Granted => "granted",
        Standing::Refused => "refused",
        Standing::Complaint(ComplaintClock::Waiting { .. }) => "waiting",
        Standing::Complaint(ComplaintClock::Overdue { .. }) => "overdue",
        Standing::Complaint(ComplaintClock::InTime) => "in_time",
        Standing::Complaint(ComplaintClock::Late) => "late",
    }
}

/// What waits for an answer, in the status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CasesStatus {
    /// Complaints.
    pub complaints: u64,
    /// Those of them that should have been answered.
    pub complaints_overdue: u64,
    /// When the first of them is, or was, to be answered, in milliseconds since 1970.
    pub first_due: Option<u64>,
    /// Claims.
    pub claims: u64,
}

impl From<&Report> for CasesStatus {
    fn from(report: &Report) -> Self {
        let due = |complaint: &ComplaintReport| (complaint.since + COMPLAINT_ANSWER_WITHIN).as_millis();
        Self {
            complaints: report.complaints.len() as u64,
            complaints_overdue: overdue(report) as u64,
            first_due: report.complaints.iter().map(due).min(),
            claims: report.claims as u64,
        }
    }
}

fn overdue(report: &Report) -> usize {
    let is_overdue = |complaint: &&ComplaintReport| matches!(complaint.clock, ComplaintClock::Overdue { .. });
    report.complaints.iter().filter(is_overdue).count()
}

/// The gauges of what waits for an answer.
pub(super) fn show(report: &Report) {
    let count = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    gauge!("telegraphy_complaints_open").set(count(report.complaints.len()));
    gauge!("telegraphy_complaints_overdue").set(count(overdue(report)));
    gauge!("telegraphy_claims_open").set(count(report.claims));
}

/// Says what the gauges are.
pub(super) fn describe() {
    describe_gauge!("telegraphy_complaints_open", "Complaints that wait for their answer.");
    describe_gauge!(
        "telegraphy_complaints_overdue",
        "Those of them that were to be answered within six hours and were not."
    );
    describe_gauge!("telegraphy_claims_open", "Claims for compensation that wait for their answer.");
}

/// Something to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Alarm {
    /// This complaint has waited for long, and has so much time left.
    Due(FactId, Duration),
    /// This complaint should have been answered, so long ago.
    Overdue(FactId, Duration),
    /// This complaint, of which something was said, waits no more.
    Over(FactId),
}

/// What was last said of each complaint that waits.
#[derive(Debug, Default)]
pub(super) struct Said(BTreeMap<FactId, Stage>);

/// What is left of a complaint's time when somebody is told that it is due.
const WARN_LEFT: Duration = COMPLAINT_ANSWER_WITHIN.saturating_sub(COMPLAINT_WARN_AFTER);

/// How bad it was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Stage {
    Due,
    Overdue,
}

impl Said {
    /// What is to be said of this report: of each complaint once that it is due, once that it is overdue, and when
    /// something was said of it, that it is over.
    pub(super) fn look(&mut self, report: &Report) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        let mut waiting = BTreeMap::new();
        for ComplaintReport { fact, clock, .. } in &report.complaints {
            let before = self.0.get(fact).copied();
            let now = match *clock {
                ComplaintClock::Waiting { left } if left <= WARN_LEFT => {
                    Some((Stage::Due, Alarm::Due(*fact, left)))
                }
                ComplaintClock::Overdue { by } => Some((Stage::Overdue, Alarm::Overdue(*fact, by))),
                ComplaintClock::Waiting { .. } | ComplaintClock::InTime | ComplaintClock::Late => None,
            };
            // A calendar that is set back takes nothing back that was said.
            let stage = before.max(now.map(|(stage, _)| stage));
            alarms.extend(now.filter(|_| stage > before).map(|(_, alarm)| alarm));
            waiting.extend(stage.map(|stage| (*fact, stage)));
        }
        let is_over = |fact: &&FactId| !waiting.contains_key(fact);
        alarms.extend(self.0.keys().filter(is_over).map(|fact| Alarm::Over(*fact)));
        self.0 = waiting;
        alarms
    }
}

impl Alarm {
    pub(super) fn say(&self) {
        match *self {
            Self::Due(fact, left) => warn!(
                fact = fact.0,
                minutes_left = left.as_secs() / 60,
                "a complaint waits for its answer, which is due within six hours of it"
            ),
            Self::Overdue(fact, by) => warn!(
                fact = fact.0,
                minutes = by.as_secs() / 60,
                "a complaint is overdue: it was to be answered within six hours"
            ),
            Self::Over(fact) => info!(fact = fact.0, "a complaint waits no more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::terms::claim::complaint_clock;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);

    /// The complaints that were said at these times, as they stand now.
    fn report(now: Timestamp, complaints: &[(u32, Timestamp)]) -> Report {
        let complaint = |&(fact, since): &(u32, Timestamp)| ComplaintReport {
            fact: FactId(fact),
            since,
            clock: complaint_clock(since, None, now),
        };
        Report { complaints: complaints.iter().map(complaint).collect(), claims: 2, ..Report::default() }
    }

    #[test]
    fn r58_a_complaint_is_said_at_four_hours_and_when_it_is_overdue_and_when_it_waits_no_more() {
        let start = Timestamp::from_millis(1_767_268_800_000);
        let mut said = Said::default();
        let mut look = |after, complaints: &[_]| said.look(&report(start + after, complaints));
        let (first, second) = ((3, start), (7, start + HOUR));
        assert_eq!(look(4 * HOUR - SECOND, &[first, second]), []);
        assert_eq!(look(4 * HOUR, &[first, second]), [Alarm::Due(FactId(3), 2 * HOUR)]);
        assert_eq!(look(4 * HOUR + SECOND, &[first, second]), []);
        assert_eq!(look(5 * HOUR, &[first, second]), [Alarm::Due(FactId(7), 2 * HOUR)]);
        assert_eq!(look(6 * HOUR, &[first, second]), [], "exactly six hours are in time");
        assert_eq!(look(6 * HOUR + SECOND, &[first, second]), [Alarm::Overdue(FactId(3), SECOND)]);
        assert_eq!(look(5 * HOUR, &[first, second]), [], "a calendar that was set back");
        assert_eq!(look(6 * HOUR + SECOND, &[second]), [Alarm::Over(FactId(3))]);
        // A calendar that was set back to before a complaint leaves it more than six hours.
        assert_eq!(look(HOUR, &[second, (8, start + 2 * HOUR)]), []);
        // One that was answered before anything was said of it is not spoken of.
        assert_eq!(look(6 * HOUR + SECOND, &[second, (9, start + 6 * HOUR)]), []);
        assert_eq!(look(6 * HOUR + 2 * SECOND, &[]), [Alarm::Over(FactId(7))]);
        assert_eq!(look(9 * HOUR, &[]), []);
    }

    #[test]
    fn r58_the_status_counts_what_waits_and_says_what_is_due_first() {
        let start = Timestamp::from_millis(1_767_268_800_000);
        let report = report(start + 6 * HOUR + SECOND, &[(3, start), (7, start + HOUR)]);
        let due = (start + 6 * HOUR).as_millis();
        let status = CasesStatus { complaints: 2, complaints_overdue: 1, first_due: Some(due), claims: 2 };
        assert_eq!(CasesStatus::from(&report), status);
        assert_eq!(CasesStatus::from(&Report::default()), CasesStatus::default());
    }
}
