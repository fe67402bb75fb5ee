//! What the report says of an account's money.

use std::sync::Arc;
use std::time::Duration;

use super::world::*;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::flow::{FlowSettings, MoneyReport};
use crate::message::{ChargeOn, Operation, Payment, Refundable, Says};
use crate::rating::tariff::{PrefixPrice, Tier, VersionSettings};
use crate::rating::wallet::Standing;
use crate::rating::{MonthNumber, Tariff};

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn prepaid() -> FlowSettings {
    let mut settings = settings();
    settings.accounts[0].paying = paying(ChargeOn::CarrierOk, Payment::Prepaid);
    settings
}

fn top_up(world: &mut World, amount: &str, expires: Option<Timestamp>) {
    let account = world.account("acme");
    let operation = Operation::TopUp { amount: money(amount), expires, refundable: Refundable::Always };
    let (before, after) = Default::default();
    world.tell(Says::Money { account, operation, before, after }).unwrap();
}

fn report(world: &World) -> MoneyReport {
    let report = world.flow.report_at(world.now.wall);
    let account = report.accounts.into_iter().find(|account| account.name == "acme").unwrap();
    account.money.unwrap()
}

#[test]
fn r42_the_report_says_what_there_is_what_is_held_and_what_has_expired_since_the_last_event() {
    let mut world = World::with(prepaid());
    assert_eq!(report(&world).standing, Standing::Suspended);
    let expires = world.now.wall + 60 * SECOND;
    top_up(&mut world, "1", Some(expires));
    world.submit("acme", BRITISH);
    let now = report(&world);
    assert_eq!((now.balance.money, now.held, now.owed), (money("0.9550"), money("0.0450"), Money::ZERO));
    assert_eq!(now.standing, Standing::Good);
    let last = world.flow.report_at(expires - Duration::from_millis(1));
    let then = world.flow.report_at(expires);
    let standing = |report: &crate::flow::Report| report.accounts[0].money.unwrap().standing;
    assert_eq!((standing(&last), standing(&then)), (Standing::Good, Standing::Suspended));
    let free = then.accounts.iter().find(|account| account.name == "beta").unwrap();
    assert_eq!(free.money, None);
}

/// The same account, whose tariff has lost the price that its messages were priced by.
fn without_the_price() -> FlowSettings {
    let mut settings = prepaid();
    let tier = Tier { over: 0, up_to: None, price: money("0.1") };
    let prices = vec![PrefixPrice { prefix: "33".to_owned(), tiers: vec![tier] }];
    let version = VersionSettings { number: 1, effective: Timestamp::default(), announced: None, prices };
    let tariff = Tariff::new(vec![version], Duration::ZERO).unwrap();
    settings.accounts[0].paying.as_mut().unwrap().pricing.tariff = Arc::new(tariff);
    settings
}

#[test]
fn r36_a_month_that_cannot_be_settled_is_said_to_be_so_until_it_can() {
    let mut world = World::with(prepaid());
    assert_eq!(report(&world).unsettled, None, "nobody has tried yet");
    world.tick();
    top_up(&mut world, "1", None);
    world.carrier_ready("north", LINK_1, 1000);
    let message = world.submit("acme", BRITISH);
    world.taken(message, "1");
    assert_eq!(report(&world).unsettled, None);
    // As it could become while tariffs were not remembered.
    world.forget_agreements();
    world.restart_with(without_the_price());
    world.wait(Duration::from_secs(32 * 86_400));
    world.tick();
    assert_eq!(report(&world).unsettled, Some(MonthNumber(202_601)));
    world.forget_agreements();
    world.restart_with(prepaid());
    world.tick();
    assert_eq!(report(&world).unsettled, None);
}
