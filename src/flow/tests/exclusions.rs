//! What leaves the success rate, and what is one message in it: by number of the requirement.

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::Manage;
use crate::message::{
    Address, Category, Class, Exclusion, FactId, Part, PartForm, Refusal, Says, Scope, Submission, Window,
};
use crate::sla::Variant;
use crate::sla::book::ContractDay;

fn ready() -> World {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 100);
    world
}

fn ended(world: &mut World, account: &str, id: &str, stat: &str) -> MessageId {
    let message = world.submit(account, BRITISH);
    world.taken(message, id);
    world.receipt("north", id, stat);
    message
}

/// Failures and valid messages of the day, by the strictest way to count.
fn rate(world: &World, account: &str) -> (u64, u64) {
    let (account, day) = (world.account(account), ContractDay::of(world.now.wall));
    let sums = world.flow.state().book().sums(|key| key.account == account && key.day == day);
    let rate = sums.rate(Variant::Strict);
    (rate.failures, rate.valid)
}

#[test]
fn r10_what_is_refused_before_its_acceptance_is_in_neither_count() {
    let mut world = ready();
    ended(&mut world, "acme", "1", "DELIVRD");
    let account = world.account("acme");
    for reason in [Refusal::DestinationAddress, Refusal::MessageLength, Refusal::Throttled, Refusal::NoMoney]
    {
        world.pass(crate::flow::Input::Refused { account, reason, count: 7 });
    }
    assert_eq!(rate(&world, "acme"), (0, 1));
    assert_eq!(world.counts("acme").refused(Refusal::Throttled), 7);
}

/// Says that the next hour of `acme` is excluded for this reason, fails a message in it, and what became of the rate.
fn excluded_by(exclusion: Exclusion) -> (u64, u64, u64) {
    let mut world = ready();
    ended(&mut world, "acme", "1", "DELIVRD");
    let (from, to) = (world.now.wall, world.now.wall + HOUR);
    let scope = Scope { account: Some(world.account("acme")), ..Scope::default() };
    let window = Window { exclusion, scope, from, to, published_at: Some(from - HOUR) };
    assert_eq!(world.tell(Says::Excluded(window)), Ok(FactId(1)), "{}", exclusion.name());
    ended(&mut world, "acme", "2", "UNDELIV");
    world.wait(HOUR);
    ended(&mut world, "acme", "3", "UNDELIV");
    let (failures, valid) = rate(&world, "acme");
    let (account, day) = (world.account("acme"), ContractDay::of(world.now.wall));
    let sums = world.flow.state().book().sums(|key| key.account == account && key.day == day);
    (failures, valid, sums.excluded(exclusion))
}

#[test]
fn r13_what_was_sent_against_the_documentation_leaves_both_counts() {
    assert_eq!(excluded_by(Exclusion::Documentation), (1, 2, 1));
}

#[test]
fn r14_what_the_customer_did_or_allowed_leaves_both_counts_and_so_does_what_he_cancels() {
    assert_eq!(excluded_by(Exclusion::Operation), (1, 2, 1));
    let mut world = World::new();
    let message = world.submit("acme", BRITISH);
    let source = Address::new(5, 0, b"ACME").unwrap();
    world.manage("acme", Manage::Cancel { message, source }).unwrap();
    assert_eq!(world.counts("acme").ended.of(Class::Excluded), 1);
    assert_eq!(rate(&world, "acme"), (0, 0));
}

#[test]
fn r18_illegal_content_leaves_both_counts() {
    assert_eq!(excluded_by(Exclusion::IllegalContent), (1, 2, 1));
}

#[test]
fn r20_a_route_with_a_special_feature_leaves_both_counts() {
    assert_eq!(excluded_by(Exclusion::Feature), (1, 2, 1));
}

#[test]
fn r24_force_majeure_leaves_both_counts() {
    assert_eq!(excluded_by(Exclusion::ForceMajeure), (1, 2, 1));
}

#[test]
fn a5_one_message_to_one_recipient_is_one_and_a_long_one_fails_with_any_of_its_parts() {
    let mut world = ready();
    let part = |world: &World, number: u8| Submission {
        part: Some(Part { form: PartForm::Sar, reference: 7, total: 3, number }),
        ..world.submission("acme", BRITISH, 1)
    };
    for number in 1..=3 {
        let part = part(&world, number);
        world.submit_this(part).unwrap();
    }
    let parts: Vec<MessageId> = world.flow.state().messages().iter().map(|message| message.id).collect();
    assert_eq!(parts.len(), 3);
    for (place, message) in parts.into_iter().enumerate() {
        let id = place.to_string();
        world.taken(message, &id);
        world.receipt("north", &id, if place == 1 { "UNDELIV" } else { "DELIVRD" });
    }
    assert_eq!(rate(&world, "acme"), (1, 1), "three segments, one message");
    let three = (0..3).map(|_| world.submission("acme", BRITISH, 0)).collect();
    assert!(world.submit_multi(three, Vec::new()).0.is_ok());
    let open: Vec<MessageId> = world.flow.state().messages().iter().map(|message| message.id).collect();
    for message in open {
        let id = message.to_string();
        world.taken(message, &id);
        world.receipt("north", &id, "DELIVRD");
    }
    assert_eq!(rate(&world, "acme"), (1, 4), "three recipients, three messages");
}

#[test]
fn a15_what_credit_or_content_control_stops_is_excluded_under_either_name() {
    let mut world = ready();
    for (place, exclusion) in [Exclusion::Credit, Exclusion::Content, Exclusion::Flow].into_iter().enumerate()
    {
        let message = world.submit("acme", BRITISH);
        world.taken(message, &place.to_string());
        let outcome = crate::message::Outcome {
            class: Class::Excluded,
            excluded_by: Some(exclusion),
            ..crate::sla::cancelled()
        };
        world.fact(crate::message::Event::Ended { message, at: world.now.wall, outcome });
    }
    assert_eq!(world.counts("acme").ended.of(Class::Excluded), 3);
    for variant in Variant::ALL {
        let sums = world.flow.state().book().sums(|_| true);
        assert_eq!(sums.rate(variant).valid, 0, "{}", variant.name());
    }
}

#[test]
fn r48_an_operator_decides_what_kind_of_messages_an_account_sends_and_that_is_written_down() {
    let mut world = ready();
    let account = world.account("acme");
    let day = ContractDay::of(world.now.wall);
    let counted = |world: &World, category: Category| {
        let sums = world.flow.state().book().sums(|key| key.day == day && key.category == category);
        sums.total()
    };
    ended(&mut world, "acme", "1", "DELIVRD");
    let of_settings = world.settings.accounts[0].category;
    let says = Says::Categorised { account, category: Category::Marketing };
    assert_eq!(world.tell(says), Ok(FactId(1)));
    ended(&mut world, "acme", "2", "DELIVRD");
    ended(&mut world, "beta", "3", "DELIVRD");
    world.restart();
    world.carrier_ready("north", LINK_1, 100);
    ended(&mut world, "acme", "4", "DELIVRD");
    assert_eq!((counted(&world, of_settings), counted(&world, Category::Marketing)), (2, 2));
    let (fact, _) = world.flow.state().facts().iter().next().unwrap();
    assert_eq!((&fact.by[..], &fact.why[..]), (&b"operator"[..], &b"ticket 7"[..]));
    assert_eq!(world.tell(Says::Withdrawn(FactId(1))), Ok(FactId(2)));
    ended(&mut world, "acme", "5", "DELIVRD");
    assert_eq!((counted(&world, of_settings), counted(&world, Category::Marketing)), (3, 2));
}
