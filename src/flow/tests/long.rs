//! Parts of long messages: gathered in any order, handed over together, one outcome, one count (promise 9).

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{AccountSettings, Answer, FlowSettings, Line, LongSettings, Manage, News, Notice, Taking};
use crate::message::{Address, Class, Fault, Part, PartForm, Refusal, Submission, Verdict};

const FORM: PartForm = PartForm::Udh8;

/// `acme` gets one receipt for the whole, `beta` one for each part.
fn world() -> World {
    let long = LongSettings { wait: 300 * SECOND, max: 2, one_receipt: true };
    let accounts = vec![
        AccountSettings { long, ..account("acme") },
        AccountSettings { long: LongSettings { one_receipt: false, ..long }, ..account("beta") },
    ];
    World::with(FlowSettings { accounts, routes: vec![route("", &["north", "south"])], ..settings() })
}

fn part_of(world: &World, account: &str, reference: u16, total: u8, number: u8) -> Submission {
    let mut submission = world.submission(account, BRITISH, 1);
    submission.part = Some(Part { form: FORM, reference, total, number });
    submission.content.body = vec![number; 10].into();
    submission
}

fn part(world: &mut World, account: &str, total: u8, number: u8) -> MessageId {
    let submission = part_of(world, account, 7, total, number);
    world.submit_this(submission).unwrap()
}

fn parts(world: &mut World, account: &str, numbers: &[u8]) -> Vec<MessageId> {
    let total = numbers.len() as u8;
    numbers.iter().map(|number| part(world, account, total, *number)).collect()
}

fn end(world: &mut World, message: MessageId, stat: &str) {
    world.taken(message, &message.to_string());
    world.receipt("north", &message.to_string(), stat);
}

/// Parts that the receipt is about, and how many were delivered.
fn about(notice: &Notice) -> (u8, u8) {
    let News::Final { parts, delivered, .. } = notice.news else { panic!("{notice:?}") };
    (parts, delivered)
}

#[test]
fn promise_9_parts_wait_for_each_other_in_any_order_and_go_together() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    let third = part(&mut world, "acme", 3, 3);
    let first = part(&mut world, "acme", 3, 1);
    assert_eq!(world.places(&[third, first]), ["gathering", "gathering"]);
    assert_eq!(world.sent(), []);
    assert_eq!(world.flow.state().open(), 1, "one message");
    let second = part(&mut world, "acme", 3, 2);
    assert_eq!(world.sent_messages().len(), 3);
    assert_eq!(world.places(&[third, first, second]), ["handed over"; 3]);
    assert_eq!(world.counts("acme").accepted, 1);
}

#[test]
fn a_part_that_comes_twice_is_answered_with_the_id_that_it_has() {
    let mut world = world();
    let first = part(&mut world, "acme", 2, 1);
    assert_eq!(part(&mut world, "acme", 2, 1), first);
    assert_eq!(world.events, []);
}

#[test]
fn quirk_67_parts_belong_together_by_account_sender_recipient_form_reference_and_total() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    part(&mut world, "beta", 2, 1);
    let mut others = vec![part_of(&world, "beta", 8, 2, 2), part_of(&world, "acme", 7, 2, 2)];
    let mut other = part_of(&world, "acme", 7, 2, 2);
    other.part = Some(Part { form: PartForm::Sar, reference: 7, total: 2, number: 2 });
    others.push(other);
    for other in others {
        world.submit_this(other).unwrap();
        assert_eq!(world.sent(), []);
    }
    part(&mut world, "beta", 2, 2);
    assert_eq!(world.sent().len(), 2);
}

#[test]
fn promise_9_one_receipt_says_what_became_of_all_parts_and_one_outcome_counts() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    world.customer_ready("acme", LINK_2, 10);
    let ids = parts(&mut world, "acme", &[2, 1, 3]);
    end(&mut world, ids[1], "DELIVRD");
    end(&mut world, ids[2], "UNDELIV");
    assert_eq!((world.notices(), world.counts("acme").ended.total()), (vec![], 0));
    end(&mut world, ids[0], "DELIVRD");
    let [(_, notice)] = world.notices().try_into().unwrap();
    assert_eq!((notice.message, said(&notice).0.class), (ids[0], Class::ExplicitFailure));
    assert_eq!(about(&notice), (3, 2));
    assert_eq!(world.counts("acme").ended.of(Class::ExplicitFailure), 1);
    assert_eq!(world.counts("acme").ended.total(), 1);
    world.told("acme", LINK_2, ids[0], Taking::Taken);
    assert_eq!(world.places(&ids), ["gone"; 3]);
}

