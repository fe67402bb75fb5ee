use std::collections::BTreeSet;

use super::world::*;
use crate::flow::{Answer, CarrierSettings, Decision, FlowSettings, Taking};
use crate::matching::ParkingSettings;

#[test]
fn one_dispatch_is_bounded_and_says_that_there_is_more() {
    let mut world = World::new().unaudited();
    let messages = world.submit_many("acme", BRITISH, 5_000);
    let carrier = world.carrier("north");
    let ready = crate::flow::Input::CarrierReady { carrier, link: LINK_1, credits: 9_999 };
    let mut decision = Decision::default();
    world.flow.decide(world.now, ready, &mut decision);

    let mut rounds = Vec::new();
    loop {
        let mut decision = Decision::default();
        let more = world.flow.dispatch(world.now, &mut decision);
        rounds.push(decision.events.len());
        assert_eq!(decision.events.len(), decision.effects.len());
        world.record(decision);
        if !more {
            break;
        }
    }
    assert_eq!(rounds, [4096, 904]);
    world.audit();
    assert_eq!(world.sent_messages(), messages);
}

#[test]
fn promise_7_parked_receipts_never_outnumber_their_bound() {
    let parking = ParkingSettings { wait: 3600 * SECOND, receipts_max: 3 };
    let mut world = World::with(FlowSettings { parking, ..settings() });
    for id in ["a", "b", "a", "c", "d", "e"] {
        world.receipt("north", id, "DELIVRD");
        assert!(world.parked() <= 3, "also between two ticks");
    }
    assert_eq!(world.carrier_counts("north").foreign, 3, "the oldest make room, and are counted");
    world.carrier_ready("north", LINK_1, 1);
    let message = world.submit("acme", BRITISH);
    world.taken(message, "c");
    assert_eq!(world.place(message), "receipt owed", "the latest wait on");
}

#[test]
fn promise_7_a_bound_lowered_by_a_restart_is_reached_without_a_decision_too_long_for_a_batch() {
    let mut world = World::new();
    let id = |n: usize| format!("{n:0>255}");
    for n in 0..1_000 {
        world.receipt("north", &id(n), "DELIVRD");
    }
    world.restart_with(FlowSettings {
        parking: ParkingSettings { wait: SECOND, receipts_max: 10 },
        ..settings()
    });
    world.wait(SECOND);
    // The longest ids that there are, all overdue at once: the audit weighs each decision.
    for _ in 0..3 {
        world.tick();
    }
    assert_eq!((world.parked(), world.carrier_counts("north").foreign), (0, 1_000));
}

#[test]
fn promise_7_a_carriers_endless_receipts_about_one_message_stay_one_decision() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1);
    let message = world.submit("acme", BRITISH);
    for _ in 0..900 {
        world.receipt("north", "abc", "ENROUTE");
    }
    world.taken(message, "abc");
    assert!(world.events.len() < 200, "{} events", world.events.len());
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.place(message), "receipt owed", "what stays parked is in nobody's way");
}

/// Work is counted, not timed: what a dispatch looks at is what was touched since the last.
#[test]
fn promise_8_a_hundred_thousand_idle_accounts_are_not_looked_at() {
    let accounts = (0..100_000).map(|n| account(&format!("account-{n}"))).collect();
    let mut world = World::with(FlowSettings { accounts, ..settings() }).unaudited();
    assert_eq!(world.flow.live.touched, [], "starting touches nobody");
    world.carrier_ready("north", LINK_1, 10);

    let message = world.submit("account-77777", BRITISH);
    let account = world.account("account-77777");
    assert_eq!(account.0, 77_777);
    world.customer_ready("account-3", LINK_2, 1);
    world.taken(message, "abc");
    assert_eq!(world.flow.live.touched, []);

    let receipt = crate::message::Receipt {
        carrier: world.carrier("north"),
        id: crate::message::CarrierMessageId::new(b"abc"),
        state: crate::message::ReceiptState { message_state: Some(2), stat: Default::default() },
        err: Default::default(),
        network_error_code: None,
        recipient: Default::default(),
        sender: Default::default(),
    };
    let reply = crate::flow::ReplyTo { link: LINK_1, ticket: 0, since: world.now.moment };
    let mut decision = Decision::default();
    world.flow.decide(world.now, crate::flow::Input::Receipt { receipt, reply }, &mut decision);
    world.record(decision);
    assert_eq!(world.flow.live.touched, [account], "one end, one customer to look at");
    world.wake();
    assert_eq!(world.flow.live.touched, []);
    world.audit();
    world.customer_ready("account-77777", LINK_3, 1);
    assert_eq!(world.notified(), [message]);
}

#[test]
fn the_same_history_leaves_the_same_octets() {
    let tell = || {
        let carriers = (0..16).map(|n| CarrierSettings { queue_max: 50, ..carrier(&format!("c{n}")) });
        let routes = (0..16).map(|n| route(&format!("{n:0>2}"), &[&format!("c{n}")]));
        let mut world = World::with(FlowSettings {
            carriers: carriers.collect(),
            routes: routes.collect(),
            ..settings()
        });
        for n in 0..64 {
            world.submit(["acme", "beta"][n % 2], &format!("{:0>2}5550100", n % 16));
        }
        let ready = (0..16).map(|n| crate::flow::Input::CarrierReady {
            carrier: world.carrier(&format!("c{n}")),
            link: LINK_1,
            credits: 3,
        });
        let ready: Vec<_> = ready.collect();
        world.pass_all(ready);
        let sent = world.sent_messages();
        for message in &sent {
            world.answered(*message, Answer::Refused(INVALID_DESTINATION));
        }
        world.restart();
        world.customer_ready("beta", LINK_2, 100);
        world.customer_ready("acme", LINK_3, 100);
        let notified = world.notified();
        for message in &notified {
            world.told("acme", LINK_3, *message, Taking::Taken);
        }
        (world.log, sent, notified)
    };
    let first = tell();
    assert_eq!(first.1.len(), 48);
    assert_eq!(first.1.iter().collect::<BTreeSet<_>>().len(), 48);
    assert!(tell() == first, "the log, what was sent, what was delivered");
}
