//! Receipts that wait for their customer: how long, how many, how often, in which order; and news on the way.

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{AccountSettings, FlowSettings, LinkId, News, ReceiptSettings, Taking};

/// A world in which `acme`'s receipts are kept like this.
fn world(receipts: ReceiptSettings) -> World {
    let accounts = vec![AccountSettings { receipts, ..account("acme") }, account("beta")];
    let mut world = World::with(FlowSettings { accounts, ..settings() });
    world.carrier_ready("north", LINK_1, 1_000_000);
    world
}

fn usual() -> ReceiptSettings {
    ReceiptSettings { pause: 5 * SECOND, ..ReceiptSettings::default() }
}

fn end(world: &mut World, message: MessageId) {
    world.taken(message, &message.to_string());
    world.receipt("north", &message.to_string(), "DELIVRD");
}

fn owed(world: &mut World, count: usize) -> Vec<MessageId> {
    let messages = world.submit_many("acme", BRITISH, count);
    messages.iter().for_each(|message| end(world, *message));
    messages
}

#[test]
fn promise_7_a_receipt_is_kept_as_long_as_it_may_and_then_counted_as_untold() {
    let mut world = world(ReceiptSettings { keep: HOUR, ..usual() });
    let messages = owed(&mut world, 2);
    world.live(HOUR - SECOND);
    assert_eq!((world.counts("acme").untold, world.flow.state().messages().len()), (0, 2));
    world.live(SECOND);
    assert_eq!((world.counts("acme").untold, world.flow.state().messages().len()), (2, 0));
    world.customer_ready("acme", LINK_2, 5);
    assert_eq!(world.notices(), []);
    assert_eq!(world.places(&messages), ["gone", "gone"]);
}

#[test]
fn a_receipt_whose_time_is_over_while_it_is_on_its_way_is_not_counted_twice() {
    let mut world = world(ReceiptSettings { keep: HOUR, ..usual() });
    let messages = owed(&mut world, 1);
    world.customer_ready("acme", LINK_2, 1);
    world.live(HOUR + SECOND);
    world.told("acme", LINK_2, messages[0], Taking::Taken);
    assert_eq!((world.counts("acme").untold, world.counts("acme").told), (1, 0));
}

#[test]
fn promise_7_one_receipt_too_many_sends_the_oldest_away() {
    let mut world = world(ReceiptSettings { max: 3, ..usual() });
    let messages = owed(&mut world, 5);
    assert_eq!(world.counts("acme").untold, 2);
    world.customer_ready("acme", LINK_2, 9);
    assert_eq!(world.notified(), messages[2..]);
}

#[test]
fn promise_7_a_bound_that_a_restart_lowers_is_reached_however_many_there_are() {
    let mut world = world(usual()).unaudited();
    let messages = owed(&mut world, 5_000);
    let accounts =
        vec![AccountSettings { receipts: ReceiptSettings { max: 10, ..usual() }, ..account("acme") }];
    world.restart_with(FlowSettings { accounts, ..settings() });
    assert_eq!(world.counts("acme").untold, 4_990);
    world.audit();
    world.customer_ready("acme", LINK_2, 99);
    assert_eq!(world.notified(), messages[4_990..]);
}

#[test]
fn a_customer_that_goes_on_saying_later_is_asked_less_often_and_not_for_ever() {
    let mut world = world(ReceiptSettings { attempts_max: 6, ..usual() });
    let [message] = owed(&mut world, 1).try_into().unwrap();
    world.customer_ready("acme", LINK_2, 1);
    for rest in [5, 10, 20, 40, 60] {
        assert_eq!(world.notified(), [message]);
        world.told("acme", LINK_2, message, Taking::Later);
        world.live(rest * SECOND - SECOND);
        assert_eq!(world.notices(), []);
        world.live(SECOND);
    }
    assert_eq!(world.notified(), [message]);
    world.told("acme", LINK_2, message, Taking::Later);
    assert_eq!((world.place(message), world.counts("acme").untold), ("gone", 1));
    let next = owed(&mut world, 1);
    world.live(60 * SECOND);
    assert_eq!(world.notified(), next);
    world.told("acme", LINK_2, next[0], Taking::Taken);
    let next = owed(&mut world, 1);
    world.notices();
    world.told("acme", LINK_2, next[0], Taking::Later);
    world.live(5 * SECOND);
    assert_eq!(world.notified(), next, "what was taken makes the next rest short again");
}

