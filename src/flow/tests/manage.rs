//! `query_sm`, `cancel_sm`, `replace_sm`, `replace_if_present`: in every state, and of somebody else's messages.

use bytes::Bytes;

use super::world::*;
use crate::base::ids::MessageId;
use crate::base::octets::Octets;
use crate::flow::{Answer, Manage, Managed, Taking};
use crate::message::{Address, Class, Refusal, When, Wishes};

fn source() -> Address {
    Address::new(5, 0, b"ACME").unwrap()
}

fn query(world: &mut World, message: MessageId) -> Result<u8, Refusal> {
    match world.manage("acme", Manage::Query { message, source: source() })? {
        Managed::Standing { message_state, ended_at, .. } => {
            assert_eq!(ended_at.is_some(), message_state > 1, "a final date is given with a final state");
            Ok(message_state)
        }
        Managed::Done => panic!("no standing"),
    }
}

fn cancel(world: &mut World, message: MessageId) -> Result<Managed, Refusal> {
    world.manage("acme", Manage::Cancel { message, source: source() })
}

fn replace(world: &mut World, message: MessageId, body: &'static str) -> Result<Managed, Refusal> {
    let (wishes, body) = (Wishes::default(), Bytes::from(body));
    let request = Manage::Replace { message, source: source(), wishes, registered_delivery: 1, body };
    world.manage("acme", request)
}

/// A message in each state that it can be in.
fn in_state(state: &str) -> (World, MessageId) {
    let mut world = World::new();
    let mut submission = world.submission("acme", BRITISH, 1);
    if state == "scheduled" {
        submission.wishes.schedule = Some(When::In(HOUR));
    }
    let message = world.submit_this(submission).unwrap();
    if matches!(state, "scheduled" | "queued") {
        return (world, message);
    }
    world.carrier_ready("north", LINK_1, 1);
    match state {
        "handed over" => {}
        "in doubt" => world.answered(message, Answer::Silent),
        "put off" => world.answered(message, Answer::Refused(SYSTEM_ERROR)),
        "refused" => world.answered(message, Answer::Refused(INVALID_DESTINATION)),
        _ => {
            world.taken(message, "abc");
            if state != "submitted" {
                world.receipt("north", "abc", "DELIVRD");
            }
            if state == "told" {
                world.customer_ready("acme", LINK_2, 1);
                world.told("acme", LINK_2, message, Taking::Taken);
                assert_eq!(world.place(message), "gone");
            }
        }
    }
    (world, message)
}

#[test]
fn every_state_is_answered_with_what_smpp_calls_it_and_allows_in_it() {
    let (cancelled, replaced) = (Err(Refusal::CancelFailed), Err(Refusal::ReplaceFailed));
    let done = Ok(Managed::Done);
    for (state, standing, on_cancel, on_replace) in [
        ("scheduled", 0, done, done),
        ("queued", 1, done, done),
        ("put off", 1, done, done),
        ("handed over", 1, cancelled, replaced),
        ("in doubt", 1, cancelled, replaced),
        ("submitted", 1, cancelled, replaced),
        ("delivered", 2, cancelled, replaced),
        ("told", 2, cancelled, replaced),
        ("refused", 8, cancelled, replaced),
    ] {
        let (mut world, message) = in_state(state);
        assert_eq!(query(&mut world, message), Ok(standing), "{state}");
        assert_eq!(replace(&mut world, message, "anew"), on_replace, "{state}");
        assert_eq!(cancel(&mut world, message), on_cancel, "{state}");
        if on_cancel.is_ok() {
            assert_eq!(query(&mut world, message), Ok(4), "{state}: cancelled");
        }
    }
}

#[test]
fn what_belongs_to_somebody_else_does_not_exist() {
    for state in ["queued", "submitted", "delivered", "told"] {
        let (mut world, message) = in_state(state);
        let (wishes, body) = (Wishes::default(), Bytes::from_static(b"mine now"));
        for request in [
            Manage::Query { message, source: source() },
            Manage::Cancel { message, source: source() },
            Manage::Replace { message, source: source(), wishes, registered_delivery: 0, body },
        ] {
            assert_eq!(world.manage("beta", request), Err(Refusal::UnknownMessage), "{state}");
            assert_eq!(world.events, []);
        }
    }
    let (mut world, message) = in_state("queued");
    let other = Address::new(5, 0, b"OTHER").unwrap();
    let cancel = Manage::Cancel { message, source: other };
    assert_eq!(world.manage("acme", cancel), Err(Refusal::UnknownMessage), "the sender has to be the same");
}

