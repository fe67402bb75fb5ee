//! The records are read for messages that were over when a fact was said.
//!
//! Records say less of a number than the gateway knew: a hash, its zone, and a few digits. A recipient is found by the
//! hash, a prefix as far as digits are shown; a message of which its record does not say whether the prefix is its own
//! stays as it is, for without evidence nothing is excluded.

use std::cell::Cell;
use std::time::Duration;

use hashbrown::HashSet;
use tracing::{info, warn};

use crate::base::ids::RecordNumber;
use crate::base::time::Timestamp;
use crate::detail::disk::Folder;
use crate::detail::{Day, DetailError, Kind, MessageRecord, NumberKey, files, read};
use crate::engine::door::Door;
use crate::flow::{Input, LookBack};
use crate::message::{Address, Class, FactId, Grounds, Outcome, Recount, Verdict, Window, Zone};
use crate::sla::facts::{Recipient, Subject};

/// Messages that are passed on at once.
const FOUND_AT_ONCE: usize = 256;

/// Records after which it is looked whether anybody still wants to know.
const LOOK_UP_AFTER: u64 = 4096;

/// The calendar may have gone back between a message's acceptance and its end, but not by more.
const SET_BACK: Duration = Duration::from_secs(86_400);

/// Where the records are that have been written.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Their folder.
    pub folder: Folder,
    /// What numbers in them are hashed with.
    pub key: NumberKey,
}

/// Looks for what a fact is about, and passes it on, until all is found or nobody listens any more.
pub(super) fn look_back(archive: Option<&Archive>, look_back: &LookBack, door: &Door) {
    let fact = look_back.fact;
    let Some(archive) = archive else {
        warn!(fact = fact.0, "no records are kept: what was over when this was said counts as before");
        door.pass_blocking(vec![Input::RecountedAll { fact }]);
        return;
    };
    let mut pass = |found: Vec<Recount>| {
        door.pass_blocking(found.into_iter().map(|recount| Input::Recount(Box::new(recount))).collect())
            && door.goes()
    };
    match archive.look_back(look_back, &mut pass) {
        Ok(None) => {}
        Ok(Some(Found { recounted, unclear })) => {
            if unclear > 0 {
                warn!(fact = fact.0, unclear, "whether this is about some messages their records do not say");
            }
            info!(fact = fact.0, recounted, "what was over when this was said has been counted anew");
            door.pass_blocking(vec![Input::RecountedAll { fact }]);
        }
        Err(error) => warn!(
            fact = fact.0, %error,
            "the records cannot be read: what was over when this was said is counted anew after the next start"
        ),
    }
}

/// How many messages were found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// They count as something else.
    pub recounted: u64,
    /// Their records do not say enough.
    pub unclear: u64,
}

impl Archive {
    /// Finds the messages that count as something else by a fact that was said when they were over, in the order of
    /// their ends, and gives them to `pass`, some at a time. Stops when that says that nobody listens any more: then
    /// nothing is returned.
    ///
    /// # Errors
    /// [`DetailError`] of the first file or record that cannot be read.
    pub fn look_back(
        &self,
        look_back: &LookBack,
        pass: &mut dyn FnMut(Vec<Recount>) -> bool,
    ) -> Result<Option<Found>, DetailError> {
        let LookBack { fact, behind, before, facts, .. } = look_back;
        let Some(window) = facts.looks_back(*fact) else { return Ok(Some(Found::default())) };
        // What a late receipt has corrected counts by that. As many as were corrected of a window: a percent or so.
        let mut corrected = HashSet::new();
        let goes_on = self.each(window, look_back, &mut |record| {
            let is_in_time = window.from <= record.accepted_at && record.accepted_at < window.to;
            if record.verdict == Verdict::LateReceipt && record.position < before.0 && is_in_time {
                corrected.insert(record.message);
            }
            true
        })?;
        let (mut found, mut some) = (Found::default(), Vec::new());
        let goes_on = goes_on
            && self.each(window, look_back, &mut |record| {
                let is_late = record.verdict == Verdict::LateReceipt;
                let in_turn = behind.0 < record.position && record.position < before.0;
                if in_turn && (is_late || !corrected.contains(&record.message)) {
                    match self.recount(window, look_back, record) {
                        Ok(Some(recount)) => some.push(recount),
                        Ok(None) => {}
                        Err(Unclear) => found.unclear += 1,
                    }
                }
                if some.len() < FOUND_AT_ONCE && !record.position.is_multiple_of(LOOK_UP_AFTER) {
                    return true;
                }
                found.recounted += some.len() as u64;
                pass(std::mem::take(&mut some))
            })?;
        found.recounted += some.len() as u64;
        Ok((goes_on && pass(some)).then_some(found))
    }

