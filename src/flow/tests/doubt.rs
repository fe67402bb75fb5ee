//! Handed over and not answered: never resent blindly, settled by whatever comes (promise 6).

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{Answer, DoubtSettings, FlowSettings, Taking};
use crate::message::{CarrierMessageId, Class, Fault};

/// `acme` allows one copy after a minute; `beta` none.
fn world() -> World {
    let mut settings = settings();
    let doubt = DoubtSettings { resend_after: Some(60 * SECOND), copies_max: 1, settle_after: HOUR };
    settings.accounts[0].doubt = doubt;
    settings.routes = vec![route("", &["north", "south"])];
    let mut world = World::with(settings);
    world.carrier_ready("north", LINK_1, 100);
    world
}

fn in_doubt(world: &mut World, account: &str) -> MessageId {
    let message = world.submit(account, BRITISH);
    world.answered(message, Answer::Silent);
    assert_eq!(world.place(message), "in doubt");
    world.sent();
    message
}

fn taken_as(id: &str) -> Answer {
    Answer::Taken(CarrierMessageId::new(id.as_bytes()))
}

#[test]
fn promise_6_what_must_not_be_resent_is_not_and_settles_as_pending() {
    let mut world = world();
    let message = in_doubt(&mut world, "beta");
    world.customer_ready("beta", LINK_2, 1);
    world.live(HOUR - SECOND);
    assert_eq!((world.place(message), world.sent()), ("in doubt", vec![]));
    world.live(SECOND);
    let [(_, notice)] = world.notices().try_into().unwrap();
    let (outcome, _) = said(&notice);
    assert_eq!((outcome.class, outcome.fault), (Class::Pending, Fault::Carrier));
    assert_eq!((world.counts("beta").in_doubt, world.counts("beta").ended.of(Class::Pending)), (0, 1));
}

#[test]
fn promise_6_a_copy_is_sent_once_where_it_is_allowed_and_it_is_marked_and_counted() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    world.live(59 * SECOND);
    assert_eq!(world.sent(), []);
    world.live(SECOND);
    let [copy] = world.sent_whole().try_into().unwrap();
    assert_eq!((copy.message, copy.attempt, &copy.body[..]), (message, 2, b"hello".as_slice()));
    let counts = world.carrier_counts("north");
    assert_eq!((counts.submitted, counts.copied, counts.in_doubt), (2, 1, 0));
    world.answered(message, Answer::Silent);
    world.live(HOUR);
    assert_eq!((world.sent(), world.place(message)), (vec![], "receipt owed"));
    assert_eq!(world.counts("acme").ended.of(Class::Pending), 1);
}

#[test]
fn promise_6_a_late_answer_keeps_a_copy_from_going_out() {
    let mut world = world();
    world.carrier_gone("north", LINK_1);
    world.carrier_ready("north", LINK_1, 1);
    let message = in_doubt(&mut world, "acme");
    world.live(60 * SECOND);
    assert_eq!(world.place(message), "queued", "there is no room for the copy");
    world.answered_to(message, 1, taken_as("abc"));
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!((world.sent(), world.place(message)), (vec![], "submitted"));
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.counts("acme").ended.of(Class::Delivered), 1);
}

#[test]
fn promise_6_a_copy_goes_where_the_first_went_so_that_a_late_answer_is_known_by_its_carrier() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    let other = world.submit("acme", FRENCH);
    world.answered(other, Answer::Refused(THROTTLED));
    world.carrier_ready("south", LINK_2, 10);
    world.live(10 * SECOND);
    world.sent();
    let other = world.submit("acme", FRENCH);
    world.live(49 * SECOND);
    world.answered(other, Answer::Refused(THROTTLED));
    world.live(2 * SECOND);
    assert!(world.sent().iter().all(|(link, sent)| *sent != message || *link == LINK_1));
    world.answered_to(message, 1, taken_as("abc"));
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
}

#[test]
fn promise_3_receipts_on_either_id_of_a_message_and_its_copy_end_it_once() {
    for first in ["abc", "def"] {
        let mut world = world();
        let message = in_doubt(&mut world, "acme");
        world.live(60 * SECOND);
        world.answered_to(message, 1, taken_as("abc"));
        world.answered_to(message, 2, taken_as("def"));
        world.restart();
        world.receipt("north", first, "DELIVRD");
        world.receipt("north", "abc", "UNDELIV");
        world.receipt("north", "def", "DELIVRD");
        let (counts, carrier) = (world.counts("acme"), world.carrier_counts("north"));
        assert_eq!((counts.ended.of(Class::Delivered), counts.ended.total()), (1, 1), "{first}");
        assert_eq!((carrier.repeated, world.parked()), (2, 0));
    }
}

#[test]
fn promise_3_a_receipt_about_a_copy_may_come_before_its_answer() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    world.live(60 * SECOND);
    world.answered_to(message, 1, taken_as("abc"));
    world.receipt("north", "def", "DELIVRD");
    assert_eq!(world.parked(), 1);
    world.answered_to(message, 2, taken_as("def"));
    assert_eq!((world.parked(), world.place(message)), (0, "receipt owed"));
}

#[test]
fn promise_3_a_copy_taken_after_the_end_makes_its_receipts_repeated_ones() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    world.live(60 * SECOND);
    world.answered_to(message, 1, taken_as("abc"));
    world.receipt("north", "abc", "DELIVRD");
    world.receipt("north", "def", "UNDELIV");
    world.answered_to(message, 2, taken_as("def"));
    world.receipt("north", "def", "UNDELIV");
    assert_eq!((world.parked(), world.carrier_counts("north").repeated), (0, 2));
    assert_eq!(world.counts("acme").ended.total(), 1);
}