#[test]
fn promise_9_a_receipt_for_each_part_and_still_one_outcome() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    world.customer_ready("beta", LINK_2, 10);
    let ids = parts(&mut world, "beta", &[1, 2]);
    end(&mut world, ids[1], "DELIVRD");
    assert_eq!(world.notified(), ids[1..]);
    world.told("beta", LINK_2, ids[1], Taking::Taken);
    assert_eq!(world.counts("beta").ended.total(), 0);
    world.restart();
    world.customer_ready("beta", LINK_2, 10);
    end(&mut world, ids[0], "DELIVRD");
    assert_eq!(world.notified(), ids[..1]);
    assert_eq!(world.counts("beta").ended.of(Class::Delivered), 1);
    world.told("beta", LINK_2, ids[0], Taking::Taken);
    assert_eq!(world.places(&ids), ["gone", "gone"]);
}

#[test]
fn promise_9_missing_parts_end_those_that_came_and_a_receipt_says_so() {
    for (account, receipts) in [("acme", 1), ("beta", 2)] {
        let mut world = world();
        world.customer_ready(account, LINK_2, 10);
        part(&mut world, account, 3, 1);
        world.live(100 * SECOND);
        part(&mut world, account, 3, 3);
        world.live(199 * SECOND);
        assert_eq!(world.notices(), []);
        world.live(SECOND);
        let notices = world.notices();
        assert_eq!(notices.len(), receipts);
        let (outcome, _) = said(&notices[0].1);
        assert_eq!((outcome.class, outcome.fault), (Class::Excluded, Fault::Customer));
        assert_eq!(world.counts(account).ended.of(Class::Excluded), 1);
        assert_eq!(world.counts(account).ended.total(), 1);
    }
}

