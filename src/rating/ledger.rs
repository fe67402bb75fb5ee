//! Who has what, and what was it spent on? Every account's wallet, what was used, and the months that were settled: a
//! fold over facts, where money moves once (promise 5).
//!
//! Before a snapshot is read, a replay may speak of money whose wallet is not known yet; nothing of that is kept, for
//! the snapshot takes its place.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::base::calendar::{Date, Month};
use crate::base::ids::AccountId;
use crate::base::money::Money;
use crate::base::time::{ContractDay, Timestamp};
use crate::message::{Balance, Bill, Operation};
use crate::rating::charge::{Action, Happened};
use crate::rating::usage::{Usage, UsageKey, Used};
use crate::rating::wallet::{Done, Spent, Unfit, Wallet};

/// Settled months that are kept of each account: the year in which its bill may still be asked for.
pub const MONTHS_KEPT: usize = 13;

/// Settled months of one piece of a snapshot: 64 KB.
const MONTHS_PER_PIECE: usize = 1000;

/// A month as a number that grows from month to month: 202111.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MonthNumber(pub u32);

impl MonthNumber {
    /// The month of a day.
    #[must_use]
    pub const fn of(day: ContractDay) -> Self {
        Self::from_month(Date::from_days(day.0).month())
    }

    /// A month of the calendar.
    #[must_use]
    pub const fn from_month(month: Month) -> Self {
        Self(month.year() as u32 * 100 + month.month() as u32)
    }

    /// The month of the calendar; `None` for a number that is none.
    #[must_use]
    pub fn month(self) -> Option<Month> {
        Month::new(u16::try_from(self.0 / 100).ok()?, u8::try_from(self.0 % 100).ok()?)
    }

    /// Its first day; `None` for a number that is none.
    #[must_use]
    pub fn first(self) -> Option<ContractDay> {
        self.month().map(|month| ContractDay(month.first().days()))
    }

    /// The next.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(if self.0 % 100 >= 12 { (self.0 / 100 + 1) * 100 + 1 } else { self.0 + 1 })
    }

    /// The one before.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(if self.0 % 100 <= 1 { (self.0 / 100).saturating_sub(1) * 100 + 12 } else { self.0 - 1 })
    }
}

/// What a month came to, as it was decided when it was over (R36, R38).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SettledMonth {
    /// When.
    pub at: Timestamp,
    /// Segments that were paid with money.
    pub segments: u64,
    /// What was taken for them.
    pub accrued: Money,
    /// What they cost at the tier that the month reached.
    pub amount: Money,
    /// What came back of it as cash, or off the debt.
    pub cash: Money,
    /// What came back of it as a voucher.
    pub voucher: Money,
}

/// All wallets, all usage, and the months that are over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    wallets: HashMap<AccountId, Wallet>,
    usage: Usage,
    settled: BTreeMap<(AccountId, MonthNumber), SettledMonth>,
}

impl Ledger {
    /// An account's wallet; none where it never had terms.
    #[must_use]
    pub fn wallet(&self, account: AccountId) -> Option<&Wallet> {
        self.wallets.get(&account)
    }

    /// What was used.
    #[must_use]
    pub const fn usage(&self) -> &Usage {
        &self.usage
    }

    /// The months of an account that were settled, the oldest first.
    pub fn settled(&self, account: AccountId) -> impl Iterator<Item = (MonthNumber, SettledMonth)> {
        let range = (account, MonthNumber(0))..=(account, MonthNumber(u32::MAX));
        self.settled.range(range).map(|((_, month), settled)| (*month, *settled))
    }

    /// What an account has to spend.
    #[must_use]
    pub fn balance(&self, account: AccountId, now: Timestamp) -> Balance {
        self.wallet(account).map(|wallet| wallet.balance(now)).unwrap_or_default()
    }

