//! What is owed? The shares of the tier that was reached, of the fees of the period, under the cap; and in which form.
//!
//! Nothing is rounded before the end, and then down, to a millionth of a unit of money (R27: the remainder is stated).

use crate::base::money::Money;
use crate::sla::terms::policy::{Base, Cap, FeeKind, Form, Terms, Tier};

/// What was consumed of one fee in a period, by what paid for it (R28). What was paid and not consumed is in none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fee {
    /// Money.
    pub cash: Money,
    /// Packages, at what was paid for the part that was used.
    pub package: Money,
    /// Vouchers.
    pub voucher: Money,
    /// Discounts: what would have been paid without them. Part of no base.
    pub discount: Money,
}

impl Fee {
    /// What the base has of it.
    #[must_use]
    pub const fn of(&self, base: Base) -> Money {
        let paid = self.cash.saturating_add(self.package);
        match base {
            Base::Consumed => paid.saturating_add(self.voucher),
            Base::Paid => paid,
        }
    }
}

/// The fees of a period: one of each kind, nothing where nothing was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fees([Fee; FeeKind::ALL.len()]);

impl Fees {
    /// These fees, and with them this one.
    #[must_use]
    pub fn with(mut self, kind: FeeKind, fee: Fee) -> Self {
        if let Some(place) = self.0.get_mut(kind as usize) {
            *place = fee;
        }
        self
    }

    /// One of them.
    #[must_use]
    pub fn of(&self, kind: FeeKind) -> Fee {
        self.0.get(kind as usize).copied().unwrap_or_default()
    }
}

/// What is owed of one fee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owed {
    /// Which fee.
    pub fee: FeeKind,
    /// What of it counts.
    pub base: Money,
    /// The share of that, before the cap.
    pub amount: Money,
}

/// What is owed for a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compensation {
    /// Of which fees, in the tier's order.
    pub owed: Vec<Owed>,
    /// All of it, under the cap.
    pub total: Money,
    /// Whether the cap took something off.
    pub capped: bool,
    /// In which form it is paid.
    pub payout: Payout,
}

/// How it is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Payout {
    /// A voucher of this amount.
    Voucher(Money),
    /// So many messages, and what is left that is less than one of them costs (R27).
    Messages {
        /// How many.
        messages: u64,
        /// What is left. It is not paid, only said.
        remainder: Money,
    },
}

/// Why nothing can be computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CompensationFault {
    /// Messages are owed, and there is no price of more than nothing to count them by.
    #[error("compensation in messages needs the rate card's price of one")]
    NoRateCard,
}

/// What is owed under `terms` for a period in which `tier` was reached. `rate_card` is the published price of one
/// message.
///
/// # Errors
///
/// When it is owed in messages and the rate card has no price above zero.
pub fn compensation(
    terms: &Terms,
    tier: &Tier,
    fees: &Fees,
    rate_card: Option<Money>,
) -> Result<Compensation, CompensationFault> {
    let owed: Vec<Owed> = tier
        .pays
        .iter()
        .map(|pays| {
            let base = fees.of(pays.fee).of(terms.base);
            Owed { fee: pays.fee, base, amount: Money::from_micros(pays.share.of(base.as_micros())) }
        })
        .collect();
    let uncapped = owed.iter().fold(Money::ZERO, |sum, owed| sum.saturating_add(owed.amount));
    let total = match terms.cap {
        Cap::None => uncapped,
        Cap::Paid => uncapped.min(paid(tier, fees)),
    };
    let payout = match terms.form {
        Form::Voucher => Payout::Voucher(total),
        Form::Messages => in_messages(total, rate_card)?,
    };
    Ok(Compensation { owed, total, capped: total < uncapped, payout })
}

/// What was paid with money of the fees that the tier is about; never less than nothing.
fn paid(tier: &Tier, fees: &Fees) -> Money {
    let paid = tier.pays.iter().map(|pays| fees.of(pays.fee).of(Base::Paid).max(Money::ZERO));
    paid.fold(Money::ZERO, Money::saturating_add)
}

