use proptest::prelude::*;

use super::*;
use crate::base::octets::Octets;
use crate::message::{Class, Exclusion, Fault};
use crate::sla::Rate;

fn outcome(class: Class, fault: Fault) -> Outcome {
    Outcome {
        class,
        excluded_by: (class == Class::Excluded).then_some(Exclusion::Flow),
        fault,
        unmapped: false,
        message_state: if class == Class::Pending { 7 } else { 2 },
        stat: Octets::EMPTY,
        err: Octets::EMPTY,
        network_error_code: None,
    }
}

fn key(day: u32, account: u32, carrier: u32) -> CellKey {
    CellKey {
        day: ContractDay(day),
        account: AccountId(account),
        carrier: CarrierId(carrier),
        category: Category::Notification,
        zone: Zone::new(b"8613800138000", 2),
    }
}

/// 2026-11-21 16:00 UTC is the first instant of the 22nd in UTC+8.
const NEW_DAY: Timestamp = Timestamp::from_millis(1_795_276_800_000);

#[test]
fn a25_a_day_begins_at_sixteen_hours_utc() {
    let before = Timestamp::from_millis(NEW_DAY.as_millis() - 1);
    assert_eq!(ContractDay::of(NEW_DAY).0, ContractDay::of(before).0 + 1);
    assert_eq!(ContractDay::of(NEW_DAY).start(), NEW_DAY);
}

#[test]
fn a2_three_ways_to_count_failures_stand_side_by_side() {
    let mut book = Book::default();
    let faults = [(Fault::Platform, 1), (Fault::Carrier, 2), (Fault::Unknown, 4), (Fault::Recipient, 8)];
    for (fault, times) in faults.into_iter().chain([(Fault::Customer, 16), (Fault::Regulator, 32)]) {
        for _ in 0..times {
            book.count(key(1, 1, 1), &outcome(Class::ExplicitFailure, fault));
        }
    }
    for _ in 0..37 {
        book.count(key(1, 1, 1), &outcome(Class::Delivered, Fault::None));
    }
    let sums = book.sums(|_| true);
    let rate = |variant| sums.rate(variant);
    assert_eq!(rate(Variant::Strict), Rate { failures: 63, valid: 100 });
    assert_eq!(rate(Variant::Attributable), Rate { failures: 7, valid: 100 });
    assert_eq!(rate(Variant::Literal), Rate { failures: 5, valid: 100 });
}

#[test]
fn a4_silence_is_no_failure_and_lowers_the_coverage() {
    let mut book = Book::default();
    book.count(key(1, 1, 1), &outcome(Class::Delivered, Fault::None));
    book.count(key(1, 1, 1), &outcome(Class::Pending, Fault::Carrier));
    let sums = book.sums(|_| true);
    assert_eq!((sums.rate(Variant::Strict), sums.reported()), (Rate { failures: 0, valid: 2 }, (1, 2)));
}

#[test]
fn zones_are_prefixes_and_lie_within_shorter_ones() {
    let zone = |number: &str, len| Zone::new(number.as_bytes(), len).to_string();
    assert_eq!(
        [zone("8613800138000", 2), zone("+44770", 4), zone("44", 9), zone("ACME", 3)],
        ["86", "4477", "44", ""]
    );
    assert_eq!(zone("0012345678901234567890", 20), "0012345", "no zone is somebody's number");
    let china = Zone::new(b"8613800138000", 3);
    assert!(china.is_within("86") && china.is_within("") && !china.is_within("8610"));
    assert_eq!(Zone::from_number(china.number()), china);
}

#[test]
fn days_that_are_long_past_are_let_go_and_not_counted_any_more() {
    let mut book = Book::default();
    let delivered = outcome(Class::Delivered, Fault::None);
    book.count(key(1000, 1, 1), &delivered);
    book.count(key(1000 + DAYS_KEPT, 1, 1), &delivered);
    assert_eq!(book.sums(|_| true).total(), 2);
    book.count(key(1001 + DAYS_KEPT, 1, 1), &delivered);
    book.count(key(1000, 1, 1), &delivered);
    assert_eq!(book.sums(|_| true).total(), 2);
}

#[test]
fn promise_7_more_than_the_most_cells_are_counted_coarsely_and_none_is_lost() {
    let mut book = Book::default();
    let delivered = outcome(Class::Delivered, Fault::None);
    for number in 0..CELLS_MAX as u64 + 100 {
        let zone = Zone::from_number(1_000_000 + number);
        book.count(CellKey { zone, ..key(1, 1, 1) }, &delivered);
    }
    assert_eq!(book.cells.len(), CELLS_MAX + 1);
    assert_eq!(book.sums(|_| true).total(), CELLS_MAX as u64 + 100);
}

