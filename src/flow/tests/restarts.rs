use super::world::*;
use crate::flow::{Answer, FlowSettings, Taking};
use crate::message::{Class, Event, Fault};

#[test]
fn promise_6_a_restart_leaves_what_was_handed_over_in_doubt_and_what_waited_in_order() {
    let mut world = World::new();
    let messages = world.submit_many("acme", BRITISH, 5);
    world.carrier_ready("north", LINK_1, 2);
    assert_eq!(world.sent_messages(), messages[..2]);

    world.restart();
    assert_eq!(world.places(&messages), ["in doubt", "in doubt", "queued", "queued", "queued"]);
    assert_eq!(world.counts("acme").in_doubt, 2);
    assert_eq!(world.sent(), [], "nobody is connected yet");
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent_messages(), messages[2..]);
}

#[test]
fn a_restart_doubts_nothing_twice() {
    let mut world = World::new();
    world.submit("acme", BRITISH);
    world.carrier_ready("north", LINK_1, 1);
    world.restart();
    assert_eq!(world.events.len(), 1);
    world.restart();
    assert_eq!(world.events, []);
    assert_eq!(world.counts("acme").in_doubt, 1);
}

#[test]
fn promise_2_owed_receipts_are_owed_after_a_restart_in_the_order_of_the_ends() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    let messages = world.submit_many("acme", BRITISH, 4);
    let ends = [messages[3], messages[0], messages[2], messages[1]];
    for message in ends {
        world.wait(SECOND);
        world.taken(message, &message.to_string());
        world.receipt("north", &message.to_string(), "DELIVRD");
    }
    world.customer_ready("acme", LINK_2, 2);
    world.told("acme", LINK_2, ends[0], Taking::Taken);

    world.restart();
    assert_eq!(world.flow.report().accounts[0].receipts_waiting, 3);
    world.told("acme", LINK_2, ends[1], Taking::Taken);
    assert_eq!(world.counts("acme").told, 1, "the connection died with the process");
    world.customer_ready("acme", LINK_3, 10);
    assert_eq!(world.notified(), ends[1..]);
}

#[test]
fn promise_3_a_receipt_from_an_earlier_session_finds_its_message_after_a_restart() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 2);
    let [message, early] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    world.taken(message, "abc");
    world.receipt("north", "def", "DELIVRD");
    world.restart();
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
    assert_eq!(world.parked(), 1, "a parked receipt is still parked");
    world.restart();
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.carrier_counts("north").repeated, 1, "an end is remembered");
    world.taken(early, "def");
    assert_eq!((world.place(early), world.parked()), ("receipt owed", 0));
}

#[test]
fn ids_go_on_after_a_restart_also_when_the_calendar_goes_back() {
    let mut world = World::new();
    let before = world.submit_many("acme", BRITISH, 3);
    world.now.wall = crate::base::time::Timestamp::from_millis(0);
    world.restart();
    assert!(world.submit("acme", BRITISH) > before[2]);
}

#[test]
fn a_pause_and_credits_die_with_the_process() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 5);
    let message = world.submit("acme", BRITISH);
    world.answered(message, Answer::Refused(THROTTLED));
    world.restart();
    assert_eq!((world.wakes_in(), world.sent()), (None, vec![]));
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(world.sent_messages(), [message]);
}

/// One message taken through its life with a restart after every step of it.
#[test]
fn a_life_with_a_restart_after_every_step_is_the_same_life() {
    let mut world = World::new();
    let message = world.submit("acme", BRITISH);
    world.restart();
    world.carrier_ready("north", LINK_1, 1);
    world.restart();
    world.receipt("north", "abc", "ENROUTE");
    world.restart();
    world.taken(message, "abc");
    world.restart();
    world.receipt("north", "abc", "DELIVRD");
    world.restart();
    world.customer_ready("acme", LINK_2, 1);
    assert_eq!(world.notified(), [message]);
    world.restart();
    world.customer_ready("acme", LINK_2, 1);
    assert_eq!(world.notified(), [message], "nobody knows whether the customer had it");
    world.told("acme", LINK_2, message, Taking::Taken);
    world.restart();
    let counts = world.counts("acme");
    assert_eq!((counts.accepted, counts.ended.of(Class::Delivered), counts.told), (1, 1, 1));
    assert_eq!((counts.in_doubt, world.place(message)), (0, "gone"));
}

#[test]
fn promise_2_messages_of_a_carrier_taken_out_of_the_settings_go_another_way_in_their_order() {
    let mut world = World::new();
    let french = world.submit_many("acme", FRENCH, 2);
    let british = world.submit("acme", BRITISH);
    let late = world.submit("acme", FRENCH);
    world.restart_with(FlowSettings {
        carriers: vec![carrier("north")],
        routes: vec![route("", &["north"])],
        ..settings()
    });
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent_messages(), [french[0], french[1], british, late]);
    assert_eq!(world.carrier_counts("south").submitted, 0);
    assert_eq!(world.carrier_counts("north").submitted, 4);
}

#[test]
fn promise_2_messages_without_a_carrier_and_without_a_way_end_by_our_own_fault() {
    let mut world = World::new();
    world.carrier_ready("south", LINK_1, 2);
    let [taken, doubted, queued] = world.submit_many("acme", FRENCH, 3).try_into().unwrap();
    world.taken(taken, "ff");
    world.restart_with(FlowSettings {
        carriers: vec![carrier("north")],
        routes: vec![route("44", &["north"])],
        ..settings()
    });
    assert_eq!(world.places(&[taken, doubted, queued]), ["submitted", "in doubt", "receipt owed"]);
    world.customer_ready("acme", LINK_2, 10);
    let [(_, notice)] = world.notices().try_into().unwrap();
    assert_eq!((notice.message, said(&notice).0.class), (queued, Class::ExplicitFailure));
    assert_eq!(said(&notice).0.fault, Fault::Platform);
    assert_eq!(said(&notice).0.stat.as_slice(), b"NOROUTE");
}

#[test]
fn names_keep_their_numbers_whatever_the_settings_say_later() {
    let mut world = World::new();
    let (beta, south) = (world.account("beta"), world.carrier("south"));
    world.restart_with(FlowSettings {
        accounts: vec![account("newcomer"), account("beta")],
        carriers: vec![carrier("west"), carrier("south")],
        routes: vec![route("", &["west"])],
        ..settings()
    });
    assert_eq!((world.account("beta"), world.carrier("south")), (beta, south));
    assert!(world.account("newcomer") > beta && world.carrier("west") > south);
    let [Event::AccountNamed { .. }, Event::CarrierNamed { .. }] = world.events.as_slice() else {
        panic!("{:?}", world.events)
    };
    world.restart();
    assert_eq!(world.events, []);
}

/// Receipts of an account that is not in the settings any more are still owed: it may come back.
#[test]
fn an_account_taken_out_of_the_settings_keeps_its_counts_and_its_receipts() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    let message = world.submit("beta", BRITISH);
    world.taken(message, "abc");
    world.restart_with(FlowSettings { accounts: vec![account("acme")], ..settings() });
    world.receipt("north", "abc", "DELIVRD");
    world.restart();
    assert_eq!(world.counts("beta").ended.total(), 1);
    world.customer_ready("beta", LINK_2, 1);
    assert_eq!(world.notified(), [message]);
}
