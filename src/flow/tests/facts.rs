//! What operators say, and what it excludes.

use super::world::*;
use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::flow::{AccountSettings, FlowSettings, Line};
use crate::message::{Class, Detail, Event, Exclusion, FactId, Says, Scope, Window};
use crate::sla::facts::FactRefusal;

/// The next hour of an account.
fn hour(world: &World, exclusion: Exclusion, account: &str) -> Window {
    let from = world.now.wall;
    let scope = Scope { account: Some(world.account(account)), ..Scope::default() };
    Window { exclusion, scope, from, to: from + 3600 * SECOND, published_at: None }
}

fn submitted(world: &mut World, account: &str, id: &str) -> MessageId {
    let message = world.submit(account, BRITISH);
    world.taken(message, id);
    message
}

fn recording() -> World {
    let mut world = World::new();
    world.flow.record();
    world.carrier_ready("north", LINK_1, 100);
    world
}

/// The records that have been written since the last look.
fn records(world: &mut World) -> Vec<Detail> {
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let detail = |(_, line)| if let Line::Message(detail) = line { Some(detail) } else { None };
    lines.into_iter().filter_map(detail).collect()
}

#[test]
fn r11_messages_of_an_incident_leave_both_counts_and_name_their_fact() {
    let mut world = recording();
    world.customer_ready("acme", LINK_2, 10);
    submitted(&mut world, "acme", "before");
    world.wait(SECOND);
    let window = hour(&world, Exclusion::Pumping, "acme");
    assert_eq!(world.tell(Says::Excluded(window)), Ok(FactId(1)));
    submitted(&mut world, "acme", "within");
    submitted(&mut world, "beta", "of another");
    world.wait(3600 * SECOND);
    submitted(&mut world, "acme", "behind");
    for id in ["before", "within", "of another", "behind"] {
        world.receipt("north", id, if id == "before" { "UNDELIV" } else { "DELIVRD" });
    }
    let counts = world.counts("acme");
    for class in [Class::Delivered, Class::ExplicitFailure, Class::Excluded] {
        assert_eq!(counts.ended.of(class), 1, "{}", class.name());
    }
    assert_eq!((counts.rate().failures, counts.rate().valid), (1, 2));
    assert_eq!(world.counts("beta").ended.of(Class::Delivered), 1);
    let mut excluded = records(&mut world);
    excluded.retain(|detail| detail.evidence.is_some());
    let [detail] = &excluded[..] else { panic!("{excluded:?}") };
    assert_eq!((detail.outcome.class, detail.evidence), (Class::Excluded, Some(FactId(1))));
    assert_eq!(detail.outcome.excluded_by, Some(Exclusion::Pumping));
    // What became of the message is told all the same.
    let states = world.notices().into_iter().map(|(_, notice)| said(&notice).0.message_state);
    assert_eq!(states.filter(|state| *state == 2).count(), 2);
}

#[test]
fn a_withdrawn_fact_excludes_nothing_from_then_on() {
    let mut world = recording();
    let window = hour(&world, Exclusion::Hacked, "acme");
    world.tell(Says::Excluded(window)).unwrap();
    submitted(&mut world, "acme", "1");
    submitted(&mut world, "acme", "2");
    world.receipt("north", "1", "DELIVRD");
    assert_eq!(world.tell(Says::Withdrawn(FactId(1))), Ok(FactId(2)));
    world.receipt("north", "2", "DELIVRD");
    let counts = world.counts("acme");
    assert_eq!((counts.ended.of(Class::Excluded), counts.ended.of(Class::Delivered)), (1, 1));
}

