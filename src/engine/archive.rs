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
use crate::message::{Address, Class, Exclusion, FactId, Grounds, Outcome, Recount, Verdict, Window, Zone};
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
        // What a late receipt has corrected counts by that.
        let mut corrected = HashSet::new();
        let goes_on = self.each(window, look_back, &mut |record| {
            if record.verdict == Verdict::LateReceipt && record.position < before.0 {
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
        let load = record.beyond_load.then_some(Grounds { why: Exclusion::UnannouncedLoad, fact: None });
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
