//! Which periods are closed, and which messages were not over then?
//!
//! Accounts close at different times, by their contracts; what a message counts in is closed when the period of its
//! account has closed that has its day.

use hashbrown::HashMap;

use crate::base::ids::{AccountId, MessageId};
use crate::base::time::Timestamp;
use crate::sla::book::ContractDay;

/// Closed periods that are known of each account, at least as many as begin within the days that the book keeps: four
/// months, each of them cut in two by an end of a term. One more sends that away which was closed first.
pub const CLOSINGS_MAX: usize = 8;

/// Closings in one piece of a snapshot: 112 KiB, half of the longest record.
const CLOSINGS_PER_PIECE: usize = 2048;

/// A period that is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Its first day.
    pub first: ContractDay,
    /// Its last day.
    pub last: ContractDay,
    /// When it was closed, by the calendar.
    pub at: Timestamp,
    /// The last message that was there by then.
    pub last_id: Option<MessageId>,
    /// How far the calendar had run ahead of the log's own time line by then, in milliseconds.
    pub ahead: i64,
    /// How many messages of the period were not over by then.
    pub open: u64,
}

impl Closing {
    /// Whether a day is in the period.
    #[must_use]
    pub fn has(&self, day: ContractDay) -> bool {
        self.first <= day && day <= self.last
    }

    /// The day of a message that was accepted then, on the log's own time line, as the calendar said it at the close.
    fn day(&self, accepted_at: Timestamp) -> ContractDay {
        let millis = accepted_at.as_millis().saturating_add_signed(self.ahead);
        ContractDay::of(Timestamp::from_millis(millis))
    }
}

/// Every account's closed periods, in the order in which they were closed. No day is in two of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Closings(HashMap<AccountId, Vec<Closing>>);

impl Closings {
    /// Those of one account.
    #[must_use]
    pub fn of(&self, account: AccountId) -> &[Closing] {
        self.0.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Whether a day is closed for an account.
    #[must_use]
    pub fn has(&self, account: AccountId, day: ContractDay) -> bool {
        self.of(account).iter().any(|closing| closing.has(day))
    }

    /// Whether any of these days is closed for an account.
    #[must_use]
    pub fn overlap(&self, account: AccountId, first: ContractDay, last: ContractDay) -> bool {
        self.of(account).iter().any(|closing| first <= closing.last && closing.first <= last)
    }

    /// The day in which a message was counted as pending because its period closed before it was over; `None` when it
    /// was not. It was accepted at this time of the log's own time line.
    #[must_use]
    pub fn day_of_open(
        &self,
        account: AccountId,
        message: MessageId,
        accepted_at: Timestamp,
    ) -> Option<ContractDay> {
        let was_there = |closing: &&Closing| closing.last_id >= Some(message);
        let closings = self.of(account);
        closings.last().filter(was_there)?;
        let days = closings.iter().filter(was_there).map(|closing| (closing, closing.day(accepted_at)));
        days.filter(|(closing, day)| closing.has(*day)).map(|(_, day)| day).next()
    }

    pub(super) fn add(&mut self, account: AccountId, closing: Closing) {
        let closings = self.0.entry(account).or_default();
        if closings.len() >= CLOSINGS_MAX {
            closings.remove(0);
        }
        closings.push(closing);
    }

    pub(super) fn to_numbers(&self) -> Vec<Vec<u64>> {
        let of = |(account, closings): (&AccountId, &Vec<Closing>)| {
            let account = *account;
            closings.clone().into_iter().map(move |closing| (account, closing))
        };
        let mut all: Vec<_> = self.0.iter().flat_map(of).collect();
        all.sort_by_key(|(account, _)| *account);
        let numbers = |(account, closing): &(AccountId, Closing)| {
            let Closing { first, last, at, last_id, ahead, open } = *closing;
            let days = [u64::from(account.0), u64::from(first.0), u64::from(last.0)];
            let rest = [at.as_millis(), last_id.map_or(0, MessageId::as_u64), ahead.cast_unsigned(), open];
            days.into_iter().chain(rest)
        };
        all.chunks(CLOSINGS_PER_PIECE).map(|piece| piece.iter().flat_map(numbers).collect()).collect()
    }

    pub(super) fn add_numbers(&mut self, numbers: &[u64]) {
        for &[account, first, last, at, last_id, ahead, open] in numbers.as_chunks::<7>().0 {
            let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            let closing = Closing {
                first: ContractDay(number(first)),
                last: ContractDay(number(last)),
                at: Timestamp::from_millis(at),
                last_id: MessageId::from_u64(last_id),
                ahead: ahead.cast_signed(),
                open,
            };
            self.add(AccountId(number(account)), closing);
        }
    }
}