#[test]
fn promise_2_a_cancelled_message_ends_once_with_a_receipt_and_is_never_sent() {
    let (mut world, message) = in_state("queued");
    cancel(&mut world, message).unwrap();
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent(), []);
    world.customer_ready("acme", LINK_2, 1);
    let [(_, notice)] = world.notices().try_into().unwrap();
    let (outcome, _) = said(&notice);
    assert_eq!((outcome.class, outcome.message_state), (Class::Excluded, 4));
    assert_eq!(cancel(&mut world, message), Err(Refusal::CancelFailed));
    world.restart();
    assert_eq!(query(&mut world, message), Ok(4));
}

#[test]
fn all_that_wait_between_two_numbers_are_cancelled_and_nothing_else() {
    let mut world = World::new();
    let out = world.submit("acme", BRITISH);
    world.carrier_ready("north", LINK_1, 1);
    let waiting = world.submit_many("acme", BRITISH, 3);
    let (other, foreign) = (world.submit("acme", "447700900122"), world.submit("beta", BRITISH));
    let all = |service: &[u8]| Manage::CancelAll {
        source: source(),
        destination: Address::new(1, 1, BRITISH.as_bytes()).unwrap(),
        service_type: Octets::new(service).unwrap(),
    };
    assert_eq!(world.manage("acme", all(b"OTP")), Err(Refusal::CancelFailed), "another service");
    assert_eq!(world.manage("acme", all(b"")), Ok(Managed::Done));
    assert_eq!(world.places(&waiting), ["receipt owed"; 3]);
    assert_eq!(world.places(&[out, other, foreign]), ["handed over", "queued", "queued"]);
    assert_eq!(world.manage("acme", all(b"")), Err(Refusal::CancelFailed), "none is left");
}

#[test]
fn a_replaced_message_keeps_its_id_its_turn_and_what_was_not_said_anew() {
    let mut world = World::new();
    let mut first = world.submission("acme", BRITISH, 1);
    first.content.priority_flag = 2;
    first.wishes.validity = Some(When::In(100 * SECOND));
    let message = world.submit_this(first).unwrap();
    let next = world.submit("acme", BRITISH);
    replace(&mut world, message, "anew").unwrap();
    world.restart();
    world.carrier_ready("north", LINK_1, 2);
    let sent = world.sent_whole();
    assert_eq!(sent.iter().map(|sent| sent.message).collect::<Vec<_>>(), [message, next]);
    assert_eq!(&sent[0].body[..], b"anew");
    assert_eq!(world.counts("acme").accepted, 2, "it is the same message");
}

#[test]
fn a_replaced_message_keeps_its_validity_unless_it_gets_another() {
    for (anew, lasts) in [(None, 100), (Some(When::In(200 * SECOND)), 240)] {
        let mut world = World::new();
        let mut first = world.submission("acme", BRITISH, 1);
        first.wishes.validity = Some(When::In(100 * SECOND));
        let message = world.submit_this(first).unwrap();
        world.live(40 * SECOND);
        let wishes = Wishes { validity: anew, ..Wishes::default() };
        let body = Bytes::from_static(b"anew");
        let request = Manage::Replace { message, source: source(), wishes, registered_delivery: 0, body };
        world.manage("acme", request).unwrap();
        world.live((lasts - 41) * SECOND);
        assert_eq!(world.place(message), "queued");
        world.live(SECOND);
        assert_eq!(world.place(message), "gone", "and it has no receipt any more");
    }
}

