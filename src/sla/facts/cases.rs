//! How does a claim or a complaint stand? Each is a case from when it was said, and is open until its answer (R30–R32,
//! R58). What was taken back is no case any more; and when an answer was, the case is open as if there had been none.

use crate::base::ids::AccountId;
use crate::base::time::Timestamp;
use crate::message::{Exclusion, Fact, FactId, Says, Window};
use crate::sla::facts::{FactRefusal, Facts};
use crate::sla::terms::claim::{
    Answer, COMPLAINT_ANSWER_WITHIN, Claim, ClaimVerdict, ComplaintClock, Filing, complaint_clock,
};
use crate::sla::terms::period::PeriodKey;

/// A claim or a complaint that was not taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Case {
    /// The fact that it is.
    pub fact: FactId,
    /// Which of the two.
    pub kind: CaseKind,
    /// Since when it is known: a complaint's clock starts when it is said.
    pub since: Timestamp,
    /// Its answer, as soon as it has one.
    pub reply: Option<Reply>,
}

/// What waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CaseKind {
    /// A claim for compensation.
    Claim,
    /// A recipient's complaint (R16).
    Complaint,
}

/// The answer to a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The fact that says so.
    pub fact: FactId,
    /// When it was given.
    pub at: Timestamp,
    /// Whether compensation is paid; none of a complaint.
    pub granted: Option<bool>,
}

/// How a case stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    /// A claim that waits.
    Open,
    /// A claim that is paid.
    Granted,
    /// A claim that is not.
    Refused,
    /// A complaint.
    Complaint(ComplaintClock),
}

impl Case {
    /// Whether it waits for its answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.reply.is_none()
    }

    /// Until when it is to be answered, this instant included; claims have no such time.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self.kind {
            CaseKind::Claim => None,
            CaseKind::Complaint => Some(self.since + COMPLAINT_ANSWER_WITHIN),
        }
    }

    /// How it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.kind, self.reply) {
            (CaseKind::Complaint, reply) => {
                Standing::Complaint(complaint_clock(self.since, reply.map(|reply| reply.at), now))
            }
            (CaseKind::Claim, None) => Standing::Open,
            (CaseKind::Claim, Some(Reply { granted: Some(true), .. })) => Standing::Granted,
            (CaseKind::Claim, Some(_)) => Standing::Refused,
        }
    }
}

impl Facts {
    /// The case that a fact is; `None` when it is none, or was taken back.
    #[must_use]
    pub fn case(&self, id: FactId) -> Option<Case> {
        self.case_of(self.all.get(&id)?)
    }

    /// Every case, the oldest first.
    pub fn cases(&self) -> impl Iterator<Item = Case> {
        self.all.values().filter_map(|fact| self.case_of(fact))
    }

    fn case_of(&self, fact: &Fact) -> Option<Case> {
        let kind = match &fact.says {
            Says::Claimed { .. } => CaseKind::Claim,
            Says::Excluded(Window { exclusion: Exclusion::Complaint, .. }) => CaseKind::Complaint,
            _ => return None,
        };
        let holds = !self.withdrawn.contains(&fact.id);
        let reply = self.reply(fact.id);
        holds.then_some(Case { fact: fact.id, kind, since: fact.told_at, reply })
    }

    fn reply(&self, id: FactId) -> Option<Reply> {
        let answer = self.all.get(self.answers.get(&id)?)?;
        let Says::Answered { granted, .. } = answer.says else { return None };
        Some(Reply { fact: answer.id, at: answer.told_at, granted })
    }

    /// The claim that a fact is; `None` when it is none, or was taken back.
    #[must_use]
    pub fn claim(&self, id: FactId) -> Option<Claim> {
        let fact = self.all.get(&id).filter(|_| !self.withdrawn.contains(&id))?;
        let Says::Claimed { period, channel, .. } = fact.says else { return None };
        let by = |fact: &Fact| String::from_utf8_lossy(&fact.by).into();
        let answer = self.answers.get(&id).and_then(|answer| self.all.get(answer)).and_then(|answer| {
            let Says::Answered { granted, .. } = answer.says else { return None };
            let verdict = if granted? { ClaimVerdict::Granted } else { ClaimVerdict::Refused };
            Some(Answer { at: answer.told_at, by: by(answer), verdict })
        });
        let filed = Filing { at: fact.told_at, by: by(fact), channel };
        Some(Claim { period: PeriodKey::new(period), filed, answer })
    }

    /// The claim about a period of an account that was not taken back: there is one at most.
    #[must_use]
    pub fn claim_about(&self, account: AccountId, period: PeriodKey) -> Option<(FactId, Claim)> {
        let is_of = |fact: &&Fact| match fact.says {
            Says::Claimed { account: of, period: first, .. } => of == account && first == period.first(),
            _ => false,
        };
        self.all.values().filter(is_of).find_map(|fact| Some((fact.id, self.claim(fact.id)?)))
    }

    /// Whether this may be the answer to that fact.
    pub(super) fn check_answer(&self, of: FactId, granted: Option<bool>) -> Result<(), FactRefusal> {
        if !self.all.contains_key(&of) {
            return Err(FactRefusal::Unknown);
        }
        if self.withdrawn.contains(&of) {
            return Err(FactRefusal::Withdrawn);
        }
        match (self.case(of), granted) {
            (None, _) => Err(FactRefusal::NotAnswered),
            (Some(Case { reply: Some(_), .. }), _) => Err(FactRefusal::Answered),
            (Some(Case { kind: CaseKind::Claim, .. }), None) => Err(FactRefusal::NoVerdict),
            (Some(Case { kind: CaseKind::Complaint, .. }), Some(_)) => Err(FactRefusal::NoClaim),
            (Some(_), _) => Ok(()),
        }
    }
}
