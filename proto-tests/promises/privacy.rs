use super::rig::{Rig, accepted, run, submission};
use telegraphy::base::ids::AccountId;
use telegraphy::engine::door::{Input, LinkId, ReplyTo};
use telegraphy::log::memory::MemoryStore;

const NUMBER: &str = "447700900121";

#[test]
fn promise_13_nothing_that_the_engine_carries_prints_a_number_or_a_text() {
    run(async {
        let store = MemoryStore::new();
        let rig = Rig::start(&store);
        let (mut customer, mut carrier) = (rig.customer(), rig.carrier());
        carrier.ready(1).await;
        customer.ready(1).await;
        let message = customer.accepted().await;

        let mut printed = vec![format!("{:?}", submission(AccountId(0), NUMBER))];
        let prepared = rig.door().prepare(rig.door().clock().moment(), submission(AccountId(0), NUMBER));
        let reply = ReplyTo { link: LinkId(1), ticket: 0, since: rig.door().clock().moment() };
        printed.push(format!("{:?}", Input::Submit { reply, prepared: prepared.unwrap() }));
        printed.push(format!("{:?}", carrier.mailbox.next().await));
        carrier.takes(message, "abc").await;
        carrier.reports("abc").await;
        printed.push(format!("{:?}", customer.notice().await));
        printed.push(format!("{:?}", rig.door().report().await.unwrap()));
        printed.push(format!("{:?}", rig.engine));
        rig.stop().unwrap();
        assert_eq!(accepted(&store), [message]);
        printed.push(format!("{:?}", super::rig::events(&store)));

        for text in printed {
            assert!(!text.contains(NUMBER) && !text.contains("77009001"), "{text}");
            assert!(!text.contains("the text"), "{text}");
        }
    });
}