    /// Goes through the ends of messages that may lie in a window; whether it was not stopped.
    fn each(
        &self,
        window: &Window,
        look_back: &LookBack,
        of_record: &mut dyn FnMut(&MessageRecord) -> bool,
    ) -> Result<bool, DetailError> {
        let start =
            Timestamp::from_millis(window.from.as_millis().saturating_sub(SET_BACK.as_millis() as u64));
        let first = Day::of(start);
        let account = window.scope.account;
        let named = look_back.accounts.iter().find(|(_, number)| Some(**number) == account);
        // Records have other names in another form.
        let is_plain = |name: &str| name.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\');
        let names: Vec<_> = named
            .filter(|(name, _)| is_plain(name))
            .map(|(name, _)| name.as_bytes().to_vec())
            .into_iter()
            .collect();
        for file in files(&self.folder, Kind::Messages)?.iter().filter(|file| file.place.day >= first) {
            for record in read::<MessageRecord, _>(&self.folder, &file.name)?.having_any(names.clone()) {
                let record = record?;
                if record.verdict != Verdict::Recounted && !of_record(&record) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// What a message counts as by the fact, when that is something else than before.
    fn recount(
        &self,
        window: &Window,
        look_back: &LookBack,
        record: &MessageRecord,
    ) -> Result<Option<Recount>, Unclear> {
        let carrier = record.carrier.as_deref().and_then(|name| look_back.carriers.get(name));
        let Some((account, carrier)) = look_back.accounts.get(&*record.account).zip(carrier) else {
            return Ok(None);
        };
        let recipient = Recorded { record, key: &self.key, unclear: Cell::new(false) };
        let submitted = record.accepted_at;
        let subject = Subject { submitted, account: *account, carrier: *carrier, recipient: &recipient };
        if !window.fits(subject) {
            return recipient.clear(None);
        }
        let own_class = record.own_class.ok_or(Unclear)?;
        let excluded_by = record.outcome.excluded_by.filter(|_| own_class == Class::Excluded);
        let outcome = Outcome { class: own_class, excluded_by, ..record.outcome };
        let load = record.beyond_load.then_some(Grounds::LOAD);
        let by = |last: u32| {
            let found = look_back.facts.excluding_by(subject, FactId(last));
            found.map(|(why, fact)| Grounds { why, fact: Some(fact) }).or(load)
        };
        let (was, now) = (by(look_back.fact.0.saturating_sub(1)), by(look_back.fact.0));
        let changes = outcome.on(was) != outcome.on(now);
        recipient.clear(changes.then(|| Recount {
            fact: look_back.fact,
            message: record.message,
            account: *account,
            carrier: *carrier,
            category: record.category,
            zone: record.zone,
            accepted_at: submitted,
            ended: RecordNumber(record.position),
            at: Timestamp::default(),
            outcome,
            was,
            now,
        }))
    }
}

/// The record does not say what it takes.
struct Unclear;

/// A recipient as its record shows it.
struct Recorded<'a> {
    record: &'a MessageRecord,
    key: &'a NumberKey,
    /// Whether it was asked for more than there is.
    unclear: Cell<bool>,
}

impl Recorded<'_> {
    fn clear<T>(&self, answer: T) -> Result<T, Unclear> {
        if self.unclear.get() { Err(Unclear) } else { Ok(answer) }
    }
}

impl Recipient for Recorded<'_> {
    fn begins_with(&self, zone: Zone) -> bool {
        let shown = Zone::new(&self.record.destination.shown, zone.digits());
        let known = if shown.digits() < self.record.zone.digits() { self.record.zone } else { shown };
        let (wanted, known) = (zone.to_string(), known.to_string());
        if known.len() < wanted.len() && wanted.starts_with(&known) {
            self.unclear.set(true);
            return false;
        }
        known.starts_with(&wanted)
    }

