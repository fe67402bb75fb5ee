use std::collections::VecDeque;
use std::time::Duration;

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{AccountSettings, Answer, CarrierSettings, FlowSettings, ReceiptSettings, Taking};

const LATER: Taking = Taking::Later;
const TAKEN: Taking = Taking::Taken;

/// A world in which so many receipts are owed to `acme`, which is not there.
fn owed(receipts: ReceiptSettings, count: usize) -> (World, Vec<MessageId>) {
    let accounts = vec![AccountSettings { receipts, ..account("acme") }];
    let mut world = World::with(FlowSettings { accounts, ..settings() });
    if count > 100 {
        world = world.unaudited();
    }
    world.carrier_ready("north", LINK_1, u32::MAX);
    let messages = (0..count).map(|_| owe(&mut world));
    let messages = messages.collect();
    (world, messages)
}

fn owe(world: &mut World) -> MessageId {
    let message = world.submit("acme", BRITISH);
    world.taken(message, &message.to_string());
    world.receipt("north", &message.to_string(), "DELIVRD");
    message
}

fn usual() -> ReceiptSettings {
    ReceiptSettings { pause: 5 * SECOND, ..ReceiptSettings::default() }
}

/// Waits for what the flow says it waits for; how long that was.
fn sleep(world: &mut World) -> Duration {
    let wait = world.wakes_in().unwrap();
    world.wait(wait);
    world.wake();
    wait
}

#[test]
fn a_receipt_that_is_wanted_later_lets_the_others_pass() {
    let (mut world, messages) = owed(usual(), 3);
    world.customer_ready("acme", LINK_2, 1);
    world.told("acme", LINK_2, messages[0], LATER);
    world.told("acme", LINK_2, messages[1], TAKEN);
    world.told("acme", LINK_2, messages[2], TAKEN);
    assert_eq!(world.notified(), messages);
    let next = owe(&mut world);
    assert_eq!(world.notified(), [next]);
    world.told("acme", LINK_2, next, TAKEN);

    assert_eq!(world.flow.report().accounts[0].receipts_waiting, 1);
    world.wait(5 * SECOND - Duration::from_micros(1));
    world.wake();
    assert_eq!(world.notified(), []);
    world.wait(Duration::from_micros(1));
    world.wake();
    assert_eq!(world.notified(), messages[..1]);
    assert_eq!(world.wakes_in(), None);
}

#[test]
fn a_receipts_own_pause_doubles_up_to_a_minute_and_has_an_end() {
    let (mut world, messages) = owed(ReceiptSettings { attempts_max: 7, ..usual() }, 1);
    world.customer_ready("acme", LINK_2, 1);
    for seconds in [5, 10, 20, 40, 60, 60] {
        assert_eq!(world.notified(), messages);
        world.told("acme", LINK_2, messages[0], LATER);
        // Another is taken between: it is not about the account.
        let other = owe(&mut world);
        world.told("acme", LINK_2, other, TAKEN);
        assert_eq!(world.notified(), [other]);
        assert_eq!(sleep(&mut world), seconds * SECOND);
    }
    world.told("acme", LINK_2, messages[0], LATER);
    assert_eq!((world.place(messages[0]), world.counts("acme").untold), ("gone", 1));
    assert_eq!(world.wakes_in(), None);
}

#[test]
fn laters_with_something_taken_between_never_rest_the_account() {
    let (mut world, messages) = owed(usual(), 60);
    world.customer_ready("acme", LINK_2, 1);
    for three in messages.chunks(3) {
        for (message, taking) in three.iter().zip([LATER, LATER, TAKEN]) {
            assert_eq!(world.notified(), [*message]);
            world.told("acme", LINK_2, *message, taking);
        }
    }
    assert_eq!(world.counts("acme").told, 20);
}

