use super::*;

/// What is refused, for what reason, and changes nothing.
#[track_caller]
fn refused(wallet: &Wallet, now: u64, operation: Operation, reason: Unfit) {
    let mut after = wallet.clone();
    assert_eq!(after.apply(at(now), operation), Err(reason), "{operation:?}");
    assert_eq!(after, *wallet, "{operation:?} left a trace");
}

const PACKAGE: FundId = FundId(1);

#[test]
fn a_payment_of_nothing_or_less_or_too_much_is_refused() {
    let wallet = wallet(&[cash("1")]);
    for amount in ["0", "-0.000001", "-9223372036854.775808"] {
        refused(&wallet, 1, cash(amount), Unfit::NotPositive);
        refused(&wallet, 1, voucher(amount, 9), Unfit::NotPositive);
        refused(&wallet, 1, Operation::Collect { amount: money(amount) }, Unfit::NotPositive);
        let out = Operation::Withdraw { fund: FundId(1), amount: money(amount) };
        refused(&wallet, 1, out, Unfit::NotPositive);
    }
    refused(&wallet, 1, cash("1000000000000.000001"), Unfit::TooLarge);
    refused(&wallet, 1, package(0, "1", 9), Unfit::NotPositive);
    refused(&wallet, 1, package(1, "-1", 9), Unfit::NotPositive);
    refused(&wallet, 1, package(1_000_000_000_001, "1", 9), Unfit::TooLarge);
    refused(&wallet, 9, voucher("1", 9), Unfit::Expired);
    refused(&wallet, 9, card("1", 9), Unfit::Expired);
    refused(&wallet, 1, Operation::Rebate { month: 1, amount: money("-1") }, Unfit::NotPositive);
    refused(&wallet, 1, postpaid("-1"), Unfit::NotPositive);
}

#[test]
fn sums_that_would_not_fit_are_refused() {
    let mut wallet = wallet(&[cash("1000000000000"); 9]);
    refused(&wallet, 1, cash("1000000000000"), Unfit::TooLarge);
    wallet.apply(at(1), cash("223372036854.775807")).unwrap();
    assert_eq!(wallet.left(at(1)), Money::MAX);
    refused(&wallet, 1, cash("0.000001"), Unfit::TooLarge);
}

#[test]
fn a_wallet_has_so_many_funds_and_no_more() {
    let mut wallet = Wallet::default();
    for expires in 1..=64 {
        wallet.apply(at(0), voucher("1", expires)).unwrap();
    }
    refused(&wallet, 0, voucher("1", 99), Unfit::TooManyFunds);
    refused(&wallet, 0, card("1", 99), Unfit::TooManyFunds);
    let mut paid = wallet.clone();
    assert_eq!(paid.apply(at(0), cash("1")), Ok(Done::In(FundId(65))), "a plain payment always fits");
    assert_eq!(wallet.apply(at(1), voucher("1", 99)), Ok(Done::In(FundId(65))), "one has expired");
}

#[test]
fn payments_on_the_same_terms_are_one_fund_and_keep_its_number() {
    let mut wallet = wallet(&[cash("1"), cash("2"), card("1", 50), card("3", 50), card("1", 60)]);
    assert_eq!(
        left(&wallet),
        [(FundKind::Cash, 2, 4_000_000), (FundKind::Cash, 3, 1_000_000), (FundKind::Cash, 1, 3_000_000),]
    );
    let held = hold(&mut wallet, 70, 1, "3");
    wallet.settle(&held).unwrap();
    assert_eq!(wallet.apply(at(70), cash("1")), Ok(Done::In(FundId(1))), "empty, and still there");
}

#[test]
fn r46_an_unused_package_is_paid_back_in_full_within_seven_days() {
    let wallet = wallet(&[package(1000, "39.9", 90 * DAY)]);
    let refund = Operation::RefundPackage { fund: PACKAGE };
    for now in [0, 7 * DAY] {
        let mut after = wallet.clone();
        assert_eq!(after.apply(at(now), refund), Ok(Done::Out(money("39.9"))));
        assert_eq!(after.left_segments(at(now)), 0);
        refused(&after, now, refund, Unfit::UnknownFund);
    }
    refused(&wallet, 7 * DAY + 1, refund, Unfit::NotRefundable);
}

#[test]
fn r46_a_used_package_is_paid_back_by_the_segment_rounded_down() {
    let mut wallet = wallet(&[package(3, "1", 90 * DAY)]);
    let held = hold(&mut wallet, 1, 1, "0.045");
    let spent = wallet.settle(&held).unwrap();
    assert_eq!(spent.package_value, money("0.333333"));
    let refund = Operation::RefundPackage { fund: PACKAGE };
    let mut after = wallet.clone();
    assert_eq!(after.apply(at(DAY), refund), Ok(Done::Out(money("0.666666"))));
    refused(&wallet, 8 * DAY, refund, Unfit::NotRefundable);
}

