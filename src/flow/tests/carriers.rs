use std::time::Duration;

use super::world::*;
use crate::flow::{Answer, CarrierSettings, FlowSettings, Input, THROTTLE_PAUSE_MAX, Taking};
use crate::message::{CarrierMessageId, Class, Fault, Refusal};

#[test]
fn a_message_lives_from_its_acceptance_to_its_receipt_in_the_customers_hands() {
    let mut world = World::new();
    let message = world.submit("acme", BRITISH);
    assert_eq!(world.place(message), "queued");
    assert_eq!(world.sent(), [], "nobody is ready for it");

    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent(), [(LINK_1, message)]);
    assert_eq!(world.place(message), "handed over");

    world.taken(message, "abc");
    assert_eq!(world.place(message), "submitted");

    world.wait(7 * SECOND);
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
    assert_eq!(world.notices(), [], "the customer is away");

    world.customer_ready("acme", LINK_2, 1);
    let [(link, notice)] = world.notices().try_into().unwrap();
    assert_eq!((link, notice.message), (LINK_2, message));
    assert_eq!(notice.source.as_slice(), b"ACME");
    assert_eq!(notice.destination.as_slice(), BRITISH.as_bytes());
    assert_eq!(said(&notice).1.since(notice.accepted_at), 7 * SECOND);
    assert_eq!((said(&notice).0.class, said(&notice).0.fault), (Class::Delivered, Fault::None));
    assert_eq!(said(&notice).0.stat.as_slice(), b"DELIVRD");

    world.told("acme", LINK_2, message, Taking::Taken);
    assert_eq!(world.place(message), "gone");
    let (counts, carrier) = (world.counts("acme"), world.carrier_counts("north"));
    assert_eq!((counts.accepted, counts.ended.of(Class::Delivered), counts.told), (1, 1, 1));
    assert_eq!((carrier.submitted, carrier.accepted), (1, 1));
    assert_eq!(carrier.ended.of(Class::Delivered), 1);
}

#[test]
fn messages_reach_their_carrier_in_the_order_of_acceptance_whoever_submitted_them() {
    let mut world = World::new();
    let mut messages = Vec::new();
    for _ in 0..3 {
        messages.push(world.submit("acme", BRITISH));
        world.submit("acme", FRENCH);
        messages.push(world.submit("beta", BRITISH));
    }
    world.carrier_ready("north", LINK_1, 4);
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent_messages(), messages);
}

#[test]
fn nothing_goes_to_a_carrier_beyond_its_credits() {
    let mut world = World::new();
    let messages = world.submit_many("acme", BRITISH, 5);
    world.carrier_ready("north", LINK_1, 2);
    assert_eq!(world.sent_messages(), messages[..2]);
    world.taken(messages[0], "a");
    assert_eq!(world.sent(), [], "an answer gives no credit; the edge does");
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(world.sent_messages(), messages[2..3]);
    world.carrier_gone("north", LINK_1);
    world.carrier_ready("south", LINK_2, 10);
    assert_eq!(world.sent(), [], "another carrier's credits are not its credits");
}

#[test]
fn two_connections_of_a_carrier_share_its_messages_in_turn() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 3);
    world.carrier_ready("north", LINK_2, 2);
    world.submit_many("acme", BRITISH, 5);
    let links: Vec<_> = world.sent().into_iter().map(|(link, _)| link).collect();
    assert_eq!(links, [LINK_1, LINK_2, LINK_1, LINK_2, LINK_1]);
}

#[test]
fn a_connection_that_is_gone_is_given_nothing_more() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 5);
    world.carrier_ready("north", LINK_2, 1);
    world.carrier_gone("north", LINK_1);
    let messages = world.submit_many("acme", BRITISH, 2);
    assert_eq!(world.sent(), [(LINK_2, messages[0])]);
}

/// The carrier rests between half of this and the whole: its rest is spread.
fn rests_up_to(world: &World, whole: Duration) -> Duration {
    let rest = world.wakes_in().unwrap();
    assert!(rest >= whole / 2 && rest <= whole, "{rest:?} of {whole:?}");
    rest
}

