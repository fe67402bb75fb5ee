//! Validity, schedules, receipts that never come; and calendars that jump.

use std::time::Duration;

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{Answer, FlowSettings, TimeSettings};
use crate::message::{Class, Fault, Refusal, When};

const MILLI: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn with(world: &mut World, schedule: Option<When>, validity: Option<When>) -> Result<MessageId, Refusal> {
    let mut submission = world.submission("acme", BRITISH, 1);
    (submission.wishes.schedule, submission.wishes.validity) = (schedule, validity);
    submission.content.validity_given = validity.is_some();
    world.submit_this(submission)
}

/// Waits and looks just before, and just at the time.
fn stays_until(world: &mut World, message: MessageId, time: Duration) {
    world.live(time - MILLI);
    assert_eq!(world.place(message), "queued");
    world.live(MILLI);
    assert_ne!(world.place(message), "queued");
}

#[test]
fn promise_2_a_message_that_expires_in_our_queue_ends_by_our_own_fault_with_a_receipt() {
    let mut world = World::new();
    world.customer_ready("acme", LINK_2, 1);
    let message = with(&mut world, None, Some(When::In(30 * SECOND))).unwrap();
    stays_until(&mut world, message, 30 * SECOND);
    let [(_, notice)] = world.notices().try_into().unwrap();
    let (outcome, at) = said(&notice);
    assert_eq!((outcome.stat.as_slice(), outcome.message_state), (b"EXPIRED".as_slice(), 3));
    assert_eq!((outcome.class, outcome.fault), (Class::ExplicitFailure, Fault::Platform));
    assert_eq!(at.since(notice.accepted_at), 30 * SECOND);
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(world.sent(), []);
}

#[test]
fn a_validity_is_relative_or_absolute_or_the_accounts_own_and_never_longer_than_that_allows() {
    let mut settings = settings();
    let times = TimeSettings {
        validity_default: 100 * SECOND,
        validity_max: 200 * SECOND,
        ..TimeSettings::default()
    };
    settings.accounts[0].times = times;
    let world = || World::with(settings.clone());
    for (validity, lasts) in [(None, 100), (Some(When::In(7 * SECOND)), 7), (Some(When::In(DAY)), 200)] {
        let mut world = world();
        let message = with(&mut world, None, validity).unwrap();
        stays_until(&mut world, message, lasts * SECOND);
    }
    let mut world = world();
    let at = When::At(world.now.wall + 42 * SECOND);
    let message = with(&mut world, None, Some(at)).unwrap();
    stays_until(&mut world, message, 42 * SECOND);
}

#[test]
fn times_that_cannot_be_kept_are_refused() {
    let mut world = World::new();
    let past = When::At(world.now.wall - SECOND);
    assert_eq!(with(&mut world, None, Some(past)), Err(Refusal::ValidityPeriod));
    assert_eq!(with(&mut world, None, Some(When::In(Duration::ZERO))), Err(Refusal::ValidityPeriod));
    assert_eq!(with(&mut world, Some(When::In(15 * DAY)), None), Err(Refusal::ScheduledDelivery));
    let (schedule, validity) = (Some(When::In(HOUR)), Some(When::At(world.now.wall + 60 * SECOND)));
    assert_eq!(with(&mut world, schedule, validity), Err(Refusal::ValidityPeriod), "over before it is due");
    assert_eq!(world.counts("acme").refused(Refusal::ValidityPeriod), 3);
    assert!(with(&mut world, Some(past), None).is_ok(), "a schedule in the past is at once");
}

#[test]
fn a_carrier_is_told_what_is_left_of_a_validity_that_was_given() {
    let mut world = World::new();
    with(&mut world, None, Some(When::In(60 * SECOND))).unwrap();
    with(&mut world, None, None).unwrap();
    world.live(20 * SECOND);
    world.carrier_ready("north", LINK_1, 5);
    let left: Vec<_> = world.sent_whole().into_iter().map(|sent| sent.valid_for).collect();
    assert_eq!(left, [Some(40 * SECOND), None]);
}

#[test]
fn a_scheduled_message_waits_for_its_time_and_nobody_waits_for_it() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    let scheduled = with(&mut world, Some(When::In(HOUR)), Some(When::In(2 * HOUR))).unwrap();
    let next = world.submit("acme", BRITISH);
    assert_eq!(world.sent_messages(), [next], "to the same recipient too");
    world.live(HOUR - MILLI);
    assert_eq!(world.sent(), []);
    world.live(MILLI);
    assert_eq!(world.sent_messages(), [scheduled]);
}

#[test]
fn the_usual_validity_of_a_scheduled_message_begins_when_it_is_due() {
    let mut world = World::new();
    let due = When::At(world.now.wall + 5 * DAY);
    let message = with(&mut world, Some(due), None).unwrap();
    world.wait(5 * DAY + DAY - MILLI);
    world.tick();
    assert_eq!(world.place(message), "queued");
    world.wait(MILLI);
    world.tick();
    assert_eq!(world.place(message), "receipt owed");
}

