use super::world::*;
use crate::flow::{Answer, Taking};
use crate::message::{Class, Event};
use crate::sla;

/// A world in which `acme`'s one message has been handed to `north`.
fn handed_over() -> (World, crate::base::ids::MessageId) {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    let message = world.submit("acme", BRITISH);
    assert_eq!(world.place(message), "handed over");
    (world, message)
}

#[test]
fn promise_3_a_receipt_before_the_response_waits_for_it() {
    let (mut world, message) = handed_over();
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!((world.parked(), world.place(message)), (1, "handed over"));
    world.taken(message, "abc");
    assert_eq!((world.parked(), world.place(message)), (0, "receipt owed"));
    assert_eq!(world.counts("acme").ended.of(Class::Delivered), 1);
}

#[test]
fn promise_3_several_receipts_before_the_response_are_read_in_their_order() {
    let (mut world, message) = handed_over();
    for stat in ["ENROUTE", "MK:0013", "UNDELIV", "DELIVRD"] {
        world.receipt("north", "abc", stat);
    }
    world.receipt("north", "other", "DELIVRD");
    world.taken(message, "abc");
    assert_eq!(world.parked(), 1, "another message's waits on");
    let (counts, carrier) = (world.counts("acme"), world.carrier_counts("north"));
    assert_eq!((counts.ended.of(Class::ExplicitFailure), counts.ended.total()), (1, 1));
    assert_eq!((counts.unknown, carrier.repeated), (1, 1));
}

#[test]
fn promise_3_a_receipt_counts_once_however_often_it_comes() {
    let (mut world, message) = handed_over();
    world.taken(message, "abc");
    for stat in ["DELIVRD", "DELIVRD", "UNDELIV", "NOBODY KNOWS"] {
        world.receipt("north", "abc", stat);
    }
    assert_eq!(world.counts("acme").ended.total(), 1);
    assert_eq!(world.counts("acme").ended.of(Class::Delivered), 1);
    assert_eq!((world.carrier_counts("north").repeated, world.counts("acme").unknown), (3, 0));

    world.customer_ready("acme", LINK_2, 5);
    assert_eq!(world.notified(), [message]);
    world.told("acme", LINK_2, message, Taking::Taken);
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.carrier_counts("north").repeated, 4, "also when the message is gone");
    assert_eq!((world.notices(), world.parked()), (vec![], 0));
}

#[test]
fn promise_3_a_receipt_for_a_message_in_doubt_waits_for_the_late_answer() {
    let (mut world, message) = handed_over();
    world.answered(message, Answer::Silent);
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!((world.place(message), world.parked()), ("in doubt", 1));
    world.taken(message, "abc");
    assert_eq!((world.place(message), world.parked()), ("receipt owed", 0));
    assert_eq!(world.counts("acme").in_doubt, 0);
}

#[test]
fn promise_3_a_receipt_on_another_bind_is_as_good() {
    let (mut world, message) = handed_over();
    world.taken(message, "abc");
    world.carrier_gone("north", LINK_1);
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
}

#[test]
fn promise_3_what_matches_nothing_is_foreign_when_its_time_is_over() {
    let mut world = World::new();
    world.receipt("north", "nobodys", "DELIVRD");
    world.wait(10 * SECOND);
    world.receipt("south", "77", "DELIVRD");
    world.wait(3590 * SECOND - std::time::Duration::from_millis(1));
    world.tick();
    assert_eq!(world.parked(), 2);
    world.wait(std::time::Duration::from_millis(1));
    world.tick();
    assert_eq!((world.parked(), world.carrier_counts("north").foreign), (1, 1));
    world.wait(10 * SECOND);
    world.tick();
    assert_eq!((world.parked(), world.carrier_counts("south").foreign), (0, 1));
}

#[test]
fn one_carriers_ids_mean_nothing_at_another() {
    let (mut world, message) = handed_over();
    world.taken(message, "77");
    world.receipt("south", "77", "DELIVRD");
    assert_eq!((world.place(message), world.parked()), ("submitted", 1));
}

#[test]
fn promise_4_an_unknown_word_leaves_the_message_open_for_a_known_one() {
    let (mut world, message) = handed_over();
    world.taken(message, "abc");
    for stat in ["MK:0013", "UNKNOWN", "DELIVERED", ""] {
        world.receipt("north", "abc", stat);
        let [Event::Noted { unknown: true, state, .. }] = world.events.as_slice() else {
            panic!("{:?}", world.events)
        };
        assert_eq!(state.stat.as_slice(), stat.as_bytes(), "kept raw");
        assert_eq!(world.place(message), "submitted");
    }
    assert_eq!((world.counts("acme").unknown, world.carrier_counts("north").unknown), (4, 4));
    assert_eq!(world.counts("acme").ended.total(), 0, "never guessed");
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.counts("acme").ended.of(Class::Delivered), 1);
}

