//! Promise 5: money is held at acceptance, and settled or returned once, by the account's rule.

mod changes;
mod months;

use std::time::Duration;

use super::world::*;
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::base::time::{ContractDay, Timestamp};
use crate::flow::{AccountSettings, Answer, FlowSettings, Manage, Managed, NoFact};
use crate::message::{
    Address, Balance, ChargeOn, Content, Event, FactId, FundId, Operation, Part, PartForm, Payment,
    Refundable, Refusal, Says, Submission, Wishes,
};
use crate::rating::MonthNumber;
use crate::rating::wallet::Unfit;

const PRICE: &str = "0.0450";

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// `acme` pays by this rule; `beta` has nothing to pay.
fn paid(charge_on: ChargeOn, payment: Payment) -> World {
    let mut settings = settings();
    settings.accounts[0].paying = paying(charge_on, payment);
    World::with(settings)
}

fn prepaid(charge_on: ChargeOn, amount: &str) -> World {
    let mut world = paid(charge_on, Payment::Prepaid);
    top_up(&mut world, amount).unwrap();
    world.carrier_ready("north", LINK_1, 1000);
    world
}

fn operate(world: &mut World, operation: Operation) -> Result<FactId, NoFact> {
    let account = world.account("acme");
    let (before, after) = Default::default();
    world.tell(Says::Money { account, operation, before, after })
}

fn top_up(world: &mut World, amount: &str) -> Result<FactId, NoFact> {
    let (amount, expires, refundable) = (money(amount), None, Refundable::Always);
    operate(world, Operation::TopUp { amount, expires, refundable })
}

/// What is left, and what is held.
fn standing(world: &World) -> (Money, Money) {
    let account = world.account("acme");
    let wallet = world.flow.state().ledger().wallet(account).unwrap();
    let (of_funds, on_credit) = wallet.held();
    (wallet.to_spend(world.now.wall), of_funds.checked_add(on_credit).unwrap())
}

fn amounts(left: &str, held: &str) -> (Money, Money) {
    (money(left), money(held))
}

#[test]
fn r43_as_many_are_accepted_as_the_balance_pays_and_not_one_more() {
    let mut world = prepaid(ChargeOn::CarrierOk, "0.4499");
    for _ in 0..9 {
        world.submit("acme", BRITISH);
    }
    assert_eq!(world.try_submit("acme", BRITISH, 1), Err(Refusal::NoMoney));
    assert_eq!(standing(&world), amounts("0.0449", "0.4050"));
    world.submit("beta", BRITISH);
    assert_eq!(world.counts("acme").refused(Refusal::NoMoney), 1);
    top_up(&mut world, "0.0001").unwrap();
    world.submit("acme", BRITISH);
    assert_eq!(standing(&world), amounts("0", "0.4500"));
}

#[test]
fn r42_a_restart_between_hold_and_settlement_loses_nothing() {
    let mut world = prepaid(ChargeOn::CarrierOk, "1");
    let [first, second] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    world.taken(first, "1");
    assert_eq!(standing(&world), amounts("0.9100", PRICE));
    world.restart();
    assert_eq!(standing(&world), amounts("0.9100", PRICE));
    world.taken(second, "2");
    assert_eq!(standing(&world), amounts("0.9100", "0"), "its answer was late, and it is spent");
}

#[test]
fn r39_what_no_carrier_took_is_not_charged_and_what_one_took_is_whatever_becomes_of_it() {
    let mut world = prepaid(ChargeOn::CarrierOk, "1");
    let [refused, failed] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    world.answered(refused, Answer::Refused(INVALID_DESTINATION));
    assert_eq!(standing(&world), amounts("0.9550", PRICE));
    world.taken(failed, "2");
    world.receipt("north", "2", "UNDELIV");
    world.receipt("north", "2", "UNDELIV");
    assert_eq!(standing(&world), amounts("0.9550", "0"));
}

