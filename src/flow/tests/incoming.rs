//! Messages from carriers for our accounts: whose they are, and kept until they are taken.

use super::world::*;
use crate::flow::{
    Acceptance, AccountSettings, FlowSettings, InboundRoute, News, Notice, ReceiptSettings, Taking,
};

fn inbound(number: &str, keyword: Option<&str>, account: &str) -> InboundRoute {
    InboundRoute { number: number.into(), keyword: keyword.map(Into::into), account: account.into() }
}

fn world_with(bodies_max: usize, max: usize) -> World {
    let receipts = ReceiptSettings { pause: 5 * SECOND, keep: HOUR, max, ..ReceiptSettings::default() };
    let accounts = vec![AccountSettings { receipts, ..account("acme") }, account("beta")];
    let inbound = vec![
        inbound("9900", None, "acme"),
        inbound("99", Some("win"), "beta"),
        inbound("9900", Some("Win"), "beta"),
        inbound("88", Some("vote"), "acme"),
    ];
    World::with(FlowSettings { accounts, inbound, bodies_max, ..settings() })
}

fn world() -> World {
    world_with(1_000_000, 1_000)
}

fn text(notice: &Notice) -> String {
    let News::Incoming { content } = &notice.news else { panic!("{notice:?}") };
    String::from_utf8(content.body.to_vec()).unwrap()
}

#[test]
fn the_longest_number_decides_and_a_keyword_before_none() {
    for (to, said, account) in [
        ("9900", "hello", Some("acme")),
        ("+990012", "hello", Some("acme")),
        ("9900", "WIN now", Some("beta")),
        ("9900", "  win", Some("beta")),
        ("9900", "winner", Some("acme")),
        ("9911", "win", Some("beta")),
        ("9911", "hello", None),
        ("88", "", None),
        ("77", "win", None),
    ] {
        let mut world = world();
        let taken = world.incoming("north", to, said);
        assert_eq!(
            taken,
            if account.is_some() { Acceptance::Taken } else { Acceptance::Never },
            "{to} {said}"
        );
        for name in ["acme", "beta"] {
            assert_eq!(world.counts(name).received, u64::from(account == Some(name)), "{to} {said}");
        }
        assert_eq!(world.carrier_counts("north").received, u64::from(account.is_some()));
    }
}

#[test]
fn promise_2_an_incoming_message_is_kept_while_its_account_is_away_and_over_restarts() {
    let mut world = world();
    assert_eq!(world.incoming("north", "9900", "hello"), Acceptance::Taken);
    world.restart();
    world.live(1000 * SECOND);
    world.customer_ready("acme", LINK_2, 5);
    let [(_, notice)] = world.notices().try_into().unwrap();
    assert_eq!(
        (notice.source.as_slice(), notice.destination.as_slice()),
        (BRITISH.as_bytes(), b"9900".as_slice())
    );
    assert_eq!(text(&notice), "hello");
    world.customer_gone("acme", LINK_2);
    world.customer_ready("acme", LINK_3, 5);
    assert_eq!(world.notified(), [notice.message], "it was not answered");
    world.told("acme", LINK_3, notice.message, Taking::Taken);
    let counts = world.counts("acme");
    assert_eq!((counts.received, counts.taken, counts.told), (1, 1, 0));
    assert_eq!((counts.accepted, counts.ended.total()), (0, 0), "it counts in no success rate");
    assert_eq!(world.place(notice.message), "gone");
}

#[test]
fn promise_7_what_is_kept_for_an_account_is_bounded_and_the_carrier_keeps_the_rest() {
    let mut world = world_with(1_000_000, 2);
    for taken in [Acceptance::Taken, Acceptance::Taken, Acceptance::Later] {
        assert_eq!(world.incoming("north", "9900", "hello"), taken);
    }
    assert_eq!(world.incoming("north", "9911", "win"), Acceptance::Taken, "another account has room");
    world.customer_ready("acme", LINK_2, 5);
    let first = world.notified()[0];
    world.told("acme", LINK_2, first, Taking::Taken);
    assert_eq!(world.incoming("north", "9900", "hello"), Acceptance::Taken);
    world.pass(crate::flow::Input::Room { plenty: false });
    assert_eq!(world.incoming("north", "9911", "win"), Acceptance::Later, "the disk is full");
}

#[test]
fn promise_7_an_incoming_message_is_kept_no_longer_than_it_may() {
    let mut world = world();
    world.incoming("north", "9900", "hello");
    world.live(HOUR);
    let counts = world.counts("acme");
    assert_eq!((counts.taken, counts.not_taken, world.flow.state().messages().len()), (0, 1, 0));
}

#[test]
fn contents_of_incoming_messages_are_read_back_in_their_order() {
    let mut world = world_with(0, 1_000);
    for n in 0..30 {
        world.incoming("north", "9900", &format!("text {n}"));
    }
    world.restart();
    world.customer_ready("acme", LINK_2, 30);
    let texts: Vec<_> = world.notices().iter().map(|(_, notice)| text(notice)).collect();
    assert_eq!(texts, (0..30).map(|n| format!("text {n}")).collect::<Vec<_>>());
    assert_eq!(world.fetched, 30);
}

#[test]
fn a_disk_without_room_refuses_new_messages_and_ends_old_ones() {
    let mut world = World::new();
    let message = world.submit("acme", BRITISH);
    world.pass(crate::flow::Input::Room { plenty: false });
    assert_eq!(world.try_submit("acme", BRITISH, 1), Err(crate::message::Refusal::NoRoom));
    world.carrier_ready("north", LINK_1, 1);
    world.taken(message, "abc");
    world.receipt("north", "abc", "DELIVRD");
    assert_eq!(world.place(message), "receipt owed");
    world.pass(crate::flow::Input::Room { plenty: true });
    assert!(world.try_submit("acme", BRITISH, 1).is_ok());
}
