use std::collections::BTreeSet;

use super::rig::{Passage, Rig, accepted, events, run};
use telegraphy::base::ids::MessageId;
use telegraphy::engine::door::Effect;
use telegraphy::log::memory::{FailedSync, MemoryStore};
use telegraphy::log::{Batch, Log};
use telegraphy::message::Event;

#[test]
fn promise_1_ok_is_said_only_after_its_group_is_synced() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();

        rig.gate.hold();
        customer.submit(1).await.unwrap();
        rig.gate.wait_for_a_group();
        assert!(customer.mailbox.rest().is_empty(), "the sync has not returned");
        assert_eq!(accepted(&store), []);

        rig.gate.release();
        let message = customer.answer().await.unwrap();
        assert_eq!(accepted(&store), [message]);
        assert_eq!(rig.gate.passages(), [Passage::Came(1), Passage::Synced]);
        rig.stop().unwrap();
    });
}

#[test]
fn promise_1_a_message_is_sent_only_after_its_hand_over_is_synced() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let (mut customer, mut carrier) = (rig.customer(), rig.carrier());
        let message = customer.accepted().await;

        rig.gate.hold();
        carrier.ready(1).await;
        rig.gate.wait_for_a_group();
        assert!(carrier.mailbox.rest().is_empty(), "a crash now must leave it in the queue");

        rig.gate.release();
        assert_eq!(carrier.message().await, message);
        assert!(matches!(events(&store).last(), Some(Event::HandedOver { .. })));
        rig.stop().unwrap();
    });
}

#[test]
fn promise_1_a_receipt_is_acknowledged_only_after_it_is_synced() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut carrier = rig.carrier();
        rig.gate.hold();
        carrier.reports("abc").await;
        rig.gate.wait_for_a_group();
        assert!(carrier.mailbox.rest().is_empty(), "the carrier would not send it again");
        rig.gate.release();
        carrier.acknowledged().await;
        assert!(matches!(events(&store).last(), Some(Event::Parked { .. })));
        rig.stop().unwrap();
    });
}

#[test]
fn promise_1_a_customer_is_told_an_outcome_only_after_it_is_synced() {
    run(async {
        let rig = Rig::start(&MemoryStore::new());
        let (mut customer, mut carrier) = (rig.customer(), rig.carrier());
        carrier.ready(1).await;
        customer.ready(1).await;
        let message = customer.accepted().await;
        assert_eq!(carrier.message().await, message);
        carrier.reports("abc").await;
        carrier.acknowledged().await;

        rig.gate.hold();
        carrier.takes(message, "abc").await;
        rig.gate.wait_for_a_group();
        assert!(customer.mailbox.rest().is_empty());
        rig.gate.release();
        assert_eq!(customer.notice().await.message, message);
        rig.stop().unwrap();
    });
}

#[test]
fn promise_1_a_failed_sync_promises_nothing_and_ends_acceptance() {
    for (then, left) in [(FailedSync::Lost, 1), (FailedSync::Kept, 2)] {
        run(async {
            let store = MemoryStore::new();
            let rig = Rig::start(&store);
            let mut customer = rig.customer();
            customer.accepted().await;

            store.fail_a_sync(then);
            customer.submit(1).await.unwrap();
            let failure = rig.door().wait_for_failure().await;
            assert!(failure.to_string().contains("told to fail"), "{failure}");
            assert_eq!(rig.door().failure(), Some(failure.clone()));
            assert_eq!(customer.submit(1).await, Err(failure.clone()));
            assert!(rig.door().report().await.is_err());
            assert_eq!(rig.stop(), Err(failure));
            assert!(customer.mailbox.rest().is_empty(), "no thread runs any more, and no OK has come");

            // Nobody was promised the second message; if it is there, it is brought to an end like any other.
            let rig = Rig::start(&store);
            assert_eq!(rig.engine.recovered().open, left);
            let mut carrier = rig.carrier();
            carrier.ready(9).await;
            for message in accepted(&store) {
                assert_eq!(carrier.message().await, message);
            }
            rig.stop().unwrap();
        });
    }
}

#[test]
fn promise_1_what_was_decided_behind_a_failing_sync_is_not_promised_either() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        rig.gate.hold();
        customer.submit(1).await.unwrap();
        rig.gate.wait_for_a_group();
        customer.submit(5).await.unwrap();
        assert_eq!(rig.door().report().await.unwrap().open, 6, "all are decided");

        store.fail_a_sync(FailedSync::Lost);
        rig.gate.release();
        rig.door().wait_for_failure().await;
        rig.stop().unwrap_err();
        assert!(customer.mailbox.rest().is_empty());
        assert_eq!(accepted(&store), []);
    });
}

#[test]
fn promise_1_every_ok_is_in_the_log_whichever_sync_fails() {
    for failing in 0..12 {
        for then in [FailedSync::Lost, FailedSync::Kept] {
            run(async {
                let store = MemoryStore::new();
                let rig = Rig::start(&store);
                let (mut first, mut second) = (rig.customer(), rig.customer());
                let mut carrier = rig.carrier();
                carrier.ready(1_000).await;
                let mut promised = BTreeSet::new();
                for _ in 0..failing {
                    promised.insert(first.accepted().await);
                }
                store.fail_a_sync(then);
                // Batch upon batch, until the door says that it is over.
                while first.submit(3).await.is_ok() && second.submit(2).await.is_ok() {}
                rig.stop().unwrap_err();

                promised.extend(first.mailbox.rest().iter().chain(&second.mailbox.rest()).map(promise));
                assert!(promised.is_subset(&BTreeSet::from_iter(accepted(&store))));
                let handed_over = BTreeSet::from_iter(events(&store).iter().filter_map(hand_over));
                assert!(carrier.mailbox.rest().iter().map(sent).all(|sent| handed_over.contains(&sent)));
            });
        }
    }
}

#[test]
fn promise_1_a_second_writer_on_the_log_stops_the_first() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        let mut stranger = store.open();
        let mut batch = Batch::default();
        let strange = Event::InDoubt { message: customer.accepted().await };
        batch.push(|out| strange.encode(out)).unwrap();
        let end = stranger.end();
        stranger.append(&mut batch, end).unwrap();

        customer.submit(1).await.unwrap();
        let failure = rig.door().wait_for_failure().await;
        assert!(failure.to_string().contains("another writer"), "{failure}");
        rig.stop().unwrap_err();
        assert!(customer.mailbox.rest().is_empty());
    });
}

fn promise(effect: &Effect) -> MessageId {
    match effect {
        Effect::Answer { result, .. } => result.unwrap(),
        other => panic!("not an answer: {other:?}"),
    }
}

fn sent(effect: &Effect) -> MessageId {
    match effect {
        Effect::Send { message, .. } => *message,
        other => panic!("not a message: {other:?}"),
    }
}

const fn hand_over(event: &Event) -> Option<MessageId> {
    match event {
        Event::HandedOver { message, .. } => Some(*message),
        _ => None,
    }
}