#[test]
fn a9_r40_charged_on_submission_or_on_delivery_is_charged_then_and_only_then() {
    let mut world = prepaid(ChargeOn::Accept, "1");
    let message = world.submit("acme", BRITISH);
    assert_eq!(standing(&world), amounts("0.9550", "0"));
    world.answered(message, Answer::Refused(INVALID_DESTINATION));
    assert_eq!(standing(&world), amounts("0.9550", "0"));

    let mut world = prepaid(ChargeOn::Delivery, "1");
    let [delivered, failed] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    for (message, id, stat) in [(delivered, "1", "DELIVRD"), (failed, "2", "UNDELIV")] {
        world.taken(message, id);
        assert!(standing(&world).1.is_positive());
        world.receipt("north", id, stat);
    }
    assert_eq!(standing(&world), amounts("0.9550", "0"));
}

#[test]
fn promise_6_of_a_message_and_its_copy_one_is_charged() {
    let mut settings = settings();
    settings.accounts[0].paying = paying(ChargeOn::CarrierOk, Payment::Prepaid);
    settings.accounts[0].doubt.resend_after = Some(20 * SECOND);
    let mut world = World::with(settings);
    top_up(&mut world, "1").unwrap();
    world.carrier_ready("north", LINK_1, 10);
    let message = world.submit("acme", BRITISH);
    let first = world.attempt(message);
    world.answered(message, Answer::Silent);
    world.live(25 * SECOND);
    world.taken(message, "copy");
    world.answered_to(message, first, Answer::Taken(crate::message::CarrierMessageId::new(b"late")));
    assert_eq!(standing(&world), amounts("0.9550", "0"));
    let used = world.flow.state().ledger().usage().sum(|_, _| true);
    assert_eq!((used.charged.messages, used.taken.messages), (1, 2), "the carrier will ask for two");
}

#[test]
fn r37_a_postpaid_account_runs_up_a_debt_up_to_its_limit() {
    let mut world = paid(ChargeOn::Accept, Payment::Postpaid { credit_limit: money("0.1") });
    let results: Vec<_> = (0..3).map(|_| world.try_submit("acme", BRITISH, 0)).collect();
    assert!(results[0].is_ok() && results[1].is_ok());
    assert_eq!(results[2], Err(Refusal::NoMoney));
    let account = world.account("acme");
    let wallet = world.flow.state().ledger().wallet(account).unwrap();
    assert_eq!(wallet.owed(), money("0.0900"));
    // Money that comes in is cash beside the debt, until it is collected.
    top_up(&mut world, "0.05").unwrap();
    world.submit("acme", BRITISH);
}

#[test]
fn an_account_without_a_tariff_pays_nothing_and_has_no_wallet() {
    let mut world = World::new();
    assert_eq!(top_up(&mut world, "1"), Err(NoFact::NoWallet));
    world.submit("acme", BRITISH);
    let account = world.account("acme");
    assert_eq!(world.flow.state().ledger().wallet(account), None);
    let used = world.flow.state().ledger().usage().sum(|_, _| true);
    assert_eq!(used.charged.messages, 0);
}

#[test]
fn what_is_done_to_money_says_who_did_it_and_what_there_was_before_and_after() {
    let mut world = paid(ChargeOn::Accept, Payment::Prepaid);
    top_up(&mut world, "1").unwrap();
    let id = top_up(&mut world, "0.5").unwrap();
    let (fact, _) = world.flow.state().facts().iter().last().unwrap();
    assert_eq!((fact.id, &fact.by[..], &fact.why[..]), (id, &b"operator"[..], &b"ticket 7"[..]));
    let balance = |text: &str| Balance { money: money(text), segments: 0 };
    let Says::Money { before, after, .. } = fact.says else { panic!("{fact:?}") };
    assert_eq!((before, after), (balance("1"), balance("1.5")));
    let refused = crate::sla::facts::FactRefusal::MoneyMoved;
    assert_eq!(world.tell(Says::Withdrawn(id)), Err(refused.into()));
}

#[test]
fn a_top_up_of_less_than_nothing_changes_nothing() {
    let mut world = prepaid(ChargeOn::Accept, "1");
    let before = world.log.end();
    assert_eq!(top_up(&mut world, "-1"), Err(NoFact::Money(Unfit::NotPositive)));
    assert_eq!(top_up(&mut world, "0"), Err(NoFact::Money(Unfit::NotPositive)));
    assert_eq!((standing(&world), world.log.end()), (amounts("1", "0"), before));
}

