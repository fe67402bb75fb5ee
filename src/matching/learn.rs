//! In which way does a carrier write its ids? The way in which the most of its receipts match its responses.

use std::collections::VecDeque;

use hashbrown::HashSet;

use crate::base::ids::CarrierId;
use crate::matching::finished::hash;
use crate::matching::form::{IdForm, IdForms, IdKind};
use crate::message::CarrierMessageId;

/// The latest responses whose ids are kept: 24 octets each, 280 with the longest ids, so at most 4.6 MB for a carrier.
/// At 1000 messages a second they are those of 16 seconds, and most receipts come sooner. The oldest makes room.
pub const LEARN_RESPONSES_MAX: usize = 16_384;

/// The latest receipts whose ids are kept, as [`LEARN_RESPONSES_MAX`]: what a share in percent needs.
pub const LEARN_RECEIPTS_MAX: usize = 1000;

/// How many more receipts must match than under the present form: fewer may be chance, where ids are short numbers.
const GAIN_MIN: u32 = 20;

/// The most receipts from one look to the next: a look compares every id in every form, which takes 10 ms when
/// all places are taken.
const LOOK_MAX: u64 = 10_000;

/// The ids that one carrier has written of late, as they came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Learner {
    responses: VecDeque<CarrierMessageId>,
    receipts: VecDeque<CarrierMessageId>,
    /// How many receipts there have been.
    seen: u64,
    /// At how many of them it is worth to look again.
    look_at: u64,
}

/// Another way to read a carrier's ids that matches clearly more of its receipts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The way.
    pub forms: IdForms,
    /// How many of the latest receipts match under it.
    pub matched: u32,
    /// How many of them match as ids are read now.
    pub matched_now: u32,
    /// How many receipts these are.
    pub of: u32,
}

impl Learner {
    /// The id of a response, as it came; an empty one says nothing.
    pub fn response(&mut self, id: &[u8]) {
        keep(&mut self.responses, LEARN_RESPONSES_MAX, id);
    }

    /// The id of a receipt, as it came; an empty one says nothing.
    pub fn receipt(&mut self, id: &[u8]) {
        keep(&mut self.receipts, LEARN_RECEIPTS_MAX, id);
        self.seen += u64::from(!id.is_empty());
    }

    /// Whether enough receipts have come since this was last so to [`Self::propose`] anew: the first 20, then as many
    /// as there had been, then every 10,000.
    pub fn is_due(&mut self) -> bool {
        let is_due = self.seen >= self.look_at.max(u64::from(GAIN_MIN));
        if is_due {
            self.look_at = self.seen + self.seen.min(LOOK_MAX);
        }
        is_due
    }

    /// The forms under which the most receipts match, of several the plainest; only when that is clearly better than
    /// `now`: at least 20 receipts more match, and of those that match under any form at all it misses at most half as
    /// many. Receipts that match under no form are another system's, or later than what is kept, and speak for none.
    #[must_use]
    pub fn propose(&self, now: IdForms) -> Option<Proposal> {
        let mut under_any = HashSet::new();
        let matched_now = self.matched(now, &mut under_any);
        let mut best = (now, matched_now);
        for forms in candidates() {
            let matched = self.matched(forms, &mut under_any);
            if matched > best.1 {
                best = (forms, matched);
            }
        }
        let (forms, matched) = best;
        let judged = u32::try_from(under_any.len()).unwrap_or(u32::MAX);
        let is_clear = matched >= matched_now + GAIN_MIN && 2 * (judged - matched) <= judged - matched_now;
        let of = u32::try_from(self.receipts.len()).unwrap_or(u32::MAX);
        is_clear.then_some(Proposal { forms, matched, matched_now, of })
    }

    /// How many receipts match a response under these forms; which, by their places, is added to `under_any`.
    fn matched(&self, forms: IdForms, under_any: &mut HashSet<usize>) -> u32 {
        // Hashes of canonical ids: one wrong match in 2⁵⁰ is no other proposal.
        let canonical = |form: IdForm, id: &CarrierMessageId| {
            hash(CarrierId(0), form.canonical(id.as_slice()).as_slice())
        };
        let receipts: Vec<u64> = self.receipts.iter().map(|id| canonical(forms.receipt, id)).collect();
        let wanted: HashSet<u64> = receipts.iter().copied().collect();
        let responses = self.responses.iter().map(|id| canonical(forms.response, id));
        let found: HashSet<u64> = responses.filter(|hash| wanted.contains(hash)).collect();
        let mut matched = 0;
        for (place, _) in receipts.iter().enumerate().filter(|(_, hash)| found.contains(*hash)) {
            under_any.insert(place);
            matched += 1;
        }
        matched
    }
}