#[test]
fn r46_what_was_held_when_the_package_was_refunded_is_due_when_it_is_released() {
    let mut wallet = wallet(&[package(3, "1", 90 * DAY)]);
    let [sent, lost] = [1, 1].map(|segments| hold(&mut wallet, 1, segments, "0.045"));
    let refund = Operation::RefundPackage { fund: PACKAGE };
    assert_eq!(wallet.apply(at(2), refund), Ok(Done::Out(money("0.333333"))), "two count as used");
    refused(&wallet, 2, refund, Unfit::NotEnough);
    wallet.settle(&sent).unwrap();
    let returned = wallet.release(at(3), &lost).unwrap();
    assert_eq!((returned.refund_due, returned.segments), (money("0.333333"), 0), "0.666666 in all");
    assert_eq!(wallet.totals().packages_refunded, money("0.666666"));
    assert!(wallet.funds().is_empty());
}

#[test]
fn r46_a_package_works_with_the_next_message() {
    let mut wallet = Wallet::default();
    assert_eq!(wallet.hold(at(5), 1, money("0.045")), Err(Shortage::Missing(money("0.045"))));
    wallet.apply(at(5), package(1, "0.04", 90)).unwrap();
    assert_eq!(hold(&mut wallet, 5, 1, "0.045").segments(), 1);
}

#[test]
fn only_a_package_is_refunded_and_only_cash_withdrawn() {
    let wallet = wallet(&[package(3, "1", DAY), cash("1"), voucher("1", DAY)]);
    refused(&wallet, 1, Operation::RefundPackage { fund: FundId(2) }, Unfit::WrongKind);
    refused(&wallet, 1, Operation::RefundPackage { fund: FundId(4) }, Unfit::UnknownFund);
    refused(&wallet, DAY, Operation::RefundPackage { fund: FundId(1) }, Unfit::UnknownFund);
    let out = |fund, amount| Operation::Withdraw { fund: FundId(fund), amount: money(amount) };
    refused(&wallet, 1, out(1, "1"), Unfit::WrongKind);
    refused(&wallet, 1, out(3, "1"), Unfit::WrongKind);
    refused(&wallet, 1, out(9, "1"), Unfit::UnknownFund);
    refused(&wallet, 1, out(2, "1.000001"), Unfit::NotEnough);
}

#[test]
fn r36_the_rebate_of_a_month_is_given_once() {
    let mut wallet = wallet(&[cash("5000")]);
    let rebate = Operation::Rebate { month: 202_111, amount: money("500.0050") };
    let done = Done::Rebated { forgiven: Money::ZERO, cash: money("500.0050") };
    assert_eq!(wallet.apply(at(1), rebate), Ok(done));
    assert_eq!(wallet.left(at(1)), money("5500.0050"));
    refused(&wallet, 2, rebate, Unfit::AlreadySettled);
    refused(&wallet, 2, Operation::Rebate { month: 202_110, amount: money("1") }, Unfit::AlreadySettled);
    let none = Operation::Rebate { month: 202_112, amount: Money::ZERO };
    assert!(wallet.apply(at(3), none).is_ok());
    refused(&wallet, 3, none, Unfit::AlreadySettled);
}

#[test]
fn a12_what_was_deducted_at_once_is_put_right_at_the_end_of_the_month() {
    // 100,001 segments at 0.0450, then the tier of 0.0400.
    let mut wallet = wallet(&[cash("5000")]);
    let held = hold(&mut wallet, 1, 50_000, "0.0450");
    let more = hold(&mut wallet, 1, 50_001, "0.0450");
    wallet.settle(&held).unwrap();
    wallet.settle(&more).unwrap();
    assert_eq!(wallet.left(at(1)), money("499.9550"));
    wallet.apply(at(2), Operation::Rebate { month: 1, amount: money("500.0050") }).unwrap();
    assert_eq!(wallet.left(at(2)), money("999.96"), "5000 less 4,000.0400");
}

#[test]
fn r37_a_postpaid_month_is_billed_at_its_tier() {
    let mut wallet = wallet(&[postpaid("10000")]);
    for _ in 0..2 {
        let held = hold(&mut wallet, 1, 50_000, "0.0450");
        wallet.settle(&held).unwrap();
    }
    let last = hold(&mut wallet, 1, 1, "0.0450");
    wallet.settle(&last).unwrap();
    let rebate = Operation::Rebate { month: 202_111, amount: money("500.0050") };
    let done = Done::Rebated { forgiven: money("500.0050"), cash: Money::ZERO };
    assert_eq!(wallet.apply(at(2), rebate), Ok(done));
    assert_eq!(wallet.owed(), money("4000.0400"));
    refused(&wallet, 2, Operation::Collect { amount: money("4000.04") }, Unfit::NotEnough);
    refused(&wallet, 2, Operation::Terms(Terms::default()), Unfit::StillOwes);
    wallet.apply(at(3), cash("4000.04")).unwrap();
    wallet.apply(at(3), Operation::Collect { amount: money("4000.04") }).unwrap();
    assert_eq!((wallet.owed(), wallet.left(at(3))), (Money::ZERO, Money::ZERO));
    assert!(wallet.apply(at(3), Operation::Terms(Terms::default())).is_ok());
}

