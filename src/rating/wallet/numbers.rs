//! A wallet as a snapshot has it: integers.
//!
//! ```text
//! format (1) | length of the head | head | length of a fund | funds
//! ```
//!
//! The head and a fund get new numbers at their end; what an older snapshot does not have is zero. An optional number
//! is one more than it, or 0; an amount of money is its 64 bits.

use super::{Fund, FundKind, Spent, Totals, Wallet};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::message::{FundId, Payment, Refundable, Terms};

const FORMAT: u64 = 1;
const HEAD: usize = 24;
const FUND: usize = 10;

impl Wallet {
    /// The wallet as integers, for a snapshot.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<u64> {
        let (payment, limit) = match self.terms.payment {
            Payment::Prepaid => (0, Money::ZERO),
            Payment::Postpaid { credit_limit } => (1, credit_limit),
            Payment::Covered => (2, Money::ZERO),
        };
        let flags = [self.warned_of_money, self.warned_of_segments, self.closed];
        let flags = flags.iter().rev().fold(0, |bits, flag| bits << 1 | u64::from(*flag));
        let Totals { spent, .. } = self.totals;
        let head: [u64; HEAD] = [
            payment,
            bits(limit),
            some(self.terms.low_money.map(bits)),
            some(self.terms.low_segments),
            self.last_fund.into(),
            bits(self.owed_held),
            bits(self.owed),
            self.settled_through.into(),
            flags,
            bits(self.totals.money_in),
            self.totals.segments_in,
            bits(self.totals.packages_paid),
            bits(spent.voucher),
            bits(spent.cash),
            bits(spent.credit),
            spent.segments,
            bits(spent.package_value),
            bits(self.totals.void_money),
            self.totals.void_segments,
            bits(self.totals.paid_out),
            bits(self.totals.packages_refunded),
            self.totals.segments_refunded,
            bits(self.totals.collected),
            bits(self.totals.forgiven),
        ];
        let mut numbers = vec![FORMAT, HEAD as u64];
        numbers.extend(head);
        numbers.push(FUND as u64);
        numbers.extend(self.funds.iter().flat_map(numbers_of));
        numbers
    }

    /// What [`Wallet::to_numbers`] gave; `None` for what no wallet gave: money is not guessed.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Option<Self> {
        let (format, rest) = numbers.split_first()?;
        let (head, rest) = split(rest)?;
        let (width, funds) = rest.split_first()?;
        let width = usize::try_from(*width).ok().filter(|width| *width > 0)?;
        let funds = funds.chunks(width);
        if *format != FORMAT || funds.clone().any(|fund| fund.len() != width) {
            return None;
        }
        let head: [u64; HEAD] = first(head);
        let [payment, limit, low_money, low_segments, last_fund, owed_held, owed, settled, flags, ..] = head;
        let [.., collected, forgiven] = head;
        let payment = match payment {
            0 => Payment::Prepaid,
            1 => Payment::Postpaid { credit_limit: money(limit) },
            2 => Payment::Covered,
            _ => return None,
        };
        let low_money = low_money.checked_sub(1).map(money);
        let [money_in, segments_in, packages_paid, voucher, cash, credit, segments, package_value, rest @ ..] =
            first::<15>(head.get(9..)?);
        let [void_money, void_segments, paid_out, packages_refunded, segments_refunded, ..] = rest;
        let spent = Spent {
            voucher: money(voucher),
            cash: money(cash),
            credit: money(credit),
            segments,
            package_value: money(package_value),
        };
        Some(Self {
            terms: Terms { payment, low_money, low_segments: low_segments.checked_sub(1) },
            funds: funds.map(fund_of).collect::<Option<_>>()?,
            last_fund: last_fund.try_into().ok()?,
            owed_held: money(owed_held),
            owed: money(owed),
            totals: Totals {
                money_in: money(money_in),
                segments_in,
                packages_paid: money(packages_paid),
                spent,
                void_money: money(void_money),
                void_segments,
                paid_out: money(paid_out),
                packages_refunded: money(packages_refunded),
                segments_refunded,
                collected: money(collected),
                forgiven: money(forgiven),
            },
            settled_through: settled.try_into().ok()?,
            warned_of_money: flags & 1 != 0,
            warned_of_segments: flags & 2 != 0,
            closed: flags & 4 != 0,
        })
    }
}

fn numbers_of(fund: &Fund) -> [u64; FUND] {
    let refundable = match fund.refundable {
        Refundable::Never => 0,
        Refundable::Always => 1,
        Refundable::Until(last) => last.as_millis().saturating_add(2),
    };
    let expires = some(fund.expires.map(Timestamp::as_millis));
    let Fund { left, held, size, spent, refunded, .. } = *fund;
    [
        fund.id.0.into(),
        fund.kind as u64,
        left,
        held,
        expires,
        refundable,
        size,
        bits(fund.paid),
        spent,
        refunded,
    ]
}

fn fund_of(numbers: &[u64]) -> Option<Fund> {
    let [id, kind, left, held, expires, refundable, size, paid, spent, refunded] = first(numbers);
    Some(Fund {
        id: FundId(id.try_into().ok()?),
        kind: FundKind::ALL.get(usize::try_from(kind).ok()?).copied()?,
        left,
        held,
        expires: expires.checked_sub(1).map(Timestamp::from_millis),
        refundable: match refundable {
            0 => Refundable::Never,
            1 => Refundable::Always,
            until => Refundable::Until(Timestamp::from_millis(until.saturating_sub(2))),
        },
        size,
        paid: money(paid),
        spent,
        refunded,
    })
}

/// A length, and so many numbers behind it.
fn split(numbers: &[u64]) -> Option<(&[u64], &[u64])> {
    let (length, rest) = numbers.split_first()?;
    rest.split_at_checked(usize::try_from(*length).ok()?)
}

/// The first `N` numbers; zero where there are fewer.
fn first<const N: usize>(numbers: &[u64]) -> [u64; N] {
    std::array::from_fn(|place| numbers.get(place).copied().unwrap_or(0))
}

fn some(number: Option<u64>) -> u64 {
    number.map_or(0, |number| number.saturating_add(1))
}

const fn bits(money: Money) -> u64 {
    money.as_micros().cast_unsigned()
}

const fn money(bits: u64) -> Money {
    Money::from_micros(bits.cast_signed())
}