    fn is(&self, address: &Address) -> bool {
        self.record.destination.hash.as_bytes() == self.key.hash(address.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::base::ids::{AccountId, CarrierId, MessageId};
    use crate::base::octets::Octets;
    use crate::detail::{Records, Settings};
    use crate::message::{Billed, CarrierMessageId, Category, Detail, Exclusion, Fact, Fault, Says, Scope};
    use crate::sla::facts::Facts;

    /// 2026-11-21T00:00:00Z.
    const SATURDAY: Timestamp = Timestamp::from_millis(1_795_219_200_000);
    const HOUR: Duration = Duration::from_secs(3600);
    const NUMBER: &[u8] = b"8613800138000";

    fn archive(folder: &tempfile::TempDir) -> Archive {
        Archive { folder: Folder::create(folder.path()).unwrap(), key: NumberKey::new([7; 32]) }
    }

    /// The record of the end at this position: a message to a number in the zone 86, submitted an hour before.
    fn detail(position: u64, verdict: Verdict) -> Detail {
        let is_silent = verdict == Verdict::ReceiptNeverCame;
        let (class, message_state) = if is_silent { (Class::Pending, 7) } else { (Class::Delivered, 2) };
        let stat = Octets::new(b"DELIVRD").unwrap();
        let (err, network_error_code) = (Octets::EMPTY, None);
        let fault = if is_silent { Fault::Carrier } else { Fault::None };
        let (excluded_by, unmapped) = (None, false);
        Detail {
            message: MessageId::from_u64(1000 + position).unwrap(),
            shown: None,
            account: Arc::from("acme"),
            carrier: Some(Arc::from("north")),
            carrier_message_id: CarrierMessageId::new(b"1"),
            category: Category::default(),
            zone: Zone::new(b"86", 2),
            source: Address::new(5, 0, b"ACME").unwrap(),
            destination: Address::new(1, 1, NUMBER).unwrap(),
            registered_delivery: 1,
            data_coding: 0,
            esm_class: 0,
            parts: 1,
            sent: 1,
            billed: Billed::FREE,
            octets: 5,
            accepted_at: SATURDAY + HOUR,
            handed_over_at: None,
            answered_at: None,
            ended_at: SATURDAY + HOUR * 2,
            attempts: 1,
            copies: 0,
            ambiguous: false,
            outcome: Outcome {
                class,
                excluded_by,
                fault,
                unmapped,
                message_state,
                stat,
                err,
                network_error_code,
            },
            own_class: class,
            beyond_load: false,
            evidence: None,
            verdict,
        }
    }

    fn write(folder: &tempfile::TempDir, ends: &[(u64, Detail)]) {
        let settings = Settings::new(NumberKey::new([7; 32]));
        let mut records = Records::open(archive(folder).folder, &settings, SATURDAY).unwrap();
        for (position, detail) in ends {
            records.append(*position, detail).unwrap();
        }
        records.flush().unwrap();
    }

    /// That fact 1 excludes so much, said when record 100 of the log was written.
    fn said(scope: Scope) -> LookBack {
        let (from, to) = (SATURDAY, SATURDAY + HOUR * 24);
        let window = Window { exclusion: Exclusion::Regulator, scope, from, to, published_at: None };
        let (told_at, by) = (SATURDAY + HOUR * 3, bytes::Bytes::new());
        let (through, why, says) = (by.clone(), by.clone(), Says::Excluded(window));
        let mut facts = Facts::default();
        facts.add(Fact { id: FactId(1), told_at, by, through, why, says });
        let (fact, behind, before) = (FactId(1), RecordNumber(0), RecordNumber(100));
        let accounts = BTreeMap::from([("acme".into(), AccountId(3))]);
        let carriers = BTreeMap::from([("north".into(), CarrierId(4))]);
        LookBack { fact, behind, before, facts, accounts, carriers }
    }

    fn found(folder: &tempfile::TempDir, look_back: &LookBack) -> (Vec<u64>, Found) {
        let mut all = Vec::new();
        let mut pass = |some: Vec<Recount>| {
            all.extend(some.into_iter().map(|recount| recount.ended.0));
            true
        };
        let found = archive(folder).look_back(look_back, &mut pass).unwrap().unwrap();
        assert_eq!(found.recounted, all.len() as u64);
        (all, found)
    }

    #[test]
    fn what_ended_between_the_last_that_is_done_and_the_fact_is_found_in_turn() {
        let folder = tempfile::tempdir().unwrap();
        let ends: Vec<_> = [1, 7, 50, 99, 100, 101].map(|at| (at, detail(at, Verdict::Receipt))).into();
        write(&folder, &ends);
        let everything = said(Scope { account: Some(AccountId(3)), ..Scope::default() });
        assert_eq!(found(&folder, &everything).0, [1, 7, 50, 99]);
        let on = LookBack { behind: RecordNumber(7), ..everything };
        assert_eq!(found(&folder, &on).0, [50, 99]);
        let other = said(Scope { account: Some(AccountId(9)), ..Scope::default() });
        assert_eq!(found(&folder, &other).0, [0; 0]);
        let mut asked = 0;
        let nobody = archive(&folder).look_back(&on, &mut |_| {
            asked += 1;
            false
        });
        assert_eq!((nobody.unwrap(), asked), (None, 1), "it stops when nobody listens");
    }

    #[test]
    fn of_what_a_late_receipt_has_corrected_that_receipt_counts() {
        let folder = tempfile::tempdir().unwrap();
        let silent = |at| detail(at, Verdict::ReceiptNeverCame);
        let late = |at, of: u64| {
            let message = MessageId::from_u64(1000 + of).unwrap();
            (at, Detail { message, ..detail(at, Verdict::LateReceipt) })
        };
        write(&folder, &[(1, silent(1)), (2, silent(2)), (3, silent(3)), late(5, 1), late(101, 2)]);
        assert_eq!(found(&folder, &said(Scope::default())).0, [2, 3, 5]);
    }

    #[test]
    fn a_prefix_is_known_as_far_as_the_record_shows_the_number() {
        let folder = tempfile::tempdir().unwrap();
        let finer = Detail { zone: Zone::new(b"86138", 5), ..detail(2, Verdict::Receipt) };
        write(&folder, &[(1, detail(1, Verdict::Receipt)), (2, finer)]);
        let of = |prefix: &[u8]| {
            let zone = Some(Zone::new(prefix, 7));
            let (ends, found) = found(&folder, &said(Scope { zone, ..Scope::default() }));
            (ends, found.unclear)
        };
        assert_eq!(of(b"86"), (vec![1, 2], 0));
        assert_eq!(of(b"861"), (vec![1, 2], 0), "three digits are shown");
        assert_eq!(of(b"86138"), (vec![2], 1));
        assert_eq!(of(b"8613800"), (vec![], 2), "without evidence nothing is excluded");
        assert_eq!(of(b"8620"), (vec![], 0));
    }

    #[test]
    fn a_recipient_is_known_by_its_hash_and_an_unreadable_record_is_said_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, &[(1, detail(1, Verdict::Receipt))]);
        let of = |number: &[u8]| {
            let recipient = Some(Address::new(1, 1, number).unwrap());
            found(&folder, &said(Scope { recipient, ..Scope::default() })).0
        };
        assert_eq!((of(NUMBER), of(b"8613800138001")), (vec![1], vec![]));

        let file = folder.path().join("records-2026-11-21.tsv");
        let damaged = std::fs::read_to_string(&file).unwrap().replace("\tdelivered\t", "\tarrived\t");
        std::fs::write(&file, damaged).unwrap();
        let error = archive(&folder).look_back(&said(Scope::default()), &mut |_| true).unwrap_err();
        assert!(matches!(error, DetailError::Line { line: 2, .. }), "{error}");
    }
}
