//! Can it be claimed, and how does the claim stand? The window, the channel, one claim for each period; and the clock
//! on complaints.

use std::time::Duration;

use crate::base::calendar::Date;
use crate::base::time::Timestamp;
pub use crate::message::Channel;
use crate::sla::terms::period::{Period, PeriodKey};
use crate::sla::terms::workdays::Workdays;

/// When, and how, compensation can be claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimRule {
    /// It opens when this working day of the month after the period is over, counted from 1 (R30–R32). For a period
    /// that ends within its month, too, that is the calendar month after (A23).
    pub opens_after_workday: u8,
    /// When it closes.
    pub closes: Closing,
    /// How it can be filed.
    pub channels: Vec<Channel>,
}

/// When a claim closes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Closing {
    /// With the last calendar day of so many months after the period's: 1 for "within a month" (A19).
    MonthsAfter(u8),
    /// With so many calendar days after the period's last.
    DaysAfter(u16),
}

/// When claims about a period are taken: from the first instant to the last day's 24:00, which is no longer in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The working day after which it opens.
    pub after: Date,
    /// The last day of it.
    pub last: Date,
    /// The first instant.
    pub opens: Timestamp,
    /// The first instant that is too late.
    pub closes: Timestamp,
}

impl ClaimRule {
    /// When claims about `period` are taken; `None` when the calendar does not know the month after it: then nobody can
    /// say whether a claim is in time (A24).
    #[must_use]
    pub fn window(&self, period: &Period, workdays: &Workdays) -> Option<Window> {
        let after = workdays.nth_of(period.month().plus(1), self.opens_after_workday)?;
        let last = match self.closes {
            Closing::MonthsAfter(months) => period.month().plus(u32::from(months)).last(),
            Closing::DaysAfter(days) => period.last().plus_days(u32::from(days)),
        };
        let offset = period.offset();
        Some(Window { after, last, opens: after.end(offset), closes: last.end(offset) })
    }
}

/// A claim as it was filed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filing {
    /// When it came.
    pub at: Timestamp,
    /// Who filed it.
    pub by: Box<str>,
    /// How.
    pub channel: Channel,
}

/// A claim about one period, until it is answered and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// About which period.
    pub period: PeriodKey,
    /// How it was filed.
    pub filed: Filing,
    /// What was answered, as soon as it was.
    pub answer: Option<Answer>,
}

/// The answer to a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it.
    pub by: Box<str>,
    /// What it says.
    pub verdict: ClaimVerdict,
}

/// What was answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClaimVerdict {
    /// Compensation is paid.
    Granted,
    /// None is.
    Refused,
}

/// Why a claim is not taken, or not answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClaimRefusal {
    /// There is one about this period already.
    #[error("there is a claim about {0} already")]
    AlreadyFiled(PeriodKey),
    /// The window is not open yet.
    #[error("claims about {period} are taken after {after}")]
    TooEarly {
        /// The period.
        period: PeriodKey,
        /// The working day after which it opens.
        after: Date,
    },
    /// The window is closed.
    #[error("claims about {period} were taken until {last}")]
    TooLate {
        /// The period.
        period: PeriodKey,
        /// The last day on which it could have been filed.
        last: Date,
    },
    /// The working days are unknown, so nobody can say whether it is in time.
    #[error("the working days of the month after {0} are not known")]
    UnknownWorkdays(PeriodKey),
    /// The contract takes claims in other ways only.
    #[error("claims about {0} are not taken in this way")]
    WrongChannel(PeriodKey),
    /// An answer to a claim that has one.
    #[error("the claim about {0} is answered already")]
    AlreadyAnswered(PeriodKey),
    /// An answer from before the claim.
    #[error("the claim about {0} was filed later than that")]
    AnsweredBeforeFiled(PeriodKey),
}