#[test]
fn quirk_43_intermediate_receipts_are_noted_and_end_nothing() {
    let (mut world, message) = handed_over();
    world.taken(message, "abc");
    for stat in ["ACCEPTD", "ENROUTE"] {
        world.receipt("north", "abc", stat);
    }
    assert_eq!((world.place(message), world.counts("acme").unknown), ("submitted", 0));
    world.receipt("north", "abc", "EXPIRED");
    assert_eq!(world.counts("acme").ended.of(Class::InvalidNumber), 1);
}

#[test]
fn quirk_1_an_id_in_hexadecimal_and_in_decimal_is_one_id() {
    let mut world = World::new();
    world.carrier_ready("south", LINK_1, 3);
    let early = world.submit("acme", FRENCH);
    world.receipt("south", "9308878062554710043", "DELIVRD");
    world.taken(early, "812FC7470000001B");
    let late = world.submit("acme", FRENCH);
    world.taken(late, "00ff");
    world.receipt("south", "0255", "UNDELIV");
    assert_eq!(world.places(&[early, late]), ["receipt owed", "receipt owed"]);
    world.receipt("south", "255", "UNDELIV");
    assert_eq!((world.carrier_counts("south").repeated, world.parked()), (1, 0));
}

#[test]
fn an_id_that_a_carrier_gives_twice_means_the_later_message() {
    let (mut world, first) = handed_over();
    let second = world.submit("acme", BRITISH);
    world.taken(first, "7");
    world.taken(second, "7");
    world.receipt("north", "7", "DELIVRD");
    assert_eq!(world.places(&[first, second]), ["submitted", "receipt owed"]);
    world.receipt("north", "7", "DELIVRD");
    assert_eq!(world.place(first), "submitted", "a repeated receipt is nobody's outcome");
    assert_eq!(world.carrier_counts("north").repeated, 1);
}

#[test]
fn an_id_that_a_carrier_gives_again_after_the_end_means_the_new_message() {
    let (mut world, first) = handed_over();
    world.taken(first, "7");
    world.receipt("north", "7", "DELIVRD");
    let second = world.submit("acme", BRITISH);
    world.taken(second, "7");
    world.receipt("north", "7", "UNDELIV");
    assert_eq!(world.place(second), "receipt owed");
    assert_eq!(world.counts("acme").ended.of(Class::ExplicitFailure), 1);
}

#[test]
fn quirk_10_a_message_taken_without_an_id_is_matched_by_no_receipt() {
    let (mut world, message) = handed_over();
    world.receipt("north", "", "DELIVRD");
    world.taken(message, "");
    assert_eq!((world.place(message), world.parked()), ("submitted", 1));
    world.receipt("north", "", "DELIVRD");
    let second = world.submit("acme", BRITISH);
    world.taken(second, "");
    assert_eq!(world.places(&[message, second]), ["submitted", "submitted"]);
    world.wait(3600 * SECOND);
    world.tick();
    assert_eq!((world.parked(), world.carrier_counts("north").foreign), (0, 2));
}

#[test]
fn the_end_of_a_message_without_an_id_makes_no_receipt_a_repeated_one() {
    let (mut world, message) = handed_over();
    world.taken(message, "");
    world.fact(Event::Ended { message, at: world.now.wall, outcome: sla::failed_by_platform(b"PURGED") });
    assert_eq!(world.place(message), "receipt owed");
    world.receipt("north", "", "DELIVRD");
    assert_eq!((world.parked(), world.carrier_counts("north").repeated), (1, 0));
}

#[test]
fn an_id_of_any_length_and_of_any_octets_is_an_id() {
    let (mut world, message) = handed_over();
    let long = "0e999f21-81ef-4a5c-9f6e-000000000000/".repeat(6);
    world.taken(message, &long);
    world.receipt("north", &format!("{long}0"), "DELIVRD");
    assert_eq!(world.place(message), "submitted");
    world.receipt("north", &long, "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
}

#[test]
fn promise_7_an_id_longer_than_any_is_cut_and_still_matches_itself() {
    let (mut world, message) = handed_over();
    let long = "7".repeat(60_000);
    world.receipt("north", &long, "ENROUTE");
    world.taken(message, &long);
    assert_eq!(world.parked(), 0);
    world.restart();
    world.receipt("north", &long, "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
}
