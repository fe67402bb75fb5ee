use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{Answer, Input, Taking};
use crate::message::Refusal;

const LATER: Taking = Taking::Later;
const TAKEN: Taking = Taking::Taken;

/// A world in which so many messages of `acme` have ended, in order, and their receipts are owed.
fn owed(count: usize) -> (World, Vec<MessageId>) {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 1000);
    let messages = world.submit_many("acme", BRITISH, count);
    for message in &messages {
        end(&mut world, *message, "DELIVRD");
    }
    (world, messages)
}

fn end(world: &mut World, message: MessageId, stat: &str) {
    world.wait(SECOND);
    world.taken(message, &message.to_string());
    world.receipt("north", &message.to_string(), stat);
}

#[test]
fn registered_delivery_says_which_outcomes_are_told() {
    // 3.4 §5.2.17: none, all, failures only; 5.0 adds successes only. Other bits ask for other things.
    for (registered_delivery, delivered, failed) in [
        (0, false, false),
        (1, true, true),
        (2, false, true),
        (3, true, false),
        (0x11, true, true),
        (0x10, false, false),
    ] {
        let mut world = World::new();
        world.carrier_ready("north", LINK_1, 2);
        world.customer_ready("acme", LINK_2, 10);
        for (stat, told) in [("DELIVRD", delivered), ("UNDELIV", failed)] {
            let message = world.try_submit("acme", BRITISH, registered_delivery).unwrap();
            end(&mut world, message, stat);
            let expected = if told { vec![message] } else { vec![] };
            assert_eq!(world.notified(), expected, "registered_delivery {registered_delivery}, {stat}");
            assert_eq!(world.place(message), if told { "receipt owed" } else { "gone" });
        }
        assert_eq!(world.counts("acme").ended.total(), 2, "what nobody wants to hear counts all the same");
    }
}

#[test]
fn promise_2_receipts_wait_for_an_absent_customer_in_the_order_of_the_ends() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    let messages = world.submit_many("acme", BRITISH, 4);
    let ends = [messages[2], messages[0], messages[3], messages[1]];
    for message in ends {
        end(&mut world, message, "DELIVRD");
    }
    assert_eq!(world.flow.report().accounts[0].receipts_waiting, 4);
    world.customer_ready("acme", LINK_2, 3);
    assert_eq!(world.notified(), ends[..3]);
    world.told("acme", LINK_2, ends[0], TAKEN);
    assert_eq!(world.notified(), ends[3..], "an answer gives the credit back");
}

#[test]
fn an_owed_receipt_is_not_an_open_message() {
    let (mut world, _) = owed(2);
    world.submit("acme", BRITISH);
    let report = world.flow.report();
    assert_eq!((report.open, report.accounts[0].receipts_waiting), (1, 2));
}

#[test]
fn a_customer_is_sent_nothing_beyond_its_credits_and_nothing_of_anothers() {
    let (mut world, messages) = owed(3);
    world.customer_ready("beta", LINK_3, 10);
    assert_eq!(world.notices(), []);
    world.customer_ready("acme", LINK_2, 1);
    assert_eq!(world.notified(), messages[..1]);
    world.tick();
    assert_eq!(world.notices(), []);
}

#[test]
fn two_connections_of_a_customer_share_its_receipts_in_turn() {
    let (mut world, messages) = owed(4);
    let account = world.account("acme");
    world.pass_all([
        Input::CustomerReady { account, link: LINK_2, credits: 2 },
        Input::CustomerReady { account, link: LINK_3, credits: 2 },
    ]);
    let given: Vec<_> = world.notices().into_iter().map(|(link, notice)| (link, notice.message)).collect();
    let [a, b, c, d] = messages.try_into().unwrap();
    assert_eq!(given, [(LINK_2, a), (LINK_3, b), (LINK_2, c), (LINK_3, d)]);
}

#[test]
fn promise_2_what_a_lost_connection_had_not_acknowledged_is_told_again_in_order() {
    let (mut world, messages) = owed(5);
    world.customer_ready("acme", LINK_2, 4);
    world.notices();
    world.told("acme", LINK_2, messages[1], TAKEN);
    assert_eq!(world.notified(), messages[4..]);
    world.customer_gone("acme", LINK_2);
    world.told("acme", LINK_2, messages[0], TAKEN);
    assert_eq!(world.counts("acme").told, 1, "an answer on a lost connection is lost with it");
    world.customer_ready("acme", LINK_3, 10);
    assert_eq!(world.notified(), [messages[0], messages[2], messages[3], messages[4]]);
}

