//! Was the promised success rate kept? The counts of a period, read in three ways, judged in one.

use std::cmp::Ordering;

use crate::message::{Class, Fault};
use crate::sla::counters::Rate;
use crate::sla::terms::fraction::Ratio;
use crate::sla::terms::policy::{Numerator, TargetOp, Terms, Tier};

/// How the messages of a period ended. Each message counts once, however long it is (A5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    delivered: u64,
    /// By whose fault, in the order of [`Fault::ALL`].
    failed: [u64; Fault::ALL.len()],
    invalid: u64,
    excluded: u64,
    pending: u64,
}

impl Counts {
    /// Counts messages that ended so.
    pub fn add(&mut self, class: Class, fault: Fault, messages: u64) {
        let count = match class {
            Class::Delivered => Some(&mut self.delivered),
            Class::ExplicitFailure => self.failed.get_mut(fault as usize),
            Class::InvalidNumber => Some(&mut self.invalid),
            Class::Excluded => Some(&mut self.excluded),
            Class::Pending => Some(&mut self.pending),
        };
        if let Some(count) = count {
            *count = count.saturating_add(messages);
        }
    }

    /// Explicit failures at somebody's fault.
    #[must_use]
    pub fn failed(&self, fault: Fault) -> u64 {
        self.failed.get(fault as usize).copied().unwrap_or(0)
    }

    /// Failures and valid messages in one reading (R1, A2). Invalid numbers and exclusions are in neither (R5, A3),
    /// messages without a final word are no failures and stay among the valid ones (A4).
    ///
    /// A failure of which nobody knows, or says, whose fault it is counts against the provider in every reading.
    #[must_use]
    pub fn reading(&self, numerator: Numerator) -> Rate {
        let of = |faults: &[Fault]| sum(faults.iter().map(|fault| self.failed(*fault)));
        let all = sum(self.failed);
        let unknown = [Fault::None, Fault::Unknown];
        let failures = match numerator {
            Numerator::Strict => all,
            Numerator::Attributable => sum([of(&unknown), of(&[Fault::Platform, Fault::Carrier])]),
            Numerator::Literal => sum([of(&unknown), of(&[Fault::Platform])]),
        };
        let failures_in_valid = if numerator == Numerator::Literal { failures } else { all };
        Rate { failures, valid: sum([self.delivered, failures_in_valid, self.pending]) }
    }

    /// How many of the messages that count, or would but for their number, have had a final word (A4).
    #[must_use]
    pub fn coverage(&self) -> Ratio {
        let known = sum([self.delivered, sum(self.failed), self.invalid]);
        Ratio { part: known, whole: known.saturating_add(self.pending) }
    }
}

fn sum(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

impl Rate {
    /// The rate as what was reached: the messages that did not fail among those that count.
    #[must_use]
    pub const fn reached(self) -> Ratio {
        Ratio { part: self.valid.saturating_sub(self.failures), whole: self.valid }
    }
}

/// What a period is worth under its terms. Two answers, because a contract may promise more than it pays for (A1);
/// none where there was nothing to measure (R1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// What was reached.
    pub reached: Ratio,
    /// Whether that is less than was promised.
    pub target_missed: Option<bool>,
    /// Whether something is to be paid.
    pub compensation_due: Option<bool>,
    /// The tier that is to be paid by, as its place among those of the terms.
    pub tier: Option<usize>,
}

impl Terms {
    /// What it means that so much was reached.
    #[must_use]
    pub fn judge(&self, reached: Ratio) -> Judgement {
        let target_missed = reached.compare(self.target.share).map(|order| match self.target.op {
            TargetOp::AtLeast => order == Ordering::Less,
            TargetOp::MoreThan => order != Ordering::Greater,
        });
        // The limits descend, so the last one that is still above is the one that was reached.
        let tier = self.tiers.iter().rposition(|tier| reached.compare(tier.below) == Some(Ordering::Less));
        Judgement { reached, target_missed, compensation_due: target_missed.map(|_| tier.is_some()), tier }
    }

    /// The tier of a judgement under these terms.
    #[must_use]
    pub fn tier(&self, judgement: &Judgement) -> Option<&Tier> {
        judgement.tier.and_then(|place| self.tiers.get(place))
    }
}

/// The success rate of a period: three readings side by side, and the judgement by the one that the contract takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Every explicit failure.
    pub strict: Rate,
    /// Those that can be put down to the provider and the carriers that it chose.
    pub attributable: Rate,
    /// Those that the contract's words leave.
    pub literal: Rate,
    /// By which of them it is judged.
    pub numerator: Numerator,
    /// What follows from that one.
    pub judgement: Judgement,
    /// How many messages have had a final word.
    pub coverage: Ratio,
}