fn keep(ids: &mut VecDeque<CarrierMessageId>, max: usize, id: &[u8]) {
    if id.is_empty() {
        return;
    }
    if ids.len() == max {
        ids.pop_front();
    }
    ids.push_back(CarrierMessageId::new(id));
}

/// The forms that are tried, the plainest first: what is known of carriers (quirks 1 to 3) and their combinations.
fn candidates() -> impl Iterator<Item = IdForms> {
    let text = |(fold, no_zeros, no_hyphens)| IdForm { kind: IdKind::Opaque, fold, no_zeros, no_hyphens };
    let texts = [
        (false, false, false),
        (true, false, false),
        (false, true, false),
        (false, false, true),
        (true, true, false),
        (true, false, true),
        (false, true, true),
        (true, true, true),
    ];
    let texts = texts.map(text).map(|form| IdForms { response: form, receipt: form });
    let numbers = [(IdForm::HEX, IdForm::DECIMAL), (IdForm::DECIMAL, IdForm::HEX)];
    let plain = numbers.map(|(response, receipt)| IdForms { response, receipt });
    let no_hyphens = plain.map(|forms| IdForms {
        response: IdForm { no_hyphens: true, ..forms.response },
        receipt: IdForm { no_hyphens: true, ..forms.receipt },
    });
    texts.into_iter().chain(plain).chain(no_hyphens)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: IdForms = IdForms { response: IdForm::OPAQUE, receipt: IdForm::OPAQUE };

    /// Numbers without an order: the same in each run.
    fn numbers(count: u64) -> impl Iterator<Item = u64> {
        (1..=count).map(|n| hash(CarrierId(7), &n.to_le_bytes()))
    }

    /// A carrier that writes these ids into its responses and those into its receipts.
    fn learner(count: u64, response: impl Fn(u64) -> String, receipt: impl Fn(u64) -> String) -> Learner {
        let mut learner = Learner::default();
        for number in numbers(count) {
            learner.response(response(number).as_bytes());
            learner.receipt(receipt(number).as_bytes());
        }
        learner
    }

    fn forms(response: &str, receipt: &str) -> IdForms {
        IdForms { response: response.parse().unwrap(), receipt: receipt.parse().unwrap() }
    }

    fn uuid(n: u64) -> String {
        let (m, low) = (n.rotate_left(29), 0xffff_ffff_ffff);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            n >> 32,
            n >> 16 & 0xffff,
            n & 0xffff,
            m >> 48,
            m & low
        )
    }

    #[test]
    fn the_plainest_form_under_which_the_most_receipts_match_is_proposed() {
        let hex = |n: u64| format!("{n:X}");
        let decimal = |n: u64| n.to_string();
        let proposed = |learner: Learner| learner.propose(NOW).map(|proposal| proposal.forms);
        assert_eq!(proposed(learner(100, hex, decimal)), Some(forms("hex", "decimal")));
        assert_eq!(proposed(learner(100, decimal, |n| format!("{n:016x}"))), Some(forms("decimal", "hex")));
        assert_eq!(proposed(learner(100, hex, |n| format!("{n:x}"))), Some(forms("fold", "fold")));
        let padded = |n: u64| format!("{n:024}");
        assert_eq!(proposed(learner(100, padded, decimal)), Some(forms("no-zeros", "no-zeros")));
        let bare = |n| uuid(n).replace('-', "");
        assert_eq!(proposed(learner(100, uuid, bare)), Some(forms("no-hyphens", "no-hyphens")));
        let shouted = |n| bare(n).to_uppercase();
        assert_eq!(proposed(learner(100, uuid, shouted)), Some(forms("fold+no-hyphens", "fold+no-hyphens")));
        let all = |n| bare(n).to_uppercase();
        let all = learner(100, |n| format!("0{}", uuid(n)), all);
        let text = "opaque+fold+no-zeros+no-hyphens";
        assert_eq!(proposed(all), Some(forms(text, text)));
        let number = |n| u128::from_str_radix(&bare(n), 16).unwrap().to_string();
        assert_eq!(proposed(learner(100, uuid, number)), Some(forms("hex+no-hyphens", "decimal+no-hyphens")));
    }

    #[test]
    fn nothing_is_proposed_while_the_present_form_is_as_good() {
        let hex = |n: u64| format!("{n:x}");
        assert_eq!(learner(500, hex, hex).propose(NOW), None);
        let other = learner(500, hex, |n| n.to_string());
        assert_eq!(other.propose(forms("hex", "decimal")), None);
        assert_eq!(
            other.propose(forms("hex+fold", "decimal+no-zeros")),
            None,
            "also in a form that is not tried"
        );
    }

    #[test]
    fn nothing_is_proposed_on_few_receipts() {
        let learned = |count| learner(count, |n| format!("{n:x}"), |n| n.to_string()).propose(NOW);
        assert_eq!(learned(19), None);
        let proposal = Proposal { forms: forms("hex", "decimal"), matched: 20, matched_now: 0, of: 20 };
        assert_eq!(learned(20), Some(proposal));
    }

    #[test]
    fn a_form_is_proposed_for_the_few_ids_that_need_it() {
        // One in sixteen begins with a zero, which the receipt leaves out (jasmin #643).
        let proposal = learner(900, |n| format!("{n:016x}"), |n| format!("{n:x}")).propose(NOW).unwrap();
        assert_eq!(
            (proposal.forms, proposal.matched, proposal.of),
            (forms("no-zeros", "no-zeros"), 900, 900)
        );
        assert!((800..880).contains(&proposal.matched_now), "{proposal:?}");
    }

    #[test]
    fn another_systems_receipts_speak_for_no_form() {
        let mut learner = learner(50, |n| format!("{n:X}"), |n| n.to_string());
        for number in numbers(700).skip(50) {
            learner.receipt(number.to_string().as_bytes());
        }
        let proposal = learner.propose(NOW).unwrap();
        assert_eq!((proposal.forms, proposal.matched, proposal.of), (forms("hex", "decimal"), 50, 700));
    }

    #[test]
    fn matches_by_chance_among_short_numbers_move_nobody_from_what_is_right() {
        // Below 3000 a quarter of all numbers is written with digits only in hexadecimal too.
        let decimal = |n: u64| (n % 3000).to_string();
        let hex = |n: u64| format!("{:x}", n % 3000);
        let plain = learner(3000, decimal, decimal);
        assert!(plain.matched(forms("hex", "decimal"), &mut HashSet::new()) > 100);
        assert_eq!(plain.propose(NOW), None);
        let mixed = learner(3000, hex, decimal);
        assert!(mixed.matched(NOW, &mut HashSet::new()) > 100);
        assert_eq!(mixed.propose(NOW).map(|proposal| proposal.forms), Some(forms("hex", "decimal")));
        assert_eq!(mixed.propose(forms("hex", "decimal")), None);
    }

    #[test]
    fn a_carrier_that_writes_in_two_ways_is_not_moved_from_one_half_to_the_other() {
        let mut learner = learner(100, |n| n.to_string(), |n| n.to_string());
        for number in numbers(230).skip(100) {
            learner.response(format!("{number:x}").as_bytes());
            learner.receipt(number.to_string().as_bytes());
        }
        assert_eq!(learner.matched(forms("hex", "decimal"), &mut HashSet::new()), 130);
        assert_eq!(learner.propose(NOW), None, "30 more, but the other 100 would be lost");
    }

    #[test]
    fn promise_7_what_is_kept_of_a_carriers_ids_is_bounded() {
        let mut learner = Learner::default();
        for n in 0..2 * LEARN_RESPONSES_MAX {
            learner.response(n.to_string().as_bytes());
            learner.receipt(n.to_string().as_bytes());
        }
        learner.response(b"");
        learner.receipt(b"");
        assert_eq!(
            (learner.responses.len(), learner.receipts.len()),
            (LEARN_RESPONSES_MAX, LEARN_RECEIPTS_MAX)
        );
        assert_eq!(
            learner.responses.front(),
            Some(&CarrierMessageId::new(LEARN_RESPONSES_MAX.to_string().as_bytes()))
        );
    }

    #[test]
    fn a_look_is_due_often_at_first_and_rarely_later() {
        let mut learner = Learner::default();
        let mut due = Vec::new();
        for n in 1..=40_000 {
            learner.receipt(b"1");
            if learner.is_due() {
                due.push(n);
            }
        }
        assert_eq!(due, [20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_240, 30_240]);
    }
}