/// Whose word ended the one message that a world's records are about.
#[track_caller]
fn whose_word(mut world: World) -> Verdict {
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let [(_, Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
    detail.verdict
}

#[test]
fn promise_9_the_record_of_a_long_message_says_whose_word_ended_it() {
    let recorded = || {
        let mut world = world();
        world.flow.record();
        world
    };
    let mut missing = recorded();
    part(&mut missing, "acme", 2, 1);
    missing.live(300 * SECOND);
    assert_eq!(whose_word(missing), Verdict::GatherTimedOut);

    let mut expired = recorded();
    parts(&mut expired, "acme", &[1, 2]);
    expired.live(3 * 86_400 * SECOND);
    assert_eq!(whose_word(expired), Verdict::Expired);

    let mut handed_over = recorded();
    handed_over.carrier_ready("north", LINK_1, 10);
    let ids = parts(&mut handed_over, "acme", &[1, 2]);
    end(&mut handed_over, ids[0], "DELIVRD");
    handed_over.answered(ids[1], Answer::Refused(0x0B));
    assert_eq!(whose_word(handed_over), Verdict::Refusal);

    let mut reported = recorded();
    reported.carrier_ready("north", LINK_1, 10);
    let ids = parts(&mut reported, "acme", &[1, 2]);
    end(&mut reported, ids[0], "REJECTD");
    end(&mut reported, ids[1], "DELIVRD");
    assert_eq!(whose_word(reported), Verdict::Receipt);
}

#[test]
fn a_part_that_comes_after_its_time_begins_anew() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    part(&mut world, "acme", 2, 1);
    world.live(300 * SECOND);
    part(&mut world, "acme", 2, 2);
    assert_eq!(world.sent(), []);
    part(&mut world, "acme", 2, 1);
    assert_eq!(world.sent().len(), 2);
}

#[test]
fn promise_7_long_messages_that_wait_for_parts_are_bounded() {
    let mut world = world();
    for reference in [1, 2] {
        let submission = part_of(&world, "acme", reference, 2, 1);
        world.submit_this(submission).unwrap();
    }
    let third = part_of(&world, "acme", 3, 2, 1);
    assert_eq!(world.submit_this(third.clone()), Err(Refusal::TooManyParts));
    let rest = part_of(&world, "acme", 1, 2, 2);
    world.submit_this(rest).unwrap();
    assert!(world.submit_this(third).is_ok(), "one is whole");
}

#[test]
fn promise_9_all_parts_go_to_one_carrier_whatever_happens_to_it() {
    let mut world = world();
    world.carrier_ready("south", LINK_2, 1);
    part(&mut world, "acme", 3, 1);
    part(&mut world, "acme", 3, 2);
    world.carrier_ready("north", LINK_1, 1);
    let last = part(&mut world, "acme", 3, 3);
    assert_eq!(world.sent().into_iter().map(|(link, _)| link).collect::<Vec<_>>(), [LINK_1]);
    world.answered(
        world.flow.state().messages().iter().map(|m| m.id).min().unwrap(),
        Answer::Refused(SYSTEM_ERROR),
    );
    world.carrier_gone("north", LINK_1);
    world.live(60 * SECOND);
    assert_eq!(world.sent(), [], "south is ready, and none of its affair");
    world.carrier_ready("north", LINK_3, 10);
    assert!(world.sent().iter().all(|(link, _)| *link == LINK_3));
    assert_eq!(world.place(last), "handed over");
}

#[test]
fn a_long_message_survives_a_restart_in_every_state() {
    for account in ["acme", "beta"] {
        let mut world = world();
        let mut ids = vec![part(&mut world, account, 2, 2)];
        world.restart();
        ids.push(part(&mut world, account, 2, 1));
        assert_eq!(world.places(&ids), ["queued", "queued"]);
        world.restart();
        world.carrier_ready("north", LINK_1, 10);
        assert_eq!(world.sent().len(), 2);
        world.taken(ids[0], &ids[0].to_string());
        world.restart();
        assert_eq!(world.places(&ids), ["submitted", "in doubt"]);
        world.receipt("north", &ids[0].to_string(), "DELIVRD");
        world.restart();
        end(&mut world, ids[1], "DELIVRD");
        world.restart();
        world.customer_ready(account, LINK_2, 10);
        assert_eq!(world.notified().len(), if account == "acme" { 1 } else { 2 });
        assert_eq!(world.counts(account).ended.of(Class::Delivered), 1);
    }
}

#[test]
fn what_is_known_of_a_long_message_is_kept_when_the_segment_of_one_part_is_freed() {
    for account in ["acme", "beta"] {
        let mut world = world();
        world.carrier_ready("north", LINK_1, 10);
        let ids = parts(&mut world, account, &[1, 2]);
        // The first part is written down anew, behind the second; that one ends first, and its segment is freed.
        let second = world.message(ids[1]).unwrap().home.0;
        world.free(second);
        while world.carry(3) {}
        world.carried_all();
        end(&mut world, ids[1], "DELIVRD");
        end(&mut world, ids[0], "UNDELIV");
        let first = world.message(ids[0]).unwrap().home.0;
        assert!(first > second);
        world.free(first);
        while world.carry(3) {}
        world.carried_all();
        world.assert_log_is_whole();
        world.restart();
        world.customer_ready(account, LINK_2, 10);
        let notices = world.notices();
        assert_eq!(about(&notices[0].1), if account == "acme" { (2, 1) } else { (1, 0) });
        for (_, notice) in notices {
            world.told(account, LINK_2, notice.message, Taking::Taken);
        }
        assert_eq!(world.flow.state().messages().len(), 0);
        world.restart();
    }
}

#[test]
fn cancelling_one_part_cancels_the_long_message() {
    let mut world = world();
    let source = Address::new(5, 0, b"ACME").unwrap();
    let ids = parts(&mut world, "acme", &[1, 2]);
    world.manage("acme", Manage::Cancel { message: ids[1], source }).unwrap();
    assert_eq!(world.places(&ids), ["receipt owed", "gone"]);
    let half = part(&mut world, "acme", 3, 1);
    world.manage("acme", Manage::Cancel { message: half, source }).unwrap();
    assert_eq!(world.counts("acme").ended.of(Class::Excluded), 2);
    assert_eq!(world.flow.state().open(), 0);
}

#[test]
fn a_part_whose_carrier_has_another_already_is_not_cancelled() {
    let mut world = world();
    let source = Address::new(5, 0, b"ACME").unwrap();
    let ids = parts(&mut world, "acme", &[1, 2]);
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(world.places(&ids), ["handed over", "queued"]);
    let cancel = Manage::Cancel { message: ids[1], source };
    assert_eq!(world.manage("acme", cancel), Err(Refusal::CancelFailed));
}

#[test]
fn a_part_that_nobody_wants_to_hear_of_is_not_given_up_when_its_receipts_time_is_over() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    let mut silent = part_of(&world, "beta", 7, 2, 1);
    silent.registered_delivery = 0;
    let first = world.submit_this(silent).unwrap();
    let second = part(&mut world, "beta", 2, 2);
    world.taken(second, "b");
    end(&mut world, first, "DELIVRD");
    world.wait(71 * HOUR);
    world.tick();
    world.receipt("north", "b", "ENROUTE");
    world.wait(HOUR);
    world.tick();
    assert_eq!(world.counts("beta").untold, 0);
}

#[test]
fn promise_7_a_thousand_long_messages_given_up_at_once_fit_into_their_batches() {
    let mut settings = settings();
    settings.accounts[0].long = LongSettings { wait: 300 * SECOND, max: 10_000, one_receipt: false };
    let mut world = World::with(settings).unaudited();
    for reference in 0..600 {
        for number in 1..=12 {
            let submission = part_of(&world, "acme", reference, 255, number);
            world.submit_this(submission).unwrap();
        }
    }
    world.wait(301 * SECOND);
    world.tick();
    assert_eq!(world.counts("acme").ended.of(Class::Excluded), 600);
    world.audit();
}