#[test]
fn each_fact_is_counted_with_what_it_excludes_and_comes_back_from_the_numbers() {
    let mut book = Book::default();
    let excluded = outcome(Class::Excluded, Fault::Platform);
    for fact in [3, 1, 3] {
        book.count_by(key(1, 1, 1), &excluded, Some(FactId(fact)));
    }
    book.count(key(1, 1, 1), &excluded);
    let seen = |book: &Book| book.cells().flat_map(|(_, cell)| cell.evidence()).collect::<Vec<_>>();
    assert_eq!(seen(&book), [(FactId(1), 1), (FactId(3), 2)]);
    assert_eq!(book.sums(|_| true).total(), 4, "a fact is no end of its own");
    let mut again = Book::default();
    book.to_numbers().iter().for_each(|piece| again.add_numbers(piece));
    assert_eq!(seen(&again), seen(&book));
}

#[test]
fn promise_7_a_piece_of_a_snapshot_fits_into_a_record_whatever_its_cells_count() {
    let mut book = Book::default();
    for day in 0..20 {
        for fact in 0..crate::sla::facts::FACTS_MAX as u32 {
            let (class, fault) = (Class::ALL[fact as usize % 5], Fault::ALL[fact as usize % 7]);
            let why = Exclusion::ALL[fact as usize % Exclusion::ALL.len()];
            let outcome = Outcome { unmapped: true, excluded_by: Some(why), ..outcome(class, fault) };
            book.count_by(key(day, 1, 1), &outcome, Some(FactId(fact)));
        }
    }
    let pieces = book.to_numbers();
    assert!(pieces.len() > 1);
    // 256 KiB is the longest record, and each integer is eight octets of it.
    assert!(pieces.iter().all(|piece| piece.len() * 8 + 64 < 256 * 1024));
}

#[test]
fn the_book_says_since_when_nothing_is_left_out() {
    let mut book = Book::default();
    book.count(key(1000, 1, 1), &outcome(Class::Delivered, Fault::None));
    assert_eq!(book.kept_since(), ContractDay(1000 - DAYS_KEPT));
}

fn ends() -> impl Strategy<Value = Vec<(CellKey, Outcome)>> {
    let end = (0..3u32, 0..3u32, 0..3u32, 0..5usize, 0..7usize, any::<bool>());
    let end = end.prop_map(|(day, account, carrier, class, fault, unmapped)| {
        let outcome = outcome(Class::ALL[class], Fault::ALL[fault]);
        (key(day, account, carrier), Outcome { unmapped, ..outcome })
    });
    prop::collection::vec(end, 0..200)
}

fn book_of(ends: &[(CellKey, Outcome)]) -> Book {
    let mut book = Book::default();
    ends.iter().for_each(|(key, outcome)| book.count(*key, outcome));
    book
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_over_carriers_equal_the_account(ends in ends()) {
        let book = book_of(&ends);
        for account in (0..3).map(AccountId) {
            let whole = book.sums(|key| key.account == account);
            let of = |carrier| book.sums(|key| key.account == account && key.carrier == CarrierId(carrier));
            let parts = [0, 1, 2].map(of);
            for class in Class::ALL {
                prop_assert_eq!(whole.of(class), parts.iter().map(|part| part.of(class)).sum::<u64>());
            }
            for variant in Variant::ALL {
                let (rate, rates) = (whole.rate(variant), parts.map(|part| part.rate(variant)));
                prop_assert_eq!(rate.valid, rates.iter().map(|rate| rate.valid).sum::<u64>());
                prop_assert_eq!(rate.failures, rates.iter().map(|rate| rate.failures).sum::<u64>());
            }
        }
    }

    #[test]
    fn r5_adding_invalid_or_excluded_messages_never_moves_a_rate(ends in ends()) {
        let counted: Vec<_> = ends.iter().filter(|(_, outcome)| {
            !matches!(outcome.class, Class::InvalidNumber | Class::Excluded)
        }).copied().collect();
        for variant in Variant::ALL {
            let rate = |ends: &[_]| book_of(ends).sums(|_| true).rate(variant);
            prop_assert_eq!(rate(&ends), rate(&counted));
        }
    }

    #[test]
    fn a_book_comes_back_from_its_numbers(ends in ends()) {
        let book = book_of(&ends);
        let mut again = Book::default();
        book.to_numbers().iter().for_each(|piece| again.add_numbers(piece));
        prop_assert_eq!(again, book);
    }
}
