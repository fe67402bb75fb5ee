//! Who wants no more messages, and what has to be said about that (R51, A13).

use std::sync::Arc;

use bytes::Bytes;

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{
    Acceptance, AccountSettings, Answer, FlowSettings, InboundRoute, Line, LongSettings, Manage, NoFact,
};
use crate::message::{
    Address, Category, Class, Event, Exclusion, Fault, Part, PartForm, Refusal, Says, Submission, Verdict,
    When, Wishes,
};
use crate::policy::{OptOut, Words};
use crate::sla::facts::FactRefusal;

fn opt_out() -> Arc<OptOut> {
    Arc::new(OptOut {
        stop: Words::new(["TD", "stop"]),
        start: Words::new(["start"]),
        told_by: Words::new(["reply TD"]),
        country: "44".into(),
        ..OptOut::default()
    })
}

fn inbound(number: &str, keyword: Option<&str>, account: &str) -> InboundRoute {
    InboundRoute { number: number.into(), keyword: keyword.map(Into::into), account: account.into() }
}

/// `acme` sends marketing and is asked to say how it is stopped, `codes` sends one-time codes, `news` notifications.
fn with_bodies(bodies_max: usize) -> World {
    let account = |name: &str, category| AccountSettings {
        category,
        opt_out: opt_out(),
        long: LongSettings { wait: 300 * SECOND, max: 5, one_receipt: false },
        ..account(name)
    };
    let accounts = vec![
        account("acme", Category::Marketing),
        account("codes", Category::OneTimeCode),
        account("news", Category::Notification),
        super::settings::account("beta"),
    ];
    let inbound = vec![
        inbound("9900", None, "acme"),
        inbound("9901", None, "codes"),
        inbound("9902", None, "news"),
        inbound("88", Some("sale"), "acme"),
    ];
    World::with(FlowSettings { accounts, inbound, bodies_max, ..settings() })
}

fn world() -> World {
    with_bodies(1_000_000)
}

const OFFER: &str = "20 % off, reply TD to end";

fn offer(world: &World, account: &str, to: &str, text: &'static str) -> Submission {
    let mut submission = world.submission(account, to, 1);
    submission.content.body = Bytes::from_static(text.as_bytes());
    submission
}

fn try_offer(world: &mut World, account: &str, to: &str) -> Result<MessageId, Refusal> {
    let submission = offer(world, account, to, OFFER);
    world.submit_this(submission)
}

#[test]
fn a13_after_td_marketing_is_blocked_at_once_and_one_time_codes_still_go() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    try_offer(&mut world, "acme", BRITISH).unwrap();
    for to in ["9900", "9901", "9902"] {
        assert_eq!(world.incoming("north", to, "Td "), Acceptance::Taken);
    }
    assert_eq!(try_offer(&mut world, "acme", BRITISH), Err(Refusal::OptedOut));
    assert_eq!(try_offer(&mut world, "news", BRITISH), Err(Refusal::OptedOut));
    assert!(try_offer(&mut world, "codes", BRITISH).is_ok());
    assert!(try_offer(&mut world, "acme", "447700900122").is_ok(), "somebody else");
    let counts = world.counts("acme");
    assert_eq!((counts.accepted, counts.refused(Refusal::OptedOut), counts.received), (2, 1, 1));
}

#[test]
fn a13_marketing_that_does_not_say_how_it_is_stopped_is_refused_and_nothing_else_is() {
    let mut world = world();
    for (account, expected) in [("acme", Err(Refusal::OptOutMissing)), ("codes", Ok(())), ("news", Ok(()))] {
        let silent = offer(&world, account, BRITISH, "20 % off");
        assert_eq!(world.submit_this(silent).map(|_| ()), expected, "{account}");
    }
    assert!(try_offer(&mut world, "acme", BRITISH).is_ok());
}

