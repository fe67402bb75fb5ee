use super::rig::{Rig, accepted, run};
use telegraphy::engine::door::{Answer, News};
use telegraphy::log::memory::MemoryStore;
use telegraphy::message::Class;

#[test]
fn promises_2_3_and_6_hold_over_a_restart_after_every_step_of_a_life() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        let taken = customer.accepted().await;
        let doubted = customer.accepted().await;
        rig.stop().unwrap();

        let rig = Rig::start(&store);
        assert_eq!((rig.engine.recovered().open, rig.engine.recovered().in_doubt), (2, 0));
        let mut carrier = rig.carrier();
        carrier.ready(2).await;
        assert_eq!((carrier.message().await, carrier.message().await), (taken, doubted));
        carrier.takes(taken, "abc").await;
        rig.stop().unwrap();

        let rig = Rig::start(&store);
        assert_eq!((rig.engine.recovered().open, rig.engine.recovered().in_doubt), (2, 1));
        let mut carrier = rig.carrier();
        carrier.ready(9).await;
        carrier.reports("abc").await;
        carrier.acknowledged().await;
        assert!(carrier.mailbox.rest().is_empty(), "neither is sent a second time");
        rig.stop().unwrap();

        let rig = Rig::start(&store);
        assert_eq!((rig.engine.recovered().open, rig.engine.recovered().in_doubt), (1, 0));
        let mut customer = rig.customer();
        customer.ready(9).await;
        let notice = customer.notice().await;
        let News::Final { outcome, .. } = notice.news else { panic!("not an end: {notice:?}") };
        assert_eq!((notice.message, notice.shown, outcome.class), (taken, taken, Class::Delivered));
        customer.takes(taken).await;
        rig.stop().unwrap();

        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        customer.ready(9).await;
        let carrier = rig.carrier();
        carrier.answers(doubted, Answer::Refused(0x0B)).await;
        assert_eq!(customer.notice().await.message, doubted, "the first is told already");
        customer.takes(doubted).await;
        let counts = rig.door().report().await.unwrap().accounts[0].counts;
        assert_eq!((counts.accepted, counts.ended.total(), counts.told, counts.in_doubt), (2, 2, 2, 0));
        rig.stop().unwrap();
        assert_eq!(Rig::start(&store).engine.recovered().open, 0);
    });
}

#[test]
fn promise_2_what_waited_at_a_restart_is_sent_in_the_order_of_its_acceptance() {
    run(async {
        let store = MemoryStore::new();
        for _ in 0..3 {
            let rig = Rig::start(&store);
            rig.customer().submit(50).await.unwrap();
            rig.stop().unwrap();
        }
        let rig = Rig::start(&store);
        let mut carrier = rig.carrier();
        carrier.ready(1_000).await;
        for message in accepted(&store) {
            assert_eq!(carrier.message().await, message);
        }
        rig.stop().unwrap();
    });
}

#[test]
fn a_crash_between_two_syncs_forgets_only_what_nobody_was_promised() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let mut customer = rig.customer();
        let promised = customer.accepted().await;
        rig.gate.hold();
        customer.submit(5).await.unwrap();
        rig.gate.wait_for_a_group();

        // What a new process finds while the old one hangs in its sync.
        let next = Rig::start(&store);
        assert_eq!(next.engine.recovered().open, 1);
        let mut carrier = next.carrier();
        carrier.ready(9).await;
        assert_eq!(carrier.message().await, promised);
        next.stop().unwrap();

        // The old one comes back too late: the log refuses it, and so it promises nothing.
        rig.gate.release();
        let failure = rig.door().wait_for_failure().await;
        assert!(failure.to_string().contains("another writer"), "{failure}");
        rig.stop().unwrap_err();
        assert!(customer.mailbox.rest().is_empty());
        assert_eq!(accepted(&store), [promised]);
    });
}
