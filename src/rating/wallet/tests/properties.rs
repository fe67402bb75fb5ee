use proptest::prelude::*;

use super::*;

/// Something that happened to a wallet and that it agreed to.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Done(Timestamp, Operation),
    Taken(Timestamp, Hold),
    Settled(Hold),
    Released(Timestamp, Hold),
}

fn replay(wallet: &mut Wallet, fact: Fact) {
    match fact {
        Fact::Done(now, operation) => drop(wallet.apply(now, operation).unwrap()),
        Fact::Taken(now, hold) => drop(wallet.take(now, &hold).unwrap()),
        Fact::Settled(hold) => drop(wallet.settle(&hold).unwrap()),
        Fact::Released(now, hold) => drop(wallet.release(now, &hold).unwrap()),
    }
}

/// What somebody tries: a number that says what, two that say how much, and how long after the one before.
type Try = (u8, u64, u64, u64);

fn operation(now: Timestamp, (what, much, more, _): Try) -> Operation {
    let amount = Money::from_micros(i64::try_from(much % 300_000).unwrap() - 20_000);
    let expires = (more % 3 > 0).then(|| at(now.as_millis() + more % 400));
    let fund = FundId(u16::try_from(more % 8).unwrap());
    let refundable = match much % 3 {
        0 => Refundable::Never,
        1 => Refundable::Always,
        _ => Refundable::Until(at(now.as_millis() + 200)),
    };
    let payment = match more % 4 {
        0 | 1 => Payment::Prepaid,
        2 => Payment::Postpaid { credit_limit: amount },
        _ => Payment::Covered,
    };
    match what {
        0 | 1 => Operation::TopUp { amount, expires, refundable },
        2 => Operation::Voucher { amount, expires },
        3 => Operation::Package { segments: much % 7, paid: amount, expires, refundable },
        4 => Operation::RefundPackage { fund },
        5 => Operation::Withdraw { fund, amount },
        6 => Operation::Rebate { month: u32::try_from(more % 50).unwrap(), amount },
        7 => Operation::Collect { amount },
        8 => Operation::Terms(Terms { payment, low_money: Some(amount), low_segments: Some(more % 5) }),
        _ if more % 50 == 0 => Operation::Close,
        _ => Operation::Collect { amount: Money::from_micros(45_000) },
    }
}

/// A wallet that is used, with all that it agreed to and what that came to.
#[derive(Default)]
struct Story {
    wallet: Wallet,
    now: Timestamp,
    open: Vec<Hold>,
    facts: Vec<Fact>,
    /// After each fact.
    history: Vec<Wallet>,
    money_in: Money,
    spent: Spent,
}

impl Story {
    fn went(&mut self, fact: Fact) {
        self.facts.push(fact);
        self.history.push(self.wallet.clone());
    }

    fn attempt(&mut self, attempt: Try) -> Result<(), TestCaseError> {
        let (what, much, more, later) = attempt;
        self.now = at(self.now.as_millis() + later);
        match what {
            0..=9 => self.operate(operation(self.now, attempt)),
            10..=15 => {
                self.hold(u32::try_from(much % 6).unwrap(), Money::from_micros(45_000 + i64::from(what)))
            }
            _ if self.open.is_empty() => Ok(()),
            _ => {
                let hold = self.open.swap_remove(usize::try_from(more).unwrap() % self.open.len());
                let again = if what % 2 == 0 {
                    self.spent = self.spent.plus(self.wallet.settle(&hold).unwrap());
                    Fact::Settled(hold)
                } else {
                    self.release(&hold)?;
                    Fact::Released(self.now, hold)
                };
                self.went(again);
                Ok(())
            }
        }
    }

    fn operate(&mut self, operation: Operation) -> Result<(), TestCaseError> {
        let before = self.wallet.clone();
        let Ok(done) = self.wallet.apply(self.now, operation) else {
            prop_assert_eq!(&self.wallet, &before, "what is refused leaves no trace");
            return Ok(());
        };
        self.money_in = self.money_in.saturating_add(match (operation, done) {
            (Operation::TopUp { amount, .. } | Operation::Voucher { amount, .. }, _) => amount,
            (Operation::Rebate { .. }, Done::Rebated { cash, .. }) => cash,
            _ => Money::ZERO,
        });
        if let Done::Out(out) = done {
            prop_assert!(!out.is_negative());
        }
        self.went(Fact::Done(self.now, operation));
        Ok(())
    }

    fn hold(&mut self, segments: u32, unit: Money) -> Result<(), TestCaseError> {
        let planned = self.wallet.plan(self.now, segments, unit);
        if let Err(Shortage::Missing(missing)) = planned {
            prop_assert!(missing.is_positive());
            self.is_exactly_missing(missing, segments, unit)?;
        }
        let Ok(hold) = planned else { return Ok(()) };
        let paid = hold.money().saturating_add(unit.checked_mul(hold.segments()).unwrap());
        prop_assert_eq!(paid, unit.checked_mul(segments.into()).unwrap(), "all of it, and no more");
        self.wallet.take(self.now, &hold).unwrap();
        self.open.push(hold);
        self.went(Fact::Taken(self.now, hold));
        Ok(())
    }