#[test]
fn r51_a_number_is_the_same_with_its_country_and_without_and_may_come_back() {
    let mut world = world();
    world.incoming_from("07700900121", ("north", "9900"), "STOP");
    assert_eq!(try_offer(&mut world, "acme", "+4407700900121"), Err(Refusal::OptedOut));
    for (from, said, expected) in [
        ("447700900121", "stop", Err(Refusal::OptedOut)),
        ("7700900121", "stop please", Err(Refusal::OptedOut)),
        ("+447700900121", "Start", Ok(())),
    ] {
        world.incoming_from(from, ("north", "9900"), said);
        let offered =
            ["7700900121", "00447700900121"].map(|to| try_offer(&mut world, "acme", to).map(|_| ()));
        assert_eq!(offered, [expected; 2], "{from} {said}");
    }
}

#[test]
fn r51_whoever_says_it_twice_is_one_event_and_whoever_shares_a_number_says_whose() {
    let mut world = world();
    world.incoming("north", "88", "SALE stop");
    let opted = |world: &World| {
        world.events.iter().filter(|event| matches!(event, Event::Opted { out: true, .. })).count()
    };
    assert_eq!(opted(&world), 1);
    assert_eq!(try_offer(&mut world, "acme", BRITISH), Err(Refusal::OptedOut));
    world.incoming("north", "88", "sale  TD");
    assert_eq!(opted(&world), 0);
    assert_eq!(world.counts("acme").received, 2, "what was said is the account's all the same");
    world.incoming_from("ACME", ("north", "9900"), "stop");
    assert_eq!(opted(&world), 0, "nobody can be reached there");
}