impl Claim {
    /// Files a claim about `period`, of which `earlier` is the one that was filed already.
    ///
    /// # Errors
    ///
    /// Why it is not taken; nothing has changed then.
    pub fn file(
        rule: &ClaimRule,
        period: &Period,
        workdays: &Workdays,
        earlier: Option<&Self>,
        filed: Filing,
    ) -> Result<Self, ClaimRefusal> {
        let key = period.key();
        if earlier.is_some() {
            return Err(ClaimRefusal::AlreadyFiled(key));
        }
        let window = rule.window(period, workdays).ok_or(ClaimRefusal::UnknownWorkdays(key))?;
        if filed.at < window.opens {
            return Err(ClaimRefusal::TooEarly { period: key, after: window.after });
        }
        if filed.at >= window.closes {
            return Err(ClaimRefusal::TooLate { period: key, last: window.last });
        }
        if !rule.channels.contains(&filed.channel) {
            return Err(ClaimRefusal::WrongChannel(key));
        }
        Ok(Self { period: key, filed, answer: None })
    }

    /// The claim with its answer.
    ///
    /// # Errors
    ///
    /// When it has one, or was filed after it; nothing has changed then.
    pub fn answered(&self, answer: Answer) -> Result<Self, ClaimRefusal> {
        if self.answer.is_some() {
            return Err(ClaimRefusal::AlreadyAnswered(self.period));
        }
        if answer.at < self.filed.at {
            return Err(ClaimRefusal::AnsweredBeforeFiled(self.period));
        }
        Ok(Self { answer: Some(answer), ..self.clone() })
    }
}

/// How long a complaint may wait for its answer (R58).
pub const COMPLAINT_ANSWER_WITHIN: Duration = Duration::from_secs(6 * 3600);

/// How long one waits before somebody is told that its answer is due: two hours are left then.
pub const COMPLAINT_WARN_AFTER: Duration = Duration::from_secs(4 * 3600);

/// How a complaint stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ComplaintClock {
    /// It waits, and has so much time left.
    Waiting {
        /// Until it is late.
        left: Duration,
    },
    /// It waits, and is late by so much.
    Overdue {
        /// Since it was due.
        by: Duration,
    },
    /// It was answered in time; in exactly six hours is in time.
    InTime,
    /// It was answered late.
    Late,
}

