//! Which periods are closed, and which messages were not over then?
//!
//! Accounts close at different times, by their contracts; what a message counts in is closed when the period of its
//! account has closed that has its day.

use hashbrown::HashMap;

use crate::base::ids::{AccountId, MessageId, RecordNumber};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::sla::book::ContractDay;
use crate::sla::terms::Period;
use crate::sla::terms::compensation::Fee;

/// Closed periods that are known of each account, at least as many as begin within the days that the book keeps: four
/// months, each of them cut in two by an end of a term. One more sends that away which was closed first.
pub const CLOSINGS_MAX: usize = 8;

/// Closings in one piece of a snapshot: 104 KiB, half of the longest record.
const CLOSINGS_PER_PIECE: usize = 1024;

/// What a piece begins with that says how many integers a closing has; no account has this number.
const SAYS_WIDTH: u64 = u64::MAX;

/// Integers of a closing in a piece that does not say it: the first form, which ends with `open`.
const FIRST_WIDTH: usize = 7;

/// Integers of a closing as it is written: new ones come at the end.
const WIDTH: usize = 13;

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
    /// The record of the log that closed it: what ended in an earlier one is in the closed cells. 0 when that is not
    /// known, of a close that was written down by the first version that closed anything.
    pub home: RecordNumber,
    /// What messages had cost by then that were accepted on the days of the period; none when that is not known.
    pub fee: Option<Fee>,
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

/// The first and the last day of the book's clock that begins within a period.
#[must_use]
pub fn days_of(period: &Period) -> (ContractDay, ContractDay) {
    let first = ContractDay::of(period.start());
    let first = if first.start() < period.start() { ContractDay(first.0.saturating_add(1)) } else { first };
    (first, ContractDay::of(Timestamp::from_millis(period.end().as_millis().saturating_sub(1))))
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

    /// The close of a period of an account, or of a part of it, whichever came first.
    #[must_use]
    pub fn find(&self, account: AccountId, period: &Period) -> Option<Closing> {
        let is_of = |closing: &&Closing| {
            period.contains(closing.first.start()) && period.contains(closing.last.start())
        };
        self.of(account).iter().find(is_of).copied()
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
        let piece = |piece: &[(AccountId, Closing)]| {
            let numbers = piece.iter().flat_map(|(account, closing)| written(*account, closing));
            [SAYS_WIDTH, WIDTH as u64].into_iter().chain(numbers).collect()
        };
        all.chunks(CLOSINGS_PER_PIECE).map(piece).collect()
    }

    pub(super) fn add_numbers(&mut self, numbers: &[u64]) {
        let (width, numbers) = match numbers {
            [SAYS_WIDTH, width, rest @ ..] => (usize::try_from(*width).unwrap_or(usize::MAX), rest),
            _ => (FIRST_WIDTH, numbers),
        };
        for numbers in numbers.chunks_exact(width.max(FIRST_WIDTH)) {
            let (account, closing) = read(numbers);
            self.add(account, closing);
        }
    }
}

fn written(account: AccountId, closing: &Closing) -> [u64; WIDTH] {
    let Closing { first, last, at, last_id, ahead, open, home, fee } = *closing;
    let [cash, package, voucher, discount] =
        fee.map_or([Money::ZERO; 4], |fee| [fee.cash, fee.package, fee.voucher, fee.discount]);
    let money = |money: Money| money.as_micros().cast_unsigned();
    [
        u64::from(account.0),
        u64::from(first.0),
        u64::from(last.0),
        at.as_millis(),
        last_id.map_or(0, MessageId::as_u64),
        ahead.cast_unsigned(),
        open,
        home.0,
        u64::from(fee.is_some()),
        money(cash),
        money(package),
        money(voucher),
        money(discount),
    ]
}

/// What [`written`] gave; what an older version did not write is not known.
fn read(numbers: &[u64]) -> (AccountId, Closing) {
    let all: [u64; WIDTH] = std::array::from_fn(|place| numbers.get(place).copied().unwrap_or(0));
    let [account, first, last, at, last_id, ahead, open, home, has_fee, cash, package, voucher, discount] =
        all;
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let money = |micros: u64| Money::from_micros(micros.cast_signed());
    let fee = Fee {
        cash: money(cash),
        package: money(package),
        voucher: money(voucher),
        discount: money(discount),
    };
    let closing = Closing {
        first: ContractDay(number(first)),
        last: ContractDay(number(last)),
        at: Timestamp::from_millis(at),
        last_id: MessageId::from_u64(last_id),
        ahead: ahead.cast_signed(),
        open,
        home: RecordNumber(home),
        fee: (has_fee != 0).then_some(fee),
    };
    (AccountId(number(account)), closing)
}
