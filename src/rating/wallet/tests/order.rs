use super::*;

use FundKind::{Cash, Package, Voucher};

#[test]
fn r41_vouchers_go_first_then_packages_then_cash_and_within_a_kind_what_expires_first() {
    let mut wallet = wallet(&[
        cash("1"),
        card("0.1", 900),
        package(1, "0.04", 800),
        package(1, "0.04", 300),
        voucher("0.1", 500),
        voucher("0.1", 400),
    ]);
    let order: Vec<_> = left(&wallet).into_iter().map(|(kind, id, _)| (kind, id)).collect();
    assert_eq!(order, [(Voucher, 6), (Voucher, 5), (Package, 4), (Package, 3), (Cash, 2), (Cash, 1)]);
    let spent: Vec<_> = (0..8)
        .map(|_| {
            let hold = hold(&mut wallet, 1, 1, "0.1");
            let spent = wallet.settle(&hold).unwrap();
            (spent.voucher, spent.segments, spent.cash)
        })
        .collect();
    let (tenth, none) = (money("0.1"), Money::ZERO);
    assert_eq!(spent[..2], [(tenth, 0, none); 2]);
    assert_eq!(spent[2..4], [(none, 1, none); 2]);
    assert_eq!(spent[4..], [(none, 0, tenth); 4]);
    assert_eq!(left(&wallet), [(Cash, 1, 700_000)], "what is used up is gone");
}

#[test]
fn r41_an_expired_voucher_is_void() {
    let mut wallet = wallet(&[voucher("1", 100), cash("1")]);
    assert_eq!(wallet.to_spend(at(99)), money("2"));
    assert_eq!(wallet.to_spend(at(100)), money("1"));
    let hold = hold(&mut wallet, 100, 1, "0.4");
    assert_eq!(wallet.settle(&hold).unwrap().cash, money("0.4"));
    assert_eq!(wallet.totals().void_money, money("1"));
}

#[test]
fn r40_a_card_is_unusable_after_its_year() {
    let year = 365 * DAY;
    let mut wallet = wallet(&[card("999", year)]);
    assert!(wallet.plan(at(year - 1), 1, money("0.3")).is_ok());
    assert_eq!(wallet.hold(at(year), 1, money("0.3")), Err(Shortage::Missing(money("0.3"))));
    assert_eq!(
        wallet.apply(at(5), Operation::Withdraw { fund: FundId(1), amount: money("1") }),
        Err(Unfit::NotRefundable)
    );
}

#[test]
fn r42_what_is_held_is_spent_or_returns_where_it_came_from() {
    let start = wallet(&[voucher("0.05", 500), package(1, "0.04", 300), cash("1")]);
    let mut wallet = start.clone();
    let hold = hold(&mut wallet, 1, 3, "0.04");
    // The voucher pays one whole segment, the package one, and the third is the voucher's crumb and cash.
    assert_eq!(hold.to_numbers(), [50_000, 1, 30_000, 3, 2, 1, 0, 0, 0, 0]);
    assert_eq!(wallet.held(), (money("0.08"), Money::ZERO));
    let mut settled = wallet.clone();
    let spent = settled.settle(&hold).unwrap();
    assert_eq!(
        spent,
        Spent {
            voucher: money("0.05"),
            cash: money("0.03"),
            credit: Money::ZERO,
            segments: 1,
            package_value: money("0.04"),
        }
    );
    let returned = wallet.release(at(2), &hold).unwrap();
    assert_eq!((returned.money, returned.segments), (money("0.08"), 1));
    assert_eq!(wallet, start, "as if nothing had been");
}

#[test]
fn r41_what_expired_while_it_was_held_is_void_and_said_to_be() {
    let mut wallet = wallet(&[voucher("0.04", 500), package(1, "0.04", 600), cash("0.04")]);
    let held = hold(&mut wallet, 1, 3, "0.04");
    let mut in_time = wallet.clone();
    assert_eq!(in_time.release(at(499), &held).unwrap().void_money, Money::ZERO);
    let returned = wallet.release(at(600), &held).unwrap();
    assert_eq!((returned.money, returned.segments), (money("0.04"), 0));
    assert_eq!((returned.void_money, returned.void_segments), (money("0.04"), 1));
    assert_eq!(left(&wallet), [(Cash, 3, 40_000)]);
    assert_eq!((wallet.totals().void_money, wallet.totals().void_segments), (money("0.04"), 1));
}

#[test]
fn what_was_held_in_time_is_spent_also_after_its_fund_expired() {
    let mut wallet = wallet(&[voucher("0.05", 500)]);
    let held = hold(&mut wallet, 499, 1, "0.04");
    wallet.apply(at(700), cash("1")).unwrap();
    assert_eq!(wallet.totals().void_money, money("0.01"));
    assert_eq!(wallet.settle(&held).unwrap().voucher, money("0.04"));
    assert_eq!(left(&wallet), [(Cash, 2, 1_000_000)]);
}