    /// Something has happened to a message with a price; its money moves once, whatever happens how often. `at` is
    /// when, `day` that of its acceptance.
    pub fn step(
        &mut self,
        (day, key): (ContractDay, UsageKey),
        at: Timestamp,
        bill: &mut Bill,
        happened: Happened,
    ) {
        let (after, action) = bill.charge.step(bill.charge_on, happened);
        bill.charge = after;
        let wallet = self.wallets.get_mut(&key.account);
        let day = Self::day_of(wallet.as_deref(), day, at);
        let segments = u64::from(bill.segments);
        if matches!(action, Action::Hold | Action::HoldAndSettle)
            && let Some(cell) = self.usage.cell(day, key)
        {
            cell.accepted.count(segments);
        }
        let Some(wallet) = wallet else { return };
        match action {
            Action::Nothing => {}
            Action::Hold => _ = wallet.take(at, &bill.hold),
            Action::HoldAndSettle => {
                let _warned = wallet.take(at, &bill.hold);
                let spent = wallet.settle(&bill.hold).unwrap_or_default();
                self.charged(day, key, bill, spent);
            }
            Action::Settle => {
                let spent = wallet.settle(&bill.hold).unwrap_or_default();
                self.charged(day, key, bill, spent);
            }
            Action::Release => {
                let _returned = wallet.release(at, &bill.hold);
                if let Some(cell) = self.usage.cell(day, key) {
                    cell.released.count(segments);
                }
            }
        }
    }

    /// The content of a message that is still paid for later has changed: so has what is held for it.
    pub fn change(&mut self, account: AccountId, at: Timestamp, old: &Bill, new: &Bill) {
        let Some(wallet) = self.wallets.get_mut(&account) else { return };
        let _returned = wallet.release(at, &old.hold);
        let _warned = wallet.take(at, &new.hold);
    }

    /// A carrier took a message, or a copy of one, in so many segments: what it will charge us for.
    pub fn taken(&mut self, day: ContractDay, key: UsageKey, at: Timestamp, segments: u64) {
        let day = Self::day_of(self.wallet(key.account), day, at);
        if let Some(cell) = self.usage.cell(day, key) {
            cell.taken.count(segments);
        }
    }

    /// Does something to an account's wallet, or begins one.
    ///
    /// # Errors
    /// [`Unfit`]; nothing was changed.
    pub fn operate(
        &mut self,
        account: AccountId,
        at: Timestamp,
        operation: Operation,
    ) -> Result<Done, Unfit> {
        match self.wallets.get_mut(&account) {
            Some(wallet) => wallet.apply(at, operation),
            None => {
                let mut wallet = Wallet::default();
                let done = wallet.apply(at, operation)?;
                self.wallets.insert(account, wallet);
                Ok(done)
            }
        }
    }

    /// The month that an account's end of the month is due for at `now`: the first that is over and was not settled.
    #[must_use]
    pub fn month_due(&self, account: AccountId, now: Timestamp) -> Option<MonthNumber> {
        let wallet = self.wallet(account)?;
        let last = MonthNumber::of(ContractDay::of(now)).before();
        let settled = MonthNumber(wallet.settled_through());
        match settled {
            MonthNumber(0) => Some(last),
            settled => Some(settled.next()).filter(|due| *due <= last),
        }
    }

    /// What was used by an account in a month, by day and cell.
    pub fn used_in(&self, account: AccountId, month: MonthNumber) -> impl Iterator<Item = (UsageKey, Used)> {
        let cells = self.usage.iter();
        let wanted = move |(day, key, _): &(ContractDay, UsageKey, Used)| {
            key.account == account && MonthNumber::of(*day) == month
        };
        cells.filter(wanted).map(|(_, key, used)| (key, used))
    }