#[test]
fn the_third_later_in_a_row_rests_the_account_and_after_that_each_one_does() {
    let (mut world, messages) = owed(usual(), 9);
    world.customer_ready("acme", LINK_2, 1);
    for message in &messages[..3] {
        assert_eq!(world.notified(), [*message]);
        world.told("acme", LINK_2, *message, LATER);
    }
    assert_eq!(world.notified(), []);
    for rest in [5, 10, 20, 40, 60, 60] {
        let began = world.now.moment;
        while world.notices().is_empty() {
            sleep(&mut world);
        }
        assert_eq!(world.now.moment.since(began), rest * SECOND);
        let given = world.flow.live.customers[&world.account("acme")].given();
        world.told("acme", LINK_2, given[0], LATER);
        assert_eq!(world.notified(), [], "it has not taken anything yet");
    }
    // A receipt that is taken makes the next rest short again, and two more "later" are about the receipt.
    while world.notices().is_empty() {
        sleep(&mut world);
    }
    let given = world.flow.live.customers[&world.account("acme")].given();
    world.told("acme", LINK_2, given[0], TAKEN);
    for _ in 0..2 {
        let given = world.notified();
        assert_eq!(given.len(), 1);
        world.told("acme", LINK_2, given[0], LATER);
    }
    assert_eq!(world.notified().len(), 1);
}

#[test]
fn a_rest_of_the_account_and_a_longer_one_of_a_receipt_both_end_in_their_time() {
    let (mut world, messages) = owed(usual(), 3);
    world.customer_ready("acme", LINK_2, 3);
    world.told("acme", LINK_2, messages[0], LATER);
    world.told("acme", LINK_2, messages[1], TAKEN);
    sleep(&mut world);
    world.notices();
    // A second time for the first, and the account rests: 10 s and 5 s.
    world.told("acme", LINK_2, messages[0], LATER);
    world.told("acme", LINK_2, messages[2], LATER);
    let last = owe(&mut world);
    world.told("acme", LINK_2, last, LATER);
    assert_eq!(world.notified(), [last]);
    assert_eq!(sleep(&mut world), 5 * SECOND);
    assert_eq!(world.notified(), [messages[2], last], "in their old order");
    assert_eq!(sleep(&mut world), 5 * SECOND);
    assert_eq!(world.notified(), messages[..1]);
    assert_eq!(world.wakes_in(), None);
}

#[test]
fn a_new_connection_does_not_end_the_pause_of_a_receipt() {
    let (mut world, messages) = owed(usual(), 2);
    world.customer_ready("acme", LINK_2, 1);
    world.told("acme", LINK_2, messages[0], LATER);
    world.customer_gone("acme", LINK_2);
    world.notices();
    world.customer_ready("acme", LINK_3, 10);
    assert_eq!(world.notified(), messages[1..]);
    assert_eq!(sleep(&mut world), 5 * SECOND);
    assert_eq!(world.notified(), messages[..1]);
}

#[test]
fn nothing_about_a_message_passes_its_receipt_that_waits() {
    let (mut world, _) = owed(usual(), 0);
    world.customer_ready("acme", LINK_2, 1);
    let message = world.try_submit("acme", BRITISH, 0x11).unwrap();
    world.taken(message, "abc");
    world.receipt("north", "abc", "ENROUTE");
    world.receipt("north", "abc", "ENROUTE");
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.notified().len(), 1, "an intermediate notice has the only credit");
    world.told("acme", LINK_2, message, TAKEN);
    assert_eq!(world.notified(), [message], "the receipt");
    world.told("acme", LINK_2, message, LATER);
    world.receipt("north", "abc", "ENROUTE");
    assert_eq!(world.notified(), []);
    assert_eq!(sleep(&mut world), 5 * SECOND);
    assert_eq!(world.notified(), [message]);
}

#[test]
fn one_more_than_is_kept_sends_the_oldest_away_though_it_waits_for_its_time() {
    let (mut world, messages) = owed(ReceiptSettings { max: 3, ..usual() }, 3);
    world.customer_ready("acme", LINK_2, 2);
    world.told("acme", LINK_2, messages[1], LATER);
    world.told("acme", LINK_2, messages[0], LATER);
    world.customer_gone("acme", LINK_2);
    assert_eq!(world.flow.report().accounts[0].receipts_waiting, 3);
    let next = owe(&mut world);
    assert_eq!(world.places(&messages), ["gone", "receipt owed", "receipt owed"]);
    let after = owe(&mut world);
    assert_eq!(world.places(&messages), ["gone", "gone", "receipt owed"]);
    assert_eq!(world.places(&[next, after]), ["receipt owed", "receipt owed"]);
    assert_eq!(world.counts("acme").untold, 2);
}

