use crate::base::time::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::base::ids::{MessageId, RecordNumber};
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::message::{Class, Exclusion, Fault};
use crate::sla::Rate;
use crate::sla::terms::compensation::Fee;

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
fn promise_7_the_oldest_day_goes_when_there_are_too_many_and_is_not_counted_any_more() {
    let mut book = Book::default();
    let delivered = outcome(Class::Delivered, Fault::None);
    let days = DAYS_KEPT as u32;
    (0..days).for_each(|day| book.count(key(1000 + day, 1, 1), &delivered));
    assert_eq!(book.sums(|_| true).total(), 100);
    book.count(key(1000 + days, 1, 1), &delivered);
    book.count(key(1000, 1, 1), &delivered);
    assert_eq!(book.sums(|_| true).total(), 100);
    assert_eq!(book.sums(|key| key.day == ContractDay(1000)).total(), 0);
    book.count(key(1001, 1, 1), &delivered);
    assert_eq!(book.sums(|key| key.day == ContractDay(1001)).total(), 2);
}

#[test]
fn a_calendar_that_is_a_year_ahead_for_an_hour_costs_one_day_at_the_most() {
    let mut book = Book::default();
    let delivered = outcome(Class::Delivered, Fault::None);
    for day in (1000..1050).chain([1415]).chain(1050..1060) {
        book.count(key(day, 1, 1), &delivered);
    }
    assert_eq!(book.sums(|_| true).total(), 61);
}

#[test]
fn promise_7_more_than_the_most_cells_are_counted_coarsely_and_none_is_lost() {
    let mut book = Book::default();
    let delivered = outcome(Class::Delivered, Fault::None);
    let full = CELLS_MAX as u64;
    for number in 0..full {
        book.count(CellKey { zone: Zone::from_number(1_000_000 + number), ..key(1, 1, 1) }, &delivered);
    }
    assert_eq!(book.cells.len(), CELLS_MAX);
    // What is new is counted by its country and stays domestic.
    let new = |number: u64| CellKey { zone: Zone::from_number(18_613_800 + number), ..key(1, 1, 1) };
    (0..100).for_each(|number| book.count(new(number), &delivered));
    assert_eq!(book.cells.len(), CELLS_MAX + 1);
    let china = book.sums(|key| key.zone.is_within("86") && key.category == Category::Notification);
    assert_eq!((china.total(), book.sums(|_| true).total()), (100, full + 100));
    // One that was counted so is found so.
    let (pending, failed) =
        (outcome(Class::Pending, Fault::Carrier), outcome(Class::ExplicitFailure, Fault::Carrier));
    book.count(new(7), &pending);
    book.correct(new(7), &pending, &failed);
    let sums = book.sums(|_| true);
    assert_eq!((sums.of(Class::Pending), sums.of(Class::ExplicitFailure)), (0, 1));
    // Whatever there is: what remains is an account, a carrier and a day.
    for number in 0..full / 5 {
        let account = u32::try_from(number % 5).unwrap();
        let zone = Zone::from_number(1_000 + number / 25);
        let category = Category::ALL[(number / 5 % 4) as usize];
        book.count(CellKey { zone, category, ..key(number as u32 % 7, account, account) }, &delivered);
    }
    assert!(book.cells.len() <= CELLS_MAX + CELLS_MAX / 10 + 7 * 5, "{}", book.cells.len());
}

/// A close of these days of account 1, when so many messages were there.
fn closing(first: u32, last: u32, last_id: u64, open: u64) -> Closing {
    let (first, last) = (ContractDay(first), ContractDay(last));
    let (home, last_id) = (RecordNumber(open), MessageId::from_u64(last_id));
    let fee = (open > 0).then(|| Fee { cash: Money::from_micros(-1), ..Fee::default() });
    Closing { first, last, at: NEW_DAY, last_id, ahead: 0, open, home, fee }
}

