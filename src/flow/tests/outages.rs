use std::time::Duration;

use super::world::*;
use crate::base::time::Timestamp;
use crate::flow::decide::outages::NOT_FORWARDED_AFTER;
use crate::flow::{Input, Taking};
use crate::message::{Cause, Event, Function, Lapse, Whose};

/// The outages of acme: function, cause, start and end in milliseconds; what lasts, until now.
fn outages(world: &World) -> Vec<(Function, Cause, u64, u64)> {
    let history = world.flow.state().outages();
    let all = history.of_account(world.account("acme"), world.now.wall).into_iter();
    all.map(|outage| {
        let (start, end) = (outage.interval.start(), outage.interval.end());
        (outage.function, outage.cause, start.as_millis(), end.as_millis())
    })
    .collect()
}

const MINUTE: Duration = Duration::from_secs(60);

fn now(world: &World) -> u64 {
    world.now.wall.as_millis()
}

fn say(world: &mut World, lapse: Lapse, is_out: bool) {
    let at = world.now.wall;
    world.pass(Input::Outage { lapse, at, is_out });
}

fn ready(world: &mut World) {
    Lapse::stopped().into_iter().for_each(|lapse| say(world, lapse, false));
}

#[test]
fn r75_what_others_see_is_written_down_once() {
    let mut world = World::new();
    let lapse = Lapse::of_everyone(Function::Bind, Cause::NoBind);
    let began = now(&world);
    say(&mut world, lapse, true);
    world.wait(130 * SECOND);
    say(&mut world, lapse, true);
    assert_eq!(world.events, [], "known already");
    say(&mut world, lapse, false);
    say(&mut world, lapse, false);
    assert_eq!(world.events, []);
    assert_eq!(outages(&world), [(Function::Bind, Cause::NoBind, began, began + 130_000)]);
    world.wait(24 * HOUR);
    world.restart();
    ready(&mut world);
    assert_eq!(outages(&world)[0], (Function::Bind, Cause::NoBind, began, began + 130_000));
}

#[test]
fn r75_a_full_disk_is_an_outage_of_submitting() {
    let mut world = World::new();
    let began = now(&world);
    world.pass(Input::Room { plenty: false });
    assert_eq!(world.flow.report().outages[0].since, Timestamp::from_millis(began));
    world.wait(300 * SECOND);
    world.pass(Input::Room { plenty: true });
    assert_eq!(outages(&world), [(Function::Submit, Cause::NoRoom, began, began + 300_000)]);
    assert_eq!(world.flow.report().outages, []);
}

#[test]
fn r75_the_time_in_which_nobody_was_there_is_an_outage_of_everything() {
    let mut world = World::new();
    world.live(10 * SECOND);
    world.submit("acme", BRITISH);
    let last = now(&world);
    world.wait(150 * SECOND);
    world.restart();
    assert_eq!(world.flow.report().outages.len(), 3, "not ready yet");
    world.wait(5 * SECOND);
    ready(&mut world);
    let found = outages(&world);
    let all = Function::WORDS.map(|(_, function)| (function, Cause::Stopped, last, last + 155_000));
    assert_eq!(found, all, "to the moment at which customers are served again");
    world.restart();
    assert_eq!(world.events, [], "no time has passed");
}

#[test]
fn an_idle_gateway_says_each_minute_that_it_is_there() {
    let mut world = World::new();
    world.submit("acme", BRITISH);
    let (began, records) = (now(&world), world.log.end());
    world.live(10 * MINUTE);
    let written = world.log.end() - records;
    assert!((9..=11).contains(&written), "{written} records");
    world.wait(30 * SECOND);
    let died = now(&world);
    world.restart();
    ready(&mut world);
    let (.., from, to) = outages(&world)[0];
    assert!(from > began && died - from <= 91_000 && to == died, "{from} {to} {died}");
}

#[test]
fn what_was_out_when_the_process_ended_was_out_until_then_and_then_everything_was() {
    let mut world = World::new();
    let began = now(&world);
    world.pass(Input::Room { plenty: false });
    world.live(5 * MINUTE);
    let last = world.flow.state().last_time.as_millis();
    world.wait(MINUTE);
    let end = now(&world);
    world.restart();
    ready(&mut world);
    let found = outages(&world);
    assert_eq!(found[0], (Function::Submit, Cause::NoRoom, began, last));
    assert_eq!((found.len(), found[1].2, found[1].3), (4, last, end), "without a gap");
}

