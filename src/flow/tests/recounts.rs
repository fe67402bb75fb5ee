//! Facts that are said when messages they are about are over.

use std::time::Duration;

use super::world::*;
use crate::base::ids::{MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::{FlowSettings, Input, Line, LookBack};
use crate::message::{
    Class, Detail, Event, Exclusion, FactId, Grounds, Outcome, Recount, Recounted, Says, Scope, Window,
};
use crate::sla::book::Standing;

const DAY: Duration = Duration::from_secs(86_400);

/// A world whose records are looked through by hand.
fn recording() -> World {
    let contracts = vec![contract("acme", "2025-12-02", 1, HOUR)];
    let mut world = World::with(FlowSettings { contracts, ..settings() });
    world.looks_back = false;
    world.flow.record();
    world.carrier_ready("north", LINK_1, 100);
    world
}

fn ended(world: &mut World, id: &str, stat: &str) -> MessageId {
    let message = world.submit("acme", BRITISH);
    world.taken(message, id);
    if stat.is_empty() {
        world.wait(3 * DAY);
        world.tick();
    } else {
        world.receipt("north", id, stat);
    }
    message
}

/// The records that have come since.
fn lines(world: &mut World) -> (Vec<(RecordNumber, Detail)>, Vec<Recounted>) {
    let (mut lines, mut details, mut recounts) = (Vec::new(), Vec::new(), Vec::new());
    world.flow.take_lines(&mut lines);
    for (home, line) in lines {
        match line {
            Line::Message(detail) => details.push((home, detail)),
            Line::Recounted(recounted) => recounts.push(recounted),
            Line::Foreign(_) => {}
        }
    }
    (details, recounts)
}

/// Says that all that `acme` submitted from then on until now was pumped.
fn pumped(world: &mut World, from: Timestamp) -> FactId {
    let scope = Scope { account: Some(world.account("acme")), ..Scope::default() };
    let (exclusion, to) = (Exclusion::Pumping, world.now.wall + HOUR);
    world.tell(Says::Excluded(Window { exclusion, scope, from, to, published_at: None })).unwrap()
}

/// What is asked of the records now.
fn asked(world: &mut World) -> LookBack {
    world.tick();
    world.do_chores();
    let [look_back] = &std::mem::take(&mut world.looked_back)[..] else {
        panic!("one is looked for at a time")
    };
    look_back.clone()
}

/// What a record says, from something else to something else.
fn of(world: &World, fact: FactId, (ended, detail): &(RecordNumber, Detail)) -> Recount {
    let grounds = Grounds { why: Exclusion::Pumping, fact: Some(FactId(1)) };
    Recount {
        fact,
        message: detail.message,
        account: world.account(&detail.account),
        carrier: world.carrier(detail.carrier.as_deref().unwrap()),
        category: detail.category,
        zone: detail.zone,
        accepted_at: detail.accepted_at,
        ended: *ended,
        at: Timestamp::default(),
        outcome: Outcome { class: detail.own_class, excluded_by: None, ..detail.outcome },
        was: (fact != FactId(1)).then_some(grounds),
        now: (fact == FactId(1)).then_some(grounds),
    }
}

fn found(world: &mut World, recount: &Recount) {
    world.pass(Input::Recount(Box::new(recount.clone())));
}

fn standing(world: &World) -> Standing {
    let account = world.account("acme");
    world.flow.state().book().standing(|key| key.account == account)
}

fn by_class(world: &World) -> [u64; 5] {
    let sums = standing(world).adjusted();
    Class::ALL.map(|class| sums.of(class))
}

#[test]
fn what_was_over_when_a_fact_was_said_is_counted_anew_once_and_back_when_it_is_withdrawn() {
    let mut world = recording();
    let from = world.now.wall;
    ended(&mut world, "1", "UNDELIV");
    ended(&mut world, "2", "DELIVRD");
    let (details, _) = lines(&mut world);
    world.wait(HOUR);
    assert_eq!(pumped(&mut world, from), FactId(1));
    ended(&mut world, "3", "UNDELIV");
    assert_eq!(by_class(&world), [1, 1, 0, 1, 0], "what ends behind it counts by it");
    let look_back = asked(&mut world);
    assert_eq!((look_back.fact, look_back.behind), (FactId(1), RecordNumber(0)));
    assert!(details.iter().all(|(home, _)| *home < look_back.before));
    let late = lines(&mut world).0;
    assert!(late.iter().all(|(home, _)| *home > look_back.before));

    for detail in [&details[0], &details[1], &details[1], &details[0], &late[0]] {
        let recount = of(&world, FactId(1), detail);
        found(&mut world, &recount);
    }
    assert_eq!(by_class(&world), [0, 0, 0, 3, 0], "in turn, and once");
    let recounts = lines(&mut world).1;
    let named: Vec<_> = recounts.iter().map(|of| (of.recount.message, of.recount.at, &*of.account)).collect();
    let now = world.now.wall;
    assert_eq!(named, [(details[0].1.message, now, "acme"), (details[1].1.message, now, "acme")]);
    world.pass(Input::RecountedAll { fact: FactId(1) });
    world.tick();
    assert!(world.looked_back.is_empty());

    world.tell(Says::Withdrawn(FactId(1))).unwrap();
    assert_eq!(asked(&mut world).fact, FactId(2));
    for detail in details.iter().chain(&late) {
        let recount = of(&world, FactId(2), detail);
        found(&mut world, &recount);
    }
    world.pass(Input::RecountedAll { fact: FactId(2) });
    assert_eq!(by_class(&world), [1, 2, 0, 0, 0]);
    world.assert_log_is_whole();
}

#[test]
fn what_is_said_of_days_to_come_looks_nowhere_until_it_is_taken_back() {
    let mut world = recording();
    let from = world.now.wall + 2 * DAY;
    let scope = Scope { account: Some(world.account("acme")), ..Scope::default() };
    let window = Window { exclusion: Exclusion::Hacked, scope, from, to: from + DAY, published_at: None };
    world.tell(Says::Excluded(window)).unwrap();
    world.tick();
    world.do_chores();
    assert!(world.looked_back.is_empty());
    // The days may have come, and the calendar gone back since.
    world.tell(Says::Withdrawn(FactId(1))).unwrap();
    assert_eq!(asked(&mut world).fact, FactId(2));
}

#[test]
fn a_restart_goes_on_behind_the_last_that_was_counted_anew_also_when_the_fact_was_freed() {
    for is_freed in [false, true] {
        let mut world = recording();
        let from = world.now.wall;
        for id in ["1", "2", "3"] {
            ended(&mut world, id, "UNDELIV");
        }
        let (details, _) = lines(&mut world);
        pumped(&mut world, from);
        pumped(&mut world, from);
        asked(&mut world);
        let first = of(&world, FactId(1), &details[0]);
        found(&mut world, &first);
        if is_freed {
            world.free(world.log.end());
            while world.carry(10) {}
            world.carried_all();
            world.do_chores();
        }
        world.restart();
        let look_back = asked(&mut world);
        assert_eq!((look_back.fact, look_back.behind), (FactId(1), details[0].0), "freed: {is_freed}");
        for detail in &details {
            let recount = of(&world, FactId(1), detail);
            found(&mut world, &recount);
        }
        assert_eq!(by_class(&world), [0, 0, 0, 3, 0]);
        world.pass(Input::RecountedAll { fact: FactId(1) });
        assert_eq!(asked(&mut world).fact, FactId(2), "one after the other");
        world.pass(Input::RecountedAll { fact: FactId(1) });
        world.pass(Input::RecountedAll { fact: FactId(2) });
        world.assert_log_is_whole();
    }
}

#[test]
fn a_late_receipt_before_amid_and_after_a_recount_is_counted_once() {
    // When the receipt comes: before the fact, between fact and recount, after the recount, and never.
    for receipt_at in 0..4 {
        let mut world = recording();
        let from = world.now.wall;
        ended(&mut world, "1", "");
        let mut details = lines(&mut world).0;
        let late = |world: &mut World, at: u32| {
            if at == receipt_at {
                world.receipt("north", "1", "UNDELIV");
            }
        };
        late(&mut world, 0);
        details.extend(lines(&mut world).0);
        pumped(&mut world, from);
        late(&mut world, 1);
        asked(&mut world);
        // Of what was corrected before the fact the last record counts.
        let recount = of(&world, FactId(1), details.last().unwrap());
        found(&mut world, &recount);
        assert_eq!(by_class(&world), [0, 0, 0, 1, 0], "{receipt_at}");
        world.pass(Input::RecountedAll { fact: FactId(1) });
        late(&mut world, 2);
        assert_eq!(by_class(&world), [0, 0, 0, 1, 0], "{receipt_at}");

        details.extend(lines(&mut world).0);
        world.tell(Says::Withdrawn(FactId(1))).unwrap();
        asked(&mut world);
        let recount = of(&world, FactId(2), details.last().unwrap());
        found(&mut world, &recount);
        world.pass(Input::RecountedAll { fact: FactId(2) });
        let expected = if receipt_at == 3 { [0, 0, 0, 0, 1] } else { [0, 1, 0, 0, 0] };
        assert_eq!(by_class(&world), expected, "{receipt_at}");
        let sums = standing(&world).adjusted();
        assert_eq!(sums.unreported, u64::from(receipt_at == 3), "{receipt_at}");
        world.assert_log_is_whole();
    }
}

#[test]
fn promise_14_what_is_said_of_a_closed_period_is_an_adjustment() {
    let mut world = recording();
    let from = world.now.wall;
    ended(&mut world, "1", "UNDELIV");
    let (details, _) = lines(&mut world);
    world.wait(HOUR * 18);
    world.tick();
    assert!(!world.flow.state().book().closings().of(world.account("acme")).is_empty());
    pumped(&mut world, from);
    asked(&mut world);
    let recount = of(&world, FactId(1), &details[0]);
    found(&mut world, &recount);
    world.pass(Input::RecountedAll { fact: FactId(1) });
    let Standing { sums, more, less } = standing(&world);
    assert_eq!(sums.of(Class::ExplicitFailure), 1, "as it was at the close");
    assert_eq!((more.of(Class::Excluded), less.of(Class::ExplicitFailure)), (1, 1));
    assert!(world.events.iter().all(|event| !matches!(event, Event::Closed { .. })));
}