#[test]
fn promise_5_a_hold_is_settled_or_released_once() {
    let mut wallet = wallet(&[cash("0.1"), voucher("0.04", 100)]);
    let held = hold(&mut wallet, 1, 2, "0.04");
    wallet.settle(&held).unwrap();
    let after = wallet.clone();
    assert_eq!((wallet.settle(&held), wallet.release(at(2), &held)), (Err(NotHeld), Err(NotHeld)));
    assert_eq!(wallet, after, "nothing was changed");
    let none = wallet.settle(&Hold::NONE);
    assert_eq!((none, wallet), (Ok(Spent::default()), after), "what is free moves nothing");
}

#[test]
fn crumbs_of_vouchers_are_held_as_the_last_ones_and_return_there() {
    let mut wallet = wallet(&[voucher("0.01", 100), voucher("0.02", 200), voucher("1", 300)]);
    let held = hold(&mut wallet, 1, 1, "0.045");
    assert_eq!(held.to_numbers()[..2], [45_000, 3]);
    assert_eq!(left(&wallet), [(Voucher, 3, 985_000)]);
    let returned = wallet.release(at(250), &held).unwrap();
    assert_eq!((returned.money, returned.void_money), (money("0.045"), Money::ZERO));
    assert_eq!(left(&wallet), [(Voucher, 3, 1_030_000)]);
}

#[test]
fn a_voucher_too_small_for_a_segment_waits_while_packages_pay() {
    let mut wallet = wallet(&[voucher("0.03", 100), package(2, "0.09", 100), cash("0.015")]);
    for _ in 0..2 {
        let held = hold(&mut wallet, 1, 1, "0.045");
        assert_eq!((held.segments(), held.money()), (1, Money::ZERO));
    }
    let held = hold(&mut wallet, 1, 1, "0.045");
    assert_eq!(held.to_numbers()[..4], [30_000, 1, 15_000, 3]);
    assert_eq!(wallet.hold(at(1), 1, money("0.045")), Err(Shortage::Missing(money("0.045"))));
}

#[test]
fn of_more_than_three_packages_the_smallest_remainders_are_passed_over() {
    let packages = [1, 2, 1, 3, 9].map(|segments| package(segments, "1", 100));
    let mut wallet = wallet(&packages);
    let held = hold(&mut wallet, 1, 8, "0.045");
    let taken: u64 = held.segments();
    assert_eq!(taken, 8);
    let left: Vec<_> = left(&wallet).into_iter().map(|(_, id, left)| (id, left)).collect();
    assert_eq!(left.iter().map(|(_, left)| left).sum::<u64>(), 8);
    assert!(left.contains(&(1, 1)) || left.contains(&(3, 1)), "{left:?}");
    let shorter = hold(&mut wallet, 1, 1, "0.045");
    assert_eq!(shorter.segments(), 1, "what was passed over pays a shorter message");
}

#[test]
fn r43_as_many_messages_as_fit_are_accepted_and_the_next_is_refused() {
    let mut wallet = wallet(&[cash("45")]);
    for _ in 0..1000 {
        hold(&mut wallet, 1, 1, "0.045");
    }
    assert_eq!(wallet.hold(at(1), 1, money("0.045")), Err(Shortage::Missing(money("0.045"))));
    assert_eq!(wallet.standing(at(1)), Standing::Suspended);
    wallet.apply(at(2), cash("0.044999")).unwrap();
    assert_eq!(wallet.hold(at(2), 1, money("0.045")), Err(Shortage::Missing(money("0.000001"))));
    wallet.apply(at(2), cash("0.000001")).unwrap();
    assert!(wallet.hold(at(2), 1, money("0.045")).is_ok());
}

#[test]
fn r43_a_message_is_never_paid_in_part() {
    let mut wallet = wallet(&[cash("0.1"), package(1, "0.04", 100)]);
    let before = wallet.clone();
    assert_eq!(wallet.hold(at(1), 4, money("0.045")), Err(Shortage::Missing(money("0.035"))));
    assert_eq!(wallet, before);
    assert!(wallet.hold(at(1), 3, money("0.045")).is_ok());
}

#[test]
fn r42_low_is_told_once_until_money_comes_in() {
    let low = Terms { low_money: Some(money("0.5")), low_segments: Some(2), ..Terms::default() };
    let mut wallet = wallet(&[Operation::Terms(low), cash("0.7")]);
    let warned = |wallet: &mut Wallet| {
        let (hold, low) = wallet.hold(at(1), 1, money("0.1")).unwrap();
        (hold, low)
    };
    assert_eq!(warned(&mut wallet).1, None, "0.6 is left");
    assert_eq!(warned(&mut wallet).1, None, "0.5 is left");
    let (held, low) = warned(&mut wallet);
    assert_eq!(low, Some(LowBalance::Money(money("0.4"))));
    assert_eq!(wallet.standing(at(1)), Standing::Low);
    wallet.release(at(1), &held).unwrap();
    assert_eq!(warned(&mut wallet).1, None, "told already");
    wallet.apply(at(1), cash("0.05")).unwrap();
    assert_eq!(warned(&mut wallet).1, None, "still low");
    wallet.apply(at(1), cash("0.2")).unwrap();
    assert_eq!(warned(&mut wallet).1, Some(LowBalance::Money(money("0.45"))));
    wallet.apply(at(1), package(3, "0", 100)).unwrap();
    assert_eq!(warned(&mut wallet).1, None, "two segments are left, and no money was used");
    assert_eq!(warned(&mut wallet).1, Some(LowBalance::Segments(1)));
    assert_eq!(warned(&mut wallet).1, None);
}