    /// With so much more cash it would be paid, and with a micro-unit less it would not.
    fn is_exactly_missing(&self, missing: Money, segments: u32, unit: Money) -> Result<(), TestCaseError> {
        let with = |amount: Money| {
            let mut richer = self.wallet.clone();
            if amount.is_positive() {
                let (expires, refundable) = (None, Refundable::Always);
                richer.apply(self.now, Operation::TopUp { amount, expires, refundable }).unwrap();
            }
            richer.plan(self.now, segments, unit).is_ok()
        };
        prop_assert!(with(missing));
        prop_assert!(!with(missing.saturating_sub(Money::from_micros(1))));
        Ok(())
    }

    fn release(&mut self, hold: &Hold) -> Result<(), TestCaseError> {
        let before = self.wallet.totals().packages_refunded;
        let returned = self.wallet.release(self.now, hold).unwrap();
        prop_assert_eq!(returned.money.saturating_add(returned.void_money), hold.money());
        prop_assert!(returned.segments + returned.void_segments <= hold.segments());
        let due = self.wallet.totals().packages_refunded.saturating_sub(before);
        prop_assert_eq!(due, returned.refund_due);
        Ok(())
    }

    /// Every sum is where it should be.
    fn adds_up(&self) -> Result<(), TestCaseError> {
        let (wallet, totals) = (&self.wallet, self.wallet.totals());
        prop_assert_eq!(totals.money_in, self.money_in);
        prop_assert_eq!(totals.spent, self.spent);
        let left = wallet.sum(Fund::is_money, |fund| fund.left);
        let (held, on_credit) = wallet.held();
        let of_hold = |hold: &Hold| hold.money().as_micros();
        let open: i64 = self.open.iter().map(of_hold).sum();
        prop_assert_eq!(held.saturating_add(on_credit).as_micros(), open);
        let went = [left, held, self.spent.voucher, self.spent.cash, totals.void_money, totals.paid_out];
        let all = went.into_iter().chain([totals.collected]).fold(Money::ZERO, Money::saturating_add);
        prop_assert_eq!(all, self.money_in, "money in = money out + balances");
        let debt = wallet.owed().saturating_add(totals.collected).saturating_add(totals.forgiven);
        prop_assert_eq!(debt, self.spent.credit);
        prop_assert!(!wallet.owed().is_negative() && !on_credit.is_negative());
        let packages = wallet.funds().iter().filter(|fund| !fund.is_money());
        let segments: u64 = packages.clone().map(|fund| fund.left + fund.held).sum();
        let gone = totals.spent.segments + totals.void_segments + totals.segments_refunded;
        prop_assert_eq!(segments + gone, totals.segments_in);
        prop_assert_eq!(wallet.held_segments(), self.open.iter().map(Hold::segments).sum::<u64>());
        let worth = totals.packages_refunded.saturating_add(totals.spent.package_value);
        prop_assert!(worth <= totals.packages_paid);
        if wallet.terms().payment == Payment::Prepaid {
            prop_assert!(!wallet.to_spend(self.now).is_negative(), "prepaid is never below zero");
            prop_assert_eq!(wallet.owed().saturating_add(on_credit), Money::ZERO);
        }
        prop_assert!(wallet.funds().is_sorted_by_key(Fund::order));
        prop_assert!(wallet.funds().len() <= FUNDS_MAX + 1);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promise_5_money_in_is_money_out_and_balances(
        attempts in prop::collection::vec((0_u8..22, any::<u64>(), any::<u64>(), 0_u64..20), 1..150),
    ) {
        let mut story = Story::default();
        for attempt in attempts {
            story.attempt(attempt)?;
            story.adds_up()?;
        }
        // Each prefix of the facts makes the wallet as it then was, also by way of a snapshot between any two.
        let (mut replayed, mut restored) = (Wallet::default(), Wallet::default());
        for (fact, then) in story.facts.iter().zip(&story.history) {
            replay(&mut replayed, *fact);
            restored = Wallet::from_numbers(&restored.to_numbers()).unwrap();
            replay(&mut restored, *fact);
            prop_assert_eq!(&replayed, then);
            prop_assert_eq!(&restored, then);
        }
        // And once every message is over, nothing is held.
        for hold in std::mem::take(&mut story.open) {
            story.release(&hold)?;
        }
        prop_assert!(story.wallet.is_at_rest());
        story.adds_up()?;
    }

    #[test]
    fn r43_without_a_term_everything_is_spent_to_the_last_message(
        cash_in in 1_i64..2_000_000,
        vouchers in prop::collection::vec(1_i64..200_000, 0..5),
        packages in prop::collection::vec(1_u64..9, 0..5),
    ) {
        let mut wallet = Wallet::default();
        let (now, unit, expires) = (at(1), money("0.045"), None);
        let mut give = |operation| assert!(wallet.apply(now, operation).is_ok());
        let amount = Money::from_micros(cash_in);
        give(Operation::TopUp { amount, expires, refundable: Refundable::Always });
        for micros in &vouchers {
            give(Operation::Voucher { amount: Money::from_micros(*micros), expires });
        }
        for segments in &packages {
            let (segments, paid, refundable) = (*segments, Money::ZERO, Refundable::Never);
            give(Operation::Package { segments, paid, expires, refundable });
        }
        let money = u64::try_from(cash_in + vouchers.iter().sum::<i64>()).unwrap();
        let fit = money / 45_000 + packages.iter().sum::<u64>();
        let accepted = (0..fit + 5).filter(|_| wallet.hold(now, 1, unit).is_ok()).count();
        prop_assert_eq!(u64::try_from(accepted).unwrap(), fit);
    }
}