/// The success rate of a period from its counts, judged under `terms` by `numerator`.
#[must_use]
pub fn verdict(counts: &Counts, terms: &Terms, numerator: Numerator) -> Verdict {
    Verdict {
        strict: counts.reading(Numerator::Strict),
        attributable: counts.reading(Numerator::Attributable),
        literal: counts.reading(Numerator::Literal),
        numerator,
        judgement: terms.judge(counts.reading(numerator).reached()),
        coverage: counts.coverage(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sla::terms::tests::policies;

    fn jd() -> Terms {
        policies::terms(&policies::jd())
    }

    fn tencent() -> Terms {
        policies::terms(&policies::tencent())
    }

    /// A period in which so many of so many valid messages failed at the platform's fault.
    fn counts(failures: u64, valid: u64) -> Counts {
        let mut counts = Counts::default();
        counts.add(Class::Delivered, Fault::None, valid - failures);
        counts.add(Class::ExplicitFailure, Fault::Platform, failures);
        counts
    }

    /// Whether the target was missed, whether something is due, and which tier.
    fn judged(terms: &Terms, failures: u64, valid: u64) -> (Option<bool>, Option<bool>, Option<usize>) {
        let judgement = verdict(&counts(failures, valid), terms, Numerator::Strict).judgement;
        (judgement.target_missed, judgement.compensation_due, judgement.tier)
    }

    #[test]
    fn r1_50_000_failures_of_a_million_pass_and_50_001_are_a_breach() {
        assert_eq!(judged(&jd(), 50_000, 1_000_000).0, Some(false));
        assert_eq!(judged(&jd(), 50_001, 1_000_000).0, Some(true));
        assert_eq!(judged(&jd(), 0, 0), (None, None, None), "nothing valid: not applicable");
    }

    #[test]
    fn r2_equality_meets_the_target() {
        assert_eq!(judged(&tencent(), 500, 10_000), (Some(false), Some(false), None), "95.00 %");
        assert_eq!(judged(&tencent(), 501, 10_000), (Some(true), Some(true), Some(0)), "94.99 %");
        let more_than = Terms { target: policies::target("95%", TargetOp::MoreThan), ..tencent() };
        assert_eq!(judged(&more_than, 500, 10_000).0, Some(true));
        // No tier has 95 % in it: the target is missed and nothing is paid.
        assert_eq!(judged(&more_than, 500, 10_000).1, Some(false));
    }

    #[test]
    fn r26_a1_jd_pays_below_90_percent_only_though_it_promises_95() {
        assert_eq!(judged(&jd(), 10_000, 100_000), (Some(true), Some(false), None), "90.00 %");
        assert_eq!(judged(&jd(), 10_001, 100_000), (Some(true), Some(true), Some(0)), "89.999 %");
    }

    #[test]
    fn r27_tencent_has_a_tier_from_90_percent_and_one_below() {
        assert_eq!(judged(&tencent(), 10_000, 100_000).2, Some(0), "90.00 %");
        assert_eq!(judged(&tencent(), 10_001, 100_000).2, Some(1), "89.999 %");
        assert_eq!(judged(&tencent(), 100_000, 100_000).2, Some(1));
    }

    #[test]
    fn r4_a2_the_same_messages_give_three_numerators_side_by_side() {
        let mut counts = counts(10, 1_000);
        for (place, fault) in
            Fault::ALL.into_iter().enumerate().filter(|(_, fault)| *fault != Fault::Platform)
        {
            counts.add(Class::ExplicitFailure, fault, 10_u64.pow(u32::try_from(place % 4).unwrap()));
        }
        // None 1, recipient 10, customer 100, carrier 1, regulator 10, unknown 100; platform 10.
        let seen = verdict(&counts, &jd(), Numerator::Strict);
        assert_eq!(seen.strict, Rate { failures: 232, valid: 1_222 });
        assert_eq!(seen.attributable, Rate { failures: 112, valid: 1_222 }, "others stay in the denominator");
        assert_eq!(seen.literal, Rate { failures: 111, valid: 1_101 }, "others leave both");
        assert_eq!(seen.judgement.reached, seen.strict.reached());
        let tencent = verdict(&counts, &tencent(), Numerator::Attributable);
        assert_eq!(tencent.judgement.reached, seen.attributable.reached());
        assert_eq!((tencent.strict, tencent.literal), (seen.strict, seen.literal));
    }

    #[test]
    fn a2_a_failure_at_nobody_knows_whose_fault_counts_against_the_provider_in_every_reading() {
        for fault in [Fault::Unknown, Fault::None] {
            let mut counts = Counts::default();
            counts.add(Class::ExplicitFailure, fault, 1);
            for numerator in Numerator::ALL {
                assert_eq!(
                    counts.reading(numerator),
                    Rate { failures: 1, valid: 1 },
                    "{fault:?} {numerator:?}"
                );
            }
        }
    }

    #[test]
    fn a4_a_message_without_a_receipt_is_no_failure_and_stays_in_the_denominator() {
        let mut counts = counts(1, 10);
        counts.add(Class::Pending, Fault::Carrier, 10);
        assert_eq!(counts.reading(Numerator::Strict), Rate { failures: 1, valid: 20 });
        counts.add(Class::InvalidNumber, Fault::Recipient, 5);
        assert_eq!(counts.coverage(), Ratio { part: 15, whole: 25 });
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn r5_a3_invalid_and_excluded_messages_never_move_the_rate(
            ended in prop::collection::vec((0..5_usize, 0..7_usize, 0..1_000_u64), 0..20),
            invalid in 0..u64::from(u32::MAX),
            excluded in 0..u64::from(u32::MAX),
            fault in 0..7_usize,
        ) {
            let mut counts = Counts::default();
            for (class, fault, messages) in ended {
                counts.add(Class::ALL[class], Fault::ALL[fault], messages);
            }
            let before = Numerator::ALL.map(|numerator| counts.reading(numerator));
            counts.add(Class::InvalidNumber, Fault::ALL[fault], invalid);
            counts.add(Class::Excluded, Fault::ALL[fault], excluded);
            prop_assert_eq!(Numerator::ALL.map(|numerator| counts.reading(numerator)), before);
        }

        #[test]
        fn r1_a_verdict_is_the_integer_comparison_of_the_contract(
            failures in 0..2_000_000_u64,
            more in 0..40_000_000_u64,
        ) {
            let valid = failures + more;
            let missed = judged(&jd(), failures, valid).0;
            prop_assert_eq!(missed, (valid > 0).then_some(failures * 100 > valid * 5));
        }
    }
}
