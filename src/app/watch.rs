//! What has changed that an operator should hear of? Looked for in the report, now and then, and said in the log.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::cases;
use crate::app::money::status::{Alarm, Said};
use crate::engine::door::{CarrierReport, Door, OutageReport, Report, Room};
use crate::matching::Proposal;

/// How often: an alarm that is a few seconds late is in time for a person.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks until the shutdown, or until the engine has stopped.
pub(super) async fn watch(door: Door, shutdown: CancellationToken) {
    let (mut seen, mut money, mut cases) = (Seen::default(), Said::default(), cases::Said::default());
    while tokio::time::timeout(LOOK_EVERY, shutdown.cancelled()).await.is_err() {
        let Ok(report) = door.report().await else { return };
        for change in seen.look(&report, door.room()) {
            change.say();
        }
        money.look(&report).iter().for_each(Alarm::say);
        cases.look(&report).iter().for_each(cases::Alarm::say);
    }
}

/// Something to say.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Change {
    /// Fewer of the carrier's receipts match than should: matched, of.
    FewMatch(String, usize, usize),
    /// The carrier has used codes that no table has: so many more, and the one that came most often.
    Unmapped(String, u64, String),
    /// Enough match again.
    EnoughMatch(String),
    /// The carrier's ids should be read in another way.
    Proposed(String, Proposal),
    /// The log has no room for new messages.
    NoRoom,
    /// It has again.
    RoomAgain,
    /// Something is out.
    Out(OutageReport),
    /// It is back.
    Back(OutageReport),
}

/// What was last said.
#[derive(Debug, Default)]
struct Seen {
    /// By carrier.
    carriers: HashMap<String, (bool, Option<Proposal>)>,
    /// How many messages had ended with unmapped codes, by carrier, when that was last said, and how many codes.
    unmapped: HashMap<String, (u64, usize)>,
    no_room: bool,
    out: HashSet<OutageReport>,
}

impl Seen {
    fn look(&mut self, report: &Report, room: Room) -> Vec<Change> {
        let mut changes = Vec::new();
        for CarrierReport { name, match_alarm, matched_of, proposal, .. } in &report.carriers {
            let (alarm, proposed) = self.carriers.entry(name.clone()).or_default();
            if std::mem::replace(alarm, *match_alarm) != *match_alarm {
                changes.push(match match_alarm {
                    true => Change::FewMatch(name.clone(), matched_of.0, matched_of.1),
                    false => Change::EnoughMatch(name.clone()),
                });
            }
            // The same forms with other counts are nothing new.
            if let Some(proposal) = proposal
                && proposed.map(|proposed| proposed.forms) != Some(proposal.forms)
            {
                changes.push(Change::Proposed(name.clone(), *proposal));
            }
            *proposed = *proposal;
        }
        changes.extend(report.carriers.iter().filter_map(|carrier| self.look_at_codes(carrier)));
        let out: HashSet<OutageReport> = report.outages.iter().cloned().collect();
        let began = report.outages.iter().filter(|outage| !self.out.contains(*outage)).cloned();
        changes.extend(began.map(Change::Out));
        changes.extend(self.out.difference(&out).cloned().map(Change::Back));
        self.out = out;
        let no_room = room != Room::Plenty;
        if std::mem::replace(&mut self.no_room, no_room) != no_room {
            changes.push(if no_room { Change::NoRoom } else { Change::RoomAgain });
        }
        changes
    }
}

impl Seen {
    /// Said when a code is new, and whenever there are ten times as many as at the last time.
    fn look_at_codes(&mut self, CarrierReport { name, counts, .. }: &CarrierReport) -> Option<Change> {
        let codes = counts.unmapped_codes.most_frequent();
        let (stat, err, _) = codes.first()?;
        let now = (counts.unmapped, codes.len());
        let (said, known) = self.unmapped.get(name).copied().unwrap_or_default();
        if now.1 == known && now.0 < said.saturating_mul(10) {
            return None;
        }
        self.unmapped.insert(name.clone(), now);
        let most = format!("{} {}", stat.escape_ascii(), err.escape_ascii());
        Some(Change::Unmapped(name.clone(), now.0, most.trim().to_owned()))
    }
}

impl Change {
    fn say(&self) {
        match self {
            Self::FewMatch(carrier, matched, of) => warn!(
                carrier,
                matched,
                of,
                "few of the carrier's receipts are about messages of ours: does message_id say how it writes its ids?"
            ),
            Self::Unmapped(carrier, messages, most) => warn!(
                carrier,
                messages,
                most_frequent = most,
                "the carrier uses codes that no table has: they count against the provider until [[carrier.code]] or \
                 a file in [codes] says what they mean"
            ),
            Self::EnoughMatch(carrier) => info!(carrier, "the carrier's receipts match again"),
            Self::Proposed(carrier, Proposal { forms, matched, matched_now, of }) => {
                let (response, receipt) = (forms.response, forms.receipt);
                warn!(
                    carrier, %response, %receipt, matched, matched_now, of,
                    "with this message_id clearly more of the carrier's receipts would match"
                );
            }
            Self::NoRoom => {
                warn!("the disk has no room for another segment of the log: new messages are refused")
            }
            Self::Out(OutageReport { function, cause, account, carrier, since }) => warn!(
                function = function.name(),
                cause = cause.name(),
                seen_by = cause.seen_by(),
                account,
                carrier,
                since = since.as_millis(),
                "outage"
            ),
            Self::Back(OutageReport { function, cause, account, carrier, since }) => {
                let (function, cause) = (function.name(), cause.name());
                info!(function, cause, account, carrier, since = since.as_millis(), "the outage is over");
            }
            Self::RoomAgain => info!("the disk has room again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::IdForms;
    use crate::sla::{CarrierCounts, Sums};

    fn report(match_alarm: bool, proposal: Option<Proposal>) -> Report {
        let carrier = CarrierReport {
            name: "north".to_owned(),
            counts: CarrierCounts::default(),
            today: Sums::default(),
            queued: 0,
            links: 1,
            resting: false,
            matched_of: (1, 100),
            match_alarm,
            proposal,
        };
        Report { carriers: vec![carrier], ..Report::default() }
    }

    #[test]
    fn each_change_is_said_once() {
        let mut seen = Seen::default();
        let forms = IdForms { response: "hex".parse().unwrap(), receipt: "decimal".parse().unwrap() };
        let proposal = Proposal { forms, matched: 90, matched_now: 1, of: 100 };
        let mut look = |alarm, proposal, room| seen.look(&report(alarm, proposal), room);
        assert_eq!(look(false, None, Room::Plenty), []);
        assert_eq!(look(true, None, Room::Plenty), [Change::FewMatch("north".to_owned(), 1, 100)]);
        let proposed = [Change::Proposed("north".to_owned(), proposal)];
        assert_eq!(look(true, Some(proposal), Room::Plenty), proposed);
        let later = Proposal { matched: 95, ..proposal };
        assert_eq!(look(true, Some(later), Room::Plenty), []);
        let cleared = [Change::EnoughMatch("north".to_owned()), Change::NoRoom];
        assert_eq!(look(false, None, Room::Low), cleared);
        assert_eq!(look(false, None, Room::None), []);
        assert_eq!(look(false, None, Room::Plenty), [Change::RoomAgain]);
    }
}