fn in_messages(total: Money, rate_card: Option<Money>) -> Result<Payout, CompensationFault> {
    let price = rate_card.filter(|price| price.as_micros() > 0).ok_or(CompensationFault::NoRateCard)?;
    let messages = total.as_micros().checked_div(price.as_micros()).ok_or(CompensationFault::NoRateCard)?;
    let remainder = total.saturating_sub(Money::from_micros(messages.saturating_mul(price.as_micros())));
    Ok(Payout::Messages { messages: u64::try_from(messages).unwrap_or(0), remainder })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sla::terms::tests::policies;

    /// The list price of S4, 0.045.
    const RATE_CARD: Money = Money::from_micros(45_000);

    fn yuan(yuan: i64) -> Money {
        Money::from_micros(yuan * 1_000_000)
    }

    fn cash(kind: FeeKind, amount: i64) -> Fees {
        Fees::default().with(kind, Fee { cash: yuan(amount), ..Fee::default() })
    }

    /// What the tier at this place pays of these fees.
    fn owed(terms: &Terms, tier: usize, fees: &Fees) -> Compensation {
        compensation(terms, &terms.tiers[tier], fees, Some(RATE_CARD)).unwrap()
    }

    #[test]
    fn r26_jd_pays_a_voucher_of_5_percent_of_the_months_fee() {
        let jd = policies::terms(&policies::jd());
        let paid = owed(&jd, 0, &cash(FeeKind::Messages, 10_000));
        assert_eq!(paid.payout, Payout::Voucher(yuan(500)));
        assert_eq!(owed(&jd, 0, &cash(FeeKind::Messages, 0)).payout, Payout::Voucher(yuan(0)));
    }

    #[test]
    fn r27_tencent_pays_in_messages_and_says_what_is_left() {
        let tencent = policies::terms(&policies::tencent());
        let fees = cash(FeeKind::Messages, 10_000);
        let ten = Payout::Messages { messages: 22_222, remainder: Money::from_micros(10_000) };
        assert_eq!(owed(&tencent, 0, &fees).payout, ten, "10 %, rest 0.01");
        let thirty = Payout::Messages { messages: 66_666, remainder: Money::from_micros(30_000) };
        assert_eq!(owed(&tencent, 1, &fees).payout, thirty, "30 %, rest 0.03");
    }

    #[test]
    fn r27_messages_without_a_price_are_refused() {
        let tencent = policies::terms(&policies::tencent());
        for price in [None, Some(Money::from_micros(0)), Some(Money::from_micros(-1))] {
            let refused = compensation(&tencent, &tencent.tiers[0], &cash(FeeKind::Messages, 1), price);
            assert_eq!(refused, Err(CompensationFault::NoRateCard), "{price:?}");
        }
    }

    #[test]
    fn r28_a_month_paid_wholly_by_voucher_is_not_compensated() {
        let tencent = policies::terms(&policies::tencent());
        let by_voucher = Fee { voucher: yuan(10_000), ..Fee::default() };
        let paid = owed(&tencent, 1, &Fees::default().with(FeeKind::Messages, by_voucher));
        assert_eq!(paid.owed[0].amount, yuan(3_000), "30 % of what was consumed");
        assert_eq!((paid.total, paid.capped), (yuan(0), true));
        assert_eq!(paid.payout, Payout::Messages { messages: 0, remainder: yuan(0) });
    }

    #[test]
    fn r28_the_cap_is_the_fee_that_was_paid_without_vouchers_and_discounts() {
        let tencent = policies::terms(&policies::tencent());
        let fee = Fee { cash: yuan(500), package: yuan(500), voucher: yuan(9_000), discount: yuan(70_000) };
        let paid = owed(&tencent, 1, &Fees::default().with(FeeKind::Messages, fee));
        assert_eq!((paid.owed[0].base, paid.total, paid.capped), (yuan(10_000), yuan(1_000), true));
    }

    #[test]
    fn r29_jd_never_owes_more_than_was_paid() {
        let jd = policies::terms(&policies::jd());
        let fee = Fee { cash: yuan(100), voucher: yuan(9_900), ..Fee::default() };
        let paid = owed(&jd, 0, &Fees::default().with(FeeKind::Messages, fee));
        assert_eq!(paid.total, yuan(5), "5 % of what was paid with money");
    }

    #[test]
    fn r80_the_call_centre_pays_of_two_fees() {
        let call_centre = policies::terms(&policies::call_centre());
        let fees =
            cash(FeeKind::Service, 1_000).with(FeeKind::Calls, cash(FeeKind::Calls, 500).of(FeeKind::Calls));
        let amounts = |tier| {
            let paid = owed(&call_centre, tier, &fees);
            (paid.owed[0].amount, paid.owed[1].amount, paid.payout)
        };
        assert_eq!(amounts(0), (yuan(140), yuan(25), Payout::Voucher(yuan(165))), "99.5 %");
        assert_eq!(amounts(1), (yuan(280), yuan(50), Payout::Voucher(yuan(330))), "97 %");
        assert_eq!(amounts(2), (yuan(1_000), yuan(100), Payout::Voucher(yuan(1_100))), "94 %");
    }

    #[test]
    fn a17_what_a_voucher_paid_is_in_neither_base_of_the_call_centre() {
        let call_centre = policies::terms(&policies::call_centre());
        let by_voucher = Fee { voucher: yuan(1_000), ..Fee::default() };
        let fees = Fees::default().with(FeeKind::Service, by_voucher).with(FeeKind::Calls, by_voucher);
        assert_eq!(owed(&call_centre, 2, &fees).payout, Payout::Voucher(yuan(0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn r27_messages_and_the_remainder_are_the_whole_amount(
            cash in -1_000_000_000_000_i64..1_000_000_000_000,
            price in 1_i64..100_000_000,
        ) {
            let tencent = policies::terms(&policies::tencent());
            let fee = Fee { cash: Money::from_micros(cash), ..Fee::default() };
            let fees = Fees::default().with(FeeKind::Messages, fee);
            let paid = compensation(&tencent, &tencent.tiers[1], &fees, Some(Money::from_micros(price))).unwrap();
            let Payout::Messages { messages, remainder } = paid.payout else { panic!("in messages") };
            prop_assert!(remainder.as_micros() >= 0 && remainder.as_micros() < price);
            prop_assert_eq!(i64::try_from(messages).unwrap() * price + remainder.as_micros(), paid.total.as_micros());
            prop_assert!(paid.total.as_micros() <= cash.max(0));
        }
    }
}