#[test]
fn a_replaced_message_may_get_another_schedule() {
    let (mut world, message) = in_state("scheduled");
    world.carrier_ready("north", LINK_1, 1);
    let at =
        |world: &World, wait| Wishes { schedule: Some(When::At(world.now.wall + wait)), ..Wishes::default() };
    let request = |wishes| {
        let body = Bytes::from_static(b"anew");
        Manage::Replace { message, source: source(), wishes, registered_delivery: 1, body }
    };
    let later = at(&world, 2 * HOUR);
    world.manage("acme", request(later)).unwrap();
    world.live(HOUR + SECOND);
    assert_eq!(world.sent(), []);
    let sooner = at(&world, 60 * SECOND);
    world.manage("acme", request(sooner)).unwrap();
    world.live(60 * SECOND);
    assert_eq!(world.sent_messages(), [message]);
    let too_late = at(&world, 60 * SECOND);
    assert_eq!(world.manage("acme", request(too_late)), Err(Refusal::ReplaceFailed));
}

#[test]
fn replace_if_present_takes_the_place_of_the_latest_that_waits_and_else_is_a_message() {
    let mut world = World::new();
    let mut submission = world.submission("acme", BRITISH, 1);
    submission.wishes.replace = true;
    submission.content.body = Bytes::from_static(b"anew");
    let none = world.submit_this(submission.clone()).unwrap();
    let later = world.submit("acme", BRITISH);
    assert_eq!(world.submit_this(submission.clone()), Ok(later));
    let mut other = submission.clone();
    other.content.service_type = Octets::new(b"OTP").unwrap();
    let other = world.submit_this(other).unwrap();
    assert!(other != later && other != none, "another service is another message");
    world.carrier_ready("north", LINK_1, 5);
    let bodies: Vec<_> = world.sent_whole().into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, ["anew", "anew", "anew"]);
    let fresh = world.submit_this(submission).unwrap();
    assert!(fresh > other, "what is on its way is not replaced");
    assert_eq!(world.counts("acme").accepted, 4);
}

#[test]
fn what_nobody_knows_is_unknown() {
    let mut world = World::new();
    let never = MessageId::from_u64(7).unwrap();
    assert_eq!(query(&mut world, never), Err(Refusal::UnknownMessage));
    assert_eq!(cancel(&mut world, never), Err(Refusal::UnknownMessage));
    assert_eq!(replace(&mut world, never, "x"), Err(Refusal::UnknownMessage));
}

#[test]
fn of_several_recipients_those_who_can_be_are_accepted_and_the_others_named() {
    let mut world = World::new();
    let bad = Address::new(1, 1, b"").unwrap();
    let submission = |world: &World, to: &str| world.submission("acme", to, 1);
    let mut late = submission(&world, "447700900122");
    late.wishes.validity = Some(When::At(world.now.wall - SECOND));
    let submissions = vec![submission(&world, BRITISH), late, submission(&world, FRENCH)];
    let before = vec![(bad, Refusal::DestinationAddress)];
    let (result, refused) = world.submit_multi(submissions, before);
    let shown = result.unwrap();
    let reasons: Vec<_> = refused.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons, [Refusal::DestinationAddress, Refusal::ValidityPeriod]);
    assert_eq!(world.counts("acme").accepted, 2, "each is a message of its own");

    world.carrier_ready("north", LINK_1, 5);
    world.carrier_ready("south", LINK_3, 5);
    world.customer_ready("acme", LINK_2, 5);
    let sent = world.sent_messages();
    for (message, theirs) in sent.iter().zip(["abc", "ff"]) {
        world.taken(*message, theirs);
    }
    world.receipt("north", "abc", "DELIVRD");
    world.receipt("south", "255", "UNDELIV");
    let notices = world.notices();
    assert_eq!(notices.iter().map(|(_, notice)| notice.message).collect::<Vec<_>>(), sent);
    assert!(notices.iter().all(|(_, notice)| notice.shown == shown), "by the one id that the customer knows");
}

#[test]
fn of_several_recipients_none_is_refused_with_a_reason() {
    let mut world = World::new();
    let (result, refused) = world.submit_multi(vec![], vec![(Address::default(), Refusal::NoRoute)]);
    assert_eq!((result, refused.len()), (Err(Refusal::NoRoute), 1));
    assert_eq!(world.submit_multi(vec![], vec![]).0, Err(Refusal::RecipientCount));
}
