//! When is a message charged? On acceptance, on the carrier's OK, or on delivery: the contract says (R39, A9).
//!
//! Money is held when a message is accepted, and then settled or released exactly once, whatever happens in whatever
//! order and however often (promise 5): the [`Charge`] that is kept with the message says what has been done. Copies
//! of a message in doubt share it, so at most one is charged (promise 6).

use crate::message::{Charge, ChargeOn, Class, Verdict};

/// What happened to a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happened {
    /// We accepted it.
    Accepted,
    /// A carrier took it, or a copy of it.
    TakenByCarrier,
    /// A carrier did not take it, and it will be tried again.
    Refused,
    /// It is over, as this, by this word.
    Ended(Class, Verdict),
}

/// What is to be done with the message's money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Hold it.
    Hold,
    /// Hold and settle it at once: nothing need be kept with the message.
    HoldAndSettle,
    /// Settle what is held.
    Settle,
    /// Give back what is held.
    Release,
    /// Nothing.
    Nothing,
}

impl Charge {
    /// What is to be done now, and the state after it.
    ///
    /// `rule` is best the one under which the message was accepted; were it another, what is held is still settled
    /// or released once, by the rule that is given when it ends.
    #[must_use]
    pub const fn step(self, rule: ChargeOn, happened: Happened) -> (Self, Action) {
        match (self, happened) {
            (Self::None, Happened::Accepted) => match rule {
                ChargeOn::Accept => (Self::Settled, Action::HoldAndSettle),
                ChargeOn::CarrierOk | ChargeOn::Delivery => (Self::Held, Action::Hold),
            },
            (Self::Held, Happened::TakenByCarrier) if !matches!(rule, ChargeOn::Delivery) => {
                (Self::Settled, Action::Settle)
            }
            (Self::Held, Happened::Ended(class, verdict)) => {
                if is_due(rule, class, verdict) {
                    (Self::Settled, Action::Settle)
                } else {
                    (Self::Released, Action::Release)
                }
            }
            _ => (self, Action::Nothing),
        }
    }
}

/// Whether a message whose money is still held when it ends is to be paid for.
const fn is_due(rule: ChargeOn, class: Class, verdict: Verdict) -> bool {
    match rule {
        ChargeOn::Accept => true,
        // A receipt proves that the carrier took it, also when its answer was never seen. A doubt that nothing ended
        // proves nothing, and is not paid for.
        ChargeOn::CarrierOk => matches!(verdict, Verdict::Receipt | Verdict::ReceiptNeverCame),
        ChargeOn::Delivery => matches!(class, Class::Delivered),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ChargeOn::{Accept, CarrierOk, Delivery};
    use super::Happened::{Accepted, Ended, Refused, TakenByCarrier};
    use super::*;

    fn actions(rule: ChargeOn, story: &[Happened]) -> Vec<Action> {
        let mut charge = Charge::None;
        let mut actions = Vec::new();
        for happened in story {
            let (after, action) = charge.step(rule, *happened);
            charge = after;
            if action != Action::Nothing {
                actions.push(action);
            }
        }
        actions
    }

    const DELIVERED: Happened = Ended(Class::Delivered, Verdict::Receipt);
    const FAILED: Happened = Ended(Class::ExplicitFailure, Verdict::Receipt);
    const REFUSED_FOR_GOOD: Happened = Ended(Class::ExplicitFailure, Verdict::Refusal);
    const EXPIRED: Happened = Ended(Class::ExplicitFailure, Verdict::Expired);

    #[test]
    fn r39_what_the_carrier_refuses_is_not_charged_where_submission_is_what_is_paid_for() {
        assert_eq!(
            actions(CarrierOk, &[Accepted, Refused, REFUSED_FOR_GOOD]),
            [Action::Hold, Action::Release]
        );
        assert_eq!(actions(CarrierOk, &[Accepted, TakenByCarrier, FAILED]), [Action::Hold, Action::Settle]);
        assert_eq!(actions(CarrierOk, &[Accepted, EXPIRED]), [Action::Hold, Action::Release]);
    }

    #[test]
    fn r40_charged_on_submission_is_charged_whatever_becomes_of_it() {
        for end in [DELIVERED, FAILED, REFUSED_FOR_GOOD, EXPIRED] {
            assert_eq!(actions(Accept, &[Accepted, Refused, end]), [Action::HoldAndSettle]);
        }
    }

    #[test]
    fn a9_each_rule_charges_for_its_own_event() {
        let delivered = [Accepted, TakenByCarrier, DELIVERED];
        for rule in [CarrierOk, Delivery] {
            assert_eq!(actions(rule, &delivered), [Action::Hold, Action::Settle]);
        }
        let after = |rule, happened| Charge::Held.step(rule, happened).0;
        assert_eq!(after(CarrierOk, TakenByCarrier), Charge::Settled);
        assert_eq!(after(Delivery, TakenByCarrier), Charge::Held);
        for class in Class::ALL {
            let expected = if class == Class::Delivered { Charge::Settled } else { Charge::Released };
            assert_eq!(after(Delivery, Ended(class, Verdict::Receipt)), expected, "{class:?}");
        }
        assert_eq!(after(Delivery, Ended(Class::Pending, Verdict::ReceiptNeverCame)), Charge::Released);
    }

    #[test]
    fn a_receipt_before_the_answer_proves_that_the_carrier_took_it() {
        assert_eq!(
            actions(CarrierOk, &[Accepted, DELIVERED, TakenByCarrier]),
            [Action::Hold, Action::Settle]
        );
        let timed_out = Ended(Class::Pending, Verdict::DoubtTimedOut);
        assert_eq!(actions(CarrierOk, &[Accepted, timed_out, DELIVERED]), [Action::Hold, Action::Release]);
    }

    #[test]
    fn promise_6_of_several_copies_one_is_charged() {
        let copies = [Accepted, TakenByCarrier, TakenByCarrier, DELIVERED, FAILED, DELIVERED];
        for rule in ChargeOn::ALL {
            assert!(actions(rule, &copies).len() <= 2);
        }
    }

    #[test]
    fn what_was_accepted_before_prices_were_kept_is_free() {
        for rule in ChargeOn::ALL {
            assert_eq!(actions(rule, &[TakenByCarrier, DELIVERED]), []);
        }
    }

    fn anything() -> impl Strategy<Value = Happened> {
        prop_oneof![
            Just(Accepted),
            Just(TakenByCarrier),
            Just(Refused),
            (0..Class::ALL.len(), 0..Verdict::ALL.len())
                .prop_map(|(class, verdict)| Ended(Class::ALL[class], Verdict::ALL[verdict])),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn promise_5_money_moves_once_whatever_happens(
            story in prop::collection::vec((anything(), 0..3_usize), 0..12),
            end in (0..Class::ALL.len(), 0..Verdict::ALL.len()),
        ) {
            let mut charge = Charge::None;
            let (mut held, mut moved) = (0, 0);
            let end = (Ended(Class::ALL[end.0], Verdict::ALL[end.1]), 0);
            for (happened, rule) in story.into_iter().chain([end]) {
                let (after, action) = charge.step(ChargeOn::ALL[rule], happened);
                held += i32::from(matches!(action, Action::Hold | Action::HoldAndSettle));
                moved += i32::from(matches!(action, Action::HoldAndSettle | Action::Settle | Action::Release));
                prop_assert!(moved <= held && held <= 1);
                charge = after;
            }
            prop_assert_eq!(moved, held, "what has ended holds nothing");
            prop_assert_ne!(charge, Charge::Held);
        }
    }
}