#[test]
fn what_a_carrier_says_late_about_an_earlier_hand_over_ends_no_copy() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    world.live(60 * SECOND);
    for answer in [Answer::Refused(INVALID_DESTINATION), Answer::Refused(THROTTLED), Answer::NotSent] {
        world.answered_to(message, 1, answer);
        assert_eq!((world.events.as_slice(), world.place(message)), ([].as_slice(), "handed over"));
    }
}

#[test]
fn a_late_throttled_returns_the_message_to_the_queue_with_its_content() {
    let mut world = world();
    let message = in_doubt(&mut world, "beta");
    world.answered(message, Answer::Refused(THROTTLED));
    assert_eq!((world.place(message), world.counts("beta").in_doubt), ("queued", 0));
    world.live(SECOND);
    let [sent] = world.sent_whole().try_into().unwrap();
    assert_eq!((sent.message, sent.attempt, &sent.body[..]), (message, 2, b"hello".as_slice()));
    assert_eq!(world.carrier_counts("north").copied, 0, "the carrier said that it has none");
}

#[test]
fn promise_6_a_receipt_for_its_recipient_settles_a_doubt() {
    let mut world = world();
    world.receipt_to("north", "old", "UNDELIV", BRITISH);
    world.wait(SECOND);
    let message = in_doubt(&mut world, "beta");
    world.receipt_to("north", "another", "DELIVRD", "447700900122");
    world.receipt_to("south", "77", "DELIVRD", BRITISH);
    world.live(70 * SECOND);
    assert_eq!((world.place(message), world.parked()), ("in doubt", 3), "none of these is about it");
    world.receipt_to("north", "mine", "DELIVRD", &format!("+{BRITISH}"));
    world.live(60 * SECOND);
    assert_eq!((world.place(message), world.parked()), ("receipt owed", 3));
    assert_eq!(world.counts("beta").ended.of(Class::Delivered), 1);
    world.answered(message, taken_as("mine"));
    world.receipt("north", "mine", "DELIVRD");
    assert_eq!(world.carrier_counts("north").repeated, 1);
}

#[test]
fn promise_6_one_receipt_settles_one_doubt_of_several_about_one_recipient() {
    let mut world = world();
    let messages = [in_doubt(&mut world, "beta"), in_doubt(&mut world, "beta")];
    world.receipt_to("north", "one", "DELIVRD", BRITISH);
    world.live(61 * SECOND);
    let places = world.places(&messages);
    assert!(places == ["receipt owed", "in doubt"] || places == ["in doubt", "receipt owed"], "{places:?}");
}

#[test]
fn an_expired_message_in_doubt_is_not_sent_again() {
    let mut world = world();
    let mut submission = world.submission("acme", BRITISH, 1);
    submission.wishes.validity = Some(crate::message::When::In(30 * SECOND));
    let message = world.submit_this(submission).unwrap();
    world.answered(message, Answer::Silent);
    world.sent();
    world.live(HOUR - SECOND);
    assert_eq!((world.sent(), world.place(message)), (vec![], "in doubt"), "a receipt may come");
    world.live(SECOND);
    assert_eq!((world.sent(), world.place(message)), (vec![], "receipt owed"));
    assert_eq!(world.counts("acme").ended.of(Class::Pending), 1);
}

#[test]
fn promise_2_a_doubt_about_a_carrier_that_left_the_settings_makes_no_copy_that_nobody_takes() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    let mut settings = settings();
    settings.accounts[0].doubt.resend_after = Some(60 * SECOND);
    settings.carriers.remove(0);
    settings.routes = vec![route("", &["south"])];
    world.restart_with(settings);
    world.live(60 * SECOND);
    assert_eq!(world.place(message), "receipt owed");
}

#[test]
fn a_doubt_that_a_restart_makes_begins_with_it_however_long_nobody_ran() {
    let mut world = world();
    let message = world.submit("beta", BRITISH);
    world.wait(2 * HOUR);
    world.restart();
    world.live(HOUR - SECOND);
    assert_eq!(world.place(message), "in doubt", "its receipt may come when the carrier is back");
    world.live(SECOND);
    assert_eq!(world.place(message), "receipt owed");
}

#[test]
fn a_copy_survives_a_restart_as_a_copy() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    world.carrier_gone("north", LINK_1);
    world.live(60 * SECOND);
    world.restart();
    world.carrier_ready("north", LINK_2, 1);
    let [sent] = world.sent_whole().try_into().unwrap();
    assert_eq!((sent.message, sent.attempt), (message, 2));
    world.answered(message, Answer::Silent);
    world.live(2 * HOUR);
    assert_eq!(world.sent(), [], "that was the one copy");
    world.customer_ready("acme", LINK_3, 1);
    assert_eq!(world.notified(), [message]);
    world.told("acme", LINK_3, message, Taking::Taken);
    assert_eq!(world.place(message), "gone");
}

#[test]
fn an_account_that_is_not_in_the_settings_any_more_allows_no_copy() {
    let mut world = world();
    let message = in_doubt(&mut world, "acme");
    world.restart_with(FlowSettings { accounts: vec![account("beta")], ..settings() });
    world.carrier_ready("north", LINK_2, 1);
    world.live(HOUR);
    assert_eq!((world.sent(), world.place(message)), (vec![], "receipt owed"));
}
