//! Which time is not the provider's to answer for (R81)? By the facts that operators said, and by nothing else.

use crate::base::ids::AccountId;
use crate::message::{Exclusion, Fact, FactId, Says, Scope};
use crate::sla::availability::interval::Interval;

/// A time that is cut out of outages, and the evidence for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excused {
    /// The fact that says so.
    pub fact: FactId,
    /// When.
    pub interval: Interval,
}

/// Whether a contract about time excludes this (S3 §2.3): unlawful use, credentials lost, negligence, documents
/// ignored, announced maintenance, force majeure. A carrier's network and other people's equipment need no exclusion:
/// they put out a carrier's link, which is recorded apart and is no outage of the service.
const fn excuses(exclusion: Exclusion) -> bool {
    match exclusion {
        Exclusion::CredentialLeak
        | Exclusion::Hacked
        | Exclusion::Documentation
        | Exclusion::Operation
        | Exclusion::IllegalContent
        | Exclusion::Maintenance
        | Exclusion::ForceMajeure => true,
        Exclusion::Customer
        | Exclusion::Content
        | Exclusion::Flow
        | Exclusion::Credit
        | Exclusion::Complaint
        | Exclusion::Regulator
        | Exclusion::Pumping
        | Exclusion::UnannouncedLoad
        | Exclusion::Feature
        | Exclusion::AnnouncedEvent
        | Exclusion::ForeignNetwork
        | Exclusion::CarrierOutage => false,
    }
}

/// The times that an account's outages do not count in, of the facts that hold: those of the account or of everybody.
/// What is about one carrier, some numbers or one recipient is not about the time in which the service is there.
pub fn excused<'a>(
    facts: impl Iterator<Item = (&'a Fact, bool)>,
    whose: AccountId,
) -> impl Iterator<Item = Excused> {
    facts.filter(|(_, holds)| *holds).filter_map(move |(fact, _)| {
        let Says::Excluded(window) = &fact.says else { return None };
        let Scope { account, carrier, zone, recipient } = &window.scope;
        let is_ours = account.is_none_or(|account| account == whose);
        let is_whole = carrier.is_none() && zone.is_none() && recipient.is_none();
        let counts = excuses(window.exclusion) && is_ours && is_whole;
        let interval = Interval::new(window.from, window.to).filter(|_| counts)?;
        Some(Excused { fact: fact.id, interval })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::CarrierId;
    use crate::base::time::Timestamp;
    use crate::message::{Window, Zone};

    fn fact(id: u32, exclusion: Exclusion, scope: Scope) -> Fact {
        let at = Timestamp::from_millis;
        let text = |text: &'static str| text.as_bytes().into();
        let window = Window { exclusion, scope, from: at(100), to: at(200), published_at: Some(at(50)) };
        Fact {
            id: FactId(id),
            told_at: at(50),
            by: text("x"),
            through: text("x"),
            why: text("x"),
            says: Says::Excluded(window),
        }
    }

    fn ids(facts: &[Fact], holds: bool) -> Vec<u32> {
        excused(facts.iter().map(|fact| (fact, holds)), AccountId(1)).map(|excused| excused.fact.0).collect()
    }

    #[test]
    fn r81_announced_maintenance_and_the_accounts_own_incidents_excuse_and_nothing_else_does() {
        let of = |account| Scope { account: Some(AccountId(account)), ..Scope::default() };
        let facts = [
            fact(1, Exclusion::Maintenance, Scope::default()),
            fact(2, Exclusion::Hacked, of(1)),
            fact(3, Exclusion::Hacked, of(2)),
            fact(4, Exclusion::Pumping, of(1)),
            fact(5, Exclusion::ForceMajeure, Scope { zone: Some(Zone::new(b"86", 7)), ..Scope::default() }),
            fact(6, Exclusion::CarrierOutage, Scope { carrier: Some(CarrierId(1)), ..Scope::default() }),
        ];
        assert_eq!(ids(&facts, true), [1, 2]);
        assert_eq!(ids(&facts, false), [0_u32; 0], "what was withdrawn excuses nothing");
    }
}