#[test]
fn r46_a_package_pays_for_the_next_message_and_comes_back_within_seven_days() {
    let mut world = prepaid(ChargeOn::Accept, "1");
    let week = Duration::from_secs(7 * 24 * 3600);
    let refundable = Refundable::Until(world.now.wall + week);
    let (segments, paid) = (10, money("0.30"));
    operate(&mut world, Operation::Package { segments, paid, expires: None, refundable }).unwrap();
    world.submit("acme", BRITISH);
    assert_eq!(standing(&world).0, money("1"), "the package pays first");
    let account = world.account("acme");
    let package = |world: &World| {
        let wallet = world.flow.state().ledger().wallet(account).unwrap().clone();
        wallet.funds().iter().find(|fund| fund.size == 10).map(|fund| fund.id)
    };
    let fund = package(&world).unwrap();
    world.wait(week + SECOND);
    let late = operate(&mut world, Operation::RefundPackage { fund });
    assert_eq!(late, Err(NoFact::Money(Unfit::NotRefundable)));
    world.step_calendar(-2000);
    world.wake();
    operate(&mut world, Operation::RefundPackage { fund }).unwrap();
    let wallet = world.flow.state().ledger().wallet(account).unwrap();
    assert_eq!(wallet.totals().packages_refunded, money("0.27"), "nine of ten");
}

fn long(world: &World, text: &str, number: u8) -> Submission {
    let part = Part { form: PartForm::Sar, reference: 1, total: 2, number };
    let content = Content { body: text.as_bytes().to_vec().into(), ..Content::default() };
    Submission { part: Some(part), content, ..world.submission("acme", BRITISH, 1) }
}

#[test]
fn promise_9_r34_a_long_message_costs_the_segments_of_its_whole_text_however_it_is_cut() {
    for order in [[1, 2], [2, 1]] {
        let mut world = prepaid(ChargeOn::Accept, "1");
        // 134 characters are two segments; cut so that each part alone would be two of them, or one.
        let texts = ["a".repeat(100), "b".repeat(34)];
        for number in order {
            let part = long(&world, &texts[usize::from(number) - 1], number);
            world.submit_this(part).unwrap();
            world.restart();
            world.carrier_ready("north", LINK_1, 10);
        }
        assert_eq!(standing(&world).0, money("0.9100"), "{order:?}");
    }
}