#[test]
fn facts_outlive_restarts_and_the_freeing_of_what_was_written() {
    let mut world = recording();
    let window = hour(&world, Exclusion::CredentialLeak, "acme");
    world.tell(Says::Excluded(window)).unwrap();
    world.tell(Says::Excluded(hour(&world, Exclusion::Hacked, "beta"))).unwrap();
    world.tell(Says::Withdrawn(FactId(2))).unwrap();
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    world.restart();
    world.carrier_ready("north", LINK_1, 100);
    let holds: Vec<_> = world.flow.state().facts().iter().map(|(fact, holds)| (fact.id.0, holds)).collect();
    assert_eq!(holds, [(1, true), (2, false), (3, true)]);
    submitted(&mut world, "acme", "1");
    world.receipt("north", "1", "UNDELIV");
    assert_eq!(world.counts("acme").ended.of(Class::Excluded), 1);
    let says = Says::Withdrawn(FactId(1));
    assert_eq!(world.tell(says), Ok(FactId(4)));
}

#[test]
fn what_is_no_fact_is_refused_with_the_reason_and_changes_nothing() {
    let mut world = recording();
    let good = hour(&world, Exclusion::Hacked, "acme");
    let backwards = Window { to: Timestamp::from_millis(good.from.as_millis() - 1), ..good.clone() };
    assert_eq!(world.tell(Says::Excluded(backwards)), Err(FactRefusal::NoTime.into()));
    let nobodys = Window { scope: Scope::default(), ..good };
    assert_eq!(world.tell(Says::Excluded(nobodys)), Err(FactRefusal::NoAccount.into()));
    assert_eq!(world.tell(Says::Withdrawn(FactId(7))), Err(FactRefusal::Unknown.into()));
    assert!(!world.events.iter().any(|event| matches!(event, Event::Fact(_))));
    assert_eq!(world.flow.state().facts().iter().count(), 0);
}

/// `acme` may submit three messages a day, less one, without announcing it.
fn limited() -> World {
    let acme = AccountSettings { load_max: Some(3), ..account("acme") };
    let mut world = World::with(FlowSettings { accounts: vec![acme, account("beta")], ..settings() });
    world.carrier_ready("north", LINK_1, 100);
    world
}

fn delivered(world: &mut World, account: &str, count: usize) {
    for _ in 0..count {
        let id = world.log.end().to_string();
        submitted(world, account, &id);
        world.receipt("north", &id, "DELIVRD");
    }
}

fn counted(world: &World, account: &str) -> (u64, u64) {
    let ended = world.counts(account).ended;
    (ended.of(Class::Delivered), ended.of(Class::Excluded))
}

#[test]
fn r19_a20_from_the_threshold_message_of_a_day_on_what_was_not_announced_is_excluded() {
    let mut world = limited();
    delivered(&mut world, "acme", 2);
    assert_eq!(counted(&world, "acme"), (2, 0));
    delivered(&mut world, "acme", 1);
    delivered(&mut world, "beta", 5);
    assert_eq!((counted(&world, "acme"), counted(&world, "beta")), ((2, 1), (5, 0)));
    // The count is a fact: neither a restart nor the freeing of what was written begins it anew.
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    world.restart();
    world.carrier_ready("north", LINK_1, 100);
    delivered(&mut world, "acme", 1);
    assert_eq!(counted(&world, "acme"), (2, 2));
    world.live(86_400 * SECOND);
    world.carrier_ready("north", LINK_1, 100);
    delivered(&mut world, "acme", 3);
    assert_eq!(counted(&world, "acme"), (4, 3), "a new day");
}

#[test]
fn r19_what_was_announced_before_is_not_excluded() {
    let mut world = limited();
    let account = world.account("acme");
    let announced = |from, to| Says::Announced { account, from, to };
    let now = world.now.wall;
    assert_eq!(world.tell(announced(now - SECOND, now + SECOND)), Err(FactRefusal::NotAnnounced.into()));
    assert_eq!(world.tell(announced(now + SECOND, now)), Err(FactRefusal::NoTime.into()));
    world.tell(announced(now, now + 3600 * SECOND)).unwrap();
    delivered(&mut world, "acme", 10);
    assert_eq!(counted(&world, "acme"), (10, 0));
    assert_eq!(world.tell(Says::Withdrawn(FactId(1))), Ok(FactId(2)));
    delivered(&mut world, "acme", 1);
    assert_eq!(counted(&world, "acme"), (10, 1));
}