#[test]
fn r37_a_postpaid_account_owes_up_to_its_limit() {
    let mut wallet = wallet(&[postpaid("0.1"), voucher("0.045", 100)]);
    let first = hold(&mut wallet, 1, 1, "0.045");
    assert_eq!(wallet.settle(&first).unwrap().voucher, money("0.045"), "vouchers first");
    let holds: Vec<_> = (0..2).map(|_| hold(&mut wallet, 1, 1, "0.045")).collect();
    assert_eq!(wallet.held(), (Money::ZERO, money("0.09")));
    assert_eq!(wallet.hold(at(1), 1, money("0.045")), Err(Shortage::Missing(money("0.035"))));
    wallet.release(at(1), &holds[0]).unwrap();
    let spent = wallet.settle(&holds[1]).unwrap();
    assert_eq!((spent.credit, spent.fee(), wallet.owed()), (money("0.045"), money("0.045"), money("0.045")));
    assert_eq!(wallet.to_spend(at(1)), money("0.055"));
    wallet.apply(at(1), cash("0.05")).unwrap();
    wallet.apply(at(1), Operation::Collect { amount: money("0.045") }).unwrap();
    assert_eq!((wallet.owed(), wallet.to_spend(at(1))), (Money::ZERO, money("0.105")));
}

#[test]
fn a11_overseas_is_postpaid_and_the_balance_must_suffice() {
    let mut wallet = wallet(&[COVERED, cash("0.1")]);
    let held = hold(&mut wallet, 1, 2, "0.045");
    wallet.settle(&held).unwrap();
    assert_eq!((wallet.owed(), wallet.left(at(1))), (money("0.09"), money("0.1")), "accrued, not deducted");
    assert_eq!(wallet.hold(at(1), 1, money("0.045")), Err(Shortage::Missing(money("0.035"))));
    let take_out = |amount| Operation::Withdraw { fund: FundId(1), amount: money(amount) };
    assert_eq!(wallet.apply(at(1), take_out("0.010001")), Err(Unfit::NotEnough), "it covers the debt");
    assert_eq!(wallet.apply(at(1), take_out("0.01")), Ok(Done::Out(money("0.01"))));
}

#[test]
fn a11_overseas_is_prepaid_by_a_card_as_well() {
    let mut wallet = wallet(&[card("999", 365 * DAY)]);
    let held = hold(&mut wallet, 1, 1, "0.356");
    assert_eq!(wallet.settle(&held).unwrap().cash, money("0.356"));
}

#[test]
fn what_is_free_needs_no_money_and_a_price_out_of_reason_is_none() {
    let mut wallet = Wallet::default();
    assert_eq!(hold(&mut wallet, 1, 5, "0"), Hold::NONE);
    assert_eq!(hold(&mut wallet, 1, 0, "1"), Hold::NONE);
    for (segments, unit) in [(1, "-1"), (65_536, "1"), (65_535, "9223372036854")] {
        assert_eq!(wallet.plan(at(1), segments, money(unit)), Err(Shortage::NoPrice), "{segments} × {unit}");
    }
}

#[test]
fn a_hold_that_was_planned_for_another_wallet_is_not_taken() {
    let rich = wallet(&[cash("1"), voucher("1", 100), package(5, "1", 100)]);
    let plan = rich.plan(at(1), 30, money("0.05")).unwrap();
    for poor in [wallet(&[]), wallet(&[cash("1")]), wallet(&[cash("1"), voucher("0.5", 100)])] {
        let mut after = poor.clone();
        assert_eq!((after.take(at(1), &plan), after), (Err(NotHeld), poor));
    }
}

#[test]
fn a_hold_keeps_its_numbers() {
    let rich = wallet(&[cash("1"), voucher("1", 100), package(5, "1", 100), package(2, "1", 90)]);
    let plan = rich.plan(at(1), 30, money("0.05")).unwrap();
    assert_eq!(Hold::from_numbers(plan.to_numbers()), Some(plan));
    assert_eq!(Hold::from_numbers([0, 65_536, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    assert_eq!(
        format!("{plan:?}"),
        "Hold { credit: 0.0000, funds: [(f2, 1000000), (f1, 150000), (f4, 2), (f3, 5)] }"
    );
}
