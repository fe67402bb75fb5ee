use super::rig::{Passage, Rig, accepted, events, run};
use telegraphy::log::memory::MemoryStore;
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