#[test]
fn promise_2_a_customer_that_is_away_for_an_hour_misses_nothing() {
    let mut world = world(usual());
    world.customer_ready("acme", LINK_2, 5);
    let mut messages = owed(&mut world, 20);
    world.customer_gone("acme", LINK_2);
    world.notices();
    for _ in 0..6 {
        world.live(600 * SECOND);
        messages.extend(owed(&mut world, 5));
    }
    world.customer_ready("acme", LINK_3, 10);
    let mut told = Vec::new();
    while let Some(next) = {
        let mut next = world.notified();
        next.drain(..).next()
    } {
        told.push(next);
        world.customer_gone("acme", LINK_3);
        world.notices();
        world.customer_ready("acme", LINK_3, 1);
        world.told("acme", LINK_3, next, Taking::Taken);
        world.notices();
        world.customer_gone("acme", LINK_3);
        world.customer_ready("acme", LINK_3, 10);
    }
    assert_eq!(told, messages, "each of them, in the order of the ends");
    assert_eq!(world.counts("acme").told, 50);
}

#[test]
fn promise_8_a_customer_that_refuses_everything_is_offered_each_receipt_once() {
    let mut world = world(usual());
    world.customer_ready("acme", LINK_2, 3);
    let messages = owed(&mut world, 30);
    let mut offered = world.notified();
    let mut at = 0;
    while let Some(message) = offered.get(at).copied() {
        world.told("acme", LINK_2, message, Taking::Refused(0x08));
        offered.extend(world.notified());
        at += 1;
    }
    assert_eq!((offered, world.counts("acme").untold), (messages, 30));
}

#[test]
fn news_on_the_way_are_for_those_who_asked_and_are_there() {
    for (registered_delivery, connected, told) in
        [(0x11, true, true), (0x01, true, false), (0x11, false, false)]
    {
        let mut world = world(usual());
        if connected {
            world.customer_ready("acme", LINK_2, 5);
        }
        let message = world.try_submit("acme", BRITISH, registered_delivery).unwrap();
        world.taken(message, "abc");
        world.receipt("north", "abc", "ACCEPTD");
        let notices = world.notices();
        assert_eq!(notices.len(), usize::from(told));
        for (_, notice) in notices {
            assert!(matches!(notice.news, News::Intermediate { message_state: 6, .. }));
        }
        world.customer_ready("acme", LINK_3, 5);
        assert_eq!(world.notices(), [], "nobody keeps them");
        assert_eq!(world.counts("acme").told, 0);
    }
}

#[test]
fn the_last_word_about_a_message_does_not_overtake_the_news_before_it() {
    let mut world = world(usual());
    world.customer_ready("acme", LINK_2, 5);
    world.customer_ready("acme", LINK_3, 5);
    let message = world.try_submit("acme", BRITISH, 0x11).unwrap();
    world.taken(message, "abc");
    world.receipt("north", "abc", "ENROUTE");
    let [(link, _)] = world.notices().try_into().unwrap();
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.notices(), [], "the news are not answered yet");
    world.told("acme", link, message, Taking::Refused(8));
    let [(_, notice)] = world.notices().try_into().unwrap();
    assert!(matches!(notice.news, News::Final { .. }), "refused news are nobody's refused receipt");
    assert_eq!((world.counts("acme").told, world.counts("acme").untold), (0, 0));
}

#[test]
fn news_lost_with_their_connection_hold_up_no_receipt() {
    let mut world = world(usual());
    world.customer_ready("acme", LINK_2, 5);
    let message = world.try_submit("acme", BRITISH, 0x11).unwrap();
    world.taken(message, "abc");
    world.receipt("north", "abc", "ENROUTE");
    world.notices();
    world.customer_gone("acme", LINK_2);
    world.receipt("north", "abc", "DELIVRD");
    world.customer_ready("acme", LINK_3, 5);
    assert_eq!(world.notified(), [message]);
}

#[test]
fn promise_7_news_for_a_customer_without_room_are_bounded() {
    let mut world = world(usual()).unaudited();
    world.customer_ready("acme", LINK_2, 1);
    let messages: Vec<_> = (0..1_500).map(|_| world.try_submit("acme", BRITISH, 0x11).unwrap()).collect();
    for message in &messages {
        world.taken(*message, &message.to_string());
        world.receipt("north", &message.to_string(), "ENROUTE");
    }
    world.customer_ready("acme", LINK_2, 5_000);
    assert_eq!(world.notices().len(), 1_001);
    world.audit();
}

#[test]
fn receipts_are_spread_over_all_connections_that_have_room() {
    let mut world = world(usual());
    owed(&mut world, 90);
    for n in 0..3 {
        world.customer_ready("acme", LinkId(50 + n), 0);
    }
    let account = world.account("acme");
    let ready =
        (0..3).map(|n| crate::flow::Input::CustomerReady { account, link: LinkId(50 + n), credits: 30 });
    world.pass_all(ready.collect::<Vec<_>>());
    let notices = world.notices();
    for n in 0..3 {
        assert_eq!(notices.iter().filter(|(link, _)| *link == LinkId(50 + n)).count(), 30);
    }
}
