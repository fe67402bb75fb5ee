use super::rig::{Rig, events, run};
use telegraphy::base::ids::MessageId;
use telegraphy::engine::door::Answer;
use telegraphy::log::memory::MemoryStore;
use telegraphy::message::Event;

#[test]
fn promise_2_a_message_for_a_connection_that_has_gone_meanwhile_is_sent_on_another() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let (customer, gone, mut other) = (rig.customer(), rig.carrier(), rig.carrier());
        gone.ready(3).await;
        rig.gate.hold();
        customer.submit(3).await.unwrap();
        rig.gate.wait_for_a_group();
        drop(gone);
        rig.gate.release();
        other.ready(9).await;
        let sent = three(&mut other).await;
        assert_eq!(returned(&store), sent, "each came back once, marked as never written");
        rig.stop().unwrap();
    });
}

#[test]
fn promise_2_a_message_in_the_mailbox_of_a_dropped_connection_is_sent_on_another() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let (mut customer, gone, mut other) = (rig.customer(), rig.carrier(), rig.carrier());
        gone.ready(3).await;
        for _ in 0..3 {
            customer.accepted().await;
        }
        // A group later, everything of the groups before is in its mailbox.
        customer.accepted().await;
        drop(gone);
        other.ready(3).await;
        let mut sent = Vec::new();
        while sent.len() < 4 {
            let message = other.message().await;
            other.takes(message, &message.to_string()).await;
            other.ready(1).await;
            sent.push(message);
        }
        sent.sort();
        assert_eq!(sent.len(), 4);
        assert_eq!(returned(&store), sent[..3]);
        rig.stop().unwrap();
    });
}

#[test]
fn promise_2_a_message_that_a_leaving_connection_had_not_taken_is_sent_on_another() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let (mut customer, leaving, mut other) = (rig.customer(), rig.carrier(), rig.carrier());
        leaving.ready(3).await;
        for _ in 0..3 {
            customer.accepted().await;
        }
        leaving.leaves().await;
        other.ready(9).await;
        assert_eq!(three(&mut other).await, super::rig::accepted(&store));
        rig.stop().unwrap();
    });
}

#[test]
fn promise_2_receipts_on_their_way_to_a_lost_connection_are_told_on_the_next() {
    run(async {
        let rig = Rig::start(&MemoryStore::new());
        let (mut customer, mut carrier) = (rig.customer(), rig.carrier());
        carrier.ready(1).await;
        let message = customer.accepted().await;
        assert_eq!(carrier.message().await, message);
        carrier.takes(message, "abc").await;

        let mut lost = rig.customer();
        lost.ready(1).await;
        carrier.reports("abc").await;
        assert_eq!(lost.notice().await.message, message);
        lost.leaves().await;
        customer.ready(1).await;
        assert_eq!(customer.notice().await.message, message);
        rig.stop().unwrap();
    });
}

#[test]
fn promise_6_a_stop_leaves_no_doubt_about_what_was_never_written() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let (mut customer, mut carrier) = (rig.customer(), rig.carrier());
        carrier.ready(2).await;
        let [written, not_written] = [customer.accepted().await, customer.accepted().await];
        assert_eq!((carrier.message().await, carrier.message().await), (written, not_written));
        carrier.answers(not_written, Answer::NotSent).await;
        carrier.leaves().await;
        rig.stop().unwrap();
        let recovered = *Rig::start(&store).engine.recovered();
        assert_eq!((recovered.open, recovered.in_doubt), (2, 1));
    });
}

/// Three messages, taken by the carrier, in the order of their acceptance.
async fn three(carrier: &mut super::rig::Carrier) -> Vec<MessageId> {
    let mut sent = Vec::new();
    for _ in 0..3 {
        let message = carrier.message().await;
        carrier.takes(message, &message.to_string()).await;
        sent.push(message);
    }
    sent.sort();
    sent
}

/// The messages that came back without having been written, in the order of their acceptance.
fn returned(store: &MemoryStore) -> Vec<MessageId> {
    let returned = |event| match event {
        Event::Returned { message, status: 0 } => Some(message),
        _ => None,
    };
    let mut messages: Vec<_> = events(store).into_iter().filter_map(returned).collect();
    messages.sort();
    messages
}
