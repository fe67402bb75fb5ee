use super::rig::{Rig, run};
use telegraphy::engine::Keeping;
use telegraphy::log::Log;
use telegraphy::log::memory::MemoryStore;

/// More looks at the engine than any freeing takes.
const LOOKS: usize = 500;

/// Waits until the log grows no more.
async fn comes_to_rest(rig: &Rig, store: &MemoryStore) {
    for _ in 0..20 {
        let end = store.open().end();
        for _ in 0..LOOKS {
            rig.door().report().await.unwrap();
        }
        if store.open().end() == end {
            return;
        }
    }
    panic!("it frees and writes without end");
}

#[test]
fn freeing_comes_to_an_end_where_one_segment_holds_less_than_is_known_beside_the_messages() {
    run(async {
        // Each segment has room for one record; what is known beside the messages is several.
        let store = MemoryStore::with_segments_of(1);
        let rig = Rig::keeping(&store, Keeping { log_min: 1 });
        let (mut customer, mut carrier) = (rig.customer(), rig.carrier());
        customer.ready(10).await;
        carrier.ready(10).await;
        for n in 0..5 {
            customer.accepted().await;
            let message = carrier.message().await;
            carrier.takes(message, &n.to_string()).await;
            carrier.reports(&n.to_string()).await;
            carrier.acknowledged().await;
            customer.notice().await;
            customer.takes(message).await;
            comes_to_rest(&rig, &store).await;
        }
        drop((customer, carrier));
        assert!(store.open().start().as_u64() > 0, "something was freed");
        rig.stop().unwrap();
        let again = Rig::start(&store);
        assert_eq!(
            again.door().report().await.unwrap().accounts[0].counts.told,
            5,
            "and nothing that is known"
        );
        again.stop().unwrap();
    });
}