/// How a complaint stands at `now` that came at `received` and, as far as is known, was answered at `answered`.
#[must_use]
pub fn complaint_clock(received: Timestamp, answered: Option<Timestamp>, now: Timestamp) -> ComplaintClock {
    let due = received + COMPLAINT_ANSWER_WITHIN;
    match answered {
        Some(answered) if answered <= due => ComplaintClock::InTime,
        Some(_) => ComplaintClock::Late,
        None if now <= due => ComplaintClock::Waiting { left: due.since(now) },
        None => ComplaintClock::Overdue { by: now.since(due) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::terms::tests::{at, calendar_months, china, date, month, policies, service_months};

    fn november() -> Period {
        calendar_months("2021-01-01").in_month(month("2021-11")).unwrap()
    }

    /// The service month that ends on 16 June 2022: the last of three months from 17 March.
    fn june() -> Period {
        service_months("2022-03-17", 3).in_month(month("2022-06")).unwrap()
    }

    fn window(rule: &ClaimRule, period: &Period) -> (Date, Date) {
        let window = rule.window(period, &china::workdays()).unwrap();
        assert_eq!(window.opens, window.after.end(period.offset()));
        assert_eq!(window.closes, window.last.end(period.offset()));
        (window.after, window.last)
    }

    fn filing(time: &str, channel: Channel) -> Filing {
        Filing { at: at(time), by: "customer".into(), channel }
    }

    fn file(rule: &ClaimRule, period: &Period, time: &str, channel: Channel) -> Result<Claim, ClaimRefusal> {
        Claim::file(rule, period, &china::workdays(), None, filing(time, channel))
    }

    #[test]
    fn r30_a19_jd_november_2021_opens_after_3_december_and_closes_with_31_december() {
        let jd = policies::terms(&policies::jd()).claim;
        assert_eq!(window(&jd, &november()), (date("2021-12-03"), date("2021-12-31")));
        let key = november().key();
        let early = Err(ClaimRefusal::TooEarly { period: key, after: date("2021-12-03") });
        assert_eq!(file(&jd, &november(), "2021-12-03 23:59:59", Channel::Email), early);
        assert!(file(&jd, &november(), "2021-12-04 00:00:00", Channel::Email).is_ok());
        assert!(file(&jd, &november(), "2021-12-31 23:59:59", Channel::Letter).is_ok());
        let late = Err(ClaimRefusal::TooLate { period: key, last: date("2021-12-31") });
        assert_eq!(file(&jd, &november(), "2022-01-01 00:00:00", Channel::Email), late);
    }

    #[test]
    fn r30_jd_takes_claims_by_mail_or_in_writing_only() {
        let jd = policies::terms(&policies::jd()).claim;
        let refused = Err(ClaimRefusal::WrongChannel(november().key()));
        assert_eq!(file(&jd, &november(), "2021-12-06 10:00:00", Channel::Ticket), refused);
    }

    #[test]
    fn r31_tencent_november_2021_opens_after_7_december_and_closes_60_days_after_its_end() {
        let tencent = policies::terms(&policies::tencent()).claim;
        assert_eq!(window(&tencent, &november()), (date("2021-12-07"), date("2022-01-29")));
        assert!(file(&tencent, &november(), "2022-01-29 23:59:59", Channel::Ticket).is_ok());
        assert!(file(&tencent, &november(), "2022-01-30 00:00:00", Channel::Ticket).is_err());
        let refused = Err(ClaimRefusal::WrongChannel(november().key()));
        assert_eq!(file(&tencent, &november(), "2021-12-08 10:00:00", Channel::Email), refused);
    }

    #[test]
    fn r31_a23_a_service_month_that_ends_on_16_june_2022_opens_after_7_july_and_closes_with_15_august() {
        let tencent = policies::terms(&policies::tencent()).claim;
        assert_eq!(june().last(), date("2022-06-16"));
        assert_eq!(window(&tencent, &june()), (date("2022-07-07"), date("2022-08-15")));
    }

    #[test]
    fn r32_call_centre_november_2021_closes_with_31_january() {
        let call_centre = policies::terms(&policies::call_centre()).claim;
        assert_eq!(window(&call_centre, &november()), (date("2021-12-07"), date("2022-01-31")));
    }

    #[test]
    fn a24_a_claim_in_a_month_whose_working_days_nobody_knows_is_neither_early_nor_late() {
        let jd = policies::terms(&policies::jd()).claim;
        let december = calendar_months("2026-01-01").in_month(month("2026-12")).unwrap();
        let refused = Err(ClaimRefusal::UnknownWorkdays(december.key()));
        assert_eq!(file(&jd, &december, "2027-01-20 10:00:00", Channel::Email), refused);
    }

    #[test]
    fn a_period_has_one_claim_and_a_claim_one_answer() {
        let jd = policies::terms(&policies::jd()).claim;
        let claim = file(&jd, &november(), "2021-12-06 10:00:00", Channel::Email).unwrap();
        let again = filing("2021-12-07 10:00:00", Channel::Email);
        let refused = Claim::file(&jd, &november(), &china::workdays(), Some(&claim), again);
        assert_eq!(refused, Err(ClaimRefusal::AlreadyFiled(november().key())));

        let answer = |time| Answer { at: at(time), by: "operator".into(), verdict: ClaimVerdict::Granted };
        let early = claim.answered(answer("2021-12-06 09:59:59"));
        assert_eq!(early, Err(ClaimRefusal::AnsweredBeforeFiled(november().key())));
        let answered = claim.answered(answer("2021-12-08 09:00:00")).unwrap();
        assert_eq!(answered.answer, Some(answer("2021-12-08 09:00:00")));
        assert_eq!(answered.filed, claim.filed);
        let twice = answered.answered(answer("2021-12-09 09:00:00"));
        assert_eq!(twice, Err(ClaimRefusal::AlreadyAnswered(november().key())));
    }

    #[test]
    fn r58_a_complaint_is_answered_within_six_hours() {
        let received = at("2022-03-01 20:00:00");
        let clock = |answered: Option<&str>, now| complaint_clock(received, answered.map(at), at(now));
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        assert_eq!(clock(None, "2022-03-01 21:00:00"), ComplaintClock::Waiting { left: hours(5) });
        assert_eq!(clock(None, "2022-03-02 02:00:00"), ComplaintClock::Waiting { left: hours(0) });
        assert_eq!(clock(None, "2022-03-02 03:00:00"), ComplaintClock::Overdue { by: hours(1) });
        assert_eq!(clock(Some("2022-03-02 02:00:00"), "2022-03-05 00:00:00"), ComplaintClock::InTime);
        assert_eq!(clock(Some("2022-03-02 02:00:01"), "2022-03-05 00:00:00"), ComplaintClock::Late);
    }
}