#[test]
fn r51_what_waits_is_not_handed_over_any_more_and_its_customer_hears_why() {
    let mut world = world();
    world.flow.record();
    world.customer_ready("acme", LINK_2, 10);
    let waiting = try_offer(&mut world, "acme", BRITISH).unwrap();
    let mut later = offer(&world, "acme", BRITISH, OFFER);
    later.wishes = Wishes { schedule: Some(When::In(HOUR)), ..Wishes::default() };
    let later = world.submit_this(later).unwrap();
    let other = try_offer(&mut world, "acme", "447700900122").unwrap();
    world.incoming("north", "9900", "td");
    let notices = world.notices();
    let ended = notices.iter().find(|(_, notice)| notice.message == waiting).unwrap();
    let (outcome, _) = said(&ended.1);
    assert_eq!((outcome.class, outcome.fault), (Class::InvalidNumber, Fault::Recipient));
    assert_eq!((outcome.message_state, outcome.stat.as_slice()), (8, b"OPTEDOUT".as_slice()));
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let [(_, Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((detail.message, detail.verdict), (waiting, Verdict::OptedOut));
    world.restart();
    world.carrier_ready("north", LINK_1, 10);
    assert_eq!(world.sent_messages(), [other]);
    world.live(HOUR);
    assert_eq!(world.place(later), "receipt owed");
    assert_eq!(world.counts("acme").ended.of(Class::InvalidNumber), 2);
}

#[test]
fn what_is_in_doubt_and_must_not_be_copied_any_more_stays_unknown_until_its_receipt_comes() {
    let mut settings = world().settings;
    settings.accounts[0].doubt.resend_after = Some(20 * SECOND);
    let mut world = World::with(settings);
    world.carrier_ready("north", LINK_1, 1);
    let message = try_offer(&mut world, "acme", BRITISH).unwrap();
    world.answered(message, Answer::Silent);
    world.incoming("north", "9900", "td");
    world.live(30 * SECOND);
    world.carrier_ready("north", LINK_1, 1);
    assert_eq!(world.counts("acme").ended.of(Class::Pending), 1);
    assert_eq!(world.sent().len(), 1, "no copy");
    world.answered_to(message, 1, Answer::Taken(crate::message::CarrierMessageId::new(b"abc")));
    world.receipt("north", "abc", "DELIVRD");
    let counted = world.flow.state().book().sums(|_| true);
    assert_eq!((counted.of(Class::Pending), counted.of(Class::Delivered)), (0, 1));
}

#[test]
fn promise_7_what_a_recipient_wants_counts_although_there_is_no_room_for_the_message() {
    let mut world = world();
    world.pass(crate::flow::Input::Room { plenty: false });
    assert_eq!(world.incoming("north", "9900", "td"), Acceptance::Later);
    world.pass(crate::flow::Input::Room { plenty: true });
    assert_eq!(try_offer(&mut world, "acme", BRITISH), Err(Refusal::OptedOut));
}

#[test]
fn r51_who_opted_out_stays_so_when_old_segments_are_freed() {
    let mut world = world();
    world.incoming("north", "9900", "td");
    world.incoming_from("447700900122", ("north", "9902"), "td");
    world.free(world.log.end());
    while world.carry(1) {}
    world.restart();
    assert_eq!(try_offer(&mut world, "acme", BRITISH), Err(Refusal::OptedOut));
    assert_eq!(try_offer(&mut world, "news", "447700900122"), Err(Refusal::OptedOut));
    assert!(try_offer(&mut world, "acme", "447700900122").is_ok());
}

fn opted(world: &World, account: &str, number: &str, out: bool) -> Says {
    Says::Opted {
        account: world.account(account),
        number: Address::new(1, 1, number.as_bytes()).unwrap(),
        out,
    }
}

#[test]
fn r51_an_operator_says_it_for_whoever_said_it_otherwise() {
    let mut world = world();
    let says = opted(&world, "acme", "+447700900121", true);
    let fact = world.tell(says.clone()).unwrap();
    assert_eq!(world.tell(says), Err(NoFact::OptedAlready));
    assert_eq!(try_offer(&mut world, "acme", BRITISH), Err(Refusal::OptedOut));
    let refused = NoFact::Unsaid(FactRefusal::Opted);
    assert_eq!(world.tell(Says::Withdrawn(fact)), Err(refused));
    world.free(world.log.end());
    while world.carry(1) {}
    world.restart();
    assert_eq!(try_offer(&mut world, "acme", BRITISH), Err(Refusal::OptedOut));
    let says = opted(&world, "acme", BRITISH, false);
    world.tell(says.clone()).unwrap();
    assert!(try_offer(&mut world, "acme", BRITISH).is_ok());
    assert_eq!(world.tell(says), Err(NoFact::OptedAlready));
    // An account of which no policy hears anything is stopped by hand all the same.
    let says = opted(&world, "beta", BRITISH, true);
    world.tell(says).unwrap();
    assert_eq!(world.try_submit("beta", BRITISH, 1), Err(Refusal::OptedOut));
}

#[test]
fn of_several_recipients_those_who_opted_out_are_refused() {
    let mut world = world();
    world.incoming("north", "9900", "td");
    let several = ["447700900122", BRITISH, "447700900123"].map(|to| offer(&world, "acme", to, OFFER));
    let (result, refused) = world.submit_multi(several.into(), Vec::new());
    assert!(result.is_ok());
    let [(who, Refusal::OptedOut)] = refused[..] else { panic!("{refused:?}") };
    assert_eq!(who.as_slice(), BRITISH.as_bytes());
}

#[test]
fn a13_a_text_that_takes_the_place_of_another_has_to_say_it_too() {
    let mut world = world();
    let message = try_offer(&mut world, "acme", BRITISH).unwrap();
    let source = Address::new(5, 0, b"ACME").unwrap();
    for (text, expected) in [("30 % off", Err(Refusal::OptOutMissing)), ("30 % off, reply td", Ok(()))] {
        let body = Bytes::from_static(text.as_bytes());
        let wishes = Wishes::default();
        let request = Manage::Replace { message, source, wishes, registered_delivery: 1, body };
        assert_eq!(world.manage("acme", request).map(|_| ()), expected, "{text}");
        let mut anew = offer(&world, "acme", BRITISH, text);
        anew.wishes.replace = true;
        assert_eq!(world.submit_this(anew), expected.map(|()| message), "{text}");
    }
}

fn part(world: &mut World, number: u8, text: &'static str) -> Result<MessageId, Refusal> {
    let mut submission = offer(world, "acme", BRITISH, text);
    submission.part = Some(Part { form: PartForm::Sar, reference: 7, total: 3, number });
    world.submit_this(submission)
}

#[test]
fn a13_a_long_message_says_it_as_a_whole_also_where_its_parts_cut_it_in_two() {
    let mut world = world();
    world.carrier_ready("north", LINK_1, 10);
    for (number, text) in [(3, "D to end"), (1, "20 % off, "), (3, "here already"), (2, "reply T")] {
        assert_eq!(world.sent(), [], "{number}");
        part(&mut world, number, text).unwrap();
    }
    assert_eq!(world.sent().len(), 3);
    // In another order it does not say it.
    for (number, text) in [(2, "D to end"), (1, "20 % off, ")] {
        part(&mut world, number, text).unwrap();
    }
    assert_eq!(part(&mut world, 3, "reply T"), Err(Refusal::OptOutMissing));
}

#[test]
fn a13_a_long_message_that_does_not_say_it_is_over_with_all_its_parts() {
    let mut world = world();
    world.flow.record();
    world.carrier_ready("north", LINK_1, 10);
    world.customer_ready("acme", LINK_2, 10);
    let ids = [part(&mut world, 3, "and more").unwrap(), part(&mut world, 1, "20 % off ").unwrap()];
    assert_eq!(part(&mut world, 2, "on shoes "), Err(Refusal::OptOutMissing));
    assert_eq!((world.sent(), world.notified().len()), (vec![], 2));
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let [(_, Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(detail.verdict, Verdict::OptOutMissing);
    assert_eq!(detail.outcome.excluded_by, Some(Exclusion::Content));
    let counts = world.counts("acme");
    assert_eq!((counts.accepted, counts.ended.of(Class::Excluded)), (1, 1), "one message");
    for id in ids {
        assert_eq!(world.place(id), "receipt owed");
    }
}

#[test]
fn promise_7_parts_have_room_of_their_own_and_what_cannot_be_read_is_asked_for_later() {
    // Of two bodies the second fits into twice as much, or does not.
    let body = 10 + size_of::<crate::message::Content>();
    for (bodies_max, expected) in [(body / 2 + 1, Ok(())), (body / 2, Err(Refusal::QueueFull))] {
        let mut world = with_bodies(bodies_max);
        part(&mut world, 1, "0123456789").unwrap();
        part(&mut world, 2, "0123456789").unwrap();
        assert_eq!(part(&mut world, 3, "reply TD").map(|_| ()), expected, "{bodies_max}");
        world.carrier_ready("north", LINK_1, 10);
        assert_eq!(world.sent().len(), if expected.is_ok() { 3 } else { 0 });
        world.live(300 * SECOND);
    }
}

#[test]
fn promise_7_when_nobody_more_can_be_remembered_the_carrier_keeps_what_was_said() {
    use crate::policy::{OPTED_OUT_MAX, OptedOut};
    let mut opted_out = OptedOut::default();
    let numbers: Vec<u64> = (0..OPTED_OUT_MAX as u64 - 1).flat_map(|n| [7 << 32, 10_000_000 + n]).collect();
    opted_out.add_numbers(&numbers);
    assert!(!opted_out.is_full());
    let mut world = world().unaudited();
    world.flow.state.opted_out = opted_out;
    assert_eq!(world.incoming("north", "9900", "td"), Acceptance::Taken);
    assert_eq!(world.incoming_from("447700900122", ("north", "9900"), "td"), Acceptance::Later);
    assert_eq!(world.incoming_from("447700900122", ("north", "9900"), "hello"), Acceptance::Taken);
    assert_eq!(world.incoming("north", "9900", "start"), Acceptance::Taken);
    assert_eq!(world.incoming_from("447700900122", ("north", "9900"), "td"), Acceptance::Taken);
}