#[test]
fn promise_2_a_schedule_survives_restarts() {
    let mut world = World::new();
    let message = with(&mut world, Some(When::In(HOUR)), None).unwrap();
    for _ in 0..3 {
        world.restart();
        world.carrier_ready("north", LINK_1, 1);
        assert_eq!(world.sent(), []);
        world.live(1199 * SECOND);
    }
    world.live(2 * SECOND);
    assert_eq!(world.sent(), []);
    world.live(SECOND);
    assert_eq!(world.sent_messages(), [message]);
}

#[test]
fn promise_2_what_became_due_while_the_process_stood_still_goes_out() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    let message = with(&mut world, Some(When::In(200 * SECOND)), None).unwrap();
    world.live(SECOND);
    world.wait(900 * SECOND);
    world.tick();
    assert_eq!(world.sent_messages(), [message]);
}

/// Everything that waits, over every kind of jump: nothing comes before its time, nor later than a tick after it.
#[test]
fn a_calendar_that_jumps_moves_nothing_that_waits() {
    let hour = 3_600_000;
    for jumps in [
        vec![hour],
        vec![-hour],
        vec![24 * hour],
        vec![-24 * hour],
        vec![31 * 24 * hour],
        vec![hour, -2 * hour],
    ] {
        let mut world = World::new();
        world.carrier_ready("north", LINK_1, 1);
        let taken = with(&mut world, None, None).unwrap();
        world.taken(taken, "abc");
        world.receipt("north", "nobodys", "DELIVRD");
        let expires = with(&mut world, None, Some(When::In(600 * SECOND))).unwrap();
        let scheduled = with(&mut world, Some(When::In(500 * SECOND)), Some(When::In(900 * SECOND))).unwrap();
        world.sent();
        for by in &jumps {
            world.live(100 * SECOND);
            world.step_calendar(*by);
            world.wake();
        }
        let next = world.submit("beta", FRENCH);
        assert!(next > scheduled, "ids never go back");
        let gone = 100 * jumps.len() as u64;
        world.live(Duration::from_secs(500 - gone) - MILLI);
        assert_eq!(world.place(expires), "queued", "{jumps:?}");
        world.carrier_gone("north", LINK_1);
        world.live(MILLI);
        world.live(100 * SECOND - 2 * MILLI);
        assert_eq!(world.places(&[expires, scheduled]), ["queued", "queued"]);
        world.live(3 * MILLI);
        assert_eq!(world.places(&[expires, scheduled]), ["receipt owed", "queued"], "{jumps:?}");
        world.carrier_ready("north", LINK_1, 1);
        assert_eq!(world.sent_messages(), [scheduled], "{jumps:?}");
        assert_eq!(world.parked(), 1, "it may wait for an hour");
        world.live(3000 * SECOND);
        assert_eq!((world.parked(), world.place(taken)), (0, "submitted"));
    }
}

#[test]
fn a_calendar_that_jumped_is_known_to_a_log_that_was_freed() {
    let mut world = World::new();
    world.step_calendar(3_600_000);
    let message = with(&mut world, None, Some(When::In(600 * SECOND))).unwrap();
    world.free(world.groups.iter().copied().max().unwrap());
    while world.carry(1) {}
    world.carried_all();
    world.assert_log_is_whole();
    world.restart();
    stays_until(&mut world, message, 600 * SECOND);
}

#[test]
fn a_calendar_set_back_while_nobody_ran_starves_nothing() {
    let mut world = World::new();
    let message = with(&mut world, Some(When::In(600 * SECOND)), None).unwrap();
    world.live(100 * SECOND);
    world.submit("beta", BRITISH);
    world.step_calendar(-86_400_000);
    world.restart();
    world.carrier_ready("north", LINK_1, 5);
    world.sent();
    world.live(500 * SECOND);
    assert_eq!(world.sent_messages(), [message]);
}

#[test]
fn a_receipt_that_never_comes_leaves_its_message_pending_for_good() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    world.customer_ready("acme", LINK_2, 1);
    let message = world.submit("acme", BRITISH);
    world.wait(SECOND);
    world.taken(message, "abc");
    world.wait(3 * DAY - MILLI);
    world.tick();
    assert_eq!(world.place(message), "submitted");
    world.wait(MILLI);
    world.tick();
    let [(_, notice)] = world.notices().try_into().unwrap();
    let (outcome, _) = said(&notice);
    assert_eq!((outcome.class, outcome.fault), (Class::Pending, Fault::Carrier));
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.counts("acme").ended.of(Class::Delivered), 0, "it has ended once");
    assert_eq!(world.counts("acme").corrected.of(Class::Delivered), 1, "and a late receipt corrects that");
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.carrier_counts("north").repeated, 1);
}

#[test]
fn promise_7_a_hundred_thousand_that_are_due_at_once_are_done_in_decisions_that_fit() {
    let mut world = World::with(FlowSettings { bodies_max: 0, ..settings() }).unaudited();
    for _ in 0..5_000 {
        with(&mut world, None, Some(When::In(30 * SECOND))).unwrap();
    }
    world.wait(31 * SECOND);
    world.tick();
    assert_eq!(world.counts("acme").ended.total(), 5_000);
    world.audit();
    assert_eq!(world.wakes_in(), None);
    let message = world.submit("beta", BRITISH);
    world.answered(message, Answer::Silent);
}
