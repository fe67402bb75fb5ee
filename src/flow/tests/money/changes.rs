//! What is done to a message that waits changes what is held for it.

use super::*;
use crate::rating::wallet::Standing;

fn replace(
    world: &mut World,
    message: crate::base::ids::MessageId,
    length: usize,
) -> Result<Managed, Refusal> {
    let source = Address::new(5, 0, b"ACME").unwrap();
    let (wishes, registered_delivery) = (Wishes::default(), 1);
    let body = vec![b'x'; length].into();
    world.manage("acme", Manage::Replace { message, source, wishes, registered_delivery, body })
}

#[test]
fn a_replaced_text_costs_what_it_is_long() {
    let mut world = paid(ChargeOn::CarrierOk, Payment::Prepaid);
    top_up(&mut world, "0.1").unwrap();
    let message = world.submit("acme", BRITISH);
    assert_eq!(replace(&mut world, message, 71), Ok(Managed::Done));
    assert_eq!(standing(&world), amounts("0.0100", "0.0900"));
    assert_eq!(replace(&mut world, message, 135), Err(Refusal::NoMoney));
    assert_eq!(standing(&world), amounts("0.0100", "0.0900"));
    assert_eq!(replace(&mut world, message, 70), Ok(Managed::Done));
    assert_eq!(standing(&world), amounts("0.0550", PRICE));
    world.restart();
    world.carrier_ready("north", LINK_1, 10);
    world.taken(message, "1");
    assert_eq!(standing(&world), amounts("0.0550", "0"));

    // What was paid at the acceptance pays for no longer text.
    let mut world = paid(ChargeOn::Accept, Payment::Prepaid);
    top_up(&mut world, "1").unwrap();
    let message = world.submit("acme", BRITISH);
    assert_eq!(replace(&mut world, message, 71), Err(Refusal::ReplaceFailed));
    assert_eq!(replace(&mut world, message, 70), Ok(Managed::Done));
    assert_eq!(standing(&world), amounts("0.9550", "0"));
}

#[test]
fn a_cancelled_message_gives_its_money_back_and_what_expired_meanwhile_is_void() {
    let mut world = paid(ChargeOn::CarrierOk, Payment::Prepaid);
    let (amount, expires) = (money("1"), Some(world.now.wall + 60 * SECOND));
    operate(&mut world, Operation::TopUp { amount, expires, refundable: Refundable::Never }).unwrap();
    let [first, second] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    let cancel = |message| Manage::Cancel { message, source: Address::new(5, 0, b"ACME").unwrap() };
    assert_eq!(world.manage("acme", cancel(first)), Ok(Managed::Done));
    assert_eq!(standing(&world), amounts("0.9550", PRICE));
    world.wait(60 * SECOND);
    assert_eq!(world.manage("acme", cancel(second)), Ok(Managed::Done));
    assert_eq!(standing(&world), amounts("0", "0"));
    let account = world.account("acme");
    let wallet = world.flow.state().ledger().wallet(account).unwrap();
    assert_eq!(wallet.totals().void_money, money("1"));
    assert_eq!(wallet.standing(world.now.wall), Standing::Suspended);
}