    /// A month of an account is settled; once.
    ///
    /// # Errors
    /// [`Unfit`]; nothing was changed.
    pub fn settle_month(
        &mut self,
        account: AccountId,
        month: MonthNumber,
        settled: SettledMonth,
    ) -> Result<(), Unfit> {
        let SettledMonth { at, cash, voucher, .. } = settled;
        self.operate(account, at, Operation::Rebate { month: month.0, amount: cash })?;
        if voucher.is_positive() {
            self.operate(account, at, Operation::Voucher { amount: voucher, expires: None })?;
        }
        self.settled.insert((account, month), settled);
        let known: Vec<_> = self.settled(account).map(|(month, _)| month).collect();
        for oldest in known.iter().take(known.len().saturating_sub(MONTHS_KEPT)) {
            self.settled.remove(&(account, *oldest));
        }
        Ok(())
    }

    /// The day to which money that moves now belongs.
    fn day_of(wallet: Option<&Wallet>, day: ContractDay, at: Timestamp) -> ContractDay {
        let settled = wallet.map_or(0, Wallet::settled_through);
        // Nearly always nothing was settled that late: then no calendar is asked.
        if settled == 0 || MonthNumber::of(day).0 > settled { day } else { ContractDay::of(at) }
    }

    fn charged(&mut self, day: ContractDay, key: UsageKey, bill: &Bill, spent: Spent) {
        if let Some(cell) = self.usage.cell(day, key) {
            cell.charged.count(u64::from(bill.segments));
            cell.paid = cell.paid.plus(spent);
            cell.for_money += u64::from(bill.segments).saturating_sub(spent.segments);
        }
    }

    /// The wallets as integers, for a snapshot, in the order of the accounts.
    #[must_use]
    pub fn wallets_to_numbers(&self) -> Vec<(AccountId, Vec<u64>)> {
        let mut wallets: Vec<_> =
            self.wallets.iter().map(|(id, wallet)| (*id, wallet.to_numbers())).collect();
        wallets.sort_unstable_by_key(|(account, _)| *account);
        wallets
    }

    /// Puts back a wallet of [`Ledger::wallets_to_numbers`]. Whether it could be read: money is never guessed.
    #[must_use]
    pub fn set_wallet(&mut self, account: AccountId, numbers: &[u64]) -> bool {
        let read = Wallet::from_numbers(numbers);
        let is_read = read.is_some();
        self.wallets.extend(read.map(|wallet| (account, wallet)));
        is_read
    }

    /// The months that were settled as integers, for a snapshot, in pieces that fit into a record.
    #[must_use]
    pub fn settled_to_numbers(&self) -> Vec<Vec<u64>> {
        let micros = |money: Money| money.as_micros().cast_unsigned();
        let written = |((account, month), settled): &(&(AccountId, MonthNumber), &SettledMonth)| {
            let SettledMonth { at, segments, accrued, amount, cash, voucher } = **settled;
            let money = [accrued, amount, cash, voucher].map(micros);
            let first = [u64::from(account.0), u64::from(month.0), at.as_millis(), segments];
            first.into_iter().chain(money)
        };
        let months: Vec<_> = self.settled.iter().collect();
        months.chunks(MONTHS_PER_PIECE).map(|months| months.iter().flat_map(written).collect()).collect()
    }

    /// Puts back a piece of what [`Ledger::settled_to_numbers`] gave.
    pub fn add_settled(&mut self, numbers: &[u64]) {
        let money = |micros: u64| Money::from_micros(micros.cast_signed());
        for settled in numbers.as_chunks::<8>().0 {
            let [account, month, at, segments, accrued, amount, cash, voucher] = *settled;
            let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            let key = (AccountId(number(account)), MonthNumber(number(month)));
            let settled = SettledMonth {
                at: Timestamp::from_millis(at),
                segments,
                accrued: money(accrued),
                amount: money(amount),
                cash: money(cash),
                voucher: money(voucher),
            };
            self.settled.insert(key, settled);
        }
    }

    /// Puts back a piece of the usage.
    pub fn add_usage(&mut self, numbers: &[u64]) {
        self.usage.add_numbers(numbers);
    }
}