/// A customer that takes receipts in order, ten at a time, and turns some away; how long until all are over.
fn drain(world: &mut World, mut turns_away: impl FnMut() -> bool) -> (Duration, usize) {
    let (began, mut offered) = (world.now.moment, 0);
    world.customer_ready("acme", LINK_2, 10);
    let mut given = VecDeque::from(world.notified());
    while world.flow.report().accounts[0].receipts_waiting > 0 || !given.is_empty() {
        if let Some(message) = given.pop_front() {
            offered += 1;
            world.told("acme", LINK_2, message, if turns_away() { LATER } else { TAKEN });
        } else {
            sleep(world);
        }
        given.extend(world.notified());
    }
    (world.now.moment.since(began), offered)
}

#[test]
fn promise_2_five_thousand_receipts_with_one_in_twenty_turned_away_get_through_within_three_minutes() {
    let (mut world, _) = owed(usual(), 5_000);
    let mut chance = 0x5eed_u64;
    let (took, offered) = drain(&mut world, || {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33).is_multiple_of(20)
    });
    assert_eq!((world.counts("acme").told, world.counts("acme").untold), (5_000, 0));
    assert!(offered > 5_150, "{offered} were offered: the chance has been there");
    assert!(took < 180 * SECOND, "{took:?}");
}

#[test]
fn promise_9_a_customer_that_answers_every_deliver_sm_with_later_is_not_hammered() {
    let (mut world, messages) = owed(ReceiptSettings { attempts_max: 4, ..usual() }, 50);
    let (took, offered) = drain(&mut world, || true);
    assert_eq!(
        (world.counts("acme").untold, offered),
        (50, 4 * messages.len()),
        "each was offered as often as it may"
    );
    // Ten at a time, and two more before the first rest: 19 rests of 5, 10, 20, 40 and then 60 seconds.
    assert!(took >= (5 + 10 + 20 + 40 + 14 * 60) * SECOND, "{took:?}");
}

/// How long a carrier rests each time that it throttles, one after the other.
fn rests(name: &str, to: &str, count: usize) -> Vec<Duration> {
    let mut world = World::new();
    let message = world.submit("acme", to);
    world.carrier_ready(name, LINK_1, 100);
    let rest = |_| {
        world.answered(message, Answer::Refused(THROTTLED));
        sleep(&mut world)
    };
    (0..count).map(rest).collect()
}

#[test]
fn the_rests_of_a_throttled_carrier_are_spread_and_the_same_in_every_run() {
    let (north, south) = (rests("north", BRITISH, 50), rests("south", FRENCH, 50));
    assert_eq!(north, rests("north", BRITISH, 50));
    let mut long = [&north[5..], &south[5..]].concat();
    assert!(long.iter().all(|rest| (15 * SECOND..=30 * SECOND).contains(rest)), "{long:?}");
    long.sort_unstable();
    long.dedup();
    assert!(long.len() > 80, "{} different ones of 90", long.len());
}

#[test]
fn a_carrier_that_throttles_every_other_second_is_not_met_on_its_beat_for_ever() {
    for (name, to) in [("north", BRITISH), ("south", FRENCH)] {
        // Whole rests would all be multiples of its beat: 2, 4, 8, 16, and 30 seconds from then on.
        let carriers =
            ["north", "south"].map(|name| CarrierSettings { throttle_pause: 2 * SECOND, ..carrier(name) });
        let mut world = World::with(FlowSettings { carriers: carriers.into(), ..settings() });
        let message = world.submit("acme", to);
        world.carrier_ready(name, LINK_1, 100);
        let began = world.now.moment;
        let throttles = |world: &World| world.now.moment.since(began).as_micros() % 2_000_000 < 1_000_000;
        let mut rests = 0;
        while throttles(&world) {
            world.answered(message, Answer::Refused(THROTTLED));
            sleep(&mut world);
            rests += 1;
            assert!(rests < 20, "{name} is met while it throttles, again and again");
        }
        assert!(rests > 0);
    }
}
