//! What a month comes to, once it is over (R36, R38).

use super::*;

/// 2026-02-01T00:00:00 by the contracts' clock.
const FEBRUARY: Timestamp = Timestamp::from_millis(1_769_875_200_000);

#[test]
fn r36_a_months_end_gives_back_what_the_tier_that_was_reached_did_not_cost_once() {
    let mut world = prepaid(ChargeOn::Accept, "10");
    world.submit_many("acme", BRITISH, 4);
    world.submit_many("acme", FRENCH, 2);
    world.wait(FEBRUARY.since(world.now.wall) - Duration::from_millis(1));
    world.tick();
    let account = world.account("acme");
    let settled = |world: &World| world.flow.state().ledger().settled(account).last().unwrap();
    assert_eq!(settled(&world).0, MonthNumber(202_512), "only December is over");
    world.wait(Duration::from_millis(1));
    world.tick();
    let (month, sums) = settled(&world);
    assert_eq!((month, sums.segments), (MonthNumber(202_601), 6));
    assert_eq!((sums.accrued, sums.amount, sums.cash), (money("0.3600"), money("0.3400"), money("0.0200")));
    assert_eq!(standing(&world).0, money("9.6600"));
    for _ in 0..3 {
        world.restart();
        world.tick();
        world.step_calendar(-86_400_000);
        world.tick();
        world.step_calendar(86_400_000);
        world.tick();
    }
    assert_eq!(standing(&world).0, money("9.6600"), "a run again is no second rebate");
}

#[test]
fn r36_what_was_paid_by_voucher_comes_back_as_a_voucher() {
    let mut world = paid(ChargeOn::Accept, Payment::Prepaid);
    operate(&mut world, Operation::Voucher { amount: money("0.0900"), expires: None }).unwrap();
    top_up(&mut world, "0.0900").unwrap();
    world.submit_many("acme", BRITISH, 4);
    world.wait(FEBRUARY.since(world.now.wall));
    world.tick();
    let account = world.account("acme");
    let (_, sums) = world.flow.state().ledger().settled(account).last().unwrap();
    assert_eq!((sums.cash, sums.voucher), (money("0.0100"), money("0.0100")));
}

#[test]
fn r38_what_moves_after_the_months_end_belongs_to_the_next_month() {
    let mut world = prepaid(ChargeOn::CarrierOk, "1");
    world.wait(FEBRUARY.since(world.now.wall) - SECOND);
    let message = world.submit("acme", BRITISH);
    world.wait(2 * SECOND);
    world.tick();
    world.taken(message, "1");
    let account = world.account("acme");
    let ledger = world.flow.state().ledger();
    let charged = |month| ledger.used_in(account, MonthNumber(month)).map(|(_, used)| used.charged.messages);
    assert_eq!(charged(202_601).sum::<u64>(), 0);
    assert_eq!(charged(202_602).sum::<u64>(), 1);
    let accepted = ledger.usage().sum(|day, _| day == ContractDay::of(FEBRUARY - SECOND)).accepted;
    assert_eq!(accepted.messages, 1, "it was accepted in January");
}

#[test]
fn months_that_were_slept_through_are_settled_at_the_next_start() {
    let mut world = prepaid(ChargeOn::Accept, "10");
    world.tick();
    world.submit_many("acme", BRITISH, 4);
    world.wait(Duration::from_secs(70 * 86_400));
    world.restart();
    world.tick();
    let account = world.account("acme");
    let months: Vec<_> = world.flow.state().ledger().settled(account).map(|(month, _)| month.0).collect();
    assert_eq!(months, [202_512, 202_601, 202_602]);
    assert_eq!(standing(&world).0, money("9.8400"));
}