#[test]
fn r28_a_month_paid_by_voucher_has_no_fee() {
    let mut wallet = wallet(&[voucher("10", 100), package(1, "0.04", 100), cash("1")]);
    let held = hold(&mut wallet, 1, 100, "0.045");
    let spent = wallet.settle(&held).unwrap();
    assert_eq!((spent.voucher, spent.fee()), (money("4.5"), Money::ZERO));
    let held = hold(&mut wallet, 1, 130, "0.045");
    let spent = wallet.settle(&held).unwrap();
    assert_eq!((spent.voucher, spent.segments, spent.fee()), (money("5.5"), 1, money("0.305")));
    assert_eq!(spent.plus(Spent::default()), spent);
}

#[test]
fn r28_a_rebate_makes_no_cash_out_of_vouchers() {
    let spent = Spent { voucher: money("2"), cash: money("0.5"), credit: money("0.5"), ..Spent::default() };
    assert_eq!(spent.part(money("1")), (money("0.333333"), money("0.666667")));
    assert_eq!(Spent::default().part(money("1")), (money("1"), Money::ZERO));
}

#[test]
fn r47_what_was_paid_and_not_consumed_is_given_back_at_the_end() {
    let mut wallet = wallet(&[cash("10"), voucher("5", DAY), package(3, "1", 90 * DAY), card("7", DAY)]);
    let held = hold(&mut wallet, 1, 100, "0.05");
    wallet.settle(&held).unwrap();
    let held = hold(&mut wallet, 1, 1, "0.05");
    refused(&wallet, 2, Operation::Close, Unfit::StillHeld);
    wallet.settle(&held).unwrap();
    assert_eq!(wallet.unconsumed(at(30)), money("10.666666"), "also after the seven days, and no card");
    let late = 30 * DAY;
    assert_eq!(wallet.unconsumed(at(late)), money("10.666666"));
    assert_eq!(wallet.apply(at(late), Operation::Close), Ok(Done::Out(money("10.666666"))));
    assert_eq!(wallet.standing(at(late)), Standing::Closed);
    refused(&wallet, late, cash("1"), Unfit::Closed);
    assert_eq!(wallet.plan(at(late), 1, money("0")), Err(Shortage::Closed));
}

#[test]
fn r47_what_is_owed_is_kept_back() {
    let mut wallet = wallet(&[COVERED, cash("1"), package(10, "2", 90 * DAY)]);
    let held = hold(&mut wallet, 1, 10, "0.1");
    wallet.settle(&held).unwrap();
    let held = hold(&mut wallet, 1, 10, "0.1");
    assert_eq!(wallet.unconsumed(at(1)), Money::ZERO, "what is held counts as consumed");
    wallet.settle(&held).unwrap();
    wallet.apply(at(2), package(10, "2", 90 * DAY)).unwrap();
    let terms = Terms { payment: Payment::Postpaid { credit_limit: money("9") }, ..Terms::default() };
    wallet.apply(at(2), Operation::Terms(terms)).unwrap();
    let more = hold(&mut wallet, 2, 15, "0.1");
    wallet.settle(&more).unwrap();
    assert_eq!(wallet.owed(), money("1.5"));
    wallet.apply(at(3), package(10, "2", 90 * DAY)).unwrap();
    assert_eq!(wallet.apply(at(3), Operation::Close), Ok(Done::Out(money("1.5"))), "1 + 2 − 1.5");
    assert_eq!(wallet.owed(), Money::ZERO);
}

#[test]
fn a_snapshot_that_no_wallet_gave_is_refused() {
    let wallet = wallet(&[postpaid("5"), cash("1"), voucher("1", 9), package(5, "1", 9)]);
    let numbers = wallet.to_numbers();
    assert_eq!(Wallet::from_numbers(&numbers), Some(wallet));
    let changed = |place: usize, number| {
        let mut numbers = numbers.clone();
        numbers[place] = number;
        Wallet::from_numbers(&numbers)
    };
    for (place, number) in [(0, 2), (1, 999), (2, 3), (6, 70_000), (26, 0), (28, 9)] {
        assert_eq!(changed(place, number), None, "{number} at {place}");
    }
    assert_eq!(Wallet::from_numbers(&numbers[..numbers.len() - 1]), None);
    assert_eq!(Wallet::from_numbers(&[]), None);
}