#[test]
fn receipts_of_two_lost_connections_are_told_again_in_order() {
    let (mut world, messages) = owed(4);
    let account = world.account("acme");
    world.pass_all([
        Input::CustomerReady { account, link: LINK_2, credits: 2 },
        Input::CustomerReady { account, link: LINK_3, credits: 2 },
    ]);
    world.notices();
    world.pass_all([
        Input::CustomerGone { account, link: LINK_2 },
        Input::CustomerGone { account, link: LINK_3 },
    ]);
    world.customer_ready("acme", LINK_1, 10);
    assert_eq!(world.notified(), messages);
}

#[test]
fn three_laters_in_a_row_rest_the_account_and_keep_the_order() {
    let (mut world, messages) = owed(4);
    world.customer_ready("acme", LINK_2, 3);
    for message in &messages {
        world.told("acme", LINK_2, *message, LATER);
    }
    assert_eq!(world.notified(), messages, "the last one went before the third answer");
    world.customer_ready("acme", LINK_3, 10);
    assert_eq!(world.notices(), [], "the whole account rests");
    assert_eq!(world.wakes_in(), Some(5 * SECOND));

    // A receipt that ends meanwhile waits with the others, and nobody else waits for it.
    world.customer_ready("beta", LINK_1, 1);
    let other = world.submit("beta", BRITISH);
    end(&mut world, other, "DELIVRD");
    assert_eq!(world.notified(), [other]);

    world.wait(4 * SECOND);
    world.wake();
    assert_eq!(world.notified(), messages);
    assert_eq!(world.wakes_in(), None);
}

#[test]
fn a_refused_receipt_is_counted_and_not_told_again() {
    let (mut world, messages) = owed(2);
    world.customer_ready("acme", LINK_2, 2);
    world.notices();
    world.told("acme", LINK_2, messages[0], Taking::Refused(0x65));
    world.told("acme", LINK_2, messages[1], Taking::Refused(0));
    let counts = world.counts("acme");
    assert_eq!((counts.told, counts.untold), (0, 2));
    world.customer_gone("acme", LINK_2);
    world.customer_ready("acme", LINK_3, 9);
    assert_eq!(world.notices(), []);
    assert_eq!(world.places(&messages), ["gone", "gone"]);
}

#[test]
fn an_answer_to_a_receipt_counts_once_and_only_from_whom_it_was_given_to() {
    let (mut world, messages) = owed(1);
    world.told("acme", LINK_2, messages[0], TAKEN);
    assert_eq!(world.events, [], "it was not given to anybody");
    world.customer_ready("acme", LINK_2, 1);
    world.told("acme", LINK_3, messages[0], TAKEN);
    world.told("beta", LINK_2, messages[0], TAKEN);
    assert_eq!(world.place(messages[0]), "receipt owed");
    world.told("acme", LINK_2, messages[0], TAKEN);
    world.told("acme", LINK_2, messages[0], TAKEN);
    assert_eq!(world.counts("acme").told, 1);
}

#[test]
fn refusals_counted_at_the_edge_arrive_in_sums() {
    let mut world = World::new();
    let account = world.account("acme");
    world.pass(Input::Refused { account, reason: Refusal::Throttled, count: 40 });
    world.pass(Input::Refused { account, reason: Refusal::Throttled, count: 2 });
    assert_eq!(world.counts("acme").refused(Refusal::Throttled), 42);
    assert_eq!(world.counts("acme").submitted(), 42);
}

#[test]
fn a_receipt_is_owed_also_for_what_the_carrier_refused_or_left_in_doubt() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 2);
    world.customer_ready("acme", LINK_2, 2);
    let [refused, doubted] = world.submit_many("acme", BRITISH, 2).try_into().unwrap();
    world.answered(refused, Answer::Refused(INVALID_DESTINATION));
    world.answered(doubted, Answer::Silent);
    assert_eq!(world.notified(), [refused]);
    world.answered(doubted, Answer::Refused(INVALID_DESTINATION));
    assert_eq!(world.notified(), [doubted]);
}
