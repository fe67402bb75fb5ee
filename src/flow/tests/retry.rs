//! Retry by cause: later, elsewhere, never, or when the whole carrier has rested.

use std::time::Duration;

use super::world::*;
use crate::flow::{Answer, CarrierSettings, FlowSettings};
use crate::message::{Class, Fault};
use crate::routing::{Cause, RetrySettings};

/// Every number can go to `north`, and to `south` when that cannot.
fn two_ways() -> FlowSettings {
    FlowSettings { routes: vec![route("", &["north", "south"])], ..settings() }
}

#[test]
fn a_system_error_is_tried_elsewhere_at_once() {
    let mut world = World::with(two_ways());
    world.carrier_ready("north", LINK_1, 5);
    world.carrier_ready("south", LINK_2, 5);
    let message = world.submit("acme", BRITISH);
    assert_eq!(world.sent(), [(LINK_1, message)]);
    world.answered(message, Answer::Refused(SYSTEM_ERROR));
    assert_eq!(world.sent(), [(LINK_2, message)]);
    world.taken(message, "ff");
    world.receipt("south", "255", "DELIVRD");
    assert_eq!(world.carrier_counts("south").ended.of(Class::Delivered), 1);
    assert_eq!(world.carrier_counts("north").refused.get(&SYSTEM_ERROR), Some(&1));
}

#[test]
fn promise_7_attempts_are_bounded_and_wait_longer_each_time_and_not_all_alike() {
    let mut world = World::new();
    let messages = world.submit_many("acme", BRITISH, 1);
    let other = world.submit("beta", "447700900122");
    world.carrier_ready("north", LINK_1, 100);
    let mut waits = Vec::new();
    for attempt in 1..=4 {
        for message in [messages[0], other] {
            world.answered(message, Answer::Refused(SYSTEM_ERROR));
            let until = world.message(message).unwrap().wait_until().unwrap();
            waits.push(until.since(world.flow.state().log_time(world.now.wall)));
        }
        let whole = 5 * SECOND * 2_u32.pow(attempt - 1);
        assert!(waits.iter().rev().take(2).all(|wait| *wait >= whole / 2 && *wait <= whole), "{waits:?}");
        assert_eq!(world.places(&[messages[0], other]), ["queued", "queued"]);
        world.sent();
        world.live(whole);
        assert_eq!(world.sent().len(), 2);
    }
    assert!(waits.chunks(2).any(|pair| pair[0] != pair[1]), "what failed together comes back one by one");
    world.customer_ready("acme", LINK_2, 1);
    world.answered(messages[0], Answer::Refused(SYSTEM_ERROR));
    let [(_, notice)] = world.notices().try_into().unwrap();
    let (outcome, _) = said(&notice);
    assert_eq!((outcome.class, outcome.err.as_slice()), (Class::ExplicitFailure, b"00000008".as_slice()));
    assert_eq!(world.carrier_counts("north").submitted, 10);
}

#[test]
fn a_rest_of_the_whole_carrier_is_nobodys_attempt() {
    let mut world = World::new();
    let message = world.submit("acme", BRITISH);
    world.carrier_ready("north", LINK_1, 100);
    for _ in 0..20 {
        world.answered(message, Answer::Refused(THROTTLED));
        world.live(30 * SECOND);
        assert_eq!(world.place(message), "handed over");
    }
}

#[test]
fn others_to_the_same_recipient_wait_behind_one_that_was_put_off_and_nobody_else_does() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    let first = world.submit("acme", BRITISH);
    world.answered(first, Answer::Refused(SYSTEM_ERROR));
    let second = world.submit("beta", BRITISH);
    let other = world.submit("acme", "447700900122");
    let third = world.submit("acme", BRITISH);
    world.sent();
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent_messages(), [other]);
    world.live(5 * SECOND);
    assert_eq!(world.sent_messages(), [first, second, third]);
}

#[test]
fn a_restart_keeps_the_wait_and_the_order_behind_it() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    let first = world.submit("acme", BRITISH);
    world.answered(first, Answer::Refused(SYSTEM_ERROR));
    let second = world.submit("acme", BRITISH);
    world.restart();
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent(), []);
    world.live(5 * SECOND);
    assert_eq!(world.sent_messages(), [first, second]);
}