#[test]
fn promise_14_a_closed_period_does_not_change_and_what_comes_later_stands_beside_it() {
    let mut book = Book::default();
    let (delivered, failed) =
        (outcome(Class::Delivered, Fault::None), outcome(Class::ExplicitFailure, Fault::Carrier));
    let pending = outcome(Class::Pending, Fault::Carrier);
    let november = |book: &Book| book.standing(|key| key.account == AccountId(1) && key.day.0 <= 30);
    for ended in [&delivered, &failed, &pending] {
        book.count(key(30, 1, 1), ended);
    }
    book.close(AccountId(1), closing(1, 30, 7, 1), [(key(29, 1, 2), 1)], &pending);
    let closed = november(&book).sums;
    assert_eq!((closed.of(Class::Pending), closed.total()), (2, 4), "what is open is pending");
    // The silent one was delivered, the open one failed with another carrier, a third one comes from nowhere.
    book.correct(key(30, 1, 1), &pending, &delivered);
    book.leave(key(29, 1, 2), &pending);
    book.count(key(29, 1, 3), &failed);
    book.count(key(2, 1, 1), &delivered);
    let standing = november(&book);
    assert_eq!(standing.sums, closed);
    let by_class = |sums: &Sums| Class::ALL.map(|class| sums.of(class));
    assert_eq!(by_class(&standing.more), [2, 1, 0, 0, 0]);
    assert_eq!(by_class(&standing.less), [0, 0, 0, 0, 2]);
    assert_eq!(by_class(&standing.adjusted()), [3, 2, 0, 0, 0]);
    assert_eq!(standing.adjusted().unreported, 0);
    assert_eq!(book.settled().sums(|_| true), standing.adjusted());
    // Neither other accounts nor later days are closed.
    book.count(key(30, 2, 1), &delivered);
    book.count(key(31, 1, 1), &delivered);
    assert_eq!(book.standing(|key| key.account == AccountId(2) || key.day.0 == 31).more, Sums::default());
}

#[test]
fn promise_14_no_day_is_closed_twice() {
    let mut book = Book::default();
    let pending = outcome(Class::Pending, Fault::Carrier);
    book.close(AccountId(1), closing(1, 30, 7, 0), [], &pending);
    let once = book.clone();
    for again in [closing(1, 30, 9, 1), closing(17, 45, 9, 1), closing(1, 10, 9, 1)] {
        book.close(AccountId(1), again, [(key(20, 1, 1), 1)], &pending);
        assert_eq!(book, once);
    }
    book.close(AccountId(1), closing(31, 45, 9, 0), [], &pending);
    assert_eq!(book.closings().of(AccountId(1)).len(), 2);
}

#[test]
fn a4_whether_a_message_was_open_at_the_close_is_known_by_its_id_and_its_day() {
    let mut book = Book::default();
    book.close(AccountId(1), closing(1, 30, 7, 1), [], &outcome(Class::Pending, Fault::Carrier));
    let day = |account, id, day: u32| {
        let message = MessageId::from_u64(id).unwrap();
        book.closings().day_of_open(AccountId(account), message, ContractDay(day).start())
    };
    assert_eq!(day(1, 7, 30), Some(ContractDay(30)));
    assert_eq!((day(1, 7, 31), day(1, 8, 30), day(2, 7, 30), day(1, 7, 0)), (None, None, None, None));
}

#[test]
fn closings_come_back_from_the_numbers_and_from_those_of_the_first_form() {
    let mut book = Book::default();
    let pending = outcome(Class::Pending, Fault::Carrier);
    book.close(AccountId(1), closing(1, 30, 7, 1), [], &pending);
    book.close(AccountId(2), closing(1, 30, 7, 0), [], &pending);
    let mut again = Book::default();
    book.to_closings().iter().for_each(|piece| again.add_closings(piece));
    assert_eq!(again.closings(), book.closings());
    let mut first = Book::default();
    first.add_closings(&[3, 1, 30, NEW_DAY.as_millis(), 7, 0, 5, 4, 1, 30, NEW_DAY.as_millis(), 7, 0, 6]);
    let open = |account| first.closings().of(AccountId(account)).iter().map(|of| of.open).collect::<Vec<_>>();
    assert_eq!((open(3), open(4)), (vec![5], vec![6]));
    let known = &first.closings().of(AccountId(3))[0];
    assert_eq!((known.home, known.fee), (RecordNumber(0), None));
}

