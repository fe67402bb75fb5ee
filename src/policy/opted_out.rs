//! Who wants no more messages of which account? A fold over what recipients and operators said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::base::ids::AccountId;
use crate::message::{Address, Category};
use crate::policy::OptOut;

/// The most numbers, of all accounts together: 20 MB in memory and 16 MB in each snapshot. Whoever asks to be one more
/// is asked to come again ([`crate::message::Refusal`] to the carrier), and nobody is forgotten.
pub const OPTED_OUT_MAX: usize = 1_000_000;

/// Numbers per record of a snapshot: 128 KiB, half of the longest record.
const NUMBERS_PER_RECORD: usize = 8 * 1024;

/// The numbers that opted out. In an order of their own, or two runs of one history would write two logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct OptedOut {
    /// Of accounts of whose messages anybody has.
    by_account: BTreeMap<AccountId, BTreeSet<Number>>,
    /// All of them.
    total: usize,
}

/// Up to 20 digits behind a 1, high part first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    high: u32,
    low: u64,
}

impl Number {
    /// None of what is no number: nobody can answer from there.
    fn new(number: &Address) -> Option<Self> {
        let digits = number.as_slice();
        let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        let digits = all.then(|| digits.iter().fold(1, |all, digit| all * 10 + u128::from(digit - b'0')))?;
        let low = u64::try_from(digits & u128::from(u64::MAX)).ok()?;
        Some(Self { high: u32::try_from(digits >> 64).ok()?, low })
    }
}

impl OptedOut {
    /// Whether this can be a number that opts out.
    #[must_use]
    pub fn takes(number: &Address) -> bool {
        Number::new(number).is_some()
    }

    /// Somebody said that he wants no more of an account's messages, or that he does again. `number` is in the form of
    /// [`OptOut::bare`].
    pub fn opted(&mut self, account: AccountId, number: &Address, out: bool) {
        match Number::new(number) {
            Some(number) if out => self.add(account, number),
            Some(number) => self.remove(account, number),
            None => {}
        }
    }

    fn add(&mut self, account: AccountId, number: Number) {
        self.total += usize::from(self.by_account.entry(account).or_default().insert(number));
    }

    fn remove(&mut self, account: AccountId, number: Number) {
        let Some(numbers) = self.by_account.get_mut(&account) else { return };
        self.total -= usize::from(numbers.remove(&number));
        if numbers.is_empty() {
            self.by_account.remove(&account);
        }
    }

    /// Whether this number, in the form of [`OptOut::bare`], wants no more.
    #[must_use]
    pub fn has(&self, account: AccountId, number: &Address) -> bool {
        let numbers = self.by_account.get(&account);
        numbers.is_some_and(|numbers| Number::new(number).is_some_and(|number| numbers.contains(&number)))
    }

    /// Whether a message of this kind must not go to this recipient.
    #[must_use]
    pub fn stop(&self, rules: &OptOut, account: AccountId, category: Category, recipient: &Address) -> bool {
        // Of most gateways it is empty, and this is asked twice of every message.
        !self.is_empty() && !rules.spares(category) && self.has(account, &rules.bare(recipient))
    }

    /// Whether nobody has opted out.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Whether there are [`OPTED_OUT_MAX`].
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.total >= OPTED_OUT_MAX
    }

    /// How many numbers have opted out of an account's messages.
    #[must_use]
    pub fn of(&self, account: AccountId) -> usize {
        self.by_account.get(&account).map_or(0, BTreeSet::len)
    }

    /// All of it as integers, two for each number; as many records as it takes.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<Vec<u64>> {
        let pairs = |(account, numbers): (&AccountId, &BTreeSet<Number>)| {
            let account = u64::from(account.0) << 32;
            let pair = move |number: &Number| [account | u64::from(number.high), number.low];
            numbers.iter().map(pair).collect::<Vec<_>>()
        };
        let all: Vec<[u64; 2]> = self.by_account.iter().flat_map(pairs).collect();
        all.chunks(NUMBERS_PER_RECORD).map(<[_]>::concat).collect()
    }

    /// Adds what [`OptedOut::to_numbers`] gave.
    pub fn add_numbers(&mut self, numbers: &[u64]) {
        let half = |half: u64| u32::try_from(half & u64::from(u32::MAX)).unwrap_or(0);
        for [of, low] in numbers.as_chunks::<2>().0 {
            self.add(AccountId(half(of >> 32)), Number { high: half(*of), low: *low });
        }
    }
}

impl fmt::Debug for OptedOut {
    /// How many: whose numbers they are is nobody's business (promise 13).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} numbers>", self.total)
    }
}
