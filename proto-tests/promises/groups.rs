use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::rig::{Customer, Passage, Rig, accepted, events, run};
use telegraphy::log::memory::{FailedSync, MemoryStore};
use telegraphy::message::{Event, Refusal};

#[test]
fn all_that_comes_while_a_sync_runs_is_one_group() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customers = [rig.customer(), rig.customer()];
        rig.gate.hold();
        customers[0].submit(1).await.unwrap();
        rig.gate.wait_for_a_group();
        for n in 0..40 {
            customers[n % 2].submit(3).await.unwrap();
        }
        assert_eq!(rig.door().report().await.unwrap().open, 121, "all are decided while the sync runs");
        assert_eq!(rig.gate.passages(), [Passage::Came(1)]);

        rig.gate.release();
        for (customer, count) in customers.iter_mut().zip([61, 60]) {
            for _ in 0..count {
                customer.answer().await.unwrap();
            }
        }
        assert_eq!(rig.gate.passages(), [Passage::Synced, Passage::Came(120), Passage::Synced]);
        rig.stop().unwrap();
    });
}

#[test]
fn more_than_a_batch_holds_goes_out_in_several_groups() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        rig.gate.hold();
        customer.submit(1).await.unwrap();
        rig.gate.wait_for_a_group();
        for _ in 0..15 {
            customer.submit_text(&LONGEST_TEXT, 20).await.unwrap();
        }
        rig.gate.release();
        for _ in 0..301 {
            customer.answer().await.unwrap();
        }
        rig.stop().unwrap();
        assert_eq!(accepted(&store).len(), 301);
    });
}

#[test]
fn promise_7_the_door_makes_its_callers_wait_while_the_log_is_behind() {
    run(async {
        let rig = Rig::start(&MemoryStore::new());
        let mut customer = rig.customer();
        let behind = log_behind(&rig, &customer).await;
        let passed = pass_until_one_waits(&customer).await;
        assert!(passed < 200, "{passed} batches went in, and nothing came out");
        rig.gate.release();
        for _ in 0..behind + passed {
            customer.answer().await.unwrap();
        }
        rig.stop().unwrap();
    });
}

#[test]
fn promise_1_who_waits_at_the_door_of_a_failing_engine_is_told() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        log_behind(&rig, &customer).await;
        pass_until_one_waits(&customer).await;
        let waiting = async { while customer.submit(1).await.is_ok() {} };
        let fail = async {
            store.fail_a_sync(FailedSync::Lost);
            rig.gate.release();
            rig.door().wait_for_failure().await;
        };
        tokio::join!(waiting, fail);
        rig.stop().unwrap_err();
        assert!(customer.mailbox.rest().is_empty());
        assert_eq!(accepted(&store), []);
    });
}

/// So many batches that a door which takes them has no bound.
const ENDLESS: usize = 10_000;

/// The longest text that a message can have.
static LONGEST_TEXT: [u8; 65_535] = [b'x'; 65_535];

/// Holds the log in a sync and brings more to the door than fits into the next group. Returns how many messages.
async fn log_behind(rig: &Rig, customer: &Customer) -> usize {
    rig.gate.hold();
    customer.submit(1).await.unwrap();
    rig.gate.wait_for_a_group();
    for _ in 0..15 {
        customer.submit_text(&LONGEST_TEXT, 20).await.unwrap();
    }
    301
}

/// Passes one message after the other, until the door does not take the next at once. Returns how many it took.
async fn pass_until_one_waits(customer: &Customer) -> usize {
    for passed in 0..ENDLESS {
        let mut pass = pin!(customer.submit(1));
        match poll_fn(|context| Poll::Ready(pass.as_mut().poll(context))).await {
            Poll::Ready(passed) => passed.unwrap(),
            // Dropped: it has not passed.
            Poll::Pending => return passed,
        }
    }
    ENDLESS
}

#[test]
fn a_stop_works_off_what_came_before_it() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        for _ in 0..30 {
            customer.submit(10).await.unwrap();
        }
        let door = rig.door().clone();
        rig.stop().unwrap();
        assert_eq!(customer.mailbox.rest().len(), 300, "every one is answered");
        assert_eq!(accepted(&store).len(), 300);
        assert!(customer.submit(1).await.is_err(), "nothing comes after it");
        assert_eq!(door.failure(), None, "it did not fail");
    });
}

#[test]
fn a_stop_counts_the_refusals_of_the_last_moment() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let customer = rig.customer();
        for _ in 0..7 {
            customer.refuse(Refusal::Throttled);
        }
        rig.stop().unwrap();
        let refused = |event: &Event| match event {
            Event::Refused { reason: Refusal::Throttled, count, .. } => *count,
            _ => 0,
        };
        assert_eq!(events(&store).iter().map(refused).sum::<u32>(), 7);
    });
}