#[test]
fn throttled_rests_all_of_the_carrier_and_keeps_the_order() {
    let mut world = World::new();
    let messages = world.submit_many("acme", BRITISH, 6);
    world.carrier_ready("north", LINK_1, 2);
    world.carrier_ready("north", LINK_2, 2);
    assert_eq!(world.sent_messages(), messages[..4]);

    // One connection is throttled, backwards; then both have room again.
    for message in [messages[3], messages[1]] {
        world.answered(message, Answer::Refused(THROTTLED));
    }
    world.taken(messages[0], "a");
    world.carrier_ready("north", LINK_1, 4);
    world.carrier_ready("north", LINK_2, 4);
    assert_eq!(world.sent(), [], "the other connection is the same carrier");
    rests_up_to(&world, SECOND);
    assert_eq!(world.carrier_counts("north").refused.get(&THROTTLED), Some(&2));

    world.wait(SECOND);
    world.wake();
    assert_eq!(world.sent_messages(), [messages[1], messages[3], messages[4], messages[5]]);
}

#[test]
fn a_pause_doubles_up_to_its_bound_and_is_short_again_after_a_success() {
    let mut world = World::new();
    let message = world.submit("acme", BRITISH);
    world.carrier_ready("north", LINK_1, 100);
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        world.answered(message, Answer::Refused(THROTTLED));
        let rest = rests_up_to(&world, seconds * SECOND);
        world.wait(rest - Duration::from_micros(1));
        world.wake();
        assert_eq!(world.place(message), "queued");
        world.wait(Duration::from_micros(1));
        world.wake();
        assert_eq!(world.place(message), "handed over");
    }
    assert_eq!(THROTTLE_PAUSE_MAX, 30 * SECOND);
    world.taken(message, "a");
    let next = world.submit("acme", BRITISH);
    world.answered(next, Answer::Refused(THROTTLED));
    rests_up_to(&world, SECOND);
}

#[test]
fn the_throttled_answers_of_one_burst_make_one_pause() {
    let mut world = World::new();
    let messages = world.submit_many("acme", BRITISH, 10);
    world.carrier_ready("north", LINK_1, 10);
    for message in &messages {
        world.answered(*message, Answer::Refused(THROTTLED));
    }
    rests_up_to(&world, SECOND);
}

#[test]
fn a_carrier_that_throttles_does_not_hold_up_another() {
    let mut world = World::new();
    let british = world.submit("acme", BRITISH);
    world.carrier_ready("north", LINK_1, 1);
    world.answered(british, Answer::Refused(THROTTLED));
    world.carrier_ready("south", LINK_2, 1);
    let french = world.submit("acme", FRENCH);
    assert_eq!(world.sent().pop(), Some((LINK_2, french)));
}

#[test]
fn one_more_than_the_queue_holds_is_refused_and_counted() {
    let mut world = World::with(FlowSettings {
        carriers: vec![CarrierSettings { queue_max: 3, ..carrier("north") }, carrier("south")],
        ..settings()
    });
    let messages = world.submit_many("acme", BRITISH, 3);
    assert_eq!(world.try_submit("beta", BRITISH, 1), Err(Refusal::QueueFull));
    assert!(world.try_submit("beta", FRENCH, 1).is_ok(), "another carrier's queue is another queue");
    assert_eq!(world.counts("beta").refused(Refusal::QueueFull), 1);

    world.carrier_ready("north", LINK_1, 1);
    assert!(world.try_submit("beta", BRITISH, 1).is_ok(), "one has left");
    world.answered(messages[0], Answer::NotSent);
    assert_eq!(world.flow.report().carriers[0].queued, 4, "what comes back is never refused");
    assert_eq!(world.try_submit("beta", BRITISH, 1), Err(Refusal::QueueFull));
}

#[test]
fn refused_for_good_ends_a_message_once_and_keeps_the_status() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    world.customer_ready("acme", LINK_2, 1);
    let message = world.submit("acme", BRITISH);
    for _ in 0..2 {
        world.answered(message, Answer::Refused(INVALID_DESTINATION));
    }
    let [(_, notice)] = world.notices().try_into().unwrap();
    assert_eq!((said(&notice).0.class, said(&notice).0.fault), (Class::ExplicitFailure, Fault::Carrier));
    assert_eq!(said(&notice).0.stat.as_slice(), b"REJECTD");
    assert_eq!(said(&notice).0.err.as_slice(), b"0000000b");
    let carrier = world.carrier_counts("north");
    assert_eq!(carrier.refused.get(&INVALID_DESTINATION), Some(&1));
    assert_eq!(carrier.ended.total(), 1);
}

