//! What is not over when a period closes: it counts as pending under the key that it has then, and is taken back under
//! the same key when it is over.

use hashbrown::HashMap;

use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::decide;
use crate::flow::late::{self, Late};
use crate::flow::messages::{Message, Phase};
use crate::flow::state::State;
use crate::message::{Carried, Category, ClosedPeriod, GivenUp, Label, Snapshot, Zone};
use crate::sla::book::{CellKey, ContractDay};

/// Messages whose carrier, or kind, has changed since their period closed, and that are still open; some 50 octets
/// each. Of one more the key at its end is taken for that at the close: the sums of its account stay right, those of
/// its carriers are off by one.
pub(super) const MOVED_MAX: usize = 100_000;

/// The key under which a message counts that was submitted then.
pub(super) fn cell_key(message: &Message, submitted: Timestamp) -> CellKey {
    let Message { account, carrier, label: Label { category, zone_len, .. }, .. } = *message;
    let zone = message.destination.zone(zone_len);
    CellKey { day: ContractDay::of(submitted), account, carrier, category, zone }
}

impl State {
    /// How many messages of each of these periods are not over, by the keys under which they count now. In the order of
    /// the periods.
    pub(super) fn open_in(&self, periods: &[ClosedPeriod]) -> Vec<HashMap<CellKey, u64>> {
        let mut open = vec![HashMap::new(); periods.len()];
        let mut by_account: HashMap<AccountId, Vec<(usize, ClosedPeriod)>> = HashMap::new();
        for (place, period) in periods.iter().enumerate() {
            by_account.entry(period.account).or_default().push((place, *period));
        }
        for message in self.messages.iter() {
            let Some(periods) = by_account.get(&message.account) else { continue };
            let day = ContractDay::of(self.calendar(message.accepted_at)).0;
            let period = periods.iter().find(|(_, period)| period.first <= day && day <= period.last);
            let Some((place, _)) = period else { continue };
            if self.is_open(message)
                && self.key_of_open(message).is_none()
                && let Some(open) = open.get_mut(*place)
            {
                *open.entry(cell_key(message, self.calendar(message.accepted_at))).or_default() += 1;
            }
        }
        open
    }

    /// Whether a message is not over; of a long message the first part says it for all.
    fn is_open(&self, message: &Message) -> bool {
        match self.messages.part(message) {
            None => !matches!(message.phase, Phase::Ended(_) | Phase::Incoming(_)),
            // What is left in a log of a long message that is over is broken.
            Some(part) => {
                part.head == message.id && self.longs.get(part.head).is_some_and(|long| !long.is_broken())
            }
        }
    }

    /// How many messages of an account are not over that were counted as pending when their periods closed, by the keys
    /// of then.
    #[must_use]
    pub fn still_open(&self, account: AccountId) -> HashMap<CellKey, u64> {
        let mut open = HashMap::new();
        let mine = self.messages.iter().filter(|message| message.account == account);
        for key in mine.filter(|message| self.is_open(message)).filter_map(|of| self.key_of_open(of)) {
            *open.entry(key).or_default() += 1;
        }
        open
    }

    /// The key under which a message was counted as pending when its period closed; `None` when it was not.
    fn key_of_open(&self, message: &Message) -> Option<CellKey> {
        let closings = self.book.closings();
        let day = closings.day_of_open(message.account, message.id, message.accepted_at)?;
        let moved = self.moved.get(&message.id).copied();
        Some(moved.unwrap_or_else(|| CellKey { day, ..cell_key(message, day.start()) }))
    }

    /// The same of a message that is over, and is not asked about again.
    pub(super) fn take_key_of_open(&mut self, message: &Message) -> Option<CellKey> {
        let key = self.key_of_open(message);
        self.moved.remove(&message.id);
        key
    }

    /// The carrier of a message, or what it is counted by, is about to change.
    pub(super) fn moves(&mut self, id: MessageId) {
        let Some(message) = self.messages.get(id) else { return };
        if self.moved.len() < MOVED_MAX
            && !self.moved.contains_key(&id)
            && self.is_open(message)
            && let Some(key) = self.key_of_open(message)
        {
            self.moved.insert(id, key);
        }
    }
}

/// Messages that have moved in one record of a snapshot: 96 KiB.
const MOVED_PER_RECORD: usize = 2048;

impl State {
    /// What is known of closed periods, and of messages that were given up, beside the cells.
    pub(super) fn closed_to_snapshot(&self) -> impl Iterator<Item = Snapshot> {
        let adjustments = self.book.to_adjustments().into_iter();
        let closings = self.book.to_closings().into_iter();
        let mut moved: Vec<_> = self.moved.iter().map(|(id, key)| written(*id, key)).collect();
        moved.sort_unstable();
        let moved: Vec<_> =
            moved.chunks(MOVED_PER_RECORD).map(|moved| moved.as_flattened().to_vec()).collect();
        let late = self.late.iter().map(|given_up| Snapshot::GivenUp(Box::new(self.to_given_up(given_up))));
        adjustments
            .map(|numbers| Snapshot::Adjustments { numbers })
            .chain(closings.map(|numbers| Snapshot::Closings { numbers }))
            .chain(moved.into_iter().map(|numbers| Snapshot::Moved { numbers }))
            .chain(late)
    }

    fn to_given_up(&self, given_up: &late::GivenUp) -> GivenUp {
        let late::GivenUp { message, shown, submitted, at, parts, silent, failed, grounds } = given_up;
        let whole = Carried { shown: *shown, ..decide::whole(self, message, None) };
        let (silent, failed) = (silent.clone(), *failed);
        GivenUp { whole, submitted: *submitted, at: *at, parts: *parts, silent, failed, grounds: *grounds }
    }

    /// What [`State::to_given_up`] gave, the oldest first.
    pub(super) fn settle_late(&mut self, all: Vec<GivenUp>) {
        self.late = Late::default();
        for GivenUp { whole, submitted, at, parts, silent, failed, grounds } in all {
            let shown = whole.shown;
            let (message, _) = self.whole(RecordNumber::default(), whole);
            self.late.give_up(late::GivenUp {
                message,
                shown,
                submitted,
                at,
                parts,
                silent,
                failed,
                grounds,
            });
        }
    }
}

fn written(id: MessageId, key: &CellKey) -> [u64; 6] {
    let CellKey { day, account, carrier, category, zone } = *key;
    let (account, carrier) = (u64::from(account.0), u64::from(carrier.0));
    [id.as_u64(), u64::from(day.0), account, carrier, category as u64, zone.number()]
}

/// What is in one record of a snapshot.
pub(super) fn read_moved(numbers: &[u64]) -> impl Iterator<Item = (MessageId, CellKey)> {
    numbers.as_chunks::<6>().0.iter().filter_map(|&[id, day, account, carrier, category, zone]| {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let key = CellKey {
            day: ContractDay(number(day)),
            account: AccountId(number(account)),
            carrier: CarrierId(number(carrier)),
            category: *usize::try_from(category).ok().and_then(|place| Category::ALL.get(place))?,
            zone: Zone::from_number(zone),
        };
        Some((MessageId::from_u64(id)?, key))
    })
}