#[test]
fn adjustments_count_facts_and_two_of_them_together_are_what_is_left() {
    let mut book = Book::default();
    let pending = outcome(Class::Pending, Fault::Carrier);
    let (excluded, failed) =
        (outcome(Class::Excluded, Fault::Platform), outcome(Class::ExplicitFailure, Fault::Carrier));
    book.close(AccountId(1), closing(1, 30, 7, 2), [(key(29, 1, 1), 2)], &pending);
    book.leave(key(29, 1, 1), &pending);
    book.count_by(key(29, 1, 1), &excluded, Some(FactId(5)));
    book.correct_by(key(29, 1, 1), (&pending, None), (&excluded, Some(FactId(5))));
    let (_, adjustment) = book.adjustments().next().unwrap();
    assert_eq!(adjustment.more.evidence().collect::<Vec<_>>(), [(FactId(5), 2)]);
    let mut other = Adjustment::default();
    other.add(&pending, None);
    other.add(&pending, None);
    other.remove(&failed, None);
    let mut both = adjustment.clone();
    both.merge(&other);
    let mut expected = Adjustment { less: Cell::default(), ..adjustment.clone() };
    expected.remove(&failed, None);
    assert_eq!(both, expected);
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
    let delivered = outcome(Class::Delivered, Fault::None);
    let last = 3 * (DAYS_KEPT as u32 - 1);
    for day in (0..=last).step_by(3) {
        assert_eq!(book.kept_since(), ContractDay(0), "nothing had to go before {day}");
        book.count(key(day, 1, 1), &delivered);
    }
    book.count(key(last + 1, 1, 1), &delivered);
    assert_eq!(book.kept_since(), ContractDay(3));
    let mut again = Book::default();
    book.to_numbers().iter().for_each(|piece| again.add_numbers(piece));
    assert_eq!(again.kept_since(), ContractDay(3));
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
    fn a_book_comes_back_from_its_numbers(ends in ends(), more in ends()) {
        let mut book = book_of(&ends);
        book.close(AccountId(1), closing(0, 1, 7, 3), [(key(1, 1, 1), 1)], &outcome(Class::Pending, Fault::Carrier));
        book.close(AccountId(2), closing(1, 2, 9, 0), [], &outcome(Class::Pending, Fault::Carrier));
        more.iter().for_each(|(key, outcome)| book.count(*key, outcome));
        let mut again = Book::default();
        book.to_numbers().iter().for_each(|piece| again.add_numbers(piece));
        book.to_adjustments().iter().for_each(|piece| again.add_adjustments(piece));
        book.to_closings().iter().for_each(|piece| again.add_closings(piece));
        prop_assert_eq!(&again, &book);
    }

    #[test]
    fn promise_14_whenever_a_period_closes_the_sums_stay_and_with_the_adjustments_they_are_the_same(
        before in ends(),
        open in ends(),
        after in ends(),
    ) {
        let pending = outcome(Class::Pending, Fault::Carrier);
        let mut book = book_of(&before);
        let open: Vec<_> = open.into_iter().filter(|(key, _)| key.account == AccountId(1)).collect();
        let keys = open.iter().map(|(key, _)| (*key, 1)).filter(|(key, _)| key.day.0 < 2);
        book.close(AccountId(1), closing(0, 1, 7, 0), keys, &pending);
        let of_closed = |book: &Book| book.standing(|key| key.account == AccountId(1) && key.day.0 < 2);
        let closed = of_closed(&book).sums;
        for (key, outcome) in &open {
            if key.day.0 < 2 {
                book.leave(*key, &pending);
            }
            book.count(*key, outcome);
        }
        after.iter().for_each(|(key, outcome)| book.count(*key, outcome));
        prop_assert_eq!(of_closed(&book).sums, closed);
        let all: Vec<_> = before.into_iter().chain(open).chain(after).collect();
        prop_assert_eq!(book.settled(), book_of(&all));
    }
}