#[test]
fn what_was_never_written_goes_back_to_the_front_and_was_never_submitted() {
    let mut world = World::new();
    let messages = world.submit_many("acme", BRITISH, 3);
    world.carrier_ready("north", LINK_1, 2);
    world.sent();
    world.pass_all([
        Input::CarrierAnswered { message: messages[1], attempt: 1, answer: Answer::NotSent },
        Input::CarrierAnswered { message: messages[0], attempt: 1, answer: Answer::NotSent },
        Input::CarrierGone { carrier: world.carrier("north"), link: LINK_1 },
    ]);
    assert_eq!(world.carrier_counts("north").submitted, 0);
    world.carrier_ready("north", LINK_2, 3);
    assert_eq!(world.sent_messages(), messages);
    assert_eq!(world.carrier_counts("north").submitted, 3);
    assert_eq!(world.wakes_in(), None, "nobody was throttled");
}

#[test]
fn promise_6_a_message_in_doubt_is_never_handed_over_again() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    let message = world.submit("acme", BRITISH);
    world.sent();
    world.answered(message, Answer::Silent);
    assert_eq!(world.place(message), "in doubt");
    assert_eq!((world.counts("acme").in_doubt, world.carrier_counts("north").in_doubt), (1, 1));

    world.carrier_ready("north", LINK_1, 10);
    world.carrier_ready("north", LINK_2, 10);
    world.answered(message, Answer::NotSent);
    world.answered(message, Answer::Silent);
    world.wait(3599 * SECOND);
    world.tick();
    assert_eq!(world.sent(), []);
    assert_eq!(world.place(message), "in doubt");
}

#[test]
fn a_late_answer_resolves_the_doubt() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 3);
    let messages = world.submit_many("acme", BRITISH, 3);
    for message in &messages {
        world.answered(*message, Answer::Silent);
    }
    world.taken(messages[0], "abc");
    world.answered(messages[1], Answer::Refused(INVALID_DESTINATION));
    // It never had this one: there is no doubt any more, and the text is in the log.
    world.answered(messages[2], Answer::Refused(THROTTLED));
    assert_eq!(world.places(&messages), ["submitted", "receipt owed", "queued"]);
    assert_eq!((world.counts("acme").in_doubt, world.carrier_counts("north").in_doubt), (0, 0));
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.counts("acme").ended.of(Class::Delivered), 1);
}

#[test]
fn an_answer_about_a_message_that_is_not_out_changes_nothing() {
    let mut world = World::new();
    let queued = world.submit("acme", BRITISH);
    let answers = [
        Answer::Taken(CarrierMessageId::new(b"x")),
        Answer::Refused(THROTTLED),
        Answer::Refused(INVALID_DESTINATION),
        Answer::Silent,
        Answer::NotSent,
    ];
    for answer in answers.clone() {
        world.answered(queued, answer);
        assert_eq!(world.events, []);
    }
    world.carrier_ready("north", LINK_1, 1);
    world.taken(queued, "abc");
    let again = Answer::Taken(CarrierMessageId::new(b"abc"));
    for answer in answers.into_iter().skip(1).chain([again]) {
        world.answered(queued, answer);
        assert_eq!(world.events, []);
    }
    assert_eq!(world.place(queued), "submitted");
}

#[test]
fn a_carriers_rate_paces_what_is_handed_over_and_names_the_moment_of_the_next() {
    let mut world = World::with(FlowSettings {
        carriers: vec![CarrierSettings { rate: rate(10, 3), ..carrier("north") }, carrier("south")],
        ..settings()
    });
    let messages = world.submit_many("acme", BRITISH, 5);
    world.carrier_ready("north", LINK_1, 100);
    assert_eq!(world.sent_messages(), messages[..3], "a burst");

    for message in &messages[3..] {
        let wait = world.wakes_in().unwrap();
        assert!(wait > Duration::from_millis(99) && wait < Duration::from_millis(101), "{wait:?}");
        world.wait(wait - Duration::from_millis(1));
        world.wake();
        assert_eq!(world.sent(), []);
        world.wait(Duration::from_millis(1));
        world.wake();
        assert_eq!(world.sent_messages(), [*message]);
    }
    assert_eq!(world.wakes_in(), None, "nothing waits any more");
}

#[test]
fn a_paced_carrier_without_credits_is_not_woken_for() {
    let mut world = World::with(FlowSettings {
        carriers: vec![CarrierSettings { rate: rate(10, 1), ..carrier("north") }, carrier("south")],
        ..settings()
    });
    world.submit_many("acme", BRITISH, 3);
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.wakes_in(), None);
}