#[test]
fn a_calendar_that_is_set_back_over_a_restart_makes_no_outage_longer() {
    let mut world = World::new();
    world.pass(Input::Room { plenty: false });
    world.live(5 * MINUTE);
    let lasted = now(&world) - outages(&world)[0].2;
    world.step_calendar(-3_600_000);
    world.restart();
    ready(&mut world);
    let found = outages(&world);
    assert_eq!((found.len(), found[0].1), (1, Cause::NoRoom), "how long nobody was there is not known");
    assert!(found[0].3 - found[0].2 <= lasted, "{found:?}");
}

#[test]
fn r75_a_customer_who_does_not_answer_is_no_outage_of_ours() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    let messages = world.submit_many("acme", BRITISH, 3);
    for message in &messages {
        world.taken(*message, &message.to_string());
        world.receipt("north", &message.to_string(), "DELIVRD");
    }
    // Away, then connected without an answer, then with "later" again and again.
    world.live(3 * NOT_FORWARDED_AFTER);
    world.customer_ready("acme", LINK_2, 1);
    world.live(3 * NOT_FORWARDED_AFTER);
    for _ in 0..5 {
        let given = world.notified();
        let Some(given) = given.last() else { continue };
        world.told("acme", LINK_2, *given, Taking::Later);
        world.live(2 * NOT_FORWARDED_AFTER);
    }
    assert_eq!(outages(&world), []);
}

#[test]
fn r75_receipts_that_are_kept_from_a_customer_with_room_are_an_outage_of_its_own() {
    let mut world = World::new().unaudited();
    world.carrier_ready("north", LINK_1, 10);
    let message = world.submit("acme", BRITISH);
    world.taken(message, "abc");
    world.receipt("north", "abc", "DELIVRD");
    world.stall("acme", LINK_2);
    let began = now(&world);
    world.wait(NOT_FORWARDED_AFTER - SECOND);
    world.stalled_tick();
    assert_eq!(outages(&world), []);
    world.wait(SECOND);
    world.stalled_tick();
    let account = world.account("acme");
    let since = world.flow.report().outages[0].since.as_millis();
    assert_eq!(outages(&world), [(Function::Receipts, Cause::NotForwarded, began, now(&world))]);
    assert_eq!((since, world.flow.report().outages[0].account.as_deref()), (began, Some("acme")));
    let lapse =
        Lapse { whose: Whose::Account(account), function: Function::Receipts, cause: Cause::NotForwarded };
    assert!(world.flow.state().outages().is_out(lapse));
    // Given out at last, with the next turn.
    world.wake();
    world.tick();
    assert!(world.events.contains(&Event::OutageEnded { at: world.now.wall, lapse }));
}

#[test]
fn r25_a_carriers_outage_ends_with_its_next_bind_and_is_none_of_ours() {
    let mut world = World::new();
    let north = world.carrier("north");
    let began = now(&world);
    say(&mut world, Lapse::of_carrier(north), true);
    world.wait(HOUR);
    world.carrier_ready("north", LINK_1, 1);
    let spans: Vec<_> = world.flow.state().outages().of_carrier(north, world.now.wall);
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].interval.start().as_millis(), began);
    assert_eq!(spans[0].interval.length(), HOUR);
    assert_eq!(outages(&world), []);
}

#[test]
fn what_was_out_lives_on_when_its_segment_is_freed() {
    let mut world = World::new();
    let lapse = Lapse::of_everyone(Function::Submit, Cause::NoAnswer);
    let began = now(&world);
    say(&mut world, lapse, true);
    world.wait(200 * SECOND);
    say(&mut world, lapse, false);
    say(&mut world, Lapse::of_everyone(Function::Bind, Cause::NoBind), true);
    world.free(world.log.end());
    while world.carry(100) {}
    world.carried_all();
    world.do_chores();
    assert!(world.log.start > 0);
    world.assert_log_is_whole();
    world.restart();
    assert_eq!(outages(&world)[0], (Function::Submit, Cause::NoAnswer, began, began + 200_000));
}