#[test]
fn a_carriers_own_table_of_causes_goes_before_the_usual_one() {
    let mut settings = settings();
    let causes =
        [(INVALID_DESTINATION, Cause::RetryAfter), (SYSTEM_ERROR, Cause::GiveUp), (0x45, Cause::Pause)];
    settings.carriers[0].retry = RetrySettings { causes: causes.into(), ..RetrySettings::default() };
    let mut world = World::with(settings);
    world.carrier_ready("north", LINK_1, 10);
    let later = world.submit("acme", "447700900121");
    let never = world.submit("acme", "447700900122");
    let rest = world.submit("acme", "447700900123");
    world.answered(later, Answer::Refused(INVALID_DESTINATION));
    world.answered(never, Answer::Refused(SYSTEM_ERROR));
    world.answered(rest, Answer::Refused(0x45));
    assert_eq!(world.places(&[later, never, rest]), ["queued", "receipt owed", "queued"]);
    assert!(world.flow.report().carriers[0].resting);
}

#[test]
fn what_cannot_be_written_for_a_carrier_is_over() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    world.customer_ready("acme", LINK_2, 1);
    let message = world.submit("acme", BRITISH);
    world.answered(message, Answer::Unwritable);
    let [(_, notice)] = world.notices().try_into().unwrap();
    assert_eq!(said(&notice).0.class, Class::ExplicitFailure);
}

#[test]
fn what_waits_for_a_carrier_that_rests_goes_another_way_as_far_as_that_has_room() {
    let mut world = World::with(two_ways());
    let messages = world.submit_many("acme", BRITISH, 6);
    world.carrier_ready("north", LINK_1, 2);
    world.sent();
    world.answered(messages[0], Answer::Refused(THROTTLED));
    assert_eq!(world.sent(), [], "nobody else is there");
    world.carrier_ready("south", LINK_2, 3);
    assert_eq!(world.sent(), [(LINK_2, messages[0]), (LINK_2, messages[2]), (LINK_2, messages[3])]);
    world.live(SECOND);
    world.carrier_ready("north", LINK_1, 9);
    assert_eq!(
        world.sent(),
        [(LINK_1, messages[4]), (LINK_1, messages[5])],
        "the others wait where they were"
    );
}

#[test]
fn however_many_wait_for_a_carrier_that_rests_they_all_go_another_way() {
    let mut world = World::with(two_ways()).unaudited();
    let messages = world.submit_many("acme", BRITISH, 1_000);
    world.carrier_ready("north", LINK_1, 1);
    world.answered(messages[0], Answer::Refused(THROTTLED));
    world.sent();
    world.carrier_ready("south", LINK_2, 1_000);
    assert_eq!(world.sent_messages(), messages);
    world.audit();
}

#[test]
fn what_waits_for_a_lost_carrier_goes_another_way_when_it_has_been_away_too_long() {
    let mut world = World::with(two_ways());
    world.carrier_ready("north", LINK_1, 5);
    world.carrier_gone("north", LINK_1);
    let messages = world.submit_many("acme", BRITISH, 2);
    world.carrier_ready("south", LINK_2, 10);
    world.live(29 * SECOND);
    assert_eq!(world.sent(), [], "a bind may come back");
    world.live(SECOND);
    assert_eq!(world.sent(), messages.iter().map(|id| (LINK_2, *id)).collect::<Vec<_>>());
}

#[test]
fn a_new_message_goes_to_the_first_carrier_of_its_route_that_is_ready() {
    let mut world = World::with(two_ways());
    world.carrier_ready("south", LINK_2, 10);
    let message = world.submit("acme", BRITISH);
    assert_eq!(world.sent(), [(LINK_2, message)]);
    world.carrier_ready("north", LINK_1, 10);
    let next = world.submit("acme", BRITISH);
    assert_eq!(world.sent(), [(LINK_1, next)]);
}

#[test]
fn a_full_queue_sends_a_message_to_the_next_carrier_of_its_route() {
    let carriers = vec![CarrierSettings { queue_max: 1, ..carrier("north") }, carrier("south")];
    let mut world = World::with(FlowSettings { carriers, ..two_ways() });
    let [first, second] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    world.carrier_ready("south", LINK_2, 10);
    assert_eq!(world.sent_messages(), [second]);
    assert_eq!(world.place(first), "queued");
}

#[test]
fn age_bounds_what_is_tried_again_and_again() {
    let mut world = World::with(settings());
    let mut submission = world.submission("acme", BRITISH, 1);
    submission.wishes.validity = Some(crate::message::When::In(Duration::from_secs(100)));
    let message = world.submit_this(submission).unwrap();
    world.carrier_ready("north", LINK_1, 1_000);
    world.customer_ready("acme", LINK_2, 1);
    for _ in 0..100 {
        if world.place(message) == "handed over" {
            world.answered(message, Answer::Refused(THROTTLED));
        }
        world.live(SECOND);
    }
    let [(_, notice)] = world.notices().try_into().unwrap();
    let (outcome, _) = said(&notice);
    assert_eq!((outcome.stat.as_slice(), outcome.fault), (b"EXPIRED".as_slice(), Fault::Platform));
}