#[test]
fn promise_9_the_record_of_a_long_message_has_what_all_of_it_cost() {
    let mut world = prepaid(ChargeOn::CarrierOk, "1");
    world.flow.record();
    let parts = [1, 2].map(|number| long(&world, &"a".repeat(67), number));
    let ids = parts.map(|part| world.submit_this(part).unwrap());
    for (id, theirs) in ids.into_iter().zip(["1", "2"]) {
        world.taken(id, theirs);
        world.receipt("north", theirs, "DELIVRD");
    }
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let [(_, crate::flow::Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((detail.billed.segments, detail.billed.charged, detail.sent), (2, 2, 2));
    assert_eq!((detail.billed.cash, detail.billed.unit), (money("0.0900"), money(PRICE)));
}

#[test]
fn the_record_has_the_price_whether_or_not_a_receipt_is_wanted() {
    for registered_delivery in [0, 1] {
        let mut world = prepaid(ChargeOn::CarrierOk, "1");
        world.flow.record();
        let message = world.try_submit("acme", BRITISH, registered_delivery).unwrap();
        world.taken(message, "1");
        world.receipt("north", "1", "DELIVRD");
        let mut lines = Vec::new();
        world.flow.take_lines(&mut lines);
        let [(_, crate::flow::Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!((detail.billed.charged, detail.billed.cash), (1, money(PRICE)));
    }
}

#[test]
fn several_recipients_of_one_request_are_paid_one_by_one() {
    let mut world = prepaid(ChargeOn::CarrierOk, "0.1");
    let submissions = (0..3).map(|_| world.submission("acme", BRITISH, 0)).collect();
    let (shown, refused) = world.submit_multi(submissions, Vec::new());
    assert!(shown.is_ok());
    let british = Address::new(1, 1, BRITISH.as_bytes()).unwrap();
    assert_eq!(refused, [(british, Refusal::NoMoney)]);
    assert_eq!(standing(&world), amounts("0.0100", "0.0900"));
}

#[test]
fn terms_follow_the_settings_and_terms_that_cannot_be_leave_those_that_are() {
    let mut world = paid(ChargeOn::Accept, Payment::Postpaid { credit_limit: money("1") });
    world.submit("acme", BRITISH);
    let prepaid = |settings: &FlowSettings| {
        let mut settings = settings.clone();
        settings.accounts[0] =
            AccountSettings { paying: paying(ChargeOn::Accept, Payment::Prepaid), ..account("acme") };
        settings
    };
    let changed = prepaid(&world.settings);
    world.restart_with(changed.clone());
    assert!(!world.events.iter().any(|event| matches!(event, Event::Terms { .. })), "it owes something");
    let kept = |world: &World| {
        world.flow.terms_kept(world.now.wall).iter().map(|(of, _)| (*of).to_owned()).collect()
    };
    let names: Vec<String> = kept(&world);
    assert_eq!(names, ["acme"], "its operator is told");
    top_up(&mut world, "1").unwrap();
    operate(&mut world, Operation::Collect { amount: money(PRICE) }).unwrap();
    world.restart_with(changed);
    assert!(world.events.iter().any(|event| matches!(event, Event::Terms { .. })));
    assert!(kept(&world).is_empty());
    assert_eq!(standing(&world).0, money("0.9550"));
}

#[test]
fn what_a_freed_segment_held_is_still_paid_once() {
    let mut world = prepaid(ChargeOn::CarrierOk, "1");
    let message = world.submit("acme", BRITISH);
    let theirs: Octets<8> = Octets::new(b"1").unwrap();
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    world.do_chores();
    world.assert_log_is_whole();
    world.restart();
    assert_eq!(standing(&world), amounts("0.9550", PRICE));
    world.taken(message, std::str::from_utf8(theirs.as_slice()).unwrap());
    assert_eq!(standing(&world), amounts("0.9550", "0"));
}

#[test]
fn a_destination_without_a_price_is_refused() {
    let mut settings = settings();
    settings.accounts[0].paying = paying(ChargeOn::Accept, Payment::Prepaid);
    let paying = settings.accounts[0].paying.as_mut().unwrap();
    let tier = crate::rating::tariff::Tier { over: 0, up_to: None, price: money(PRICE) };
    let prices = vec![crate::rating::tariff::PrefixPrice { prefix: "33".to_owned(), tiers: vec![tier] }];
    let version = crate::rating::tariff::VersionSettings {
        number: 1,
        effective: Timestamp::default(),
        announced: None,
        prices,
    };
    let tariff = crate::rating::Tariff::new(vec![version], Duration::ZERO).unwrap();
    paying.pricing.tariff = std::sync::Arc::new(tariff);
    let mut world = World::with(settings);
    top_up(&mut world, "1").unwrap();
    assert_eq!(world.try_submit("acme", BRITISH, 1), Err(Refusal::NoPrice));
    world.submit("acme", FRENCH);
    assert_eq!(FundId(1), world.flow.state().ledger().wallet(world.account("acme")).unwrap().funds()[0].id);
}

#[test]
fn a_wallet_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let mut world = prepaid(ChargeOn::Accept, "1");
    let mut records: Vec<Event> = world.flow.state().to_snapshot().collect();
    for record in &mut records {
        if let Event::Snapshot(snapshot) = record
            && let crate::message::Snapshot::Wallet { numbers, .. } = &mut **snapshot
        {
            numbers[0] = 99;
        }
    }
    assert_eq!(world.flow.state().unreadable(), None);
    let mut other = crate::flow::Flow::new(world.settings.clone());
    for (home, record) in (0..).zip(records) {
        other.apply(crate::base::ids::RecordNumber(home), record);
    }
    assert_eq!(other.state().unreadable(), Some("acme"));
    world.submit("acme", BRITISH);
}
