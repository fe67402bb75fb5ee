//! Was the promised success rate kept? The ends of a period's messages, read in three ways and judged by one.

use std::cmp::Ordering;

use crate::sla::book::{Sums, Variant};
use crate::sla::counters::Rate;
use crate::sla::terms::fraction::Ratio;
use crate::sla::terms::policy::{TargetOp, Terms, Tier};

/// The success rate of a period in its three readings, side by side (A2). Each message counts once, however long it is
/// (A5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Readings {
    /// Every explicit failure.
    pub strict: Rate,
    /// Those that can be put down to the provider and the carriers that it chose.
    pub attributable: Rate,
    /// Those that the contracts' words leave when they exclude all that is not the provider's.
    pub literal: Rate,
    /// How many messages were reported of those that ended (A4).
    pub coverage: Ratio,
}

impl Readings {
    /// The readings of what ended.
    #[must_use]
    pub fn of(ended: &Sums) -> Self {
        let (part, whole) = ended.reported();
        Self {
            strict: ended.rate(Variant::Strict),
            attributable: ended.rate(Variant::Attributable),
            literal: ended.rate(Variant::Literal),
            coverage: Ratio { part, whole },
        }
    }

    /// One of them.
    #[must_use]
    pub const fn by(&self, variant: Variant) -> Rate {
        match variant {
            Variant::Strict => self.strict,
            Variant::Attributable => self.attributable,
            Variant::Literal => self.literal,
        }
    }
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

/// The success rate of a period, and what it is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// In all readings.
    pub readings: Readings,
    /// By which of them it is judged.
    pub numerator: Variant,
    /// What follows from that one.
    pub judgement: Judgement,
}

/// What the success rate of a period is worth under `terms`, judged by `numerator`.
#[must_use]
pub fn verdict(readings: &Readings, terms: &Terms, numerator: Variant) -> Verdict {
    let judgement = terms.judge(readings.by(numerator).reached());
    Verdict { readings: *readings, numerator, judgement }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::ids::{AccountId, CarrierId};
    use crate::message::{Category, Class, Fault, Outcome, Zone};
    use crate::sla::book::{Book, CellKey, ContractDay};
    use crate::sla::failed_by_platform;
    use crate::sla::terms::tests::policies;

    fn jd() -> Terms {
        policies::terms(&policies::jd())
    }

    fn tencent() -> Terms {
        policies::terms(&policies::tencent())
    }

    /// Whether the target was missed, whether something is due, and which tier, when so many of so many failed.
    fn judged(terms: &Terms, failures: u64, valid: u64) -> (Option<bool>, Option<bool>, Option<usize>) {
        let rate = Rate { failures, valid };
        let coverage = Ratio::default();
        let readings = Readings { strict: rate, attributable: rate, literal: rate, coverage };
        let Judgement { target_missed, compensation_due, tier, .. } =
            verdict(&readings, terms, Variant::Strict).judgement;
        (target_missed, compensation_due, tier)
    }

    fn end(book: &mut Book, class: Class, fault: Fault, messages: u64) {
        let (account, carrier) = (AccountId(1), CarrierId(1));
        let (category, zone) = (Category::default(), Zone::default());
        let key = CellKey { day: ContractDay(18_000), account, carrier, category, zone };
        let outcome = Outcome { class, fault, ..failed_by_platform(b"") };
        (0..messages).for_each(|_| book.count(key, &outcome));
    }

    fn readings(book: &Book) -> Readings {
        Readings::of(&book.sums(|_| true))
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
        let mut book = Book::default();
        end(&mut book, Class::Delivered, Fault::None, 900);
        let failed = [(Fault::Recipient, 1), (Fault::Customer, 2), (Fault::Platform, 4), (Fault::Carrier, 8)];
        for (fault, messages) in failed.into_iter().chain([(Fault::Regulator, 16), (Fault::Unknown, 32)]) {
            end(&mut book, Class::ExplicitFailure, fault, messages);
        }
        let seen = readings(&book);
        let valid = 963;
        assert_eq!(seen.strict, Rate { failures: 63, valid });
        assert_eq!(seen.attributable, Rate { failures: 4 + 8 + 32, valid }, "unknown is the provider's");
        assert_eq!(seen.literal, Rate { failures: 4 + 32, valid });
        let jd = verdict(&seen, &jd(), Variant::Strict);
        let tencent = verdict(&seen, &tencent(), Variant::Attributable);
        assert_eq!((jd.readings, jd.judgement.target_missed), (seen, Some(true)), "93.46 %");
        assert_eq!((tencent.readings, tencent.judgement.target_missed), (seen, Some(false)), "95.43 %");
    }

    #[test]
    fn a4_a_message_without_a_receipt_is_no_failure_and_stays_in_the_denominator() {
        let mut book = Book::default();
        end(&mut book, Class::Delivered, Fault::None, 9);
        end(&mut book, Class::ExplicitFailure, Fault::Platform, 1);
        end(&mut book, Class::Pending, Fault::Carrier, 10);
        assert_eq!(readings(&book).strict, Rate { failures: 1, valid: 20 });
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn r5_a3_invalid_and_excluded_messages_never_move_a_reading(
            ended in prop::collection::vec((0..5_usize, 0..7_usize, 0..50_u64), 0..20),
            invalid in 0..1_000_u64,
            excluded in 0..1_000_u64,
            fault in 0..7_usize,
        ) {
            let mut book = Book::default();
            for (class, fault, messages) in ended {
                end(&mut book, Class::ALL[class], Fault::ALL[fault], messages);
            }
            let before = readings(&book);
            end(&mut book, Class::InvalidNumber, Fault::ALL[fault], invalid);
            end(&mut book, Class::Excluded, Fault::ALL[fault], excluded);
            let after = readings(&book);
            prop_assert_eq!(Variant::ALL.map(|v| after.by(v)), Variant::ALL.map(|v| before.by(v)));
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
