//! Contents of waiting messages beyond what memory may hold stay in the log, and are read back when their turn comes.

use bytes::Bytes;

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{FlowSettings, Manage};
use crate::message::{Address, Content, Wishes};

const SMALL: usize = 5 * (5 + size_of::<Content>());

/// A world that keeps five contents in memory.
fn small() -> World {
    World::with(FlowSettings { bodies_max: SMALL, ..settings() })
}

/// Messages that say their number.
fn backlog(world: &mut World, count: usize) -> Vec<MessageId> {
    let submission = world.submission("acme", BRITISH, 1);
    let message = |n: usize| {
        let mut submission = submission.clone();
        submission.content.body = Bytes::from(format!("{n:05}"));
        world.submit_this(submission).unwrap()
    };
    (0..count).map(message).collect()
}

fn bodies(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(|sent| String::from_utf8(sent.body.to_vec()).unwrap()).collect()
}

#[test]
fn promise_7_a_backlog_keeps_no_more_contents_than_it_may_and_loses_neither_them_nor_their_order() {
    let mut world = small();
    let messages = backlog(&mut world, 50);
    assert_eq!(world.flow.state().messages().bodies(), SMALL);
    let mut sent = Vec::new();
    while sent.len() < 50 {
        world.carrier_ready("north", LINK_1, 7);
        let next = world.sent_whole();
        assert!(!next.is_empty());
        next.iter().for_each(|sent| world.taken(sent.message, &sent.message.to_string()));
        sent.extend(next);
    }
    assert_eq!(sent.iter().map(|sent| sent.message).collect::<Vec<_>>(), messages);
    assert_eq!(bodies(&sent), (0..50).map(|n| format!("{n:05}")).collect::<Vec<_>>());
    assert_eq!((world.flow.state().messages().bodies(), world.fetched), (0, 45), "each is read back once");
}

#[test]
fn nothing_is_read_back_for_a_carrier_that_is_not_there() {
    let mut world = small();
    backlog(&mut world, 20);
    world.live(5 * SECOND);
    assert_eq!(world.fetched, 0);
}

#[test]
fn contents_are_read_back_after_a_restart() {
    let mut world = small();
    let messages = backlog(&mut world, 20);
    world.restart();
    world.carrier_ready("north", LINK_1, 20);
    assert_eq!(world.sent_messages(), messages);
}

/// Whoever waits for a content that nobody wants any more does not wait for ever.
#[test]
fn promise_2_messages_cancelled_while_they_are_read_back_do_not_stop_the_others() {
    let mut world = World::with(FlowSettings { bodies_max: 0, ..settings() });
    let messages = backlog(&mut world, 3);
    world.idle = true;
    world.carrier_ready("north", LINK_1, 10);
    let source = Address::new(5, 0, b"ACME").unwrap();
    for message in &messages {
        world.manage("acme", Manage::Cancel { message: *message, source }).unwrap();
    }
    let late = world.submit("acme", BRITISH);
    world.idle = false;
    world.do_chores();
    assert_eq!(world.sent_messages(), [late]);
}

#[test]
fn promise_2_an_incoming_message_given_up_while_it_is_read_back_does_not_stop_the_others() {
    let inbound =
        vec![crate::flow::InboundRoute { number: "99".into(), keyword: None, account: "acme".into() }];
    let mut world = World::with(FlowSettings { bodies_max: 0, inbound, ..settings() });
    world.incoming("north", "99", "first");
    world.idle = true;
    world.customer_ready("acme", LINK_1, 10);
    world.wait(100 * HOUR);
    world.tick();
    assert_eq!(world.counts("acme").not_taken, 1, "kept for three days");
    world.incoming("north", "99", "second");
    world.idle = false;
    world.do_chores();
    assert_eq!(world.notices().len(), 1);
}

#[test]
fn a_message_whose_content_is_in_the_log_is_replaced_when_it_is_back() {
    let mut world = World::with(FlowSettings { bodies_max: 0, ..settings() });
    let messages = backlog(&mut world, 2);
    let source = Address::new(5, 0, b"ACME").unwrap();
    let (wishes, body) = (Wishes::default(), Bytes::from_static(b"anew!"));
    let replace = Manage::Replace { message: messages[1], source, wishes, registered_delivery: 1, body };
    assert_eq!(world.manage("acme", replace.clone()), Err(crate::message::Refusal::QueueFull), "ask again");
    world.carrier_ready("north", LINK_1, 1);
    world.manage("acme", replace).unwrap();
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(bodies(&world.sent_whole()), ["00000", "anew!"]);
}

#[test]
fn promise_8_a_carrier_that_waits_for_contents_holds_up_no_other() {
    let mut world = World::with(FlowSettings { bodies_max: 0, ..settings() });
    world.idle = true;
    backlog(&mut world, 3);
    let french = world.submit("beta", FRENCH);
    world.carrier_ready("north", LINK_1, 10);
    world.carrier_ready("south", LINK_2, 10);
    assert_eq!(world.sent(), []);
    world.idle = false;
    world.do_chores();
    assert!(world.sent_messages().contains(&french));
}
