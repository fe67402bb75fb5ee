use super::rig::{Rig, accepted, run, submission};
use telegraphy::base::ids::AccountId;
use telegraphy::engine::door::{Input, LinkId, ReplyTo};
use telegraphy::log::file::{FileLog, FileSettings};
use telegraphy::log::memory::MemoryStore;
use telegraphy::log::{Batch, Log};

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
        let prepared = rig.door().prepare(rig.door().clock().now(), submission(AccountId(0), NUMBER));
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

#[test]
fn promise_13_a_dump_of_the_log_shows_no_number_and_no_text() {
    let store = MemoryStore::new();
    run(async {
        let rig = Rig::start(&store);
        let (mut customer, carrier) = (rig.customer(), rig.carrier());
        carrier.ready(1).await;
        customer.ready(1).await;
        let message = customer.accepted().await;
        carrier.takes(message, "abc").await;
        carrier.reports("abc").await;
        customer.notice().await;
        rig.stop().unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let mut log =
        FileLog::open_folder(folder.path(), FileSettings { segment_bytes: 65_536, salt: 1 }).unwrap();
    let mut batch = Batch::default();
    let events = super::rig::events(&store);
    for event in &events {
        batch.push(|out| event.encode(out)).unwrap();
    }
    // The number and the text are in the file; only the dump does not show them.
    assert!(batch.body().windows(8).any(|octets| octets == b"the text"));
    assert!(batch.body().windows(8).any(|octets| octets == b"77009001"));
    log.append(&mut batch, log.end()).unwrap();
    let mut dump = std::process::Command::new(env!("CARGO_BIN_EXE_telegraphy"));
    let dumped = dump.args(["log", "dump"]).arg(folder.path()).output().unwrap();
    let text = String::from_utf8(dumped.stdout).unwrap();
    assert_eq!(text.lines().count(), events.len());
    for name in ["Accepted", "HandedOver", "Submitted", "Ended"] {
        assert!(text.contains(name), "{text}");
    }
    assert!(!text.contains("77009001") && !text.contains("the text"), "{text}");
}
